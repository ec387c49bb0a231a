"""From a key to the end of its frame in a terminal of 120×40, at a million messages, and the bytes it takes.

Keys `j` at the pace of a held key. Aim: 95 of 100 within 10 ms, and 1 KB a key. Every few keys the list
scrolls by half a page: that is among them. A worker is taken to run already: its lock is held.
"""

from __future__ import annotations

import statistics
import time

import measure
from start import RAW, first_row, hold_worker
from terminal import Terminal

PACE = 0.033
"""Seconds between two keys."""
SILENCE = 0.02
"""A frame has ended when nothing comes for so many seconds."""


def press(terminal: Terminal, key: bytes) -> tuple[float, int]:
    """Press a key: milliseconds to the end of its frame, and bytes until the next key."""
    begun = terminal.press(key)
    last, count = terminal.settle(SILENCE)
    rest = begun + PACE - time.perf_counter()
    if rest > 0:
        count += terminal.settle(rest)[1]
    return (last - begun) * 1000, count


def main() -> None:
    """The command line."""
    parser = measure.options(__doc__, 300, messages=1_000_000)
    given = parser.parse_args()
    config = measure.store(given.dir, given.messages)
    lock = hold_worker(config)
    with Terminal([*measure.INBOX_TUI, "--config", str(config)]) as terminal:
        terminal.until(first_row(config), after=RAW)
        terminal.settle(1)
        for _ in range(20):
            press(terminal, b"j")
        found = [press(terminal, b"j") for _ in range(given.rounds)]
    lock.close()
    times, sizes = ([pair[place] for pair in found] for place in (0, 1))
    rows: list[measure.Row] = [
        {
            "what": what,
            "p50": round(measure.percentile(values, 50), 1),
            "p95": round(measure.percentile(values, 95), 1),
            "mean": round(statistics.mean(values), 1),
        }
        for what, values in (("ms a key", times), ("bytes a key", sizes))
    ]
    measure.show(rows, given.json)


if __name__ == "__main__":
    main()
