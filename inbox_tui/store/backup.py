"""Copies of a whole store: made under load, verified, and put in the place of a store that is lost.

A copy is one file that needs nothing beside it. It is never seen under its name before it is whole.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from inbox_tui.errors import StoreDamaged, StoreError, StoreFull, StoreLocked, StoreTooNew
from inbox_tui.records import dataclass
from inbox_tui.store.driver import connect, translated
from inbox_tui.store.engine import APPLICATION_ID, SCHEMA_VERSION, Store
from inbox_tui.store.locks import USERS, FileLock, users
from inbox_tui.store.places import file_mode

_BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a store, by the ending of its name."""
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy that was verified."""

    path: Path
    size: int
    """Bytes."""
    schema: int
    """Version of its tables."""


def save(store: Store, target: Path) -> Copy:
    """Copy the store to a new file, as it is at one moment, while others go on writing.

    Readable by its owner alone. Raises StoreError: the target exists, the disk is full, the copy is not whole.
    """
    if target.exists() or target.is_symlink():
        raise StoreError(f"{target}: is there already, and is not overwritten", "name a new file")
    if not target.parent.is_dir():
        raise StoreError(f"{target.parent}: there is no such folder", "make it, or name another place")
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        _make(part, 0o600)
        with translated(part), closing(connect(part)) as copy:
            store.read().backup(copy, pages=-1)
            # One file that needs no log beside it, wherever it is carried.
            copy.execute("PRAGMA journal_mode=DELETE")
        schema = check(part)
        size = part.stat().st_size
        _flush(part)
        _name(part, target)
    except OSError as error:
        raise _of_file(target, error) from None
    finally:
        _discard(part)
    return Copy(target, size, schema)


def check(path: Path) -> int:
    """Look at every page of a copy; its schema. Raises StoreError, StoreDamaged, StoreTooNew."""
    if not path.is_file():
        raise StoreError(f"{path}: there is no such file", "name a file that inbox-tui backup has made")
    with translated(path), closing(connect(path, "ro")) as db:
        if db.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
            raise StoreDamaged(f"{path}: not a store", "name a file that inbox-tui backup has made")
        schema = int(db.execute("PRAGMA user_version").fetchone()[0])
        found = str(db.execute("PRAGMA integrity_check(1)").fetchone()[0])
        dangling = db.execute("PRAGMA foreign_key_check").fetchone()
    if found != "ok" or dangling is not None:
        raise StoreDamaged(
            f"{path}: damaged ({'references lead nowhere' if found == 'ok' else found})",
            "take another copy",
        )
    if schema > SCHEMA_VERSION:
        raise StoreTooNew(
            f"{path}: written by a newer inbox-tui (schema {schema}, this one knows {SCHEMA_VERSION})",
            "upgrade inbox-tui",
        )
    return schema


def replace(path: Path, source: Path, stamp: str, prepare: Callable[[Store], None]) -> Path | None:
    """Put a verified copy in the place of a store; where the old one is kept, None where there was none.

    stamp: ends the name of the old one. prepare: changes the copy before anybody sees it. Until the last step
    the old store stands where it stood. Raises StoreLocked while others use it, and what `check` raises.
    """
    check(source)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = FileLock(path.with_name(f"{path.name}.{USERS}"), file_mode(path.parent))
    try:
        if not lock.try_acquire():
            raise StoreLocked(
                f"{path}: in use by {_who(lock)}", "end all that use it (the worker, too), then again"
            )
        room = path.with_name(f"{path.name}.restoring")
        shutil.rmtree(room, ignore_errors=True)
        room.mkdir(mode=0o700)
        try:
            fresh = _prepared(room / path.name, source, prepare)
            fresh.chmod(file_mode(path.parent))
            _flush(fresh)
            aside = _set_aside(path, path.with_name(f"{path.name}.{stamp}"))
            fresh.replace(path)
            _flush(path.parent)
            return aside
        finally:
            shutil.rmtree(room, ignore_errors=True)
    except OSError as error:
        raise _of_file(path, error) from None
    finally:
        lock.close()


def _prepared(fresh: Path, source: Path, prepare: Callable[[Store], None]) -> Path:
    """A copy of the copy, brought up to date and made ready, in one file."""
    _make(fresh, 0o600)
    shutil.copyfile(source, fresh)
    store = Store(fresh)
    try:
        prepare(store)
    finally:
        store.close()
    with translated(fresh), closing(connect(fresh)) as db:
        db.execute("PRAGMA journal_mode=DELETE")
    return fresh


def _set_aside(path: Path, aside: Path) -> Path | None:
    """A second name for the old store and what belongs to it; then its log is gone from beside the new one."""
    if not path.exists():
        return None
    _fold(path)
    for ending in ("", *_BESIDE):
        old = path.with_name(path.name + ending)
        if old.exists():
            _name(old, aside.with_name(aside.name + ending))
    for ending in _BESIDE:
        path.with_name(path.name + ending).unlink(missing_ok=True)
    return aside


def _fold(path: Path) -> None:
    """Write the log back into the old store, where it is sound enough for that."""
    try:
        with translated(path), closing(connect(path)) as db:
            if str(db.execute("PRAGMA quick_check(1)").fetchone()[0]) == "ok":
                db.execute("PRAGMA journal_mode=DELETE")
    except StoreError:
        pass  # damaged: it is kept as it is, with its log


def _who(lock: FileLock) -> str:
    found = users(lock.path)
    if not found:
        return "another process"
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return ("process " if len(found) == 1 else "processes ") + ", ".join(map(str, found[:_SHOWN])) + more


def _make(path: Path, mode: int) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_NOFOLLOW, mode))


def _name(file: Path, name: Path) -> None:
    """Give a file a further name that nothing has yet. Raises FileExistsError."""
    try:
        os.link(file, name)
    except FileExistsError:
        raise
    except OSError:
        # A file system without links.
        _make(name, 0o600)
        shutil.copyfile(file, name)
        _flush(name)
    _flush(name.parent)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _discard(part: Path) -> None:
    for ending in ("", *_BESIDE):
        part.with_name(part.name + ending).unlink(missing_ok=True)


def _of_file(path: Path, error: OSError) -> StoreError:
    import errno

    if isinstance(error, FileExistsError):
        return StoreError(f"{path}: is there already, and is not overwritten", "name a new file")
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreFull(f"{path}: no space left", "free some space; what was stored is safe")
    return StoreError(f"{path}: {error.strerror}", "check the folder and its rights")
