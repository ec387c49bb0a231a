"""Every subcommand with its options and its help, as data.

The one place that knows them: `plain` reads it without click, `parser` makes click commands of it. Imports
nothing but itself, because both ``--help`` and the quick subcommands pass through here.
"""

from __future__ import annotations

from inbox_tui.cli.table.base import GLOBALS, REQUIRED, Param, Subcommand
from inbox_tui.cli.table.core import CORE
from inbox_tui.cli.table.persons import PERSONS
from inbox_tui.cli.table.scripting import SCRIPTING
from inbox_tui.cli.table.searching import SEARCHING
from inbox_tui.cli.table.setup import INIT
from inbox_tui.cli.table.triage import TRIAGE
from inbox_tui.cli.table.writing import WRITING

COMMANDS: dict[str, Subcommand] = {
    c.name: c for c in (*CORE, *WRITING, *SEARCHING, *TRIAGE, *PERSONS, *INIT, *SCRIPTING)
}

__all__ = ["COMMANDS", "GLOBALS", "REQUIRED", "Param", "Subcommand"]
