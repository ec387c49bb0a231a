"""May a message be acknowledged, and with which truthful words.

An acknowledgement is the one automatic "we have it" of a case. It answers nothing. Where anything speaks
against it there is none: a customer without one loses little, two machines that answer each other go on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from inbox_tui.desk.clock import DAY, MINUTE, spoken
from inbox_tui.model import Automatic, Direction, Kind
from inbox_tui.records import dataclass

if TYPE_CHECKING:
    from inbox_tui.desk.due import Rules

AGAIN = 7 * DAY
"""Milliseconds in which a sender gets one acknowledgement at most (RFC 3834, 2)."""
DUE, OPENS = "{due}", "{opens}"
"""Places in a text: when the answer is owed, when the office opens."""


class Acknowledge(StrEnum):
    """What an account acknowledges."""

    NO = "no"
    PRIVATE = "private"
    """What nobody else reads."""
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Texts:
    """What is said in one language."""

    text: str
    """While the office is open; holds ``{due}``."""
    closed: str
    """While it is closed; holds ``{opens}`` and ``{due}``."""
    untimed: str
    """Where no time can be named."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A message, and what stands around it."""

    direction: Direction
    kind: Kind
    automatic: Automatic
    public: bool
    history: bool
    sent_at: int
    address: str
    """Of the sender as his channel knows him: a mail address, an id; empty: nobody knows."""
    handle: str
    subject: str
    media: tuple[str, ...]
    """Types of the files that came with it."""
    forged: bool
    by_customer: bool
    """Its writer is the one whom an answer in its thread goes to."""
    treated: bool
    """An agent has said of this sender what he is: a machine may be there, too."""
    aside: bool
    spam: bool
    waiting: bool
    """The case is owed an answer."""
    acknowledged: bool
    """The case has had one, on whichever channel."""
    last: int | None
    """When this person got one last, in milliseconds UTC; None: never."""


def _any(*patterns: str) -> str:
    return "|".join(patterns)


# What no person reads or writes at: by the usual names (RFC 2142, RFC 3834) and those that programs take.
_NOBODY = _any(
    r"no-?_?reply|do-?_?not-?_?reply|noreply|donotreply|nicht-?antworten|keine-?antwort|ne-?pas-?repondre",
    r"mailer-?daemon|mail-?daemon|postmaster|hostmaster|bounces?|daemon|root|nobody",
    r"majordomo|listserv|mailman|autoresponder|auto-?reply|automailer|robot|bot",
    r"newsletter|notifications?|alerts?",
)
_MACHINES = re.compile(
    _any(
        rf"(?:.*[._+-])?(?:{_NOBODY})(?:[._+=-].*)?",
        r"owner-.*",
        r".*-(?:owner|request|bounces|admin|subscribe|unsubscribe|confirm|leave|join)",
    ),
    re.IGNORECASE,
)
# What programs write over their answers where they set no header that says so.
_AWAY = _any(
    r"\[?auto(?:matic|matische|matique|-)?[ -]?(?:reply|response|responder|antwort|replied)\b",
    r"abwesenheit|ich bin (?:derzeit )?nicht im (?:büro|haus)|außer haus",
    r"out of (?:the )?office|ooo\b|vacation\b|away from|on leave",
    r"réponse automatique|message d['’]absence|absence\b|absente? (?:du|jusqu)",
)
_BOUNCED = _any(
    r"undeliver|delivery (?:status|failure|has failed)|mail delivery|returned mail|failure notice",
    r"delayed mail|warning: could not send|unzustellbar|zustellung",
    r"non remis|échec de (?:la )?(?:remise|distribution)",
)
_CALENDAR = _any(
    r"(?:(?:tentatively )?accepted|declined|tentative|cancell?ed|(?:updated )?invitation)\s*:",
    r"(?:zugesagt|abgesagt|abgelehnt|mit vorbehalt|(?:aktualisierte )?einladung)\s*:",
    r"(?:accepté|refusé|provisoire|annulé)\s*:",
)
_RECEIPTS = _any(
    r"(?:not )?read:|gelesen:|ungelesen gelöscht|lu ?:|lesebestätigung|return receipt",
    r"accusé de (?:lecture|réception)|eingangsbestätigung|we (?:have )?received your",
    r"(?:ihre anfrage|your request|votre demande)\b.*(?:erhalten|received|reçue)",
)
_TICKETS = _any(
    r"\[?ticket\b", r".*\[(?:ticket|case|request|anfrage|vorgang)[ #:]*[\w-]*\d", r".*## ?\d+ ?##"
)
_ANSWERS = re.compile(rf"\s*(?:{_any(_AWAY, _BOUNCED, _CALENDAR, _RECEIPTS, _TICKETS)})", re.IGNORECASE)


