"""Our own posts: how many went out lately, and what is owed under each."""

from __future__ import annotations

from inbox_tui.store.driver import Connection, rows

SINCE = "SELECT count(*) FROM messages WHERE kind = 'post' AND sent_at >= ?"
UNDER = (
    "SELECT p.id, count(*) AS n FROM threads own JOIN messages p ON p.account_id = own.account_id"
    " AND p.external_id = own.context JOIN threads t ON t.account_id = own.account_id AND t.context = own.context"
    " AND t.context <> '' JOIN messages m ON m.case_id = t.case_id AND m.owed = 1 AND m.thread_id = t.id"
    " WHERE own.case_id = ? AND own.context <> '' AND own.id = (SELECT min(o.id) FROM threads o"
    " WHERE o.case_id = own.case_id AND o.account_id = own.account_id AND o.context = own.context)"
    " GROUP BY p.id"
)


def since(db: Connection, at: int) -> int:
    """How many posts of our own were published from then on."""
    return int(db.execute(SINCE, (at,)).fetchone()[0])


def unanswered(db: Connection, case: int) -> dict[int, int]:
    """Comments that are owed an answer, of all customers, by the post of ours under which the case runs."""
    return {row["id"]: row["n"] for row in rows(db, UNDER, (case,))}
