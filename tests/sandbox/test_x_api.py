"""X's sandbox server as the real tweepy meets it: shapes, paging, refusals, limits, faults."""

from __future__ import annotations

import string
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
import tweepy
from hypothesis import given
from hypothesis import strategies as st

from inbox_tui.sandbox.certs import make_certificates
from inbox_tui.sandbox.faults import Faults
from inbox_tui.sandbox.x_api import XServer
from inbox_tui.sandbox.x_world import Account, Post, Refusal, WriteRefused, XWorld

START = 1_792_000_000_000
"""Milliseconds UTC at which these worlds begin."""


class ToSandbox(requests.adapters.HTTPAdapter):
    """tweepy's host is fixed: this sends its requests to the sandbox."""

    def __init__(self, url: str, verify: str | bool) -> None:
        super().__init__()
        self.url = url
        self.verify = verify

    def send(self, request: Any, *args: Any, **more: Any) -> Any:
        request.url = request.url.replace("https://api.twitter.com", self.url)
        return super().send(request, **{**more, "verify": self.verify, "timeout": 10})


@dataclass
class Stage:
    """A world, its server, and clients of it."""

    world: XWorld
    server: XServer
    shop: Account
    ca_file: str | bool
    faults: Faults
    clock: list[int]
    accepted: list[dict[str, object]]
    clients: list[Any] = field(default_factory=list)

    def client(self, account: Account | None = None, **login: str) -> Any:
        who = account or self.shop
        made = tweepy.Client(**(login or {"bearer_token": who.bearer_token}), return_type=dict)
        made.session.trust_env = False
        made.session.mount("https://", ToSandbox(self.server.url, self.ca_file))
        self.clients.append(made)
        return made

    def fault(self, name: str, **more: object) -> None:
        self.faults.switch({"kind": "fault", "channel": "x", "fault": name, "on": True, **more})

    def mentions(self, client: Any = None, **more: Any) -> Any:
        return (client or self.client()).get_users_mentions(self.shop.user.id, user_auth=False, **more)


def make_world(clock: list[int], accepted: list[dict[str, object]]) -> tuple[XWorld, Account]:
    world = XWorld(now=lambda: clock[0], on_accept=accepted.append)
    shop = world.add_account("shop", "shop", "Shop")
    for handle in ("hajo", "lena_m", "petra"):
        world.add_user(handle, handle.title())
    return world, shop


