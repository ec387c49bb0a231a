"""Every act by its name; colours that are kept without losing a comment."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from inbox_tui.config import COLUMNS, THEMES, UiConfig, load
from inbox_tui.tui.app import InboxApp
from tests.tui.driver import CONFIG, SMALL, WIDE, Driver, drive
from tests.tui.fake import FakeInbox, door, story


def test_an_act_is_found_by_a_word_and_done() -> None:
    async def steps(d: Driver) -> None:
        await d.press("ctrl+p")
        await d.see("Act")
        await d.type("done")
        await d.press("enter")
        await d.see("Hajo Brandt: done · u undoes")

    drive(story(), steps, SMALL)


def test_the_keys_of_the_acts_stand_under_each_other() -> None:
    async def steps(d: Driver) -> None:
        await d.press("ctrl+p")
        await d.see("Act")
        rows = [row for row in d.rows() if "Open the case" in row or "Reply where the customer" in row]
        assert rows[0].index("Open the case") == rows[1].index("Reply where the customer")
        assert rows[0].index("Enter") == rows[1].index(" r ") + 1

    drive(story(), steps, SMALL)


def test_views_are_among_them_and_its_own_prompt_follows_an_act() -> None:
    async def steps(d: Driver) -> None:
        await d.press("ctrl+p")
        await d.see("Act")
        await d.type("view pend")
        await d.press("enter")
        await d.see("Marta Vogel")
        await d.press("ctrl+p")
        await d.see("Act")
        await d.type("snooze")
        await d.press("enter")
        await d.see("Snooze until")

    drive(story(), steps, WIDE)


def test_a_theme_is_worn_and_kept_beside_the_comments(tmp_path: Path) -> None:
    file = tmp_path / "my.toml"
    file.write_text('# mine\nstore = "a.db"  # here\n')
    fake = story()

    async def go() -> None:
        app = InboxApp(door(fake), replace(CONFIG, path=file))
        async with app.run_test(size=SMALL) as pilot:
            d = Driver(app, pilot)
            await d.settle()
            await d.press("ctrl+p")
            await d.see("Act")
            await d.type("theme light")
            await d.press("enter")
            await d.see("Theme light, kept in my.toml.")
            assert app.theme == "inbox-light"

    asyncio.run(go())
    assert file.read_text().startswith('# mine\nstore = "a.db"  # here\n')
    assert load(str(file)).ui == UiConfig(theme="light")


def test_every_theme_draws_and_its_inks_differ_from_its_ground() -> None:
    for theme in THEMES:

        async def go(theme: str = theme) -> None:
            app = InboxApp(door(FakeInbox()), replace(CONFIG, ui=UiConfig(theme=theme)))
            async with app.run_test(size=SMALL) as pilot:
                d = Driver(app, pilot)
                await d.see("Nobody waits.")
                style = d.inbox.queue.style_of("dim", "")
                assert style.color != style.bgcolor

        asyncio.run(go())


def test_a_column_is_left_out_and_that_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "my.toml"
    file.write_text("# mine\n[ui]\ntheme = 'light'  # bright\n")
    fake = story()

    async def go() -> None:
        app = InboxApp(door(fake), replace(CONFIG, path=file))
        async with app.run_test(size=SMALL) as pilot:
            d = Driver(app, pilot)
            await d.see("6 messages", "m x f")
            for column, gone in (("count", "6 messages"), ("channel", "m x f")):
                await d.press("ctrl+p")
                await d.see("Act")
                await d.type(f"column {column}")
                await d.press("enter")
                await d.see(f"Column {column} left out, kept in my.toml.")
                assert gone not in d.text()
            await d.press("ctrl+p")
            await d.see("Act")
            await d.type("column count")
            await d.see("show it")
            await d.press("enter")
            await d.see("6 messages")

    asyncio.run(go())
    assert file.read_text().startswith("# mine\n[ui]\ntheme = 'light'  # bright\n")
    assert load(str(file)).ui.columns == tuple(name for name in COLUMNS if name != "channel")


def test_while_one_writes_its_acts_are_among_them() -> None:
    async def steps(d: Driver) -> None:
        await d.press("r")
        await d.type("Hello")
        await d.press("ctrl+p")
        await d.see("Act")
        await d.type("keep")
        await d.press("enter")
        await d.see("Draft kept.")

    drive(story(), steps, SMALL)
