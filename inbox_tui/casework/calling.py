"""Calls that an agent logs: a message of its case like any other, without a thread."""

from __future__ import annotations

from inbox_tui.desk import clock
from inbox_tui.model import Automatic, CaseState, Direction, Kind
from inbox_tui.store import cases, messages, people
from inbox_tui.store.cases import CaseRecord
from inbox_tui.store.driver import Connection
from inbox_tui.store.messages import MessageRecord
from inbox_tui.store.people import IdentityRecord
from inbox_tui.text import snippet

CHANNEL = "phone"


def identity(db: Connection, number: str, name: str, person: int | None, now: int) -> IdentityRecord:
    """The identity of a number (E.164); a new one is this person's, or (None) a new person's."""
    known = people.load(db, [(CHANNEL, number)]).get((CHANNEL, number))
    if known is not None:
        return known
    record = IdentityRecord(
        id=people.next_id(db, "identities"),
        person=person if person is not None else people.next_id(db, "people"),
        kind=CHANNEL,
        value=number,
        name=name,
        handle=number,
        new=True,
    )
    if person is None:
        people.insert(db, [record], now)
    else:
        people.add_identity(db, record)
    return record


def case_for(db: Connection, person: int, text: str, now: int) -> CaseRecord:
    """The open case of a person that moved last; a new one where none is open."""
    open_ones = [c for c in cases.open_of_people(db, [person]).values() if not c.spam and not c.automatic]
    if open_ones:
        return max(open_ones, key=lambda c: (c.updated_at, c.id))
    record = CaseRecord(
        id=people.next_id(db, "cases"),
        person=person,
        state=CaseState.PENDING,
        automatic=False,
        subject=snippet(text),
        snippet="",
        channels=[],
        messages=0,
        trouble=0,
        waiting_since=None,
        opened_at=now,
        updated_at=now,
        done_at=None,
        linked=None,
    )
    cases.save(db, [record])
    return record


def log(
    db: Connection,
    record: CaseRecord,
    who: tuple[int | None, str, str],
    text: str,
    agent: str,
    now: int,
    *,
    answered: bool,
) -> int:
    """Write a call (its text is clean) into a case; its message. who: identity, name and number.

    Answered stops the clock; not answered does not: the customer called, and is owed an answer.
    """
    identity, name, number = who
    entry = MessageRecord(
        id=people.next_id(db, "messages"),
        case=record.id,
        thread=None,
        account=None,
        identity=identity,
        external_id=None,
        direction=Direction.IN,
        kind=Kind.CALL,
        automatic=Automatic.NO,
        public=False,
        history=False,
        owed=not answered,
        sent_at=now,
        author=name or number,
        handle=number,
        subject="",
        text=text,
        permalink="",
    )
    messages.insert(db, [entry], now)
    record.messages += 1
    record.contacts += 1
    record.updated_at = max(record.updated_at, now)
    record.snippet = snippet(text)
    if CHANNEL not in record.channels:
        record.channels.append(CHANNEL)
    seen = {"seen": entry.id} if answered else {}
    cases.log(db, record.id, now, agent, "call", message=entry.id, answered=answered, **seen)
    if answered:
        messages.cover_case(db, record.id, entry.id)
        was_done = record.state is CaseState.DONE
        record.waiting_since = messages.oldest_owed(db, record.id)
        record.state = clock.state_when(record.waiting_since, record.state, answered=not was_done)
    else:
        record.waiting_since = messages.oldest_owed(db, record.id)
        record.state, record.done_at, record.automatic = CaseState.WAITING, None, False
        record.snoozed, record.snoozed_until = False, None
    cases.save(db, [record])
    return entry.id
