"""From a key to the end of its frame in a terminal of 120×40, at a million messages, and the bytes it takes.

Keys `j` at the pace of a held key. Aim: 95 of 100 within 10 ms, and 1 KB a key. Every few keys the list
scrolls by half a page: that is among them. A worker is taken to run already: its lock is held.
In turn with it, key by key, `trivial_list.py`, the least that such a list can be: the ratios say how fast it
is where the machine is not.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping, Sequence

import measure
import trivial_list
from start import RAW, first_row, hold_worker
from terminal import Terminal

PACE = 0.033
"""Seconds between two keys."""
SILENCE = 0.02
"""A frame has ended when nothing comes for so many seconds."""
WARM_UP = 20
"""Keys that are not counted."""


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
    with (
        Terminal([*measure.INBOX_TUI, "--config", str(config)]) as ours,
        Terminal([measure.PYTHON, trivial_list.__file__]) as least,
    ):
        ours.until(first_row(config), after=RAW)
        least.until(trivial_list.ROW, after=RAW)
        found: dict[str, list[tuple[float, int]]] = {"key": [], "trivial list": []}
        for terminal in (ours, least):
            terminal.settle(1)
        for number in range(given.rounds + WARM_UP):
            for terminal, pairs in zip((ours, least), found.values(), strict=True):
                pair = press(terminal, b"j")
                if number >= WARM_UP:
                    pairs.append(pair)
    lock.close()
    measure.show(table(found), given.json)


def table(found: Mapping[str, Sequence[tuple[float, int]]]) -> list[measure.Row]:
    """Milliseconds and bytes of each program, and how many times those of the least list."""
    rows: list[measure.Row] = []
    for place, unit in enumerate(("ms a", "bytes a")):
        values = {name: [pair[place] for pair in pairs] for name, pairs in found.items()}
        least = measure.percentile(values["trivial list"], 95)
        for name, each in values.items():
            rows.append(
                {
                    "what": f"{unit} {name}",
                    "p50": round(measure.percentile(each, 50), 1),
                    "p95": round(measure.percentile(each, 95), 1),
                    "mean": round(statistics.mean(each), 1),
                    "p95 ratio": round(measure.percentile(each, 95) / least, 2),
                }
            )
    return rows


if __name__ == "__main__":
    main()
