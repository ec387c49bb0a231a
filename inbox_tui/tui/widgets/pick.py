"""A short list of things to choose from, and a list of lines to read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from inbox_tui.tui import keys
from inbox_tui.tui.ink import Drawn, DrawnScroll, Line, paint


class Pick(DrawnScroll, can_focus=True):
    """Items of one or more lines each; a cursor stands on one of them."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.MOVE]

    class Taken(Message):
        """An item was clicked."""

    cursor: reactive[int] = reactive(0, init=False)

    def __init__(self, items: Sequence[Sequence[Line]], empty: Sequence[Line] = ()) -> None:
        super().__init__()
        self._empty = tuple(empty)
        self._lines: list[tuple[int, Line]] = []
        self._count = 0
        self._take(items)

    @property
    def index(self) -> int | None:
        """The item under the cursor."""
        return self.cursor if self.cursor < self._count else None

    def show(self, items: Sequence[Sequence[Line]], empty: Sequence[Line] = ()) -> None:
        """Other items; the cursor keeps its place. empty: what to say where there is none."""
        self._empty = tuple(empty)
        self._take(items)
        self.cursor = min(self.cursor, max(0, self._count - 1))
        self.refresh()

    def _take(self, items: Sequence[Sequence[Line]]) -> None:
        self._lines = []
        apart = any(len(item) > 2 for item in items)
        for number, item in enumerate(items):
            if number and apart:
                self._lines.append((-1, ()))
            self._lines += [(number, line) for line in item]
        self._count = len(items)
        self.set_height(len(self._lines))

    def on_resize(self) -> None:
        self.set_height(len(self._lines))

    def validate_cursor(self, cursor: int) -> int:
        return max(0, min(cursor, self._count - 1))

    def watch_cursor(self) -> None:
        own = [y for y, (number, _) in enumerate(self._lines) if number == self.cursor]
        if own and own[-1] >= self.scroll_offset.y + self.size.height:
            self.to_line(own[-1] - self.size.height + 1)
        elif own and own[0] < self.scroll_offset.y:
            self.to_line(own[0])

    def on_click(self, event: events.Click) -> None:
        y = event.y + self.scroll_offset.y
        if y < len(self._lines):
            self.cursor = max(0, self._lines[y][0])
            self.post_message(self.Taken())

    def action_down(self) -> None:
        self.cursor += 1

    def action_up(self) -> None:
        self.cursor -= 1

    action_page_down, action_page_up = action_down, action_up

    def action_first(self) -> None:
        self.cursor = 0

    def action_last(self) -> None:
        self.cursor = self._count - 1

    def render_line(self, y: int) -> Strip:
        # The last column is the scrollbar's.
        width = max(1, self.size.width - 1)
        if not self._lines:
            return paint(self, self._empty[y] if y < len(self._empty) else (), width)
        at = y + self.scroll_offset.y
        if at >= len(self._lines):
            return paint(self, (), width)
        number, line = self._lines[at]
        here = number == self.cursor
        return paint(self, (("▌ " if here else "  ", "accent"), *line), width, "cursor" if here else "")


class Reader(DrawnScroll, can_focus=True):
    """Lines to read."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.MOVE]

    def __init__(self, laid_out: Callable[[int], Sequence[Line]]) -> None:
        """laid_out: the lines for so many cells."""
        super().__init__()
        self._laid_out = laid_out
        self._lines: tuple[Line, ...] = ()

    def on_resize(self) -> None:
        # The last column is the scrollbar's.
        self._lines = tuple(self._laid_out(max(2, self.size.width - 1)))
        self.set_height(len(self._lines))
        self.refresh()

    def action_down(self) -> None:
        self.to_line(self.scroll_offset.y + 1)

    def action_up(self) -> None:
        self.to_line(self.scroll_offset.y - 1)

    def action_page_down(self) -> None:
        self.to_line(self.scroll_offset.y + max(1, self.size.height - 2))

    def action_page_up(self) -> None:
        self.to_line(self.scroll_offset.y - max(1, self.size.height - 2))

    def action_first(self) -> None:
        self.to_line(0)

    def action_last(self) -> None:
        self.to_line(len(self._lines))

    def render_line(self, y: int) -> Strip:
        at = y + self.scroll_offset.y
        return paint(self, self._lines[at] if at < len(self._lines) else (), self.size.width)


class Label(Drawn):
    """A line or two of words."""

    def __init__(self, *lines: Line, id: str | None = None) -> None:
        super().__init__(id=id)
        self._words = lines

    def say(self, *lines: Line) -> None:
        """Other words."""
        self._words = lines
        self.changed()

    def lines(self, width: int) -> Sequence[Line]:  # noqa: ARG002
        return self._words
