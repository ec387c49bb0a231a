"""Step 9: private answers to comments; what an account may not read, while the rest of it goes on."""

from __future__ import annotations

from sqlite_utils import Database

from inbox_tui.store.migrations import hooks  # noqa: F401  the step before this one
from inbox_tui.store.migrations.tables import steps


@steps()
def m009_private(db: Database) -> None:
    # The newest comment of a thread whose author can be answered in private.
    db.execute("ALTER TABLE threads ADD COLUMN private_in_id INTEGER")
    for column in ("notice", "notice_hint"):
        db.execute(f"ALTER TABLE accounts ADD COLUMN {column} TEXT NOT NULL DEFAULT ''")
    db.execute(
        "CREATE INDEX replies_private ON replies (answers_id) WHERE kind = 'private' AND state <> 'draft'"
    )
