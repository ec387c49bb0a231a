"""A secret that stays fresh: the access token, renewed before it runs out, by one process at a time.

Providers may take a refresh token once only: two who renew with the same one would both be logged out.
Whoever gets the lock second reads what the first one stored.
"""

from __future__ import annotations

import threading
from typing import Final

from inbox_tui.channels.oauth.exchange import clock, renewed
from inbox_tui.channels.oauth.providers import provider_of
from inbox_tui.config import AccountConfig
from inbox_tui.credentials import Secret, mend_login
from inbox_tui.credentials.tokens import Tokens, load_tokens, save_tokens, tokens_locked
from inbox_tui.errors import LoginNeeded

EARLY: Final = 2 * 60_000
"""Milliseconds before its end at which a token is renewed: it must last for what it is taken for."""


class LiveSecret(Secret):
    """The access token of an account that logs in by OAuth. Used by any number of threads."""

    __slots__ = ("_account", "_guard", "_known", "_tokens")

    def __init__(self, account: AccountConfig) -> None:
        """Reads the tokens, asks nobody. Raises CredentialError, ConfigError."""
        provider_of(account)
        self._tokens = load_tokens(account)
        super().__init__("")
        self._account = account
        self._guard = threading.Lock()
        self._known: tuple[str, ...] = ()

    def reveal(self) -> str:
        """A token that is good for a while. Raises ChannelError, CredentialError."""
        with self._guard:
            if _fading(self._tokens):
                self._take(refused="")
            token = self._tokens.access_token
            if token not in self._known:
                self._known = (*self._known[-3:], token)
            return token

    def known(self) -> tuple[str, ...]:
        """The tokens that were shown last."""
        return self._known

    def renew(self) -> bool:
        """Another token in the place of the one that a platform just refused, if there is one to be had."""
        with self._guard:
            before = self._tokens
            if not before.refresh_token:
                return False
            self._take(refused=before.access_token)
            return self._tokens.access_token != before.access_token

    def _take(self, refused: str) -> None:
        with tokens_locked(self._account):
            kept = load_tokens(self._account)
            if kept.access_token == refused or _fading(kept):
                if not kept.refresh_token:
                    raise LoginNeeded(
                        f"account {self._account.name}: the login has run out", mend_login(self._account, "")
                    )
                kept = renewed(self._account, provider_of(self._account), kept)
                save_tokens(self._account, kept)
            self._tokens = kept


def _fading(tokens: Tokens) -> bool:
    return tokens.expires_at is not None and tokens.expires_at - EARLY <= clock()
