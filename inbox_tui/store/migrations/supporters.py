"""Step 15: who writes on a customer's behalf, and whom a customer named in a mail of his."""

from __future__ import annotations

from sqlite_utils import Database

from inbox_tui.store.migrations import handoff  # noqa: F401  the step before this one
from inbox_tui.store.migrations.tables import steps


@steps()
def m015_supporters(db: Database) -> None:
    # Follows from the messages of a case (`store.supporters`): kept, so that a list need not read them.
    db.execute(
        "CREATE TABLE supporters (case_id INTEGER NOT NULL REFERENCES cases (id), identity_id INTEGER NOT NULL"
        " REFERENCES identities (id), PRIMARY KEY (case_id, identity_id)) STRICT, WITHOUT ROWID"
    )
    db.execute("CREATE INDEX supporters_identity ON supporters (identity_id)")
    # To and Cc of what those wrote who take part in a thread: these take no part in it themselves.
    db.execute(
        "CREATE TABLE named (thread_id INTEGER NOT NULL REFERENCES threads (id), address TEXT NOT NULL,"
        " PRIMARY KEY (thread_id, address)) STRICT, WITHOUT ROWID"
    )
    # Platforms hand out the newest first: what a thread began under may come after it.
    db.execute(
        "CREATE TABLE unmet (account_id INTEGER NOT NULL, external_id TEXT NOT NULL, thread_id INTEGER NOT NULL"
        " REFERENCES threads (id), PRIMARY KEY (account_id, external_id, thread_id)) STRICT, WITHOUT ROWID"
    )
    db.execute("CREATE INDEX unmet_thread ON unmet (thread_id)")
    db.execute(
        "INSERT INTO supporters (case_id, identity_id) SELECT DISTINCT m.case_id, m.identity_id FROM messages m"
        " JOIN threads t ON t.id = m.thread_id JOIN cases c ON c.id = m.case_id"
        " JOIN identities i ON i.id = m.identity_id WHERE m.direction = 'in' AND m.kind = 'message'"
        " AND m.automatic = 'no' AND t.aside = 0 AND i.person_id <> c.person_id"
    )
