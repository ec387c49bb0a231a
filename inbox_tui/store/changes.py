"""What has happened since: for whoever watches the store."""

from __future__ import annotations

from inbox_tui.model import Change, Message
from inbox_tui.store import messages
from inbox_tui.store.driver import Connection, rows
from inbox_tui.store.lists import LIMIT

MESSAGES = f"SELECT id FROM messages WHERE id > ? ORDER BY id {LIMIT}"
EVENTS = f"SELECT id, case_id, at, actor, kind FROM events WHERE id > ? AND case_id IS NOT NULL ORDER BY id {LIMIT}"


def last(db: Connection) -> tuple[int, int]:
    """Ids of the newest message and the newest event; 0 where there is none."""
    row = db.execute(
        "SELECT (SELECT coalesce(max(id), 0) FROM messages), (SELECT coalesce(max(id), 0) FROM events)"
    ).fetchone()
    return int(row[0]), int(row[1])


def new_messages(db: Connection, after: int, limit: int) -> list[Message]:
    """Messages stored after this one, oldest first."""
    found = [messages.get(db, row[0]) for row in rows(db, MESSAGES, (after, limit))]
    return [message for message in found if message is not None]


def new_events(db: Connection, after: int, limit: int) -> list[Change]:
    """What was done with cases after this event, oldest first."""
    return [Change(*row) for row in rows(db, EVENTS, (after, limit))]
