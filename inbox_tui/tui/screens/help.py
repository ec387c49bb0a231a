"""The keys of the place where one is, then all others, and what the marks mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from inbox_tui.text import fit
from inbox_tui.tui import keys
from inbox_tui.tui.ink import Drawn, Line, Span, cells
from inbox_tui.tui.sheet import wrap
from inbox_tui.tui.widgets.pick import Label, Reader
from inbox_tui.tui.widgets.status import BETWEEN

Section = tuple[str, Sequence[Binding]]
WHOLE = 60
"""Cells from which on there is room for a wider margin."""
MARKS = (
    ("m x f", "mail, X, Facebook: where the customer wrote"),
    (". ! !!", "on time, due within an hour, overdue"),
    ("✗", "a reply was not sent, or nobody knows"),
    ("●", "a message that is still owed an answer"),
    ("┃ ┊ ·", "our reply, a note, our own post"),
    ("+", "marked: the next act is on all that are"),
    ("→anna", "whose case it is"),
    ("#refund", "a tag"),
    ("until Fri", "put off until then, or until the customer writes"),
    ("high", "its priority, where that is not the usual one"),
)


def given_keys(screen: Screen[Any]) -> Mapping[str, str]:
    """The keys that the configuration gives, by id."""
    found: Mapping[str, str] = getattr(screen.app, "given_keys", {})
    return found


def explain(screen: Screen[Any], place: str, bindings: Sequence[Binding]) -> None:
    """Show the keys of a small screen."""
    screen.app.push_screen(HelpScreen(place, (("", bindings), ("Move", keys.MOVE))))


class Hints(Drawn):
    """The keys of a screen, on its bottom line."""

    def __init__(self, bindings: Sequence[Binding]) -> None:
        super().__init__(id="hints")
        self._told = bindings

    def lines(self, width: int) -> Sequence[Line]:
        spans: list[Span] = [(" ", "plain")]
        for key, does in keys.pairs(self._told, given_keys(self.screen)):
            pair: list[Span] = [(key, "accent"), (f" {does}{' ' * BETWEEN}", "dim")]
            # A key without its word says nothing.
            if cells(spans) + cells(pair) > width + BETWEEN:
                break
            spans += pair
        last, ink = spans.pop()
        return [(*spans, (last.rstrip() or " ", ink))]


class HelpScreen(Screen[None]):
    """Every key and what it does, from the one table."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.HELP]

    def __init__(self, place: str, here: Sequence[Section]) -> None:
        """place: where one is, after "Keys". here: the keys that do something there."""
        super().__init__()
        self._place, self._here = place, here

    def compose(self) -> ComposeResult:
        yield Label(((f" Keys {self._place}", "strong"),), id="title")
        yield Reader(self._lines)
        yield Hints((*keys.HELP, *keys.MOVE))

    def action_close(self) -> None:
        self.dismiss()

    def _lines(self, width: int) -> list[Line]:
        lines: list[Line] = []
        known = {binding.id for _, bindings in self._here for binding in bindings}
        for title, bindings in self._here:
            lines += self._section(title, bindings, width)
        lines.append((("  Marks", "strong"),))
        for mark, meaning in MARKS:
            lines += _told(mark, meaning, width)
        lines += [(), (("  Elsewhere", "faint"),), ()]
        for title, bindings in keys.GROUPS:
            rest = [binding for binding in bindings if binding.id not in known]
            if rest:
                lines += self._section(title, rest, width)
        return lines

    def _section(self, title: str, bindings: Sequence[Binding], width: int) -> list[Line]:
        lines: list[Line] = [((f"  {title}", "strong"),)] if title else []
        views = [binding for binding in bindings if ".view" in (binding.id or "") and binding.key.isdigit()]
        for binding in bindings:
            if binding in views[1:] or not binding.description:
                continue
            name, more = keys.names(binding, given_keys(self)), binding.tooltip
            if binding in views:
                name, more = "1 – 9", "The views of the list, in their order"
            lines += _told(name, more, width)
        return [*lines, ()]


def _told(name: str, meaning: str, width: int) -> list[Line]:
    """A key or a mark, and what it means, beside it in as many lines as that takes."""
    inset, wide = (4, 14) if width >= WHOLE else (2, 12)
    said = list(wrap(meaning, max(2, width - inset - wide)))
    head = " " * inset + fit(name, wide - 1) + " "
    blank = " " * (inset + wide)
    return [((blank if number else head, "accent"), (line, "plain")) for number, line in enumerate(said)]
