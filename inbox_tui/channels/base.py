"""The protocol that every channel follows, and its records.

Three verbs (fetch, send, find_sent) and one record of what a channel can do. A third party adds a
channel by an entry point in the group ``inbox_tui.channels``: a function ``open_channel(AccountConfig,
Secret) -> Channel``. One Channel object is used by one thread only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from inbox_tui.config import AccountConfig
from inbox_tui.model import Capabilities, Incoming, Outgoing, Receipt

Cursor = Mapping[str, Any]
"""Where fetching goes on: plain JSON, written and read by the channel alone. Empty: from the start."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Messages between these times cannot be had from the platform any more."""

    since: int
    until: int


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that a login may not do, or that is not there."""

    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some messages, and the cursor that is right once they are stored. Both go into one transaction."""

    messages: tuple[Incoming, ...]
    cursor: Cursor
    complete_until: int | None = None
    """Everything up to this time has been delivered with this page or before; None: not known yet."""
    gap: Gap | None = None
    spend: int = 0
    """Millionths of a dollar that reading this page cost."""
    history_done: bool = False
    """Nothing older is left to read, back to the account's `since`."""
    ahead: int | None = None
    """Messages behind this page that this fetch still brings, as far as is known; None: nobody knows."""
    lacks: tuple[Lack, ...] | None = None
    """What the account may not read, while all else goes on; empty: nothing; None: it was not tried."""


@runtime_checkable
class Channel(Protocol):
    """One account on one platform."""

    account: AccountConfig
    can: Capabilities

    def fetch(self, cursor: Cursor, now: int) -> Iterator[Page]:
        """What is new since the cursor: news first, history behind, in pages that can each be stored alone.

        Ends when there is nothing more for now. Raises ChannelError; the pages before it stay valid.
        """

    def send(self, reply: Outgoing) -> Receipt:
        """Deliver once. Raises OutcomeUnknown where it may have been delivered; any other error: not."""

    def find_sent(self, reply: Outgoing) -> Receipt | None:
        """Look on the platform for a reply whose outcome is unknown. None: it is not there."""

    def close(self) -> None:
        """Release connections; safe to call twice."""


@runtime_checkable
class Filer(Protocol):
    """A channel with a step after sending (``Capabilities.files_copy``), retried alone."""

    def file_copy(self, reply: Outgoing) -> None:
        """Put the copy in Sent where the provider does not, and mark the answered mail. Twice is harmless."""


@runtime_checkable
class Hider(Protocol):
    """A channel that can hide what somebody wrote (``Capabilities.hides``)."""

    def hide(self, external_id: str, *, yes: bool) -> None:
        """Hide a comment from others, or show it again. Twice is harmless. Raises ChannelError."""


@runtime_checkable
class Listener(Protocol):
    """A channel that is told of news, as a mailbox with IDLE is."""

    def wait(self, timeout: float) -> bool:
        """Let so many seconds pass, or less where something came: then true. After a fetch, on its thread."""


@runtime_checkable
class Budgeted(Protocol):
    """A channel whose reading costs money."""

    def allow(self, millionths: int | None) -> None:
        """What reading may still cost today, in millionths of a dollar; None: no limit.

        Before a fetch, on its thread. Beyond it the fetch raises RateLimited before it asks again.
        """


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found out about a login that works."""

    lacks: tuple[Lack, ...] = ()
    clock: int | None = None
    """The platform's time in milliseconds UTC, as it was told just now; None: it does not tell."""


@runtime_checkable
class Examiner(Protocol):
    """A channel that can try its login without reading or sending anything."""

    def examine(self) -> Examined:
        """Log in, and look at what the login may do. Raises ChannelError."""


@runtime_checkable
class Sender(Protocol):
    """A channel that sends by another login than it reads by."""

    def try_sending(self) -> None:
        """Log in for sending, and send nothing. Raises ChannelError."""
