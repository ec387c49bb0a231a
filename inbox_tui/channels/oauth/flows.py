"""The two ways to log in: in a browser that comes back to this machine, or with a code on any device.

RFC 8252 (loopback redirect) with PKCE (RFC 7636) and state; RFC 8628 (device flow). A login is begun, shown,
then waited for; what it brings is stored by `finish`.
"""

from __future__ import annotations

import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from hmac import compare_digest
from typing import Final, Protocol
from urllib.parse import urlencode, urlsplit

from inbox_tui.channels.oauth.exchange import Refusal, ask, clock, page_tokens, tokens_from
from inbox_tui.channels.oauth.providers import Provider, provider_of
from inbox_tui.channels.oauth.redirect import Redirect, parameters
from inbox_tui.config import AccountConfig, FacebookAccount
from inbox_tui.credentials.tokens import Tokens, save_tokens, tokens_locked
from inbox_tui.errors import BadAnswer, ConfigError, LoginNeeded, Temporary
from inbox_tui.text import clean

PATIENCE: Final = 10 * 60.0
"""Seconds that a login in the browser may take."""
_SLOWER: Final = 5
"""Seconds by which the pause grows when the provider says slow_down (RFC 8628, 3.5)."""

Pasted = Callable[[], str | None]
"""Asked again and again for an address that somebody pasted; None: nothing yet."""


class Login(Protocol):
    """A login that was begun."""

    url: str
    """What is to be opened in a browser."""
    code: str
    """What is to be typed in there; empty: nothing."""

    def wait(self, pasted: Pasted) -> None:
        """Until it is done and its tokens are kept. Raises ChannelError, CredentialError."""

    def close(self) -> None:
        """Give up what it holds; safe to call twice."""


def begin(account: AccountConfig, *, device: bool) -> Login:
    """Begin a login. Raises ConfigError, CredentialError, ChannelError."""
    provider = provider_of(account)
    return DeviceLogin(account, provider) if device else BrowserLogin(account, provider)


class BrowserLogin:
    """The browser comes back to a port of this machine, or its last address is pasted."""

    code = ""

    def __init__(
        self, account: AccountConfig, provider: Provider, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._account = account
        self._provider = provider
        self._monotonic = monotonic
        self._redirect = Redirect(account.name, provider.redirect_port)
        self._back = f"http://{provider.redirect_host}:{self._redirect.port}{provider.redirect_path}"
        self._state = secrets.token_urlsafe(24)
        self._verifier = secrets.token_urlsafe(48)
        self.url = self._address()

    def wait(self, pasted: Pasted) -> None:
        """See `Login`."""
        try:
            finish(self._account, self._provider, self._exchanged(self._answer(pasted)))
        finally:
            self.close()

    def close(self) -> None:
        """Stop listening."""
        self._redirect.close()

    def _address(self) -> str:
        oauth = self._account.oauth
        asked = {
            "response_type": "code",
            "client_id": "" if oauth is None else oauth.client_id,
            "redirect_uri": self._back,
            "scope": self._provider.scope_separator.join(self._provider.scopes),
            "state": self._state,
            "code_challenge": _challenge(self._verifier),
            "code_challenge_method": "S256",
            **self._provider.authorize_more,
        }
        url = self._provider.authorize_url
        return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(asked)}"

    def _answer(self, pasted: Pasted) -> dict[str, str]:
        until = self._monotonic() + PATIENCE
        while self._monotonic() < until:
            brought = self._redirect.look()
            if brought is None and (text := pasted()):
                brought = parameters(text)
            if brought is not None:
                return brought
        raise LoginNeeded(
            f"account {self._account.name}: nobody logged in within {PATIENCE / 60:.0f} minutes",
            "begin again",
        )

    def _exchanged(self, brought: dict[str, str]) -> Tokens:
        if not compare_digest(brought.get("state", "").encode(), self._state.encode()):
            raise LoginNeeded(
                f"account {self._account.name}: the browser brought the answer to another login",
                "begin again, and open the address that is shown then",
            )
        if "error" in brought:
            raise _refused(self._account, brought.get("error_description", "") or brought["error"])
        form = {
            "grant_type": "authorization_code",
            "code": brought["code"],
            "redirect_uri": self._back,
            "code_verifier": self._verifier,
        }
        try:
            answer = ask(self._account, self._provider, self._provider.token_url, form)
        except Refusal as refusal:
            raise LoginNeeded(f"account {self._account.name}: {refusal.message}", "begin again") from None
        return tokens_from(answer, clock())


