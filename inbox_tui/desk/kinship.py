"""Whether two persons may be one: what in a message speaks for it, how strongly, and in words.

Nothing here joins anybody: what a stranger could write himself is a reason to ask an agent, never more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from zlib import crc32

from inbox_tui.desk.clock import DAY
from inbox_tui.desk.folding import fold, words
from inbox_tui.model import Reason
from inbox_tui.records import dataclass, field

ADDRESS, PHONE, HANDLE, ORDER = "address", "phone", "handle", "order"
NAME, BRIEF, WORDING = "name", "brief", "wording"
CODE = "code"
"""Of a hand-off: it is no token, and casework says what it is worth."""
LAST = "last"
"""A last name: it speaks for nothing, and is counted to know which names are rare."""

STRONG = 80
"""From this score on it is all but certain."""
LEAST = 20
"""A pair with less is not proposed."""
WORDING_SPAN = 7 * DAY
"""Milliseconds within which near-identical wording speaks for something."""
LEAST_WORDS = 8
_LIKE = 90.0
"""Per cent of likeness from which two wordings are nearly identical."""
_READ = 4000
"""So many characters of a text are looked at."""
_SHINGLE, _KEYS = 3, 4
RARE_NAME = 4
"""So many identities may have a first or a last name for the whole to say something."""
COMMON = 3
"""What more persons than these share says nothing of two of them."""

_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_HANDLE = re.compile(r"(?<![\w@.])@(\w{2,30})")
_SENTENCE = re.compile(r"[.!?](?=\s|$)|\n")
_MINE = re.compile(
    r"\b(my|mine|i am|i'm|this is|me (at|on|under|by)|(call|reach|write|mail|answer) me"
    r"|i (wrote|mailed|ordered|called)|i have (written|mailed|ordered|called)|mein\w*|ich bin|bin ich"
    r"|hier ist|ich habe|habe ich|hab ich|mich|mir|zurück unter|rückruf)\b",
    re.IGNORECASE,
)
_THEIRS = re.compile(
    r"\b(wife|husband|friend|mother|father|mum|dad|brother|sister|colleague|boss|neighbou?r|daughter|son"
    r"|partner|his|her|their|he|she|him|them|frau|mann|freund\w*|mutter|vater|bruder|schwester|kolleg\w*|chef\w*|nachbar\w*|tochter"
    r"|sohn|ihm|ihn|sein\w*|on behalf of|im auftrag)\b|\bfor @|\bfür @|\bbitte @|\bplease (answer|help) @",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Rules:
    """What the configuration says."""

    order_pattern: str = ""
    """Regular expression of an order number; empty: there are none."""
    region: str = ""
    """Country in which a phone number without one is (DE); empty: only full numbers count."""
    ours: frozenset[str] = field(default_factory=frozenset)
    """Our own addresses and handles, in lower case."""


@dataclass(frozen=True, slots=True)
class Token:
    """Something that may stand with another person, too."""

    kind: str
    value: str
    """In the one form in which it is compared."""
    own: bool = False
    """It is the writer's own identity or name; else it stands in his text."""
    claim: int = 0
    """1: he says that it is his; -1: he speaks of somebody else; 0: he does not say."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Who wrote, as the channel knows him."""

    kind: str
    value: str
    name: str
    handle: str


@dataclass(frozen=True, slots=True)
class Side:
    """One of two persons where they meet."""

    token: Token
    writer: Writer


def phone(text: str, region: str = "") -> str | None:
    """A number as E.164; None where it is none."""
    import phonenumbers

    try:
        found = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(found):
        return None
    return str(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164))


def own(writer: Writer) -> list[Token]:
    """What the writer's identity itself says."""
    out = []
    if writer.kind == "email":
        out.append(Token(ADDRESS, writer.value, True))
    if writer.kind == "phone":
        out.append(Token(PHONE, writer.value, True))
    if writer.handle.startswith("@") and len(writer.handle) > 2:
        out.append(Token(HANDLE, writer.handle[1:].lower(), True))
    name = name_words(writer.name)
    if len(name) >= 2:
        if len(name[-1]) > 1:
            out += [Token(NAME, " ".join(name), True), Token(LAST, name[-1], True)]
        out.append(Token(BRIEF, f"{name[0]} {name[-1][0]}", True))
    return out


def name_words(name: str) -> list[str]:
    """A name's words, folded, without titles; nothing for an address."""
    if "@" in name:
        return []
    return [
        word for word in words(fold(name)) if word not in ("dr", "prof", "mr", "mrs", "ms", "herr", "frau")
    ]


def named(text: str, rules: Rules) -> list[Token]:
    """Addresses, handles, phone and order numbers in a text, each once."""
    text = text[:_READ]
    found: dict[tuple[str, str], Token] = {}
    for kind, value, begin, end in _places(text, rules):
        if value in rules.ours:
            continue
        known = found.get((kind, value))
        claim = _claim(text, begin, end)
        if known is None or (claim > known.claim >= 0):
            found[kind, value] = Token(kind, value, claim=claim)
    return list(found.values())


def _places(text: str, rules: Rules) -> Iterable[tuple[str, str, int, int]]:
    for match in _ADDRESS.finditer(text):
        yield ADDRESS, match.group().lower().rstrip("."), *match.span()
    for match in _HANDLE.finditer(text):
        yield HANDLE, match.group(1).lower(), *match.span()
    if rules.order_pattern:
        for match in re.finditer(rules.order_pattern, text):
            yield ORDER, re.sub(r"\W", "", match.group()).upper(), *match.span()
    if sum(char.isdigit() for char in text) >= 7:
        import phonenumbers

        for number in phonenumbers.PhoneNumberMatcher(text, rules.region or None):
            value = phonenumbers.format_number(number.number, phonenumbers.PhoneNumberFormat.E164)
            yield PHONE, str(value), number.start, number.end


