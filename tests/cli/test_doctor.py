"""``doctor``: each finding names its mend."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import time
from typing import Any

import pytest

from inbox_tui.cli.checks import MOST_SKEW, logins, rights
from inbox_tui.config import load
from inbox_tui.credentials.tokens import Tokens, save_tokens
from inbox_tui.errors import InboxError
from inbox_tui.sandbox.runner import Sandbox
from tests.cli.conftest import Cli


def wrong(cli: Cli, *words: str) -> list[dict[str, Any]]:
    return [record for record in cli("doctor", "--json", *words).records if not record["ok"]]


def now() -> int:
    return time.time_ns() // 1_000_000


def test_where_all_is_well_it_says_what_it_looked_at(cli: Cli, world: Sandbox) -> None:
    cli("fetch")
    answer = cli("doctor", "--json")
    assert answer.code == 0, answer.out
    codes = [record["code"] for record in answer.records]
    assert codes.count("login") == 3 and codes.count("clock_skew") == 2
    assert {
        "config",
        "config_rights",
        "terminal",
        "secret",
        "store_rights",
        "store_library",
        "worker",
    } <= set(codes)
    said = cli("doctor")
    assert "All is well." in said.err
    [shop] = [line for line in said.out.splitlines() if "account shop: complete" in line]
    assert re.search(r"\$0\.\d{3} of \$\d+\.\d\d spent today", shop), shop


@pytest.mark.parametrize(
    ("channel", "fault", "account"),
    [("email", "login_refused", "mail"), ("x", "unauthorized", "shop"), ("facebook", "unauthorized", "page")],
)
def test_a_login_that_is_refused_is_named(
    cli: Cli, world: Sandbox, channel: str, fault: str, account: str
) -> None:
    cli("fetch")
    world.play({"channel": channel, "kind": "fault", "fault": fault, "on": True})
    [finding] = wrong(cli)
    assert finding["code"] == "login" and f"account {account}" in finding["message"]
    assert finding["hint"]
    assert not wrong(cli, "--offline")


def test_an_account_without_its_secret_is_told_once(cli: Cli, world: Sandbox) -> None:
    cli("fetch")
    (world.directory / "secrets" / "mail").unlink()
    assert [finding["code"] for finding in wrong(cli)] == ["secret"]


def test_a_folder_that_is_not_there_is_named(cli: Cli, world: Sandbox) -> None:
    cli("fetch")
    text = world.config_path.read_text().replace('folders = ["INBOX"]', 'folders = ["INBOX", "Orders"]')
    world.config_path.write_text(text)
    [finding] = [each for each in wrong(cli) if each["code"] == "permission"]
    assert "no folder Orders" in finding["message"]
    assert "folders in [accounts.mail]" in finding["hint"]


def test_a_permission_that_was_not_granted_is_named(cli: Cli, world: Sandbox) -> None:
    cli("fetch")
    token = (world.directory / "secrets" / "shop").read_text().strip()
    text = world.config_path.read_text()
    oauth = '[accounts.shop.oauth]\nclient_id = "sandbox-x"\n\n[accounts.page]'
    text = text.replace('token_file = "secrets/shop"\n', "").replace("[accounts.page]", oauth)
    world.config_path.write_text(text)
    account = load(str(world.config_path)).accounts["shop"]
    save_tokens(account, Tokens(token, scopes=("tweet.read", "users.read", "dm.read", "dm.write")))
    [finding] = wrong(cli)
    assert (finding["code"], "tweet.write" in finding["message"]) == ("permission", True)
    assert "inbox-tui auth shop" in finding["hint"]


def test_a_clock_that_is_wrong_is_named(world: Sandbox) -> None:
    accounts = [load(str(world.config_path)).accounts["shop"]]
    right = [fact for fact in logins(accounts, now()) if fact.code == "clock_skew"]
    assert [fact.ok for fact in right] == [True]
    for apart, way in ((MOST_SKEW + 60_000, "ahead of"), (-MOST_SKEW - 60_000, "behind")):
        [fact] = [fact for fact in logins(accounts, now() + apart) if fact.code == "clock_skew"]
        assert not fact.ok and f"min {way} the platform" in fact.message
        assert "set the clock" in fact.hint


@pytest.mark.parametrize(
    ("raised", "message"),
    [
        (InboxError("broken", "mend it"), "account shop: broken"),
        (KeyError("data"), "account shop: a fault in the channel x: KeyError: 'data'"),
    ],
)
def test_a_fault_in_a_channel_is_a_finding(
    world: Sandbox, monkeypatch: pytest.MonkeyPatch, raised: Exception, message: str
) -> None:
    def broken(_account: object) -> None:
        raise raised

    monkeypatch.setattr("inbox_tui.bootstrap.examine", broken)
    [fact] = logins([load(str(world.config_path)).accounts["shop"]], now())
    assert (fact.ok, fact.message) == (False, message)
    assert fact.hint


def test_a_configuration_that_others_may_change_is_named(world: Sandbox) -> None:
    config = load(str(world.config_path))
    world.config_path.chmod(0o664)
    [fact] = rights(config)
    assert not fact.ok and fact.hint == f"chmod go-w {world.config_path}"
    world.config_path.chmod(0o640)
    [fact] = rights(config)
    assert fact.ok


def in_terminal(world: Sandbox, columns: int, lines: int, **environment: str) -> str:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    argv = [sys.executable, "-m", "inbox_tui", "--config", str(world.config_path), "doctor", "--offline"]
    child = subprocess.Popen(
        argv, stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, **environment}
    )
    os.close(theirs)
    got = b""
    try:
        while part := os.read(ours, 65536):
            got += part
    except OSError:
        pass  # Linux says EIO where the other side of a pty is closed
    finally:
        os.close(ours)
    child.wait(timeout=20)
    return " ".join(got.decode("utf-8", "replace").split())


@pytest.mark.parametrize(
    ("columns", "lines", "environment", "words"),
    [
        (80, 24, {"TERM": "xterm"}, "ok terminal xterm, 80×24"),
        (60, 24, {"TERM": "xterm"}, "MEND a terminal of 60×24 -> enlarge its window"),
        (80, 24, {"TERM": "dumb"}, "MEND a terminal that cannot place its cursor (TERM=dumb)"),
        (80, 24, {"TERM": "xterm", "PYTHONIOENCODING": "latin-1"}, "MEND the terminal is told to show"),
    ],
)
def test_the_terminal_is_looked_at(
    world: Sandbox, columns: int, lines: int, environment: dict[str, str], words: str
) -> None:
    assert words in in_terminal(world, columns, lines, **environment)


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ('[keys]\n"inbox.donne" = "x"', "config_keys", 'did you mean "inbox.done"?'),
        ('[keys]\n"inbox.done" = "alt+e"', "config_keys", "take another key"),
        ('[views.a]\nquery = "x"\nkey = "q"', "config_keys", "another key"),
        ('[templates.a]\nfile = "nowhere.txt"', "config_template", "name another"),
        ('[hooks]\non_sent = ["./nowhere"]', "config_hook", "chmod +x"),
    ],
)
def test_what_the_configuration_names_is_looked_at(
    cli: Cli, world: Sandbox, text: str, code: str, words: str
) -> None:
    cli("fetch")
    world.config_path.write_text(f"{world.config_path.read_text()}\n{text}\n")
    [finding] = wrong(cli, "--offline")
    assert finding["code"] == code and words in finding["hint"]


def test_what_an_account_acknowledges_is_told_and_a_wrong_text_is_found(cli: Cli, world: Sandbox) -> None:
    cli("fetch")
    text = world.config_path.read_text().replace(
        "[accounts.mail]\n", '[accounts.mail]\nacknowledge = "private"\n'
    )
    world.config_path.write_text(text)
    assert "account mail: acknowledges private messages" in cli("doctor", "--offline").out
    world.config_path.write_text(f'{text}\n[acknowledgements.en]\ntext = "Soon."\n')
    [finding] = wrong(cli, "--offline")
    assert finding["code"] == "config_acknowledge"
    assert "acknowledgements.en.text: the place {due} is missing" in finding["message"]


def test_an_account_is_named_whatever_its_name_is_a_part_of(world: Sandbox) -> None:
    world.play({"channel": "x", "kind": "fault", "fault": "unauthorized", "on": True})
    text = world.config_path.read_text().replace("[accounts.shop]", "[accounts.o]")
    world.config_path.write_text(text)
    [fact] = logins([load(str(world.config_path)).accounts["o"]], now())
    assert not fact.ok and fact.message.startswith("account o: 127.0.0.1")
