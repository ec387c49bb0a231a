"""Who writes on a customer's behalf: in his case, and not he himself. Follows from the messages alone.

What stands here is always what `again` would write: whatever moves messages between cases, or identities
between persons, calls it for the cases that it touched.
"""

from __future__ import annotations

from collections.abc import Iterable

from inbox_tui.model import Person
from inbox_tui.store.driver import Connection, rows
from inbox_tui.store.lists import marks, parts

_WROTE = (
    "SELECT DISTINCT m.case_id, m.identity_id FROM messages m JOIN threads t ON t.id = m.thread_id"
    " JOIN cases c ON c.id = m.case_id JOIN identities i ON i.id = m.identity_id WHERE m.direction = 'in'"
    " AND m.kind = 'message' AND m.automatic = 'no' AND t.aside = 0 AND i.person_id <> c.person_id"
)


def add(db: Connection, found: Iterable[tuple[int, int]]) -> None:
    """These identities have written in these cases of others: pairs of case and identity."""
    db.executemany(
        "INSERT INTO supporters (case_id, identity_id) VALUES (?, ?) ON CONFLICT DO NOTHING", sorted(found)
    )


def again(db: Connection, cases: Iterable[int]) -> None:
    """Read anew from their messages who supports these cases."""
    for part in parts(sorted(set(cases))):
        db.execute(f"DELETE FROM supporters WHERE case_id IN ({marks(part)})", part)
        db.execute(
            f"INSERT INTO supporters (case_id, identity_id) {_WROTE} AND m.case_id IN ({marks(part)})", part
        )


def of_case(db: Connection, case: int) -> tuple[Person, ...]:
    """The persons who support a case, who joined first first."""
    found = rows(
        db,
        "SELECT p.id, p.name FROM supporters s JOIN identities i ON i.id = s.identity_id"
        " JOIN people p ON p.id = i.person_id WHERE s.case_id = ? GROUP BY p.id ORDER BY min(i.id)",
        (case,),
    )
    return tuple(Person(row[0], row[1]) for row in found)


def cases_of(db: Connection, person: int) -> list[int]:
    """Cases of others that a person supports."""
    found = rows(
        db,
        "SELECT DISTINCT s.case_id FROM identities i JOIN supporters s ON s.identity_id = i.id"
        " WHERE i.person_id = ? ORDER BY s.case_id",
        (person,),
    )
    return [row[0] for row in found]


def threads_of(db: Connection, case: int, person: int) -> list[int]:
    """Threads of a case that are with this person, who is not its customer."""
    found = rows(
        db,
        "SELECT t.id FROM threads t JOIN identities i ON i.id = t.identity_id WHERE t.case_id = ?"
        " AND t.aside = 0 AND i.person_id = ? ORDER BY t.id",
        (case, person),
    )
    return [row[0] for row in found]
