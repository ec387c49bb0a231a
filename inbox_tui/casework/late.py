"""Supporters who were read before what they write under: they join once it is here.

A platform's pages come newest first, so a page may bring the customer's post after those that answer it. A
case in which an agent has done something stays as it is.
"""

from __future__ import annotations

from inbox_tui.casework.merging import join, part
from inbox_tui.casework.reversible import Act
from inbox_tui.model import CaseState
from inbox_tui.store import cases
from inbox_tui.store import merging as store
from inbox_tui.store.engine import Connection


class Late:
    """What is owed to the cases of a page, done once it is stored."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._supporting: list[tuple[int, int]] = []

    def support(self, threads: list[int], case: int) -> None:
        """These threads began under what this case has got only now."""
        self._supporting += [(thread, case) for thread in threads]

    def settle(self, now: int) -> None:
        """Do it. Each is an act of the program itself, and is undone like a merge."""
        for thread, case in self._supporting:
            self._join(thread, cases.lead(self._db, case), now)

    def _join(self, thread: int, into: int, now: int) -> None:
        began = store.began(self._db, thread)
        found = cases.load(self._db, [into, *([began] if began is not None else [])])
        target, own = found.get(into), found.get(began or 0)
        if target is None or own is None or own.person == target.person:
            return
        if CaseState.DONE in (target.state, own.state) or target.spam or own.spam or target.automatic:
            return
        if store.is_touched(self._db, own.id):
            return
        act = Act(self._db, "", now, "merge")
        listed = store.threads_with(self._db, own.id).items()
        # His own supporters come along.
        whole = [one for one, (_, person) in listed if person == own.person] == [thread]
        join(act, [into, own.id if whole else part(act, own.id, [thread])], persons=False)
        act.finish()
