"""The pattern that reads plain FETCH answers: what it reads it reads as imapclient does, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imapclient.response_parser import parse_fetch_response

from inbox_tui.channels.email import answers

UIDS = st.integers(1, 2**32 - 1)
ZONES = st.sampled_from(["+0000", "-0000", "+0200", "-0330", "+1245", "-1200"])
TIMES = st.datetimes().map(lambda at: at.replace(year=max(at.year, 1900)))


@st.composite
def sizes(draw: st.DrawFn) -> list[Any]:
    at = draw(TIMES)
    day = draw(st.sampled_from([f"{at.day:02}", f"{at.day:2}"]))
    month = answers.MONTHS[at.month - 1]
    when = f"{day}-{month}-{at.year:04} {at:%H:%M:%S} {draw(ZONES)}"
    uid, size = draw(UIDS), draw(st.integers(0, 2**32))
    return [f'{draw(UIDS)} (UID {uid} RFC822.SIZE {size} INTERNALDATE "{when}")'.encode()]


@st.composite
def bodies(draw: st.DrawFn) -> list[Any]:
    raw = draw(st.binary(max_size=40))
    part = draw(st.sampled_from(["BODY[]", "BODY[HEADER]"]))
    return [(f"{draw(UIDS)} (UID {draw(UIDS)} {part} {{{len(raw)}}}".encode(), raw), b")"]


def without_places(found: dict[int, dict[bytes, Any]]) -> answers.Answers:
    return {uid: {name: one for name, one in items.items() if name != b"SEQ"} for uid, items in found.items()}


@given(st.lists(st.one_of(sizes(), bodies()), max_size=5))
def test_what_the_pattern_reads_imapclient_reads_alike(pieces: list[list[Any]]) -> None:
    data = [one for piece in pieces for one in piece]
    found = answers.plain(data)
    assert found is not None
    theirs = without_places(parse_fetch_response(data, normalise_times=False)) if data else {}
    assert found.keys() == theirs.keys()
    for uid, items in theirs.items():
        assert found[uid].keys() == items.keys()
        for name, value in items.items():
            ours = found[uid][name]
            # The one difference: there a body of digits becomes a number.
            assert (int(ours) if isinstance(value, int) else ours) == value


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ([None], {}),
        ([b'1 (RFC822.SIZE 9 UID 7 INTERNALDATE "02-Nov-2026 10:12:00 +0100")'], {7: {b"RFC822.SIZE": 9}}),
        ([b"1 (UID 7 FLAGS (\\Seen))"], {7: {b"FLAGS": (b"\\Seen",)}}),
        ([b'1 (UID 7 BODY[] "short")'], {7: {b"BODY[]": b"short"}}),
        ([b"1 (UID 7 BODY[] NIL)"], {7: {b"BODY[]": None}}),
        ([(b"1 (BODY[] {2}", b"hi"), b" UID 7)"], {7: {b"BODY[]": b"hi"}}),
    ],
)
def test_what_is_not_plain_is_imapclients(data: list[Any], expected: answers.Answers) -> None:
    assert answers.plain(data) is None
    found = answers.read(data)
    assert found.keys() == expected.keys()
    for uid, items in expected.items():
        assert found[uid].items() >= items.items()


@pytest.mark.parametrize("day", ["31-Feb-2026 10:12:00 +0100", "02-Xyz-2026 10:12:00 +0100"])
def test_a_day_that_there_is_not_is_not_plain(day: str) -> None:
    assert answers.plain([f'1 (UID 1 RFC822.SIZE 9 INTERNALDATE "{day}")'.encode()]) is None


def test_a_body_that_does_not_end_is_not_plain() -> None:
    assert answers.plain([(b"1 (UID 1 BODY[] {1}", b"x")]) is None
    assert answers.plain([(b"1 (UID 1 BODY[] {1}", b"x"), (b"2 (UID 2 BODY[] {1}", b"y"), b")"]) is None
