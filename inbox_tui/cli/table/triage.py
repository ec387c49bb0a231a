"""The subcommands that sort cases: whose they are, when they come back, what they are."""

from __future__ import annotations

from inbox_tui.cli.table.base import CASES, Param, Subcommand

_NO = Param("--no", "The opposite: it is none after all.", flag=True)

_SNOOZE_HELP = """Hide cases from the queue until a time, or until the customer writes.

WHEN is a time as you would say it: 2h, "tomorrow 9", fri, "24.12. 14:30", "next week"; or reply; or
again, for the time to which each was snoozed last. The clock goes on meanwhile, and what the customer
writes ends the snooze."""

_PROMISE_HELP = """Note by when customers were told that they hear from you.

WHEN as in `snooze`. The promise takes the place of the due time: the customer is owed an answer by then,
whoever's turn it was. Where none is sent until then, the case stands at the top of the queue."""

_UNDO_HELP = """Take back your newest act: assign, tag, snooze, promise, priority, spam, automatic, done,
reopen, merge, split, a decision on who is the same person.

Again, and the one before it is taken back. An act of somebody else is never touched; where a case was
changed since, your act stays and the command says so with exit code 1.

A merge or a split can be taken back at any later time, whoever did it: --act with the number that `history`
shows. What came meanwhile goes with its thread."""

TRIAGE = (
    Subcommand(
        "assign",
        "triage:assign",
        "Take cases, or give them to somebody.",
        "Give cases to an agent: to you, where --to names nobody else.",
        "inbox-tui assign 12 13 --to anna",
        (
            CASES,
            Param("--to", "The agent who shall have them; else you.", metavar="NAME"),
            Param("--nobody", "Nobody shall have them.", flag=True),
        ),
    ),
    Subcommand(
        "tag",
        "triage:tag",
        "Put tags on cases, or take them off.",
        "Put tags on cases, or take them off. A tag is one word; several are separated by commas.",
        "inbox-tui tag 12 --add refund,vip --remove new",
        (
            CASES,
            Param("--add", "Tags to put on; may be repeated.", metavar="TAGS", many=True),
            Param("--remove", "Tags to take off; may be repeated.", metavar="TAGS", many=True),
        ),
    ),
    Subcommand(
        "snooze",
        "triage:snooze",
        "Put cases off until a time, or until the customer writes.",
        _SNOOZE_HELP,
        'inbox-tui snooze 12 "tomorrow 9"',
        (CASES, Param("WHEN", required=True)),
    ),
    Subcommand(
        "promise",
        "triage:promise",
        "Note by when customers were told that they hear from you.",
        _PROMISE_HELP,
        'inbox-tui promise 12 "fri 17:00"',
        (CASES, Param("WHEN", required=True)),
    ),
    Subcommand(
        "wake",
        "triage:wake",
        "End a snooze.",
        "Bring snoozed cases back into the queue.",
        "inbox-tui wake 12",
        (CASES,),
    ),
    Subcommand(
        "priority",
        "triage:priority",
        "Say how soon cases must be answered.",
        "Give cases a priority: low, normal, high or urgent.",
        "inbox-tui priority 12 high",
        (CASES, Param("LEVEL", required=True, choices=("low", "normal", "high", "urgent"))),
    ),
    Subcommand(
        "spam",
        "triage:spam",
        "Not a customer: out of the queue, now and later.",
        "Mark cases as spam. What their senders write from now on stands in the view `spam`.",
        "inbox-tui spam 12",
        (CASES, _NO),
    ),
    Subcommand(
        "automatic",
        "triage:automatic",
        "A machine wrote it; --no: a person did.",
        "Mend a wrong guess: a newsletter in the queue, or a customer who is not there. Remembered by "
        "sender; with --no the case waits since its last message.",
        "inbox-tui automatic 12 --no",
        (CASES, _NO),
    ),
    Subcommand(
        "undo",
        "triage:undo",
        "Take back your newest act.",
        _UNDO_HELP,
        "inbox-tui undo",
        (Param("--act", "Take back this merge or split.", kind=int, metavar="ID"),),
    ),
)
