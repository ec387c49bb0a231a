"""A secret is read from where the configuration says, and shows itself nowhere."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import sys
from pathlib import Path

import pytest

from inbox_tui import credentials
from inbox_tui.config import AccountConfig
from inbox_tui.credentials import Secret, resolve
from inbox_tui.errors import CredentialError

VALUE = "hunter2-ünlock"


def account(
    *, command: tuple[str, ...] = (), env: str = "", file: str = "", channel: str = "email"
) -> AccountConfig:
    return AccountConfig(
        name="mail", channel=channel, secret_command=command, secret_env=env, secret_file=file
    )


def python(code: str, *words: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code, *words)


def private(path: Path, content: bytes) -> str:
    path.touch(0o600)
    path.write_bytes(content)
    return str(path)


# Where it comes from


def test_from_a_command_its_first_line() -> None:
    code = f"import sys; sys.stdout.buffer.write('{VALUE}\\nlogin: x\\n'.encode())"
    assert resolve(account(command=python(code))).reveal() == VALUE


def test_no_shell_reads_the_command(tmp_path: Path) -> None:
    word = f"$(touch {tmp_path / 'p'}); echo $HOME *"
    assert resolve(account(command=python("import sys; print(sys.argv[1])", word))).reveal() == word
    assert not (tmp_path / "p").exists()


def test_a_command_cannot_ask() -> None:
    with pytest.raises(CredentialError, match="ended with 1"):
        resolve(account(command=python("input()")))


def test_a_command_that_fails_is_named_without_what_it_printed() -> None:
    with pytest.raises(CredentialError) as caught:
        resolve(account(command=python(f"import sys; print('{VALUE}'); sys.exit(3)")))
    assert "account mail" in str(caught.value)
    assert "ended with 3" in str(caught.value)
    assert "hunter2" not in str(caught.value) + caught.value.hint
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_command_that_does_not_exist() -> None:
    with pytest.raises(CredentialError, match="no-such-command: No such file"):
        resolve(account(command=("no-such-command",)))


def test_a_command_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "_COMMAND_SECONDS", 0.05)
    with pytest.raises(CredentialError, match="no answer within"):
        resolve(account(command=python("import time; time.sleep(60)")))


def test_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_TOKEN", VALUE)
    assert resolve(account(env="SHOP_TOKEN")).reveal() == VALUE
    monkeypatch.delenv("SHOP_TOKEN")
    with pytest.raises(CredentialError, match="SHOP_TOKEN is not set"):
        resolve(account(env="SHOP_TOKEN"))


def test_from_a_file_whole_without_its_last_newline(tmp_path: Path) -> None:
    content = '{"consumer_key": "a",\n "consumer_secret": "b"}\r\n'
    assert resolve(account(file=private(tmp_path / "s", content.encode()))).reveal() == content[:-2]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666, 0o601])
def test_a_file_that_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    path = Path(private(tmp_path / "s", VALUE.encode()))
    path.chmod(mode)
    with pytest.raises(CredentialError, match=f"mode {mode:04o}") as caught:
        resolve(account(file=str(path)))
    assert caught.value.hint == f"chmod 600 {path}"
    path.chmod(0o400)
    assert resolve(account(file=str(path))).reveal() == VALUE


def test_a_file_that_is_not_there_or_none(tmp_path: Path) -> None:
    with pytest.raises(CredentialError, match="No such file"):
        resolve(account(file=str(tmp_path / "s")))
    with pytest.raises(CredentialError, match="Is a directory"):
        resolve(account(file=str(tmp_path)))


@pytest.mark.parametrize("content", [b"", b"\n", b"\r\n"])
def test_an_empty_secret_is_none(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(CredentialError, match="account mail: its secret is empty"):
        resolve(account(file=private(tmp_path / "s", content)))


def test_a_secret_that_is_no_text(tmp_path: Path) -> None:
    with pytest.raises(CredentialError, match="not UTF-8") as caught:
        resolve(account(file=private(tmp_path / "s", b"hunter\xff")))
    assert "hunter" not in str(caught.value)
    with pytest.raises(CredentialError, match="not UTF-8"):
        resolve(account(command=python("import sys; sys.stdout.buffer.write(b'\\xff')")))


@pytest.mark.parametrize(("channel", "word"), [("email", "password"), ("x", "token")])
def test_without_a_source_it_says_which_keys_there_are(channel: str, word: str) -> None:
    with pytest.raises(CredentialError, match=f"no source of the {word}") as caught:
        resolve(account(channel=channel))
    assert f"{word}_command, {word}_env or {word}_file to [accounts.mail]" in caught.value.hint


# That it never shows


def test_a_secret_does_not_show_itself(caplog: pytest.LogCaptureFixture) -> None:
    secret = Secret(VALUE)
    logging.getLogger("test").warning("%s %r", secret, secret)
    shown = [str(secret), repr(secret), f"{secret}", f"{secret!r:>20}", "{0}".format(secret), repr([secret])]  # noqa: UP030, UP032
    assert [text for text in [*shown, caplog.text] if "hunter2" in text] == []
    assert "Secret(***)" in caplog.text
    assert secret.reveal() == VALUE


def test_a_secret_is_written_nowhere() -> None:
    secret = Secret(VALUE)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match="not written"):
            pickle.dumps(secret, protocol)
    with pytest.raises(TypeError, match="not written"):
        copy.deepcopy(secret)
    with pytest.raises(TypeError):
        json.dumps(secret)
    with pytest.raises(TypeError):
        vars(secret)
