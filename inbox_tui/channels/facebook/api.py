"""The Graph API's calls, and what its errors and usage headers mean.

The token goes into the Authorization header and nowhere else. Everything raises ChannelError.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

import requests

from inbox_tui.channels.facebook.messenger import CONVERSATION_FIELDS, MESSAGE_FIELDS
from inbox_tui.channels.facebook.parse import COMMENT_FIELDS, POST_FIELDS
from inbox_tui.channels.http import LOOK_FIRST, Session, checked_token
from inbox_tui.channels.payload import count, items
from inbox_tui.config import FacebookAccount
from inbox_tui.credentials import Secret, mend_login
from inbox_tui.errors import (
    BadAnswer,
    ChannelError,
    Closed,
    LoginNeeded,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Temporary,
)

PAGE_SIZE: Final = 100
CONVERSATIONS: Final = 50
"""Conversations at a call: each brings up to 25 messages."""
STOP_PERCENT: Final = 95
SLOW_PERCENT: Final = 80
_LOGIN = frozenset((102, 104, 190, 463, 467))
_LIMITS = frozenset((4, 17, 32, 341, 613, *range(80_000, 80_015)))
_OUTAGES = frozenset((1, 2))
_DUPLICATE: Final = 506
_INVALID: Final = 100
_NO_SUCH_OBJECT: Final = 33
"""Subcode of 100: the object is gone, or may not be seen."""
_NO_SUCH_PERSON: Final = 2018001
"""Subcode of 100: nobody has this page-scoped id."""
_OUTSIDE_WINDOW: Final = 2018278
"""Subcode of 10."""
_UNAVAILABLE: Final = 551
_NOT_PRIVATELY: Final = range(10_900, 10_904)
"""Codes for a comment that cannot be answered in private (any more)."""
_MINUTE: Final = 60_000
_APP_USAGE: Final = "X-App-Usage"
_CASE_USAGE: Final = "X-Business-Use-Case-Usage"


class Gone(Refused):
    """The post or comment asked for is not there any more, or was never ours to see."""


class NotUnderstood(BadAnswer):
    """Graph calls the question wrong (100): a page's cursor may have run out."""


