"""The mail server, driven by the real imapclient and smtplib over verified TLS."""

from __future__ import annotations

import contextlib
import imaplib
import smtplib
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.message import EmailMessage

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import LoginError
from pymap.concurrent import Event
from pymap.selected import SelectedMailbox

from inbox_tui.sandbox.certs import make_certificates
from inbox_tui.sandbox.faults import Faults
from inbox_tui.sandbox.mail_world import MailServer, StoredMail
from inbox_tui.sandbox.mailbox import Folder, header_of

ADDRESS = "help@shop.example"
OTHER = "sales@shop.example"
PASSWORD = "correct horse"
NOW = 1_790_000_000_000

RAW = (
    b"From: Hajo <hajo@brandt.example>\r\nTo: help@shop.example\r\nSubject: the SIM\r\n lock\r\n"
    b"Message-ID: <1@brandt.example>\r\n\r\nIs it off?\r\n.\r\n"
)


@dataclass
class World:
    """A running server and what a test needs beside it."""

    mail: MailServer
    faults: Faults
    tls: ssl.SSLContext
    accepted: list[dict[str, object]]

    def fault(self, name: str, **more: object) -> None:
        self.faults.switch({"channel": "email", "fault": name, **more})

    @contextlib.contextmanager
    def imap(self, login: str = ADDRESS, folder: str | None = "INBOX") -> Iterator[IMAPClient]:
        client = IMAPClient(
            "127.0.0.1", self.mail.imap_port, ssl=True, ssl_context=self.tls, timeout=SocketTimeout(5, 5)
        )
        try:
            client.login(login, PASSWORD)
            if folder is not None:
                client.select_folder(folder)
            yield client
        finally:
            client.shutdown()

    @contextlib.contextmanager
    def smtp(self, password: str = PASSWORD) -> Iterator[smtplib.SMTP_SSL]:
        client = smtplib.SMTP_SSL("127.0.0.1", self.mail.smtp_port, context=self.tls, timeout=5)
        try:
            client.login(ADDRESS, password)
            yield client
        finally:
            client.close()

    def raws(self, account: str = "mail", folder: str = "INBOX") -> list[bytes]:
        return [raw for _, _, raw in self.mail.mailbox(account, folder)]


@pytest.fixture(scope="module")
def server() -> Iterator[World]:
    certificates = make_certificates()
    accepted: list[dict[str, object]] = []
    faults = Faults()
    mail = MailServer(certificates.server, faults, lambda: NOW, accepted.append)
    mail.add_account("mail", ADDRESS, PASSWORD)
    mail.add_account("sales", OTHER, PASSWORD)
    mail.start()
    yield World(mail, faults, ssl.create_default_context(cadata=certificates.ca_pem.decode()), accepted)
    mail.stop()
    assert not mail.failures


@pytest.fixture
def world(server: World) -> Iterator[World]:
    server.accepted.clear()
    server.mail.clear()
    yield server
    assert not server.faults.active(), "the test left a fault switched on"


def a_mail(to: str = "hajo@brandt.example", text: str = "Ja, sie ist frei. Grüße\n.\n") -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = ADDRESS
    mail["To"] = to
    mail["Subject"] = "Re: the SIM lock · Antwort"
    mail["Message-ID"] = "<r1@shop.example>"
    mail["In-Reply-To"] = "<1@brandt.example>"
    mail.set_content(text)
    return mail


def test_a_client_that_does_not_know_the_ca_gets_nowhere(world: World) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        IMAPClient("127.0.0.1", world.mail.imap_port, ssl=True, timeout=SocketTimeout(5, 5))


@pytest.mark.parametrize(
    "raw",
    [
        RAW,
        b"",
        b"\r\n",
        b"A: b\r\n",
        b"no header at all",
        b"A: b\n\nbare newlines, no last one \xff\x00\x1b]0;x\x07",
        b"Subject: =?utf-8?b?!!!?=\r\nContent-Type: multipart/mixed; boundary=\r\n\r\n--\r\n",
        b"".join(b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (n, n) for n in range(400)),
    ],
    ids=["plain", "empty", "blank", "header only", "body only", "bare", "broken", "deep"],
)
def test_a_mail_comes_back_byte_for_byte(world: World, raw: bytes) -> None:
    uid = world.mail.deliver("mail", raw)
    with world.imap() as client:
        got = client.fetch([uid], ["BODY.PEEK[]", "BODY.PEEK[HEADER]", "BODY.PEEK[TEXT]", "RFC822.SIZE"])[uid]
        assert got[b"BODY[]"] == raw
        assert got[b"BODY[HEADER]"] + got[b"BODY[TEXT]"] == raw
        assert got[b"RFC822.SIZE"] == len(raw)
        assert b"BODYSTRUCTURE" in client.fetch([uid], ["BODYSTRUCTURE"])[uid]


