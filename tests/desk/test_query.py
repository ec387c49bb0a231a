"""What is typed into a search: fields, words, phrases; and what counts as the same word."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_tui.desk.folding import fold, places, words
from inbox_tui.desk.query import FIELDS, Filter, Query, Term, parse
from inbox_tui.errors import UsageError

NOW = int(datetime(2026, 11, 4, 14, 30, tzinfo=UTC).timestamp() * 1000)


def asked(text: str, *, typing: bool = False) -> Query:
    return parse(text, NOW, UTC, typing=typing)


def ms(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, tzinfo=UTC).timestamp() * 1000)


def test_words_phrases_prefixes_and_what_must_not_be() -> None:
    assert asked('Refund "No  Service" Straß* -spam').terms == (
        Term("refund"),
        Term("no service"),
        Term("strass", prefix=True),
        Term("spam", negative=True),
    )


def test_fields_are_filters_and_anything_else_with_a_colon_is_a_word() -> None:
    query = asked("from:Hajo channel:mail tag:VIP -is:done has:attachment http://x 12:30")
    assert query.terms == (Term("hajo", prefix=True, author=True), Term("http://x"), Term("12:30"))
    assert query.filters == (
        Filter("channel", "email"),
        Filter("tag", "vip"),
        Filter("is", "done", negative=True),
        Filter("has", "attachment"),
    )


def test_dates_are_days_of_the_agent() -> None:
    assert asked("after:2026-10 before:2026-11-01").after == ms(2026, 10, 1)
    assert asked("before:2026-11-01").before == ms(2026, 11, 1)
    assert (asked("after:today").after, asked("after:7d").after) == (ms(2026, 11, 4), ms(2026, 10, 28))
    assert asked("#12").case == 12


def test_of_several_dates_the_narrowest_counts_and_a_minus_turns_a_date_round() -> None:
    query = asked("after:2026-10 after:2026-09 before:2026-11-03 before:2026-11-01")
    assert (query.after, query.before) == (ms(2026, 10, 1), ms(2026, 11, 1))
    turned = asked("-before:2026-10 -after:2026-11-01")
    assert (turned.after, turned.before) == (ms(2026, 10, 1), ms(2026, 11, 1))
    assert turned.within(ms(2026, 10, 1)) and not turned.within(ms(2026, 11, 1))


@pytest.mark.parametrize("text", ["is:happy", "has:cheese", "before:soon", "after:2026-13-40"])
def test_a_value_that_a_field_cannot_have_is_named(text: str) -> None:
    with pytest.raises(UsageError, match="is nothing that|is no date"):
        asked(text)


def test_what_is_still_being_typed_is_no_mistake_and_goes_on() -> None:
    assert asked("ref", typing=True).terms == (Term("ref", prefix=True),)
    assert asked("ref ", typing=True).terms == (Term("ref"),)
    for begun in ("is:wai", "before:202", "has:", "tag:", '"no ser'):
        asked(begun, typing=True)


@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from([*FIELDS, ":", '"', "-", "*", " ", "#", "1"])).map("".join)
)
def test_no_text_is_anything_but_a_query_or_a_clear_error(text: str) -> None:
    for typing in (True, False):
        try:
            query = asked(text, typing=typing)
        except UsageError:
            continue
        assert all(term.text for term in query.terms)


@pytest.mark.parametrize(
    ("left", "right"),
    [("Straße", "STRASSE"), ("Müller", "muller"), ("Café", "cafe"), ("ﬁn", "fin"), ("Ⅻ", "xii")],
)
def test_what_counts_as_the_same_word(left: str, right: str) -> None:
    assert fold(left) == fold(right)


def test_a_place_is_that_of_the_whole_word_in_the_text_as_it_was_written() -> None:
    text = "Die Straße, die straßen: STRASSE"
    assert [text[begin:end] for begin, end in places(text, "strasse")] == ["Straße", "STRASSE"]
    assert [text[begin:end] for begin, end in places(text, "strass", prefix=True)] == [
        "Straß",
        "straß",
        "STRASS",
    ]
    assert places("ein Cafe\u0301.", "cafe") == [(4, 9)], "a mark belongs to the letter before it"
    assert places("AB 2024 0815", "ab-2024-0815") == []
    assert places("C and C++.", "c++") == [(6, 9)]
    assert [places("注文したスマホが", "スマホ")] == [[(4, 7)]]


@given(st.text(max_size=40), st.text(max_size=6))
def test_a_place_holds_what_was_asked(text: str, wanted: str) -> None:
    for begin, end in places(text, fold(wanted), prefix=True):
        assert fold(wanted) in fold(text[begin:end])


@given(st.text(max_size=40))
def test_the_index_knows_letters_and_digits_alone(text: str) -> None:
    assert all(word.isalnum() for word in words(fold(text)))


@given(st.text(max_size=40))
def test_no_combining_mark_is_left(text: str) -> None:
    assert not any(unicodedata.combining(char) for char in fold(text))


def test_every_character_that_combines_is_taken_out() -> None:
    # U+0345 is a mark that is written as a letter of its own where case does not count.
    every = (chr(code) for code in range(0x300, 0x1F000) if code != 0x345)
    assert [char for char in every if unicodedata.combining(char) and fold("a" + char) != "a"] == []
