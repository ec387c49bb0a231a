"""Screens that lie over the inbox: all keys, the full text of a case, the choice of a thread."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from inbox_tui.model import Case, Thread
from inbox_tui.text import fit, name_or, snippet
from inbox_tui.tui import keys, words
from inbox_tui.tui.ink import Line, Span
from inbox_tui.tui.sheet import lay_out
from inbox_tui.tui.widgets.case import Timeline
from inbox_tui.tui.widgets.pick import Label, Pick, Reader


def hint_line(bindings: Sequence[Binding]) -> Line:
    """The keys of a screen, for its bottom line."""
    spans: list[Span] = [(" ", "plain")]
    for key, does in keys.pairs(bindings):
        spans += [(key, "accent"), (f" {does}   ", "dim")]
    return tuple(spans)


class HelpScreen(Screen[None]):
    """Every key and what it does, from the one table."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.HELP]

    def compose(self) -> ComposeResult:
        yield Label(((" Keys", "strong"),), id="title")
        yield Reader(self._lines())
        yield Label(hint_line(keys.HELP), id="hints")

    def action_close(self) -> None:
        self.dismiss()

    def _lines(self) -> list[Line]:
        lines: list[Line] = []
        for title, bindings in keys.GROUPS:
            lines.append(((f"  {title}", "strong"),))
            views = [binding for binding in bindings if ".view" in (binding.id or "")]
            for binding in bindings:
                if binding in views[1:] or not binding.description:
                    continue
                name, more = keys.names(binding), binding.tooltip
                if binding in views:
                    name, more = "1 – 9", "The views of the list, in their order"
                lines.append(((f"    {fit(name, 14)}", "accent"), (more, "plain")))
            lines.append(())
        lines.append((("  Marks", "strong"),))
        for mark, meaning in (
            ("m x f", "mail, X, Facebook: where the customer wrote"),
            ("!", "a reply was not sent, or nobody knows; ! shows it"),
            ("●", "a message that is still owed an answer"),
            ("┃", "our reply    ┊ a note    · our own post"),
        ):
            lines.append(((f"    {fit(mark, 14)}", "accent"), (meaning, "plain")))
        return lines


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
        yield Label(hint_line((*keys.FULL, *keys.MOVE)), id="hints")

    def on_timeline_resized(self) -> None:
        timeline = self.query_one(Timeline)
        at = timeline.first_in_sight() if timeline.sheet else self._at
        sheet = lay_out(self._case, (), timeline.text_width, self._now, full=True)
        timeline.show(sheet, at)
        timeline.focus()

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
        yield Label(hint_line(keys.CHOOSER), id="hints")

    def on_pick_taken(self) -> None:
        self.action_take()

    def action_take(self) -> None:
        place = self.query_one(Pick).index
        if place is not None:
            self.dismiss(self._case.threads[place])

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
