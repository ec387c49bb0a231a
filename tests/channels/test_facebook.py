"""The channel Facebook: its parsers on recorded answers, and real requests to the sandbox's Graph."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given

from inbox_tui.channels.base import Channel, Page
from inbox_tui.channels.facebook import open_channel
from inbox_tui.channels.facebook.api import read_usage
from inbox_tui.channels.facebook.channel import FacebookChannel
from inbox_tui.channels.facebook.parse import (
    NO_ID,
    UNREAD,
    Post,
    parse_comments,
    parse_posts,
    read_comments_by,
    read_listing,
)
from inbox_tui.config import FacebookAccount, XAccount
from inbox_tui.credentials import Secret
from inbox_tui.errors import (
    BadAnswer,
    ChannelError,
    ConfigError,
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
from inbox_tui.sandbox.graph_api import GraphServer
from inbox_tui.sandbox.graph_world import GraphWorld
from inbox_tui.sandbox.https import Answer

from .payloads import load, spoiled

START = 1_795_000_000_000
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NOW = 1_795_200_000_000
PAGE_ID = "104400000000017"


# Parsers


def recorded_posts() -> tuple[Post, ...]:
    return parse_posts(read_listing(load("facebook_feed.json")), PAGE_ID, NOW)


def recorded_comments(post: Post | None = None) -> dict[str, Incoming]:
    """By the last two figures of their ids."""
    found = parse_comments(
        read_listing(load("facebook_comments.json")), post or recorded_posts()[1], PAGE_ID, NOW
    )
    return {one.external_id[-2:]: one for one in found}


def test_a_visitors_post_is_a_message_and_ours_is_context() -> None:
    visitor, ours, private = (post.incoming for post in recorded_posts())
    assert (visitor.kind, visitor.direction) == (Kind.MESSAGE, Direction.IN)
    assert visitor.thread_key == f"{visitor.external_id}:24400000000000018"
    assert visitor.author == Author("facebook", "24400000000000018", "Petra Kurz")
    assert visitor.sent_at == 1_795_163_400_000
    assert (ours.kind, ours.direction, ours.thread_key) == (Kind.POST, Direction.OUT, "")
    assert private.author == Author("facebook", None) and private.text == ""
    assert private.thread_key == f"{private.external_id}:{private.external_id}"


def test_a_thread_is_one_commenter_under_one_post() -> None:
    found = recorded_comments()
    post = recorded_posts()[1].id
    assert list(found) == ["31", "32", "33", "34", "35"]
    assert found["31"].thread_key == f"{post}:24400000000000011"
    assert found["33"].thread_key == f"{post}:24400000000000025"
    assert found["34"].thread_key == f"{post}:122100000000010_122100000000034"
    assert all(one.context == post for one in found.values())
    assert found["31"].in_reply_to == post
    assert found["33"].in_reply_to == "122100000000010_122100000000031"


def test_the_pages_own_comment_lies_with_the_commenter_it_answers() -> None:
    found = recorded_comments()
    assert found["32"].direction is Direction.OUT and found["32"].kind is Kind.MESSAGE
    assert found["32"].thread_key == found["31"].thread_key
    assert found["32"].customer == Author("facebook", "24400000000000011", "Hajo B.")
    assert (found["35"].kind, found["35"].thread_key, found["35"].customer) == (Kind.POST, "", None)


def test_under_a_visitors_post_the_page_answers_the_visitor() -> None:
    visitor = recorded_posts()[0]
    found = recorded_comments(visitor)
    assert found["35"].thread_key == visitor.incoming.thread_key
    assert found["35"].customer == visitor.author
    assert found["35"].context == ""


def test_what_cannot_be_read_takes_nothing_else_with_it() -> None:
    payload = load("facebook_comments.json")
    payload["data"][0] = ["odd"]
    payload["data"][1]["message"] = {"deep": "words"}
    del payload["data"][2]["id"]
    found = parse_comments(read_listing(payload), recorded_posts()[1], PAGE_ID, NOW)
    unread = [one for one in found if one.text == UNREAD]
    assert len(found) == 5 and len(unread) == 3 and len({one.external_id for one in found}) == 5
    assert any("deep" in one.full_text for one in unread)
    assert {(one.can_reply, one.why_not) for one in unread} == {(False, NO_ID), (True, "")}


@pytest.mark.parametrize(
    "spoil",
    [
        {"data": None},
        {"data": {}},
        {"paging": {"next": "https://x"}},
        {"paging": {"next": 1, "cursors": {"after": "a\n"}}},
    ],
)
def test_what_is_no_page_is_a_bad_answer(spoil: dict[str, Any]) -> None:
    with pytest.raises(BadAnswer):
        read_listing(load("facebook_feed.json") | spoil)


@given(spoiled("facebook_feed.json"), spoiled("facebook_comments.json"))
def test_anything_in_any_field_raises_nothing_but_a_channel_error(
    feed: dict[str, Any], comments: dict[str, Any]
) -> None:
    try:
        posts = parse_posts(read_listing(feed), PAGE_ID, NOW)
        listing = read_listing(comments)
    except ChannelError:
        return
    assert len(posts) == len(feed["data"])
    for post in posts:
        found = (*parse_comments(listing, post, PAGE_ID, NOW), post.incoming)
        assert len(found) == len(listing.items) + 1
        for one in found:
            assert one.external_id and 1_000_000_000_000 < one.sent_at < 7_000_000_000_000
            assert bool(one.thread_key) is (one.kind is Kind.MESSAGE)
    assert len(read_comments_by(listing, PAGE_ID)) <= len(listing.items)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, (0, None)),
        ({"X-App-Usage": '{"call_count":28,"total_time":25,"total_cputime":81}'}, (81, None)),
        (
            {
                "X-App-Usage": '{"call_count":28}',
                "X-Business-Use-Case-Usage": '{"1":[{"type":"pages","call_count":100,'
                '"estimated_time_to_regain_access":19}]}',
            },
            (100, NOW + 19 * MINUTE),
        ),
        (
            {"X-App-Usage": "no json", "X-Business-Use-Case-Usage": '{"1":7,"2":[3,{"call_count":"x"}]}'},
            (0, None),
        ),
    ],
)
def test_usage_headers_are_read_whatever_they_hold(
    headers: dict[str, str], expected: tuple[int, int | None]
) -> None:
    response = requests.Response()
    response.headers.update(headers)
    assert read_usage(response, NOW) == expected


# Against the sandbox


@dataclass
class Stage:
    """A page, its server and our channel to it."""

    world: GraphWorld
    server: GraphServer
    faults: Faults
    ca_file: str
    clock: list[int]
    accepted: list[dict[str, object]]
    channels: list[Channel] = field(default_factory=list)

    def account(self, **more: Any) -> FacebookAccount:
        given: dict[str, Any] = {
            "name": "page",
            "channel": "facebook",
            "page_id": self.world.page.id,
            "api_url": f"{self.server.url}/v26.0",
            "ca_file": self.ca_file,
        }
        return FacebookAccount(**given | more)

    def channel(self, secret: str = "", **more: Any) -> FacebookChannel:
        channel = FacebookChannel(
            self.account(**more), Secret(secret or self.world.token), lambda: self.clock[0]
        )
        self.channels.append(channel)
        return channel

    def fault(self, name: str, **more: object) -> None:
        self.faults.switch({"channel": "facebook", "fault": name, **more})

    def later(self, milliseconds: int = 1000) -> int:
        self.clock[0] += milliseconds
        return self.clock[0]

    def drain(self, cursor: Any = None, **more: Any) -> tuple[list[Incoming], Any, list[Page]]:
        """One fetch to its end."""
        pages = list(self.channel(**more).fetch(cursor or {}, self.clock[0]))
        return [one for page in pages for one in page.messages], pages[-1].cursor, pages

    def crawl(self, cursor: Any = None, *, steps: int = 300) -> tuple[list[Incoming], Any]:
        """Fetch as if the process died after every page, until one says that all is here."""
        found: list[Incoming] = []
        cursor = cursor or {}
        for _ in range(steps):
            pages = self.channel().fetch(json.loads(json.dumps(cursor)), self.clock[0])
            page = next(pages)
            pages.close()  # type: ignore[attr-defined]
            cursor = page.cursor
            assert len(json.dumps(cursor)) < 1000
            found += page.messages
            if page.complete_until:
                return found, cursor
        raise AssertionError("the crawl does not come to an end")

    def crowd(self, posts: int, comments: int) -> set[str]:
        """So many posts, ours and visitors' in turn, with so many comments under each."""
        made = set()
        for number in range(posts):
            self.later()
            text = f"post {number}"
            post = self.world.our_post(text) if number % 2 else self.world.post(f"Visitor {number}", text)
            made.add(post)
            for one in range(comments):
                made.add(self.world.comment(post, f"Person {one}", f"comment {one}", at=self.later(10)))
        return made


