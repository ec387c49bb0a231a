"""Step 14: hand-offs, and what came of their codes."""

from __future__ import annotations

from sqlite_utils import Database

from inbox_tui.store.migrations import acknowledged  # noqa: F401  the step before this one
from inbox_tui.store.migrations.tables import steps, table


@steps()
def m014_handoff(db: Database) -> None:
    # The case is that of its reply, which merge and split move. Of the code only a keyed digest is here.
    table(
        db,
        "handoffs",
        {
            "id": int,
            "reply_id": int,
            "destination": str,
            "digest": str,
            "exposed": int,
            "back_after": int,
            "valid_for": int,
            "sent_at": int,
            "back_at": int,
            "expires_at": int,
            "arrived_at": int,
            "returned_at": int,
        },
        optional=("sent_at", "back_at", "expires_at", "arrived_at", "returned_at"),
        references=(("reply_id", "replies"),),
    )
    db.execute("CREATE UNIQUE INDEX handoffs_reply ON handoffs (reply_id)")
    db.execute("CREATE UNIQUE INDEX handoffs_digest ON handoffs (digest)")
    db.execute(
        "CREATE INDEX handoffs_back ON handoffs (back_at) WHERE back_at IS NOT NULL AND arrived_at IS NULL"
        " AND returned_at IS NULL"
    )
    db.execute(
        "CREATE INDEX handoffs_awaited ON handoffs (expires_at) WHERE expires_at IS NOT NULL AND arrived_at IS NULL"
    )
    # Who came with which code; without one: known there, or a code that does not exist.
    table(
        db,
        "handoff_uses",
        {"id": int, "handoff_id": int, "identity_id": int, "message_id": int, "at": int, "worth": str},
        optional=("handoff_id",),
        references=(
            ("handoff_id", "handoffs"),
            ("identity_id", "identities"),
            ("message_id", "messages"),
        ),
    )
    db.execute("CREATE INDEX handoff_uses_handoff ON handoff_uses (handoff_id, at)")
    db.execute("CREATE INDEX handoff_uses_identity ON handoff_uses (identity_id, at)")
