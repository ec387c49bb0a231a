"""The walk through Messenger: conversations come with what moved last first, and there is no time to ask by.

It goes down to where the walk before began, and of each conversation back to there, too. A walk that was
broken off goes on with the page that it had reached; what moved meanwhile the next one finds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec

from inbox_tui.channels.base import Cursor, Lack, Page
from inbox_tui.channels.facebook.api import SLOW_PERCENT, Api, NotUnderstood
from inbox_tui.channels.facebook.messenger import Conversation, parse_messages, read_conversations
from inbox_tui.channels.facebook.parse import read_listing
from inbox_tui.channels.payload import instant
from inbox_tui.errors import Refused
from inbox_tui.model import Incoming

OVERLAP: Final = 60_000
"""Milliseconds by which each walk looks further back: Facebook's clock is not ours."""
_MOST_PAGES: Final = 500
_MOST_INSIDE: Final = 100


class Messenger(msgspec.Struct):
    """Where Messenger stands: a part of the page's cursor."""

    since: int = 0
    """When the last whole walk began; before there is one, how far back the first reaches. 0: none yet."""
    began: int = 0
    """When the walk under way began; 0: there is none."""
    after: str = ""
    """The page of conversations with which it goes on; empty: the first."""


class MessengerWalk:
    """One fetch of conversations."""

    def __init__(
        self,
        api: Api,
        line: Messenger,
        now: int,
        *,
        page_id: str,
        account: str,
        first: int,
        cursor: Callable[[], Cursor],
    ) -> None:
        """``first``: how far back the first walk reaches, ms UTC. ``cursor``: of the whole account."""
        self._api, self._line, self._now = api, line, now
        self._page_id, self._account, self._cursor = page_id, account, cursor
        line.since = line.since or first

    def pages(self) -> Iterator[Page]:
        """What is new. A token that may not read it stops nothing else: the page says so in words."""
        try:
            yield from self._walk()
        except Refused as error:
            self._line.began, self._line.after = 0, ""
            yield Page((), self._cursor(), lacks=(self._lack(error),))

    def _lack(self, error: Refused) -> Lack:
        return Lack(
            f"Messenger is not read: {error.message.rstrip('.')}",
            f"give the token of [accounts.{self._account}] the permission pages_messaging, or write"
            " direct_messages = false there",
        )

    @property
    def _from(self) -> int:
        return (self._line.since - OVERLAP) // 1000 * 1000

    def _walk(self) -> Iterator[Page]:
        line = self._line
        line.began = line.began or self._now
        for _ in range(_MOST_PAGES):
            found, after = self._conversations()
            moved = [one for one in found if one.updated_at is None or one.updated_at >= self._from]
            messages = [message for one in moved for message in self._messages(one)]
            if len(moved) < len(found) or not after:
                line.since, line.began, line.after = line.began, 0, ""
                yield Page(tuple(messages), self._cursor(), lacks=())
                return
            line.after = after
            yield Page(tuple(messages), self._cursor())
            if self._api.usage >= SLOW_PERCENT:
                return

    def _conversations(self) -> tuple[list[Conversation], str]:
        """The next page; one that cannot be asked for any more: the walk begins again."""
        try:
            return read_conversations(self._api.conversations(self._line.after), self._page_id)
        except NotUnderstood:
            if not self._line.after:
                raise
        self._line.after = ""
        return read_conversations(self._api.conversations(""), self._page_id)

    def _messages(self, one: Conversation) -> tuple[Incoming, ...]:
        """All that was said in it since the last walk; the first of them came with the conversation."""
        found: list[Any] = list(one.messages.items)
        after = one.messages.after
        for _ in range(_MOST_INSIDE):
            if not after or not one.id or _oldest(found) < self._from:
                break
            more = read_listing(self._api.messages(one.id, after))
            found += more.items
            after = more.after if more.after != after else ""
        return parse_messages(one, found, self._page_id, self._now)


def _oldest(found: list[Any]) -> int:
    """Time of the last of them; 0 where there is none."""
    last = found[-1] if found else None
    return (instant(last.get("created_time")) if isinstance(last, dict) else None) or 0