def test_parts_and_fields_can_be_asked_for_alone(world: World) -> None:
    uid = world.mail.deliver("mail", RAW)
    with world.imap() as client:
        assert client.fetch([uid], ["BODY.PEEK[]<6.4>"])[uid][b"BODY[]<6>"] == RAW[6:10]
        fields = client.fetch([uid], ["BODY.PEEK[HEADER.FIELDS (SUBJECT X-NONE)]"])[uid]
        assert fields[b"BODY[HEADER.FIELDS (SUBJECT X-NONE)]"] == b"Subject: the SIM\r\n lock\r\n\r\n"


def test_peeking_leaves_a_mail_unseen_and_reading_does_not(world: World) -> None:
    uid = world.mail.deliver("mail", RAW)
    with world.imap() as client:
        client.fetch([uid], ["BODY.PEEK[]"])
        assert world.mail.mailbox("mail")[0][1] == ()
        client.fetch([uid], ["BODY[]"])
        assert world.mail.mailbox("mail")[0][1] == ("\\Seen",)


def test_the_internal_date_is_the_one_given_or_now(world: World) -> None:
    world.mail.deliver("mail", RAW, at=1_700_000_000_999)
    world.mail.deliver("mail", RAW)
    with world.imap() as client:
        client.normalise_times = False
        dates = [got[b"INTERNALDATE"] for _, got in sorted(client.fetch([1, 2], ["INTERNALDATE"]).items())]
        assert dates == [datetime.fromtimestamp(1_700_000_000, UTC), datetime.fromtimestamp(NOW // 1000, UTC)]
        assert client.search(["BEFORE", date(2024, 1, 1)]) == [1]


def test_searches_a_fetcher_makes(world: World) -> None:
    uids = world.mail.deliver_many(
        "mail", [StoredMail(RAW.replace(b"<1@", b"<%d@" % n)) for n in range(1, 31)]
    )
    assert uids == list(range(1, 31))
    with world.imap() as client:
        assert client.search(["UID", "28:*"]) == [28, 29, 30]
        assert client.search(["UID", "31:*"]) == [30], "past the end IMAP gives the last one"
        assert client.search(["HEADER", "Message-ID", "<7@brandt.example>"]) == [7]
        assert client.search(["HEADER", "Message-ID", "<77@brandt.example>"]) == []
        assert client.search(["NOT", "SEEN"]) == uids


def test_flags_are_stored_and_other_sessions_hear_of_it(world: World) -> None:
    world.mail.deliver("mail", RAW)
    with world.imap() as one, world.imap() as two:
        assert one.add_flags([1], [b"\\Answered", b"\\Seen"]) == {1: (b"\\Answered", b"\\Seen")}
        assert world.mail.mailbox("mail")[0][1] == ("\\Answered", "\\Seen")
        assert (1, b"FETCH", (b"FLAGS", (b"\\Answered", b"\\Seen"))) in two.noop()[1]
        two.delete_messages([1])
        two.expunge()
        assert one.search() == []


def test_a_copy_is_filed_in_sent(world: World) -> None:
    with world.imap(folder=None) as client:
        assert client.has_capability("SPECIAL-USE")
        assert client.find_special_folder(b"\\Sent") == "Sent"
        assert {name for _, _, name in client.list_folders()} == {"INBOX", "Sent", "Archive"}
        client.append("Sent", RAW, [b"\\Seen"], datetime.fromtimestamp(1_700_000_000, UTC))
        client.multiappend("Sent", [RAW, b"B: c\r\n\r\n"])
    assert world.raws(folder="Sent") == [RAW, RAW, b"B: c\r\n\r\n"]


def test_idle_tells_of_each_new_mail_and_rests_between(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []
    look = Folder.update_selected

    async def counted(
        self: Folder, selected: SelectedMailbox, *, wait_on: Event | None = None
    ) -> SelectedMailbox:
        looks.append(selected)
        return await look(self, selected, wait_on=wait_on)

    monkeypatch.setattr(Folder, "update_selected", counted)
    with world.imap() as client:
        client.idle()
        for number in (1, 2):
            world.mail.deliver("mail", RAW)
            heard: list[object] = []
            while (number, b"EXISTS") not in heard:
                heard = client.idle_check(timeout=5)
                assert heard, "the server said nothing of the new mail"
        while client.idle_check(timeout=0.1):
            pass
        assert len(looks) < 10, "the server looks again and again while nobody writes"
        client.idle_done()
        assert client.search() == [1, 2]


def test_a_new_uidvalidity_renumbers_and_ends_open_sessions(world: World) -> None:
    world.mail.deliver_many("mail", [StoredMail(b"%d" % n) for n in range(3)])
    with world.imap() as client:
        before = client.folder_status("INBOX", ["UIDVALIDITY"])[b"UIDVALIDITY"]
        client.delete_messages([1])
        client.expunge()
        world.mail.reset_uidvalidity("mail")
        with pytest.raises((imaplib.IMAP4.abort, OSError)):
            client.noop()
    with world.imap(folder=None) as client:
        assert client.select_folder("INBOX")[b"UIDVALIDITY"] > before
    assert [(uid, raw) for uid, _, raw in world.mail.mailbox("mail")] == [(1, b"1"), (2, b"2")]


def test_the_fault_uidvalidity_strikes_the_next_select_of_that_folder(world: World) -> None:
    with world.imap(folder=None) as client:
        before = client.select_folder("INBOX")[b"UIDVALIDITY"]
        world.fault("uidvalidity", times=1, path="INBOX")
        client.select_folder("Sent")
        assert client.select_folder("INBOX")[b"UIDVALIDITY"] == before + 1
        assert client.select_folder("INBOX")[b"UIDVALIDITY"] == before + 1


def test_accounts_are_apart(world: World) -> None:
    world.mail.deliver("sales", RAW)
    with world.imap() as mine, world.imap(login=OTHER) as theirs:
        assert (mine.search(), theirs.search()) == ([], [1])


def test_wrong_passwords_are_refused_everywhere(world: World) -> None:
    client = IMAPClient("127.0.0.1", world.mail.imap_port, ssl=True, ssl_context=world.tls, timeout=5)
    with pytest.raises(LoginError):
        client.login(ADDRESS, "wrong")
    with pytest.raises(LoginError):
        client.login("nobody@shop.example", PASSWORD)
    client.shutdown()
    with pytest.raises(smtplib.SMTPAuthenticationError), world.smtp(password="wrong"):
        pass


def test_the_fault_login_refused(world: World) -> None:
    world.fault("login_refused", times=2)
    with pytest.raises(LoginError), world.imap():
        pass
    with pytest.raises(smtplib.SMTPAuthenticationError), world.smtp():
        pass
    with world.imap():
        pass


def test_the_fault_imap_bye_ends_a_command_and_an_idle(world: World) -> None:
    with world.imap() as client:
        world.fault("imap_bye", times=1)
        with pytest.raises((imaplib.IMAP4.abort, OSError)):
            client.noop()
    with world.imap() as client:
        client.idle()
        world.fault("imap_bye", times=1)
        assert client.idle_check(timeout=5)[0][0] == b"BYE"


def test_a_reply_to_a_customer_is_accepted_and_told(world: World) -> None:
    with world.smtp() as client:
        client.send_message(a_mail())
    assert world.accepted == [
        {
            "channel": "email",
            "kind": "mail",
            "account": "mail",
            "to": "hajo@brandt.example",
            "in_reply_to": "<1@brandt.example>",
            "subject": "Re: the SIM lock · Antwort",
            "text": "Ja, sie ist frei. Grüße\n.",
            "id": "<r1@shop.example>",
            "at": "2026-09-21T14:13:20Z",
        }
    ]
    assert world.raws() == []


def test_mail_to_one_of_our_addresses_arrives_as_it_was_sent(world: World) -> None:
    raw = b"From: help@shop.example\r\n\r\n.leading dot\r\n..two\r\n"
    with world.smtp() as client:
        client.sendmail(ADDRESS, ["SALES@shop.example", "hajo@brandt.example"], raw)
    assert world.raws("sales") == [raw]
    assert world.accepted[0]["to"] == "SALES@shop.example, hajo@brandt.example"


def test_a_broken_header_of_a_reply_is_told_as_it_stands(world: World) -> None:
    with world.smtp() as client:
        client.sendmail(
            ADDRESS,
            ["a@b.example"],
            b"Subject: =?utf-8?b?a?=\r\nContent-Type: text/plain; charset=x\r\n\r\nhi",
        )
    assert (world.accepted[0]["subject"], world.accepted[0]["text"]) == ("=?utf-8?b?a?=", "hi")


def test_a_mail_that_cannot_be_told_of_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(record: dict[str, object]) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(world.mail, "_on_accept", full)
    with world.smtp() as client, pytest.raises(smtplib.SMTPDataError):
        client.send_message(a_mail(to=OTHER))
    assert world.raws("sales") == []


def test_one_command_may_name_very_many_mails(world: World) -> None:
    world.mail.deliver("mail", RAW)
    with world.imap() as client:
        assert list(client.fetch([1, *range(100_000, 130_000)], ["RFC822.SIZE"])) == [1]


def test_starttls_comes_before_anything_else(world: World) -> None:
    with contextlib.closing(smtplib.SMTP("127.0.0.1", world.mail.starttls_port, timeout=5)) as client:
        client.ehlo()
        assert not client.has_extn("auth")
        assert client.docmd("MAIL", f"FROM:<{ADDRESS}>")[0] == 530
        client.starttls(context=world.tls)
        with pytest.raises(smtplib.SMTPSenderRefused):
            client.send_message(a_mail())
        client.login(ADDRESS, PASSWORD)
        client.send_message(a_mail())
    assert len(world.accepted) == 1


def test_a_cut_before_the_dot_accepts_nothing(world: World) -> None:
    world.fault("smtp_drop_before_dot", times=1)
    with world.smtp() as client, pytest.raises((smtplib.SMTPServerDisconnected, OSError)):
        client.send_message(a_mail(text="x" * 60 + "\n"))
    assert world.accepted == []


def test_a_cut_after_the_dot_accepts_the_mail_and_never_says_so(world: World) -> None:
    world.fault("smtp_drop_after_dot", times=1)
    with world.smtp() as client, pytest.raises((smtplib.SMTPServerDisconnected, OSError)):
        client.send_message(a_mail())
    assert [one["id"] for one in world.accepted] == ["<r1@shop.example>"]


def test_refusals_of_smtp(world: World) -> None:
    with world.smtp() as client:
        world.fault("smtp_refuse", times=1, path="hajo@")
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            client.send_message(a_mail())
        assert refused.value.recipients["hajo@brandt.example"][0] == 550
        world.fault("smtp_busy", times=1)
        with pytest.raises(smtplib.SMTPSenderRefused) as busy:
            client.send_message(a_mail())
        assert busy.value.smtp_code == 451
        client.send_message(a_mail())
    assert len(world.accepted) == 1


def test_unknown_names_are_named(world: World) -> None:
    with pytest.raises(KeyError, match="there are: mail, sales"):
        world.mail.deliver("post", RAW)
    with pytest.raises(KeyError, match="folder 'Spam'"):
        world.mail.deliver("mail", RAW, folder="Spam")


def test_the_server_leaves_no_thread_and_can_be_read_before_and_after() -> None:
    threads = set(threading.enumerate())
    certificates = make_certificates()
    mail = MailServer(certificates.server, Faults(), lambda: NOW, lambda record: None)
    mail.add_account("mail", ADDRESS, PASSWORD)
    mail.deliver("mail", RAW)
    mail.start()
    tls = ssl.create_default_context(cadata=certificates.ca_pem.decode())
    client = IMAPClient("127.0.0.1", mail.imap_port, ssl=True, ssl_context=tls, timeout=5)
    client.login(ADDRESS, PASSWORD)
    mail.stop()
    mail.stop()
    client.shutdown()
    assert [raw for _, _, raw in mail.mailbox("mail")] == [RAW]
    assert set(threading.enumerate()) == threads


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from([b"A: b", b" fold", b"\r\n", b"\n", b"\r", b":", b"x"])).map(b"".join))
def test_a_header_ends_at_the_first_blank_line(raw: bytes) -> None:
    header = header_of(raw)
    assert raw.startswith(header)
    lines = header.split(b"\n")
    inner = [line for line in lines[:-2] if line in (b"", b"\r")]
    assert not inner, "a blank line stands inside the header"
    if header != raw:
        assert lines[-1] == b""
        assert lines[-2] in (b"", b"\r")
