"""Sending to a real SMTP server, and what is known after each way in which it can break."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from inbox_tui.channels.email import smtp
from inbox_tui.errors import (
    BadAnswer,
    ChannelError,
    InboxError,
    LoginNeeded,
    OutcomeUnknown,
    Refused,
    Temporary,
)
from inbox_tui.model import Author, OutgoingFile
from tests.channels.email.world import NOW, World, a_mail, a_reply, fetch_all


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_reply_is_delivered_and_the_receipt_names_it(world: World, security: str) -> None:
    port = world.server.smtp_port if security == "tls" else world.server.starttls_port
    with world.channel(smtp_security=security, smtp_port=port) as channel:
        receipt = channel.send(a_reply())
    assert receipt.external_id == receipt.mail_message_id == "<r7.f00d@shop.example>"
    [accepted] = world.accepted
    assert accepted["to"] == "hajo@brandt.example"
    assert accepted["in_reply_to"] == "<1@brandt.example>"
    assert "Grüße 🙂" in str(accepted["text"])
    assert "\n.\n..dots\n" in str(accepted["text"]).replace("\r\n", "\n")


def test_starttls_that_is_not_offered_sends_no_password(world: World) -> None:
    with (
        world.channel(smtp_security="starttls", smtp_port=world.server.starttls_port) as channel,
        scripted(["220 hello", "250 plain.example", "221 bye"]) as server,
    ):
        object.__setattr__(channel.account, "smtp_port", server.port)
        with pytest.raises(Temporary, match="STARTTLS"):
            channel.send(a_reply())
    assert not any(line.upper().startswith(b"AUTH") for line in server.heard)


def test_a_wrong_password_needs_a_login(world: World) -> None:
    with world.channel(password="wrong") as channel, pytest.raises(LoginNeeded) as error:
        channel.send(a_reply())
    assert "wrong" not in str(error.value)
    assert not world.accepted


def test_a_password_that_smtp_cannot_carry_needs_another(world: World) -> None:
    with world.channel(password="größer") as channel, pytest.raises(LoginNeeded, match="letters") as error:
        channel.send(a_reply())
    assert error.value.__cause__ is None
    assert "größer" not in str(error.value)


def test_a_refused_recipient_is_refused(world: World) -> None:
    world.fault("smtp_refuse", times=1)
    with world.channel() as channel, pytest.raises(Refused, match="550 5.1.1 No such user"):
        channel.send(a_reply())
    assert not world.accepted


def test_a_busy_server_is_temporary(world: World) -> None:
    world.fault("smtp_busy", times=1)
    with world.channel() as channel, pytest.raises(Temporary, match="451"):
        channel.send(a_reply())
    assert not world.accepted


@pytest.mark.parametrize(("fault", "delivered"), [("smtp_drop_before_dot", 0), ("smtp_drop_after_dot", 1)])
def test_a_break_while_the_mail_is_handed_over_is_unknown(world: World, fault: str, delivered: int) -> None:
    world.fault(fault, times=1)
    with world.channel() as channel:
        with pytest.raises(OutcomeUnknown):
            channel.send(a_reply())
        assert len(world.accepted) == delivered
        assert channel.find_sent(a_reply()) is None


def test_an_unknown_certificate_is_not_talked_to(world: World) -> None:
    with world.channel(ca_file="") as channel, pytest.raises(Temporary, match="cannot be trusted"):
        channel.send(a_reply())


def test_a_server_that_is_not_there_is_temporary(world: World) -> None:
    with world.channel(smtp_port=1) as channel, pytest.raises(Temporary, match="SMTP 127.0.0.1:1"):
        channel.send(a_reply())


def test_a_customer_without_an_address_is_refused_before_a_byte_leaves(world: World) -> None:
    with world.channel(smtp_port=1) as channel, pytest.raises(Refused):
        channel.send(a_reply(to=Author("email", None)))


def test_an_address_beyond_ascii_is_sent_where_the_server_can(world: World) -> None:
    with world.channel() as channel:
        channel.send(a_reply(to=Author("email", "jörg@müller.example", "Jörg")))
    assert world.accepted[0]["to"] == "jörg@müller.example"


# -- what only a scripted server can play --


@dataclass
class Scripted:
    """A server that says its lines, one for each that it hears."""

    port: int
    heard: list[bytes] = field(default_factory=list)


@contextmanager
def scripted(lines: list[str]) -> Iterator[Scripted]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = Scripted(listener.getsockname()[1])

    def talk() -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rwb") as stream:
            in_data = False
            for line in lines:
                stream.write(line.encode() + b"\r\n")
                stream.flush()
                in_data = line == "354 go"
                heard = stream.readline()
                while in_data and heard not in (b".\r\n", b""):
                    heard = stream.readline()
                server.heard.append(heard)

    thread = threading.Thread(target=talk)
    thread.start()
    try:
        yield server
    finally:
        thread.join(10)
        listener.close()


START = ["220 hello", "250 small.example"]
UNTIL_DATA = [*START, "250 sender", "250 recipient"]


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        (["554 go away"], Refused),
        (["421 too many"], Temporary),
        (["not a greeting"], BadAnswer),
        ([*START, "451 later"], Temporary),
        ([*START, "250 ok", "450 greylisted"], Temporary),
        ([*START, "250 ok", "530 5.7.0 authentication required"], LoginNeeded),
        ([*START, "250 ok"], Temporary),
        ([*UNTIL_DATA, "452 full"], Temporary),
        ([*UNTIL_DATA, "554 no"], Refused),
        ([*UNTIL_DATA, "250 what?"], BadAnswer),
        (UNTIL_DATA, Temporary),
        ([*UNTIL_DATA, "354 go", "451 scanner down"], Temporary),
        ([*UNTIL_DATA, "354 go", "552 too large"], Refused),
        ([*UNTIL_DATA, "354 go"], OutcomeUnknown),
        ([*UNTIL_DATA, "354 go", "gibberish"], OutcomeUnknown),
        ([*UNTIL_DATA, "354 go", "354 again"], OutcomeUnknown),
    ],
)
def test_what_is_known_after_each_answer(world: World, lines: list[str], error: type[ChannelError]) -> None:
    with world.channel(smtp_security="plain") as channel, scripted(lines) as server:
        object.__setattr__(channel.account, "smtp_port", server.port)
        with pytest.raises(ChannelError) as raised:
            channel.send(a_reply())
    assert type(raised.value) is error
    assert isinstance(raised.value, InboxError)
    assert raised.value.hint


def test_a_quit_that_fails_after_the_250_is_no_error(world: World) -> None:
    lines = [*UNTIL_DATA, "354 go", "250 queued"]
    with world.channel(smtp_security="plain") as channel, scripted(lines) as server:
        object.__setattr__(channel.account, "smtp_port", server.port)
        assert channel.send(a_reply()).external_id == "<r7.f00d@shop.example>"
    assert server.heard[-1].upper().startswith(b"QUIT")


def test_lines_of_dots_are_doubled() -> None:
    assert smtp._on_the_wire(b"a\r\n.\r\n..b\r\n") == b"a\r\n..\r\n...b\r\n.\r\n"


# -- the step after sending --


def test_the_copy_in_sent_is_the_very_mail_and_the_answered_one_is_marked(world: World) -> None:
    [uid] = world.deliver([a_mail(1)])
    with world.channel() as channel:
        [mail] = fetch_all(channel)[0].messages
        receipt = channel.send(a_reply(in_reply_to=mail.external_id, to=Author("email", "help@shop.example")))
        sent = a_reply(
            in_reply_to=mail.external_id, to=Author("email", "help@shop.example"), sent_at=receipt.sent_at
        )
        channel.file_copy(sent)
        channel.file_copy(sent)
        found = channel.find_sent(sent)
    [(_, flags, copy)] = world.folder("Sent")
    assert flags == ("\\Seen",)
    delivered = world.folder()[-1][2]
    # The server that took it may put lines of its own on top.
    assert delivered.endswith(copy)
    assert world.folder()[0][:2] == (uid, ("\\Answered", "\\Seen"))
    assert found is not None
    assert found.external_id == receipt.external_id
    assert found.sent_at == receipt.sent_at // 1000 * 1000


def test_where_the_provider_files_the_copy_only_the_mark_is_set(world: World) -> None:
    world.deliver([a_mail(1)])
    with world.channel(sent_copy=False) as channel:
        [mail] = fetch_all(channel)[0].messages
        channel.file_copy(a_reply(in_reply_to=mail.external_id, sent_at=NOW))
    assert world.folder("Sent") == []
    assert world.folder()[0][1] == ("\\Answered", "\\Seen")


def test_after_a_new_uidvalidity_the_answered_mail_is_found_by_its_id(world: World) -> None:
    world.deliver([a_mail(2), a_mail(1)])
    with world.channel() as channel:
        [mail, _] = fetch_all(channel)[0].messages
        world.server.reset_uidvalidity("mail")
        channel.file_copy(a_reply(in_reply_to=mail.external_id, sent_at=NOW))
    assert [flags for _, flags, _ in world.folder()] == [(), ("\\Answered", "\\Seen")]


def test_an_answered_mail_that_is_gone_does_not_stop_the_filing(world: World) -> None:
    with world.channel() as channel:
        channel.file_copy(a_reply(in_reply_to="Gone/1/1", sent_at=NOW))
        channel.file_copy(a_reply(in_reply_to="", sent_at=NOW))
        channel.file_copy(a_reply(in_reply_to="INBOX/999/5", sent_at=NOW))
    assert len(world.folder("Sent")) == 1


def test_a_folder_marked_as_sent_is_taken_before_a_new_one_is_made(world: World) -> None:
    with world.channel(sent_folder="Gesendet") as channel:
        channel.file_copy(a_reply(sent_at=NOW))
    assert len(world.folder("Sent")) == 1


def test_our_own_reply_comes_back_as_ours(world: World) -> None:
    with world.channel() as channel:
        channel.file_copy(a_reply(sent_at=NOW))
        [mail] = fetch_all(channel)[0].messages
    assert mail.direction == "out"
    assert mail.mail is not None
    assert mail.mail.message_id == "<r7.f00d@shop.example>"
    assert mail.customer is not None
    assert mail.customer.value == "hajo@brandt.example"


def test_a_mail_that_is_too_large_for_the_server_is_refused_before_it_goes(world: World) -> None:
    large = OutgoingFile("large.bin", "application/octet-stream", b"x" * 26_000_000)
    with world.channel() as channel, pytest.raises(Refused, match="the server takes 33554432"):
        channel.send(a_reply(files=(large,)))
    assert world.accepted == []
