"""``init`` and ``auth`` as a person meets them: questions on a terminal, a browser, a page to paste from."""

from __future__ import annotations

import json
import os
import pty
import select
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from inbox_tui.config import load
from inbox_tui.sandbox.runner import ADDRESS, Sandbox
from tests.cli.conftest import Cli

_PATIENCE = 30.0


class Terminal:
    """A program in a terminal, and what it has shown so far."""

    def __init__(self, argv: list[str], kind: str = "xterm") -> None:
        self._ours, theirs = pty.openpty()
        clean = {
            key: value for key, value in os.environ.items() if key not in ("COLUMNS", "INBOX_TUI_CONFIG")
        }
        self.child = subprocess.Popen(
            argv, stdin=theirs, stdout=theirs, stderr=theirs, env={**clean, "TERM": kind}
        )
        os.close(theirs)
        self.shown = ""

    def until(self, words: str) -> str:
        """Wait until these words are shown; returns what came since the last call."""
        fresh = ""
        end = time.monotonic() + _PATIENCE
        while words not in fresh:
            assert time.monotonic() < end, f"{words!r} was not shown:\n{fresh}"
            if select.select([self._ours], [], [], 0.2)[0]:
                fresh += self._read()
        self.shown += fresh
        return fresh

    def rest(self) -> str:
        """Everything up to its end."""
        fresh = ""
        while part := self._read():
            fresh += part
        self.child.wait(_PATIENCE)
        self.shown += fresh
        return fresh

    def type(self, line: str) -> None:
        os.write(self._ours, line.encode() + b"\n")

    def close(self) -> None:
        self.child.kill()
        self.child.wait()
        os.close(self._ours)

    def _read(self) -> str:
        try:
            return os.read(self._ours, 65536).decode("utf-8", "replace").replace("\r\n", "\n")
        except OSError:
            return ""  # Linux says EIO where the other side of a pty is closed


Start = Callable[..., Terminal]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    opened: list[Terminal] = []

    def run(*words: str) -> Terminal:
        named = ("--config", str(tmp_path / "my.toml"), "--store", str(tmp_path / "my.db"))
        opened.append(Terminal([sys.executable, "-m", "inbox_tui", *named, *words]))
        return opened[-1]

    yield run
    for each in opened:
        each.close()


def options(world: Sandbox, account: str) -> list[str]:
    """What the sandbox's list of accounts says after ``init CHANNEL``."""
    lines = (world.directory / "accounts.txt").read_text().splitlines()
    [line] = [line for line in lines if f"--name {account} " in line]
    return shlex.split(line.removeprefix("# "))[2:]


def test_a_mailbox_is_set_up_by_answering_questions(start: Start, world: Sandbox, tmp_path: Path) -> None:
    terminal = start("init", "--ca-file", str(world.directory / "ca.pem"))
    terminal.until("Which channel")
    terminal.type("ema")
    terminal.until("name for it on screen [mail]")
    terminal.type("")
    terminal.until("mail address")
    terminal.type(ADDRESS)
    terminal.until("Who keeps the mailbox")
    terminal.type("")
    terminal.until("read from (HOST or HOST:PORT) [imap.shop.example]")
    terminal.type(f"127.0.0.1:{world.mail.imap_port}")
    terminal.until("send by")
    terminal.type(f"127.0.0.1:{world.mail.smtp_port}")
    terminal.until("Password: ")
    terminal.type("wrong")
    refused = " ".join(terminal.until("Try again with other answers?").split())
    assert "the login is refused" in refused and "app password" in refused
    assert not (tmp_path / "my.toml").exists()
    terminal.type("")
    # What was answered is the default the second time.
    terminal.until(f"mail address [{ADDRESS}]")
    terminal.type("")
    for question in ("Who keeps", "read from", "send by"):
        terminal.until(question)
        terminal.type("")
    terminal.until("Password (Enter: as before): ")
    terminal.type((world.directory / "secrets" / "mail").read_text().strip())
    end = terminal.rest()
    assert f"Account mail stands in {tmp_path / 'my.toml'}" in " ".join(end.split()) and "0 new" in end
    assert terminal.child.returncode == 0
    assert "wrong" not in terminal.shown
    account = load(str(tmp_path / "my.toml")).accounts["mail"]
    assert Path(account.secret_file).stat().st_mode & 0o777 == 0o600
    assert [each.name for each in (tmp_path / "secrets").iterdir()] == ["mail"]


