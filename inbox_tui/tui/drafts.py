"""A text on its way to the store while it is typed: saved one at a time, the latest wording always wins."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from inbox_tui.model import ANSWERS, Attached, Reply, ReplyKind, Thread
from inbox_tui.records import dataclass, field

if TYPE_CHECKING:
    from inbox_tui.desk.checks import Key
    from inbox_tui.inbox import Inbox

_Done = TypeVar("_Done")


@dataclass(slots=True)
class Writing:
    """What the composer is open for. `text` is set on the loop, all else under the lock."""

    case: int
    thread: Thread | None
    """None: a note."""
    seen: int
    """Last message that the author has been shown."""
    draft: int | None = None
    text: str = ""
    saved: str = ""
    over: bool = False
    """Sent: nothing of it is saved any more."""
    agreed: frozenset[Key] = frozenset()
    """What was shown that speaks against it: the next Ctrl+S sends all the same."""
    kind: ReplyKind = ReplyKind.REPLY
    subject: str = ""
    cc: tuple[str, ...] = ()
    files: tuple[Attached, ...] = ()
    promise: int | None = None
    """It says until when the customer hears from us, milliseconds UTC."""
    handoff: str = ""
    """Where it asks the customer to go on; empty: nowhere."""
    begun: str | None = None
    """What a mail of our own or a hand-off began with; None once more was done, or if begun before."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def privately(self) -> bool:
        """It answers a comment where only its author reads it."""
        return self.kind is ReplyKind.PRIVATE

    @property
    def for_nothing(self) -> bool:
        """A mail of our own or a hand-off to which nothing was added: nothing of it needs to be kept."""
        if self.draft is None or (self.kind in ANSWERS and not self.handoff):
            return False
        return not self.text.strip() or (self.begun is not None and self.text.strip() == self.begun.strip())

    def take(self, draft: Reply) -> None:
        """What belongs to the draft beside its text."""
        self.draft, self.kind = draft.id, draft.kind
        self.subject, self.cc, self.files = draft.subject, draft.cc, draft.files
        self.promise, self.handoff = draft.promise, draft.handoff

    @property
    def unsaved(self) -> bool:
        """Something of it is only in memory."""
        return not self.over and self.text.strip() != self.saved.strip()

    def save(self, inbox: Inbox) -> None:
        """Keep the text as a draft. Called beside the loop. Raises InboxError."""
        with self.lock:
            if not self.unsaved:
                return
            text = self.text
            if self.thread is None:
                inbox.save_note_draft(self.case, text)
            else:
                self.draft = inbox.save_draft(
                    self.thread.id, text, seen=self.seen, draft=self.draft, privately=self.privately
                )
                if self.draft is None:
                    # All of it was taken out, and the code with it.
                    self.handoff = ""
            self.saved = text

    def enclose(self, inbox: Inbox, act: Callable[[int], object]) -> None:
        """Change what goes with the text: act gets the draft, made where there is none. Raises InboxError."""
        with self.lock:
            if self.draft is None:
                assert self.thread is not None
                text = self.text
                made = inbox.writing.draft_reply(self.case, self.thread.id, text, self.seen)
                self.draft, self.saved = made.id, text
            act(self.draft)
            self.take(inbox.reply_by_id(self.draft))
            self.begun, self.agreed = None, frozenset()

    def finish(self, act: Callable[[Writing], _Done]) -> _Done:
        """Send: act is called with no save under way, and none follows if it works. Raises InboxError."""
        with self.lock:
            done = act(self)
            self.over = True
            return done
