"""Locks between processes, by the kernel's `flock`: fair, and freed when their holder dies."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

WORKER = "worker"
"""Name of the lock that the one worker of a host holds."""
USERS = "users"
"""Name of the lock that all share who have the store open."""
_LABEL = 80
_TRIES = 5
_LOOK_SECONDS = 0.001


class FileLock:
    """An exclusive lock on a file of its own. One object belongs to one thread.

    The holder's name stands in the file, for the message to whoever waits in vain. The file is never removed:
    removing it would let two processes lock two files of one name.
    """

    def __init__(self, path: Path, mode: int) -> None:
        self.path = path
        fresh = not path.exists()
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, mode)
        if fresh:
            os.fchmod(self._fd, mode)

    def try_acquire(self) -> bool:
        """Take it if it is free, without waiting for its holder."""
        for _ in range(_TRIES):
            if self._take():
                return True
            # It may be nothing but a look (`held`), which is over at once.
            time.sleep(_LOOK_SECONDS)
        return False

    def _take(self) -> bool:
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def acquire(self, seconds: float) -> bool:
        """Take it, waiting in the kernel's queue for at most so long."""
        if self._take():
            return True
        # flock has no timeout and polling would lose the place in the queue: a thread waits instead.
        waiter = _Waiter(self.path)
        waiter.start()
        try:
            waiter.taken.wait(seconds)
        except BaseException:
            if waiter.claim():
                os.close(waiter.fd)
            raise
        if waiter.claim():
            self._swap(waiter.fd)
            return True
        return False

    def _swap(self, fd: int) -> None:
        """Go on with the descriptor that holds the lock."""
        os.close(self._fd)
        self._fd = fd

    def sign(self, label: str) -> None:
        """Write who holds it."""
        os.pwrite(self._fd, label.encode()[:_LABEL].ljust(_LABEL), 0)

    def holder(self) -> str:
        """Who holds it, as he signed it; without his words where he has not come to signing. Empty: nobody."""
        signed = os.pread(self._fd, _LABEL, 0).decode("utf-8", "replace").strip()
        pid = holding(self.path)
        return signed if pid is None or f"{signed} ".startswith(f"process {pid} ") else f"process {pid}"

    def release(self) -> None:
        """Give it back."""
        fcntl.flock(self._fd, fcntl.LOCK_UN)

    def close(self) -> None:
        """Give it back and close the file."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def held(path: Path) -> bool:
    """Whether some process holds the lock on this file.

    A shared lock is tried and given back at once: two who look at the same time do not see each other.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def _listed(path: Path, table: str) -> Iterator[tuple[str, int]]:
    """By the kernel's own list: how a process has the lock on this file (READ shares it, WRITE has it), and its id."""
    try:
        facts = path.stat()
        lines = Path(table).read_text("ascii").splitlines()
    except OSError:
        return
    place = f"{os.major(facts.st_dev):02x}:{os.minor(facts.st_dev):02x}:{facts.st_ino}"
    for _, kind, _, how, pid, where, *_ in (line.split() for line in lines if "->" not in line):
        # A process of another container has no number here.
        if (kind, where) == ("FLOCK", place) and int(pid) > 0:
            yield how, int(pid)


def holding(path: Path, table: str = "/proc/locks") -> int | None:
    """The process that holds the lock on this file; None where the system does not tell.

    What stands in the file is the last holder's word: one that was stopped before he signed has not said it yet.
    """
    # A shared lock is but a look.
    return next((pid for how, pid in _listed(path, table) if how == "WRITE"), None)


class UseMark:
    """A share in a lock, for as long as this object lives: who wants it alone sees that it is in use."""

    def __init__(self, path: Path, mode: int) -> None:
        self._fd = self._opened(path, mode)

    @staticmethod
    def _opened(path: Path, mode: int) -> int:
        """A descriptor; -1 where this user may neither make nor read it: he does without."""
        fresh = not path.exists()
        for flags in (os.O_RDWR | os.O_CREAT, os.O_RDONLY):
            try:
                fd = os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW, mode)
            except OSError:
                continue
            if fresh and flags != os.O_RDONLY:
                os.fchmod(fd, mode)
            return fd
        return -1

    def set(self, seconds: float) -> bool:
        """Share it, waiting at most so long for whoever has it alone."""
        end = time.monotonic() + seconds
        while self._fd >= 0:
            try:
                fcntl.flock(self._fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > end:
                    return False
                time.sleep(0.05)
            else:
                return True
        return True

    def close(self) -> None:
        """Use it no more."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __del__(self) -> None:
        self.close()


def users(path: Path, table: str = "/proc/locks") -> list[int]:
    """Other processes that hold this lock or share it, where the system tells."""
    return sorted({pid for _, pid in _listed(path, table)} - {os.getpid()})


class _Waiter(threading.Thread):
    """Waits for the lock on a descriptor of its own; gives it back if nobody wants it any more."""

    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True, name="store-lock")
        self.fd = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        self.taken = threading.Event()
        self._given_up = False
        self._guard = threading.Lock()

    def run(self) -> None:
        fcntl.flock(self.fd, fcntl.LOCK_EX)
        with self._guard:
            if self._given_up:
                os.close(self.fd)
                return
            self.taken.set()

    def claim(self) -> bool:
        """Take over the lock if it was got; otherwise tell the thread that nobody waits any more."""
        with self._guard:
            self._given_up = not self.taken.is_set()
            return not self._given_up
