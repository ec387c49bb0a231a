"""The header of a mail: its fields, encoded words, addresses and references. Pure; bounded in time.

The standard library's readers are not used: on hostile headers they raise or take minutes and gigabytes
(a subject of 0.28 MB in encoded words, a To of 1.2 MB).
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from inbox_tui.channels.email.charset import decode, whole
from inbox_tui.text import clean

MAX_BLOCK = 256 * 1024
"""Bytes of a header that are read."""
MAX_FIELDS = 500
MAX_VALUE = 16 * 1024
"""Bytes of one field that are read; of a longer one its beginning and end."""
MAX_ADDRESSES = 200
MAX_REFERENCES = 50
_KEPT_FIRST = 5
_SHORT = 200
"""Fields with addresses that are longer are not remembered."""

_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)(?:\n|\Z)")
_FOLD = re.compile(rb"\r?\n[ \t]+")
_BLANK = re.compile(rb"\r?\n")
_NEXT_BLANK = re.compile(rb"\n\r?\n")
_WORD = re.compile(r"=\?([^?\s*]{1,40})(?:\*[^?\s]{0,40})?\?([bBqQ])\?([^?]*)\?=(?:[ \t]+(?==\?))?")
_MESSAGE_ID = re.compile(r"<[^<>\s\x00-\x1f\x7f-\x9f]{1,500}>")
_ITEM = re.compile(r'"(?:[^"\\]|\\.)*"|\((?:[^()\\]|\\.)*\)|<[^<>]*>|[,;:]|[^",;:<>()]+|.', re.DOTALL)
_ADDRESS = re.compile(
    r'[^\s@<>()\[\],;:\\"\x00-\x20\x7f-\x9f]{1,200}@[^\s@<>()\[\],;:\\"\x00-\x20\x7f-\x9f]{1,255}'
)

Fields = dict[str, list[bytes]]
"""Unfolded values by name in lower case, in the order of the mail."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One entry of From, To, Cc or Reply-To."""

    name: str
    address: str
    """In lower case, its characters otherwise as they came; empty where it is not an address."""


