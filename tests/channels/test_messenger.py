"""Messenger and private answers: the parser on a recorded answer, real requests to the sandbox's Graph."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from inbox_tui.channels.facebook.messenger import (
    UNREACHABLE,
    WORDLESS,
    parse_messages,
    read_conversations,
)
from inbox_tui.errors import BadAnswer, Closed, InboxError, OutcomeUnknown
from inbox_tui.model import Author, Direction, Incoming, Outgoing, ReplyKind
from inbox_tui.sandbox.certs import make_certificates
from inbox_tui.sandbox.faults import Faults
from inbox_tui.sandbox.graph_api import GraphServer
from inbox_tui.sandbox.graph_world import GraphWorld, Person

from .payloads import load, spoiled
from .test_facebook import DAY, HOUR, PAGE_ID, START, Stage

NOW = 1_795_166_000_000
"""An hour after the recorded messages."""


def recorded(now: int = NOW) -> dict[str, Incoming]:
    found, _ = read_conversations(load("messenger.json"), PAGE_ID)
    messages = [one for talk in found for one in parse_messages(talk, talk.messages.items, PAGE_ID, now)]
    return {one.external_id: one for one in messages}


def test_a_thread_is_the_conversation_with_one_person() -> None:
    found = recorded()
    first, ours, picture = found["m_a-1"], found["m_b-2"], found["m_c-3"]
    assert {one.thread_key for one in (first, ours, picture)} == {"messenger:24400000000000011"}
    assert (first.public, first.endless, first.direction) == (False, True, Direction.IN)
    assert first.author == Author("facebook", "24400000000000011", "Hajo B.")
    assert ours.direction is Direction.OUT and ours.customer == first.author
    assert picture.text == WORDLESS


def test_the_rest_of_a_conversation_is_asked_for_without_the_url_that_holds_the_token() -> None:
    (one, other), after = read_conversations(load("messenger.json"), PAGE_ID)
    assert (one.messages.after, other.messages.after, after) == ("B", "", "")


def test_that_he_cannot_be_reached_counts_while_it_is_not_for_the_window() -> None:
    assert recorded()["m_d-4"].why_not == UNREACHABLE
    assert recorded(NOW + 2 * DAY)["m_d-4"].can_reply


@given(answer=spoiled("messenger.json"))
def test_whatever_comes_is_read_or_refused(answer: Any) -> None:
    try:
        found, _ = read_conversations(answer, PAGE_ID)
    except BadAnswer:
        return
    for one in found:
        parse_messages(one, one.messages.items, PAGE_ID, NOW)


# Against the sandbox


@pytest.fixture(scope="module")
def tls() -> Any:
    return make_certificates()


@pytest.fixture
def town(tmp_path: Path, tls: Any) -> Iterator[Stage]:
    clock = [START]
    accepted: list[dict[str, object]] = []
    world = GraphWorld(lambda: clock[0], on_accept=accepted.append)
    tls.write_ca(tmp_path / "ca.pem")
    faults = Faults()
    with GraphServer(world, faults, tls.server) as server:
        made = Stage(world, server, faults, str(tmp_path / "ca.pem"), clock, accepted)
        yield made
        for channel in made.channels:
            channel.close()
        assert not server.server.failures


def hajo(town: Stage) -> Person:
    return town.world.person("Hajo B.")


def say(town: Stage, text: str = "Hello?", who: str = "Hajo B.") -> str:
    town.later()
    return town.world.messenger.say(town.world.person(who), text).id


def outgoing(town: Stage, text: str = "We look into it.", **more: Any) -> Outgoing:
    given: dict[str, Any] = {
        "reply_id": 1,
        "key": "k1",
        "thread_key": f"messenger:{hajo(town).id}",
        "in_reply_to": "",
        "to": Author("facebook", hajo(town).id, "Hajo B."),
        "text": text,
        "queued_at": town.clock[0],
        "last_in_at": town.clock[0],
    }
    return Outgoing(**given | more)


def private(town: Stage, comment: str, **more: Any) -> Outgoing:
    return outgoing(town, kind=ReplyKind.PRIVATE, in_reply_to=comment, thread_key="post:1", **more)


def ids(found: list[Incoming]) -> list[str]:
    return [one.external_id for one in found]


def test_conversations_come_after_the_comments_each_message_once(town: Stage) -> None:
    post = town.world.our_post("News")
    one, two = say(town), say(town, "Anybody?", "Petra Kurz")
    town.later(HOUR)
    found, cursor, pages = town.drain()
    assert sorted(ids(found)) == sorted([post, one, two])
    assert pages[-1].complete_until
    town.later(HOUR)
    three = say(town, "Still there?")
    assert ids(town.drain(cursor)[0]) == [one, three]


def test_a_long_conversation_is_read_back_to_where_the_walk_before_began(town: Stage) -> None:
    said = [say(town, f"line {n}") for n in range(130)]
    assert ids(town.drain()[0]) == said


def test_many_conversations_are_walked_to_the_last_that_moved(town: Stage) -> None:
    said = [say(town, "Hello", f"Person {n}") for n in range(120)]
    town.later(HOUR)
    found, cursor, _ = town.drain()
    assert sorted(ids(found)) == sorted(said)
    town.later(HOUR)
    new = say(town, "Again", "Person 3")
    assert ids(town.drain(cursor)[0]) == [said[3], new]


def test_a_walk_that_broke_off_goes_on(town: Stage) -> None:
    said = [say(town, "Hello", f"Person {n}") for n in range(120)]
    found: list[Incoming] = []
    cursor: Any = {}
    for _ in range(10):
        pages = town.channel().fetch(cursor, town.clock[0])
        page = next(pages)
        found, cursor = [*found, *page.messages], page.cursor
        pages.close()  # type: ignore[attr-defined]
    assert set(ids(found)) == set(said)


def test_a_token_without_the_right_is_told_of_and_comments_go_on(town: Stage) -> None:
    town.fault("forbidden", path="conversations")
    post = town.world.our_post("News")
    found, cursor, pages = town.drain()
    assert ids(found) == [post]
    lacks = [lack for page in pages for lack in page.lacks or ()]
    assert "pages_messaging" in lacks[0].message and "direct_messages = false" in lacks[0].hint
    assert pages[-1].complete_until
    town.faults.switch({"channel": "facebook", "fault": "forbidden", "on": False})
    assert town.drain(cursor)[2][-1].lacks == ()


def test_an_answer_goes_out_within_a_day_and_is_found_again(town: Stage) -> None:
    say(town)
    channel = town.channel()
    receipt = channel.send(outgoing(town))
    assert [(line["kind"], line["to"]) for line in town.accepted] == [("message", "Hajo B.")]
    found = channel.find_sent(outgoing(town))
    assert found is not None and found.external_id == receipt.external_id
    assert channel.find_sent(outgoing(town, "other words")) is None


def test_after_a_day_only_who_has_the_right_may_answer(town: Stage) -> None:
    say(town)
    last = town.clock[0]
    town.later(30 * HOUR)
    with pytest.raises(Closed, match="outside of allowed window"):
        town.channel().send(outgoing(town, last_in_at=last))
    assert town.channel(human_agent=True).send(outgoing(town, last_in_at=last)).external_id
    town.later(7 * DAY)
    with pytest.raises(Closed):
        town.channel(human_agent=True).send(outgoing(town, last_in_at=last))


def test_the_window_can_be_let_run_ahead(town: Stage) -> None:
    say(town)
    town.faults.switch({"channel": "facebook", "fault": "later", "hours": 25})
    with pytest.raises(Closed, match="outside of allowed window"):
        town.channel().send(outgoing(town))


def test_he_who_left_is_not_reached(town: Stage) -> None:
    say(town)
    town.world.messenger.leave(hajo(town))
    with pytest.raises(Closed, match="available"):
        town.channel().send(outgoing(town))


def test_what_a_thread_can_do_is_its_own(town: Stage) -> None:
    can = town.channel().can
    assert can.max_length == 8000 and can.hides and can.private_window == 7 * DAY
    assert can.privately is not None and not can.privately.hides
    assert (can.privately.max_length, can.privately.reply_window) == (2000, DAY)
    agent = town.channel(human_agent=True).can.privately
    assert agent is not None and agent.reply_window == 7 * DAY


def test_a_comment_is_answered_privately_once(town: Stage) -> None:
    comment = town.world.comment(town.world.our_post("News"), "Hajo B.", "My parcel?")
    channel = town.channel()
    receipt = channel.send(private(town, comment))
    assert receipt.thread_key == f"messenger:{hajo(town).id}"
    assert receipt.recipient == Author("facebook", hajo(town).id, "Hajo B.")
    (line,) = town.accepted
    assert (line["kind"], line["in_reply_to"]) == ("private_reply", comment)
    with pytest.raises(Closed, match="already replied") as caught:
        channel.send(private(town, comment, text="Once more"))
    assert "once" in caught.value.hint


def test_a_comment_is_not_answered_privately_after_a_week(town: Stage) -> None:
    comment = town.world.comment(town.world.our_post("News"), "Hajo B.", "My parcel?")
    town.later(7 * DAY + 1000)
    with pytest.raises(Closed, match="too old"):
        town.channel().send(private(town, comment))


def test_which_comments_can_be_answered_privately_comes_with_them(town: Stage) -> None:
    post = town.world.our_post("News")
    comment = town.world.comment(post, "Hajo B.", "My parcel?")
    answered = town.world.comment(post, "Petra Kurz", "Mine?")
    town.world.messenger.reply_privately(answered, "Hello")
    found = {one.external_id: one.private_reply for one in town.drain()[0]}
    assert (found[comment], found[answered], found[post]) == (True, False, False)


def test_a_private_answer_of_unknown_outcome_is_found(town: Stage) -> None:
    comment = town.world.comment(town.world.our_post("News"), "Somebody", "My parcel?", private=True)
    nobody = Author("facebook", None)
    town.fault("accepted_then_dropped", times=1)
    channel = town.channel()
    with pytest.raises(OutcomeUnknown):
        channel.send(private(town, comment, to=nobody))
    found = channel.find_sent(private(town, comment, to=nobody))
    assert found is not None and found.recipient is not None
    assert found.recipient.value == town.world.person("Somebody").id


def test_nobody_is_written_to_without_an_id(town: Stage) -> None:
    with pytest.raises(InboxError, match="nobody is known"):
        town.channel().send(replace(outgoing(town), to=Author("facebook", None)))


def test_a_look_at_the_login_says_that_messenger_is_missing(town: Stage) -> None:
    assert town.channel().examine().lacks == ()
    town.fault("forbidden", path="conversations")
    (lack,) = town.channel().examine().lacks
    assert "Messenger" in lack.message and "permission" in lack.hint
    assert town.channel(direct_messages=False).examine().lacks == ()
