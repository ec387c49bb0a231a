"""Agents: when each was seen last, and whose cases wait for somebody who is not there."""

from __future__ import annotations

from inbox_tui.desk.views import MINE
from inbox_tui.store.driver import Connection, rows

EVERY = 60_000
"""Milliseconds for which an agent who was seen need not be written down again."""
SEEN = (
    "INSERT INTO agents (name, seen_at) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET seen_at = excluded.seen_at"
    " WHERE excluded.seen_at >= agents.seen_at + ?"
)
OWNERS = "SELECT view FROM counts WHERE view > ? AND view < ? AND n > 0"
ASSIGNED = "SELECT max(at) FROM events WHERE case_id = ? AND kind = 'assign' AND undone = 0"
OWNED = "SELECT case_id FROM queue WHERE view = ? ORDER BY rank, case_id"


def seen(db: Connection, name: str, now: int) -> None:
    """An agent is here. Writes nothing where he was seen within a minute."""
    db.execute(SEEN, (name, now, EVERY))


def last_seen(db: Connection, name: str) -> int | None:
    """When an agent was here last; None: never."""
    row = db.execute("SELECT seen_at FROM agents WHERE name = ?", (name,)).fetchone()
    return int(row[0]) if row else None


def owners(db: Connection) -> list[str]:
    """Agents who have cases that wait or are pending."""
    # From the name behind the colon to the sign that follows the colon.
    bounds = (f"{MINE}:", f"{MINE};")
    return [row[0].removeprefix(bounds[0]) for row in rows(db, OWNERS, bounds)]


def owned(db: Connection, name: str) -> list[int]:
    """The cases of an agent that wait or are pending."""
    return [row[0] for row in rows(db, OWNED, (f"{MINE}:{name}",))]


def assigned_at(db: Connection, case: int) -> int:
    """When a case was given to whoever has it; 0 where that is not known."""
    row = db.execute(ASSIGNED, (case,)).fetchone()
    return int(row[0] or 0)
