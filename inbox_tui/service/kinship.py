"""Looks for persons who may be one, behind the intake: in a thread of the worker, and after a fetch."""

from __future__ import annotations

from collections.abc import Callable

from inbox_tui.casework import kinship
from inbox_tui.config import Config, EmailAccount, XAccount
from inbox_tui.desk.kinship import Rules
from inbox_tui.store.engine import Store

_AT_ONCE = 500
"""Batches after a one-shot fetch; a store with more is worked off by the next ones."""


def rules_of(config: Config) -> Rules:
    """What the configuration says of matching, and who we are."""
    ours: set[str] = set()
    for account in config.accounts.values():
        if isinstance(account, EmailAccount):
            ours |= {one.lower() for one in (account.address, *account.aliases, *account.web_forms)}
        if isinstance(account, XAccount):
            ours.add(account.handle.lstrip("@").lower())
    return Rules(config.matching.order_pattern, config.matching.phone_region, frozenset(ours))


class Kinship:
    """The step of one store."""

    def __init__(self, store: Store, config: Config, now: Callable[[], int]) -> None:
        self._store = store
        self._now = now
        self._rules = rules_of(config)

    def work(self, go_on: Callable[[], bool] | None = None) -> None:
        """Work off what is new. go_on: asked between two batches. Raises StoreError."""
        for _ in range(_AT_ONCE):
            if not kinship.work(self._store, self._rules, self._now()):
                return
            if go_on is not None and not go_on():
                return
