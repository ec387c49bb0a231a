"""What of a text tells who somebody is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_tui.desk import private


def kinds(text: str, pattern: str = "") -> list[tuple[str, str]]:
    return [(datum.kind, datum.text) for datum in private.told(text, pattern)]


@pytest.mark.parametrize(
    "text",
    ["mia.lang+shop@mail.example.org", "MIA@example.org", "o'neill@example.org"],
)
def test_mail_addresses_are_found(text: str) -> None:
    assert kinds(f"Write to {text}.") == [("mail address", text)]


@pytest.mark.parametrize("text", ["@hajo is right", "see you @ noon", "a@b", "5 pieces @ 3.50"])
def test_handles_are_no_mail_addresses(text: str) -> None:
    assert kinds(text) == []


@pytest.mark.parametrize(
    "number",
    [
        "+49 30 1234567",
        "0049 30 123456",
        "030/12345678",
        "(030) 1234567",
        "0171-1234567",
        "+44 20 7946 0018",
        "(555) 123-4567",
        "555-123-4567",
    ],
)
def test_phone_numbers_are_found_as_people_write_them(number: str) -> None:
    assert kinds(f"We call you at {number} today.") == [("phone number", number)]


@pytest.mark.parametrize(
    "text",
    [
        "on 01.12.2026 09:00 we open",
        "from 01.12.2026 to 03.12.2026",
        "2026-11-20 until 2026-11-24",
        "it costs 1.234.567,00",
        "item 20261120123",
        "https://shop.example/track/0049301234567",
        "0.5 - 0.75 l",
        "08:00 - 17:00",
    ],
)
def test_dates_prices_and_links_are_no_phone_numbers(text: str) -> None:
    assert kinds(text) == []


@pytest.mark.parametrize(
    "iban", ["DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432", "de89370400440532013000"]
)
def test_an_iban_is_found_by_its_checksum(iban: str) -> None:
    assert kinds(f"to {iban}, please") == [("IBAN", iban)]


def test_an_iban_with_a_wrong_checksum_is_none() -> None:
    assert ("IBAN", "DE88 3704 0044 0532 0130 00") not in kinds("to DE88 3704 0044 0532 0130 00, please")


def test_an_iban_ends_where_its_country_says() -> None:
    assert kinds("DE89370400440532013000 bitte") == [("IBAN", "DE89370400440532013000")]
    assert kinds("DE893704004405320130001234") == [], "digits that go on make it something else"


def test_order_numbers_are_found_by_the_firms_own_pattern() -> None:
    assert kinds("AB-2024-0815 left today", r"\bAB-\d{4}-\d{4}\b") == [("order number", "AB-2024-0815")]
    assert kinds("AB-2024-0815 left today") == []


@given(st.text(max_size=300))
def test_any_text_can_be_looked_through_and_places_are_true(text: str) -> None:
    for datum in private.told(text, r"[A-Z]{2}-\d+"):
        assert text.startswith(datum.text.strip(), datum.at) or datum.text in text


@pytest.mark.parametrize("text", ["Lindenweg 4", "Lange Straße 12", "12 Baker Street", "10115 Berlin"])
def test_addresses_are_found(text: str) -> None:
    assert [datum.text for datum in private.addresses(f"I live at {text}, second floor")] == [text]
