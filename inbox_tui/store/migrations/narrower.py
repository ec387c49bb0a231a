"""Step 17: one index of a case's messages instead of two, so that a page of intake changes fewer pages."""

from __future__ import annotations

from sqlite_utils import Database

from inbox_tui.store.migrations import breaker  # noqa: F401  the step before this one
from inbox_tui.store.migrations.tables import steps


@steps()
def m017_narrower(db: Database) -> None:
    # What is owed was an index of its own, which stood beside this one in every message that is stored.
    db.execute("DROP INDEX messages_owed")
    db.execute("DROP INDEX messages_case")
    db.execute("CREATE INDEX messages_case ON messages (case_id, sent_at, owed)")
