"""What is right and wrong with a store: for ``doctor``."""

from __future__ import annotations

import stat

from inbox_tui.records import dataclass
from inbox_tui.store import erasing
from inbox_tui.store.driver import sqlite_version, wal_is_safe
from inbox_tui.store.engine import SCHEMA_VERSION, Store
from inbox_tui.store.faults import RESTORE


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    code: str
    ok: bool
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Repair:
    """A case whose clock was not what its messages and events say; times in milliseconds UTC, None: nothing owed."""

    case: int
    stored: int | None
    derived: int | None


def inspect(store: Store) -> tuple[Finding, ...]:
    """Look at file, library, journal and content. Raises StoreError where it cannot even be read."""
    with store.reading() as db:
        journal = str(db.execute("PRAGMA journal_mode").fetchone()[0])
        check = str(db.execute("PRAGMA quick_check(1)").fetchone()[0])
        version = int(db.execute("PRAGMA user_version").fetchone()[0])
        left = erasing.left(db)
    return (
        Finding(
            "store_schema",
            version == SCHEMA_VERSION,
            f"schema {version}, this program knows {SCHEMA_VERSION}",
        ),
        Finding(
            "store_content",
            check == "ok",
            "the store is whole" if check == "ok" else f"the store is damaged: {check}",
            "" if check == "ok" else RESTORE,
        ),
        *([_unfinished()] if left else []),
        _library(journal),
        _rights(store),
    )


def _unfinished() -> Finding:
    return Finding(
        "store_erasing",
        False,
        "words that were erased may still lie in free space of the store",
        "end all that use it, then: inbox-tui person erase",
    )


def _library(journal: str) -> Finding:
    version = ".".join(map(str, sqlite_version()))
    safe = wal_is_safe()
    if safe or journal != "wal":
        how = "with a write-ahead log" if journal == "wal" else f"with a rollback journal ({journal})"
        return Finding("store_library", True, f"SQLite {version} {how}")
    return Finding(
        "store_library",
        False,
        f"SQLite {version} can damage a store with a write-ahead log (fixed in 3.51.3, 3.50.7, 3.44.6)",
        "pip install pysqlite3",
    )


def _rights(store: Store) -> Finding:
    mode = stat.S_IMODE(store.path.stat().st_mode)
    if mode & stat.S_IRWXO:
        return Finding(
            "store_rights",
            False,
            f"{store.path} can be used by everybody (mode {mode:04o})",
            f"chmod o= {store.path}",
        )
    if store.read_only:
        return Finding(
            "store_rights",
            False,
            f"{store.path} may not be written",
            "check owner and mode of file and folder",
        )
    return Finding("store_rights", True, f"{store.path} (mode {mode:04o})")
