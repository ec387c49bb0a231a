"""Quotes and signatures: folded where they are, never where a question would be hidden."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_tui.channels.email.fold import MAX_TEXT, collapse, new_part

QUESTION = "Thanks, but one question remains.\n\n- one\n- two\n\nTake your time, is it off?"


@pytest.mark.parametrize(
    "older",
    [
        "On Mon, 2 Nov 2026 at 10:12, Shop <help@shop.example> wrote:\n> Hello",
        "On Mon, 2 Nov 2026 at 10:12,\nShop <help@shop.example> wrote:\n> Hello",
        "Am 02.11.2026 um 10:12 schrieb Shop <help@shop.example>:\n> Hallo",
        "Le lun. 2 nov. 2026 à 10:12, Shop <help@shop.example> a écrit :\n> Bonjour",
        "El lun, 2 nov 2026 a las 10:12, Shop (<help@shop.example>) escribió:\n> Hola",
        "Il giorno lun 2 nov 2026 alle ore 10:12 Shop <help@shop.example> ha scritto:\n> Ciao",
        "Op ma 2 nov 2026 om 10:12 schreef Shop <help@shop.example>:\n> Hallo",
        "Den mån 2 nov. 2026 kl 10:12 skrev Shop <help@shop.example>:\n> Hej",
        "From: Shop <help@shop.example>\nSent: 2 November 2026 10:12\nTo: Hajo\nSubject: SIM\n\nHello",
        "Von: Shop <help@shop.example>\nGesendet: 2. November 2026 10:12\nAn: Hajo\nBetreff: SIM\n\nHallo",
        "-----Original Message-----\nFrom: Shop\nSent: Monday\nTo: Hajo\nSubject: SIM\n\nHello",
        "> Hello\n> what is it?",
    ],
    ids=[
        "en",
        "en two lines",
        "de",
        "fr",
        "es",
        "it",
        "nl",
        "sv",
        "outlook",
        "outlook de",
        "original",
        "bare",
    ],
)
def test_an_older_mail_below_is_folded(older: str) -> None:
    assert new_part(f"{QUESTION}\n\n{older}").split() == QUESTION.split()


@pytest.mark.parametrize(
    "tail",
    [
        "-- \nHajo Brandt\nHarbour 7",
        "Kind regards\nHajo",
        "Mit freundlichen Grüßen,\n\nHajo Brandt\nHafen 7\nTel. 040 1",
        "Viele Grüße\nHajo",
        "Cordialement,\nHajo",
        "Sent from my phone",
        "Von meinem iPhone gesendet",
    ],
)
def test_a_signature_is_folded(tail: str) -> None:
    assert new_part(f"{QUESTION}\n\n{tail}") == QUESTION


@pytest.mark.parametrize(
    "text",
    [
        QUESTION,
        "Thanks,\nbut when will it come",
        "Best,\nTake the other one please",
        "Kind regards\nHajo\n\nPS: please cancel the second order too",
        "First part\n-- \nand is this the second?",
        "Best regards from the sea, we are stuck here without your parcel",
        "My data:\nFrom: Hamburg\nTo: Bremen",
        "Kind regards",
        "> only a quote",
        "",
    ],
)
def test_nothing_that_says_more_is_folded(text: str) -> None:
    assert new_part(text) == text


def test_answers_between_quotes_stay_with_them() -> None:
    text = "> Which one?\nThe blue one.\n> And when?\nTomorrow."
    assert new_part(text) == text


def test_a_very_long_text_is_all_new() -> None:
    text = "word\n" * (MAX_TEXT // 5) + "\n> quote"
    assert new_part(text) == text


def test_blank_lines_are_collapsed() -> None:
    assert collapse("\r\n\r\na\r\n \r\n\t\r\n\r\nb\r\n\r\n") == "a\n\nb"


@given(
    st.lists(
        st.sampled_from([*QUESTION.split("\n"), "> q", "On a, b wrote:", "-- ", "Hajo", "PS: x"]), max_size=12
    )
)
def test_what_is_left_is_never_empty_and_never_more(lines: list[str]) -> None:
    text = collapse("\n".join(lines))
    left = new_part(text)
    assert bool(left.strip()) == bool(text.strip())
    assert set(left.split()) <= set(text.split())
