"""Opens the store: files, locks, transactions, errors. Knows no table but ``meta``.

One connection a thread. Every write goes through `Store.write`: first a `flock` on a side file, which the
kernel queues fairly (SQLite's own polling starves an agent beside busy writers), then BEGIN IMMEDIATE.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from inbox_tui.errors import (
    StoreDamaged,
    StoreError,
    StoreLocked,
    StoreReadOnly,
    StoreTooNew,
)
from inbox_tui.store.driver import BY_COMMAND, Connection, Keep, connect, set_journal, translated, wal_is_safe
from inbox_tui.store.locks import USERS, FileLock, UseMark, held, holding
from inbox_tui.store.places import file_mode, may_only_read, refuse_network_file_system, way_to_one

APPLICATION_ID = 0x696E6278
SCHEMA_VERSION = 7
DEADLINE = 10.0
"""Seconds that a writer waits for the others."""
_WRITERS, _TURN = "lock", "turn"
"""Names of the locks of whoever writes, and of whoever writes one of many pages."""
_LOG_PAGES = 4_000
"""The write-ahead log is written back when it has so many pages (of 4 KiB)."""


class Store:
    """One store file, for any number of threads.

    path: the file; created where it is missing and `create` is true, readable by its owner alone, or by the
    group where the directory is setgid. upgrade: called before a store of an older version is brought up to
    date, which takes half a minute for a million messages. keep: what each connection keeps.
    Raises StoreError and its subclasses.
    """

    def __init__(
        self,
        path: Path,
        *,
        create: bool = True,
        deadline: float = DEADLINE,
        upgrade: Callable[[], None] | None = None,
        keep: Keep = BY_COMMAND,
    ) -> None:
        self.path = path
        self._keep = keep
        self.deadline = deadline
        self._local = threading.local()
        self._guard = threading.Lock()
        self._open: list[Connection] = []
        self._locks: list[FileLock] = []
        self.read_only = False
        self.reader: str | None = None
        """An agent who may only read, in whose name it was opened."""
        self._damaged: StoreDamaged | None = None
        """What was found broken: from then on nothing is written, so that it is not made worse."""
        self._prepare(create, upgrade)

    # -- opening

    def _prepare(self, create: bool, upgrade: Callable[[], None] | None) -> None:
        refuse_network_file_system(self.path)
        if not self.path.exists():
            if not create:
                raise StoreError(f"{self.path}: there is no store yet", way_to_one(self.path))
            self._create_file()
        self._mark_use()
        self.read_only = not os.access(self.path, os.W_OK) or not os.access(self.path.parent, os.W_OK)
        # One transaction: another process may be making the tables at this moment.
        with self.reading() as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            self._check_owner(connection)
        if version == SCHEMA_VERSION:
            self._leave_log()
            return
        if version > SCHEMA_VERSION:
            raise StoreTooNew(
                f"{self.path}: written by a newer inbox-tui (schema {version}, this one knows {SCHEMA_VERSION})",
                "upgrade inbox-tui",
            )
        if self.read_only:
            raise StoreReadOnly(
                f"{self.path}: this store must be brought up to date, and may not be written",
                "start inbox-tui once as a user who may write it",
            )
        if version and upgrade is not None:
            upgrade()
        self._migrate()

    def _mark_use(self) -> None:
        """Whoever wants to put another file in the place of this one sees that it is in use."""
        mark = UseMark(self.path.with_name(f"{self.path.name}.{USERS}"), file_mode(self.path.parent))
        if not mark.set(self.deadline):
            raise StoreLocked(f"{self.path}: another one is being put in its place", "try again in a moment")
        self._mark = mark

    def _leave_log(self) -> None:
        """A store that had a log by another SQLite gets on without, where this one could damage it."""
        if wal_is_safe() or self.read_only:
            return
        try:
            with translated(self.path):
                set_journal(self.read(), 0)
        except StoreLocked:
            pass  # others have it open: doctor says so

    def _check_owner(self, connection: Connection) -> None:
        """Refuse another program's database, whatever its version says."""
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        if application == APPLICATION_ID:
            return
        if application or connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise StoreDamaged(
                f"{self.path}: a database of another program", "name another file with --store"
            )

    def _create_file(self) -> None:
        mode = file_mode(self.path.parent)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, mode)
        except FileExistsError:
            return  # another process was faster: it is the same store
        except OSError as error:
            raise StoreError(
                f"{self.path}: {error.strerror}", "name another place with --store or in the configuration"
            ) from None
        os.fchmod(handle, file_mode(self.path.parent))
        os.close(handle)

    def _migrate(self) -> None:
        from inbox_tui.store.migrations import migrate

        with self._held(_WRITERS, "migration"), translated(self.path):
            connection = self.read()
            set_journal(connection, self.deadline)
            connection.execute("PRAGMA foreign_keys=OFF")
            connection.execute("BEGIN IMMEDIATE")
            try:
                version = connection.execute("PRAGMA user_version").fetchone()[0]
                if version < SCHEMA_VERSION:
                    if version:
                        _check_pages(self.path, connection)
                    migrate(connection)
                    connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
                    connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            connection.execute("PRAGMA foreign_keys=ON")

    def _connect(self) -> Connection:
        connection = connect(self.path, self._mode(), self._keep.statements)
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA temp_store=MEMORY")
        connection.execute(f"PRAGMA cache_size=-{self._keep.pages}")
        connection.execute(f"PRAGMA wal_autocheckpoint={_LOG_PAGES}")
        return connection

    def _mode(self) -> str:
        if not self.read_only:
            return "rw"
        log = self.path.with_name(f"{self.path.name}-wal")
        # Beside a log SQLite must be able to write; without one, and where nobody can, it need not look for one.
        still = os.statvfs(self.path).f_flag & os.ST_RDONLY and not log.exists()
        return "ro&immutable=1" if still else "ro"

    # -- reading and writing

    def read(self) -> Connection:
        """This thread's connection, for reading."""
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            with translated(self.path):
                connection = self._connect()
            self._local.connection = connection
            with self._guard:
                self._open.append(connection)
        return connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Several reads that see one moment; errors come as StoreError."""
        connection = self.read()
        with self._watched():
            if connection.in_transaction:
                yield connection
                return
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    @contextmanager
    def write(self, what: str) -> Iterator[Connection]:
        """One transaction: all of it is stored, or nothing.

        what: a word or two about the work, shown to whoever waits too long for it.
        Raises StoreLocked after the deadline, StoreFull, StoreReadOnly, StoreDamaged.
        """
        if self._damaged is not None:
            raise self._damaged
        if self.reader is not None:
            raise may_only_read(self.path, self.reader)
        if self.read_only:
            raise StoreReadOnly(f"{self.path}: may not be written", "check owner and mode of file and folder")
        connection = self.read()
        if connection.in_transaction:
            raise StoreError("a write inside another transaction")
        with self._held(_WRITERS, what), self._watched():
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    @contextmanager
    def _watched(self) -> Iterator[None]:
        try:
            with translated(self.path):
                try:
                    yield
                except (LookupError, TypeError, ValueError):
                    # Rows that make no sense: the program's fault, or the disk's.
                    _check_pages(self.path, self.read())
                    raise
        except StoreDamaged as error:
            self._damaged = error
            raise

    @contextmanager
    def in_turn(self, what: str) -> Iterator[None]:
        """Around the `write` of one of many pages: only one such writer stands in the writers' queue.

        The others wait outside it, so that an agent's act waits for a page or two, however many there are.
        Raises StoreLocked after the deadline.
        """
        if self.read_only:
            raise StoreReadOnly(f"{self.path}: may not be written", "check owner and mode of file and folder")
        with self._held(_TURN, what):
            yield

    @contextmanager
    def _held(self, name: str, what: str) -> Iterator[None]:
        locks: dict[str, FileLock] = self._local.__dict__.setdefault("locks", {})
        lock = locks.get(name) or self._own_lock(name)
        if not lock.acquire(self.deadline):
            raise StoreLocked(
                f"{self.path}: not free within {self.deadline:g} s; held by {lock.holder() or 'an unknown process'}",
                "try again; end that process if it hangs",
            )
        try:
            lock.sign(f"process {os.getpid()} ({what})")
            yield
        finally:
            lock.release()

    def _own_lock(self, name: str) -> FileLock:
        """This thread's handle on a lock beside the store."""
        path = self.path.with_name(f"{self.path.name}.{name}")
        try:
            lock = FileLock(path, file_mode(self.path.parent))
        except OSError as error:
            raise StoreReadOnly(
                f"{path}: {error.strerror}: may not be written", "check owner and mode of file and folder"
            ) from None
        self._local.locks[name] = lock
        with self._guard:
            self._locks.append(lock)
        return lock

    def compact(self) -> bool:
        """Rewrite the file without what was deleted, and empty its log; false where others still read that.

        Needs room for the whole store once more.
        """
        if self.reader is not None:
            raise may_only_read(self.path, self.reader)
        with self._held(_WRITERS, "compact"), translated(self.path):
            connection = self.read()
            connection.execute("PRAGMA temp_store=FILE")
            connection.execute("VACUUM")
            connection.execute("PRAGMA temp_store=MEMORY")
            return not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]

    def data_version(self) -> int:
        """A number that changes whenever another connection has committed."""
        with translated(self.path):
            return int(self.read().execute("PRAGMA data_version").fetchone()[0])

    def close_thread(self) -> None:
        """Close this thread's connection."""
        connection: Connection | None = getattr(self._local, "connection", None)
        locks = list(getattr(self._local, "locks", {}).values())
        self._local.connection, self._local.locks = None, {}
        with self._guard:
            if connection is not None:
                self._open.remove(connection)
                connection.close()
            for lock in locks:
                self._locks.remove(lock)
                lock.close()

    def close(self) -> None:
        """Close all connections; no other thread may be using them."""
        with self._guard:
            for connection in self._open:
                connection.close()
            for lock in self._locks:
                lock.close()
            self._open.clear()
            self._locks.clear()
        self._mark.close()
        self._local = threading.local()

    def is_held(self, name: str) -> bool:
        """Whether some process holds this side lock; looking does not disturb it."""
        path = self.path.with_name(f"{self.path.name}.{name}")
        return path.exists() and held(path)

    def holder(self, name: str) -> int | None:
        """The process that holds this side lock; None: nobody, or the kernel does not tell."""
        return holding(self.path.with_name(f"{self.path.name}.{name}"))

    def side_lock(self, name: str) -> FileLock:
        """A lock of its own beside the store, for work that only one process may do."""
        return FileLock(self.path.with_name(f"{self.path.name}.{name}"), file_mode(self.path.parent))


def _check_pages(path: Path, connection: Connection) -> None:
    """Whether the store is sound; takes seconds for a large one. Raises StoreDamaged."""
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        from inbox_tui.store.faults import RESTORE

        raise StoreDamaged(f"{path}: damaged ({found})", RESTORE)
