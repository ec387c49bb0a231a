"""The walk through X's direct messages: no since_id, 30 days, 15 questions in a quarter of an hour.

They come newest first and are read until one that is known. Each that is read costs a cent a day, however
often, so a page is small while little is new. The questions are spread, so that a desk which fetches every
few seconds does not use up in a minute what must last for fifteen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from inbox_tui.channels.base import Cursor, Lack, Page
from inbox_tui.channels.x.api import DIRECT_PRICE, USER_PRICE, Api, NotUnderstood
from inbox_tui.channels.x.direct import Event, Events, parse_events, read_events
from inbox_tui.channels.x.parse import Me, later
from inbox_tui.errors import RateLimited, Refused

WINDOW: Final = 15 * 60_000
CALLS: Final = 13
"""Questions in a window; X allows 15, and two are left for looking after a reply of unknown outcome."""
AT_ONCE: Final = 4
"""Of them, so many may follow each other at once."""
FEW: Final = 10
MANY: Final = 100
_MOST_PAGES: Final = 100
_DAY: Final = 86_400_000


class Direct(msgspec.Struct):
    """Where the direct messages stand: a part of the account's cursor."""

    since_id: str = ""
    """The newest that is stored with all before it; empty: none yet."""
    since_at: int = 0
    """Before there is one: how far back the first walk reaches."""
    token: str = ""
    """The page with which a walk under way goes on."""
    newest_id: str = ""
    pages: int = 0
    calls: list[int] = []
    """When X was asked, in the last quarter of an hour; milliseconds UTC."""
    rest_until: int = 0
    paid_day: int = 0
    """The day (UTC) on which the known ones among those that are read again were last charged."""


class DirectWalk:
    """One fetch of direct messages, as far as X lets itself be asked now."""

    def __init__(
        self,
        api: Api,
        line: Direct,
        me: Me,
        now: int,
        *,
        account: str,
        charge: Callable[[list[str], str, int, int], int],
        cursor: Callable[[], Cursor],
    ) -> None:
        """``charge``: what reading these costs. ``cursor``: of the whole account."""
        self._api, self._line, self._me, self._now = api, line, me, now
        self._account, self._charge, self._cursor = account, charge, cursor

    def pages(self) -> Iterator[Page]:
        """What is new. A token that may not read them stops nothing else: the page says so in words."""
        try:
            while self._may_ask():
                page = self._page()
                yield page
                if not self._line.token:
                    return
        except RateLimited as error:
            self._line.rest_until = error.reset or self._now + WINDOW
            yield Page((), self._cursor())
        except Refused as error:
            yield Page((), self._cursor(), lacks=(self._lack(error),))

    def _lack(self, error: Refused) -> Lack:
        return Lack(
            f"direct messages are not read: {error.message.rstrip('.')}",
            f"allow dm.read and dm.write to the token of [accounts.{self._account}], or write"
            " direct_messages = false there",
        )

    def _may_ask(self) -> bool:
        """Whether the next question fits into the allowance, spread over what is left of its window."""
        line, now = self._line, self._now
        line.calls = [at for at in line.calls if now - WINDOW < at <= now]
        used = len(line.calls)
        if now < line.rest_until or used >= CALLS:
            return False
        if used < AT_ONCE:
            return True
        left = line.calls[0] + WINDOW - now
        return now - line.calls[-1] >= left // (CALLS - used)

    def _page(self) -> Page:
        line = self._line
        found = self._ask()
        fresh = [one for one in found.events if _is_newer(one, line.since_id)]
        line.pages += 1
        for one in fresh:
            line.newest_id = later(one.id, line.newest_id) if one.id else line.newest_id
        met = len(fresh) < len(found.events) or self._reached_start(fresh)
        line.token = "" if met or line.pages >= _MOST_PAGES else found.next_token
        if not line.token:
            line.since_id, line.pages = line.newest_id or line.since_id, 0
            line.newest_id = ""
        spend = self._spend(found, fresh)
        return Page(parse_events(fresh, found.users, self._me), self._cursor(), spend=spend, lacks=())

    def _spend(self, found: Events, fresh: list[Event]) -> int:
        """What this page costs. X charges each once a day, and known ones come again with every page."""
        today = self._now // _DAY
        charged = fresh if self._line.paid_day == today else found.events
        self._line.paid_day = today
        senders = {one.sender for one in charged}
        spend = self._charge([one.id for one in charged], "dm", DIRECT_PRICE, self._now)
        return spend + self._charge(
            [user for user in found.users if user in senders], "user", USER_PRICE, self._now
        )

    def _ask(self) -> Events:
        """The next page; a token that X does not take any more: the walk begins again."""
        line = self._line
        line.calls.append(self._now)
        size = FEW if line.since_id and not line.token else MANY
        try:
            return read_events(self._api.direct(line.token, size), self._now)
        except NotUnderstood:
            if not line.token:
                raise
        line.token, line.newest_id, line.pages = "", "", 0
        line.calls.append(self._now)
        return read_events(self._api.direct("", MANY), self._now)

    def _reached_start(self, fresh: list[Event]) -> bool:
        line = self._line
        return not line.since_id and any(one.sent_at < line.since_at for one in fresh)


def _is_newer(event: Event, known: str) -> bool:
    return not event.id or not known or (event.id != known and later(event.id, known) == event.id)
