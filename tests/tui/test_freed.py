"""What was closed is freed: an interface stays open for days, and each key would leave something behind."""

from __future__ import annotations

import gc
from collections import Counter

import pytest
from textual._styles_cache import StylesCache
from textual.widget import Widget

from tests.tui.driver import WIDE, Driver, drive
from tests.tui.fake import story

TIMES = 4
"""How often each is opened before and after the count: what is loaded at first use is there by then."""


def alive() -> Counter[str]:
    """Widgets in memory, by kind, and what keeps the lines of one."""
    gc.collect()
    kept = (Widget, StylesCache)
    return Counter(type(one).__qualname__ for one in gc.get_objects() if isinstance(one, kept))


@pytest.mark.parametrize(
    ("keys", "kind"),
    [
        (("r", "x", "escape", "escape"), "Composer"),
        (("n", "x", "escape", "escape"), "Composer"),
        (("R", "escape"), "ChooserScreen"),
        (("slash", "x", "escape", "escape"), "Prompt"),
        (("t", "x", "escape"), "Prompt"),
        (("ctrl+p", "escape"), "Prompt"),
        (("question_mark", "escape"), "HelpScreen"),
        (("exclamation_mark", "escape"), "TroublesScreen"),
        (("L", "escape"), "LogScreen"),
        (("v", "escape"), "FullTextScreen"),
        (("i", "escape"), "PersonScreen"),
        (("1", "2", "1"), "Queue"),
    ],
)
def test_what_was_closed_is_freed(keys: tuple[str, ...], kind: str) -> None:
    async def often(d: Driver) -> None:
        for _ in range(TIMES):
            for key in keys:
                await d.press(key)
                await d.settle()

    async def steps(d: Driver) -> None:
        await d.press(keys[0])
        await d.settle()
        assert alive()[kind], d.text()
        for key in keys[1:]:
            await d.press(key)
        await often(d)
        before = alive()
        await often(d)
        left: Counter[str] = Counter()

        def gone() -> bool:
            nonlocal left
            left = alive() - before
            return not left

        # A screen that was closed may still be on its way out.
        with pytest.MonkeyPatch.context() as told:
            told.setattr(d, "text", lambda: f"left behind: {dict(left)}")
            await d.until(gone)

    drive(story(), steps, WIDE)
