"""An agent's own act while four processes take messages in as fast as the worker does. Aim: p99 of 100 ms.

Each writer takes pages in with the worker's pause between two of them; with --no-pause without one, as
nothing of ours does. The act is `assign`, of random cases, every few milliseconds. On a copy of the store.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import measure
import world

from inbox_tui.bootstrap import open_inbox
from inbox_tui.casework.intake import Batch, Desk, take_page
from inbox_tui.config import load
from inbox_tui.desk.matching import Rules
from inbox_tui.inbox import wall_clock
from inbox_tui.model import Incoming
from inbox_tui.store import accounts
from inbox_tui.store.driver import BY_WORKER
from inbox_tui.store.engine import Store

WRITERS = 4
PAGE = 500
"""Messages that the worker writes together at most; a page of a platform has 100, and seldom so many come."""
PAUSE = 0.02
"""Seconds between two pages of the worker."""
_BETWEEN = 0.05
"""Seconds between two acts."""


def write(config: Path, number: int, page: int, pause: float) -> None:
    """Take pages in until this process is ended; says so when the first one is in."""
    store = Store(load(str(config)).store, create=False, keep=BY_WORKER)
    now = wall_clock()
    name = f"writer{number}"
    with store.write("bench") as db:
        account = accounts.ensure(db, name, "x")
    desk = Desk(account, name, "x", now - world.SPAN, Rules())
    for count, part in enumerate(_pages(number, page, now)):
        take_page(store, desk, Batch(tuple(part), {"since_id": part[-1].external_id}), now)
        if count == 0:
            print("ready", flush=True)
        time.sleep(pause)


def _pages(number: int, page: int, now: int) -> Iterator[list[Incoming]]:
    """Without end: the same messages come again under other ids."""
    messages = world.social(20_000, now)
    turn = 0
    while True:
        for at in range(0, len(messages), page):
            yield [
                replace(each, external_id=f"{number}.{turn}.{each.external_id}")
                for each in messages[at : at + page]
            ]
        turn += 1


@contextlib.contextmanager
def writers(config: Path, count: int, page: int, pause: float) -> Iterator[None]:
    """So many writers, each with its first page behind it."""
    how = ["--page", str(page), "--pause", str(pause)]
    command = [sys.executable, __file__, "--write", str(config), *how, "--number"]
    running = [
        subprocess.Popen([*command, str(number)], stdout=subprocess.PIPE, text=True)
        for number in range(count)
    ]
    try:
        for each in running:
            assert each.stdout is not None
            if each.stdout.readline() != "ready\n":
                raise SystemExit("a writer ended early")
        yield
        if any(each.poll() is not None for each in running):
            raise SystemExit("a writer ended early")
    finally:
        for each in running:
            each.kill()
            each.wait()
            assert each.stdout is not None
            each.stdout.close()


def acts(config: Path, times: int) -> list[float]:
    """Milliseconds of each act."""
    inbox = open_inbox(load(str(config)), create=False)
    rng = random.Random(3)
    cases = inbox.ids("all")
    took = []
    for number in range(times):
        case = rng.choice(cases)
        took.append(measure.timed(partial(inbox.triage.assign, [case], f"a{number}")))
        time.sleep(_BETWEEN)
    inbox.close()
    return took


def _row(what: str, took: list[float]) -> measure.Row:
    parts = {f"ms p{part}": round(measure.percentile(took, part), 1) for part in (50, 95, 99)}
    return {"work": what, **parts, "longest": round(max(took), 1)}


def main() -> None:
    """The command line."""
    parser = measure.options(__doc__, 400, messages=100_000)
    parser.add_argument("--no-pause", action="store_true", help="writers that leave the store no moment")
    parser.add_argument("--page", type=int, default=PAGE, help=f"messages of a page; default {PAGE}")
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--number", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--pause", type=float, default=PAUSE, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.write:
        write(given.write, given.number, given.page, given.pause)
        return
    with measure.copy(given.dir, given.messages) as config:
        rows = [_row("nobody else writes", acts(config, given.rounds))]
        pause = 0.0 if given.no_pause else PAUSE
        with writers(config, WRITERS, given.page, pause):
            rows.append(_row(f"{WRITERS} writers take messages in", acts(config, given.rounds)))
    measure.show(rows, given.json)


if __name__ == "__main__":
    main()
