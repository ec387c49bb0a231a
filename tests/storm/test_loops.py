"""No two machines write to each other: at most one automatic mail a case, whatever comes back to it.

Two desks that both acknowledge, over real mail servers, stand in tests/e2e/test_acknowledged.py.
"""

from __future__ import annotations

import re
from collections import Counter
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from inbox_tui.channels.base import Page
from inbox_tui.channels.email.parse import parse
from inbox_tui.channels.email.records import Envelope, Ours
from inbox_tui.desk.clock import MINUTE
from inbox_tui.model import Incoming, Kind, Outgoing
from inbox_tui.service.worker import Worker
from tests.casework.world import OURS, fresh_store
from tests.desk.automatic_mail import PEOPLE, SAMPLES
from tests.service.conftest import Office
from tests.service.test_acknowledging import asks, worker
from tests.storm.conftest import Storm

SELF = Ours(frozenset({OURS}), frozenset(), "")
SHARE = 4
"""Samples of each kind that a plain run looks at."""


class Post:
    """Mails that come to a desk that acknowledges everything it may."""

    def __init__(self, office: Office, one: Worker) -> None:
        self.office, self.worker = office, one
        self._uid = 0

    def comes(self, raw: bytes) -> list[Outgoing]:
        """A mail comes; what the desk sends by itself then."""
        self._uid += 1
        self.office.now += MINUTE
        found = parse(raw, Envelope(f"INBOX/1/{self._uid}", self.office.now), SELF)
        assert found.mail is not None
        digest = sha256(raw + bytes([self._uid])).hexdigest()
        message: Incoming = replace(found, mail=replace(found.mail, digest=digest))
        platform = self.office.platforms["mail"]
        before = len(platform.sent)
        platform.pages.append(Page((message,), {}))
        self.worker.fetch_once()
        return platform.sent[before:]


def test_whatever_comes_back_an_acknowledgement_is_the_last_word(storm: Storm, tmp_path: Path) -> None:
    names = list(SAMPLES)[:: -(-len(SAMPLES) // SHARE)] if storm.small else list(SAMPLES)
    cases: Counter[int] = Counter()
    for name in names:
        cases[_facing(tmp_path / name, SAMPLES[name])] += 1
    people = list(PEOPLE) if not storm.small else list(PEOPLE)[:1]
    heard = [name for name in people if _facing(tmp_path / f"person {name}", PEOPLE[name]) == 1]
    storm.note(
        f"{len(names)} automatic mails, each alone and 4 times as an answer: most automatic mails a case:"
        f" {max(cases)}; {len(heard)} of {len(people)} mails of people were acknowledged"
    )
    assert max(cases) <= 1
    assert heard, "else nothing was tried"


def _facing(folder: Path, sample: bytes) -> int:
    """The sample comes first, then to whoever has just acknowledged its sender; most of ours in a case."""
    folder.mkdir()
    most = 0
    for first in (sample, _question(sample)):
        store = folder / f"{first == sample}.db"
        with closing(fresh_store(store)) as opened:
            office = Office(opened)
            post = Post(office, worker(office, asks("mail", "all")))
            sent = post.comes(first)
            for _ in range(4):
                sent += post.comes(_answering(sample, sent[-1] if sent else None))
            counted = [_own(office, case) for case in office.case_ids()]
            assert len(sent) == sum(counted)
            most = max([most, *counted])
            assert len(sent) <= 1, f"{folder.name}: {len(sent)} automatic mails to one sender"
    return most


def _own(office: Office, case: int) -> int:
    return sum(one.kind is Kind.ACK for one in office.inbox.case(case).timeline)


def _question(sample: bytes) -> bytes:
    """A person writes from the address of the machine, where a person could."""
    sender = re.search(rb"(?m)^From: (.*?)\r?$", sample)
    assert sender is not None
    return b"\r\n".join(
        [
            b"From: " + sender[1],
            f"To: {OURS}".encode(),
            b"Message-ID: <q@far.example>",
            b"",
            b"Where is it?",
            b"",
        ]
    )


def _answering(sample: bytes, sent: Outgoing | None) -> bytes:
    """The same sample as an answer to what we sent."""
    if sent is None:
        return sample
    reference = f"References: <{sent.key}@shop.example>\r\nIn-Reply-To: <{sent.key}@shop.example>\r\n"
    bare = re.sub(rb"(?mi)^(In-Reply-To|References): .*\r\n", b"", sample)
    return reference.encode() + bare
