"""What the processes of a storm do: the worker, agents, the command line. Each plays until it is ended."""

from __future__ import annotations

import itertools
import json
import os
import pkgutil
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import inbox_tui
from inbox_tui import config as configuration
from inbox_tui.bootstrap import open_inbox, open_worker
from inbox_tui.cli.run import run
from inbox_tui.inbox import Inbox
from inbox_tui.service.worker import Worker
from inbox_tui.store.engine import Store

# What the processes would import when they first use it: forked, they find it here.
for _room in ("channels", "casework", "cli", "inbox", "service", "store"):
    for _module in pkgutil.walk_packages(inbox_tui.__path__, "inbox_tui."):
        if _module.name.startswith(f"inbox_tui.{_room}"):
            import_module(_module.name)

_OFTEN = {"note": 20, "reply": 2, "tag": 1}
"""How often each act, beside the others."""


class Diary:
    """What a process began and what was acknowledged to it, in a file that outlives it."""

    def __init__(self, path: str) -> None:
        # O_APPEND, and one write a line: several write at once. A kill may cut it where a page ends.
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def write(self, event: str, what: str, name: str) -> None:
        """event: begun or done. what: kind of act. name: text that is in this act alone."""
        os.write(self._file, f"\n{json.dumps([event, what, name])}\n".encode())


Play = dict[str, Callable[[int, str], object]]
"""Kinds of acts, each on a case and with its name; False: it was not acknowledged."""


def acts(
    diary: Diary, who: str, play: Play, cases: int, limit: int | None = None, pause: float = 0.005
) -> None:
    """One act after the other, on cases drawn by lot. limit: how many; None: for ever. pause: seconds."""
    # Not the process's number: in a long storm numbers are used anew.
    life = f"{time.time_ns():x}"
    chance = random.Random(f"{who}{life}")
    for number in itertools.count() if limit is None else range(limit):
        what = chance.choices(sorted(play), [_OFTEN[one] for one in sorted(play)])[0]
        name = f"{what}-{who}-{life}-{number}"
        diary.write("begun", what, name)
        if play[what](chance.randint(1, cases), name) is not False:
            diary.write("done", what, name)
        time.sleep(chance.random() * pause)


def agent(config: str, diary: str, who: str, cases: str) -> None:
    """An agent at work in the interface: notes, replies, tags."""
    inbox = open_inbox(configuration.load(config, agent=who))
    acts(Diary(diary), who, _of_an_agent(inbox), int(cases))


def _of_an_agent(inbox: Inbox) -> Play:
    return {
        "note": inbox.note,
        "reply": inbox.reply,
        "tag": lambda case, text: inbox.triage.tag([case], add=[text]),
    }


def scribes(config: str, diary: str, cases: str, limit: str, synchronous: str) -> None:
    """Three agents with so many acts each, who leave without closing anything.

    synchronous: how SQLite is told to wait for the disk; empty: as the program does. The log is written back
    every so often, so that a short record shows it.
    """
    for who in ("ada", "ben", "eva"):
        if os.fork():
            continue
        store = Store(configuration.load(config).store)
        store.read().execute("PRAGMA wal_autocheckpoint=60")
        if synchronous:
            store.read().execute(f"PRAGMA synchronous={synchronous}")
        inbox = Inbox(store, configuration.load(config, agent=who))
        acts(Diary(diary), who, _of_an_agent(inbox), int(cases), int(limit))
        os._exit(0)
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return


def command_line(config: str, diary: str, who: str, cases: str, pause: str = "0.005") -> None:
    """A script that calls one subcommand after the other. pause: seconds at most between two."""
    call = ["--config", config, "--agent", who]
    acts(
        Diary(diary),
        who,
        {
            "note": lambda case, text: run([*call, "note", str(case), text]) == 0,
            "reply": lambda case, text: run([*call, "reply", str(case), text, "--no-wait", "--force"]) == 0,
        },
        int(cases),
        pause=float(pause),
    )


def worker(config: str, diary: str = "") -> None:
    """Wait for the worker's lock, then be the worker. diary: gets a line once the lock is held."""
    known = configuration.load(config)
    one = open_worker(known, complain=_quiet)
    while not one.try_lock():
        time.sleep(0.002)
    if diary:
        Diary(diary).write("held", "worker", str(os.getpid()))
    _end_on_term(one)


def _quiet(_line: str) -> None:
    """An account that fails for a while is no fault here: what becomes of its messages is counted."""


def _end_on_term(one: Worker) -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    one.run(stop)
    one.close()


def sender(config: str, reply: str, ready: str, go: str) -> None:
    """Be ready to send this reply, and send it once the file `go` is there."""
    one = open_worker(configuration.load(config), complain=_quiet)
    assert one.try_lock()
    Path(ready).touch()
    while not Path(go).exists():
        time.sleep(0.001)
    one.send_reply(int(reply))


ROLES: dict[str, Callable[..., None]] = {
    "agent": agent,
    "scribes": scribes,
    "sender": sender,
    "command_line": command_line,
    "worker": worker,
}


def read_diary(path: Path) -> tuple[set[str], set[str]]:
    """Names of the acts that were begun, and of those that were acknowledged.

    A line that was cut by a kill says nothing: the act was not begun yet, or not acknowledged.
    """
    found = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.endswith('"]')]
    begun = {name for event, _what, name in found if event == "begun"}
    return begun, {name for event, _what, name in found if event == "done"}


if __name__ == "__main__":
    ROLES[sys.argv[1]](*sys.argv[2:])
