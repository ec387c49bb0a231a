"""Messages of X through the whole intake: cleaned, matched, stored with their cursor. Aim: 15,000 a second.

Fetched: a channel hands out pages of 100, as X does, as fast as they are taken, and the worker's own fetch
takes them; it writes together what comes at once. New: pages of several sizes, each written by itself, each
size into a store of its own. Known: all of them once more, as after an outage: then nothing may change.
Beside it, in the same run and in pages of the same size, the least that storing can be: an upsert into one
table with three indexes and an index of words. How many times that the intake takes says how fast it is
where the machine is not.
"""

from __future__ import annotations

import gc
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import measure
import world

from inbox_tui.casework.intake import Batch, Desk, take_page
from inbox_tui.channels.base import Cursor, Page
from inbox_tui.config import AccountConfig, XAccount
from inbox_tui.desk.matching import Rules
from inbox_tui.inbox import wall_clock
from inbox_tui.model import Capabilities, Incoming, Outgoing, Receipt
from inbox_tui.service.fetching import fetch, seldom_collect
from inbox_tui.store import accounts
from inbox_tui.store.driver import BY_WORKER
from inbox_tui.store.engine import Store

_FETCHES = 3
_PAGE = 100
"""Messages that X hands out at once."""


def take(store: Store, desk: Desk, messages: list[Incoming], page: int, now: int) -> tuple[int, float]:
    """Take them in by pages: how many were new, and the seconds it took."""
    begun = time.perf_counter()
    new = 0
    for at in range(0, len(messages), page):
        part = tuple(messages[at : at + page])
        new += take_page(store, desk, Batch(part, {"since_id": part[-1].external_id}), now).new
    return new, time.perf_counter() - begun


class _Handed:
    """A channel whose platform answers at once."""

    def __init__(self, account: AccountConfig, messages: list[Incoming]) -> None:
        self.account = account
        self.can = Capabilities(public=True)
        self._messages = messages

    def fetch(self, cursor: Cursor, now: int) -> Iterator[Page]:  # noqa: ARG002
        """All messages behind the cursor."""
        for at in range(int(cursor.get("at", 0)), len(self._messages), _PAGE):
            yield Page(tuple(self._messages[at : at + _PAGE]), {"at": at + _PAGE})

    def send(self, reply: Outgoing) -> Receipt:
        """Nobody answers here."""
        raise NotImplementedError

    def find_sent(self, reply: Outgoing) -> Receipt | None:
        """Nobody answers here."""
        raise NotImplementedError

    def close(self) -> None:
        """It holds nothing."""


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
    plain = Store(folder / f"{page}-bare.db", keep=BY_WORKER)
    least = bare(plain, messages, page)
    plain.close()
    store, desk = _store(folder / f"{page}.db", now)
    took = {"bare upsert": least}
    for work, expected in (("new", len(messages)), ("known", 0)):
        new, took[work] = take(store, desk, messages, page, now)
        _check(new, expected)
    store.close()
    return [_row(page, work, seconds, len(messages), least) for work, seconds in took.items()]


def measure_fetch(folder: Path, messages: list[Incoming], now: int) -> float:
    """The worker's fetch, without its pauses for others: the seconds it took, the median of a few."""
    return statistics.median(_fetch(folder / f"fetched{turn}.db", messages, now) for turn in range(_FETCHES))


def _fetch(path: Path, messages: list[Incoming], now: int) -> float:
    store, desk = _store(path, now)
    account = XAccount(name=desk.name, channel="x", handle="@shop", budget_per_day=0)
    begun = time.perf_counter()
    result = fetch(store, desk, account, _Handed(account, messages), lambda: now)
    took = time.perf_counter() - begun
    _check(result.new, len(messages))
    store.close()
    path.unlink()
    return took


def _store(path: Path, now: int) -> tuple[Store, Desk]:
    store = Store(path, keep=BY_WORKER)
    with store.write("bench") as db:
        account = accounts.ensure(db, "shop_x", "x")
    return store, Desk(account, "shop_x", "x", now - world.SPAN, Rules())


def _check(new: int, expected: int) -> None:
    if new != expected:
        raise SystemExit(f"{new:,} messages were new, expected {expected:,}")


def _row(page: int, work: str, seconds: float, count: int, least: float) -> measure.Row:
    return {
        "page": page,
        "messages": work,
        "seconds": round(seconds, 2),
        "per second": round(count / seconds),
        "ms a page": round(seconds * 1000 * page / count, 1),
        "ratio": round(seconds / least, 2),
    }


def main() -> None:
    """The command line."""
    parser = measure.options(__doc__, 1)
    parser.add_argument("--messages", type=int, default=100_000, help="default 100,000")
    parser.add_argument("--pages", type=int, nargs="+", default=[100, 200, 500], help="default 100 200 500")
    given = parser.parse_args()
    now = wall_clock()
    messages = world.social(given.messages, now)
    seldom_collect()
    gc.freeze()  # a fetch holds one page at a time: the others must cost the collector nothing
    rows: list[measure.Row] = []
    for _ in range(given.rounds):
        folder = Path(tempfile.mkdtemp(prefix="inbox-tui-intake-"))
        try:
            fetched = measure_fetch(folder, messages, now)
            plain = Store(folder / "bare.db", keep=BY_WORKER)
            least = bare(plain, messages, _PAGE)
            plain.close()
            rows.append(_row(_PAGE, "fetched", fetched, len(messages), least))
            for page in given.pages:
                rows += measure_pages(folder, messages, page, now)
        finally:
            shutil.rmtree(folder)
    measure.show(rows, given.json)


if __name__ == "__main__":
    main()
