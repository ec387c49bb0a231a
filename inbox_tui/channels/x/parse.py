"""Posts of X's API v2 into Incoming: pure functions, and the one place where X's field names stand.

Two dialects are read alike (``referenced_tweets`` and ``referenced_posts`` …), whichever was asked for.
A post that cannot be read is kept, with what came as its full text: it takes nothing else with it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Final

import msgspec

from inbox_tui.channels.payload import count, digits, dump, instant, items, lenient, stand_in
from inbox_tui.errors import BadAnswer
from inbox_tui.model import Author, Direction, Incoming, Kind

POST_FIELDS: Final = [
    "id",
    "text",
    "author_id",
    "conversation_id",
    "created_at",
    "in_reply_to_user_id",
    "referenced_tweets",
    "entities",
    "note_tweet",
]
USER_FIELDS: Final = ["id", "name", "username"]
EXPANSIONS: Final = ["author_id", "referenced_tweets.id"]
_OLDER: Final = {
    "referenced_posts": "referenced_tweets",
    "note_post": "note_tweet",
    "posts": "tweets",
}
"""Newer names -> those that tweepy asks for."""

UNREAD: Final = "[This post could not be read. What X sent is in the full text.]"
NOT_SUMMONED: Final = (
    "X lets an app answer only posts that mention or quote the account, and this one does neither: "
    "answer it in X's own app"
)
NO_ID: Final = "X sent this post without an id: there is nothing to answer to"

_EPOCH: Final = 1_288_834_974_657
_HANDLE = re.compile(r"[A-Za-z0-9_]{1,50}")
_LEADING = re.compile(r"(?:@[A-Za-z0-9_]{1,50}\s+)+")
_TOKEN = re.compile(r"[\x21-\x7e]{1,2000}")


class Me(msgspec.Struct, frozen=True):
    """Our own user."""

    id: str = ""
    handle: str = ""
    """Without the @."""


class Post(msgspec.Struct):
    """A post as X documents it, as far as we use it."""

    id: Any = None
    text: str | None = None
    author_id: Any = None
    conversation_id: Any = None
    created_at: Any = None
    in_reply_to_user_id: Any = None
    referenced_tweets: Any = None
    entities: Any = None
    note_tweet: Any = None


class _User(msgspec.Struct):
    id: Any = None
    name: str = ""
    username: str = ""


class _Reference(msgspec.Struct):
    type: str = ""
    id: Any = None


class _Mention(msgspec.Struct):
    username: str = ""
    id: Any = None


class _Link(msgspec.Struct):
    url: str = ""
    expanded_url: str = ""


class _Note(msgspec.Struct):
    text: str = ""
    entities: Any = None


class _Entities(msgspec.Struct):
    mentions: Any = None
    urls: Any = None


class Extract(msgspec.Struct):
    """A post with its fields checked, before it is known what it means to us."""

    id: str
    """Empty where it has none that can be used."""
    author: str
    """User id, or empty."""
    conversation: str
    """Its own id where X names none."""
    sent_at: int
    text: str
    unread: str
    """What came, where the post cannot be read; else empty."""
    answers: str
    """Id of the post that it answers, or empty."""
    answers_user: str
    quotes: str
    """Id of the post that it quotes, or empty."""
    mentions: list[tuple[str, str]]
    """User id (or empty) and handle in lower case of everyone it names."""


class Listing(msgspec.Struct):
    """A page of a timeline."""

    posts: list[Extract]
    """As they came, newest first."""
    included: list[Extract]
    """What they answer or quote."""
    users: dict[str, Author]
    newest_id: str
    """Empty where X names none."""
    next_token: str
    """Empty on the last page."""


def read_me(payload: dict[str, Any]) -> Me:
    """Our own user. Raises BadAnswer."""
    user = lenient(payload.get("data"), _User)
    me = Me(digits(user.id), user.username)
    if not me.id or not _HANDLE.fullmatch(me.handle):
        raise BadAnswer("X's answer about our own user has no id or no username", "fetch again later")
    return me


def read_listing(payload: dict[str, Any], now: int) -> Listing:
    """A page of a timeline. ``now`` stands in where a post has no time.

    Raises BadAnswer where it is not such a page: then nothing of it may count as read.
    """
    meta, data = payload.get("meta"), payload.get("data")
    if not isinstance(meta, dict) or not isinstance(data, list | None):
        raise BadAnswer("X's answer is not a page of posts", "fetch again later")
    if data is None and count(meta.get("result_count")):
        raise BadAnswer("X's answer counts posts that it does not bring", "fetch again later")
    token = meta.get("next_token")
    if token is not None and not (isinstance(token, str) and _TOKEN.fullmatch(token)):
        raise BadAnswer("X's answer leads to a next page that cannot be asked for", "fetch again later")
    includes = _older(payload.get("includes"))
    return Listing(
        posts=[extract(one, now) for one in items(data)],
        included=[extract(one, now) for one in items(includes.get("tweets"))],
        users=read_users(includes.get("users")),
        newest_id=digits(meta.get("newest_id")),
        next_token=token or "",
    )


def parse_mentions(
    listing: Listing, me: Me, *, roots: Collection[str] = (), summoned_only: bool = True
) -> tuple[Incoming, ...]:
    """The posts of others on a page of mentions, oldest first, after our own posts that they answer.

    ``roots``: ids of our own posts known so far.
    """
    ours = {post.id: post for post in listing.included if post.id and post.author == me.id}
    context = [own_post(post, me) for post in ours.values() if _answers_nobody(post, me) and not post.unread]
    found = [
        _mention(post, me, listing.users, ours, roots, summoned_only)
        for post in reversed(listing.posts)
        if post.author != me.id
    ]
    return (*sorted(context, key=lambda post: post.sent_at), *found)


def parse_own(listing: Listing, me: Me) -> tuple[Incoming, ...]:
    """Our own posts, oldest first: those that answer somebody as messages to him, the others as context."""
    # One without an id or text is nothing that a customer waits for, and nothing to link to.
    return tuple(
        own_post(post, me) if _answers_nobody(post, me) else _own_answer(post, me)
        for post in reversed(listing.posts)
        if post.id and not post.unread
    )


def extract(item: object, now: int) -> Extract:
    """Check a post field by field. Never raises."""
    raw = lenient(_older(item), Post)
    post_id = digits(raw.id)
    note = lenient(raw.note_tweet, _Note)
    entities = lenient(note.entities if note.text else raw.entities, _Entities)
    references = {one.type: digits(one.id) for one in _each(raw.referenced_tweets, _Reference)}
    text = note.text or raw.text
    return Extract(
        id=post_id,
        author=digits(raw.author_id),
        conversation=digits(raw.conversation_id) or post_id,
        sent_at=instant(raw.created_at) or snowflake_time(post_id, now) or now,
        text=readable(text, entities.urls) if text is not None else "",
        unread="" if post_id and text is not None else dump(item),
        answers=references.get("replied_to", ""),
        answers_user=digits(raw.in_reply_to_user_id),
        quotes=references.get("quoted", ""),
        mentions=[
            (digits(one.id), one.username.lower())
            for one in _each(lenient(raw.entities, _Entities).mentions, _Mention)
        ],
    )


def readable(text: str, urls: object = None) -> str:
    """As its author wrote it: X escapes three characters and shortens every link."""
    for link in _each(urls, _Link):
        if link.url.startswith("https://t.co/") and link.expanded_url.startswith(("https://", "http://")):
            text = text.replace(link.url, link.expanded_url[:2000])
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def same_words(one: str, other: str) -> bool:
    """Whether two texts of replies are one: X puts the handles of those answered before the text."""
    return _bare(one) == _bare(other)


def snowflake_time(post_id: str, now: int) -> int | None:
    """When a post was made, as its id says; None where that is not plausible."""
    if not digits(post_id):
        return None
    at = (int(post_id) >> 22) + _EPOCH
    return at if _EPOCH + 86_400_000 < at <= now + 86_400_000 else None


def later(one: str, other: str) -> str:
    """The greater of two ids, either of which may be empty."""
    return max(one, other, key=lambda post_id: (len(post_id.lstrip("0")), post_id.lstrip("0")))


def link(handle: str, post_id: str) -> str:
    """Where a browser shows a post; X finds it by the id alone where the handle is unknown."""
    return f"https://x.com/{handle if _HANDLE.fullmatch(handle) else 'i'}/status/{post_id}"


def _mention(
    post: Extract,
    me: Me,
    users: dict[str, Author],
    ours: dict[str, Extract],
    roots: Collection[str],
    summoned_only: bool,
) -> Incoming:
    author = users.get(post.author) or Author("x", post.author or None)
    summoned = not summoned_only or _summons(post, me, ours)
    return Incoming(
        external_id=post.id or stand_in(post.unread),
        thread_key=f"{post.conversation}:{post.author or f'post:{post.id or stand_in(post.unread)}'}",
        author=author,
        direction=Direction.IN,
        text=UNREAD if post.unread else post.text,
        full_text=post.unread,
        sent_at=post.sent_at,
        public=True,
        permalink=link(author.handle.removeprefix("@"), post.id) if post.id else "",
        in_reply_to=post.answers,
        context=_context(post, me, ours, roots),
        root=post.conversation,
        thread_link=link("i", post.conversation) if post.conversation else "",
        can_reply=summoned and bool(post.id),
        why_not="" if summoned and post.id else NO_ID if not post.id else NOT_SUMMONED,
    )


def _answers_nobody(post: Extract, me: Me) -> bool:
    """A post of ours for everybody; one that goes on with an earlier one of ours is such a post too."""
    return post.answers_user in ("", me.id)


def _summons(post: Extract, me: Me, ours: dict[str, Extract]) -> bool:
    """X's rule since 2026-02-23: the post names the account, or quotes it."""
    if any(user == me.id or handle == me.handle.lower() for user, handle in post.mentions):
        return True
    named = re.search(rf"(?<![A-Za-z0-9_@])@{re.escape(me.handle)}(?![A-Za-z0-9_@])", post.text, re.I)
    return named is not None or post.quotes in ours


