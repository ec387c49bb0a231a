"""An Inbox in memory, with the contract of `inbox_tui.inbox.Inbox`, and the story for the screens."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, cast

from inbox_tui.desk.checks import Caution, Key
from inbox_tui.desk.views import DAILY, FIXED, key_of, views_of
from inbox_tui.desk.when import parse
from inbox_tui.errors import InboxError, NotFound, NothingToDo, ReplyBlocked, UsageError
from inbox_tui.model import (
    Acted,
    Attachment,
    Author,
    Automatic,
    Capabilities,
    Case,
    CaseRow,
    CaseState,
    Direction,
    Filing,
    Handover,
    Health,
    HookHealth,
    Identity,
    Kind,
    Lasting,
    LengthRule,
    Message,
    Overview,
    Person,
    Position,
    Priority,
    Reply,
    ReplyState,
    Thread,
    Undone,
    View,
    WorkerStatus,
)

if TYPE_CHECKING:
    from inbox_tui.inbox import Inbox

TEN = 600_000
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
NOW = int(datetime(2026, 11, 2, 14, 12, tzinfo=UTC).timestamp() * 1000)
CHANNELS = {
    "email": Capabilities(
        public=False, subjects=True, files_copy=True, max_files_bytes=18_000_000, copies=True
    ),
    "x": Capabilities(public=True, length_rule=LengthRule.X_WEIGHTED, max_length=280),
    "facebook": Capabilities(public=True, length_rule=LengthRule.CHARACTERS, max_length=8000, hides=True),
}


Warned = partial(Caution, blocks=False)
"""What a check of the desk says."""


class FakeInbox:
    """Cases in a dict. Every act counts up the version, as a commit does."""

    def __init__(self, clock: int = NOW) -> None:
        self.agent = "anna"
        self.clock = clock
        self.cases: dict[int, Case] = {}
        self.replies: dict[int, Reply] = {}
        self.accounts: tuple[Health, ...] = ()
        self.hooks: tuple[HookHealth, ...] = ()
        self.running = True
        self.alone = False
        """No other agent is known."""
        self.warnings: tuple[Caution, ...] = ()
        self.broken: InboxError | None = None
        self.calls: list[str] = []
        self.seen = 0
        """How often the agent was written down as here."""
        self.notes: dict[int, str] = {}
        self.steps: list[tuple[str, dict[int, Case]]] = []
        self.acted = 0
        """When the last of these steps was."""
        self.written: Lasting | None = None
        self._version = 1
        self._next = 1000
        self._lock = threading.RLock()

    # --- building

    def id(self) -> int:
        with self._lock:
            self._next += 1
            return self._next

    def bump(self) -> None:
        self._version += 1

    def add(
        self,
        case: int,
        name: str,
        messages: Sequence[Message],
        threads: Sequence[Thread],
        state: CaseState = CaseState.WAITING,
    ) -> Case:
        people = [m for m in messages if m.kind is Kind.MESSAGE]
        owed = [m for m in people if m.owed]
        newest = people[-1] if people else None
        channels = tuple(dict.fromkeys(thread.channel for thread in threads))
        identities = {(t.customer.kind, t.customer.value): t.customer for t in threads}
        row = CaseRow(
            case,
            state,
            Person(case, name),
            next((m.subject for m in messages if m.subject), ""),
            " ".join(newest.text.split())[:160] if newest else "",
            channels,
            len(people),
            min((m.sent_at for m in owed), default=None),
            messages[-1].sent_at if messages else self.clock,
        )
        who = tuple(
            Identity(case * 10 + n, case, a.kind, a.value or "", a.name, a.handle)
            for n, a in enumerate(identities.values())
        )
        whole = Case(
            row, who, tuple(threads), tuple(messages), 0, None, max((m.id for m in messages), default=0)
        )
        self.cases[case] = whole
        self.bump()
        return whole

    def arrive(self, case: int, text: str) -> Message:
        """A customer writes again."""
        with self._lock:
            whole = self.cases[case]
            thread = whole.threads[0]
            new = incoming(self.id(), thread, text, self.clock)
            row = replace(
                whole.row,
                state=CaseState.WAITING,
                snippet=text,
                messages=whole.row.messages + 1,
                waiting_since=whole.row.waiting_since or self.clock,
                updated_at=self.clock,
            )
            self.cases[case] = replace(whole, row=row, timeline=(*whole.timeline, new), last_message=new.id)
            self.bump()
            return new

    # --- reading

    def _check(self) -> None:
        if self.broken is not None:
            raise self.broken

    def version(self) -> int:
        self._check()
        return self._version

    def now(self) -> int:
        return self.clock

    def _rows(self, view: str) -> list[CaseRow]:
        rows = [case.row for case in list(self.cases.values())]
        if view != "all":
            places = {row.id: {name for name, _ in views_of_row(row)} for row in rows}
            rows = [row for row in rows if key_of(view, self.agent) in places[row.id]]
        if view in ("waiting", "mine", "unassigned") or view.startswith("channel:"):
            return sorted(rows, key=lambda row: (row.waiting_since or 2**62, row.id))
        return sorted(rows, key=lambda row: (-row.updated_at, row.id))

    def overview(self) -> Overview:
        self._check()
        waiting = self._rows("waiting")
        channels = dict.fromkeys(c for case in self.cases.values() for c in case.row.channels)
        fixed = [View(key, title, len(self._rows(key))) for key, title in FIXED]
        own = [View(f"channel:{c}", c, len(self._rows(f"channel:{c}"))) for c in channels]
        views = [*fixed[:DAILY], *own, *fixed[DAILY:]]
        trouble = sum(r.state in (ReplyState.FAILED, ReplyState.UNKNOWN) for r in self.replies.values())
        longest = waiting[0].waiting_since if waiting else None
        owed = sum(case.row.state is CaseState.WAITING and not case.row.spam for case in self.cases.values())
        late = sum(1 for row in waiting if row.due is not None and row.due <= self.clock)
        told = (self.accounts, self.worker(), self.hooks)
        return Overview(tuple(views), owed, longest, trouble, *told, overdue=late)

    def page(
        self, view: str, *, after: Position | None = None, limit: int = 50, channel: str | None = None
    ) -> tuple[CaseRow, ...]:
        self._check()
        return tuple(self._rows(view)[:limit])

    def ids(self, view: str) -> array[int]:
        self._check()
        return array("q", [row.id for row in self._rows(view)])

    def rows(self, ids: Sequence[int]) -> dict[int, CaseRow]:
        self._check()
        return {case: self.cases[case].row for case in ids if case in self.cases}

    def next_waiting(self, after: int | None) -> int | None:
        ids = self.ids("waiting")
        if not ids:
            return None
        return ids[(ids.index(after) + 1) % len(ids)] if after is not None and after in ids else ids[0]

    def case(self, case: int) -> Case:
        self._check()
        if case not in self.cases:
            raise NotFound(f"there is no case {case}")
        return self.cases[case]

    def outbox(self, *, all: bool = False) -> tuple[Reply, ...]:
        self._check()
        quiet = (ReplyState.SENT, ReplyState.DRAFT)
        return tuple(r for r in self.replies.values() if all or r.state not in quiet)

    def reply_by_id(self, reply: int) -> Reply:
        return self.replies[reply]

    def drafts(self, case: int) -> tuple[Reply, ...]:
        self._check()
        return tuple(r for r in self.replies.values() if r.case == case and r.state is ReplyState.DRAFT)

    def health(self) -> tuple[Health, ...]:
        return self.accounts

    def worker(self) -> WorkerStatus:
        return WorkerStatus(self.running, 1 if self.running else None, "here", self.clock)

    # --- acts

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
        return self.warnings

    def save_draft(
        self,
        thread: int,
        text: str,
        *,
        seen: int,
        draft: int | None = None,
        privately: bool = False,
    ) -> int | None:
        self._check()
        with self._lock:
            self.calls.append(f"draft {text}")
            if not text.strip():
                self.replies.pop(draft or 0, None)
                return None
            draft = draft or self.id()
            self.replies[draft] = self._reply(draft, thread, text, ReplyState.DRAFT)
            self.bump()
            return draft

    def _reply(self, id_: int, thread: int, text: str, state: ReplyState) -> Reply:
        found = next(t for case in self.cases.values() for t in case.threads if t.id == thread)
        to = found.customer.handle or found.customer.name
        return Reply(
            id_, found.case, thread, found.channel, found.account, self.agent, text, state, 0, self.clock,
            "", "", "", 0, None, "", "", None, Filing.NONE, to,
        )  # fmt: skip

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
        agreed: Collection[Key] | None = None,
        privately: bool = False,
    ) -> Reply:
        self._check()
        if not text.strip():
            raise ReplyBlocked("the reply is empty")
        with self._lock:
            self.calls.append(f"reply {case} {thread} {text} seen={seen} draft={draft}")
            assert thread is not None
            made = self._reply(draft or self.id(), thread, text, ReplyState.QUEUED)
            made = replace(made, not_before=self.clock + (8000 if countdown else 0))
            self.replies[made.id] = made
            self.bump()
            return made

    def settle(self, reply: int, state: ReplyState, error: str = "", hint: str = "") -> None:
        """What the worker would do with it."""
        with self._lock:
            self.replies[reply] = replace(self.replies[reply], state=state, error=error, hint=hint)
            self.bump()

    def _turn(self, reply: int, state: ReplyState, word: str) -> Reply:
        self._check()
        self.calls.append(f"{word} {reply}")
        self.settle(reply, state)
        return self.replies[reply]

    def take_back(self, reply: int | None = None) -> Reply:
        queued = [r.id for r in self.replies.values() if r.state is ReplyState.QUEUED]
        if not queued or (reply is not None and reply not in queued):
            raise NothingToDo("no reply is queued", "it may have been sent already")
        return self._turn(reply or queued[-1], ReplyState.DRAFT, "take_back")

    def retry(self, reply: int) -> Reply:
        return self._turn(reply, ReplyState.QUEUED, "retry")

    def cancel(self, reply: int) -> Reply:
        return self._turn(reply, ReplyState.DRAFT, "cancel")

    def note_draft(self, case: int) -> str:
        self._check()
        return self.notes.get(case, "")

    def save_note_draft(self, case: int, text: str) -> None:
        self._check()
        self.calls.append(f"draft of a note {case}")
        self.notes[case] = text

    def note(self, case: int, text: str) -> Message:
        self._check()
        with self._lock:
            self.notes.pop(case, None)
            self.calls.append(f"note {case} {text}")
            self.written = Lasting(self.id(), "note", case)
            whole = self.cases[case]
            note = replace(
                incoming(self.id(), whole.threads[0], text, self.clock),
                kind=Kind.NOTE, direction=Direction.OUT, thread=None, owed=False,
                author=Author("agent", self.agent, self.agent),
            )  # fmt: skip
            self.cases[case] = replace(whole, timeline=(*whole.timeline, note), last_message=note.id)
            self.bump()
            return note

    def turn(self, case: int, state: CaseState) -> None:
        """Somebody else changes its state."""
        whole = self.cases[case]
        self.cases[case] = replace(whole, row=replace(whole.row, state=state, waiting_since=None))
        self.bump()

    @property
    def shift(self) -> FakeShift:
        return FakeShift(self)

    @property
    def triage(self) -> FakeTriage:
        return FakeTriage(self)

    def fetch_now(self, account: str | None = None) -> None:
        self._check()
        self.calls.append("fetch")

    def close(self) -> None:
        """Nothing to close."""


def views_of_row(row: CaseRow) -> tuple[tuple[str, int], ...]:
    """Where a row stands."""
    return views_of(
        row.state,
        automatic=row.automatic,
        channels=row.channels,
        waiting_since=row.waiting_since,
        updated_at=row.updated_at,
        assignee=row.assignee,
        snoozed=row.snoozed,
        snoozed_until=row.snoozed_until,
        spam=row.spam,
        due=row.due,
        broken=row.broken,
    )


class FakeShift:
    """Who waits on the agent of the fake."""

    def __init__(self, fake: FakeInbox) -> None:
        self.fake = fake

    def here(self) -> bool:
        self.fake.seen += 1
        return True

    def handover(self) -> Handover:
        self.fake._check()
        waiting = [row for row in self.fake._rows("mine") if row.state is CaseState.WAITING]
        drafts = tuple(r for r in self.fake.replies.values() if r.state is ReplyState.DRAFT)
        nobodys = tuple(self.fake._rows("unassigned"))
        alone = nobodys if self.fake.alone else ()
        return Handover(self.fake.agent, tuple(waiting), (), drafts, (), len(nobodys), alone)


class FakeTriage:
    """Acts on the rows of the fake, with an undo of one step each."""

    def __init__(self, fake: FakeInbox) -> None:
        self.fake = fake

    def _act(self, act: str, wanted: Sequence[int], said: str, **fields: object) -> Acted:
        self.fake._check()
        before: dict[int, Case] = {}
        skipped: list[tuple[int, str]] = []
        for case in wanted:
            whole = self.fake.cases[case]
            row = replace(whole.row, **fields)  # type: ignore[arg-type]
            if row == whole.row:
                skipped.append((case, f"it is {act} already"))
                continue
            before[case] = whole
            self.fake.calls.append(f"{act} {case}{said}")
            self.fake.cases[case] = replace(whole, row=row)
        self.fake.bump()
        if before:
            self.fake.steps.append((act, before))
            self.fake.acted = self.fake.id()
        return Acted(act, tuple(before), tuple(skipped))

    def agents(self) -> tuple[str, ...]:
        return ("anna", "ben")

    def tags(self) -> tuple[str, ...]:
        return ("refund", "vip")

    def when(self, text: str) -> int | None:
        return parse(text, self.fake.clock, UTC)

    def assign(self, wanted: Sequence[int], agent: str) -> Acted:
        return self._act("assign", wanted, f" {agent}", assignee=agent)

    def tag(self, wanted: Sequence[int], add: Sequence[str] = (), remove: Sequence[str] = ()) -> Acted:
        tags = {*self.fake.cases[wanted[0]].row.tags, *add} - set(remove)
        return self._act("tag", wanted, f" {sorted(tags)}", tags=tuple(sorted(tags)))

    def priority(self, wanted: Sequence[int], priority: Priority) -> Acted:
        return self._act("priority", wanted, f" {priority}", priority=priority)

    def snooze(self, wanted: Sequence[int], until: int | None) -> Acted:
        return self._act("snooze", wanted, f" {until}", snoozed=True, snoozed_until=until)

    def wake(self, wanted: Sequence[int]) -> Acted:
        return self._act("wake", wanted, "", snoozed=False, snoozed_until=None)

    def spam(self, wanted: Sequence[int], *, yes: bool = True) -> Acted:
        return self._act("spam", wanted, f" {yes}", spam=yes)

    def automatic(self, wanted: Sequence[int], *, yes: bool) -> Acted:
        state = CaseState.DONE if yes else CaseState.WAITING
        since = None if yes else self.fake.clock - HOUR
        return self._act("automatic", wanted, f" {yes}", automatic=yes, state=state, waiting_since=since)

    def snooze_again(self, wanted: Sequence[int]) -> Acted:
        return self._act("snooze", wanted, " again", snoozed=True, snoozed_until=self.fake.clock + DAY)

    def promise(self, wanted: Sequence[int], until: int) -> Acted:
        return self._act("promise", wanted, f" {until}", promised=until, due=until)

    def check_promise(self, until: int | None) -> int:
        if until is None or until <= self.fake.clock:
            raise UsageError("a promise needs a time to come")
        return until

    def done(
        self, wanted: Sequence[int], seen: Mapping[int, int] | None = None, *, thanks: bool = False
    ) -> Acted:
        return self._act("done", wanted, "", state=CaseState.DONE, waiting_since=None)

    def reopen(self, wanted: Sequence[int]) -> Acted:
        since = self.fake.clock - 3 * DAY
        return self._act("reopen", wanted, "", state=CaseState.WAITING, waiting_since=since)

    def lasting(self) -> Lasting | None:
        written = self.fake.written
        return written if written is not None and written.event > self.fake.acted else None

    def undo(self) -> Undone:
        if not self.fake.steps:
            raise NothingToDo("there is no act of yours to undo")
        act, before = self.fake.steps.pop()
        self.fake.cases.update(before)
        self.fake.calls.append(f"undo {act}")
        self.fake.bump()
        return Undone(act, tuple(before))


def door(fake: FakeInbox) -> Inbox:
    """The fake, as the screen's annotations want it."""
    return cast("Inbox", fake)


