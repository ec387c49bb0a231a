"""Hand-offs: a draft that is one, the case that rests for it, and what arrives with a code.

A hand-off is no answer: what the customer is owed stays owed, and the case is pending until he arrives or has
not arrived in time. Inside a write transaction.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable, Sequence

from inbox_tui.casework import kinship, recount
from inbox_tui.casework.ledger import Ledger
from inbox_tui.desk import handoff as rule
from inbox_tui.desk.clock import DAY
from inbox_tui.desk.handoff import Came, Worth
from inbox_tui.model import Automatic, CaseState, Destination, Direction, Incoming, Kind
from inbox_tui.records import replace
from inbox_tui.store import accounts, cases, handoffs, listing, messages
from inbox_tui.store.cases import CaseRecord
from inbox_tui.store.driver import Connection, Row
from inbox_tui.store.handoffs import Known
from inbox_tui.store.messages import MessageRecord
from inbox_tui.store.people import IdentityRecord
from inbox_tui.store.threads import ThreadRecord

PRIVATE, PUBLIC = 90, 60
"""How much a code says, of 100, for two persons being one: read by him alone, and by all."""


def new_code() -> str:
    """A code that nobody can guess."""
    return rule.new_code(secrets.choice)


def digest(db: Connection, code: str) -> str:
    """What is kept of a code: whoever reads the table, or times a look-up in it, learns none."""
    return hmac.digest(accounts.secret(db), f"hand-off\0{code}".encode(), "sha256").hex()


def begin(db: Connection, reply: int, to: Destination, code: str) -> None:
    """This draft hands the case off."""
    handoffs.insert(db, reply, to, digest(db, code))


def holds_its_code(db: Connection, reply: int, text: str) -> bool:
    """Whether the text still tells the code of its hand-off; true where it is none."""
    row = handoffs.facts(db, reply)
    if row is None:
        return True
    found = [digest(db, code) for code in rule.codes(text)]
    return any(hmac.compare_digest(row["digest"], one) for one in found)


def set_out(db: Connection, reply: int, text: str, back_after: int, valid_for: int) -> None:
    """It is queued. Without its code it is a plain answer from now on. Both spans in milliseconds."""
    if not holds_its_code(db, reply, text):
        handoffs.drop(db, reply)
    handoffs.set_out(db, reply, back_after, valid_for)


def sent(db: Connection, record: CaseRecord, reply: Row, at: int) -> None:
    """It was delivered: the case rests, unless the customer wrote meanwhile or it is done."""
    handoffs.sent(db, reply["id"], at)
    facts = handoffs.facts(db, reply["id"])
    assert facts is not None
    detail = {"to": facts["destination"], "reply": reply["id"], "back_at": facts["back_at"]}
    cases.log(db, record.id, at, reply["agent"], "handoff", **detail)
    if record.state is not CaseState.DONE and not messages.owed_after(db, record.id, reply["seen"]):
        record.state = CaseState.PENDING


def come_back(db: Connection, now: int) -> None:
    """Cases whose customer has not arrived in time wait again, since their oldest unanswered message."""
    for handoff, case in listing.late_handoffs(db, now):
        handoffs.returned(db, handoff, now)
        record = recount.one(db, case)
        if record.state is not CaseState.PENDING or record.spam or handoffs.rests(db, case):
            continue
        recount.wait_again(db, record, now, "")
        cases.save(db, [record])
        cases.log(db, case, now, "", "handoff_late", handoff=handoff)


class Arrivals:
    """The codes of one page, and those customers who are awaited."""

    def __init__(self, db: Connection, ledger: Ledger, now: int) -> None:
        self.db = db
        self.ledger = ledger
        self.now = now
        self._digests: dict[str, list[str]] = {}
        """By external id: of what has the form of a code."""
        self._known: dict[str, Known] = {}
        self._awaited: dict[int, list[Known]] = {}
        self._met: dict[str, tuple[Known | None, Worth]] = {}
        """By external id: what its code is worth."""
        self._guesses: dict[int, int] = {}
        self._uses: list[tuple[Known | None, IdentityRecord, MessageRecord, int, Worth]] = []
        self._back: list[tuple[Known, CaseRecord]] = []
        """Those who arrived in another case than the one that rests for them."""

    def load(self, page: Iterable[Incoming]) -> None:
        """Everything that these messages may be about. One look where there never was a hand-off."""
        people = [m for m in page if _by_a_person(m)]
        if not people or not handoffs.any_at_all(self.db):
            return
        for message in people:
            tags = " ".join(message.mail.tags) if message.mail else ""
            found = rule.codes(f"{tags}\n{message.subject}\n{message.text}")
            if found:
                self._digests[message.external_id] = [digest(self.db, code) for code in found]
        wanted = {one for listed in self._digests.values() for one in listed}
        self._known = handoffs.by_digest(self.db, wanted)
        oldest = min(message.sent_at for message in people)
        for one in handoffs.awaited(self.db, oldest):
            self._awaited.setdefault(one.case, []).append(one)
        self.ledger.bring({one.case for one in self._known.values()})

    def awaited(self, message: Incoming) -> frozenset[int]:
        """Cases that rest until somebody comes in private: where he is known there, this is he."""
        return frozenset() if message.public or not self._awaited else frozenset(self._awaited)

    def case(
        self, message: Incoming, customer: IdentityRecord, thread: ThreadRecord | None
    ) -> CaseRecord | None:
        """The case that a code leads to; None: the other rules decide."""
        listed = self._digests.get(message.external_id)
        if not listed or customer.treated == "spam":
            return None
        known, worth = self._judge(message, customer, thread, listed)
        self._met[message.external_id] = known, worth
        return self.ledger.case(known.case) if known is not None and worth is Worth.JOINS else None

    def _judge(
        self,
        message: Incoming,
        customer: IdentityRecord,
        thread: ThreadRecord | None,
        listed: Sequence[str],
    ) -> tuple[Known | None, Worth]:
        if self._guessed(customer) >= rule.GUESSES:
            return None, Worth.GUESSING
        known = next((self._known[one] for one in listed if one in self._known), None)
        if known is not None:
            lead = self.ledger.case(known.case)
            other = thread is not None and thread.case != lead.id
            open_ = other and thread is not None and self.ledger.case(thread.case).state is not CaseState.DONE
            came = Came(
                identity=customer.id,
                person=customer.person,
                thread=thread.id if thread else None,
                other_case=open_,
                public=message.public,
                forged=bool(message.mail and message.mail.forged),
                at=message.sent_at,
            )
            return known, rule.judge(self._as_now(known), came)
        self._guesses[customer.id] = self._guessed(customer) + 1
        return None, Worth.UNKNOWN

    def _guessed(self, customer: IdentityRecord) -> int:
        if customer.id not in self._guesses:
            new = customer.new
            self._guesses[customer.id] = 0 if new else handoffs.guesses(self.db, customer.id, self.now - DAY)
        return self._guesses[customer.id]

    def _as_now(self, known: Known) -> rule.Sent:
        """With what came earlier in this page."""
        sent = known.sent
        mine = [
            (who.id, worth) for one, who, _, _, worth in self._uses if one is not None and one.id == known.id
        ]
        user = next((who for who, worth in mine if worth in (Worth.JOINS, Worth.ARRIVED)), sent.used_by)
        proposed = {who for who, worth in mine if worth is Worth.PROPOSES}
        return replace(sent, used_by=user, proposed=sent.proposed | proposed)

    def note(
        self,
        message: Incoming,
        record: MessageRecord,
        case: CaseRecord,
        thread: ThreadRecord,
        customer: IdentityRecord,
    ) -> None:
        """It is stored in this case: who is awaited there has arrived."""
        if not _by_a_person(message):
            return
        known, worth = self._met.get(message.external_id, (None, Worth.NOTHING))
        if worth is not Worth.NOTHING:
            self._uses.append((known, customer, record, message.sent_at, worth))
        if known is not None and worth is Worth.ARRIVED:
            self._back.append((known, case))
        if message.public or thread.aside or record.history:
            return
        if customer.person == case.person or worth is Worth.JOINS:
            self._arrive(message, record, case, thread, customer)

    def _arrive(
        self,
        message: Incoming,
        record: MessageRecord,
        case: CaseRecord,
        thread: ThreadRecord,
        customer: IdentityRecord,
    ) -> None:
        """Whoever was awaited in this case is here, with the code or without."""
        known, worth = self._met.get(message.external_id, (None, Worth.NOTHING))
        left = []
        for one in self._awaited.pop(case.id, ()):
            # Mail knows whole seconds.
            if thread.id in one.sent.threads or message.sent_at < one.sent_at // 1000 * 1000:
                left.append(one)
            elif known is None or known.id != one.id or worth is not Worth.JOINS:
                self._uses.append((one, customer, record, message.sent_at, Worth.CAME))
        if left:
            self._awaited[case.id] = left

    def flush(self) -> None:
        """Once all else of the page is in the store."""
        handoffs.use(
            self.db,
            (
                (one.id if one else None, who.id, record.id, at, worth)
                for one, who, record, at, worth in self._uses
            ),
        )
        for one, who, record, at, worth in self._uses:
            if one is not None and worth in (Worth.JOINS, Worth.ARRIVED, Worth.CAME):
                handoffs.arrived(self.db, one.id, at)
            self._log(one, record, worth)
            if one is not None and worth in (Worth.JOINS, Worth.PROPOSES):
                self._propose(one, who, record)
            if one is not None and record.public:
                handoffs.expose(self.db, one.id)
        for one, case in self._back:
            self._wait_again(one, case)

    def _log(self, one: Known | None, record: MessageRecord, worth: Worth) -> None:
        kind = "handoff_refused" if worth in rule.REFUSED else "handoff_arrived"
        if worth is Worth.PROPOSES:
            kind = "handoff_proposed"
        detail = {"message": record.id, "why": str(worth)} | ({"of": one.case} if one is not None else {})
        cases.log(self.db, record.case, self.now, "", kind, **detail)

    def _wait_again(self, one: Known, case: CaseRecord) -> None:
        """He is here, in another case: the one that rests for him does so no longer."""
        record = recount.one(self.db, one.case)
        if record.state is CaseState.PENDING and record.id != case.id:
            recount.wait_again(self.db, record, self.now, "")
            cases.save(self.db, [record])
            cases.log(self.db, record.id, self.now, "", "handoff_arrived", into=case.id)

    def _propose(self, one: Known, who: IdentityRecord, record: MessageRecord) -> None:
        """Whoever is not known to be the customer may be he: an agent says so."""
        if who.person == one.sent.person:
            return
        asked = handoffs.message_of(self.db, one.id)
        private = not (one.sent.public or record.public)
        reason = {
            "kind": "code",
            "value": "private" if private else "public",
            "score": PRIVATE if private else PUBLIC,
            "by": who.id,
            "other": handoffs.identity_of(self.db, one.id),
            "owned": False,
            "claim": 0,
            "messages": [record.id, *([asked] if asked is not None else [])],
        }
        kinship.give_reason(self.db, who.person, one.sent.person, f"code {one.id}", reason, self.now)


def _by_a_person(message: Incoming) -> bool:
    return (
        message.direction is Direction.IN
        and message.kind is Kind.MESSAGE
        and message.automatic is Automatic.NO
    )
