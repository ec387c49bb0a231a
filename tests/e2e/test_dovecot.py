"""By the command line alone, with a mail server that others wrote: found, read, answered once, nothing lost.

Every call is a process of its own, as a script or cron makes it. Dovecot keeps the mailbox; X, Facebook and
the SMTP server are the sandbox's. What is compared is what the platforms hold and what the subcommands print.
"""

from __future__ import annotations

import json
import random
import re
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from pathlib import Path
from typing import Any

import pytest
from imapclient import IMAPClient

from inbox_tui import config as configuration
from inbox_tui.sandbox.runner import ADDRESS, Sandbox, Scenario
from tests.channels.email import dovecot
from tests.channels.email.dovecot import Dovecot
from tests.e2e.test_story import kill_after

pytestmark = pytest.mark.skipif(bool(dovecot.why_not()), reason=dovecot.why_not())

HOUR = 3_600_000
ADA = "Ada Kern <ada@kern.example>"
SORRY = "Sorry for the wait"

Record = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """How a subcommand ended."""

    code: int
    records: list[Record]
    err: str


@dataclass(frozen=True)
class Shop:
    """The platforms, and the command line that works on them."""

    box: Sandbox
    server: Dovecot
    config: Path

    def argv(self, *words: str | int, store: Path | None = None) -> list[str]:
        where = ["--store", str(store)] if store else []
        call = [sys.executable, "-m", "inbox_tui", "--config", str(self.config), *where]
        return [*call, *map(str, words)]

    def call(self, *words: str | int, store: Path | None = None) -> Answer:
        argv = self.argv(*words, "--json", store=store)
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        records = [json.loads(line) for line in done.stdout.splitlines()]
        return Answer(done.returncode, records, done.stderr.decode())

    def said(self, *words: str | int, store: Path | None = None) -> list[Record]:
        """What a subcommand prints that must not fail."""
        answer = self.call(*words, store=store)
        assert (answer.code, answer.err) == (0, "")
        return answer.records

    def fetch(self, store: Path | None = None) -> dict[str, int]:
        """How many messages each account brought; none may fail."""
        records = self.said("fetch", store=store)
        assert [r["error"] for r in records] == [None] * 3
        return {r["account"]: r["new"] for r in records}

    def case(self, number: int) -> Record:
        [only] = self.said("show", number)
        return only

    def journal(self, text: str) -> list[Record]:
        """What the platforms accepted with these words in it."""
        return [record for record in self.box.journal.sent if text in str(record["text"])]


@contextmanager
def opened(directory: Path, scenario: Scenario, batch: int = 200) -> Iterator[Shop]:
    """A sandbox whose mailbox lives in Dovecot, with the mails that the scenario delivered.

    batch: mails of a page.
    """
    with Sandbox(directory, scenario=scenario) as box:
        password = (directory / "secrets" / "mail").read_text().strip()
        server = dovecot.start(ADDRESS, password)
        try:
            move_mails(box, server)
            yield Shop(box, server, write_config(box, server, batch))
        finally:
            server.stop()


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Shop]:
    with opened(tmp_path / "shop", "story") as shop:
        yield shop


@pytest.fixture
def paged(tmp_path: Path) -> Iterator[Shop]:
    """The story in pages of two mails: more places to be killed at."""
    with opened(tmp_path / "shop", "story", batch=2) as shop:
        yield shop


@pytest.fixture
def quiet(tmp_path: Path) -> Iterator[Shop]:
    """Nobody has written yet."""
    with opened(tmp_path / "shop", "empty") as shop:
        yield shop


def write_config(box: Sandbox, server: Dovecot, batch: int) -> Path:
    """The sandbox's configuration, with Dovecot for IMAP."""
    both = box.directory / "both.pem"
    both.write_bytes((box.directory / "ca.pem").read_bytes() + server.ca_file.read_bytes())
    text = box.config_path.read_text("utf-8")
    before, mark, mail = text.partition("[accounts.mail]")
    assert mark
    for pattern, value in (
        (r'imap_host = "[^"]*"', 'imap_host = "localhost"'),
        (r"imap_port = \d+", f"imap_port = {server.port}"),
        (r'ca_file = "[^"]*"', f'ca_file = "both.pem"\nbatch = {batch}'),
    ):
        mail, changed = re.subn(pattern, value, mail)
        assert changed == 1
    path = box.directory / "dovecot.toml"
    path.write_text(before + mark + mail, "utf-8")
    return path


