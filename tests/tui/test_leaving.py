"""Leaving while customers wait: nobody is forgotten, and nobody is kept."""

from __future__ import annotations

from dataclasses import replace

from inbox_tui.errors import StoreLocked
from tests.tui.driver import SMALL, WIDE, Driver, drive
from tests.tui.fake import FakeInbox, story


def mine(*cases: int) -> FakeInbox:
    """The story, with some cases in the agent's hands."""
    fake = story()
    for case in cases:
        whole = fake.cases[case]
        fake.cases[case] = replace(whole, row=replace(whole.row, assignee="anna"))
    return fake


def test_who_has_nobody_waiting_leaves_at_once() -> None:
    async def steps(d: Driver) -> None:
        await d.press("q")

    assert drive(story(), steps) == 0


def test_q_lists_who_still_waits_and_the_next_q_leaves() -> None:
    async def steps(d: Driver) -> None:
        await d.press("q")
        await d.see("2 customers still wait on you", "4 d 4 h", "Hajo Brandt", "Shop Nord", "q leave")
        assert d.app._exit is False
        await d.press("q")

    assert drive(mine(12, 21), steps, SMALL) == 0


def test_what_is_cut_in_a_list_says_so() -> None:
    """The last column belongs to the scrollbar: the mark of what was cut must stand before it."""
    fake = mine(12)
    whole = fake.cases[12]
    fake.cases[12] = replace(whole, row=replace(whole.row, subject="no service " * 9))

    async def steps(d: Driver) -> None:
        await d.press("q")
        await d.see("1 customer still waits on you")
        row = next(row for row in d.rows() if "Hajo Brandt" in row)
        assert "…" in row[-2:]

    drive(fake, steps, SMALL)


def test_enter_leaves_too() -> None:
    async def steps(d: Driver) -> None:
        await d.press("q")
        await d.see("1 customer still waits on you")
        await d.press("enter")

    assert drive(mine(12), steps) == 0


def test_escape_stays() -> None:
    async def steps(d: Driver) -> None:
        await d.press("q")
        await d.see("1 customer still waits on you")
        await d.press("escape")
        await d.see("Enter open")
        assert d.app._exit is False

    drive(mine(12), steps)


def test_a_case_gets_another_owner() -> None:
    async def steps(d: Driver) -> None:
        await d.press("q")
        await d.see("2 customers still wait on you")
        await d.press("a")
        await d.see("Assign to", "ben", "nobody")
        assert "anna" not in d.text(), "giving it to oneself changes nothing"
        await d.press("enter")
        await d.see("1 customer still waits on you", "Hajo Brandt: goes to ben")
        assert d.text().count("Hajo") == 1, "he is on the list no more"

    fake = mine(12, 21)
    drive(fake, steps, WIDE)
    assert "assign 12 ben" in fake.calls


def test_a_case_gets_a_time() -> None:
    async def steps(d: Driver) -> None:
        await d.press("q")
        await d.see("1 customer still waits on you")
        await d.press("b")
        await d.see("Snooze until", "tomorrow 9")
        await d.press("down", "enter")
        await d.see("Nobody waits on you", "Every case of yours has an owner, a time or a promise.")
        await d.press("q")

    fake = mine(12)
    assert drive(fake, steps, WIDE) == 0
    assert any(call.startswith("snooze 12") for call in fake.calls)


def test_a_customer_is_promised_an_answer_and_then_keeps_nobody_here() -> None:
    async def steps(d: Driver) -> None:
        await d.press("q")
        await d.see("2 customers still wait on you")
        await d.press("P")
        await d.see("He hears from us by", "tomorrow 17")
        await d.press("enter")
        await d.see("1 customer still waits on you", "1 more of yours, promised an answer")
        await d.see("Hajo Brandt: hears from us by 16:12")
        assert d.text().count("Hajo") == 1, "he is on the list no more"
        await d.press("P", "enter")
        await d.see("Nobody waits on you", "2 more of yours, promised an answer")
        await d.press("escape")
        await d.see("Enter open")
        await d.press("q")

    fake = mine(12, 21)
    assert drive(fake, steps, WIDE) == 0
    assert [call.split()[:2] for call in fake.calls if call.startswith("promise")] == [
        ["promise", "12"],
        ["promise", "21"],
    ]


