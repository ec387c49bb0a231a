"""Screens that lie over the inbox: all keys, the full text of a case, the choice of a thread."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from inbox_tui.desk import reach
from inbox_tui.model import Case, Reply, ReplyKind, Thread
from inbox_tui.records import dataclass
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


@dataclass(frozen=True, slots=True)
class Way:
    """How the customer can be written to."""

    thread: Thread
    privately: bool = False
    """To the author of its comment alone."""


class ChooserScreen(Screen[Way | None]):
    """On which thread of the case?"""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.CHOOSER]

    def __init__(self, case: Case, drafts: Collection[Reply], now: int) -> None:
        """drafts: those that are kept. now: milliseconds UTC, by which windows are open or closed."""
        super().__init__()
        self._case, self._now = case, now
        self._drafted = {(draft.thread, draft.kind is ReplyKind.PRIVATE) for draft in drafts}
        self._ways: list[Way] = []
        for thread in case.threads:
            self._ways.append(Way(thread))
            if not reach.closed(reach.privately(thread), now):
                self._ways.append(Way(thread, privately=True))

    def compose(self) -> ComposeResult:
        name = words.person_name(self._case.row.person.name)
        yield Label(((f" In the case of {name}, write to …", "strong"),), (), id="title")
        yield Pick([self._item(way) for way in self._ways])
        yield Hints(keys.CHOOSER)

    def on_pick_taken(self) -> None:
        self.action_take()

    def action_take(self) -> None:
        place = self.query_one(Pick).index
        if place is not None:
            self.dismiss(self._ways[place])

    def action_help(self) -> None:
        explain(self, "in this choice", keys.CHOOSER)

    def action_close(self) -> None:
        self.dismiss(None)

    def _item(self, way: Way) -> list[Line]:
        thread = way.thread
        if way.privately:
            return self._private_item(way)
        to = name_or(thread.customer.handle, name_or(thread.customer.name, "unknown"))
        last = [m for m in self._case.timeline if m.thread == thread.id]
        said = f"“{snippet(last[-1].text, 60)}”" if last else ""
        first: Line = (
            (fit(words.channel_word(thread.channel), 10), "dim"),
            (snippet(to, 50), "strong"),
            (f"  {'public' if thread.public else 'private'}  ", "dim"),
            *((("not the customer  ", "note"),) if thread.aside else ()),
            *((("supporter  ", "note"),) if thread.supporter else ()),
            *self._kept(way),
            (snippet(thread.subject, 60), "plain"),
        )
        if why := reach.closed(thread, self._now):
            return [first, ((" " * 10, "plain"), (f"! {snippet(why, 110)}", "trouble"))]
        until = _until(thread, self._now)
        return [first, ((" " * 10, "plain"), *(((f"{until}  ", "note"),) if until else ()), (said, "faint"))]

    def _private_item(self, way: Way) -> list[Line]:
        """The comment of a public thread, answered where only its author reads it."""
        thread = reach.privately(way.thread)
        to = name_or(thread.customer.handle, name_or(thread.customer.name, "its author"))
        said = next((m.text for m in self._case.timeline if m.id == thread.last_in), "")
        first: Line = (
            (fit(words.channel_word(thread.channel), 10), "dim"),
            (snippet(to, 50), "strong"),
            ("  privately to the author of this comment, once  ", "dim"),
            *self._kept(way),
        )
        until = (f"{_until(thread, self._now)}  ", "note")
        return [first, ((" " * 10, "plain"), until, (f"“{snippet(said, 60)}”", "faint"))]

    def _kept(self, way: Way) -> Line:
        kept = (way.thread.id, way.privately) in self._drafted
        return (("a draft is kept  ", "accent"),) if kept else ()


def _until(thread: Thread, now: int) -> str:
    """Until when the platform takes an answer; empty where it always does."""
    return f"until {words.moment(thread.reply_until, now)}" if thread.reply_until is not None else ""
