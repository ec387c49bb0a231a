"""Whether a customer can be answered in a thread now, and in private where he wrote in public."""

from __future__ import annotations

from collections.abc import Sequence

from inbox_tui.desk.clock import DAY, HOUR
from inbox_tui.model import Thread
from inbox_tui.records import replace

NOT_PRIVATELY = "nothing in this thread can be answered in private: it was done already, or it is no comment"


def closed(thread: Thread, now: int) -> str:
    """Why the platform takes no answer in this thread now; empty where it does. now: milliseconds UTC."""
    if not thread.can_reply:
        return thread.why_not or "the platform will not accept a reply here"
    if thread.reply_until is None or now <= thread.reply_until:
        return ""
    window = thread.capabilities.reply_window
    since = now - (thread.reply_until - window)
    name = thread.channel.capitalize()
    if thread.last_in is None:
        return f"{name} takes a private answer only after the customer has written here himself"
    return (
        f"{name} takes a private answer only within {_span(window)} of the customer's last message,"
        f" and that was {_span(since)} ago"
    )


def privately(thread: Thread) -> Thread:
    """The thread as whoever answers its comment in private has it: only the author reads that."""
    can = thread.capabilities.privately or thread.capabilities
    return replace(
        thread,
        public=False,
        # The window counts from the comment, not from what he last wrote.
        capabilities=replace(can, reply_window=thread.capabilities.private_window),
        can_reply=thread.private_in is not None,
        why_not="" if thread.private_in is not None else NOT_PRIVATELY,
        last_in=thread.private_in,
        reply_until=thread.private_until,
    )


def ways(threads: Sequence[Thread], blocked: Thread, now: int) -> str:
    """Where the customer can be answered instead of in this thread, in words; empty: nowhere."""
    found = [
        f"thread {t.id} ({t.channel}{'' if t.public or t.capabilities.copies else ', private'})"
        for t in threads
        if not (t.aside or t.supporter)
        and not closed(t, now)
        and (t.id, t.public) != (blocked.id, blocked.public)
    ]
    found += [
        f"privately to the comment in thread {t.id}"
        for t in threads
        if blocked.id != t.id and not (t.aside or t.supporter) and not closed(privately(t), now)
    ]
    return "answer elsewhere: " + ", ".join(found) if found else ""


def _span(ms: int) -> str:
    hours = ms // HOUR
    return f"{ms // DAY} days" if hours >= 48 else f"{hours} hours"
