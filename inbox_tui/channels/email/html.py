"""HTML of a mail into readable text. Never raises; what the good reader loses, a plain one keeps."""

from __future__ import annotations

import html as entities
import re

MAX_HTML = 1_000_000
"""Characters that are read."""
_TOO_MANY_TAGS = 20_000
"""Beyond it (nested thousands deep, as a rule) the good reader comes back empty: the plain one is used."""
_BREAKS = re.compile(
    r"<(?:/?(?:p|div|tr|table|ul|ol|h[1-6]|blockquote|pre)|br|li|hr)\b[^<>]*>", re.IGNORECASE
)
_TAG = re.compile(r"<[!/?a-zA-Z][^<>]*>")
_SPACES = re.compile(r"[ \t\xa0]+")


def to_text(html: str, light: bool = False) -> str:
    """light: leave out the layout reader."""
    html = html[:MAX_HTML]
    if not light and html.count("<") <= _TOO_MANY_TAGS:
        text = _laid_out(html)
        if text:
            return text
    return _plain(html)


def _laid_out(html: str) -> str:
    import html_text
    from lxml.etree import LxmlError  # type: ignore[import-untyped]

    try:
        return str(html_text.extract_text(html)).strip()
    except (ValueError, AssertionError, LookupError, AttributeError, TypeError, LxmlError):
        return ""


def _plain(html: str) -> str:
    for name in ("script", "style", "head"):
        html = _without(html, f"<{name}", f"</{name}")
    html = _without(html, "<!--", "-->")
    text = _TAG.sub("", _BREAKS.sub("\n", html.replace("\r", "").replace("\n", " ")))
    lines = (_SPACES.sub(" ", line).strip() for line in entities.unescape(text).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _without(html: str, opening: str, closing: str) -> str:
    lower = html.lower()
    if len(lower) != len(html):
        return html  # lower case of some letters is longer, and places would not fit
    kept, position = [], 0
    while True:
        start = lower.find(opening, position)
        end = lower.find(closing, start + len(opening)) if start >= 0 else -1
        if end < 0:
            kept.append(html[position:])
            return "".join(kept)
        kept.append(html[position:start])
        position = end + len(closing)
