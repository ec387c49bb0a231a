"""What a page touches, held in memory between its loading and its writing.

Bulk statements before and after the loop, none inside it but for the rare message that was written elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from inbox_tui.model import Author, Automatic, Direction, Incoming
from inbox_tui.store import cases, messages, people, supporters, threads
from inbox_tui.store.cases import CaseRecord
from inbox_tui.store.driver import Connection
from inbox_tui.store.messages import MessageRecord
from inbox_tui.store.people import IdentityRecord
from inbox_tui.store.threads import ThreadRecord
from inbox_tui.text import is_blank


class Ledger:
    """Identities, threads, cases and messages of one transaction."""

    def __init__(self, db: Connection, account: int) -> None:
        self.db = db
        self.account = account
        self.threads: dict[str, ThreadRecord] = {}
        self._threads_by_id: dict[int, ThreadRecord] = {}
        self._identities: dict[tuple[str, str], IdentityRecord] = {}
        self._cases: dict[int, CaseRecord] = {}
        self._open: dict[int, set[int]] = {}
        self._unproven: set[int] = set()
        """Open cases that began with a forged mail."""
        self._new_messages: list[MessageRecord] = []
        self._grouped = 0
        self._of_thread: dict[int | None, list[MessageRecord]] = {}
        self._of_case: dict[int | None, list[MessageRecord]] = {}
        """By thread and by case the first `_grouped` new messages: few pages ask for them."""
        self._renamed: list[IdentityRecord] = []
        self._supporters: set[tuple[int, int]] = set()
        self._next = {
            table: people.next_id(db, table) for table in ("people", "identities", "threads", "cases")
        }
        self._next_message = people.next_id(db, "messages")

    # -- loading

    def load(self, page: Sequence[Incoming]) -> None:
        """Everything that these messages may touch."""
        who = {(m.author.kind, m.author.value) for m in page}
        who.update([(m.customer.kind, m.customer.value) for m in page if m.customer])
        self._identities = people.load(self.db, [(kind, value) for kind, value in who if value is not None])
        found = cases.open_of_people(self.db, {i.person for i in self._identities.values()})
        for record in found.values():
            self._know(record)
        self._unproven.update(cases.begun_by_forgery(self.db, list(found)))
        keys = [m.thread_key for m in page if m.thread_key]
        self.adopt(threads.by_key(self.db, self.account, keys).values())

    def adopt(self, records: Iterable[ThreadRecord]) -> None:
        """Threads that were found, with their cases."""
        for thread in records:
            if thread.id not in self._threads_by_id:
                self.threads[thread.key] = self._threads_by_id[thread.id] = thread
        self.bring({t.case for t in self._threads_by_id.values()})

    def bring(self, wanted: Iterable[int]) -> None:
        """These cases."""
        for record in cases.load(self.db, set(wanted) - self._cases.keys()).values():
            self._know(record)

    def _know(self, record: CaseRecord) -> None:
        self._cases.setdefault(record.id, record)
        self._open.setdefault(record.person, set()).add(record.id)

    # -- identities

    def identity(self, author: Author, fallback: str) -> IdentityRecord:
        """The identity of an author, entered if it is new; one whom the platform hides has his own."""
        value = author.value if author.value is not None else f"?{self.account}:{fallback}"
        known = self._identities.get((author.kind, value))
        if known is None:
            ids = self._take("identities"), self._take("people")
            known = IdentityRecord(*ids, author.kind, value, author.name, author.handle, "", True)
            self._identities[author.kind, value] = known
        elif (author.name and author.name != known.name) or (author.handle and author.handle != known.handle):
            if not is_blank(author.name):
                known.name = author.name
            known.handle = author.handle or known.handle
            if not known.new:
                self._renamed.append(known)
        return known

    def value_of(self, identity: int) -> str | None:
        """The address, id or number of an identity; None where the platform hides it."""
        new = next((one.value for one in self._identities.values() if one.id == identity), None)
        if new is not None:
            return new
        known = people.identity(self.db, identity)
        return known.value if known is not None else None

    def _take(self, table: str) -> int:
        found = self._next[table]
        self._next[table] = found + 1
        return found

    # -- threads and cases

    def thread_by_id(self, thread: int) -> ThreadRecord:
        """A thread that is loaded or new."""
        return self._threads_by_id[thread]

    def new_thread(self, message: Incoming, case: CaseRecord, customer: IdentityRecord) -> ThreadRecord:
        """A thread that begins with this message."""
        incoming = message.direction is Direction.IN
        record = ThreadRecord(
            id=self._take("threads"),
            key=message.thread_key or f"mail:{message.external_id}",
            case=case.id,
            identity=customer.id,
            public=message.public,
            permalink=message.thread_link or message.permalink,
            subject=message.subject,
            can_reply=message.can_reply if incoming else not message.public,
            why_not=message.why_not if incoming else "",
            context=message.context,
            last_in=None,
            last_in_at=0,
            answered_until=None,
            new=True,
        )
        self.threads[record.key] = self._threads_by_id[record.id] = record
        return record

    def case(self, case: int) -> CaseRecord:
        """A case that is loaded or new."""
        return self._cases[case]

    def open_cases(self, person: int) -> list[CaseRecord]:
        """The cases of a person that are not done; none that somebody else began in his name."""
        return [
            self._cases[case]
            for case in sorted(self._open.get(person, set()) - self._unproven)
            if self._cases[case].state != "done"
        ]

    def has_several(self, person: int) -> bool:
        """Whether a person may have more than one open case."""
        return len(self._open.get(person, ())) > 1

    def new_case(self, record: CaseRecord, *, forged: bool) -> CaseRecord:
        """A case that begins now. forged: with a mail whose sender is another than it says."""
        record.id = self._take("cases")
        record.dirty = True
        if forged:
            self._unproven.add(record.id)
        self._know(record)
        return record

    def support(self, case: CaseRecord, identity: IdentityRecord) -> None:
        """Somebody else than its customer has written in a case."""
        self._supporters.add((case.id, identity.id))

    # -- messages

    def add(self, record: MessageRecord) -> MessageRecord:
        """A message to be stored."""
        record.id = self._next_message
        self._next_message += 1
        self._new_messages.append(record)
        return record

    def _group(self) -> None:
        for record in self._new_messages[self._grouped :]:
            self._of_thread.setdefault(record.thread, []).append(record)
            self._of_case.setdefault(record.case, []).append(record)
        self._grouped = len(self._new_messages)

    def newest_in(self, case: CaseRecord) -> int:
        """Time of the customer's newest own message in a case; 0 where there is none."""
        self._group()
        times = [
            m.sent_at
            for m in self._of_case.get(case.id, ())
            if m.direction is Direction.IN and m.automatic is Automatic.NO
        ]
        return max([*times, messages.newest_in(self.db, case.id) if case.stored else 0])

    def cover_elsewhere(self, thread: ThreadRecord, case: CaseRecord, until: int) -> bool:
        """What was written elsewhere answers its thread up to its time; says whether nothing is owed now."""
        self._group()
        if not thread.new:
            messages.cover_elsewhere(self.db, case.id, thread.id, until)
        for record in self._of_thread.get(thread.id, ()):
            if record.sent_at <= until:
                record.owed = False
        owed = [m.sent_at for m in self._of_case.get(case.id, ()) if m.owed]
        stored = messages.oldest_owed(self.db, case.id) if case.stored else None
        case.waiting_since = min([*owed, *([stored] if stored is not None else [])], default=None)
        return case.waiting_since is None

    # -- writing

    def flush(self, now: int) -> None:
        """Write everything that is new or changed."""
        people.insert(self.db, [i for i in self._identities.values() if i.new], now)
        for identity in self._renamed:
            people.rename(self.db, identity)
        cases.save(self.db, [c for c in self._cases.values() if c.dirty])
        threads.save(self.db, self.account, [t for t in self._threads_by_id.values() if t.new or t.dirty])
        messages.insert(self.db, self._new_messages, now)
        if self._supporters:
            supporters.add(self.db, self._supporters)
