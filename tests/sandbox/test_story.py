"""The worlds: what the story says, how the crowd goes on, how a load is filled."""

from __future__ import annotations

import random
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from email import message_from_string
from email.message import EmailMessage
from email.policy import default
from itertools import pairwise
from pathlib import Path
from threading import Event

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from inbox_tui.sandbox.crowd import ANSWER_MS, IN_A_ROW, PAUSE_MS, Crowd, State, heard, step
from inbox_tui.sandbox.load import fill
from inbox_tui.sandbox.runner import Sandbox
from inbox_tui.sandbox.story import HOUR_MS, tell

NOW = 1_795_000_000_000


class FakeTown:
    """A sandbox that only writes down what is played."""

    def __init__(self, enough: int = 10**9) -> None:
        self.acts: list[dict[str, object]] = []
        self.full = Event()
        self.listeners: list[Callable[[Mapping[str, object]], None]] = []
        self.clock = NOW
        self._enough = enough

    def play(self, act: Mapping[str, object]) -> str:
        if act.get("in_reply_to") == "gone":
            raise ValueError("gone")
        self.acts.append(dict(act))
        if len(self.acts) >= self._enough:
            self.full.set()
        return f"id-{len(self.acts)}"

    def now(self) -> int:
        return self.clock

    @property
    def journal(self) -> FakeTown:
        return self

    def listen(self, callback: Callable[[Mapping[str, object]], None]) -> None:
        self.listeners.append(callback)


@pytest.fixture(scope="module")
def told() -> FakeTown:
    town = FakeTown()
    tell(town)
    return town


def mails(town: FakeTown) -> list[EmailMessage]:
    found = []
    for act in town.acts:
        if act["channel"] == "email":
            mail = message_from_string(str(act["raw"]), policy=default)
            assert isinstance(mail, EmailMessage)
            found.append(mail)
    return found


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain", "html"))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def said_by(town: FakeTown, *names: str) -> list[dict[str, object]]:
    return [act for act in town.acts if act.get("from") in names]


def test_the_customer_of_the_story_tries_three_times_on_three_channels(told: FakeTown) -> None:
    by_mail = [mail for mail in mails(told) if "hajo@brandt.example" in mail["From"]]
    # Three in this matter, and one of weeks ago.
    assert len(by_mail) == 4
    assert len(said_by(told, "@hajo")) == 3
    assert Counter(act["kind"] for act in said_by(told, "Hajo B.")) == {"post": 1, "comment": 1}


def test_nobody_has_waited_longer_than_he(told: FakeTown) -> None:
    recent = [act for act in told.acts if NOW - int(str(act["at"])) < 14 * 24 * HOUR_MS]
    first = recent[0]
    assert "hajo@brandt.example" in str(first["raw"])
    assert 99 * HOUR_MS < NOW - int(str(first["at"])) < 102 * HOUR_MS


def test_it_is_told_oldest_first_and_ends_before_now(told: FakeTown) -> None:
    times = [int(str(act["at"])) for act in told.acts]
    assert times == sorted(times)
    assert times[-1] < NOW


def test_between_25_and_45_messages_of_customers_and_our_posts_between(told: FakeTown) -> None:
    ours = [act for act in told.acts if str(act["kind"]).startswith("our_")]
    assert 25 <= len(told.acts) - len(ours) <= 45
    assert {act["channel"] for act in ours} == {"x", "facebook", "email"}


def test_answers_name_what_they_answer(told: FakeTown) -> None:
    made = {f"id-{number}": act for number, act in enumerate(told.acts, 1)}
    for act in told.acts:
        if act["channel"] == "x" and "in_reply_to" in act:
            assert made[str(act["in_reply_to"])]["channel"] == "x"
        if act["kind"] == "comment":
            assert made[str(act["post"])]["kind"] in ("post", "our_post")
    nested = [act for act in said_by(told, "Petra Kurz") if act["parent"]]
    assert made[str(nested[0]["parent"])]["from"] == "Petra Kurz"
    assert nested[0]["post"] == said_by(told, "Petra Kurz")[0]["post"]


