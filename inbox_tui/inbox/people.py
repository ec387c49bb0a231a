"""Persons behind the cases: their page, merge and split, proposals, calls, goodwill, reports.

Reached as `Inbox.people`. Merging and splitting are each one step for `undo`, and can be undone later, too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from inbox_tui.casework import calling, merging, recount
from inbox_tui.casework import proposals as deciding
from inbox_tui.desk import kinship
from inbox_tui.errors import NotFound, UsageError
from inbox_tui.inbox import reporting
from inbox_tui.inbox.telling import past
from inbox_tui.model import (
    Author,
    CaseReport,
    Goodwill,
    Joined,
    Message,
    Past,
    Person,
    PersonPage,
    Proposal,
    Reason,
)
from inbox_tui.store import cases, history, listing, messages, people, proposals, supporters, tokens
from inbox_tui.store.driver import Connection
from inbox_tui.store.engine import Store
from inbox_tui.store.proposals import ProposalRow
from inbox_tui.text import clean

if TYPE_CHECKING:
    from inbox_tui.config import Config

_REMARKS = 50
_LONGEST = 4000


class People:
    """What one agent can do with persons."""

    def __init__(self, store: Store, config: Config, agent: str, now: Callable[[], int]) -> None:
        self._store = store
        self._config = config
        self._now = now
        self.agent = agent

    # -- reading

    def person(self, person: int) -> PersonPage:
        """A person whole; of one who was merged, the one who took him in. Raises NotFound."""
        with self._store.reading() as db:
            lead = merging.person_of(db, person)
            rows = listing.by_id(db, cases.live_of_person(db, lead))
            listed = sorted(rows.values(), key=lambda row: (-row.updated_at, -row.id))
            remarks = [messages.get(db, one) for one in history.remarks(db, lead, _REMARKS)]
            return PersonPage(
                person=people.get(db, lead) or Person(lead, ""),
                identities=people.of_person(db, lead),
                cases=tuple(listed),
                remarks=tuple(one for one in remarks if one is not None),
                proposals=tuple(self._proposal(db, one) for one in proposals.of_person(db, lead)),
                goodwill=_goodwill(db, list(rows)),
                supports=tuple(listing.by_id(db, supporters.cases_of(db, lead)).values()),
            )

    def find(self, who: str) -> tuple[Person, ...]:
        """Persons with this phone number, name, handle or address; by a part of it where no whole one is."""
        text = clean(who, multiline=False).strip()
        if not text:
            raise UsageError("nobody is named", "give a number, a name or the id of a person")
        with self._store.reading() as db:
            return self._find(db, text)

    def _find(self, db: Connection, text: str) -> tuple[Person, ...]:
        number = self._number(text)
        found = people.load(db, [("phone", number)]) if number else {}
        ids = [one.person for one in found.values()]
        ids = (
            ids
            or history.by_name(db, text, 20)
            or ([] if number else history.by_name(db, text, 20, part=True))
        )
        known = (people.get(db, people.lead(db, one)) for one in dict.fromkeys(ids))
        return tuple(dict.fromkeys(one for one in known if one is not None))

    def _number(self, text: str) -> str | None:
        if sum(char.isdigit() for char in text) < 5:
            return None
        return kinship.phone(text, self._config.matching.phone_region)

    def proposals(self, limit: int = 200) -> tuple[Proposal, ...]:
        """Persons who may be one, the strongest first."""
        with self._store.reading() as db:
            return tuple(self._proposal(db, one) for one in proposals.opened(db, limit))

    def proposals_of(self, person: int) -> tuple[Proposal, ...]:
        """What speaks for this person being another one, the strongest first."""
        with self._store.reading() as db:
            lead = people.lead(db, person)
            return tuple(self._proposal(db, one) for one in proposals.of_person(db, lead))

    def waiting_proposals(self) -> int:
        """How many proposals nobody has decided."""
        with self._store.reading() as db:
            return proposals.count(db)

    def _proposal(self, db: Connection, row: ProposalRow) -> Proposal:
        a, b = (people.get(db, one) or Person(one, "") for one in row.persons)
        first, second = (deciding.case_of(db, row, one) for one in row.persons)
        reasons = tuple(_reason(db, one) for one in row.evidence)
        return Proposal(row.id, (a, b), row.state, row.score, reasons, (first, second), row.decided_by)

    # -- merge, split, decide

    def merge(self, wanted: Sequence[int]) -> Joined:
        """The first of these cases takes in the others, its person theirs. Raises NotFound, NothingToDo."""
        return self._do("merge", merging.merge, list(wanted))

    def split(self, case: int, threads: Sequence[int]) -> Joined:
        """These threads of a case go on in a new one. Raises NotFound, UsageError."""
        return self._do("split", merging.split, case, list(threads))

    def own_matter(self, case: int, person: int) -> Joined:
        """A supporter of a case has a matter of his own: a case of his own. Raises NotFound, UsageError."""
        return self._do("own matter", merging.own_matter, case, person)

    def merge_persons(self, wanted: Sequence[int]) -> Joined:
        """The first of these persons takes in the others; their cases stay apart."""
        return self._do("merge persons", merging.merge_persons, list(wanted))

    def split_person(self, person: int, identities: Sequence[int]) -> Joined:
        """These identities are a person of their own, with the cases that are theirs alone."""
        return self._do("split person", merging.split_person, person, list(identities))

    def accept(self, proposal: int) -> Joined:
        """They are one person; where both have an open case, one case. Raises NotFound, NothingToDo."""
        return self._do("accept", merging.accept, proposal)

    def decline(self, proposal: int) -> Joined:
        """They are two, for good. Raises NotFound, NothingToDo."""
        return self._do("decline", merging.decline, proposal)

    def _do(self, act: str, what: Callable[..., merging.Done], *given: object) -> Joined:
        with self._store.write(act) as db:
            done = what(db, self.agent, self._now(), *given)
        return Joined(act, done.event, done.case, done.person, done.taken)

    # -- calls and goodwill

    def call(self, who: str, text: str, *, answered: bool, case: int | None = None) -> Message:
        """Log a call of a person: by number, name, or `person:ID`; whoever is not known is new.

        Raises NotFound, UsageError where several have the name.
        """
        said = clean(text, multiline=True, limit=_LONGEST).strip()
        if not said:
            raise UsageError("nothing is said of the call", "say in a line what it was about")
        now, name = self._now(), clean(who, multiline=False, limit=120).strip()
        with self._store.write("call") as db:
            record = recount.one(db, case) if case is not None else None
            person, identity, number = self._caller(db, name, record.person if record else None, now)
            if record is None:
                record = calling.case_for(db, person, said, now)
            known = people.get(db, person)
            caller = (identity, (known.name if known else "") or name, number)
            message = calling.log(db, record, caller, said, self.agent, now, answered=answered)
            found = messages.get(db, message)
        if found is None:
            raise NotFound(f"there is no message {message}")
        return found

    def _caller(self, db: Connection, who: str, person: int | None, now: int) -> tuple[int, int | None, str]:
        """Person, identity (None: known by name alone) and number of whoever called."""
        kind, _, id = who.partition(":")
        if kind == "person" and id.isascii() and id.isdigit():
            return merging.person_of(db, int(id)), None, ""
        number = self._number(who)
        if number:
            known = calling.identity(db, number, "", person, now)
            return known.person if person is None else person, known.id, number
        if person is not None:
            return person, None, ""
        if any(char.isdigit() for char in who) and not any(char.isalpha() for char in who):
            raise UsageError(f'"{who}" is no phone number', "write it whole, as +49 431 123456")
        found = self._find(db, who)
        exact = [one for one in found if one.name.casefold() == who.casefold()] or list(found)
        if len(exact) > 1:
            listed = ", ".join(f"person:{one.id} ({one.name})" for one in exact[:8])
            raise UsageError(f'several persons are called "{who}"', f"name one: {listed}")
        if exact:
            return exact[0].id, None, ""
        return people.enter(db, who, now), None, ""

    def goodwill(self, case: int, amount: str, reason: str) -> Goodwill:
        """Note a voucher or a refund. Raises NotFound, UsageError."""
        what = clean(amount, multiline=False, limit=60).strip()
        why = clean(reason, multiline=False, limit=400).strip()
        if not what or not why:
            raise UsageError(
                "amount and reason are needed", 'as: inbox-tui goodwill 12 "10 EUR" "a day late"'
            )
        now = self._now()
        with self._store.write("goodwill") as db:
            number = recount.one(db, case).id
            cases.log(db, number, now, self.agent, "goodwill", amount=what, reason=why)
        return Goodwill(number, now, self.agent, what, why)

    # -- history and report

    def history(self, case: int) -> tuple[Past, ...]:
        """What was done with a case, oldest first. Raises NotFound."""
        with self._store.reading() as db:
            return past(history.of_case(db, recount.one(db, case).id))

    def report(self, case: int) -> CaseReport:
        """How long the customer waited, and what happened when. Raises NotFound."""
        with self._store.reading() as db:
            return reporting.read(db, case, self._now())


def _goodwill(db: Connection, listed: Sequence[int]) -> tuple[Goodwill, ...]:
    return tuple(reporting.given(one) for one in history.goodwill(db, listed))


def _reason(db: Connection, one: dict[str, object]) -> Reason:
    ids = one.get("messages")
    numbers = tuple(int(each) for each in ids) if isinstance(ids, list) else ()
    said = tokens.message(db, numbers[0]) if numbers else None
    return Reason(
        kind=str(one["kind"]),
        value=str(one["value"]),
        score=int(str(one["score"])),
        by=_name(people.identity(db, int(str(one["by"])))),
        other=_name(people.identity(db, int(str(one["other"])))),
        owned=bool(one["owned"]),
        claim=int(str(one["claim"])),
        channel=said.channel if said else "",
        at=said.sent_at if said else 0,
        messages=numbers,
    )


def _name(who: Author | None) -> str:
    return (who.name or who.handle or "somebody") if who else "somebody"
