"""Fetching one account: pages and cursors go together, and what went wrong is kept with the account."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inbox_tui.channels.base import Gap, Page
from inbox_tui.config import AccountConfig, DeskConfig, XAccount
from inbox_tui.desk.clock import DAY, HOUR
from inbox_tui.errors import (
    BadAnswer,
    InboxError,
    LoginNeeded,
    NothingToDo,
    OutcomeUnknown,
    RateLimited,
    Refused,
    StoreFull,
    Temporary,
)
from inbox_tui.model import Health
from inbox_tui.service import fetching
from inbox_tui.service.fetching import LONGEST, PAUSE, FetchResult, describe, fetch
from tests.casework.world import CAN, CONFIGS, NOW, post
from tests.service.conftest import Office
from tests.service.fake import FakeChannel


def page(*ids: int, **more: object) -> Page:
    messages = tuple(post(str(id), "42", NOW + id) for id in ids)
    return Page(messages, {"last": ids[-1] if ids else 0}, **more)  # type: ignore[arg-type]


def fetched(office: Office, config: AccountConfig = CONFIGS["shop"], **more: object) -> FetchResult:
    channel = office.open_channel(config)
    desk = describe(office.store, config, DeskConfig(), channel, office.now)
    return fetch(office.store, desk, config, channel, lambda: office.now, **more)  # type: ignore[arg-type]


def health(office: Office) -> Health:
    return next(h for h in office.inbox.health() if h.account == "shop")


def test_each_page_is_stored_with_its_cursor_and_the_next_fetch_begins_there(office: Office) -> None:
    platform = office.platforms["shop"]
    platform.pages.extend([page(1, 2, ahead=1), page(3, complete_until=NOW, history_done=True)])
    told: list[tuple[str, int, int]] = []
    assert fetched(office, report=lambda *now: told.append(now)) == FetchResult(3)
    assert told == [("shop", 2, 3), ("shop", 3, 0)]
    assert fetched(office) == FetchResult(0)
    assert platform.fetches == [{}, {"last": 3}]
    found = health(office)
    assert (found.last_success, found.complete_until, found.history_done) == (NOW, NOW, True)


def test_pages_before_an_error_stay(office: Office) -> None:
    error = Temporary("no route", "check the network")
    office.platforms["shop"].pages.extend([page(1, 2), error, page(3)])
    assert fetched(office) == FetchResult(2, error)
    assert fetched(office) == FetchResult(1)
    assert office.platforms["shop"].fetches[-1] == {"last": 2}


def test_others_have_a_moment_between_two_writes(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "_BREATH", HOUR)
    monkeypatch.setattr(fetching, "_TOGETHER", 1)
    office.platforms["shop"].pages.extend([page(1), page(2), page(3)])
    rests: list[float] = []
    assert fetched(office, rest=rests.append) == FetchResult(3)
    assert len(rests) == 2
    assert all(0 < seconds <= HOUR for seconds in rests)


def test_pages_that_come_in_such_a_moment_are_stored_together(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "_BREATH", HOUR)
    monkeypatch.setattr(fetching, "_TOGETHER", 3)
    office.platforms["shop"].pages.extend(
        [
            page(1, ahead=5),
            page(2, complete_until=NOW - 9, ahead=4),
            page(3, 4, gap=Gap(NOW - 50, NOW - 40), ahead=2),
            page(5, gap=Gap(NOW - 70, NOW - 60), complete_until=NOW - 5, history_done=True),
            page(6),
        ]
    )
    told: list[tuple[str, int, int]] = []
    assert fetched(office, report=lambda *now: told.append(now)) == FetchResult(6)
    assert told == [("shop", 1, 6), ("shop", 4, 6), ("shop", 6, 0)]
    found = health(office)
    assert (found.complete_until, found.gap_from, found.gap_until) == (NOW - 5, NOW - 70, NOW - 40)
    assert found.history_done
    assert fetched(office) == FetchResult(0)
    assert office.platforms["shop"].fetches[-1] == {"last": 6}


def test_what_was_held_before_an_error_stays(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "_BREATH", HOUR)
    error = Temporary("no route", "check the network")
    office.platforms["shop"].pages.extend([page(1), page(2), page(3), error])
    assert fetched(office) == FetchResult(3, error)
    assert fetched(office) == FetchResult(0)
    assert office.platforms["shop"].fetches[-1] == {"last": 3}


def test_the_end_of_the_worker_ends_a_fetch_between_two_pages(office: Office) -> None:
    office.platforms["shop"].pages.extend([page(1), page(2)])
    assert fetched(office, go_on=lambda: False) == FetchResult(1)
    assert health(office).last_success is None, "it did not come to its end"


@pytest.mark.parametrize(
    ("error", "rest"),
    [
        (Temporary("no route", "wait"), PAUSE),
        (LoginNeeded("token expired", "log in"), PAUSE),
        (BadAnswer("<html>", "wait"), PAUSE),
        (Refused("suspended", "ask them"), PAUSE),
        (OutcomeUnknown("cut", "wait"), PAUSE),
        (RateLimited("slow down", None, "wait"), PAUSE),
        (RateLimited("slow down", NOW + HOUR, "wait"), HOUR),
        (InboxError("else", "do"), PAUSE),
    ],
)
def test_what_each_error_says_of_the_account(office: Office, error: InboxError, rest: int) -> None:
    office.platforms["shop"].pages.append(error)
    assert fetched(office) == FetchResult(0, error)
    found = health(office)
    assert (found.error, found.error_code, found.hint) == (error.message, error.code, error.hint)
    assert (found.error_since, found.paused_until, found.last_success) == (NOW, NOW + rest, None)


def test_an_error_is_dated_by_its_beginning_and_ends_with_the_next_success(office: Office) -> None:
    office.platforms["shop"].pages.extend([Temporary("first"), Temporary("second")])
    fetched(office)
    office.now += HOUR
    fetched(office)
    assert (health(office).error, health(office).error_since) == ("second", NOW)
    office.now += HOUR
    fetched(office)
    found = health(office)
    assert (found.error, found.error_since, found.paused_until) == ("", None, None)
    assert found.last_success == NOW + 2 * HOUR


def test_an_error_of_the_store_is_no_error_of_the_account(office: Office) -> None:
    office.platforms["shop"].pages.append(StoreFull("no space left"))
    with pytest.raises(StoreFull):
        fetched(office)
    assert health(office).error == ""


def test_the_first_day_is_fixed_with_the_first_fetch(office: Office) -> None:
    with office.store.write("new") as db:
        db.execute("UPDATE accounts SET since = 0")
    config = CONFIGS["shop"]
    channel = office.open_channel(config)
    first = describe(office.store, config, DeskConfig(), channel, NOW)
    later = describe(office.store, replace(config, since_days=1), DeskConfig(), channel, NOW + 30 * DAY)
    assert first.since == later.since == NOW - 14 * DAY


def test_a_gap_is_kept(office: Office) -> None:
    office.platforms["shop"].pages.append(page(1, gap=Gap(NOW - DAY, NOW - HOUR)))
    fetched(office)
    assert (health(office).gap_from, health(office).gap_until) == (NOW - DAY, NOW - HOUR)
    fetched(office)
    assert health(office).gap_from == NOW - DAY, "a further fetch does not close it"
    office.inbox.watch.gap_seen("shop")
    assert (health(office).gap_from, health(office).gap_until) == (None, None)
    with pytest.raises(NothingToDo, match="has no gap"):
        office.inbox.watch.gap_seen("shop")


# -- the budget


def budget(dollars: float) -> XAccount:
    return XAccount(name="shop", channel="x", handle="@shop", budget_per_day=dollars)


def test_reading_stops_when_the_days_budget_is_spent(office: Office) -> None:
    platform = office.platforms["shop"]
    platform.pages.extend(page(n, spend=600_000) for n in range(1, 5))
    result = fetched(office, budget(1.0))
    assert result.new == 2
    assert isinstance(result.error, RateLimited)
    midnight = (NOW // DAY + 1) * DAY
    assert (result.error.reset, health(office).paused_until) == (midnight, midnight)
    assert health(office).spent_today == 1_200_000
    assert "budget_per_day" in result.error.hint
    assert isinstance(fetched(office, budget(1.0)).error, RateLimited)
    assert len(platform.fetches) == 1, "the platform is not even asked"


def test_the_next_day_brings_a_new_budget(office: Office) -> None:
    platform = office.platforms["shop"]
    platform.pages.extend(page(n, spend=2_000_000) for n in (1, 2))
    assert fetched(office, budget(1.0)).new == 1
    office.now = (NOW // DAY + 1) * DAY
    assert fetched(office, budget(1.0)).new == 1
    assert health(office).spent_today == 2_000_000


def test_a_raised_budget_counts_at_once(office: Office) -> None:
    office.platforms["shop"].pages.extend(page(n, spend=2_000_000) for n in (1, 2))
    fetched(office, budget(1.0))
    assert fetched(office, budget(10.0)) == FetchResult(1)


def test_no_budget_means_no_limit(office: Office) -> None:
    office.platforms["shop"].pages.extend(page(n, spend=9_000_000) for n in (1, 2, 3))
    assert fetched(office, budget(0)) == FetchResult(3)


# -- the breaker


def test_what_is_out_of_order_is_asked_less_and_less_and_soon_again_when_it_works(office: Office) -> None:
    rests = []
    for n in range(1, 9):
        office.platforms["shop"].pages.append(Temporary("no route"))
        fetched(office)
        found = health(office)
        rests.append((found.paused_until or 0) - office.now)
        assert found.failures == n
    assert rests[:5] == [PAUSE, 2 * PAUSE, 4 * PAUSE, 8 * PAUSE, LONGEST]
    assert max(rests) == LONGEST, "it is tried at least so often"
    fetched(office)
    assert (health(office).failures, health(office).paused_until) == (0, None)
    office.platforms["shop"].pages.append(Temporary("no route"))
    fetched(office)
    assert (health(office).paused_until or 0) - office.now == PAUSE


def test_a_pause_that_a_platform_asks_for_is_no_failure(office: Office) -> None:
    office.platforms["shop"].pages.append(RateLimited("slow down", NOW + HOUR, "wait"))
    fetched(office)
    assert (health(office).failures, health(office).paused_until) == (0, NOW + HOUR)


def test_a_channel_that_costs_money_is_told_what_is_left(office: Office) -> None:
    told: list[int | None] = []

    class Dear(FakeChannel):
        def allow(self, millionths: int | None) -> None:
            told.append(millionths)

    config = budget(1.0)
    channel = Dear(config, CAN["shop"], office.platforms["shop"], lambda: office.now)
    desk = describe(office.store, config, office.config.desk, channel, office.now)
    office.platforms["shop"].pages.append(page(1, spend=300_000))
    for _ in range(2):
        fetch(office.store, desk, config, channel, lambda: office.now)
    fetch(office.store, desk, budget(0), channel, lambda: office.now)
    assert told == [1_000_000, 700_000, None]
