"""Gathers for `desk.report` what was said and done with messages, wherever they stood then. Reads only."""

from __future__ import annotations

from collections.abc import Sequence

from inbox_tui.casework import recount
from inbox_tui.desk import clock, report
from inbox_tui.desk.report import Deed
from inbox_tui.inbox.telling import past
from inbox_tui.model import CaseReport, Goodwill
from inbox_tui.store import history, listing, merging, messages
from inbox_tui.store.driver import Connection
from inbox_tui.store.history import Event

Moves = dict[int, list[tuple[int, int]]]
"""By message: the acts that moved it, and the case from which each did, in their order."""


def read(db: Connection, case: int, now: int) -> CaseReport:
    """How long the customer of a case waited, and what happened when. Raises NotFound."""
    number = recount.one(db, case).id
    events = history.of_case(db, number)
    entries = messages.entries(db, number)
    moves, deeds = _deeds(db, number, events, [one.id for one in entries])

    def case_at(message: int, event: int) -> int:
        return next((before for act, before in moves.get(message, ()) if act > event), number)

    spans = report.spans(entries, deeds, case_at)
    found = report.stretches(spans)
    return CaseReport(
        row=listing.by_id(db, [number])[number],
        stretches=found,
        waited=report.waited(found, now),
        first_answer=report.first_answer(spans),
        events=past(events),
        goodwill=tuple(given(one) for one in events if one.kind == "goodwill" and not one.undone),
    )


def given(event: Event) -> Goodwill:
    """A voucher or a refund."""
    return Goodwill(event.case or 0, event.at, event.actor, event.detail["amount"], event.detail["reason"])


def _deeds(
    db: Connection, case: int, events: Sequence[Event], own: Sequence[int]
) -> tuple[Moves, tuple[Deed, ...]]:
    """What moved the messages of a case, and what moved the clocks of all cases in which they stood."""
    seen, todo, acts = {case}, list(events), set[int]()
    moves: Moves = {message: [] for message in own}
    known: dict[int, Event] = {}
    while todo:
        known |= {one.id: one for one in todo}
        fresh = {int(one.detail["step"]) for one in todo if one.detail.get("step")} - acts
        acts |= fresh
        came = {before for act in sorted(fresh) for before in _moved(db, act, moves)} - seen
        seen |= came
        todo = [event for one in sorted(came) for event in history.of_case(db, one)]
    for listed in moves.values():
        listed.sort()
    ordered = sorted(known.values(), key=lambda one: one.id)
    at = history.sent_at(db, [int(one.detail["reply"]) for one in ordered if one.kind == "sent"])
    return moves, tuple(deed for one in ordered if not one.undone for deed in _deed(one, at))


def _moved(db: Connection, act: int, moves: Moves) -> set[int]:
    """Enter what an act moved; the cases from which it did. One that was undone moved nothing."""
    undone, detail = merging.step(db, act) or (True, {})
    out: set[int] = set()
    for table, column, before, _, ids in () if undone else detail.get("moves", ()):
        for message in ids if (table, column) == ("messages", "case_id") else ():
            if message in moves:
                moves[message].append((act, before))
                out.add(before)
    return out


def _deed(event: Event, sent_at: dict[int, int]) -> list[Deed]:
    acts = recount.acts_of(event.kind, event.detail)
    how = {"sent": "answered", "call": "called", "done": "done"}.get(event.kind, "")
    at = sent_at.get(int(event.detail.get("reply") or 0), event.at) if event.kind == "sent" else event.at
    return [
        Deed(event.id, event.case or 0, at, act, "" if isinstance(act, clock.Reopened) else how)
        for act in acts
    ]
