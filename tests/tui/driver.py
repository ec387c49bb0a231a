"""Drives the app in a test: presses keys, waits for conditions instead of times, reads the screen as text."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import monotonic
from unicodedata import lookup

from textual.events import Key
from textual.keys import REPLACED_KEYS, _character_to_key, _get_unicode_name_from_key
from textual.pilot import Pilot

from inbox_tui.config import Config, EmailAccount
from inbox_tui.tui.app import InboxApp
from inbox_tui.tui.screens.inbox import InboxScreen
from tests.tui.fake import FakeInbox, door

SMALL, WIDE, LARGE = (80, 24), (120, 40), (160, 45)
CONFIG = Config(
    path=None,
    store=Path("unused"),
    agent="anna",
    accounts={
        "mail": EmailAccount(
            name="mail",
            channel="email",
            address="shop@ex.example",
            imap_host="ex.example",
            smtp_host="ex.example",
        )
    },
)


def _typed(key: str) -> Key:
    """The event of a key, by its name or by the character on it."""
    if len(key) == 1:
        return Key(_character_to_key(key), key)
    try:
        return Key(key, lookup(_get_unicode_name_from_key(REPLACED_KEYS.get(key, key))))
    except KeyError:
        return Key(key, None)


class Driver:
    """One run of the app."""

    def __init__(self, app: InboxApp, pilot: Pilot[int]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def inbox(self) -> InboxScreen:
        screen = self.app.screen_stack[0]
        assert isinstance(screen, InboxScreen)
        return screen

    def rows(self) -> list[str]:
        """What stands on the screen, a line each."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip) for strip in strips]

    def text(self) -> str:
        return "\n".join(self.rows())

    def bottom(self) -> str:
        return self.rows()[-1]

    async def press(self, *keys: str) -> None:
        """One key after the other, each when the one before has had its effect.

        Not the pilot's own `press`: it waits after each key until the process has next to nothing to do, for
        a tenth of a second, and ten times that where other processes want the same core.
        """
        for key in keys:
            self.app.post_message(_typed(key))
            await self.rest()

    async def rest(self) -> None:
        """Until no widget has anything left to do, and no read is under way; a second at the most."""
        quiet, end = 0, monotonic() + 1
        while quiet < 2 and monotonic() < end:
            await self.pilot.pause(0.002 if self._reads() else 0)
            quiet = 0 if self._busy() else quiet + 1
        await self.app.animator.wait_until_complete()

    def _busy(self) -> bool:
        pumps = [self.app, *self.app.screen.walk_children(with_self=True)]
        return any(pump.message_queue_size or pump._next_callbacks for pump in pumps) or self._reads()

    def _reads(self) -> bool:
        return any(worker.is_running for worker in self.app.workers if worker.group != "watch")

    async def type(self, text: str) -> None:
        """A text into the field that has the focus, as fast as a paste."""
        for char in text:
            self.app.post_message(_typed("space" if char == " " else char))
        await self.rest()

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for a condition; fail with the screen where it does not come true."""
        for _ in range(300):
            if condition():
                return
            await self.pilot.pause(0.02)
        raise AssertionError(f"did not come true, on screen:\n{self.text()}")

    async def see(self, *texts: str) -> None:
        await self.until(lambda: all(text in self.text() for text in texts))

    async def settle(self) -> None:
        """Until no read is under way."""
        await self.pilot.pause(0.1)
        await self.until(
            lambda: (
                (self.inbox._since or self.inbox._unread) and not self.inbox._listing and not self._reads()
            )
        )
        await self.pilot.pause()


def drive(
    fake: FakeInbox,
    steps: Callable[[Driver], Awaitable[None]],
    size: tuple[int, int] = SMALL,
    config: Config = CONFIG,
    start_worker: Callable[[], None] | None = None,
) -> int | None:
    """Run the app on a fake inbox; returns what the app returned."""

    async def go() -> int | None:
        app = InboxApp(door(fake), config, start_worker)
        async with app.run_test(size=size) as pilot:
            driver = Driver(app, pilot)
            await driver.until(lambda: driver.inbox.overview is not None or fake.broken)
            await driver.settle()
            await steps(driver)
        return app.return_value

    return asyncio.run(go())
