"""``inbox-tui`` alone: the interface. The only place here from which textual may be imported."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from inbox_tui.errors import UsageError

if TYPE_CHECKING:
    from inbox_tui.cli.call import Call
    from inbox_tui.config import Config


def need_terminal(instead: str) -> None:
    """Raises UsageError, with what to use instead, where stdin or stdout is no terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("this needs a terminal, and stdin or stdout is none", instead)


def open_interface(call: Call) -> int:
    """Open the inbox in this terminal."""
    need_terminal("in scripts use the subcommands, as inbox-tui list --json; inbox-tui --help names them all")
    return open_on(call.config)


def open_on(config: Config) -> int:
    """Run the interface until it is left; its exit code."""
    from inbox_tui.tui.app import run

    return run(config)
