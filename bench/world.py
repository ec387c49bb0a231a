"""The customers of the benches: cases of five messages on three channels, the same ones for the same number.

Owns names, texts and times; knows nothing of a store. All people are fictional.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass

from inbox_tui.model import Author, Direction, Incoming, Kind, MailFacts

CHANNELS = ("email", "x", "facebook")
MESSAGES_A_CASE = 5
SPAN = 2 * 365 * 86_400_000
"""The cases began over so long a time, milliseconds."""
CASES_A_POST = 200
"""How many cases run under one post of the page."""
_MINUTE = 60_000
_FORTNIGHT = 14 * 86_400_000
_HANDLE = "shop"
_ADDRESS = "service@shop.example"
_PAGE = "100000000000001"
_SNOWFLAKE_EPOCH = 1_288_834_974_657


@dataclass(frozen=True, slots=True)
class Story:
    """One case."""

    number: int
    channel: str
    waiting: bool
    """Its last message is the customer's."""
    done: bool
    """An agent has closed it."""
    messages: tuple[Incoming, ...]
    """Oldest first."""

    @property
    def thread_key(self) -> str:
        """The key under which the store knows its thread."""
        first = self.messages[0]
        return first.thread_key or f"mail:{first.external_id}"


def stories(count: int, now: int) -> Iterator[Story]:
    """So many cases, the oldest first. A tenth waits: every second one of the newest fifth."""
    for number in range(count):
        newest = number >= count * 4 // 5
        waiting = newest and number % 2 == count % 2
        begun = now - SPAN + (SPAN - 3 * 86_400_000) * number // count
        yield _story(number, count, begun, waiting)


