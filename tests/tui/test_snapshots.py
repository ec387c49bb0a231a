"""How it looks. `pytest --snapshot-update` accepts a new look; look at it first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from textual.pilot import Pilot

from inbox_tui.errors import StoreLocked
from inbox_tui.model import ReplyState
from inbox_tui.tui.app import InboxApp
from tests.tui.driver import CONFIG, LARGE, SMALL, WIDE, Driver
from tests.tui.fake import HOUR, NOW, FakeInbox, door, story, well

Compare = Callable[..., bool]
SIZES = pytest.mark.parametrize("size", [SMALL, WIDE, LARGE], ids=["80x24", "120x40", "160x45"])


def looks(
    snap_compare: Compare, fake: FakeInbox, size: tuple[int, int], steps: Callable[[Driver], Awaitable[None]]
) -> bool:
    app = InboxApp(door(fake), CONFIG)

    async def before(pilot: Pilot[int]) -> None:
        driver = Driver(app, pilot)
        await driver.settle()
        await steps(driver)
        await driver.settle()

    return snap_compare(app, terminal_size=size, run_before=before)


async def nothing(d: Driver) -> None:
    await d.settle()


@SIZES
def test_queue(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert looks(snap_compare, story(), size, nothing)


@SIZES
def test_case(snap_compare: Compare, size: tuple[int, int]) -> None:
    async def steps(d: Driver) -> None:
        await d.press("enter")
        await d.see("My phone says")
        await d.press("G")

    assert looks(snap_compare, story(), size, steps)


@SIZES
def test_composer(snap_compare: Compare, size: tuple[int, int]) -> None:
    async def steps(d: Driver) -> None:
        await d.press("r")
        await d.see("to @hajo")
        await d.type("Sorry for the wait, Hajo.")
        await d.until(lambda: [c for c in d.app.inbox.calls if c.startswith("draft")])  # type: ignore[attr-defined]

    assert looks(snap_compare, story(), size, steps)


@SIZES
def test_trouble(snap_compare: Compare, size: tuple[int, int]) -> None:
    async def steps(d: Driver) -> None:
        await d.press("exclamation_mark")
        await d.see("not sent")

    fake = story()
    fake.accounts = (
        well("shop", "x", error="X does not accept the token any more", error_code="login",
             hint="renew the token, then f fetches", error_since=NOW - HOUR),
        well("page", "facebook"),
        well("mail", "email", complete_until=NOW - HOUR),
    )  # fmt: skip
    fake.replies[501] = fake._reply(501, 1, "The lock is gone since Friday.", ReplyState.UNKNOWN)
    assert looks(snap_compare, fake, size, steps)


def test_countdown(snap_compare: Compare) -> None:
    async def steps(d: Driver) -> None:
        await d.press("r")
        await d.type("Sorry")
        await d.press("ctrl+s")
        await d.see("sending in 8 s")

    assert looks(snap_compare, story(), WIDE, steps)


def test_alarm(snap_compare: Compare) -> None:
    fake = story()
    fake.running = False
    fake.accounts = (well("shop", "x"), well("mail", "email", complete_until=NOW - HOUR))
    assert looks(snap_compare, fake, WIDE, nothing)


def test_store_locked(snap_compare: Compare) -> None:
    fake = FakeInbox()
    fake.broken = StoreLocked("the store is locked by fetch (pid 4711)", "wait, or end that process")
    assert looks(snap_compare, fake, SMALL, nothing)


def test_help(snap_compare: Compare) -> None:
    async def steps(d: Driver) -> None:
        await d.press("question_mark")

    assert looks(snap_compare, story(), (80, 50), steps)


def test_no_colour(snap_compare: Compare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert looks(snap_compare, story(), SMALL, nothing)
