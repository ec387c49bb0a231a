"""Empty, offline and broken: what happened, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from inbox_tui.config import Config
from inbox_tui.errors import StoreLocked
from inbox_tui.tui.app import InboxApp
from tests.tui.driver import CONFIG, LARGE, SMALL, WIDE, Driver, drive
from tests.tui.fake import HOUR, NOW, FakeInbox, crowd, door, story, well


def test_no_account_says_how_to_add_one() -> None:
    async def steps(d: Driver) -> None:
        await d.see("No account is set up yet.", "/etc/shop.toml", "inbox-tui init", "inbox-tui demo")

    drive(FakeInbox(), steps, config=Config(path=Path("/etc/shop.toml"), store=Path("s"), agent="anna"))


def test_nobody_waits() -> None:
    async def steps(d: Driver) -> None:
        await d.see("Nobody waits.", "0 waiting")
        await d.press("6")
        await d.see("No case in this view.", "1 shows who waits.")
        for key in ("r", "n", "e", "E", "v", "R", "enter"):
            await d.press(key)
        await d.see("No case in this view.")

    drive(FakeInbox(), steps)


def test_a_store_that_cannot_be_read_is_told_and_tried_again() -> None:
    async def steps(d: Driver) -> None:
        await d.see("The store cannot be read.", "somebody else writes", "wait a moment")
        fake.broken = None
        await d.see("Person 1")
        assert "somebody else writes" not in d.text()

    fake = crowd(3)
    fake.broken = StoreLocked("somebody else writes", "wait a moment")
    drive(fake, steps)


def test_a_store_that_breaks_later_keeps_what_is_on_screen() -> None:
    async def steps(d: Driver) -> None:
        fake.broken = StoreLocked("somebody else writes", "wait a moment")
        await d.see("! somebody else writes · wait a moment · Esc", "Person 1")

    fake = crowd(3)
    drive(fake, steps)


def test_the_header_counts_and_names_the_longest_wait() -> None:
    async def steps(d: Driver) -> None:
        top = d.rows()[0]
        assert "7 waiting   longest 4 d 4 h   1 overdue   ! 1 reply to look at" in top
        assert "shop 14:10   page 14:10   mail 14:10" in top

    drive(story(), steps, WIDE)


@pytest.mark.parametrize("size", [SMALL, WIDE, LARGE])
def test_an_account_behind_is_red_and_in_words(size: tuple[int, int]) -> None:
    async def steps(d: Driver) -> None:
        await d.see("mail ! behind since 13:12")
        assert d.inbox.header.has_class("-alarm")

    fake = crowd(2)
    fake.accounts = (well("shop", "x"), well("mail", "email", complete_until=NOW - HOUR))
    drive(fake, steps, size)


@pytest.mark.parametrize(
    ("width", "told"),
    [
        (200, "shop ! unreachable since 13:12   wire ! paused until 15:12   mail 14:10"),
        (120, "page ! log in again since 13:12   shop ! unreachable since 13:12   +1 in trouble · see !"),
        (80, "page ! log in again   +2 in trouble · see !"),
        (40, "! 3 in trouble · see !"),
    ],
)
def test_accounts_that_need_a_person_come_first_and_none_is_dropped(width: int, told: str) -> None:
    async def steps(d: Driver) -> None:
        await d.see("waiting")
        assert told in d.rows()[0]

    fake = crowd(2)
    fake.accounts = (
        well("wire", "x", paused_until=NOW + HOUR),
        well("mail", "email"),
        well("shop", "x", error="no route", error_code="temporary", error_since=NOW - HOUR),
        well("page", "facebook", error="token", error_code="login", error_since=NOW - HOUR),
    )
    drive(fake, steps, (width, 24))


def test_a_stopped_worker_is_named() -> None:
    async def steps(d: Driver) -> None:
        await d.see("! no worker: nothing is fetched or sent")

    fake = story()
    fake.running = False
    drive(fake, steps, LARGE)


def test_many_troubles_fit_a_narrow_line() -> None:
    async def steps(d: Driver) -> None:
        assert len(d.rows()[0]) == 80
        assert "trouble" in d.rows()[0] or "behind" in d.rows()[0]

    fake = story()
    fake.accounts = tuple(well(f"account-{n}", "x", complete_until=NOW - HOUR) for n in range(6))
    drive(fake, steps, SMALL)


def test_a_fault_of_ours_is_not_swallowed() -> None:
    async def steps(d: Driver) -> None:
        fake.fetch_now = boom  # type: ignore[method-assign]
        await d.press("f")
        await d.see("! Unexpected fault: ZeroDivisionError")

    def boom(account: str | None = None) -> None:
        raise ZeroDivisionError("oops")

    fake = story()
    drive(fake, steps)


def test_no_color_leaves_every_colour_out(monkeypatch: pytest.MonkeyPatch) -> None:
    async def steps(d: Driver) -> None:
        for row, strip in zip(d.rows(), d.app.screen._compositor.render_strips(), strict=True):
            for segment in strip:
                style = segment.style
                assert style is None or style.color is None or style.color.is_default, row
                assert style is None or style.bgcolor is None or style.bgcolor.is_default, row
        assert d.rows()[2].startswith("▌ 4 d 4 h !!")

    monkeypatch.setenv("NO_COLOR", "1")
    drive(story(), steps, SMALL)


def test_the_app_waits_for_no_store_before_it_is_up() -> None:
    app = InboxApp(door(FakeInbox()), CONFIG)
    assert app.inbox.now() == NOW
