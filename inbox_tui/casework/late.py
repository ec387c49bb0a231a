"""What is joined only now, because it was read in another order than it was written in.

A platform's pages come newest first, so a page may bring the customer's post after those that answer it:
these supporters join then. And two matters of one customer may turn out to be one, when the letter comes that
stands between them. A case in which an agent has done something stays as it is.
"""

from __future__ import annotations

from inbox_tui.casework.merging import join, part
from inbox_tui.casework.reversible import Act
from inbox_tui.model import CaseState
from inbox_tui.store import cases
from inbox_tui.store import merging as store
from inbox_tui.store.driver import Connection


class Late:
    """What is owed to the cases of a page, done once it is stored."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._supporting: list[tuple[int, int]] = []
        self._bridged: dict[int, set[int]] = {}

    def support(self, threads: list[int], case: int) -> None:
        """These threads began under what this case has got only now."""
        self._supporting += [(thread, case) for thread in threads]

    def bridge(self, case: int, others: list[int]) -> None:
        """Had a message of this case come in its turn, these of the same person had not been begun."""
        self._bridged.setdefault(case, set()).update(others)

    def settle(self, now: int) -> None:
        """Do it. Each is an act of the program itself, and is undone like a merge."""
        for thread, case in self._supporting:
            self._join(thread, cases.lead(self._db, case), now)
        for case, others in self._bridged.items():
            self._unite({cases.lead(self._db, one) for one in (case, *others)}, now)

    def _unite(self, ids: set[int], now: int) -> None:
        found = sorted(cases.load(self._db, sorted(ids)).values(), key=lambda one: (one.opened_at, one.id))
        found = [one for one in found if one.state is not CaseState.DONE and not one.spam]
        free = [one for one in found if not store.is_touched(self._db, one.id)]
        # The one with which agents deal takes in the others, else that which was begun first.
        first = next((one for one in found if one not in free), found[0] if found else None)
        others = [one.id for one in free if first is not None and one.id != first.id]
        if first is None or not others:
            return
        act = Act(self._db, "", now, "merge")
        join(act, [first.id, *others], persons=False)
        act.finish()

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
