"""What happened since a watcher looked last, and what he has taken note of."""

from __future__ import annotations

from collections.abc import Callable

from inbox_tui.errors import NothingToDo
from inbox_tui.model import Changes, HookHealth
from inbox_tui.store import accounts, cases, changes, hooks
from inbox_tui.store.engine import Store


class Watch:
    """Reached as `Inbox.watch`."""

    def __init__(self, store: Store, agent: str, now: Callable[[], int]) -> None:
        self._store = store
        self._agent = agent
        self._now = now

    def last(self) -> tuple[int, int]:
        """Ids of the newest message and the newest event: where a watcher begins."""
        with self._store.reading() as db:
            return changes.last(db)

    def since(self, message: int, event: int, limit: int) -> Changes:
        """What was stored after this message, and done after this event; at most so many of each."""
        with self._store.reading() as db:
            stored = changes.new_messages(db, message, limit)
            return Changes(tuple(stored), tuple(changes.new_events(db, event, limit)))

    def hooks(self) -> tuple[HookHealth, ...]:
        """How the hooks fare that are told of all this."""
        with self._store.reading() as db:
            return hooks.health(db)

    def gap_seen(self, account: str) -> None:
        """Somebody has looked on the platform for the time of the gap: it is shown no more.

        Raises NothingToDo where the account has none.
        """
        with self._store.write("gap") as db:
            if not accounts.forget_gap(db, account):
                raise NothingToDo(
                    f"account {account} has no gap", "inbox-tui accounts shows how each is doing"
                )
            cases.log(db, None, self._now(), self._agent, "gap seen", account=accounts.find(db, account))
