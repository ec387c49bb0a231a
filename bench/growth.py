"""How cost grows with the store: start, key, first page, search, and taking messages in. At three sizes.

Aim: all but the intake the same at any size; the intake linear, so that a message costs the same.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import measure
import world
from keys import press
from start import RAW, first_row, hold_worker, shown
from terminal import Terminal

from inbox_tui.bootstrap import open_inbox
from inbox_tui.casework.intake import Batch, Desk, take_page
from inbox_tui.config import load
from inbox_tui.desk.matching import Rules
from inbox_tui.inbox import wall_clock
from inbox_tui.store import accounts
from inbox_tui.store.engine import Store

SIZES = (10_000, 100_000, 1_000_000)
NEW = 20_000
"""Messages that are taken in."""
PAGE = 200
QUERY = "parcel"


def keys(config: Path, times: int) -> float:
    """Milliseconds from a key to the end of its frame, the median."""
    lock = hold_worker(config)
    with Terminal([*measure.INBOX_TUI, "--config", str(config)]) as terminal:
        terminal.until(first_row(config), after=RAW)
        terminal.settle(1)
        found = [press(terminal, b"j")[0] for _ in range(times + 20)][20:]
    lock.close()
    return statistics.median(found)


def reads(config: Path, times: int) -> dict[str, float]:
    """Milliseconds of the first page, of counters and header, of a search: medians."""
    inbox = open_inbox(load(str(config)), create=False)
    jobs = {
        "first page": lambda: measure.timed(lambda: inbox.page("waiting")),
        "counters": lambda: measure.timed(inbox.overview),
        "search": lambda: measure.timed(lambda: inbox.search.find(QUERY, limit=50)),
    }
    found = measure.rounds(jobs, times)
    inbox.close()
    return {name: statistics.median(took) for name, took in found.items()}


def intake(folder: Path, size: int, new: int) -> float:
    """Milliseconds for a thousand new messages, into a copy of the store."""
    with measure.copy(folder, size) as config:
        store = Store(load(str(config)).store, create=False)
        now = wall_clock()
        with store.write("bench") as db:
            account = accounts.ensure(db, "growth", "x")
        desk = Desk(account, "growth", "x", now - world.SPAN, Rules())
        messages = world.social(new, now)
        begun = time.perf_counter()
        for at in range(0, new, PAGE):
            part = tuple(messages[at : at + PAGE])
            take_page(store, desk, Batch(part, {"since_id": part[-1].external_id}), now)
        took = time.perf_counter() - begun
        store.close()
    return took * 1_000_000 / new


def main() -> None:
    """The command line."""
    parser = measure.options(__doc__, 15)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), metavar="N", help="default all")
    parser.add_argument("--new", type=int, default=NEW, help=f"messages taken in; default {NEW:,}")
    given = parser.parse_args()
    configs = {size: measure.store(given.dir, size) for size in given.sizes}
    starts = {}
    for size, config in configs.items():
        open_inbox(load(str(config))).close()  # what an older version left is migrated before the clock runs
        starts[str(size)] = shown([*measure.INBOX_TUI, "--config", str(config)], first_row(config))
    locks = [hold_worker(config) for config in configs.values()]
    started = measure.rounds(starts, given.rounds)
    for lock in locks:
        lock.close()
    found: dict[int, dict[str, float]] = {}
    for size, config in configs.items():
        found[size] = {
            "first row on screen": statistics.median(started[str(size)]),
            "a key": keys(config, given.rounds * 10),
            **reads(config, given.rounds),
            "1,000 new messages": intake(given.dir, size, given.new),
        }
    rows: list[measure.Row] = [
        {"work": work, **{f"ms at {size:,}": round(found[size][work], 2) for size in configs}}
        for work in found[given.sizes[0]]
    ]
    measure.show(rows, given.json)


if __name__ == "__main__":
    main()
