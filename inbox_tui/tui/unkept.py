"""Widgets that are gone are forgotten: Textual 8 remembers a thousand of them with every line they drew.

Its cache of two colours has the widget's lines among its keys (Textualize/textual, issue 6665).
"""

from __future__ import annotations

from functools import lru_cache

from textual._styles_cache import StylesCache
from textual.color import Color
from textual.style import Style


@lru_cache(1024)
def _inner_outer(base: Color, background: Color) -> tuple[Style, Style]:
    """Styles within a border and around it."""
    return Style(background=base + background), Style(background=base)


def forget() -> None:
    """From now on the colours alone are its keys."""
    setattr(StylesCache, "get_inner_outer", staticmethod(_inner_outer))  # noqa: B010 - its type is another
