"""Resident memory of the interface at a million messages, against a trivial Textual app. Aim: 1.6 times.

Looked at when all is drawn and still, and again after a walk: the end of the queue, every view, a case.
"""

from __future__ import annotations

import re
from pathlib import Path

import measure
import trivial_app
from start import RAW, first_row, hold_worker
from terminal import Terminal

WALK = (b"j" * 20, b"G", b"g", b"6", b"7", b"1", b"j", b"v", b"\x1b")
_STILL = 1.0
"""Seconds without a byte after which it is still."""


def resident(pid: int) -> float:
    """Megabytes of a process that are in memory."""
    found = re.search(r"^VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text("ascii"), re.MULTILINE)
    assert found
    return int(found[1]) / 1024


def look(command: list[str], text: str, walk: tuple[bytes, ...] = ()) -> list[float]:
    """Start it and look when it is still; once more after the keys of the walk."""
    with Terminal(command) as terminal:
        terminal.until(text, after=RAW)
        terminal.settle(_STILL)
        found = [resident(terminal.pid)]
        for keys in walk:
            terminal.press(keys)
            terminal.settle(_STILL / 2)
        return [*found, resident(terminal.pid)] if walk else found


def main() -> None:
    """The command line."""
    parser = measure.options(__doc__, 5, messages=1_000_000)
    given = parser.parse_args()
    if not Path("/proc/self/status").exists():
        measure.lacks("resident memory: only Linux tells it in /proc", given.json)
        return
    config = measure.store(given.dir, given.messages)
    lock = hold_worker(config)
    command = [*measure.INBOX_TUI, "--config", str(config)]
    name = first_row(config)
    trivial = [measure.PYTHON, trivial_app.__file__]
    found: dict[str, list[float]] = {"trivial app": [], "inbox-tui": [], "inbox-tui after a walk": []}
    for _ in range(given.rounds):
        found["trivial app"] += look(trivial, trivial_app.ROW)
        first, walked = look(command, name, WALK)
        found["inbox-tui"].append(first)
        found["inbox-tui after a walk"].append(walked)
    lock.close()
    measure.show(measure.against(found, "trivial app", "MB"), given.json)


if __name__ == "__main__":
    main()
