"""Looks after the store as a whole: clocks derived anew, a copy put in its place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from inbox_tui.casework import delivery, recount
from inbox_tui.desk import views
from inbox_tui.records import dataclass
from inbox_tui.store import backup, listing
from inbox_tui.store.engine import Store
from inbox_tui.store.inspection import Repair

_AT_ONCE = 200
"""Cases in one transaction: others get their turn between two."""


def rebuild(store: Store, report: Callable[[int, int], None] | None = None) -> tuple[Repair, ...]:
    """Mend every clock; returns those that were different. report: told how many of how many are done."""
    out = []
    with store.reading() as db:
        known = listing.ids(db, views.ALL)
    for at in range(0, len(known), _AT_ONCE):
        part = known[at : at + _AT_ONCE]
        with store.write("rebuild") as db:
            for case in part:
                found = recount.rebuild(db, case)
                if found is not None:
                    out.append(Repair(found.case, found.stored, found.derived))
        if report is not None:
            report(at + len(part), len(known))
    return tuple(out)


@dataclass(frozen=True, slots=True)
class Restored:
    """A copy stands in the place of the store."""

    aside: Path | None
    """Where the old store is kept; None: there was none."""
    unknown: int
    """Replies that were under way when the copy was made: nobody knows whether they went out since."""


def restore(path: Path, source: Path, now: int) -> Restored:
    """Put a copy in the place of the store. Raises StoreLocked while others use it, StoreError."""
    unknown = []

    def prepare(store: Store) -> None:
        with store.write("restore") as db:
            unknown.append(delivery.restored(db, now))

    stamp = datetime.fromtimestamp(now / 1000, UTC).strftime("before-%Y%m%d-%H%M%S")
    aside = backup.replace(path, source, stamp, prepare)
    return Restored(aside, sum(unknown))
