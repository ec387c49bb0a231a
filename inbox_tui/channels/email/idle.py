"""Waiting for mail: IDLE (RFC 2177) on the first folder, left open between two short waits.

A connection that dies here is no error: the next fetch opens another, and says so where it cannot.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from inbox_tui.channels.email.imap import Mailbox
from inbox_tui.errors import ChannelError

RENEW_SECONDS: Final = 25 * 60.0
"""Servers may hang up after 29 minutes."""
DEAF_SECONDS: Final = 60.0
"""Rest after a connection died: a server that hangs up at once must not be asked in a loop."""
_NEWS: Final = (b"EXISTS", b"RECENT")


class Ear:
    """Listens for one mailbox. Used by the thread that fetches it."""

    def __init__(
        self,
        mailbox: Mailbox,
        folder: str,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._mailbox = mailbox
        self._folder = folder
        self._monotonic = monotonic
        self._sleep = sleep
        self._deaf_until = 0.0
        self._begun = 0.0

    def wait(self, seconds: float) -> bool:
        """Let so much time pass, or less where mail came: then true."""
        start = self._monotonic()
        try:
            heard = start >= self._deaf_until and self._heard(start, seconds)
        except ChannelError:
            heard = self._deaf(start)
        left = seconds - (self._monotonic() - start)
        if not heard and left > 0:
            self._sleep(left)
        return heard

    def _heard(self, now: float, seconds: float) -> bool:
        if not self._mailbox.idling:
            if not self._mailbox.can_idle():
                return self._deaf(now)
            if self._mailbox.has_moved(self._folder):
                return True
            self._begin(now)
        elif now - self._begun > RENEW_SECONDS:
            self._mailbox.idle_done()
            self._begin(now)
        said = self._mailbox.idle_check(seconds)
        if any(one[:1] == (b"BYE",) for one in said):
            self._mailbox.drop()
            return self._deaf(now)
        if not said and self._monotonic() - now < seconds / 2:
            # A closed connection is silent at once, for ever; ending the wait tells it from a living one.
            self._mailbox.idle_done()
        return any(word in _NEWS for one in said for word in one)

    def _begin(self, now: float) -> None:
        self._mailbox.idle()
        self._begun = now

    def _deaf(self, now: float) -> bool:
        self._deaf_until = now + DEAF_SECONDS
        return False
