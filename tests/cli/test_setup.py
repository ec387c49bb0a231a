"""``init``: an account from nothing, against real servers; what was there stays as it is."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from inbox_tui.config import load
from inbox_tui.sandbox.runner import Sandbox
from tests.cli.conftest import Answer, Cli


def init(bare: Cli, world: Sandbox, file: Path, channel: str, *more: str) -> Answer:
    """What the sandbox says to type, on a configuration of its own."""
    [line] = [
        line
        for line in (world.directory / "accounts.txt").read_text().splitlines()
        if line.startswith(f"inbox-tui init {channel} ")
    ]
    named = ("--config", str(file), "--store", str(file.parent / "own.db"))
    return bare(*named, *shlex.split(line)[1:], *more)


def test_the_three_accounts_of_the_sandbox_are_set_up_and_fetched(
    bare: Cli, world: Sandbox, tmp_path: Path
) -> None:
    world.play({"channel": "x", "kind": "mention", "from": "@lena", "name": "Lena", "text": "@shop and L?"})
    file = tmp_path / "new" / "my.toml"
    for channel in ("email", "x", "facebook"):
        answer = init(bare, world, file, channel)
        assert answer.code == 0, answer.err
        assert f"stands in {file}" in answer.out
    assert set(load(str(file)).accounts) == {"mail", "shop", "page"}
    assert file.stat().st_mode & 0o777 == 0o600
    listed = bare("--config", str(file), "--store", str(file.parent / "own.db"), "list", "--json")
    assert listed.record["person"]["name"] == "Lena"


def test_comments_and_accounts_that_are_there_stay(bare: Cli, world: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "my.toml"
    before = "# mine\n[desk]\njoin_hours = 5  # short\n"
    file.write_text(before)
    file.chmod(0o640)
    assert init(bare, world, file, "x", "--no-fetch").code == 0
    text = file.read_text()
    assert text.startswith(before)
    assert file.stat().st_mode & 0o777 == 0o640
    again = init(bare, world, file, "x", "--json")
    assert (again.code, "has an account shop already" in again.error["message"]) == (2, True)
    assert file.read_text() == text


def test_a_login_that_is_refused_writes_nothing_and_says_what_is_missing(
    bare: Cli, world: Sandbox, tmp_path: Path
) -> None:
    file, wrong = tmp_path / "my.toml", tmp_path / "wrong"
    wrong.write_text("nonsense\n")
    wrong.chmod(0o600)
    for channel, words in (("email", "app password"), ("x", "tweet.read"), ("facebook", "page token")):
        answer = init(bare, world, file, channel, "--secret-file", str(wrong), "--json")
        assert answer.code == 3, channel
        assert words in answer.error["hint"], channel
        assert not file.exists()
    assert init(bare, world, file, "x", "--secret-file", str(wrong), "--force").code == 0
    assert "shop" in load(str(file)).accounts


_X = ("x", "--handle", "@a")
_PORT = ("--imap-port", "99999999", "--secret-env", "T")


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ([], "the channel is missing"),
        (["email"], "--address is missing"),
        ([*_X], "the token is missing"),
        ([*_X, "--secret-env", "T", "--secret-file", "t"], "--secret-env and --secret-file are both given"),
        ([*_X, "--secret-command", 'pass "x'], "a quote is not closed"),
        ([*_X, "--oauth", "google", "--client-id", "c"], '"google" does not log in'),
        (["x", "--handle", "a\x1bb", "--secret-env", "T"], "control character"),
        (["email", "--address", "a@b", "--imap-host", "h", "--smtp-host", "h", *_PORT], "imap_port"),
    ],
)
def test_what_is_missing_or_wrong_is_named(bare: Cli, tmp_path: Path, argv: list[str], words: str) -> None:
    answer = bare("--config", str(tmp_path / "my.toml"), "init", *argv)
    assert (answer.code, words in answer.err) == (2, True), answer.err
    assert not (tmp_path / "my.toml").exists()


def test_a_configuration_that_cannot_be_written_is_told_before_anything_is_asked(
    bare: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)  # root may write everywhere
    answer = bare("--config", str(tmp_path / "my.toml"), "init")
    assert (answer.code, answer.err) == (
        2,
        f"inbox-tui: {tmp_path} may not be written\n  name another file with --config\n",
    )
