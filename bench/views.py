"""Reads of the interface at a million messages: first page of every view, counters, ids, rows, a case.

Aim: 2 ms for each first page and for all counters. The file is read through before: no disk is measured. A
connection that has just been opened, as a subcommand's, reads colder: `--cold` opens one for every read.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path

import measure

from inbox_tui.bootstrap import open_inbox
from inbox_tui.config import load
from inbox_tui.inbox import Inbox


def jobs(inbox: Inbox, cold: bool) -> dict[str, Callable[[], float]]:
    """What is timed, by name."""
    rng = random.Random(5)
    views = [view.key for view in inbox.overview().views]
    ids = inbox.ids("all")

    def job(read: Callable[[], object]) -> Callable[[], float]:
        def run() -> float:
            if cold:
                inbox.close()
            return measure.timed(read)

        return run

    def run_of(many: int) -> Sequence[int]:
        at = rng.randrange(max(len(ids) - many, 1))
        return ids[at : at + many]

    pages = {f"first page: {view}": job(lambda view=view: inbox.page(view)) for view in views}  # type: ignore[misc]
    return {
        **pages,
        "first page: pending on x": job(lambda: inbox.page("pending", channel="x")),
        "counters, header, accounts": job(inbox.overview),
        f"all {len(ids):,} ids": job(lambda: inbox.ids("all")),
        "200 rows by id, as they stand": job(lambda: inbox.rows(run_of(200))),
        "200 rows by id, from anywhere": job(lambda: inbox.rows(rng.sample(ids, 200))),
        "a case": job(lambda: inbox.case(rng.choice(ids))),
        "next waiting": job(lambda: inbox.next_waiting(rng.choice(ids))),
        "has anything changed": job(inbox.version),
    }


def warm(file: Path) -> None:
    """Read a file through, so that the system holds it in memory."""
    with file.open("rb") as opened:
        while opened.read(1 << 20):
            pass


def main() -> None:
    """The command line."""
    parser = measure.options(__doc__, 30, messages=1_000_000)
    parser.add_argument("--cold", action="store_true", help="a new connection for every read")
    given = parser.parse_args()
    config = load(str(measure.store(given.dir, given.messages)))
    warm(config.store)
    inbox = open_inbox(config, create=False)
    found = measure.rounds(jobs(inbox, given.cold), given.rounds)
    inbox.close()
    rows: list[measure.Row] = [
        {
            "read": name,
            "ms p50": round(measure.percentile(took, 50), 3),
            "p95": round(measure.percentile(took, 95), 3),
        }
        for name, took in found.items()
    ]
    measure.show(rows, given.json)


if __name__ == "__main__":
    main()
