"""The bottom line: an error with what mends it, and keys that are named whole or not at all."""

from __future__ import annotations

from textual.geometry import Region

from inbox_tui.text import cell_width
from inbox_tui.tui.widgets.composer import Title
from inbox_tui.tui.widgets.status import Status
from tests.tui.driver import SMALL, Driver, drive
from tests.tui.fake import story


def said(status: Status, width: int) -> str:
    (line,) = status.lines(width)
    return "".join(text for text, _ in line)


def test_a_short_error_leaves_its_room_to_what_mends_it() -> None:
    status = Status(lambda: 0)
    status.complain("No template.", "write one in [templates.NAME] of the configuration")
    assert said(status, 80).endswith("write one in [templates.NAME] of the configuration · Esc")


def both(status: Status, width: int) -> list[str]:
    return ["".join(text for text, _ in line) for line in status.lines(width)]


def test_an_error_that_needs_a_second_line_takes_it() -> None:
    status = Status(lambda: 0)
    status.complain(
        '"done" of case 1 is not undone: the case has moved since', "the act before it can be undone"
    )
    first, second = both(status, 80)
    assert first == ' ! "done" of case 1 is not undone: the case has moved since'
    assert second == "   the act before it can be undone · Esc"


def test_an_error_longer_than_a_line_goes_on_in_the_second() -> None:
    status = Status(lambda: 0)
    status.complain("wrong " * 20, "mend it")
    first, second = both(status, 80)
    assert first.count("wrong") + second.count("wrong") == 20 and second.endswith("mend it · Esc")


def test_an_error_without_end_leaves_a_line_to_what_mends_it() -> None:
    status = Status(lambda: 0)
    status.complain("wrong " * 40, "mend " * 40)
    first, second = both(status, 80)
    assert cell_width(first) <= 80 and cell_width(second) <= 80
    assert first.count("wrong") > 10 and second.count("mend") > 10 and second.endswith("· Esc")


def test_news_that_needs_a_second_line_takes_it() -> None:
    async def steps(d: Driver) -> None:
        d.inbox.status.tell("Saved " + "/a long folder" * 6 + "/file.png")
        await d.see("/file.png")
        d.inbox.status.clear()
        await d.until(lambda: d.bottom().rstrip().endswith("q quit"))

    drive(story(), steps, SMALL)


def test_a_key_is_named_with_its_word_or_not_at_all() -> None:
    async def steps(d: Driver) -> None:
        await d.press("v")
        await d.see("full text", "g first")
        assert d.bottom().rstrip().endswith("g first")

    drive(story(), steps, SMALL)


def test_while_one_writes_it_says_how_to_leave_and_where_the_rest_is_found() -> None:
    async def steps(d: Driver) -> None:
        await d.press("r")
        await d.see("to @hajo")
        assert d.bottom().rstrip().endswith("Esc keep   Ctrl+P palette")

    drive(story(), steps, SMALL)


def test_the_smallest_terminal_names_sending_and_leaving() -> None:
    async def steps(d: Driver) -> None:
        await d.press("r")
        await d.see("to @hajo")
        await d.see("Ctrl+S send", "Esc keep")
        for keys in (("escape",), ("b",), ("escape", "question_mark"), ("escape", "exclamation_mark")):
            await d.press(*keys)
            await d.settle()
        assert "Replies that need you" in d.text()
        assert "try again" in d.bottom()

    drive(story(), steps, (40, 12))


def test_a_frame_that_asks_for_what_was_just_removed_gets_blanks() -> None:
    async def steps(d: Driver) -> None:
        await d.press("r")
        await d.see("to @hajo")
        (title,) = d.inbox.query(Title)
        await d.press("escape")
        await d.until(lambda: title.parent is None)
        title.notify_style_update()
        (line,) = title.render_lines(Region(0, 0, 40, 1))
        assert line.text == " " * 40

    drive(story(), steps, SMALL)


def test_a_long_link_is_cut_and_leaves_no_line_half_empty() -> None:
    status = Status(lambda: 0)
    status.tell("Opened https://shop.example/" + "a" * 200)
    (line,) = both(status, 80)
    assert line.startswith(" Opened https://shop.example/aaa") and line.endswith("…")
    assert cell_width(line) <= 80
