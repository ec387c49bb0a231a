"""The views with their counts: a column beside the queue, or one line over it in a narrow terminal."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.message import Message

from inbox_tui.model import View
from inbox_tui.text import cell_width, fit, snippet
from inbox_tui.tui.ink import Drawn, Line, Span
from inbox_tui.tui.words import channel_word, within


class Sidebar(Drawn):
    """Shows the views; the one that is open is marked."""

    class Chosen(Message):
        """A view was clicked."""

        def __init__(self, number: int) -> None:
            self.number = number
            super().__init__()

    def __init__(self) -> None:
        super().__init__()
        self._views: tuple[View, ...] = ()
        self._open = ""
        self._places: list[tuple[int, int, int]] = []

    def show(self, views: tuple[View, ...], open_view: str) -> None:
        """Take the views, in the order of their keys 1–9."""
        self._views, self._open = views, open_view
        self.changed()

    def lines(self, width: int) -> Sequence[Line]:
        return [self._flat(width)] if self.size.height == 1 else self._column(width)

    def _column(self, width: int) -> list[Line]:
        lines: list[Line] = [()]
        before = ""
        self._places = []
        for number, view in enumerate(self._views, 1):
            channel = view.key.startswith("channel:")
            kind = "channel" if channel else "other" if before in ("channel", "other") else before
            if kind != before:
                lines.append(())
            before = kind
            self._places.append((len(lines), 0, width))
            opened = view.key == self._open
            count = str(view.count) if view.count else ""
            title = fit(_title(view), width - 6 - len(count))
            lines.append(
                (
                    ("▌" if opened else " ", "accent"),
                    (f"{number if number < 10 else ' '} ", "dim"),
                    (title, "strong" if opened else "plain"),
                    (f" {count}", "strong" if opened else "dim"),
                )
            )
        return lines

    def _flat(self, width: int) -> Line:
        """As many as fit; the one that is open always does, wherever it stands in their order."""
        spans: list[Span] = []
        self._places = []
        used, full = 0, False
        crowded = sum(len(_title(view)) + 6 for view in self._views[:9]) > width
        texts = [_short(number, view) for number, view in enumerate(self._views, 1)]
        kept = sum(
            cell_width(text) + 2 for text, view in zip(texts, self._views, strict=True) if self._is(view)
        )
        for number, (text, view) in enumerate(zip(texts, self._views, strict=True), 1):
            wide = cell_width(text) + 2
            # Where room is short, the views that matter least go without a mention; their keys still work.
            least = number > 9 or (crowded and not view.count)
            # After the first for which there is no room all are left out: their order has no holes.
            full = full or (not least and not self._is(view) and used + wide + kept > width)
            if not self._is(view) and (full or least):
                self._places.append((0, 0, 0))
                continue
            if self._is(view):
                kept = 0
            spans += [
                ("▌" if self._is(view) else " ", "accent"),
                (text + " ", "strong" if self._is(view) else "dim"),
            ]
            self._places.append((0, used, used + wide))
            used += wide
        return tuple(spans)

    def _is(self, view: View) -> bool:
        """It is the one that is open."""
        return view.key == self._open

    def on_click(self, event: events.Click) -> None:
        for number, (line, start, end) in enumerate(self._places, 1):
            if event.y == line and start <= event.x < end:
                self.post_message(self.Chosen(number))


def _title(view: View) -> str:
    title = snippet(view.title, 40)
    return channel_word(title) if view.key.startswith("channel:") else title


def _short(number: int, view: View) -> str:
    title = within(_title(view), 12)
    return f"{number} {title} {view.count}" if number < 10 else f"{title} {view.count}"
