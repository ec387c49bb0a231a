"""The composer: a title that says where a text goes and what is left of its length, and the text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import TextArea

from inbox_tui.model import Thread
from inbox_tui.text import cell_width, fit, left, name_or, snippet
from inbox_tui.tui import keys, words
from inbox_tui.tui.drafts import Writing
from inbox_tui.tui.ink import Drawn, Line, Span, cells, spread

SAVE_AFTER = 0.5
"""Seconds from the first unsaved letter to its saving."""


class Title(Drawn):
    """Channel, recipient, public or private, what is left."""

    def __init__(self, writing: Writing) -> None:
        super().__init__()
        self._writing = writing

    def lines(self, width: int) -> Sequence[Line]:
        thread = self._writing.thread
        if thread is None:
            return [
                _ruled([("── ", "faint"), ("Note", "strong"), (" only agents see it ", "dim")], [], width)
            ]
        can = thread.capabilities
        rest = left(self._writing.text, can.length_rule, can.max_length)
        right: list[Span] = []
        if rest is not None:
            right = [
                (
                    f" {rest} left" if rest >= 0 else f" ! {-rest} too long",
                    "plain" if rest >= 0 else "trouble",
                )
            ]
        room = width - cells(right) - 2
        return [_ruled(self._where(thread, room), right, width)]

    def _where(self, thread: Thread, room: int) -> list[Span]:
        """The explanations give way first, then the recipient; PUBLIC never does."""
        to = snippet(name_or(thread.customer.handle, name_or(thread.customer.name, "unknown")), 60)
        head, middle = f"{words.channel_name(thread.channel)} to ", " · "
        reach = "PUBLIC " if thread.public else "private "
        whole = f"Reply {words.on_channel(thread.channel)} to "
        if 3 + cell_width(whole + to + middle + reach) <= room:
            head = whole
        explained = "PUBLIC: everybody can read it "
        if thread.public and 3 + cell_width(head + to + middle + explained) <= room:
            reach = explained
        space = max(6, room - 3 - cell_width(head + middle + reach))
        if cell_width(to) > space:
            to = fit(to, space)
        ink = "note" if thread.public else "dim"
        return [("── ", "faint"), (head, "plain"), (to, "strong"), (middle, "faint"), (reach, ink)]


def _ruled(spans: Sequence[Span], right: Sequence[Span], width: int) -> Line:
    return spread(spans, right, width, fill=("─", "faint"))


class Composer(Vertical):
    """One text for one thread, or a note."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.COMPOSER]

    class Edited(Message):
        """There is something to save."""

    class Send(Message):
        """The agent wants it sent."""

    class Kept(Message):
        """The agent closed it."""

    class Read(Message):
        """The agent looks elsewhere in the case."""

        def __init__(self, lines: int) -> None:
            self.lines = lines
            super().__init__()

    def __init__(self, writing: Writing) -> None:
        super().__init__()
        self.writing = writing
        self._line = Title(writing)
        self._due = False

    def compose(self) -> ComposeResult:
        yield self._line
        area = TextArea(self.writing.text, soft_wrap=True, tab_behavior="focus", theme="css", compact=True)
        area.cursor_blink = False
        area.highlight_cursor_line = False
        area.move_cursor(area.document.end)
        yield area

    def on_mount(self) -> None:
        self.query_one(TextArea).focus()

    @on(TextArea.Changed)
    def _changed(self, event: TextArea.Changed) -> None:
        event.stop()
        if event.text_area.text == self.writing.text:
            return
        self.writing.text = event.text_area.text
        self.writing.agreed = False
        self._line.changed()
        if not self._due:
            self._due = True
            self.set_timer(SAVE_AFTER, self._save)

    def _save(self) -> None:
        self._due = False
        self.post_message(self.Edited())

    def action_send(self) -> None:
        self.post_message(self.Send())

    def action_keep(self) -> None:
        self.post_message(self.Kept())

    def action_read(self, lines: int) -> None:
        self.post_message(self.Read(lines))

    def action_stay(self) -> None:
        """Tab would otherwise lead to the next case in the middle of a text."""
