"""What the driver's errors mean, and what to do about them."""

from __future__ import annotations

from pathlib import Path

from inbox_tui.errors import StoreDamaged, StoreError, StoreFull, StoreLocked, StoreReadOnly

RESTORE = "end all that use it, then: inbox-tui restore BACKUP, which keeps this one aside"
_BUSY = ("in use by another program", "try again in a moment")
_FAULTS: tuple[tuple[str, type[StoreError], str, str], ...] = (
    ("disk is full", StoreFull, "no space left", "free some space; what was stored is safe"),
    ("readonly", StoreReadOnly, "may not be written", "check owner and mode of file and folder"),
    ("locked", StoreLocked, *_BUSY),
    ("busy", StoreLocked, *_BUSY),
    (
        "not a database",
        StoreDamaged,
        "not a store",
        "name another file with --store; if it was one: inbox-tui restore BACKUP",
    ),
    ("malformed", StoreDamaged, "damaged", RESTORE),
    ("vtable constructor failed", StoreDamaged, "damaged", RESTORE),
    ("invalid fts5", StoreDamaged, "damaged", RESTORE),
    ("corrupt", StoreDamaged, "damaged", RESTORE),
    ("disk I/O error", StoreError, "the disk does not do its work", "check the disk and its free space"),
    ("unable to open", StoreError, "cannot be opened", "check the folder and its rights"),
)
"""Part of the driver's message, the error, what happened, what to do."""


def told(path: Path, text: str) -> StoreError:
    """The error for a message of the driver about this store."""
    for part, kind, what, hint in _FAULTS:
        if part in text:
            return kind(f"{path}: {what} ({text})", hint)
    return StoreError(f"{path}: {text}", "run inbox-tui doctor")
