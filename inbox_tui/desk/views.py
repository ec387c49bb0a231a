"""In which views a case stands, and at which place.

A rank grows from the top of a view to its end: waiting cases stand in the order of `queue_rank`, snoozed
ones in that of their return, all others with the newest first.
"""

from __future__ import annotations

from collections.abc import Sequence

from inbox_tui.errors import UsageError
from inbox_tui.model import CaseState

WAITING = "waiting"
MINE = "mine"
UNASSIGNED = "unassigned"
PENDING = "pending"
SNOOZED = "snoozed"
DONE = "done"
ALL = "all"
AUTOMATIC = "automatic"
SPAM = "spam"
CHANNEL = "channel:"
HIDDEN = "hidden"
"""Snoozed cases whose customer is owed an answer: no list shows it, the header counts it."""

FIXED: tuple[tuple[str, str], ...] = (
    (WAITING, "Waiting"),
    (MINE, "Mine"),
    (UNASSIGNED, "Unassigned"),
    (PENDING, "Pending"),
    (SNOOZED, "Snoozed"),
    (DONE, "Done"),
    (ALL, "All"),
    (AUTOMATIC, "Automatic"),
    (SPAM, "Spam"),
)
"""Key and title of the views that are always there."""
DAILY = 6
"""So many of them come first; then one for each channel, then the others."""

_WAIT_BITS = 32
"""Seconds until the year 2106."""
_NO_TARGET = 2**27
"""A minute in the year 2225."""
_BROKEN = 2**61
"""Before every time."""
_AFTER_ALL = 2**60
"""Behind every time: pending cases after waiting ones, those without a time behind those with one."""


def key_of(view: str, agent: str) -> str:
    """Under which key the store keeps a view: each agent has a `mine` of his own."""
    return f"{MINE}:{agent}" if view == MINE else view


def queue_rank(waiting_since: int, due: int | None, *, broken: bool = False) -> int:
    """Broken promises first, then what is due first, then who waits longest; times in milliseconds UTC.

    The minute of the due time stands before the second of the wait. What has no due time comes after all that
    has one.
    """
    minute: int = _NO_TARGET if due is None else min(max(0, due // 60_000), _NO_TARGET - 1)
    rank: int = (minute << _WAIT_BITS) + min(max(0, waiting_since // 1000), 2**_WAIT_BITS - 1)
    return rank - _BROKEN if broken else rank


def known_key(view: str, agent: str) -> str:
    """As `key_of`. Raises UsageError where there is no such view."""
    fixed = [key for key, _ in FIXED]
    if view not in fixed and not view.startswith(CHANNEL):
        raise UsageError(f'there is no view "{view}"', "views are: " + ", ".join([*fixed, "channel:NAME"]))
    return key_of(view, agent)


def views_of(
    state: CaseState,
    *,
    automatic: bool,
    channels: Sequence[str],
    waiting_since: int | None,
    updated_at: int,
    assignee: str = "",
    snoozed: bool = False,
    snoozed_until: int | None = None,
    spam: bool = False,
    due: int | None = None,
    broken: bool = False,
) -> tuple[tuple[str, int], ...]:
    """(view, rank) of every view that the case stands in."""
    every = (ALL, -updated_at)
    owed = state is CaseState.WAITING and waiting_since is not None
    if spam:
        return (SPAM, -updated_at), every
    if snoozed and state is not CaseState.DONE:
        rank = snoozed_until if snoozed_until is not None else _AFTER_ALL - updated_at
        hidden = ((HIDDEN, waiting_since),) if owed and waiting_since is not None else ()
        return (SNOOZED, rank), *hidden, every
    if owed and waiting_since is not None:
        rank = queue_rank(waiting_since, due, broken=broken)
        own = key_of(MINE, assignee) if assignee else UNASSIGNED
        on = [(CHANNEL + channel, rank) for channel in channels]
        return (WAITING, rank), (own, rank), *on, every
    view = AUTOMATIC if automatic else DONE if state is CaseState.DONE else PENDING
    if view == PENDING and assignee:
        return (PENDING, -updated_at), (key_of(MINE, assignee), _AFTER_ALL - updated_at), every
    return (view, -updated_at), every
