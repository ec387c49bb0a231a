"""What a reply asks the customer for, and where in the case he has said it already.

In English and German. It reads wording, not meaning: what it finds is shown to the agent, who decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from inbox_tui.desk import private
from inbox_tui.desk.private import Datum
from inbox_tui.records import dataclass

DATA = "data"
"""What "please send us your data" asks for: whatever says who he is."""
_NUMBERS = {
    "order number": r"(?:order|bestell|auftrags)",
    "customer number": r"(?:customer|kunden)",
    "invoice number": r"(?:invoice|rechnungs)",
}
_NUMBER = r"[- ]?(?:number|no\b|nr\b|nummer|id\b|reference|#)"
_WORDS: dict[str, str] = {
    **{kind: word + _NUMBER for kind, word in _NUMBERS.items()},
    "phone number": (
        r"(?:phone|mobile|cell|tele?fon|handy|mobil|ruf)[- ]?(?:number|no\b|nummer|nr\b)"
        r"|number (?:to|where|on which|at which)\b.{0,20}(?:call|reach)"
    ),
    "mail address": r"mail[- ]?(?:address|adresse)",
    "address": (
        r"(?<!mail)(?<!mail-)(?<!mail )(?<!\w)(?:(?:postal|delivery|shipping|home|street|full) )?address\b"
        r"|(?<!mail)(?<!mail-)(?<!mail )(?<!\w)(?:liefer|post|wohn|rechnungs)?adresse\b|\banschrift"
    ),
    "date": (
        r"date of (?:purchase|birth|order|delivery|the order)|(?:purchase|order|birth|delivery) date"
        r"|(?:geburts|kauf|bestell|liefer)datum|\bdatum (?:der|des|ihrer|ihres|deiner|deines)"
        r"|when (?:did|have) you (?:order|buy|bought)|wann (?:haben sie|hast du)\b.{0,40}(?:bestellt|gekauft)"
    ),
    "IBAN": r"\biban\b|bank ?(?:verbindung|details|account)|kontonummer|account number",
    DATA: (
        r"\b(?:your|ihre|ihren|deine|deinen) (?:(?:contact|personal|order|customer) )?"
        r"(?:data|details|information|daten|angaben)\b|kontaktdaten|kundendaten|contact details"
    ),
}
_ASKED = {kind: re.compile(words) for kind, words in _WORDS.items()}
_GIVE = re.compile(
    r"\b(?:send|tell|give|provide|share|supply|submit|let (?:us|me) (?:know|have)|mail us|message us|dm us"
    r"|sende[nt]?|schick(?:en|e|t)?|teilen?|teilt|nenn(?:en|e|t)?|geben|gib|gebt|mitteilen|zusenden|zuschicken"
    r"|übermitteln?|angeben|verraten|mailen?|schreib(?:en|e)? (?:sie )?uns)\b"
)
_TO_US = re.compile(r"\b(?:us|me|uns|mir|please|pls|bitte)\b")
_NEED = re.compile(
    r"\b(?:what(?:'s| is| was| are)|which|(?:may|could|can) (?:we|i) have"
    r"|(?:we|i)(?:'ll|'d| will| would| still)? ?(?:need|require)|when (?:did|have) you"
    r"|wie lautet|wie ist|was ist|welche|wann (?:haben|hast)|brauchen?|benötigen?|bräuchten?|fehlt)\b"
)
_NOT = re.compile(
    r"\b(?:no need|need not|(?:do not|don't) need|already have|have already|nicht nötig|nicht notwendig"
    r"|(?:haben|habe) .{0,40}(?:bereits|schon)\b|(?:bereits|schon) (?:haben|vorliegt|bekannt)"
    r"|liegt .{0,20}vor\b|keine?\b)"
)
_GOES_THERE = re.compile(
    r"\b(?:to|at|an|under|unter|from|von|per|via|in|auf|for|für|zu|our|unsere[nrs]?)"
    r"(?: (?:your|ihre[nrms]?|deine[nrms]?|the|die|der|our|unsere[nrs]?))? ?(?:e-?)?$"
)
_QUOTE = re.compile(
    r"\s*(?:>|(?:am|on|le) .{0,120}(?:schrieb|wrote|écrit)"
    r"|-{2,} ?(?:original|ursprüng|weitergeleitet|forwarded)|(?:von|from): )",
    re.IGNORECASE,
)
_AROUND = 60
"""Characters on each side of what was found that are shown with it."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the case holds: a message of the customer, or an identity of his."""

    message: int | None
    """None: it stands with the person, in no message."""
    text: str


