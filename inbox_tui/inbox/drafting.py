"""Drafts of answers: a new one, or the one that goes on. Inside a write transaction.

Who reads a draft never changes by itself: written for one thread, or for the author of a comment alone, it
goes on there and nowhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from inbox_tui.casework import delivery
from inbox_tui.errors import NothingToDo
from inbox_tui.model import ReplyKind, ReplyState, Thread
from inbox_tui.records import dataclass
from inbox_tui.store import accounts, files, handoffs, replies
from inbox_tui.store.engine import Connection

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


def set_out(db: Connection, config: Config, reply: int, text: str) -> None:
    """It is about to be queued: where it is a hand-off, its times count from when it is sent."""
    if handoffs.facts(db, reply) is not None:
        from inbox_tui.inbox.handoffs import set_out as hand_off

        hand_off(db, config, reply, text)
