"""The subcommands of the inbox itself: read, answer, close, fetch, look after."""

from __future__ import annotations

from inbox_tui.cli.table.base import (
    ATTACH,
    CASE,
    CC,
    NO_WAIT,
    TEMPLATE,
    TEXT,
    TIED,
    TIMEOUT,
    Param,
    Subcommand,
)

VIEWS = (
    "Which cases to list: waiting, mine, unassigned, pending, snoozed, done, all, automatic, spam, or a view "
    "that the configuration saves. Default: waiting; with --search: all."
)

_REPLY_HELP = """Answer a case and wait for the receipt.

TEXT is the reply; with `-`, or without TEXT where stdin is no terminal, it is read from stdin. It goes to
the newest message of the customer that can be answered; --via names another thread (`show` lists them).
--private answers the author of the newest comment alone: Facebook takes one such answer to each comment.

Where no worker runs, the reply is sent by this command itself; else the worker sends it.

Before it goes out it is checked. What cannot go out (empty, too long, the platform will refuse it) is not
sent. It is held back, and --force sends it all the same, where the case moved since MESSAGE (--seen), another
agent is writing in it, it tells private data in public, it asks for what the case holds, the mail wants
its answer elsewhere, or it says the same again. --dry-run prints all that and sends nothing; with --json each
is an object of the type `caution`. Its exit code is 0, 2 or 6.

\b
Exit codes:
  0  sent, or queued with --no-wait
  1  no such case or thread
  2  usage or configuration, or a check forbids the reply
  3  certainly not sent, and withdrawn: try again
  4  refused by the platform, and withdrawn
  5  queued or unknown: do not repeat
  6  held back by a check: --force sends it"""

_FETCH_HELP = """Fetch once from every account, and send what is queued.

Where a worker runs, it is asked to do so now instead. With --follow this is the worker: it fetches, and sends
what is queued, until it is interrupted. There is one for a store.

\b
Exit codes:
  0  every account was fetched, or the worker was asked
  1  no such account; --follow, and a worker runs already
  2  usage or configuration; --follow, and a secret cannot be read
  3  an account failed; stderr says which and why"""

_ACCOUNTS_HELP = """Show each account: up to when it is complete, its last success, what is wrong and since
when, what it spent today, and whether a worker runs.

A gap is a time of which the platform handed out nothing, as X does beyond 800 mentions. It is shown until
somebody has looked there and says so with --gap-seen."""

_DOCTOR_HELP = """Check all that can be wrong, and name the mend of what is.

Configuration and its rights, terminal, secrets, every account's login, what it may do, and whether the clocks
agree; store, worker, hooks. No secret is shown, nothing is sent, and nothing is changed, save by --rebuild.
The logins cost what X takes for reading one user ($0.01); --offline leaves them out.

\b
Exit codes:
  0  all is well
  1  something is to be mended"""

_OUTBOX_HELP = """List replies that are queued, failed or of unknown outcome.

`retry ID` queues one again; an unknown one only when you know that it did not arrive. `cancel ID` turns one
back into a draft and keeps its text."""

_DEMO_HELP = """Open the inbox on a small world of its own, where customers write and answer.

Nothing leaves this machine, and nothing stays behind. Needs the extra packages of
`pip install 'inbox-tui[demo]'`."""

_SANDBOX_HELP = """Run an X, a Facebook and a mail server on loopback ports, for trying things out.

Writes DIR/config.toml, ready for use, and prints one JSON line when it is ready. What is sent to customers
stands in DIR/sent.jsonl; a line appended to DIR/incoming.jsonl is played as an act of a customer. Runs until
interrupted. Needs the extra packages of `pip install 'inbox-tui[demo]'`."""

