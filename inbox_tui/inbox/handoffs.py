"""Hand-offs for an agent: where a customer can be asked to go on, and the draft that asks him.

Reached as `Inbox.handoffs`. What goes out goes through the outbox: `Inbox.reply` queues the draft.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from inbox_tui.casework import handoff, recount
from inbox_tui.casework import proposals as deciding
from inbox_tui.desk import acknowledge, reach
from inbox_tui.desk import handoff as rule
from inbox_tui.desk.checks import Caution
from inbox_tui.desk.clock import DAY, HOUR, spoken
from inbox_tui.desk.handoff import Here
from inbox_tui.errors import ReplyBlocked, UsageError
from inbox_tui.inbox import choosing
from inbox_tui.model import (
    CHANNEL_OF,
    Destination,
    Direction,
    Handoff,
    Message,
    Place,
    Reply,
    ReplyKind,
    ReplyState,
    Thread,
)
from inbox_tui.store import accounts, handoffs, messages, people, proposals, replies, threads

if TYPE_CHECKING:
    from inbox_tui.config import Config
    from inbox_tui.inbox.door import Inbox
    from inbox_tui.store.driver import Connection
    from inbox_tui.store.engine import Store

_LIKELY = 3
"""So many of those who may be the customer are looked at."""
_WAYS = {Destination.EMAIL: "mail", Destination.X_DM: "X", Destination.MESSENGER: "Facebook"}


class Handoffs:
    """What an agent can do to move a customer to another channel."""

    def __init__(self, inbox: Inbox, store: Store, config: Config, now: Callable[[], int]) -> None:
        self._inbox = inbox
        self._store = store
        self._config = config
        self._now = now

    def places(self, case: int) -> tuple[Place, ...]:
        """Every destination as it stands for a case, those that are open first. Raises NotFound."""
        with self._store.reading() as db:
            return places(db, self._config, recount.one(db, case).id, self._now())

    def of_case(self, case: int) -> tuple[Handoff, ...]:
        """The hand-offs of a case and how far they have come, oldest first; drafts too."""
        with self._store.reading() as db:
            return handoffs.of_case(db, case)

    def begin(
        self,
        case: int,
        to: Destination,
        text: str = "",
        *,
        account: str | None = None,
        thread: int | None = None,
        privately: bool = False,
        seen: int | None = None,
    ) -> Reply:
        """A draft that asks the customer to go on there, with a code that is his alone.

        text: the agent's own words; empty: those that are built in, in the customer's language.
        account: where several are open. thread, seen, privately: as for `Inbox.reply`. Raises NotFound,
        UsageError, and ReplyBlocked where that way is closed.
        """
        now = self._now()
        with self._store.write("hand-off") as db:
            number = recount.one(db, case).id
            place = _chosen(places(db, self._config, number, now), to, account)
            target = self._asks(db, number, place, thread, now, privately=privately)
            code = handoff.new_code()
            said = rule.wording(
                to, self._language(db, number, target), code, self._address(place, code), text
            )
            draft = replies.insert(
                db,
                case=number,
                thread=target.id,
                account=replies.account_of(db, target.id),
                agent=self._inbox.agent,
                text=said,
                seen=messages.last_of_case(db, number) if seen is None else seen,
                now=now,
                kind=ReplyKind.PRIVATE if privately else ReplyKind.REPLY,
            )
            handoff.begin(db, draft, to, code)
        return self._inbox.reply_by_id(draft)

    def _asks(
        self, db: Connection, case: int, place: Place, thread: int | None, now: int, *, privately: bool
    ) -> Thread:
        """The thread in which he is asked: never by itself the one to which he shall go."""
        if thread is not None:
            return _his(choosing.thread_of(db, case, thread, now, privately=privately))
        own = [t for t in threads.of_case(db, case) if t.case == case and t.with_customer]
        away = [t for t in own if t.public or t.account != place.account]
        ready = [
            t
            for t in away
            if (t.private_in if privately else t.last_in) is not None
            and not reach.closed(reach.privately(t) if privately else t, now)
        ]
        if not ready:
            return _his(choosing.thread_of(db, case, None, now, privately=privately))
        newest = threads.newest_in(db, case)
        best = max(ready, key=lambda t: (newest[t.id], t.id))
        return reach.privately(best) if privately else best

    def _language(self, db: Connection, case: int, thread: Thread) -> str:
        said = [m for m in messages.timeline(db, case) if _is_his(m)]
        settings = self._config.accounts.get(thread.account)
        default = str(getattr(settings, "language", ""))
        default = default if default in rule.LANGUAGES else rule.LANGUAGES[0]
        words = "\n".join(m.text for m in said[-5:])
        return acknowledge.language(words, rule.LANGUAGES, default)

    def _address(self, place: Place, code: str) -> str:
        settings = self._config.accounts.get(place.account)
        address = str(getattr(settings, "address", ""))
        return rule.plus(address, code) if getattr(settings, "plus_address", False) else address


def _his(thread: Thread) -> Thread:
    """It itself. Whoever else writes there would have the customer's code, while he waits for nothing."""
    if not thread.with_customer:
        raise UsageError(
            f"thread {thread.id} is not with the customer", "name a thread in which he himself writes"
        )
    return thread


