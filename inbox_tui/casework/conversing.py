"""The conversation that a private answer to a comment begins: it belongs to the case in which it was written.

The platform's receipt says with whom it is, so this needs no guess. Inside a write transaction.
"""

from __future__ import annotations

from inbox_tui.model import Author, CaseState, Receipt
from inbox_tui.store import cases, messages, people, threads
from inbox_tui.store.driver import Connection, Row
from inbox_tui.store.people import IdentityRecord
from inbox_tui.store.threads import ThreadRecord


def begin(db: Connection, reply: Row, receipt: Receipt) -> None:
    """The thread of the conversation, new or known; what was sent stands in it."""
    if receipt.recipient is None or receipt.recipient.value is None:
        return
    account, key = reply["account_id"], receipt.thread_key
    known = threads.by_key(db, account, [key]).get(key)
    if known is None:
        known = _new(db, reply, receipt, receipt.recipient)
    elif _free(db, known, reply["case_id"]):
        known.case, known.answered_until, known.dirty = reply["case_id"], None, True
    threads.save(db, account, [known])
    messages.move_to_thread(db, reply["message_id"], known.id)


def _free(db: Connection, thread: ThreadRecord, case: int) -> bool:
    """Nobody is answered in it in another case that is still open."""
    if thread.case == case:
        return False
    record = cases.load(db, {thread.case})[thread.case]
    return record.state is CaseState.DONE


def _new(db: Connection, reply: Row, receipt: Receipt, who: Author) -> ThreadRecord:
    identity = _identity(db, who, reply)
    return ThreadRecord(
        id=people.next_id(db, "threads"),
        key=receipt.thread_key,
        case=reply["case_id"],
        identity=identity.id,
        public=False,
        permalink=receipt.permalink,
        subject="",
        can_reply=True,
        why_not="",
        context="",
        last_in=None,
        last_in_at=0,
        answered_until=None,
        new=True,
    )


def _identity(db: Connection, who: Author, reply: Row) -> IdentityRecord:
    """Whom the platform delivered to: the author of the comment, even where it calls him otherwise here."""
    key = (who.kind, who.value or "")
    known = people.load(db, [key]).get(key)
    if known is None:
        case = cases.load(db, {reply["case_id"]})[reply["case_id"]]
        known = IdentityRecord(
            id=people.next_id(db, "identities"),
            person=case.person,
            kind=who.kind,
            value=who.value or "",
            name=who.name,
            handle=who.handle,
            new=True,
        )
        people.add_identities(db, [known])
    return known
