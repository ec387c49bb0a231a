"""The links of a case, each whole, before one is opened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from inbox_tui.desk.links import Link
from inbox_tui.model import Case
from inbox_tui.text import cell_width, fit
from inbox_tui.tui import keys, words
from inbox_tui.tui.ink import Line
from inbox_tui.tui.screens.help import Hints, explain
from inbox_tui.tui.sheet import wrap
from inbox_tui.tui.widgets.pick import Label, Pick


class Wanted(NamedTuple):
    """What is to be done with a link."""

    url: str
    copy: bool


class LinksScreen(Screen[Wanted | None]):
    """Which link? Each stands there in full: nothing opens that was not seen."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.LINKS]

    def __init__(self, case: Case, links: Sequence[Link], now: int) -> None:
        super().__init__()
        self._case, self._links, self._now = case, links, now

    def compose(self) -> ComposeResult:
        name = words.person_name(self._case.row.person.name)
        yield Label(((f" Links in the case of {name}", "strong"),), (), id="title")
        yield Pick([])
        yield Hints(keys.LINKS)

    def on_mount(self) -> None:
        self._lay_out()
        self.query_one(Pick).focus()

    def on_resize(self) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        written = {message.id: message for message in self._case.timeline}
        width = max(20, self.app.size.width - 4)
        items: list[list[Line]] = []
        for link in self._links:
            message = written[link.message]
            who = words.author_name(message)
            when = words.moment(message.sent_at, self._now)
            what = f"what {who} wrote" if link.permalink else f"in what {who} wrote"
            lines: list[Line] = [((part, "strong"),) for part in wrap(link.url, width)]
            rest = width - cell_width(f"to {link.host}")
            about = fit(f" · {what}, {when}", rest).rstrip() if rest > 0 else ""
            items.append([*lines, (("to ", "dim"), (link.host, "plain"), (about, "dim"))])
        self.query_one(Pick).show(items)

    def on_pick_taken(self) -> None:
        """A click chooses; only a key opens."""

    def action_take(self) -> None:
        self._want(copy=False)

    def action_copy(self) -> None:
        self._want(copy=True)

    def _want(self, *, copy: bool) -> None:
        place = self.query_one(Pick).index
        if place is not None:
            self.dismiss(Wanted(self._links[place].url, copy))

    def action_help(self) -> None:
        explain(self, "among the links", keys.LINKS)

    def action_close(self) -> None:
        self.dismiss(None)