class DeviceLogin:
    """Somebody types a code into a page on any device."""

    def __init__(
        self,
        account: AccountConfig,
        provider: Provider,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], int] = clock,
    ) -> None:
        if not provider.device_url:
            raise ConfigError(
                f"account {account.name}: {provider.name} has no login by code for this",
                f"inbox-tui auth {account.name} without --device",
            )
        self._account = account
        self._provider = provider
        self._sleep = sleep
        self._now = now
        scope = provider.scope_separator.join(provider.scopes)
        try:
            answer = ask(account, provider, provider.device_url, {"scope": scope})
        except Refusal as refusal:
            raise LoginNeeded(
                f"account {account.name}: {refusal.message}", "check the app's rights"
            ) from None
        self._device_code = _text(answer, "device_code", 4096)
        self.code = clean(_text(answer, "user_code", 64), multiline=False)
        self.url = _address(_text(answer, "verification_uri", 2048, "verification_url"))
        self._pause = _number(answer.get("interval"), 5, 1, 60)
        self._until = now() + _number(answer.get("expires_in"), 900, 1, 3600) * 1000

    def wait(self, pasted: Pasted) -> None:  # noqa: ARG002 - there is nothing to paste
        """See `Login`."""
        finish(self._account, self._provider, self._polled())

    def close(self) -> None:
        """It holds nothing."""

    def _polled(self) -> Tokens:
        form = {
            "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
            "device_code": self._device_code,
        }
        while self._now() < self._until:
            self._sleep(self._pause)
            try:
                return tokens_from(
                    ask(self._account, self._provider, self._provider.token_url, form), clock()
                )
            except Temporary:
                self._pause = min(60, self._pause * 2)
            except Refusal as refusal:
                if refusal.word == "slow_down":
                    self._pause += _SLOWER
                elif refusal.word == "expired_token":
                    break
                elif refusal.word != "authorization_pending":
                    raise _refused(self._account, refusal.message) from None
        raise LoginNeeded(f"account {self._account.name}: the code has run out", "begin again")


def finish(account: AccountConfig, provider: Provider, tokens: Tokens) -> None:
    """Keep what a login brought; of a Facebook login the page's own token."""
    if isinstance(account, FacebookAccount):
        tokens = page_tokens(account, provider, tokens)
    with tokens_locked(account):
        save_tokens(account, tokens)


def _refused(account: AccountConfig, said: str) -> LoginNeeded:
    words = " ".join(clean(said, multiline=False, limit=300).split())
    return LoginNeeded(
        f"account {account.name}: the login was refused: {words}",
        "begin again, log in as the account's owner, and allow what is asked for",
    )


def _challenge(verifier: str) -> str:
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _text(answer: dict[str, object], key: str, longest: int, other: str = "") -> str:
    value = answer.get(key) or answer.get(other)
    if not isinstance(value, str) or not value or len(value) > longest:
        raise BadAnswer(f"the provider's answer has no {key}", "is device_url right?")
    return value


def _address(value: str) -> str:
    try:
        fit = urlsplit(value).scheme in ("https", "http") and value.isascii() and value.isprintable()
    except ValueError:
        fit = False
    if not fit:
        raise BadAnswer("the provider's answer names no page to open", "is device_url right?")
    return value


def _number(value: object, default: int, least: int, most: int) -> int:
    known = value if isinstance(value, int) and not isinstance(value, bool) else default
    return max(least, min(known, most))
