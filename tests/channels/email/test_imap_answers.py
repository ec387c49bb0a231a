"""Answers that no good IMAP server gives: each becomes an error in words, or a mail kept with a reason."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from inbox_tui.channels.email import imap, open_channel
from inbox_tui.channels.email.wire import said
from inbox_tui.config import EmailAccount
from inbox_tui.credentials import Secret
from inbox_tui.errors import BadAnswer, ChannelError, LoginNeeded, Temporary
from inbox_tui.model import Incoming
from tests.channels.email.world import ADDRESS, NOW, a_mail, facts, fetch_all

RAW = a_mail(1)
Answers = dict[bytes, bytes | list[bytes]]
GOOD: Answers = {
    b"CAPABILITY": [b"* CAPABILITY IMAP4rev1"],
    b"LOGIN": [],
    b"NOOP": [],
    b"LIST": [b'* LIST () "/" INBOX'],
    b"EXAMINE": [b"* 1 EXISTS", b"* OK [UIDVALIDITY 7] ok", b"* OK [UIDNEXT 2] ok"],
    b"SEARCH": [b"* SEARCH 1"],
    b"SIZE": [b'* 1 FETCH (UID 1 RFC822.SIZE 9 INTERNALDATE "02-Nov-2026 10:12:00 +0100")'],
    b"BODY": [b"* 1 FETCH (UID 1 BODY[] {%d}" % len(RAW), RAW + b")"],
    b"LOGOUT": [b"* BYE"],
}
HANG_UP, SILENCE = b"(hangs up)", b"(says nothing)"


@contextmanager
def serving(changes: Answers) -> Iterator[int]:
    """A server for one connection, with some of its answers changed; gives its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    enough = threading.Event()

    def talk() -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rwb") as stream:
            greeting = changes.get(b"", b"* OK hello")
            assert isinstance(greeting, bytes)
            stream.write(greeting + b"\r\n")
            stream.flush()
            while line := stream.readline():
                tag, _, command = line.rstrip(b"\r\n").partition(b" ")
                known: Answers = {**GOOD, **changes}
                answer = next(
                    (known[key] for key in reversed(known) if key and key in command), list[bytes]()
                )
                if answer is HANG_UP:
                    return
                if answer is SILENCE:
                    enough.wait(20)
                    return
                lines = list(answer) if isinstance(answer, list) else [answer]
                if not lines or not lines[-1].startswith((b"NO", b"BAD")):
                    lines.append(b"OK done")
                lines[-1] = tag + b" " + lines[-1]
                stream.write(b"\r\n".join(lines) + b"\r\n")
                stream.flush()

    thread = threading.Thread(target=talk)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        enough.set()
        thread.join(20)
        listener.close()


def fetched(changes: Answers) -> list[Incoming]:
    with serving(changes) as port:
        account = EmailAccount(
            name="mail",
            channel="email",
            address=ADDRESS,
            imap_host="127.0.0.1",
            imap_port=port,
            imap_security="plain",
            smtp_host="127.0.0.1",
            sent_folder="",
        )
        channel = open_channel(account, Secret("correct horse"))
        try:
            return [message for page in fetch_all(channel) for message in page.messages]
        finally:
            channel.close()


def test_the_scripted_server_is_a_good_one() -> None:
    [mail] = fetched({})
    assert mail.text == "Is the lock off?"
    assert facts(mail).raw == RAW


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({b"": b"* BYE too many connections"}, Temporary),
        ({b"": b"HTTP/1.1 400 Bad Request"}, ChannelError),
        ({b"LOGIN": b"NO [AUTHENTICATIONFAILED] wrong"}, LoginNeeded),
        ({b"LOGIN": b"NO [UNAVAILABLE] later"}, Temporary),
        ({b"LOGIN": HANG_UP}, Temporary),
        ({b"EXAMINE": b"NO [INUSE] locked"}, Temporary),
        ({b"EXAMINE": [b"* 1 EXISTS"]}, BadAnswer),
        ({b"EXAMINE": HANG_UP}, Temporary),
        ({b"SEARCH": [b"* SEARCH one two"]}, BadAnswer),
        ({b"SEARCH": b"BAD what?"}, Temporary),
        ({b"SIZE": [b"* 1 FETCH (UID 1 RFC822.SIZE"]}, BadAnswer),
        ({b"SIZE": [b"* 1 FETCH (UID one RFC822.SIZE 9)"]}, BadAnswer),
        ({b"SIZE": [b"* 1 FETCH " + b"(" * 5000 + b")" * 5000]}, BadAnswer),
        ({b"BODY": [b"* 1 FETCH (UID 1 BODY[] {99999}", b"cut"]}, Temporary),
        ({b"BODY": HANG_UP}, Temporary),
        ({b"SEARCH": SILENCE}, Temporary),
    ],
)
def test_a_bad_answer_is_an_error_in_words(
    changes: Answers, error: type[ChannelError], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "READ_SECONDS", 0.5)
    with pytest.raises(ChannelError) as raised:
        fetched(changes)
    assert isinstance(raised.value, error)
    assert raised.value.message.startswith("account mail: IMAP 127.0.0.1:")
    assert raised.value.hint
    assert raised.value.message.isprintable()
    assert "correct horse" not in raised.value.message


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({b"SIZE": [b"* 1 FETCH (UID 1 RFC822.SIZE 9 INTERNALDATE NIL)"]}, lambda m: m.sent_at == NOW),
        ({b"SIZE": [b"* 1 FETCH (UID 1)"]}, lambda m: m.sent_at == NOW and facts(m).raw == RAW),
        ({b"BODY": [b"* 1 FETCH (UID 1 BODY[] NIL)"]}, lambda m: "hand it out" in facts(m).unparsed),
        ({b"BODY": [b'* 1 FETCH (UID 1 BODY[] "12345")']}, lambda m: facts(m).raw == b"12345"),
    ],
)
def test_a_mail_that_the_server_describes_badly_is_kept(
    changes: Answers, check: Callable[[Incoming], bool]
) -> None:
    [mail] = fetched(changes)
    assert check(mail)


def test_a_mail_that_went_away_in_between_is_left_out() -> None:
    assert fetched({b"BODY": []}) == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("b'[AUTHENTICATIONFAILED] Invalid.'", "[AUTHENTICATIONFAILED] Invalid."),
        ('b"it\'s \\xc3\\xbc"', "it's ü"),
        ("b'broken \\x'", "b'broken \\x'"),
        ("b'a' and b'b'", "b'a' and b'b'"),
        ("plain", "plain"),
    ],
)
def test_the_words_of_a_server_are_shown_as_it_wrote_them(text: str, shown: str) -> None:
    assert said(text) == shown
