"""The line at the bottom: an error until it is read, else a countdown, else what was done, else the keys.

What does not fit into one line takes a second: half a reason is none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from inbox_tui.errors import InboxError
from inbox_tui.model import HIDING, Reply, ReplyState
from inbox_tui.text import cell_width, fit, snippet
from inbox_tui.tui import words
from inbox_tui.tui.ink import Drawn, Line, Span, cells, spread
from inbox_tui.tui.sheet import wrap

BETWEEN = 3
"""Blanks between two keys."""


class Status(Drawn):
    """What matters most of these is shown; the rest waits under it."""

    def __init__(self, now: Callable[[], int]) -> None:
        super().__init__()
        self._now = now
        self._error = ""
        self._hint = ""
        self._news = ""
        self._leaving: Reply | None = None
        self._keys: tuple[tuple[str, str], ...] = ()
        self._writing = False
        self._marked = 0

    def changed(self) -> None:
        self.styles.height = len(self.lines(self.content_size.width)) if self.content_size.width else 1
        super().changed()

    def on_resize(self) -> None:
        self.changed()

    @property
    def has_error(self) -> bool:
        """An error stands there."""
        return bool(self._error)

    def show_keys(self, pairs: Sequence[tuple[str, str]], *, writing: bool = False) -> None:
        """Keys that apply now, and what they do. writing: a countdown stands beside them, not over them."""
        self._keys, self._writing = tuple(pairs), writing
        self.changed()

    def fail(self, error: InboxError) -> None:
        """Show an error until it is read."""
        self.complain(error.message, error.hint)

    def complain(self, message: str, hint: str = "") -> None:
        """Show what went wrong, and what to do, until it is read."""
        self._error, self._hint = snippet(_without_folder(message), 300), snippet(hint, 200)
        self.changed()

    def tell(self, news: str) -> None:
        """Show what was done."""
        self._news = snippet(news, 300)
        self.changed()

    def forget(self, news: str) -> None:
        """It is so no more; whatever else was said since stays."""
        if self._news == news:
            self.tell("")

    def clear(self) -> None:
        """It has been read."""
        self._error = self._hint = self._news = ""
        self.changed()

    def marked(self, count: int) -> None:
        """So many cases are marked: said for as long as it is so, since the next act is on all of them."""
        self._marked = count
        self.changed()

    def leaving(self, reply: Reply | None) -> None:
        """The reply that is on its way; None: there is none."""
        self._leaving = reply
        self.changed()

    def lines(self, width: int) -> Sequence[Line]:
        if not self._marked:
            return self._said(width)
        lead = f" + {words.counted(self._marked, 'case')} marked "
        said = self._said(width - cell_width(lead))
        inset: Span = (" " * cell_width(lead), "plain")
        return [((inset if number else (lead, "strong")), *line) for number, line in enumerate(said)]

    def _said(self, width: int) -> Sequence[Line]:
        if self._error:
            return self._error_lines(width)
        if self._leaving is not None:
            return [self._leaving_line(self._leaving, width)]
        if self._news:
            return _two_lines(((" ", "accent"), (self._news, "accent")), width)
        return [self._key_line(width)]

    def _error_lines(self, width: int) -> Sequence[Line]:
        """What went wrong, then what to do about it. Esc, which clears it, is never cut."""
        escape, room = " · Esc", width - 3
        error, tail = self._error, f" · {self._hint}{escape}" if self._hint else escape
        lines = list(wrap(error + tail, max(2, room)))
        if len(lines) > 2 or (len(lines) == 2 and max(cell_width(error), cell_width(tail) - 3) <= room):
            # Each has a line of its own, as far as that goes.
            error = words.within(error, room)
            hint = self._hint or self._error[len(error) - 1 :]
            lines = [error, words.within(hint, room - cell_width(escape)) + escape]
        told, drawn = len(error), []
        for number, line in enumerate(lines):
            lead: Span = ("   " if number else " ! ", "trouble")
            drawn.append((lead, (line[:told], "trouble"), (line[told:], "plain")))
            told = max(0, told - len(line) - 1)
        return drawn

    def _leaving_line(self, reply: Reply, width: int) -> Line:
        if reply.kind in HIDING:
            return (
                (f" {words.sentence('asking ' + words.channel_name(reply.channel) + ' …')}", "strong"),
                (f"   {words.says(reply)}", "dim"),
            )
        to = snippet(reply.to, 60)
        where = f"{words.channel_name(reply.channel)}{f' to {to}' if to else ''}"
        rest = reply.not_before - self._now()
        waits = reply.state is ReplyState.QUEUED and rest > 0
        going = f"sending in {(rest + 999) // 1000} s" if waits else "sending …"
        right: list[Span] = [(f" {going} ", "strong")]
        if self._writing:
            return spread(self._key_line(width - cells(right)), right, width)
        if self._news:
            # What the agent did meanwhile.
            return spread([(f" {self._news}", "accent")], right, width)
        if waits:
            return (
                (f" {going}", "strong"),
                (" · ", "dim"),
                ("u", "accent"),
                (" takes it back", "plain"),
                (f"   {where}", "dim"),
            )
        return ((f" {going}", "strong"), (f"   {where}", "dim"))

    def _key_line(self, width: int) -> Line:
        # The last two (help, quit) always have room.
        always: list[Span] = []
        for key, does in self._keys[-2:]:
            always += _pair(key, does)
        if always:
            always[-1] = (always[-1][0].rstrip(), always[-1][1])
        spans: list[Span] = [(" ", "plain")]
        used = 1 + sum(cell_width(text) for text, _ in always)
        for key, does in self._keys[:-2]:
            pair = _pair(key, does)
            wide = sum(cell_width(text) for text, _ in pair)
            if used + wide > width:
                break
            spans += pair
            used += wide
        return (*spans, *always)


def _without_folder(message: str) -> str:
    """What happened must not be cut off behind the long way to a file, whose name is enough."""
    place, colon, happened = message.partition(": ")
    return f"{place.rpartition('/')[2]}: {happened}" if colon and place.startswith("/") else message


def _pair(key: str, does: str) -> tuple[Span, Span]:
    return (key, "accent"), (f" {does}{' ' * BETWEEN}", "dim")


def _two_lines(line: tuple[Span, Span], width: int) -> list[Line]:
    """A text behind its mark, broken once where it is too long; what is longer than that is cut."""
    (mark, ink), (text, text_ink) = line
    room = max(2, width - cell_width(mark))
    first, *rest = list(wrap(text, room)) or [""]
    if rest and cell_width(first) < room // 2:
        # One long word, such as a link, would leave its first line almost empty: it is cut instead.
        return [((mark, ink), (fit(text, room).rstrip(), text_ink))]
    lines: list[Line] = [((mark, ink), (first, text_ink))]
    if rest:
        inset = " " * cell_width(mark)
        lines.append(((inset, ink), (fit(" ".join(rest), room).rstrip(), text_ink)))
    return lines