def move_mails(box: Sandbox, server: Dovecot) -> None:
    """Deliver to Dovecot what the sandbox's own mailbox holds, each mail with its INTERNALDATE."""
    context = ssl.create_default_context(cafile=str(box.directory / "ca.pem"))
    with IMAPClient("127.0.0.1", box.mail.imap_port, ssl_context=context, timeout=20) as client:
        client.normalise_times = False
        client.login(ADDRESS, server.password)
        for folder in ("INBOX", "Sent"):
            client.select_folder(folder, readonly=True)
            found = client.fetch(client.search(), ["BODY.PEEK[]", "INTERNALDATE"])
            mails = [(m[b"BODY[]"], int(m[b"INTERNALDATE"].timestamp() * 1000)) for m in found.values()]
            if mails:
                server.deliver(mails, folder)


def headers(server: Dovecot, folder: str, criteria: str | list[Any]) -> list[Message]:
    """The headers of the mails that a search finds."""
    with server.client() as client:
        client.select_folder(folder, readonly=True)
        found = client.fetch(client.search(criteria), ["BODY.PEEK[HEADER]"])
    parser = BytesParser(policy=compat32)
    return [parser.parsebytes(mail[b"BODY[HEADER]"], headersonly=True) for mail in found.values()]


def ids(mails: list[Message]) -> list[str]:
    return [str(mail["Message-ID"]) for mail in mails]


