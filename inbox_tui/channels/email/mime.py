"""The parts of a mail, as places in its raw bytes: nothing is decoded or copied here.

Walks without recursion and stops at fixed numbers of parts and levels, so a mail of any size and any
shape is walked in time and memory that follow its length.
"""

from __future__ import annotations

import email.message
import email.policy
import email.utils
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from inbox_tui.channels.email.charset import whole
from inbox_tui.channels.email.headers import Fields, decode_words, first, read_fields

MAX_PARTS = 200
MAX_DEPTH = 20
_MAX_LINES_LIKE_BOUNDARIES = 5_000
_SHORT = 300
"""Fields that are longer are not remembered."""
_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,80}")
_LINE_END = re.compile(rb"[ \t]*(?:\r?\n|\r?\Z)")


@dataclass(frozen=True, slots=True)
class Part:
    """A part that is not itself divided (or lies too deep to be divided)."""

    media_type: str
    charset: str
    encoding: str
    """Content-Transfer-Encoding in lower case."""
    disposition: str
    filename: str
    """As the sender gave it, without any folder; may be empty."""
    start: int
    end: int
    choice: int
    """Number of the outermost multipart/alternative around it; 0: there is none."""


@dataclass(frozen=True, slots=True)
class _Declared:
    """What Content-Type and Content-Disposition say."""

    kind: str
    boundary: bytes
    """Empty where it is not divided."""
    charset: str
    filename: str


@dataclass(slots=True)
class _Open:
    start: int
    end: int
    depth: int
    choice: int
    default: str


def walk(raw: bytes) -> tuple[Fields, list[Part]]:
    """The fields of the mail's own header, and its parts in the order of the mail."""
    top: Fields = {}
    parts: list[Part] = []
    todo = [_Open(0, len(raw), 0, 0, "text/plain")]
    entered = 0
    while todo and entered < MAX_PARTS:
        here = todo.pop()
        entered += 1
        fields, body = read_fields(raw, here.start, here.end)
        if here.depth == 0:
            top = fields
        said = _declared(fields, here.default)
        deep = here.depth >= MAX_DEPTH
        inner = [] if deep or not said.boundary else list(_between(raw, said.boundary, body, here.end))
        if not inner:
            parts.append(_part(said, fields, body, here))
            continue
        choice = here.choice or (len(parts) + len(todo) + 1 if said.kind == "multipart/alternative" else 0)
        default = "message/rfc822" if said.kind == "multipart/digest" else "text/plain"
        todo.extend(_Open(a, b, here.depth + 1, choice, default) for a, b in reversed(inner))
    return top, parts


def _between(raw: bytes, boundary: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the parts between the lines of a boundary lie."""
    line = b"\n--" + boundary
    # The line break before the first boundary may be the one that ends the header.
    position = max(0, start - 1)
    opened = -1
    for _ in range(_MAX_LINES_LIKE_BOUNDARIES):
        at = raw.find(line, position, end)
        if at < 0:
            break
        position = at + len(line)
        closing = raw.startswith(b"--", position, end)
        rest = _LINE_END.match(raw, position, end)
        if not closing and not rest:
            continue  # a longer boundary that begins alike
        if opened >= 0:
            yield opened, max(opened, at - (raw[at - 1 : at] == b"\r"))
        opened = rest.end() if rest else -1
        if closing:
            return
        position = opened - 1
    if opened >= 0:
        yield opened, end


def _declared(fields: Fields, default: str) -> _Declared:
    """What the header of a part says of it."""
    asked = first(fields, "content-type"), first(fields, "content-disposition"), default
    return _remembered(*asked) if sum(map(len, asked)) <= _SHORT else _read(*asked)


def _read(kind: str, disposition: str, default: str) -> _Declared:
    """The standard library reads the parameters (RFC 2231); it gets these two short fields alone."""
    content = email.message.Message(policy=email.policy.compat32)
    content.set_default_type(default)
    if kind:
        content["content-type"] = kind[:4096]
    if disposition:
        content["content-disposition"] = disposition[:4096]
    found = content.get_content_type()
    return _Declared(
        kind=found,
        boundary=_boundary(content) if found.startswith("multipart/") else b"",
        charset=_parameter(content, "charset"),
        filename=_base_name(content),
    )


_remembered = lru_cache(1_000)(_read)
"""Most mails say the same."""


def _boundary(content: email.message.Message) -> bytes:
    try:
        value = content.get_boundary("") or ""
    except (ValueError, LookupError, TypeError, AttributeError):
        return b""
    return value.rstrip().encode("utf-8", "replace")[:200]


def _part(said: _Declared, fields: Fields, body: int, here: _Open) -> Part:
    return Part(
        media_type=said.kind if _MEDIA_TYPE.fullmatch(said.kind) else "application/octet-stream",
        charset=said.charset,
        encoding=first(fields, "content-transfer-encoding").strip().lower()[:40],
        disposition=first(fields, "content-disposition").partition(";")[0].strip().lower()[:40],
        filename=said.filename,
        start=body,
        end=here.end,
        choice=here.choice,
    )


def _parameter(content: email.message.Message, name: str, header: str = "content-type") -> str:
    try:
        value = content.get_param(name, "", header)
        text = email.utils.collapse_rfc2231_value(value) if value else ""
    except (ValueError, LookupError, TypeError, AttributeError, UnicodeError):
        return ""
    return whole(text)


def _base_name(content: email.message.Message) -> str:
    name = _parameter(content, "filename", "content-disposition") or _parameter(content, "name")
    name = re.split(r"[/\\]", decode_words(name))[-1].strip()[:200]
    return "" if name in (".", "..") else name