@pytest.fixture(scope="module")
def certificates() -> Certificates:
    return make_certificates()


@pytest.fixture
def stage(tmp_path: Path, certificates: Certificates) -> Iterator[Stage]:
    clock = [START]
    accepted: list[dict[str, object]] = []
    world = GraphWorld(lambda: clock[0], on_accept=accepted.append)
    certificates.write_ca(tmp_path / "ca.pem")
    faults = Faults()
    with GraphServer(world, faults, certificates.server) as server:
        made = Stage(world, server, faults, str(tmp_path / "ca.pem"), clock, accepted)
        yield made
        for channel in made.channels:
            channel.close()
        assert not server.server.failures


def ids(messages: list[Incoming]) -> list[str]:
    return [one.external_id for one in messages]


def outgoing(object_id: str, text: str, stage: Stage) -> Outgoing:
    return Outgoing(
        reply_id=1,
        key="k1",
        thread_key="post:person",
        in_reply_to=object_id,
        to=Author("facebook", "1"),
        text=text,
        queued_at=stage.clock[0],
    )


def test_a_fetch_brings_posts_then_their_comments(stage: Stage) -> None:
    ours = stage.world.our_post("New phones are in!")
    comment = stage.world.comment(ours, "Hajo B.", "Is anybody there?", at=stage.later())
    answer = stage.world.our_comment(comment, "Yes")
    visitor = stage.world.post("Petra Kurz", "Is the L back?", at=stage.later())
    found, _, pages = stage.drain()
    assert ids(found) == [visitor, ours, comment, answer]
    assert found[3].thread_key == found[2].thread_key and found[3].customer == found[2].author
    assert pages[-1].complete_until == stage.clock[0] and pages[-1].history_done


