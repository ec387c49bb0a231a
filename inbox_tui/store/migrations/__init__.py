"""The tables, as append-only steps. A step that has been released is never changed: add another.

`engine` calls `migrate` inside one BEGIN IMMEDIATE, so that of many processes one does the work.
After adding a step raise ``SCHEMA_VERSION`` in `engine`. Modules of steps are imported here in their order.
"""

from __future__ import annotations

from typing import Any

from sqlite_utils import Database

from inbox_tui.store.migrations import breaker  # noqa: F401  the last step, which names the one before it, and so on
from inbox_tui.store.migrations.tables import steps


def migrate(connection: Any) -> None:
    """Apply what is pending. The connection is inside a write transaction."""
    steps.apply(Database(connection, execute_plugins=False, recursive_triggers=False))
    broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise AssertionError(f"a migration broke {len(broken)} references")


def applied(connection: Any) -> list[str]:
    """Names of the steps that a store has behind it."""
    return [step.name for step in steps.applied(Database(connection, execute_plugins=False))]