def _claim(text: str, begin: int, end: int) -> int:
    """What the sentence says of whose it is."""
    before = [match.end() for match in _SENTENCE.finditer(text, 0, begin)]
    after = _SENTENCE.search(text, end)
    sentence = text[before[-1] if before else 0 : after.start() if after else len(text)]
    if _THEIRS.search(sentence):
        return -1
    return 1 if _MINE.search(sentence) else 0


def wording(text: str) -> list[Token]:
    """Keys under which near-identical texts meet: the smallest hashes of their runs of words."""
    said = spelled(text)
    if len(said) < LEAST_WORDS:
        return []
    runs = {" ".join(said[at : at + _SHINGLE]) for at in range(len(said) - _SHINGLE + 1)}
    return [Token(WORDING, f"{key:08x}") for key in sorted(crc32(run.encode()) for run in runs)[:_KEYS]]


def spelled(text: str) -> list[str]:
    """The words of a text that are compared: without the handles it is addressed to."""
    return words(fold(_HANDLE.sub("", text[:_READ])))


def alike(one: str, other: str) -> float:
    """Likeness of two texts in per cent; 0 where they are too short or not nearly identical."""
    from rapidfuzz import fuzz

    a, b = spelled(one), spelled(other)
    if min(len(a), len(b)) < LEAST_WORDS:
        return 0.0
    return float(fuzz.ratio(" ".join(a), " ".join(b), score_cutoff=_LIKE))


# --- how strongly


def score(one: Side, other: Side, sharing: int) -> int:
    """How much it says that the same stands on both sides; 0: nothing. sharing: persons who have it."""
    kind = one.token.kind
    if sharing > COMMON:
        return 0
    if kind == WORDING:
        if names_differ(one.writer.name, other.writer.name):
            return 0
        return 60 if sharing == 2 else 30
    if kind in (NAME, BRIEF):
        return _score_of_names(one, other, sharing)
    if one.token.own and other.token.own:
        return 0
    claims = [side.token.claim for side in (one, other) if not side.token.own]
    if min(claims) < 0:
        return 0
    claimed = all(claim > 0 for claim in claims)
    # Whoever names a handle on the platform of the handle mostly calls somebody.
    if kind == HANDLE and not claimed and one.writer.kind == other.writer.kind:
        return 0
    if names_differ(one.writer.name, other.writer.name):
        return 35 if claimed else 0
    if sharing > 2:
        return 45
    if not claimed:
        return 55
    if not names_agree(one.writer, other.writer):
        # A mailbox or a phone that two use: both call it theirs.
        return STRONG - 5
    return {ADDRESS: 95, PHONE: 92, HANDLE: 88, ORDER: 84}[kind]


def _score_of_names(one: Side, other: Side, sharing: int) -> int:
    if one.token.kind == NAME:
        return 45 if sharing == 2 else 25
    # Hajo B. may be Hajo Brandt; two whole names that begin alike are two names.
    brief = [len(name_words(side.writer.name)[-1]) == 1 for side in (one, other)]
    if brief[0] == brief[1] or one.writer.kind == other.writer.kind:
        return 0
    return 28 if sharing == 2 else 20


def names_agree(one: Writer, other: Writer) -> bool:
    """Whether their names, handles or addresses have a word in common."""
    a, b = ({word for word in _called(who) if len(word) > 2} for who in (one, other))
    return bool(a & b)


def _called(who: Writer) -> list[str]:
    local = who.value.partition("@")[0] if who.kind == "email" else ""
    return [
        *name_words(who.name),
        *words(fold(who.handle.partition("@")[0] or who.handle)),
        *words(fold(local)),
    ]


def names_differ(one: str, other: str) -> bool:
    """Whether both have a whole name, and not the same."""
    a, b = name_words(one), name_words(other)
    if len(a) < 2 or len(b) < 2:
        return False
    if len(a[-1]) == 1 or len(b[-1]) == 1:
        return (a[0], a[-1][0]) != (b[0], b[-1][0])
    # A family shares its last name, and often its mailbox.
    return set(a) != set(b) and (a[0], a[-1]) != (b[0], b[-1])


def total(scores: Sequence[int]) -> int:
    """What several reasons say together: the best, and a little for each other."""
    ordered = sorted(scores, reverse=True)
    return min(99, ordered[0] + sum(each // 4 for each in ordered[1:])) if ordered else 0


# --- in words


_WHAT = {PHONE: "the number ", ORDER: "the order number "}


def said(one: Reason, when: Callable[[int], str]) -> str:
    """The reason as a sentence. when: how a time is shown."""
    where = f"on {one.channel}" if one.channel not in ("email", "phone", "") else "in a mail"
    if one.channel == "phone":
        where = "in a call"
    value = f"@{one.value}" if one.kind == HANDLE else one.value
    shown = _WHAT.get(one.kind, "") + value
    if one.kind == NAME:
        return f"{one.by} and {one.other} have the same name"
    if one.kind == BRIEF:
        return f"{one.by} and {one.other} may be one name, shortened on one side"
    if one.kind == CODE:
        how = "alone was sent" if one.value == "private" else "was sent in public"
        return f"{one.by} wrote {where} ({when(one.at)}) the code that {one.other} {how}"
    if one.kind == WORDING:
        return f"{one.by} wrote {where} ({when(one.at)}) nearly the same words as {one.other}"
    if one.owned:
        mine = "calls it his own: " if one.claim > 0 else "names it: "
        return f"{one.other} writes from {shown}; {one.by} {mine}{where}, {when(one.at)}"
    return f"both name {shown}: {one.by} {where}, {when(one.at)}, and {one.other}"
