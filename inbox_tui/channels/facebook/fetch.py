"""The walk over a page's posts and their comments, and the cursor that survives a crash.

A comment moves its post's `updated_time` but not the post's place in the feed, so every walk looks at every
post, a hundred at a call, and reads the comments of those that moved since the walk before. Comments have no
time of change: it looks `overlap_minutes` further back. The cursor says where the walk under way stands, in
a few ids; what a walk did not reach the next one finds, since its beginning counts and not its end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import msgspec

from inbox_tui.channels.base import Cursor, Page
from inbox_tui.channels.facebook.api import SLOW_PERCENT, Api, Gone, NotUnderstood
from inbox_tui.channels.facebook.messenger_fetch import Messenger, MessengerWalk
from inbox_tui.channels.facebook.parse import Listing, Post, parse_comments, parse_posts, read_listing
from inbox_tui.errors import BadAnswer, ChannelError

DAY: Final = 86_400_000
_MOST_PAGES: Final = 1000
_NOBODY: Final = "-"
"""In place of a post: none on this page has comments to look for."""


class State(msgspec.Struct):
    """The cursor of a page."""

    since: int = 0
    """When the last whole walk began; before there is one, how far back the first reaches. 0: none yet."""
    began: int = 0
    """When the walk under way began; 0: there is none."""
    feed: str = ""
    """The page of the feed that it is at; empty: the first."""
    post: str = ""
    """The post of that page that it is at; empty: the posts themselves come first."""
    comments: str = ""
    """The page of its comments that comes next; empty: the first."""
    finished: bool = False
    """All comments of that post are here."""
    failed: bool = False
    """A post of this walk could not be read: the next walk must look as far back as this one."""
    messenger: Messenger = msgspec.field(default_factory=Messenger)


def read_state(cursor: Cursor) -> State:
    """The state in a cursor; one that another version wrote differently means: from the start."""
    try:
        return msgspec.convert(dict(cursor), State)
    except msgspec.ValidationError:
        return State()


class Walk:
    """One fetch: what is left of a broken walk, then a whole one."""

    def __init__(
        self,
        api: Api,
        state: State,
        now: int,
        *,
        page_id: str,
        account: str,
        since_days: int,
        overlap: int,
        messenger: bool,
    ) -> None:
        """``account``: its name, for words. ``overlap``: milliseconds. ``messenger``: it is read, too."""
        self._api = api
        self._state = state
        self._now = now
        self._page_id = page_id
        self._overlap = overlap
        self._enough = False
        self._wrong: ChannelError | None = None
        self._account, self._messenger = account, messenger
        self._first = max(1, now - since_days * DAY)
        state.since = state.since or self._first + overlap

    def pages(self) -> Iterator[Page]:
        """Each can be stored alone. What could not be read is told of when all else has been."""
        # That the walk over the posts is whole goes out with what follows it: whoever stops after each
        # first page would else never come to Messenger.
        quiet: Page | None = None
        for page in self._walks():
            if quiet is not None:
                yield quiet
            quiet = page if page.complete_until and not page.messages else None
            if quiet is None:
                yield page
        try:
            for page in self._conversations():
                yield page if quiet is None else _joined(quiet, page)
                quiet = None
        except ChannelError:
            if quiet is not None:
                yield quiet
            raise
        if quiet is not None:
            yield quiet
        if self._wrong is not None:
            raise self._wrong

    def _walks(self) -> Iterator[Page]:
        resumed = bool(self._state.began)
        yield from self._walk()
        if resumed and not self._slow() and self._wrong is None:
            yield from self._walk()

    def _conversations(self) -> Iterator[Page]:
        if self._slow():
            return
        if self._messenger:
            yield from MessengerWalk(
                self._api,
                self._state.messenger,
                self._now,
                page_id=self._page_id,
                account=self._account,
                first=self._first,
                cursor=self._cursor,
            ).pages()
        elif self._state.messenger != Messenger():
            self._state.messenger = Messenger()
            yield Page((), self._cursor(), lacks=())

    @property
    def _from(self) -> int:
        # Graph's times are whole seconds, rounded down.
        return (self._state.since - self._overlap) // 1000 * 1000

    def _walk(self) -> Iterator[Page]:
        self._state.began = self._state.began or self._now
        for _ in range(_MOST_PAGES):
            listing = self._feed()
            posts = parse_posts(listing, self._page_id, self._now)
            yield from self._posts(posts)
            if self._enough:
                return
            if not listing.after:
                yield self._end()
                return
            if listing.after == self._state.feed:
                break
            self._state.feed = listing.after
            self._at_post("")
            if self._slow():
                yield Page((), self._cursor())
                return
        raise BadAnswer("Facebook's feed does not end", "fetch again later")

    def _feed(self) -> Listing:
        """A page of posts. A cursor that Graph does not take any more: the walk begins again."""
        try:
            return read_listing(self._api.feed(self._state.feed))
        except NotUnderstood:
            if not self._state.feed:
                raise
        self._state.feed = ""
        self._at_post("")
        return read_listing(self._api.feed(""))

    def _posts(self, posts: tuple[Post, ...]) -> Iterator[Page]:
        """The posts that moved, then the comments under each, going on where the cursor says."""
        moved = [post for post in posts if post.updated_at is None or post.updated_at >= self._from]
        named = [post for post in moved if post.id]
        at = next((i for i, post in enumerate(named) if post.id == self._state.post), None)
        if self._state.post == _NOBODY:
            return
        if at is None and moved:
            at = 0
            self._at_post(named[0].id if named else _NOBODY)
            yield Page(tuple(post.incoming for post in moved), self._cursor())
        for post in named[at:]:
            if post.id != self._state.post:
                self._at_post(post.id)
            if not self._state.finished:
                yield from self._comments(post)
            if self._enough:
                return

    def _comments(self, post: Post) -> Iterator[Page]:
        """The comments under a post, newest first. One post that cannot be read does not stop the others."""
        state = self._state
        for _ in range(_MOST_PAGES):
            try:
                listing = read_listing(
                    self._api.comments(post.id, self._from, state.comments, every_depth=True)
                )
                if listing.after and listing.after == state.comments:
                    raise BadAnswer(f"Facebook's comments under {post.id} do not end", "fetch again later")
            except Gone:
                listing = Listing([], "")
            except BadAnswer as error:
                listing = Listing([], "")
                state.failed = True
                self._wrong = self._wrong or error
            messages = parse_comments(listing, post, self._page_id, self._now)
            known = bool(messages) and messages[-1].sent_at < self._from
            state.comments, state.finished = listing.after, known or not listing.after
            if self._slow() or messages:
                yield Page(messages, self._cursor())
            if state.finished or self._enough:
                return

    def _end(self) -> Page:
        """The walk is whole: what was written before it began is here, unless something could not be read."""
        began, whole = self._state.began, not self._state.failed
        since = began if whole else self._state.since
        self._state = State(since=since, messenger=self._state.messenger)
        return Page((), self._cursor(), complete_until=began if whole else None, history_done=whole)

    def _at_post(self, post_id: str) -> None:
        self._state.post, self._state.comments, self._state.finished = post_id, "", False

    def _slow(self) -> bool:
        """The platform's allowance runs low: what is stored now counts, and the next fetch goes on there."""
        self._enough = self._enough or self._api.usage >= SLOW_PERCENT
        return self._enough

    def _cursor(self) -> Cursor:
        cursor: dict[str, Any] = msgspec.to_builtins(self._state)
        return cursor


def _joined(quiet: Page, page: Page) -> Page:
    """A page with what an empty one before it had to say."""
    return replace(
        page,
        complete_until=page.complete_until or quiet.complete_until,
        history_done=page.history_done or quiet.history_done,
    )
