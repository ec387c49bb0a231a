"""The subcommands about persons: who is one, whose case is whose, calls, goodwill, reports."""

from __future__ import annotations

from inbox_tui.cli.table.base import CASE, CASES, TEXT, Param, Subcommand

_MERGE_HELP = """Make one case of several.

The first one takes in the others: threads, messages, replies under way, notes. Where they are of different
persons, these become one person, too, and the command says so. The number of a case that was taken in leads
to the one that took it in. `undo` takes a merge back, and `undo --act ID` at any later time: what came
meanwhile goes with its thread."""

_SPLIT_HELP = """Make two cases of one: the threads that are named go on in a new case.

`show` lists the threads of a case, and who writes in it on the customer's behalf. With --supporter all
threads of that person go: he has a matter of his own. Notes and calls stay where they are. Taken back as a
merge is."""

_PERSON_HELP = """Who is who, over all channels.

\b
  show ID             identities, all cases, calls and notes
  find NAME|NUMBER    persons of this name or number
  merge ID ID…        the first takes in the others; their cases stay apart
  split ID            --identity N…: these become a person of their own
  proposals [ID]      who may be one person, and why; with ID, of that one
  accept ID           it is right: one person, and one case of both open ones
  decline ID          it is wrong, for good
  export ID           one JSON object: all that is kept about him
  erase ID            what would be erased; with --yes it is, for good
  erase               finish an erasure that others were in the way of

Nobody is ever joined without an agent who says so. What is erased: his name, addresses, messages, files, and
the notes and drafts about him, in every case of his. Ids, times and counts stay. It is not fetched again.
Backups that were made before hold him still."""

_CALL_HELP = """Log a call in one line.

WHO is a phone number, a name, or person:ID; whoever is not known yet is entered. The call stands in the open
case of the person, or in a new one, and counts as a message. --answered stops the clock; without it the
customer is still owed an answer.

\b
Exit codes:
  0  logged
  1  no such case or person
  2  usage; several persons have this name"""

PERSONS = (
    Subcommand(
        "merge", "persons:merge", "Make one case of several.", _MERGE_HELP, "inbox-tui merge 12 15", (CASES,)
    ),
    Subcommand(
        "split",
        "persons:split",
        "Make two cases of one.",
        _SPLIT_HELP,
        "inbox-tui split 12 --thread 4",
        (
            CASE,
            Param("--thread", "This thread goes; may be repeated.", metavar="THREAD", many=True),
            Param("--supporter", "All threads of this supporter go.", kind=int, metavar="PERSON"),
        ),
    ),
    Subcommand(
        "person",
        "persons:person",
        "Who is who: show, merge, split, proposals, export, erase.",
        _PERSON_HELP,
        "inbox-tui person proposals",
        (
            Param(
                "ACTION",
                required=True,
                choices=(
                    "show",
                    "find",
                    "merge",
                    "split",
                    "proposals",
                    "accept",
                    "decline",
                    "export",
                    "erase",
                ),
            ),
            Param("ID", many=True),
            Param("--identity", "With split: the number of an identity.", metavar="N", many=True),
            Param("--yes", "With erase: do it.", flag=True),
        ),
    ),
    Subcommand(
        "call",
        "persons:call",
        "Log a phone call.",
        _CALL_HELP,
        'inbox-tui call "+49 431 123456" "Asks where the parcel is, told her Friday." --answered',
        (
            Param("WHO", required=True),
            TEXT,
            Param("--answered", "The customer has got an answer.", flag=True),
            Param("--not-answered", "He is still owed one (the default).", flag=True),
            Param("--case", "It belongs to this case.", kind=int, metavar="CASE"),
        ),
    ),
    Subcommand(
        "goodwill",
        "persons:goodwill",
        "Note a voucher or a refund.",
        "Note in a case what was given to make up for something, and why. It stands in the report.",
        'inbox-tui goodwill 12 "10 EUR" "waited four days"',
        (CASE, Param("AMOUNT", required=True), Param("REASON", required=True)),
    ),
    Subcommand(
        "report",
        "persons:report",
        "How long a customer waited, and what happened when.",
        "Show how long a customer waited in a case, what was done when and by whom, and what was given.",
        "inbox-tui report 12",
        (CASE,),
    ),
    Subcommand(
        "history",
        "persons:history",
        "What was done with a case.",
        "List what was done with a case and with those that it took in. A merge or a split has the number by "
        "which `undo --act` takes it back.",
        "inbox-tui history 12",
        (CASE,),
    ),
)