def test_a_second_account_of_a_channel_gets_a_name_of_its_own(
    start: Start, world: Sandbox, bare: Cli, tmp_path: Path
) -> None:
    file = tmp_path / "my.toml"
    words = options(world, "mail")
    assert bare("--config", str(file), "init", *words, "--no-fetch").code == 0
    before = file.read_text()
    at = words.index("--name")
    terminal = start("init", *words[:at], *words[at + 2 :], "--no-fetch")
    terminal.until("name for it on screen [mail2]")
    terminal.type("mail")
    terminal.until("which stays as it is")
    terminal.type("second")
    terminal.rest()
    assert file.read_text().startswith(before)
    assert set(load(str(file)).accounts) == {"mail", "second"}


def command(tmp_path: Path, *words: str) -> subprocess.Popen[str]:
    named = ("--config", str(tmp_path / "my.toml"), "--store", str(tmp_path / "my.db"))
    argv = [sys.executable, "-m", "inbox_tui", *named, *words]
    return subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def allowed(running: subprocess.Popen[str], world: Sandbox, said: str = "allow") -> tuple[int, str, str]:
    """Do in the browser what the first line asks for; how it ended."""
    assert running.stdout is not None
    first = json.loads(running.stdout.readline())
    assert first["type"] == "login"
    code = f"?user_code={first['code']}" if first["code"] else ""
    more = "&" if "?" in first["url"] + code else "?"
    requests.get(
        f"{first['url']}{code}{more}answer={said}", verify=str(world.directory / "ca.pem"), timeout=20
    )
    out, err = running.communicate(timeout=_PATIENCE)
    return running.returncode, out, err


@pytest.mark.parametrize("account", ["mail2", "shop2", "page2"])
def test_each_account_is_set_up_by_oauth(world: Sandbox, tmp_path: Path, account: str) -> None:
    words = options(world, account)
    code, out, err = allowed(command(tmp_path, "init", *words, "--json"), world)
    assert (code, err) == (0, "")
    assert json.loads(out.splitlines()[0])["account"] == account
    known = load(str(tmp_path / "my.toml")).accounts[account]
    assert known.oauth is not None and Path(known.oauth.tokens_file).exists()


def test_init_by_a_code(world: Sandbox, tmp_path: Path) -> None:
    words = options(world, "mail2")
    code, _, err = allowed(command(tmp_path, "init", *words, "--device", "--json", "--no-fetch"), world)
    assert (code, err) == (0, "")


def test_a_login_that_is_refused_leaves_nothing_behind(world: Sandbox, tmp_path: Path) -> None:
    words = options(world, "mail2")
    code, _, err = allowed(command(tmp_path, "init", *words, "--json"), world, "refuse")
    assert code == 3
    assert "The owner said no" in json.loads(err)["message"]
    assert not (tmp_path / "my.toml").exists()
    assert not list(tmp_path.glob("secrets/*.tokens"))


def test_auth_logs_in_again(world: Sandbox, bare: Cli, tmp_path: Path) -> None:
    named = ("--config", str(tmp_path / "my.toml"), "--store", str(tmp_path / "my.db"))
    assert allowed(command(tmp_path, "init", *options(world, "mail2"), "--json"), world)[0] == 0
    world.oauth.withdraw(ADDRESS)
    gone = bare(*named, "fetch", "--json")
    assert (gone.code, gone.record["error"]["hint"]) == (3, "log in again: inbox-tui auth mail2")
    code, out, err = allowed(command(tmp_path, "auth", "mail2", "--json"), world)
    assert (code, err) == (0, "")
    assert json.loads(out) == {"type": "account", "account": "mail2", "channel": "email"}
    assert bare(*named, "fetch").code == 0


