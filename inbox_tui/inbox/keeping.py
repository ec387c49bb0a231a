"""What is kept and what is not: copies of the whole store.

Reached as `Inbox.keeping`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from inbox_tui.store import backup
from inbox_tui.store.engine import Store

if TYPE_CHECKING:
    from inbox_tui.config import Config


class Keeping:
    """What one agent can do with the store as a whole."""

    def __init__(self, store: Store, config: Config, agent: str, now: Callable[[], int]) -> None:
        self._store = store
        self._config = config
        self._now = now
        self.agent = agent

    def backup(self, target: Path) -> backup.Copy:
        """Copy the whole store to a new file, and verify it. Raises StoreError."""
        return backup.save(self._store, target)
