"""The books are right after any sequence of acts."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from inbox_tui.casework import delivery
from inbox_tui.desk.clock import DAY, HOUR
from inbox_tui.errors import NotFound, NothingToDo, Refused, ReplyBlocked
from inbox_tui.model import Automatic, ReplyState
from tests.casework.world import (
    NOW,
    World,
    check_clocks,
    check_views,
    comment,
    fresh_store,
    mail,
    our_mail,
    our_post,
    post,
)

X_THREADS = ("one", "two")
START = NOW - 40 * DAY
hours = st.integers(0, 45 * 24)
machine = st.sampled_from([Automatic.NO, Automatic.NO, Automatic.REPLY, Automatic.BULK])


class Books(RuleBasedStateMachine):
    """Customers write on three channels, agents act, replies come through or not."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.mkdtemp(prefix="inbox-tui-test-")
        self.world = World(fresh_store(Path(self.folder) / "inbox.db"), since=START + 5 * DAY)
        self.count = 0
        self.queued: list[int] = []
        self.broken: list[int] = []

    def teardown(self) -> None:
        self.world.store.close()
        shutil.rmtree(self.folder)

    def next(self) -> str:
        self.count += 1
        return str(self.count)

    @rule(thread=st.sampled_from(X_THREADS), hour=hours, automatic=machine)
    def writes_on_x(self, thread: str, hour: int, automatic: Automatic) -> None:
        self.world.take(
            "shop", post(self.next(), "42", START + hour * HOUR, thread=thread, automatic=automatic)
        )

    @rule(thread=st.sampled_from(X_THREADS), hour=hours, automatic=machine)
    def answered_in_the_app(self, thread: str, hour: int, automatic: Automatic) -> None:
        at = START + hour * HOUR
        self.world.take("shop", our_post(self.next(), "42", at, thread=thread, automatic=automatic))

    @rule(page=st.lists(st.tuples(st.booleans(), st.sampled_from(X_THREADS), hours), max_size=5))
    def a_page_of_both(self, page: list[tuple[bool, str, int]]) -> None:
        written = []
        for ours, thread, hour in page:
            id, at = self.next(), START + hour * HOUR
            written.append(
                our_post(id, "42", at, thread=thread) if ours else post(id, "42", at, thread=thread)
            )
        self.world.take("shop", *written)

    @rule(hour=hours)
    def comments(self, hour: int) -> None:
        self.world.take("page", comment(self.next(), "7", START + hour * HOUR))

    @rule(hour=hours, refers=st.booleans(), ours=st.booleans())
    def mails(self, hour: int, refers: bool, ours: bool) -> None:
        one = our_mail if ours else mail
        refs = ["<1@x.example>"] if refers else []
        self.world.take("mail", one(self.next(), "c@x.example", START + hour * HOUR, refs=refs))

    @rule(hour=st.integers(0, 100))
    def time_passes(self, hour: int) -> None:
        self.world.now += hour * HOUR

    def pick(self, data: st.DataObject) -> int:
        return data.draw(st.sampled_from(self.world.case_ids()), label="case")

    @precondition(lambda self: self.world.case_ids())
    @rule(data=st.data(), done=st.booleans())
    def replies(self, data: st.DataObject, done: bool) -> None:
        case = self.pick(data)
        newest = self.world.inbox.case(case).last_message
        seen = data.draw(st.sampled_from([None, newest, newest - 1, newest - 3]), label="seen")
        try:
            self.queued.append(self.world.inbox.reply(case, "Sorry!", seen=seen, done=done).id)
        except (NotFound, ReplyBlocked):
            return  # its threads have gone on in a later case, or nobody wrote in them yet

    @precondition(lambda self: self.queued)
    @rule()
    def accepted(self) -> None:
        self.world.deliver(self.queued.pop(0))

    @precondition(lambda self: self.queued)
    @rule(state=st.sampled_from([ReplyState.FAILED, ReplyState.UNKNOWN]))
    def breaks(self, state: ReplyState) -> None:
        reply = self.world.claim(self.queued.pop(0))
        with self.world.store.write("broke") as db:
            delivery.broke(db, reply, state, Refused("no"), self.world.now)
        self.broken.append(reply)

    @precondition(lambda self: self.broken)
    @rule()
    def tried_again(self) -> None:
        self.queued.append(self.world.inbox.retry(self.broken.pop(0)).id)

    @precondition(lambda self: self.broken)
    @rule()
    def cancelled(self) -> None:
        self.world.inbox.cancel(self.broken.pop(0))

    @precondition(lambda self: self.queued)
    @rule()
    def taken_back(self) -> None:
        self.world.inbox.take_back(self.queued.pop())

    @precondition(lambda self: self.world.case_ids())
    @rule(data=st.data())
    def done(self, data: st.DataObject) -> None:
        try:
            self.world.inbox.done(self.pick(data))
        except NothingToDo:
            return

    @precondition(lambda self: self.world.case_ids())
    @rule(data=st.data())
    def reopened(self, data: st.DataObject) -> None:
        try:
            self.world.inbox.reopen(self.pick(data))
        except NothingToDo:
            return

    @precondition(lambda self: self.world.case_ids())
    @rule(data=st.data())
    def noted(self, data: st.DataObject) -> None:
        case = self.pick(data)
        before = self.world.inbox.case(case).row
        self.world.inbox.note(case, "He rang.")
        after = self.world.inbox.case(case).row
        assert (after.state, after.waiting_since) == (before.state, before.waiting_since)

    @invariant()
    def the_counters_are_what_is_in_the_queue(self) -> None:
        check_views(self.world)

    @invariant()
    def the_clocks_are_what_the_rule_says(self) -> None:
        check_clocks(self.world)

    @invariant()
    def a_rebuild_finds_nothing_to_mend(self) -> None:
        assert self.world.inbox.rebuild() == ()


TestBooks = Books.TestCase
TestBooks.settings = settings(max_examples=60, stateful_step_count=16, derandomize=True, deadline=None)