@pytest.fixture(params=["plain"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    clock, accepted, faults = [START], list[dict[str, object]](), Faults()
    world, shop = make_world(clock, accepted)
    ca_file: str | bool = True
    tls = None
    if request.param == "tls":
        certificates = make_certificates()
        certificates.write_ca(tmp_path / "ca.pem")
        ca_file, tls = str(tmp_path / "ca.pem"), certificates.server
    server = XServer(world, faults, tls)
    made = Stage(world, server, shop, ca_file, faults, clock, accepted)
    with server:
        yield made
        for client in made.clients:
            client.session.close()
    assert not server.failures


@pytest.mark.parametrize("stage", ["plain", "tls"], indirect=True)
def test_a_mention_is_read_answered_and_its_answer_found(stage: Stage) -> None:
    post = stage.world.post("hajo", "@shop is anybody there?")
    client = stage.client()
    assert client.get_me(user_auth=False) == {
        "data": {"id": stage.shop.user.id, "name": "Shop", "username": "shop"}
    }
    page = stage.mentions(client, tweet_fields=["author_id", "created_at"], expansions=["author_id"])
    hajo = stage.world.user_called("@Hajo")
    assert hajo is not None
    assert page == {
        "data": [
            {
                "id": post.id,
                "text": "@shop is anybody there?",
                "edit_history_tweet_ids": [post.id],
                "author_id": hajo.id,
                "created_at": "2026-10-14T17:46:40.000Z",
            }
        ],
        "includes": {"users": [{"id": hajo.id, "name": "Hajo", "username": "hajo"}]},
        "meta": {"result_count": 1, "newest_id": post.id, "oldest_id": post.id},
    }
    sent = client.create_tweet(text="Yes, Hajo.", in_reply_to_tweet_id=post.id, user_auth=False)["data"]
    assert sent["text"] == "@hajo Yes, Hajo."
    assert sent["edit_history_tweet_ids"] == [sent["id"]]
    own = client.get_users_tweets(
        stage.shop.user.id,
        tweet_fields=["referenced_tweets", "conversation_id", "in_reply_to_user_id"],
        user_auth=False,
    )
    assert own["data"] == [
        {
            **sent,
            "referenced_tweets": [{"type": "replied_to", "id": post.id}],
            "conversation_id": post.id,
            "in_reply_to_user_id": hajo.id,
        }
    ]
    assert stage.accepted == [
        {
            "channel": "x",
            "kind": "reply",
            "account": "shop",
            "to": "@hajo",
            "in_reply_to": post.id,
            "text": "Yes, Hajo.",
            "id": sent["id"],
            "at": "2026-10-14T17:46:40.000Z",
        }
    ]


# Logins


def test_oauth1_user_context_is_taken(stage: Stage) -> None:
    shop = stage.shop
    client = stage.client(
        consumer_key=shop.consumer_key,
        consumer_secret=shop.consumer_secret,
        access_token=shop.access_token,
        access_token_secret=shop.access_token_secret,
    )
    assert client.get_me()["data"]["username"] == "shop"
    assert client.create_tweet(text="New phones are in!")["data"]["text"] == "New phones are in!"
    assert stage.accepted[0]["kind"] == "post"
    assert client._get_authenticating_user_id(oauth_1=True) == shop.user.id


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "Bearer wrong",
        "Basic {bearer}",
        'OAuth oauth_token="{access}"',
        'OAuth oauth_token="{bearer}", oauth_signature="c2ln"',
        "Bearer {access}",
    ],
)
def test_no_other_login_is(stage: Stage, authorization: str | None) -> None:
    headers = {}
    if authorization is not None:
        shop = stage.shop
        said = authorization.format(bearer=shop.bearer_token, access=shop.access_token)
        headers["Authorization"] = said
    answer = requests.get(stage.server.url + "/2/users/me", headers=headers, timeout=10)
    assert answer.status_code == 401
    assert answer.json() == {
        "title": "Unauthorized",
        "detail": "Unauthorized",
        "type": "about:blank",
        "status": 401,
    }


def test_a_login_can_fail_in_mid_run(stage: Stage) -> None:
    client = stage.client()
    stage.mentions(client)
    stage.fault("unauthorized", times=1)
    with pytest.raises(tweepy.Unauthorized):
        stage.mentions(client)
    assert stage.mentions(client) == {"meta": {"result_count": 0}}


# Lists


def test_pages_come_newest_first_and_since_id_holds_over_all_of_them(stage: Stage) -> None:
    posts = [stage.world.post("hajo", f"@shop {n}") for n in range(12)]
    client = stage.client()
    seen: list[str] = []
    token = None
    while True:
        page = stage.mentions(client, since_id=posts[1].id, max_results=5, pagination_token=token)
        seen += [one["id"] for one in page["data"]]
        token = page["meta"].get("next_token")
        if token is None:
            break
    assert seen == [post.id for post in reversed(posts[2:])]
    below = stage.mentions(client, until_id=posts[2].id)
    assert [one["id"] for one in below["data"]] == [posts[1].id, posts[0].id]


def test_only_the_newest_800_mentions_can_be_reached(stage: Stage) -> None:
    posts = [stage.world.post("hajo", f"@shop {n}") for n in range(810)]
    client = stage.client()
    seen: list[str] = []
    token = None
    for _ in range(8):
        page = stage.mentions(client, max_results=100, pagination_token=token)
        seen += [one["id"] for one in page["data"]]
        token = page["meta"].get("next_token")
    assert token is None
    assert seen == [post.id for post in reversed(posts[10:])]


