"""The walk through X's timelines: which page to ask for next, and the cursor that survives a crash.

A timeline comes newest first, so `since_id` moves on only with the last page of a walk; until then the
cursor holds the token of the next page. A walk that was broken off goes on there and is followed by a fresh
one. It speaks to X through `api.Api` and stores nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

import msgspec

from inbox_tui.channels.base import Cursor, Gap, Page
from inbox_tui.channels.x.api import MENTION_PRICE, POST_PRICE, USER_PRICE, Api, NotUnderstood
from inbox_tui.channels.x.direct_fetch import Direct, DirectWalk
from inbox_tui.channels.x.parse import Listing, Me, later, parse_mentions, parse_own, read_listing
from inbox_tui.errors import BadAnswer, ChannelError, RateLimited
from inbox_tui.model import Incoming, Kind

DAY: Final = 86_400_000
REACH: Final = 780
"""X keeps 800 mentions in reach; posts deleted since count among them, so a walk can end a little earlier."""
_MOST_PAGES: Final = 200
_ROOTS: Final = 100
"""Ids of our own newest posts kept in the cursor, to know a conversation that began with us."""


class Timeline(msgspec.Struct):
    """Where one timeline stands."""

    since_id: str = ""
    """The newest post that is stored with all before it; empty: none yet."""
    since_at: int = 0
    """Its time; before there is one, how far back the first walk reaches. 0: nothing fetched yet."""
    began: int = 0
    """When the walk under way began; 0: there is none."""
    token: str = ""
    """The page with which it goes on."""
    newest_id: str = ""
    newest_at: int = 0
    oldest_at: int = 0
    seen: int = 0
    pages: int = 0


class State(msgspec.Struct):
    """The cursor of an account on X."""

    me: Me = Me()
    mentions: Timeline = msgspec.field(default_factory=Timeline)
    own: Timeline = msgspec.field(default_factory=Timeline)
    roots: list[str] = []
    direct: Direct = msgspec.field(default_factory=Direct)


def read_state(cursor: Cursor) -> State:
    """The state in a cursor; one that another version wrote differently means: from the start."""
    try:
        return msgspec.convert(dict(cursor), State)
    except msgspec.ValidationError:
        return State()


class Spending:
    """What reads cost. X charges a resource once in a day (UTC), however often it is read."""

    def __init__(self) -> None:
        self._day = 0
        self._paid: set[str] = set()
        self.left: int | None = None
        """Millionths of a dollar that may still be spent; None: no limit."""

    def check(self, now: int) -> None:
        """Before X is asked: raises RateLimited where nothing is left to spend."""
        if self.left is not None and self.left <= 0:
            raise RateLimited(
                "the day's budget is spent",
                (now // DAY + 1) * DAY,
                "raise budget_per_day, or wait until midnight UTC",
            )

    def of(self, listing: Listing, price: int, now: int) -> int:
        """Millionths of a dollar for a page whose posts cost ``price`` each."""
        return (
            self.once([post.id for post in listing.posts], "post", price, now)
            + self.once([post.id for post in listing.included], "post", POST_PRICE, now)
            + self.once(list(listing.users), "user", USER_PRICE, now)
        )

    def once(self, ids: list[str], kind: str, price: int, now: int) -> int:
        """For those among them that were not paid today."""
        if now // DAY != self._day:
            self._day, self._paid = now // DAY, set()
        fresh = {f"{kind}:{one}" for one in ids} - self._paid
        self._paid |= fresh
        if self.left is not None:
            self.left -= price * len(fresh)
        return price * len(fresh)


class Walk:
    """One fetch: both timelines, from where the cursor says."""

    def __init__(
        self,
        api: Api,
        state: State,
        now: int,
        *,
        account: str,
        since_days: int,
        summoned_only: bool,
        direct: bool,
        spending: Spending,
    ) -> None:
        """``account``: its name, for words. ``direct``: direct messages are read, too."""
        self._api = api
        self._state = state
        self._now = now
        # X refuses a start_time of the last seconds.
        self._first = now - max(since_days * DAY, 60_000)
        self._summoned_only = summoned_only
        self._account, self._direct = account, direct
        self._spending = spending

    def pages(self, spent: int) -> Iterator[Page]:
        """Mentions first, then our own posts, then direct messages. ``spent``: what was paid before."""
        # A page that only says "nothing is new" goes out with the next one: whoever stops after each
        # first page would else never come to what is read last.
        quiet = Page((), self._cursor(), spend=spent)
        try:
            for page in self._all():
                page, quiet = _joined(quiet, page), Page((), page.cursor)
                if page.messages or page.gap:
                    yield page
                else:
                    quiet = page
        except ChannelError:
            if quiet.complete_until:
                yield quiet
            raise
        if quiet.complete_until or quiet.history_done or quiet.spend or quiet.lacks is not None:
            yield quiet

    def _all(self) -> Iterator[Page]:
        yield from self._timeline(self._state.mentions, self._api.mentions, self._mentions, MENTION_PRICE)
        yield from self._timeline(self._state.own, self._api.own_posts, self._own, POST_PRICE)
        if self._direct:
            line = self._state.direct
            line.since_at = line.since_at or self._first
            self._spending.check(self._now)
            yield from DirectWalk(
                self._api,
                line,
                self._state.me,
                self._now,
                account=self._account,
                charge=self._spending.once,
                cursor=self._cursor,
            ).pages()
        elif self._state.direct != Direct():
            self._state.direct = Direct()
            yield Page((), self._cursor(), lacks=())

    def _timeline(
        self,
        line: Timeline,
        ask: Callable[[str, str, int, str], dict[str, Any]],
        parse: Callable[[Listing], tuple[Incoming, ...]],
        price: int,
    ) -> Iterator[Page]:
        resumed = bool(line.began)
        yield from self._walk(line, ask, parse, price)
        if resumed:
            yield from self._walk(line, ask, parse, price)

    def _walk(
        self,
        line: Timeline,
        ask: Callable[[str, str, int, str], dict[str, Any]],
        parse: Callable[[Listing], tuple[Incoming, ...]],
        price: int,
    ) -> Iterator[Page]:
        if not line.began:
            line.began = self._now
        line.since_at = line.since_at or self._first
        while line.began:
            listing = self._ask(line, ask)
            messages = parse(listing)
            spend = self._spending.of(listing, price, self._now)
            self._note(line, listing)
            if listing.next_token and not self._reached_start(line):
                line.token = listing.next_token
                yield Page(messages, self._cursor(), spend=spend)
                continue
            began, gap = line.began, self._gap(line) if line is self._state.mentions else None
            self._finish(line)
            yield Page(messages, self._cursor(), began, gap, spend, history_done=True)

    def _ask(self, line: Timeline, ask: Callable[[str, str, int, str], dict[str, Any]]) -> Listing:
        """The next page. A token that X does not take any more: the walk begins again, losing nothing."""
        if line.pages >= _MOST_PAGES:
            _forget_walk(line)
            raise BadAnswer("X's timeline does not end", "fetch again later")
        me = self._state.me.id
        self._spending.check(self._now)
        try:
            return read_listing(ask(me, line.since_id, line.since_at, line.token), self._now)
        except NotUnderstood:
            if not line.token:
                raise
        _forget_walk(line)
        line.began = self._now
        return read_listing(ask(me, line.since_id, line.since_at, ""), self._now)

    def _note(self, line: Timeline, listing: Listing) -> None:
        """Remember how far this page reaches."""
        line.pages += 1
        line.seen += len(listing.posts)
        for post in listing.posts:
            if post.id and later(post.id, line.newest_id) == post.id:
                line.newest_id, line.newest_at = post.id, post.sent_at
            line.oldest_at = min(line.oldest_at or post.sent_at, post.sent_at)
        if listing.newest_id and later(listing.newest_id, line.newest_id) != line.newest_id:
            line.newest_id, line.newest_at = listing.newest_id, line.newest_at or line.began

    def _reached_start(self, line: Timeline) -> bool:
        """Older posts are not wanted: a server that takes no notice of start_time is not read to its end."""
        return not line.since_id and 0 < line.oldest_at < line.since_at

    def _gap(self, line: Timeline) -> Gap | None:
        if line.seen < REACH or self._reached_start(line) or line.oldest_at <= line.since_at:
            return None
        return Gap(line.since_at, line.oldest_at)

    def _finish(self, line: Timeline) -> None:
        """The walk met what was known before: from here on only what is newer."""
        if line.newest_id and later(line.newest_id, line.since_id) != line.since_id:
            line.since_id, line.since_at = line.newest_id, line.newest_at
        _forget_walk(line)

    def _mentions(self, listing: Listing) -> tuple[Incoming, ...]:
        messages = parse_mentions(
            listing, self._state.me, roots=self._state.roots, summoned_only=self._summoned_only
        )
        self._keep_roots(messages)
        return messages

    def _own(self, listing: Listing) -> tuple[Incoming, ...]:
        messages = parse_own(listing, self._state.me)
        self._keep_roots(messages)
        return messages

    def _keep_roots(self, messages: tuple[Incoming, ...]) -> None:
        posts = {one.external_id for one in messages if one.kind is Kind.POST}
        known = posts.union(self._state.roots)
        self._state.roots = sorted(known, key=lambda post_id: (len(post_id), post_id))[-_ROOTS:]

    def _cursor(self) -> Cursor:
        cursor: dict[str, Any] = msgspec.to_builtins(self._state)
        return cursor


def _forget_walk(line: Timeline) -> None:
    fresh = Timeline(since_id=line.since_id, since_at=line.since_at)
    for name in Timeline.__struct_fields__:
        setattr(line, name, getattr(fresh, name))


def _joined(quiet: Page, page: Page) -> Page:
    """A page with what an empty one before it had to say."""
    return replace(
        page,
        complete_until=page.complete_until or quiet.complete_until,
        history_done=page.history_done or quiet.history_done,
        spend=page.spend + quiet.spend,
        lacks=page.lacks if page.lacks is not None else quiet.lacks,
    )
