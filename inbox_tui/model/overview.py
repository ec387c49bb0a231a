"""What an agent is shown of the whole desk, and what his acts came to. Part of `inbox_tui.model`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inbox_tui.records import dataclass

if TYPE_CHECKING:
    from inbox_tui.model import CaseRow, Message


@dataclass(frozen=True, slots=True)
class Acted:
    """What an act on one or many cases came to. It is one step for `undo`."""

    act: str
    cases: tuple[int, ...]
    """Those that it changed."""
    skipped: tuple[tuple[int, str], ...] = ()
    """Those that it left alone, each with the reason."""


@dataclass(frozen=True, slots=True)
class Undone:
    """A step that was taken back."""

    act: str
    cases: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Lasting:
    """What an agent did last, where undo leaves it as it is: what was written stays."""

    event: int
    kind: str
    """Of its event: note, call, goodwill, queued or handoff."""
    case: int


@dataclass(frozen=True, slots=True)
class Health:
    """How an account is doing."""

    account: str
    channel: str
    complete_until: int | None
    """All up to this time is here; None: nothing fetched yet."""
    last_success: int | None
    error: str
    error_code: str
    hint: str
    error_since: int | None
    paused_until: int | None
    """The platform asked for a pause until then."""
    spent_today: int
    """Millionths of a dollar since midnight UTC."""
    gap_from: int | None
    gap_until: int | None
    """Between these times messages are missing for good; None: no gap."""
    unparsed: int
    """Mails kept raw because they could not be read."""
    history_done: bool
    """The history back to `since` has been read."""
    notice: str = ""
    """What the account may not read, while all else goes on; empty: nothing."""
    notice_hint: str = ""
    failures: int = 0
    """Fetches in a row that failed: the pause between two grows with them."""


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """Who fetches and sends for this store."""

    running: bool
    """Somebody holds the worker's lock."""
    pid: int | None
    host: str
    heartbeat: int | None


@dataclass(frozen=True, slots=True)
class HookHealth:
    """How a hook fares."""

    name: str
    error: str
    """Why it failed the last time; empty: it did not."""
    hint: str
    error_since: int | None
    failures: int
    """How often it failed since it was configured."""
    failed_at: int | None


@dataclass(frozen=True, slots=True)
class Position:
    """Where a row stands in a view: the key from which the next page is read."""

    rank: int
    case: int


@dataclass(frozen=True, slots=True)
class View:
    """A list of cases with a name."""

    key: str
    """A name of `desk.views.FIXED`, or ``channel:NAME``."""
    title: str
    count: int


@dataclass(frozen=True, slots=True)
class Overview:
    """What header and sidebar show, from one cheap read."""

    views: tuple[View, ...]
    """In the order of the sidebar."""
    waiting: int
    """Cases that are owed an answer, snoozed ones too."""
    longest: int | None
    """`waiting_since` of the longest wait; None: nobody waits."""
    trouble: int
    """Replies that failed or are unknown."""
    health: tuple[Health, ...]
    worker: WorkerStatus
    hooks: tuple[HookHealth, ...] = ()
    overdue: int = 0
    """Cases of the queue whose answer is overdue; counted up to `MANY`."""
    posts: int = 0
    """Posts of our own that were published since the longest wait began; 0 where nobody waits."""
    same: int = 0
    """Proposals "same person?" that nobody has decided."""


MANY = 1000
"""So many are counted where the exact number tells nobody more."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A case that a search found, by its newest message that matches."""

    row: CaseRow
    message: int | None
    """None where the case matches by itself, as `tag:vip` does."""
    sent_at: int
    snippet: str
    marks: tuple[tuple[int, int], ...]
    """Begin and end of what was found in the snippet."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, the newest first."""

    hits: tuple[Hit, ...]
    more: bool
    """There may be older ones."""
    words: tuple[str, ...] = ()
    """What to mark in the texts, folded; see `desk.folding.places`."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something that was done with a case."""

    id: int
    case: int
    at: int
    actor: str
    """The agent; empty: the program itself."""
    kind: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened since a watcher looked last, oldest first."""

    messages: tuple[Message, ...]
    events: tuple[Change, ...]
