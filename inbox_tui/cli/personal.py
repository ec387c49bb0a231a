"""Persons, proposals and reports to the JSON objects of the command line. As `serial`, a contract."""

from __future__ import annotations

from inbox_tui.cli.serial import Object, case, message, when
from inbox_tui.model import CaseReport, Goodwill, Joined, Past, PersonPage, Proposal


def joined(done: Joined) -> Object:
    """What a merge, a split or a decision came to."""
    return {
        "type": "joined",
        "act": done.act,
        "event": done.event,
        "case": done.case,
        "person": done.person,
        "taken": list(done.taken),
    }


def person_page(page: PersonPage) -> Object:
    """A person as `person show` prints him."""
    return {
        "type": "person",
        "id": page.person.id,
        "name": page.person.name,
        "identities": [
            {
                "id": one.id,
                "identity": f"{one.kind}:{one.value}",
                "name": one.name or None,
                "handle": one.handle,
            }
            for one in page.identities
        ],
        "cases": [case(row) for row in page.cases],
        "supports": [case(row) for row in page.supports],
        "remarks": [message(one) for one in page.remarks],
        "proposals": [proposal(one) for one in page.proposals],
        "goodwill": [_given(one) for one in page.goodwill],
    }


def proposal(found: Proposal) -> Object:
    """Two persons who may be one."""
    return {
        "type": "proposal",
        "id": found.id,
        "persons": [{"id": one.id, "name": one.name} for one in found.persons],
        "cases": list(found.cases),
        "state": found.state,
        "score": found.score,
        "evidence": [
            {
                "kind": one.kind,
                "value": one.value or None,
                "score": one.score,
                "by": one.by,
                "other": one.other,
                "channel": one.channel or None,
                "at": when(one.at),
                "messages": list(one.messages),
            }
            for one in found.reasons
        ],
    }


def past(one: Past) -> Object:
    """Something that was done with a case, as `history` prints it."""
    return {
        "type": "event",
        "id": one.id,
        "case": one.case,
        "at": when(one.at),
        "actor": one.agent or None,
        "kind": one.kind,
        "detail": one.detail or None,
        "act": one.act,
        "undone": one.undone,
    }


def report_of(found: CaseReport) -> Object:
    """The report of a case."""
    return {
        "type": "report",
        "case": case(found.row),
        "hours_waited": round(found.waited / 3_600_000, 2),
        "first_answer_hours": None
        if found.first_answer is None
        else round(found.first_answer / 3_600_000, 2),
        "waits": [
            {"from": when(one.begin), "until": when(one.end), "ended_by": one.how or None}
            for one in found.stretches
        ],
        "goodwill": [_given(one) for one in found.goodwill],
        "events": [past(one) for one in found.events],
    }


def _given(one: Goodwill) -> Object:
    return {
        "case": one.case,
        "at": when(one.at),
        "agent": one.agent,
        "amount": one.amount,
        "reason": one.reason,
    }
