"""Subcommands that write more than a plain reply: mails of one's own, forwarding, hiding, templates."""

from __future__ import annotations

from inbox_tui.cli.table.base import CASE, TEXT, Param, Subcommand

ATTACH = Param("--attach", "Send this file with it; may be repeated.", metavar="FILE", many=True)
CC = Param(
    "--cc",
    "Who gets a copy: addresses with commas between; may be repeated.",
    metavar="ADDRESSES",
    many=True,
)
TEMPLATE = Param("--template", "Take the text from this template.", metavar="NAME")
NO_WAIT = Param("--no-wait", "Leave it queued for the worker and return at once.", flag=True)
TIMEOUT = Param(
    "--timeout",
    "Seconds to wait for a worker that is sending.",
    kind=int,
    default=60,
    least=0,
    metavar="SECONDS",
)
_ACCOUNT = Param("--account", "The account that sends it, where there are several.", metavar="NAME")
_TO = Param("--to", "The recipient: an address, or 'Name <address>'.", metavar="ADDRESS")

_CODES = """

\b
Exit codes: as those of `reply`."""

_WRITE_HELP = f"""Write a mail of your own, and wait for the receipt.

It begins a case of whom it goes to; with --case it stands in that case, beside its other threads. An answer
comes back there. TEXT, or stdin, is what it says.{_CODES}"""

_FORWARD_HELP = f"""Hand a case on by mail, to a supplier or a colleague, and wait for the receipt.

What was said in the case is quoted below TEXT, and the files that came with it go along. The customer is not
answered by this: his clock goes on. What the other one answers comes back into the case and makes it wait; a
plain `reply` never goes to him, --via does.{_CODES}"""

_HIDE_HELP = f"""Hide a comment on the Facebook page from others, or show it again with --no.

MESSAGE is the number that `show --json` gives it. The platform is asked by the worker, or at once where none
runs; what it refuses stands in the outbox.{_CODES}"""

WRITING = (
    Subcommand(
        "write",
        "writing:write",
        "Write a mail of your own.",
        _WRITE_HELP,
        'inbox-tui write --to mia@example.org --subject "Your order" "It left today." --attach bill.pdf',
        (
            TEXT,
            _TO,
            Param("--subject", "What it is about.", default="", metavar="TEXT"),
            CC,
            ATTACH,
            Param("--case", "Write in this case.", kind=int, metavar="CASE"),
            TEMPLATE,
            _ACCOUNT,
            NO_WAIT,
            TIMEOUT,
        ),
    ),
    Subcommand(
        "forward",
        "writing:forward",
        "Hand a case on by mail.",
        _FORWARD_HELP,
        'inbox-tui forward 12 "Can you deliver by Friday?" --to sales@supplier.example',
        (
            CASE,
            TEXT,
            _TO,
            CC,
            ATTACH,
            Param("--via", "Quote only this thread.", kind=int, metavar="THREAD"),
            Param("--no-files", "Leave out the files that customers sent.", flag=True),
            _ACCOUNT,
            NO_WAIT,
            TIMEOUT,
        ),
    ),
    Subcommand(
        "hide",
        "writing:hide",
        "Hide a comment on the Facebook page.",
        _HIDE_HELP,
        "inbox-tui hide 88",
        (
            Param("MESSAGE", kind=int, required=True),
            Param("--no", "Show it again.", flag=True),
            NO_WAIT,
            TIMEOUT,
        ),
    ),
    Subcommand(
        "templates",
        "writing:templates",
        "List the templates, or fill one for a case.",
        "List the templates of the configuration; with NAME and --case print that one as it would be sent. "
        "Exit code 2 where a place in it stays open.",
        "inbox-tui templates thanks --case 12",
        (
            Param("NAME"),
            Param("--case", "Fill it for this case.", kind=int, metavar="CASE"),
            Param("--channel", "Only those for this channel."),
        ),
    ),
)