def test_a_new_comment_on_an_old_post_is_found(stage: Stage) -> None:
    old = stage.world.our_post("Ancient", at=START - 300 * DAY)
    stage.world.comment(old, "Ali Demir", "long ago", at=START - 299 * DAY)
    for number in range(120):
        stage.world.our_post(f"newer {number}", at=START - 200 * DAY + number)
    found, cursor, _ = stage.drain()
    assert found == []
    stage.later(HOUR)
    comment = stage.world.comment(old, "Hajo B.", "still sold?")
    found, _, _ = stage.drain(cursor)
    assert ids(found) == [old, comment]


def test_the_overlap_finds_what_came_late_and_no_more_is_read_again(stage: Stage) -> None:
    post = stage.world.our_post("News")
    _, cursor, _ = stage.drain(overlap_minutes=10)
    stage.later(HOUR)
    late = stage.world.comment(post, "Hajo B.", "late", at=stage.clock[0] - 5 * MINUTE)
    _, cursor, _ = stage.drain(cursor, overlap_minutes=10)
    slow = stage.world.comment(post, "Lena M.", "visible only now", at=stage.clock[0] - 9 * MINUTE)
    found, cursor, _ = stage.drain(cursor, overlap_minutes=10)
    assert {late, slow} <= set(ids(found))
    stage.later(HOUR)
    stage.drain(cursor)
    found, _, _ = stage.drain(stage.drain(cursor)[1])
    assert found == []


def test_the_first_fetch_reaches_back_since_days(stage: Stage) -> None:
    post = stage.world.our_post("News", at=START - 30 * DAY)
    stage.world.comment(post, "Lena M.", "old", at=START - 20 * DAY)
    fresh = stage.world.comment(post, "Hajo B.", "new", at=START - DAY)
    assert ids(stage.drain(since_days=14)[0]) == [post, fresh]


