"""Conversations of Messenger into Incoming: pure functions, and the one place with their field names.

A thread is the conversation with one person. He is known by his page-scoped id, which is taken for the same
that stands in ``from`` of his comments. A message that cannot be read is kept, with what
came as its full text.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from inbox_tui.channels.facebook.parse import Listing, author_of, read_listing
from inbox_tui.channels.payload import dump, ident, instant, items, lenient, stand_in
from inbox_tui.errors import BadAnswer
from inbox_tui.model import Author, Direction, Incoming

MESSAGE_FIELDS: Final = "id,created_time,from,message"
CONVERSATION_FIELDS: Final = f"id,updated_time,can_reply,participants,messages{{{MESSAGE_FIELDS}}}"
PREFIX: Final = "messenger:"
"""Of the key of a thread that is a conversation."""
DAY: Final = 86_400_000
UNREAD: Final = "[This message could not be read. What Facebook sent is in the full text.]"
WORDLESS: Final = "[A message without words: a picture, a file or a sticker. It is to be seen in Messenger.]"
UNREACHABLE: Final = (
    "Facebook says that this customer takes no message now: answer elsewhere, or wait until he writes again"
)
_CONVERSATION = re.compile(r"t_[A-Za-z0-9_.:=-]{1,200}")
_MESSAGE = re.compile(r"[A-Za-z0-9_.:=$+/-]{1,400}")


class _Raw(msgspec.Struct):
    id: Any = None
    updated_time: Any = None
    can_reply: Any = None
    participants: Any = None
    messages: Any = None


class _People(msgspec.Struct):
    data: Any = None


class _Said(msgspec.Struct, rename={"author": "from"}):
    id: Any = None
    created_time: Any = None
    author: Any = None
    message: str | None = None


class Conversation(msgspec.Struct):
    """A conversation with what came along of its messages."""

    id: str
    """Empty where it has none that can be used: then no more of it can be asked for."""
    updated_at: int | None
    """None where Graph does not say: then it must be looked at."""
    can_reply: bool
    customer: Author
    messages: Listing


def read_conversations(payload: dict[str, Any], page_id: str) -> tuple[list[Conversation], str]:
    """A page of conversations, and where the next begins (empty on the last). Raises BadAnswer."""
    listing = read_listing(payload)
    return [_conversation(item, page_id) for item in listing.items], listing.after


def parse_messages(
    conversation: Conversation, found: list[Any], page_id: str, now: int
) -> tuple[Incoming, ...]:
    """Messages as they came (newest first), oldest first. ``now`` stands in for a missing time."""
    return tuple(_message(item, conversation, page_id, now) for item in reversed(found))


def thread_key(person: str) -> str:
    """The thread of the conversation with a person, by his page-scoped id."""
    return f"{PREFIX}{person}"


def message_id(value: object) -> str:
    """Id of a message, or empty."""
    return value if isinstance(value, str) and _MESSAGE.fullmatch(value) else ""


def _conversation(item: object, page_id: str) -> Conversation:
    raw = lenient(item, _Raw)
    people = [author_of(one) for one in items(lenient(raw.participants, _People).data)]
    try:
        inside = read_listing(raw.messages) if isinstance(raw.messages, dict) else Listing([], "")
    except BadAnswer:
        inside = Listing([], "")
    writers = [author_of(lenient(one, _Said).author) for one in inside.items]
    others = [one for one in (*people, *writers) if one.value and one.value != page_id]
    return Conversation(
        id=raw.id if isinstance(raw.id, str) and _CONVERSATION.fullmatch(raw.id) else ident(raw.id),
        updated_at=instant(raw.updated_time),
        can_reply=raw.can_reply is not False,
        customer=others[0] if others else Author("facebook", None),
        messages=inside,
    )


def _message(item: object, conversation: Conversation, page_id: str, now: int) -> Incoming:
    raw = lenient(item, _Said)
    said = message_id(raw.id)
    said_text = item.get("message") if isinstance(item, dict) else None
    unread = "" if said and isinstance(said_text, str | None) else dump(item)
    author = author_of(raw.author)
    ours = author.value == page_id
    sent_at = instant(raw.created_time) or now
    customer = conversation.customer
    # A day after his last message Facebook may say no for the window alone, which is reckoned apart.
    open_ = conversation.can_reply or now - sent_at > DAY
    return Incoming(
        external_id=said or stand_in(unread),
        thread_key=thread_key(customer.value or conversation.id or said or stand_in(unread)),
        author=author if ours or author.value else customer,
        customer=customer if ours else None,
        direction=Direction.OUT if ours else Direction.IN,
        text=UNREAD if unread else raw.message or WORDLESS,
        full_text=unread,
        sent_at=sent_at,
        can_reply=open_,
        why_not="" if open_ else UNREACHABLE,
        endless=True,
    )
