"""The Graph server, asked over real connections by requests, plain and with TLS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from inbox_tui.sandbox.certs import make_certificates
from inbox_tui.sandbox.faults import Faults
from inbox_tui.sandbox.graph_api import GraphServer
from inbox_tui.sandbox.graph_params import GraphError, read_cursor, read_fields, read_seconds
from inbox_tui.sandbox.graph_world import GraphWorld, UnknownObject

START = 1_795_000_000_000
HOUR = 3_600_000


class Clock:
    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> int:
        return self.at


class Client:
    """A page's client: the right token in the header, unless told otherwise."""

    def __init__(self, server: GraphServer, verify: str | bool = True) -> None:
        self.server = server
        self.session = requests.Session()
        # REQUESTS_CA_BUNDLE of whoever runs the tests would win over the session's own ``verify``.
        self.session.trust_env = False
        self.session.verify = verify
        self.session.headers["Authorization"] = f"Bearer {server.world.token}"

    def get(self, path: str, **query: object) -> Any:
        return self.ask("GET", path, params=query).json()

    def reply(self, target: str, message: str) -> Any:
        return self.ask("POST", f"/v26.0/{target}/comments", data={"message": message}).json()

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        return self.session.request(method, f"{self.server.url}{path}", timeout=10, **more)

    def refused(self, method: str, path: str, **more: Any) -> tuple[int, dict[str, Any]]:
        answer = self.ask(method, path, **more)
        assert answer.status_code >= 400, answer.text
        return answer.status_code, answer.json()["error"]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accepted() -> list[dict[str, object]]:
    return []


@pytest.fixture
def world(clock: Clock, accepted: list[dict[str, object]]) -> GraphWorld:
    return GraphWorld(clock, page_id="1010", page_name="Shop", on_accept=accepted.append)


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def client(world: GraphWorld, faults: Faults) -> Iterator[Client]:
    with GraphServer(world, faults) as server:
        one = Client(server)
        with one.session:
            yield one


def walk(client: Client, path: str, **query: object) -> list[dict[str, Any]]:
    """Every page, by the cursor alone."""
    found: list[dict[str, Any]] = []
    while True:
        page = client.get(path, **query)
        found += page["data"]
        if "next" not in page.get("paging", {}):
            return found
        query["after"] = page["paging"]["cursors"]["after"]


def test_it_speaks_tls(world: GraphWorld, faults: Faults, tmp_path: Path) -> None:
    certificates = make_certificates()
    certificates.write_ca(tmp_path / "ca.pem")
    with GraphServer(world, faults, certificates.server) as server:
        client = Client(server, verify=str(tmp_path / "ca.pem"))
        with client.session:
            assert server.url.startswith("https://")
            assert client.get("/v26.0/me") == {"name": "Shop", "id": "1010"}


@pytest.mark.parametrize("path", ["/me", "/1010", "/v26.0/me", "/v25.0/1010"])
def test_the_page_answers_for_itself_with_and_without_a_version(client: Client, path: str) -> None:
    assert client.get(path, fields="name") == {"name": "Shop", "id": "1010"}


def test_the_feed_holds_both_kinds_of_post_newest_first(client: Client, world: GraphWorld) -> None:
    ours = world.our_post("New phones are in!", START - 2 * HOUR)
    theirs = world.post("Hajo B.", "Is anybody there?", START - HOUR)
    history = world.post("Rosa L.", "long ago", START - 900 * HOUR)
    data = client.get("/v26.0/1010/feed", fields="id,message,from,created_time,permalink_url,parent_id")[
        "data"
    ]
    assert [post["id"] for post in data] == [theirs, ours, history]
    assert data[0] == {
        "id": theirs,
        "message": "Is anybody there?",
        "from": {"name": "Hajo B.", "id": world.person("Hajo B.").id},
        "created_time": "2026-11-18T10:06:40+0000",
        "permalink_url": f"https://facebook.example/1010/posts/{theirs.removeprefix('1010_')}",
    }
    assert data[1]["from"]["id"] == "1010"


def test_only_what_is_asked_for_comes_back(client: Client, world: GraphWorld) -> None:
    post = world.our_post("Hoodies")
    comment = world.comment(post, "Nadine V.", "In green?")
    world.comment(post, "Kofi A.", "+1", parent=comment)
    assert set(client.get("/1010/feed")["data"][0]) == {"created_time", "message", "id"}
    assert client.get(f"/{comment}", fields="message") == {"message": "In green?", "id": comment}
    answer = client.get(f"/{post}/comments", filter="stream", fields="from{name},parent{id}")
    assert answer["data"][1]["parent"] == {"id": comment}
    assert answer["data"][1]["from"]["name"] == "Kofi A."


