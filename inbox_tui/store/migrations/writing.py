"""Step 7: mails of our own, files that go out, copies, comments that are hidden."""

from __future__ import annotations

from sqlite_utils import Database

from inbox_tui.store.migrations import search  # noqa: F401  the step before this one
from inbox_tui.store.migrations.tables import steps, table


@steps()
def m007_writing(db: Database) -> None:
    for column in ("kind TEXT NOT NULL DEFAULT 'reply'", "subject TEXT NOT NULL DEFAULT ''"):
        db.execute(f"ALTER TABLE replies ADD COLUMN {column}")
    # Addresses with blanks between.
    db.execute("ALTER TABLE replies ADD COLUMN cc TEXT NOT NULL DEFAULT ''")
    db.execute("ALTER TABLE threads ADD COLUMN aside INTEGER NOT NULL DEFAULT 0")
    db.execute("ALTER TABLE messages ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0")
    # The content stands last: what comes before it is read without it.
    table(
        db,
        "files",
        {"reply_id": int, "number": int, "name": str, "media_type": str, "size": int, "content": bytes},
        pk=("reply_id", "number"),
        references=(("reply_id", "replies"),),
    )
