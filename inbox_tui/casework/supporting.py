"""Whose exchange a stranger writes in: under the customer's post, or in the mail thread that named him.

Either shows nobody's words to anybody who has not read them: a post is public, and of two who wrote mail
each has named the other. `desk.matching` says what follows from it.
"""

from __future__ import annotations

from collections.abc import Sequence

from inbox_tui.casework.ledger import Ledger
from inbox_tui.casework.mailing import MailThreads
from inbox_tui.model import Automatic, Direction, Incoming, Kind, MailFacts
from inbox_tui.store import messages, threads
from inbox_tui.store.cases import CaseRecord
from inbox_tui.store.people import IdentityRecord
from inbox_tui.store.threads import ThreadRecord


class Exchanges:
    """Public posts and mail threads of one account under which others write, as one transaction sees them."""

    def __init__(self, ledger: Ledger, mails: MailThreads) -> None:
        self._ledger = ledger
        self._mails = mails
        self._posts: dict[str, tuple[int, bool]] = {}
        """By external id: the thread of a public message, and whether a customer wrote it."""
        self._known: set[str] = set()
        """External ids of what is stored, our own posts too."""
        self._unmet: dict[str, list[int]] = {}
        """By external id: threads that began under a message that was not here."""
        self._new_unmet: list[tuple[str, int]] = []

    def load(self, page: Sequence[Incoming]) -> None:
        """Look up what the first messages of new threads stand under, and what stands under new messages."""
        public = [one.external_id for one in page if one.public]
        self._unmet = threads.unmet(self._ledger.db, self._ledger.account, public) if public else {}
        wanted = {
            id
            for one in page
            if one.public and one.thread_key and one.thread_key not in self._ledger.threads
            for id in (one.in_reply_to, one.root)
            if id and id != one.external_id
        }
        if not wanted:
            return
        self._posts = messages.public_threads(self._ledger.db, self._ledger.account, wanted)
        self._known = messages.known_external(self._ledger.db, self._ledger.account, sorted(wanted))
        known = {thread for thread, _ in self._posts.values()}
        self._ledger.adopt(threads.by_ids(self._ledger.db, known).values())

    def remember(self, message: Incoming, thread: ThreadRecord) -> None:
        """Others may write under it."""
        if message.public and message.kind is Kind.MESSAGE:
            self._posts[message.external_id] = thread.id, message.direction is Direction.IN

    def begins(self, message: Incoming, thread: ThreadRecord, *, alone: bool) -> None:
        """A thread begins with it. alone: in nobody's exchange, as far as is known by now."""
        if alone and message.public and message.automatic is Automatic.NO:
            above = {message.in_reply_to, message.root} - {"", message.external_id}
            self._new_unmet += [
                (one, thread.id) for one in above if one not in self._known | self._posts.keys()
            ]

    def late(self, message: Incoming, thread: ThreadRecord) -> list[int]:
        """Threads of others that were read before this, under which they were begun."""
        if message.mail is not None:
            return self._named_late(message.mail, message.author.value or "", thread)
        return [one for one in self._unmet.get(message.external_id, ()) if one != thread.id]

    def _named_late(self, mail: MailFacts, writer: str, thread: ThreadRecord) -> list[int]:
        if mail.forged or not mail.message_id:
            return []
        above = [self._ledger.thread_by_id(one) for one in self._mails.threads_with(mail.message_id)]
        return [
            one.id
            for one in above
            if one.id != thread.id
            and writer in one.named
            and self._ledger.value_of(one.identity) in mail.participants
        ]

    def flush(self) -> None:
        """Write down under what threads began that was not here."""
        threads.set_unmet(self._ledger.db, self._ledger.account, self._new_unmet, self._unmet)

    def case_of(self, message: Incoming, writer: IdentityRecord) -> CaseRecord | None:
        """The case in whose exchange somebody else than its customer writes, or is answered by us."""
        if message.automatic is not Automatic.NO or writer.value.startswith("?"):
            return None
        if message.mail is not None:
            thread = None if message.mail.forged else self._named(message.mail, writer.value)
        else:
            thread = self._above(message) if message.public else None
        if thread is None or thread.aside:
            return None
        case = self._ledger.case(thread.case)
        return None if case.person == writer.person or case.spam or case.automatic else case

    def _above(self, message: Incoming) -> ThreadRecord | None:
        """The thread of what it answers; else of the customer's post with which the exchange begins."""
        answered = self._posts.get(message.in_reply_to)
        if answered is None and message.root != message.external_id:
            answered = self._posts.get(message.root)
            if answered is not None and not answered[1]:
                return None
        return self._ledger.thread_by_id(answered[0]) if answered is not None else None

    def _named(self, mail: MailFacts, writer: str) -> ThreadRecord | None:
        """A thread it refers to, whose customer named the writer, and whom the writer has named now."""
        # Of its own id nothing is asked: who refers to that supports the writer, and not he him.
        listed = [
            one for reference in reversed(mail.references) for one in self._mails.threads_with(reference)
        ]
        for thread in map(self._ledger.thread_by_id, listed):
            if writer in thread.named and self._ledger.value_of(thread.identity) in mail.participants:
                return thread
        return None
