"""The tokens of a login by OAuth: one file or keyring entry an account, and the lock under which they change.

Owns how they are kept. Getting and renewing them needs the network: see `channels.oauth`.
"""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from inbox_tui.config import AccountConfig, OAuthConfig
from inbox_tui.credentials.sources import from_file, keyring_get, keyring_set
from inbox_tui.errors import CredentialError
from inbox_tui.records import dataclass, field

_LOCK_SECONDS = 90.0
"""Longer than a renewal can take that another process is at."""
_LOOK_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a provider gave."""

    access_token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    """Empty: none; when the access token runs out somebody has to log in again."""
    expires_at: int | None = None
    """Milliseconds UTC; None: not known, or never."""
    scopes: tuple[str, ...] = ()
    """What was granted, where the provider says so."""


def load_tokens(account: AccountConfig) -> Tokens:
    """The tokens as they are kept, run out or not. Raises CredentialError."""
    oauth = _oauth(account)
    where = f"account {account.name}"
    if oauth.tokens_keyring:
        text = keyring_get(where, oauth.tokens_keyring, f"inbox-tui auth {account.name}")
    elif Path(oauth.tokens_file).exists():
        text = from_file(where, Path(oauth.tokens_file))
    else:
        raise CredentialError(f"{where}: nobody has logged in yet", f"inbox-tui auth {account.name}")
    try:
        return _read(json.loads(text))
    except (ValueError, RecursionError, KeyError, TypeError):
        raise CredentialError(
            f"{where}: its tokens cannot be read", f"inbox-tui auth {account.name} gets new ones"
        ) from None


def save_tokens(account: AccountConfig, tokens: Tokens) -> None:
    """Keep tokens in the place of those before, all or nothing. Raises CredentialError."""
    oauth = _oauth(account)
    text = json.dumps(
        {
            "access_token": tokens.access_token,
            "refresh_token": tokens.refresh_token,
            "expires_at": tokens.expires_at,
            "scopes": list(tokens.scopes),
        }
    )
    if oauth.tokens_keyring:
        keyring_set(f"account {account.name}", oauth.tokens_keyring, text)
        return
    file = Path(oauth.tokens_file)
    try:
        handle, path = tempfile.mkstemp(prefix=f".{file.name}-", dir=_folder(file))
        try:
            with open(handle, "w", encoding="utf-8") as out:
                out.write(text + "\n")
                out.flush()
                os.fsync(out.fileno())
            Path(path).replace(file)
        except BaseException:
            Path(path).unlink()
            raise
    except OSError as error:
        raise _unwritable(account, file, error) from None


@contextmanager
def tokens_locked(account: AccountConfig) -> Iterator[None]:
    """Hold off every other process and thread that wants to change these tokens. Raises CredentialError."""
    file = Path(_oauth(account).tokens_file)
    lock = file.with_name(file.name + ".lock")
    try:
        _folder(file)
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise _unwritable(account, lock, error) from None
    try:
        _wait_for(account, descriptor)
        yield
    finally:
        os.close(descriptor)


def _wait_for(account: AccountConfig, descriptor: int) -> None:
    until = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > until:
                raise CredentialError(
                    f"account {account.name}: another process holds its tokens for {_LOCK_SECONDS:.0f} s",
                    "end the process that hangs",
                ) from None
            time.sleep(_LOOK_SECONDS)


def _folder(file: Path) -> Path:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return file.parent


def _unwritable(account: AccountConfig, path: Path, error: OSError) -> CredentialError:
    return CredentialError(
        f"account {account.name}: {path}: {error.strerror}",
        "make its folder writable for whoever runs the worker, or set tokens_file",
    )


def _oauth(account: AccountConfig) -> OAuthConfig:
    if account.oauth is None:
        raise CredentialError(
            f"account {account.name}: it does not log in by OAuth",
            f"add [accounts.{account.name}.oauth] with provider and client_id",
        )
    return account.oauth


def _read(kept: dict[str, object]) -> Tokens:
    access, refresh, expires = kept["access_token"], kept["refresh_token"], kept["expires_at"]
    scopes = kept.get("scopes", [])
    if not (isinstance(access, str) and access and isinstance(refresh, str) and isinstance(scopes, list)):
        raise TypeError
    if expires is not None and (not isinstance(expires, int) or isinstance(expires, bool)):
        raise TypeError
    return Tokens(access, refresh, expires, tuple(str(scope) for scope in scopes))
