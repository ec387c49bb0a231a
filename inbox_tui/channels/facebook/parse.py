"""Posts and comments of the Graph API into Incoming: pure functions, and the one place with its field names.

A thread is one commenter under one post. Who wrote may be absent (no permission, or a private user): such a
comment is a thread of its own, since nothing says that two of them come from one person. A thing that cannot
be read is kept, with what came as its full text: it takes nothing else with it.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from inbox_tui.channels.payload import dump, ident, instant, lenient, stand_in
from inbox_tui.errors import BadAnswer
from inbox_tui.model import Author, Direction, Incoming, Kind

POST_FIELDS: Final = "id,message,from,created_time,updated_time,permalink_url"
COMMENT_FIELDS: Final = (
    "id,parent{id,from},from,message,created_time,permalink_url,is_hidden,can_reply_privately"
)

UNREAD: Final = "[This could not be read. What Facebook sent is in the full text.]"
NO_ID: Final = "Facebook sent this without an id: there is nothing to answer to"

_CURSOR = re.compile(r"[\x21-\x7e]{1,2000}")
_LINK = re.compile(r"https?://[^\s\x00-\x20\x7f]{1,1900}")


class _From(msgspec.Struct):
    id: Any = None
    name: str = ""


class _Parent(msgspec.Struct, rename={"author": "from"}):
    id: Any = None
    author: Any = None


class _Thing(msgspec.Struct, rename={"author": "from"}):
    """A post or a comment as Graph documents it, as far as we use it."""

    id: Any = None
    message: str = ""
    author: Any = None
    created_time: Any = None
    updated_time: Any = None
    permalink_url: str = ""
    parent: Any = None
    is_hidden: Any = None
    can_reply_privately: Any = None


class _Cursors(msgspec.Struct):
    after: Any = None


class _Paging(msgspec.Struct):
    cursors: Any = None
    next: Any = None


class Listing(msgspec.Struct):
    """A page of a feed or of comments."""

    items: list[Any]
    after: str
    """Where the next page begins; empty on the last."""


class Post(msgspec.Struct):
    """A post of the feed, with what its comments need to know of it."""

    id: str
    """Empty where it has none that can be used."""
    author: Author
    ours: bool
    updated_at: int | None
    """None where Graph does not say: then its comments must be looked at."""
    incoming: Incoming


def read_listing(payload: dict[str, Any]) -> Listing:
    """A page. Raises BadAnswer where it is not one: then nothing of it may count as read."""
    data = payload.get("data")
    if not isinstance(data, list):
        raise BadAnswer("Facebook's answer is not a list of posts or comments", "fetch again later")
    paging = lenient(payload.get("paging"), _Paging)
    if paging.next is None:
        return Listing(data, "")
    # `next` holds the token in its URL: it only says that there is more.
    after = lenient(paging.cursors, _Cursors).after
    if not isinstance(after, str) or not _CURSOR.fullmatch(after):
        raise BadAnswer(
            "Facebook's answer leads to a next page that cannot be asked for", "fetch again later"
        )
    return Listing(data, after)


def parse_posts(listing: Listing, page_id: str, now: int) -> tuple[Post, ...]:
    """The posts of a feed's page in its order, ours and visitors'. ``now`` stands in for a missing time."""
    return tuple(_post(item, page_id, now) for item in listing.items)


def parse_comments(listing: Listing, post: Post, page_id: str, now: int) -> tuple[Incoming, ...]:
    """Comments of every depth under a post, oldest first. ``now`` stands in for a missing time."""
    # They come newest first, and within one second only that order tells which was first.
    found = [_comment(item, post, page_id, now) for item in reversed(listing.items)]
    return tuple(sorted(found, key=lambda one: one.sent_at))


def read_comments_by(listing: Listing, page_id: str) -> list[tuple[str, int, str, str]]:
    """Comments of the page itself: id, time (ms; 0 where it is unknown), words, link."""
    found = []
    for item in listing.items:
        thing = lenient(item, _Thing)
        comment_id = ident(thing.id)
        if comment_id and author_of(thing.author).value == page_id:
            at = instant(thing.created_time) or 0
            found.append((comment_id, at, thing.message, link(comment_id, thing.permalink_url)))
    return found


def link(object_id: str, given: str = "") -> str:
    """Where a browser shows it."""
    return given if _LINK.fullmatch(given) else f"https://www.facebook.com/{object_id}" if object_id else ""


def _post(item: object, page_id: str, now: int) -> Post:
    thing = lenient(item, _Thing)
    post_id = ident(thing.id)
    author = author_of(thing.author)
    unread = _unread(item, post_id)
    external_id = post_id or stand_in(unread)
    ours = author.value == page_id
    incoming = Incoming(
        external_id=external_id,
        thread_key="" if ours else f"{external_id}:{author.value or external_id}",
        author=author,
        direction=Direction.OUT if ours else Direction.IN,
        kind=Kind.POST if ours else Kind.MESSAGE,
        text=UNREAD if unread else thing.message,
        full_text=unread,
        sent_at=instant(thing.created_time) or now,
        public=True,
        permalink=link(post_id, thing.permalink_url),
        thread_link=link(post_id, thing.permalink_url),
        can_reply=bool(post_id),
        why_not="" if post_id else NO_ID,
    )
    return Post(post_id, author, ours, instant(thing.updated_time), incoming)


def _comment(item: object, post: Post, page_id: str, now: int) -> Incoming:
    thing = lenient(item, _Thing)
    comment_id = ident(thing.id)
    author = author_of(thing.author)
    unread = _unread(item, comment_id)
    external_id = comment_id or stand_in(unread)
    parent = lenient(thing.parent, _Parent)
    ours = author.value == page_id
    customer = _answered(parent, post, page_id) if ours else None
    with_whom = customer[1] if customer else author.value or external_id
    for_all = ours and customer is None
    return Incoming(
        external_id=external_id,
        thread_key="" if for_all else f"{post.id}:{with_whom}",
        author=author,
        direction=Direction.OUT if ours else Direction.IN,
        kind=Kind.POST if for_all else Kind.MESSAGE,
        text=UNREAD if unread else thing.message,
        full_text=unread,
        sent_at=instant(thing.created_time) or now,
        public=True,
        permalink=link(comment_id, thing.permalink_url),
        in_reply_to=ident(parent.id) or post.id,
        root=post.id,
        context=post.id if post.ours else "",
        thread_link=post.incoming.permalink,
        customer=customer[0] if customer else None,
        can_reply=bool(comment_id),
        why_not="" if comment_id else NO_ID,
        hidden=thing.is_hidden is True,
        private_reply=not ours and bool(comment_id) and thing.can_reply_privately is True,
    )


def _answered(parent: _Parent, post: Post, page_id: str) -> tuple[Author, str] | None:
    """Whom a comment of the page answers, and the second half of his thread's key; None: everybody."""
    parent_id = ident(parent.id)
    if parent_id:
        author = author_of(parent.author)
        return None if author.value == page_id else (author, author.value or parent_id)
    return None if post.ours else (post.author, post.author.value or post.id)


def author_of(value: object) -> Author:
    """Who stands in a ``from``; without a value where Graph does not tell."""
    who = lenient(value, _From)
    return Author("facebook", ident(who.id) or None, who.name)


def _unread(item: object, object_id: str) -> str:
    """What came, where it has no id or its words are not text; a picture has no words and is no such case."""
    said = item.get("message") if isinstance(item, dict) else None
    return "" if object_id and isinstance(said, str | None) else dump(item)
