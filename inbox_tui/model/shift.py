"""What an agent leaves behind at the end of a shift, and how the desk stands. Part of `inbox_tui.model`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inbox_tui.records import dataclass

if TYPE_CHECKING:
    from inbox_tui.model import CaseRow, Health, Reply, WorkerStatus


@dataclass(frozen=True, slots=True)
class Handover:
    """Who still waits on an agent, and what he began and did not end."""

    agent: str
    waiting: tuple[CaseRow, ...]
    """His cases that are owed an answer and hidden by no snooze, as `mine` has them."""
    snoozed: tuple[CaseRow, ...]
    """His cases that are owed an answer and come back at a time, or when the customer writes."""
    drafts: tuple[Reply, ...]
    """What he began to write, newest first."""
    unsent: tuple[Reply, ...]
    """His replies that failed, or of which nobody knows whether they arrived."""
    unassigned: int
    """Cases that wait and are nobody's."""
    nobodys: tuple[CaseRow, ...] = ()
    """Those, where no other agent is known to the store: there is nobody else for them to wait on."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How the desk stands, for monitoring."""

    waiting: int
    """Cases that are owed an answer, snoozed ones too."""
    longest: int | None
    """`waiting_since` of the longest wait, of a snoozed case too; None: nobody waits."""
    overdue: int | None
    """Cases whose due time has passed; None: the desk has no due times."""
    unsent: int
    """Replies that failed or are unknown."""
    posts: int
    """Posts of our own since the longest wait began."""
    health: tuple[Health, ...]
    worker: WorkerStatus
