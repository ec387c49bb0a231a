"""Messages of X through the whole intake: cleaned, matched, stored with their cursor. Aim: 15,000 a second.

Pages as the channel makes them (100) and larger ones, each into a store of its own; then all of them once
more, as after an outage: then nothing may change. Beside it, in the same run and in pages of the same size,
the least that storing can be: an upsert into one table with three indexes and an index of words. How many
times that the intake takes says how fast it is where the machine is not.
"""

from __future__ import annotations

import gc
import shutil
import tempfile
import time
from pathlib import Path

import measure
import world

from inbox_tui.casework.intake import Batch, Desk, take_page
from inbox_tui.desk.matching import Rules
from inbox_tui.inbox import wall_clock
from inbox_tui.model import Incoming
from inbox_tui.store import accounts
from inbox_tui.store.engine import Store


def take(store: Store, desk: Desk, messages: list[Incoming], page: int, now: int) -> tuple[int, float]:
    """Take them in by pages: how many were new, and the seconds it took."""
    begun = time.perf_counter()
    new = 0
    for at in range(0, len(messages), page):
        part = tuple(messages[at : at + page])
        new += take_page(store, desk, Batch(part, {"since_id": part[-1].external_id}), now).new
    return new, time.perf_counter() - begun


_BARE = (
    "CREATE TABLE bare (id INTEGER PRIMARY KEY, external_id TEXT, thread TEXT, author TEXT, name TEXT,"
    " handle TEXT, text TEXT, link TEXT, sent_at INTEGER) STRICT",
    "CREATE UNIQUE INDEX bare_external ON bare (external_id)",
    "CREATE INDEX bare_thread ON bare (thread, sent_at)",
    "CREATE INDEX bare_author ON bare (author, sent_at)",
    "CREATE VIRTUAL TABLE bare_words USING fts5 (text, name, content='bare', content_rowid='id')",
)
_UPSERT = (
    "INSERT INTO bare (external_id, thread, author, name, handle, text, link, sent_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (external_id)"
    " DO UPDATE SET text = excluded.text WHERE text IS NOT excluded.text"
)
_INDEX = "INSERT INTO bare_words (rowid, text, name) SELECT id, text, name FROM bare WHERE id > ?"


def bare(store: Store, messages: list[Incoming], page: int) -> float:
    """The same messages into one table: the seconds it took."""
    with store.write("bench") as db:
        for statement in _BARE:
            db.execute(statement)
    begun = time.perf_counter()
    for at in range(0, len(messages), page):
        rows = [
            (
                *(m.external_id, m.thread_key, m.author.value, m.author.name, m.author.handle),
                *(m.text, m.permalink, m.sent_at),
            )
            for m in messages[at : at + page]
        ]
        with store.write("bench") as db:
            db.executemany(_UPSERT, rows)
            db.execute(_INDEX, (at,))
    return time.perf_counter() - begun


def measure_pages(folder: Path, messages: list[Incoming], page: int, now: int) -> list[measure.Row]:
    """Two stores: the bare one; and that of the intake, which gets all messages once, and again."""
    plain = Store(folder / f"{page}-bare.db")
    least = bare(plain, messages, page)
    plain.close()
    store = Store(folder / f"{page}.db")
    with store.write("bench") as db:
        account = accounts.ensure(db, "shop_x", "x")
    desk = Desk(account, "shop_x", "x", now - world.SPAN, Rules())
    took = {"bare upsert": least}
    for work, expected in (("new", len(messages)), ("known", 0)):
        new, took[work] = take(store, desk, messages, page, now)
        if new != expected:
            raise SystemExit(f"{new:,} of {len(messages):,} messages were new, expected {expected:,}")
    store.close()
    return [
        {
            "page": page,
            "messages": work,
            "seconds": round(seconds, 2),
            "per second": round(len(messages) / seconds),
            "ms a page": round(seconds * 1000 * page / len(messages), 1),
            "ratio": round(seconds / least, 2),
        }
        for work, seconds in took.items()
    ]


def main() -> None:
    """The command line."""
    parser = measure.options(__doc__, 1)
    parser.add_argument("--messages", type=int, default=100_000, help="default 100,000")
    parser.add_argument("--pages", type=int, nargs="+", default=[100, 200, 500], help="default 100 200 500")
    given = parser.parse_args()
    now = wall_clock()
    messages = world.social(given.messages, now)
    gc.freeze()  # a fetch holds one page at a time: the others must cost the collector nothing
    rows: list[measure.Row] = []
    for _ in range(given.rounds):
        folder = Path(tempfile.mkdtemp(prefix="inbox-tui-intake-"))
        try:
            for page in given.pages:
                rows += measure_pages(folder, messages, page, now)
        finally:
            shutil.rmtree(folder)
    measure.show(rows, given.json)


if __name__ == "__main__":
    main()
