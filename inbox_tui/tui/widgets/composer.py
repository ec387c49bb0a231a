"""The composer: a title that says where a text goes and what is left of its length, and the text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import TextArea

from inbox_tui.desk.handoff import BY
from inbox_tui.model import Destination, ReplyKind, Thread
from inbox_tui.text import cell_width, clean, fit, left, name_or, snippet
from inbox_tui.tui import keys, words
from inbox_tui.tui.drafts import Writing
from inbox_tui.tui.ink import Drawn, Line, Span, cells, spread
from inbox_tui.tui.sheet import wrap
from inbox_tui.tui.widgets import fields

if TYPE_CHECKING:
    from inbox_tui.desk.checks import Caution

JOINERS = ("\u200c", "\u200d")
"""What joins, or keeps apart, the characters beside it, and is typed by keyboards and pickers of emoji."""
SAVE_AFTER = 0.5
"""Seconds from the first unsaved letter to its saving."""
MOST_BESIDE = 3
"""Lines that what goes with the text may take from it."""
MOST_AGAINST = 4
"""Lines that what speaks against the text may take from it."""
_TOLD_ABOVE = ("empty", "too_long", "link_cost")
_HEADS = {
    ReplyKind.MAIL: ("New mail to ", "New mail to "),
    ReplyKind.PRIVATE: ("Privately to ", "Reply privately to "),
    ReplyKind.FORWARD: ("Forward to ", "Forward this case to "),
}
"""How what is not a plain reply is called, in little room and in more."""


class Title(Drawn):
    """Channel, recipient, public or private, what is left."""

    def __init__(self, writing: Writing) -> None:
        super().__init__()
        self._writing = writing

    def lines(self, width: int) -> Sequence[Line]:
        thread = self._writing.thread
        if thread is None:
            return [
                _ruled([("── ", "faint"), ("Note", "strong"), (" only agents see it ", "dim")], [], width)
            ]
        can = thread.capabilities
        rest = left(self._writing.text, can.length_rule, can.max_length)
        right: list[Span] = []
        if price := self._price(thread):
            right = [(f" a link: {price} ·", "note")]
        if rest is not None:
            right += [
                (
                    f" {rest} left" if rest >= 0 else f" ! {-rest} too long",
                    "plain" if rest >= 0 else "trouble",
                )
            ]
        where = self._where(thread, width - cells(right) - 2)
        until = _until(thread)
        # In little room it gives way: the choice of threads (R) says it, too.
        if cells(where) + cells([until, *right]) + 2 <= width:
            right = [until, *right]
        return [_ruled(where, right, width)]

    def _price(self, thread: Thread) -> str:
        """What a link makes this reply cost; empty where it costs nothing, or there is none."""
        price, text = thread.capabilities.link_price, self._writing.text
        if not price or "." not in text:
            return ""
        from inbox_tui.weighing import holds_link

        return f"${price / 1_000_000:.2f}" if holds_link(text) else ""

    def _where(self, thread: Thread, room: int) -> list[Span]:
        """The explanations give way first, then the recipient; PUBLIC never does."""
        to = snippet(name_or(thread.customer.handle, name_or(thread.customer.name, "unknown")), 60)
        name = words.channel_name(thread.channel)
        head, middle = f"{name[:1].upper()}{name[1:]} to ", " · "
        reach = "PUBLIC " if thread.public else "private "
        whole = f"Reply {words.on_channel(thread.channel)} to "
        head, whole = _HEADS.get(self._writing.kind, (head, whole))
        if self._writing.handoff:
            head, whole = "Hand-off, to ", f"Hand-off, {words.on_channel(thread.channel)} to "
        if 3 + cell_width(whole + to + middle + reach) <= room:
            head = whole
        explained = "PUBLIC: everybody can read it "
        if thread.public and 3 + cell_width(head + to + middle + explained) <= room:
            reach = explained
        space = max(6, room - 3 - cell_width(head + middle + reach))
        if cell_width(to) > space:
            to = fit(to, space)
        ink = "note" if thread.public else "dim"
        return [("── ", "faint"), (head, "plain"), (to, "strong"), (middle, "faint"), (reach, ink)]


def _until(thread: Thread) -> Span:
    """Until when the platform takes an answer; empty where it always does."""
    at = thread.reply_until
    if at is None:
        return ("", "note")
    return (f" until {words.day(at, at)} {words.clock(at)} ·", "note")


class Beside(Drawn):
    """What goes with the text: subject, copies, files. No line where there is nothing."""

    def __init__(self, writing: Writing) -> None:
        super().__init__()
        self._writing = writing

    def on_resize(self) -> None:
        self.told()

    def told(self) -> None:
        """It has changed."""
        self.styles.height = min(MOST_BESIDE, len(self.lines(self.size.width)))
        self.changed()

    def _items(self) -> Iterator[list[Span]]:
        for name, value in (("Subject", self._writing.subject), ("Cc", ", ".join(self._writing.cc))):
            if value:
                yield [(f"   {name} ", "dim"), (snippet(value, 120), "plain")]
        if self._writing.handoff:
            there = BY[Destination(self._writing.handoff)]
            yield [("   asks him to go on ", "note"), (there, "strong"), (" · the clock goes on", "dim")]
        if self._writing.promise is not None:
            at = self._writing.promise
            until = f"{words.day(at, at)} {words.clock(at)}"
            yield [("   promises an answer by ", "note"), (until, "strong"), (" · the clock goes on", "dim")]
        for file in self._writing.files:
            name, size = snippet(file.name, 40), words.size(file.size)
            yield [("   + ", "accent"), (name, "plain"), (f" {size}", "dim")]

    def lines(self, width: int) -> Sequence[Line]:
        lines: list[list[Span]] = []
        used = width
        for item in self._items():
            wide = cells(item)
            if used + wide > width:
                lines.append([])
                used = 0
            lines[-1] += item
            used += wide
        return [tuple(line) for line in lines]


class Against(Drawn):
    """What speaks against the text as it stands. No line where nothing does."""

    def __init__(self) -> None:
        super().__init__()
        self._found: tuple[Caution, ...] = ()

    def on_resize(self) -> None:
        self.styles.height = len(self.lines(self.size.width))

    def take(self, found: Sequence[Caution]) -> None:
        """What was found; the line above tells some of it already."""
        shown = tuple(one for one in found if one.code not in _TOLD_ABOVE)
        if shown != self._found:
            self._found = shown
            self.styles.height = len(self.lines(self.size.width))
            self.changed()

    def lines(self, width: int) -> Sequence[Line]:
        lines: list[Line] = []
        for number, one in enumerate(self._found):
            drawn = _caution(one, width)
            left = len(self._found) - number
            # The last line is kept for how many more there are.
            if len(lines) + len(drawn) > MOST_AGAINST - (left > 1):
                lines.append(((f"   and {left} more", "note"),))
                break
            lines += drawn
        return lines


def _caution(one: Caution, width: int) -> list[Line]:
    """What it says, and the words that it is about, on two lines at most."""
    said = snippet(one.message, 200)
    if one.shows and one.shows not in one.message:
        said += f": “{snippet(one.shows, 200)}”"
    ink = "trouble" if one.blocks else "note"
    room = max(8, width - 3)
    parts = list(wrap(said, room))
    if len(parts) > 2:
        parts = [parts[0], fit(" ".join(parts[1:]), room).rstrip()]
    return [
        ((" ! " if one.blocks and not number else "   ", ink), (part, ink))
        for number, part in enumerate(parts)
    ]


def _ruled(spans: Sequence[Span], right: Sequence[Span], width: int) -> Line:
    return spread(spans, right, width, fill=("─", "faint"))


class _Text(fields.Text):
    """What is written: shown as it is, so nothing comes in that a terminal must not see."""

    def put(self, text: str) -> None:
        """A text where the cursor stands, instead of what is selected."""
        self.replace(clean(text, multiline=True), *self.selection)

    async def _on_key(self, event: events.Key) -> None:
        """Textual takes joiners for no text, and an emoji of several would be sent as its parts."""
        if event.character in JOINERS:
            event.stop()
            event.prevent_default()
            self.replace(event.character, *self.selection)
        else:
            await super()._on_key(event)


class Composer(Vertical):
    """One text for one thread, or a note."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.COMPOSER]

    class Edited(Message):
        """There is something to save."""

    class Send(Message):
        """The agent wants it sent."""

    class Kept(Message):
        """The agent closed it."""

    class Read(Message):
        """The agent looks elsewhere in the case."""

        def __init__(self, lines: int) -> None:
            self.lines = lines
            super().__init__()

    def __init__(self, writing: Writing) -> None:
        super().__init__()
        self.writing = writing
        self._line = Title(writing)
        self._beside = Beside(writing)
        self._against = Against()
        self._due = False

    def compose(self) -> ComposeResult:
        yield self._line
        yield self._beside
        yield self._against
        area = _Text(
            clean(self.writing.text, multiline=True),
            soft_wrap=True,
            tab_behavior="focus",
            theme="css",
            compact=True,
        )
        area.cursor_blink = False
        area.highlight_cursor_line = False
        # Over what a forward quotes stands what the agent says to it.
        fresh = self.writing.begun is not None and self.writing.kind is ReplyKind.FORWARD
        area.move_cursor((0, 0) if fresh else area.document.end)
        yield area

    def on_mount(self) -> None:
        # Whoever presses Esc at once closes it before it is mounted: then there is nothing to focus.
        self.query(TextArea).focus()

    def worth_naming(self) -> list[str]:
        """The keys for the bottom line: those that this thread has a use for."""
        thread = self.writing.thread
        idle = {
            "composer.template": thread is None,
            "composer.attach": thread is None or not thread.capabilities.max_files_bytes,
            "composer.copies": thread is None or not thread.capabilities.copies,
        }
        return [id_ for id_ in keys.WHILE_WRITING if not idle.get(id_, False)]

    def told(self) -> None:
        """What goes with the text has changed."""
        self._line.changed()
        self._beside.told()

    def warn(self, found: Sequence[Caution]) -> None:
        """What speaks against the text as it stands."""
        self._against.take(found)

    def put_in(self, text: str) -> None:
        """A text where the cursor stands, instead of what is selected."""
        area = self.query_one(_Text)
        area.put(text)
        area.focus()

    def put_instead(self, text: str) -> None:
        """A text instead of all that stood there."""
        area = self.query_one(_Text)
        text = clean(text, multiline=True)
        if text != area.text:
            area.replace(text, (0, 0), area.document.end)
        area.focus()

    @on(TextArea.Changed)
    def _changed(self, event: TextArea.Changed) -> None:
        event.stop()
        if event.text_area.text == self.writing.text:
            return
        self.writing.text = event.text_area.text
        self.writing.agreed = frozenset()
        self._line.changed()
        if not self._due:
            self._due = True
            self.set_timer(SAVE_AFTER, self._save)

    def _save(self) -> None:
        self._due = False
        self.post_message(self.Edited())

    def action_send(self) -> None:
        self.post_message(self.Send())

    def action_keep(self) -> None:
        self.post_message(self.Kept())

    def action_read(self, lines: int) -> None:
        self.post_message(self.Read(lines))

    def action_stay(self) -> None:
        """Tab would otherwise lead to the next case in the middle of a text."""
