"""What an agent did with cases, step by step, so that it can be undone; and what he said of senders."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from inbox_tui.store.engine import Connection, rows

STEP = (
    "SELECT id, detail FROM events WHERE actor = ? AND kind = 'step' AND undone = 0 ORDER BY id DESC LIMIT 1"
)
TAGS = "SELECT tags, count(*) AS n FROM cases WHERE tags <> '' GROUP BY tags"
ASSIGNEES = "SELECT DISTINCT assignee FROM cases WHERE assignee <> ''"


def last_step(db: Connection, actor: str) -> tuple[int, dict[str, Any]] | None:
    """Id and detail of an agent's newest act that was not undone."""
    row = db.execute(STEP, (actor,)).fetchone()
    return (row["id"], json.loads(row["detail"])) if row else None


def undone(db: Connection, events: Iterable[int]) -> None:
    """These events count no more."""
    db.executemany("UPDATE events SET undone = 1 WHERE id = ?", [(one,) for one in events])


def senders(db: Connection, case: int) -> dict[int, str]:
    """Identities with whom the threads of a case are, and what was said of each."""
    sql = (
        "SELECT i.id, i.treated FROM identities i JOIN threads t ON t.identity_id = i.id WHERE t.case_id = ?"
    )
    return {row["id"]: row["treated"] for row in rows(db, sql, (case,))}


def treat(db: Connection, identity: int, treated: str) -> None:
    """Remember what an agent said of a sender."""
    db.execute("UPDATE identities SET treated = ? WHERE id = ?", (treated, identity))


def owed(db: Connection, case: int) -> list[int]:
    """Messages of a case that are owed an answer."""
    sql = "SELECT id FROM messages WHERE case_id = ? AND owed = 1"
    return sorted(row[0] for row in rows(db, sql, (case,)))


def tags(db: Connection) -> tuple[str, ...]:
    """All tags, those on most cases first."""
    counted: dict[str, int] = {}
    for row in rows(db, TAGS):
        for tag in row["tags"].split(","):
            counted[tag] = counted.get(tag, 0) + row["n"]
    return tuple(sorted(counted, key=lambda tag: (-counted[tag], tag)))


def assignees(db: Connection) -> tuple[str, ...]:
    """Agents who have a case."""
    return tuple(sorted(row[0] for row in rows(db, ASSIGNEES)))
