"""What of a text tells who somebody is: mail addresses, phone and bank account numbers, order numbers.

Each finder returns where it found something, in the order of the text. Places and dates, which are private in
some texts and harmless in most, are found here too, for those who look for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from inbox_tui.records import dataclass

LONGEST = 20_000
"""Characters that are looked through: a pattern of the owner's own may be slow."""
_LINK = re.compile(r"https?://\S+", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_DATE = re.compile(
    r"\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}[./]\d{1,2}[./](?:\d{4}|\d{2})?(?!\d)"
    r"|\b\d{1,2}\.? (?:jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)[a-zä]*\.?(?: \d{4})?"
    r"|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* \d{1,2}(?:st|nd|rd|th)?\b(?:,? \d{4})?",
    re.IGNORECASE,
)
_TIME = re.compile(r"\b\d{1,2}:\d{2}\b")
_PHONE = re.compile(
    r"(?<![\w.,/:#-])(?:\+|\(?0)[\d \t()/.\-\u2013]{5,24}\d|(?<![\w.-])\(?\d{3}\)?[ -]\d{3}-\d{4}(?![\w-])"
)
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?=[ -]?[A-Za-z0-9])")
_IBAN_LENGTHS = {
    **dict.fromkeys(("NO",), 15),
    **dict.fromkeys(("BE",), 16),
    **dict.fromkeys(("DK", "FI", "NL"), 18),
    **dict.fromkeys(("SI", "MK"), 19),
    **dict.fromkeys(("AT", "BA", "EE", "LT", "LU", "XK"), 20),
    **dict.fromkeys(("CH", "HR", "LI", "LV"), 21),
    **dict.fromkeys(("BG", "DE", "GB", "GE", "IE", "ME", "RS"), 22),
    **dict.fromkeys(("GI", "IL", "AE"), 23),
    **dict.fromkeys(("AD", "CZ", "ES", "MD", "RO", "SE", "SK", "SA"), 24),
    **dict.fromkeys(("PT",), 25),
    **dict.fromkeys(("IS", "TR"), 26),
    **dict.fromkeys(("FR", "GR", "IT", "MC", "SM"), 27),
    **dict.fromkeys(("AL", "CY", "HU", "LB", "PL"), 28),
    **dict.fromkeys(("UA",), 29),
    **dict.fromkeys(("MT",), 31),
}
"""Characters of an IBAN by country, as the registry of ISO 13616 lists them."""
_STREET = (
    r"[A-ZÄÖÜ][\w.'-]*(?:str\.|stra(?:ß|ss)e|weg|platz|allee|gasse|ring|damm|ufer|chaussee)"
    r"\s+\d{1,4}\s?[a-z]?\b"
)
_STREET_APART = r"\b[A-ZÄÖÜ][\w.'-]* (?:Str\.|Stra(?:ß|ss)e|Weg|Platz|Allee|Ring|Damm|Ufer) \d{1,4}\b"
_STREET_ENGLISH = (
    r"\b\d{1,5}[a-z]? (?:[A-Z][\w'-]*\.? ){1,3}"
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Square|Close|Way)\b"
)
_TOWN = r"(?<!\d)\d{5} [A-ZÄÖÜ][a-zäöüß]{2,}"
_POSTAL = re.compile("|".join((_STREET, _STREET_APART, _STREET_ENGLISH, _TOWN)))


@dataclass(frozen=True, slots=True)
class Datum:
    """Something that tells who somebody is."""

    kind: str
    """In words: "mail address", "phone number", "IBAN", "order number", "address", "date"."""
    text: str
    at: int
    """Where it begins in the text."""


def told(text: str, order_pattern: str = "") -> tuple[Datum, ...]:
    """What should not stand where everybody reads it. order_pattern: as in the configuration."""
    text = text[:LONGEST]
    found = [*mails(text), *phones(text), *ibans(text), *orders(text, order_pattern)]
    return tuple(sorted(found, key=lambda datum: datum.at))


def mails(text: str) -> Iterator[Datum]:
    """Mail addresses."""
    for match in _MAIL.finditer(text):
        yield Datum("mail address", match[0].strip("'."), match.start())


def phones(text: str) -> Iterator[Datum]:
    """Phone numbers as people write them; no dates, times, prices and links."""
    bare = text
    for pattern in (_LINK, _MAIL, _DATE, _TIME):
        bare = pattern.sub(lambda match: "\n" * len(match[0]), bare)
    account = [range(datum.at, datum.at + len(datum.text)) for datum in ibans(text)]
    for match in _PHONE.finditer(bare):
        digits = sum(char.isdigit() for char in match[0])
        least = 8 if match[0].startswith(("+", "00")) else 9
        if least <= digits <= 15 and not any(match.start() in one for one in account):
            yield Datum("phone number", match[0].strip(), match.start())


def ibans(text: str) -> Iterator[Datum]:
    """Bank account numbers whose checksum is right (ISO 13616)."""
    for match in _IBAN.finditer(text):
        wanted = _IBAN_LENGTHS.get(match[0][:2].upper())
        if wanted is None:
            continue
        end, taken = match.start(), ""
        while end < len(text) and len(taken) < wanted and (text[end].isalnum() or text[end] in " -"):
            taken += text[end] if text[end].isalnum() else ""
            end += 1
        if len(taken) == wanted and _sums_up(taken.upper()) and not text[end : end + 1].isalnum():
            yield Datum("IBAN", text[match.start() : end], match.start())


def _sums_up(iban: str) -> bool:
    if not iban.isascii():
        return False
    return int("".join(str(int(char, 36)) for char in iban[4:] + iban[:4])) % 97 == 1


def orders(text: str, pattern: str) -> Iterator[Datum]:
    """Order numbers of the firm; pattern: empty finds none."""
    if pattern:
        for match in re.finditer(pattern, text[:LONGEST]):
            if match[0].strip():
                yield Datum("order number", match[0], match.start())


def addresses(text: str) -> Iterator[Datum]:
    """A street with its number, or a town with its postal code."""
    for match in _POSTAL.finditer(text):
        yield Datum("address", match[0], match.start())


def dates(text: str) -> Iterator[Datum]:
    """Days of a calendar."""
    for match in _DATE.finditer(text):
        yield Datum("date", match[0], match.start())
