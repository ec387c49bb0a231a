"""What an agent is told before a reply goes out, from what stands around it: case, desk, other replies.

`checks` looks at thread and text alone. Nothing here forbids a reply for good: the agent says yes, or a
script says --force.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from inbox_tui.desk import asking, private
from inbox_tui.desk.asking import Said
from inbox_tui.desk.checks import Caution
from inbox_tui.model import Direction, Kind, Message, Thread
from inbox_tui.records import dataclass

FRESH = 15 * 60_000
"""Milliseconds for which a draft that nobody goes on with still says that somebody is writing."""
LATELY = 24 * 3_600_000
"""Milliseconds back in which the same text to others is noticed."""
MANY = 3
"""So many other cases with the same text are many."""
LONG_ENOUGH = 30
"""Characters from which on the same text to others is more than a "Yes, it does"."""
_NAMED = 5
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Around:
    """What is known around a reply. Times are milliseconds UTC."""

    moved: tuple[Message, ...] = ()
    """What the author has not been shown: of the customer, of other agents, written elsewhere."""
    writing: tuple[str, ...] = ()
    """Other agents with a fresh draft in this case."""
    own: frozenset[str] = frozenset()
    """The firm's own mail addresses, in lower case."""
    order_pattern: str = ""
    """Of the firm's order numbers; empty: none."""
    said: tuple[Said, ...] = ()
    """What the customer told in this case, oldest first."""
    reply_to: str = ""
    """Where the mail that is answered wants its answer; empty: where it came from."""
    same_here: tuple[tuple[int, str], ...] = ()
    """Replies of this case with the very same text: id, and when or how far they are, in words."""
    same_elsewhere: tuple[int, ...] = ()
    """Other cases that got the very same text lately."""


def alike(text: str) -> str:
    """What makes two texts the same: case and white space do not matter."""
    return " ".join(text.casefold().split())


def cautions(thread: Thread, text: str, around: Around) -> tuple[Caution, ...]:
    """Everything around this reply that its author should know."""
    return (
        *_moved(around),
        *_writing(around),
        *_reply_to(thread, around),
        *(_private(text, around) if thread.public else ()),
        *(() if thread.aside or thread.supporter else _held(text, around)),
        *_same(text, around),
    )


def _moved(around: Around) -> Iterator[Caution]:
    if not around.moved:
        return
    count = len(around.moved)
    what = "1 new message" if count == 1 else f"{count} new messages"
    if all(one.kind is Kind.NOTE for one in around.moved):
        what = "a new note" if count == 1 else f"{count} new notes"
    elif all(one.direction is Direction.OUT and one.kind is Kind.MESSAGE for one in around.moved):
        what = f"an answer of {around.moved[-1].author.name or 'somebody else'}"
    newest = around.moved[-1]
    yield Caution(
        "moved",
        f"the case moved since you began: {what}",
        blocks=False,
        asks=True,
        hint="read it first",
        shows=_short(newest.text),
        about=newest.id,
    )


def _writing(around: Around) -> Iterator[Caution]:
    for agent in around.writing:
        hint = "ask first, or leave it to whoever began"
        yield Caution("writing", f"{agent} is writing in this case", False, True, hint, shows=agent)


def _reply_to(thread: Thread, around: Around) -> Iterator[Caution]:
    wanted, goes = around.reply_to.lower(), (thread.customer.value or "").lower()
    if wanted and goes and wanted != goes:
        yield Caution(
            "reply_to",
            f"the mail wants its answer at {wanted} (Reply-To); this goes to {goes}",
            blocks=False,
            asks=True,
            hint=f"to answer there, write a mail of your own to {wanted} in this case",
            shows=wanted,
            about=thread.last_in,
        )


def _private(text: str, around: Around) -> Iterator[Caution]:
    seen: set[str] = set()
    for datum in private.told(text, around.order_pattern):
        ours = datum.kind == "mail address" and _bare(datum.text) in around.own
        if ours or datum.text in seen:
            continue
        seen.add(datum.text)
        yield Caution(
            "private",
            f"everybody can read this reply, and it tells {_a(datum.kind)}: {_short(datum.text)}",
            blocks=False,
            asks=True,
            hint="leave it out, or answer where nobody else reads it",
            shows=datum.text,
        )


def _bare(address: str) -> str:
    """In lower case, without what stands after a plus."""
    local, _, host = address.lower().partition("@")
    return f"{local.partition('+')[0]}@{host}"


def _held(text: str, around: Around) -> Iterator[Caution]:
    kinds = asking.asked(text)
    for one in asking.held(kinds, around.said, around.order_pattern):
        kind = "who he is" if one.kind == asking.DATA else f"his {one.kind}"
        yield Caution(
            "known",
            f"it asks for {kind}, which the case holds already: {_short(one.what)}",
            blocks=False,
            asks=True,
            hint="look there, and ask for nothing twice",
            shows=one.shows,
            about=one.message,
        )


def _same(text: str, around: Around) -> Iterator[Caution]:
    for reply, how in around.same_here[:1]:
        said = f"reply {reply} of this case says the very same ({how})"
        yield Caution("same_text", said, False, True, "he has read it", shows=str(reply))
    others = around.same_elsewhere
    if len(others) >= MANY and len(alike(text)) >= LONG_ENOUGH:
        named = ", ".join(map(str, others[:_NAMED])) + (" …" if len(others) > _NAMED else "")
        said = f"{len(others)} other cases got the very same text within a day: {named}"
        hint = "many the same look like advertising to a platform"
        yield Caution("same_to_many", said, False, True, hint, shows="many")


def _a(kind: str) -> str:
    return f"an {kind}" if re.match(r"[aeioAEIO]", kind) else f"a {kind}"


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHOWN else flat[: _SHOWN - 1] + "…"
