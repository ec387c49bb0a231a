"""Nobody is joined wrongly: what 10,000 people of known truth write, and whose case the intake puts it in.

The people are those of `kinship.py`: some on several channels, with namesakes, families and people who quote
others. Beside them: followers who write under a customer's post, colleagues whom he gave a copy, strangers
who forge references to his mails or name him in theirs, and everybody under one post of the firm's.

Aim: no case holds two matters, no person two people. It ends with 1 where one does.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import kinship
import measure

from inbox_tui.casework import kinship as likeness
from inbox_tui.casework.intake import Batch, Desk, take_page
from inbox_tui.desk.matching import Rules as Matching
from inbox_tui.model import Author, Direction, Incoming, Kind, MailFacts
from inbox_tui.records import replace
from inbox_tui.store import accounts
from inbox_tui.store.engine import Store

NOW, HOUR = kinship.NOW, kinship.HOUR
OUR_POST = "our-post"
HELD = "SELECT external_id, case_id FROM messages WHERE case_id IS NOT NULL"
OWNED = "SELECT person_id, kind, value FROM identities"
SUPPORTED = "SELECT s.case_id, i.value FROM supporters s JOIN identities i ON i.id = s.identity_id"


@dataclass(frozen=True, slots=True)
class Written:
    """A message, and what is true of it."""

    message: Incoming
    writer: str
    """Who wrote it."""
    matter: str
    """Whose matter it is about: his own, or that of whom he supports."""
    part: str
    """What it tries: own, supporter, colleague, forger, bait, bitten, under our post."""


def world(people: int, chance: random.Random) -> Iterator[Written]:
    """Everything that they write."""
    for number, (one, message) in enumerate(kinship.population(people, chance)):
        who = str(one.number)
        luck = chance.random()
        if message.author.kind == "email" and message.mail:
            yield from _by_mail(message, message.mail, who, number, luck)
        elif luck < 0.3 and message.author.kind == "x":
            yield from _in_public(message, who, number)
        else:
            yield Written(message, who, who, "own")
        if luck > 0.9:
            yield _under_our_post(number, message.sent_at)


def _in_public(message: Incoming, who: str, number: int) -> Iterator[Written]:
    """One whose followers write under his post."""
    yield Written(replace(message, root=message.external_id), who, who, "own")
    for place in range(1 + number % 2):
        fan = f"fan{number}.{place}"
        said = Incoming(
            f"x-{fan}",
            f"{message.external_id}:{fan}",
            Author("x", fan, f"Fan {number}", f"@{fan}"),
            Direction.IN,
            f"@shop could somebody please answer {message.author.handle}? ({number})",
            message.sent_at + (1 + place) * HOUR,
            public=True,
            in_reply_to=message.external_id,
            root=message.external_id,
        )
        yield Written(said, fan, who, "supporter")


def _by_mail(message: Incoming, facts: MailFacts, who: str, number: int, luck: float) -> Iterator[Written]:
    """One with a colleague in Cc, one whose mails are referred to by a stranger, one who answers a bait."""
    address = message.author.value or ""
    other = f"{'colleague' if luck < 0.1 else 'eve'}{number}@other.example"
    if luck < 0.1:
        copied = replace(facts, participants=(*facts.participants, other))
        yield Written(replace(message, mail=copied), who, who, "own")
        said = _mail(other, number, message.sent_at + HOUR, [facts.message_id], (other, address))
        yield Written(said, other, who, "colleague")
    elif luck < 0.2:
        yield Written(message, who, who, "own")
        said = _mail(other, number, message.sent_at + HOUR, [facts.message_id], (other, address))
        yield Written(said, other, other, "forger")
    elif luck < 0.25:
        said = _mail(other, number, message.sent_at - HOUR, [], (other, address))
        yield Written(said, other, other, "bait")
        bitten = replace(facts, references=(f"<other.{number}@other.example>",))
        yield Written(replace(message, mail=bitten), who, who, "bitten")
    else:
        yield Written(message, who, who, "own")


def _mail(who: str, number: int, at: int, refs: list[str], named: tuple[str, ...]) -> Incoming:
    facts = MailFacts(
        message_id=f"<other.{number}@other.example>",
        references=tuple(refs),
        participants=named,
        digest=f"other{number}",
    )
    author = Author("email", who, who.partition("@")[0].title(), who)
    return Incoming(
        f"OTHER/1/{number}",
        "",
        author,
        Direction.IN,
        f"About this ({number})",
        at,
        subject="Re: Question",
        mail=facts,
    )


def _under_our_post(number: int, at: int) -> Written:
    who = f"passer{number}"
    said = Incoming(
        f"x-{who}",
        f"{OUR_POST}:{who}",
        Author("x", who, f"Passer {number}", f"@{who}"),
        Direction.IN,
        f"@shop is that so? ({number})",
        at,
        public=True,
        context=OUR_POST,
        in_reply_to=OUR_POST,
        root=OUR_POST,
    )
    return Written(said, who, who, "under our post")


def take(store: Store, told: list[Written]) -> None:
    """Through the intake, in pages of each account, oldest first; then the step that looks for likeness."""
    pages: dict[str, list[Incoming]] = defaultdict(list)
    ours = Author("x", "1", "Shop", "@shop")
    pages["x"].append(
        Incoming(OUR_POST, "", ours, Direction.OUT, "New!", NOW - 20 * 24 * HOUR, Kind.POST, public=True)
    )
    for one in told:
        pages[one.message.author.kind].append(one.message)
    for kind, listed in pages.items():
        with store.write("account") as db:
            account = accounts.ensure(db, kind, kind)
        listed.sort(key=lambda message: message.sent_at)
        for at in range(0, len(listed), 500):
            page = Batch(tuple(listed[at : at + 500]), {})
            take_page(store, Desk(account, kind, kind, 1, Matching()), page, NOW)
    while likeness.work(store, kinship.RULES, NOW + HOUR):
        pass


def judge(store: Store, told: list[Written]) -> list[dict[str, object]]:
    """By what the messages try: how many, how many in a wrong case, how many support the right one."""
    truth = {one.message.external_id: one for one in told}
    cases: dict[int, list[Written]] = defaultdict(list)
    for external, case in store.read().execute(HELD):
        if external in truth:
            cases[case].append(truth[external])
    owner = {case: _owner(listed) for case, listed in cases.items()}
    where = {one.message.external_id: case for case, listed in cases.items() for one in listed}
    home: dict[str, set[int]] = defaultdict(set)
    for one in told:
        if one.writer == one.matter:
            home[one.matter].add(where[one.message.external_id])
    count: Counter[str] = Counter(one.part for one in told)
    wrong: Counter[str] = Counter(
        one.part for case, listed in cases.items() for one in listed if one.matter != owner[case]
    )
    joined: Counter[str] = Counter(
        one.part
        for one in told
        if one.writer != one.matter and where[one.message.external_id] in home[one.matter]
    )
    rows: list[dict[str, object]] = [
        {"messages": part, "count": count[part], "wrong": wrong[part], "joined": joined[part]}
        for part in sorted(count)
    ]
    return [*rows, _persons(store, told), _supporters(store, told, owner)]


def _owner(listed: list[Written]) -> str:
    """Whose matter a case is: that of who began it."""
    return min(listed, key=lambda one: one.message.sent_at).matter


def _persons(store: Store, told: list[Written]) -> dict[str, object]:
    writer = {(one.message.author.kind, one.message.author.value): one.writer for one in told}
    found: dict[int, set[str]] = defaultdict(set)
    for person, kind, value in store.read().execute(OWNED):
        if (kind, value) in writer:
            found[person].add(writer[kind, value])
    mixed = sum(len(behind) > 1 for behind in found.values())
    return {"messages": "(persons)", "count": len(found), "wrong": mixed, "joined": 0}


def _supporters(store: Store, told: list[Written], owner: dict[int, str]) -> dict[str, object]:
    meant = {(one.message.author.value, one.matter) for one in told if one.writer != one.matter}
    found = {(value, owner.get(case, "")) for case, value in store.read().execute(SUPPORTED)}
    joined = len(meant & found)
    return {"messages": "(supporters)", "count": len(meant), "wrong": len(found - meant), "joined": joined}


def main() -> int:
    """Make the people, take in what they write, print what came of it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=10_000)
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--json", action="store_true", help="one JSON object a line instead of a table")
    given = options.parse_args()
    told = list(world(given.people, random.Random(given.seed)))
    with tempfile.TemporaryDirectory(prefix="inbox-joins-") as folder:
        store = Store(Path(folder) / "inbox.db")
        begun = time.perf_counter()
        take(store, told)
        spent = time.perf_counter() - begun
        cases = int(store.read().execute("SELECT count(*) FROM cases").fetchone()[0])
        rows = judge(store, told)
        store.close()
    print(f"{given.people:,} people, {len(told):,} messages, {cases:,} cases, {spent:.1f} s", file=sys.stderr)
    measure.show(rows, given.json)
    return int(any(row["wrong"] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
