"""Sends one account's replies: each once, and none silently lost.

The reply and its key are committed before a byte leaves. What certainly was not delivered goes out again by
itself; what may have been is `unknown` and looked for on the platform, or left to a person.
"""

from __future__ import annotations

from collections.abc import Callable

from inbox_tui import logs
from inbox_tui.casework import acknowledging, delivery
from inbox_tui.channels.base import Channel, Filer, Hider
from inbox_tui.errors import (
    BadAnswer,
    InboxError,
    LoginNeeded,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Temporary,
)
from inbox_tui.model import HIDING, Filing, Outgoing, Receipt, ReplyKind, ReplyState
from inbox_tui.store import accounts, replies
from inbox_tui.store.engine import Store

ATTEMPTS = 6
"""Tries of a reply that certainly was not delivered, before it is `failed`."""
LOOKS = 3
"""Searches on the platform for a reply whose outcome is unknown, before a person must decide."""
_FIRST_PAUSE = 5_000
_LIMIT_PAUSE = 60_000
"""Milliseconds of rest where the platform asks for a pause and does not say how long."""
_LOOK_PAUSE = 10_000
# X shows a new post in its timelines some seconds late: looking at once would miss a delivered reply.


class Sender:
    """The replies of one account. Whoever uses it holds the worker's lock: nobody else sends."""

    def __init__(self, store: Store, account: int, channel: Channel, now: Callable[[], int]) -> None:
        self.store = store
        self.account = account
        self.channel = channel
        self.now = now
        self._file_after: dict[int, int] = {}
        self._rest_until = 0

    def recover(self) -> None:
        """Replies that a sender left behind while sending: it died, and nobody knows."""
        for reply in replies.in_state(self.store.read(), self.account, ReplyState.SENDING):
            died = OutcomeUnknown(
                "the program ended while this reply was being sent",
                "it is looked for on the platform; look there yourself before you send it again",
            )
            self._broke_off(reply, died)

    def work(self) -> bool:
        """Send what is due, look for what is unknown, file copies. Says whether anything was done."""
        done = False
        while (reply := self._due()) is not None:
            done = self.send(reply) or done
        for reply in replies.to_check(self.store.read(), self.account, self.now()):
            self.settle(reply)
            done = True
        for reply in replies.to_file(self.store.read(), self.account):
            done = self.file(reply) or done
        return done

    def _due(self) -> int | None:
        """The next reply to send; none while the platform wants its pause, whichever reply was told so."""
        now = self.now()
        return None if now < self._rest_until else replies.due(self.store.read(), self.account, now)

    def send(self, reply: int) -> bool:
        """Send one reply now; false where it is not queued any more."""
        with self.store.write("send") as db:
            if acknowledging.drop_late(db, reply, self.now()) or not replies.claim(db, reply, self.now()):
                return False
        outgoing = replies.outgoing(self.store.read(), reply)
        try:
            receipt = self._hide(outgoing) if outgoing.kind in HIDING else self.channel.send(outgoing)
        except InboxError as error:
            self._not_sent(reply, error)
            return True
        except BaseException:
            # A fault of the channel, or the end of the program: the reply must not stay `sending`.
            unforeseen = OutcomeUnknown("sending broke off", "look on the platform before you send it again")
            self._broke_off(reply, unforeseen)
            raise
        with self.store.write("sent") as db:
            delivery.delivered(db, reply, receipt, self.now())
            if receipt.spend:
                accounts.add_spend(db, self.account, receipt.spend, self.now())
        return True

    def _hide(self, asked: Outgoing) -> Receipt:
        if not isinstance(self.channel, Hider):
            raise Refused("this channel cannot hide what somebody wrote", "look on the platform itself")
        try:
            self.channel.hide(asked.in_reply_to, yes=asked.kind is ReplyKind.HIDE)
        except (OutcomeUnknown, BadAnswer) as error:
            # Hidden twice is hidden: there is nothing to find out before it is tried again.
            raise Temporary(error.message, "it is tried again") from None
        return Receipt(asked.in_reply_to, self.now())

    def _broke_off(self, reply: int, error: OutcomeUnknown) -> None:
        """It must not stay `sending`: a reply may have been delivered, hiding is simply done again."""
        known = replies.get(self.store.read(), reply)
        again = known is not None and known.kind in HIDING
        state = ReplyState.QUEUED if again else ReplyState.UNKNOWN
        self._broke(reply, state, error, check_at=self.now())

    def _not_sent(self, reply: int, error: InboxError) -> None:
        now = self.now()
        attempts = self._attempts(reply)
        match error:
            case OutcomeUnknown() | BadAnswer():
                self._broke(reply, ReplyState.UNKNOWN, error, check_at=now + _LOOK_PAUSE)
            case RateLimited(reset=reset):
                # A reset in the past would have it sent again at once, and for ever.
                self._rest_until = max(reset or now + _LIMIT_PAUSE, now + _FIRST_PAUSE)
                self._broke(reply, ReplyState.QUEUED, error, not_before=self._rest_until)
            case Temporary() if attempts < ATTEMPTS:
                pause = _FIRST_PAUSE * 2 ** (attempts - 1)
                self._broke(reply, ReplyState.QUEUED, error, not_before=now + pause)
            case Temporary() | LoginNeeded() | Refused() | _:
                self._broke(reply, ReplyState.FAILED, error)

    def _attempts(self, reply: int) -> int:
        known = replies.get(self.store.read(), reply)
        return known.attempts if known else ATTEMPTS

    def _broke(
        self,
        reply: int,
        state: ReplyState,
        error: InboxError,
        *,
        not_before: int = 0,
        check_at: int = 0,
        looks: int = 0,
    ) -> None:
        logs.note("warning", "not sent", account=self.account, reply=reply, state=state, code=error.code)
        with self.store.write("not sent") as db:
            delivery.broke(
                db, reply, state, error, self.now(), not_before=not_before, check_at=check_at, looks=looks
            )

    def settle(self, reply: int) -> None:
        """Look on the platform for a reply whose outcome is unknown."""
        known = replies.get(self.store.read(), reply)
        if known is None or known.state is not ReplyState.UNKNOWN:
            return
        looks = replies.checks(self.store.read(), reply)
        try:
            receipt = self.channel.find_sent(replies.outgoing(self.store.read(), reply))
        except InboxError as error:
            kept = OutcomeUnknown(known.error, known.hint)
            pause = error.reset - self.now() if isinstance(error, RateLimited) and error.reset else 60_000
            again = self.now() + max(pause, _LOOK_PAUSE)
            self._broke(reply, ReplyState.UNKNOWN, kept, check_at=again, looks=looks)
            return
        if receipt is not None:
            with self.store.write("found") as db:
                delivery.delivered(db, reply, receipt, self.now())
            return
        self._absent(reply, known.error, known.hint, looks + 1)

    def _absent(self, reply: int, error: str, hint: str, looks: int) -> None:
        """It is not there, for the so-manieth time: a platform may show a reply later than it took it."""
        if looks < LOOKS:
            kept = OutcomeUnknown(error, hint)
            again = self.now() + _LOOK_PAUSE * looks
            self._broke(reply, ReplyState.UNKNOWN, kept, check_at=again, looks=looks)
        elif self.channel.can.settles:
            absent = Temporary(
                f"not delivered: it is not on the platform ({error})",
                "retry sends it; cancel keeps it as a draft",
            )
            self._broke(reply, ReplyState.FAILED, absent)
        else:
            open_end = OutcomeUnknown(
                f"it may have been delivered: {error}",
                "ask the customer or the provider's log before you send it again; cancel keeps it as a draft",
            )
            self._broke(reply, ReplyState.UNKNOWN, open_end)

    def file(self, reply: int) -> bool:
        """Put the copy of a sent reply where it belongs; false where there is nothing to do, or not yet.

        Never before it is `sent`: a copy in Sent would be taken for the proof that it was.
        """
        known = replies.get(self.store.read(), reply)
        if known is None or known.state is not ReplyState.SENT or known.filing is not Filing.TODO:
            return False
        if self._file_after.get(reply, 0) > self.now() or not isinstance(self.channel, Filer):
            return False
        try:
            self.channel.file_copy(replies.outgoing(self.store.read(), reply))
        except (Refused, BadAnswer) as error:
            with self.store.write("filing failed") as db:
                replies.set_filing(db, reply, Filing.FAILED, error.message, error.hint)
        except InboxError as error:
            self._file_after[reply] = self.now() + 30_000
            with self.store.write("filing waits") as db:
                replies.set_filing(db, reply, Filing.TODO, error.message, error.hint)
        else:
            with self.store.write("filed") as db:
                replies.set_filing(db, reply, Filing.DONE)
        return True
