"""Searching by keys, on a real store: as one types, saved views, and back to where one was."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from inbox_tui.config import SavedView
from inbox_tui.errors import ConfigError
from inbox_tui.model import CaseState, View
from inbox_tui.tui import keymap
from inbox_tui.tui.app import InboxApp
from tests.casework.world import NOW, World, post, temporary_world
from tests.tui.driver import CONFIG, SMALL, WIDE, Driver


def find(
    steps: Callable[[Driver], Awaitable[None]], size: tuple[int, int] = WIDE, query: str = "refund"
) -> None:
    saved = SavedView(name="money", query=query, key="f2")

    async def go(world: World) -> None:
        config = replace(CONFIG, views=(saved,))
        app = InboxApp(world.inbox, config)
        async with app.run_test(size=size) as pilot:
            d = Driver(app, pilot)
            await d.settle()
            await steps(d)

    with temporary_world() as world:
        for number, text in enumerate(
            ("I want my refund", "Die Straße ist zu", "refunds AB-2024-0815", "hello")
        ):
            world.take("shop", post(str(number), f"p{number}", NOW - number * 60_000, text))
        asyncio.run(go(world))


def test_what_is_found_fills_the_list_while_one_types_and_goes_with_escape() -> None:
    async def steps(d: Driver) -> None:
        await d.press("j", "slash")
        await d.type("refu")
        await d.until(lambda: d.inbox.queue.count == 2)
        await d.see("/ refu")
        assert "hello" not in d.text()
        await d.press("escape")
        await d.until(lambda: d.inbox.view == "waiting" and d.inbox.queue.count == 4)
        await d.settle()
        assert d.inbox.queue.has_focus
        assert not d.inbox.reading
        assert d.inbox.queue.cursor == 1
        await d.until(lambda: d.inbox.shown == d.inbox.queue.case)

    find(steps)


def test_enter_keeps_what_is_found_and_escape_goes_back() -> None:
    async def steps(d: Driver) -> None:
        await d.press("slash")
        await d.type("AB-2024-0815")
        await d.press("enter")
        await d.until(lambda: d.inbox.queue.count == 1)
        await d.press("enter")
        await d.see("refunds AB-2024-0815")
        await d.press("escape")
        assert d.inbox.queue.count == 1
        await d.press("escape")
        await d.until(lambda: d.inbox.queue.count == 4)

    find(steps, SMALL)


def test_nothing_found_and_a_wrong_value_say_what_to_do() -> None:
    async def steps(d: Driver) -> None:
        await d.press("slash")
        await d.type("unheardof")
        await d.press("enter")
        await d.see("Nothing found.", "/ changes the words")
        await d.press("slash")
        await d.type(" is:happy")
        await d.press("enter")
        await d.see('"happy" is nothing that is: knows')

    find(steps)


def test_fields_are_completed() -> None:
    async def steps(d: Driver) -> None:
        await d.press("slash")
        await d.type("is:wai")
        await d.see("is:waiting")
        await d.press("tab", "enter")
        await d.until(lambda: d.inbox.view == "search:is:waiting" and d.inbox.queue.count == 4)

    find(steps)


def test_a_saved_view_opens_by_its_key_and_stands_in_the_sidebar() -> None:
    async def steps(d: Driver) -> None:
        await d.see("money")
        await d.press("f2")
        await d.until(lambda: d.inbox.queue.count == 1)
        await d.see("refund · Esc goes back")
        await d.press("escape")
        await d.until(lambda: d.inbox.view == "waiting")

    find(steps)


def test_an_act_on_what_was_found() -> None:
    async def steps(d: Driver) -> None:
        await d.press("slash")
        await d.type("hello")
        await d.press("enter")
        await d.until(lambda: d.inbox.queue.count == 1)
        await d.press("e")
        await d.see("p3: done · u undoes")

    find(steps)


def test_a_case_without_files_says_so() -> None:
    async def steps(d: Driver) -> None:
        await d.press("D")
        await d.see("No file came with this case.")

    find(steps)


@pytest.mark.parametrize("size", [SMALL, WIDE])
def test_a_search_begins_in_a_case_too(size: tuple[int, int]) -> None:
    async def steps(d: Driver) -> None:
        await d.press("enter")
        await d.until(lambda: d.inbox.reading)
        await d.press("slash")
        await d.type("stra")
        await d.see("/ stra")
        await d.until(lambda: d.inbox.queue.count == 1)

    find(steps, size)


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"inbox.dnoe": "d"}, "no such act"),
        ({"inbox.done": "r"}, "r is inbox.reply"),
        ({"inbox.done": "alt+d"}, "would not arrive"),
        ({"inbox.done": ""}, "is no key"),
    ],
)
def test_keys_that_cannot_be_are_named(given: dict[str, str], wrong: str) -> None:
    with pytest.raises(ConfigError, match=wrong):
        keymap.check(replace(CONFIG, keys=given))
    keymap.check(replace(CONFIG, keys={"inbox.done": "d", "inbox.reply": "e"}))
    with pytest.raises(ConfigError, match=r"views\.money\.key: e is inbox\.done"):
        keymap.check(replace(CONFIG, views=(SavedView(name="money", query="x", key="e"),)))


def test_a_search_is_counted_by_what_it_found_and_not_by_the_list_before() -> None:
    async def steps(d: Driver) -> None:
        counted: list[str] = []
        show = d.inbox.sidebar.show

        def told(views: tuple[View, ...], open_view: str) -> None:
            counted.extend(f"{view.title} {view.count}" for view in views if view.title.startswith("/"))
            show(views, open_view)

        d.inbox.sidebar.show = told  # type: ignore[method-assign]
        await d.press("slash")
        await d.type("hello")
        await d.press("enter")
        await d.until(lambda: d.inbox.queue.count == 1)
        await d.settle()
        assert counted[-1] == "/ hello 1"
        assert not {line for line in counted if line.endswith(" 4")}

    find(steps)


def test_escape_from_the_line_of_a_search_leaves_the_keys_with_the_queue() -> None:
    """In a wide terminal they would mean the case beside it, which may be another one."""

    async def steps(d: Driver) -> None:
        for typed in ("", "refu"):
            await d.press("j", "slash")
            await d.type(typed)
            await d.press("escape")
            await d.until(lambda: not d.app.screen.query("Prompt") and d.inbox.view == "waiting")
            await d.settle()
            assert d.inbox.queue.has_focus and not d.inbox.reading
            under = d.inbox.queue.case
            assert under is not None
            await d.press("e")
            await d.see("done · u undoes")
            assert d.app.inbox.case(under).row.state is CaseState.DONE
            await d.settle()

    find(steps)
