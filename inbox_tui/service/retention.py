"""Erases cases whose time is over, persons with their last one: by the worker, and after a fetch."""

from __future__ import annotations

from collections.abc import Callable

from inbox_tui.casework import erasing
from inbox_tui.config import Config
from inbox_tui.desk.clock import DAY
from inbox_tui.store import erasing as store
from inbox_tui.store.engine import Store

EVERY = 3_600_000
"""Milliseconds between two looks."""
_AT_ONCE = 50
"""Cases in one transaction: others get their turn between two."""
AGENT = "retention"
"""Who erased, in the log."""


class Retention:
    """The step of one store."""

    def __init__(self, store: Store, config: Config, now: Callable[[], int]) -> None:
        self._store = store
        self._now = now
        self._days = config.desk.erase_after_days
        self._next = 0

    def work(self, go_on: Callable[[], bool] | None = None) -> int:
        """Erase what is due, at most once an hour; how many cases. Raises StoreError."""
        now = self._now()
        if not self._days or now < self._next:
            return 0
        self._next = now + EVERY
        count = 0
        while go_on is None or go_on():
            with self._store.reading() as db:
                if not store.retired(db, now - self._days * DAY, 1):
                    break
            with self._store.in_turn("retention"), self._store.write("retention") as db:
                due = store.retired(db, now - self._days * DAY, _AT_ONCE)
                erasing.erase(db, store.of_cases(db, due), AGENT, now)
            count += len(due)
        with self._store.reading() as db:
            left = store.left(db)
        if left:
            erasing.scrub(self._store)
        return count
