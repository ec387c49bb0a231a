"""The list: of any length, and steady under the eyes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from inbox_tui.config import COLUMNS
from inbox_tui.model import CaseRow, CaseState, Priority
from inbox_tui.text import cell_width
from inbox_tui.tui.rows import draw_row
from tests.tui.driver import SMALL, WIDE, Driver, drive
from tests.tui.fake import MINUTE, NOW, FakeInbox, crowd, hajo, story


def where(d: Driver) -> tuple[int | None, int]:
    """The case under the cursor, and its line of the screen."""
    queue = d.inbox.queue
    return queue.case, queue.cursor * queue._tall - queue.scroll_offset.y


def test_the_longest_wait_is_read_first_with_waits_aligned() -> None:
    async def steps(d: Driver) -> None:
        rows = [row for row in d.rows() if "Hajo Brandt" in row or "Petra Kurz" in row or "Ali Demir" in row]
        assert [row[:12] for row in rows] == ["▌ 4 d 4 h !!", "      9 h ! ", "   40 min . "]
        assert "m x f  Hajo Brandt" in rows[0]

    drive(story(), steps)


def test_rows_take_two_lines_in_a_narrow_terminal_and_one_in_a_wide_one() -> None:
    async def narrow(d: Driver) -> None:
        rows = d.rows()
        line = next(n for n, row in enumerate(rows) if "Shop Nord" in row)
        assert "Delivery to Bremen" not in rows[line]
        assert "Delivery to Bremen  Could you deliver" in rows[line + 1]

    async def large(d: Driver) -> None:
        assert any("Shop Nord" in row and "Delivery to Bremen" in row for row in d.rows())

    drive(story(), narrow, SMALL)
    drive(story(), large, (160, 45))


def test_the_cursor_goes_as_far_as_there_are_cases() -> None:
    async def steps(d: Driver) -> None:
        await d.press("k")
        assert where(d)[0] == 1
        await d.press("j", "down")
        assert where(d)[0] == 3
        await d.press("G")
        await d.see("Person 500")
        assert where(d)[0] == 500
        await d.press("j")
        assert where(d)[0] == 500
        await d.press("g")
        assert where(d) == (1, 0)
        await d.press("pagedown")
        assert where(d)[0] == 10

    drive(crowd(500), steps)


def test_only_rows_near_the_screen_are_read() -> None:
    asked: list[int] = []

    class Counting(FakeInbox):
        def rows(self, ids: Sequence[int]) -> dict[int, CaseRow]:
            asked.extend(ids)
            return super().rows(ids)

    fake = Counting()
    fake.cases = crowd(2000).cases

    async def steps(d: Driver) -> None:
        await d.press("G")
        await d.see("Person 2000")

    drive(fake, steps)
    assert len(set(asked)) < 800


def test_the_end_that_is_asked_for_before_it_is_known_is_found() -> None:
    async def steps(d: Driver) -> None:
        queue = d.inbox.queue
        whole = queue._ids[:]
        queue.open_view([queue._rows[case] for case in whole[:20]], ())
        queue.action_last()
        assert queue.cursor == 19
        queue.update_ids(whole, dict(queue._rows), ())
        assert queue.cursor == len(whole) - 1
        queue.action_first()
        queue.update_ids(whole, dict(queue._rows), ())
        assert queue.cursor == 0

    drive(crowd(60), steps)


def test_a_new_case_moves_neither_cursor_nor_text() -> None:
    async def steps(d: Driver) -> None:
        await d.press(*"jjjjjjjjjjjj")
        before = where(d)
        rows = [row[:78] for row in d.rows()[2:22]]
        first = fake.cases[1]
        older = [replace(message, sent_at=message.sent_at - 10**9) for message in first.timeline]
        fake.add(9000, "A. Newcomer", older, first.threads)
        await d.until(lambda: len(d.inbox.queue._ids) == 101)
        await d.settle()
        assert where(d) == before
        assert [row[:78] for row in d.rows()[2:22]] == rows

    fake = crowd(100)
    drive(fake, steps)


def test_a_case_that_leaves_the_view_stays_until_the_cursor_leaves_it() -> None:
    async def steps(d: Driver) -> None:
        await d.press("j", "j")
        before = where(d)
        fake.turn(3, CaseState.PENDING)
        await d.until(
            lambda: 3 not in fake.ids("waiting") and d.inbox.overview and d.inbox.overview.waiting == 9
        )
        await d.settle()
        assert where(d) == before
        await d.see("pending")
        await d.press("j")
        assert where(d)[0] == 4
        fake.bump()
        await d.until(lambda: 3 not in d.inbox.queue._ids)
        assert where(d)[0] == 4

    fake = crowd(10)
    drive(fake, steps)


def test_waits_grow_without_any_news() -> None:
    async def steps(d: Driver) -> None:
        assert "3 min" in d.text()
        fake.clock += 5 * MINUTE
        d.inbox._tick()
        await d.see("8 min")

    fake = story()
    drive(fake, steps)


def test_a_click_takes_the_row_and_opens_it_where_one_pane_is_shown() -> None:
    async def steps(d: Driver) -> None:
        await d.pilot.click(d.inbox.queue, offset=(20, 4))
        await d.see("Shop Nord", "Could you deliver before Friday?", "case 21")

    drive(story(), steps, SMALL)


def test_the_preview_follows_when_the_cursor_rests() -> None:
    async def steps(d: Driver) -> None:
        await d.see("case 12")
        await d.press("j", "j")
        await d.see("case 21 ", "Could you deliver before Friday?")

    drive(story(), steps, WIDE)


@pytest.mark.parametrize("lines", [1, 2])
@pytest.mark.parametrize("left_out", [(), *((name,) for name in COLUMNS), COLUMNS])
def test_rows_are_as_wide_as_the_pane_whatever_they_tell(left_out: tuple[str, ...], lines: int) -> None:
    told = {
        "channel": "m x f",
        "count": "6 messages",
        "priority": "urgent",
        "until": "until reply",
        "assignee": "→anna",
        "tags": "#vip",
        "subject": "iPhone does",
        "text": "and now you post",
    }
    if lines == 1:
        del told["count"]
    row = replace(
        hajo(FakeInbox()).row, assignee="anna", tags=("vip",), priority=Priority.URGENT, snoozed=True
    )
    shown = [name for name in COLUMNS if name not in left_out]
    drawn = [draw_row(row, 140, NOW, False, lines, part, shown) for part in range(lines)]
    for line in drawn:
        assert sum(cell_width(text) for text, _ in line) <= 140
    text = "\n".join("".join(span for span, _ in line) for line in drawn)
    assert "4 d 4 h" in text and "Hajo Brandt" in text
    assert {name for name, words in told.items() if words in text} == set(told) - set(left_out)


def test_the_scrollbar_says_where_the_list_is_however_long_it_is() -> None:
    async def steps(d: Driver) -> None:
        queue, bar = d.inbox.queue, d.inbox.queue.vertical_scrollbar
        before = queue._thumb(bar.position)
        await d.press("pagedown", "pagedown", "pagedown")
        assert queue.scroll_offset.y > 0
        assert bar.position == queue.scroll_offset.y
        await d.press("G")
        await d.see("Person 500")
        assert bar.position == queue.scroll_offset.y
        assert queue._thumb(bar.position) > before

    drive(crowd(500), steps)


def test_lines_that_are_kept_follow_theme_and_size() -> None:
    async def steps(d: Driver) -> None:
        queue = d.inbox.queue

        def grounds() -> set[object]:
            region = queue.region.size.region
            return {style.bgcolor for strip in queue.render_lines(region) for _, style, _ in strip if style}

        dark = grounds()
        d.inbox.app.theme = "inbox-light"
        await d.settle()
        assert not dark & grounds()
        await d.press("j")
        assert not dark & grounds()

    drive(story(), steps)


def test_a_row_of_two_lines_stands_whole_at_the_top() -> None:
    async def steps(d: Driver) -> None:
        assert d.inbox.queue.size.height % 2, "the pane has half a row to spare"
        for key in ("end", "home", *["j"] * 25, *["k"] * 15, "pagedown", "pageup"):
            await d.press(key)
            assert d.inbox.queue.scroll_offset.y % 2 == 0, key
        await d.press("end")
        assert "Person 60" in d.text()

    drive(crowd(60), steps, SMALL)