def test_tweets_fit_and_reach_us(told: FakeTown) -> None:
    for act in told.acts:
        if act["channel"] == "x" and act["kind"] == "mention":
            assert "@shop" in str(act["text"])
            assert len(str(act["text"])) <= 280
    assert any(
        not str(act["text"]).isascii() and "👨‍👩‍👧" in str(act["text"]) for act in told.acts if "text" in act
    )


def test_every_kind_of_mail_is_there(told: FakeTown) -> None:
    by_subject = {str(mail["Subject"]): mail for mail in mails(told)}
    kinds = {mail.get_content_type() for mail in by_subject.values()}
    assert kinds == {"text/plain", "text/html", "multipart/mixed", "multipart/report"}
    quoted = by_subject["Re: iPhone does not connect: one question"]
    assert "\n-- \nHajo Brandt\n" in text_of(quoted)
    assert "\n> Customer number 204117." in text_of(quoted)
    assert quoted["In-Reply-To"] == by_subject["iPhone does not connect: one question"]["Message-ID"]
    old_charset = by_subject["Rücksendung Hülle"]
    assert old_charset.get_content_charset() == "iso-8859-1"
    assert "Jürgen Mößner" in text_of(old_charset)
    photo = [part.get_filename() for part in by_subject["Broken display, order A-5388"].iter_attachments()]
    assert photo == ["display.png"]
    assert by_subject["Undelivered Mail Returned to Sender"]["Auto-Submitted"] == "auto-replied"
    assert "List-Unsubscribe" in by_subject["Fünf Ideen fürs Schaufenster"]
    assert not any(mail.defects for mail in by_subject.values())


def test_message_ids_differ_and_people_are_made_up(told: FakeTown) -> None:
    ids = [str(mail["Message-ID"]) for mail in mails(told)]
    assert len(set(ids)) == len(ids)
    for mail in mails(told):
        for address in (*mail["From"].addresses, *mail["To"].addresses):
            assert address.domain.endswith(".example")


def reply(channel: str, **more: object) -> dict[str, object]:
    record: dict[str, object] = {"channel": channel, "id": "r1", "text": "We are looking into it."}
    return {**record, "to": {"x": "@hajo", "email": "hajo@brandt.example"}.get(channel, "Hajo B."), **more}


def answers_to(record: Mapping[str, object]) -> list[dict[str, object]]:
    state = heard(State(NOW + 10**9, 10), record, NOW, random.Random(1))
    return step(state, NOW + 60_000, random.Random(1))[1]


def test_a_reply_is_answered_where_it_was_given() -> None:
    (on_x,) = answers_to(reply("x"))
    assert (on_x["kind"], on_x["from"], on_x["in_reply_to"]) == ("mention", "@hajo", "r1")
    (on_page,) = answers_to(reply("facebook", post="p1"))
    assert (on_page["kind"], on_page["from"], on_page["post"], on_page["parent"]) == (
        "comment",
        "Hajo B.",
        "p1",
        "r1",
    )
    (by_mail,) = answers_to(reply("email", id="<r1@shop.example>", subject="Re: iPhone"))
    assert (by_mail["from"], by_mail["name"]) == ("hajo@brandt.example", "Hajo Brandt")
    assert (by_mail["subject"], by_mail["in_reply_to"]) == ("Re: iPhone", "<r1@shop.example>")


@pytest.mark.parametrize(
    "record",
    [
        reply("x", to=None),
        reply("email", to="a@post.example, b@post.example"),
        reply("email", to="no-reply@post.example"),
        reply("email", to="mailer-daemon@mx.shop.example"),
        reply("facebook"),
    ],
)
def test_nobody_answers_where_no_one_person_was_written_to(record: Mapping[str, object]) -> None:
    assert answers_to(record) == []


def test_an_answer_takes_some_seconds() -> None:
    state = heard(State(NOW + 10**9, 10), reply("x"), NOW, random.Random(1))
    assert step(state, NOW + ANSWER_MS[0] - 1, random.Random(1)) == (state, [])
    assert len(step(state, NOW + ANSWER_MS[1], random.Random(1))[1]) == 1