def test_who_is_not_named_has_a_thread_for_each_comment(stage: Stage) -> None:
    post = stage.world.our_post("News")
    one = stage.world.comment(post, "Somebody", "one", private=True)
    two = stage.world.comment(post, "Somebody", "two", private=True)
    answer = stage.world.our_comment(one, "answered")
    found = {message.external_id: message for message in stage.drain()[0]}
    assert found[one].author == Author("facebook", None)
    assert found[one].thread_key != found[two].thread_key
    assert found[answer].thread_key == found[one].thread_key


def test_a_crash_after_any_page_loses_nothing_and_doubles_nothing(stage: Stage) -> None:
    made = stage.crowd(posts=115, comments=1)
    busy = stage.world.our_post("Busy", at=stage.later())
    made |= {busy, *(stage.world.comment(busy, f"P {n}", f"c {n}", at=stage.later(10)) for n in range(250))}
    stage.later(HOUR)
    found, cursor = stage.crawl()
    assert sorted(ids(found)) == sorted(made)
    stage.later(HOUR)
    more = {
        busy,
        *(stage.world.comment(busy, f"P {n}", f"again {n}", at=stage.later(10)) for n in range(120)),
    }
    found, _ = stage.crawl(cursor)
    assert sorted(ids(found)) == sorted(more)


def test_news_that_come_while_a_walk_is_broken_off_are_found(stage: Stage) -> None:
    made = stage.crowd(posts=30, comments=2)
    pages = stage.channel().fetch({}, stage.later())
    stored = [next(pages), next(pages), next(pages)]
    fresh = stage.world.post("Hajo B.", "meanwhile", at=stage.later())
    found, _, after = stage.drain(stored[-1].cursor)
    everything = {one.external_id for page in stored for one in page.messages} | set(ids(found))
    assert everything == made | {fresh}
    assert [page.complete_until for page in after if page.complete_until][-1] == stage.clock[0]


def test_a_post_that_is_gone_in_mid_run_stops_nothing(stage: Stage) -> None:
    made = stage.crowd(posts=4, comments=1)
    pages = stage.channel().fetch({}, stage.later())
    stored = [next(pages)]
    stage.world.delete(stored[0].messages[1].external_id)
    stored += list(pages)
    found = [one for page in stored for one in page.messages]
    assert len(found) == len(made) - 1 and stored[-1].complete_until


def test_a_cursor_that_ran_out_begins_the_walk_again(stage: Stage) -> None:
    made = stage.crowd(posts=110, comments=0)
    cursor = {"since": START - DAY, "began": START, "feed": "expired!"}
    found, _, _ = stage.drain(cursor)
    assert set(ids(found)) == made


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"name": "unauthorized"}, LoginNeeded),
        ({"name": "rate_limit", "reset": 90}, RateLimited),
        ({"name": "rate_limit"}, RateLimited),
        ({"name": "html_503"}, Temporary),
        ({"name": "cut"}, BadAnswer),
        ({"name": "cut", "bytes": 0}, BadAnswer),
    ],
)
@pytest.mark.parametrize("pages_before", [0, 3, 7])
def test_a_fault_in_mid_run_loses_nothing(
    stage: Stage, fault: dict[str, Any], error: type[InboxError], pages_before: int
) -> None:
    made = stage.crowd(posts=10, comments=2)
    pages = stage.channel().fetch({}, stage.later())
    stored = [next(pages) for _ in range(pages_before)]
    stage.fault(**fault, times=1)
    with pytest.raises(error):
        for page in pages:
            stored.append(page)
    cursor = stored[-1].cursor if stored else {}
    stored += list(stage.channel().fetch(cursor, stage.later()))
    assert {one.external_id for page in stored for one in page.messages} == made
    assert stored[-1].complete_until == stage.clock[0]


