"""Times as agents type them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_tui.desk.when import parse
from inbox_tui.errors import UsageError

BERLIN = ZoneInfo("Europe/Berlin")


def ms(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=BERLIN).timestamp() * 1000)  # type: ignore[arg-type,misc]


NOW = ms(2026, 11, 4, 14, 30)  # a Wednesday


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2h", NOW + 7_200_000),
        ("in 30 min", NOW + 1_800_000),
        ("3d", NOW + 3 * 86_400_000),
        ("2 hours", NOW + 7_200_000),
        ("in 2 Tagen", NOW + 2 * 86_400_000),
        ("1 week", NOW + 7 * 86_400_000),
        ("tomorrow", ms(2026, 11, 5, 9)),
        ("Tomorrow 9", ms(2026, 11, 5, 9)),
        ("tomorrow at 9:30", ms(2026, 11, 5, 9, 30)),
        ("morgen um 8 Uhr", ms(2026, 11, 5, 8)),
        ("fri", ms(2026, 11, 6, 9)),
        ("fr. 14:00", ms(2026, 11, 6, 14)),
        ("wednesday", ms(2026, 11, 11, 9)),
        ("monday 3pm", ms(2026, 11, 9, 15)),
        ("next week", ms(2026, 11, 9, 9)),
        ("2026-12-24", ms(2026, 12, 24, 9)),
        ("24.12. 14:30", ms(2026, 12, 24, 14, 30)),
        ("3.2.", ms(2027, 2, 3, 9)),
        ("16", ms(2026, 11, 4, 16)),
        ("9", ms(2026, 11, 5, 9)),
        ("tonight", ms(2026, 11, 4, 18)),
    ],
)
def test_what_is_typed_is_what_is_meant(typed: str, meant: int) -> None:
    assert parse(typed, NOW, BERLIN) == meant


@pytest.mark.parametrize("typed", ["reply", "until reply", "Antwort"])
def test_until_the_customer_writes(typed: str) -> None:
    assert parse(typed, NOW, BERLIN) is None


@pytest.mark.parametrize(
    "typed", ["", "soon", "25:00", "31.2.", "0h", "today", "2020-01-01", "13pm", "9 9", "9999-01-01"]
)
def test_what_is_no_time_or_has_passed_says_how_to_write_one(typed: str) -> None:
    with pytest.raises(UsageError, match="is no time|has passed") as caught:
        parse(typed, NOW, BERLIN)
    assert "tomorrow 9" in caught.value.hint


def test_nine_o_clock_is_nine_o_clock_on_the_day_of_the_clock_change() -> None:
    saturday = ms(2026, 10, 24, 12)
    assert parse("tomorrow 9", saturday, BERLIN) == ms(2026, 10, 25, 9)
    assert ms(2026, 10, 25, 9) - saturday == 22 * 3_600_000


@given(st.text(max_size=30), st.integers(0, 4_000_000_000_000))
def test_any_text_is_a_time_to_come_or_a_clear_error(typed: str, now: int) -> None:
    try:
        found = parse(typed, now, UTC)
    except UsageError:
        return
    assert found is None or found > now
