"""A process that is stopped (Ctrl+Z, a debugger, a laptop's lid) stops nobody.

Where it holds the store, others say within their deadline who it is; everywhere else they go on. Nobody takes
the place of a worker that is stopped: it would send on when it wakes.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from inbox_tui import config as configuration
from inbox_tui.bootstrap import open_worker
from inbox_tui.errors import StoreLocked
from inbox_tui.inbox import Inbox
from inbox_tui.sandbox.runner import Sandbox
from inbox_tui.store.engine import DEADLINE, Store
from inbox_tui.store.locks import holding
from tests.storm import world as worlds
from tests.storm.conftest import Storm
from tests.storm.lanes import desk
from tests.storm.nursery import Victim, nursery
from tests.tui.terminal import on_terminal

SHORT = 0.3
"""Seconds of the deadline of whoever watches, where the program's own would take hours."""
SYNC = "fsync,fdatasync"
"""The system calls by one of which SQLite makes a commit last."""
needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")


# -- stopped by lot


def test_others_go_on_or_say_who_holds_the_store(storm: Storm, tmp_path: Path) -> None:
    stops = storm.size(30, 2_000)
    chance = random.Random(stops)
    with worlds.world(tmp_path) as box, nursery(tmp_path) as cradle, desk(box, ("x", "email")) as office:
        diary, config = tmp_path / "diary.jsonl", str(box.config_path)
        victims = [
            cradle.fork("worker", config),
            cradle.fork("agent", config, str(diary), "ada", "16"),
            cradle.fork("agent", config, str(diary), "ben", "16"),
            cradle.fork("command_line", config, str(diary), "carla", "16"),
        ]
        wait_until(lambda: office.inbox.worker().pid == victims[0].pid)
        ends: Counter[str] = Counter()
        watcher = Inbox(Store(box.store_path, deadline=SHORT), configuration.load(config, agent="dora"))
        for _ in range(stops):
            time.sleep(chance.uniform(0.0, 0.02))
            victim = chance.choice(victims)
            stop(victim)
            ends[tried(watcher, victim)] += 1
            check_one_worker(box, victims[0])
            victim.signal(signal.SIGCONT)
        watcher.note(1, "all is as before")
        watcher.close()
        for victim in victims:
            victim.kill()
        assert cradle.complaints() == ""
        assert ends["named"], "none was stopped inside a write: nothing was tried"
        storm.note(
            f"{stops} stops of worker, agents and script: {ends['went on']} × the others went on,"
            f" {ends['named']} × they named who holds the store; never a second worker"
        )


def tried(inbox: Inbox, stopped: Victim) -> str:
    """Read and write while somebody is stopped. Fails where that tells nothing, or the wrong thing."""
    begun = time.monotonic()
    inbox.page("waiting")
    assert inbox.case(1).timeline
    assert time.monotonic() - begun < 5, "a reader waits for a stopped process"
    while time.monotonic() - begun < 20:
        try:
            inbox.note(1, "somebody is stopped")
        except StoreLocked as error:
            if f"held by process {stopped.pid}" in error.message:
                return "named"
            # On a busy machine one that works may hold it for longer than this short deadline.
        else:
            return "went on"
    raise AssertionError("somebody else is named, and goes on holding the store")


def check_one_worker(box: Sandbox, worker: Victim) -> None:
    """Nobody else can become the worker."""
    second = open_worker(configuration.load(str(box.config_path)))
    assert not second.try_lock()
    second.close()
    assert not worker.ended()


def stop(victim: Victim) -> None:
    """Stop it, and wait until the kernel has."""
    victim.signal(signal.SIGSTOP)
    wait_until(lambda: states(victim.pid) <= {"T", "t"})


def states(pid: int) -> set[str]:
    """States of a process's threads, by the kernel's letters."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return {(task / "stat").read_text().rpartition(")")[2].split()[0] for task in tasks}


def wait_until(condition: object, seconds: float = 30) -> None:
    """Wait for it to become true."""
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.001)


# -- stopped at a known place


@contextmanager
def program(box: Sandbox, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A subcommand as a process of its own."""
    command = [sys.executable, "-m", "inbox_tui", "--config", str(box.config_path), *words]
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:  # type: ignore[call-overload]
        try:
            yield process
        finally:
            process.kill()


def ended(box: Sandbox, *words: str) -> tuple[int, str, float]:
    """Exit code, words and seconds of a subcommand."""
    begun = time.monotonic()
    with program(box, *words) as process:
        out, err = process.communicate(timeout=60)
        return process.returncode, out + err, time.monotonic() - begun


@contextmanager
def stopped_at(pid: int, call: str) -> Iterator[None]:
    """Stop a process at its next system call of this name; it goes on afterwards."""
    inject = ["-e", f"trace={call}", "-e", f"inject={call}:signal=STOP:when=1"]
    command = ["strace", "-f", "-p", str(pid), "-o", os.devnull, *inject]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tracer:
        assert tracer.stderr is not None
        assert "attached" in tracer.stderr.readline()
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)
            tracer.terminate()


def rest(pid: int) -> None:
    """Wait until it is stopped, and not only looked at by its tracer."""
    looks = 0

    def stopped() -> bool:
        nonlocal looks
        looks = looks + 1 if states(pid) <= {"T", "t"} else 0
        return looks > 50

    wait_until(stopped)