def _context(post: Extract, me: Me, ours: dict[str, Extract], roots: Collection[str]) -> str:
    """Our post under which it stands: the conversation's first, else the one answered or quoted."""
    first_is_ours = post.answers_user == me.id and post.answers == post.conversation
    if post.conversation != post.id and (first_is_ours or post.conversation in {*ours, *roots}):
        return post.conversation
    answered = ours.get(post.answers)
    # Our answer to this same customer is a message of his thread, not the post he found us under.
    if answered is not None and answered.answers_user != post.author:
        return answered.id
    return post.quotes if post.quotes in ours else ""


def own_post(post: Extract, me: Me) -> Incoming:
    """A post of ours that answers nobody: context for what is written under it."""
    return Incoming(
        external_id=post.id,
        thread_key="",
        author=Author("x", me.id, "", f"@{me.handle}"),
        direction=Direction.OUT,
        kind=Kind.POST,
        text=post.text,
        sent_at=post.sent_at,
        public=True,
        permalink=link(me.handle, post.id),
    )


def _own_answer(post: Extract, me: Me) -> Incoming:
    handle = next((handle for user, handle in post.mentions if user == post.answers_user), "")
    return Incoming(
        external_id=post.id,
        thread_key=f"{post.conversation}:{post.answers_user}",
        author=Author("x", me.id, "", f"@{me.handle}"),
        direction=Direction.OUT,
        text=post.text,
        sent_at=post.sent_at,
        public=True,
        permalink=link(me.handle, post.id),
        in_reply_to=post.answers,
        root=post.conversation,
        thread_link=link("i", post.conversation),
        customer=Author("x", post.answers_user, "", f"@{handle}" if _HANDLE.fullmatch(handle) else ""),
    )


def read_users(value: object) -> dict[str, Author]:
    """The users beside a page, by their ids."""
    found: dict[str, Author] = {}
    for user in _each(value, _User):
        user_id = digits(user.id)
        if user_id:
            handle = f"@{user.username}" if _HANDLE.fullmatch(user.username) else ""
            found[user_id] = Author("x", user_id, user.name, handle)
    return found


def _each(value: object, kind: type[Any]) -> list[Any]:
    return [lenient(one, kind) for one in items(value)]


def _older(item: object) -> dict[str, Any]:
    if not isinstance(item, dict):
        return {}
    return {_OLDER.get(key, key) if isinstance(key, str) else "": value for key, value in item.items()}


def _bare(text: str) -> str:
    leading = _LEADING.match(text)
    return " ".join(text[leading.end() if leading else 0 :].split())
