"""Where can this customer be asked to go on? Every way of the firm, and why one is closed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from inbox_tui.model import Case, Place
from inbox_tui.text import fit, snippet
from inbox_tui.tui import keys, words
from inbox_tui.tui.ink import Line
from inbox_tui.tui.screens.help import Hints, explain
from inbox_tui.tui.sheet import wrap
from inbox_tui.tui.widgets.pick import Label, Pick

_NONE: Line = (("  There is no account to which a customer could go: inbox-tui init sets one up.", "dim"),)
_INSET = 4
_MOST = 3
"""Lines that are said of one way."""


class PlacesScreen(Screen[Place | None]):
    """Takes the places of a case; gives the one that was chosen, None where the agent went back."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.PLACES]

    def __init__(self, case: Case, places: Sequence[Place], now: int) -> None:
        """now: milliseconds UTC."""
        super().__init__()
        self._case, self._places, self._now = case, places, now

    def compose(self) -> ComposeResult:
        name = words.person_name(self._case.row.person.name)
        yield Label(((f" Where shall {name} go on?", "strong"),), self._so_far(), id="title")
        yield Pick([], [_NONE])
        yield Hints(keys.PLACES)

    def _so_far(self) -> Line:
        """How the last hand-off of the case stands."""
        sent = [one for one in self._case.handoffs if one.sent_at is not None]
        return ((f" {words.handed_off(sent[-1], self._now)}", "note"),) if sent else ()

    def on_mount(self) -> None:
        self.query_one(Pick).focus()

    def on_resize(self) -> None:
        width = max(20, self.size.width - _INSET - 1)
        self.query_one(Pick).show([_item(one, width) for one in self._places], [_NONE])

    def on_pick_taken(self) -> None:
        self.action_take()

    def action_take(self) -> None:
        place = self.query_one(Pick).index
        if place is not None:
            self.dismiss(self._places[place])

    def action_help(self) -> None:
        explain(self, "in this choice", keys.PLACES)

    def action_close(self) -> None:
        self.dismiss(None)


def _item(one: Place, width: int) -> list[Line]:
    """One way: what it is, and what is to be known of it."""
    stands = ("open", "accent") if one.open else ("closed", "trouble")
    first: Line = (
        (fit(f" {words.initial(words.DESTINATIONS[one.to])}", 26), "strong" if one.open else "dim"),
        (fit(snippet(one.account, 20), 12), "dim"),
        stands,
    )
    ink = "note" if one.open else "trouble"
    said = (
        list(wrap(words.sentence(words.initial(one.why_not or one.note)), width))
        if one.why_not or one.note
        else []
    )
    if len(said) > _MOST:
        said = [*said[: _MOST - 1], fit(said[_MOST - 1] + " …", width).rstrip()]
    return [first, *(((" " * _INSET, "plain"), (line, ink)) for line in said)]
