"""Step 12: when each agent was seen last; indexes for our own posts and for what was sent lately."""

from __future__ import annotations

from sqlite_utils import Database

from inbox_tui.store.migrations import clock  # noqa: F401  the step before this one
from inbox_tui.store.migrations.tables import steps, table


@steps()
def m012_agents(db: Database) -> None:
    table(db, "agents", {"name": str, "seen_at": int}, pk="name")
    # Whoever has a case was here once: nobody's cases fall back because the program has just begun to look.
    db.execute(
        "INSERT INTO agents (name, seen_at) SELECT DISTINCT assignee, CAST(strftime('%s', 'now') AS INTEGER) * 1000"
        " FROM cases WHERE assignee <> ''"
    )
    # Few messages are posts of our own, and few threads run under one.
    db.execute("CREATE INDEX messages_posts ON messages (sent_at) WHERE kind = 'post'")
    db.execute("CREATE INDEX threads_context ON threads (account_id, context) WHERE context <> ''")
    db.execute("CREATE INDEX replies_sent ON replies (sent_at) WHERE state = 'sent'")
