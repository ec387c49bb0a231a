"""A hand-off: a customer is asked to go on elsewhere, in private. Part of `inbox_tui.model`."""

from __future__ import annotations

from enum import StrEnum

from inbox_tui.records import dataclass


class Destination(StrEnum):
    """Where a customer can be asked to go on."""

    EMAIL = "email"
    X_DM = "x-dm"
    MESSENGER = "messenger"


CHANNEL_OF = {Destination.EMAIL: "email", Destination.X_DM: "x", Destination.MESSENGER: "facebook"}
"""On which channel each of them is."""


@dataclass(frozen=True, slots=True)
class Place:
    """A destination as it stands for one case."""

    to: Destination
    account: str
    """Whose mailbox, handle or page it is."""
    why_not: str = ""
    """Why the customer cannot be answered there, in words; empty: the way is open."""
    note: str = ""
    """What else the agent should know before he sends somebody there."""
    thread: int | None = None
    """A thread of the case in which the customer has written there already, and can be answered now."""

    @property
    def open(self) -> bool:
        """Somebody can be asked to go on there."""
        return not self.why_not


@dataclass(frozen=True, slots=True)
class Handoff:
    """A hand-off of a case, as far as it has come. Times are milliseconds UTC."""

    id: int
    to: Destination
    reply: int
    """The reply that asked the customer."""
    message: int | None
    """Its entry in the timeline; None for a draft."""
    public: bool
    """Others could read its code: it proves nothing, and only proposes."""
    sent_at: int | None
    """None: it has not gone out."""
    back_at: int | None
    """When the case comes back to the queue if nobody has arrived; None before it has gone out."""
    expires_at: int | None
    """When its code is worth nothing any more."""
    arrived_at: int | None
    """When the customer arrived; None: he has not."""
    arrived: int | None
    """The message with which he did."""
    by_code: bool
    """He wrote the code; else he was known there."""
    returned_at: int | None
    """When the case came back without him; None: it has not."""