CORE = (
    Subcommand(
        "list",
        "reading:list_cases",
        "List cases, what is due first on top.",
        "List the cases of a view: what is due first on top, as in the queue.",
        "inbox-tui list --view pending --limit 10",
        (
            Param("--view", VIEWS, metavar="NAME"),
            Param("--channel", "Only cases that run on this channel: email, x, facebook …"),
            Param("--search", "Only cases that `search` finds; the newest hit first.", metavar="QUERY"),
            Param(
                "--order",
                "due: broken promises, then what is due first (so the queue stands by itself); waiting: the "
                "longest wait first; effort: who went to most first.",
                choices=("due", "waiting", "effort"),
            ),
            Param("--limit", "How many at most; 0: all.", kind=int, default=50, least=0, metavar="N"),
        ),
    ),
    Subcommand(
        "show",
        "reading:show",
        "Show a case with all its messages.",
        "Show a case: who it is, its threads, and its timeline over all channels, oldest first.",
        "inbox-tui show 12",
        (CASE,),
    ),
    Subcommand(
        "reply",
        "sending:reply",
        "Answer a case and wait for the receipt.",
        _REPLY_HELP,
        'inbox-tui reply 12 "Your phone is unlocked: restart it once." --done',
        (
            CASE,
            TEXT,
            Param("--via", "Answer on this thread of the case.", kind=int, metavar="THREAD"),
            Param("--done", "The case is done once the reply is sent.", flag=True),
            Param(
                "--promise",
                "The reply says by when the customer hears from you: it is no answer, the clock goes on.",
                metavar="WHEN",
            ),
            Param("--dry-run", "Print what speaks against it, and send nothing.", flag=True),
            Param("--force", "Send it though a check holds it back.", flag=True),
            Param(
                "--seen",
                "The last message that was read: hold it back where the case moved since.",
                kind=int,
                least=0,
                metavar="MESSAGE",
            ),
            CC,
            ATTACH,
            TEMPLATE,
            Param("--private", "Answer a comment on Facebook so that only its author reads it.", flag=True),
            NO_WAIT,
            TIMEOUT,
        ),
    ),
    Subcommand(
        "note",
        "acting:note",
        "Write a note that no customer sees.",
        "Put a note into a case. Only agents see it, and the clock goes on. TEXT as in `reply`.",
        'inbox-tui note 12 "Asked the workshop, they call back on Monday."',
        (
            CASE,
            TEXT,
            Param("--promise", "The customer was told that he hears from us by then.", metavar="WHEN"),
        ),
    ),
    Subcommand(
        "done",
        "acting:done",
        "Close a case.",
        "Close a case: nobody waits for an answer any more. Exit code 1 where it is done already.",
        "inbox-tui done 12",
        (
            CASE,
            Param("--thanks", "The customer's last word was a thank-you: no answer is missing.", flag=True),
        ),
    ),
    Subcommand(
        "reopen",
        "acting:reopen",
        "Open a case again.",
        "Make a case wait again, since its last message. Exit code 1 where it waits already.",
        "inbox-tui reopen 12",
        (CASE,),
    ),
    Subcommand(
        "outbox",
        "acting:outbox",
        "Replies under way: list, retry, cancel.",
        _OUTBOX_HELP,
        "inbox-tui outbox retry 7",
        (
            Param("ACTION", default="list", choices=("list", "retry", "cancel")),
            Param("ID", kind=int),
            Param("--all", "List sent replies and drafts, too.", flag=True),
        ),
    ),
    Subcommand(
        "fetch",
        "fetching:fetch",
        "Fetch what is new and send what is queued; with --follow, go on.",
        _FETCH_HELP,
        "inbox-tui fetch --follow",
        (
            Param("--account", "Only this account.", metavar="NAME"),
            Param("--follow", "Be the worker: go on until interrupted.", flag=True),
            Param("--quiet", "Only errors on stderr, nothing on stdout.", flag=True),
            TIED,
        ),
    ),
    Subcommand(
        "accounts",
        "reading:accounts",
        "How each account is doing.",
        _ACCOUNTS_HELP,
        "inbox-tui accounts --json",
        (Param("--gap-seen", "Show the gap of this account no more.", metavar="NAME"),),
    ),
    Subcommand(
        "doctor",
        "doctor:doctor",
        "Find what is wrong, and how to mend it.",
        _DOCTOR_HELP,
        "inbox-tui doctor",
        (
            Param("--offline", "Do not try the accounts' logins.", flag=True),
            Param(
                "--rebuild",
                "Derive the clock of every case anew from its messages, and name each that differed.",
                flag=True,
            ),
        ),
    ),
    Subcommand(
        "demo",
        "demo:demo",
        "Try the inbox on a living sandbox: no account needed.",
        _DEMO_HELP,
        "inbox-tui demo",
        (Param("--no-tour", "Without the lines that lead through the first minute.", flag=True),),
    ),
    Subcommand(
        "sandbox",
        "sandbox:sandbox",
        "Run a small X, Facebook and mail world on this machine.",
        _SANDBOX_HELP,
        "inbox-tui sandbox /tmp/world",
        (
            Param("DIR", required=True),
            Param("--story", "A dozen customers and their story (the default).", flag=True),
            Param("--load", "N customers' messages, for measuring.", kind=int, least=1, metavar="N"),
            Param("--empty", "Nobody has written yet.", flag=True),
            Param("--lively", "Customers go on writing and answer replies.", flag=True),
            TIED,
        ),
    ),
)
