"""Step 11: due times, promises, what a customer went to, how a case ended."""

from __future__ import annotations

from sqlite_utils import Database

from inbox_tui.store.migrations import persons  # noqa: F401  the step before this one
from inbox_tui.store.migrations.tables import steps


@steps()
def m011_clock(db: Database) -> None:
    for column in (
        "due INTEGER",
        "promised INTEGER",
        "broken INTEGER NOT NULL DEFAULT 0",
        "contacts INTEGER NOT NULL DEFAULT 0",
        "snooze_again INTEGER",
        "ending TEXT NOT NULL DEFAULT ''",
    ):
        db.execute(f"ALTER TABLE cases ADD COLUMN {column}")
    db.execute("ALTER TABLE replies ADD COLUMN promise INTEGER")
    db.execute(
        "UPDATE cases SET contacts = (SELECT count(*) FROM messages m WHERE m.case_id = cases.id AND"
        " m.direction = 'in' AND m.automatic = 'no' AND m.kind IN ('message', 'call'))"
    )
    # Until rules are written nothing has a due time: the places that `desk.views.queue_rank` gives it then.
    db.execute(
        "UPDATE queue SET rank = (1 << 59) + (SELECT max(0, c.waiting_since / 1000) FROM cases c WHERE c.id ="
        " queue.case_id) WHERE (view IN ('waiting', 'unassigned') OR view LIKE 'mine:%' OR view LIKE 'channel:%')"
        " AND case_id IN (SELECT id FROM cases WHERE state = 'waiting' AND waiting_since IS NOT NULL)"
    )
    # The longest wait is asked for with every look at the header, whatever the queue is sorted by.
    db.execute(
        "CREATE INDEX cases_waits ON cases (waiting_since) WHERE waiting_since IS NOT NULL AND spam = 0"
    )
    db.execute("CREATE INDEX cases_promised ON cases (promised) WHERE promised IS NOT NULL AND broken = 0")
