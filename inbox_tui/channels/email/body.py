"""The text and the attachments of a mail, from its parts. Pure; bounded in time and memory."""

from __future__ import annotations

import binascii

from inbox_tui.channels.email import html
from inbox_tui.channels.email.charset import decode, whole
from inbox_tui.channels.email.fold import collapse
from inbox_tui.channels.email.headers import from_base64
from inbox_tui.channels.email.mime import Part
from inbox_tui.model import Attachment

MAX_ENCODED = 2_000_000
"""Bytes of one text part that are read."""
MAX_TEXT = 1_000_000
"""Characters of a mail's text that are kept."""
MAX_ATTACHMENTS = 100


def read_text(raw: bytes, parts: list[Part], light: bool) -> str:
    """The whole text: plain where it is offered, else made from the HTML."""
    out: list[str] = []
    room = MAX_TEXT
    plain = _with_plain(raw, parts)
    for part in parts:
        if not is_text(part) or room <= 0:
            continue
        if part.media_type == "text/html":
            if part.choice and part.choice in plain:
                continue
            text = html.to_text(_decoded(raw, part), light)
        else:
            text = _decoded(raw, part)
        text = collapse(text[:room])
        if text:
            out.append(text)
            room -= len(text)
    return whole("\n\n".join(out))


def is_text(part: Part) -> bool:
    """It is to be read, not to be saved."""
    if part.media_type not in ("text/plain", "text/html"):
        return False
    return part.disposition != "attachment" and not part.filename


def attachments(raw: bytes, parts: list[Part]) -> tuple[Attachment, ...]:
    """What is to be saved: sizes are computed, nothing is decoded."""
    return tuple(
        Attachment(name=part.filename, media_type=part.media_type, size=_size(raw, part))
        for part in _to_save(parts)
    )


def content(raw: bytes, parts: list[Part], place: int) -> bytes:
    """The file at this place of `attachments`, decoded."""
    part = _to_save(parts)[place]
    data = raw[part.start : part.end]
    if part.encoding == "base64":
        return from_base64(data)
    return binascii.a2b_qp(data) if part.encoding == "quoted-printable" else data


def _to_save(parts: list[Part]) -> list[Part]:
    found = [part for part in parts if not is_text(part) and (part.filename or part.end > part.start)]
    return found[:MAX_ATTACHMENTS]


def _with_plain(raw: bytes, parts: list[Part]) -> set[int]:
    """Alternatives that offer a plain text with something in it."""
    return {
        part.choice
        for part in parts
        if part.choice
        and part.media_type == "text/plain"
        and is_text(part)
        and not raw[part.start : min(part.end, part.start + MAX_ENCODED)].isspace()
        and part.end > part.start
    }


def _decoded(raw: bytes, part: Part) -> str:
    data = raw[part.start : min(part.end, part.start + MAX_ENCODED)]
    if part.encoding == "base64":
        data = from_base64(data)
    elif part.encoding == "quoted-printable":
        data = binascii.a2b_qp(data)
    return decode(data, part.charset)


def _size(raw: bytes, part: Part) -> int:
    size = part.end - part.start
    if part.encoding == "base64":
        breaks = raw.count(b"\n", part.start, part.end) + raw.count(b"\r", part.start, part.end)
        tail = raw[max(part.start, part.end - 8) : part.end]
        return max(0, (size - breaks) * 3 // 4 - min(2, tail.count(b"=")))
    if part.encoding == "quoted-printable":
        soft = raw.count(b"=\r\n", part.start, part.end)
        soft_bare = raw.count(b"=\n", part.start, part.end)
        coded = raw.count(b"=", part.start, part.end) - soft - soft_bare
        return max(0, size - 3 * soft - 2 * soft_bare - 2 * coded)
    return size
