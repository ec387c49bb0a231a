"""Messenger of the small page: conversations, the windows in which the page may write, private answers.

It knows nothing of HTTP. People, comments, the clock and the lock are ``graph_world``'s.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from inbox_tui.sandbox.graph_world import GraphWorld, Person

LONGEST: Final = 2000
DAY: Final = 86_400_000
ANSWER_MS: Final = DAY
"""How long after the customer's last message the page may answer."""
AGENT_MS: Final = 7 * DAY
"""The same, where a person answers and says so (HUMAN_AGENT)."""
PRIVATE_MS: Final = 7 * DAY
"""How long after a comment the page may answer it privately."""


class OutsideWindow(ValueError):
    """The time in which the page may write is over."""


class Unavailable(ValueError):
    """The person takes no messages of the page."""


class NoSuchPerson(LookupError):
    """Nobody has this page-scoped id."""


class AlreadyReplied(ValueError):
    """The comment was answered privately before."""


@dataclass(frozen=True)
class Said:
    """One message."""

    id: str
    author: Person
    text: str
    created: int
    """Milliseconds UTC."""


@dataclass
class Conversation:
    """The page and one person."""

    id: str
    person: Person
    said: list[Said] = field(default_factory=list)
    """Oldest first."""

    @property
    def updated(self) -> int:
        """When something was last written, milliseconds UTC."""
        return max((one.created for one in self.said), default=0)


class Messenger:
    """All conversations of the page."""

    def __init__(self, world: GraphWorld) -> None:
        self._world = world
        self._conversations: dict[str, Conversation] = {}
        self._answered: set[str] = set()
        self._left: set[str] = set()
        self._number = 0

    def say(self, person: Person, text: str, at: int | None = None) -> Said:
        """A person writes to the page; whoever had left is back."""
        with self._world.lock:
            self._left.discard(person.id)
            return self._add(person, person, text, at)

    def page_says(self, person: Person, text: str, at: int | None = None) -> Said:
        """The page writes outside the API, as from Facebook's own inbox."""
        with self._world.lock:
            return self._add(person, self._world.page, text, at)

    def leave(self, person: Person) -> None:
        """A person takes no more messages of the page."""
        with self._world.lock:
            self._left.add(person.id)

    def send(self, person_id: str, text: str, *, as_agent: bool, later: int = 0) -> Said:
        """The API writes as the page. later: milliseconds by which its windows run ahead.

        Raises NoSuchPerson, Unavailable, OutsideWindow.
        """
        with self._world.lock:
            found = self._conversations.get(person_id)
            if found is None:
                raise NoSuchPerson(person_id)
            if person_id in self._left:
                raise Unavailable(person_id)
            last = max((one.created for one in found.said if one.author == found.person), default=0)
            if self._world.now() + later - last > (AGENT_MS if as_agent else ANSWER_MS):
                raise OutsideWindow(person_id)
            made = self._add(found.person, self._world.page, text, None)
        self._tell("message", found.person, text, made, None)
        return made

    def reply_privately(self, comment: str, text: str, *, later: int = 0) -> tuple[Person, Said]:
        """The API answers a comment where only its author reads it.

        Raises UnknownObject, AlreadyReplied, OutsideWindow, Unavailable.
        """
        with self._world.lock:
            found = self._world.find_comment(comment)
            person = found.author
            if comment in self._answered:
                raise AlreadyReplied(comment)
            if person is self._world.page or person.id in self._left:
                raise Unavailable(comment)
            if self._world.now() + later - found.created > PRIVATE_MS:
                raise OutsideWindow(comment)
            self._answered.add(comment)
            made = self._add(person, self._world.page, text, None)
        self._tell("private_reply", person, text, made, comment)
        return person, made

    def can_reply_privately(self, comment: str, later: int = 0) -> bool:
        """Whether the page may answer this comment privately now."""
        with self._world.lock:
            found = self._world.find_comment(comment)
            fresh = self._world.now() + later - found.created <= PRIVATE_MS
            return fresh and comment not in self._answered and found.author is not self._world.page

    def can_reply(self, conversation: Conversation, later: int = 0) -> bool:
        """Whether the page may write in it now, as a person if need be."""
        with self._world.lock:
            theirs = [one.created for one in conversation.said if one.author == conversation.person]
            fresh = bool(theirs) and self._world.now() + later - max(theirs) <= AGENT_MS
            return fresh and conversation.person.id not in self._left

    def conversations(self) -> list[Conversation]:
        """What moved last comes first."""
        with self._world.lock:
            return sorted(self._conversations.values(), key=lambda one: (one.updated, one.id), reverse=True)

    def find(self, conversation: str) -> Conversation | None:
        """The conversation of this id."""
        with self._world.lock:
            return next((one for one in self._conversations.values() if one.id == conversation), None)

    def _add(self, person: Person, author: Person, text: str, at: int | None) -> Said:
        found = self._conversations.get(person.id)
        if found is None:
            found = Conversation(f"t_{1000 + len(self._conversations)}", person)
            self._conversations[person.id] = found
        self._number += 1
        made = Said(f"m_{self._number:08d}-sandbox", author, text, self._world.now() if at is None else at)
        found.said.append(made)
        found.said.sort(key=lambda one: (one.created, one.id))
        return made

    def _tell(self, kind: str, person: Person, text: str, made: Said, comment: str | None) -> None:
        self._world.accepted(
            {
                "channel": "facebook",
                "kind": kind,
                "account": "page",
                "to": person.name,
                "in_reply_to": comment,
                "text": text,
                "id": made.id,
                "at": datetime.fromtimestamp(made.created // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            }
        )
