"""A text on its way to the store while it is typed: saved one at a time, the latest wording always wins."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from inbox_tui.model import Thread
from inbox_tui.records import dataclass, field

if TYPE_CHECKING:
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
    agreed: bool = False
    """Warnings were shown, the next Ctrl+S sends."""
    lock: threading.Lock = field(default_factory=threading.Lock)

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
                self.draft = inbox.save_draft(self.thread.id, text, seen=self.seen, draft=self.draft)
            self.saved = text

    def finish(self, act: Callable[[Writing], _Done]) -> _Done:
        """Send: act is called with no save under way, and none follows if it works. Raises InboxError."""
        with self.lock:
            done = act(self)
            self.over = True
            return done
