"""A worker whose configuration says something else begins anew with it. Looks at the file, changes none."""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING

from inbox_tui.errors import ConfigError, InboxError

if TYPE_CHECKING:
    from pathlib import Path

    from inbox_tui.cli.call import Call
    from inbox_tui.config import Config

_LOOK = 1.0
"""Seconds between two looks at the file."""
Stamp = tuple[int, int, int] | None


class Renewal:
    """Ends a worker once there is another configuration that it can work with.

    One that cannot be used is told, and the worker goes on with what it has: an editor that stands open
    must not end it.
    """

    def __init__(self, call: Call, stop: threading.Event) -> None:
        """stop: set where the worker is to begin anew; set by somebody else, it ends the looking."""
        self._call = call
        self._stop = stop
        self.wanted = False
        """Whether the worker was ended to begin anew."""

    def begin(self) -> None:
        """Look at the configuration from now on."""
        path = self._call.config.path
        if path is not None:
            threading.Thread(target=self._look, args=(path,), name="renewal", daemon=True).start()

    def _look(self, path: Path) -> None:
        # The file may have changed since it was read: what it says at the first look is compared, too.
        before: Stamp = None
        seen: Stamp = None
        while not self._stop.wait(_LOOK):
            now = _stamp(path)
            # A file that is being written is left alone until it stays as it is.
            if now not in (seen, None) and now == before and self._is_other():
                self.wanted = True
                self._stop.set()
            elif now == before:
                seen = now
            before = now

    def _is_other(self) -> bool:
        """Whether the worker would work otherwise with what the file says now."""
        try:
            fresh = self._call.load_again()
            if not fresh.accounts:
                raise ConfigError(f"{fresh.path}: no account is left in it")
            if _work(fresh) == _work(self._call.config):
                return False
            _readable(fresh)
        except InboxError as error:
            said = f"the configuration has changed and cannot be used, what was before holds: {error.message}"
            self._call.out.complain(said)
            return False
        return True


def start_anew() -> None:
    """The same command in the place of this process; its lock is free by then."""
    os.execv(sys.executable, sys.orig_argv)  # noqa: S606 - no shell is what is wanted


def _readable(config: Config) -> None:
    from inbox_tui.credentials import resolve

    for account in config.accounts.values():
        resolve(account)


def _work(config: Config) -> tuple[object, ...]:
    """What a worker does by it; the rest is for the interface."""
    return config.accounts, config.desk, config.hooks, config.store


def _stamp(path: Path) -> Stamp:
    try:
        facts = path.stat()
    except OSError:
        return None  # it is being replaced at this moment
    return facts.st_mtime_ns, facts.st_ino, facts.st_size
