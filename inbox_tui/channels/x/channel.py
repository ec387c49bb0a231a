"""The three verbs on X: fetch, send, find_sent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Final

from inbox_tui.channels.base import Cursor, Examined, Page
from inbox_tui.channels.http import missing_scopes
from inbox_tui.channels.payload import digits
from inbox_tui.channels.x import direct
from inbox_tui.channels.x.api import REPLY_PRICE, REPLY_WITH_URL_PRICE, SEND_DIRECT_PRICE, USER_PRICE, Api
from inbox_tui.channels.x.fetch import Spending, State, Walk, read_state
from inbox_tui.channels.x.parse import (
    Extract,
    Me,
    link,
    read_listing,
    read_me,
    readable,
    same_words,
    snowflake_time,
)
from inbox_tui.config import AccountConfig, XAccount
from inbox_tui.credentials import Secret
from inbox_tui.errors import ConfigError, LoginNeeded, Refused
from inbox_tui.model import Capabilities, LengthRule, Outgoing, Receipt
from inbox_tui.weighing import holds_link

SKEW: Final = 5 * 60_000
"""How far X's clock may be behind ours when a reply is looked for."""
_MOST_PAGES: Final = 33
"""X gives 3,200 of a user's own posts, a hundred at a time."""
LONGEST: Final = 280
LONGEST_DIRECT: Final = 10_000
_SCOPES: Final = ("tweet.read", "tweet.write", "users.read")
_DIRECT_SCOPES: Final = ("dm.read", "dm.write")


class XChannel:
    """One account on X. Used by one thread."""

    def __init__(
        self,
        account: AccountConfig,
        secret: Secret,
        clock: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        """``clock``: milliseconds UTC. Raises ConfigError, CredentialError."""
        if not isinstance(account, XAccount):
            raise ConfigError(f"[accounts.{account.name}]: not an account on X", 'write channel = "x"')
        self.account: AccountConfig = account
        self.can = Capabilities(
            public=True,
            length_rule=LengthRule.X_WEIGHTED,
            max_length=LONGEST,
            settles=True,
            link_price=REPLY_WITH_URL_PRICE,
            privately=Capabilities(
                public=False, length_rule=LengthRule.CHARACTERS, max_length=LONGEST_DIRECT, settles=True
            ),
        )
        self._x = account
        self._api = Api(account, secret)
        self._clock = clock
        self._me = Me()
        self._spending = Spending()

    def fetch(self, cursor: Cursor, now: int) -> Iterator[Page]:
        """New mentions, then our own new posts and replies, then direct messages."""
        state = read_state(cursor)
        spent = self._know_me(state, now)
        walk = Walk(
            self._api,
            state,
            now,
            account=self.account.name,
            since_days=self._x.since_days,
            summoned_only=self._x.summoned_only,
            direct=self._x.direct_messages,
            spending=self._spending,
        )
        yield from walk.pages(spent)

    def allow(self, millionths: int | None) -> None:
        """What reading may still cost today."""
        self._spending.left = millionths

    def send(self, reply: Outgoing) -> Receipt:
        """Answer the post, or write a direct message. A link in a post makes it twenty times as dear."""
        if reply.thread_key.startswith(direct.PREFIX):
            return self._send_direct(reply)
        post_id = digits(reply.in_reply_to)
        if not post_id:
            raise Refused(
                f"X: {reply.in_reply_to or 'nothing'} is not a post that can be answered",
                "answer another message of this customer",
            )
        answer = self._api.reply(reply.text, post_id)
        data = answer.get("data")
        made = digits(data.get("id")) if isinstance(data, dict) else ""
        if not made:
            raise self._api.unreadable(write=True)
        return self._receipt(made, snowflake_time(made, self._clock()) or self._clock(), reply)

    def examine(self) -> Examined:
        """See `base.Examiner`; costs what X takes for one user."""
        self._me = self._ask_me()
        wanted = (*_SCOPES, *_DIRECT_SCOPES) if self._x.direct_messages else _SCOPES
        return Examined(missing_scopes(self.account, wanted), self._api.clock)

    def find_sent(self, reply: Outgoing) -> Receipt | None:
        """Look through our own posts since the reply was queued for one with its words under its post."""
        if not self._me.id:
            self._me = self._ask_me()
        if reply.thread_key.startswith(direct.PREFIX):
            return self._find_direct(reply)
        token = ""
        for _ in range(_MOST_PAGES):
            listing = read_listing(
                self._api.own_posts(self._me.id, "", reply.queued_at - SKEW, token), self._clock()
            )
            for post in listing.posts:
                if _is(post, reply):
                    return self._receipt(post.id, post.sent_at, reply)
            token = listing.next_token
            if not token:
                break
        return None

    def close(self) -> None:
        """Release the connections."""
        self._api.close()

    def _send_direct(self, reply: Outgoing) -> Receipt:
        user_id = digits(reply.to.value)
        if not user_id:
            raise Refused(
                "X: nobody is known to whom this direct message could go",
                "answer another message of this customer",
            )
        made = direct.made(self._api.send_direct(user_id, reply.text))
        if not made:
            raise self._api.unreadable(write=True)
        at = snowflake_time(made, self._clock()) or self._clock()
        return Receipt(made, at, spend=SEND_DIRECT_PRICE)

    def _find_direct(self, reply: Outgoing) -> Receipt | None:
        """Read the conversation back, down to when the reply was queued."""
        user_id, token = digits(reply.to.value), ""
        since = reply.queued_at - SKEW
        for _ in range(_MOST_PAGES if user_id else 0):
            found = direct.read_events(self._api.conversation(user_id, token), self._clock())
            for one in found.events:
                ours = one.id and one.sender == self._me.id and one.sent_at >= since
                if ours and direct.same_message(one.text, reply.text):
                    return Receipt(one.id, one.sent_at, spend=SEND_DIRECT_PRICE)
            token = found.next_token
            if not token or any(one.sent_at < since for one in found.events):
                break
        return None

    def _know_me(self, state: State, now: int) -> int:
        """Our own user is asked for once and then kept in the cursor. Returns what that cost."""
        if state.me.id and _same_handle(state.me, self._x):
            self._me = state.me
            return 0
        self._me = state.me = self._ask_me()
        return self._spending.once([state.me.id], "user", USER_PRICE, now)

    def _ask_me(self) -> Me:
        me = read_me(self._api.me())
        if not _same_handle(me, self._x):
            raise LoginNeeded(
                f"X: the token belongs to @{me.handle}, not to @{self._x.handle.removeprefix('@')}",
                f"correct handle in [accounts.{self.account.name}], or take a token of that account",
            )
        return me

    def _receipt(self, post_id: str, sent_at: int, reply: Outgoing) -> Receipt:
        handle = self._me.handle or self._x.handle.removeprefix("@")
        price = REPLY_WITH_URL_PRICE if holds_link(reply.text) else REPLY_PRICE
        return Receipt(post_id, sent_at, link(handle, post_id), price)


def _same_handle(me: Me, account: XAccount) -> bool:
    return me.handle.lower() == account.handle.removeprefix("@").lower()


def _is(post: Extract, reply: Outgoing) -> bool:
    return (
        bool(post.id)
        and post.answers == reply.in_reply_to
        and post.sent_at >= reply.queued_at - SKEW
        and same_words(post.text, readable(reply.text))
    )
