"""A crowded world for trying the inbox under load: many customers, many messages, quickly played.

It plays acts and touches no server. The X server hands out only the newest 800 mentions, as X does, so a load
with more of them shows the gap that an inbox must tell of.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping

from inbox_tui.sandbox.story import Stage
from inbox_tui.sandbox.story_mail import SHOP

SPAN_MS = 10 * 86_400_000
"""The messages are spread over this long, the last one just before now."""
MESSAGES_A_CUSTOMER = 4
MESSAGES_A_POST = 100
"""How many messages come between two posts of our own."""


def fill(sandbox: Stage, n: int, seed: int = 11) -> Counter[str]:
    """Play ``n`` customers' messages, oldest first, and posts of ours between them. Returns n by channel."""
    rng = random.Random(seed)  # noqa: S311 - it chooses words, no secrets
    now = sandbox.now()
    played: Counter[str] = Counter()
    post = ""
    before: dict[tuple[str, int], str] = {}
    for number in range(n):
        at = now - SPAN_MS + SPAN_MS * number // n
        if number % MESSAGES_A_POST == 0:
            text = f"Offer {number // MESSAGES_A_POST + 1}: come and see what is new."
            post = sandbox.play({"channel": "facebook", "kind": "our_post", "text": text, "at": at})
            sandbox.play({"channel": "x", "kind": "our_post", "text": text, "at": at})
        channel = ("email", "x", "facebook")[number % 3]
        customer = rng.randrange(max(1, n // MESSAGES_A_CUSTOMER))
        earlier = before.get((channel, customer))
        text = f"{rng.choice(_MATTERS)} ({number})"
        made = sandbox.play(_act(channel, customer, text, at, post, earlier, number))
        # A mail's reference is its Message-ID, which is not the id that playing it gives.
        before[channel, customer] = _message_id(number) if channel == "email" else made
        played[channel] += 1
    return played


def _act(
    channel: str, customer: int, text: str, at: int, post: str, earlier: str | None, number: int
) -> Mapping[str, object]:
    name = f"{_FIRST[customer % len(_FIRST)]} {_LAST[customer // len(_FIRST) % len(_LAST)]}"
    if channel == "x":
        act = {"channel": "x", "kind": "mention", "from": f"@c{customer}", "name": name, "at": at}
        return {**act, "text": f"@shop {text}", "in_reply_to": earlier if number % 2 else None}
    if channel == "email":
        raw = _raw(f"{name} <c{customer}@kunden.example>", text, number, earlier if number % 2 else None)
        return {"channel": "email", "kind": "mail", "raw": raw, "at": at}
    person = f"{name} {customer}"
    if number % 5 == 0:
        return {"channel": "facebook", "kind": "post", "from": person, "text": text, "at": at}
    return {"channel": "facebook", "kind": "comment", "post": post, "from": person, "text": text, "at": at}


def _raw(sender: str, text: str, number: int, earlier: str | None) -> str:
    """A mail written out by hand: building ten thousand with the email package takes seconds."""
    references = f"In-Reply-To: {earlier}\r\nReferences: {earlier}\r\n" if earlier else ""
    return (
        f"From: {sender}\r\nTo: {SHOP}\r\nSubject: {text[:40]}\r\n"
        f"Message-ID: {_message_id(number)}\r\n{references}"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
        f"Hello,\r\n\r\n{text}\r\n\r\n{sender.partition(' <')[0]}\r\n"
    )


def _message_id(number: int) -> str:
    return f"<load.{number}@kunden.example>"


_MATTERS = (
    "Where is my parcel? It has not moved for a week.",
    "The bill shows a service that I never ordered.",
    "How do I send back a charger that does not charge?",
    "Bitte schicken Sie mir die Rechnung noch einmal.",
    "My code is refused at the till.",
    "Ist der rote noch da?",
    "Can I still change the address of my order?",
    "No network since the switch. Who can look at it?",
)

_FIRST = ("Anna", "Boris", "Clara", "Deniz", "Elif", "Finn", "Greta", "Hugo", "Iris", "Jan", "Kira", "Lars")

_LAST = ("Adler", "Brook", "Conte", "Dorn", "Ekberg", "Falk", "Grimm", "Hale", "Ivanov", "Jung", "Krause")
