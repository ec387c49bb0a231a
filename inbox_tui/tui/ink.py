"""Named inks, and lines of them, for widgets that draw line by line. Colours themselves stand in app.tcss.

Text goes to the screen as segments of plain strings: nothing in it is ever read as markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.strip import Strip
from textual.widget import Widget

from inbox_tui.text import cell_width, fit

Span = tuple[str, str]
"""A piece of text and the name of its ink."""
Line = tuple[Span, ...]

INKS = ("plain", "dim", "faint", "strong", "accent", "late", "trouble", "note", "found", "cursor", "rest")
INK_CLASSES = {f"ink--{name}" for name in INKS}


def cells(spans: Iterable[Span]) -> int:
    """Cells that a line takes."""
    return sum(cell_width(text) for text, _ in spans)


def spread(left: Sequence[Span], right: Sequence[Span], width: int, fill: Span = (" ", "plain")) -> Line:
    """One line with something at both ends; where room is short, the left side gives way, its end first."""
    room = width - cells(right)
    used = cells(left)
    if used < room:
        return (*left, (fill[0] * (room - used), fill[1]), *right)
    kept = list(left)
    while kept and cells(kept[:-1]) >= room - 1:
        kept.pop()
    if kept:
        text, ink = kept.pop()
        kept.append((fit(text, room - 1 - cells(kept)), ink))
    return (*kept, (" ", "plain"), *right)


class Inked(Widget):
    """A widget that draws in named inks, and works out each of them once."""

    COMPONENT_CLASSES = INK_CLASSES
    _styles: dict[tuple[str, str], Style] | None = None

    def style_of(self, ink: str, under: str) -> Style:
        """The ink on the ground that lies under the whole line; each may be empty."""
        if not self._component_styles:
            # Textual takes them from a widget that is removed, and may draw it once more.
            return self.rich_style
        if self._styles is None:
            self._styles = {}
        found = self._styles.get((ink, under))
        if found is None:
            found = self.rich_style
            try:
                if under:
                    found += self.get_component_rich_style(f"ink--{under}")
                if ink:
                    found += self.get_component_rich_style(f"ink--{ink}", partial=True)
            except KeyError:
                # Drawn while it comes or goes, when Textual has no styles for it: plain, and not remembered.
                return self.rich_style
            self._styles[ink, under] = found
        return found

    def notify_style_update(self) -> None:
        self._styles = None
        super().notify_style_update()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines as they go to the terminal; what did not change is kept as it went there last.

        Textual asks every widget for all its lines at every key, works out borders and effects for each that
        changed, and filters all. Here there are none of the first, and a line is filtered when it is drawn.
        What is kept stands where Textual keeps its own, and goes when that goes: with the style or the size.
        """
        if self.parent is None:
            # Removed, and its inks with it; a frame may still ask for it before the next layout.
            return [Strip.blank(crop.width)] * crop.height
        width = self.region.width
        if any(self.styles.gutter):
            return super().render_lines(crop)
        known = self._styles_cache
        if known._width != width:
            known.clear()
            known._width = width
        kept, wanted = known._cache, crop.line_range
        missing = [y for y in wanted if y in known._dirty_lines or y not in kept]
        if missing:
            filters, (_, ground) = self.get_line_filters(), self.background_colors
            blank = self.rich_style
            for y in missing:
                strip = self.render_line(y).adjust_cell_length(width, blank)
                segments = drawn = list(strip)
                for one in filters:
                    segments = one.apply(segments, ground)
                kept[y] = strip if segments is drawn else Strip(segments, width)
            known._dirty_lines.difference_update(wanted)
        strips = [kept[y] for y in wanted]
        return (
            strips if crop.column_span == (0, width) else [strip.crop(*crop.column_span) for strip in strips]
        )


def paint(widget: Inked, spans: Sequence[Span], width: int, under: str = "") -> Strip:
    """A strip exactly that wide. under: name of the ink whose background lies under the whole line."""
    segments: list[Segment] = []
    room = width
    for text, ink in spans:
        wide = cell_width(text)
        if wide > room:
            text, wide = fit(text, room), room
        room -= wide
        _append(segments, text, widget.style_of(ink, under))
    _append(segments, " " * room, widget.style_of("", under))
    return Strip(segments, width)


def _append(segments: list[Segment], text: str, style: Style) -> None:
    """Add to the last segment where that shows no difference: each change of style is bytes on the line."""
    if segments and (segments[-1].style == style or not text.strip(" ")):
        segments[-1] = Segment(segments[-1].text + text, segments[-1].style)
    elif text:
        segments.append(Segment(text, style))


class Drawn(Inked):
    """A widget of a few lines that it draws itself."""

    def lines(self, width: int) -> Sequence[Line]:
        """What it shows; called when it must be drawn anew."""
        raise NotImplementedError

    def changed(self) -> None:
        """What it shows is no longer true: draw it anew, unless it would look the same."""
        before, size = self._lines, self.content_size
        self._lines = after = tuple(self.lines(size.width))
        if self._cut != size or len(before) != len(after):
            self._cut = size
            self.refresh()
            return
        left, top = self.gutter.left, self.gutter.top
        other = [y for y, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
        if other:
            self.refresh(*(Region(left, top + y, size.width, 1) for y in other))

    def render_line(self, y: int) -> Strip:
        size = self.content_size
        if self._cut != size:
            self._cut = size
            self._lines = tuple(self.lines(size.width))
        return paint(self, self._lines[y] if y < len(self._lines) else (), size.width)

    _cut: object = None
    _lines: tuple[Line, ...] = ()


class DrawnScroll(Inked, ScrollView):
    """A widget of many lines, of which only those in sight are drawn."""

    # The scrollbar's column is always there: one that comes and goes would lay the whole screen out anew.
    DEFAULT_CSS = "DrawnScroll { overflow-x: hidden; overflow-y: scroll; }"

    def set_height(self, lines: int) -> None:
        """How many lines there are. Without the layout of the whole screen that `virtual_size` asks for."""
        size = Size(max(1, self.size.width), max(lines, self.size.height, 1))
        if size != self.virtual_size:
            self.set_reactive(DrawnScroll.virtual_size, size)
            self._scroll_update(size)

    def refresh_differences(self, before: Sequence[object], after: Sequence[object]) -> None:
        """Draw anew the lines in sight that differ, given what stood and what stands in sight."""
        other = [y for y, (old, new) in enumerate(zip_longest(before, after)) if old != new]
        if other:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in other))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        bar = self.vertical_scrollbar
        if self._thumb(bar.position) == self._thumb(new_value):
            # In a long list half a page moves nothing there: the bar has as many lines to draw as the list.
            bar.set_reactive(ScrollBar.position, bar.validate_position(new_value))
        super().watch_scroll_y(old_value, new_value)

    def _thumb(self, position: float) -> int:
        """Where the thumb of the scrollbar begins, in eighths of a cell: as Textual draws it."""
        bar = self.vertical_scrollbar
        height, window, lines = bar.size.height, bar.window_size, bar.window_virtual_size
        room = height - max(1, window * height / max(1, lines))
        return int(8 * room * position / max(1, lines - window))

    def to_line(self, y: int) -> None:
        """Scroll so that a line stands at the top, at once."""
        self.scroll_to(y=max(0, y), animate=False, force=True)
