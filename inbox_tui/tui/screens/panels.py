"""Screens that lie over the inbox: all keys, the full text of a case, the choice of a thread."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from inbox_tui.model import Case, Thread
from inbox_tui.text import fit, name_or, snippet
from inbox_tui.tui import keys, words
from inbox_tui.tui.ink import Line
from inbox_tui.tui.screens.help import Hints, explain
from inbox_tui.tui.sheet import lay_out
from inbox_tui.tui.widgets.case import Timeline
from inbox_tui.tui.widgets.pick import Label, Pick


class FullTextScreen(Screen[None]):
    """A case with everything that was folded away: quotes, signatures, links, kinds of files."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.FULL]

    def __init__(self, case: Case, at: int | None, now: int) -> None:
        super().__init__()
        self._case, self._at, self._now = case, at, now

    def compose(self) -> ComposeResult:
        name = words.person_name(self._case.row.person.name)
        yield Label(((f" {name}", "strong"), ("   full text", "dim")), id="title")
        yield Timeline()
        yield Hints((*keys.FULL, *keys.MOVE))

    def on_timeline_resized(self) -> None:
        timeline = self.query_one(Timeline)
        at = timeline.first_in_sight() if timeline.sheet else self._at
        sheet = lay_out(self._case, (), timeline.text_width, self._now, full=True)
        timeline.show(sheet, at)
        timeline.focus()

    def action_help(self) -> None:
        explain(self, "in the full text", keys.FULL)

    def action_close(self) -> None:
        self.dismiss()


class ChooserScreen(Screen[Thread | None]):
    """On which thread of the case?"""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.CHOOSER]

    def __init__(self, case: Case, drafted: Collection[int]) -> None:
        """drafted: threads on which a draft is kept."""
        super().__init__()
        self._case, self._drafted = case, drafted

    def compose(self) -> ComposeResult:
        name = words.person_name(self._case.row.person.name)
        yield Label(((f" In the case of {name}, write to …", "strong"),), (), id="title")
        yield Pick([self._item(thread) for thread in self._case.threads])
        yield Hints(keys.CHOOSER)

    def on_pick_taken(self) -> None:
        self.action_take()

    def action_take(self) -> None:
        place = self.query_one(Pick).index
        if place is not None:
            self.dismiss(self._case.threads[place])

    def action_help(self) -> None:
        explain(self, "in this choice", keys.CHOOSER)

    def action_close(self) -> None:
        self.dismiss(None)

    def _item(self, thread: Thread) -> list[Line]:
        to = name_or(thread.customer.handle, name_or(thread.customer.name, "unknown"))
        last = [m for m in self._case.timeline if m.thread == thread.id]
        said = f"“{snippet(last[-1].text, 60)}”" if last else ""
        first: Line = (
            (fit(words.channel_word(thread.channel), 10), "dim"),
            (snippet(to, 50), "strong"),
            (f"  {'public' if thread.public else 'private'}  ", "dim"),
            *((("not the customer  ", "note"),) if thread.aside else ()),
            *((("a draft is kept  ", "accent"),) if thread.id in self._drafted else ()),
            (snippet(thread.subject, 60), "plain"),
        )
        if not thread.can_reply:
            why = snippet(thread.why_not or "no reply is possible", 90)
            return [first, ((" " * 10, "plain"), (f"! {why}", "trouble"))]
        return [first, ((" " * 10, "plain"), (said, "faint"))]
