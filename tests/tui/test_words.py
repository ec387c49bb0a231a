"""Waits and times as an agent reads them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_tui.tui import words
from tests.tui.fake import DAY, HOUR, MINUTE, NOW, well


@pytest.mark.parametrize(
    ("ms", "expected"),
    [
        (0, "<1 min"),
        (40 * MINUTE, "40 min"),
        (HOUR - 1, "59 min"),
        (9 * HOUR + 50 * MINUTE, "9 h"),
        (DAY, "1 d"),
        (4 * DAY + 4 * HOUR, "4 d 4 h"),
        (99 * DAY + 23 * HOUR, "99 d 23 h"),
        (120 * DAY + 5 * HOUR, "120 d"),
    ],
)
def test_a_wait_is_told_in_the_unit_that_counts(ms: int, expected: str) -> None:
    assert words.duration(ms) == expected


@given(st.integers(min_value=-(2**62), max_value=2**62))
def test_no_time_a_platform_may_send_breaks_the_screen(ms: int) -> None:
    assert words.duration(ms)
    assert words.moment(ms, NOW)
    assert words.day(ms, NOW)


def test_a_moment_names_the_day_only_where_it_is_not_today() -> None:
    assert words.moment(NOW - HOUR, NOW) == "13:12"
    assert words.moment(NOW - 3 * DAY, NOW) == "Fri 30 Oct 14:12"
    assert words.moment(NOW - 365 * DAY, NOW) == "Sun 2 Nov 2025 14:12"


def test_an_account_in_trouble_says_which() -> None:
    assert words.health_trouble(well("a", "x"), NOW, 60) == ""
    late = well("a", "x", complete_until=NOW - HOUR)
    assert words.health_trouble(late, NOW, 60) == "behind since 13:12"
    assert words.health_trouble(late, NOW, 1500) == ""
    login = well("a", "x", error="401", error_code="login", error_since=NOW - MINUTE)
    assert words.health_trouble(login, NOW, 60) == "log in again since 14:11"
    pause = well("a", "x", paused_until=NOW + MINUTE)
    assert words.health_trouble(pause, NOW, 60) == "paused until 14:13"
    asked = well("a", "x", error="wait", error_code="rate_limited", error_since=NOW - HOUR)
    assert words.health_trouble(asked, NOW, 60) == "paused since 13:12"
    asked = replace(asked, paused_until=NOW + MINUTE)
    assert words.health_trouble(asked, NOW, 60) == "paused until 14:13"
    gap = well("a", "x", gap_from=NOW - 2 * HOUR, gap_until=NOW - HOUR)
    assert words.health_trouble(gap, NOW, 60) == "gap 12:12–13:12"
