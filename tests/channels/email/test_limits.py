"""The child process: bombs are bounded, what kills it is kept raw, the next mail goes on."""

from __future__ import annotations

import os
import sys
from dataclasses import replace

import pytest

from inbox_tui.channels.email import limits
from inbox_tui.channels.email.limits import Mail, MailReader
from inbox_tui.channels.email.parse import parse
from inbox_tui.channels.email.records import Envelope
from inbox_tui.errors import Temporary
from inbox_tui.model import Direction, Incoming, MailFacts
from tests.channels.email.world import ENVELOPE, NOW, OURS, a_mail, facts


def mails(*raws: bytes) -> list[Mail]:
    return [(Envelope(f"INBOX/1/{n}", NOW + n), raw) for n, raw in enumerate(raws)]


def headed(head: bytes, body: bytes) -> bytes:
    return b"From: a@b.example\n" + head + b"\n\n" + body


def nested(levels: int) -> bytes:
    return b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(levels))


BOMBS = {
    "encoded words": headed(b"Subject: " + b"=?utf-8?q?=41=42?= " * 18_000, b"x"),
    "recipients": headed(b"To: " + b"a <a@b.example>, " * 70_000, b"x"),
    "brackets": headed(b"From: " + b"(" * 200_000, b"x"),
    "newlines": headed(b"Subject: x", b"\n" * 50_000 + b"x\n" * 49_000),
    "spaced newlines": headed(b"Subject: x", b" \n\n>\n" * 19_000),
    "words of a quote": headed(b"Subject: x", (b"On " * 3000 + b"\n") * 10 + b"wrote:"),
    "headers of a quote": headed(b"Subject: x", b"From: \n" * 14_000),
    "nested divs": headed(b"Content-Type: text/html", b"<div>" * 30_000 + b"deep" + b"</div>" * 30_000),
    "open tags": headed(b"Content-Type: text/html", b"<script " * 120_000),
    "fields": b"".join(b"X-%d: a\n" % n for n in range(200_000)) + b"\nx",
    "a long field": b"Subject: " + b"a" * 10_000_000 + b"\n\nx",
    "a folded field": b"Subject: a" + b"\n a" * 1_000_000 + b"\n\nx",
    "parts": headed(b"Content-Type: multipart/mixed; boundary=a", b"--a\n\nx\n" * 100_000),
    "almost parts": headed(b"Content-Type: multipart/mixed; boundary=a", b"--aX\n" * 1_000_000),
    "levels": nested(1000) + b"\nx",
    "parameters": headed(
        b"Content-Type: text/plain; " + b"".join(b"n*%d*=x;" % n for n in range(20_000)), b"x"
    ),
    "references": headed(b"References: " + b"<" * 200_000, b"x"),
    "a large attachment": headed(
        b"Content-Type: application/pdf\nContent-Transfer-Encoding: base64", b"QUFB" * 7_500_000
    ),
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_is_read_within_the_limits_and_the_next_mail_goes_on(reader: MailReader, bomb: bytes) -> None:
    # The child's own limits of processor time and memory are the measure: beyond them it is killed.
    first, second = reader.read(mails(bomb, a_mail(1)))
    assert facts(first).unparsed == ""
    assert facts(first).raw == bomb
    assert second.text == "Is the lock off?"
    assert second.external_id == "INBOX/1/1"


def test_a_batch_comes_back_in_order_and_whole(reader: MailReader) -> None:
    many = mails(*(a_mail(n, body="x" * (n * 5000)) for n in range(120)))
    read = reader.read(many)
    assert [m.external_id for m in read] == [envelope.external_id for envelope, _ in many]
    assert [facts(m).raw for m in read] == [raw for _, raw in many]
    assert len({facts(m).digest for m in read}) == 120


def test_what_is_read_meanwhile_comes_when_it_is_asked_for(reader: MailReader) -> None:
    reader.begin(mails(a_mail("one"), a_mail("two")))
    assert [m.subject for m in reader.finish()] == ["question one", "question two"]
    assert reader.finish() == []


def test_what_was_begun_and_never_finished_is_nobodys_answer(reader: MailReader) -> None:
    reader.begin(mails(a_mail("dropped")))
    reader.begin(mails(a_mail("kept")))
    assert [m.subject for m in reader.finish()] == ["question kept"]


def test_a_child_that_dies_meanwhile_costs_no_mail(reader: MailReader) -> None:
    reader.begin(mails(a_mail("one"), a_mail("two")))
    assert reader._child is not None
    reader._child.kill()
    assert [m.subject for m in reader.finish()] == ["question one", "question two"]


def test_the_child_reads_as_the_pure_function_does(reader: MailReader) -> None:
    envelope, raw = ENVELOPE, a_mail(1, "Reply-To: x@y.example")
    [read] = reader.read([(envelope, raw)])
    expected = parse(raw, envelope, OURS)
    assert replace(read, mail=replace(facts(read), raw=b"", digest="")) == expected


def test_mails_of_which_nothing_is_known_are_not_the_same(reader: MailReader) -> None:
    one, two = (reader.read([(Envelope(f"INBOX/1/{n}", NOW, header_only="gone"), b"")])[0] for n in range(2))
    assert facts(one).digest != facts(two).digest


@pytest.fixture
def weak(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> MailReader:
    """A reader whose child can be made to die by what a mail says."""
    folder = tmp_path_factory.mktemp("weak")
    (folder / "sitecustomize.py").write_text(WEAKNESS)
    clean = limits._environment()
    monkeypatch.setattr(
        limits,
        "_environment",
        lambda: {**clean, "PYTHONPATH": str(folder) + os.pathsep + clean["PYTHONPATH"]},
    )
    return MailReader(OURS)


WEAKNESS = """
import inbox_tui.channels.email.parse as module
strong = module.parse
def parse(raw, envelope, ours):
    if b"loops" in raw and (b"always" in raw or not envelope.light):
        while True:
            pass
    if b"eats" in raw:
        bytearray(1 << 30)
    if b"raises" in raw:
        raise RecursionError
    return strong(raw, envelope, ours)
module.parse = parse
"""


def texts(read: list[Incoming]) -> list[str]:
    return [mail.text or facts(mail).unparsed for mail in read]


@pytest.mark.parametrize("kind", ["eats", "raises"])
def test_a_mail_that_kills_the_reader_is_kept_raw(weak: MailReader, kind: str) -> None:
    bad = a_mail(2, body=kind)
    try:
        read = weak.read(mails(a_mail(1), bad, bad, a_mail(3)))
    finally:
        weak.close()
    reason = "reading it needs too much memory or breaks the reader"
    assert texts(read) == ["Is the lock off?", reason, reason, "Is the lock off?"]
    assert facts(read[1]).raw == bad
    assert len(facts(read[1]).digest) == 64
    assert read[1].author.value is None
    assert not read[1].can_reply


def test_a_mail_that_takes_too_long_is_kept_raw(weak: MailReader) -> None:
    try:
        read = weak.read(mails(a_mail(1, body="loops always"), a_mail(2)))
    finally:
        weak.close()
    assert texts(read) == ["reading it takes too long", "Is the lock off?"]


def test_a_mail_whose_layout_takes_too_long_is_read_without_it(reader: MailReader) -> None:
    [read] = reader.read(mails(BOMBS["words of a quote"]))
    assert read.text.startswith("On On On")
    assert read.full_text == ""


def test_an_unread_mail_of_the_sent_folder_is_ours(weak: MailReader) -> None:
    try:
        [read] = weak.read([(replace(ENVELOPE, sent_folder=True), a_mail(1, body="raises"))])
    finally:
        weak.close()
    assert read.direction is Direction.OUT


def test_a_reader_that_does_not_start_is_temporary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    reader = MailReader(OURS)
    with pytest.raises(Temporary, match="does not start"):
        reader.read(mails(a_mail(1)))


def test_the_child_gets_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", "correct horse")
    assert set(limits._environment()) == {"PYTHONPATH", "PYTHONUTF8"}


def test_a_killed_child_is_replaced(reader: MailReader) -> None:
    reader.read(mails(a_mail(1)))
    child = reader._child
    assert child is not None
    child.kill()
    child.wait()
    [read] = reader.read(mails(a_mail(2)))
    assert read.text == "Is the lock off?"
    assert isinstance(read.mail, MailFacts)
