"""Persons and their identities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from inbox_tui.model import Author, Identity
from inbox_tui.records import dataclass
from inbox_tui.store.engine import Connection, rows
from inbox_tui.store.lists import marks, parts

IdentityKey = tuple[str, str]


@dataclass(slots=True)
class IdentityRecord:
    """An identity with its person, as intake works on it."""

    id: int
    person: int
    kind: str
    value: str
    name: str
    handle: str
    treated: str = ""
    """What an agent said of this sender: spam, automatic, person; empty: nothing."""
    new: bool = False


def load(db: Connection, keys: Iterable[IdentityKey]) -> dict[IdentityKey, IdentityRecord]:
    """The known ones among these (kind, value) pairs."""
    out: dict[IdentityKey, IdentityRecord] = {}
    by_kind: dict[str, set[str]] = {}
    for kind, value in keys:
        by_kind.setdefault(kind, set()).add(value)
    for kind, values in by_kind.items():
        listed = list(values)
        for part in parts(listed):
            found = rows(
                db,
                "SELECT id, person_id, kind, value, name, handle, treated FROM identities WHERE kind = ? AND value IN"
                f" ({marks(part)})",
                (kind, *part),
            )
            for row in found:
                record = IdentityRecord(*row)
                out[record.kind, record.value] = record
    return out


def insert(db: Connection, records: Sequence[IdentityRecord], now: int) -> None:
    """Enter new identities, each with a person of the same name."""
    db.executemany(
        "INSERT INTO people (id, name, created_at) VALUES (?, ?, ?)",
        [(record.person, record.name or record.handle, now) for record in records],
    )
    add_identities(db, records)


def add_identities(db: Connection, records: Sequence[IdentityRecord]) -> None:
    """Enter new identities of persons who are known."""
    db.executemany(
        "INSERT INTO identities (id, person_id, kind, value, name, handle) VALUES (?, ?, ?, ?, ?, ?)",
        [(r.id, r.person, r.kind, r.value, r.name, r.handle) for r in records],
    )


def rename(db: Connection, identity: IdentityRecord) -> None:
    """The platform shows another name or handle now."""
    db.execute(
        "UPDATE identities SET name = ?, handle = ? WHERE id = ?",
        (identity.name, identity.handle, identity.id),
    )


def of_person(db: Connection, person: int) -> tuple[Identity, ...]:
    """All identities of a person, oldest first."""
    found = rows(
        db,
        "SELECT id, person_id, kind, value, name, handle FROM identities WHERE person_id = ? ORDER BY id",
        (person,),
    )
    return tuple(Identity(*row) for row in found)


def author(row_kind: str, value: str, name: str, handle: str) -> Author:
    """The author behind stored columns; a value that was unknown is None again."""
    return Author(row_kind, None if value.startswith("?") else value, name, handle)


def next_id(db: Connection, table: str) -> int:
    """The next id of a table. Safe inside a write transaction: there is one writer at a time."""
    return int(db.execute(f"SELECT coalesce(max(id), 0) + 1 FROM {table}").fetchone()[0])
