"""What the code of a hand-off is worth, and where a customer can be sent."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_tui.desk import asking, handoff, private
from inbox_tui.desk.clock import DAY, HOUR
from inbox_tui.desk.handoff import REFUSED, Came, Here, Sent, Worth, codes, judge, new_code, places
from inbox_tui.model import Author, Capabilities, Destination, LengthRule, Thread
from inbox_tui.text import length

NOW = 20_000 * DAY
EMAIL, X_DM, MESSENGER = Destination
made = st.integers(0, 2**32).map(lambda seed: new_code(random.Random(seed).choice))

sents = st.builds(
    Sent,
    case=st.just(1),
    person=st.integers(1, 2),
    threads=st.frozensets(st.integers(1, 3), min_size=1),
    public=st.booleans(),
    expires_at=st.integers(0, 10),
    used_by=st.none() | st.integers(1, 3),
    proposed=st.frozensets(st.integers(1, 5)),
)
cames = st.builds(
    Came,
    identity=st.integers(1, 3),
    person=st.integers(1, 2),
    thread=st.none() | st.integers(1, 5),
    other_case=st.booleans(),
    public=st.booleans(),
    forged=st.booleans(),
    at=st.integers(0, 12),
)


# -- the code


@given(made, st.sampled_from("-‐–— _"), st.booleans())
def test_a_code_is_found_however_it_is_typed(code: str, dash: str, low: bool) -> None:
    typed = code.replace("-", dash)
    text = f"(Hello, here is {typed.lower() if low else typed}.)"
    assert codes(text) == (code,)
    assert code not in handoff.without_codes(text).upper()


@given(made)
def test_a_code_passes_for_nothing_else(code: str) -> None:
    assert not re.search(r"[AEIOULY01]", code.removeprefix("H-"))
    assert all(group[0].isalpha() for group in code.split("-")[1:])
    assert list(private.told(f"Here is {code}.", "[A-Z]-[0-9]{4,6}")) == []


@given(st.text(alphabet="HABC0189- ", max_size=60))
def test_what_has_not_its_form_is_none(text: str) -> None:
    assert codes(text) == ()


def test_codes_are_as_many_as_nobody_can_guess() -> None:
    rng = random.Random(1)
    assert len({new_code(rng.choice) for _ in range(20_000)}) == 20_000
    assert len(handoff.LETTERS) ** 2 * len(handoff.ALPHABET) ** 8 > 10**14


def test_of_one_message_few_codes_are_looked_at() -> None:
    rng = random.Random(1)
    text = " ".join(new_code(rng.choice) for _ in range(1000))
    assert len(codes(text)) == handoff.MOST


# -- what it is worth


@given(sents, cames)
def test_nothing_joins_that_others_could_have_written(sent: Sent, came: Came) -> None:
    if judge(sent, came) is Worth.JOINS:
        assert came.at <= sent.expires_at and not came.forged and not came.public
        assert sent.used_by in (None, came.identity)
        assert came.person == sent.person or came.identity == sent.used_by or not sent.public


@given(sents, cames)
def test_each_code_is_good_once(sent: Sent, came: Came) -> None:
    used = replace(sent, used_by=99)
    assert judge(used, came) in (Worth.NOTHING, Worth.REUSED, Worth.FORGED)


@given(sents, cames)
def test_after_its_time_it_is_worth_nothing(sent: Sent, came: Came) -> None:
    late = judge(sent, replace(came, at=sent.expires_at + 1))
    assert late is Worth.NOTHING or late in REFUSED


@given(sents, cames)
def test_where_it_was_sent_it_is_only_quoted(sent: Sent, came: Came) -> None:
    assert judge(sent, replace(came, thread=min(sent.threads))) is Worth.NOTHING


@given(cames)
def test_a_code_that_does_not_exist_is_refused(came: Came) -> None:
    assert judge(None, came) is Worth.UNKNOWN


SENT = Sent(case=1, person=1, threads=frozenset({1}), public=False, expires_at=10)
CAME = Came(identity=7, person=2, thread=None, other_case=False, public=False, forged=False, at=5)


@pytest.mark.parametrize(
    ("sent", "came", "worth"),
    [
        (SENT, CAME, Worth.JOINS),
        (replace(SENT, public=True), CAME, Worth.PROPOSES),
        (SENT, replace(CAME, public=True), Worth.PROPOSES),
        (SENT, replace(CAME, thread=5, other_case=True), Worth.PROPOSES),
        (replace(SENT, public=True), replace(CAME, person=1), Worth.JOINS),
        (SENT, replace(CAME, person=1, public=True), Worth.NOTHING),
        (SENT, replace(CAME, person=1, thread=5, other_case=True), Worth.ARRIVED),
        (SENT, replace(CAME, forged=True), Worth.FORGED),
        (SENT, replace(CAME, at=11), Worth.EXPIRED),
        (replace(SENT, used_by=8), CAME, Worth.REUSED),
        (replace(SENT, used_by=7), CAME, Worth.JOINS),
        (replace(SENT, used_by=7), replace(CAME, thread=5), Worth.NOTHING),
        (replace(SENT, public=True, proposed=frozenset({1, 2, 3})), CAME, Worth.CROWDED),
        (replace(SENT, public=True, proposed=frozenset({7})), CAME, Worth.NOTHING),
    ],
)
def test_worth(sent: Sent, came: Came, worth: Worth) -> None:
    assert judge(sent, came) is worth


# -- where he can be sent

HERE = (
    Here(EMAIL, "mail", "email"),
    Here(X_DM, "shop", "x"),
    Here(MESSENGER, "page", "facebook"),
)
WINDOW = Capabilities(public=False, reply_window=DAY)
COMMENTS = Capabilities(public=True, private_window=7 * DAY)


def thread(id: int, account: str, *, public: bool = False, **more: object) -> Thread:
    fields = {
        "id": id,
        "case": 1,
        "channel": "x",
        "account": account,
        "public": public,
        "permalink": "",
        "subject": "",
        "customer": Author("x", "7"),
        "can_reply": True,
        "why_not": "",
        "last_in": 3,
        **more,
    }
    return Thread(**fields)  # type: ignore[arg-type]


def test_without_any_thread_there_every_way_is_open() -> None:
    found = places(HERE, [thread(1, "shop", public=True)], NOW)
    assert [(one.to, one.open, one.note) for one in found] == [
        (EMAIL, True, ""),
        (X_DM, True, ""),
        (MESSENGER, True, ""),
    ]


def test_where_the_platform_refused_him_the_way_is_closed_and_stands_last() -> None:
    refused = thread(1, "shop", can_reply=False, why_not="he takes no direct messages")
    found = places(HERE, [refused], NOW)
    assert [one.to for one in found] == [EMAIL, MESSENGER, X_DM]
    assert (found[-1].open, found[-1].why_not) == (False, "he takes no direct messages")


def test_where_he_wrote_already_he_can_be_answered() -> None:
    found = places(HERE, [thread(4, "mail", channel="email")], NOW)
    assert found[0].thread == 4 and "thread 4 can be answered now" in found[0].note


def test_a_window_that_is_over_opens_when_he_writes() -> None:
    late = thread(1, "page", channel="facebook", capabilities=WINDOW, reply_until=NOW - HOUR)
    (found,) = [one for one in places(HERE, [late], NOW) if one.to is MESSENGER]
    assert found.open and found.thread is None
    assert found.note.endswith("it is open again as soon as he writes")


@pytest.mark.parametrize(
    ("private_in", "said"), [(3, "needs no hand-off"), (None, "no private answer is left")]
)
def test_a_comment_says_whether_it_can_be_answered_privately(private_in: int | None, said: str) -> None:
    comment = thread(
        1,
        "page",
        public=True,
        channel="facebook",
        capabilities=COMMENTS,
        private_in=private_in,
        private_until=NOW + DAY if private_in else None,
    )
    (found,) = [one for one in places(HERE, [comment], NOW) if one.to is MESSENGER]
    assert said in found.note


def test_a_supplier_is_not_the_customer() -> None:
    found = places(HERE, [thread(4, "mail", channel="email", aside=True)], NOW)
    assert found[0].thread is None


# -- in which words


@pytest.mark.parametrize("language", handoff.LANGUAGES)
@pytest.mark.parametrize("to", list(Destination))
def test_the_built_in_words_fit_on_x_and_ask_for_nothing(to: Destination, language: str) -> None:
    address = handoff.plus("customer.service@a-longer-name.example", "H-BCDFG-2345H")
    said = handoff.wording(to, language, "H-BCDFG-2345H", address)
    assert length(said, LengthRule.X_WEIGHTED) <= 260
    assert codes(said) == ("H-BCDFG-2345H",)
    assert asking.asked(said) == ()


def test_ones_own_words_have_the_code_in_their_place_or_under_them() -> None:
    code = "H-BCDFG-2345H"
    assert handoff.wording(X_DM, "en", code, "", "Write {code} to us!") == f"Write {code} to us!"
    said = handoff.wording(X_DM, "en", code, "", "Hello Hajo,")
    assert said.startswith("Hello Hajo,\n\nPlease") and codes(said) == (code,)
