"""Fields for typing take keys in their order, also where a slow line brings several at once."""

from __future__ import annotations

import asyncio

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from inbox_tui.tui.suggest import Option, matching
from inbox_tui.tui.typeahead import KeysInOrder
from inbox_tui.tui.widgets.prompt import Prompt
from tests.tui.driver import SMALL, Driver, drive
from tests.tui.fake import story


def together(app: App[int], *keys: str) -> None:
    """Keys that are there before the first of them was looked at."""
    for key in keys:
        app.post_message(events.Key(key, key if len(key) == 1 else None))


@pytest.mark.parametrize("place", ["r", "n"])
def test_what_takes_a_letter_away_takes_none_that_came_after_it(place: str) -> None:
    async def steps(d: Driver) -> None:
        await d.press(place)
        await d.see("keep")
        together(d.app, "a", "b", "backspace", "left", "c", "end", "d")
        await d.see("cad")

    drive(story(), steps, SMALL)


class Asking(KeysInOrder):
    """A prompt and what it was answered."""

    answer: str | None = None

    def compose(self) -> ComposeResult:
        yield Prompt("Which", matching([Option("one"), Option("two")]), text="x", instead=True)

    def on_prompt_answered(self, event: Prompt.Answered) -> None:
        self.answer = event.answer


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (("ctrl+u", "t", "enter"), "two"),
        (("ctrl+u", "o", "x", "backspace", "enter"), "one"),
        # Enter must not overtake the arrow that has chosen what it takes.
        (("backspace", "down", "enter"), "two"),
    ],
)
def test_enter_takes_what_was_typed_and_chosen_before_it(keys: tuple[str, ...], answer: str) -> None:
    async def run() -> str | None:
        app = Asking()
        async with app.run_test() as pilot:
            await _settled(pilot)
            together(app, *keys)
            for _ in range(200):
                if app.answer is not None:
                    break
                await pilot.pause(0.01)
        return app.answer

    assert asyncio.run(run()) == answer


async def _settled(pilot: Pilot[int]) -> None:
    while pilot.app.focused is None:
        await pilot.pause(0.01)
    await pilot.pause()
