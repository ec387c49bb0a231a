"""Bytes of a mail into text, by a ladder of charsets that never raises.

Only charsets that mail is really written in are believed: Python also knows codecs that are none
(base64, rot13) and some that can spell control characters in innocent bytes (utf-7, unicode_escape).
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,39}")
_BELIEVED = re.compile(
    r"ascii|utf-8(-sig)?|utf-(16|32)(-[bl]e)?|iso8859-\d+|cp\d+|koi8-[rtu]|kz1048|ptcp154|tis-620"
    r"|gb2312|gbk|gb18030|hz|big5|big5hkscs|shift_jis\w*|euc_\w+|iso2022_\w+|johab|mac-\w+|hp-roman8"
)
# Senders name the small old charset and mean the one that grew from it (WHATWG encoding standard).
_WIDER = {
    "ascii": "utf-8",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "tis-620": "cp874",
}
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_BAD_SHARE = 20
"""A charset is given up when more than one character in this many could not be read."""


@lru_cache(maxsize=256)
def believed(name: str) -> str:
    """The codec for a declared charset; empty where it is unknown or not believed."""
    name = name.strip().strip("\"'")
    if not _NAME.fullmatch(name):
        return ""
    try:
        codec = codecs.lookup(name).name
    except (LookupError, ValueError, UnicodeError):
        return ""
    return _WIDER.get(codec, codec) if _BELIEVED.fullmatch(codec) else ""


def decode(data: bytes, declared: str = "") -> str:
    """Text of data: in the declared charset, else UTF-8, else Windows-1252."""
    ladder = [codec for codec in (believed(declared), "utf-8") if codec]
    for codec in ladder:
        try:
            return data.decode(codec)
        except (UnicodeError, ValueError):
            continue
    for codec in ladder:
        text = data.decode(codec, "replace")
        bad = text.count("\ufffd")
        # That some letters beyond ASCII did fit shows that it is this charset, with a few bytes broken.
        if bad * _BAD_SHARE <= len(text) and len(_BEYOND_ASCII.findall(text)) > bad:
            return text
    return data.decode("cp1252", "replace")


def whole(text: str) -> str:
    """The same without lone surrogates, which no file or pipe can carry."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
