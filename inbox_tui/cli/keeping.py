"""Subcommands that keep a store: copies of it, and one of them put in its place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inbox_tui.cli.call import Call

_MIB = 1024 * 1024


def backup(call: Call, path: str) -> int:
    """Copy the store to a new file."""
    inbox = call.inbox
    call.out.progress("Copying and verifying …")
    copy = inbox.keeping.backup(Path(path))
    call.out.progress("")
    if call.out.json:
        call.out.record({"type": "backup", "path": str(copy.path), "bytes": copy.size, "schema": copy.schema})
    else:
        call.out.line(f"{copy.path}: whole and verified, {copy.size / _MIB:.1f} MiB.")
    return 0


def restore(call: Call, path: str) -> int:
    """Put a copy in the place of the store."""
    from inbox_tui.inbox import wall_clock
    from inbox_tui.inbox.upkeep import restore

    store = call.config.store
    call.out.progress("Verifying and copying …")
    done = restore(store, Path(path), wall_clock())
    call.out.progress("")
    if call.out.json:
        aside = str(done.aside) if done.aside else None
        call.out.record({"type": "restored", "path": str(store), "aside": aside, "unknown": done.unknown})
        return 0
    call.out.line(f"{store}: restored from {path}.")
    if done.aside is not None:
        call.out.line(f"The store that was there is kept: {done.aside}")
    if done.unknown:
        call.out.say(
            f"{done.unknown} replies were under way when the copy was made, and may have gone out since: "
            "inbox-tui outbox"
        )
    return 0
