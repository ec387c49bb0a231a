"""X's API v2 through tweepy: logins, calls, prices, and what X's refusals mean.

tweepy's own host, time limits and exceptions are not used: its session is ours (``http.Session``), which
sends everything to ``api_url`` (put in before OAuth 1.0a signs) and raises ChannelError.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
import requests
import tweepy

from inbox_tui.channels.http import Session, checked_token
from inbox_tui.channels.payload import count
from inbox_tui.channels.x import direct
from inbox_tui.channels.x.parse import EXPANSIONS, POST_FIELDS, USER_FIELDS
from inbox_tui.config import XAccount
from inbox_tui.credentials import Secret
from inbox_tui.errors import (
    BadAnswer,
    ChannelError,
    Closed,
    CredentialError,
    LoginNeeded,
    RateLimited,
    Refused,
)

MENTION_PRICE: Final = 1_000
POST_PRICE: Final = 5_000
USER_PRICE: Final = 10_000
REPLY_PRICE: Final = 10_000
REPLY_WITH_URL_PRICE: Final = 200_000
DIRECT_PRICE: Final = 10_000
SEND_DIRECT_PRICE: Final = 15_000
"""Millionths of a dollar, as X's price list stood in 2026-08."""

PAGE_SIZE: Final = 100
_RESET: Final = "x-rate-limit-reset"


class NotUnderstood(BadAnswer):
    """X calls the question wrong (400): a page token may have run out."""


class _Keys(msgspec.Struct):
    """The secret of an account with ``auth = "oauth1"``."""

    consumer_key: str
    consumer_secret: str
    access_token: str
    access_token_secret: str


class Api:
    """The calls that a desk needs. Everything raises ChannelError."""

    def __init__(self, account: XAccount, secret: Secret) -> None:
        """Opens no connection. Raises ConfigError, CredentialError."""
        self._user_auth = account.auth == "oauth1"
        if self._user_auth:
            keys = _read_keys(account, secret)
            hidden = tuple(Secret(value) for value in msgspec.structs.astuple(keys))
            logins = msgspec.structs.asdict(keys)
        else:
            hidden = (secret,)
            logins = {"bearer_token": checked_token(account, secret.reveal())}
        self._secret = secret
        self._client = tweepy.Client(**logins, return_type=dict, wait_on_rate_limit=False)
        self._session = Session(account, account.api_url, hidden, self._check)
        self._client.session = self._session

    @property
    def clock(self) -> int | None:
        """X's time at its last answer, milliseconds UTC."""
        return self._session.clock

    def close(self) -> None:
        """Release the connections."""
        self._session.close()

    def me(self) -> dict[str, Any]:
        """Our own user."""
        return self._ask(self._client.get_me, user_fields=USER_FIELDS)

    def mentions(self, user_id: str, since_id: str, start: int, token: str) -> dict[str, Any]:
        """A page of posts that name us, newest first; ``start`` (ms) counts where there is no since_id."""
        return self._timeline(
            self._client.get_users_mentions,
            user_id,
            since_id,
            start,
            token,
            expansions=EXPANSIONS,
            user_fields=USER_FIELDS,
        )

    def own_posts(self, user_id: str, since_id: str, start: int, token: str) -> dict[str, Any]:
        """A page of our own posts and replies, newest first."""
        return self._timeline(
            self._client.get_users_tweets, user_id, since_id, start, token, exclude=["retweets"]
        )

    def reply(self, text: str, post_id: str) -> dict[str, Any]:
        """Answer a post."""
        return self._ask(self._client.create_tweet, write=True, text=text, in_reply_to_tweet_id=post_id)

    def direct(self, token: str, size: int) -> dict[str, Any]:
        """A page of direct messages, ours and those of others, newest first."""
        return self._events(token, size)

    def conversation(self, user_id: str, token: str) -> dict[str, Any]:
        """A page of the direct messages with one user, newest first."""
        return self._events(token, PAGE_SIZE, participant_id=user_id)

    def send_direct(self, user_id: str, text: str) -> dict[str, Any]:
        """Write a direct message."""
        return self._ask(self._client.create_direct_message, write=True, participant_id=user_id, text=text)

    def _events(self, token: str, size: int, **more: Any) -> dict[str, Any]:
        return self._ask(
            self._client.get_direct_message_events,
            dm_event_fields=direct.EVENT_FIELDS,
            event_types="MessageCreate",
            expansions=direct.EXPANSIONS,
            user_fields=USER_FIELDS,
            max_results=size,
            pagination_token=token or None,
            **more,
        )

    def unreadable(self, write: bool) -> ChannelError:
        """The error for a good answer without what it should hold."""
        return self._session.unreadable(write)

    def _timeline(
        self, call: Callable[..., Any], user_id: str, since_id: str, start: int, token: str, **more: Any
    ) -> dict[str, Any]:
        return self._ask(
            call,
            user_id,
            since_id=since_id or None,
            start_time=None if since_id else _rfc3339(start),
            pagination_token=token or None,
            max_results=PAGE_SIZE,
            tweet_fields=POST_FIELDS,
            **more,
        )

    def _ask(
        self, call: Callable[..., Any], *args: Any, write: bool = False, again: bool = True, **params: Any
    ) -> dict[str, Any]:
        if not self._user_auth:
            self._client.bearer_token = checked_token(self._session.account, self._secret.reveal())
        try:
            answer = call(*args, user_auth=self._user_auth, **params)
        except LoginNeeded:
            # Nothing was done: it can be asked again with another token, where there is one.
            if self._user_auth or not again or not self._secret.renew():
                raise
            return self._ask(call, *args, write=write, again=False, **params)
        except (ValueError, RecursionError, UnicodeError):
            # What response.json() raises for HTML, a cut body, endless nesting.
            raise self._session.unreadable(write) from None
        if not isinstance(answer, dict):
            raise self._session.unreadable(write)
        return answer

    def _check(self, response: requests.Response, write: bool) -> ChannelError | None:
        status = response.status_code
        said = self._session.words(_detail(response)) if status >= 400 else ""
        account = self._session.account.name
        if status == 429:
            return RateLimited(
                f"X: too many requests{_colon(said)}", _reset(response), "wait: it goes on by itself"
            )
        if status == 402:
            return RateLimited(
                f"X: no credits are left{_colon(said)}", None, "buy credits in X's developer console"
            )
        if status == 403 and write and _is_direct(response):
            return _no_direct(said, account)
        if status == 403:
            hint = _why_refused(said, write) or f"check what the token of [accounts.{account}] may do"
            return Refused(f"X refused it{_colon(said)}", hint)
        if status == 404 and write:
            return Refused(f"X: the post is gone{_colon(said)}", "it cannot be answered any more")
        if status == 400:
            return Refused(f"X: {said or 'bad request'}") if write else NotUnderstood(f"X: {said or 400}")
        return self._session.usual(status, said, write)