def _story(number: int, count: int, begun: int, waiting: bool) -> Story:
    rng = random.Random(number)
    channel = CHANNELS[number % 3]
    # Every fifth customer comes back, more than a year later: with another matter, in a case of its own.
    customer = _customer(channel, number % max(1, count * 4 // 5))
    matter = rng.choice(_MATTERS)
    last = f"{rng.choice(_ANSWERS)} {rng.choice(_BYES)}"
    texts = [
        f"{rng.choice(_GREETINGS)} {matter[1]} {rng.choice(_DETAILS)} ({10_000 + number})",
        f"{rng.choice(_DETAILS)} {rng.choice(_NAGS)}",
        f"{rng.choice(_ANSWERS)}",
        f"{rng.choice(_THANKS)} {rng.choice(_NAGS)}",
        f"{rng.choice(_THANKS)} {rng.choice(_DETAILS)}" if waiting else last,
    ]
    ours = (False, False, True, False, not waiting)
    at = begun
    made: list[Incoming] = []
    for place, (text, own) in enumerate(zip(texts, ours, strict=True)):
        made.append(_make(channel, number, place, at, text, matter[0], customer, own))
        at += rng.randrange(2, 600) * _MINUTE
    return Story(number, channel, waiting, not waiting and number % 8 != 0, tuple(made))


def _customer(channel: str, number: int) -> Author:
    mixed = number * 7919
    name = f"{_FIRST[mixed % len(_FIRST)]} {_LAST[mixed // len(_FIRST) % len(_LAST)]}"
    plain = name.lower().translate(_PLAIN).replace(" ", ".")
    if channel == "email":
        address = f"{plain}.{number}@kunden.example"
        return Author("email", address, name, address)
    if channel == "x":
        handle = f"@{plain.replace('.', '_')[:11]}{number % 10_000}"
        return Author("x", str(900_000_000 + number), name, handle)
    return Author("facebook", str(7_000_000_000_000 + number), name)


def _make(
    channel: str, number: int, place: int, at: int, text: str, subject: str, customer: Author, own: bool
) -> Incoming:
    direction = Direction.OUT if own else Direction.IN
    if channel == "email":
        return _mail(number, place, at, text, subject, customer, direction)
    if channel == "x":
        first = (at - _SNOWFLAKE_EPOCH << 22) | number & 0x3FFFFF
        conversation = f"c{number}"
        return Incoming(
            external_id=f"{first}",
            thread_key=f"{conversation}:{customer.value}",
            author=Author("x", "1000001", "Shop", f"@{_HANDLE}") if own else customer,
            direction=direction,
            text=text,
            sent_at=at,
            public=True,
            permalink=f"https://x.com/{_HANDLE}/status/{first}",
            in_reply_to="",
            customer=customer if own else None,
        )
    post = post_id(number)
    return Incoming(
        external_id=f"{post}_{number}_{place}",
        thread_key=f"{post}:{customer.value}",
        author=Author("facebook", _PAGE, "Shop") if own else customer,
        direction=direction,
        text=text,
        sent_at=at,
        public=True,
        permalink=f"https://www.facebook.com/{post}?comment_id={number}{place}",
        context=post,
        customer=customer if own else None,
    )


def _mail(
    number: int, place: int, at: int, text: str, subject: str, customer: Author, direction: Direction
) -> Incoming:
    own = direction is Direction.OUT
    ids = tuple(f"<case.{number}.{earlier}@kunden.example>" for earlier in range(place + 1))
    folder = "Sent" if own else "INBOX"
    return Incoming(
        external_id=f"{folder}/1/{number * MESSAGES_A_CASE + place + 1}",
        thread_key="",
        author=Author("email", _ADDRESS, "Shop", _ADDRESS) if own else customer,
        direction=direction,
        text=text,
        sent_at=at,
        subject=("Re: " if place else "") + subject,
        customer=customer if own else None,
        full_text=text if place == 0 else f"{text}\n\n> {subject}\n-- \n{customer.name}",
        mail=MailFacts(
            message_id=ids[-1],
            references=ids[:-1],
            participants=(customer.value or "", _ADDRESS),
            digest=hashlib.sha256(ids[-1].encode()).hexdigest(),
        ),
    )


def post_id(number: int) -> str:
    """Id of our own post under which a case runs."""
    return f"{_PAGE}_{number // CASES_A_POST}"


def post(number: int, at: int) -> Incoming:
    """That post."""
    return Incoming(
        external_id=post_id(number),
        thread_key="",
        author=Author("facebook", _PAGE, "Shop"),
        direction=Direction.OUT,
        text=f"Offer {number // CASES_A_POST + 1}: come and see what is new.",
        sent_at=at,
        kind=Kind.POST,
        public=True,
        permalink=f"https://www.facebook.com/{post_id(number)}",
    )


def social(count: int, now: int) -> list[Incoming]:
    """So many messages of customers on X in the order in which they were written, none answered yet.

    Five a case, within a day or two; the cases began one after the other over a fortnight, so that at any
    time many of them are being written in.
    """
    rng = random.Random(count)
    cases = -(-count // MESSAGES_A_CASE)
    out = []
    for number in range(cases):
        customer = _customer("x", number)
        matter = rng.choice(_MATTERS)[1]
        conversation = ""
        at = now - _FORTNIGHT + (_FORTNIGHT - 3 * 86_400_000) * number // cases
        for place in range(MESSAGES_A_CASE):
            # Some begin a second conversation: a thread of its own, which joins the case. X names one by its
            # first post.
            if place % 4 == 0:
                conversation = _post_of_x(number * MESSAGES_A_CASE + place, at)
            out.append(_mention(rng, number * MESSAGES_A_CASE + place, at, conversation, customer, matter))
            at += rng.randrange(2, 600) * _MINUTE
    return sorted(out, key=lambda message: message.sent_at)[:count]


def _post_of_x(number: int, at: int) -> str:
    return str((at - _SNOWFLAKE_EPOCH << 22) | number & 0x3FFFFF)


def _mention(
    rng: random.Random, number: int, at: int, conversation: str, customer: Author, matter: str
) -> Incoming:
    text = f"@{_HANDLE} {rng.choice(_GREETINGS)} {matter} {rng.choice(_DETAILS)} {rng.choice(_SIGNS)}".strip()
    post = _post_of_x(number, at)
    return Incoming(
        external_id=post,
        thread_key=f"{conversation}:{customer.value}",
        author=customer,
        direction=Direction.IN,
        text=text,
        sent_at=at,
        public=True,
        permalink=f"https://x.com/{customer.handle[1:]}/status/{post}",
    )


_PLAIN = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ł": "l", "é": "e", "ñ": "n", "ş": "s", "ú": "u", "ı": "i"}
)
_FIRST = (
    *("Anna", "Boris", "Clara", "Deniz", "Elif", "Finn", "Greta", "Hugo", "Iris", "Jan", "Kira", "Lars"),
    *("Mira", "Nils", "Olga", "Paul", "Quirin", "Rosa", "Sven", "Tara", "Umut", "Vera", "Wim", "Yara", "Zoé"),
)
_LAST = (
    *("Ahrens", "Bäcker", "Castro", "Dietz", "Eberle", "Fuchs", "Groß", "Hübner", "Ibarra", "Jäger", "Kowal"),
    *("Lindner", "Möller", "Núñez", "Ostrowski", "Pohl", "Quast", "Richter", "Şahin", "Thoma", "Urban"),
    *("Voss", "Wagner", "Xu", "Yıldız", "Zander", "Łukasik"),
)
_MATTERS = (
    ("Parcel has not arrived", "my parcel has not moved for a week."),
    ("Rechnung", "bitte schicken Sie mir die Rechnung noch einmal."),
    ("Wrong bill", "the bill shows a service that I never ordered."),
    ("Charger broken", "how do I send back a charger that does not charge?"),
    ("Code refused", "my code is refused at the till."),
    ("SIM gesperrt", "meine SIM-Karte ist gesperrt, und niemand hebt ab."),
    ("Change of address", "can I still change the address of my order?"),
    ("No network", "no network since the switch. Who can look at it?"),
    ("", "ist der rote noch da? 😀"),
)
_GREETINGS = ("Hello,", "Hi,", "Guten Tag,", "Dear team,", "Hallo zusammen,", "Good evening,")
_DETAILS = (
    "I have tried it three times, on the phone and in the app, and it ends at the same place each time.",
    "It was ordered on the third, and paid at once.",
    "Die Bestellnummer steht unten, der Beleg liegt bei.",
    "Two of my neighbours have the same problem.",
    "The man on the phone said that somebody would call me back within the hour; nobody did.",
    "",
)
_NAGS = (
    "When can I expect an answer?",
    "Please look into it today.",
    "Wann tut sich etwas?",
    "Anybody there?",
)
_ANSWERS = (
    "We are sorry. It was held back at the depot and leaves today; here is the new number.",
    "Thank you for the details. It is corrected now: please try once more and tell us if it comes back.",
    "Das tut uns leid. Die Rechnung ist unterwegs, und der Betrag ist berichtigt.",
    "You can send it back without postage; the label is on its way to you.",
)
_THANKS = ("Thank you!", "Danke.", "That was quick.", "It still does not work.", "Noch immer nicht.")
_BYES = ("Kind regards, Mia", "Viele Grüße, Jonas", "Anything else? Write at any time. Ada")
_SIGNS = ("", "", "", "🙏", "#service", "https://example.com/order", "…", "¿?")
