"""Who is the same person? Precision and recall of what speaks for it, on made-up people of known truth.

Most persons have one identity; some write on two or three channels, and say so in many ways or not at all.
Beside them: namesakes, families who share a phone or a mailbox, supporters who name somebody else's handle or
address, copied campaigns, friends who quote another one's order number. The texts go through the real intake
and the real step.

Aim: 99 of 100 for what is all but certain.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import measure

from inbox_tui.casework import kinship
from inbox_tui.casework.intake import Batch, Desk, take_page
from inbox_tui.desk.kinship import STRONG, Rules
from inbox_tui.desk.matching import Rules as Matching
from inbox_tui.model import Author, Direction, Incoming, MailFacts
from inbox_tui.store import accounts, proposals
from inbox_tui.store.engine import Store

NOW = 1_790_000_000_000
HOUR = 3_600_000
SPAN = 14 * 24
"""Hours over which they write."""
RULES = Rules(order_pattern=r"\b[A-Z]{2}-\d{6}\b", region="DE", ours=frozenset({"help@shop.example", "shop"}))

FIRST = [
    "Anna",
    "Ben",
    "Clara",
    "David",
    "Eva",
    "Felix",
    "Greta",
    "Hajo",
    "Ida",
    "Jonas",
    "Kari",
    "Lena",
    "Malte",
    "Nora",
    "Omar",
    "Petra",
    "Ravi",
    "Sofia",
    "Tom",
    "Ulla",
    "Vera",
    "Wim",
    "Yuki",
    "Zoe",
    "Ali",
    "Bea",
    "Carl",
    "Dora",
    "Emil",
    "Frida",
    "Gus",
    "Hanna",
    "Ivan",
    "Jana",
    "Kofi",
    "Lars",
    "Mia",
    "Nils",
    "Olga",
    "Paul",
    "Rosa",
    "Sven",
    "Tina",
    "Uwe",
]
_STEMS = "Brand Kurz Weiss Graf Lind Roth Demir Novak Fisch Berg Stein Hof Bach Wald Feld Sommer Winter Vogel"
_SYLLABLES = [
    "ba",
    "do",
    "ki",
    "lu",
    "mar",
    "nes",
    "pol",
    "ri",
    "sa",
    "tum",
    "vo",
    "zer",
    "gla",
    "fen",
    "hut",
    "jor",
    "cha",
    "lin",
    "mek",
    "now",
]
LAST = [
    f"{stem}{end}"
    for stem in _STEMS.split()
    for end in ("", "er", "mann", "ke", "sen", "t", "le", "ing", "ski")
]
TOPICS = (
    "my parcel {order} has not arrived, it should have been here last {day}",
    "the phone says no service since {day}, in every place that I have tried so far",
    "Ich warte seit {day} auf meine Bestellung {order}, wann kommt sie endlich an?",
    "the display of the phone in order {order} was broken when I opened the box on {day}",
    "Rechnung zu {order} doppelt abgebucht am {day}, bitte um Klärung",
    "do you have the {day} hoodie in green again, size {n}",
    "does the L fit if I am between M and L, number {n}",
    "der Laden war am {day} um {n} Uhr zu, warum steht das nirgends auf der Seite",
)
WORDS = [
    "since",
    "the",
    "whole",
    "week",
    "nobody",
    "answers",
    "while",
    "my",
    "neighbour",
    "already",
    "got",
    "hers",
    "although",
    "she",
    "ordered",
    "later",
    "and",
    "the",
    "driver",
    "never",
    "rang",
    "at",
    "our",
    "door",
    "even",
    "though",
    "we",
    "waited",
    "inside",
    "all",
    "morning",
    "with",
    "coffee",
    "because",
    "your",
    "page",
    "said",
    "between",
    "nine",
    "and",
    "noon",
    "then",
    "suddenly",
    "it",
    "showed",
    "delivered",
    "to",
    "some",
    "garage",
    "that",
    "does",
    "not",
    "exist",
    "anywhere",
    "near",
    "this",
    "street",
    "so",
    "please",
    "check",
    "what",
    "went",
    "wrong",
    "before",
    "I",
    "cancel",
    "everything",
    "or",
    "send",
    "a",
    "replacement",
    "without",
    "extra",
    "cost",
    "as",
    "the",
    "birthday",
    "of",
    "her",
    "son",
    "is",
    "coming",
    "soon",
    "and",
    "these",
    "shoes",
    "were",
    "his",
    "only",
    "wish",
    "apart",
    "from",
    "blue",
    "socks",
    "which",
    "also",
    "remain",
    "missing",
    "somehow",
]
DAYS = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Montag",
    "Dienstag",
    "Mittwoch",
    "Donnerstag",
    "Freitag",
]
CAMPAIGN = (
    "we the undersigned ask you to stop wrapping every single charger in three layers of plastic today please"
)
CLAIMS = {
    "address": (
        "You have my mails from {address}.",
        "I wrote to you from {address} already.",
        "Meine Mail kam von {address}, bitte nachsehen.",
        "Answer me at {address} please.",
        "{address}",
    ),
    "handle": (
        "I am @{handle} on X.",
        "Ich bin @{handle} auf X und habe da auch gefragt.",
        "My handle on X is @{handle}.",
    ),
    "phone": (
        "Call me at {phone}.",
        "Meine Nummer ist {phone}.",
        "I can be reached here, this is my phone: {phone}",
    ),
    "order": ("My order is {order}.", "Meine Bestellung: {order}", "order {order}, mine, still not here"),
}


def _rare(chance: random.Random) -> str:
    return "".join(chance.choice(_SYLLABLES) for _ in range(3)).capitalize()


class Someone:
    """A person with his identities."""

    def __init__(self, number: int, chance: random.Random) -> None:
        self.number = number
        self.first = chance.choice(FIRST)
        # Names have a long tail: some are everywhere, many are a family's own.
        self.last = chance.choice(LAST) if chance.random() < 0.5 else _rare(chance)
        self.address = f"{self.first}.{self.last}{number}@mail{number % 9}.example".lower()
        self.handle = f"{self.first}_{number}".lower()
        self.phone = f"0{chance.choice((151, 160, 170, 176))} {number + 10_000_000}"
        self.order = f"{chance.choice('ABKLM')}{chance.choice('XYZ')}-{100_000 + number}"
        several = chance.random()
        kinds = ["email", "x", "facebook"]
        chance.shuffle(kinds)
        self.kinds = kinds[: 3 if several < 0.04 else 2 if several < 0.15 else 1]

    def author(self, kind: str, chance: random.Random) -> Author:
        whole = f"{self.first} {self.last}"
        if kind == "email":
            return Author("email", self.address, whole if chance.random() < 0.9 else "", self.address)
        if kind == "x":
            shown = chance.choice((self.first, whole, self.handle, f"{self.first} {self.last[0]}."))
            return Author("x", f"9{self.number}", shown, f"@{self.handle}")
        shown = whole if chance.random() < 0.7 else f"{self.first} {self.last[0]}."
        return Author("facebook", f"8{self.number}", shown, "")


def population(count: int, chance: random.Random) -> Iterator[tuple[Someone, Incoming]]:
    """Everything that they write."""
    everybody = [Someone(number, chance) for number in range(count)]
    serial = 0
    for one in everybody:
        topic = chance.choice(TOPICS)
        said = topic.format(order=one.order, day=chance.choice(DAYS), n=chance.randrange(1000))
        # Everybody complains in his own words.
        said += " " + " ".join(chance.sample(WORDS, chance.randrange(5, 16)))
        names = [chance.choice(list(CLAIMS)) for _ in one.kinds[1:]]
        begun = NOW - chance.randrange(1, SPAN) * HOUR
        for place, kind in enumerate(one.kinds):
            for _ in range(1 + (chance.random() < 0.3)):
                text = said
                if place and chance.random() < 0.45:
                    claim = names[place - 1]
                    text = _claim(one, claim, chance) + " " + chance.choice((said, "Please help.", "Bitte."))
                elif place and chance.random() < 0.25:
                    text = said + chance.choice((" please", "!!", " bitte bald"))
                elif place:
                    text = chance.choice(TOPICS).format(
                        order="", day=chance.choice(DAYS), n=chance.randrange(1000)
                    )
                    text += " " + " ".join(chance.sample(WORDS, 8))
                elif len(one.kinds) > 1 and "phone" in names:
                    text = f"{said} Call me at {one.phone}."
                serial += 1
                yield one, _message(one, kind, text, begun + place * 7 * HOUR + serial % 50, serial, chance)
        for text in _noise(one, everybody, chance):
            serial += 1
            yield one, _message(one, one.kinds[0], text, begun + HOUR, serial, chance)


def _claim(one: Someone, kind: str, chance: random.Random) -> str:
    return chance.choice(CLAIMS[kind]).format(
        address=one.address, handle=one.handle, phone=one.phone, order=one.order
    )


def _noise(one: Someone, everybody: list[Someone], chance: random.Random) -> Iterator[str]:
    """What names somebody else, and must join nobody."""
    other = chance.choice(everybody)
    luck = chance.random()
    if luck < 0.03:
        yield f"@shop could somebody please answer @{other.handle}? He has been waiting for days"
    elif luck < 0.04:
        yield f"My wife wrote from {other.address} and nobody answers her, can you look?"
    elif luck < 0.05:
        yield f"Meine Mutter erreicht euch nicht, ihre Nummer ist {other.phone}, ruft sie bitte an"
    elif luck < 0.06:
        yield f"A friend of mine waits for {other.order}, what is going on with you?"
    elif luck < 0.08:
        yield CAMPAIGN
    elif luck < 0.085:
        # A household: they share the phone, and each calls it his.
        next_door = everybody[(one.number + 1) % len(everybody)]
        yield f"Call me at {next_door.phone}, we are at home in the evening"
    elif luck < 0.087:
        # And a mailbox that two use: nothing in the text tells it from one's own.
        yield f"Answer me at {other.address} please, I read it in the evening"
    elif luck < 0.09:
        yield f"Bitte antwortet auch an {other.address}, danke"


def _message(one: Someone, kind: str, text: str, at: int, serial: int, chance: random.Random) -> Incoming:
    author = one.author(kind, chance)
    if kind == "email":
        facts = MailFacts(message_id=f"<{serial}@x>", participants=(one.address,), digest=f"{serial:064x}")
        return Incoming(
            f"INBOX/1/{serial}", "", author, Direction.IN, text, at, subject="Question", mail=facts
        )
    key = f"{kind}-{one.number}"
    return Incoming(f"{kind}{serial}", key, author, Direction.IN, text, at, public=True)


def main() -> None:
    """Make the people, look through what they write, print what came of it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=10_000)
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--json", action="store_true", help="one JSON object a line instead of a table")
    given = options.parse_args()
    chance = random.Random(given.seed)
    with tempfile.TemporaryDirectory(prefix="inbox-kinship-") as folder:
        store = Store(Path(folder) / "inbox.db")
        truth = _take(store, given.people, chance)
        begun = time.perf_counter()
        while kinship.work(store, RULES, NOW + HOUR):
            pass
        spent = time.perf_counter() - begun
        messages = int(store.read().execute("SELECT count(*) FROM messages").fetchone()[0])
        said = f"{given.people:,} people, {messages:,} messages, {1000 * spent / messages:.2f} ms each"
        print(said, file=sys.stderr)
        measure.show(_judge(store, truth), given.json)
        store.close()


