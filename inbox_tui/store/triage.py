"""What an agent did with cases, step by step, so that it can be undone; and what he said of senders."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from inbox_tui.model import Lasting
from inbox_tui.store.driver import Connection, rows
from inbox_tui.store.lists import marks

STEP = (
    "SELECT id, detail FROM events WHERE actor = ? AND kind = 'step' AND undone = 0 ORDER BY id DESC LIMIT 1"
)
# So many events back at most: an agent who pressed nothing since then remembers no last act.
WRITTEN = (
    "SELECT id, kind, case_id FROM events WHERE id > ? AND id > (SELECT max(id) FROM events) - 2000 AND actor = ?"
    " AND kind IN ('note', 'call', 'goodwill', 'queued', 'withdrawn', 'handoff') ORDER BY id DESC LIMIT 1"
)
OTHERS = (
    "SELECT 1 FROM events WHERE case_id = ? AND id > ? AND actor <> ? AND undone = 0 AND kind IN ({}) LIMIT 1"
)
OTHERS_SAID = (
    "SELECT 1 FROM identities i JOIN cases c ON c.person_id = i.person_id JOIN events e ON e.case_id = c.id"
    " WHERE i.id = ? AND e.id > ? AND e.actor <> ? AND e.undone = 0 AND e.kind IN ('spam', 'automatic') LIMIT 1"
)
TAGS = "SELECT tags, count(*) AS n FROM cases WHERE tags <> '' GROUP BY tags"
ASSIGNEES = "SELECT DISTINCT assignee FROM cases WHERE assignee <> ''"
# From one name to the next in the index: their acts are many, they are few.
ACTORS = (
    "WITH RECURSIVE known(name) AS (SELECT min(actor) FROM events WHERE kind = 'step' UNION ALL SELECT"
    " (SELECT min(actor) FROM events WHERE kind = 'step' AND actor > name) FROM known WHERE name IS NOT NULL)"
    " SELECT name FROM known WHERE name IS NOT NULL"
)


def last_step(db: Connection, actor: str) -> tuple[int, dict[str, Any]] | None:
    """Id and detail of an agent's newest act that was not undone."""
    row = db.execute(STEP, (actor,)).fetchone()
    return (row["id"], json.loads(row["detail"])) if row else None


def last_written(db: Connection, actor: str) -> Lasting | None:
    """What an agent wrote after his newest act that was not undone; None where he wrote nothing, or withdrew it."""
    step = last_step(db, actor)
    row = db.execute(WRITTEN, (step[0] if step else 0, actor)).fetchone()
    if row is None or row["kind"] == "withdrawn":
        return None
    return Lasting(row["id"], row["kind"], row["case_id"])


def undone(db: Connection, events: Iterable[int], *, yes: bool = True) -> None:
    """These events count no more; no: they count again."""
    db.executemany("UPDATE events SET undone = ? WHERE id = ?", [(int(yes), one) for one in events])


def others_did(db: Connection, case: int, since: int, actor: str, kinds: Sequence[str]) -> bool:
    """Whether another agent did one of these acts to a case after an event, and has not undone it."""
    found = db.execute(OTHERS.format(marks(kinds)), (case, since, actor, *kinds))
    return found.fetchone() is not None


def others_said(db: Connection, identity: int, since: int, actor: str) -> bool:
    """Whether another agent said after an event what this sender is, in any case of his."""
    return db.execute(OTHERS_SAID, (identity, since, actor)).fetchone() is not None


def treated(db: Connection, identity: int) -> str:
    """What was said of a sender."""
    row = db.execute("SELECT treated FROM identities WHERE id = ?", (identity,)).fetchone()
    return str(row[0]) if row else ""


def senders(db: Connection, case: int) -> dict[int, str]:
    """Identities with whom the threads of a case are, and what was said of each."""
    sql = (
        "SELECT i.id, i.treated FROM identities i JOIN threads t ON t.identity_id = i.id JOIN cases c ON c.id ="
        " t.case_id WHERE t.case_id = ? AND t.aside = 0 AND i.person_id = c.person_id"
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


def agents(db: Connection) -> tuple[str, ...]:
    """Agents who have a case, or sorted one."""
    return tuple(sorted({row[0] for sql in (ASSIGNEES, ACTORS) for row in rows(db, sql)}))
