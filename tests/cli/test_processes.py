"""The command line as processes: the worker and those beside it, signals, pipes, what is imported."""

from __future__ import annotations

import json
import os
import shlex
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
    answer = cli("reply", case["id"], "Yes.", "--force", "--json")
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
    # In the background of a script it is ignored, and a child inherits that; what is caught it does not.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    child = start("note", 1)
    signal.signal(signal.SIGINT, before)
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


LIST_STANDS_ON = "array contextlib enum fcntl importlib json pathlib pwd re threading tomllib typing"
"""Of the standard library. Each module more is paid by whoever calls `list` in a loop."""
LIST_IS = {
    *("inbox_tui", "inbox_tui.errors", "inbox_tui.records", "inbox_tui.lazy", "inbox_tui.bootstrap"),
    "inbox_tui.unsafe",
    *("inbox_tui.model", "inbox_tui.model.overview", "inbox_tui.model.writing", "inbox_tui.model.kinds"),
    *("inbox_tui.config", "inbox_tui.config.accounts", "inbox_tui.config.reader", "inbox_tui.config.records"),
    *("inbox_tui.desk", "inbox_tui.desk.views"),
    *(
        "inbox_tui.config.templates",
        "inbox_tui.model.shift",
        "inbox_tui.model.capabilities",
        "inbox_tui.model.handoff",
        "inbox_tui.model.persons",
        "inbox_tui.model.handoff",
    ),
    *("inbox_tui.store", "inbox_tui.store.driver", "inbox_tui.store.engine", "inbox_tui.store.locks"),
    *("inbox_tui.store.cases", "inbox_tui.store.lists", "inbox_tui.store.listing", "inbox_tui.store.places"),
    *("inbox_tui.inbox", "inbox_tui.inbox.door"),
    *(
        "inbox_tui.cli",
        "inbox_tui.cli.run",
        "inbox_tui.cli.plain",
        "inbox_tui.cli.call",
        "inbox_tui.cli.output",
    ),
    *("inbox_tui.cli.table", "inbox_tui.cli.table.base", "inbox_tui.cli.table.core"),
    *("inbox_tui.cli.reading", "inbox_tui.cli.serial"),
}
"""What `list --json` imports of this program."""


RUN = "from inbox_tui.cli.run import run; assert run(sys.argv[1:]) in (0, 1)"


def modules_after(code: str, *words: str) -> set[str]:
    """What a process has imported when it has run the code."""
    told = f"import sys; {code}; print(*sorted(sys.modules), file=sys.stderr)"
    argv = [sys.executable, "-c", told, *words]
    done = subprocess.run(argv, capture_output=True, check=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
    assert done.stdout or not words
    return set(done.stderr.decode().split())


@pytest.mark.parametrize(
    "words",
    [["list", "--json"], ["list"], ["show", "1"], ["check"], ["handover"], ["note", "1", "x"], ["done", "1"]],
)
def test_a_quick_subcommand_imports_nothing_slow(cli: Cli, world: Sandbox, words: list[str]) -> None:
    world.play({"channel": "x", "kind": "mention", "from": "@lena", "name": "Lena", "text": "@shop and L?"})
    cli("fetch")
    assert HEAVY & modules_after(RUN, "--config", str(world.config_path), *words) == set()


def test_a_list_imports_what_it_needs_and_nothing_else(cli: Cli, world: Sandbox) -> None:
    world.play({"channel": "x", "kind": "mention", "from": "@lena", "name": "Lena", "text": "@shop and L?"})
    cli("fetch")
    library = modules_after(f"import {', '.join(LIST_STANDS_ON.split())}")
    found = modules_after(RUN, "--config", str(world.config_path), "list", "--json")
    more = {
        name for name in found - library if name.split(".")[0] not in ("pysqlite3", "sqlite3", "_sqlite3")
    }
    assert more == LIST_IS


@pytest.mark.parametrize(
    ("closed", "words", "code"),
    [
        (">&-", ["list"], 0),
        ("2>&-", ["show", "999"], 1),
        ("<&-", ["note", "1"], 2),
        ("<&- >&- 2>&-", ["fetch"], 0),
    ],
)
def test_a_stream_that_is_closed_ends_nothing(
    cli: Cli, world: Sandbox, closed: str, words: list[str], code: int
) -> None:
    world.play({"channel": "x", "kind": "mention", "from": "@lena", "name": "Lena", "text": "@shop and L?"})
    cli("fetch")
    argv = [sys.executable, "-m", "inbox_tui", "--config", str(world.config_path), *words]
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {closed}', "sh", *argv], capture_output=True, text=True, check=False
    )
    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr


def test_a_folder_that_is_gone_is_told(world: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    argv = [sys.executable, "-m", "inbox_tui", "--config", str(world.config_path), "--store", "s.db", "list"]
    script = 'cd "$1" && rmdir "$1" && shift && exec "$@"'
    done = subprocess.run(
        ["sh", "-c", script, "sh", str(tmp_path / "gone"), *argv], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr.splitlines()[-1]) == (1, "  cd to another one")


class Growing:
    """Calls of the command line on a configuration of its own."""

    worker: subprocess.Popen[str]

    def __init__(self, world: Sandbox, file: Path) -> None:
        self.file = file
        self.named = ("--config", str(file), "--store", str(file.with_suffix(".db")))
        self._lines = (world.directory / "accounts.txt").read_text("utf-8").splitlines()

    def words(self, channel: str) -> list[str]:
        """What to type behind ``init``."""
        [line] = [line for line in self._lines if line.startswith(f"inbox-tui init {channel} ")]
        return shlex.split(line)[2:]

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*COMMAND, *self.named, *words], capture_output=True, text=True, check=False)

    def fetched(self, account: str) -> bool:
        lines = map(json.loads, self("accounts", "--json").stdout.splitlines())
        return any(each.get("name") == account and each["last_success"] for each in lines)


@pytest.fixture
def growing(world: Sandbox, tmp_path: Path) -> Iterator[Growing]:
    """A worker whose configuration has one account so far."""
    one = Growing(world, tmp_path / "my.toml")
    assert one("init", *one.words("x")).returncode == 0
    argv = [*COMMAND, *one.named, "fetch", "--follow"]
    with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True) as one.worker:
        assert one.worker.stderr is not None and "Fetching and sending" in one.worker.stderr.readline()
        try:
            yield one
        finally:
            one.worker.terminate()


def test_an_account_that_is_set_up_beside_the_worker_is_fetched_by_it(growing: Growing) -> None:
    done = growing("init", *growing.words("email"))
    assert (done.returncode, f"process {growing.worker.pid}) fetches it" in done.stderr) == (0, True), (
        done.stderr
    )
    until(lambda: growing.fetched("mail"), "the first fetch of mail")
    assert growing.worker.poll() is None


def test_a_configuration_that_cannot_be_used_ends_no_worker(growing: Growing) -> None:
    good = growing.file.read_text("utf-8")
    growing.file.write_text("[accounts.", "utf-8")
    assert growing.worker.stderr is not None
    assert "cannot be used, what was before holds" in growing.worker.stderr.readline()
    growing.file.write_text(good, "utf-8")
    assert growing("init", *growing.words("email")).returncode == 0
    until(lambda: growing.fetched("mail"), "the first fetch of mail")
    assert growing.worker.poll() is None
