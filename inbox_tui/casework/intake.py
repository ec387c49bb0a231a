"""Takes a page of a channel into the store: one transaction for its messages and its cursor.

A page taken twice changes nothing. `tidy` cleans before the lock is taken; `take_page` decides by the rules
of `desk` and writes in bulk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

from inbox_tui.casework.echoes import without_echoes
from inbox_tui.casework.handoff import Arrivals
from inbox_tui.casework.late import Late
from inbox_tui.casework.ledger import Ledger
from inbox_tui.casework.mailing import MailThreads
from inbox_tui.casework.supporting import Exchanges
from inbox_tui.casework.tidying import tidy, tidy_ids
from inbox_tui.desk import clock, matching
from inbox_tui.desk.matching import Rules
from inbox_tui.model import Automatic, CaseState, Direction, Incoming, Kind
from inbox_tui.records import dataclass, replace
from inbox_tui.store import accounts, messages
from inbox_tui.store.cases import CaseRecord
from inbox_tui.store.driver import Connection
from inbox_tui.store.engine import Store
from inbox_tui.store.messages import MessageRecord
from inbox_tui.store.people import IdentityRecord
from inbox_tui.store.threads import ThreadRecord
from inbox_tui.text import snippet


@dataclass(frozen=True, slots=True)
class Desk:
    """One account as intake sees it."""

    account: int
    name: str
    channel: str
    since: int
    """Messages older than this are history: nobody waits because of them."""
    rules: Rules


@dataclass(frozen=True, slots=True)
class Batch:
    """A page of a channel, with the cursor that is right once it is stored."""

    messages: tuple[Incoming, ...]
    cursor: Mapping[str, Any]
    complete_until: int | None = None
    gap: tuple[int, int] | None = None
    spend: int = 0
    history_done: bool = False
    notice: tuple[str, str] | None = None
    """What cannot be read, and what to do; two empty texts: nothing; None: as it was."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a page brought."""

    new: int
    known: int


def take_page(store: Store, desk: Desk, batch: Batch, now: int) -> Taken:
    """Store a page and its cursor, all or nothing. Raises StoreError."""
    page = [tidy_ids(message) for message in batch.messages]
    with store.reading() as db:
        seen = store.data_version()
        # It spares the cleaning of what was stored long ago.
        known = messages.known_external(db, desk.account, [m.external_id for m in page])
    tidied = [tidy(message) for message in page if message.external_id not in known]
    what = f"fetch {desk.name}"
    with store.in_turn(what), store.write(what) as db:
        # Where others have written since then, it is looked at again under the lock.
        certain = store.data_version() == seen
        taken = _Intake(db, desk, now).take(tidied, certain=certain) if tidied else _Sum()
        accounts.store_cursor(
            db,
            desk.account,
            batch.cursor,
            complete_until=batch.complete_until,
            history_done=batch.history_done,
            gap=batch.gap,
            unparsed=taken.unparsed,
            notice=batch.notice,
        )
        if batch.spend:
            accounts.add_spend(db, desk.account, batch.spend, now)
    return Taken(taken.new, len(page) - taken.new)


_age = attrgetter("sent_at", "external_id")


def _own_id(message: Incoming) -> str:
    """Message-ID of a mail of ours: its copies in two folders have different bytes and are one message."""
    return message.mail.message_id if message.mail and message.direction is Direction.OUT else ""


@dataclass(slots=True)
class _Sum:
    new: int = 0
    unparsed: int = 0