def test_what_we_say_ourselves_is_no_mention(stage: Stage) -> None:
    stage.world.post("shop", "@shop talks to itself")
    stage.world.post("hajo", "mail me at hajo@shop.example, or @shopping")
    assert stage.mentions() == {"meta": {"result_count": 0}}


def test_times_narrow_a_list(stage: Stage) -> None:
    for hours in (3, 2, 1):
        stage.world.post("hajo", f"@shop {hours}", at=START - hours * 3_600_000)
    client = stage.client()
    page = stage.mentions(client, start_time="2026-10-14T15:46:40Z", end_time="2026-10-14T16:46:40Z")
    assert [one["text"] for one in page["data"]] == ["@shop 2"]


def test_a_timeline_can_leave_out_replies(stage: Stage) -> None:
    asked = stage.world.post("hajo", "@shop?")
    stage.world.post("shop", "Yes?", in_reply_to=asked.id)
    stage.world.post("shop", "New phones are in!")
    page = stage.client().get_users_tweets(stage.shop.user.id, exclude=["replies"], user_auth=False)
    assert [one["text"] for one in page["data"]] == ["New phones are in!"]


def test_recent_search_finds_a_conversation_of_the_last_seven_days(stage: Stage) -> None:
    root = stage.world.post("hajo", "@shop help")
    stage.world.post("petra", "I have that too", in_reply_to=root.id)
    stage.world.post("lena_m", "elsewhere")
    client = stage.client()
    page = client.search_recent_tweets(f"conversation_id:{root.id}", tweet_fields=["conversation_id"])
    assert [one["text"] for one in page["data"]] == ["@hajo @shop I have that too", "@shop help"]
    assert {one["conversation_id"] for one in page["data"]} == {root.id}
    stage.clock[0] += 8 * 24 * 3_600_000
    assert client.search_recent_tweets(f"conversation_id:{root.id}") == {"meta": {"result_count": 0}}


# Single posts, and what they bring along


def test_a_missing_post_is_a_200_with_errors_and_no_data(stage: Stage) -> None:
    error = {
        "value": "77",
        "detail": "Could not find tweet with id: [77].",
        "title": "Not Found Error",
        "resource_type": "tweet",
        "parameter": "id",
        "resource_id": "77",
        "type": "https://api.twitter.com/2/problems/resource-not-found",
    }
    client = stage.client()
    assert client.get_tweet(77) == {"errors": [error]}
    detail = "Could not find tweet with ids: [77]."
    assert client.get_tweets([77]) == {"errors": [{**error, "parameter": "ids", "detail": detail}]}
    there = stage.world.post("hajo", "here")
    both = client.get_tweets([there.id, 77])
    assert [one["id"] for one in both["data"]] == [there.id]
    assert len(both["errors"]) == 1
    assert client.get_tweet(there.id)["data"]["text"] == "here"


def test_a_missing_user_is_a_200_with_errors_too(stage: Stage) -> None:
    answer = stage.client().get_users_mentions(77)
    assert answer["errors"][0]["detail"] == "Could not find user with id: [77]."
    assert "data" not in answer


def test_referenced_posts_and_their_authors_come_along(stage: Stage) -> None:
    ours = stage.world.post("shop", "New phones are in!")
    quoted = stage.world.post("petra", "mine broke")
    stage.world.post("hajo", "and mine?", in_reply_to=ours.id, quoted=quoted.id)
    page = stage.mentions(
        expansions=["author_id", "referenced_tweets.id", "referenced_tweets.id.author_id"],
        user_fields=["created_at"],
    )
    references = page["data"][0]["referenced_tweets"]
    assert references == [{"type": "quoted", "id": quoted.id}, {"type": "replied_to", "id": ours.id}]
    assert [one["text"] for one in page["includes"]["tweets"]] == ["mine broke", "New phones are in!"]
    assert [one["username"] for one in page["includes"]["users"]] == ["hajo", "petra", "shop"]
    assert page["includes"]["users"][0]["created_at"] == "2026-10-14T17:46:40.000Z"
    stage.world.delete(ours.id)
    page = stage.mentions(expansions=["referenced_tweets.id"])
    assert [one["id"] for one in page["includes"]["tweets"]] == [quoted.id]
    assert page["errors"][0]["parameter"] == "referenced_tweets.id"


