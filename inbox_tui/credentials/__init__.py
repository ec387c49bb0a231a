"""Where a password or token comes from, and that it never shows.

A Secret prints as ``***``; only channels call `reveal`. Error messages name the source, never the value.
`sources` reads the places a secret may come from; `tokens` keeps what a login by OAuth brought.
"""

from __future__ import annotations

from pathlib import Path

from inbox_tui.config import AccountConfig, OAuthConfig
from inbox_tui.errors import CredentialError


class Secret:
    """A value that does not show itself."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself: for the wire alone. Raises ChannelError where it cannot be renewed."""
        return self._value

    def known(self) -> tuple[str, ...]:
        """All values that it has had: what must not stand in a message."""
        return (self._value,)

    def renew(self) -> bool:
        """Get another value in the place of one that was refused; false where there is none to be had."""
        return False

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __reduce__(self) -> tuple[type, tuple[str]]:
        raise TypeError("a secret is not written anywhere")


def resolve(account: AccountConfig) -> Secret:
    """Read the account's secret from where its configuration says. Raises CredentialError.

    Of a login by OAuth it is the access token as it is kept, which may have run out.
    """
    if account.oauth is not None:
        from inbox_tui.credentials.tokens import load_tokens

        return Secret(load_tokens(account).access_token)
    word = "password" if account.channel == "email" else "token"
    where = f"account {account.name}"
    value = _read(account, where)
    if value is None:
        raise CredentialError(
            f"{where}: no source of the {word} is configured",
            f"add {word}_command, {word}_env, {word}_file or {word}_keyring to [accounts.{account.name}]",
        )
    return Secret(value)


def client_secret(account: AccountConfig) -> Secret | None:
    """The secret of the app by which the account logs in by OAuth; None where it has none."""
    if account.oauth is None:
        return None
    value = _read(account.oauth, f"account {account.name}: the app")
    return None if value is None else Secret(value)


def mend_login(account: AccountConfig, otherwise: str) -> str:
    """What to do when a platform refuses the login."""
    return otherwise if account.oauth is None else f"log in again: inbox-tui auth {account.name}"


def _read(source: AccountConfig | OAuthConfig, where: str) -> str | None:
    """The value; None where no source is named."""
    from inbox_tui.credentials import sources

    if source.secret_command:
        value = sources.from_command(where, source.secret_command)
    elif source.secret_env:
        value = sources.from_environment(where, source.secret_env)
    elif source.secret_file:
        value = sources.from_file(where, Path(source.secret_file))
    elif source.secret_keyring:
        value = sources.keyring_get(where, source.secret_keyring)
    else:
        return None
    value = value.strip("\r\n")
    if not value:
        raise CredentialError(f"{where}: its secret is empty", "check where it comes from")
    return value
