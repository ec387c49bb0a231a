"""Step 5: whose case it is, its tags, its priority, when it comes back, who is no customer; what can be undone."""

from __future__ import annotations

from sqlite_utils import Database

from inbox_tui.store.migrations import first  # noqa: F401  the steps before this one
from inbox_tui.store.migrations.tables import steps


@steps()
def m005_triage(db: Database) -> None:
    for column in (
        "assignee TEXT NOT NULL DEFAULT ''",
        "tags TEXT NOT NULL DEFAULT ''",
        "priority TEXT NOT NULL DEFAULT 'normal'",
        "snoozed INTEGER NOT NULL DEFAULT 0",
        "snoozed_until INTEGER",
        "spam INTEGER NOT NULL DEFAULT 0",
    ):
        db.execute(f"ALTER TABLE cases ADD COLUMN {column}")
    # What an agent said of a sender: spam, automatic or person; empty: nothing.
    db.execute("ALTER TABLE identities ADD COLUMN treated TEXT NOT NULL DEFAULT ''")
    db.execute("ALTER TABLE events ADD COLUMN undone INTEGER NOT NULL DEFAULT 0")
    db.execute("CREATE INDEX cases_wake ON cases (snoozed_until) WHERE snoozed_until IS NOT NULL")
    db.execute("CREATE INDEX cases_tags ON cases (tags) WHERE tags <> ''")
    db.execute("CREATE INDEX cases_assignee ON cases (assignee) WHERE assignee <> ''")
    db.execute("CREATE INDEX events_step ON events (actor, id) WHERE kind = 'step'")
    # Nobody had a case until now: whoever waits, waits for somebody to take it.
    db.execute(
        "INSERT INTO queue (view, rank, case_id) SELECT 'unassigned', rank, case_id FROM queue"
        " WHERE view = 'waiting'"
    )
    db.execute("INSERT INTO counts (view, n) SELECT 'unassigned', n FROM counts WHERE view = 'waiting'")
