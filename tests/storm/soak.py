"""The load of a soak: interfaces on terminals with keys pressed by lot, faults, and a watch on all of it."""

from __future__ import annotations

import contextlib
import os
import random
import select
import statistics
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from inbox_tui.sandbox.runner import Sandbox
from tests.tui.terminal import on_terminal

KEYS: tuple[bytes, ...] = (
    *(b"j", b"k", b"j", b"k", b"\t", b"g", b"G", b"[", b"]", b"1", b"1", b"v", b"f", b"u", b"e"),
    *(b"\r", b"\x1b", b"?\x1b", b"/later\x1b\x1b", b"i\x1b", b"!\x1b", b"tsoaked\r", b"p\x1b", b"a\r"),
    *(b"nA note.\x13\x1b\x1b", b"rWe look into it.\x13\x1b\x1b", b"rNot yet\x1b\x1b"),
)
"""What agents press: moving, reading, sorting, notes, replies. None has a q in it: that leaves."""
_PAUSE = (0.02, 0.15)
"""Seconds between two of them: nobody types so fast for long, but a day's keys are pressed within a while."""
_STILL = 0.1
"""Seconds without anything drawn after which an agent has seen what his keys did."""
_ON_HTTP = ("rate_limit", "unauthorized", "forbidden", "accepted_then_dropped", "html_503", "cut")
_ON_MAIL = (
    "smtp_drop_before_dot",
    "smtp_drop_after_dot",
    "smtp_busy",
    "imap_bye",
    "login_refused",
    "uidvalidity",
)
FAULTS = (
    *(("x", name) for name in _ON_HTTP),
    *(("facebook", name) for name in _ON_HTTP),
    *(("email", name) for name in _ON_MAIL),
    ("email", "uidvalidity"),
)


@dataclass
class Gauge:
    """What a process holds, over the work that it does."""

    name: str
    pid: int
    unit: str
    """What its work is counted in."""
    count: Callable[[], int]
    """How much of it was done."""
    done: list[int] = field(default_factory=list)
    """How much was done at each look."""
    memory: list[float] = field(default_factory=list)
    """KiB that are resident."""
    threads: list[float] = field(default_factory=list)
    files: list[float] = field(default_factory=list)

    def look(self) -> None:
        """Measure once. Fails where the process has ended."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        facts = dict(line.split(":", 1) for line in status.splitlines())
        assert "VmRSS" in facts, f"{self.name} has ended"
        self.done.append(self.count())
        self.memory.append(int(facts["VmRSS"].split()[0]))
        self.threads.append(int(facts["Threads"]))
        self.files.append(len([*Path(f"/proc/{self.pid}/fd").iterdir()]))

    def _later(self, values: list[float]) -> list[tuple[int, float]]:
        """Work and values of the later half: in the first half caches fill, whose sizes have a bound."""
        half = len(self.done) // 2
        return [*zip(self.done[half:], values[half:], strict=True)]

    def slope(self, values: list[float]) -> float:
        """How much more for each unit of work, in the later half: the median of all pairs of looks.

        By Theil and Sen: a case that is long, or a fault, lasts for a while and bends no median.
        """
        points = self._later(values)
        points = points[:: max(1, len(points) // 200)]
        rises = [
            (more - less) / (after - before)
            for place, (before, less) in enumerate(points)
            for after, more in points[place + 1 :]
            if after > before
        ]
        return statistics.median(rises) if rises else 0.0

    def swells(self, most: float) -> list[str]:
        """Whether memory grows by more than so many KiB a unit, or a thread or file is left behind."""
        work = self.done[-1] - self.done[len(self.done) // 2]
        found = [f"{self.slope(self.memory):.2f} KiB a {self.unit}"] if self.slope(self.memory) > most else []
        for what, values in (("threads", self.threads), ("files", self.files)):
            if (more := self.slope(values) * work) >= 1:
                found.append(f"{more:.1f} more {what} after {work} × {self.unit}")
        return [f"{self.name}: {one}" for one in found]

    def words(self) -> str:
        """What it came to."""
        half = len(self.memory) // 2
        marks = [self.memory[0], self.memory[half], self.memory[-1]]
        return (
            f"{self.name} {' -> '.join(f'{mark / 1024:.0f}' for mark in marks)} MiB,"
            f" {self.slope(self.memory):.2f} KiB a {self.unit} in the later half of {self.done[-1]},"
            f" {max(self.threads):.0f} threads and {max(self.files):.0f} files at most"
        )


class Interface:
    """An interface on a terminal, in which keys are pressed by lot."""

    def __init__(self, fd: int, chance: random.Random) -> None:
        self._fd = fd
        self._chance = chance
        self._stop = threading.Event()
        self._drew = threading.Event()
        self.tail = b""
        """What it drew last."""
        self.crashed = False
        self.pressed = 0
        """How often it was told to press something of `KEYS`."""
        self._threads = [threading.Thread(target=part, daemon=True) for part in (self._press, self._read)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Press nothing more."""
        self._stop.set()
        for thread in self._threads:
            thread.join(10)

    def _press(self) -> None:
        while not self._stop.wait(self._chance.uniform(*_PAUSE)):
            self._drew.clear()
            os.write(self._fd, self._chance.choice(KEYS))
            self.pressed += 1
            # Keys that are typed faster than they can be worked off wait in memory, more and more of them.
            while self._drew.wait(_STILL) and not self._stop.is_set():
                self._drew.clear()

    def _read(self) -> None:
        while not self._stop.is_set():
            if select.select([self._fd], [], [], 0.2)[0]:
                self._drew.set()
                with contextlib.suppress(OSError):
                    self.tail = (self.tail + os.read(self._fd, 65536))[-20_000:]
            self.crashed = self.crashed or b"Traceback" in self.tail


