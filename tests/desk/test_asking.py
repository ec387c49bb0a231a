"""A customer is not asked for what he has said already."""

from __future__ import annotations

import pytest

from inbox_tui.desk.asking import Said, asked, held


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Please send us your order number.", ["order number"]),
        ("Could you tell us your phone number and your address?", ["phone number", "address"]),
        ("What is your e-mail address?", ["mail address"]),
        ("We need the date of purchase.", ["date"]),
        ("When did you order?", ["date"]),
        ("Please send us a mail with your data.", ["data"]),
        ("May we have your IBAN?", ["IBAN"]),
        ("Bitte teilen Sie uns Ihre Bestellnummer mit.", ["order number"]),
        ("Schick uns bitte deine Bestellnr. per Mail", ["order number"]),
        ("Wie lautet Ihre Telefonnummer?", ["phone number"]),
        ("Ihre Anschrift benötigen wir noch.", ["address"]),
        ("Bitte nennen Sie uns Ihre Mail-Adresse.", ["mail address"]),
        ("Wann haben Sie das Gerät denn gekauft?", ["date"]),
        ("Bitte schicken Sie uns Ihre Daten per DM.", ["data"]),
        ("Bitte senden Sie uns:\n- Bestellnummer\n- Lieferadresse", ["order number", "address"]),
        ("Wir brauchen Ihre Kundennummer.", ["customer number"]),
        ("Falls noch nicht geschehen, senden Sie uns bitte Ihre Rechnungsnummer.", ["invoice number"]),
    ],
)
def test_what_is_asked_for_is_seen_in_both_languages(text: str, kinds: list[str]) -> None:
    assert list(asked(text)) == kinds


@pytest.mark.parametrize(
    "text",
    [
        "Your order number is AB-1.",
        "We will send the parcel to your address.",
        "Wir senden es an Ihre Adresse.",
        "Thank you for your phone number.",
        "Danke für Ihre Bestellnummer, wir melden uns.",
        "You need not send us your order number.",
        "Ihre Adresse haben wir bereits.",
        "Please write to our address.",
        "Please send us an e-mail.",
        "Please restart it once.",
    ],
)
def test_what_only_names_it_asks_for_nothing(text: str) -> None:
    assert asked(text) == ()


def found(kind: str, text: str, pattern: str = "") -> list[str]:
    return [one.what for one in held([kind], [Said(7, text)], pattern)]


@pytest.mark.parametrize(
    ("kind", "text", "what"),
    [
        ("order number", "my order no. 4711-08 is late", "4711-08"),
        ("order number", "Bestellnummer: AB20240815", "AB20240815"),
        ("customer number", "Kundennummer 123456", "123456"),
        ("invoice number", "Rechnungsnr. R-2024-17", "R-2024-17"),
        ("phone number", "call me: 0171 1234567", "0171 1234567"),
        ("mail address", "I am mia@example.org", "mia@example.org"),
        ("address", "Ich wohne Lindenweg 4", "Lindenweg 4"),
        ("date", "bought on 3.11.2026", "3.11.2026"),
        ("IBAN", "DE89370400440532013000", "DE89370400440532013000"),
        ("data", "my order no. 4711-08 is late", "4711-08"),
    ],
)
def test_what_the_case_holds_is_found(kind: str, text: str, what: str) -> None:
    assert found(kind, text) == [what]


def test_the_firms_own_pattern_finds_a_bare_order_number() -> None:
    assert found("order number", "where is AB-0815?", r"AB-\d{4}") == ["AB-0815"]
    assert found("order number", "where is AB-0815?") == []


def test_what_is_not_there_may_be_asked_for() -> None:
    assert found("phone number", "my order no. 4711-08 is late") == []
    assert found("data", "Hello? Anybody there?") == []


def test_the_newest_message_that_holds_it_is_shown_with_the_words_around() -> None:
    said = [Said(1, "old number 0171 1111111"), Said(2, "new number 0171 2222222, thanks"), Said(3, "hello?")]
    (one,) = held(["phone number"], said)
    assert (one.message, one.shows) == (2, "new number 0171 2222222, thanks")


@pytest.mark.parametrize("quote", ["> call 030 1234567", "On Friday Shop wrote:\n030 1234567"])
def test_what_we_wrote_ourselves_and_he_quoted_is_not_his(quote: str) -> None:
    assert found("phone number", f"Still waiting\n{quote}") == []
