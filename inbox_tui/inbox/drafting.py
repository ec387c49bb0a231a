"""Drafts of answers: a new one, or the one that goes on. Inside a write transaction.

Who reads a draft never changes by itself: written for one thread, or for the author of a comment alone, it
goes on there and nowhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from inbox_tui.casework import delivery, signing
from inbox_tui.errors import NotFound, NothingToDo
from inbox_tui.model import ANSWERS, Reply, ReplyKind, ReplyState, Thread
from inbox_tui.records import dataclass
from inbox_tui.store import accounts, files, handoffs, replies, threads
from inbox_tui.store.driver import Connection

if TYPE_CHECKING:
    from inbox_tui.config import Config


@dataclass(frozen=True, slots=True)
class Written:
    """What an agent has written."""

    text: str
    seen: int
    """The last message that he had been shown."""
    agent: str
    privately: bool = False
    """For the author of the thread's comment alone."""


def goes_on(db: Connection, draft: int, thread: Thread, *, privately: bool) -> bool:
    """Whether this draft can go on in this thread."""
    known = delivery.get(db, draft)
    same = (known.thread, known.case) == (thread.id, thread.case)
    return known.state is ReplyState.DRAFT and same and privately == (known.kind is ReplyKind.PRIVATE)


def begin(db: Connection, thread: Thread, written: Written, now: int) -> int:
    """A new draft; its id."""
    return replies.insert(
        db,
        case=thread.case,
        thread=thread.id,
        account=accounts.ensure(db, thread.account, thread.channel),
        agent=written.agent,
        text=written.text,
        seen=written.seen,
        now=now,
        kind=ReplyKind.PRIVATE if written.privately else ReplyKind.REPLY,
    )


def to_send(db: Connection, draft: int | None, target: Thread, written: Written, now: int) -> int:
    """The draft with its last text; a new one where it was written for another recipient.

    Raises NothingToDo where it has set out already: sending it twice is never meant.
    """
    if draft is None:
        return begin(db, target, written, now)
    known = delivery.get(db, draft)
    if known.state is not ReplyState.DRAFT:
        raise NothingToDo(f"reply {draft} is {known.state} already", "write another one if it is meant")
    if goes_on(db, draft, target, privately=written.privately):
        replies.edit(db, draft, written.text, written.seen, now)
        return draft
    moved = begin(db, target, written, now)
    files.move(db, draft, moved)
    if known.handoff:
        handoffs.move(db, draft, moved)
    replies.set_cc(db, moved, known.cc, now)
    replies.empty(db, draft, now)
    return moved


def keep(db: Connection, thread: int, draft: int | None, written: Written, now: int) -> int | None:
    """A draft as it stands: its id; None where nothing is left to be kept. Raises NotFound."""
    known = threads.get(db, thread)
    if known is None:
        raise NotFound(f"there is no thread {thread}")
    blank = not written.text.strip()
    if draft is not None and goes_on(db, draft, known, privately=written.privately):
        # A blank one is kept as nothing at all, so that no list shows it.
        replies.edit(db, draft, "" if blank else written.text, written.seen, now)
        kept = delivery.get(db, draft)
        return None if blank and not kept.files and kept.kind in ANSWERS else draft
    return None if blank else begin(db, known, written, now)


@dataclass(frozen=True, slots=True)
class Sending:
    """How a reply is to go out."""

    done: bool
    """The case is done once it is sent."""
    countdown: bool
    """It waits for `countdown_seconds`."""
    promise: int | None
    """By when it says that the customer hears from us (milliseconds UTC); None: what the draft says."""


def queue(
    db: Connection,
    config: Config,
    target: Thread,
    draft: int | None,
    written: Written,
    sending: Sending,
    now: int,
) -> Reply:
    """What was written goes into the outbox. Raises NothingToDo, NotFound."""
    reply = to_send(db, draft, target, written, now)
    if sending.promise is not None:
        replies.set_promise(db, reply, sending.promise, now)
    set_out(db, config, reply, written.text)
    delay = config.desk.countdown_seconds * 1000 if sending.countdown else 0
    delivery.queue(
        db,
        reply,
        target,
        accounts.ensure(db, target.account, target.channel),
        key=signing.new_key(accounts.secret(db), target.customer.value or ""),
        not_before=now + delay,
        done=sending.done,
        now=now,
    )
    return delivery.get(db, reply)


def set_out(db: Connection, config: Config, reply: int, text: str) -> None:
    """It is about to be queued: where it is a hand-off, its times count from when it is sent."""
    if handoffs.facts(db, reply) is not None:
        from inbox_tui.inbox.handoffs import set_out as hand_off

        hand_off(db, config, reply, text)
