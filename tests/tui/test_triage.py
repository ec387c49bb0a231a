"""Sorting cases by keys: on one, on all that are marked, and back again."""

from __future__ import annotations

from inbox_tui.desk.when import parse
from tests.tui.driver import SMALL, WIDE, Driver, drive
from tests.tui.fake import FakeInbox, story


def did(fake: FakeInbox, act: str) -> list[str]:
    return [call for call in fake.calls if call.startswith(act)]


def test_enter_twice_takes_a_case() -> None:
    async def steps(d: Driver) -> None:
        await d.press("a")
        await d.see("Assign to", "anna", "nobody")
        await d.press("enter")
        await d.see("Hajo Brandt: goes to anna · u undoes", "→anna")
        await d.press("2")
        await d.see("Hajo Brandt")
        assert "Petra Kurz" not in d.text()

    fake = story()
    drive(fake, steps, SMALL)
    assert did(fake, "assign") == ["assign 12 anna"]


def test_who_is_typed_and_who_is_chosen() -> None:
    async def steps(d: Driver) -> None:
        await d.press("a", "down", "enter")
        await d.see("goes to ben")
        await d.press("a")
        await d.see("Assign to")
        await d.type("clara")
        await d.press("enter")
        await d.see("goes to clara")
        await d.press("a")
        await d.see("Assign to")
        await d.type("no")
        await d.press("enter")
        await d.see("is nobody's now")

    fake = story()
    drive(fake, steps, WIDE)
    assert did(fake, "assign") == ["assign 12 ben", "assign 12 clara", "assign 12 "]


def test_escape_leaves_everything_as_it_is() -> None:
    async def steps(d: Driver) -> None:
        await d.press("b")
        await d.see("Snooze until", "tomorrow 9", "until the customer writes")
        await d.type("3 q")
        await d.press("escape")
        await d.see("n note")
        assert d.inbox.queue.has_focus

    fake = story()
    drive(fake, steps, SMALL)
    assert did(fake, "snooze") == []


def test_tags_are_completed_put_on_and_taken_off() -> None:
    async def steps(d: Driver) -> None:
        await d.press("t")
        await d.see("Tags")
        await d.type("re")
        await d.press("tab", "enter")
        await d.see("tagged refund", "#refund")
        await d.press("t")
        await d.see("take off")
        await d.type("vip -refund")
        await d.press("enter")
        await d.see("#vip")
        assert "#refund" not in d.text()

    drive(story(), steps, WIDE)


def test_a_snoozed_case_leaves_the_queue_and_says_when_it_comes_back() -> None:
    async def steps(d: Driver) -> None:
        await d.press("b", "down", "enter")
        await d.see("Hajo Brandt: comes back Tue 3 Nov 09:00 · u undoes", "7 waiting (1 snoozed)")
        await d.until(lambda: d.inbox.queue.case == 20)
        await d.press("5")
        await d.see("Hajo Brandt", "until Tue 09:00")
        await d.press("b")
        await d.see("back into the queue now")
        await d.press("enter")
        await d.see("Hajo Brandt: back in the queue", "1 Waiting       7")

    fake = story()
    drive(fake, steps, WIDE)
    from datetime import UTC

    assert did(fake, "snooze") == [f"snooze 12 {parse('tomorrow 9', fake.clock, UTC)}"]


def test_what_is_no_time_is_said_and_nothing_happens() -> None:
    async def steps(d: Driver) -> None:
        await d.press("b")
        await d.see("Snooze until")
        await d.type("soonish")
        await d.press("enter")
        await d.see('"soonish" is no time')

    fake = story()
    drive(fake, steps, SMALL)
    assert did(fake, "snooze") == []


def test_marked_cases_share_the_next_act_and_one_undo() -> None:
    async def steps(d: Driver) -> None:
        await d.press("x", "x")
        await d.see("2 cases marked")
        assert d.inbox.queue.marked == {12, 20}
        await d.press("e")
        await d.see("2 cases done · u undoes", "5 waiting")
        assert d.inbox.queue.marked == set()
        await d.press("u")
        await d.see("Undone: done of 2 cases.", "7 waiting")

    drive(story(), steps, WIDE)


