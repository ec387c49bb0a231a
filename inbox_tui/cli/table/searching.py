"""Subcommands that find: cases by words, and the files of a case."""

from __future__ import annotations

from inbox_tui.cli.table.base import CASE, Param, Subcommand

_HELP = """Find cases by what was said in them, the newest hit first.

\b
words           all of them: refund order
"a phrase"      as it stands
begin*          words that begin so
from:hajo       name, handle or address of who wrote
channel:x       email, x, facebook
tag:vip         a tag
is:waiting      pending, done, snoozed, mine, unassigned,
                automatic, spam, low, high, urgent
has:attachment  with a file
before:2026-11  also after:, and 7d or today as their value
#12             case 12
-word           not this; before a field, too

Small and capital letters are the same, and so are strasse and Straße, muller and Müller. Nothing that
you type is syntax beyond this: C++ and AB-2024-0815 are found as they are. Where the query begins with a
minus, put -- before it. Exit code 1 where nothing is found."""

_FILES_HELP = """List the files that came with the mails of a case; save them with --save.

A file is written under a harmless name that is not there yet, into a folder of yours, readable by you alone.
None is ever opened. --number saves one of them."""

SEARCHING = (
    Subcommand(
        "files",
        "files:files",
        "Files of a case: list and save.",
        _FILES_HELP,
        "inbox-tui files 12 --save ~/Downloads",
        (
            CASE,
            Param("--save", "Save them into this folder.", metavar="DIR"),
            Param("--number", "Only this one.", kind=int, least=1, metavar="N"),
        ),
    ),
    Subcommand(
        "search",
        "searching:search",
        "Find cases by words, sender, tag, date.",
        _HELP,
        "inbox-tui search 'from:hajo \"SIM lock\" -tag:old'",
        (
            Param("QUERY", required=True, many=True),
            Param("--limit", "How many at most; 0: all.", kind=int, default=50, least=0, metavar="N"),
        ),
    ),
)
