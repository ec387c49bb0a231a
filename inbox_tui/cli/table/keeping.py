"""The subcommands that keep a store."""

from __future__ import annotations

from inbox_tui.cli.table.base import Param, Subcommand

_BACKUP_HELP = """Copy the whole store to a new file, while others go on working, and verify the copy.

PATH must not exist yet. The copy is one file that only you may read; it holds what customers wrote, and no
password or token. Keep some of them on another machine, and remove those that are older than what you promise
about erasing.

\b
Exit codes:
  0  copied, verified, and on the disk
  1  PATH exists, there is no space, or the store is damaged: nothing is made"""

_RESTORE_HELP = """Put a backup in the place of the store.

The backup is verified first, and brought up to date. The store that is there is kept, under a name with the
time. End the worker and every inbox first: it refuses while one has the store open. What was fetched since
the backup is fetched again. Replies that were under way in it are `unknown` then: they may have gone out, and
nothing sends them twice.

\b
Exit codes:
  0  restored
  1  the backup is damaged or too new, or the store in use: nothing changed"""

_LOG_HELP = """Who did what, and when: the newest acts, the newest last; of CASE all of it.

Every act of an agent and of the worker is written down in the same transaction as what it changes. With
--json each is an object of the type `event`."""

KEEPING = (
    Subcommand(
        "log",
        "keeping:log",
        "Who did what, and when.",
        _LOG_HELP,
        "inbox-tui log --by anna --limit 20",
        (
            Param("CASE", kind=int),
            Param("--by", "Only what this agent did.", metavar="NAME"),
            Param("--limit", "How many at most; 0: all.", kind=int, default=50, least=0, metavar="N"),
        ),
    ),
    Subcommand(
        "backup",
        "keeping:backup",
        "Copy the whole store, under load, and verify the copy.",
        _BACKUP_HELP,
        'inbox-tui backup "inbox-$(date +%F).db"',
        (Param("PATH", required=True),),
    ),
    Subcommand(
        "restore",
        "keeping:restore",
        "Put a backup in the place of the store.",
        _RESTORE_HELP,
        "inbox-tui restore inbox-2026-11-24.db",
        (Param("PATH", required=True),),
    ),
)