def thread_of(id_: int, case: int, channel: str, customer: Author, **rest: object) -> Thread:
    base = Thread(
        id_, case, channel, "shop", CHANNELS[channel].public, "", "", customer, True, "", 1,
        capabilities=CHANNELS[channel],
    )  # fmt: skip
    return replace(base, **rest)  # type: ignore[arg-type]


def incoming(id_: int, thread: Thread, text: str, at: int, /, **rest: object) -> Message:
    base = Message(
        id_, thread.case, thread.id, thread.channel, thread.account, Direction.IN, Kind.MESSAGE,
        thread.customer, text, "", "", at, thread.public, "", Automatic.NO, None, None, (), True,
    )  # fmt: skip
    return replace(base, **rest)  # type: ignore[arg-type]


def ours(id_: int, thread: Thread, text: str, at: int, /, **rest: object) -> Message:
    rest = {"direction": Direction.OUT, "owed": False, "author": Author("x", "1", "Shop", "@shop")} | rest
    return incoming(id_, thread, text, at, **rest)


def well(account: str, channel: str, **rest: object) -> Health:
    base = Health(
        account, channel, NOW - 7 * MINUTE + 5 * MINUTE, NOW, "", "", "", None, None, 0, None, None, 0, True
    )
    return replace(base, **rest)  # type: ignore[arg-type]


