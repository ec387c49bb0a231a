"""A program in a pseudo-terminal, timed: when does something stand on the screen, when is it still again.

It answers one question of Textual's, whether frames can be marked, with yes, as new terminals do.
"""

from __future__ import annotations

import fcntl
import os
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from types import TracebackType

COLUMNS, LINES = 120, 40
_QUESTION, _ANSWER = b"\x1b[?2026$p", b"\x1b[?2026;2$y"


class Terminal:
    """Runs a command in a terminal of its own until it is left. Times are seconds of `time.perf_counter`."""

    def __init__(self, command: Sequence[str], more: Mapping[str, str] | None = None) -> None:
        self._fd, inner = os.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        env = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES", "NO_COLOR")}
        env |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", **(more or {})}
        self.begun = time.perf_counter()
        self._process = subprocess.Popen(
            command, stdin=inner, stdout=inner, stderr=inner, env=env, start_new_session=True
        )
        os.close(inner)
        self.seen = bytearray()
        """All that it wrote so far."""

    @property
    def pid(self) -> int:
        """Id of the program's process."""
        return self._process.pid

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        os.close(self._fd)

    def _read(self, seconds: float) -> int:
        """What comes within so many seconds; how many bytes, 0 for silence."""
        if seconds <= 0 or not select.select([self._fd], [], [], seconds)[0]:
            return 0
        try:
            found = os.read(self._fd, 65_536)
        except OSError:
            raise SystemExit(f"the program ended early:\n{self.seen.decode(errors='replace')}") from None
        self.seen += found
        if _QUESTION in found:
            os.write(self._fd, _ANSWER)
        return len(found)

    def until(self, text: str, *, after: bytes = b"", limit: float = 30) -> float:
        """Seconds from the start of the program until this text was on its way to the screen.

        after: the first appearance of these bytes must have come before it.
        """
        wanted = text.encode()
        while wanted not in self.seen[max(0, self.seen.find(after)) :] or after not in self.seen:
            if time.perf_counter() - self.begun > limit:
                raise SystemExit(f'"{text}" did not appear within {limit:g} s')
            self._read(limit)
        return time.perf_counter() - self.begun

    def settle(self, silence: float, limit: float = 30) -> tuple[float, int]:
        """Read until nothing comes for so long: when the last of it came, and how many bytes.

        limit: seconds; past it, the program is taken to be never still.
        """
        begun = last = time.perf_counter()
        count = 0
        while got := self._read(silence):
            last, count = time.perf_counter(), count + got
            if last - begun > limit:
                raise SystemExit(f"still writing after {limit:g} s")
        return last, count

    def press(self, keys: bytes) -> float:
        """Type; the time when it was typed."""
        at = time.perf_counter()
        os.write(self._fd, keys)
        return at