def test_a_comment_moves_the_old_post_into_the_reach_of_since(
    client: Client, world: GraphWorld, clock: Clock
) -> None:
    old = world.our_post("Summer sale", START - 400 * HOUR)
    newer = world.our_post("Autumn sale", START - 20 * HOUR)
    since = (START - HOUR) // 1000
    assert client.get("/1010/feed", since=since)["data"] == []
    world.comment(old, "Petra Kurz", "Charged twice!")
    assert [post["id"] for post in client.get("/1010/feed", since=since)["data"]] == [old]
    assert [post["id"] for post in client.get("/1010/feed", until=since)["data"]] == [newer]
    shown = client.get(f"/{old}", fields="created_time,updated_time")
    assert (shown["created_time"], shown["updated_time"]) == (
        "2026-11-01T19:06:40+0000",
        "2026-11-18T11:06:40+0000",
    )


def test_a_comment_told_late_never_moves_a_post_backwards(world: GraphWorld) -> None:
    post = world.our_post("Sale", START - HOUR)
    world.comment(post, "A.", "early", at=START - 2 * HOUR)
    assert world.find_post(post).updated == START - HOUR


@pytest.mark.parametrize("order", ["chronological", "reverse_chronological"])
def test_every_comment_comes_once_in_order_over_pages(client: Client, world: GraphWorld, order: str) -> None:
    post = world.our_post("Sale", START - 9 * HOUR)
    # Several in one millisecond: the id must decide, or a page would repeat or skip.
    made = [world.comment(post, f"P{n}", f"text {n}", at=START - (9 - n // 3) * 1000) for n in range(23)]
    got = [one["id"] for one in walk(client, f"/{post}/comments", order=order, limit=5, filter="stream")]
    assert got == (made if order == "chronological" else made[::-1])


def test_what_is_written_between_two_pages_shifts_nothing(client: Client, world: GraphWorld) -> None:
    made = [world.post("A.", f"text {n}", START - (9 - n) * 1000) for n in range(6)]
    first = client.get("/1010/feed", limit=3)
    world.post("B.", "just now")
    second = client.get("/1010/feed", limit=3, after=first["paging"]["cursors"]["after"])
    assert [post["id"] for post in first["data"] + second["data"]] == made[::-1]
    assert "next" not in second["paging"]


def test_the_next_link_works_nowhere_without_its_token_and_is_refused_here(
    client: Client, world: GraphWorld
) -> None:
    for n in range(3):
        world.post("A.", f"text {n}")
    following = client.get("/v26.0/1010/feed", limit=2)["paging"]["next"]
    assert f"access_token={world.token}" in following
    answer = client.session.get(following, timeout=10)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == 190


def test_comments_top_level_or_every_depth_and_since(client: Client, world: GraphWorld) -> None:
    post = world.our_post("Sale", START - 9 * HOUR)
    top = world.comment(post, "A.", "one", at=START - 8 * HOUR)
    below = world.comment(post, "B.", "two", parent=top, at=START - HOUR)
    deep = world.comment(post, "A.", "three", parent=below, at=START)
    assert [c["id"] for c in client.get(f"/{post}/comments")["data"]] == [top]
    assert [c["id"] for c in client.get(f"/{post}/comments", filter="stream")["data"]] == [top, below, deep]
    assert [c["id"] for c in client.get(f"/{top}/comments", filter="stream")["data"]] == [below]
    late = client.get(f"/{post}/comments", filter="stream", since=(START - HOUR) // 1000)
    assert [c["id"] for c in late["data"]] == [below, deep]
    assert client.get(f"/{deep}/comments")["data"] == []


def test_a_private_person_and_a_poor_token_give_no_author(client: Client, world: GraphWorld) -> None:
    post = world.our_post("Sale")
    hidden = world.comment(post, "Nobody", "price?", private=True)
    open_one = world.comment(post, "Kofi A.", "hello")
    assert "from" not in client.get(f"/{hidden}", fields="from,message")
    assert client.get(f"/{open_one}", fields="from")["from"]["name"] == "Kofi A."
    world.may_see_people = False
    assert "from" not in client.get(f"/{open_one}", fields="from")
    assert client.get(f"/{post}", fields="from")["from"]["id"] == "1010"


def test_private_reply_window_and_hiding_are_told(client: Client, world: GraphWorld, clock: Clock) -> None:
    post = world.our_post("Sale")
    one = world.comment(post, "A.", "x")
    world.hide(one)
    asked = {"fields": "can_reply_privately,is_hidden"}
    assert client.get(f"/{one}", **asked) == {"can_reply_privately": True, "is_hidden": True, "id": one}
    clock.at += 7 * 24 * HOUR + 1
    assert client.get(f"/{one}", **asked)["can_reply_privately"] is False


@pytest.mark.parametrize("way", ["data", "json"])
def test_a_reply_appears_under_its_comment_and_is_told(
    client: Client, world: GraphWorld, accepted: list[dict[str, object]], way: str
) -> None:
    comment = world.comment(world.our_post("Sale"), "Petra Kurz", "Charged twice!")
    made = client.ask("POST", f"/v26.0/{comment}/comments", **{way: {"message": "Sorry – läuft 🙏"}}).json()
    listed = client.get(f"/{comment}/comments", fields="id,message,from,parent{id}")["data"]
    assert listed == [
        {
            "id": made["id"],
            "message": "Sorry – läuft 🙏",
            "from": {"name": "Shop", "id": "1010"},
            "parent": {"id": comment},
        }
    ]
    assert accepted == [
        {
            "channel": "facebook",
            "kind": "comment",
            "account": "page",
            "to": "Petra Kurz",
            "in_reply_to": comment,
            "post": world.feed()[0].id,
            "text": "Sorry – läuft 🙏",
            "id": made["id"],
            "at": "2026-11-18T11:06:40Z",
        }
    ]


def test_a_visitor_post_is_answered_by_a_comment(client: Client, world: GraphWorld) -> None:
    post = world.post("Hajo B.", "Is anybody there?")
    made = client.reply(post, "We are.")
    assert [one["id"] for one in client.get(f"/{post}/comments")["data"]] == [made["id"]]


def test_the_same_text_twice_is_refused_as_duplicate(
    client: Client, world: GraphWorld, accepted: list[dict[str, object]]
) -> None:
    post = world.post("Hajo B.", "Is anybody there?")
    comment = world.comment(post, "Rosa L.", "me too")
    client.reply(post, "We are.")
    status, error = client.refused("POST", f"/{post}/comments", data={"message": "We are."})
    assert (status, error["code"]) == (400, 506)
    assert "id" in client.reply(comment, "We are.")
    assert len(accepted) == 2


@pytest.mark.parametrize("message", ["", " \n", "x" * 8001])
def test_an_empty_or_too_long_reply_is_refused(client: Client, world: GraphWorld, message: str) -> None:
    post = world.post("A.", "x")
    _, error = client.refused("POST", f"/{post}/comments", data={"message": message})
    assert error["code"] == 100
    assert "id" in client.reply(post, "x" * 8000)


def test_what_is_gone_answers_100(client: Client, world: GraphWorld) -> None:
    post = world.our_post("Sale")
    top = world.comment(post, "A.", "x")
    below = world.comment(post, "B.", "y", parent=top)
    world.delete(top)
    for node in (top, below, "999"):
        for method, path in (
            ("GET", f"/{node}"),
            ("GET", f"/{node}/comments"),
            ("POST", f"/{node}/comments"),
        ):
            status, error = client.refused(method, path, data={"message": "hello"})
            assert (status, error["code"], error["error_subcode"]) == (400, 100, 33)
    world.delete(post)
    with pytest.raises(UnknownObject):
        world.find_post(post)
    assert client.get("/1010/feed")["data"] == []


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic sandbox-page-token", "Bearer"])
def test_only_the_right_bearer_token_opens(client: Client, header: str | None) -> None:
    client.session.headers.pop("Authorization")
    headers = {} if header is None else {"Authorization": header}
    _, error = client.refused("GET", "/me", headers=headers)
    assert error["type"] == "OAuthException"
    assert error["code"] in (104, 190)


def test_a_token_in_the_url_is_refused_even_beside_a_good_header(client: Client, world: GraphWorld) -> None:
    _, error = client.refused("GET", "/me", params={"access_token": world.token})
    assert error["code"] == 190


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/1010/feed", {"limit": "101"}),
        ("/1010/feed", {"limit": "0"}),
        ("/1010/feed", {"limit": "many"}),
        ("/1010/feed", {"since": "yesterdayish"}),
        ("/1010/feed", {"after": "not!a!cursor"}),
        ("/1010/feed", {"fields": "id,password"}),
        ("/1010/albums", {}),
        ("/1010_1/comments", {"order": "ranked"}),
    ],
)
def test_what_makes_no_sense_answers_100(client: Client, path: str, query: dict[str, str]) -> None:
    status, error = client.refused("GET", path, params=query)
    assert (status, error["code"]) == (400, 100)


def test_other_paths_and_verbs_are_refused(client: Client) -> None:
    assert client.refused("GET", "/v26.0/1010/feed/more")[1]["code"] == 2500
    assert client.refused("GET", "/1010/feed", params={"fields": "id{"})[1]["code"] == 2500
    assert client.refused("DELETE", "/1010_1")[1]["code"] == 100
    broken = client.refused("POST", "/1/comments", data=b"{", headers={"Content-Type": "application/json"})
    assert broken[1]["code"] == 100


def test_usage_headers_show_what_is_set(client: Client) -> None:
    client.server.app_usage, client.server.page_usage = 83, 96
    headers = client.ask("GET", "/me").headers
    assert json.loads(headers["X-App-Usage"])["call_count"] == 83
    case = json.loads(headers["X-Business-Use-Case-Usage"])["1010"][0]
    assert (case["call_count"], case["estimated_time_to_regain_access"]) == (96, 0)


@pytest.mark.parametrize(("reset", "code", "minutes"), [(None, 32, 0), (90, 80001, 2)])
def test_rate_limit_tells_its_end_only_where_it_has_one(
    client: Client, faults: Faults, reset: int | None, code: int, minutes: int
) -> None:
    faults.switch({"channel": "facebook", "fault": "rate_limit", "times": 1, "reset": reset})
    answer = client.ask("GET", "/1010/feed")
    assert answer.json()["error"]["code"] == code
    case = json.loads(answer.headers["X-Business-Use-Case-Usage"])["1010"][0]
    assert case["estimated_time_to_regain_access"] == minutes
    assert client.get("/me")["id"] == "1010"


def test_unauthorized_strikes_before_anything_is_written(
    client: Client, world: GraphWorld, faults: Faults, accepted: list[dict[str, object]]
) -> None:
    post = world.post("A.", "x")
    faults.switch({"channel": "facebook", "fault": "unauthorized"})
    status, error = client.refused("POST", f"/{post}/comments", data={"message": "hello"})
    assert (status, error["code"], error["error_subcode"]) == (400, 190, 463)
    assert accepted == []
    faults.switch({"channel": "facebook", "fault": "unauthorized", "on": False})
    assert "id" in client.reply(post, "hello")


def test_accepted_then_dropped_leaves_the_reply_to_be_found(
    client: Client, world: GraphWorld, faults: Faults, accepted: list[dict[str, object]]
) -> None:
    post = world.post("A.", "x")
    faults.switch({"channel": "facebook", "fault": "accepted_then_dropped", "times": 1})
    with pytest.raises(requests.ConnectionError):
        client.reply(post, "hello")
    assert [one["message"] for one in client.get(f"/{post}/comments")["data"]] == ["hello"]
    assert len(accepted) == 1


def test_html_503_and_a_cut_answer(client: Client, world: GraphWorld, faults: Faults) -> None:
    world.post("A.", "x")
    faults.switch({"channel": "facebook", "fault": "html_503", "times": 1})
    answer = client.ask("GET", "/1010/feed")
    assert answer.status_code == 503
    assert answer.headers["Content-Type"].startswith("text/html")
    faults.switch({"channel": "facebook", "fault": "cut", "times": 1, "bytes": 20})
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        client.get("/1010/feed")
    assert len(client.get("/1010/feed")["data"]) == 1


@given(st.text())
def test_no_cursor_time_or_field_list_breaks_the_reader(text: str) -> None:
    for read in (
        lambda: read_cursor(text),
        lambda: read_seconds({"since": text}, "since"),
        lambda: read_fields({"fields": text}, ("id",), ("id", "from"), "Post"),
    ):
        try:
            read()
        except GraphError as refusal:
            assert refusal.answer({}).status == 400


def test_many_threads_lose_no_comment(world: GraphWorld) -> None:
    post = world.our_post("Sale")
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda n: world.comment(post, f"P{n % 5}", f"text {n}"), range(400)))
    assert len(set(made)) == 400
    assert sorted(one.id for one in world.comments(post)) == sorted(made)
    assert len({one.author.id for one in world.comments(post)}) == 5


def test_a_comment_is_hidden_and_shown_again_and_both_are_told(
    client: Client, world: GraphWorld, accepted: list[dict[str, object]]
) -> None:
    made = world.comment(world.our_post("New!"), "Eve", "buy")
    for hidden in (True, False):
        told = client.ask("POST", f"/v26.0/{made}", data={"is_hidden": str(hidden).lower()})
        assert told.json() == {"success": True}
        assert client.get(f"/{made}", fields="is_hidden")["is_hidden"] is hidden
    assert [(one["kind"], one["id"], one["to"]) for one in accepted] == [
        ("hide", made, "Eve"),
        ("unhide", made, "Eve"),
    ]


def test_what_cannot_be_hidden_answers_100(client: Client, world: GraphWorld) -> None:
    post = world.our_post("New!")
    comment, ours = world.comment(post, "Eve", "buy"), world.our_comment(post, "Yes")
    for target, wanted in ((comment, "perhaps"), (ours, "true"), (post, "true"), ("1_2", "true")):
        status, error = client.refused("POST", f"/{target}", data={"is_hidden": wanted})
        assert (status, error["code"]) == (400, 100)
    assert not world.find_comment(comment).hidden
