"""Direct messages of the small X: what was said between two, and who may write to whom.

It knows nothing of HTTP. Users, ids, the clock and the lock are `x_world`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from inbox_tui.sandbox.x_world import Account, User, XWorld

LONGEST: Final = 10_000
"""Characters of a direct message."""
REACH: Final = 30 * 24 * 3600 * 1000
"""Milliseconds that the API looks back."""


class DirectRefusal(Enum):
    """Why X will not take a direct message."""

    EMPTY = "empty"
    TOO_LONG = "too long"
    UNKNOWN = "there is no such user"
    CLOSED = "the recipient takes none from this account"


class DirectRefused(ValueError):
    """A direct message that the platform refuses; `reason` says why."""

    def __init__(self, reason: DirectRefusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class DirectMessage:
    """One as it stands."""

    id: str
    conversation_id: str
    """The ids of both users, the smaller first."""
    sender_id: str
    text: str
    created_at: int
    """Milliseconds UTC."""


class DirectMessages:
    """All conversations of two."""

    def __init__(self, world: XWorld) -> None:
        self._world = world
        self._said: list[DirectMessage] = []
        self._open: set[str] = set()
        self._closed: set[str] = set()

    def say(self, sender: User, recipient: User, text: str, at: int | None = None) -> DirectMessage:
        """Somebody writes in X's own app, where no limit of the API holds."""
        with self._world.lock:
            when = self._world.now() if at is None else at
            made = DirectMessage(
                self._world.new_id(when), conversation(sender.id, recipient.id), sender.id, text, when
            )
            self._said.append(made)
            return made

    def takes(self, user: User, *, yes: bool) -> None:
        """Somebody opens his direct messages to everybody, or closes them even to whom he wrote."""
        with self._world.lock:
            (self._open if yes else self._closed).add(user.id)
            (self._closed if yes else self._open).discard(user.id)

    def write(self, account: Account, recipient_id: str, text: str) -> DirectMessage:
        """An account writes through the API, under its rules. Raises DirectRefused."""
        if not text.strip():
            raise DirectRefused(DirectRefusal.EMPTY)
        if len(text) > LONGEST:
            raise DirectRefused(DirectRefusal.TOO_LONG)
        with self._world.lock:
            recipient = self._world.user(recipient_id)
            if recipient is None:
                raise DirectRefused(DirectRefusal.UNKNOWN)
            if not self._may(account.user, recipient):
                raise DirectRefused(DirectRefusal.CLOSED)
            made = self.say(account.user, recipient, text)
        self._world.accepted(
            {
                "channel": "x",
                "kind": "dm",
                "account": account.name,
                "to": f"@{recipient.handle}",
                "in_reply_to": None,
                "text": text,
                "id": made.id,
                "conversation": made.conversation_id,
            },
            made.created_at,
        )
        return made

    def seen_by(self, user_id: str, partner: str | None = None) -> Sequence[DirectMessage]:
        """What a user wrote and got, newest first; only with this partner, where one is named."""
        with self._world.lock:
            since = self._world.now() - REACH
            wanted = None if partner is None else conversation(user_id, partner)
            return [
                one
                for one in reversed(self._said)
                if user_id in one.conversation_id.split("-")
                and one.created_at >= since
                and wanted in (None, one.conversation_id)
            ]

    def _may(self, sender: User, recipient: User) -> bool:
        if recipient.id in self._closed:
            return False
        wrote = any(
            one.sender_id == recipient.id and sender.id in one.conversation_id.split("-")
            for one in self._said
        )
        return wrote or recipient.id in self._open


def conversation(one: str, other: str) -> str:
    """The id of the conversation of two users."""
    first, second = sorted((one, other), key=int)
    return f"{first}-{second}"
