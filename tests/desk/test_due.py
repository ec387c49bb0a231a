"""Due times: office hours, closing days, changes of the clock, lateness, effort."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_tui.config.office import closing_days, hours_of
from inbox_tui.desk import due
from inbox_tui.desk.due import Lateness, Rules, Weights, effort, explain, lateness
from inbox_tui.desk.hours import OfficeHours
from inbox_tui.model import CaseRow, CaseState, Person, Priority

BERLIN = ZoneInfo("Europe/Berlin")
MINUTE, HOUR = 60_000, 3_600_000
ALL_DAY = ((0, 1440),)
NINE_TO_FIVE = ((540, 1020),)
WITH_BREAK = ((540, 720), (780, 1020))
WEEK = (*[NINE_TO_FIVE] * 5, (), ())


def at(text: str, zone: ZoneInfo = BERLIN) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


def office(week: tuple[object, ...] = WEEK, **closed: str) -> OfficeHours:
    days = {day.replace("_", "-").strip("d"): why for day, why in closed.items()}
    return OfficeHours(week, days, BERLIN)  # type: ignore[arg-type]


def row(**fields: object) -> CaseRow:
    known: dict[str, object] = {
        "id": 1,
        "state": CaseState.WAITING,
        "person": Person(1, "Hajo"),
        "subject": "",
        "snippet": "",
        "channels": ("email",),
        "messages": 1,
        "waiting_since": at("2026-11-06T16:30"),
        "updated_at": 0,
    }
    return CaseRow(**(known | fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("since", "minutes", "expected"),
    [
        ("2026-11-06T10:00", 60, "2026-11-06T11:00"),
        # Half an hour is left of the Friday, the other half counts from Monday on.
        ("2026-11-06T16:30", 60, "2026-11-09T09:30"),
        ("2026-11-07T12:00", 60, "2026-11-09T10:00"),
        ("2026-11-06T07:00", 480, "2026-11-06T17:00"),
        ("2026-11-06T10:00", 480, "2026-11-09T10:00"),
    ],
)
def test_only_office_hours_count(since: str, minutes: int, expected: str) -> None:
    assert office().after(at(since), minutes) == at(expected)


def test_a_break_does_not_count() -> None:
    assert office((WITH_BREAK,) * 7).after(at("2026-11-06T11:30"), 60) == at("2026-11-06T13:30")


def test_a_holiday_does_not_count_and_is_named() -> None:
    hours = office(d2026_12_25="Weihnachten")
    assert hours.after(at("2026-12-24T16:00"), 120) == at("2026-12-28T10:00")
    assert "Weihnachten" in [part.why for part in hours.parts(at("2026-12-24T16:00"), at("2026-12-28T10:00"))]


def test_around_the_clock_an_hour_is_an_hour_over_a_change_of_the_clock() -> None:
    always = office((ALL_DAY,) * 7)
    for night in ("2026-10-24T23:00", "2026-03-28T23:00"):
        assert always.after(at(night), 600) == at(night) + 600 * MINUTE


def test_nine_is_nine_after_a_change_of_the_clock() -> None:
    assert office((NINE_TO_FIVE,) * 7).after(at("2026-10-24T16:00"), 120) == at("2026-10-25T10:00")


def test_a_firm_that_is_never_there_owes_nothing_by_any_time() -> None:
    assert office(((),) * 7).after(at("2026-11-06T10:00"), 1) is None
    assert office(((),) * 7).opens(at("2026-11-06T10:00")) is None


def test_it_says_when_somebody_is_there_again() -> None:
    assert office().opens(at("2026-11-06T18:00")) == at("2026-11-09T09:00")
    assert office().opens(at("2026-11-06T10:00")) == at("2026-11-06T10:00")
    assert office().is_open(at("2026-11-06T09:00")) and not office().is_open(at("2026-11-06T17:00"))


TIMES = st.integers(at("2025-01-01T00:00"), at("2027-12-31T00:00"))
SPANS = st.lists(st.integers(0, 1440), min_size=2, max_size=4, unique=True).map(
    lambda ends: tuple(zip(sorted(ends)[::2], sorted(ends)[1::2], strict=False))
)


@given(TIMES, st.integers(1, 6000), st.lists(SPANS, min_size=7, max_size=7).map(tuple))
def test_between_a_message_and_its_due_time_lie_as_many_open_minutes_as_the_target(
    since: int, minutes: int, week: tuple[object, ...]
) -> None:
    hours = office(week)
    since -= since % MINUTE
    found = hours.after(since, minutes)
    if found is None:
        return
    assert sum(part.minutes for part in hours.parts(since, found)) == minutes
    assert found - since >= minutes * MINUTE


@given(TIMES, TIMES, st.integers(1, 3000))
def test_who_wrote_later_is_not_owed_an_answer_earlier(one: int, other: int, minutes: int) -> None:
    first, second = (office().after(time, minutes) for time in sorted((one, other)))
    assert first is not None and second is not None and first <= second


RULES = Rules({Priority.NORMAL: 60, Priority.URGENT: 10, Priority.LOW: 0}, office())


def test_the_target_is_that_of_the_priority() -> None:
    since = at("2026-11-06T10:00")
    assert RULES.due(since, Priority.NORMAL) == since + HOUR
    assert RULES.due(since, Priority.URGENT) == since + 10 * MINUTE
    assert RULES.due(since, Priority.LOW) is None
    assert RULES.due(since, Priority.HIGH) is None


def test_rules_are_the_same_after_they_were_kept() -> None:
    kept = due.dump(
        zone="Europe/Berlin",
        week=WEEK,
        closed={"2026-12-24": "closing day"},
        targets={"normal": 60},
        weights={"message": 2, "channel": 0},
    )
    rules = due.parse(kept)
    assert rules.hours.after(at("2026-12-23T16:30"), 60) == at("2026-12-25T09:30")
    assert rules.weights == Weights(2, 0)


@pytest.mark.parametrize("text", [b"{}", b"[]", b"null", b"{", b'{"zone": "Nowhere/Land"}'])
def test_what_are_no_rules_is_said_to_be_none(text: bytes) -> None:
    with pytest.raises(ValueError):
        due.parse(text)


@pytest.mark.parametrize(
    ("fields", "now", "expected"),
    [
        ({"due": 1000 * MINUTE}, 900 * MINUTE, Lateness.ON_TIME),
        ({"due": 1000 * MINUTE}, 941 * MINUTE, Lateness.SOON),
        ({"due": 1000 * MINUTE}, 1000 * MINUTE, Lateness.OVERDUE),
        ({"due": 1000 * MINUTE, "promised": 1000 * MINUTE}, 1000 * MINUTE, Lateness.BROKEN),
        ({"due": None}, 1000 * MINUTE, Lateness.NONE),
        ({"due": 1000 * MINUTE, "waiting_since": None}, 2000 * MINUTE, Lateness.NONE),
    ],
)
def test_how_a_case_stands(fields: dict[str, object], now: int, expected: Lateness) -> None:
    assert lateness(row(**fields), now) is expected


def test_effort_counts_what_the_customer_went_to() -> None:
    assert effort(row(contacts=1)) == 0
    told = row(contacts=7, channels=("email", "x", "facebook"))
    assert effort(told) == 6 * 1 + 2 * 3
    assert effort(told, Weights(0, 5)) == 10


def test_a_due_time_is_explained_line_by_line() -> None:
    found = explain(RULES, row(), lambda time: f"{datetime.fromtimestamp(time / 1000, BERLIN):%a %H:%M}")
    assert found == (
        "The oldest message without an answer is of Fri 16:30.",
        "The target for priority normal is 1 h of office hours.",
        "Fri 06 Nov: 30 min count, 30 min left",
        "Sat 07 Nov: closed",
        "Sun 08 Nov: closed",
        "Mon 09 Nov: 30 min count",
        "Due Mon 09:30.",
    )
    promised = explain(RULES, row(promised=at("2026-11-10T12:00")), str)
    assert promised[-1].endswith("what was promised goes before the target.")
    assert explain(None, row(waiting_since=None), str) == ("Nobody is owed an answer.",)


def test_hours_and_days_are_read_as_they_are_written() -> None:
    assert hours_of(("13:00-17:00", "09:00-12:30")) == ((540, 750), (780, 1020))
    assert hours_of(("00:00-24:00",)) == ALL_DAY
    for wrong in (
        ("9-17",),
        ("17:00-09:00",),
        ("09:00-12:00", "11:00-13:00"),
        ("09:00-25:00",),
        ("09:61-10:00",),
    ):
        with pytest.raises(ValueError):
            hours_of(wrong)
    assert [day.day for day in closing_days(("2026-12-24", "2026-12-27..2026-12-29"))] == [24, 27, 28, 29]
    for wrong in (("24.12.2026",), ("2026-12-29..2026-12-27",), ("2026-01-01..2028-01-01",)):
        with pytest.raises(ValueError):
            list(closing_days(wrong))


def test_holidays_are_those_of_the_region() -> None:
    from inbox_tui.desk.holidays import closing_days as holidays

    assert "2026-11-01" in holidays("de", "by", [2026])
    assert "2026-11-01" not in holidays("DE", "BE", [2026])
    with pytest.raises(ValueError, match="XX"):
        holidays("XX", "", [2026])
