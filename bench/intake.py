"""Messages of X through the whole intake: cleaned, matched, stored with their cursor. Aim: 15,000 a second.

Pages as the channel makes them (100) and larger ones, each into a store of its own; then all of them once
more, as after an outage: then nothing may change.
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


def measure_pages(folder: Path, messages: list[Incoming], page: int, now: int) -> list[measure.Row]:
    """One store: all messages once, and again."""
    store = Store(folder / f"{page}.db")
    with store.write("bench") as db:
        account = accounts.ensure(db, "shop_x", "x")
    desk = Desk(account, "shop_x", "x", now - world.SPAN, Rules())
    rows: list[measure.Row] = []
    for work, expected in (("new", len(messages)), ("known", 0)):
        new, seconds = take(store, desk, messages, page, now)
        if new != expected:
            raise SystemExit(f"{new:,} of {len(messages):,} messages were new, expected {expected:,}")
        rows.append(
            {
                "page": page,
                "messages": work,
                "seconds": round(seconds, 2),
                "per second": round(len(messages) / seconds),
                "ms a page": round(seconds * 1000 * page / len(messages), 1),
            }
        )
    store.close()
    return rows


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
