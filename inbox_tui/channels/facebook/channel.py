"""The three verbs on a Facebook page: fetch, send, find_sent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Final

from inbox_tui.channels.base import Cursor, Examined, Lack, Page
from inbox_tui.channels.facebook.api import Api, Gone
from inbox_tui.channels.facebook.fetch import Walk, read_state
from inbox_tui.channels.facebook.messenger import (
    PREFIX,
    Conversation,
    message_id,
    parse_messages,
    read_conversations,
    thread_key,
)
from inbox_tui.channels.facebook.parse import link, read_comments_by, read_listing
from inbox_tui.channels.http import missing_scopes
from inbox_tui.channels.payload import ident
from inbox_tui.config import AccountConfig, FacebookAccount
from inbox_tui.credentials import Secret
from inbox_tui.errors import BadAnswer, ConfigError, Refused
from inbox_tui.model import (
    Author,
    Capabilities,
    Direction,
    LengthRule,
    Outgoing,
    Receipt,
    ReplyKind,
)

SKEW: Final = 5 * 60_000
"""How far Facebook's clock may be behind ours when a reply is looked for."""
LONGEST: Final = 8000
LONGEST_PRIVATE: Final = 2000
DAY: Final = 86_400_000
ANSWER_WINDOW: Final = DAY
"""How long after the customer's last message the page may answer in Messenger."""
AGENT_WINDOW: Final = 7 * DAY
"""The same, where the app has the right to say that a person answers."""
PRIVATE_WINDOW: Final = 7 * DAY
"""How long after a comment its author can be answered in private, once."""
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
        self.can = _can(account)
        self._page = account
        self._api = Api(account, secret, clock)
        self._clock = clock

    def fetch(self, cursor: Cursor, now: int) -> Iterator[Page]:
        """Posts that are new or have new comments, those comments, and then what is new in Messenger."""
        self._api.forget_usage()
        walk = Walk(
            self._api,
            read_state(cursor),
            now,
            page_id=self._page.page_id,
            account=self.account.name,
            messenger=self._page.direct_messages,
            since_days=self._page.since_days,
            overlap=self._page.overlap_minutes * 60_000,
        )
        yield from walk.pages()

    def send(self, reply: Outgoing) -> Receipt:
        """Comment under what the customer wrote, or write to him alone."""
        if reply.kind is ReplyKind.PRIVATE or reply.thread_key.startswith(PREFIX):
            return self._send_privately(reply)
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
        wanted = (*_SCOPES, "pages_messaging") if self._page.direct_messages else _SCOPES
        lacks = list(missing_scopes(self.account, wanted))
        try:
            self._api.feed("")
        except Refused as error:
            lacks.append(Lack(f"it may not read the page's posts: {error.message}", error.hint))
        try:
            if self._page.direct_messages:
                self._api.conversations("")
        except Refused as error:
            lacks.append(Lack(f"it may not read Messenger: {error.message}", error.hint))
        return Examined(tuple(lacks), self._api.clock)

    def find_sent(self, reply: Outgoing) -> Receipt | None:
        """Look under what it answers for a comment of the page with its words, made since it was queued."""
        if reply.kind is ReplyKind.PRIVATE or reply.thread_key.startswith(PREFIX):
            return self._find_private(reply)
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

    def _send_privately(self, reply: Outgoing) -> Receipt:
        """Into a conversation, or as the one private answer to a comment, which begins one."""
        comment = ident(reply.in_reply_to) if reply.kind is ReplyKind.PRIVATE else ""
        to = {"comment_id": comment} if comment else {"id": ident(reply.to.value)}
        if not all(to.values()):
            raise Refused(
                "Facebook: nobody is known to whom this message could go",
                "answer another message of this customer",
            )
        late = not comment and self._clock() - reply.last_in_at > ANSWER_WINDOW
        answer = self._api.send(to, reply.text, late=late and self._page.human_agent)
        made = message_id(answer.get("message_id"))
        if not made:
            raise self._api.unreadable(write=True)
        person = ident(answer.get("recipient_id")) or (reply.to.value or "")
        return _receipt(made, self._clock(), Author("facebook", person, reply.to.name) if person else None)

    def _find_private(self, reply: Outgoing) -> Receipt | None:
        """Read back the conversations that moved since it was queued.

        Where the platform knows the author of a comment by no id, or by another one, the same words in a
        single conversation are his.
        """
        since, after = reply.queued_at - SKEW, ""
        elsewhere: list[Receipt] = []
        self._api.forget_usage()
        for _ in range(_MOST_PAGES):
            found, after = read_conversations(self._api.conversations(after), self._page.page_id)
            for one in found:
                receipt = self._said_in(one, reply, since)
                if receipt is not None and one.customer.value == reply.to.value:
                    return receipt
                elsewhere += [receipt] if receipt is not None else []
            if not after or any((one.updated_at or since) < since for one in found):
                sure = reply.kind is ReplyKind.PRIVATE and len(elsewhere) == 1
                return elsewhere[0] if sure else None
        raise BadAnswer("Facebook's conversations do not end", "look on the page itself")

    def _said_in(self, one: Conversation, reply: Outgoing, since: int) -> Receipt | None:
        for said in parse_messages(one, one.messages.items, self._page.page_id, self._clock()):
            ours = said.direction is Direction.OUT and said.sent_at >= since
            if ours and said.text.split() == reply.text.split():
                return _receipt(said.external_id, said.sent_at, one.customer)
        return None

    def close(self) -> None:
        """Release the connections."""
        self._api.close()


def _can(account: FacebookAccount) -> Capabilities:
    window = AGENT_WINDOW if account.human_agent else ANSWER_WINDOW
    return Capabilities(
        public=True,
        length_rule=LengthRule.CHARACTERS,
        max_length=LONGEST,
        settles=True,
        hides=True,
        private_window=PRIVATE_WINDOW,
        privately=Capabilities(
            public=False,
            length_rule=LengthRule.CHARACTERS,
            max_length=LONGEST_PRIVATE,
            settles=True,
            reply_window=window,
        ),
    )


def _receipt(made: str, at: int, who: Author | None) -> Receipt:
    """Of a message, with the conversation in which it stands."""
    known = who is not None and bool(who.value)
    key = thread_key(who.value) if who is not None and who.value else ""
    return Receipt(made, at, thread_key=key, recipient=who if known else None)