def why_not(asked: Asked, wanted: Acknowledge, own: frozenset[str], within: int, now: int) -> str:
    """Why a message is not acknowledged, in words; empty: it is.

    own: the firm's own addresses and handles in lower case. within: minutes while a message is young enough.
    """
    return (
        _account(asked, wanted) or _machine(asked, own) or _case(asked) or _time(asked, within * MINUTE, now)
    )


def _account(asked: Asked, wanted: Acknowledge) -> str:
    if wanted is Acknowledge.NO:
        return "the account acknowledges nothing"
    if asked.public and wanted is not Acknowledge.ALL:
        return "it is public, and the account acknowledges in private alone"
    return ""


def _machine(asked: Asked, own: frozenset[str]) -> str:
    if asked.direction is not Direction.IN or asked.kind is not Kind.MESSAGE:
        return "it is no message of a customer"
    if asked.automatic is not Automatic.NO or _ANSWERS.match(asked.subject):
        return "a machine wrote it"
    if any(kind == "text/calendar" or kind.endswith("/ics") for kind in asked.media):
        return "a calendar wrote it"
    if asked.forged or asked.treated:
        return "its sender is not sure to be a person"
    if not asked.address or asked.address.startswith("?"):
        return "nobody knows who wrote it"
    if {asked.address.lower(), asked.handle.lower()} & own:
        return "it comes from an address of our own"
    if "@" in asked.address and _MACHINES.fullmatch(asked.address.rpartition("@")[0]):
        return "nobody reads at its address"
    return "" if asked.by_customer else "an answer would go to somebody else"


def _case(asked: Asked) -> str:
    if asked.history:
        return "it is history"
    if asked.spam:
        return "the case is spam"
    if asked.aside:
        return "it is no customer's thread"
    if not asked.waiting:
        return "the case is owed no answer"
    return "the case has an acknowledgement" if asked.acknowledged else ""


def _time(asked: Asked, within: int, now: int) -> str:
    if now - asked.sent_at > within:
        return f"it is older than {spoken(within)}"
    if asked.last is not None and now - asked.last < AGAIN:
        return f"its sender got one {spoken(now - asked.last)} ago"
    return ""


# -- in which language

_COMMON: Mapping[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "de": "und der die das ist nicht ich wir sie ihr ihre mein meine mir mich ein eine einen"
        " mit für auf von zu den dem des habe haben bitte danke hallo guten tag seit noch aber"
        " wann wie auch bei grüße vielen wurde kann",
        "en": "the and is are not you your my me we have has had with for this that it of to please"
        " thanks hello hi dear when where what can could would was been from but there still"
        " our i regards",
        "fr": "le la les des et est pas je vous nous mon ma mes votre notre avec pour dans une du"
        " que qui bonjour merci depuis mais quand aussi très cordialement suis ai avez au ce"
        " cette",
        "es": "el los las y es no yo usted mi su con para una que por del hola gracias desde pero"
        " cuando también muy estoy tengo está este esta saludos",
        "it": "il gli e è non io lei mio mia con per una che del della buongiorno grazie da ma"
        " quando anche molto sono ho questo questa saluti",
        "nl": "de het een en is niet ik u uw mijn met voor van op dat die hallo bedankt sinds maar"
        " wanneer ook heb hebben graag groeten wordt kan",
    }.items()
}
_WORD = re.compile(r"[^\W\d_]+")
_READ = 4000
"""Characters of a message that take part in the vote."""
_ENOUGH = 2
"""Votes below which nothing is said about the language."""


