"""In which views a case stands, and at which place.

A rank grows from the top of a view to its end: waiting cases stand in the order of their wait, all others
with the newest first.
"""

from __future__ import annotations

from collections.abc import Sequence

from inbox_tui.model import CaseState

WAITING = "waiting"
PENDING = "pending"
DONE = "done"
ALL = "all"
AUTOMATIC = "automatic"
CHANNEL = "channel:"

FIXED: tuple[tuple[str, str], ...] = (
    (WAITING, "Waiting"),
    (PENDING, "Pending"),
    (DONE, "Done"),
    (ALL, "All"),
    (AUTOMATIC, "Automatic"),
)
"""Key and title of the views that are always there; after them comes one for each channel."""


def views_of(
    state: CaseState,
    *,
    automatic: bool,
    channels: Sequence[str],
    waiting_since: int | None,
    updated_at: int,
) -> tuple[tuple[str, int], ...]:
    """(view, rank) of every view that the case stands in."""
    if state is CaseState.WAITING and waiting_since is not None:
        waiting = [(WAITING, waiting_since)]
        waiting += [(CHANNEL + channel, waiting_since) for channel in channels]
        return (*waiting, (ALL, -updated_at))
    view = AUTOMATIC if automatic else DONE if state is CaseState.DONE else PENDING
    return (view, -updated_at), (ALL, -updated_at)
