"""How cost grows with the store: start, key, first page, search, and taking messages in. At three sizes.

Aim: all but the intake the same at any size; the intake linear, so that a message costs the same.
"""

from __future__ import annotations

import contextlib
import statistics
import time
from collections.abc import Callable, Mapping
from functools import partial
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
from inbox_tui.store.driver import BY_WORKER
from inbox_tui.store.engine import Store

SIZES = (10_000, 100_000, 1_000_000)
NEW = 20_000
"""Messages that are taken in."""
TURNS = 3
"""Times that messages are taken in, and keys pressed, at each size in turn."""
_STILL = 0.5
"""Seconds without a byte after which a program is still."""
PAGE = 200
QUERY = "parcel"


def keys(configs: Mapping[int, Path], times: int) -> dict[int, float]:
    """Milliseconds from a key to the end of its frame, the median at each size.

    In turn, some keys at a time: what one program reads after a key would disturb the others at their next.
    """
    found: dict[int, list[float]] = {size: [] for size in configs}
    with contextlib.ExitStack() as stack:
        terminals = {}
        for size, config in configs.items():
            stack.callback(hold_worker(config).close)
            terminals[size] = stack.enter_context(Terminal([*measure.INBOX_TUI, "--config", str(config)]))
            terminals[size].until(first_row(config), after=RAW)
        for turn in range(TURNS + 1):  # the first one warms up
            for size, terminal in terminals.items():
                terminal.settle(_STILL)
                key = b"k" if turn % 2 else b"j"  # down and up again: the smallest queue has an end
                took = [press(terminal, key)[0] for _ in range(times)]
                found[size] += took if turn else []
    return {size: statistics.median(took) for size, took in found.items()}


def reads(configs: Mapping[int, Path], times: int) -> dict[int, dict[str, float]]:
    """Milliseconds of the first page, of counters and header, of a search: medians at each size, in turn."""
    inboxes = {size: open_inbox(load(str(config)), create=False) for size, config in configs.items()}
    jobs: dict[str, Callable[[], float]] = {}
    for size, inbox in inboxes.items():
        for name, read in (
            ("first page", partial(inbox.page, "waiting")),
            ("counters", inbox.overview),
            ("search", partial(inbox.search.find, QUERY, limit=50)),
        ):
            jobs[f"{size} {name}"] = partial(measure.timed, read)
    found = measure.rounds(jobs, times)
    for inbox in inboxes.values():
        inbox.close()
    out: dict[int, dict[str, float]] = {size: {} for size in configs}
    for job, took in found.items():
        at, _, name = job.partition(" ")
        out[int(at)][name] = statistics.median(took)
    return out


def intake(folder: Path, size: int, new: int) -> float:
    """Milliseconds for a thousand new messages, into a copy of the store."""
    with measure.copy(folder, size) as config:
        store = Store(load(str(config)).store, create=False, keep=BY_WORKER)
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
    taken: dict[int, list[float]] = {size: [] for size in configs}
    for _ in range(TURNS):
        for size, took in taken.items():
            took.append(intake(given.dir, size, given.new))
    pressed, read = keys(configs, given.rounds * 4), reads(configs, given.rounds)
    found: dict[int, dict[str, float]] = {}
    for size in configs:
        found[size] = {
            "first row on screen": statistics.median(started[str(size)]),
            "a key": pressed[size],
            **read[size],
            "1,000 new messages": statistics.median(taken[size]),
        }
    rows: list[measure.Row] = [
        {"work": work, **{f"ms at {size:,}": round(found[size][work], 2) for size in configs}}
        for work in found[given.sizes[0]]
    ]
    measure.show(rows, given.json)


if __name__ == "__main__":
    main()
