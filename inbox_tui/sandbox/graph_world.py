"""The state of a Facebook page: people, posts, comments. It owns what is true there, and what a write may do.

It knows nothing of HTTP, of tokens or of the fields a caller asks for: that is ``graph_api``. Every public
method may be called from any thread.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from inbox_tui.sandbox.messenger_world import Messenger

MAX_MESSAGE = 8000
"""Characters of a comment, as Facebook's composer counts them."""

_FIRST_PERSON = 24_400_000_000_000_011
_FIRST_ITEM = 122_100_000_000_001


class UnknownObject(LookupError):
    """There is no such post or comment, or it was deleted."""


class DuplicateMessage(ValueError):
    """The page has already written exactly this under the same object."""


class BadMessage(ValueError):
    """The text is empty or too long."""


@dataclass(frozen=True)
class Person:
    """Somebody on Facebook as one page sees them."""

    id: str
    """Page-scoped: the same human has another id at another page."""
    name: str
    private: bool = False
    """True where the platform names no author: ``from`` is then absent from what this person writes."""


@dataclass
class Post:
    """A post in the page's feed, by the page or by a visitor."""

    id: str
    """``PAGE_POST``."""
    author: Person
    message: str
    created: int
    """Milliseconds UTC."""
    updated: int
    """Milliseconds UTC; moves when a comment arrives."""
    comments: list[Comment] = field(default_factory=list)
    """All comments at every depth, oldest first."""


@dataclass
class Comment:
    """A comment under a post, or a reply to such a comment."""

    id: str
    """``POST_COMMENT``, without the page's id."""
    post: Post
    author: Person
    message: str
    created: int
    """Milliseconds UTC."""
    parent: Comment | None = None
    hidden: bool = False
    """True where the page has hidden it from others."""
    replies: list[Comment] = field(default_factory=list)
    """Direct replies, oldest first."""


_Thing = TypeVar("_Thing", Post, Comment)


