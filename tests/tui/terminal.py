"""The interface on a terminal: a child process behind a pty."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


class Terminal:
    """What the child writes to its terminal, and what is typed there."""

    def __init__(self, fd: int, child: subprocess.Popen[bytes]) -> None:
        self._fd, self._child = fd, child
        self._closed = False
        self.last = b""
        """What came while its end was waited for."""

    def ended(self) -> bool:
        return self._child.poll() is not None

    def code(self) -> int:
        """Its exit code. It has half a minute to end."""
        end = time.monotonic() + 30
        while not self.ended() and time.monotonic() < end:
            if not self._closed:
                self.last += self.came(0.05)
            time.sleep(0.05)
        assert self._child.returncode is not None, "it did not end"
        if not self._closed:
            self.last += self.came(0)  # what it wrote between the last look and its end
        return self._child.returncode

    def send(self, number: int) -> None:
        """A signal."""
        self._child.send_signal(number)

    def close(self) -> None:
        """The terminal is gone. No signal tells: the child has no controlling terminal."""
        if not self._closed:
            os.close(self._fd)
        self._closed = True

    def press(self, keys: bytes) -> None:
        os.write(self._fd, keys)

    def until(self, wanted: bytes) -> bytes:
        """All that came until this did."""
        out = self._read(wanted)
        assert wanted in out, f"{wanted!r} did not come, but {out[-2000:]!r}"
        return out

    def settle(self) -> bytes:
        """All that came until it was quiet."""
        return self._read(None)

    def came(self, seconds: float) -> bytes:
        """What is there, and what comes until it was quiet for so long."""
        out = b""
        while select.select([self._fd], [], [], seconds)[0]:
            try:
                out += os.read(self._fd, 65536)
            except OSError:
                break
        return out

    def _read(self, wanted: bytes | None) -> bytes:
        out = b""
        end = time.monotonic() + 30
        while time.monotonic() < end:
            ready, _, _ = select.select([self._fd], [], [], 0.5 if wanted is None or wanted in out else 10)
            if not ready:
                break
            try:
                out += os.read(self._fd, 65536)
            except OSError:
                break
        return out


@contextmanager
def in_terminal(world: str) -> Iterator[Terminal]:
    """A world of tests.tui.child on a terminal."""
    with on_terminal([sys.executable, "-m", "tests.tui.child", world]) as terminal:
        yield terminal


@contextmanager
def on_terminal(command: Sequence[str], columns: int = 118, lines: int = 60) -> Iterator[Terminal]:
    """A command on a terminal of this size."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    surroundings = os.environ | {"TERM": "xterm-256color", "LINES": str(lines), "COLUMNS": str(columns)}
    with subprocess.Popen(
        command,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=surroundings,
        cwd=Path(__file__).parents[2],
        start_new_session=True,
    ) as child:
        os.close(theirs)
        terminal = Terminal(ours, child)
        try:
            yield terminal
        finally:
            child.kill()
            terminal.close()
