"""Replies on their way through the outbox: queued, taken back, claimed, delivered, failed."""

from __future__ import annotations

from inbox_tui.casework import conversing, handoff, recount, triage
from inbox_tui.errors import Closed, InboxError, NotFound, NothingToDo, OutcomeUnknown
from inbox_tui.model import (
    HIDING,
    Attachment,
    Automatic,
    Direction,
    Filing,
    Kind,
    Receipt,
    Reply,
    ReplyKind,
    ReplyState,
    Thread,
)
from inbox_tui.store import cases, files, handoffs, messages, people, replies, threads
from inbox_tui.store.driver import Connection, Row
from inbox_tui.store.messages import MessageRecord
from inbox_tui.text import clean, snippet

_STOPPED = (ReplyState.QUEUED, ReplyState.FAILED, ReplyState.UNKNOWN)


def queue(
    db: Connection,
    reply: int,
    thread: Thread,
    account: int,
    *,
    key: str,
    not_before: int,
    done: bool,
    now: int,
) -> None:
    """A draft sets out: it has its place in the timeline and its key before a byte leaves."""
    row = replies.facts(db, reply)
    sent_with = [Attachment(f.name, f.media_type, f.size) for f in files.of_reply(db, reply)]
    message = row["message_id"] or _enter(db, row, thread, account, now)
    replies.queue(
        db,
        reply,
        key=key,
        answers=thread.last_in,
        message=message,
        not_before=not_before,
        done=done,
        now=now,
    )
    text = clean(row["text"], multiline=True)
    _show(db, row, text)
    messages.rewrite(db, message, text=text, subject=row["subject"], files=sent_with, now=now)
    cases.log(db, row["case_id"], now, row["agent"], "queued", reply=reply)


def _show(db: Connection, reply: Row, text: str) -> None:
    """A case that begins with a mail of ours shows it."""
    if ReplyKind(reply["kind"]) is not ReplyKind.MAIL:
        return
    record = recount.one(db, reply["case_id"])
    if not record.messages:
        record.subject, record.snippet = reply["subject"], snippet(text)
        cases.save(db, [record])


def _enter(db: Connection, reply: Row, thread: Thread, account: int, now: int) -> int:
    message = people.next_id(db, "messages")
    record = MessageRecord(
        id=message,
        case=thread.case,
        thread=thread.id,
        account=account,
        identity=None,
        external_id=None,
        direction=Direction.OUT,
        kind=Kind.ACK if reply["kind"] == ReplyKind.ACK else Kind.MESSAGE,
        automatic=Automatic.NO,
        public=thread.public,
        history=False,
        owed=False,
        sent_at=now,
        author=reply["agent"],
        handle="",
        subject=reply["subject"],
        text=clean(reply["text"], multiline=True),
        permalink="",
        reply=reply["id"],
    )
    messages.insert(db, [record], now)
    return message


def withdraw(db: Connection, reply: int, allowed: tuple[ReplyState, ...], agent: str, now: int) -> None:
    """Turn a reply into a draft again, if it is still in one of these states. Raises NothingToDo."""
    known = get(db, reply)
    if not replies.move(db, reply, allowed, ReplyState.DRAFT, now):
        raise NothingToDo(
            f"reply {reply} is {known.state}: it cannot be taken back",
            "a sent reply stays sent" if known.state is ReplyState.SENT else "",
        )
    replies.forget_error(db, reply)
    if known.state is not ReplyState.QUEUED:
        replies.forget_key(db, reply)
    if known.kind is ReplyKind.ACK:
        # Nobody goes on with it: no list shows it, and no agent is told that somebody writes.
        replies.empty(db, reply, now)
    cases.log(db, known.case, now, agent, "withdrawn", reply=reply)
    _note_trouble(db, known.case)


def cancel(db: Connection, reply: int, agent: str, now: int) -> None:
    """Turn a reply that is not sent into a draft. Raises NothingToDo, NotFound."""
    withdraw(db, reply, _STOPPED, agent, now)


def retry(db: Connection, reply: int, agent: str, now: int) -> None:
    """Send a failed or unknown reply once more; a person decided so. Raises NothingToDo, NotFound."""
    known = get(db, reply)
    if known.kind is ReplyKind.ACK:
        raise NothingToDo(
            f"reply {reply} is an acknowledgement, and is not sent again", f"inbox-tui outbox cancel {reply}"
        )
    if not replies.move(db, reply, (ReplyState.FAILED, ReplyState.UNKNOWN), ReplyState.QUEUED, now):
        raise NothingToDo(f"reply {reply} is {known.state}: there is nothing to retry")
    replies.retry(db, reply, now)
    cases.log(db, known.case, now, agent, "retried", reply=reply)
    _note_trouble(db, known.case)


def get(db: Connection, reply: int) -> Reply:
    """The reply. Raises NotFound."""
    known = replies.get(db, reply)
    if known is None:
        raise NotFound(f"there is no reply {reply}", "inbox-tui outbox shows them")
    return known


