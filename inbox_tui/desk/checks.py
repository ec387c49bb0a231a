"""What an agent is told before a reply goes out."""

from __future__ import annotations

from inbox_tui.model import Thread
from inbox_tui.records import dataclass
from inbox_tui.text import length


@dataclass(frozen=True, slots=True)
class Caution:
    """Something that the agent should know."""

    code: str
    message: str
    blocks: bool
    """The reply cannot go out like this."""


def before_reply(thread: Thread, text: str) -> tuple[Caution, ...]:
    """Everything that speaks against sending this text in this thread."""
    found = []
    if not text.strip():
        found.append(Caution("empty", "the reply is empty", True))
    if not thread.can_reply:
        why = thread.why_not or "the platform will not accept a reply here"
        found.append(Caution("refused", why, True))
    if thread.last_in is None and thread.customer.value is None:
        found.append(Caution("no_recipient", "nobody is known to whom this could go", True))
    can = thread.capabilities
    if can.max_length is not None:
        over = length(text, can.length_rule) - can.max_length
        if over > 0:
            found.append(
                Caution(
                    "too_long",
                    f"too long by {over} (limit {can.max_length} as {thread.channel} counts)",
                    True,
                )
            )
    return tuple(found)
