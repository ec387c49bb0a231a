"""What passes between the sandbox and whoever plays with it: JSON lines in files.

Owns ``sent.jsonl`` (what the servers accepted), the reading of ``incoming.jsonl`` (what shall happen) and
``errors.jsonl`` (which line of it could not be played, and why). It knows no channel: a line is an object.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

POLL_SECONDS = 0.05
"""How often `Follower` looks for new lines."""

MAX_LINE = 64 * 1024 * 1024
"""Bytes of a line that is still read: a raw mail of 30 MB, escaped, fits."""


class Journal:
    """Accepted writes: in memory, and one JSON line each in a file. Any thread may append."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sent: list[dict[str, object]] = []
        """All records of this run, oldest first."""
        self._lock = threading.Lock()
        self._listeners: list[Callable[[Mapping[str, object]], None]] = []
        # O_APPEND and one write a line: a reader never sees half of a line followed by another.
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def append(self, record: Mapping[str, object]) -> None:
        """Keep a record. Raises OSError where the file cannot be written."""
        line = encode(record)
        with self._lock:
            self.sent.append(dict(record))
            while line:
                line = line[os.write(self._file, line) :]
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener(record)

    def listen(self, callback: Callable[[Mapping[str, object]], None]) -> None:
        """Call back with each record from now on, in the thread that appended it: it must be quick."""
        with self._lock:
            self._listeners.append(callback)

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        with self._lock:
            if self._file >= 0:
                os.close(self._file)
                self._file = -1


class Follower:
    """Plays each line that is appended to a file, in a thread of its own.

    A line counts once it ends in a newline. ``play`` is called with the object; what it raises as ValueError
    or LookupError is answered by a line in ``errors``, as is a line that is no JSON object, and the next one
    goes on. Lines that stand in the file when it starts are played first.
    """

    def __init__(self, path: Path, errors: Path, play: Callable[[Mapping[str, object]], object]) -> None:
        self.path = path
        self._errors = Journal(errors)
        self._play = play
        self._stop = threading.Event()
        self._rest = b""
        self._line = 0
        self._thread = threading.Thread(target=self._run, name="sandbox-incoming", daemon=True)

    def start(self) -> None:
        """Create the file where there is none, and begin to follow it."""
        self.path.touch(0o600)
        self._thread.start()

    def stop(self) -> None:
        """Play what is complete, then end the thread and wait for it."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self._errors.close()

    def _run(self) -> None:
        with self.path.open("rb") as incoming:
            while True:
                last = self._stop.is_set()
                while block := incoming.read(1 << 20):
                    self.take(block)
                if last:
                    return
                self._stop.wait(POLL_SECONDS)

    def take(self, block: bytes) -> None:
        """Play the lines that this block completes; keep what is left for the next."""
        *lines, rest = (self._rest + block).split(b"\n") if b"\n" in block else [self._rest + block]
        for line in lines:
            self._line += 1
            if line.strip():
                self._play_line(line)
        if len(rest) > MAX_LINE:
            self._refuse(f"the line is longer than {MAX_LINE} bytes", b"")
            rest = b""
        self._rest = rest

    def _play_line(self, line: bytes) -> None:
        try:
            act = _decode(line)
            if not isinstance(act, dict):
                raise ValueError('a line must be a JSON object, such as {"channel": "x", "kind": …}')
            self._play(act)
        except (ValueError, LookupError, RecursionError) as error:
            self._refuse(str(error), line)

    def _refuse(self, why: str, line: bytes) -> None:
        text = line[:500].decode("utf-8", "replace")
        self._errors.append({"type": "error", "line": self._line, "message": why, "text": text})


def encode(record: Mapping[str, object]) -> bytes:
    """One JSON line in UTF-8."""
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    # A lone surrogate has no UTF-8; its JSON escape says the same.
    return text.encode("utf-8", "backslashreplace") + b"\n"


def _decode(line: bytes) -> object:
    try:
        return json.loads(line)
    except ValueError as error:
        raise ValueError(f"this is no JSON: {error}") from error


def rfc3339(at: int) -> str:
    """Milliseconds UTC as RFC 3339, to the second."""
    return datetime.fromtimestamp(at // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
