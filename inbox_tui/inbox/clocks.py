"""Due times for an agent: how one is counted, and a view in another order. Reached as `Inbox.clocks`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from inbox_tui.desk import due
from inbox_tui.errors import UsageError
from inbox_tui.model import CaseRow
from inbox_tui.store import office

if TYPE_CHECKING:
    from inbox_tui.inbox.door import Inbox
    from inbox_tui.store.engine import Store

ORDERS = ("due", "waiting", "effort")
_AT_ONCE = 500


class Clocks:
    """What the desk's clock says."""

    def __init__(self, inbox: Inbox, store: Store) -> None:
        self._inbox = inbox
        self._store = store

    def rules(self) -> due.Rules | None:
        """The rules in force; None: no worker has written any yet."""
        with self._store.reading() as db:
            return office.load(db)

    def explain(self, row: CaseRow) -> tuple[str, ...]:
        """The due time of a case line by line, as it was counted."""
        rules = self.rules()
        zone = rules.hours.zone if rules else None
        return due.explain(rules, row, lambda at: f"{datetime.fromtimestamp(at / 1000, zone):%a %d %b %H:%M}")

    def effort(self, row: CaseRow) -> int:
        """What the customer went to, in points."""
        rules = self.rules()
        count = self._handoffs([row]).get(row.id, 0)
        return due.effort(row, rules.weights if rules else None, handoffs=count)

    def _handoffs(self, rows: Sequence[CaseRow]) -> dict[int, int]:
        from inbox_tui.store import handoffs  # a list in the order of the queue needs none

        with self._store.reading() as db:
            return handoffs.counted(db, [row.id for row in rows])

    def ordered(self, view: str, order: str, limit: int, channel: str | None = None) -> list[CaseRow]:
        """The cases of a view in another order; limit 0: all. Reads the whole view.

        Raises UsageError for an order or a view that does not exist.
        """
        if order not in ORDERS:
            raise UsageError(f'there is no order "{order}"', "orders are: " + ", ".join(ORDERS))
        found = self._all(view)
        if channel is not None:
            found = [row for row in found if channel in row.channels]
        found.sort(key=self._key(order, found))
        return found[:limit] if limit else found

    def _key(self, order: str, found: Sequence[CaseRow]) -> Callable[[CaseRow], tuple[int, ...]]:
        late = 2**62

        def waits(row: CaseRow) -> int:
            return late if row.waiting_since is None else row.waiting_since

        if order == "due":
            return lambda row: (not row.broken, late if row.due is None else row.due, waits(row))
        if order == "waiting":
            return lambda row: (waits(row), row.id)
        weights = rules.weights if (rules := self.rules()) else None
        count = self._handoffs(found)
        return lambda row: (-due.effort(row, weights, handoffs=count.get(row.id, 0)), waits(row))

    def _all(self, view: str) -> list[CaseRow]:
        ids = self._inbox.ids(view)
        found: list[CaseRow] = []
        for at in range(0, len(ids), _AT_ONCE):
            known = self._inbox.rows(ids[at : at + _AT_ONCE])
            found += [known[one] for one in ids[at : at + _AT_ONCE] if one in known]
        return found
