"""The log on the screen, and the end of an interface that has a fault."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from inbox_tui import logs
from inbox_tui.tui.app import InboxApp
from tests.tui.driver import CONFIG, Driver, drive
from tests.tui.fake import door, story

MARK = "Zwiebelfisch"


def test_the_log_is_shown_the_newest_last(tmp_path: Path) -> None:
    async def steps(d: Driver) -> None:
        await d.press("L")
        await d.see("The log", "fetch failed account=shop", "second")
        logs.note("error", "third")
        await d.press("r")
        await d.see("third")
        await d.press("escape")
        await d.see("Petra Kurz")

    logs.begin(tmp_path / "inbox.log", "info")
    logs.note("warning", "fetch failed", account="shop")
    logs.note("error", "second")
    try:
        drive(story(), steps)
    finally:
        logs.end()


def test_an_interface_that_ends_by_a_fault_tells_no_value(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def go() -> None:
        app = InboxApp(door(story()), CONFIG)
        with pytest.raises(KeyError):
            async with app.run_test() as pilot:
                secret = f"hunter2 {MARK}"

                def broken() -> None:
                    raise KeyError(secret)

                app.call_later(broken)
                for _ in range(200):
                    await pilot.pause(0.02)
                    if app._exception is not None:
                        break
        app._print_error_renderables()

    logs.begin(tmp_path / "inbox.log", "info")
    try:
        asyncio.run(go())
    finally:
        logs.end()
    said = capsys.readouterr()
    shown = "".join((said.out + said.err).split())
    assert "hasafaultandended:KeyError" in shown and "broken" in shown and "inbox.log" in shown
    assert "isstored" in shown
    log = (tmp_path / "inbox.log").read_text()
    assert "interface ended by a fault kind=KeyError" in log
    assert MARK not in shown + log and "hunter2" not in shown + log