@contextlib.contextmanager
def interface(box: Sandbox, agent: str, chance: random.Random) -> Iterator[tuple[Interface, Gauge]]:
    """An interface at work."""
    before = set(children())
    command = [sys.executable, "-m", "inbox_tui", "--config", str(box.config_path), "--agent", agent]
    with on_terminal(command) as terminal:
        terminal.until(b"hello")
        [pid] = set(children()) - before
        one = Interface(terminal._fd, chance)
        try:
            yield one, Gauge(f"interface of {agent}", pid, "key", lambda: one.pressed)
        finally:
            one.stop()


@contextlib.contextmanager
def service(box: Sandbox, errors: Path, came: Callable[[], int]) -> Iterator[Gauge]:
    """The worker, as a process of its own. came: how many messages there were for it."""
    command = [
        sys.executable,
        "-m",
        "inbox_tui",
        "--config",
        str(box.config_path),
        "fetch",
        "--follow",
        "--quiet",
    ]
    with errors.open("w", encoding="utf-8") as sink, subprocess.Popen(command, stderr=sink) as process:
        try:
            yield Gauge("worker", process.pid, "message", came)
        finally:
            process.terminate()
            assert process.wait(60) == 0


def children() -> list[int]:
    """Processes of this one, from whichever thread they were begun."""
    tasks = Path("/proc/self/task").iterdir()
    return [int(pid) for task in tasks for pid in (task / "children").read_text().split()]


def switch_a_fault(box: Sandbox, chance: random.Random) -> None:
    """Some fault hits the next requests of its channel."""
    channel, name = chance.choice(FAULTS)
    fault = {"kind": "fault", "channel": channel, "fault": name, "on": True}
    box.faults.switch({**fault, "times": chance.randint(1, 3), "reset": 1})


def calm(box: Sandbox) -> None:
    """No fault any more."""
    for channel, name in FAULTS:
        box.faults.switch({"kind": "fault", "channel": channel, "fault": name, "on": False})
