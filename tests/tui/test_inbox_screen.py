"""What an agent does with the inbox, key by key."""

from __future__ import annotations

from dataclasses import replace

from inbox_tui.model import CaseState, ReplyState
from inbox_tui.tui.ink import cells
from inbox_tui.tui.sheet import Sheet
from inbox_tui.tui.words import channel_word
from tests.tui.driver import LARGE, SMALL, WIDE, Driver, drive
from tests.tui.fake import FakeInbox, crowd, story


def shown(d: Driver) -> list[str]:
    """The timeline, without its scrollbar."""
    return [row[:78] for row in d.rows()[5:22]]


def test_enter_opens_the_case_alone_and_escape_leads_back() -> None:
    async def steps(d: Driver) -> None:
        assert "case 12" not in d.text()
        await d.press("enter")
        await d.see("case 12", "My phone says")
        assert "Petra Kurz" not in d.text()
        await d.press("escape")
        await d.see("Petra Kurz")
        assert "My phone says" not in d.text()

    drive(story(), steps, SMALL)


def test_a_case_opened_after_another_has_the_whole_width_at_once() -> None:
    """A pane out of sight has no size: what is laid out then must not stay as narrow as that."""

    async def steps(d: Driver) -> None:
        widths: list[int] = []
        show = d.inbox.timeline.show

        def noted(sheet: Sheet, at: int | None = None) -> None:
            widths.append(sheet.width)
            show(sheet, at)

        d.inbox.timeline.show = noted  # type: ignore[method-assign]
        for key in ("enter", "escape", "j", "enter"):
            await d.press(key)
            await d.settle()
        assert set(widths) == {77}

    drive(story(), steps, SMALL)


def test_no_text_is_cut_in_a_terminal_of_forty_columns() -> None:
    async def steps(d: Driver) -> None:
        await d.press("enter")
        await d.settle()
        sheet = d.inbox.timeline.sheet
        assert sheet is not None and sheet.width == 37
        assert max(cells(line) for line in sheet.lines) <= 37

    drive(story(), steps, (40, 24))


def test_a_case_opened_after_the_terminal_was_resized_has_its_new_width() -> None:
    async def steps(d: Driver) -> None:
        for key in ("enter", "escape", "j"):
            await d.press(key)
            await d.settle()
        await d.pilot.resize_terminal(100, 24)
        await d.press("enter")
        await d.settle()
        sheet = d.inbox.timeline.sheet
        assert sheet is not None and sheet.width == 97

    drive(story(), steps, SMALL)


def test_three_panes_stand_side_by_side_in_a_wide_terminal() -> None:
    async def steps(d: Driver) -> None:
        await d.see("1 Waiting", "Petra Kurz", "My phone says")

    drive(story(), steps, WIDE)


def test_the_terminal_may_change_its_size() -> None:
    async def steps(d: Driver) -> None:
        await d.pilot.resize_terminal(*WIDE)
        await d.see("1 Waiting", "Petra Kurz", "My phone says")
        await d.pilot.resize_terminal(*SMALL)
        await d.until(lambda: "My phone says" not in d.text())

    drive(story(), steps, SMALL)


def test_numbers_open_views() -> None:
    async def steps(d: Driver) -> None:
        await d.press("4")
        await d.see("Marta Vogel")
        assert "Hajo Brandt" not in d.text()
        await d.press("6")
        await d.see("Jo Stein")
        await d.press("8")
        await d.see("Zoë O'Neill", "Hajo Brandt")
        assert "Petra Kurz" not in d.text()
        await d.press("1")
        await d.see("Petra Kurz")


def test_brackets_step_through_all_views_and_round() -> None:
    async def steps(d: Driver) -> None:
        await d.press("right_square_bracket")
        await d.see("You have no case.")
        await d.press("left_square_bracket", "left_square_bracket")
        await d.until(lambda: d.inbox.view == "spam")

    drive(story(), steps, SMALL)


def test_the_open_view_is_named_in_a_small_terminal_wherever_it_stands() -> None:
    """Every view that is stepped to says its name and its count, and neither is cut."""

    async def steps(d: Driver) -> None:
        for _ in d.inbox.listed_views():
            await d.press("right_square_bracket")
            await d.settle()
            view = next(view for view in d.inbox.listed_views() if view.key == d.inbox.view)
            named = d.rows()[1].partition("▌")[2]
            assert f"{channel_word(view.title)} {view.count}" in named
            assert "…" not in d.rows()[1]

    drive(story(), steps, (60, 24))