def _is_direct(response: requests.Response) -> bool:
    return "/dm_conversations/" in (response.url or "")


def _no_direct(said: str, account: str) -> ChannelError:
    """Why a direct message is refused: by him to whom it goes, or because the app has no right to it."""
    low = said.lower()
    if "app" in low or "scope" in low:
        return Refused(f"X refused it{_colon(said)}", f"allow dm.write to the token of [accounts.{account}]")
    return Closed(
        f"X: he takes no direct messages from the account{_colon(said)}",
        "answer him in public or on another channel, or ask him there to write a direct message first",
    )


def _why_refused(said: str, write: bool) -> str:
    """What to do after a 403, by X's own wording: it gives no code."""
    low = said.lower()
    if not write:
        return ""
    if "duplicate content" in low:
        return "X takes the same words only once a day: change the text"
    if "mentioned" in low or "reply to this conversation" in low:
        return "X lets an app answer only those who mention or quote the account: answer in X's own app"
    if "deleted or not visible" in low:
        return "the post is gone: it cannot be answered any more"
    return ""


def _detail(response: requests.Response) -> str:
    """X's own words about a failure, in whichever of its shapes."""
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return ""
    if not isinstance(body, dict):
        return ""
    errors = body.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    wanted = (first.get("message"), first.get("detail"), body.get("detail"), body.get("title"))
    return next((said for said in wanted if isinstance(said, str) and said), "")


def _reset(response: requests.Response) -> int | None:
    value = response.headers.get(_RESET, "")
    return count(int(value)) * 1000 or None if re.fullmatch(r"[0-9]{1,11}", value) else None


def _read_keys(account: XAccount, secret: Secret) -> _Keys:
    try:
        keys = msgspec.json.decode(secret.reveal(), type=_Keys)
    except (msgspec.DecodeError, UnicodeError):
        raise CredentialError(
            f"account {account.name}: the secret is not the JSON object that oauth1 needs",
            "give consumer_key, consumer_secret, access_token and access_token_secret in one object",
        ) from None
    for value in msgspec.structs.astuple(keys):
        checked_token(account, value)
    return keys


def _rfc3339(at: int) -> str:
    return datetime.fromtimestamp(at // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _colon(said: str) -> str:
    return f": {said}" if said else ""