def test_an_answer_is_in_the_language_of_the_reply() -> None:
    (german,) = answers_to(reply("x", text="Wir kümmern uns darum."))
    (english,) = answers_to(reply("x"))
    assert german["text"] != english["text"]


def test_after_two_answers_he_is_silent_until_he_begins_anew() -> None:
    rng = random.Random(3)
    state = State(NOW + 10**9, 10)
    for number in range(4):
        state = heard(state, reply("x", id=f"r{number}"), NOW, rng)
    assert len(state.due) == IN_A_ROW
    assert len(heard(state, reply("facebook", post="p1"), NOW, rng).due) == IN_A_ROW + 1
    _, acts = step(State(NOW, 10), NOW, random.Random(5))
    writer = (str(acts[0]["channel"]), str(acts[0]["from"]))
    begun = step(State(NOW, 10, answers={writer: IN_A_ROW}), NOW, random.Random(5))[0]
    assert writer not in begun.answers


@given(st.integers(0, 10**6), st.integers(1, 30), st.lists(st.integers(0, 60_000), max_size=60))
def test_never_more_than_its_number_and_never_too_close(seed: int, at_most: int, waits: list[int]) -> None:
    rng = random.Random(seed)
    state, now, written, spoke = State(NOW, at_most), NOW, 0, []
    for wait in waits:
        now += wait
        state = heard(state, reply("x", to=f"@c{wait % 7}"), now, rng)
        prompted = sum(at <= now for at, _ in state.due)
        state, acts = step(state, now, rng, ["p1"])
        written += len(acts)
        spoke += [now] * (len(acts) > prompted)
    assert written <= at_most
    assert state.left == at_most - written
    assert all(later - earlier >= PAUSE_MS[0] for earlier, later in pairwise(spoke))


def test_the_thread_answers_goes_on_after_a_gone_post_and_stops() -> None:
    town = FakeTown(enough=1)
    crowd = Crowd(town, at_most=5)
    crowd.start()
    town.listeners[0](reply("x", id="gone"))
    town.listeners[0](reply("facebook", post="p1"))
    town.clock += ANSWER_MS[1]
    town.listeners[0](reply("x", to=None))
    assert town.full.wait(10)
    crowd.stop()
    assert [act["from"] for act in town.acts] == ["Hajo B."]
    assert [str(refusal) for refusal in crowd.unplayed] == ["gone"]


def test_a_load_holds_what_was_asked_for_oldest_first() -> None:
    town = FakeTown()
    played = fill(town, 1000)
    ours = [act for act in town.acts if act["kind"] == "our_post"]
    assert played == Counter({"email": 334, "x": 333, "facebook": 333})
    assert len(town.acts) - len(ours) == 1000
    times = [int(str(act["at"])) for act in town.acts]
    assert times == sorted(times)
    assert times[-1] < NOW
    ids = [str(mail["Message-ID"]) for mail in mails(town)]
    assert len(set(ids)) == 334
    answered = {str(mail["In-Reply-To"]) for mail in mails(town) if mail["In-Reply-To"]}
    assert answered
    assert answered <= set(ids)