def test_entities_point_into_the_text_as_answered(stage: Stage) -> None:
    stage.world.post("hajo", "@hajo_x & @SHOP <b>")
    post = stage.mentions(tweet_fields=["entities", "public_metrics"])["data"][0]
    assert post["text"] == "@hajo_x &amp; @SHOP &lt;b&gt;"
    (mention,) = post["entities"]["mentions"]
    assert post["text"][mention["start"] : mention["end"]] == "@SHOP"
    assert (mention["username"], mention["id"]) == ("SHOP", stage.shop.user.id)


def test_asked_for_post_fields_it_answers_in_the_newer_dialect(stage: Stage) -> None:
    ours = stage.world.post("shop", "New phones are in!")
    theirs = stage.world.post("hajo", "when?", in_reply_to=ours.id)
    answer = requests.get(
        f"{stage.server.url}/2/users/{stage.shop.user.id}/mentions",
        params={"post.fields": "referenced_posts,public_metrics", "expansions": "referenced_posts"},
        headers={"Authorization": f"Bearer {stage.shop.bearer_token}"},
        timeout=10,
    ).json()
    (post,) = answer["data"]
    assert post["referenced_posts"] == [{"type": "replied_to", "id": ours.id}]
    assert post["edit_history_post_ids"] == [theirs.id]
    assert "repost_count" in post["public_metrics"]
    assert [one["id"] for one in answer["includes"]["posts"]] == [ours.id]
    assert "tweet" not in str(answer)


# Writes that are refused


def forbidden(stage: Stage, **post: Any) -> str:
    """What the 403 of a write says; it carries no error codes."""
    with pytest.raises(tweepy.Forbidden) as refused:
        stage.client().create_tweet(user_auth=False, **post)
    assert refused.value.api_codes == []
    body = refused.value.response.json()
    assert (body["title"], body["type"], body["status"]) == ("Forbidden", "about:blank", 403)
    assert stage.accepted == []
    return str(body["detail"])


def test_nobody_is_answered_who_did_not_speak_to_us(stage: Stage) -> None:
    alone = stage.world.post("hajo", "no service since this morning")
    said = forbidden(stage, text="Can we help?", in_reply_to_tweet_id=alone.id)
    assert said.startswith("Reply to this conversation is not allowed because you have not been mentioned")
    root = stage.world.post("petra", "my invoice came twice")
    stage.world.post("petra", "@shop?", in_reply_to=root.id)
    said = forbidden(stage, text="Here we are", in_reply_to_tweet_id=root.id)
    assert said == "You can only reply to or quote posts where you are mentioned or are the author."
    assert "not been mentioned" in forbidden(stage, text="Look", quote_tweet_id=alone.id)


def test_who_mentions_us_quotes_us_or_is_us_can_be_answered(stage: Stage) -> None:
    ours = stage.world.post("shop", "New phones are in!")
    asked = [
        stage.world.post("hajo", "well, @Shop?"),
        stage.world.post("petra", "hear hear", quoted=ours.id),
        stage.world.post("lena_m", "when?", in_reply_to=ours.id),
        ours,
    ]
    client = stage.client()
    for post in asked:
        client.create_tweet(text="Tomorrow.", in_reply_to_tweet_id=post.id, user_auth=False)
    assert [line["to"] for line in stage.accepted] == ["@hajo", "@petra", "@lena_m", "@shop"]


