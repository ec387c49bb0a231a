"""What stands around a reply before it goes out: what came meanwhile, who else writes, what was said before."""

from __future__ import annotations

from inbox_tui.model import Message, Thread
from inbox_tui.store.driver import Connection, rows
from inbox_tui.store.messages import MESSAGES, message

MOVED = (
    f"{MESSAGES} WHERE m.case_id = ? AND m.id > ? AND m.history = 0 AND m.automatic = 'no'"
    " AND (m.kind = 'note' AND m.author <> ? OR m.kind IN ('message', 'call') AND (m.direction = 'in'"
    " OR m.reply_id IS NULL OR r.agent <> ? AND r.state <> 'draft')) ORDER BY m.id"
)
WRITING = (
    "SELECT DISTINCT agent FROM replies WHERE case_id = ? AND state = 'draft' AND text <> '' AND agent <> ?"
    " AND updated_at > ? ORDER BY agent"
)
SAID = (
    "SELECT m.id, m.subject, m.text, x.full_text FROM messages m LEFT JOIN extras x ON x.message_id = m.id"
    " LEFT JOIN threads t ON t.id = m.thread_id WHERE m.case_id = ? AND m.direction = 'in' AND m.automatic = 'no'"
    " AND coalesce(t.aside, 0) = 0 AND NOT EXISTS (SELECT 1 FROM supporters s WHERE s.case_id = m.case_id"
    " AND s.identity_id = m.identity_id) ORDER BY m.sent_at, m.id"
)
IN_CASE = "SELECT id, text, state FROM replies WHERE case_id = ? AND state NOT IN ('draft', 'failed') ORDER BY id DESC"
# Sorted by whoever asks: SQLite would walk through all replies ever sent to spare itself that.
ELSEWHERE = "SELECT case_id FROM replies WHERE state = 'sent' AND sent_at > ? AND text = ? AND case_id <> ?"


def moved(db: Connection, case: int, seen: int, agent: str) -> tuple[Message, ...]:
    """What came into a case behind a message and is not this agent's own, in the order in which it came."""
    return tuple(message(row) for row in rows(db, MOVED, (case, seen, agent, agent)))


def writing(db: Connection, case: int, agent: str, since: int) -> tuple[str, ...]:
    """Other agents who have gone on with a draft in this case since then."""
    return tuple(row[0] for row in db.execute(WRITING, (case, agent, since)))


def said(db: Connection, case: int) -> list[tuple[int, str]]:
    """Id and text of all that the customer wrote in a case, oldest first."""
    found = rows(db, SAID, (case,))
    return [(row["id"], "\n".join((row["subject"], row["full_text"] or row["text"]))) for row in found]


def in_case(db: Connection, case: int) -> list[tuple[int, str, str]]:
    """Id, text and state of the replies of a case that went out or may have, newest first."""
    return [(row["id"], row["text"], row["state"]) for row in rows(db, IN_CASE, (case,))]


def elsewhere(db: Connection, case: int, text: str, since: int) -> tuple[int, ...]:
    """Other cases to which this text was sent since then."""
    return tuple(sorted({row[0] for row in db.execute(ELSEWHERE, (since, text, case))}))


def reply_to(db: Connection, thread: Thread) -> str:
    """Where the mail that a reply would answer wants its answer, if elsewhere than where it came from."""
    row = db.execute("SELECT reply_to FROM mails WHERE message_id = ?", (thread.last_in,)).fetchone()
    return str(row[0]) if row else ""
