"""The log file: private, rotating, without secrets and foreign text; faults without values."""

from __future__ import annotations

import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from inbox_tui import logs
from inbox_tui.errors import Refused
from tests.cli.conftest import Cli, bare

__all__ = ["bare"]
MARK = "Zwiebelfisch"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """A log that is begun."""
    file = tmp_path / "state" / "inbox.log"
    logs.begin(file, "info")
    yield file
    logs.end()


def broken(letter: str) -> None:
    secret = f"hunter2 {letter}"
    raise KeyError(f"{letter} {secret}")


def caught() -> KeyError:
    try:
        broken(MARK)
    except KeyError as error:
        return error
    raise AssertionError


def test_it_is_private_and_says_when_who_and_what(log: Path) -> None:
    logs.note("warning", "fetch failed", account="shop", code="login")
    [line] = logs.tail(log, 10)
    assert line.endswith("fetch failed account=shop code=login") and " WARNING " in line
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert stat.S_IMODE(log.parent.stat().st_mode) == 0o700


def test_less_than_its_level_is_left_out(log: Path) -> None:
    logs.begin(log, "error")
    logs.note("warning", "little")
    logs.note("error", "much")
    assert [line.rpartition(" ")[2] for line in logs.tail(log, 10)] == ["much"]


def test_an_error_is_logged_by_its_code_and_a_fault_by_its_place_and_neither_by_its_words(log: Path) -> None:
    logs.failed("send mail", Refused(f"550 {MARK} is not known here"))
    logs.failed("fetch shop", caught())
    text = log.read_text()
    assert "code=refused" in text and "kind=KeyError" in text and "test_logs.py" in text and "broken" in text
    assert MARK not in text and "hunter2" not in text


def test_a_fault_of_a_thread_is_logged_and_nothing_is_printed(
    log: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    thread = threading.Thread(target=broken, args=(MARK,), name="fetch shop")
    thread.start()
    thread.join()
    assert "thread fetch shop ended kind=KeyError" in log.read_text()
    assert MARK not in log.read_text()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "line",
    [
        "Authorization: Bearer abcdef123",
        "password=hunter2hunter2",
        "refresh_token: x1y2z3x1y2z3",
        "AAAAB3NzaC1yc2EAAAADAQABAAABgQC7hunter2",
        "client_secret = hunter2",
    ],
)
def test_what_looks_like_a_secret_is_not_written(log: Path, line: str) -> None:
    logs.note("error", line)
    found = log.read_text()
    assert "***" in found
    assert not [word for word in ("hunter2", "abcdef123", "x1y2z3") if word in found]


def test_nothing_in_it_can_act_on_a_terminal(log: Path) -> None:
    logs.note("error", "name \x1b]52;c;aGk=\x07\n2026 forged line \u202e")
    [line] = logs.tail(log, 10)
    assert line.isprintable()


def test_a_full_one_is_put_aside_by_many_writers_and_no_line_is_lost(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs.begin(log, "info")
    script = f"""
import sys
from pathlib import Path
from inbox_tui import logs
logs.LIMIT, logs.KEPT = 20_000, 50
logs.begin(Path({str(log)!r}), "info")
for n in range(600):
    logs.note("info", f"w{{sys.argv[1]}}", n=n)
"""
    writers = [subprocess.Popen([sys.executable, "-c", script, str(n)]) for n in range(3)]
    assert [one.wait(60) for one in writers] == [0, 0, 0]
    files = [log, *log.parent.glob("inbox.log.*")]
    assert len(files) > 3
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    lines = [line for file in files for line in file.read_text().splitlines()]
    lines = sorted(line.partition(" INFO ")[2].partition(" ")[2] for line in lines)
    assert lines == sorted(f"w{w} n={n}" for w in range(3) for n in range(600))


def test_where_it_cannot_be_written_the_program_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    logs.begin(tmp_path / "file" / "inbox.log", "info")
    logs.note("error", "said")
    logs.end()
    (tmp_path / "link").symlink_to(tmp_path / "file")
    logs.begin(tmp_path / "link", "info")
    logs.note("error", "said")
    logs.end()
    assert (tmp_path / "file").read_text() == ""


def test_a_fault_of_a_subcommand_is_told_without_values(
    bare: Cli, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inbox_tui.cli.reading.show", lambda call, case: broken(MARK))
    for words in ((), ("--json",)):
        answer = bare("show", 1, *words)
        assert answer.code == 70
        assert "KeyError" in answer.err and "test_logs.py" in answer.err and str(log) in answer.err
        assert MARK not in answer.err + answer.out and "hunter2" not in answer.err
    assert "kind=KeyError" in log.read_text() and MARK not in log.read_text()


def test_the_level_can_be_given(bare: Cli, tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    config.write_text('[log]\nfile = "my.log"\nlevel = "error"\n')
    try:
        bare("--config", config, "--log-level", "debug", "list")
        assert logs.path() == tmp_path / "my.log"
        logs.note("debug", "small")
    finally:
        logs.end()
    assert "small" in (tmp_path / "my.log").read_text()
    assert bare("--log-level", "loud", "list").code == 2