def test_a_post_that_is_gone_cannot_be_answered(stage: Stage) -> None:
    gone = stage.world.post("hajo", "@shop?")
    stage.world.delete(gone.id)
    said = forbidden(stage, text="Yes", in_reply_to_tweet_id=gone.id)
    assert said == "You attempted to reply to a Tweet that is deleted or not visible to you."
    assert stage.mentions() == {"meta": {"result_count": 0}}


def test_the_same_text_to_the_same_customer_is_a_duplicate_for_a_day(stage: Stage) -> None:
    hajo, petra = (stage.world.post(who, "@shop?") for who in ("hajo", "petra"))
    client = stage.client()
    client.create_tweet(text="Yes?", in_reply_to_tweet_id=hajo.id, user_auth=False)
    client.create_tweet(text="Yes?", in_reply_to_tweet_id=petra.id, user_auth=False)
    stage.accepted.clear()
    said = forbidden(stage, text="Yes?", in_reply_to_tweet_id=hajo.id)
    assert said == "You are not allowed to create a Tweet with duplicate content."
    stage.clock[0] += 24 * 3_600_000
    client.create_tweet(text="Yes?", in_reply_to_tweet_id=hajo.id, user_auth=False)


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("a" * 280, True),
        ("a" * 281, False),
        ("例" * 140, True),
        ("例" * 141, False),
        ("a" * 256 + " https://shop.example.com/" + "long" * 50, True),
        ("a" * 257 + " https://shop.example.com/", False),
        ("\N{FAMILY}" * 140, True),
        ("a" * 100_000, False),
        (" \n", False),
        ("\ufffe", False),
    ],
)
def test_length_is_weighed_as_x_weighs_it(stage: Stage, text: str, fits: bool) -> None:
    client = stage.client()
    if fits:
        client.create_tweet(text=text, user_auth=False)
        return
    with pytest.raises(tweepy.BadRequest) as refused:
        client.create_tweet(text=text, user_auth=False)
    body = refused.value.response.json()
    assert body["type"] == "https://api.twitter.com/2/problems/invalid-request"
    assert body["errors"][0]["parameters"] == {"text": [text]}


def test_too_long_says_so(stage: Stage) -> None:
    with pytest.raises(tweepy.BadRequest, match="Your Tweet text is too long"):
        stage.client().create_tweet(text="a" * 281, user_auth=False)