def rfc3339(at: int) -> str:
    return datetime.fromtimestamp(at // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def millis(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def a_mail(sender: str, name: str, text: str, **head: str) -> bytes:
    """A mail whose Message-ID is made of ``name``."""
    lines = [f"From: {sender}", f"To: {head.pop('to', ADDRESS)}", f"Message-ID: <{name}@kern.example>"]
    lines += [f"{key.replace('_', '-')}: {value}" for key, value in head.items()]
    return "\r\n".join([*lines, "Subject: " + name, "", text, ""]).encode()


# -- answered


def test_the_longest_wait_is_found_read_and_answered_once_on_each_channel(story: Shop) -> None:
    assert all(new > 0 for new in story.fetch().values())
    queue = story.said("list")
    assert [c["waiting_since"] for c in queue] == sorted(c["waiting_since"] for c in queue)
    hajo = [c for c in queue if c["person"]["name"].startswith("Hajo")]
    assert hajo[0] == queue[0]
    assert sorted(c["channels"] for c in hajo) == [["email"], ["facebook"], ["x"]]

    for number, listed in enumerate(hajo):
        shown = story.case(listed["id"])
        [channel] = shown["channels"]
        first = next(m for m in shown["timeline"] if m["sent_at"] == shown["waiting_since"])
        assert (first["direction"], first["channel"]) == ("in", channel)

        [receipt] = story.said("reply", listed["id"], f"{SORRY}, Hajo. {number}")
        assert (receipt["type"], receipt["state"], receipt["channel"]) == ("receipt", "sent", channel)
        [accepted] = story.journal(f"{SORRY}, Hajo. {number}")
        assert (accepted["channel"], accepted["id"]) == (channel, receipt["external_id"])
        if channel == "email":
            assert ids(headers(story.server, "Sent", ["TEXT", SORRY])) == [accepted["id"]]
            assert ids(headers(story.server, "INBOX", "ANSWERED")) == [accepted["in_reply_to"]]

    left = story.said("list")
    assert [c["id"] for c in left] == [c["id"] for c in queue if c not in hajo]
    resting = {c["id"]: c for c in story.said("list", "--view", "pending")}
    assert {resting[c["id"]]["waiting_since"] for c in hajo} == {None}

    assert set(story.fetch().values()) == {0}, "nothing twice, and no echo of our own"
    assert story.said("list") == left
    for listed in hajo:
        ours = [m for m in story.case(listed["id"])["timeline"] if SORRY in m["text"]]
        assert [(m["direction"], m["state"]) for m in ours] == [("out", "sent")]
    assert len(story.journal(SORRY)) == len(hajo)


def test_an_answer_to_our_mail_joins_its_case_and_an_answer_from_elsewhere_stops_its_clock(
    quiet: Shop,
) -> None:
    asked = int(time.time() * 1000) // 1000 * 1000 - 3 * HOUR
    quiet.server.deliver([(a_mail(ADA, "question", "Does the L fit?"), asked)])
    quiet.fetch()
    [case] = quiet.said("list")
    assert case["waiting_since"] == rfc3339(asked)
    # Done: nothing but the reference leads back to it.
    [receipt] = quiet.said("reply", case["id"], "It does, Ada.", "--done")
    sent = millis(receipt["sent_at"])
    assert quiet.said("list") == []

    answered = sent + 1000
    ours = receipt["external_id"]
    quiet.server.deliver(
        [
            (a_mail(ADA, "answer", "And in blue?", In_Reply_To=ours), answered),
            (a_mail("Eve <eve@stranger.example>", "forged", "And me?", In_Reply_To=ours), answered),
        ]
    )
    assert quiet.fetch()["mail"] == 2
    again, forged = sorted(quiet.said("list"), key=lambda c: c["id"] != case["id"])
    assert (again["id"], again["waiting_since"]) == (case["id"], rfc3339(answered))
    assert forged["messages"] == 1, "who quotes our Message-ID from another address joins nothing"

    written = a_mail(ADDRESS, "elsewhere", "In blue too.", to=ADA, References=f"{ours} <answer@kern.example>")
    quiet.server.deliver([(written, answered + 1000)], "Sent")
    assert quiet.fetch()["mail"] == 1
    assert [c["id"] for c in quiet.said("list")] == [forged["id"]]
    shown = quiet.case(case["id"])
    assert (shown["state"], shown["waiting_since"]) == ("pending", None)
    assert [(m["direction"], m["text"].partition("\n")[0]) for m in shown["timeline"]] == [
        ("in", "Does the L fit?"),
        ("out", "It does, Ada."),
        ("in", "And in blue?"),
        ("out", "In blue too."),
    ]
    assert quiet.fetch()["mail"] == 0


# -- killed


@dataclass(frozen=True, order=True)
class Seen:
    """A case as a script sees it, without the ids, which depend on the order of arrival."""

    person: str
    state: str
    waiting_since: str
    subject: str
    timeline: tuple[tuple[str, ...], ...]


def contents(shop: Shop, store: Path | None = None) -> list[Seen]:
    """Every case with every message; their external ids show in the permalinks, a mail in its time."""
    found = []
    for listed in shop.said("list", "--view", "all", "--limit", 0, store=store):
        [case] = shop.said("show", listed["id"], store=store)
        fields = ("channel", "direction", "kind", "author", "sent_at", "permalink", "text")
        timeline = tuple(tuple(str(message[field]) for field in fields) for message in case["timeline"])
        since = str(case["waiting_since"])
        found.append(Seen(case["person"]["name"], case["state"], since, case["subject"], timeline))
    return sorted(found)


def test_a_fetch_that_is_killed_and_repeated_loses_and_doubles_nothing(paged: Shop, tmp_path: Path) -> None:
    paged.fetch()
    whole = contents(paged)
    mails = [message for case in whole for message in case.timeline if message[0] == "email"]
    # The account goes back for 14 days, and looks one day further.
    recent = ["SINCE", datetime.now(UTC).date() - timedelta(days=15)]
    assert len(mails) == sum(len(headers(paged.server, folder, recent)) for folder in ("INBOX", "Sent"))

    broken = tmp_path / "broken.db"
    config = configuration.load(str(paged.config), store=str(broken))
    chance = random.Random(20)
    kills = [kill_after(config, chance.randint(1, 6), chance.random() / 50) for _ in range(6)]
    assert any(kills)
    paged.fetch(broken)
    assert set(paged.fetch(broken).values()) == {0}
    assert contents(paged, broken) == whole
