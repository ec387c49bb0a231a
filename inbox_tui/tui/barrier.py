"""What stands between every drawn line and the terminal.

`Barrier`: no control, no bidi override, no hyperlink and nothing that hides leaves a widget. Foreign text is
cleaned at intake and again where it is drawn; this holds where both were forgotten.
"""

from __future__ import annotations

import re

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from inbox_tui.unsafe import UNSAFE

_HARMFUL = re.compile(f"[\x00-\x1f{UNSAFE}]")


def _harmless(match: re.Match[str]) -> str:
    # A line must stay as wide as it was laid out.
    return "\ufffd" * cell_len(match.group())


def _harms(segment: Segment) -> bool:
    text, style, control = segment
    if style is not None and style.link:
        return True
    return control is None and _HARMFUL.search(text) is not None


class Barrier(LineFilter):
    """Replaces in every drawn segment what a terminal would obey."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        if any(map(_harms, segments)):
            return [self._segment(segment) for segment in segments]
        return segments  # as nearly always: there is nothing to make anew

    def _segment(self, segment: Segment) -> Segment:
        text, style, control = segment
        if control is None and _HARMFUL.search(text):
            segment = Segment(_HARMFUL.sub(_harmless, text), style)
        if style is not None and style.link:
            segment = Segment(segment.text, style.update_link(None))
        return segment
