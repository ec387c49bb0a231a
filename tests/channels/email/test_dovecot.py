"""The same promises against a mail server that others wrote and many firms run."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from inbox_tui.channels.base import Cursor, Page
from inbox_tui.channels.email import open_channel, reading
from inbox_tui.channels.email.channel import EmailChannel
from inbox_tui.config import EmailAccount
from inbox_tui.credentials import Secret
from inbox_tui.errors import LoginNeeded, Refused, Temporary
from inbox_tui.model import Direction
from tests.channels.email import dovecot
from tests.channels.email.dovecot import Dovecot
from tests.channels.email.world import (
    ADDRESS,
    DAY,
    HOUR,
    NOW,
    a_mail,
    a_reply,
    facts,
    fetch_all,
    saved,
    subjects,
)

pytestmark = pytest.mark.skipif(bool(dovecot.why_not()), reason=dovecot.why_not())


@pytest.fixture(scope="module")
def running() -> Iterator[Dovecot]:
    server = dovecot.start(ADDRESS)
    yield server
    server.stop()


@pytest.fixture
def server(running: Dovecot) -> Dovecot:
    with running.client() as client:
        for flags, _, folder in client.list_folders():
            if folder != "INBOX" and b"\\Noselect" not in flags:
                client.delete_folder(folder)
        client.select_folder("INBOX")
        uids = client.search()
        if uids:
            client.delete_messages(uids)
            client.expunge()
    return running


def account(server: Dovecot, folders: tuple[str, ...] = ("INBOX",), **changes: object) -> EmailAccount:
    values: dict[str, object] = {
        "name": "mail",
        "channel": "email",
        "address": ADDRESS,
        "imap_host": "localhost",
        "imap_port": server.port,
        "smtp_host": "localhost",
        "ca_file": str(server.ca_file),
        "folders": folders,
        **changes,
    }
    return EmailAccount(**values)  # type: ignore[arg-type]


@pytest.fixture
def channel(server: Dovecot) -> Iterator[EmailChannel]:
    channel = open_channel(account(server), Secret(server.password))
    yield channel
    channel.close()


def test_a_mailbox_is_read_whole_and_once(
    server: Dovecot, channel: EmailChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "FIRST_BATCH", 5)
    server.deliver((a_mail(n), NOW - DAY + n * 1000) for n in range(450))
    server.deliver([(a_mail("old"), NOW - 40 * DAY)])
    server.deliver([(a_mail("ours", sender=ADDRESS), NOW - HOUR)], "Sent")
    pages = fetch_all(channel)
    assert subjects(pages[:1])[0] in ("question 449", "question 448")
    assert sorted(subjects(pages)) == sorted([*(f"question {n}" for n in range(450)), "question ours"])
    times = {m.subject: m.sent_at for page in pages for m in page.messages}
    assert times["question 7"] == NOW - DAY + 7000
    assert pages[-1].complete_until == NOW
    assert subjects(fetch_all(channel, pages[-1].cursor)) == []
    with server.client() as client:
        client.select_folder("INBOX", readonly=True)
        assert client.search("SEEN") == []


def test_killed_after_each_page_nothing_is_lost_or_doubled(
    server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "FIRST_BATCH", 2)
    inbox = [a_mail(n) for n in range(9)]
    server.deliver((raw, NOW - HOUR) for raw in inbox)
    stored: list[Page] = []
    cursor: Cursor = {}
    for _ in range(50):
        channel = open_channel(account(server, batch=3), Secret(server.password))
        page = next(iter(channel.fetch(saved(cursor), NOW)))
        channel.close()
        stored.append(page)
        cursor = page.cursor
        if page.history_done:
            break
    got = [facts(m).raw for page in stored for m in page.messages]
    assert sorted(got) == sorted(inbox)


def test_a_folder_made_anew_is_read_anew(server: Dovecot) -> None:
    folders = ("INBOX", "Shop/Größe")
    server.deliver([(a_mail(1), NOW), (a_mail(2), NOW)], folders[1])
    channel = open_channel(account(server, folders), Secret(server.password))
    try:
        before = fetch_all(channel)
        with server.client() as client:
            client.delete_folder(folders[1])
        server.deliver([(a_mail(2), NOW), (a_mail(3), NOW)], folders[1])
        after = fetch_all(channel, before[-1].cursor)
    finally:
        channel.close()
    assert sorted(subjects(before)) == ["question 1", "question 2"]
    assert sorted(subjects(after)) == ["question 2", "question 3"]
    digests = [{facts(m).digest for p in pages for m in p.messages} for pages in (before, after)]
    assert len(digests[0] & digests[1]) == 1


def test_a_name_that_only_holds_folders_is_no_folder(server: Dovecot) -> None:
    server.deliver([(a_mail(1), NOW)], "Shop/North")
    channel = open_channel(account(server, ("Shop",)), Secret(server.password))
    with pytest.raises(Refused, match="no folder Shop"):
        fetch_all(channel)
    channel.close()


def test_a_copy_is_filed_once_and_found(server: Dovecot, channel: EmailChannel) -> None:
    server.deliver([(a_mail(1), NOW - HOUR)])
    [mail] = fetch_all(channel)[0].messages
    reply = a_reply(in_reply_to=mail.external_id, sent_at=NOW)
    assert channel.find_sent(reply) is None
    channel.file_copy(reply)
    channel.file_copy(reply)
    found = channel.find_sent(reply)
    assert found is not None
    assert found.sent_at == NOW
    pages = fetch_all(channel)
    ours = [m for page in pages for m in page.messages if m.direction is Direction.OUT]
    assert [facts(m).message_id for m in ours] == ["<r7.f00d@shop.example>"]
    with server.client() as client:
        client.select_folder("INBOX", readonly=True)
        [flags] = client.get_flags(client.search()).values()
    assert {b"\\Answered", b"\\Seen"} <= set(flags)


def test_a_missing_sent_folder_is_made(server: Dovecot) -> None:
    channel = open_channel(account(server, sent_folder="Gesendet/Läden"), Secret(server.password))
    try:
        assert channel.find_sent(a_reply()) is None
        channel.file_copy(a_reply(sent_at=NOW))
        assert channel.find_sent(a_reply()) is not None
    finally:
        channel.close()
    with server.client() as client:
        assert client.folder_exists("Gesendet/Läden")


def test_a_wrong_password_needs_a_login(server: Dovecot) -> None:
    channel = open_channel(account(server), Secret("wrong"))
    with pytest.raises(LoginNeeded):
        fetch_all(channel)
    channel.close()


def test_its_certificate_is_verified(server: Dovecot) -> None:
    channel = open_channel(account(server, ca_file=""), Secret(server.password))
    with pytest.raises(Temporary, match="cannot be trusted"):
        fetch_all(channel)
    channel.close()


def test_a_connection_that_it_closed_is_renewed(server: Dovecot, channel: EmailChannel) -> None:
    server.deliver([(a_mail(1), NOW)])
    cursor = fetch_all(channel)[-1].cursor
    channel._mailbox._live().socket().shutdown(socket.SHUT_RDWR)
    server.deliver([(a_mail(2), NOW)])
    assert subjects(fetch_all(channel, cursor)) == ["question 2"]


def test_it_tells_of_new_mail(server: Dovecot, channel: EmailChannel) -> None:
    cursor = fetch_all(channel)[-1].cursor
    assert not channel.wait(0.05)
    server.deliver([(a_mail(1), NOW)])
    assert any(channel.wait(0.25) for _ in range(40))
    assert subjects(fetch_all(channel, cursor)) == ["question 1"]
