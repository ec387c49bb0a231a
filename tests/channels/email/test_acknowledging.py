"""An acknowledgement as a mail: marked as automatic, and without a return path."""

from __future__ import annotations

import email
import email.policy

from inbox_tui.channels.email.compose import compose
from inbox_tui.channels.email.parse import parse
from inbox_tui.channels.email.records import Envelope, Ours
from inbox_tui.model import Automatic, Direction, ReplyKind
from tests.channels.email.test_compose import ACCOUNT
from tests.channels.email.world import NOW, OURS, World, a_mail, a_reply

ACK = a_reply(kind=ReplyKind.ACK, text="We have it.")


def test_it_is_marked_for_machines_and_names_what_it_acknowledges() -> None:
    mail = email.message_from_bytes(compose(ACCOUNT, ACK, NOW), policy=email.policy.default)
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["In-Reply-To"] == "<1@brandt.example>"
    assert mail["References"] == "<0@brandt.example> <1@brandt.example>"
    assert compose(ACCOUNT, ACK, NOW) == compose(ACCOUNT, ACK, NOW), "the copy in Sent is the very mail"


def test_a_reply_of_an_agent_is_not() -> None:
    mail = email.message_from_bytes(compose(ACCOUNT, a_reply(), NOW), policy=email.policy.default)
    assert mail["Auto-Submitted"] is None
    assert mail["X-Auto-Response-Suppress"] is None


def test_whoever_gets_it_knows_that_a_machine_wrote_it() -> None:
    raw = compose(ACCOUNT, ACK, NOW)
    there = parse(raw, Envelope("INBOX/1/1", NOW), Ours(frozenset(), frozenset(), ""))
    assert there.automatic is Automatic.REPLY
    echo = parse(raw, Envelope("Sent/1/1", NOW, sent_folder=True), OURS)
    assert (echo.direction, echo.automatic) == (Direction.OUT, Automatic.REPLY)


def test_it_has_no_return_path_and_a_reply_has_one(world: World) -> None:
    with world.channel() as channel:
        channel.send(ACK)
        channel.send(a_reply())
    assert [one.get("null_return_path", False) for one in world.accepted] == [True, False]


def test_its_copy_is_filed_and_the_customers_mail_is_not_marked_as_answered(world: World) -> None:
    world.deliver([a_mail(1)])
    with world.channel() as channel:
        pages = list(channel.fetch({}, NOW))
        external = next(m.external_id for page in pages for m in page.messages)
        channel.file_copy(a_reply(kind=ReplyKind.ACK, in_reply_to=external))
        [(_, flags, _)] = world.folder()
        assert "\\Answered" not in flags
        channel.file_copy(a_reply(in_reply_to=external))
        [(_, flags, _)] = world.folder()
        assert "\\Answered" in flags
    assert len(world.folder("Sent")) == 1