class Api:
    """The calls that a desk needs."""

    def __init__(self, account: FacebookAccount, secret: Secret, clock: Callable[[], int]) -> None:
        """Opens no connection. Raises ConfigError, CredentialError."""
        self._account = account
        self._clock = clock
        self._session = Session(account, account.api_url, (secret,), self._check)
        self._session.headers["Authorization"] = f"Bearer {checked_token(account, secret.reveal())}"
        self.usage = 0
        """Percent of what the platform allows that were used up at the last answer."""
        self._reset: int | None = None

    @property
    def clock(self) -> int | None:
        """Facebook's time at its last answer, milliseconds UTC."""
        return self._session.clock

    def close(self) -> None:
        """Release the connections."""
        self._session.close()

    def feed(self, after: str) -> dict[str, Any]:
        """A page of the page's feed: its own posts and its visitors', newest first."""
        # No `since`: whether it looks at the time of creation or of change is not documented, and one
        # of the two would hide new comments on old posts.
        return self._get(f"/{quote(self._account.page_id, safe='')}/feed", POST_FIELDS, after)

    def page(self) -> dict[str, Any]:
        """The page's name: whether the token is good, and whose page it opens."""
        response = self._session.get(
            f"/{quote(self._account.page_id, safe='')}", params={"fields": "id,name"}
        )
        return self._read(response, write=False)

    def comments(self, object_id: str, since: int, after: str = "", *, every_depth: bool) -> dict[str, Any]:
        """A page of comments under a post or comment, newest first, from ``since`` (ms) on."""
        return self._get(
            f"/{object_id}/comments",
            COMMENT_FIELDS,
            after,
            filter="stream" if every_depth else "toplevel",
            order="reverse_chronological",
            since=str(max(0, since) // 1000),
        )

    def reply(self, object_id: str, text: str) -> dict[str, Any]:
        """Comment on a post or a comment as the page."""
        response = self._session.post(f"/{object_id}/comments", data={"message": text})
        return self._read(response, write=True)

    def hide(self, object_id: str, yes: bool) -> dict[str, Any]:
        """Hide a comment from others, or show it again."""
        response = self._session.post(f"/{object_id}", data={"is_hidden": "true" if yes else "false"})
        return self._read(response, write=True)

    def conversations(self, after: str) -> dict[str, Any]:
        """A page of conversations with some of their messages; what moved last comes first."""
        path = f"/{quote(self._account.page_id, safe='')}/conversations"
        return self._get(path, CONVERSATION_FIELDS, after, platform="messenger", limit=str(CONVERSATIONS))

    def messages(self, conversation: str, after: str) -> dict[str, Any]:
        """A page of a conversation, newest first."""
        return self._get(f"/{quote(conversation, safe='')}/messages", MESSAGE_FIELDS, after)

    def send(self, recipient: dict[str, str], text: str, *, late: bool = False) -> dict[str, Any]:
        """Write to a person (``id``) or privately to the author of a comment (``comment_id``).

        late: a person answers beyond the 24 hours that everybody has.
        """
        fields = {"recipient": json.dumps(recipient), "message": json.dumps({"text": text})}
        fields["messaging_type"] = "MESSAGE_TAG" if late else "RESPONSE"
        if late:
            fields["tag"] = "HUMAN_AGENT"
        path = f"/{quote(self._account.page_id, safe='')}/messages"
        return self._read(self._session.post(path, data=fields), write=True)

    def unreadable(self, write: bool) -> ChannelError:
        """The error for a good answer without what it should hold."""
        return self._session.unreadable(write)

    def forget_usage(self) -> None:
        """A new fetch finds out anew: the figure was that of its time."""
        self.usage, self._reset = 0, None

    def _get(self, path: str, fields: str, after: str, **params: str) -> dict[str, Any]:
        if self.usage >= STOP_PERCENT:
            raise RateLimited(
                f"Facebook: {self.usage} % of what it allows is used up",
                self._reset,
                "wait: it goes on by itself",
            )
        wanted = {"fields": fields, "limit": str(PAGE_SIZE), **params}
        if after:
            wanted["after"] = after
        return self._read(self._session.get(path, params=wanted), write=False)

    def _read(self, response: requests.Response, write: bool) -> dict[str, Any]:
        body = _json(response)
        if not isinstance(body, dict):
            raise self._session.unreadable(write)
        return body

    def _check(self, response: requests.Response, write: bool) -> ChannelError | None:
        self.usage, self._reset = read_usage(response, self._clock())
        body = _json(response)
        error = body.get("error") if isinstance(body, dict) else None
        if not isinstance(error, dict):
            return self._session.usual(response.status_code, "", write)
        return self._refusal(error, response.status_code, write)

    def _refusal(self, error: dict[str, Any], status: int, write: bool) -> ChannelError:
        """An error of Graph's by its code; the HTTP status says little (400 for most)."""
        code, subcode = count(error.get("code")), count(error.get("error_subcode"))
        said = self._session.words(error.get("message")) or f"error {code}"
        token = f"the token of [accounts.{self._account.name}]"
        if code in _LOGIN or (status == 401 and not code):
            return LoginNeeded(
                f"Facebook: {said}", mend_login(self._account, f"log in again and renew {token}")
            )
        if code in _LIMITS or status == 429:
            return RateLimited(f"Facebook: {said}", self._reset, "wait: it goes on by itself")
        if code in _OUTAGES or status >= 500:
            if write:
                return OutcomeUnknown(f"Facebook: {said}: it may have been delivered", LOOK_FIRST)
            return Temporary(f"Facebook: {said}", "the platform is out of order: wait, it is tried again")
        if (code, subcode) == (10, _OUTSIDE_WINDOW):
            return Closed(
                f"Facebook: {said}", "the time for a private answer is over: answer elsewhere (R shows where)"
            )
        if code == _UNAVAILABLE or (code, subcode) == (_INVALID, _NO_SUCH_PERSON):
            return Closed(f"Facebook: {said}", "he takes no message of the page: answer elsewhere")
        if code in _NOT_PRIVATELY:
            return Closed(
                f"Facebook: {said}",
                "a comment can be answered in private once, within 7 days: answer in public, or in the"
                " conversation if he has written there",
            )
        if code == _DUPLICATE:
            return Refused(f"Facebook: {said}", "the same words stand there already: change the text")
        if code == _INVALID and subcode == _NO_SUCH_OBJECT:
            return Gone(f"Facebook: {said}", f"it is gone, or {token} may not see it")
        if code == _INVALID and not write:
            return NotUnderstood(f"Facebook: {said}", "fetch again later")
        if code in (3, 10) or 200 <= code < 300:
            return Refused(f"Facebook: {said}", f"give {token} the permission that is named")
        return Refused(f"Facebook: {said}")


def read_usage(response: requests.Response, now: int) -> tuple[int, int | None]:
    """Percent used up by the fullest figure of the usage headers, and when it is free again (ms) or None."""
    percents, minutes = [0], [0]
    cases = _load(response.headers.get(_CASE_USAGE, ""))
    figures = [_load(response.headers.get(_APP_USAGE, ""))]
    figures += [one for case in cases.values() for one in items(case)] if isinstance(cases, dict) else []
    for figure in figures:
        if isinstance(figure, dict):
            percents += [count(figure.get(name)) for name in ("call_count", "total_cputime", "total_time")]
            minutes.append(count(figure.get("estimated_time_to_regain_access")))
    wait = min(max(minutes), 7 * 24 * 60)
    return max(percents), now + wait * _MINUTE if wait else None


def _load(text: str) -> object:
    try:
        return json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None


def _json(response: requests.Response) -> object:
    try:
        return response.json()
    except (ValueError, RecursionError):
        return None