class _Intake:
    """One page inside its transaction."""

    def __init__(self, db: Connection, desk: Desk, now: int) -> None:
        self.db = db
        self.desk = desk
        self.now = now
        self.ledger = Ledger(db, desk.account)
        self.mails = MailThreads(db, desk.account)
        self.exchanges = Exchanges(self.ledger, self.mails)
        self.arrivals = Arrivals(db, self.ledger, now)
        self.late = Late(db)
        self._snippet = ("", "")

    def take(self, page: Sequence[Incoming], *, certain: bool) -> _Sum:
        """certain: the store does not know any of these by its id."""
        fresh = self._fresh(page, certain=certain)
        # First of all: settling a reply changes its case, which must not be in memory yet.
        fresh = without_echoes(self.db, self.desk.account, fresh, self.now)
        self.ledger.load(fresh)
        self.mails.load([m.mail for m in fresh if m.mail])
        self.ledger.adopt(self.mails.threads)
        self.exchanges.load(fresh)
        self.arrivals.load(fresh)
        # Oldest first: whoever answers a message must find its thread.
        for message in sorted(fresh, key=_age):
            self._one(message)
        out = _Sum(len(fresh), sum(bool(m.mail and m.mail.unparsed) for m in fresh))
        self.ledger.flush(self.now)
        self.mails.flush()
        self.exchanges.flush()
        self.arrivals.flush()
        self.late.settle(self.now)
        return out

    def _fresh(self, page: Sequence[Incoming], *, certain: bool) -> list[Incoming]:
        """What the store does not know, each once."""
        account = self.desk.account
        ids = [] if certain else [m.external_id for m in page]
        external = messages.known_external(self.db, account, ids)
        if not any(m.mail for m in page):
            first: dict[str, Incoming] = {}
            for message in page:
                first.setdefault(message.external_id, message)
            return [message for id_, message in first.items() if id_ not in external]
        digests = [m.mail.digest for m in page if m.mail and m.mail.digest]
        known = messages.known_digests(self.db, account, digests) if digests else set()
        ours = messages.known_sent(self.db, account, [i for i in map(_own_id, page) if i])
        out = []
        for message in page:
            digest = message.mail.digest if message.mail else ""
            if message.external_id in external or digest in known or _own_id(message) in ours:
                continue
            external.add(message.external_id)
            known.update({digest} - {""})
            ours.update({_own_id(message)} - {""})
            out.append(message)
        return out

    def _one(self, message: Incoming) -> None:
        if message.kind is Kind.POST:
            self._store(message, None, None, None)
            return
        customer = self._customer(message)
        if customer.treated:
            message = _as_treated(message, customer)
        thread = self._thread(message, customer)
        case = self.arrivals.case(message, customer, thread) or self._case(message, customer, thread)
        if thread is None:
            thread = self.ledger.new_thread(message, case, customer)
            self.exchanges.begins(message, thread, alone=case.person == customer.person)
        elif thread.case != case.id:
            # What was answered elsewhere was answered in the case that is over.
            thread.case, thread.answered_until, thread.dirty = case.id, None, True
            # A supplier who writes so late has a case of his own now.
            thread.aside = thread.aside and thread.identity != customer.id
        if customer.treated == "spam" and message.direction is Direction.IN:
            case.spam = True
        self._put_right(message, case, thread, customer)
        record = self._store(message, case, thread, customer)
        self._recount(message, record, case, thread, customer)
        self.exchanges.remember(message, thread)
        self.arrivals.note(message, record, case, thread, customer)
        if message.mail is not None:
            self.mails.remember(message, thread, by_customer=thread.identity == customer.id)

    def _put_right(
        self, message: Incoming, case: CaseRecord, thread: ThreadRecord, customer: IdentityRecord
    ) -> None:
        """What was read before that which it goes with."""
        if message.automatic is not Automatic.NO:
            return
        if early := self.exchanges.late(message, thread):
            self.late.support(early, case.id)
        person = case.person
        if customer.person == person and not thread.aside and self.ledger.has_several(person):
            others = self.ledger.open_cases(person)
            if apart := matching.bridged(case, message.sent_at, others, self.desk.rules):
                self.late.bridge(case.id, apart)

    def _customer(self, message: Incoming) -> IdentityRecord:
        """Whom the thread is with."""
        who = message.customer or message.author
        if message.direction is Direction.OUT and message.customer is None:
            who = replace(who, value=None, name="", handle="")
        return self.ledger.identity(who, message.external_id)

    def _thread(self, message: Incoming, customer: IdentityRecord) -> ThreadRecord | None:
        if message.thread_key:
            return self.ledger.threads.get(message.thread_key)
        if message.mail is None:
            return None
        known = None if customer.value.startswith("?") else customer.value
        found = matching.thread_of(
            known, self.mails.candidates(message.mail, known), forged=message.mail.forged
        )
        return self.ledger.thread_by_id(found) if found is not None else None

    def _case(self, message: Incoming, customer: IdentityRecord, thread: ThreadRecord | None) -> CaseRecord:
        forged = bool(message.mail and message.mail.forged)
        free = thread is None or message.endless
        decision = matching.which_case(
            message.sent_at,
            automatic=message.automatic,
            thread_case=self.ledger.case(thread.case) if thread else None,
            open_cases=self.ledger.open_cases(customer.person) if free else (),
            forged=forged,
            rules=self.desk.rules,
            endless=message.endless,
            exchange=self.exchanges.case_of(message, customer) if thread is None else None,
            awaited=self.arrivals.awaited(message),
        )
        if decision.case is not None:
            return self.ledger.case(decision.case)
        return self.ledger.new_case(self._new_case(message, customer, decision.linked), forged=forged)

    def _new_case(self, message: Incoming, customer: IdentityRecord, linked: int | None) -> CaseRecord:
        machine = message.automatic is not Automatic.NO
        closed = machine or self._history(message)
        return CaseRecord(
            id=0,
            person=customer.person,
            state=CaseState.DONE if closed else CaseState.PENDING,
            automatic=machine,
            subject=message.subject or self._shown(message),
            snippet="",
            channels=[],
            messages=0,
            trouble=0,
            waiting_since=None,
            opened_at=message.sent_at,
            updated_at=message.sent_at,
            done_at=message.sent_at if closed else None,
            linked=linked,
        )

    def _history(self, message: Incoming) -> bool:
        return message.sent_at < self.desk.since

    def _shown(self, message: Incoming) -> str:
        """The beginning of a text; a case that it opens asks for it twice."""
        text, shown = self._snippet
        if text is not message.text:
            shown = snippet(message.text)
            self._snippet = message.text, shown
        return shown

    def _store(
        self,
        message: Incoming,
        case: CaseRecord | None,
        thread: ThreadRecord | None,
        customer: IdentityRecord | None,
    ) -> MessageRecord:
        by_customer = message.direction is Direction.IN
        author = self._author(message, customer) if by_customer else None
        if author and case and author.person != case.person and self._speaks_for_him(message, thread):
            self.ledger.support(case, author)
        m, who = message, message.author
        # By place: a record made by names takes four times as long, and there is one for every message.
        record = MessageRecord(
            0, case.id if case else None, thread.id if thread else None, self.desk.account,
            author.id if author else None, m.external_id, m.direction, m.kind, m.automatic, m.public,
            self._history(m), False, m.sent_at, who.name or who.handle, who.handle,
            m.subject, m.text, m.permalink, None, m.full_text, m.attachments, m.mail, m.hidden,
        )  # fmt: skip
        return self.ledger.add(record)

    def _speaks_for_him(self, message: Incoming, thread: ThreadRecord | None) -> bool:
        """Whoever wrote it in a case of another is there on his behalf: neither machine nor supplier."""
        by_person = message.automatic is Automatic.NO and message.kind is Kind.MESSAGE
        return by_person and thread is not None and not thread.aside

    def _author(self, message: Incoming, customer: IdentityRecord | None) -> IdentityRecord | None:
        """The writer where he is not the customer of the thread: a colleague in copy."""
        if message.customer is None or message.author == message.customer:
            return customer
        return self.ledger.identity(message.author, message.external_id + "#author")

    def _recount(
        self,
        message: Incoming,
        record: MessageRecord,
        case: CaseRecord,
        thread: ThreadRecord,
        customer: IdentityRecord,
    ) -> None:
        case.dirty = True
        if self.desk.channel not in case.channels:
            case.channels.append(self.desk.channel)
        if message.sent_at < case.opened_at:
            # History comes after the news: this is how it began.
            case.opened_at = message.sent_at
            case.subject = message.subject or self._shown(message) or case.subject
        if message.automatic is not Automatic.NO or message.kind not in (Kind.MESSAGE, Kind.CALL):
            self._machine_spoke(message, record, case, thread)
        elif message.direction is Direction.IN:
            case.messages += 1
            case.contacts += 1
            self._asked(message, record, case, thread)
        else:
            case.messages += 1
            supporter = thread.identity == customer.id and customer.person != case.person
            self._answered_elsewhere(message, case, thread, beside=thread.aside or supporter)
        if message.sent_at > case.updated_at:
            case.updated_at = message.sent_at

    def _machine_spoke(
        self, message: Incoming, record: MessageRecord, case: CaseRecord, thread: ThreadRecord
    ) -> None:
        """No clock moves. Where no person wrote, it is still what the case shows and what a reply answers."""
        if not case.messages and message.sent_at >= case.updated_at:
            case.snippet = self._shown(message) or message.subject
        if message.direction is Direction.IN and message.can_reply and not thread.last_in_at:
            # The time stays 0: whatever a person wrote comes before it.
            thread.last_in, thread.dirty = record.id, True

    def _asked(
        self, message: Incoming, record: MessageRecord, case: CaseRecord, thread: ThreadRecord
    ) -> None:
        newest = message.sent_at >= case.updated_at or message.sent_at >= self.ledger.newest_in(case)
        if newest or not case.snippet:
            case.snippet = self._shown(message) or message.subject
        self._answerable(message, record, thread)
        covered = thread.answered_until is not None and message.sent_at <= thread.answered_until
        if record.history and case.state is CaseState.DONE:
            case.done_at = max(case.done_at or 0, message.sent_at)
        if record.history or covered:
            return
        record.owed = True
        since = case.waiting_since
        case.waiting_since = message.sent_at if since is None else min(since, message.sent_at)
        case.state, case.done_at, case.automatic = CaseState.WAITING, None, False
        case.snoozed, case.snoozed_until = False, None

    def _answerable(self, message: Incoming, record: MessageRecord, thread: ThreadRecord) -> None:
        """What a reply in this thread would answer now, in public and in private."""
        if message.sent_at < thread.last_in_at:
            return
        if message.private_reply:
            thread.private_in, thread.dirty = record.id, True
        # A post that cannot be answered leaves those before it as they are; a conversation is open or closed.
        if message.can_reply or message.endless:
            thread.last_in, thread.last_in_at = record.id, message.sent_at
            thread.can_reply, thread.why_not, thread.dirty = message.can_reply, message.why_not, True

    def _answered_elsewhere(
        self, message: Incoming, case: CaseRecord, thread: ThreadRecord, *, beside: bool
    ) -> None:
        """beside: it went to somebody else than the customer, who is not next because of it."""
        if message.kind is not Kind.MESSAGE:
            return
        thread.answered_until = max(thread.answered_until or 0, message.sent_at)
        thread.dirty = True
        if not self.ledger.cover_elsewhere(thread, case, message.sent_at):
            return
        if case.state is CaseState.DONE and (
            self._history(message) or message.sent_at <= (case.done_at or 0)
        ):
            return
        if beside and case.state is CaseState.DONE:
            return
        case.state, case.done_at = clock.state_when(None, case.state, answered=not beside), None


def _as_treated(message: Incoming, customer: IdentityRecord) -> Incoming:
    """An agent knows better what this sender is than his headers do."""
    if message.direction is Direction.OUT:
        return message
    if customer.treated == "person" and message.automatic is Automatic.BULK:
        return replace(message, automatic=Automatic.NO)
    if customer.treated == "automatic" and message.automatic is Automatic.NO:
        return replace(message, automatic=Automatic.BULK)
    return message
