"""A secret is read from where the configuration says, and shows itself nowhere."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail

from inbox_tui.config import AccountConfig, OAuthConfig
from inbox_tui.credentials import Secret, client_secret, resolve, sources, tokens
from inbox_tui.credentials.tokens import Tokens, load_tokens, save_tokens, tokens_locked
from inbox_tui.errors import CredentialError

VALUE = "hunter2-ünlock"


def account(
    *, command: tuple[str, ...] = (), env: str = "", file: str = "", entry: str = "", channel: str = "email"
) -> AccountConfig:
    return AccountConfig(
        name="mail",
        channel=channel,
        secret_command=command,
        secret_env=env,
        secret_file=file,
        secret_keyring=entry,
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
    monkeypatch.setattr(sources, "COMMAND_SECONDS", 0.05)
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
    assert (
        f"{word}_command, {word}_env, {word}_file or {word}_keyring to [accounts.mail]" in caught.value.hint
    )


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


# The system's keyring


class Memory(KeyringBackend):
    """A keyring that lives as long as the test."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password


@pytest.fixture
def memory() -> Iterator[Memory]:
    before, memory = keyring.get_keyring(), Memory()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


def test_from_the_keyring(memory: Memory) -> None:
    memory.set_password("shop/inbox", "mail", VALUE)
    assert resolve(account(entry="shop/inbox/mail")).reveal() == VALUE
    with pytest.raises(CredentialError, match="no entry shop/other") as caught:
        resolve(account(entry="shop/other"))
    assert "keyring set shop other" in caught.value.hint


def test_an_entry_of_the_keyring_has_two_names(memory: Memory) -> None:
    for entry in ("shop", "/shop", "shop/"):
        with pytest.raises(CredentialError, match="does not name an entry") as caught:
            resolve(account(entry=entry))
        assert "SERVICE/USER" in caught.value.hint


def test_without_a_keyring_it_says_what_else_there_is() -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())  # type: ignore[no-untyped-call]
    try:
        with pytest.raises(CredentialError, match="does not answer") as caught:
            resolve(account(entry="shop/mail"))
        assert "a file that only you can read" in caught.value.hint
    finally:
        keyring.set_keyring(before)


# Tokens of a login by OAuth

TOKENS = Tokens("at-1", "rt-1", 1_790_000_000_000, ("mail",))


def by_oauth(tmp_path: Path, entry: str = "") -> AccountConfig:
    file = str(tmp_path / "secrets" / "mail.tokens")
    oauth = OAuthConfig(provider="google", client_id="c", tokens_file=file, tokens_keyring=entry)
    return AccountConfig(name="mail", channel="email", oauth=oauth)


def test_tokens_are_kept_for_their_owner_alone_and_never_show(tmp_path: Path) -> None:
    known = by_oauth(tmp_path)
    with pytest.raises(CredentialError, match="nobody has logged in yet") as caught:
        resolve(known)
    assert caught.value.hint == "inbox-tui auth mail"
    save_tokens(known, TOKENS)
    save_tokens(known, TOKENS)
    assert load_tokens(known) == TOKENS
    assert resolve(known).reveal() == "at-1"
    assert "at-1" not in repr(TOKENS) and "rt-1" not in repr(TOKENS)
    folder = tmp_path / "secrets"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in folder.iterdir()] == ["mail.tokens"]
    assert (folder / "mail.tokens").stat().st_mode & 0o777 == 0o600
    (folder / "mail.tokens").chmod(0o644)
    with pytest.raises(CredentialError, match="can be read by others"):
        load_tokens(known)


def test_tokens_in_the_keyring_leave_no_file(tmp_path: Path, memory: Memory) -> None:
    known = by_oauth(tmp_path, "inbox-tui/mail")
    with pytest.raises(CredentialError, match="no entry") as caught:
        load_tokens(known)
    assert caught.value.hint == "inbox-tui auth mail"
    save_tokens(known, TOKENS)
    assert load_tokens(known) == TOKENS
    assert not (tmp_path / "secrets").exists()


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "nonsense", "[" * 9999, '{"access_token": 1, "refresh_token": "", "expires_at": null}'],
)
def test_broken_tokens_are_named(tmp_path: Path, text: str) -> None:
    known = by_oauth(tmp_path)
    save_tokens(known, TOKENS)
    (tmp_path / "secrets" / "mail.tokens").write_text(text)
    with pytest.raises(CredentialError, match="cannot be read") as caught:
        load_tokens(known)
    assert "inbox-tui auth mail" in caught.value.hint


def test_one_at_a_time_changes_tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = by_oauth(tmp_path)
    monkeypatch.setattr(tokens, "_LOCK_SECONDS", 0.0)
    with (
        tokens_locked(known),
        pytest.raises(CredentialError, match="another process holds"),
        tokens_locked(known),
    ):
        raise AssertionError("two hold the lock")
    with tokens_locked(known):
        pass


def test_the_secret_of_an_app_is_read_like_any_other(tmp_path: Path) -> None:
    known = by_oauth(tmp_path)
    assert client_secret(known) is None
    assert known.oauth is not None
    file = private(tmp_path / "app", b"app-secret\n")
    given = replace(known, oauth=replace(known.oauth, secret_file=file))
    found = client_secret(given)
    assert found is not None and found.reveal() == "app-secret"


def test_a_file_of_the_worker_s_user_is_nothing_that_an_agent_could_mend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refused)  # root may read everything
    with pytest.raises(CredentialError, match="Permission denied") as caught:
        resolve(account(file=str(tmp_path / "secret")))
    assert "agents need not" in caught.value.hint