def test_one_post_that_cannot_be_read_is_named_after_all_others(stage: Stage) -> None:
    made = stage.crowd(posts=6, comments=1)
    broken = sorted(made)[0]
    stage.fault("cut", path=f"{broken}/comments")
    stored: list[Page] = []
    with pytest.raises(BadAnswer):
        for page in stage.channel().fetch({}, stage.later()):
            stored.append(page)
    found = {one.external_id for page in stored for one in page.messages}
    assert len(found) == len(made) - 1
    assert not any(page.complete_until for page in stored)
    stage.faults.switch({"channel": "facebook", "fault": "cut", "on": False})
    stage.later(HOUR)
    found |= set(ids(stage.drain(stored[-1].cursor)[0]))
    assert found == made


@pytest.mark.parametrize(("seconds", "minutes"), [(None, None), (90, 2)])
def test_a_rate_limit_is_told_with_its_end_where_facebook_says(
    stage: Stage, seconds: int | None, minutes: int | None
) -> None:
    post = stage.world.post("Petra Kurz", "hello")
    stage.fault("rate_limit", reset=seconds)
    for act in (
        lambda: stage.drain(),
        lambda: stage.channel().send(outgoing(post, "Hello", stage)),
        lambda: stage.channel().find_sent(outgoing(post, "Hello", stage)),
    ):
        with pytest.raises(RateLimited) as limited:
            act()
        assert limited.value.reset == (None if minutes is None else stage.clock[0] + minutes * MINUTE)
    assert stage.accepted == []


def test_when_usage_runs_high_a_fetch_takes_small_steps_and_still_ends(stage: Stage) -> None:
    made = stage.crowd(posts=12, comments=1)
    stage.later()
    stage.server.page_usage = 85
    found: list[str] = []
    cursor: Any = {}
    for _ in range(20):
        some, cursor, pages = stage.drain(cursor)
        assert len(pages) <= 3
        found += ids(some)
        if pages[-1].complete_until:
            break
    assert sorted(found) == sorted(made)


def test_at_95_percent_a_fetch_stops_and_a_reply_still_has_its_receipt(stage: Stage) -> None:
    made = stage.crowd(posts=3, comments=1)
    stage.server.app_usage = 96
    stored: list[Page] = []
    with pytest.raises(RateLimited, match="96 %"):
        for page in stage.channel().fetch({}, stage.later()):
            stored.append(page)
    assert len(stored) == 1
    assert stage.channel().send(outgoing(min(made), "Hello", stage)).external_id
    stage.server.app_usage = 3
    found = set(ids(stage.drain(stored[-1].cursor)[0])) | {one.external_id for one in stored[0].messages}
    assert made <= found


def test_a_reply_is_delivered_and_receipted(stage: Stage) -> None:
    post = stage.world.our_post("News")
    comment = stage.world.comment(post, "Hajo B.", "Is anybody there?")
    receipt = stage.channel().send(outgoing(comment, "Yes — we are.\nHow can we help?", stage))
    (line,) = stage.accepted
    assert (line["text"], line["in_reply_to"]) == ("Yes — we are.\nHow can we help?", comment)
    assert receipt.external_id == line["id"] and receipt.sent_at == stage.clock[0]
    assert receipt.permalink.endswith(receipt.external_id)


def test_refusals_say_why_and_what_to_do(stage: Stage) -> None:
    channel = stage.channel()
    post = stage.world.post("Petra Kurz", "hello")
    channel.send(outgoing(post, "Thanks", stage))
    with pytest.raises(Refused, match="Duplicate") as twice:
        channel.send(outgoing(post, "Thanks", stage))
    assert "change the text" in twice.value.hint
    with pytest.raises(Refused, match="does not exist") as gone:
        channel.send(outgoing("1_2", "Hello", stage))
    assert "gone" in gone.value.hint
    with pytest.raises(Refused, match="8001 characters"):
        channel.send(outgoing(post, "x" * 8001, stage))
    with pytest.raises(Refused, match="unread:"):
        channel.send(outgoing("unread:0123", "Hello", stage))
    assert len(stage.accepted) == 1