def test_tab_leads_from_one_wait_to_the_next() -> None:
    async def steps(d: Driver) -> None:
        await d.press("tab")
        await d.until(lambda: d.inbox.queue.case == 20)
        await d.press("enter")
        await d.see("case 20")
        await d.press("tab")
        await d.see("case 21")
        await d.press("escape", "6")
        await d.see("Jo Stein")
        await d.press("tab")
        await d.until(lambda: d.inbox.view == "waiting" and d.inbox.queue.case == 12)

    drive(story(), steps, SMALL)


def test_tab_says_so_where_nobody_waits() -> None:
    async def steps(d: Driver) -> None:
        await d.press("tab")
        await d.see("Nobody waits.")

    drive(FakeInbox(), steps)


def test_done_takes_the_case_away_and_goes_on_with_the_next() -> None:
    async def steps(d: Driver) -> None:
        await d.press("e")
        await d.see("Hajo Brandt: done · u undoes")
        assert fake.cases[12].row.state is CaseState.DONE
        await d.until(lambda: 12 not in d.inbox.queue._ids)
        assert d.inbox.queue.case == 20
        await d.press("E")
        await d.see("Hajo Brandt: open again")
        assert fake.ids("waiting")[0] == 12
        # The next key is meant for the case that came back.
        await d.until(lambda: d.inbox.queue.case == 12)

    fake = story()
    drive(fake, steps)


def test_a_key_means_the_case_under_the_cursor_even_before_its_preview() -> None:
    async def steps(d: Driver) -> None:
        await d.press("j", "e")
        await d.see("Petra Kurz: done")
        assert [call for call in fake.calls if call.startswith("done")] == ["done 20"]

    fake = story()
    drive(fake, steps, WIDE)


def test_reopen_means_the_case_that_is_read_where_that_is_done() -> None:
    async def steps(d: Driver) -> None:
        await d.press("6", "enter")
        await d.see("case 41")
        await d.press("E")
        await d.see("Jo Stein: open again")

    drive(story(), steps)


def test_a_new_message_does_not_move_the_text_that_is_read() -> None:
    async def steps(d: Driver) -> None:
        await d.press("enter")
        await d.see("My phone says")
        await d.press("j", "j", "j")
        before = shown(d)
        fake.arrive(12, "I am still here.")
        await d.see("1 new below · G shows")
        assert shown(d) == before
        await d.press("G")
        await d.see("I am still here.")

    fake = story()
    drive(fake, steps)


def test_a_case_of_hundreds_of_messages_opens() -> None:
    async def steps(d: Driver) -> None:
        await d.press("enter")
        await d.see("case 1 ")
        await d.press("G")
        await d.see("line 399")

    fake = crowd(1)
    whole = fake.cases[1]
    first = whole.timeline[0]
    many = tuple(replace(first, id=5000 + n, text=f"line {n}", owed=False) for n in range(400))
    fake.cases[1] = replace(whole, timeline=(first, *many), last_message=5399)
    drive(fake, steps)


def test_full_text_shows_what_was_folded() -> None:
    async def steps(d: Driver) -> None:
        await d.press("v")
        await d.see("full text")
        await d.press("pagedown")
        await d.see("line 11 of the order", "application/pdf")
        await d.press("v")
        await d.see("quoted 16 lines · v")

    drive(story(), steps)


def test_fetch_asks_the_worker() -> None:
    async def steps(d: Driver) -> None:
        await d.press("f")
        await d.see("Every account is asked for news now.")
        assert "fetch" in fake.calls

    fake = story()
    drive(fake, steps)


def test_quitting_asks_nothing_and_changes_nothing() -> None:
    async def steps(d: Driver) -> None:
        await d.press("r")
        await d.see("Reply on X")
        await d.type("yes")
        await d.press("ctrl+s")
        await d.see("sending in 8 s")
        await d.press("q")

    fake = story()
    assert drive(fake, steps) == 0
    assert [reply.state for reply in fake.replies.values() if reply.text == "yes"] == [ReplyState.QUEUED]


def test_the_worker_is_started_after_the_first_paint() -> None:
    started: list[str] = []

    async def steps(d: Driver) -> None:
        await d.until(lambda: started)

    drive(story(), steps, start_worker=lambda: started.append("yes"))
    assert started == ["yes"]


def test_a_worker_that_does_not_start_is_named() -> None:
    def fail() -> None:
        raise OSError("no such file")

    async def steps(d: Driver) -> None:
        await d.see("The worker could not be started", "fetch --follow")

    drive(story(), steps, LARGE, start_worker=fail)
