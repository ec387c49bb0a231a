"""What was done with a case and with those that it took in; what a person's cases hold beside the channels."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from inbox_tui.records import dataclass
from inbox_tui.store.driver import Connection, rows
from inbox_tui.store.lists import LIMIT, marks, parts

_FAMILY = "WITH RECURSIVE family(id) AS (SELECT ? UNION SELECT c.id FROM cases c JOIN family f ON c.merged_into = f.id)"


@dataclass(frozen=True, slots=True)
class Event:
    """An event as it is stored."""

    id: int
    case: int | None
    """None: it was of no case, as a fetch that was asked for."""
    at: int
    actor: str
    kind: str
    detail: dict[str, Any]
    undone: bool


def of_case(db: Connection, case: int) -> list[Event]:
    """Events of a case and of those that it took in, in their order."""
    found = rows(
        db,
        f"{_FAMILY} SELECT id, case_id, at, actor, kind, detail, undone FROM events"
        " WHERE case_id IN (SELECT id FROM family) ORDER BY id",
        (case,),
    )
    return [Event(r[0], r[1], r[2], r[3], r[4], json.loads(r[5]), bool(r[6])) for r in found]


NEWEST = (
    "SELECT id, case_id, at, actor, kind, detail, undone FROM events WHERE kind NOT IN ('step', 'settled')"
    " AND (:agent IS NULL OR actor = :agent) ORDER BY id DESC LIMIT :limit"
)


def newest(db: Connection, agent: str | None, limit: int) -> list[Event]:
    """What was done last in all cases, oldest first; agent: by this one alone."""
    found = rows(db, NEWEST, {"agent": agent, "limit": limit})
    return [Event(r[0], r[1], r[2], r[3], r[4], json.loads(r[5]), bool(r[6])) for r in reversed(found)]


def goodwill(db: Connection, persons_cases: Sequence[int]) -> list[Event]:
    """What was given in these cases, the newest first."""
    if not persons_cases:
        return []
    found = rows(
        db,
        "SELECT id, case_id, at, actor, kind, detail, undone FROM events WHERE kind = 'goodwill' AND undone = 0"
        f" AND case_id IN ({marks(persons_cases)}) ORDER BY id DESC",
        tuple(persons_cases),
    )
    return [Event(r[0], r[1], r[2], r[3], r[4], json.loads(r[5]), bool(r[6])) for r in found]


def remarks(db: Connection, person: int, limit: int) -> list[int]:
    """Calls and notes of a person's cases, the newest first."""
    found = rows(
        db,
        "SELECT m.id FROM cases c JOIN messages m ON m.case_id = c.id WHERE c.person_id = ? AND m.kind IN"
        f" ('call', 'note') ORDER BY m.sent_at DESC, m.id DESC {LIMIT}",
        (person, limit),
    )
    return [row[0] for row in found]


def by_name(db: Connection, name: str, limit: int, *, part: bool = False) -> list[int]:
    """Persons of this name, or with an identity of it; case does not count. part: where it is within the name."""
    like = name.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    like = f"%{like}%" if part else like
    found = rows(
        db,
        "SELECT p.id FROM people p WHERE p.merged_into IS NULL AND (p.name LIKE ? ESCAPE '\\' OR p.id IN (SELECT"
        f" person_id FROM identities WHERE name LIKE ? ESCAPE '\\' OR handle LIKE ? ESCAPE '\\')) ORDER BY p.id {LIMIT}",
        (like, like, like, limit),
    )
    return [row[0] for row in found]


def sent_at(db: Connection, replies: Sequence[int]) -> dict[int, int]:
    """When the platform accepted these replies."""
    out: dict[int, int] = {}
    for part in parts(replies):
        sql = f"SELECT id, sent_at FROM replies WHERE sent_at IS NOT NULL AND id IN ({marks(part)})"
        out |= {row[0]: row[1] for row in rows(db, sql, part)}
    return out
