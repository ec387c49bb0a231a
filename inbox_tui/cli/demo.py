"""``demo``: the interface on a small living world that leaves nothing behind.

The world and the worker are processes of their own, so that the interface is as quick as it is in earnest.
"""

from __future__ import annotations

import signal
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from inbox_tui.cli.children import start_worker, start_world
from inbox_tui.cli.interface import need_terminal, show
from inbox_tui.cli.sandbox import need_extra

if TYPE_CHECKING:
    from types import FrameType

    from inbox_tui.cli.call import Call
    from inbox_tui.config import Config
    from inbox_tui.inbox import Inbox

_FIRST_FETCH_SECONDS = 20


def demo(call: Call, no_tour: bool) -> int:
    """Open the interface on a sandbox."""
    need_terminal("inbox-tui sandbox DIR runs the same world without an interface")
    need_extra()
    for number in (signal.SIGTERM, signal.SIGHUP):
        # A closed terminal should leave nothing behind either.
        signal.signal(number, _leave)
    with ExitStack() as running:
        directory = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="inbox-tui-demo-")))
        call.out.progress("Starting a small world …")
        start_world(running, directory)
        from inbox_tui import logs
        from inbox_tui.bootstrap import open_inbox
        from inbox_tui.config import load

        config = load(str(directory / "config.toml"))
        logs.begin(Path(config.log.file), config.log.level)
        inbox = open_inbox(config, interface=True)
        running.callback(inbox.close)
        start_worker(running, config, lingers=False)
        call.out.progress("Fetching what customers wrote …")
        _await_first_fetch(inbox, config)
        call.out.progress("")
        return show(inbox, config, lingers=False, tour=not no_tour)


def _leave(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _await_first_fetch(inbox: Inbox, config: Config) -> None:
    """Give the worker a moment, so that the first thing to be seen is not an empty queue."""
    deadline = time.monotonic() + _FIRST_FETCH_SECONDS
    while time.monotonic() < deadline:
        here = {health.account for health in inbox.health() if health.complete_until or health.error}
        if here >= set(config.accounts):
            return
        time.sleep(0.05)
