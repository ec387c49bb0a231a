"""``inbox-tui`` alone: the interface. The only place here from which textual is imported."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from inbox_tui.cli.children import start_worker
from inbox_tui.errors import InboxError, UsageError

if TYPE_CHECKING:
    from inbox_tui.cli.call import Call
    from inbox_tui.config import Config
    from inbox_tui.inbox import Inbox


_LOOK_SECONDS = 2.0
"""Between two looks at whether a worker runs."""


def need_terminal(instead: str) -> None:
    """Raises UsageError, with what to use instead, where a person cannot see or type."""
    for name in ("stdin", "stdout", "stderr"):
        # Textual draws on stderr.
        if not getattr(sys, name).isatty():
            raise UsageError(f"this needs a terminal, and {name} is none", instead)
    if (kind := os.environ.get("TERM")) in ("dumb", "unknown"):
        raise UsageError(f"this terminal cannot place its cursor (TERM={kind})", instead)


def open_interface(call: Call) -> int:
    """Open the inbox in this terminal."""
    need_terminal("in scripts use the subcommands, as inbox-tui list --json; inbox-tui --help names them all")
    call.begin_log()
    inbox = call.open_inbox(create=True, interface=True)
    code = show(inbox, call.config)
    if code == 0 and (words := parting(inbox)):
        call.out.say(words)
    return code


def parting(inbox: Inbox) -> str:
    """For who leaves: who still waits, and what was begun and not sent; empty where there is nothing."""
    from inbox_tui.desk.views import MINE
    from inbox_tui.tui.words import counted, duration

    try:
        overview, drafts = inbox.overview(), inbox.writing.kept()
    except InboxError:
        return ""  # the interface has said what is wrong
    said = []
    if overview.waiting:
        wait = f", the longest for {duration(inbox.now() - overview.longest)}" if overview.longest else ""
        said.append(f"{counted(overview.waiting, 'case waits', 'cases wait')}{wait}.")
    mine = next((view.count for view in overview.views if view.key == MINE), 0)
    if mine:
        said.append(f"{counted(mine, 'case is yours', 'cases are yours')}.")
    if drafts:
        said.append(f"{counted(drafts, 'draft is kept', 'drafts are kept')}.")
    return " ".join(said)


def show(inbox: Inbox, config: Config, *, lingers: bool = True, tour: bool = False) -> int:
    """Run the interface until it is left, with a worker beside it where none runs; its exit code.

    lingers: a worker that was started here may send what is in its countdown before it ends. tour: leads
    through the first minute.
    """
    from inbox_tui.tui.first import painted

    with ExitStack() as running, painted(inbox, config.ui.columns) as page:
        from inbox_tui.tui.app import run

        left = threading.Event()
        running.callback(left.set)

        def start() -> None:
            if not inbox.worker().running:
                start_worker(running, config, lingers=lingers)
            threading.Thread(target=keep, name="keep-worker", daemon=True).start()

        def keep() -> None:
            """The worker may have been another interface's child, and have ended with it."""
            with suppress(InboxError, OSError):  # what is wrong stands with the accounts, and in doctor
                while not left.wait(_LOOK_SECONDS):
                    if not inbox.worker().running and not left.is_set():
                        start_worker(running, config, lingers=lingers)

        # In a kiosk nothing is started: the worker is a service there.
        begin = start if config.accounts and not config.kiosk else None
        return run(inbox, config, begin, page, tour=tour)
