"""Proposals "same person?": which two persons, what speaks for it, what was decided."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from inbox_tui.records import dataclass
from inbox_tui.store.driver import Connection, Row, rows
from inbox_tui.store.lists import LIMIT


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """A proposal as it is stored."""

    id: int
    persons: tuple[int, int]
    state: str
    """open, accepted, declined, absorbed: a merge has made it of no interest."""
    score: int
    evidence: tuple[dict[str, Any], ...]
    created_at: int
    decided_at: int | None
    decided_by: str


_COLUMNS = "id, person_a, person_b, state, score, evidence, created_at, decided_at, decided_by"
OPEN = f"SELECT {_COLUMNS} FROM proposals WHERE state = 'open' ORDER BY score DESC, id DESC {LIMIT}"
COUNT = "SELECT count(*) FROM proposals WHERE state = 'open'"


def _row(row: Row) -> ProposalRow:
    id_, a, b, state, score, evidence, created, decided, by = row
    return ProposalRow(id_, (a, b), state, score, tuple(json.loads(evidence)), created, decided, by)


def get(db: Connection, proposal: int) -> ProposalRow | None:
    """One proposal."""
    row = db.execute(f"SELECT {_COLUMNS} FROM proposals WHERE id = ?", (proposal,)).fetchone()
    return _row(row) if row else None


def opened(db: Connection, limit: int) -> list[ProposalRow]:
    """What nobody has decided, the strongest first."""
    return [_row(row) for row in rows(db, OPEN, (limit,))]


def count(db: Connection) -> int:
    """How many nobody has decided."""
    return int(db.execute(COUNT).fetchone()[0])


def of_person(db: Connection, person: int) -> list[ProposalRow]:
    """What nobody has decided about a person, the strongest first."""
    sql = (
        f"SELECT {_COLUMNS} FROM proposals WHERE state = 'open' AND (person_a = ? OR person_b = ?)"
        " ORDER BY score DESC, id DESC"
    )
    return [_row(row) for row in rows(db, sql, (person, person))]


def of_pair(db: Connection, a: int, b: int) -> ProposalRow | None:
    """The one proposal that two persons have."""
    sql = f"SELECT {_COLUMNS} FROM proposals WHERE state <> 'absorbed' AND person_a = ? AND person_b = ?"
    row = db.execute(sql, (min(a, b), max(a, b))).fetchone()
    return _row(row) if row else None


def insert(
    db: Connection, a: int, b: int, state: str, score: int, evidence: Sequence[dict[str, Any]], now: int
) -> int:
    """A new proposal."""
    row = db.execute(
        "INSERT INTO proposals (person_a, person_b, state, score, evidence, created_at, updated_at, decided_by)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, '') RETURNING id",
        (min(a, b), max(a, b), state, score, json.dumps(list(evidence)), now, now),
    ).fetchone()
    return int(row[0])


def strengthen(
    db: Connection, proposal: int, score: int, evidence: Sequence[dict[str, Any]], now: int
) -> None:
    """More speaks for it."""
    sql = "UPDATE proposals SET score = ?, evidence = ?, updated_at = ? WHERE id = ?"
    db.execute(sql, (score, json.dumps(list(evidence)), now, proposal))
