"""Nobody joins another's case, whatever he writes: strangers who know all that a stranger can know.

Mails go through the parser of the channel, everything through the intake and the matching of the program.
Each round takes victims, answers them, and lets strangers in, in an order of its own.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.header import Header
from hashlib import sha256

from inbox_tui.channels.email.parse import parse
from inbox_tui.channels.email.records import Envelope, Ours
from inbox_tui.cli import serial
from inbox_tui.cli.output import encode
from inbox_tui.desk.clock import HOUR, MINUTE
from inbox_tui.model import Author, Case, Direction, Incoming
from inbox_tui.service.kinship import Kinship
from inbox_tui.store import replies
from tests.casework.world import NOW, OURS, World, temporary_world
from tests.storm.conftest import Storm

SERVER = "mx.shop.example"
SELF = Ours(frozenset({OURS}), frozenset({"form@shop.example"}), SERVER)
PASS = f"Authentication-Results: {SERVER}; dmarc=pass; spf=pass"
FAIL = f"Authentication-Results: {SERVER}; dmarc=fail; spf=fail; dkim=fail"


@dataclass(frozen=True)
class Victim:
    """A customer, and what strangers have come to know of him."""

    number: int
    address: str
    name: str
    secret: str
    """A word that he alone wrote."""
    message_id: str
    answer_id: str
    """Message-ID of our answer to him."""
    case: int


def test_no_stranger_gets_into_a_case(storm: Storm) -> None:
    rounds = storm.size(3, 200)
    tried = 0
    for seed in range(rounds):
        with temporary_world() as world:
            tried += _round(world, random.Random(seed))
    storm.note(f"{rounds} rounds, {tried} messages of strangers: 0 joined, 0 words of one shown to another")


def _round(world: World, chance: random.Random) -> int:
    victims = [_victim(world, number) for number in range(1, 4)]
    acts = [(account, message) for victim in victims for account, message in _acts(victim, chance)]
    chance.shuffle(acts)
    world.now += HOUR
    while acts:
        count = chance.randint(1, 9)
        page, acts = acts[:count], acts[count:]
        for account in ("mail", "shop", "page"):
            world.take(account, *(message for where, message in page if where == account))
    for victim in victims:
        # He goes on as he did: his case is still his alone.
        world.take("mail", _mail(f"w-{victim.number}", victim.address, NOW + 2 * HOUR, text="Something new"))
        world.take(
            "mail",
            _mail(f"v-{victim.number}", victim.address, NOW + 3 * HOUR, f"References: {victim.answer_id}"),
        )
        assert world.case_of(f"INBOX/1/v-{victim.number}") == victim.case
        assert world.case_of(f"INBOX/1/w-{victim.number}") == victim.case
    Kinship(world.store, world.config, lambda: world.now).work()
    return _check(world, victims)


def _victim(world: World, number: int) -> Victim:
    """Somebody who wrote by mail, on X and on Facebook, and was answered by mail."""
    address, secret = f"hajo{number}@brandt.example", f"SECRET{number}"
    world.take(
        "mail", _mail(f"{number}", address, NOW, text=f"My pin is {secret}", name=f"Hajo Brandt{number}")
    )
    case = world.case_of(f"INBOX/1/{number}")
    queued = world.inbox.reply(case, f"Yes, {secret}.")
    receipt = world.deliver(queued)
    who = Author("x", f"22{number}", f"Hajo Brandt{number}", f"@hajo{number}")
    world.take("shop", _post(f"x{number}", who, f"conversation{number}", f"@shop {secret}"))
    author = Author("facebook", f"9{number}", f"Hajo Brandt{number}", "")
    world.take(
        "page", replace(_post(f"f{number}", author, f"post{number}", secret), external_id=f"f{number}")
    )
    return Victim(
        number, address, f"Hajo Brandt{number}", secret, f"<{number}@far.example>", receipt.external_id, case
    )


def _acts(victim: Victim, chance: random.Random) -> Iterator[tuple[str, Incoming]]:
    for number, raw in enumerate(_forgeries(victim, chance)):
        yield "mail", _read(f"evil-{victim.number}-{number}", raw, NOW + number * MINUTE)
    for number, (account, author, thread) in enumerate(_twins(victim)):
        yield account, _post(f"evil-{account}-{victim.number}-{number}", author, thread, "EVIL @shop hello?")


def _forgeries(victim: Victim, chance: random.Random) -> Iterator[bytes]:
    """Mails of strangers who know the victim's address, his name, his mails and our answer."""
    evil, at = "evil@far.example", victim.address
    local, _, domain = at.partition("@")
    answer, his = victim.answer_id, victim.message_id
    flipped = answer.replace(answer[50], "0" if answer[50] != "0" else "1", 1)
    for reference in (answer, his, flipped, answer.upper(), f"{his} {answer}", f"<a@b.example>\r\n {answer}"):
        yield _raw(evil, f"References: {reference}")
        yield _raw(evil, f"In-Reply-To: {reference}", PASS)
        # Forged From: the firm's own server says so, whatever else is said below it.
        yield _raw(at, FAIL, PASS, f"References: {reference}")
    yield _raw(at, FAIL)
    yield _raw(evil, f"Message-ID: {his}")
    yield _raw(evil, f"Message-ID: {answer}", f"References: {answer}")
    for head in (f"Reply-To: {at}", f"Cc: {at}", f"Sender: {at}", f"To: {at}", f"Return-Path: <{at}>"):
        yield _raw(evil, head, f"References: {his} {answer}")
    names = (victim.name, at, f"{victim.name} <{at}>", f'{at}\\" <', Header(at, "utf-8").encode())
    for name in names:
        yield _raw(f'"{name}" <{evil}>', f"In-Reply-To: {answer}")
    twins = (
        *(
            at.replace("a", "\u0430"),
            at.replace("o", "\u03bf"),
            at.replace("@", "\uff20"),
            at + ".",
            at + "\u200b",
        ),
        *(f"{local}@{domain}.evil.example", f"{local}+a@{domain}", f"{local}@\uff42randt.example"),
        *(f"{at}, {evil}", f"{evil} <{at}> <{evil}>", f"group: {at}, {evil};", f"{local}\x00@{domain}"),
        *(f"{local}@xn--brndt-5qa.example", f'"{at}"@evil.example', f"{local}@brandt\u3002example"),
        *(f"{local}%{domain}@evil.example", f"<{evil}>{at}"),
    )
    for twin in twins:
        yield _raw(twin, f"References: {answer}")
    yield _raw(f"{evil}\r\nFrom: {at}", f"References: {answer}")
    yield _raw("form@shop.example", f"Reply-To: {evil}", f"References: {answer} {his}")
    noise = "".join(chance.choice("<>@.ab\u0430 ,;()") for _ in range(12))
    yield _raw(f"{noise}{at}{noise}<{evil}>", f"References: {answer}{noise}")