def test_a_promise_that_was_broken_keeps_him_here() -> None:
    async def steps(d: Driver) -> None:
        await d.press("q")
        await d.see("1 customer still waits on you")

    fake = mine(12)
    whole = fake.cases[12]
    fake.cases[12] = replace(whole, row=replace(whole.row, promised=1, broken=True))
    drive(fake, steps, WIDE)


def test_a_time_that_has_passed_is_no_promise() -> None:
    async def steps(d: Driver) -> None:
        await d.press("q")
        await d.see("1 customer still waits on you")
        await d.press("P")
        await d.see("He hears from us by")
        await d.type("soonish")
        await d.press("enter")
        await d.see('"soonish" is no time', "1 customer still waits on you")

    drive(mine(12), steps, WIDE)


def test_q_can_be_typed_where_something_is_asked() -> None:
    async def steps(d: Driver) -> None:
        await d.press("q")
        await d.see("1 customer still waits on you")
        await d.press("a")
        await d.see("Assign to")
        await d.type("quinn")
        await d.see("quinn")
        await d.press("enter")
        await d.see("Nobody waits on you")

    fake = mine(12)
    drive(fake, steps, WIDE)
    assert "assign 12 quinn" in fake.calls


def test_escape_at_the_question_goes_back_to_the_list() -> None:
    async def steps(d: Driver) -> None:
        await d.press("q")
        await d.see("1 customer still waits on you")
        await d.press("b")
        await d.see("Snooze until")
        await d.press("escape")
        await d.until(lambda: "Snooze until" not in d.text())
        await d.see("1 customer still waits on you")

    fake = mine(12)
    drive(fake, steps, WIDE)
    assert not any(call.startswith("snooze") for call in fake.calls)


def test_a_time_that_is_none_is_told_and_the_case_stays() -> None:
    async def steps(d: Driver) -> None:
        await d.press("q")
        await d.see("1 customer still waits on you")
        await d.press("b")
        await d.see("Snooze until")
        await d.type("soonish")
        await d.press("enter")
        await d.see('"soonish" is no time', "1 customer still waits on you")

    drive(mine(12), steps, WIDE)


def test_a_case_can_be_opened_after_all() -> None:
    async def steps(d: Driver) -> None:
        await d.press("q")
        await d.see("2 customers still wait on you")
        await d.press("j", "o")
        await d.until(lambda: d.inbox.shown == 21)
        await d.see("Could you deliver before Friday?")

    drive(mine(12, 21), steps, WIDE)


def test_a_broken_store_keeps_nobody_here() -> None:
    async def steps(d: Driver) -> None:
        fake.broken = StoreLocked("the store is locked")
        await d.press("q")

    fake = mine(12)
    assert drive(fake, steps) == 0


def test_the_agent_is_seen_when_he_comes_and_when_he_does_something() -> None:
    async def steps(d: Driver) -> None:
        await d.until(lambda: fake.seen == 1)
        await d.press("j")
        await d.until(lambda: fake.seen == 2)
        await d.pilot.pause(0.6)
        assert fake.seen == 2, "a terminal that is left open is nobody who is there"

    fake = story()
    drive(fake, steps)


def test_who_sees_to_the_desk_alone_is_whom_all_wait_on() -> None:
    """An owner assigns nothing to himself: he would be told that nobody waits."""
    fake = story()
    fake.alone = True

    async def steps(d: Driver) -> None:
        await d.press("q")
        await d.see("7 customers still wait on you", "Hajo Brandt", "Petra Kurz")
        await d.press("q")

    assert drive(fake, steps) == 0


def test_who_leaves_others_behind_is_told_of_cases_that_nobody_has() -> None:
    async def steps(d: Driver) -> None:
        await d.press("q")
        await d.see("1 customer still waits on you", "6 cases that nobody has")
        await d.press("q")

    assert drive(mine(12), steps) == 0
