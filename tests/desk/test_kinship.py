"""What speaks for two persons being one, and what does not."""

from __future__ import annotations

import pytest

from inbox_tui.desk import kinship
from inbox_tui.desk.kinship import STRONG, Rules, Side, Token, Writer

RULES = Rules(order_pattern=r"\b[A-Z]-\d{4,6}\b", region="DE", ours=frozenset({"help@shop.example", "shop"}))
HAJO = Writer("email", "hajo@brandt.example", "Hajo Brandt", "hajo@brandt.example")
ON_X = Writer("x", "42", "Hajo", "@hajo")
ON_PAGE = Writer("facebook", "7", "Hajo B.", "")


def named(text: str) -> dict[str, tuple[str, int]]:
    return {one.kind: (one.value, one.claim) for one in kinship.named(text, RULES)}


@pytest.mark.parametrize(
    ("text", "kind", "value", "claim"),
    [
        (
            "You have my three mails from hajo@brandt.example. Please look.",
            "address",
            "hajo@brandt.example",
            1,
        ),
        ("Nobody answers. See Hajo@Brandt.example", "address", "hajo@brandt.example", 0),
        ("My wife wrote from eva@brandt.example, please", "address", "eva@brandt.example", -1),
        ("Meine Frau hat von eva@brandt.example geschrieben", "address", "eva@brandt.example", -1),
        ("Ich bin @hajo auf X", "handle", "hajo", 1),
        ("could somebody please answer @hajo?", "handle", "hajo", -1),
        ("Ruft mich an: 0431 5551234", "phone", "+494315551234", 1),
        ("call me at +49 431 5551234", "phone", "+494315551234", 1),
        ("my order A-5544 is late", "order", "A5544", 1),
    ],
)
def test_what_a_text_names_and_whose_it_says_that_it_is(text: str, kind: str, value: str, claim: int) -> None:
    assert named(text)[kind] == (value, claim)


def test_our_own_addresses_and_handles_say_nothing() -> None:
    assert named("@shop I wrote to help@shop.example") == {}


def test_a_number_without_a_country_needs_one() -> None:
    assert kinship.phone("0431 5551234") is None
    assert kinship.phone("0431 5551234", "DE") == kinship.phone("+49 431 5551234") == "+494315551234"


def test_an_order_number_needs_a_pattern() -> None:
    assert not [t for t in kinship.named("order A-5544", Rules()) if t.kind == kinship.ORDER]


def address(claim: int, other: Writer = ON_X, sharing: int = 2) -> int:
    text = Token(kinship.ADDRESS, HAJO.value, claim=claim)
    return kinship.score(Side(text, other), Side(Token(kinship.ADDRESS, HAJO.value, True), HAJO), sharing)


def test_an_address_that_he_calls_his_own_is_all_but_certain() -> None:
    assert address(1) >= STRONG > address(0) > 0


def test_an_address_of_which_he_speaks_for_somebody_else_is_nothing() -> None:
    assert address(-1) == 0


def test_two_whole_names_that_differ_are_two_people_with_one_mailbox() -> None:
    assert address(1, Writer("x", "9", "Eva Brandt", "@eva")) < STRONG
    assert address(1, Writer("x", "9", "Ali Demir", "@ali")) < STRONG


def test_names_without_a_word_in_common_are_not_certain() -> None:
    assert address(1, Writer("x", "9", "Eva", "@eva_k")) < STRONG


def test_what_many_share_says_nothing() -> None:
    assert address(1, sharing=4) == 0


def test_a_handle_called_on_its_own_platform_is_nothing() -> None:
    text = Side(Token(kinship.HANDLE, "hajo"), Writer("x", "9", "Tobi", "@tobi"))
    assert kinship.score(text, Side(Token(kinship.HANDLE, "hajo", True), ON_X), 2) == 0


def test_a_first_name_alone_is_no_token() -> None:
    assert {one.kind for one in kinship.own(ON_X)} == {kinship.HANDLE}


def test_a_shortened_name_may_be_the_whole_one_on_another_channel() -> None:
    brief = Token(kinship.BRIEF, "hajo b", True)
    assert brief in kinship.own(ON_PAGE) and brief in kinship.own(HAJO)
    assert kinship.score(Side(brief, ON_PAGE), Side(brief, HAJO), 2) >= kinship.LEAST
    other = Writer("x", "8", "Hajo Berg", "@berg")
    assert kinship.score(Side(brief, other), Side(brief, HAJO), 2) == 0


def test_wording_is_alike_where_it_is_long_enough() -> None:
    text = "my phone says no service since this morning in every place that I have tried"
    near = "@shop My phone says no service since this morning, in every place I have tried!"
    assert kinship.alike(text, near) > 90
    assert kinship.alike("where is my parcel", "where is my parcel") == 0
    assert kinship.alike(text, "the hoodie that I ordered last week is green and I wanted it in blue") == 0
    assert {one.value for one in kinship.wording(text)} & {one.value for one in kinship.wording(near)}


def test_more_reasons_are_more_but_never_certain() -> None:
    assert kinship.total([45, 60]) > 60
    assert kinship.total([95, 95, 95, 95]) == 99