def hajo(fake: FakeInbox) -> Case:
    """The customer of the story: three mails, three tweets, a Facebook post."""
    mail = Author("email", "hajo@brandt.example", "Hajo Brandt", "hajo@brandt.example")
    start = NOW - 4 * DAY - 4 * HOUR
    m = thread_of(1, 12, "email", mail, subject="iPhone does not find the network", last_in=105)
    x = thread_of(2, 12, "x", Author("x", "22", "Hajo", "@hajo"), last_in=107)
    f = thread_of(3, 12, "facebook", Author("facebook", "9", "Hajo B.", ""), last_in=106)
    question = (
        'My phone says "no service" since this morning. I have one simple question: is the SIM lock of this '
        "device gone, yes or no?\n\nThe number is on the bill that I attach.\n\nHajo Brandt"
    )
    quoted = (
        question
        + "\n\n-- \nHajo Brandt\nLindenweg 4\n> On Friday you wrote:\n> "
        + "\n> ".join(f"line {n} of the order" for n in range(1, 12))
    )
    subject = "iPhone does not find the network"
    bill = Attachment("bill-2026-10.pdf", "application/pdf", 84_312)
    post = Author("x", "1", "Shop", "@shop")
    messages = [
        incoming(101, m, question, start, subject=subject, full_text=quoted, attachments=(bill,)),
        ours(102, m, "We have your mail and will answer shortly.", start + MINUTE, kind=Kind.ACK),
        incoming(
            103, x, "New phones are in! Come and see the whole range, all week long, in our shop.",
            start + 6 * HOUR, direction=Direction.OUT, kind=Kind.POST, author=post, owed=False,
        ),
        incoming(104, x, "@shop is anybody there? I wrote you a mail this morning.", start + 6 * HOUR + TEN),
        incoming(105, m, "It is still the same. Please answer.", start + 26 * HOUR, subject="Re: " + subject),
        incoming(
            106, f, "Three mails, two tweets, and not one answer. Is this page alive?", start + 50 * HOUR,
        ),
        ours(
            109, x, "Sorry for the wait, Hajo. Please follow us so that we can write to you privately.",
            start + 70 * HOUR, state=ReplyState.FAILED, reply=500,
        ),
        ours(
            110, m, "Called him, number engaged. The lock is gone since Friday, says the provider.",
            start + 71 * HOUR, kind=Kind.NOTE, thread=None, author=Author("agent", "ben", "ben"),
        ),
        incoming(107, x, "@shop and now you post advertisements again? Wow.", start + 98 * HOUR),
    ]  # fmt: skip
    case = fake.add(12, "Hajo Brandt", messages, [m, x, f])
    case = replace(case, row=replace(case.row, trouble=True), earlier=2)
    fake.cases[12] = case
    fake.replies[500] = replace(
        fake._reply(500, 2, messages[6].text, ReplyState.FAILED),
        error="X refuses the reply: the post's author has not mentioned the account",
        hint="answer by mail",
    )
    return case


