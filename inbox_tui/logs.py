"""The log file: what went wrong and where, for whoever looks after the program.

Facts of this program alone: codes, names of accounts, ids, places in the code. No foreign text and no message
of an exception stands in it: what customers wrote and servers said is in the store, where it can be erased.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
import threading
from collections.abc import Sequence
from pathlib import Path

from inbox_tui.errors import InboxError

LEVELS = ("error", "warning", "info", "debug")
LIMIT = 1_000_000
"""Bytes of a log file; then it is put aside."""
KEPT = 3
"""Files that were put aside."""
_LOG = logging.getLogger("inbox_tui")
# Without a handler Python writes warnings to stderr, in the middle of a screen or of a script's output.
_LOG.addHandler(logging.NullHandler())
_FRAMES = 12
_TRIES = 50
"""Others may put the file aside again and again between two looks."""
_SECRET = re.compile(
    r"(?i)\b(?:(bearer|basic)\s+\S+|(\w*(?:password|token|secret|key)\w*)\s*[=:]\s*\S+|[A-Za-z0-9+=_-]{32,})"
)


def default_path() -> Path:
    """Where it is kept unless the configuration says otherwise."""
    from platformdirs import user_state_path

    return user_state_path("inbox-tui", appauthor=False) / "inbox-tui.log"


def begin(path: Path, level: str) -> None:
    """From now on log to this file; faults of threads, too. A file that cannot be written is done without."""
    for old in _LOG.handlers[:]:
        _LOG.removeHandler(old)
        old.close()
    handler = PrivateFile(path)
    handler.setFormatter(_Line())
    _LOG.addHandler(handler)
    _LOG.propagate = False
    _LOG.setLevel(level.upper())
    threading.excepthook = _of_a_thread


def end() -> None:
    """Log no more."""
    for old in _LOG.handlers[:]:
        _LOG.removeHandler(old)
        old.close()
    threading.excepthook = threading.__excepthook__


def path() -> Path | None:
    """The file that is written to; None: there is none."""
    return next((one.path for one in _LOG.handlers if isinstance(one, PrivateFile)), None)


def note(level: str, what: str, **facts: object) -> None:
    """Log something. what: words of this program; facts: codes, ids, names from the configuration."""
    said = " ".join([what, *(f"{name}={value}" for name, value in facts.items())])
    _LOG.log(getattr(logging, level.upper()), "%s", said)


def failed(what: str, error: BaseException) -> None:
    """Log an error: its code where it is one of ours, else its kind and where in the code it arose."""
    if isinstance(error, InboxError):
        note("warning", what, code=error.code, kind=type(error).__name__)
    else:
        note("error", what, kind=type(error).__name__, at=" < ".join(places(error)))


def places(error: BaseException) -> list[str]:
    """Where an exception arose, the innermost place first: file, line and function, and no value of any."""
    import traceback

    found: Sequence[traceback.FrameSummary] = traceback.extract_tb(error.__traceback__)
    return [f"{_short(one.filename)}:{one.lineno} {one.name}" for one in reversed(found[-_FRAMES:])]


def _short(file: str) -> str:
    return "/".join(Path(file).parts[-2:])


def _of_a_thread(args: threading.ExceptHookArgs) -> None:
    """A traceback on a screen that the interface draws would ruin it, and tell values."""
    if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
        failed(f"thread {args.thread.name if args.thread else '?'} ended", args.exc_value)


def fault(error: BaseException) -> InboxError:
    """A fault of this program, as it is told to whoever called a subcommand: without any value."""
    where = (places(error) or ["an unknown place"])[0]
    found = InboxError(
        f"a fault in inbox-tui: {type(error).__name__} at {where}",
        f"what was acknowledged is stored; report this line, and the log: {path() or default_path()}",
    )
    found.code = "fault"
    return found


def told(error: BaseException) -> str:
    """For whoever sits there: what happened, what is safe, what to do, where the log is."""
    where = path()
    lines = [
        f"inbox-tui has a fault and ended: {type(error).__name__}",
        *(f"  at {place}" for place in places(error)[:5]),
        "What was acknowledged is stored, drafts too. Start it again; if it comes back, report these lines.",
        f"The log: {where}" if where else "There is no log: its folder cannot be written.",
    ]
    return "\n".join(lines)


def tail(file: Path, count: int) -> list[str]:
    """The newest lines of a log, the newest last. Raises OSError."""
    with file.open("rb") as log:
        log.seek(0, os.SEEK_END)
        log.seek(max(0, log.tell() - 200 * count))
        return log.read().decode("utf-8", "replace").splitlines()[-count:]


class _Line(logging.Formatter):
    """A line a record, harmless to a terminal, and without what looks like a secret."""

    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = ""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(process)d %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        record.exc_info, record.stack_info = None, None
        line = super().format(record)
        return redacted("".join(char if char.isprintable() else "?" for char in line))


def redacted(line: str) -> str:
    """Without what looks like a password or a token."""
    return _SECRET.sub(lambda found: f"{found[1] or found[2]} ***" if found[1] or found[2] else "***", line)


class PrivateFile(logging.Handler):
    """A file that only its owner may read, written by many processes, put aside when it is full."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.path = file
        self._fd = -1
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            pass  # said by whoever looks for the log: `path` and `doctor`

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._ready()
            os.write(self._fd, f"{self.format(record)}\n".encode("utf-8", "replace"))
        except OSError:
            self._close()  # a full disk ends no worker; the next line tries anew

    def _ready(self) -> None:
        """The descriptor of the file that has this name now; one that is full is put aside first."""
        for _ in range(_TRIES):
            if self._fd < 0:
                flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
                self._fd = os.open(self.path, flags, 0o600)
            here = os.fstat(self._fd)
            if self._named() != here.st_ino:
                self._close()  # another process has put it aside
                continue
            if here.st_size < LIMIT:
                return
            self._put_aside()

    def _put_aside(self) -> None:
        fcntl.flock(self._fd, fcntl.LOCK_EX)
        if self._named() == os.fstat(self._fd).st_ino:
            for number in range(KEPT - 1, 0, -1):
                older = self.path.with_name(f"{self.path.name}.{number}")
                if older.exists():
                    older.replace(self.path.with_name(f"{self.path.name}.{number + 1}"))
            self.path.replace(self.path.with_name(f"{self.path.name}.1"))
        self._close()

    def _named(self) -> int:
        """Inode of the file that has the name now; 0: none, another process puts it aside at this moment."""
        try:
            return self.path.stat().st_ino
        except FileNotFoundError:
            return 0

    def _close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def close(self) -> None:
        """Close the file."""
        self._close()
        super().close()