def refused(storm: Storm, box: Sandbox, holder: int) -> float:
    """A note that somebody keeps from being stored, and names him; the seconds until then."""
    if storm.small:
        # The same refusal after a shorter deadline.
        inbox = Inbox(Store(box.store_path, deadline=SHORT), configuration.load(str(box.config_path)))
        begun = time.monotonic()
        with pytest.raises(StoreLocked, match=f"held by process {holder}"):
            inbox.note(1, "meanwhile")
        inbox.close()
        return time.monotonic() - begun
    code, said, seconds = ended(box, "note", "1", "meanwhile")
    assert code == 1 and f"held by process {holder}" in said, said
    assert DEADLINE <= seconds < DEADLINE + 5
    return seconds


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Sandbox]:
    with worlds.world(tmp_path) as world, desk(world, ("x",)):
        yield world


@needs_strace
@pytest.mark.parametrize(("call", "file"), [("pwrite64", "inbox.db.lock"), (SYNC, "inbox.db-wal")])
def test_a_command_that_is_stopped_inside_its_write(storm: Storm, box: Sandbox, call: str, file: str) -> None:
    # The first write is its signature on the lock: until then the lock bears the name of the one before.
    assert ended(box, "note", "1", "before")[0] == 0
    where = ["-P", str(box.directory / file), "-e", f"trace={call}"]
    inject = ["-e", f"inject={call}:signal=STOP:when=1"]
    command = [sys.executable, "-m", "inbox_tui", "--config", str(box.config_path), "note", "1", "stopped"]
    with subprocess.Popen(["strace", "-f", "-o", os.devnull, *where, *inject, *command]) as tracer:
        pid = stopped_holder(box)
        code, said, seconds = ended(box, "list")
        assert (code, seconds < 5) == (0, True), said
        seconds = refused(storm, box, pid)
        os.kill(pid, signal.SIGCONT)
        assert tracer.wait(30) == 0
    assert ended(box, "note", "1", "afterwards")[0] == 0
    storm.note(f"stopped at {call}: reading goes on, a note names the process after {seconds:.1f} s")


def test_a_worker_that_is_stopped(storm: Storm, box: Sandbox) -> None:
    with program(box, "fetch", "--follow") as worker:
        wait_until(lambda: f"process {worker.pid}" in ended(box, "accounts")[1])
        stop_at_rest(box, worker.pid)
        code, said, _ = ended(box, "fetch", "--follow")
        assert code == 1 and f"a worker runs already: process {worker.pid}" in said
        code, said, seconds = ended(box, "note", "1", "meanwhile")
        assert (code, seconds < 5) == (0, True), said
        code, said, _ = ended(box, "reply", "1", "It left today.", "--timeout", "1")
        assert code == 5 and f"the worker (process {worker.pid}) has not sent it within 1 s" in said
        assert box.journal.sent == []
        os.kill(worker.pid, signal.SIGCONT)
        wait_until(lambda: box.journal.sent)
        worker.terminate()
        worker.wait(30)
    assert len(box.journal.sent) == 1
    storm.note(
        "a stopped worker is named, a note goes on, no second worker, the reply goes out once it wakes"
    )


@needs_strace
def test_an_interface_that_is_stopped_inside_its_write(storm: Storm, box: Sandbox) -> None:
    command = [sys.executable, "-m", "inbox_tui", "--config", str(box.config_path)]
    with program(box, "fetch", "--follow") as worker:
        wait_until(lambda: f"process {worker.pid}" in ended(box, "accounts")[1])
        stop_at_rest(box, worker.pid)
        before = {*children(os.getpid())}
        with on_terminal(command) as terminal:
            terminal.until(b"hello?")
            [interface] = [pid for pid in children(os.getpid()) if pid not in before]
            os.kill(interface, signal.SIGSTOP)
            code, said, seconds = ended(box, "note", "1", "it rests")
            assert (code, seconds < 5) == (0, True), said
            os.kill(interface, signal.SIGCONT)
            with stopped_at(interface, SYNC):
                terminal.press(b"e")
                rest(interface)
                seconds = refused(storm, box, interface)
            assert ended(box, "note", "1", "afterwards")[0] == 0
        os.kill(worker.pid, signal.SIGCONT)
    storm.note(
        f"an interface stopped inside its write is named after {seconds:.1f} s; at rest it holds up nobody"
    )


def stop_at_rest(box: Sandbox, pid: int) -> None:
    """Stop a process where it does not hold the store."""
    lock = box.directory / "inbox.db.lock"

    def stopped() -> bool:
        os.kill(pid, signal.SIGSTOP)
        rest(pid)
        if holding(lock) is None:
            return True
        os.kill(pid, signal.SIGCONT)
        return False

    wait_until(stopped)


def stopped_holder(box: Sandbox) -> int:
    """Wait until somebody holds the store and is stopped; who."""
    lock = box.directory / "inbox.db.lock"
    wait_until(lambda: holding(lock))
    pid = holding(lock)
    assert pid is not None
    rest(pid)
    return pid


def children(pid: int) -> list[int]:
    """Children of a process."""
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