OTHERS: tuple[tuple[str, str, str, str, str, int], ...] = (
    ("Petra Kurz", "facebook", "", "", "The invoice came twice, which one shall I pay now?", 9 * HOUR),
    (
        "Shop Nord",
        "email",
        "einkauf@nord.example",
        "Delivery to Bremen",
        "Could you deliver before Friday?",
        2 * HOUR,
    ),
    ("Lena M.", "x", "@lena_m", "", "@shop does the L fit like an M? 🤔", HOUR),
    (
        "Ali Demir",
        "facebook",
        "",
        "",
        "Danke für die schnelle Hilfe! Noch eine Frage zum Rückversand …",
        40 * MINUTE,
    ),
    (
        "山田 太郎",
        "email",
        "yamada@example.example",
        "配送について",
        "注文した商品はいつ届きますか。",
        25 * MINUTE,
    ),
    ("Zoë O'Neill", "x", "@zoe", "", "@shop your link is broken", 3 * MINUTE),
)


def story(clock: int = NOW) -> FakeInbox:
    """Hajo and six other customers, one answered, one done."""
    fake = FakeInbox(clock)
    fake.accounts = (well("shop", "x"), well("page", "facebook"), well("mail", "email"))
    hajo(fake)
    for number, (name, channel, handle, subject, text, ago) in enumerate(OTHERS, 20):
        customer = Author(channel, f"id{number}", name, handle)
        thread = thread_of(number, number, channel, customer, subject=subject)
        fake.add(number, name, [incoming(200 + number, thread, text, clock - ago, subject=subject)], [thread])
    for case, name, state in ((40, "Marta Vogel", CaseState.PENDING), (41, "Jo Stein", CaseState.DONE)):
        thread = thread_of(
            case, case, "email", Author("email", f"c{case}@ex.example", name, f"c{case}@ex.example")
        )
        question = incoming(
            300 + case, thread, "Where is my parcel?", clock - 3 * DAY, subject="Parcel", owed=False
        )
        answer = ours(
            400 + case,
            thread,
            "It is on its way.",
            clock - 2 * DAY,
            subject="Re: Parcel",
            state=ReplyState.SENT,
        )
        fake.add(case, name, [question, answer], [thread], state)
    for number, whole in fake.cases.items():
        since = whole.row.waiting_since
        if since is not None:
            # Nine and a half hours: Hajo is overdue, Petra soon, all others are on time.
            fake.cases[number] = replace(whole, row=replace(whole.row, due=since + 19 * HOUR // 2))
    return fake


def crowd(count: int, clock: int = NOW) -> FakeInbox:
    """Many customers with one message each."""
    fake = FakeInbox(clock)
    fake.accounts = (well("mail", "email"),)
    for number in range(1, count + 1):
        thread = thread_of(
            number, number, "email", Author("email", f"p{number}@ex.example", f"Person {number}")
        )
        at = clock - (count - number + 1) * 10 * MINUTE
        message = incoming(number, thread, f"Question number {number}", at, subject=f"Matter {number}")
        fake.add(number, f"Person {number}", [message], [thread])
    return fake
