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
from collections.abc import Iterator
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
    """What a process holds, over time."""

    name: str
    pid: int
    memory: list[float] = field(default_factory=list)
    """MiB that are resident."""
    threads: list[int] = field(default_factory=list)
    files: list[int] = field(default_factory=list)

    def look(self) -> None:
        """Measure once. Fails where the process has ended."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        facts = dict(line.split(":", 1) for line in status.splitlines())
        assert "VmRSS" in facts, f"{self.name} has ended"
        self.memory.append(int(facts["VmRSS"].split()[0]) / 1024)
        self.threads.append(int(facts["Threads"]))
        self.files.append(len([*Path(f"/proc/{self.pid}/fd").iterdir()]))

    def quarters(self) -> tuple[float, float]:
        """Median memory of the second and of the last quarter of the time: at first caches fill."""
        part = max(1, len(self.memory) // 4)
        return statistics.median(self.memory[part : 2 * part] or self.memory), statistics.median(
            self.memory[-part:]
        )

    def leaks(self) -> list[str]:
        """Threads or files of which there are more in the last quarter than ever in the second."""
        part = max(1, len(self.memory) // 4)
        counted = (("threads", self.threads), ("files", self.files))
        return [
            f"{self.name}: {what} {max(counts[part : 2 * part])} -> {min(counts[-part:])}"
            for what, counts in counted
            if min(counts[-part:]) > max(counts[part : 2 * part])
        ]

    def words(self) -> str:
        """What it came to."""
        before, after = self.quarters()
        return (
            f"{self.name} {before:.0f} -> {after:.0f} MiB,"
            f" {max(self.threads)} threads and {max(self.files)} files at most"
        )


class Interface:
    """An interface on a terminal, in which keys are pressed by lot."""

    def __init__(self, fd: int, chance: random.Random) -> None:
        self._fd = fd
        self._chance = chance
        self._stop = threading.Event()
        self.tail = b""
        """What it drew last."""
        self.crashed = False
        self._threads = [threading.Thread(target=part, daemon=True) for part in (self._press, self._read)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Press nothing more."""
        self._stop.set()
        for thread in self._threads:
            thread.join(10)

    def _press(self) -> None:
        while not self._stop.wait(self._chance.uniform(0.05, 0.6)):
            os.write(self._fd, self._chance.choice(KEYS))

    def _read(self) -> None:
        while not self._stop.is_set():
            if select.select([self._fd], [], [], 0.2)[0]:
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
            yield one, Gauge(f"interface of {agent}", pid)
        finally:
            one.stop()


@contextlib.contextmanager
def service(box: Sandbox, errors: Path) -> Iterator[Gauge]:
    """The worker, as a process of its own."""
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
            yield Gauge("worker", process.pid)
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