def test_auth_in_a_terminal_takes_a_pasted_address(start: Start, world: Sandbox, tmp_path: Path) -> None:
    assert allowed(command(tmp_path, "init", *options(world, "mail2"), "--json"), world)[0] == 0
    terminal = start("auth", "mail2")
    shown = terminal.until("paste that here")
    terminal.type("https://shop.example/")
    terminal.until("That is not the address at which the browser ended")
    terminal.type(came_back(shown, world))
    assert "Account mail2 is logged in." in terminal.rest()
    assert terminal.child.returncode == 0


def test_an_app_has_no_secret_after_one_was_mistyped(start: Start, world: Sandbox, tmp_path: Path) -> None:
    terminal = start("init", *options(world, "shop2"), "--no-fetch")
    terminal.until("(Enter: it has none): ")
    terminal.type("ls")
    shown = terminal.until("paste that here")
    terminal.type(came_back(shown, world))
    terminal.until("[Y/n]: ")
    for answer in ("", "", "", "-"):
        terminal.type(answer)
        if answer != "-":
            terminal.until(": ")
    terminal.type(came_back(terminal.until("paste that here"), world))
    assert "Account shop2 stands in" in terminal.rest()
    assert terminal.child.returncode == 0
    assert not (tmp_path / "secrets" / "shop2-app").exists()


def came_back(shown: str, world: Sandbox) -> str:
    """The address at which a browser ends that allows what is asked for on the page that was shown."""
    [url] = [line.strip() for line in shown.splitlines() if line.strip().startswith("https://")]
    answer = requests.get(
        url + "&answer=allow", verify=str(world.directory / "ca.pem"), timeout=20, allow_redirects=False
    )
    return answer.headers["Location"]


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (["auth", "nobody"], 1, 'there is no account "nobody"'),
        (["auth", "shop"], 2, "does not log in by OAuth"),
    ],
)
def test_what_auth_cannot_do_is_told(cli: Cli, argv: list[str], code: int, words: str) -> None:
    answer = cli(*argv)
    assert (answer.code, words in answer.err) == (code, True), answer.err


def test_certificates_are_asked_for_once_those_of_the_system_did_not_do(start: Start, world: Sandbox) -> None:
    words = options(world, "mail")
    at = words.index("--ca-file")
    terminal = start("init", *words[:at], *words[at + 2 :], "--no-fetch")
    refused = " ".join(terminal.until("[Y/n]: ").split())
    assert "its certificate cannot be trusted" in refused
    terminal.type("")
    while "certificates (Enter" not in (shown := terminal.until(": ")):
        terminal.type("")
    assert "Enter: the system's" in shown
    terminal.type(str(world.directory / "ca.pem"))
    assert "Account mail stands in" in terminal.rest()
    assert terminal.child.returncode == 0


def test_asked_again_enter_means_what_was_chosen_and_typed_before(start: Start, world: Sandbox) -> None:
    """Whoever mistyped one thing types in that alone, and no token once more."""
    words = options(world, "shop")
    url = words[words.index("--api-url") + 1]
    terminal = start("init", "x", "--handle", "@shop", "--name", "x", "--api-url", url, "--no-fetch")
    terminal.until("[oauth]: ")
    terminal.type("token")
    terminal.until("Token: ")
    terminal.type((world.directory / "secrets" / "shop").read_text().strip())
    terminal.until("[Y/n]: ")
    terminal.type("")
    terminal.until("[@shop]: ")
    terminal.type("")
    terminal.until("(Enter: the system's)")
    terminal.type(str(world.directory / "ca.pem"))
    terminal.until("[token]: ")
    terminal.type("")
    terminal.until("Token (Enter: as before): ")
    terminal.type("")
    assert "Account x stands in" in terminal.rest()
    assert terminal.child.returncode == 0


def test_a_terminal_that_cannot_place_its_cursor_is_told_what_to_use() -> None:
    terminal = Terminal([sys.executable, "-m", "inbox_tui"], kind="dumb")
    try:
        assert "TERM=dumb" in terminal.rest()
        assert terminal.child.returncode == 2
    finally:
        terminal.close()
