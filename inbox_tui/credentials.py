"""Where a password or token comes from, and that it never shows.

A Secret prints as ``***``; only channels call `reveal`. Error messages name the source, never the value.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from inbox_tui.config import AccountConfig
from inbox_tui.errors import CredentialError

_COMMAND_SECONDS = 30
_LARGEST = 64 * 1024


class Secret:
    """A value that does not show itself."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself: for the wire alone."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __reduce__(self) -> tuple[type, tuple[str]]:
        raise TypeError("a secret is not written anywhere")


def resolve(account: AccountConfig) -> Secret:
    """Read the account's secret from where its configuration says. Raises CredentialError."""
    if account.secret_command:
        value = _from_command(account)
    elif account.secret_env:
        value = os.environ.get(account.secret_env, "")
        if not value:
            raise CredentialError(
                f"account {account.name}: the environment variable {account.secret_env} is not set",
                f"set {account.secret_env} before the start",
            )
    elif account.secret_file:
        value = _from_file(account)
    else:
        word = "password" if account.channel == "email" else "token"
        raise CredentialError(
            f"account {account.name}: no source of the {word} is configured",
            f"add {word}_command, {word}_env or {word}_file to [accounts.{account.name}]",
        )
    value = value.strip("\r\n")
    if not value:
        raise CredentialError(f"account {account.name}: its secret is empty", "check where it comes from")
    return Secret(value)


def _from_command(account: AccountConfig) -> str:
    import subprocess

    where = f"account {account.name}: {account.secret_command[0]}"
    try:
        done = subprocess.run(
            account.secret_command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_COMMAND_SECONDS,
            check=False,
        )
    except OSError as error:
        raise CredentialError(
            f"{where}: {error.strerror}", "check the command in the configuration"
        ) from None
    except subprocess.TimeoutExpired:
        raise CredentialError(
            f"{where}: no answer within {_COMMAND_SECONDS} s", "run it by hand: does it ask for something?"
        ) from None
    if done.returncode:
        raise CredentialError(f"{where}: ended with {done.returncode}", "run it by hand to see why")
    return _decoded(account, done.stdout[:_LARGEST]).split("\n", 1)[0]


def _from_file(account: AccountConfig) -> str:
    path = Path(account.secret_file)
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise CredentialError(
                    f"account {account.name}: {path} can be read by others (mode {stat.S_IMODE(mode):04o})",
                    f"chmod 600 {path}",
                )
            return _decoded(account, file.read(_LARGEST))
    except OSError as error:
        raise CredentialError(f"account {account.name}: {path}: {error.strerror}", "check the path") from None


def _decoded(account: AccountConfig, value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        raise CredentialError(
            f"account {account.name}: its secret is not UTF-8 text", "check where it comes from"
        ) from None