def _take(store: Store, count: int, chance: random.Random) -> dict[int, int]:
    """Store what they write; who stands behind each person of the store."""
    pages: dict[str, list[Incoming]] = defaultdict(list)
    who: dict[tuple[str, str], int] = {}
    for one, message in population(count, chance):
        pages[message.author.kind].append(message)
        who[message.author.kind, message.author.value or ""] = one.number
    for kind, listed in pages.items():
        with store.write("account") as db:
            account = accounts.ensure(db, kind, kind)
        listed.sort(key=lambda message: message.sent_at)
        for at in range(0, len(listed), 500):
            page = tuple(listed[at : at + 500])
            take_page(store, Desk(account, kind, kind, 1, Matching()), Batch(page, {}), NOW)
    rows = store.read().execute("SELECT person_id, kind, value FROM identities")
    return {row[0]: who[row[1], row[2]] for row in rows}


def _judge(store: Store, truth: dict[int, int]) -> list[measure.Row]:
    """Precision and recall by kind of evidence."""
    by_person: dict[int, list[int]] = defaultdict(list)
    for person, number in truth.items():
        by_person[number].append(person)
    pairs = {(min(a, b), max(a, b)) for known in by_person.values() for a in known for b in known if a != b}
    found = proposals.opened(store.read(), 10**6)
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    met: dict[str, set[tuple[int, int]]] = defaultdict(set)
    for one in found:
        true = truth[one.persons[0]] == truth[one.persons[1]]
        kinds = {each["kind"] + (" (strong)" if each["score"] >= STRONG else "") for each in one.evidence}
        if one.score >= STRONG:
            kinds.add("all strong")
        for kind in (*kinds, "all"):
            (right if true else wrong)[kind] += 1
            if true:
                met[kind].add(one.persons)
    rows: list[measure.Row] = []
    for kind in sorted(right | wrong):
        total = right[kind] + wrong[kind]
        rows.append(
            {
                "evidence": kind,
                "proposed": total,
                "right": right[kind],
                "precision": round(right[kind] / total, 4),
                "recall": round(len(met[kind]) / len(pairs), 3),
            }
        )
    return rows


if __name__ == "__main__":
    main()
