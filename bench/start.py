"""From exec to the first row of the queue in a terminal of 120×40. Aim: 1.3 times a trivial
Textual app, the same at any size. Below it: until Textual has drawn that row, so that keys work.

All in turn, so that the ratios come from one run. A worker is taken to run already: its lock is held.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import measure
import trivial_app
from terminal import Terminal

from inbox_tui.bootstrap import open_inbox
from inbox_tui.config import load
from inbox_tui.store.engine import Store
from inbox_tui.store.locks import WORKER, FileLock

SIZES = (10_000, 1_000_000)
RAW = b"\x1b[?2004h"
"""Textual turns bracketed paste on when it begins to listen: what it draws later can be worked with."""


def first_row(config: Path) -> str:
    """What only the first row of the queue shows: the name of whoever waits longest."""
    inbox = open_inbox(load(str(config)), create=False)
    [row] = inbox.page("waiting", limit=1)
    inbox.close()
    return row.person.name


def hold_worker(config: Path) -> FileLock:
    """Take the worker's lock, so that nothing is started beside what is measured."""
    lock = Store(load(str(config)).store, create=False).side_lock(WORKER)
    if not lock.try_acquire():
        raise SystemExit(f"a worker runs on {config}")
    return lock


def shown(command: list[str], text: str, after: bytes = b"") -> Callable[[], float]:
    """A job: run the command until the text is on its way to the screen. after: in Terminal.until."""

    def job() -> float:
        with Terminal(command) as terminal:
            return terminal.until(text, after=after) * 1000

    return job


def main() -> None:
    """The command line."""
    parser = measure.options(__doc__, 15)
    parser.add_argument(
        "--sizes",
        type=int,
        nargs="+",
        default=list(SIZES),
        metavar="N",
        help="default 10000 1000000",
    )
    given = parser.parse_args()
    jobs = {"trivial app": shown([measure.PYTHON, trivial_app.__file__], trivial_app.ROW)}
    locks = []
    for size in given.sizes:
        config = measure.store(given.dir, size)
        locks.append(hold_worker(config))
        command = [*measure.INBOX_TUI, "--config", str(config)]
        name = first_row(config)
        jobs[f"{size:,} messages: first row"] = shown(command, name)
        jobs[f"{size:,} messages: takes keys"] = shown(command, name, RAW)
    found = measure.rounds(jobs, given.rounds)
    for lock in locks:
        lock.close()
    measure.show(measure.against(found, "trivial app"), given.json)


if __name__ == "__main__":
    main()
