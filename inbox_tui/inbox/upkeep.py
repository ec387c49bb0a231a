"""Derives the clock of every case anew from its messages and events."""

from __future__ import annotations

from collections.abc import Callable

from inbox_tui.casework import recount
from inbox_tui.desk import views
from inbox_tui.store import listing
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
