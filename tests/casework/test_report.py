"""The report of a case says exactly when an answer was owed, over all its threads."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inbox_tui.casework import merging, triage
from inbox_tui.desk.clock import HOUR
from tests.casework.world import NOW, World, mail, our_post, post, temporary_world

STEPS = (
    "a",
    "b",
    "fan",
    "mail",
    "answer a",
    "answer b",
    "answer fan",
    "by hand a",
    "by hand b",
    "call",
    "done",
)


class Told:
    """Everything is stored the moment it happens, and somebody looks at the clock all the time."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.waited = 0
        self.events: list[int] = []
        world.take("shop", post("first", "hajo", NOW, thread="a:hajo", root="first"))
        self.case = world.case_of("first")

    def passes(self, hours: int) -> None:
        row = self.world.inbox.rows([self.case])[self.case]
        self.waited += hours * HOUR * (row.waiting_since is not None)
        self.world.now += hours * HOUR

    def happens(self, what: str, number: int) -> None:
        world, now = self.world, self.world.now
        kind, _, thread = what.partition(" ")
        if kind in ("a", "b"):
            world.take("shop", post(f"{kind}{number}", "hajo", now, thread=f"{kind}:hajo", root="first"))
        elif kind == "fan":
            under = {"root": "first", "in_reply_to": "first"}
            world.take("shop", post(f"f{number}", "fan", now, thread="a:fan", **under))
        elif kind == "mail":
            world.take("mail", mail(number, "hajo@brandt.example", now))
        elif kind == "by":
            where = thread.removeprefix("hand ")
            world.take("shop", our_post(f"o{number}", "hajo", now, thread=f"{where}:hajo", root="first"))
        elif kind == "answer":
            self._answers(thread, number)
        elif kind == "call":
            world.inbox.people.call("", f"call {number}", answered=True, case=self.case)
        elif world.inbox.rows([self.case])[self.case].state != "done":
            world.inbox.done(self.case)

    def _answers(self, where: str, number: int) -> None:
        key = "a:fan" if where == "fan" else f"{where}:hajo"
        thread = self.world.db.execute(
            "SELECT id FROM threads WHERE key = ? AND case_id = ? AND can_reply = 1", (key, self.case)
        ).fetchone()
        if thread is not None:
            text = f"answer {number}"
            self.world.deliver(self.world.inbox.reply(self.case, text, thread=thread[0]))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(1, 9)), max_size=9))
def test_it_says_as_long_as_somebody_saw_the_case_wait(steps: list[tuple[str, int]]) -> None:
    with temporary_world() as world:
        told = Told(world)
        for number, (what, hours) in enumerate(steps):
            told.passes(hours)
            told.happens(what, number)
        told.passes(3)
        report = world.inbox.people.report(told.case)
        assert report.waited == told.waited
        still = [one.begin for one in report.stretches if one.end is None]
        assert still == [one for one in [report.row.waiting_since] if one is not None]


def test_an_answer_in_one_thread_ends_no_wait_in_another() -> None:
    with temporary_world() as world:
        told = Told(world)
        told.happens("b", 1)
        told.passes(2)
        told.happens("by hand b", 2)
        told.passes(3)
        told.happens("answer a", 3)
        found = world.inbox.people.report(told.case)
        assert [(one.begin, one.end, one.how) for one in found.stretches] == [
            (NOW, NOW + 5 * HOUR, "answered")
        ]
        assert found.first_answer == 2 * HOUR


def test_what_a_supporter_is_told_is_no_answer_of_the_customers_wait() -> None:
    with temporary_world() as world:
        told = Told(world)
        told.passes(1)
        told.happens("fan", 1)
        told.happens("answer fan", 2)
        told.passes(4)
        assert world.inbox.people.report(told.case).waited == 5 * HOUR


def test_cases_that_were_merged_have_waited_as_each_of_them_did() -> None:
    with temporary_world() as world:
        told = Told(world)
        told.passes(2)
        told.happens("mail", 1)
        told.happens("answer a", 2)
        told.passes(4)
        other = world.case_of("INBOX/1/1")
        assert world.inbox.people.report(told.case).waited == 2 * HOUR
        with world.store.write("merge") as db:
            done = merging.merge(db, "lena", world.now, [told.case, other])
        told.passes(1)
        assert world.inbox.people.report(told.case).waited == 7 * HOUR
        told.happens("done", 3)
        told.passes(9)
        assert world.inbox.people.report(told.case).waited == 7 * HOUR
        with world.store.write("undo") as db:
            triage.undo_act(db, "lena", world.now, done.event)
        assert world.inbox.people.report(told.case).waited == 2 * HOUR


def test_what_was_split_off_keeps_the_waits_that_it_had() -> None:
    with temporary_world() as world:
        told = Told(world)
        told.happens("b", 1)
        told.passes(2)
        told.happens("answer a", 2)
        told.passes(1)
        with world.store.write("split") as db:
            done = merging.split(db, "lena", world.now, told.case, [world.thread_of("b1")])
        assert done.case is not None
        for case in (told.case, done.case):
            found = world.inbox.people.report(case)
            assert [(one.end, one.how) for one in found.stretches] == [(NOW + 2 * HOUR, "answered")]


def test_who_is_reopened_has_waited_all_the_while() -> None:
    with temporary_world() as world:
        told = Told(world)
        told.passes(2)
        told.happens("done", 1)
        told.passes(2)
        world.inbox.reopen(told.case)
        told.passes(2)
        assert world.inbox.people.report(told.case).waited == 6 * HOUR
