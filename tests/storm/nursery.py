"""Processes that may be killed by the thousand.

They are forked from one process that has imported the program and holds nothing open, so that a new one is at
work within a few milliseconds. What they do stands in `roles`.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_PR_SET_PDEATHSIG = 1
"""From linux/prctl.h."""


class Victim:
    """A forked process. It is known by a handle, so that a number used anew is never hit."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._handle = os.pidfd_open(pid)

    def signal(self, number: int) -> None:
        """Send it a signal; nothing where it has ended."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, number)

    def ended(self, seconds: float = 0.0) -> bool:
        """Whether it is gone, waiting so long for that."""
        return bool(select.select([self._handle], [], [], seconds)[0])

    def kill(self) -> None:
        """End it as a power button would, and wait until the kernel has freed what it held."""
        self.signal(signal.SIGKILL)
        assert self.ended(30), f"process {self.pid} does not end"
        self.close()

    def close(self) -> None:
        """Forget the handle."""
        os.close(self._handle)


class Nursery:
    """Where they are forked."""

    def __init__(self, errors: Path) -> None:
        """errors: the file that gets whatever they complain of."""
        self.errors = errors
        with errors.open("w", encoding="utf-8") as sink:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.storm.nursery"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=sink,
                text=True,
                cwd=_ROOT,
            )
        self._hear()

    def _hear(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def fork(self, role: str, *words: str) -> Victim:
        """A process with this role."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([role, *words]) + "\n")
        self._process.stdin.flush()
        return Victim(int(self._hear()))

    def complaints(self) -> str:
        """What the processes complained of; empty where nobody met anything unforeseen."""
        return self.errors.read_text("utf-8")

    def close(self) -> None:
        """End the nursery. Its processes must be ended before."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()


@contextlib.contextmanager
def nursery(folder: Path) -> Iterator[Nursery]:
    """A nursery for a block."""
    one = Nursery(folder / "complaints.txt")
    try:
        yield one
    finally:
        one.close()


def main() -> None:
    """Fork whatever is asked for on stdin, one JSON list a line, and say its number."""
    from tests.storm import roles

    # Who is killed by the thousand must not stay as a zombie.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    while line := sys.stdin.readline():
        role, *words = json.loads(line)
        pid = os.fork()
        if not pid:
            _become(roles.ROLES[role], words)
        print(pid, flush=True)


def _become(role: object, words: list[str]) -> None:
    """Play the role in this fresh process, and end it."""
    assert callable(role)
    code = 1
    try:
        _die_with_parent()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(nothing, 1)
        role(*words)
        code = 0
    except BaseException:  # noqa: BLE001 - it is told in the file that the test reads
        import traceback

        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _die_with_parent() -> None:
    """A test that is broken off leaves nobody behind who writes for ever."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    main()
