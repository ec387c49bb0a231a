"""The state of a small X: users, posts, conversations. It owns what is true there, and what a write may do.

It knows nothing of HTTP, of dialects or of fields: that is `x_api`. Every public method may be called from
any thread. Time comes from the clock it is given, secrets from the source it is given.
"""

from __future__ import annotations

import re
import secrets
import threading
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import islice
from typing import Final

from inbox_tui.model import LengthRule
from inbox_tui.sandbox.x_direct import DirectMessages
from inbox_tui.text import length

LONGEST: Final = 280
"""Weighted length of a post."""

DUPLICATE_WINDOW: Final = 24 * 3600 * 1000
"""Milliseconds in which an account may not say the same thing twice."""

_SNOWFLAKE_EPOCH: Final = 1_288_834_974_657
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_HANDLE: Final = re.compile(r"[A-Za-z0-9_]{1,15}")
_MENTION: Final = re.compile(r"(?<![A-Za-z0-9_@])@([A-Za-z0-9_]{1,15})(?![A-Za-z0-9_@])")
_PARSE_LIMIT: Final = 4000
_INVALID: Final = frozenset("\ufffe\ufeff\uffff")
"""Characters beyond which no text can weigh 280, whatever it holds (a URL of 4,000 is none)."""


def rfc3339(at: int) -> str:
    """Milliseconds UTC as X writes them: with milliseconds and Z."""
    return (_EPOCH + timedelta(milliseconds=at)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Refusal(Enum):
    """Why X will not take a post."""

    EMPTY = "empty"
    TOO_LONG = "too long"
    INVALID = "characters that X does not take"
    DUPLICATE = "the same text again"
    MISSING = "the answered or quoted post is gone"
    NOT_MENTIONED = "its author spoke to the account in this conversation, but not in this post"
    NEVER_MENTIONED = "its author never spoke to the account"


class WriteRefused(ValueError):
    """A write the platform refuses; `reason` says why."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class User:
    """Somebody on X."""

    id: str
    handle: str
    """Without the @, in the writing its owner chose."""
    name: str
    created_at: int
    """Milliseconds UTC."""


@dataclass(frozen=True, slots=True)
class Account:
    """A login of ours: the account's name in our config, its user, and what it authenticates with."""

    name: str
    user: User
    bearer_token: str = field(repr=False)
    """An OAuth 2.0 user token."""
    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    access_token: str = field(repr=False)
    """OAuth 1.0a; begins with the user's id and a hyphen, which tweepy relies on."""
    access_token_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Post:
    """A post as it stands."""

    id: str
    author_id: str
    text: str
    """With the @handles that X puts before a reply."""
    created_at: int
    """Milliseconds UTC."""
    conversation_id: str
    """The id of the conversation's first post."""
    in_reply_to: str | None
    """The id of the answered post."""
    in_reply_to_user_id: str | None
    quoted: str | None
    """The id of the quoted post."""
    mentions: tuple[str, ...]
    """Ids of the users the text names, in the order it names them."""


class XWorld:
    """All of it, behind one lock."""

    def __init__(
        self,
        *,
        now: Callable[[], int],
        on_accept: Callable[[dict[str, object]], None] = lambda _line: None,
        secret: Callable[[], str] = lambda: secrets.token_hex(20),
    ) -> None:
        """`now`: milliseconds UTC. `on_accept` gets a line of sent.jsonl for each write an account made."""
        self.now = now
        self.token_holder: Callable[[str], str | None] = lambda _token: None
        """Account whose access token a token is, besides those that are made with the accounts."""
        self._on_accept = on_accept
        self._secret = secret
        self.lock = self._lock = threading.RLock()
        """Held while anything of this world is read or changed."""
        self.direct = DirectMessages(self)
        self._users: dict[str, User] = {}
        self._by_handle: dict[str, User] = {}
        self._accounts: dict[str, Account] = {}
        self._posts: dict[str, Post] = {}
        self._by_author: defaultdict[str, list[Post]] = defaultdict(list)
        self._mentioning: defaultdict[str, list[Post]] = defaultdict(list)
        self._by_conversation: defaultdict[str, list[Post]] = defaultdict(list)
        self._last_id = 0

    # People

    def add_user(self, handle: str, name: str) -> User:
        """Someone joins; one who is here already stays as he is. ValueError for an impossible handle."""
        handle = handle.removeprefix("@")
        if not _HANDLE.fullmatch(handle):
            raise ValueError(f"@{handle} cannot be a handle on X: 1 to 15 of A-Z, a-z, 0-9 and _")
        with self._lock:
            known = self._by_handle.get(handle.lower())
            if known is not None:
                return known
            user = User(str(2_244_000_001 + 7919 * len(self._users)), handle, name, self.now())
            self._users[user.id] = self._by_handle[handle.lower()] = user
            return user

    def add_account(self, account: str, handle: str, name: str) -> Account:
        """A user who is ours, with fresh tokens. `account` is the name in our config."""
        with self._lock:
            user = self.add_user(handle, name)
            made = Account(
                name=account,
                user=user,
                bearer_token=self._secret(),
                consumer_key=self._secret(),
                consumer_secret=self._secret(),
                access_token=f"{user.id}-{self._secret()}",
                access_token_secret=self._secret(),
            )
            self._accounts[account] = made
            return made

    def accounts(self) -> tuple[Account, ...]:
        """Our logins, in the order they were added."""
        with self._lock:
            return tuple(self._accounts.values())

    def account_of(self, token: str, *, oauth1: bool) -> Account | None:
        """Whose OAuth 1.0a access token this is, or whose bearer token."""
        with self._lock:
            for account in self._accounts.values():
                if token == (account.access_token if oauth1 else account.bearer_token):
                    return account
            return None if oauth1 else self._accounts.get(self.token_holder(token) or "")

    def user(self, user_id: str) -> User | None:
        """The user with this id."""
        with self._lock:
            return self._users.get(user_id)

    def user_called(self, handle: str) -> User | None:
        """The user with this handle, with or without @, in any writing."""
        with self._lock:
            return self._by_handle.get(handle.removeprefix("@").lower())

    # Posts

    def post(
        self,
        handle: str,
        text: str,
        in_reply_to: str | None = None,
        quoted: str | None = None,
        at: int | None = None,
    ) -> Post:
        """Somebody posts in X's own app, where no limit of the API holds.

        `at` is milliseconds UTC, None: now. Ids always grow, whatever `at` says, so that a reader with a
        since_id misses nothing: add history oldest first. Raises LookupError for an unknown handle or post.
        """
        with self._lock:
            author = self.user_called(handle)
            if author is None:
                raise LookupError(f"nobody is called {handle} on this X; add the user first")
            for wanted in (in_reply_to, quoted):
                if wanted is not None and wanted not in self._posts:
                    raise LookupError(f"there is no post {wanted} on this X")
            return self._add(author, text, in_reply_to, quoted, self.now() if at is None else at, skip=())

    def write(
        self,
        account: Account,
        text: str,
        in_reply_to: str | None = None,
        quoted: str | None = None,
        skip: Iterable[str] = (),
    ) -> Post:
        """An account posts through the API, under its rules. `skip`: user ids a reply does not name.

        Raises WriteRefused.
        """
        # Outside the lock: the parser takes seconds for some texts.
        _check_text(text)
        with self._lock:
            for target in (in_reply_to, quoted):
                if target is not None:
                    self._check_target(account.user, target)
            now = self.now()
            whole = self._addressed(account.user, text, in_reply_to, set(skip))
            for earlier in reversed(self._by_author[account.user.id]):
                if earlier.created_at <= now - DUPLICATE_WINDOW:
                    break
                if (earlier.text, earlier.quoted) == (whole, quoted):
                    raise WriteRefused(Refusal.DUPLICATE)
            made = self._add(account.user, text, in_reply_to, quoted, now, skip)
            answered = None if in_reply_to is None else self._users[self._posts[in_reply_to].author_id]
        self._on_accept(
            {
                "channel": "x",
                "kind": "post" if answered is None else "reply",
                "account": account.name,
                "to": None if answered is None else f"@{answered.handle}",
                "in_reply_to": in_reply_to,
                "text": text,
                "id": made.id,
                "at": rfc3339(made.created_at),
            }
        )
        return made

    def delete(self, post_id: str) -> None:
        """A post disappears; what refers to it keeps its id. LookupError where there is none."""
        with self._lock:
            gone = self._posts.pop(post_id, None)
            if gone is None:
                raise LookupError(f"there is no post {post_id} on this X")
            self._by_author[gone.author_id].remove(gone)
            self._by_conversation[gone.conversation_id].remove(gone)
            for user_id in gone.mentions:
                if user_id != gone.author_id:
                    self._mentioning[user_id].remove(gone)

    def find(self, post_id: str) -> Post | None:
        """The post with this id, unless it is gone."""
        with self._lock:
            return self._posts.get(post_id)

    def posts_by(self, user_id: str, newest: int) -> Sequence[Post]:
        """The newest posts of a user, newest first."""
        with self._lock:
            return tuple(islice(reversed(self._by_author[user_id]), newest))

    def mentions_of(self, user_id: str, newest: int) -> Sequence[Post]:
        """The newest posts of others that name a user, newest first."""
        with self._lock:
            return tuple(islice(reversed(self._mentioning[user_id]), newest))

    def conversation(self, conversation_id: str, since: int) -> Sequence[Post]:
        """The posts of a conversation made at `since` (ms UTC) or later, newest first."""
        with self._lock:
            posts = self._by_conversation.get(conversation_id, [])
            return tuple(post for post in reversed(posts) if post.created_at >= since)

    def answers_to(self, post_id: str) -> int:
        """How many posts answer this one."""
        with self._lock:
            post = self._posts.get(post_id)
            others = self._by_conversation.get(post.conversation_id, []) if post else []
            start = bisect_left(others, int(post_id), key=lambda other: int(other.id))
            return sum(other.in_reply_to == post_id for other in islice(others, start, None))

    def new_id(self, at: int) -> str:
        """An id greater than any before it, made of a time (ms UTC) where that is possible."""
        with self._lock:
            self._last_id = max(self._last_id + 1, (at - _SNOWFLAKE_EPOCH) << 22)
            return str(self._last_id)

    def accepted(self, line: dict[str, object], at: int) -> None:
        """Tell of a write that an account made, at this time (ms UTC)."""
        self._on_accept({**line, "at": rfc3339(at)})

    # Inside, with the lock held

    def _add(
        self,
        author: User,
        text: str,
        in_reply_to: str | None,
        quoted: str | None,
        at: int,
        skip: Iterable[str],
    ) -> Post:
        whole = self._addressed(author, text, in_reply_to, set(skip))
        answered = None if in_reply_to is None else self._posts[in_reply_to]
        new_id = self.new_id(at)
        post = Post(
            id=new_id,
            author_id=author.id,
            text=whole,
            created_at=at,
            conversation_id=new_id if answered is None else answered.conversation_id,
            in_reply_to=in_reply_to,
            in_reply_to_user_id=None if answered is None else answered.author_id,
            quoted=quoted,
            mentions=self._named_in(whole),
        )
        self._posts[post.id] = post
        self._by_author[author.id].append(post)
        self._by_conversation[post.conversation_id].append(post)
        for user_id in post.mentions:
            if user_id != author.id:
                self._mentioning[user_id].append(post)
        return post

    def _named_in(self, text: str) -> tuple[str, ...]:
        users = (self._by_handle.get(handle.lower()) for handle in _MENTION.findall(text))
        return tuple(dict.fromkeys(user.id for user in users if user is not None))

    def _addressed(self, author: User, text: str, in_reply_to: str | None, skip: set[str]) -> str:
        """The text as X keeps it: a reply begins with those it answers, unless its own words name them."""
        if in_reply_to is None:
            return text
        answered = self._posts[in_reply_to]
        named = {author.id, *self._named_in(text), *skip}
        wanted = dict.fromkeys((answered.author_id, *answered.mentions))
        before = [f"@{self._users[user_id].handle} " for user_id in wanted if user_id not in named]
        return "".join(before) + text

    def _check_target(self, user: User, target: str) -> None:
        """X's rule since 2026-02-23: only under or about posts whose author summoned the account."""
        post = self._posts.get(target)
        if post is None:
            raise WriteRefused(Refusal.MISSING)
        if self._summons(post, user):
            return
        conversation = self._by_conversation[post.conversation_id]
        spoke = any(self._summons(other, user) for other in conversation if other.author_id == post.author_id)
        raise WriteRefused(Refusal.NOT_MENTIONED if spoke else Refusal.NEVER_MENTIONED)

    def _summons(self, post: Post, user: User) -> bool:
        quoted = None if post.quoted is None else self._posts.get(post.quoted)
        return (
            post.author_id == user.id
            or user.id in post.mentions
            or (quoted is not None and quoted.author_id == user.id)
        )


def _check_text(text: str) -> None:
    if not text.strip():
        raise WriteRefused(Refusal.EMPTY)
    if len(text) > _PARSE_LIMIT:
        raise WriteRefused(Refusal.TOO_LONG)
    if any("\ud800" <= character <= "\udfff" or character in _INVALID for character in text):
        raise WriteRefused(Refusal.INVALID)
    if length(text, LengthRule.X_WEIGHTED) > LONGEST:
        raise WriteRefused(Refusal.TOO_LONG)
