"""A store of an older version becomes one of today, with everything in it."""

from __future__ import annotations

from pathlib import Path

from inbox_tui.store import listing
from inbox_tui.store.engine import SCHEMA_VERSION, Store
from inbox_tui.store.migrations import applied
from tests.casework.world import NOW, World, check_clocks, check_views, post


def test_a_store_of_version_1_keeps_its_cases_and_gets_the_new_views(tmp_path: Path) -> None:
    path = tmp_path / "inbox.db"
    world = World(Store(path))
    world.take("shop", post("1", "42", NOW - 2), post("2", "43", NOW - 1))
    world.inbox.done(world.case_of("2"))
    back_to_version_1(world.store)
    world.store.close()

    told: list[int] = []
    again = World(Store(path, upgrade=lambda: told.append(1)))
    Store(path, upgrade=lambda: told.append(2)).close()
    assert told == [1]
    assert again.db.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION
    assert [row.id for row in again.inbox.page("unassigned")] == [again.case_of("1")]
    check_views(again)
    check_clocks(again)
    assert [hit.row.id for hit in again.inbox.search.find("hello").hits] == [2, 1]
    again.inbox.triage.assign([again.case_of("1")], "lena")
    assert listing.views(again.db, [], "lena")[1].count == 1
    again.store.close()


_CLOCK = ("due", "promised", "broken", "contacts", "snooze_again", "ending")
_LATER = {
    "replies": ("kind", "subject", "cc", "promise"),
    "threads": ("aside", "private_in_id"),
    "messages": ("hidden",),
    "accounts": ("notice", "notice_hint", "failures"),
    "cases": ("merged_into",),
    "people": ("merged_into",),
}


def back_to_version_1(store: Store) -> None:
    """Take away what the later steps brought."""
    db = store.read()
    later = [name for name in applied(db) if name >= "m005"]
    indexes = ("cases_wake", "cases_tags", "cases_assignee", "events_step", "cases_waits", "cases_promised")
    for index in (*indexes, "messages_posts", "threads_context", "replies_sent", "replies_private"):
        db.execute(f"DROP INDEX {index}")
    for column in ("assignee", "tags", "priority", "snoozed", "snoozed_until", "spam", *_CLOCK):
        db.execute(f"ALTER TABLE cases DROP COLUMN {column}")
    db.execute("ALTER TABLE identities DROP COLUMN treated")
    db.execute("ALTER TABLE events DROP COLUMN undone")
    for table, columns in _LATER.items():
        for column in columns:
            db.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    for index in ("messages_acks", "messages_case"):
        db.execute(f"DROP INDEX {index}")
    db.execute("CREATE INDEX messages_case ON messages (case_id, sent_at)")
    db.execute("CREATE INDEX messages_owed ON messages (case_id, sent_at) WHERE owed = 1")
    for table in (
        "supporters",
        "named",
        "handoff_uses",
        "handoffs",
        "unmet",
        "acknowledged",
        "agents",
        "tokens",
        "proposals",
        "hooks",
        "files",
        "search_words",
    ):
        db.execute(f"DROP TABLE {table}")
    db.execute("DROP TABLE search")
    for table in ("queue", "counts"):
        db.execute(f"DELETE FROM {table} WHERE view = 'unassigned'")
    db.execute(
        "UPDATE queue SET rank = (SELECT waiting_since FROM cases WHERE id = case_id)"
        " WHERE view = 'waiting' OR view LIKE 'channel:%'"
    )
    db.executemany("DELETE FROM _sqlite_migrations WHERE name = ?", [(name,) for name in later])
    db.execute("PRAGMA user_version=1")
    assert later
