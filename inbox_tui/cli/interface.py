"""``inbox-tui`` alone: the interface. The only place here from which textual is imported."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

from inbox_tui.cli.children import start_worker
from inbox_tui.errors import UsageError

if TYPE_CHECKING:
    from inbox_tui.cli.call import Call
    from inbox_tui.config import Config
    from inbox_tui.inbox import Inbox


def need_terminal(instead: str) -> None:
    """Raises UsageError, with what to use instead, where a person cannot see or type."""
    for name in ("stdin", "stdout", "stderr"):
        # Textual draws on stderr.
        if not getattr(sys, name).isatty():
            raise UsageError(f"this needs a terminal, and {name} is none", instead)


def open_interface(call: Call) -> int:
    """Open the inbox in this terminal."""
    need_terminal("in scripts use the subcommands, as inbox-tui list --json; inbox-tui --help names them all")
    return show(call.open_inbox(create=True), call.config)


def show(inbox: Inbox, config: Config) -> int:
    """Run the interface until it is left, with a worker beside it where none runs; its exit code."""
    from inbox_tui.tui.app import run

    with ExitStack() as running:

        def work() -> None:
            if not inbox.worker().running:
                start_worker(running, config)

        return run(inbox, config, work if config.accounts else None)
