"""What is asked of a provider's token endpoint, and what its answers mean.

Secrets and tokens go into the body or a header, never into an address. Everything raises ChannelError.
"""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlsplit

import requests

from inbox_tui.channels.http import Session
from inbox_tui.channels.oauth.providers import Provider
from inbox_tui.config import AccountConfig, FacebookAccount
from inbox_tui.credentials import Secret, client_secret, mend_login
from inbox_tui.credentials.tokens import Tokens
from inbox_tui.errors import (
    BadAnswer,
    ChannelError,
    ConfigError,
    LoginNeeded,
    OutcomeUnknown,
    Refused,
    Temporary,
)

_LONGEST_LIFE: Final = 10 * 365 * 86_400
_WRONG_APP: Final = ("invalid_client", "unauthorized_client")
_HIDDEN: Final = (
    *("client_secret", "code", "code_verifier", "refresh_token", "device_code", "fb_exchange_token"),
)
"""Fields whose values no message may show."""

Form = Mapping[str, str]


class Refusal(ChannelError):
    """The provider's own word for why it gives no token: `authorization_pending`, `invalid_grant` …"""

    code = "login"

    def __init__(self, word: str, message: str) -> None:
        super().__init__(message)
        self.word = word


def clock() -> int:
    """Milliseconds UTC."""
    return time.time_ns() // 1_000_000


def ask(account: AccountConfig, provider: Provider, url: str, form: Form) -> dict[str, object]:
    """Post a form as the app; the answer, which is an object.

    Raises Refusal, Temporary, BadAnswer; LoginNeeded where the provider does not know the app.
    """
    app = client_secret(account)
    body = {"client_id": _client_id(account), **form}
    headers = {"Accept": "application/json"}
    if app is not None and provider.basic:
        pair = f"{quote(_client_id(account), safe='')}:{quote(app.reveal(), safe='')}"
        headers["Authorization"] = "Basic " + b64encode(pair.encode()).decode()
    elif app is not None:
        body["client_secret"] = app.reveal()
    hidden = [Secret(value) for key, value in body.items() if key in _HIDDEN and value]
    try:
        answer, status, said = _post(account, url, body, headers, tuple(hidden))
    except OutcomeUnknown as error:
        # No reply of a customer's hangs on it: it can be asked again.
        raise Temporary(error.message, "it is tried again") from None
    why = answer.get("error")
    if why is None and status < 400:
        return answer
    word = why if isinstance(why, str) else "error"
    if word in _WRONG_APP:
        raise LoginNeeded(
            f"{provider.name} does not know this app: {said}",
            f"check client_id and client_secret_… in [accounts.{account.name}.oauth]",
        )
    raise Refusal(word, f"{provider.name}: {said}")


def tokens_from(answer: Mapping[str, object], now: int, before: Tokens | None = None) -> Tokens:
    """Tokens of an answer. Raises BadAnswer.

    before: those that were renewed; where the answer has no refresh token theirs goes on.
    """
    access, refresh = answer.get("access_token"), answer.get("refresh_token")
    if not isinstance(access, str) or not access or not access.isascii() or not access.isprintable():
        raise BadAnswer("the provider's answer holds no token", "is token_url right?")
    scope = answer.get("scope")
    granted = tuple(scope.replace(",", " ").split()) if isinstance(scope, str) else ()
    kept = before or Tokens("")
    life = _seconds(answer.get("expires_in"))
    return Tokens(
        access_token=access,
        refresh_token=refresh if isinstance(refresh, str) and refresh else kept.refresh_token,
        expires_at=None if life is None else now + life * 1000,
        scopes=granted or kept.scopes,
    )


def renewed(account: AccountConfig, provider: Provider, tokens: Tokens) -> Tokens:
    """New tokens for old. Raises LoginNeeded where somebody has to log in again."""
    form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token}
    try:
        return tokens_from(ask(account, provider, provider.token_url, form), clock(), tokens)
    except Refusal as refusal:
        raise LoginNeeded(
            f"account {account.name}: the login has run out or was withdrawn ({refusal.message})",
            mend_login(account, ""),
        ) from None


def page_tokens(account: FacebookAccount, provider: Provider, user: Tokens) -> Tokens:
    """The page's own token, which does not run out, for a token of somebody who runs the page.

    Source: Facebook, "Long-Lived Access Tokens"; a page token from a long-lived user token has no end.
    """
    form = {"grant_type": "fb_exchange_token", "fb_exchange_token": user.access_token}
    longer = tokens_from(ask(account, provider, provider.token_url, form), clock())
    secret = Secret(longer.access_token)
    session = Session(account, account.api_url, (secret,), lambda _response, _write: None)
    session.headers["Authorization"] = f"Bearer {longer.access_token}"
    try:
        response = session.get(f"/{quote(account.page_id, safe='')}", params={"fields": "name,access_token"})
        answer = _object(response)
    finally:
        session.close()
    if not isinstance(answer.get("access_token"), str):
        said = session.words(_words(answer)) or "no token of the page"
        raise Refused(
            f"Facebook: {said}",
            f"log in as somebody who runs page {account.page_id}, choose it, and allow all that is asked for",
        )
    return Tokens(tokens_from(answer, clock()).access_token, scopes=user.scopes)


def _post(
    account: AccountConfig, url: str, body: Form, headers: Form, hidden: tuple[Secret, ...]
) -> tuple[dict[str, object], int, str]:
    parts = urlsplit(url)
    session = Session(account, f"{parts.scheme}://{parts.netloc}", hidden, _unless_it_says_why)
    try:
        response = session.post(parts.path or "/", data=body, headers=headers)
        answer = _object(response)
        if not answer:
            raise BadAnswer(
                f"{parts.netloc} gave an answer that cannot be read", "are the addresses in oauth right?"
            )
        return answer, response.status_code, session.words(_words(answer)) or f"status {response.status_code}"
    finally:
        session.close()


def _unless_it_says_why(response: requests.Response, _write: bool) -> ChannelError | None:
    """Leaves refusals that say why to the caller."""
    status, host = response.status_code, urlsplit(response.url).netloc
    if 200 <= status < 300 or "error" in _object(response):
        return None
    if status == 429 or status >= 500:
        return Temporary(f"{host} answered {status}", "wait, it is tried again")
    return BadAnswer(f"{host} answered {status}", "are the addresses in oauth right?")


def _object(response: requests.Response) -> dict[str, object]:
    try:
        answer = response.json()
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _words(answer: Mapping[str, object]) -> str:
    """The provider's words about a refusal, in whichever of its shapes."""
    error = answer.get("error")
    inner = error.get("message") if isinstance(error, dict) else None
    wanted = (answer.get("error_description"), inner, error)
    return next((said for said in wanted if isinstance(said, str) and said), "")


def _seconds(value: object) -> int | None:
    """``expires_in``, which some write in quotes; None where there is none or 0: no end is known."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 12:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        return None
    return min(value, _LONGEST_LIFE)


def _client_id(account: AccountConfig) -> str:
    if account.oauth is None:
        raise ConfigError(f"account {account.name}: it does not log in by OAuth")
    return account.oauth.client_id
