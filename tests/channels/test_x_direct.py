"""Direct messages on X: the parser on a recorded answer, and the real tweepy against the sandbox's X."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from inbox_tui.channels.x.api import SEND_DIRECT_PRICE
from inbox_tui.channels.x.direct import IN_A_GROUP, UNREAD, parse_events, read_events
from inbox_tui.channels.x.direct_fetch import CALLS, WINDOW
from inbox_tui.errors import BadAnswer, Closed, InboxError, OutcomeUnknown, Refused
from inbox_tui.model import Author, Direction, Incoming, Outgoing
from inbox_tui.sandbox.certs import make_certificates
from inbox_tui.sandbox.faults import Faults
from inbox_tui.sandbox.x_api import XServer
from inbox_tui.sandbox.x_world import User, XWorld

from .payloads import load, spoiled
from .test_x import ME, NOW, START, Stage

HAJO = "2244001000"


def recorded() -> dict[str, Incoming]:
    """By the last three figures of their ids."""
    page = read_events(load("x_direct.json"), NOW)
    return {one.external_id[-3:]: one for one in parse_events(page.events, page.users, ME)}


def test_a_thread_is_the_conversation_with_one_customer() -> None:
    found = recorded()
    assert list(found) == ["301", "302", "304", "305"]
    first = found["301"]
    assert (first.direction, first.public, first.endless) == (Direction.IN, False, True)
    assert first.thread_key == f"dm:2244000001-{HAJO}"
    assert first.author == Author("x", HAJO, "Hajo Brandt", "@hajo")
    assert first.text == "My number is 1 < 2"


def test_our_own_lies_with_the_customer() -> None:
    ours = recorded()["302"]
    assert (ours.direction, ours.thread_key) == (Direction.OUT, f"dm:2244000001-{HAJO}")
    assert ours.customer == Author("x", HAJO, "Hajo Brandt", "@hajo")


def test_in_a_group_nobody_is_answered() -> None:
    grouped = recorded()["305"]
    assert (grouped.can_reply, grouped.why_not) == (False, IN_A_GROUP)
    assert grouped.thread_key.endswith(f":{HAJO}")


def test_one_that_cannot_be_read_is_kept() -> None:
    odd = recorded()["304"]
    assert odd.text == UNREAD and "2060000000000000304" in odd.full_text


@given(answer=spoiled("x_direct.json"))
def test_whatever_comes_is_read_or_refused(answer: Any) -> None:
    try:
        page = read_events(answer, NOW)
    except BadAnswer:
        return
    parse_events(page.events, page.users, ME)


# Against the sandbox


@pytest.fixture(scope="module")
def tls() -> Any:
    return make_certificates()


@pytest.fixture
def town(tmp_path: Path, tls: Any) -> Iterator[Stage]:
    clock = [START]
    accepted: list[dict[str, object]] = []
    world = XWorld(now=lambda: clock[0], on_accept=accepted.append)
    shop = world.add_account("shop", "@Shop", "Shop")
    tls.write_ca(tmp_path / "ca.pem")
    faults = Faults()
    with XServer(world, faults, tls.server) as server:
        made = Stage(world, server, faults, shop, str(tmp_path / "ca.pem"), clock, accepted)
        yield made
        for channel in made.channels:
            channel.close()
        assert not server.failures


def hajo(town: Stage) -> User:
    return town.world.add_user("@hajo", "Hajo Brandt")


def say(town: Stage, text: str) -> str:
    town.clock[0] += 1000
    return town.world.direct.say(hajo(town), town.shop.user, text).id


def outgoing(town: Stage, text: str = "We look into it.") -> Outgoing:
    user = hajo(town)
    return Outgoing(
        reply_id=1,
        key="k1",
        thread_key=f"dm:{town.shop.user.id}-{user.id}",
        in_reply_to="",
        to=Author("x", user.id, user.name),
        text=text,
        queued_at=town.clock[0],
    )


def ids(found: list[Incoming]) -> list[str]:
    return [one.external_id for one in found]


def test_direct_messages_come_after_the_mentions_each_once(town: Stage) -> None:
    hajo(town)
    mention = town.mention()
    one, two = say(town, "one"), say(town, "two")
    found, cursor, _ = town.drain()
    assert ids(found) == [mention.id, one, two]
    three = say(town, "three")
    town.clock[0] += WINDOW
    found, cursor, _ = town.drain(cursor)
    assert ids(found) == [three]
    town.clock[0] += WINDOW
    assert town.drain(cursor)[0] == []


def test_all_pages_are_read_until_one_that_is_known(town: Stage) -> None:
    first = say(town, "first")
    _, cursor, _ = town.drain()
    more = [say(town, f"more {n}") for n in range(130)]
    town.clock[0] += WINDOW
    found, cursor, _ = town.drain(cursor)
    assert sorted(ids(found)) == sorted(more) and first not in ids(found)


def test_a_desk_that_asks_all_the_time_never_uses_up_what_x_allows(town: Stage) -> None:
    cursor: Any = {}
    asked = 0
    for _ in range(WINDOW // 10_000):
        _, cursor, _ = town.drain(cursor)
        town.clock[0] += 10_000
        asked = max(asked, len(cursor["direct"]["calls"]))
    assert 5 < asked <= CALLS
    text = say(town, "at last")
    town.clock[0] += WINDOW // 4
    assert text in ids(town.drain(cursor)[0])


def test_a_token_without_the_right_is_told_of_and_mentions_go_on(town: Stage) -> None:
    town.fault("forbidden", path="dm_events")
    mention = town.world.post(hajo(town).handle, "@Shop hello")
    found, cursor, pages = town.drain()
    assert ids(found) == [mention.id]
    lacks = [lack for page in pages for lack in page.lacks or ()]
    assert [lack.message.partition(":")[0] for lack in lacks] == ["direct messages are not read"]
    assert "direct_messages = false" in lacks[0].hint
    town.faults.switch({"channel": "x", "fault": "forbidden", "on": False})
    assert town.drain(cursor)[2][-1].lacks == ()


def test_a_limit_on_direct_messages_leaves_mentions_alone(town: Stage) -> None:
    town.fault("rate_limit", path="dm_events", reset=600)
    hajo(town)
    _, cursor, _ = town.drain()
    assert cursor["direct"]["rest_until"] > town.clock[0] + 500_000
    mention = town.mention()
    assert ids(town.drain(cursor)[0]) == [mention.id]


def test_who_does_not_want_them_is_not_charged(town: Stage) -> None:
    say(town, "one")
    _, cursor, pages = town.drain(direct_messages=False)
    assert cursor["direct"]["calls"] == []
    assert not any(page.messages for page in pages)


def test_each_costs_a_cent_once_a_day(town: Stage) -> None:
    say(town, "one")
    channel = town.channel()
    pages = list(channel.fetch({}, town.clock[0]))
    # The day's question who we are, the sender, and the message.
    assert sum(page.spend for page in pages) == 30_000
    cursor = pages[-1].cursor
    again = list(town.channel().fetch(cursor, town.clock[0]))
    assert sum(page.spend for page in again) == 0, "another process knows that it was paid today"
    town.clock[0] += 24 * 3_600_000
    assert sum(page.spend for page in town.channel().fetch(cursor, town.clock[0])) == 20_000


def test_a_direct_message_is_sent_and_found_again(town: Stage) -> None:
    say(town, "hello")
    channel = town.channel()
    long = "a" * 9_999
    receipt = channel.send(outgoing(town, long))
    assert receipt.spend == SEND_DIRECT_PRICE
    assert [(line["kind"], line["to"]) for line in town.accepted] == [("dm", "@hajo")]
    found = channel.find_sent(outgoing(town, long))
    assert found is not None and found.external_id == receipt.external_id
    assert channel.find_sent(outgoing(town, "other words")) is None


def test_one_that_was_accepted_without_an_answer_is_found(town: Stage) -> None:
    say(town, "hello")
    town.fault("accepted_then_dropped", times=1)
    channel = town.channel()
    with pytest.raises(OutcomeUnknown):
        channel.send(outgoing(town))
    assert channel.find_sent(outgoing(town)) is not None


def test_he_who_takes_none_closes_the_thread(town: Stage) -> None:
    say(town, "hello")
    town.world.direct.takes(hajo(town), yes=False)
    with pytest.raises(Closed, match="takes no direct messages") as caught:
        town.channel().send(outgoing(town))
    assert "in public" in caught.value.hint


def test_who_never_wrote_cannot_be_written_to_unless_he_is_open(town: Stage) -> None:
    with pytest.raises(Closed):
        town.channel().send(outgoing(town))
    town.world.direct.takes(hajo(town), yes=True)
    assert town.channel().send(outgoing(town)).external_id


def test_a_missing_right_to_send_closes_nothing(town: Stage) -> None:
    say(town, "hello")
    town.fault("forbidden", path="dm_conversations")
    with pytest.raises(Refused) as caught:
        town.channel().send(outgoing(town))
    assert not isinstance(caught.value, Closed) and "dm.write" in caught.value.hint


def test_nobody_is_written_to_without_an_id(town: Stage) -> None:
    with pytest.raises(InboxError, match="nobody is known"):
        town.channel().send(replace(outgoing(town), to=Author("x", None)))


def test_a_public_and_a_private_thread_count_their_letters_apart(town: Stage) -> None:
    can = town.channel().can
    assert can.max_length == 280 and can.link_price
    assert can.privately is not None
    assert (can.privately.max_length, can.privately.link_price) == (10_000, 0)
