"""Step 8: how far each hook has been told what happened, and how it fares."""

from __future__ import annotations

from sqlite_utils import Database

from inbox_tui.store.migrations import writing  # noqa: F401  the step before this one
from inbox_tui.store.migrations.tables import steps, table


@steps()
def m008_hooks(db: Database) -> None:
    table(
        db,
        "hooks",
        {
            "name": str,
            "position": int,
            "error": str,
            "hint": str,
            "error_since": int,
            "failures": int,
            "failed_at": int,
        },
        pk="name",
        optional=("error_since", "failed_at"),
    )
