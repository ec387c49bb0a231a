"""Acknowledgements: how far an account's messages were looked at, and who got one."""

from __future__ import annotations

import json

from inbox_tui.desk.acknowledge import Asked
from inbox_tui.model import Automatic, Direction, Kind
from inbox_tui.records import dataclass
from inbox_tui.store.driver import Connection, Row, rows
from inbox_tui.store.lists import LIMIT

# The sign before the account keeps SQLite on the ids behind the mark, which are few, instead of all of an account.
SINCE = (
    "SELECT m.*, i.value, i.treated, i.person_id, t.identity_id AS customer_id,"
    " t.case_id AS thread_case, t.aside OR i.person_id <> c.person_id AS aside,"
    " c.spam, c.state AS case_state, f.forged, x.attachments, x.full_text FROM messages m"
    " JOIN threads t ON t.id = m.thread_id JOIN cases c ON c.id = m.case_id JOIN identities i ON i.id = m.identity_id"
    " LEFT JOIN mails f ON f.message_id = m.id LEFT JOIN extras x ON x.message_id = m.id"
    " WHERE m.id > ? AND +m.account_id = ? AND m.direction = 'in' AND m.kind = 'message' AND m.automatic = 'no'"
    f" AND m.history = 0 AND m.owed = 1 AND m.sent_at >= ? ORDER BY m.id {LIMIT}"
)
OF_CASE = "SELECT 1 FROM messages WHERE case_id = ? AND kind = 'ack' LIMIT 1"
OF_PERSON = (
    "SELECT max(a.at) FROM identities i JOIN acknowledged a ON a.identity_id = i.id WHERE i.person_id = ?"
)


@dataclass(frozen=True, slots=True)
class Found:
    """A message that may be acknowledged."""

    message: int
    case: int
    thread: int
    identity: int
    person: int
    text: str
    """All of it, with its subject: what its language is told by."""
    asked: Asked


def _key(account: int) -> str:
    return f"acknowledged:{account}"


def mark(db: Connection, account: int) -> int | None:
    """Id of the last message that was looked at; None: the account has only just begun to acknowledge."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", (_key(account),)).fetchone()
    return int(bytes(row[0])) if row else None


def set_mark(db: Connection, account: int, message: int) -> None:
    """Everything up to this message was looked at."""
    db.execute(
        "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (_key(account), str(message).encode()),
    )


def newest(db: Connection) -> int:
    """Id of the newest message of all."""
    return int(db.execute("SELECT coalesce(max(id), 0) FROM messages").fetchone()[0])


def since(db: Connection, account: int, after: int, sent_from: int, most: int) -> list[Found]:
    """Messages of persons behind this one that are owed an answer, in the order in which they came."""
    return [_found(db, row) for row in rows(db, SINCE, (after, account, sent_from, most))]


def _found(db: Connection, row: Row) -> Found:
    asked = Asked(
        direction=Direction(row["direction"]),
        kind=Kind(row["kind"]),
        automatic=Automatic(row["automatic"]),
        public=bool(row["public"]),
        history=bool(row["history"]),
        sent_at=row["sent_at"],
        address=row["value"],
        handle=row["handle"],
        subject=row["subject"],
        media=tuple(file[1].lower() for file in json.loads(row["attachments"] or "[]")),
        forged=bool(row["forged"]),
        by_customer=row["identity_id"] == row["customer_id"],
        treated=bool(row["treated"]),
        aside=bool(row["aside"]),
        spam=bool(row["spam"]),
        waiting=row["case_state"] == "waiting" and row["thread_case"] == row["case_id"],
        acknowledged=has(db, row["case_id"]),
        last=last(db, row["person_id"]),
    )
    text = f"{row['subject']}\n{row['text']}"
    return Found(
        row["id"], row["case_id"], row["thread_id"], row["identity_id"], row["person_id"], text, asked
    )


def has(db: Connection, case: int) -> bool:
    """Whether a case has had one, whatever became of it."""
    return db.execute(OF_CASE, (case,)).fetchone() is not None


def last(db: Connection, person: int) -> int | None:
    """When a person was last sent one, on whichever channel; None: never."""
    found = db.execute(OF_PERSON, (person,)).fetchone()[0]
    return int(found) if found is not None else None


def enter(db: Connection, reply: int, identity: int, now: int) -> None:
    """This reply acknowledges a message of this identity."""
    db.execute(
        "INSERT INTO acknowledged (reply_id, identity_id, at) VALUES (?, ?, ?)", (reply, identity, now)
    )
