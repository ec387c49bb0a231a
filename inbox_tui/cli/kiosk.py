"""The interface for somebody who shall get no further on this host: `ForceCommand` of an SSH key.

What he could start something with is not there (editor, links, suspending), files come from one folder and go
to one, and the environment is that of his Unix user alone. `shut` is the last barrier: after it this process
starts no other, whatever asks for it.
"""

from __future__ import annotations

import os
import pwd
import re
import sys
from typing import NoReturn

from inbox_tui.errors import UsageError

OPTION = "--kiosk"
_KEPT = ("TERM", "COLORTERM", "LANG", "LC_ALL", "LC_CTYPE", "NO_COLOR")
"""What a terminal needs to be drawn on; a client sends some of them along."""
_TAME = re.compile(r"[A-Za-z0-9_.@-]{1,64}")
_STARTS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty")
"""Audit events (docs.python.org, "Audit events table") of everything that begins a program or a process."""


def heeded() -> UsageError | None:
    """What is wrong where Python itself has read the environment before anything here could forget it."""
    names = sorted(name for name in os.environ if name.startswith("PYTHON"))
    if sys.flags.ignore_environment or not names:
        return None
    return UsageError(
        f"a kiosk heeds no environment, and Python has read {', '.join(names)}",
        f"start it as python -I -m inbox_tui {OPTION} --config FILE",
    )


def forget_environment() -> None:
    """Whatever the client or its host set. Before anything is read from it, or imported that does."""
    try:
        home = pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        home = "/nonexistent"
    os.environ.update({"HOME": home, "PATH": ""})
    for name in set(os.environ) - {"HOME", "PATH"}:
        if name not in _KEPT or not _TAME.fullmatch(os.environ[name]):
            del os.environ[name]


def shut(subcommand: str | None, config: str | None) -> None:
    """Let this process start no other. Raises UsageError for what is no kiosk."""
    if subcommand is not None:
        raise UsageError(
            f"{OPTION} opens the interface and nothing else", f"take {subcommand} or {OPTION} out"
        )
    if not config:
        raise UsageError(
            f"{OPTION} reads no configuration that the environment names",
            f"inbox-tui --config FILE {OPTION}",
        )
    sys.addaudithook(_refuse)
    # The one way that tells no hook of itself; multiprocessing goes it.
    import _posixsubprocess

    _posixsubprocess.fork_exec = _never


def _refuse(event: str, _arguments: tuple[object, ...]) -> None:
    if event in _STARTS:
        raise PermissionError(1, f"a kiosk starts no program ({event})")


def _never(*_arguments: object) -> NoReturn:
    _refuse("os.fork", ())
    raise AssertionError
