"""Drives the app in a test: presses keys, waits for conditions instead of times, reads the screen as text."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

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
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        await self.press(*("space" if char == " " else char for char in text))

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
                (self.inbox._since or self.inbox._unread)
                and not self.inbox._listing
                and not any(worker.is_running for worker in self.app.workers if worker.group != "watch")
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