@pytest.mark.parametrize("fault", [{"name": "accepted_then_dropped"}, {"name": "cut", "path": "/comments"}])
def test_a_reply_whose_answer_is_lost_is_unknown_and_then_found(stage: Stage, fault: dict[str, Any]) -> None:
    post = stage.world.our_post("News")
    comment = stage.world.comment(post, "Hajo B.", "Is anybody there?")
    reply = outgoing(comment, "Yes, we are.", stage)
    channel = stage.channel()
    stage.fault(**fault, times=1)
    with pytest.raises(OutcomeUnknown):
        channel.send(reply)
    stage.world.comment(post, "Lena M.", "Yes, we are.", parent=comment, at=stage.later())
    receipt = channel.find_sent(reply)
    assert receipt is not None and receipt.external_id == stage.accepted[0]["id"]


def test_a_503_after_a_write_is_unknown_and_nothing_is_found(stage: Stage) -> None:
    post = stage.world.post("Petra Kurz", "hello")
    stage.fault("html_503", times=1)
    with pytest.raises(OutcomeUnknown):
        stage.channel().send(outgoing(post, "Hello", stage))
    assert stage.channel().find_sent(outgoing(post, "Hello", stage)) is None
    stage.world.delete(post)
    assert stage.channel().find_sent(outgoing(post, "Hello", stage)) is None


def test_the_same_words_of_an_earlier_day_are_not_this_reply(stage: Stage) -> None:
    post = stage.world.post("Petra Kurz", "hello")
    stage.world.our_comment(post, "Thanks")
    stage.later(HOUR)
    assert stage.channel().find_sent(outgoing(post, "Thanks", stage)) is None


def test_a_wrong_token_asks_for_a_login_and_does_not_show_it(stage: Stage) -> None:
    with pytest.raises(LoginNeeded) as error:
        list(stage.channel("wrong-token-123").fetch({}, stage.clock[0]))
    assert "wrong-token-123" not in f"{error.value} {error.value.hint}"


def test_the_token_never_goes_into_a_url(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    plain = stage.server.server.handler

    def listen(request: Any) -> Any:
        asked.append(f"{request.path} {request.query} {request.body!r}")
        return plain(request)

    monkeypatch.setattr(stage.server.server, "handler", listen)
    made = stage.crowd(posts=120, comments=0)
    stage.drain()
    stage.channel().send(outgoing(min(made), "Hello", stage))
    assert len(asked) > 100
    assert not any(stage.world.token in one for one in asked)


@pytest.mark.parametrize("body", ["[" * 200_000, "<html></html>", "7", '"text"', '{"data": [', "{}", ""])
def test_an_answer_that_is_not_what_is_documented_is_never_a_crash(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    post = stage.world.post("Petra Kurz", "hello")
    reply = outgoing(post, "Hello", stage)
    monkeypatch.setattr(stage.server.server, "handler", lambda request: Answer(200, body))
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
    post = stage.world.post("Petra Kurz", "hello")
    reply = outgoing(post, "Hello", stage)
    monkeypatch.setattr(stage.server.server, "handler", lambda request: Answer(status, body))
    with pytest.raises(ChannelError) as reading:
        stage.drain()
    assert not isinstance(reading.value, OutcomeUnknown)
    with pytest.raises(ChannelError) as writing:
        stage.channel().send(reply)
    assert isinstance(writing.value, OutcomeUnknown) is (status == 500)


@pytest.mark.parametrize("cursor", [{"since": "x"}, {"began": None, "odd": []}])
def test_a_cursor_of_another_version_begins_anew(stage: Stage, cursor: dict[str, Any]) -> None:
    post = stage.world.post("Petra Kurz", "hello")
    assert ids(stage.drain(cursor)[0]) == [post]


def test_what_does_not_fit_is_said_before_a_connection_is_opened(stage: Stage) -> None:
    with pytest.raises(ConfigError, match="not a page on Facebook"):
        open_channel(XAccount(name="x", channel="x", handle="@shop"), Secret("t"))
    with pytest.raises(ConfigError, match="page_id"):
        stage.channel(page_id="me")


def test_a_channel_follows_the_protocol(stage: Stage) -> None:
    channel = open_channel(stage.account(), Secret("token"))
    assert isinstance(channel, Channel)
    assert channel.can.public and channel.can.max_length == 8000
    channel.close()
    channel.close()
