"""The subcommand that moves a customer to another channel."""

from __future__ import annotations

from inbox_tui.cli.table.base import CASE, NO_WAIT, TEXT, TIMEOUT, Param, Subcommand

_HELP = """Ask the customer to go on elsewhere, in private, and wait for the receipt.

The text carries a code that is his alone: what comes with it joins the case. Without TEXT the built-in words
are sent, in his language; TEXT may have the places {code} and {address}, else they are put under it. Without
--to nothing is sent: the ways are listed, and why one is closed.

It is no answer. The case is pending and its clock goes on; it comes back to the queue when he arrives, or
when he has not come within `handoff_hours`.

\b
Exit codes: as those of `reply`."""

HANDOFF = (
    Subcommand(
        "handoff",
        "handoff:handoff",
        "Move a customer to another channel.",
        _HELP,
        "inbox-tui handoff 12 --to x-dm",
        (
            CASE,
            TEXT,
            Param(
                "--to",
                "Where he shall go on: by mail, by direct message on X, in Messenger.",
                choices=("email", "x-dm", "messenger"),
            ),
            Param("--account", "To this account of ours, where there are several.", metavar="NAME"),
            Param("--via", "Ask him on this thread of the case.", kind=int, metavar="THREAD"),
            Param("--private", "Ask the author of the comment in private, once.", flag=True),
            Param("--dry-run", "Print the text and what speaks against it, and send nothing.", flag=True),
            Param("--force", "Send it, whatever asks for a yes.", flag=True),
            Param("--seen", "Hold it back if anything came after this message.", kind=int, metavar="MESSAGE"),
            NO_WAIT,
            TIMEOUT,
        ),
    ),
)
