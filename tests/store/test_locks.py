"""Locks between processes: fair, and freed by the kernel."""

from __future__ import annotations

import fcntl
import os
import signal
import threading
from pathlib import Path

import pytest

from inbox_tui.errors import StoreLocked
from inbox_tui.store import locks
from inbox_tui.store.engine import Store
from inbox_tui.store.locks import FileLock, held, holding
from tests.store.children import child

WORK = """
lock = Store(path).side_lock('worker')
say(lock.try_acquire()); wait()
"""


def test_one_holds_it_the_other_does_not(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "lock", 0o600), FileLock(tmp_path / "lock", 0o600)
    assert first.try_acquire()
    assert not second.try_acquire()
    first.release()
    assert second.try_acquire()
    first.close()
    second.close()


def test_whoever_waits_gets_it_when_it_is_given_back(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "lock", 0o600), FileLock(tmp_path / "lock", 0o600)
    assert first.try_acquire()
    got: list[bool] = []
    waiter = threading.Thread(target=lambda: got.append(second.acquire(30)))
    waiter.start()
    first.release()
    waiter.join()
    assert got == [True]
    assert not first.try_acquire()
    second.close()
    assert first.try_acquire()
    first.close()


def test_whoever_gave_up_waiting_does_not_keep_it_later(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "lock", 0o600), FileLock(tmp_path / "lock", 0o600)
    assert first.try_acquire()
    assert not second.acquire(0.01)
    first.release()
    assert first.acquire(30), "the abandoned waiter passes it on"
    first.release()
    assert second.acquire(30)
    first.close()
    second.close()


def test_an_interrupted_wait_does_not_keep_it_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = FileLock(tmp_path / "lock", 0o600), FileLock(tmp_path / "lock", 0o600)
    assert first.try_acquire()

    class Interrupted(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            first.release()
            super().wait(30)
            raise KeyboardInterrupt

    class Waiter(locks._Waiter):
        def __init__(self, path: Path) -> None:
            super().__init__(path)
            self.taken = Interrupted()

    with monkeypatch.context() as patched:
        patched.setattr(locks, "_Waiter", Waiter)
        with pytest.raises(KeyboardInterrupt):
            second.acquire(30)
    assert first.acquire(30)
    first.close()
    second.close()


def test_the_holder_can_be_read(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "lock", 0o600), FileLock(tmp_path / "lock", 0o600)
    assert second.holder() == ""
    first.sign("process 7 (a long piece of work with a name far beyond what fits into the label of a lock)")
    assert second.holder().startswith("process 7 (a long")
    first.sign("process 8")
    assert second.holder() == "process 8"
    first.close()
    second.close()


def test_who_took_it_and_has_not_signed_yet_is_named_all_the_same(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "lock", 0o600), FileLock(tmp_path / "lock", 0o600)
    first.sign("process 1 (note)")
    assert holding(tmp_path / "lock") is None
    assert first.try_acquire()
    assert holding(tmp_path / "lock") == os.getpid()
    assert second.holder() == f"process {os.getpid()}"
    first.sign(f"process {os.getpid()} (note)")
    assert second.holder() == f"process {os.getpid()} (note)"
    first.close()
    second.close()


def test_where_the_kernel_lists_no_locks_the_signature_counts(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "lock", 0o600)
    assert lock.try_acquire()
    assert holding(tmp_path / "lock", str(tmp_path / "missing")) is None
    (tmp_path / "locks").write_text(
        "1: FLOCK  ADVISORY  WRITE 7 00:01:2 0 EOF\n1: -> FLOCK  ADVISORY  WRITE 8 x 0 EOF\n"
    )
    assert holding(tmp_path / "lock", str(tmp_path / "locks")) is None
    lock.close()


def test_looking_at_a_lock_does_not_take_it(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "lock", 0o600)
    assert not held(tmp_path / "lock")
    assert not held(tmp_path / "missing")
    assert lock.try_acquire()
    assert held(tmp_path / "lock")
    lock.close()
    assert not held(tmp_path / "lock")


def test_a_look_at_the_same_moment_is_not_taken_for_a_holder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = FileLock(tmp_path / "lock", 0o600)
    look = os.open(tmp_path / "lock", os.O_RDONLY)
    fcntl.flock(look, fcntl.LOCK_SH)
    monkeypatch.setattr("inbox_tui.store.locks.time.sleep", lambda seconds: fcntl.flock(look, fcntl.LOCK_UN))
    assert lock.try_acquire()
    os.close(look)
    lock.close()


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "lock").symlink_to(tmp_path / "precious")
    with pytest.raises(OSError, match="symbolic"):
        FileLock(tmp_path / "lock", 0o600)
    assert not held(tmp_path / "lock")


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    with child(WORK, tmp_path / "inbox.db") as worker:
        assert worker.hear() == "True"
        mine = FileLock(tmp_path / "inbox.db.worker", 0o600)
        assert not mine.try_acquire()
        os.kill(worker.pid, signal.SIGKILL)
        worker.process.wait()
        assert mine.try_acquire()
        mine.close()


def test_a_page_that_waits_for_its_turn_stands_in_no_agents_way(tmp_path: Path) -> None:
    store = Store(tmp_path / "inbox.db", deadline=0.01)
    waits: list[StoreLocked] = []

    def take_a_page() -> None:
        try:
            with store.in_turn("page two"), store.write("page two"):
                pass
        except StoreLocked as error:
            waits.append(error)
        finally:
            store.close_thread()

    with store.in_turn("page one"):
        second = threading.Thread(target=take_a_page)
        second.start()
        second.join()
        with store.write("an agent's act") as db:
            db.execute("INSERT INTO people (id, name, created_at) VALUES (1, 'Ada', 1)")
    assert [f"process {os.getpid()} (page one)" in str(error) for error in waits] == [True]
    take_a_page()
    assert len(waits) == 1
    store.close()
