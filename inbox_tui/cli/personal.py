"""Persons, proposals and reports to the JSON objects of the command line. As `serial`, a contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inbox_tui.cli.serial import Object, case, message, outgoing, when, whole_case
from inbox_tui.model import CaseReport, Goodwill, Joined, Message, Past, PersonPage, Proposal

if TYPE_CHECKING:
    from inbox_tui.inbox.keeping import Exported


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


def exported(found: Exported, now: int) -> Object:
    """All that is kept about a person."""
    return {
        "type": "export",
        "exported_at": when(now),
        "person": person_page(found.page),
        "cases": [
            {**whole_case(one, now), "timeline": [_whole(each) for each in one.timeline]}
            for one in found.cases
        ],
        "replies": [outgoing(one) for one in found.replies],
        "elsewhere": [_whole(one) for one in found.elsewhere],
    }


def _whole(found: Message) -> Object:
    """A message with all that is kept of it but a mail's raw bytes."""
    return {
        **message(found),
        "subject": found.subject or None,
        "full_text": found.full_text or None,
        "attachments": [
            {"name": one.name, "media_type": one.media_type, "size": one.size} for one in found.attachments
        ],
        "unparsed": found.unparsed or None,
    }