def _twins(victim: Victim) -> Iterator[tuple[str, Author, str]]:
    """Users of the platforms who call themselves like the victim, where he writes."""
    n = victim.number
    for value in (f"3{n}", f"22{n}0", f"\uff12\uff12{n}", f"022{n}", f"22{n} ", f"22{n}/", None):
        for handle in (f"@hajo{n}", f"@h\u0430jo{n}", f"@HAJO{n}"):
            yield "shop", Author("x", value, victim.name, handle), f"conversation{n}"
    for value in (f"9{n}0", f"\uff19{n}", None):
        yield "page", Author("facebook", value, victim.name, ""), f"post{n}"
    # The kinds of two channels are never one another.
    yield "page", Author("facebook", f"22{n}", victim.name, ""), f"other{n}"
    yield "shop", Author("x", f"9{n}", victim.name, f"@hajo{n}"), f"other{n}"


def _raw(sender: str, *head: str) -> bytes:
    own = (
        []
        if any(line.startswith("Message-ID") for line in head)
        else [f"Message-ID: <{hash((sender, head))}@e.example>"]
    )
    to = [] if any(line.startswith("To:") for line in head) else [f"To: {OURS}"]
    lines = [
        *head,
        f"From: {sender}",
        *to,
        *own,
        "Subject: Re: pin",
        "",
        "EVIL Please tell me my pin again.",
        "",
    ]
    return "\r\n".join(lines).encode("utf-8", "replace")


def _read(uid: str, raw: bytes, at: int) -> Incoming:
    """As the channel would deliver it."""
    found = parse(raw, Envelope(f"INBOX/1/{uid}", at), SELF)
    assert found.mail is not None
    return replace(found, mail=replace(found.mail, raw=raw, digest=sha256(raw + uid.encode()).hexdigest()))


def _mail(uid: str, sender: str, at: int, *head: str, text: str = "Again.", name: str = "Hajo") -> Incoming:
    lines = [
        PASS,
        f"From: {name} <{sender}>",
        f"To: {OURS}",
        f"Message-ID: <{uid}@far.example>",
        *head,
        "",
        text,
        "",
    ]
    return _read(uid, "\r\n".join(lines).encode(), at)


def _post(id: str, author: Author, thread: str, text: str) -> Incoming:
    # The key of a thread as the channels make it: the conversation and its author.
    key = f"{thread}/{author.value}"
    return Incoming(id, key, author, Direction.IN, text, NOW, public=True)


def _check(world: World, victims: list[Victim]) -> int:
    mine = {victim.case: victim for victim in victims}
    strangers = 0
    for number in world.case_ids():
        case = world.inbox.case(number)
        said = [message.text for message in case.timeline if message.direction is Direction.IN]
        evil = [text for text in said if "EVIL" in text]
        assert evil in ([], said), "a stranger and a customer in one case"
        strangers += len(evil)
        shown = encode(serial.whole_case(case, world.now))
        for victim in victims:
            if evil or (number in mine and mine[number] is not victim):
                assert victim.secret not in shown, "words of a customer in another's case"
        if evil:
            _answered_apart(world, case, victims)
    return strangers


def _answered_apart(world: World, case: Case, victims: list[Victim]) -> None:
    """What is written in a stranger's case goes to no victim, but where his own address was forged."""
    for thread in case.threads:
        if thread.channel != "email" or not thread.can_reply:
            continue
        first = next(one for one in case.timeline if one.thread == thread.id)
        out = replies.outgoing(world.db, world.inbox.reply(case.row.id, "Answer", thread=thread.id).id)
        forged = world.db.execute("SELECT forged FROM mails WHERE message_id = ?", (first.id,)).fetchone()[0]
        assert forged or out.to.value not in {victim.address for victim in victims}
        assert not [victim for victim in victims if victim.secret in repr(out)]
