"""Marks what a search found in a line of text, so that the eye need not look for it again."""

from __future__ import annotations

from collections.abc import Sequence

from inbox_tui.desk.folding import places
from inbox_tui.tui.ink import Span

FOUND = "found"
"""The ink of what was found."""


def marked(text: str, ink: str, words: Sequence[str]) -> list[Span]:
    """The spans of a text in which these folded words stand out, wherever a word begins with them."""
    found = sorted({place for word in words for place in places(text, word, prefix=True)})
    spans: list[Span] = []
    at = 0
    for begin, end in found:
        if begin < at:
            continue
        spans += [(text[at:begin], ink), (text[begin:end], FOUND)]
        at = end
    spans.append((text[at:], ink))
    return [span for span in spans if span[0]]