def test_the_handles_x_puts_before_a_reply_do_not_count_and_can_be_left_out(stage: Stage) -> None:
    root = stage.world.post("hajo", "@shop help")
    support = stage.world.post("petra", "@shop do answer him", in_reply_to=root.id)
    hajo = stage.world.user_called("hajo")
    assert hajo is not None
    client = stage.client()
    text = "a" * 280
    both = client.create_tweet(text=text, in_reply_to_tweet_id=support.id, user_auth=False)
    assert both["data"]["text"] == f"@petra @hajo {text}"
    one = client.create_tweet(
        text=text, in_reply_to_tweet_id=support.id, exclude_reply_user_ids=[hajo.id], user_auth=False
    )
    assert one["data"]["text"] == f"@petra {text}"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"text": 3}',
        b"{}",
        b'{"text": "a", "reply": {}}',
        b'{"text": "a", "reply": {"in_reply_to_tweet_id": 12}}',
        b'{"text": "a", "reply": {"in_reply_to_tweet_id": "12", "exclude_reply_user_ids": "3"}}',
        b'{"text": "a", "quote_tweet_id": "x"}',
        b'{"text": "a", "poll": {}}',
        b'{"text": "\\ud800"}',
    ],
)
def test_a_write_that_is_no_post_is_a_400(stage: Stage, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {stage.shop.bearer_token}"}
    answer = requests.post(stage.server.url + "/2/tweets", data=body, headers=headers, timeout=10)
    assert answer.status_code == 400
    assert answer.json()["title"] == "Invalid Request"


@pytest.mark.parametrize(
    "query",
    [
        {"max_results": "4"},
        {"max_results": "101"},
        {"max_results": "many"},
        {"since_id": "x"},
        {"pagination_token": "x"},
        {"start_time": "yesterday"},
        {"tweet.fields": "mood"},
        {"user.fields": "mood"},
        {"expansions": "mood"},
        {"tweep.fields": "id"},
        {"expansions": "referenced_posts.id,referenced_tweets.id"},
    ],
)
def test_a_question_x_does_not_know_is_a_400_that_names_the_parameter(
    stage: Stage, query: dict[str, str]
) -> None:
    url = f"{stage.server.url}/2/users/{stage.shop.user.id}/mentions"
    headers = {"Authorization": f"Bearer {stage.shop.bearer_token}"}
    answer = requests.get(url, params=query, headers=headers, timeout=10)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameters"].keys() == query.keys()


@pytest.mark.parametrize("path", ["/2/users/x1/mentions", "/2/tweets/x1", "/2/tweets?ids=1,x"])
def test_an_id_that_is_none_is_a_400(stage: Stage, path: str) -> None:
    headers = {"Authorization": f"Bearer {stage.shop.bearer_token}"}
    assert requests.get(stage.server.url + path, headers=headers, timeout=10).status_code == 400


def test_what_it_does_not_serve_is_a_404(stage: Stage) -> None:
    with pytest.raises(tweepy.NotFound):
        stage.client().get_bookmarks()


# Limits


def test_posts_are_counted_per_user_and_window(stage: Stage) -> None:
    other = stage.world.add_account("second", "second", "Second")
    client = stage.client()
    for n in range(100):
        client.create_tweet(text=f"number {n}", user_auth=False)
    with pytest.raises(tweepy.TooManyRequests) as refused:
        client.create_tweet(text="one too many", user_auth=False)
    assert refused.value.reset_time == (START + 15 * 60_000) // 1000
    assert refused.value.response.json() == {
        "title": "Too Many Requests",
        "detail": "Too Many Requests",
        "type": "about:blank",
        "status": 429,
    }
    assert len(stage.accepted) == 100
    assert stage.mentions(client) == {"meta": {"result_count": 0}}
    stage.client(other).create_tweet(text="mine", user_auth=False)
    stage.clock[0] += 15 * 60_000
    client.create_tweet(text="one too many", user_auth=False)


def test_headers_tell_what_is_left(stage: Stage) -> None:
    url = f"{stage.server.url}/2/users/{stage.shop.user.id}/mentions"
    headers = {"Authorization": f"Bearer {stage.shop.bearer_token}"}
    requests.get(url, headers=headers, timeout=10)
    stage.clock[0] += 60_001
    answer = requests.get(url, headers=headers, timeout=10)
    told = {name: answer.headers[f"x-rate-limit-{name}"] for name in ("limit", "remaining", "reset")}
    assert told == {"limit": "300", "remaining": "298", "reset": str(START // 1000 + 900)}


@pytest.mark.parametrize("reset", [None, 90])
def test_a_rate_limit_can_be_played_with_and_without_its_reset(stage: Stage, reset: int | None) -> None:
    stage.fault("rate_limit", times=1, reset=reset, path="/mentions")
    client = stage.client()
    client.create_tweet(text="elsewhere", user_auth=False)
    with pytest.raises(tweepy.TooManyRequests) as refused:
        stage.mentions(client)
    assert refused.value.reset_time == (None if reset is None else START // 1000 + reset)
    stage.mentions(client)


# Faults of the line, as tweepy sees them


@pytest.mark.parametrize("stage", ["plain", "tls"], indirect=True)
def test_accepted_then_dropped_leaves_the_post_standing(stage: Stage) -> None:
    asked = stage.world.post("hajo", "@shop?")
    stage.fault("accepted_then_dropped", times=1)
    client = stage.client()
    with pytest.raises(requests.exceptions.ConnectionError):
        client.create_tweet(text="Yes?", in_reply_to_tweet_id=asked.id, user_auth=False)
    own = client.get_users_tweets(stage.shop.user.id, tweet_fields=["referenced_tweets"], user_auth=False)
    assert own["data"][0]["referenced_tweets"] == [{"type": "replied_to", "id": asked.id}]
    assert len(stage.accepted) == 1


@pytest.mark.parametrize("stage", ["plain", "tls"], indirect=True)
def test_html_instead_of_json_and_a_cut_answer(stage: Stage) -> None:
    client = stage.client()
    stage.fault("html_503", times=1)
    with pytest.raises(tweepy.TwitterServerError, match="503"):
        stage.mentions(client)
    stage.fault("cut", times=1, bytes=5)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        stage.mentions(client)
    stage.fault("slow", times=1, bytes=20)
    assert stage.mentions(client) == {"meta": {"result_count": 0}}


# The world alone


def test_ids_grow_even_when_history_is_added_late() -> None:
    world, _ = make_world([START], [])
    posts = [world.post("hajo", "a"), world.post("hajo", "b", at=START - 10**9), world.post("hajo", "c")]
    assert [int(post.id) for post in posts] == sorted({int(post.id) for post in posts})
    assert posts[1].created_at == START - 10**9


def test_the_world_refuses_what_cannot_be() -> None:
    world, _ = make_world([START], [])
    with pytest.raises(LookupError, match="nobody"):
        world.post("nobody", "a")
    with pytest.raises(LookupError, match="99"):
        world.post("hajo", "a", in_reply_to="99")
    with pytest.raises(LookupError):
        world.delete("99")
    with pytest.raises(ValueError, match="handle"):
        world.add_user("not a handle", "N")
    assert world.add_user("@HAJO", "Somebody Else").name == "Hajo"


def test_secrets_of_an_account_do_not_show() -> None:
    _, shop = make_world([START], [])
    for secret in (shop.bearer_token, shop.access_token, shop.consumer_secret, shop.access_token_secret):
        assert secret not in repr(shop)


def test_answers_are_counted_and_forgotten_with_their_post() -> None:
    world, _ = make_world([START], [])
    root = world.post("hajo", "@shop?")
    answer = world.post("petra", "I too", in_reply_to=root.id)
    world.post("lena_m", "and I", in_reply_to=answer.id)
    assert world.answers_to(root.id) == 1
    world.delete(answer.id)
    assert world.answers_to(root.id) == 0
    assert world.answers_to(answer.id) == 0


WORDS = st.lists(st.sampled_from(["@shop", "@hajo", "@petra", "no", "service", "x@shop.example"]), max_size=5)


@given(words=WORDS, replying=st.booleans())
def test_a_customers_post_is_a_mention_exactly_where_its_text_names_us(
    words: list[str], replying: bool
) -> None:
    world, shop = make_world([START], [])
    ours = world.post("shop", "New phones are in!")
    post: Post = world.post("hajo", " ".join(words), in_reply_to=ours.id if replying else None)
    named = "@shop" in words or replying
    assert (post in world.mentions_of(shop.user.id, 10)) == named
    try:
        world.write(shop, "An answer", in_reply_to=post.id)
    except WriteRefused as refused:
        assert not named
        assert refused.reason is Refusal.NEVER_MENTIONED
    else:
        assert named


@given(text=st.text(alphabet=string.printable, min_size=1, max_size=300))
def test_a_write_stands_whole_or_not_at_all(text: str) -> None:
    accepted: list[dict[str, object]] = []
    world, shop = make_world([START], accepted)
    try:
        made = world.write(shop, text)
    except WriteRefused:
        assert not accepted
        assert not world.posts_by(shop.user.id, 10)
    else:
        assert made.text == text == accepted[0]["text"]
        assert world.posts_by(shop.user.id, 10) == (made,)