def test_all_of_a_view_are_marked_and_none() -> None:
    async def steps(d: Driver) -> None:
        await d.press("asterisk")
        await d.see("7 cases marked")
        await d.press("asterisk")
        assert d.inbox.queue.marked == set()
        await d.press("x", "4")
        await d.see("Marta Vogel")
        assert d.inbox.queue.marked == set()

    drive(story(), steps, SMALL)


def test_spam_and_a_wrong_guess_go_and_come_back_by_the_same_key() -> None:
    async def steps(d: Driver) -> None:
        await d.press("s")
        await d.see("is spam, and so is what this sender writes later", "6 waiting")
        await d.press("left_square_bracket")
        await d.until(lambda: d.inbox.queue.case == 12 and d.inbox.view == "spam")
        await d.see("case 12")
        await d.press("s")
        await d.see("is no spam", "7 waiting")
        await d.press("1", "w")
        await d.see("is automatic", "6 waiting")

    fake = story()
    drive(fake, steps, WIDE)
    assert did(fake, "spam") == ["spam 12 True", "spam 12 False"]


def test_priority_and_undo_several_steps_back() -> None:
    async def steps(d: Driver) -> None:
        await d.press("p", "enter")
        await d.see("priority urgent", "urgent iPhone")
        await d.press("a", "enter")
        await d.see("→anna")
        await d.press("u")
        await d.see("Undone: assign of 1 case.")
        await d.press("u")
        await d.see("Undone: priority of 1 case.")
        assert "urgent iPhone" not in d.text()
        await d.press("u")
        await d.see("no act of yours")

    drive(story(), steps, SMALL)


def test_letters_are_letters_while_something_is_asked_or_written() -> None:
    async def steps(d: Driver) -> None:
        await d.press("t")
        await d.see("Tags")
        await d.type("us")
        await d.press("escape", "r")
        await d.see("to @hajo")
        await d.type("absturz 1*")
        await d.see("absturz 1*")

    fake = story()
    drive(fake, steps, WIDE)
    assert [call for call in fake.calls if not call.startswith("draft")] == []


def test_a_prompt_that_closes_gives_the_keys_back_to_the_queue() -> None:
    """In a wide terminal the keys would mean the case beside the queue, which may be another one."""

    async def steps(d: Driver) -> None:
        await d.press("j")
        for answer in ("escape", "enter"):
            await d.press("p")
            await d.see("Priority")
            await d.press(answer)
            await d.until(lambda: not d.app.screen.query("Prompt"))
            await d.settle()
            assert d.inbox.queue.has_focus
            assert not d.inbox.reading

    fake = story()
    drive(fake, steps, WIDE)
    assert did(fake, "priority") == ["priority 20 urgent"]


def test_a_prompt_asked_over_a_case_gives_the_keys_back_to_the_case() -> None:
    async def steps(d: Driver) -> None:
        await d.press("enter", "p")
        await d.see("Priority")
        await d.press("escape")
        await d.until(lambda: d.inbox.timeline.has_focus)
        assert d.inbox.reading

    drive(story(), steps, WIDE)


def test_marks_are_said_as_long_as_the_next_act_is_on_them() -> None:
    async def steps(d: Driver) -> None:
        await d.press("x", "x")
        await d.see("2 cases marked", "Esc unmarks")
        await d.press("enter")
        await d.until(lambda: d.inbox.reading)
        assert "2 cases marked" in d.bottom()
        await d.press("b")
        await d.see("Snooze until")
        assert "2 cases marked" in d.bottom()
        await d.press("escape", "escape")
        await d.until(lambda: not d.inbox.reading)
        assert d.inbox.queue.marked == {12, 20}
        await d.press("escape")
        await d.until(lambda: "marked" not in d.bottom())
        assert d.inbox.queue.marked == set()

    for size in (SMALL, WIDE):
        drive(story(), steps, size)


