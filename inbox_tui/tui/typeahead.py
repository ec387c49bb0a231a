"""Keys take effect one after the other, in the order in which they were typed. Knows no key and no act.

Textual gives a letter to the line that has the focus at once, but a command only when its key has bubbled up
to the app; and a line has the focus only some time after the command that opens it. Over SSH keys come in
bursts: letters would overtake commands, and the text that is typed after `r` would itself be commands.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import Protocol, runtime_checkable

from textual import on
from textual.app import App
from textual.driver import Driver
from textual.events import Event, Key, Paste
from textual.message import Message
from textual.types import CSSPathType
from textual.widget import Widget

from inbox_tui.tui.bursts import apart

AGAIN_AFTER = 0.01
"""Seconds between two looks whether what a key asked for is there."""
AT_MOST = 5.0
"""Seconds that keys wait for it. What is still waiting then was typed blindly, and is forgotten."""
FOCUS_AFTER = 0.5
"""Seconds that they wait for a screen to say which of its widgets has the focus."""
_ROUNDS = 3
"""How often what a command says is passed on as a new message: by the line, by its prompt, to the screen."""
_TOO_LONG = 1.0
"""Seconds after which a key that stands nowhere any more (its widget is gone) holds up no other."""


@runtime_checkable
class Awaiting(Protocol):
    """A screen that knows that its last key is not done with."""

    @property
    def awaits(self) -> bool:
        """What the last key asked for is not there yet: the next one would mean something else."""
        ...

    @property
    def failed(self) -> bool:
        """It will not come: keys that were meant for it are meant for nothing."""
        ...


class ReadsAnew:
    """A screen that is read beside the loop: a key waits until what it is meant for is on it."""

    _reads_anew = _in_vain = False

    @property
    def awaits(self) -> bool:
        """It is being read."""
        return self._reads_anew

    @property
    def failed(self) -> bool:
        """It could not be read, or changed."""
        return self._in_vain

    def begins(self) -> None:
        """It is read from now on."""
        self._reads_anew, self._in_vain = True, False

    def ends(self, *, in_vain: bool = False) -> None:
        """It has been read; in_vain: it could not be."""
        self._reads_anew, self._in_vain = False, in_vain


class Behind(Message):
    """Follows a key on its way: where it arrives, the key has done what it does."""

    def __init__(self, turn: int) -> None:
        self.turn = turn
        super().__init__()


class KeysInOrder(App[int]):
    """An app whose keys wait for each other."""

    def __init__(
        self,
        driver_class: type[Driver] | None = None,
        css_path: CSSPathType | None = None,
        watch_css: bool = False,
        ansi_color: bool | None = None,
    ) -> None:
        super().__init__(driver_class, css_path, watch_css, ansi_color)
        self._typed: deque[Event] = deque()
        self._turn = 0
        self._under_way = False
        self._rounds = 0
        self._waits_since: float | None = None
        self._lost: asyncio.TimerHandle | None = None
        self._expected: Widget | None = None

    def expect(self, widget: Widget) -> None:
        """It was opened to be typed in: keys wait until it has the focus."""
        self._expected = widget

    async def on_event(self, event: Event) -> None:
        if isinstance(event, (Key, Paste)) and not event.is_forwarded:
            # Else nothing has the focus, and the key would wait for ever.
            self.app_focus = True
            self._typed += apart(event, self.focused)
            if not self._under_way:
                await self._next()
        else:
            await super().on_event(event)

    async def _next(self) -> None:
        """Give the next key to whom it is meant for, or wait for him."""
        if not self._typed:
            self._waits_since = None
            return
        if self._too_early():
            now = time.monotonic()
            self._waits_since = now if self._waits_since is None else self._waits_since
            if now - self._waits_since < AT_MOST:
                self._under_way = True
                asyncio.get_running_loop().call_later(AGAIN_AFTER, self._follow)
                return
            self._forget()
            return
        if self._waits_since is not None and self._went_wrong():
            self._forget()
            return
        self._waits_since = None
        self._under_way = True
        event, target = self._typed.popleft(), self.focused or self.screen
        await super().on_event(event)
        self._follow(target)

    def _forget(self) -> None:
        self._typed.clear()
        self._waits_since = self._expected = None

    def _follow(self, target: Widget | None = None) -> None:
        """Learn when everything that is under way at this widget has arrived."""
        self._turn += 1
        turn, target = self._turn, target or self.focused or self.screen
        if not target.post_message(Behind(turn)):
            self.post_message(Behind(turn))
            return
        # Not a Textual timer: one of those is a task, and this is set at every key.
        self._lost = asyncio.get_running_loop().call_later(_TOO_LONG, lambda: self.post_message(Behind(turn)))

    @on(Behind)
    async def _arrived(self, event: Behind) -> None:
        if event.turn != self._turn or not self._under_way:
            return
        if self._lost is not None:
            self._lost.cancel()
        if self._rounds > 0:
            self._rounds -= 1
            self._follow()
            return
        self._under_way = False
        await self._next()

    def on_key(self) -> None:
        """It was no letter of a text: what it sets going has a longer way."""
        self._rounds = _ROUNDS

    def _too_early(self) -> bool:
        screen, expected = self.screen, self._expected
        if expected is not None:
            if expected.is_attached and not expected.has_focus_within:
                return True
            self._expected = None
        if (
            screen.focused is None
            and time.monotonic() - (self._waits_since or time.monotonic()) < FOCUS_AFTER
        ):
            return True
        return isinstance(screen, Awaiting) and screen.awaits

    def _went_wrong(self) -> bool:
        return isinstance(self.screen, Awaiting) and self.screen.failed
