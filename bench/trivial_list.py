"""The least that a list of a million rows can be in Textual. What `keys` compares with.

A windowed `ScrollView` drawn line by line, as wide and high as the queue of the interface, with rows of two
lines as there, and scrolled by half pages; each line is one piece of text. No store, no case, no counters.
"""

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Static

ROW = "row 0 of the list"
_ROWS = 1_000_000
_TALL = 2
_PLAIN, _CURSOR = Style(color="grey70"), Style(color="white", bgcolor="grey23")


class Rows(ScrollView, can_focus=True):
    """The rows, and a cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [("j", "down")]
    DEFAULT_CSS = "Rows { width: 50; height: 1fr; }"
    cursor = 0

    def on_mount(self) -> None:
        self.virtual_size = Size(48, _ROWS * _TALL)
        self.focus()

    def action_down(self) -> None:
        """The next row."""
        self.cursor += 1
        line, height = self.cursor * _TALL, self.size.height
        if line + _TALL > self.scroll_offset.y + height:
            self.scroll_to(y=line + _TALL - height // 2, animate=False, force=True)
        self.refresh_lines(line - _TALL, 2 * _TALL)

    def render_line(self, y: int) -> Strip:
        number, part = divmod(y + self.scroll_offset.y, _TALL)
        style = _CURSOR if number == self.cursor else _PLAIN
        text = "  what it is about" if part else f"row {number} of the list"
        return Strip([Segment(text, style)]).adjust_cell_length(self.size.width, style)


class TrivialList(App[None]):
    """The list alone, with a line above and one below as the interface has."""

    def compose(self) -> ComposeResult:
        yield Static("a list")
        yield Rows()
        yield Static("j next")


if __name__ == "__main__":
    TrivialList().run()
