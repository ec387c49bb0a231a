"""A person whole, and what speaks for two being one. Part of `inbox_tui.model`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inbox_tui.records import dataclass

if TYPE_CHECKING:
    from inbox_tui.model import CaseRow, Identity, Message, Person


@dataclass(frozen=True, slots=True)
class Reason:
    """Why two persons may be one."""

    kind: str
    """address, phone, handle, order, name, brief, wording, code."""
    value: str
    """The address, number or name; empty for wording."""
    score: int
    """Of 100."""
    by: str
    """Name of who wrote it, or of one of both where it stands with both."""
    other: str
    owned: bool
    """It is the other's own address, number or handle."""
    claim: int
    """1: the writer says that it is his; 0: he does not say."""
    channel: str
    at: int
    """When it was written."""
    messages: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """Two persons who may be one."""

    id: int
    persons: tuple[Person, Person]
    state: str
    """open, accepted, declined, absorbed."""
    score: int
    """Of 100; from 80 on it is all but certain."""
    reasons: tuple[Reason, ...]
    """The strongest first."""
    cases: tuple[int | None, int | None]
    """The open case of each that it is about; None: he has none."""
    decided_by: str = ""


@dataclass(frozen=True, slots=True)
class PersonPage:
    """All that is known of a person."""

    person: Person
    identities: tuple[Identity, ...]
    cases: tuple[CaseRow, ...]
    """On all channels, what moved last first."""
    remarks: tuple[Message, ...]
    """Calls and notes of all his cases, the newest first."""
    proposals: tuple[Proposal, ...]
    goodwill: tuple[Goodwill, ...] = ()
    supports: tuple[CaseRow, ...] = ()
    """Cases of others in which he writes on their behalf."""


@dataclass(frozen=True, slots=True)
class Goodwill:
    """A voucher or a refund that was given."""

    case: int
    at: int
    agent: str
    amount: str
    reason: str


@dataclass(frozen=True, slots=True)
class Joined:
    """What a merge, a split or a decision came to."""

    act: str
    event: int
    """Its number, by which it can be undone at any later time."""
    case: int | None
    """The case that took others in, or was made."""
    person: int | None
    """The person who took others in, or was made."""
    taken: tuple[int, ...] = ()
    """Cases that were taken in."""


@dataclass(frozen=True, slots=True)
class Past:
    """Something that was done with a case."""

    id: int
    case: int | None
    """None: it was of no case, as a fetch that was asked for."""
    at: int
    agent: str
    """Empty: the program itself."""
    kind: str
    detail: str
    """In words; may be empty."""
    act: int | None
    """The merge or split that it is part of, which can be undone by this number; None: it is of none."""
    undone: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which an answer was owed."""

    begin: int
    end: int | None
    """None: it still is."""
    how: str
    """What ended it: answered, called, done; empty: nothing yet."""


@dataclass(frozen=True, slots=True)
class CaseReport:
    """How long a customer waited, and what happened when."""

    row: CaseRow
    stretches: tuple[Stretch, ...]
    waited: int
    """Milliseconds in which an answer was owed, until now."""
    first_answer: int | None
    """Milliseconds from the first message of the customer to the first answer; None: there was none."""
    events: tuple[Past, ...]
    goodwill: tuple[Goodwill, ...]
