"""The command line as processes: the worker and those beside it, signals, pipes, what is imported."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from inbox_tui.sandbox.runner import Sandbox
from tests.cli.conftest import Cli

Start = Callable[..., "subprocess.Popen[bytes]"]
COMMAND = [sys.executable, "-m", "inbox_tui"]


@pytest.fixture
def start(world: Sandbox) -> Iterator[Start]:
    """Starts the command line on that world as a process; all are gone at the end."""
    running: list[subprocess.Popen[bytes]] = []

    def begin(*words: str | int) -> subprocess.Popen[bytes]:
        argv = [*COMMAND, "--config", str(world.config_path), *map(str, words)]
        pipe = subprocess.PIPE
        child = subprocess.Popen(argv, stdin=pipe, stdout=pipe, stderr=pipe)
        running.append(child)
        return child

    yield begin
    for child in running:
        with child:  # closes its pipes
            if child.poll() is None:
                child.kill()


def until(true: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.02)


@pytest.fixture
def worker(start: Start, cli: Cli, world: Sandbox) -> subprocess.Popen[bytes]:
    """A worker that has fetched a case."""
    world.play({"channel": "x", "kind": "mention", "from": "@lena", "name": "Lena", "text": "@shop and L?"})
    child = start("fetch", "--follow", "--quiet", "--tied")
    until(lambda: cli("accounts", "--json").out.count('"last_success":"') == 3, "the first fetch")
    return child


def test_where_a_worker_runs_it_sends_and_the_reply_waits_for_it(
    worker: subprocess.Popen[bytes], cli: Cli, world: Sandbox
) -> None:
    (case,) = cli("list", "--json").records
    (world.directory / "secrets" / "shop").unlink()  # so that nobody but the worker can have sent it
    answer = cli("reply", case["id"], "Yes.", "--json")
    assert (answer.code, answer.record["state"]) == (0, "sent")
    assert [sent["text"] for sent in world.journal.sent] == ["Yes."]


def test_a_refusal_to_the_worker_is_told_and_withdrawn(
    worker: subprocess.Popen[bytes], cli: Cli, world: Sandbox
) -> None:
    (case,) = cli("list", "--json").records
    assert cli("reply", case["id"], "Yes.").code == 0
    answer = cli("reply", case["id"], "Yes.", "--json")
    assert (answer.code, answer.error["code"]) == (4, "refused")
    assert cli("outbox", "--json").records == []


def test_where_a_worker_runs_fetch_asks_it(worker: subprocess.Popen[bytes], cli: Cli) -> None:
    answer = cli("fetch")
    assert (answer.code, answer.out) == (0, "")
    assert f"process {worker.pid}" in answer.err
    status = cli("accounts", "--json").records[-1]
    assert (status["running"], status["pid"]) == (True, worker.pid)
    assert not [record for record in cli("doctor", "--json").records if not record["ok"]]


def test_there_is_one_worker(worker: subprocess.Popen[bytes], cli: Cli) -> None:
    answer = cli("fetch", "--follow", "--json")
    assert (answer.code, answer.error["code"]) == (1, "nothing_to_do")
    assert f"process {worker.pid}" in answer.error["message"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_worker_cleanly(worker: subprocess.Popen[bytes], number: signal.Signals) -> None:
    worker.send_signal(number)
    out, err = worker.communicate(timeout=20)
    assert (worker.returncode, out, err) == (0, b"", b"")


def test_a_worker_ends_with_its_parent(worker: subprocess.Popen[bytes]) -> None:
    assert worker.stdin is not None
    worker.stdin.close()
    assert worker.wait(timeout=20) == 0


def test_a_worker_without_secrets_does_not_start(cli: Cli, world: Sandbox) -> None:
    (world.directory / "secrets" / "mail").unlink()
    answer = cli("fetch", "--follow", "--json")
    assert (answer.code, answer.error["code"]) == (2, "credentials")
    assert [a["error"] for a in cli("accounts", "--json").records[:-1]] == [None] * 3


def test_a_reader_that_goes_away_is_no_error(start: Start, cli: Cli, world: Sandbox) -> None:
    world.play({"channel": "facebook", "kind": "post", "from": "Ali", "text": "Danke! " * 20_000})
    cli("fetch")
    child = start("show", 1)
    assert child.stdout is not None
    assert child.stdout.read(4)
    child.stdout.close()
    child.wait(timeout=20)
    assert child.stderr is not None
    assert (child.returncode, child.stderr.read()) == (141, b"")


def test_an_interrupt_ends_without_a_traceback(start: Start, cli: Cli, world: Sandbox) -> None:
    """While it reads the text from stdin, which never ends."""
    cli("fetch")
    child = start("note", 1)
    until(lambda: b"\nState:\tS" in Path(f"/proc/{child.pid}/status").read_bytes(), "it to wait for stdin")
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=20)
    assert (child.returncode, err) == (130, b"")


def test_the_sandbox_says_when_it_is_ready_and_ends_when_told(tmp_path: Path) -> None:
    argv = [*COMMAND, "sandbox", str(tmp_path / "w"), "--empty"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        ready = json.loads(child.stdout.readline())
        assert (ready["type"], ready["config"]) == ("ready", str(tmp_path / "w" / "config.toml"))
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=20)
    assert child.returncode == 0
    assert ready["config"] in err.decode()


def test_a_sandbox_does_not_write_over_a_configuration(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('store = "mine.db"\n')
    done = subprocess.run([*COMMAND, "sandbox", str(tmp_path), "--empty"], capture_output=True, check=False)
    assert done.returncode == 2
    assert b"name another directory" in done.stderr
    assert (tmp_path / "config.toml").read_text() == 'store = "mine.db"\n'


HEAVY = {
    *("textual", "rich", "tweepy", "imapclient", "requests", "msgspec", "sqlite_utils", "platformdirs"),
    *(
        "click",
        "phonenumbers",
        "rapidfuzz",
        "dataclasses",
        "inspect",
        "importlib.metadata",
        "email",
        "ssl",
        "asyncio",
        "http",
        "publicsuffixlist",
        "subprocess",
    ),
    *("inbox_tui.channels", "inbox_tui.service", "inbox_tui.sandbox"),
}


@pytest.mark.parametrize(
    "words", [["list", "--json"], ["list"], ["show", "1"], ["note", "1", "x"], ["done", "1"]]
)
def test_a_quick_subcommand_imports_nothing_slow(cli: Cli, world: Sandbox, words: list[str]) -> None:
    world.play({"channel": "x", "kind": "mention", "from": "@lena", "name": "Lena", "text": "@shop and L?"})
    cli("fetch")
    code = (
        "import sys; from inbox_tui.cli.run import run; code = run(sys.argv[1:]);"
        "print(*sorted(sys.modules), file=sys.stderr); sys.exit(code)"
    )
    argv = [sys.executable, "-c", code, "--config", str(world.config_path), *words]
    done = subprocess.run(argv, capture_output=True, check=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
    assert done.stdout
    assert HEAVY & set(done.stderr.decode().split()) == set()
