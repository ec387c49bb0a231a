"""The first rows of the queue, as plain text, while Textual is still being imported.

That import takes longer than all else together, and nobody should wait for it to see who waits longest. The
rows stand where Textual will draw them. Gives the terminal back if the interface never opens.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from inbox_tui.config.records import COLUMNS
from inbox_tui.errors import InboxError
from inbox_tui.model import CaseRow, Overview
from inbox_tui.records import dataclass
from inbox_tui.text import clean
from inbox_tui.tui.rows import ONE_PANE_BELOW, draw_row, row_height
from inbox_tui.tui.words import duration

if TYPE_CHECKING:
    from inbox_tui.inbox import Inbox
    from inbox_tui.tui.ink import Line

FIRST_PAGE = 100
"""Rows read at once when a view is opened: more than any terminal shows."""
_SIDEBAR = 20
_TOP = 3
"""Line of the first row, from 1: the header and another line stand above it."""
_ENTER = "\x1b[?1049h\x1b[?25l\x1b[2J"
_LEAVE = "\x1b[?25h\x1b[?1049l"
_BOLD = ("strong", "late", "trouble")


@dataclass(frozen=True, slots=True)
class Page:
    """The beginning of a view, painted before its ids are known."""

    view: str
    rows: tuple[CaseRow, ...]
    overview: Overview


def read_page(inbox: Inbox, view: str) -> Page:
    """The beginning of a view."""
    return Page(view, inbox.page(view, limit=FIRST_PAGE), inbox.overview())


@contextmanager
def painted(inbox: Inbox, shown: Collection[str] = COLUMNS) -> Iterator[Page | None]:
    """Show the longest waits at once: what was read, or None where the interface will say what is wrong.

    The interface is to be opened inside; where that fails, the terminal is as it was.
    """
    try:
        page = read_page(inbox, "waiting")
    except InboxError:
        yield None
        return
    size = os.get_terminal_size(sys.stderr.fileno())
    _write(_ENTER + picture(page, size.columns, size.lines, inbox.now(), shown))
    try:
        yield page
    except BaseException:
        _write(_LEAVE)
        raise


def picture(page: Page, columns: int, lines: int, now: int, shown: Collection[str] = COLUMNS) -> str:
    """What is written to a terminal of that size. shown: what a row tells."""
    wide = columns >= ONE_PANE_BELOW
    left, width = (_SIDEBAR, (columns - _SIDEBAR) // 2) if wide else (0, columns)
    width -= 1  # for the scroll bar
    tall = row_height(width, columns)
    out = [_placed(1, 1, _header(page.overview, now))]
    for number, row in enumerate(page.rows[: max(0, lines - _TOP) // tall]):
        mark = "▌" if number == 0 else " "
        for part in range(tall):
            line = draw_row(row, width - 1, now, number == 0, tall, part, shown)
            out.append(_placed(_TOP + number * tall + part, left + 1, ((mark, "plain"), *line)))
    return "".join(out)


def _header(overview: Overview, now: int) -> Line:
    wait = () if overview.longest is None else ((f"   longest {duration(now - overview.longest)}", "plain"),)
    return ((f" {overview.waiting} waiting", "strong"), *wait)


def _placed(line: int, column: int, spans: Line) -> str:
    """Spans at a place. Cleaned once more: nothing else stands between them and the terminal."""
    drawn = [(clean(text, multiline=False), ink) for text, ink in spans]
    shown = (f"\x1b[1m{text}\x1b[22m" if ink in _BOLD else text for text, ink in drawn)
    return f"\x1b[{line};{column}H" + "".join(shown)


def _write(text: str) -> None:
    # Where Textual draws, too.
    sys.stderr.write(text)
    sys.stderr.flush()
