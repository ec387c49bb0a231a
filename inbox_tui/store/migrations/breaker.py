"""Step 16: how often in a row the fetch of an account failed."""

from __future__ import annotations

from sqlite_utils import Database

from inbox_tui.store.migrations import supporters  # noqa: F401  the step before this one
from inbox_tui.store.migrations.tables import steps


@steps()
def m016_breaker(db: Database) -> None:
    # The pause after a failure grows with it, also for a worker that has begun anew.
    db.execute("ALTER TABLE accounts ADD COLUMN failures INTEGER NOT NULL DEFAULT 0")