def test_a_mark_is_seen_under_the_cursor_too() -> None:
    async def steps(d: Driver) -> None:
        await d.press("x", "k")
        await d.until(lambda: d.inbox.queue.cursor == 0)
        await d.see("╋ 4 d 4 h")
        await d.press("j")
        await d.see("+ 4 d 4 h")

    drive(story(), steps, SMALL)


def test_no_mark_follows_into_another_view() -> None:
    async def steps(d: Driver) -> None:
        await d.press("4")
        await d.see("Marta Vogel")
        await d.press("x")
        await d.see("1 case marked")
        await d.press("tab")
        await d.until(lambda: d.inbox.view == "waiting" and not d.inbox.queue.marked)
        await d.until(lambda: "marked" not in d.bottom())

    drive(story(), steps, SMALL)


def test_an_act_is_on_the_case_it_was_asked_for() -> None:
    async def steps(d: Driver) -> None:
        await d.press("p")
        await d.see("Priority")
        d.inbox.queue.cursor = 2
        await d.press("enter")
        await d.see("Hajo Brandt: priority urgent")

    fake = story()
    drive(fake, steps, SMALL)
    assert did(fake, "priority") == ["priority 12 urgent"]


def test_a_click_beside_a_prompt_ends_it_and_nothing_happens() -> None:
    async def steps(d: Driver) -> None:
        await d.press("p")
        await d.see("Priority")
        await d.pilot.click(d.inbox.queue, offset=(5, 3))
        await d.until(lambda: not d.app.screen.query("Prompt"))
        assert d.inbox.queue.case != 12

    fake = story()
    drive(fake, steps, WIDE)
    assert did(fake, "priority") == []


def test_what_the_marked_are_decides_what_spam_means() -> None:
    async def steps(d: Driver) -> None:
        await d.press("s")
        await d.see("6 waiting")
        d.inbox.open_view("all")
        await d.settle()
        assert d.inbox.queue.go_to(12)
        await d.press("x")
        await d.until(lambda: d.inbox.queue.case not in (None, 12))
        await d.press("s")
        await d.see("is no spam", "7 waiting")

    fake = story()
    drive(fake, steps, WIDE)
    assert did(fake, "spam") == ["spam 12 True", "spam 12 False"]


def test_undo_tells_first_that_what_was_written_since_stays() -> None:
    async def steps(d: Driver) -> None:
        await d.press("p")
        await d.type("high")
        await d.press("enter")
        await d.see("u undoes")
        await d.press("n")
        await d.type("He called.")
        await d.press("ctrl+s")
        await d.see("He called.")
        await d.until(lambda: d.inbox.queue.case == 12 and not d.inbox.awaits)
        await d.press("u")
        await d.see("the note in case 12 stays as it is", "u again undoes what you did before it")
        assert did(fake, "undo") == []
        await d.press("u")
        await d.see("Undone: priority of 1 case.")

    fake = story()
    drive(fake, steps, WIDE)
    assert did(fake, "undo") == ["undo priority"]


def test_undo_puts_the_cursor_on_what_came_back() -> None:
    async def steps(d: Driver) -> None:
        await d.press("j", "e")
        await d.see("done · u undoes")
        await d.until(lambda: d.inbox.queue.case != 20)
        await d.settle()
        await d.press("u")
        await d.see("Undone: done of 1 case.")
        await d.until(lambda: d.inbox.queue.case == 20)

    drive(story(), steps, WIDE)


def test_a_name_that_begins_another_one_can_be_given() -> None:
    async def steps(d: Driver) -> None:
        await d.press("a")
        await d.see("Assign to")
        await d.type("an")
        await d.see("as you typed it")
        await d.press("down", "enter")
        await d.see("goes to an ·")

    fake = story()
    drive(fake, steps, SMALL)
    assert did(fake, "assign") == ["assign 12 an"]
