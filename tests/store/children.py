"""Other processes on the same store: they say when they are ready, and wait until they are told."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_HEAD = """
import os, signal, sys
from pathlib import Path
from inbox_tui.errors import InboxError
from inbox_tui.store import accounts
from inbox_tui.store.engine import Store
path = Path(sys.argv[1])
def say(*words): print(*words, flush=True)
def wait(): return sys.stdin.readline()
"""

NOBODY = 65534


class Child:
    """A process that runs a script; `path` is the store, `say` and `wait` speak with the test."""

    def __init__(self, script: str, *args: object) -> None:
        command = [sys.executable, "-c", _HEAD + script, *map(str, args)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.pid = self.process.pid

    def hear(self) -> str:
        """The next line that it says; empty once it has ended."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def go(self) -> None:
        """End its waiting."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def end(self) -> int:
        """Its exit code, once it has ended by itself."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(60)


@contextmanager
def child(script: str, *args: object) -> Iterator[Child]:
    """A process that is gone when the block ends."""
    one = Child(script, *args)
    try:
        yield one
    finally:
        one.process.kill()
        one.process.wait()
        for pipe in (one.process.stdin, one.process.stdout):
            if pipe is not None:
                pipe.close()


@contextmanager
def children(count: int, script: str, path: Path) -> Iterator[list[Child]]:
    """Several of them."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        yield [stack.enter_context(child(script, path, n)) for n in range(count)]
