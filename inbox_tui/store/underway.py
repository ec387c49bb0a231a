"""Replies that may be on the platform without our knowing: how their echo is recognised."""

from __future__ import annotations

from inbox_tui.model import HIDING
from inbox_tui.store.driver import Connection, Row, rows
from inbox_tui.store.lists import marks, parts

# SQLite uses an index on a part of the rows only where the query repeats its condition, word for word.
_NOT_SENT = "state <> 'sent'"
_HIDING = ", ".join(f"'{kind}'" for kind in HIDING)


def in_flight(db: Connection, account: int, thread: int) -> list[Row]:
    """Replies of a thread that may be on the platform without our knowing: for recognising an echo."""
    return rows(
        db,
        f"SELECT * FROM replies WHERE {_NOT_SENT} AND account_id = ? AND state IN ('sending', 'unknown', 'failed')"
        f" AND thread_id = ? AND kind NOT IN ({_HIDING}) ORDER BY id",
        (account, thread),
    )


def private_in_flight(db: Connection, account: int) -> list[Row]:
    """As `in_flight`, of private answers: the thread in which they arrive is not known before."""
    return rows(
        db,
        f"SELECT r.*, i.value AS customer_value FROM replies r JOIN threads t ON t.id = r.thread_id"
        f" JOIN identities i ON i.id = t.identity_id WHERE r.{_NOT_SENT} AND r.account_id = ?"
        " AND r.state IN ('sending', 'unknown', 'failed') AND r.kind = 'private' ORDER BY r.id",
        (account,),
    )


def by_key(db: Connection, account: int, keys: list[str]) -> dict[str, int]:
    """Replies with these idempotency keys."""
    sql = f"SELECT key, id FROM replies WHERE key <> '' AND account_id = ? AND key IN ({marks(keys)})"
    return {row["key"]: row["id"] for row in rows(db, sql, (account, *keys))}


def threads_by_key(db: Connection, account: int, keys: list[str]) -> dict[str, int]:
    """Threads of the replies with these idempotency keys."""
    out: dict[str, int] = {}
    for part in parts(keys):
        sql = f"SELECT key, thread_id FROM replies WHERE key <> '' AND account_id = ? AND key IN ({marks(part)})"
        out.update((row["key"], row["thread_id"]) for row in rows(db, sql, (account, *part)))
    return out