@dataclass(frozen=True, slots=True)
class Held:
    """Something that is asked for though it is there."""

    kind: str
    what: str
    """The number, address or date itself."""
    shows: str
    """The words around it."""
    message: int | None


def asked(text: str) -> tuple[str, ...]:
    """Kinds of data that a reply asks the customer for."""
    found = [kind for sentence in _sentences(text) for kind in _of_sentence(sentence)]
    return tuple(dict.fromkeys(found))


def held(kinds: Sequence[str], said: Sequence[Said], order_pattern: str = "") -> tuple[Held, ...]:
    """Those of these kinds that the customer has said already, each where he said it last."""
    out: list[Held] = []
    for kind in kinds:
        for one in reversed(said):
            text = _own(one.text)[: private.LONGEST]
            datum = next(_finder(kind)(text, order_pattern), None)
            if datum is not None:
                out.append(Held(kind, datum.text.strip(), _around(text, datum), one.message))
                break
    return tuple(out)


def _sentences(text: str) -> list[str]:
    """In lower case; a list belongs to the line that announces it."""
    text = re.sub(r":\s*\n\s*", ": ", text[: private.LONGEST].casefold())
    text = re.sub(r"\n\s*(?:[-*•–]|\d+[.)])\s+", ", ", text)
    return re.split(r"(?<=[.!?])\s+|\n+", text)


def _of_sentence(sentence: str) -> Iterator[str]:
    asks = _NEED.search(sentence) or (_GIVE.search(sentence) and _TO_US.search(sentence))
    if not asks or _NOT.search(sentence):
        return
    for kind, words in _ASKED.items():
        if any(not _GOES_THERE.search(sentence[: match.start()]) for match in words.finditer(sentence)):
            yield kind


def _own(text: str) -> str:
    """What he wrote himself: up to where the quoting of others begins."""
    lines = text.split("\n")
    end = next((place for place, line in enumerate(lines) if place and _QUOTE.match(line)), len(lines))
    return "\n".join(lines[:end])


Finder = Callable[[str, str], Iterator[Datum]]


def _finder(kind: str) -> Finder:
    if kind in _NUMBERS:
        return _numbered(kind)
    if kind == DATA:
        return _anything
    simple: dict[str, Callable[[str], Iterator[Datum]]] = {
        "phone number": private.phones,
        "mail address": private.mails,
        "address": private.addresses,
        "date": private.dates,
        "IBAN": private.ibans,
    }
    return lambda text, _: simple[kind](text)


def _numbered(kind: str) -> Finder:
    words = re.compile(
        rf"\b{_NUMBERS[kind]}\w*(?:{_NUMBER})?[.:#]*(?: is| ist| lautet| was)?[ :#]{{0,3}}"
        r"([a-z0-9][a-z0-9/-]*\d[a-z0-9/-]{2,})",
        re.IGNORECASE,
    )

    def find(text: str, pattern: str) -> Iterator[Datum]:
        if kind == "order number":
            yield from private.orders(text, pattern)
        for match in words.finditer(text):
            yield Datum(kind, match[1], match.start(1))

    return find


def _anything(text: str, pattern: str) -> Iterator[Datum]:
    for kind in ("order number", "customer number", "IBAN", "phone number", "address"):
        yield from _finder(kind)(text, pattern)


def _around(text: str, datum: Datum) -> str:
    begin, end = max(0, datum.at - _AROUND), datum.at + len(datum.text) + _AROUND
    shown = " ".join(text[begin:end].split())
    return f"{'… ' if begin else ''}{shown}{' …' if end < len(text) else ''}"