def _is_his(message: Message) -> bool:
    return message.direction is Direction.IN and bool(message.text)


def _chosen(found: Sequence[Place], to: Destination, account: str | None) -> Place:
    """The place that is meant. Raises UsageError, ReplyBlocked."""
    there = [one for one in found if one.to is to and account in (None, one.account)]
    if not there:
        known = sorted({f"{one.to} ({one.account})" for one in found})
        what = (
            f"there is no account {account} of {_WAYS[to]}"
            if account
            else f"there is no account of {_WAYS[to]}"
        )
        raise UsageError(what, "ways are: " + (", ".join(known) or "none"))
    open_ = [one for one in there if one.open]
    if not open_:
        raise ReplyBlocked(f"not handed off to {to}: {there[0].why_not}", open_ways(found))
    return open_[0]


def open_ways(found: Sequence[Place]) -> str:
    """Where else he can be sent, in words."""
    left = [f"{one.to} ({one.account})" for one in found if one.open]
    return "open ways: " + ", ".join(left) if left else "no other way is open: answer where he wrote"


def places(db: Connection, config: Config, case: int, now: int) -> tuple[Place, ...]:
    """Every destination as it stands for a case."""
    own = [t for t in threads.of_case(db, case) if t.case == case]
    return rule.places(_here(db, config, now), own, now)


def _here(db: Connection, config: Config, now: int) -> Iterator[Here]:
    """Our own accounts that customers can write to in private."""
    noticed = {one.account: one.notice for one in accounts.health(db, now)}
    known = {one.account: one.channel for one in accounts.health(db, now)}
    known |= {name: one.channel for name, one in config.accounts.items()}
    for name, channel in known.items():
        for to in Destination:
            if CHANNEL_OF[to] == channel:
                yield Here(to, name, channel, _unread(config, name, to, noticed.get(name, "")))


def _unread(config: Config, name: str, to: Destination, notice: str) -> str:
    settings = config.accounts.get(name)
    if to is Destination.EMAIL:
        known = bool(getattr(settings, "address", ""))
        return "" if known else "its address does not stand in this configuration"
    if not getattr(settings, "direct_messages", True):
        return f"direct messages are not read: [accounts.{name}] direct_messages = false"
    return notice if notice.startswith("direct messages are not read") else ""


def cautions(
    db: Connection, config: Config, thread: Thread, draft: Reply, text: str, now: int
) -> Iterator[Caution]:
    """What speaks against a draft that hands its case off."""
    to = Destination(draft.handoff)
    if not handoff.holds_its_code(db, draft.id, text):
        yield Caution(
            "no_code",
            "the code is not in the text any more: it goes out as a plain answer, and the clock stops",
            blocks=False,
            asks=True,
            hint="begin the hand-off anew",
        )
        return
    found = places(db, config, thread.case, now)
    there = [one for one in found if one.to is to]
    if there and not any(one.open for one in there):
        why = there[0].why_not
        yield Caution("closed", f"{to} is closed to him: {why}", blocks=True, hint=open_ways(found))
    ready = next((one for one in there if one.thread is not None), None)
    if ready is not None and ready.thread != thread.id:
        said = f"he need not be asked to go on {rule.BY[to]}: {ready.note}"
        yield Caution("there", said, False, True, "answer him there", shows=str(ready.thread))
    yield from _maybe_there(db, thread.case, there)
    yield from _again(db, thread.case, draft, now)


def _maybe_there(db: Connection, case: int, there: Sequence[Place]) -> Iterator[Caution]:
    """Somebody who may be he has written there: whoever sends him there asks for what may be here."""
    person = recount.one(db, case).person
    for proposal in proposals.of_person(db, person)[:_LIKELY]:
        other = next((one for one in proposal.persons if one != person), person)
        theirs = deciding.case_of(db, proposal, other)
        found = threads.of_case(db, theirs) if theirs is not None else ()
        if any(
            not t.public and t.with_customer and t.account in {one.account for one in there} for t in found
        ):
            known = people.get(db, other)
            name = known.name if known and known.name else "somebody"
            said = f"he may have written there already: case {theirs} of {name} (same person?)"
            yield Caution("maybe_there", said, False, True, "look there first", shows=str(theirs))
            return


def _again(db: Connection, case: int, draft: Reply, now: int) -> Iterator[Caution]:
    for one in reversed(handoffs.of_case(db, case)):
        if one.reply == draft.id:
            continue
        known = replies.get(db, one.reply)
        if known is None or known.state is ReplyState.DRAFT:
            continue
        ago = f"{spoken(now - one.sent_at)} ago" if one.sent_at is not None else "just now"
        how = "and has come" if one.arrived_at is not None else "and has not come yet"
        said = f"he was asked to go on {rule.BY[one.to]} {ago}, {how}"
        yield Caution("again", said, False, True, "whoever is sent on and on gives up", about=one.message)
        return


def set_out(db: Connection, config: Config, reply: int, text: str) -> None:
    """It is queued: how long the case rests, and how long its code is good."""
    handoff.set_out(
        db,
        reply,
        text,
        back_after=config.desk.handoff_hours * HOUR,
        valid_for=max(config.desk.handoff_days * DAY, config.desk.handoff_hours * HOUR),
    )