def delivered(db: Connection, reply: int, receipt: Receipt, now: int) -> None:
    """The platform accepted it: the clock stops for all that its author had been shown. Twice is harmless."""
    row = replies.facts(db, reply)
    if row["state"] == ReplyState.SENT:
        return
    if ReplyKind(row["kind"]) in HIDING:
        _hidden(db, row, receipt, now)
        return
    thread = threads.get(db, row["thread_id"])
    copied = thread is not None and thread.capabilities.files_copy
    aside = thread is not None and not thread.with_customer
    replies.sent(db, reply, receipt, Filing.TODO if copied else Filing.NONE, now)
    messages.delivered(
        db,
        row["message_id"],
        external_id=receipt.external_id,
        permalink=receipt.permalink,
        sent_at=receipt.sent_at,
    )
    if receipt.thread_key and row["kind"] == ReplyKind.PRIVATE:
        conversing.begin(db, row, receipt)
    if receipt.mail_message_id:
        threads.add_mail_ids(db, row["account_id"], [(receipt.mail_message_id, row["thread_id"])])
        # Whom we wrote to takes part: an answer of any of them belongs here.
        wrote_to = (thread.customer.value if thread else None, *row["cc"].split())
        threads.add_participants(db, [(row["thread_id"], one) for one in wrote_to if one])
    only = {"thread": row["thread_id"]} if aside else {}
    # Who is told until when he hears from us, or to go on elsewhere, has no answer yet: it covers nothing.
    acknowledged, handed = row["kind"] == ReplyKind.ACK, handoffs.facts(db, reply) is not None
    seen = row["seen"] if row["promise"] is None and not (acknowledged or handed) else 0
    cases.log(db, row["case_id"], now, row["agent"], "sent", reply=reply, seen=seen, **only)
    messages.cover_case(db, row["case_id"], seen, only.get("thread"))
    record = recount.one(db, row["case_id"])
    record.messages += not acknowledged
    record.updated_at = max(record.updated_at, receipt.sent_at)
    if acknowledged:
        pass  # it moves no clock
    elif handed:
        handoff.sent(db, record, row, receipt.sent_at)
    elif row["promise"] is None:
        recount.answered(db, record, row["created_at"], aside=aside, now=now)
    if row["promise"] is not None:
        triage.note_promise(db, record, row["promise"], row["agent"], now)
    recount.trouble(db, record)
    if row["done_after"] and record.waiting_since is None:
        recount.close(db, record, now, row["agent"])
    cases.save(db, [record])


def _hidden(db: Connection, row: Row, receipt: Receipt, now: int) -> None:
    """A comment is hidden, or shown again: nobody was answered, and no clock moves."""
    replies.sent(db, row["id"], receipt, Filing.NONE, now)
    messages.hide(db, row["answers_id"], yes=row["kind"] == ReplyKind.HIDE)
    kind = "hidden" if row["kind"] == ReplyKind.HIDE else "shown"
    cases.log(db, row["case_id"], now, row["agent"], kind, message=row["answers_id"])
    _note_trouble(db, row["case_id"])


def broke(
    db: Connection,
    reply: int,
    state: ReplyState,
    error: InboxError,
    now: int,
    *,
    not_before: int = 0,
    check_at: int = 0,
    looks: int = 0,
) -> None:
    """An attempt failed. state: queued (again, not before), failed, or unknown (looked for at check_at).

    looks: how often it was looked for and not found. A person who has decided meanwhile is not overruled.
    """
    known = get(db, reply)
    if known.state not in (ReplyState.SENDING, ReplyState.UNKNOWN):
        return
    replies.failed(db, reply, state, error, now, not_before=not_before, check_at=check_at, looks=looks)
    if isinstance(error, Closed):
        threads.close(db, known.thread, error.message, privately=known.kind is ReplyKind.PRIVATE)
    cases.log(db, known.case, now, "worker", str(state), reply=reply, code=error.code)
    _note_trouble(db, known.case)


def restored(db: Connection, now: int) -> int:
    """In a store that was restored, what had not gone out may have gone out since; how many replies."""
    said = OutcomeUnknown(
        "it stood in a backup: it may have been sent after that was made",
        "look on the platform before you send it again",
    )
    found = [
        reply
        for reply in replies.listed(db, everything=False)
        if reply.state in (ReplyState.QUEUED, ReplyState.SENDING) and reply.kind not in HIDING
    ]
    for reply in found:
        replies.move(db, reply.id, (ReplyState.QUEUED,), ReplyState.SENDING, now)
        broke(db, reply.id, ReplyState.UNKNOWN, said, now, check_at=now)
    return len(found)


def _note_trouble(db: Connection, case: int) -> None:
    record = recount.one(db, case)
    recount.trouble(db, record)
    cases.save(db, [record])
