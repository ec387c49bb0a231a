"""The channel X: its parsers on recorded answers, and the real tweepy against the sandbox's X."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_tui.channels.base import Channel, Page
from inbox_tui.channels.x import open_channel
from inbox_tui.channels.x.api import REPLY_PRICE, REPLY_WITH_URL_PRICE
from inbox_tui.channels.x.channel import XChannel
from inbox_tui.channels.x.parse import (
    NO_ID,
    NOT_SUMMONED,
    UNREAD,
    Me,
    later,
    parse_mentions,
    parse_own,
    read_listing,
    read_me,
    readable,
    same_words,
)
from inbox_tui.config import FacebookAccount, XAccount
from inbox_tui.credentials import Secret
from inbox_tui.errors import (
    BadAnswer,
    ChannelError,
    ConfigError,
    CredentialError,
    InboxError,
    LoginNeeded,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Temporary,
)
from inbox_tui.model import Author, Direction, Incoming, Kind, Outgoing
from inbox_tui.sandbox.certs import Certificates, make_certificates
from inbox_tui.sandbox.faults import Faults
from inbox_tui.sandbox.https import Answer
from inbox_tui.sandbox.x_api import XServer
from inbox_tui.sandbox.x_world import Account, Post, XWorld

from .payloads import anything, load, spoiled

START = 1_792_000_000_000
HOUR = 3_600_000
DAY = 24 * HOUR
ME = Me("2244000001", "Shop")
NOW = 1_795_200_000_000


# Parsers


@pytest.fixture(params=["x_mentions_tweet.json", "x_mentions_post.json"])
def mentions(request: pytest.FixtureRequest) -> dict[str, Incoming]:
    """The recorded mentions, in either dialect, by the last figures of their ids."""
    listing = read_listing(load(request.param), NOW)
    return {one.external_id[-3:]: one for one in parse_mentions(listing, ME)}


def test_both_dialects_bring_the_same_oldest_first(mentions: dict[str, Incoming]) -> None:
    assert list(mentions) == ["100", "101", "102", "103", "104", "105"]
    assert mentions["105"].text == "@Shop & friends: is <the L> back? https://photos.example/l"
    assert mentions["105"].author == Author("x", "2244001000", "Hajo Brandt", "@hajo")
    assert mentions["105"].permalink == "https://x.com/hajo/status/2060000000000000105"
    assert mentions["105"].sent_at == 1_795_162_800_000


def test_a_thread_is_one_author_in_one_conversation(mentions: dict[str, Incoming]) -> None:
    assert mentions["102"].thread_key == "2060000000000000100:2244001000"
    assert mentions["104"].thread_key == "2060000000000000050:2244002000"


def test_our_post_comes_with_the_mention_under_it(mentions: dict[str, Incoming]) -> None:
    post, mention = mentions["100"], mentions["102"]
    assert (post.kind, post.direction, post.thread_key) == (Kind.POST, Direction.OUT, "")
    assert mention.context == mention.in_reply_to == post.external_id
    assert mentions["103"].context == post.external_id
    assert mentions["105"].context == ""


def test_a_long_post_is_read_whole(mentions: dict[str, Incoming]) -> None:
    assert mentions["104"].text.endswith("here is its end. @Shop")


def test_only_who_mentions_or_quotes_the_account_can_be_answered(mentions: dict[str, Incoming]) -> None:
    answered = {key: (one.can_reply, one.why_not) for key, one in mentions.items() if key != "100"}
    assert answered.pop("101") == (False, NOT_SUMMONED)
    assert set(answered.values()) == {(True, "")}


def test_a_paid_app_may_answer_everybody() -> None:
    listing = read_listing(load("x_mentions_tweet.json"), NOW)
    assert all(one.can_reply for one in parse_mentions(listing, ME, summoned_only=False))


def test_a_conversation_that_began_with_us_is_known_by_its_id() -> None:
    listing = read_listing(load("x_mentions_tweet.json"), NOW)
    by_id = {one.external_id[-3:]: one for one in parse_mentions(listing, ME, roots=["2060000000000000050"])}
    assert by_id["104"].context == "2060000000000000050"


def test_our_own_posts_answer_a_customer_or_everybody() -> None:
    post, more, answer = parse_own(read_listing(load("x_own.json"), NOW), ME)
    assert (post.kind, more.kind, answer.kind) == (Kind.POST, Kind.POST, Kind.MESSAGE)
    assert answer.direction is Direction.OUT
    assert answer.thread_key == "2060000000000000100:2244001000"
    assert answer.customer == Author("x", "2244001000", "", "@hajo")
    assert answer.in_reply_to == "2060000000000000102"


def test_a_post_that_cannot_be_read_takes_no_other_with_it() -> None:
    payload = load("x_mentions_tweet.json")
    payload["data"][0] = {"id": {"odd": 1}, "text": "no id", "author_id": "2244001000"}
    payload["data"][1]["text"] = payload["data"][1]["note_tweet"] = 7
    payload["data"][2] = "not even an object"
    found = parse_mentions(read_listing(payload, NOW), ME)
    unread = [one for one in found if one.text == UNREAD]
    assert len(found) == 6 and len(unread) == 3
    assert {one.external_id[:7] for one in unread} == {"unread:", "2060000"}
    assert '"no id"' in unread[-1].full_text
    assert (unread[-1].can_reply, unread[-1].why_not) == (False, NO_ID)
    assert len({one.external_id for one in found}) == 6


@pytest.mark.parametrize(
    "spoil",
    [
        {"meta": None},
        {"data": {"id": "1"}},
        {"data": None},
        {"meta": {"result_count": 5, "next_token": 7}},
        {"meta": {"result_count": 5, "next_token": "a b\r\n"}},
    ],
)
def test_what_is_no_page_is_a_bad_answer(spoil: dict[str, Any]) -> None:
    with pytest.raises(BadAnswer):
        read_listing(load("x_mentions_tweet.json") | spoil, NOW)


@given(st.one_of(spoiled("x_mentions_tweet.json"), spoiled("x_mentions_post.json"), spoiled("x_own.json")))
def test_anything_in_any_field_raises_nothing_but_a_channel_error(payload: dict[str, Any]) -> None:
    try:
        listing = read_listing(payload, NOW)
    except ChannelError:
        return
    found = parse_mentions(listing, ME) + parse_own(listing, ME)
    for one in found:
        assert one.external_id and 1_000_000_000_000 < one.sent_at < 7_000_000_000_000
        json.dumps([one.text, one.thread_key, one.context])
    ours = {post.id for post in listing.posts if post.author == ME.id}
    kept = {one.external_id for one in parse_mentions(listing, ME)}
    assert {post.id for post in listing.posts if post.id} - ours <= kept


@given(anything)
def test_anything_as_our_own_user_raises_nothing_but_a_channel_error(value: Any) -> None:
    with pytest.raises(ChannelError):
        read_me({"data": value})


@given(st.integers(0, 10**19 - 1), st.integers(0, 10**19 - 1))
def test_the_later_of_two_ids_is_the_greater_number(one: int, other: int) -> None:
    assert later(str(one), str(other)) == str(max(one, other))


def test_the_handles_that_x_puts_before_a_reply_are_not_its_words() -> None:
    assert same_words("@hajo @lena_m Sorry & thanks", readable("Sorry &amp; thanks"))
    assert not same_words("@hajo Sorry", "Sorry, Hajo")


# Against the sandbox


@dataclass
class Stage:
    """A world, its server and our channel to it."""

    world: XWorld
    server: XServer
    faults: Faults
    shop: Account
    ca_file: str
    clock: list[int]
    accepted: list[dict[str, object]]
    channels: list[Channel] = field(default_factory=list)

    def account(self, **more: Any) -> XAccount:
        given: dict[str, Any] = {
            "name": "shop",
            "channel": "x",
            "handle": "@Shop",
            "api_url": self.server.url,
            "ca_file": self.ca_file,
        }
        return XAccount(**given | more)

    def channel(self, secret: str = "", **more: Any) -> XChannel:
        channel = XChannel(
            self.account(**more), Secret(secret or self.shop.bearer_token), lambda: self.clock[0]
        )
        self.channels.append(channel)
        return channel

    def mention(self, text: str = "@Shop hello", who: str = "@hajo", **more: Any) -> Post:
        self.clock[0] += 1000
        return self.world.post(who, text, **more)

    def fault(self, name: str, **more: object) -> None:
        self.faults.switch({"channel": "x", "fault": name, **more})

    def drain(self, cursor: Any = None, **more: Any) -> tuple[list[Incoming], Any, list[Page]]:
        """One fetch to its end."""
        pages = list(self.channel(**more).fetch(cursor or {}, self.clock[0]))
        return [one for page in pages for one in page.messages], pages[-1].cursor, pages

    def crawl(self, cursor: Any = None, *, steps: int = 200) -> tuple[list[Incoming], Any]:
        """Fetch as if the process died after every page, until a fetch of one page brings nothing."""
        found: list[Incoming] = []
        cursor = cursor or {}
        for _ in range(steps):
            pages = self.channel().fetch(json.loads(json.dumps(cursor)), self.clock[0])
            page = next(pages)
            pages.close()  # type: ignore[attr-defined]
            cursor = page.cursor
            found += page.messages
            if not page.messages and page.complete_until:
                return found, cursor
        raise AssertionError("the crawl does not come to an end")


@pytest.fixture(scope="module")
def certificates() -> Certificates:
    return make_certificates()


@pytest.fixture
def stage(tmp_path: Path, certificates: Certificates) -> Iterator[Stage]:
    clock = [START]
    accepted: list[dict[str, object]] = []
    world = XWorld(now=lambda: clock[0], on_accept=accepted.append)
    world.add_user("@hajo", "Hajo Brandt")
    world.add_user("@lena_m", "Lena M.")
    shop = world.add_account("shop", "@Shop", "Shop")
    certificates.write_ca(tmp_path / "ca.pem")
    faults = Faults()
    with XServer(world, faults, certificates.server) as server:
        made = Stage(world, server, faults, shop, str(tmp_path / "ca.pem"), clock, accepted)
        yield made
        for channel in made.channels:
            channel.close()
        assert not server.failures


def ids(messages: list[Incoming]) -> list[str]:
    return [one.external_id for one in messages]


def outgoing(post: Post, text: str, stage: Stage, in_reply_to: str | None = None) -> Outgoing:
    return Outgoing(
        reply_id=1,
        key="k1",
        thread_key=f"{post.conversation_id}:{post.author_id}",
        in_reply_to=post.id if in_reply_to is None else in_reply_to,
        to=Author("x", post.author_id),
        text=text,
        queued_at=stage.clock[0],
    )


def test_a_fetch_brings_mentions_then_our_own_and_then_only_what_is_new(stage: Stage) -> None:
    post = stage.world.post("@Shop", "New phones are in!")
    under = stage.mention("@Shop is anybody there?", in_reply_to=post.id)
    found, cursor, pages = stage.drain()
    assert ids(found) == [post.id, under.id, post.id]
    assert found[1].context == post.id
    assert found[1].author == Author("x", under.author_id, "Hajo Brandt", "@hajo")
    assert pages[0].complete_until == stage.clock[0] and pages[0].history_done
    assert stage.drain(cursor)[0] == []
    fresh = stage.mention()
    assert ids(stage.drain(cursor)[0]) == [fresh.id]


def test_a_reply_written_in_xs_own_app_lands_in_the_customers_thread(stage: Stage) -> None:
    mention = stage.mention()
    _, cursor, _ = stage.drain()
    stage.clock[0] += 1000
    answer = stage.world.post("@Shop", "We are here", in_reply_to=mention.id)
    (found,) = stage.drain(cursor)[0]
    assert found.external_id == answer.id and found.direction is Direction.OUT
    assert found.thread_key == f"{mention.id}:{mention.author_id}"
    assert found.customer == Author("x", mention.author_id, "", "@hajo")


def test_a_crash_after_any_page_loses_nothing(stage: Stage) -> None:
    made = [stage.mention(f"@Shop question {n}").id for n in range(230)]
    own = [stage.world.post("@Shop", f"news {n}").id for n in range(130)]
    found, cursor = stage.crawl()
    assert sorted(ids(found)) == sorted(made + own)
    later_ones = [stage.mention(f"@Shop again {n}").id for n in range(120)]
    again, _ = stage.crawl(cursor)
    assert sorted(ids(again)) == sorted(later_ones)


def test_news_that_come_while_a_walk_is_broken_off_are_found(stage: Stage) -> None:
    made = [stage.mention(f"@Shop question {n}").id for n in range(150)]
    pages = stage.channel().fetch({}, stage.clock[0])
    first = next(pages)
    fresh = stage.mention("@Shop meanwhile")
    rest, cursor, _ = stage.drain(first.cursor)
    assert sorted([*ids(list(first.messages)), *ids(rest)]) == sorted([*made, fresh.id])
    assert stage.drain(cursor)[0] == []


def test_a_page_token_that_ran_out_begins_the_walk_again(stage: Stage) -> None:
    made = [stage.mention(f"@Shop question {n}").id for n in range(150)]
    first = next(stage.channel().fetch({}, stage.clock[0]))
    cursor = json.loads(json.dumps(first.cursor))
    cursor["mentions"]["token"] = "expired"
    found, _, _ = stage.drain(cursor)
    assert set(ids(found)) == set(made)


def test_the_first_fetch_reaches_back_since_days_and_no_further(stage: Stage) -> None:
    stage.mention("@Shop long ago")
    stage.clock[0] += 20 * DAY
    fresh = stage.mention("@Shop now")
    assert ids(stage.drain(since_days=14)[0]) == [fresh.id]


def test_an_outage_of_more_than_800_mentions_leaves_a_gap_that_is_named(stage: Stage) -> None:
    known = stage.mention("@Shop before")
    _, cursor, _ = stage.drain()
    missed = [stage.mention(f"@Shop missed {n}") for n in range(900)]
    found, _, pages = stage.drain(cursor)
    assert ids(found) == [one.id for start in range(800, 0, -100) for one in missed[start : start + 100]]
    (gap,) = [page.gap for page in pages if page.gap]
    assert (gap.since, gap.until) == (known.created_at, missed[100].created_at)


def test_700_missed_mentions_leave_no_gap(stage: Stage) -> None:
    stage.mention()
    _, cursor, _ = stage.drain()
    missed = [stage.mention(f"@Shop missed {n}").id for n in range(700)]
    found, _, pages = stage.drain(cursor)
    assert sorted(ids(found)) == sorted(missed)
    assert not any(page.gap for page in pages)


def test_nothing_more_is_asked_once_what_may_be_spent_is_spent(stage: Stage) -> None:
    channel = stage.channel()
    stage.mention("@Shop one")
    channel.allow(20_500)
    with pytest.raises(RateLimited, match="budget") as caught:
        list(channel.fetch({}, stage.clock[0]))
    assert caught.value.reset == (stage.clock[0] // DAY + 1) * DAY
    channel.allow(None)
    assert list(channel.fetch({}, stage.clock[0]))


def test_what_is_read_is_paid_once_a_day(stage: Stage) -> None:
    channel = stage.channel()
    stage.mention("@Shop one")
    stage.mention("@Shop two")
    pages = list(channel.fetch({}, stage.clock[0]))
    # our own user, the customer, two mentions
    assert sum(page.spend for page in pages) == 10_000 + 10_000 + 2 * 1_000
    stage.mention("@Shop three")
    pages = list(channel.fetch(pages[-1].cursor, stage.clock[0]))
    assert sum(page.spend for page in pages) == 1_000


def test_a_reply_is_delivered_and_receipted(stage: Stage) -> None:
    mention = stage.mention()
    channel = stage.channel()
    receipt = channel.send(outgoing(mention, "We are here, Hajo.", stage))
    (line,) = stage.accepted
    assert (line["text"], line["in_reply_to"]) == ("We are here, Hajo.", mention.id)
    assert receipt.external_id == line["id"] and receipt.spend == REPLY_PRICE
    assert receipt.permalink == f"https://x.com/Shop/status/{receipt.external_id}"
    assert receipt.sent_at == stage.clock[0]
    other = stage.mention("@Shop hello?", who="@lena_m")
    assert channel.send(outgoing(other, "See www.example.com", stage)).spend == REPLY_WITH_URL_PRICE


def test_oauth1_signs_for_the_host_that_is_asked(stage: Stage) -> None:
    names = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
    keys = json.dumps({name: getattr(stage.shop, name) for name in names})
    channel = stage.channel(keys, auth="oauth1")
    mention = stage.mention()
    assert ids([one for page in channel.fetch({}, stage.clock[0]) for one in page.messages]) == [mention.id]
    assert channel.send(outgoing(mention, "Here", stage)).external_id


def test_refusals_say_why_and_what_to_do(stage: Stage) -> None:
    channel = stage.channel()
    mention = stage.mention()
    channel.send(outgoing(mention, "Thanks", stage))
    with pytest.raises(Refused, match="duplicate content") as twice:
        channel.send(outgoing(mention, "Thanks", stage))
    assert "change the text" in twice.value.hint
    stranger = stage.mention("nobody is meant", who="@lena_m")
    with pytest.raises(Refused, match="not been mentioned") as unsummoned:
        channel.send(outgoing(stranger, "Hello", stage))
    assert "own app" in unsummoned.value.hint
    with pytest.raises(Refused, match="deleted or not visible"):
        channel.send(outgoing(mention, "Hello?", stage, in_reply_to="17"))
    with pytest.raises(Refused, match="too long"):
        channel.send(outgoing(mention, "x" * 300, stage))
    with pytest.raises(Refused, match="unread:"):
        channel.send(outgoing(mention, "Hello", stage, in_reply_to="unread:0123"))
    assert len(stage.accepted) == 1


@pytest.mark.parametrize("reset", [None, 90])
def test_a_rate_limit_is_told_with_its_end_where_x_says(stage: Stage, reset: int | None) -> None:
    mention = stage.mention()
    stage.fault("rate_limit", reset=reset)
    expected = None if reset is None else stage.clock[0] + 90_000
    for act in (
        lambda: stage.drain(),
        lambda: stage.channel().send(outgoing(mention, "Hello", stage)),
        lambda: stage.channel().find_sent(outgoing(mention, "Hello", stage)),
    ):
        with pytest.raises(RateLimited) as limited:
            act()
        assert limited.value.reset == expected
    assert stage.accepted == []


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"name": "unauthorized"}, LoginNeeded),
        ({"name": "rate_limit", "reset": 60}, RateLimited),
        ({"name": "html_503"}, Temporary),
        ({"name": "cut"}, BadAnswer),
        ({"name": "cut", "bytes": 0}, BadAnswer),
    ],
)
def test_a_fault_in_mid_run_loses_nothing_and_doubles_nothing(
    stage: Stage, fault: dict[str, Any], error: type[InboxError]
) -> None:
    made = [stage.mention(f"@Shop question {n}").id for n in range(250)]
    pages = stage.channel().fetch({}, stage.clock[0])
    stored = [next(pages)]
    stage.fault(**fault, times=1)
    with pytest.raises(error):
        stored += list(pages)
    stored += list(stage.channel().fetch(stored[-1].cursor, stage.clock[0]))
    found = [one for page in stored for one in page.messages]
    assert sorted(ids(found)) == sorted(made)


def test_slow_bytes_still_arrive(stage: Stage) -> None:
    mention = stage.mention()
    stage.fault("slow", bytes=400, times=2)
    assert ids(stage.drain()[0]) == [mention.id]


@pytest.mark.parametrize("fault", [{"name": "accepted_then_dropped"}, {"name": "cut", "path": "/2/tweets"}])
def test_a_reply_whose_answer_is_lost_is_unknown_and_then_found(stage: Stage, fault: dict[str, Any]) -> None:
    mention = stage.mention("@Shop a < b & c?")
    reply = outgoing(mention, "a < b & c: https://shop.example/x", stage)
    channel = stage.channel()
    stage.fault(**fault, times=1)
    with pytest.raises(OutcomeUnknown) as unknown:
        channel.send(reply)
    assert "look on the platform" in unknown.value.hint
    stage.world.post("@Shop", "something else", in_reply_to=mention.id)
    receipt = channel.find_sent(reply)
    assert receipt is not None and receipt.external_id == stage.accepted[0]["id"]
    assert receipt.permalink.endswith(receipt.external_id)


def test_a_503_after_a_write_is_unknown_and_nothing_is_found(stage: Stage) -> None:
    mention = stage.mention()
    reply = outgoing(mention, "Hello", stage)
    stage.fault("html_503", times=1)
    with pytest.raises(OutcomeUnknown):
        stage.channel().send(reply)
    assert stage.channel().find_sent(reply) is None


def test_a_reply_looks_found_only_under_its_own_post(stage: Stage) -> None:
    mention, other = stage.mention(), stage.mention(who="@lena_m")
    stage.channel().send(outgoing(mention, "Thanks", stage))
    assert stage.channel().find_sent(outgoing(other, "Thanks", stage)) is None


def test_a_token_of_somebody_else_is_named(stage: Stage) -> None:
    with pytest.raises(LoginNeeded, match="@Shop, not to @Other"):
        list(stage.channel(handle="@Other").fetch({}, stage.clock[0]))


def test_a_wrong_token_asks_for_a_login_and_does_not_show_it(stage: Stage) -> None:
    with pytest.raises(LoginNeeded) as error:
        list(stage.channel("wrong-token-123").fetch({}, stage.clock[0]))
    assert "wrong-token-123" not in f"{error.value} {error.value.hint}"


@pytest.mark.parametrize("body", ["[" * 200_000, "<html></html>", "7", '"text"', '{"data": [', "{}", ""])
def test_an_answer_that_is_not_what_is_documented_is_never_a_crash(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    mention = stage.mention()
    reply = outgoing(mention, "Hello", stage)
    monkeypatch.setattr(stage.server._http, "handler", lambda request: Answer(200, body))
    with pytest.raises(BadAnswer):
        stage.drain()
    with pytest.raises(BadAnswer):
        stage.channel().find_sent(reply)
    with pytest.raises(OutcomeUnknown):
        stage.channel().send(reply)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
@pytest.mark.parametrize(
    "body", [[], 7, {"errors": 7}, {"errors": [3]}, {"error": []}, {"error": {"code": "x"}}, {"detail": {}}]
)
def test_an_error_in_no_known_shape_is_never_a_crash(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, status: int, body: object
) -> None:
    mention = stage.mention()
    reply = outgoing(mention, "Hello", stage)
    monkeypatch.setattr(stage.server._http, "handler", lambda request: Answer(status, body))
    with pytest.raises(ChannelError) as reading:
        stage.drain()
    assert not isinstance(reading.value, OutcomeUnknown)
    with pytest.raises(ChannelError) as writing:
        stage.channel().send(reply)
    assert isinstance(writing.value, OutcomeUnknown) is (status == 500)


@pytest.mark.parametrize("cursor", [{"mentions": 7}, {"me": None, "odd": []}])
def test_a_cursor_of_another_version_begins_anew(stage: Stage, cursor: dict[str, Any]) -> None:
    mention = stage.mention()
    assert ids(stage.drain(cursor)[0]) == [mention.id]


def test_what_does_not_fit_is_said_before_a_connection_is_opened(stage: Stage) -> None:
    with pytest.raises(ConfigError, match="not an account on X"):
        open_channel(FacebookAccount(name="f", channel="facebook", page_id="1"), Secret("t"))
    with pytest.raises(CredentialError, match="JSON object"):
        stage.channel("{}", auth="oauth1")
    with pytest.raises(CredentialError) as blank:
        stage.channel("two words-secret")
    assert "words" not in str(blank.value)


def test_a_channel_follows_the_protocol(stage: Stage) -> None:
    channel = open_channel(stage.account(), Secret("token"))
    assert isinstance(channel, Channel)
    assert channel.can.public and channel.can.max_length == 280
    channel.close()
    channel.close()
