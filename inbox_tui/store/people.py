"""Persons and their identities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from inbox_tui.model import Author, Identity, Person
from inbox_tui.records import dataclass
from inbox_tui.store.driver import Connection, rows
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


def add_identity(db: Connection, record: IdentityRecord) -> None:
    """A further identity of a person who is there."""
    db.execute(
        "INSERT INTO identities (id, person_id, kind, value, name, handle) VALUES (?, ?, ?, ?, ?, ?)",
        (record.id, record.person, record.kind, record.value, record.name, record.handle),
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


def get(db: Connection, person: int) -> Person | None:
    """A person."""
    row = db.execute("SELECT id, name FROM people WHERE id = ?", (person,)).fetchone()
    return Person(row[0], row[1]) if row else None


def enter(db: Connection, name: str, now: int) -> int:
    """A new person who is known by name alone."""
    person = next_id(db, "people")
    db.execute("INSERT INTO people (id, name, created_at) VALUES (?, ?, ?)", (person, name, now))
    return person


def identity(db: Connection, id: int) -> Author | None:
    """An identity as an author."""
    row = db.execute("SELECT kind, value, name, handle FROM identities WHERE id = ?", (id,)).fetchone()
    return author(*row) if row else None


def lead(db: Connection, person: int) -> int:
    """The person that this one went into, however often he was merged; himself where he was not."""
    row = db.execute("SELECT merged_into FROM people WHERE id = ?", (person,)).fetchone()
    while row is not None and row[0] is not None:
        person = int(row[0])
        row = db.execute("SELECT merged_into FROM people WHERE id = ?", (person,)).fetchone()
    return person


def author(row_kind: str, value: str, name: str, handle: str) -> Author:
    """The author behind stored columns; a value that was unknown is None again."""
    return Author(row_kind, None if value.startswith("?") else value, name, handle)


def next_id(db: Connection, table: str) -> int:
    """The next id of a table. Safe inside a write transaction: there is one writer at a time."""
    if table == "cases":
        # A case that a split made is gone once that is undone; its number is never given to another.
        sql = "SELECT max(coalesce((SELECT max(id) FROM cases), 0), coalesce((SELECT max(case_id) FROM events), 0)) + 1"
        return int(db.execute(sql).fetchone()[0])
    return int(db.execute(f"SELECT coalesce(max(id), 0) + 1 FROM {table}").fetchone()[0])
