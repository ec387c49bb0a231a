"""Mails of our own, which begin a thread; and what goes with any draft. Inside a write transaction."""

from __future__ import annotations

import secrets

from inbox_tui.casework import delivery, recount
from inbox_tui.errors import NothingToDo, UsageError
from inbox_tui.model import (
    Author,
    CaseState,
    Direction,
    Message,
    Reply,
    ReplyKind,
    ReplyState,
    Thread,
)
from inbox_tui.records import dataclass
from inbox_tui.store import cases, handoffs, messages, people, replies, threads
from inbox_tui.store.cases import CaseRecord
from inbox_tui.store.driver import Connection
from inbox_tui.store.people import IdentityRecord
from inbox_tui.store.threads import ThreadRecord
from inbox_tui.text import snippet


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that begins a thread."""

    kind: ReplyKind
    channel: str
    account: int
    to: Author
    subject: str
    text: str
    cc: tuple[str, ...] = ()


def begin(db: Connection, letter: Letter, case: int | None, agent: str, now: int) -> int:
    """A draft with a thread of its own, in this case or in a new one; its id. Raises NotFound."""
    identity = _identity(db, letter.to, now)
    record = recount.one(db, case) if case is not None else _new_case(db, letter, identity.person, now)
    thread = ThreadRecord(
        id=people.next_id(db, "threads"),
        key=f"ours:{secrets.token_hex(16)}",
        case=record.id,
        identity=identity.id,
        public=False,
        permalink="",
        subject=letter.subject,
        can_reply=True,
        why_not="",
        context="",
        last_in=None,
        last_in_at=0,
        answered_until=None,
        aside=identity.person != record.person,
        new=True,
    )
    threads.save(db, letter.account, [thread])
    draft = replies.insert(
        db,
        case=record.id,
        thread=thread.id,
        account=letter.account,
        agent=agent,
        text=letter.text,
        seen=messages.last_of_case(db, record.id),
        now=now,
        kind=letter.kind,
    )
    replies.set_subject(db, draft, letter.subject, now)
    replies.set_cc(db, draft, letter.cc, now)
    return draft


def _identity(db: Connection, who: Author, now: int) -> IdentityRecord:
    """Whom we write to; entered with a person of his own where nobody has that address yet."""
    key = (who.kind, who.value or "")
    known = people.load(db, [key]).get(key)
    if known is None:
        known = IdentityRecord(
            id=people.next_id(db, "identities"),
            person=people.next_id(db, "people"),
            kind=who.kind,
            value=who.value or "",
            name=who.name,
            handle=who.handle,
            new=True,
        )
        people.insert(db, [known], now)
    return known


def _new_case(db: Connection, letter: Letter, person: int, now: int) -> CaseRecord:
    record = CaseRecord(
        id=people.next_id(db, "cases"),
        person=person,
        state=CaseState.PENDING,
        automatic=False,
        subject=letter.subject,
        snippet=snippet(letter.text),
        channels=[letter.channel],
        messages=0,
        trouble=0,
        waiting_since=None,
        # Mail knows whole seconds: an answer must not seem older than what it answers.
        opened_at=now // 1000 * 1000,
        updated_at=now,
        done_at=None,
        linked=None,
    )
    cases.save(db, [record])
    return record


def draft(db: Connection, reply: int) -> Reply:
    """The reply, which must be a draft still. Raises NotFound, NothingToDo."""
    known = delivery.get(db, reply)
    if known.state is not ReplyState.DRAFT:
        raise NothingToDo(f"reply {reply} is {known.state}: it cannot be changed", "take it back first")
    return known


def discard(db: Connection, reply: int, now: int) -> None:
    """Throw a draft away, with its files; with the thread and the case that were begun for it alone."""
    known = draft(db, reply)
    handoffs.drop(db, reply)
    if known.message is not None:
        # It has been on its way: what it said then stays with the case.
        replies.empty(db, reply, now)
        return
    replies.delete(db, reply)
    if known.kind is ReplyKind.REPLY:
        return
    if threads.is_bare(db, known.thread):
        threads.delete(db, known.thread)
        cases.delete_bare(db, known.case)


def hide(
    db: Connection, message: Message, thread: Thread, *, yes: bool, key: str, agent: str, now: int
) -> int:
    """Ask for a comment to be hidden, or shown again; what was asked before and not done is withdrawn.

    Returns the id of the entry in the outbox. Raises UsageError, NothingToDo.
    """
    if message.direction is Direction.OUT or not thread.capabilities.hides or message.case is None:
        raise UsageError(
            f"message {message.id} cannot be hidden", "what others wrote on a Facebook page can be"
        )
    wanted = ReplyKind.HIDE if yes else ReplyKind.UNHIDE
    open_ = replies.hiding(db, message.id)
    if any(kind is wanted and state is not ReplyState.FAILED for _, kind, state in open_):
        raise NothingToDo(f"message {message.id} is about to be {'hidden' if yes else 'shown again'}")
    for reply, _, state in open_:
        if state is not ReplyState.SENDING:
            delivery.withdraw(db, reply, (state,), agent, now)
    if message.hidden == yes and not open_:
        raise NothingToDo(f"message {message.id} is {'hidden' if yes else 'shown'} already")
    reply = replies.insert(
        db,
        case=message.case,
        thread=thread.id,
        account=replies.account_of(db, thread.id),
        agent=agent,
        text="",
        seen=0,
        now=now,
        kind=wanted,
    )
    replies.queue(db, reply, key=key, answers=message.id, message=None, not_before=now, done=False, now=now)
    cases.log(db, message.case, now, agent, "hide" if yes else "unhide", message=message.id, reply=reply)
    return reply
