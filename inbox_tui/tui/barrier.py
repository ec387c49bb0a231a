"""What stands between every drawn line and the terminal.

`Barrier`: no control, no bidi override, no hyperlink leaves a widget. Foreign text is cleaned at intake and
again where it is drawn; this holds where both were forgotten. `Thrift`: colours of the 256-colour palette.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

_HARMFUL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def _harmless(match: re.Match[str]) -> str:
    # A line must stay as wide as it was laid out.
    return "\ufffd" * cell_len(match.group())


class Barrier(LineFilter):
    """Replaces in every drawn segment what a terminal would obey."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        return [self._segment(segment) for segment in segments]

    def _segment(self, segment: Segment) -> Segment:
        text, style, control = segment
        if control is None and _HARMFUL.search(text):
            segment = Segment(_HARMFUL.sub(_harmless, text), style)
        if style is not None and style.link:
            segment = Segment(segment.text, style.update_link(None))
        return segment


class Thrift(LineFilter):
    """Half the bytes of a line in 24-bit colours, and the same look in a tmux that has no more than 256."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        return [
            segment if style is None else Segment(text, _thrifty(style), control)
            for segment in segments
            for text, style, control in (segment,)
        ]


@lru_cache(512)
def _thrifty(style: Style) -> Style:
    color, ground = style.color, style.bgcolor
    return style + Style(
        color=color.downgrade(ColorSystem.EIGHT_BIT) if color else None,
        bgcolor=ground.downgrade(ColorSystem.EIGHT_BIT) if ground else None,
    )