class GraphWorld:
    """One page and everything written on it.

    ``now`` gives milliseconds UTC. ``on_accept`` is told of each write that the page's own API accepted,
    after the lock is given back.
    """

    def __init__(
        self,
        now: Callable[[], int],
        page_id: str = "104400000000017",
        page_name: str = "Shop",
        token: str = "sandbox-page-token",  # noqa: S107 - opens nothing but this loopback server
        on_accept: Callable[[dict[str, object]], None] | None = None,
    ) -> None:
        self.now = now
        self.token = token
        self.page = Person(page_id, page_name)
        self.may_see_people = True
        """False where the token lacks the permission to read who wrote something."""
        self.lock = self._lock = threading.RLock()
        """Held while anything of this world is read or changed."""
        self.messenger = Messenger(self)
        self._on_accept = on_accept
        self._people: dict[str, Person] = {}
        self._posts: dict[str, Post] = {}
        self._comments: dict[str, Comment] = {}
        self._feed: list[Post] = []
        self._next_item = _FIRST_ITEM

    def person(self, name: str, private: bool = False) -> Person:
        """The visitor of this name, who is made on first mention; ``private`` counts only then."""
        with self._lock:
            known = self._people.get(name)
            if known is None:
                known = Person(str(_FIRST_PERSON + 7 * len(self._people)), name, private)
                self._people[name] = known
            return known

    def post(self, name: str, text: str, at: int | None = None, private: bool = False) -> str:
        """A visitor writes on the page. Returns the post's id."""
        return self._add_post(self.person(name, private), text, at)

    def our_post(self, text: str, at: int | None = None) -> str:
        """The page writes a post of its own. Returns the post's id."""
        return self._add_post(self.page, text, at)

    def comment(
        self,
        post: str,
        name: str,
        text: str,
        parent: str | None = None,
        at: int | None = None,
        private: bool = False,
    ) -> str:
        """A visitor comments on ``post``, or on the comment ``parent`` under it. Returns the comment's id."""
        return self._add_comment(parent or post, self.person(name, private), text, at).id

    def our_comment(self, target: str, text: str, at: int | None = None) -> str:
        """The page comments outside the API, as from Facebook's own pages. Returns the comment's id."""
        return self._add_comment(target, self.page, text, at).id

    def reply(self, target: str, text: str) -> Comment:
        """The API writes as the page under a post or a comment; told to ``on_accept``.

        Raises UnknownObject, DuplicateMessage, BadMessage.
        """
        if not text.strip():
            raise BadMessage("the message is empty")
        if len(text) > MAX_MESSAGE:
            raise BadMessage(f"the message has {len(text)} characters; at most {MAX_MESSAGE} are allowed")
        with self._lock:
            siblings = self._under(target)
            if any(one.author is self.page and one.message == text for one in siblings):
                raise DuplicateMessage(f"the page has already written this under {target}")
            author = self._author_of(target)
            made = self._add_comment(target, self.page, text, None)
        if self._on_accept is not None:
            self._on_accept(
                {
                    "channel": "facebook",
                    "kind": "comment",
                    "account": "page",
                    "to": author.name,
                    "in_reply_to": target,
                    "post": made.post.id,
                    "text": text,
                    "id": made.id,
                    "at": datetime.fromtimestamp(made.created // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                }
            )
        return made

    def accepted(self, line: dict[str, object]) -> None:
        """Tell of a write that the page's own API accepted."""
        if self._on_accept is not None:
            self._on_accept(line)

    def hide(self, comment: str, hidden: bool = True) -> None:
        """The page hides a comment, or shows it again, elsewhere than by the API. Raises UnknownObject."""
        with self._lock:
            self.find_comment(comment).hidden = hidden

    def hide_by_api(self, comment: str, hidden: bool) -> None:
        """The API hides a comment or shows it again; told to ``on_accept``.

        Raises UnknownObject, BadMessage.
        """
        with self._lock:
            author = self.find_comment(comment).author
            if author is self.page:
                raise BadMessage("the page cannot hide a comment of its own")
            self.hide(comment, hidden)
        if self._on_accept is not None:
            at = datetime.fromtimestamp(self.now() // 1000, UTC)
            self._on_accept(
                {
                    "channel": "facebook",
                    "kind": "hide" if hidden else "unhide",
                    "account": "page",
                    "to": author.name,
                    "in_reply_to": comment,
                    "text": "",
                    "id": comment,
                    "at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                }
            )

    def delete(self, object_id: str) -> None:
        """The author or Facebook takes a post or a comment away, with all below it. Raises UnknownObject."""
        with self._lock:
            if object_id in self._posts:
                gone = self._posts.pop(object_id)
                self._feed.remove(gone)
                for one in gone.comments:
                    del self._comments[one.id]
            else:
                self._drop(self.find_comment(object_id))

    def feed(self) -> list[Post]:
        """All posts, newest first by creation."""
        with self._lock:
            return self._feed[::-1]

    def comments(self, target: str, every_depth: bool = False) -> list[Comment]:
        """What stands under a post or a comment, oldest first; ``every_depth`` counts for posts alone.

        Raises UnknownObject.
        """
        with self._lock:
            return (
                list(self._posts[target].comments)
                if every_depth and target in self._posts
                else self._under(target)
            )

    def find_post(self, post: str) -> Post:
        """The post of this id. Raises UnknownObject."""
        try:
            return self._posts[post]
        except KeyError:
            raise UnknownObject(post) from None

    def find_comment(self, comment: str) -> Comment:
        """The comment of this id. Raises UnknownObject."""
        try:
            return self._comments[comment]
        except KeyError:
            raise UnknownObject(comment) from None

    def permalink(self, thing: Post | Comment) -> str:
        """Where a browser would show it."""
        post = thing if isinstance(thing, Post) else thing.post
        link = f"https://facebook.example/{self.page.id}/posts/{_own_part(post.id)}"
        if isinstance(thing, Post):
            return link
        if thing.parent is None:
            return f"{link}?comment_id={_own_part(thing.id)}"
        return f"{link}?comment_id={_own_part(thing.parent.id)}&reply_comment_id={_own_part(thing.id)}"

    def _add_post(self, author: Person, text: str, at: int | None) -> str:
        with self._lock:
            created = self.now() if at is None else at
            made = Post(f"{self.page.id}_{self._number()}", author, text, created, created)
            self._posts[made.id] = made
            _insert(self._feed, made)
            return made.id

    def _add_comment(self, target: str, author: Person, text: str, at: int | None) -> Comment:
        with self._lock:
            parent = self._comments.get(target)
            post = parent.post if parent is not None else self.find_post(target)
            created = self.now() if at is None else at
            made = Comment(f"{_own_part(post.id)}_{self._number()}", post, author, text, created, parent)
            self._comments[made.id] = made
            _insert(post.comments, made)
            if parent is not None:
                _insert(parent.replies, made)
            post.updated = max(post.updated, created)
            return made

    def _under(self, target: str) -> list[Comment]:
        if target in self._comments:
            return list(self._comments[target].replies)
        return [one for one in self.find_post(target).comments if one.parent is None]

    def _author_of(self, target: str) -> Person:
        return self._comments[target].author if target in self._comments else self.find_post(target).author

    def _drop(self, gone: Comment) -> None:
        for reply in list(gone.replies):
            self._drop(reply)
        gone.post.comments.remove(gone)
        if gone.parent is not None:
            gone.parent.replies.remove(gone)
        del self._comments[gone.id]

    def _number(self) -> int:
        self._next_item += 1
        return self._next_item


def place(thing: Post | Comment) -> tuple[int, int]:
    """Where it stands among its like: by creation, then by id. A key that no later write can move."""
    return thing.created, int(_own_part(thing.id))


def _own_part(object_id: str) -> str:
    return object_id.rpartition("_")[2]


def _insert(things: list[_Thing], made: _Thing) -> None:
    things.insert(bisect_left(things, place(made), key=place), made)
