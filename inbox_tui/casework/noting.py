"""Notes: agents see them, the customer does not, and no clock moves."""

from __future__ import annotations

from inbox_tui.casework import recount
from inbox_tui.model import Automatic, Direction, Kind
from inbox_tui.store import agents, cases, messages, notes, people
from inbox_tui.store.driver import Connection


def write(db: Connection, case: int, agent: str, text: str, now: int) -> int:
    """Write a note (its text is clean) into a case; its id. What the agent had begun there is done with."""
    record = recount.one(db, case)
    case = record.id
    note = messages.MessageRecord(
        id=people.next_id(db, "messages"),
        case=case,
        thread=None,
        account=None,
        identity=None,
        external_id=None,
        direction=Direction.OUT,
        kind=Kind.NOTE,
        automatic=Automatic.NO,
        public=False,
        history=False,
        owed=False,
        sent_at=now,
        author=agent,
        handle="",
        subject="",
        text=text,
        permalink="",
    )
    messages.insert(db, [note], now)
    notes.keep(db, case, agent, "")
    agents.seen(db, agent, now)
    cases.log(db, case, now, agent, "note", message=note.id)
    record.updated_at = max(record.updated_at, now)
    cases.save(db, [record])
    return note.id
