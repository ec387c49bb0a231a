"""The three verbs on a Facebook page: fetch, send, find_sent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Final

from inbox_tui.channels.base import Cursor, Examined, Lack, Page
from inbox_tui.channels.facebook.api import Api, Gone
from inbox_tui.channels.facebook.fetch import Walk, read_state
from inbox_tui.channels.facebook.parse import link, read_comments_by, read_listing
from inbox_tui.channels.http import missing_scopes
from inbox_tui.channels.payload import ident
from inbox_tui.config import AccountConfig, FacebookAccount
from inbox_tui.credentials import Secret
from inbox_tui.errors import BadAnswer, ConfigError, Refused
from inbox_tui.model import Capabilities, LengthRule, Outgoing, Receipt

SKEW: Final = 5 * 60_000
"""How far Facebook's clock may be behind ours when a reply is looked for."""
LONGEST: Final = 8000
_SCOPES: Final = ("pages_read_engagement", "pages_read_user_content", "pages_manage_engagement")
_MOST_PAGES: Final = 50


class FacebookChannel:
    """One page. Used by one thread."""

    def __init__(
        self,
        account: AccountConfig,
        secret: Secret,
        clock: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        """``clock``: milliseconds UTC. Raises ConfigError, CredentialError."""
        if not isinstance(account, FacebookAccount):
            raise ConfigError(
                f"[accounts.{account.name}]: not a page on Facebook", 'write channel = "facebook"'
            )
        if not account.page_id.isdigit():
            raise ConfigError(
                f"[accounts.{account.name}] page_id: {account.page_id!r} is not the id of a page",
                "write the number that Facebook shows under About, Page transparency",
            )
        self.account: AccountConfig = account
        self.can = Capabilities(
            public=True, length_rule=LengthRule.CHARACTERS, max_length=LONGEST, settles=True, hides=True
        )
        self._page = account
        self._api = Api(account, secret, clock)
        self._clock = clock

    def fetch(self, cursor: Cursor, now: int) -> Iterator[Page]:
        """Posts that are new or have new comments, and those comments."""
        self._api.forget_usage()
        walk = Walk(
            self._api,
            read_state(cursor),
            now,
            page_id=self._page.page_id,
            since_days=self._page.since_days,
            overlap=self._page.overlap_minutes * 60_000,
        )
        yield from walk.pages()

    def send(self, reply: Outgoing) -> Receipt:
        """Comment under what the customer wrote."""
        object_id = ident(reply.in_reply_to)
        if not object_id:
            raise Refused(
                f"Facebook: {reply.in_reply_to or 'nothing'} is not a comment that can be answered",
                "answer another message of this customer",
            )
        made = ident(self._api.reply(object_id, reply.text).get("id"))
        if not made:
            raise self._api.unreadable(write=True)
        return Receipt(made, self._clock(), link(made))

    def hide(self, external_id: str, *, yes: bool) -> None:
        """Hide a comment from all but its author and his friends, or show it again."""
        object_id = ident(external_id)
        if not object_id:
            raise Refused(f"Facebook: {external_id or 'nothing'} is not a comment that can be hidden")
        if self._api.hide(object_id, yes).get("success") is not True:
            raise self._api.unreadable(write=True)

    def examine(self) -> Examined:
        """See `base.Examiner`."""
        self._api.forget_usage()
        self._api.page()
        lacks = list(missing_scopes(self.account, _SCOPES))
        try:
            self._api.feed("")
        except Refused as error:
            lacks.append(Lack(f"it may not read the page's posts: {error.message}", error.hint))
        return Examined(tuple(lacks), self._api.clock)

    def find_sent(self, reply: Outgoing) -> Receipt | None:
        """Look under what it answers for a comment of the page with its words, made since it was queued."""
        object_id = ident(reply.in_reply_to)
        since, after = reply.queued_at - SKEW, ""
        if not object_id:
            return None
        self._api.forget_usage()
        for _ in range(_MOST_PAGES):
            try:
                listing = read_listing(self._api.comments(object_id, since, after, every_depth=False))
            except Gone:
                return None
            for comment_id, at, text, permalink in read_comments_by(listing, self._page.page_id):
                if at >= since and text.split() == reply.text.split():
                    return Receipt(comment_id, at, permalink)
            after = listing.after
            if not after:
                return None
        raise BadAnswer(f"Facebook's comments under {object_id} do not end", "look on the page itself")

    def close(self) -> None:
        """Release the connections."""
        self._api.close()
