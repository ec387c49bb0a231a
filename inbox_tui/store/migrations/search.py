"""Step 6: the index of words. It also takes in what the store holds already."""

from __future__ import annotations

from sqlite_utils import Database

from inbox_tui.store import search
from inbox_tui.store.migrations import triage  # noqa: F401  the step before this one
from inbox_tui.store.migrations.tables import steps


@steps()
def m006_search(db: Database) -> None:
    # The key grows with the time of the message, not with its arrival: history comes after the news.
    db.execute("CREATE TABLE search (key INTEGER PRIMARY KEY, message_id INTEGER NOT NULL) STRICT")
    db.execute(
        "CREATE VIRTUAL TABLE search_words USING fts5"
        " (said, who, marks, content='', columnsize=0, tokenize='unicode61 remove_diacritics 0')"
    )
    # Pages are small and come often: merging their pieces less eagerly costs a search nothing that is noticed.
    db.execute("INSERT INTO search_words (search_words, rank) VALUES ('automerge', 8)")
    search.index_all(db.conn)
