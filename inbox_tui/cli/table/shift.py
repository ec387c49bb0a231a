"""Subcommands about who waits on whom: for monitoring, and for the end of a shift."""

from __future__ import annotations

from inbox_tui.cli.table.base import Param, Subcommand

_CHECK_HELP = """Say by exit code and in one line how the desk stands, as monitoring plugins do.

Put before a command that publishes, as in the example, it lets nothing out while customers wait.

A wait longer than --warn or --critical counts, of snoozed cases too. At least a warning: an account that is
not complete or was never fetched, no worker, a reply that was not sent. SPAN is 2h, 90min, 1d or a number of
seconds.

\b
Exit codes:
  0  OK
  1  WARNING
  2  CRITICAL
  3  UNKNOWN: wrong usage, or configuration or store cannot be read"""

_HANDOVER_HELP = """Print who still waits on you, for the end of a shift.

Your cases that are owed an answer, with their wait; where no other agent sees to the desk, those that nobody
has; yours that are snoozed; drafts that you have kept; replies of yours that failed or may not have arrived.
`inbox-tui --agent NAME handover` prints somebody else's. With --json the first line is of the type
`handover`; `case` and `reply` objects follow."""

SHIFT = (
    Subcommand(
        "check",
        "checking:check",
        "For monitoring: who waits, by exit code.",
        _CHECK_HELP,
        "inbox-tui check --critical 4h && publish",
        (
            Param("--warn", "Warn from a wait of this length; default: 2h.", metavar="SPAN"),
            Param("--critical", "Critical from a wait of this length; default: 4h.", metavar="SPAN"),
        ),
    ),
    Subcommand(
        "handover",
        "shift:handover",
        "Who still waits on you.",
        _HANDOVER_HELP,
        "inbox-tui handover",
    ),
)