def read_fields(raw: bytes, start: int, end: int) -> tuple[Fields, int]:
    """The fields of the header that begins at start, and where the body begins."""
    fields: Fields = {}
    position = raw.find(b"\n", start, end) + 1 if raw.startswith(b"From ", start, end) else start
    limit = min(end, position + MAX_BLOCK)
    count = 0
    while position < limit:
        blank = _BLANK.match(raw, position, end)
        if blank:
            return fields, blank.end()
        found = _FIELD.match(raw, position, limit)
        if not found:
            # A line that is no field ends the header, as in the standard library.
            return fields, position
        if count == MAX_FIELDS:
            limit = position
            break
        count += 1
        value = _FOLD.sub(b" ", found[2]).strip()
        if len(value) > MAX_VALUE:
            value = value[: MAX_VALUE // 2] + b" " + value[-MAX_VALUE // 2 :]
        fields.setdefault(found[1].decode("ascii").lower(), []).append(value)
        position = found.end()
    if limit == end:
        return fields, end
    rest = _NEXT_BLANK.search(raw, max(start, position - 1), end)
    return fields, rest.end() if rest else end


def first(fields: Fields, name: str) -> str:
    """The first value of a field as text, encoded words left alone; empty where there is none."""
    values = fields.get(name)
    return whole(decode(values[0])) if values else ""


def text_of(fields: Fields, name: str) -> str:
    """The first value of a field with its encoded words read."""
    return decode_words(first(fields, name))


def decode_words(value: str) -> str:
    """Encoded words (RFC 2047) into text; what is no good encoded word stays as it is."""
    if "=?" not in value:
        return value
    out: list[str] = []
    charset, pending, position = "", b"", 0
    for found in _WORD.finditer(value):
        data = _word_bytes(found[2], found[3])
        between = value[position : found.start()]
        # A character may be split over two words of the same charset: their bytes are joined first.
        if pending and (between or found[1].lower() != charset):
            out.append(decode(pending, charset))
            pending = b""
        out.append(between)
        charset, pending, position = found[1].lower(), pending + data, found.end()
    out.append(decode(pending, charset))
    out.append(value[position:])
    return whole("".join(out))


def _word_bytes(encoding: str, body: str) -> bytes:
    data = body.encode("utf-8", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(data, header=True)
    return from_base64(data)


def from_base64(data: bytes) -> bytes:
    """Decode as far as it goes: bad characters are skipped, missing padding is added."""
    try:
        return binascii.a2b_base64(data + b"==")
    except binascii.Error:
        letters = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
        return binascii.a2b_base64(letters[: len(letters) // 4 * 4])


def mailboxes(fields: Fields, name: str) -> list[Mailbox]:
    """Every mailbox of all fields of that name."""
    found: list[Mailbox] = []
    for value in fields.get(name, ())[:10]:
        for mailbox in _remembered(value) if len(value) <= _SHORT else _of_value(value):
            if len(found) == MAX_ADDRESSES:
                return found
            found.append(mailbox)
    return found


def _of_value(value: bytes) -> Iterator[Mailbox]:
    return _mailboxes(whole(decode(value)))


@lru_cache(2_000)
def _remembered(value: bytes) -> tuple[Mailbox, ...]:
    """Our own address stands in nearly every mail, and whoever writes writes again."""
    return tuple(_of_value(value))


def _mailboxes(value: str) -> Iterator[Mailbox]:
    words: list[str] = []
    angles: list[str] = []
    for item in [*(found[0] for found in _ITEM.finditer(value)), ","]:
        if item == ":" and not angles:
            words = []  # the name of a group
        elif item in (",", ";"):
            # A comma inside an unquoted name ("Brandt, Hajo <…>"): the name goes on.
            if angles or any("@" in word for word in words) or item == ";":
                yield from _mailbox(words, angles)
                words, angles = [], []
        elif item[0] == "<" and item[-1] == ">":
            angles.append(item[1:-1].strip())
        elif item[0] == '"' and len(item) > 1:
            words.append(re.sub(r"\\(.)", r"\1", item[1:-1]))
        elif item[0] != "(" or len(item) == 1:
            words.append(item)
    yield from _mailbox(words, angles)


def _mailbox(words: list[str], angles: list[str]) -> Iterator[Mailbox]:
    name = " ".join(" ".join(words).split())
    if len(angles) == 1:
        yield Mailbox(decode_words(name), address(angles[0]))
    elif angles:
        # Readers differ on which of them counts, so none does.
        yield Mailbox(decode_words(name), "")
    elif name:
        own = address(name)
        yield Mailbox("" if own else decode_words(name), own)


def address(value: str) -> str:
    """An address in lower case, never folded further: lookalikes stay apart. Empty where it is none.

    One with what nobody sees is none: without that it would be somebody else's.
    """
    return value.lower() if _ADDRESS.fullmatch(value) and clean(value, multiline=False) == value else ""


def message_id(fields: Fields) -> str:
    """The mail's own Message-ID with angle brackets, or empty."""
    value = first(fields, "message-id")
    found = _MESSAGE_ID.search(value)
    if found:
        return found[0]
    bare = f"<{value.strip()}>"
    return bare if _MESSAGE_ID.fullmatch(bare) else ""


def references(fields: Fields) -> tuple[str, ...]:
    """The Message-IDs that the mail names, oldest first, each once: of many the first and the last."""
    ids: dict[str, None] = {}
    for name in ("references", "in-reply-to"):
        for value in fields.get(name, ())[:5]:
            ids.update(dict.fromkeys(_MESSAGE_ID.findall(whole(decode(value)))))
    found = list(ids)
    if len(found) > MAX_REFERENCES:
        found = found[:_KEPT_FIRST] + found[_KEPT_FIRST - MAX_REFERENCES :]
    return tuple(found)
