"""What was said in a case, quoted below a mail that hands it on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from inbox_tui.model import Direction, Kind, Message, ReplyState

LONGEST = 50_000
"""Characters that are quoted at most; of more the oldest are left out."""


def to_quote(timeline: Sequence[Message], threads: frozenset[int]) -> tuple[Message, ...]:
    """What people said in these threads, and was delivered."""
    return tuple(
        message
        for message in timeline
        if message.kind is Kind.MESSAGE
        and message.thread in threads
        and message.state in (None, ReplyState.SENT)
    )


def quoted(messages: Sequence[Message], when: Callable[[int], str], firm: str) -> str:
    """Each with its writer and its time, oldest first. when: a time in words; firm: who we are."""
    blocks: list[str] = []
    room = LONGEST
    for message in reversed(messages):
        block = _block(message, when, firm)
        room -= len(block)
        if room < 0:
            blocks.append("(what was written before is left out)")
            break
        blocks.append(block)
    return "\n\n".join(reversed(blocks))


def _block(message: Message, when: Callable[[int], str], firm: str) -> str:
    author = message.author
    who = firm if message.direction is Direction.OUT else author.name or author.handle or "somebody"
    handle = f" <{author.handle}>" if message.direction is Direction.IN and author.handle else ""
    where = "by mail" if message.channel == "email" else f"on {message.channel.capitalize()}"
    lines = [f"{when(message.sent_at)}, {who}{handle} {where}:"]
    lines += [f"> {line}".rstrip() for line in (message.text or message.full_text).split("\n")]
    if message.attachments:
        lines.append("> [" + ", ".join(file.name for file in message.attachments) + "]")
    return "\n".join(lines)
