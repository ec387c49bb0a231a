"""Which identities are not this person's: they become a person of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from inbox_tui.errors import InboxError
from inbox_tui.model import Identity, Joined, PersonPage
from inbox_tui.text import fit, name_or, snippet
from inbox_tui.tui import keys, words
from inbox_tui.tui.ink import Line
from inbox_tui.tui.screens.help import Hints, explain
from inbox_tui.tui.widgets.pick import Label, Pick

if TYPE_CHECKING:
    from inbox_tui.inbox import Inbox

_MORE = "No case is lost. One that others share stays; {inbox.split} in it splits its threads."


class ApartScreen(Screen[Joined | None]):
    """The identities of a person: those that are marked, else that under the cursor, go."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.APART]

    def __init__(self, inbox: Inbox, page: PersonPage) -> None:
        super().__init__()
        self._inbox, self._page = inbox, page
        self._marked: set[int] = set()

    def compose(self) -> ComposeResult:
        name = words.person_name(self._page.person.name)
        yield Label(
            ((f" {name}", "strong"), ("   what is somebody else's?", "dim")),
            ((f" {keys.filled(_MORE)}", "dim"),),
            id="title",
        )
        yield Pick([self._item(one) for one in self._page.identities])
        yield Label((), id="said")
        yield Hints(keys.APART)

    def on_mount(self) -> None:
        self.query_one(Pick).focus()

    def _item(self, one: Identity) -> list[Line]:
        mark = "✓ " if one.id in self._marked else "  "
        shown = name_or(one.handle, snippet(one.value))
        kind = words.channel_word(one.kind)
        return [
            (
                (mark, "accent"),
                (fit(kind, 10), "dim"),
                (fit(shown, 36), "strong"),
                (snippet(one.name, 60), "plain"),
            )
        ]

    def _here(self) -> Identity | None:
        place = self.query_one(Pick).index
        return self._page.identities[place] if place is not None else None

    def action_mark(self) -> None:
        one = self._here()
        if one is not None:
            self._marked ^= {one.id}
            self.query_one(Pick).show([self._item(each) for each in self._page.identities])
            self.query_one(Pick).action_down()

    def on_pick_taken(self) -> None:
        """A click chooses; it takes nothing away."""

    def action_take(self) -> None:
        one = self._here()
        going = sorted(self._marked) or ([one.id] if one is not None else [])
        if going:
            self._part(going)

    @work(thread=True, exclusive=True, group="apart", exit_on_error=False)
    def _part(self, going: list[int]) -> None:
        try:
            done = self._inbox.people.split_person(self._page.person.id, going)
        except InboxError as error:
            self.app.call_from_thread(self._fail, error)
        else:
            self.app.call_from_thread(self.dismiss, done)

    def _fail(self, error: InboxError) -> None:
        self.query_one("#said", Label).say(((f" ! {error.message}", "trouble"),))

    def action_help(self) -> None:
        explain(self, "among the identities", keys.APART)

    def action_close(self) -> None:
        self.dismiss(None)
