"""Hand-offs: what a code looks like, what one that arrives is worth, where a customer can be sent.

A code that was sent in private and comes in private joins what it came with, whoever wrote it: nobody else
could know it. One that others could read only proposes. Pure: randomness and time come in as arguments.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum

from inbox_tui.desk import reach
from inbox_tui.model import Destination, Place, Thread
from inbox_tui.records import dataclass, field

LETTERS = "BCDFGHJKMNPQRSTVWXZ"
ALPHABET = f"23456789{LETTERS}"
"""Nothing that can be taken for something else, and no vowels: a code never spells a word."""
_GROUP = 5
MOST = 3
"""Codes of one message that are looked at: who writes more of them is guessing."""
GUESSES = 5
"""Wrong codes of one identity in a day, after which none of his is looked at."""
PROPOSED = 3
"""Identities that one public code may propose: what more than these write says nothing."""
_DASH = r"[-‐‑‒–—−_ ]"
_ONE = f"[{ALPHABET}]"
# It begins with a letter as it stands: Python then looks for that alone, ten times as quickly.
_FORM = rf"H(?<![0-9A-Z]H){_DASH}?({_ONE}{{{_GROUP}}}){_DASH}({_ONE}{{{_GROUP}}})(?![0-9A-Z])"
_CODE, _ANY_CASE = re.compile(_FORM), re.compile(_FORM, re.IGNORECASE)
_READ = 20_000
"""So many characters of a text are looked through."""


def new_code(choose: Callable[[str], str]) -> str:
    """A code that nobody can guess: one of 10 to the power of 14. choose: one letter of a text, at random.

    Each part begins with a letter, so that no phone number and hardly an order number looks like it.
    """
    parts = (choose(LETTERS) + "".join(choose(ALPHABET) for _ in range(_GROUP - 1)) for _ in range(2))
    return "-".join(("H", *parts))


def codes(text: str) -> tuple[str, ...]:
    """What in a text has the form of a code, as `new_code` writes it; each once, `MOST` at most."""
    found: dict[str, None] = {}
    for match in _CODE.finditer(text[:_READ].upper()):
        found[f"H-{match[1]}-{match[2]}"] = None
        if len(found) == MOST:
            break
    return tuple(found)


def without_codes(text: str) -> str:
    """The text as what looks for private data and for the same words again should see it."""
    return _ANY_CASE.sub("", text)


def plus(address: str, code: str) -> str:
    """The address at which a mail brings the code by itself."""
    local, _, host = address.partition("@")
    return f"{local}+{code.lower()}@{host}"


# --- what is a code worth that arrives


@dataclass(frozen=True, slots=True)
class Sent:
    """A hand-off as far as the rule needs it. Times are milliseconds UTC."""

    case: int
    person: int
    threads: frozenset[int]
    """Those in which the code was written to the customer."""
    public: bool
    """Others could read it."""
    expires_at: int
    used_by: int | None = None
    """The identity that came with it; None: nobody did."""
    proposed: frozenset[int] = field(default_factory=frozenset)
    """Identities that it proposed."""


@dataclass(frozen=True, slots=True)
class Came:
    """What a code came with."""

    identity: int
    person: int
    thread: int | None
    """The known thread that it goes on with."""
    other_case: bool
    """That thread belongs to another case, which is open."""
    public: bool
    forged: bool
    at: int


class Worth(StrEnum):
    """What follows from a code. From `EXPIRED` on it was refused."""

    NOTHING = "nothing"
    """It is only quoted: there where it was sent, or by whoever has used it."""
    CAME = "came"
    """The customer has come without it, to where he is known."""
    ARRIVED = "arrived"
    """The customer himself has come with it, in another case of his that is open."""
    JOINS = "joins"
    PROPOSES = "proposes"
    EXPIRED = "expired"
    REUSED = "reused"
    """Somebody else came with it before."""
    CROWDED = "crowded"
    """It is public, and many have written it."""
    FORGED = "forged"
    """The mail server says that the sender is not who he claims to be."""
    UNKNOWN = "unknown"
    """There is no such code."""
    GUESSING = "guessing"
    """Its writer wrote too many that do not exist: it was not looked at."""


REFUSED = frozenset({Worth.EXPIRED, Worth.REUSED, Worth.CROWDED, Worth.FORGED, Worth.UNKNOWN, Worth.GUESSING})


def judge(sent: Sent | None, came: Came) -> Worth:
    """What a code is worth that came so. sent: the hand-off whose code it is; None: of none."""
    if sent is None:
        return Worth.UNKNOWN
    himself, again = came.person == sent.person, came.identity == sent.used_by
    # Whoever came with it begins anew with it, too; in his thread it only stands in the subject.
    quoted = again and (came.public or came.thread is not None)
    if came.thread in sent.threads or quoted or (himself and came.public):
        return Worth.NOTHING
    if came.forged:
        return Worth.FORGED
    if sent.used_by is not None and not again:
        return Worth.REUSED
    if came.at > sent.expires_at:
        return Worth.EXPIRED
    if himself or again:
        return Worth.ARRIVED if came.other_case else Worth.JOINS
    if came.public or sent.public:
        known = came.identity in sent.proposed
        return Worth.NOTHING if known else Worth.CROWDED if len(sent.proposed) >= PROPOSED else Worth.PROPOSES
    # A thread in which he is answered in another case keeps it: that case would have no thread left.
    return Worth.PROPOSES if came.other_case else Worth.JOINS


# --- where can he be sent


@dataclass(frozen=True, slots=True)
class Here:
    """An account of ours that customers can write to in private."""

    to: Destination
    name: str
    channel: str
    closed: str = ""
    """Why nothing private is read there, in words; empty: it is."""


def places(here: Iterable[Here], threads: Sequence[Thread], now: int) -> tuple[Place, ...]:
    """Every destination as it stands for a case, those that are open first. threads: of the case."""
    found = [
        _place(one, [t for t in threads if t.account == one.name and t.with_customer], now) for one in here
    ]
    order = list(Destination)
    return tuple(sorted(found, key=lambda one: (not one.open, order.index(one.to), one.account)))


def _place(here: Here, threads: Sequence[Thread], now: int) -> Place:
    if here.closed:
        return Place(here.to, here.name, here.closed)
    private = [t for t in threads if not t.public]
    ready = [t for t in private if t.last_in is not None and not reach.closed(t, now)]
    if ready:
        thread = max(ready, key=lambda t: t.last_in or 0)
        said = f"he has written there already: thread {thread.id} can be answered now"
        return Place(here.to, here.name, note=said, thread=thread.id)
    refused = next((t for t in private if not t.can_reply), None)
    if refused is not None:
        return Place(here.to, here.name, reach.closed(refused, now))
    return Place(here.to, here.name, note=_note(here, private, threads, now))


def _note(here: Here, private: Sequence[Thread], threads: Sequence[Thread], now: int) -> str:
    late = next((why for t in private if (why := reach.closed(t, now))), "")
    if late:
        return f"{late}; it is open again as soon as he writes"
    comments = [t for t in threads if t.public]
    if here.to is not Destination.MESSENGER or not comments:
        return ""
    if any(not reach.closed(reach.privately(t), now) for t in comments):
        return "his comment can be answered privately now, once: that needs no hand-off"
    return "no private answer is left for his comment: he must write first"


# --- in which words

BY = {
    Destination.EMAIL: "by mail",
    Destination.X_DM: "by direct message on X",
    Destination.MESSENGER: "in Messenger",
}
"""How somebody goes on there."""

_ADDRESS, _CODE_PLACE = "{address}", "{code}"
_REST = {
    "en": " What you sent us is here already; you need not send it again.",
    "de": " Was Sie uns geschickt haben, liegt hier vor und muss nicht noch einmal kommen.",
}
_TEXTS: dict[str, dict[Destination, str]] = {
    "en": {
        Destination.EMAIL: "Please go on with us by mail: write to {address}, with {code} in the subject.",
        Destination.X_DM: "Please go on with us in private: send us a direct message with {code} in it.",
        Destination.MESSENGER: "Please go on with us in private: write in Messenger, with {code} in it.",
    },
    "de": {
        Destination.EMAIL: "Bitte schreiben Sie uns per Mail weiter: an {address}, mit {code} im Betreff.",
        Destination.X_DM: "Bitte schreiben Sie uns vertraulich weiter: per Direktnachricht, mit {code}.",
        Destination.MESSENGER: "Bitte schreiben Sie uns vertraulich weiter: im Messenger, mit {code}.",
    },
}
LANGUAGES = tuple(_TEXTS)


def wording(to: Destination, language: str, code: str, address: str, own: str = "") -> str:
    """What the customer is asked. own: the agent's words, with places for {code} and {address} or without."""
    asks = _TEXTS[language][to]
    if not own.strip():
        asks += _REST[language]
    elif _CODE_PLACE in own:
        asks = own.strip()
    else:
        asks = f"{own.strip()}\n\n{asks}"
    return asks.replace(_CODE_PLACE, code).replace(_ADDRESS, address)
