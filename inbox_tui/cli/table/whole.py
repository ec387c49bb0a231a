"""All subcommands, of every family. Who needs one alone asks `find`."""

from __future__ import annotations

from inbox_tui.cli.table.base import Subcommand
from inbox_tui.cli.table.core import CORE
from inbox_tui.cli.table.handoff import HANDOFF
from inbox_tui.cli.table.keeping import KEEPING
from inbox_tui.cli.table.persons import PERSONS
from inbox_tui.cli.table.scripting import SCRIPTING
from inbox_tui.cli.table.searching import SEARCHING
from inbox_tui.cli.table.setup import INIT
from inbox_tui.cli.table.shift import SHIFT
from inbox_tui.cli.table.triage import TRIAGE
from inbox_tui.cli.table.writing import WRITING

COMMANDS: dict[str, Subcommand] = {
    c.name: c
    for c in (*CORE, *WRITING, *HANDOFF, *SEARCHING, *TRIAGE, *SHIFT, *PERSONS, *INIT, *KEEPING, *SCRIPTING)
}
