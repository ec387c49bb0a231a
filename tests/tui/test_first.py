"""The first rows, drawn before Textual is there."""

from __future__ import annotations

import subprocess
import sys

import pyte
import pytest

from inbox_tui.tui.first import Page, picture, read_page
from tests.tui.fake import NOW, door, story


def drawn(page: Page, columns: int, lines: int) -> list[str]:
    screen = pyte.Screen(columns, lines)
    pyte.Stream(screen).feed(picture(page, columns, lines, NOW))
    return list(screen.display)


@pytest.mark.parametrize(("columns", "lines"), [(40, 10), (80, 24), (120, 40), (160, 45)])
def test_whoever_waits_longest_stands_first(columns: int, lines: int) -> None:
    page = read_page(door(story()), "waiting")
    screen = drawn(page, columns, lines)
    assert f"{page.overview.waiting} waiting" in screen[0]
    name = page.rows[0].person.name.split()[0]
    assert name in screen[2]
    assert "▌" in screen[2]


def test_a_tiny_terminal_is_not_overrun() -> None:
    assert len(drawn(read_page(door(story()), "waiting"), 30, 3)) == 3


def test_it_needs_no_textual() -> None:
    code = "import sys, inbox_tui.tui.first; print(sorted({'textual', 'rich'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