def language(
    text: str, known: Sequence[str], default: str, words: Mapping[str, Sequence[str]] | None = None
) -> str:
    """In which language a message is answered: of those with texts (known), by a vote of its common words.

    words: further common words by language. The default where no language has clearly the most.
    """
    heard = [word.lower() for word in _WORD.findall(text[:_READ])]
    common = {
        key: _COMMON.get(key, frozenset()) | set((words or {}).get(key, ()))
        for key in {*_COMMON, *(words or {})}
    }
    votes = sorted(((sum(word in of for word in heard), key) for key, of in common.items()), reverse=True)
    (most, first), (next_, _) = votes[0], votes[1]
    return first if most >= _ENOUGH and most > next_ and first in known else default


# -- in which words

_EN, _DE = "Hello,\n\nwe have your message", "Guten Tag,\n\nIhre Nachricht ist bei uns"
_EN_END = "\n\nThis confirmation was sent automatically."
_DE_END = "\n\nDiese Bestätigung wurde automatisch verschickt."
BUILT_IN: Mapping[str, Texts] = {
    "en": Texts(
        text=f"{_EN}. You will have an answer by {DUE}.{_EN_END}",
        closed=f"{_EN}. We are closed until {OPENS}; you will have an answer by {DUE}.{_EN_END}",
        untimed=f"{_EN}, and somebody will answer it.{_EN_END}",
    ),
    "de": Texts(
        text=f"{_DE}. Sie haben eine Antwort bis {DUE}.{_DE_END}",
        closed=f"{_DE}. Wir haben bis {OPENS} geschlossen; Sie haben eine Antwort bis {DUE}.{_DE_END}",
        untimed=f"{_DE}, und jemand wird sie beantworten.{_DE_END}",
    ),
}
_DAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "de": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
}
_MONTHS = {
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    "de": (
        *("Januar", "Februar", "März", "April", "Mai", "Juni"),
        *("Juli", "August", "September", "Oktober", "November", "Dezember"),
    ),
}


def words(texts: Texts, rules: Rules | None, due: int | None, now: int, spoken_in: str) -> str:
    """The text with true times. due: when the answer is owed, milliseconds UTC; None: no time can be named.

    spoken_in: the language of the times.
    """
    if rules is None or due is None or due <= now:
        return texts.untimed
    until = _said(due, rules, spoken_in)
    opens = rules.hours.opens(now)
    # A promise may name a time before the office opens: then its hours explain nothing.
    if rules.hours.is_open(now) or opens is None or opens >= due:
        return texts.text.replace(DUE, until)
    return texts.closed.replace(OPENS, _said(opens, rules, spoken_in)).replace(DUE, until)


def _said(at: int, rules: Rules, spoken_in: str) -> str:
    """A time of the office's zone, the zone with it: the customer may live in another one."""
    # Up to the minute: a time is never said later than it is.
    here = datetime.fromtimestamp(at // MINUTE * 60, rules.hours.zone)
    clock = f"{here:%H:%M}"
    zone = here.tzname() or "UTC"
    if spoken_in not in _DAYS:
        return f"{here:%Y-%m-%d} {clock} {zone}"
    day, month = _DAYS[spoken_in][here.weekday()], _MONTHS[spoken_in][here.month - 1]
    if spoken_in == "de":
        return f"{day}, {here.day}. {month}, {clock} Uhr ({zone})"
    return f"{day} {here.day} {month}, {clock} ({zone})"


def wrong(texts: Texts) -> tuple[str, str] | None:
    """What is wrong with a text, if anything: its key, and what."""
    wanted = {"text": {DUE}, "closed": {DUE, OPENS}, "untimed": set()}
    for key, places in wanted.items():
        text = str(getattr(texts, key))
        found = set(re.findall(r"\{[^{}\s]*\}", text))
        if not text.strip():
            return key, "empty"
        if extra := sorted(found - places):
            return key, f"{extra[0]} is no place that can be filled here"
        if missing := sorted(places - found):
            return key, f"the place {missing[0]} is missing"
    return None


__all__ = [
    "AGAIN",
    "BUILT_IN",
    "Acknowledge",
    "Asked",
    "Texts",
    "language",
    "why_not",
    "words",
    "wrong",
]
