"""Textual's fields for typing, freed once they are closed; what is pasted is made harmless.

Textual's own leave word with the screen and the app whom to call at some later event, and it is taken back at
that event alone: the inbox's screen lives as long as the program, and would keep every field ever opened.
"""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input, TextArea

from inbox_tui.text import clean

_Watchers = dict[str, list[tuple[Widget, Callable[..., object]]]]


class Line(Input):
    """One line."""

    def render_lines(self, crop: Region) -> list[Strip]:
        return super().render_lines(crop) if self.is_attached else _nothing(crop)

    def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        super()._on_paste(events.Paste(clean(event.text, multiline=True)))
        event.stop()

    def on_unmount(self) -> None:
        _forget(self)


class Text(TextArea):
    """Several lines."""

    def render_lines(self, crop: Region) -> list[Strip]:
        return super().render_lines(crop) if self.is_attached else _nothing(crop)

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        await super()._on_paste(events.Paste(clean(event.text, multiline=True)))

    def on_unmount(self) -> None:
        _forget(self)


def _nothing(crop: Region) -> list[Strip]:
    """Once it was taken away Textual may draw it once more, asks for the look of its parts, and would end."""
    return [Strip.blank(crop.width)] * crop.height


def _forget(field: Widget) -> None:
    """Nobody calls it any more."""
    field.screen.text_selection_started_signal.unsubscribe(field)
    # `Reactive` keeps here who watches the app, and looks for those that are gone when the theme changes.
    watchers: _Watchers = getattr(field.app, "__watchers", {})
    for watching in watchers.values():
        watching[:] = [one for one in watching if one[0] is not field]
