"""The driver: which SQLite, how a connection is made, its errors as StoreError. Knows no table."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inbox_tui.records import dataclass

# Two SQLite libraries on one file in one process break its locks: the choice is made here alone.
if TYPE_CHECKING:
    import sqlite3
else:
    try:
        from pysqlite3 import dbapi2 as sqlite3
    except ImportError:
        import sqlite3

Connection = sqlite3.Connection
Row = sqlite3.Row

# The driver asks every None in two ways whether it is something else; told so, it takes a sixth of the time.
sqlite3.register_adapter(type(None), lambda none: none)

_BUSY_MS = 5000


@dataclass(frozen=True)
class Keep:
    """What a connection keeps at most."""

    pages: int
    """KiB of them."""
    statements: int
    """That are prepared already."""


BY_COMMAND = Keep(8_000, 1_024)
BY_INTERFACE = Keep(500, 64)
"""There is a connection in each of its threads, and the pages lie in the system's cache anyway."""
BY_WORKER = Keep(16_384, 1_024)
"""The pages that intake changes over and over stay in memory, and are written back less often."""


def wal_is_safe(version: tuple[int, int, int] | None = None) -> bool:
    """Whether an SQLite, this one without `version`, is free of the WAL-reset bug.

    It is in 3.7.0–3.51.2, and mended in 3.44.6, 3.50.7 and 3.51.3.
    """
    version = version or sqlite_version()
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51, 0) or (3, 44, 6) <= version < (3, 45, 0)


def sqlite_version() -> tuple[int, int, int]:
    """Version of the SQLite library in use."""
    major, minor, patch = sqlite3.sqlite_version_info
    return major, minor, patch


def connect(path: Path, mode: str = "rw", statements: int = BY_COMMAND.statements) -> Connection:
    """A bare connection to a file that is there. mode: rw, or ro. statements: how many it keeps prepared."""
    # check_same_thread: close() must be able to close the connections of threads that have ended.
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        timeout=_BUSY_MS / 1000,
        check_same_thread=False,
        cached_statements=statements,
    )
    connection.row_factory = sqlite3.Row
    return connection


def set_journal(connection: Connection, deadline: float) -> str:
    """WAL where this SQLite is safe with it, else a rollback journal. Returns the mode in force.

    The pragma does not honour busy_timeout, hence the loop.
    """
    wanted = "wal" if wal_is_safe() else "delete"
    end = time.monotonic() + deadline
    while True:
        try:
            return str(connection.execute(f"PRAGMA journal_mode={wanted}").fetchone()[0])
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise
            time.sleep(0.01)


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn errors of the driver into StoreError that says what to do."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        from inbox_tui.store.faults import told  # a list that works needs none

        raise told(path, str(error)) from error


def rows(connection: Connection, sql: str, values: Any = ()) -> list[Any]:
    """All rows of a query."""
    return connection.execute(sql, values).fetchall()


def tuples(connection: Connection, sql: str, values: Any = ()) -> list[tuple[Any, ...]]:
    """The same as plain tuples, for what reads every column by its place: that is quicker."""
    cursor = connection.cursor()
    cursor.row_factory = None
    return cursor.execute(sql, values).fetchall()
