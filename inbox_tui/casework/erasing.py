"""A person is forgotten, or a case whose time is over: the words go, ids and facts stay.

What the words leave behind in the index and in free space of the file goes with `scrub`.
"""

from __future__ import annotations

from inbox_tui.casework import recount
from inbox_tui.casework.reversible import settled_now, shown
from inbox_tui.errors import NothingToDo
from inbox_tui.model import CaseState
from inbox_tui.records import dataclass
from inbox_tui.store import cases, erasing, search
from inbox_tui.store import merging as columns
from inbox_tui.store.driver import Connection
from inbox_tui.store.engine import Store
from inbox_tui.store.erasing import Scope


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure came to."""

    person: int | None
    """None: cases alone."""
    cases: tuple[int, ...]
    messages: int
    elsewhere: tuple[int, ...]
    """Cases of others in which he had written, too: only his own words are gone there."""


def told(db: Connection, scope: Scope, person: int | None = None) -> Erased:
    """What would be erased."""
    return Erased(person, scope.cases, len(scope.messages), erasing.elsewhere(db, scope))


def erase(db: Connection, scope: Scope, agent: str, now: int, person: int | None = None) -> Erased:
    """Erase it. Raises NothingToDo while a reply of it is under way."""
    if replies := erasing.under_way(db, scope):
        raise NothingToDo(
            f"reply {replies[0]} is under way, or nobody knows whether it arrived",
            f"settle it first: inbox-tui outbox cancel {replies[0]}",
        )
    done = told(db, scope, person)
    erasing.erase(db, scope)
    for record in cases.load(db, scope.cases).values():
        if record.state is not CaseState.DONE:
            recount.close(db, record, now, agent)
        recount.trouble(db, record)
        record.subject = record.snippet = ""
        record.tags = ()
        cases.save(db, [record])
        cases.log(db, record.id, now, agent, "erased")
    _others(db, done.elsewhere, agent, now)
    return done


def _others(db: Connection, wanted: tuple[int, ...], agent: str, now: int) -> None:
    """What the cases of others show is read anew from what they still hold."""
    for record in cases.load(db, wanted).values():
        found = shown(db, record.id)
        columns.change(db, "cases", record.id, {name: found.get(name, "") for name in ("subject", "snippet")})
        cases.log(db, record.id, now, agent, "erased", settled=settled_now(db, record.id))
        recount.rebuild(db, record.id)


def scrub(store: Store) -> bool:
    """Leave nothing of what was erased in the index and in the file; false where others still read its log.

    Others wait meanwhile: some seconds for a hundred thousand messages.
    """
    with store.write("erase: index") as db:
        if not erasing.left(db):
            return True
        search.rebuild(db)
    if not store.compact():
        return False
    with store.write("erase") as db:
        erasing.set_left(db, yes=False)
    return True
