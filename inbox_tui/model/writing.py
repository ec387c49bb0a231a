"""The records of what an agent writes beyond a plain reply: mails of his own, files, templates."""

from __future__ import annotations

from enum import StrEnum

from inbox_tui.records import dataclass


class ReplyKind(StrEnum):
    """What an entry of the outbox does."""

    REPLY = "reply"
    """Answers in a thread that a customer began."""
    MAIL = "mail"
    """A mail of our own, which begins a thread."""
    FORWARD = "forward"
    """A mail of our own that hands a case on, to a supplier or a colleague."""
    PRIVATE = "private"
    """Answers a comment in private, where only its author reads it."""
    HIDE = "hide"
    """Hides a comment from others."""
    UNHIDE = "unhide"
    """Shows a hidden comment again."""
    ACK = "ack"
    """Says automatically that a message is here. A promise, never an answer."""


HIDING = (ReplyKind.HIDE, ReplyKind.UNHIDE)
"""Kinds that write to nobody."""
ANSWERS = (ReplyKind.REPLY, ReplyKind.PRIVATE)
"""Kinds that need something to answer: a draft without words is kept as nothing."""


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that goes out with a reply."""

    number: int
    """In its reply, from 1; stays what it is when another is taken off."""
    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """A file as a channel needs it to send."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Template:
    """A text that is written often, with places to fill: ``{person.name}``."""

    name: str
    text: str
    language: str = ""
    """As the configuration says: de, en; empty: any."""
    channel: str = ""
    """Only for this channel; empty: for all."""
    subject: str = ""
    """Of a mail that begins a thread."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A template for one case."""

    text: str
    subject: str
    missing: tuple[str, ...] = ()
    """Places that nothing is known for. They stay in the text, and nothing is sent with them."""
