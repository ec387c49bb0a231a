"""How X weighs a text: its published rule (twitter-text, configuration 3), without a copy of its tables.

Latin and its neighbours weigh 1, all else 2; an emoji 2, however many code points it is made of; a link 23,
however long. What is a link without ``https://`` depends on whether its end is a top-level domain.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

LINK = 23
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
"""Code points that weigh 1, bounds included."""

_PICTURE = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u2199\u21a9\u21aa\u231a\u231b\u2328\u23cf\u23e9-\u23f3"
    "\u23f8-\u23fa\u24c2\u25aa\u25ab\u25b6\u25c0\u25fb-\u25fe\u2600-\u27bf\u2934\u2935\u2b05-\u2b07\u2b1b"
    "\u2b1c\u2b50\u2b55\u3030\u303d\u3297\u3299\U0001f004\U0001f0cf\U0001f170-\U0001f251\U0001f300-\U0001faff]"
)
_ONE = f"{_PICTURE}[\ufe0f\U0001f3fb-\U0001f3ff]?"
_EMOJI = re.compile(
    f"[0-9#*]\ufe0f?\u20e3|[\U0001f1e6-\U0001f1ff]{{2}}|{_ONE}(?:[\U000e0020-\U000e007f]+|(?:\u200d{_ONE})*)"
)
# What X takes for letters in a host or a path: Latin with its accents and Cyrillic, nothing further.
_L = "a-z0-9\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0400-\u04ff"
_PATH = rf"[{_L}!*';:=+,.$%#\[\]\-\u2013_~@|&/]"
_LINK = re.compile(
    r"(?<![a-z0-9@＠$#＃_./-])"
    r"(?:(?P<scheme>https?://)(?P<host>(?:[^\W_][\w-]{0,62}\.)+"
    rf"(?:[{_L}][{_L}-]{{0,62}}|[^\W\d_]{{1,63}}))"
    rf"|(?P<bare>[{_L}](?:[{_L}-]{{0,61}}[{_L}])?(?:\.[{_L}](?:[{_L}-]{{0,61}}[{_L}])?)+)(?![@a-z0-9_]))"
    rf"(?::\d+)?(?P<path>/(?:{_PATH}|\({_PATH}*\))*)?"
    rf"(?:(?(path)|(?(scheme)|(?!)))\?[{_L}!?*'();:&=+$/%#\[\]\-_.,~|@]*)?",
    re.IGNORECASE,
)
_TRAILING = re.compile(r"[!*';:,.$%\[\]\u2013~@|&?]+\Z")


def weight(text: str) -> int:
    """What a text weighs for X."""
    text = unicodedata.normalize("NFC", text)
    total = at = 0
    for link in _LINK.finditer(text):
        if not _is_link(link):
            continue
        total += _letters(text[at : link.start()]) + LINK
        at = link.start() + len(_TRAILING.sub("", link[0]))
    return total + _letters(text[at:])


def holds_link(text: str) -> bool:
    """Whether X would make a link of some part of it: a bare domain is one, too."""
    return any(map(_is_link, _LINK.finditer(unicodedata.normalize("NFC", text))))


def _is_link(link: re.Match[str]) -> bool:
    host = link["host"] or link["bare"]
    return _top_level(host.rpartition(".")[2])


@cache
def _top_level(word: str) -> bool:
    """Whether this is a top-level domain."""
    try:
        name = word.lower().encode("idna").decode("ascii")
    except UnicodeError:
        return False
    return bool(_suffixes().publicsuffix(name, accept_unknown=False))


@cache
def _suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(only_icann=True)


def _letters(text: str) -> int:
    """What a text without links weighs."""
    if text.isascii():
        return len(text)
    without, emoji = _EMOJI.subn("", text)
    return 2 * emoji + sum(1 if _is_light(ord(char)) else 2 for char in without)


@cache
def _is_light(code: int) -> bool:
    return any(first <= code <= last for first, last in _LIGHT)
