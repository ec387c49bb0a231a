"""Tells commands of the owner's own what happened: a message came, a reply was sent, a reply failed.

What is to be told stands in the store; here is only how far each hook has come. So nothing is told before it
is committed, a slow hook holds up nobody, and what a worker's end leaves untold is told by the next worker:
each at least once. Knows no JSON: whoever starts the worker brings the words.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from typing import IO

from inbox_tui.config import Config
from inbox_tui.model import CaseRow, Message, Reply
from inbox_tui.store import hooks, listing, messages, replies
from inbox_tui.store.engine import Store
from inbox_tui.text import snippet

Announce = Callable[[str, CaseRow, Message | None, Reply | None], str]
"""One line for a hook's stdin, from the hook's name and the records it is about.

The message: the one that came, or the reply as it stands in the timeline; None where it stands in none.
"""
MOST = 1000
"""So many are kept for a hook that is slower than they come; older ones are given up, and counted."""
_LOOK = 0.05
"""Seconds between two looks at whether a hook has ended."""
_GRACE = 2.0
"""Seconds that a hook has left when the worker ends; what it was told is told again then."""
_LAST_WORDS = 2000
"""Bytes at the end of stderr that are looked at."""


class Hooks:
    """The hooks of one configuration. Whoever uses it holds the worker's lock: nobody else calls them."""

    def __init__(
        self,
        store: Store,
        config: Config,
        now: Callable[[], int],
        announce: Announce | None,
        stop: threading.Event,
    ) -> None:
        """announce: None: no hook is called, and nothing is changed."""
        self._store = store
        self._commands = config.hooks.commands() if announce is not None else {}
        self._seconds = config.hooks.timeout_seconds
        self._secrets = {account.secret_env for account in config.accounts.values()}
        self._now = now
        self._announce = announce
        self._stop = stop
        self._at: dict[str, int] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Those that are configured."""
        return tuple(self._commands)

    def begin(self) -> None:
        """From now on: a hook that is new is told nothing of what was before."""
        if self._announce is None:
            return
        with self._store.reading() as db:
            known = {each.name for each in hooks.health(db)}
        if known != set(self._commands):
            with self._store.write("hooks") as db:
                hooks.keep_only(db, self._commands)
        with self._store.reading() as db:
            self._at = {name: hooks.position(db, name) for name in self._commands}

    def work(self, name: str) -> None:
        """Tell one hook all that it is to be told."""
        with self._store.reading() as db:
            newest = hooks.newest(db, name)
            pending = hooks.pending(db, name, self._at[name], newest)
        if len(pending) > MOST:
            self._give_up(name, pending[-MOST - 1][0], len(pending) - MOST)
            pending = pending[-MOST:]
        for entry, about in pending:
            if self._stop.is_set() or not self._tell(name, entry, about):
                return
        self._pass_by(name, newest)

    def _pass_by(self, name: str, newest: int) -> None:
        """What is of no interest to the hook is not looked at again, not even by the next worker."""
        if newest - self._at[name] > MOST:
            with self._store.write(f"hook {name}") as db:
                hooks.told(db, name, newest)
        self._at[name] = newest

    def _give_up(self, name: str, entry: int, count: int) -> None:
        said = f"{count} were not told: the hook is slower than they come"
        with self._store.write(f"hook {name}") as db:
            hooks.failed(db, name, entry, said, "let it hand its work on, and end", self._now(), count)
        self._at[name] = entry

    def _tell(self, name: str, entry: int, about: int) -> bool:
        """Call the hook for one entry; false where the worker ends before the hook does."""
        line = self._line(name, about)
        if line is None:
            return True
        wrong = self._call(name, line)
        if wrong is None:
            return False
        with self._store.write(f"hook {name}") as db:
            if wrong:
                hint = f"try the command that [hooks] {name} names by hand"
                hooks.failed(db, name, entry, wrong, hint, self._now())
            else:
                hooks.succeeded(db, name, entry)
        self._at[name] = entry
        return True

    def _line(self, name: str, about: int) -> str | None:
        """What stands on its stdin; None where what it is about is gone."""
        with self._store.reading() as db:
            reply = None if name == "on_incoming" else replies.get(db, about)
            number = about if name == "on_incoming" else reply.message if reply else None
            message = messages.get(db, number) if number is not None else None
            case = reply.case if reply else message.case if message else None
            row = listing.by_id(db, [case]).get(case) if case is not None else None
        if row is None or self._announce is None:
            return None
        return self._announce(name, row, message, reply)

    def _call(self, name: str, line: str) -> str | None:
        """Run it: what went wrong, empty where nothing did; None where the worker ends first."""
        # Files, not pipes: a hook that does not read or that leaves a child behind blocks nobody.
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said:
            given.write(line.encode() + b"\n")
            given.seek(0)
            try:
                child = subprocess.Popen(
                    self._commands[name],
                    stdin=given,
                    stdout=subprocess.DEVNULL,
                    stderr=said,
                    env={key: value for key, value in os.environ.items() if key not in self._secrets},
                    start_new_session=True,
                )
            except OSError as error:
                return f"{self._commands[name][0]}: {error.strerror}"
            return self._outcome(child, said)

    def _outcome(self, child: subprocess.Popen[bytes], said: IO[bytes]) -> str | None:
        deadline = time.monotonic() + self._seconds
        leaving: float | None = None
        while child.poll() is None:
            now = time.monotonic()
            if leaving is None and self._stop.is_set():
                leaving = now + _GRACE
            if now > deadline or (leaving is not None and now > leaving):
                _end(child)
                return f"not done within {self._seconds} s, and ended" if now > deadline else None
            time.sleep(_LOOK)
        if child.returncode == 0:
            return ""
        said.seek(0, os.SEEK_END)
        said.seek(max(0, said.tell() - _LAST_WORDS))
        last = said.read().decode("utf-8", "replace").strip().rpartition("\n")[2]
        how = f"exit code {child.returncode}" if child.returncode > 0 else f"signal {-child.returncode}"
        return f"{how}: {snippet(last, 200)}" if last else how


def _end(child: subprocess.Popen[bytes]) -> None:
    """End it with all that it has started; it is the leader of a session of its own."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass  # it ended by itself just now
    child.wait()
