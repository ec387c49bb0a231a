"""How X weighs a text. The counts beside the samples are those of twitter-text, configuration 3."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_tui.weighing import LINK, holds_link, weight

SAMPLES = json.loads((Path(__file__).parent / "data" / "x_weights.json").read_text("utf-8"))


def test_every_sample_weighs_what_x_says() -> None:
    assert len(SAMPLES) > 200
    wrong = [(text, weight(text), right) for text, right in SAMPLES if weight(text) != right]
    assert wrong == []


@given(st.text(max_size=300))
def test_any_text_can_be_weighed(text: str) -> None:
    assert 0 <= weight(text) <= 2 * LINK * max(len(text), 1)


@given(st.text(alphabet="abc xyz,!-", max_size=200))
def test_plain_words_weigh_their_letters(text: str) -> None:
    assert weight(text) == len(text)


@pytest.mark.parametrize("part", ["例.", "a.", "https://", "x.com ", "👍\u200d", "é", "http://a.b/("])
def test_no_text_of_the_composer_takes_long(part: str) -> None:
    # A count that grew with the square of the length would not end within the time limit of the tests.
    assert weight(part * 20_000) > 0


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("see shop.example.com", True),
        ("https://x.com/a", True),
        ("z.B. das", False),
        ("mail me: a@b.com", False),
    ],
)
def test_a_bare_domain_is_a_link_too(text: str, is_one: bool) -> None:
    assert holds_link(text) is is_one