class Turnable:
    """A clock that stands still until it is turned."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> int:
        return self.at


@pytest.fixture
def clock() -> Turnable:
    return Turnable()


@pytest.fixture
def sandbox(tmp_path: Path, clock: Turnable) -> Iterator[Sandbox]:
    with Sandbox(tmp_path, scenario="empty", now=clock) as running:
        yield running


def answer_on_page(sandbox: Sandbox, target: str, text: str) -> str:
    """An agent replies over the real API."""
    port = tomllib.loads(sandbox.config_path.read_text())["accounts"]["page"]["api_url"]
    with requests.Session() as session:
        session.trust_env = False
        answer = session.post(
            f"{port}/v26.0/{target}/comments",
            data={"message": text},
            headers={"Authorization": f"Bearer {sandbox.graph.token}"},
            verify=str(sandbox.directory / "ca.pem"),
            timeout=10,
        )
    return str(answer.json()["id"])


def test_the_real_servers_hold_what_the_story_says(sandbox: Sandbox) -> None:
    ids = tell(sandbox)
    shop = sandbox.x.accounts()[0].user
    mentions = sandbox.x.mentions_of(shop.id, 100)
    writers = Counter(getattr(sandbox.x.user(post.author_id), "handle", "") for post in mentions)
    assert (writers["hajo"], writers["lena_m"], writers["mirja_k"]) == (3, 1, 1)
    supporter = next(post for post in mentions if post.in_reply_to == ids["hajo despairs"])
    assert supporter.conversation_id == ids["hajo despairs"]
    feed = sandbox.graph.feed()
    visitors = [post.author.name for post in feed if post.author != sandbox.graph.page]
    assert visitors == ["Helene Graf", "Hajo B."]
    phones = sandbox.graph.find_post(ids["phones on page"])
    assert phones.updated == sandbox.graph.find_comment(ids["petra asks"]).replies[0].created
    assert [one.author.private for one in sandbox.graph.comments(ids["hoodies on page"], True)].count(
        True
    ) == 1
    assert len(sandbox.mail.mailbox("mail")) == 13
    assert len(sandbox.mail.mailbox("mail", "Sent")) == 1


def test_a_customer_answers_over_the_real_servers(sandbox: Sandbox, clock: Turnable) -> None:
    post = sandbox.play({"channel": "facebook", "kind": "post", "from": "Hajo B.", "text": "Anybody?"})
    crowd = Crowd(sandbox, at_most=1)
    crowd.start()
    first = answer_on_page(sandbox, post, "We are here.")
    clock.at += ANSWER_MS[1]
    # The clock stands still, so the thread looks at it again only when it hears of something.
    answer_on_page(sandbox, post, "Still here.")
    deadline = time.monotonic() + 20
    while len(sandbox.graph.comments(post, True)) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    crowd.stop()
    (said,) = sandbox.graph.comments(first)
    assert said.author.name == "Hajo B."
    assert not crowd.unplayed


def test_every_unprompted_act_can_be_played(sandbox: Sandbox) -> None:
    post = sandbox.play({"channel": "facebook", "kind": "our_post", "text": "New!"})
    state, rng = State(NOW, 60), random.Random(2)
    for number in range(60):
        state, acts = step(state, NOW + number * PAUSE_MS[1], rng, [post])
        for act in acts:
            sandbox.play(act)
    shop = sandbox.x.accounts()[0].user
    counts = (len(sandbox.x.mentions_of(shop.id, 99)), len(sandbox.mail.mailbox("mail")))
    assert min(counts) > 5
    assert sum(counts) + len(sandbox.graph.feed()) - 1 + len(sandbox.graph.comments(post)) == 60


def test_a_load_lands_in_the_real_servers(sandbox: Sandbox) -> None:
    played = fill(sandbox, 300)
    shop = sandbox.x.accounts()[0].user
    assert len(sandbox.x.mentions_of(shop.id, 999)) == played["x"] == 100
    assert len(sandbox.mail.mailbox("mail")) == played["email"] == 100
    feed = sandbox.graph.feed()
    visitors = sum(post.author != sandbox.graph.page for post in feed)
    assert visitors + sum(len(post.comments) for post in feed) == played["facebook"] == 100


@pytest.mark.parametrize(
    ("channel", "kind", "answered"),
    [("x", "dm", "dm"), ("facebook", "message", "message"), ("facebook", "private_reply", "message")],
)
def test_who_is_written_to_in_private_answers_there(channel: str, kind: str, answered: str) -> None:
    record = {"channel": channel, "kind": kind, "to": "Hajo", "text": "Hello", "id": "1"}
    state = heard(State(NOW + 10**9, 10), record, NOW, random.Random(1))
    ((_, act),) = state.due
    assert (act["channel"], act["kind"], act["from"]) == (channel, answered, "Hajo")
