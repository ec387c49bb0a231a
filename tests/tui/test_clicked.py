"""A click that comes when what it meant is gone already."""

from __future__ import annotations

import pytest
from textual.geometry import Offset
from textual.widget import Widget

from tests.tui.driver import WIDE, Driver, drive
from tests.tui.fake import story


def test_a_click_on_what_was_removed_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async def steps(d: Driver) -> None:
        monkeypatch.setattr(
            type(d.app.screen), "get_widget_and_offset_at", lambda *_: (Widget(), Offset(0, 0))
        )
        await d.pilot.mouse_down(offset=(20, 5))
        await d.pilot.mouse_up(offset=(20, 5))
        await d.press("j")
        assert "Hajo" in d.text()

    drive(story(), steps, WIDE)
