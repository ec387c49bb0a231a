"""Every subcommand with its options and its help, as data.

The one place that knows them: `plain` reads it without click, `parser` makes click commands of it. Imports
nothing but itself, because both ``--help`` and the quick subcommands pass through here. `whole` has them all.
"""

from __future__ import annotations

from inbox_tui.cli.table.base import GLOBALS, REQUIRED, Param, Subcommand
from inbox_tui.cli.table.core import CORE

__all__ = ["GLOBALS", "REQUIRED", "Param", "Subcommand", "find"]


def find(name: str) -> Subcommand | None:
    """The subcommand of that name. Those of `core` come first: `list` imports no other family."""
    found = next((command for command in CORE if command.name == name), None)
    if found is None:
        from inbox_tui.cli.table.whole import COMMANDS

        found = COMMANDS.get(name)
    return found
