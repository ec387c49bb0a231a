"""How long a customer waited: the times in which an answer was owed, from what was said and done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from inbox_tui.model import Stretch
from inbox_tui.records import dataclass


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that moves the clock."""

    at: int
    """Milliseconds UTC."""
    asks: bool
    """The customer wrote or called in vain; else somebody answered, or closed the case."""
    how: str = ""
    """answered, called, done."""


def stretches(marks: Iterable[Mark], waiting_since: int | None) -> tuple[Stretch, ...]:
    """The times in which an answer was owed, oldest first. waiting_since: since when one is owed now."""
    out: list[Stretch] = []
    begin: int | None = None
    for mark in sorted(marks, key=lambda one: one.at):
        if mark.asks:
            begin = mark.at if begin is None else begin
        elif begin is not None:
            out.append(Stretch(begin, mark.at, mark.how))
            begin = None
    if waiting_since is not None:
        # An answer that covered other messages did not end the wait of this one.
        out = [one for one in out if one.begin < waiting_since]
        out.append(Stretch(waiting_since, None, ""))
    return tuple(out)


def waited(found: Sequence[Stretch], now: int) -> int:
    """Milliseconds in which an answer was owed."""
    total, until = 0, 0
    for one in sorted(found, key=lambda each: each.begin):
        end = one.end if one.end is not None else now
        total += max(0, end - max(one.begin, until))
        until = max(until, end)
    return total
