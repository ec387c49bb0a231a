"""What an agent can do. TUI and CLI act through this class and through nothing else.

Each act is one transaction, logged with the agent's name. Reading methods are short queries. Any thread may
call; each gets its own connection. Raises InboxError and its subclasses, nothing else.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from inbox_tui.desk import views
from inbox_tui.errors import NotFound, NothingToDo, UsageError
from inbox_tui.lazy import Lazy
from inbox_tui.model import (
    Acted,
    Case,
    CaseRow,
    Health,
    Message,
    Overview,
    Position,
    Reply,
    ReplyState,
    WorkerStatus,
)
from inbox_tui.store import cases, listing
from inbox_tui.store.locks import WORKER

if TYPE_CHECKING:
    from inbox_tui import text as texts
    from inbox_tui.casework import delivery, noting, recount, signing
    from inbox_tui.config import Config
    from inbox_tui.desk.checks import Caution, Key
    from inbox_tui.inbox import choosing, drafting, overviews
    from inbox_tui.inbox.clocks import Clocks
    from inbox_tui.inbox.files import Files
    from inbox_tui.inbox.handoffs import Handoffs
    from inbox_tui.inbox.keeping import Keeping
    from inbox_tui.inbox.people import People
    from inbox_tui.inbox.search import Search
    from inbox_tui.inbox.shift import Shift
    from inbox_tui.inbox.triage import Triage
    from inbox_tui.inbox.watch import Watch
    from inbox_tui.inbox.writing import Writing
    from inbox_tui.store import (
        accounts,
        inspection,
        messages,
        notes,
        people,
        proposals,
        replies,
        supporters,
        threads,
    )
    from inbox_tui.store.engine import Store
    from inbox_tui.store.inspection import Finding, Repair
else:
    delivery, noting, recount, signing = (
        Lazy(f"casework.{name}") for name in ("delivery", "noting", "recount", "signing")
    )
    accounts, inspection, messages, notes, people, proposals, replies, supporters, threads = (
        Lazy(f"store.{name}")
        for name in (
            *("accounts", "inspection", "messages"),
            *("notes", "people", "proposals", "replies", "supporters", "threads"),
        )
    )
    choosing, drafting, overviews = (Lazy(f"inbox.{name}") for name in ("choosing", "drafting", "overviews"))
    texts = Lazy("text")


def wall_clock() -> int:
    """Now, in milliseconds UTC."""
    return time.time_ns() // 1_000_000


class Inbox:
    """The one door to the store for an agent."""

    def __init__(self, store: Store, config: Config, now: Callable[[], int] = wall_clock) -> None:
        self._store = store
        self._config = config
        self._now = now
        self.agent, self._opened = config.agent, False

    def now(self) -> int:
        """Milliseconds UTC, by the one clock."""
        return self._now()

    @property
    def triage(self) -> Triage:
        """Acts on cases that write to nobody, and their undoing."""
        from inbox_tui.inbox.triage import Triage

        return Triage(self._store, self.agent, self._now)

    @property
    def shift(self) -> Shift:
        """Who waits on me when I leave, and that I am here."""
        from inbox_tui.inbox.shift import Shift

        return Shift(self, self._store, self._now)

    @property
    def people(self) -> People:
        """Persons: merge, split, proposals, calls, goodwill, reports."""
        from inbox_tui.inbox.people import People

        return People(self._store, self._config, self.agent, self._now)

    @property
    def keeping(self) -> Keeping:
        """What is kept and what is not: copies, erasing, the log."""
        from inbox_tui.inbox.keeping import Keeping

        return Keeping(self, self._store, self._config, self._now)

    @property
    def handoffs(self) -> Handoffs:
        """Moving a customer to another channel."""
        from inbox_tui.inbox.handoffs import Handoffs

        return Handoffs(self, self._store, self._config, self._now)

    @property
    def files(self) -> Files:
        """Files that customers sent."""
        from inbox_tui.inbox.files import Files

        return Files(self._store, self._config)

    @property
    def watch(self) -> Watch:
        """What happens from now on."""
        from inbox_tui.inbox.watch import Watch

        return Watch(self._store, self.agent, self._now)

    @property
    def clocks(self) -> Clocks:
        """Due times: why, and other orders of a view."""
        from inbox_tui.inbox.clocks import Clocks

        return Clocks(self, self._store)

    @property
    def search(self) -> Search:
        """Finding cases by words."""
        from inbox_tui.inbox.search import Search

        return Search(self._store, self._config, self.agent, self._now)

    @property
    def writing(self) -> Writing:
        """Files, copies, mails of our own, templates, hiding."""
        from inbox_tui.inbox.writing import Writing

        return Writing(self, self._store, self._config, self._now)

    # -- reading

    def version(self) -> int:
        """A number that changes whenever another connection has committed; costs microseconds."""
        return self._store.data_version()

    def overview(self) -> Overview:
        """What header and sidebar show."""
        self._wake_due()
        with self._store.reading() as db:
            return overviews.read(db, self.agent, self._now(), worker_runs=self._worker_runs())

    def _wake_due(self) -> None:
        """A case whose time has come, or whose owner is away, stands in its place, worker or not."""
        now, away = self._now(), self._config.desk.owner_away_hours * 3_600_000
        with self._store.reading() as db:
            due = listing.moves_by_the_clock(db, now)
            left = away and not self._opened and listing.has_absent(db, self.agent, now - away)
        self._opened = True  # once is enough: an interface that stays open has a worker
        if due:
            self.triage.wake_due()
        if left:
            self.shift.let_go(away)

    def page(
        self, view: str, *, after: Position | None = None, limit: int = 50, channel: str | None = None
    ) -> tuple[CaseRow, ...]:
        """A page of a view. channel: only cases on it; for the view `waiting` that is a view of its own.

        Raises UsageError for a view that does not exist.
        """
        self._wake_due()
        with self._store.reading() as db:
            key = views.known_key(view, self.agent)
            if channel is None:
                return listing.page(db, key, after, limit)
            if view == views.WAITING:
                return listing.page(db, views.CHANNEL + channel, after, limit)
            return listing.page_on(db, key, channel, after, limit)

    def ids(self, view: str) -> array[int]:
        """Ids of all cases of a view, in its order."""
        with self._store.reading() as db:
            return listing.ids(db, views.known_key(view, self.agent))

    def rows(self, ids: Sequence[int]) -> dict[int, CaseRow]:
        """These cases as rows of a queue; unknown ones are left out, a merged one is what took it in."""
        with self._store.reading() as db:
            return listing.by_any_id(db, ids)

    def next_waiting(self, after: int | None) -> int | None:
        """The case that waits longest after this one, from the end round to the top; None: nobody waits."""
        with self._store.reading() as db:
            return listing.next_waiting(db, after)

    def case(self, case: int) -> Case:
        """A case whole; of one that was merged, the one that took it in. Raises NotFound."""
        with self._store.reading() as db:
            record = recount.one(db, case)
            clocks = self.clocks
            case = record.id
            row = listing.by_id(db, [case])[case]
            return Case(
                row=row,
                identities=people.of_person(db, record.person),
                threads=threads.of_case(db, case),
                timeline=messages.timeline(db, case),
                earlier=cases.of_person(db, record.person) - 1,
                linked=record.linked,
                last_message=messages.last_of_case(db, case),
                effort=clocks.effort(row),
                handoffs=self.handoffs.of_case(case),
                why_due=clocks.explain(row) if row.waiting_since is not None else (),
                same=self.people.proposals_of(record.person),
                supporters=supporters.of_case(db, case) if row.supporters else (),
            )

    def message(self, message: int) -> Message:
        """One message. Raises NotFound."""
        with self._store.reading() as db:
            found = messages.get(db, message)
        if found is None:
            raise NotFound(f"there is no message {message}")
        return found

    def outbox(self, *, all: bool = False) -> tuple[Reply, ...]:
        """Replies that are not sent yet; with `all` drafts and sent ones too."""
        with self._store.reading() as db:
            return replies.listed(db, everything=all)

    def reply_by_id(self, reply: int) -> Reply:
        """One reply. Raises NotFound."""
        with self._store.reading() as db:
            return delivery.get(db, reply)

    def drafts(self, case: int) -> tuple[Reply, ...]:
        """My drafts of a case, newest first."""
        with self._store.reading() as db:
            return replies.drafts(db, cases.lead(db, case), self.agent)

    def health(self) -> tuple[Health, ...]:
        """How every account is doing."""
        with self._store.reading() as db:
            return accounts.health(db, self._now())

    def worker(self) -> WorkerStatus:
        """Who fetches and sends for this store."""
        with self._store.reading() as db:
            return accounts.worker(db, self._worker_runs(), self._store.holder(WORKER))

    def _worker_runs(self) -> bool:
        return self._store.is_held(WORKER)

    def inspect(self) -> tuple[Finding, ...]:
        """What is right and wrong with the store."""
        return inspection.inspect(self._store)

    def rebuild(self, report: Callable[[int, int], None] | None = None) -> tuple[Repair, ...]:
        """Derive the clock of every case anew; returns those that were different."""
        from inbox_tui.inbox.upkeep import rebuild

        return rebuild(self._store, report)

    def check(
        self,
        case: int,
        thread: int | None,
        text: str,
        *,
        draft: int | None = None,
        seen: int | None = None,
        privately: bool = False,
    ) -> tuple[Caution, ...]:
        """Everything that speaks against this reply, with what the draft encloses. Raises NotFound.

        seen: the last message that its author was shown; None: all there is now.
        """
        now = self._now()
        with self._store.reading() as db:
            target = choosing.thread_of(db, case, thread, now, privately=privately)
            found = choosing.cautions(db, self._config, target, text, draft, now)
            around = choosing.around_it(db, self._config, self.agent, target, text, seen, now)
            return (*found, *around)

    def save_draft(
        self, thread: int, text: str, *, seen: int, draft: int | None = None, privately: bool = False
    ) -> int | None:
        """Keep a draft: its id, or None where the text is empty (it is discarded then).

        seen: the last message that the author was shown. draft: the one to go on with. privately: it answers
        the comment of this thread in private.
        """
        now = self._now()
        with self._store.write("draft") as db:
            written = drafting.Written(text, seen, self.agent, privately)
            return drafting.keep(db, thread, draft, written, now)

    def reply(
        self,
        case: int,
        text: str,
        *,
        thread: int | None = None,
        seen: int | None = None,
        done: bool = False,
        countdown: bool = False,
        draft: int | None = None,
        promise: int | None = None,
        agreed: Collection[Key] | None = None,
        privately: bool = False,
    ) -> Reply:
        """Queue a reply.

        thread: None: the one whose newest message can be answered. seen: the last message that the author was
        shown; None: all there is now. done: the case is done once it is sent. countdown: it waits for
        `countdown_seconds`, so that it can be taken back. promise: it names a time by which the customer
        hears from us (milliseconds UTC), and is no answer; None: what the draft says. agreed: what speaks
        against it and was agreed to; it is held where anything else does. None: nothing is asked. privately:
        to the author of the thread's newest comment alone, once. Raises NotFound, ReplyBlocked, ReplyHeld.
        """
        now = self._now()
        with self._store.write("reply") as db:
            target = choosing.thread_of(db, case, thread, now, privately=privately)
            against = choosing.cautions(db, self._config, target, text, draft, now)
            choosing.block(against)
            if agreed is not None:
                around = choosing.around_it(db, self._config, self.agent, target, text, seen, now)
                choosing.hold([one for one in (*against, *around) if one.asks and one.key not in agreed])
            shown = seen if seen is not None else messages.last_of_case(db, case)
            written = drafting.Written(text, shown, self.agent, privately)
            send = drafting.Sending(done=done, countdown=countdown, promise=promise)
            return drafting.queue(db, self._config, target, draft, written, send, now)

    def take_back(self, reply: int | None = None) -> Reply:
        """A queued reply becomes a draft again; None: my newest. Raises NothingToDo, NotFound."""
        with self._store.write("take back") as db:
            wanted = reply if reply is not None else replies.newest_queued(db, self.agent)
            if wanted is None:
                raise NothingToDo("no reply of yours is waiting to be sent")
            delivery.withdraw(db, wanted, (ReplyState.QUEUED,), self.agent, self._now())
            return delivery.get(db, wanted)

    def retry(self, reply: int) -> Reply:
        """A failed or unknown reply goes out once more. Raises NothingToDo, NotFound."""
        with self._store.write("retry") as db:
            delivery.retry(db, reply, self.agent, self._now())
            return delivery.get(db, reply)

    def cancel(self, reply: int) -> Reply:
        """A reply that is not sent becomes a draft; its text is kept. Raises NothingToDo, NotFound."""
        with self._store.write("cancel") as db:
            delivery.cancel(db, reply, self.agent, self._now())
            return delivery.get(db, reply)

    def note(self, case: int, text: str) -> Message:
        """Write a note into a case: agents see it, the customer does not, and no clock moves."""
        body = texts.clean(text, multiline=True).strip()
        if not body:
            raise UsageError("the note is empty", "give its text")
        now = self._now()
        with self._store.write("note") as db:
            note = noting.write(db, case, self.agent, body, now)
        return self.message(note)

    def note_draft(self, case: int) -> str:
        """The note that I have begun in this case; empty where there is none."""
        with self._store.reading() as db:
            return notes.draft(db, cases.lead(db, case), self.agent)

    def save_note_draft(self, case: int, text: str) -> None:
        """Keep a note that I have begun; blank text discards it. Raises NotFound."""
        with self._store.write("note draft") as db:
            notes.keep(db, recount.one(db, case).id, self.agent, text)

    def done(self, case: int, *, seen: int | None = None, thanks: bool = False) -> CaseRow:
        """Nothing more is owed in this case.

        seen: the last message that the agent was shown; None: all there is now. thanks: the customer's last
        word needed no answer. Raises NotFound, and NothingToDo where it is done already or the customer wrote
        meanwhile.
        """
        return self._single(
            case, self.triage.done([case], {} if seen is None else {case: seen}, thanks=thanks)
        )

    def reopen(self, case: int) -> CaseRow:
        """The customer is owed an answer after all, since his last message. Raises NothingToDo, NotFound."""
        return self._single(case, self.triage.reopen([case]))

    def _single(self, case: int, acted: Acted) -> CaseRow:
        from inbox_tui.inbox.triage import single

        single(acted)
        return self.rows([case])[case]

    def fetch_now(self, account: str | None = None) -> None:
        """Ask the worker to fetch. Raises NotFound for an account that it does not know."""
        with self._store.write("fetch now") as db:
            if not accounts.want_fetch(db, account, self._now()) and account is not None:
                raise NotFound(f"there is no account {account}", "inbox-tui accounts shows them")
            cases.log(db, None, self._now(), self.agent, "fetch asked")

    def close(self) -> None:
        """Close this thread's connection."""
        self._store.close_thread()
