"""The places a secret may come from: a command, the environment, a file, the system's keyring.

No error shows a value; each names the place. ``where`` is what an error begins with: ``account mail``.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from inbox_tui.errors import CredentialError

if TYPE_CHECKING:
    from types import ModuleType

COMMAND_SECONDS = 30
_LARGEST = 64 * 1024


def from_environment(where: str, name: str) -> str:
    """The value of an environment variable. Raises CredentialError."""
    value = os.environ.get(name, "")
    if not value:
        raise CredentialError(
            f"{where}: the environment variable {name} is not set", f"set {name} before the start"
        )
    return value


def from_command(where: str, command: tuple[str, ...]) -> str:
    """The first line that a command prints. Raises CredentialError."""
    import subprocess

    start = f"{where}: {command[0]}"
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=COMMAND_SECONDS, check=False
        )
    except OSError as error:
        raise CredentialError(
            f"{start}: {error.strerror}", "check the command in the configuration"
        ) from None
    except subprocess.TimeoutExpired:
        raise CredentialError(
            f"{start}: no answer within {COMMAND_SECONDS} s", "run it by hand: does it ask for something?"
        ) from None
    if done.returncode:
        raise CredentialError(f"{start}: ended with {done.returncode}", "run it by hand to see why")
    return _decoded(where, done.stdout[:_LARGEST]).split("\n", 1)[0]


def from_file(where: str, path: Path) -> str:
    """What a file holds that nobody else may read. Raises CredentialError."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise CredentialError(
                    f"{where}: {path} can be read by others (mode {stat.S_IMODE(mode):04o})",
                    f"chmod 600 {path}",
                )
            return _decoded(where, file.read(_LARGEST))
    except PermissionError as error:
        raise CredentialError(
            f"{where}: {path}: {error.strerror}",
            "whoever runs the worker must be able to read it; agents need not",
        ) from None
    except OSError as error:
        raise CredentialError(f"{where}: {path}: {error.strerror}", "check the path") from None


def keyring_get(where: str, entry: str, mend: str = "") -> str:
    """What the system's keyring holds under SERVICE/USER. Raises CredentialError.

    mend: what to do where there is no such entry; empty: the command that makes one.
    """
    keyring, service, user = _keyring(where, entry)
    try:
        value = keyring.get_password(service, user)
    except (keyring.errors.KeyringError, OSError, RuntimeError) as error:
        raise _no_keyring(where, error) from None
    if not value:
        hint = mend or f"keyring set {service} {user} (from the package keyring) asks for it and keeps it"
        raise CredentialError(f"{where}: the keyring has no entry {entry}", hint)
    return str(value)


def keyring_set(where: str, entry: str, value: str) -> None:
    """Keep a value in the system's keyring. Raises CredentialError."""
    keyring, service, user = _keyring(where, entry)
    try:
        keyring.set_password(service, user, value)
    except (keyring.errors.KeyringError, OSError, RuntimeError) as error:
        raise _no_keyring(where, error) from None


def _keyring(where: str, entry: str) -> tuple[ModuleType, str, str]:
    import keyring
    import keyring.errors

    service, _, user = entry.rpartition("/")
    if not service or not user:
        raise CredentialError(
            f"{where}: {entry} does not name an entry of the keyring", "write SERVICE/USER, as shop/mail"
        )
    return keyring, service, user


def _no_keyring(where: str, error: Exception) -> CredentialError:
    # The words of a backend's error come from the system, not from the entry.
    said = " ".join(str(error).split())[:160] or type(error).__name__
    return CredentialError(
        f"{where}: the system's keyring does not answer: {said}",
        "unlock it; on a server without a desktop take a command or a file that only you can read",
    )


def _decoded(where: str, value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        raise CredentialError(f"{where}: its secret is not UTF-8 text", "check where it comes from") from None
