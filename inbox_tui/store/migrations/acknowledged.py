"""Step 13: who got an acknowledgement, and when."""

from __future__ import annotations

from sqlite_utils import Database

from inbox_tui.store.migrations import agents  # noqa: F401  the step before this one
from inbox_tui.store.migrations.tables import steps, table


@steps()
def m013_acknowledged(db: Database) -> None:
    # By identity: that of a case is told by its timeline, which also holds after cases were merged or split.
    table(
        db,
        "acknowledged",
        {"reply_id": int, "identity_id": int, "at": int},
        pk="reply_id",
        references=(("reply_id", "replies"), ("identity_id", "identities")),
    )
    db.execute("CREATE INDEX acknowledged_identity ON acknowledged (identity_id, at)")
    db.execute("CREATE INDEX messages_acks ON messages (case_id) WHERE kind = 'ack'")
