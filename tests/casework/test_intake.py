"""A page is taken whole, once, and lands in the right case."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox_tui.casework import intake, tidying
from inbox_tui.desk.clock import DAY, HOUR
from inbox_tui.model import (
    Attachment,
    Author,
    Automatic,
    CaseState,
    Direction,
    Incoming,
    Kind,
    MailFacts,
)
from inbox_tui.store import accounts, messages
from tests.casework.world import (
    NOW,
    World,
    comment,
    dump,
    mail,
    our_mail,
    our_post,
    person,
    post,
    temporary_world,
)

HOSTILE = Path(__file__).parent.parent / "data" / "hostile.jsonl"


def a_page() -> list[Incoming]:
    return [
        post("1", "42", NOW - 3 * HOUR),
        our_post("2", "42", NOW - 2 * HOUR),
        post("3", "42", NOW - HOUR, automatic=Automatic.REPLY),
        post("4", None, NOW),
        Incoming("5", "", person("x", "1"), Direction.OUT, "New phones!", NOW, Kind.POST, public=True),
        post("6", "43", NOW, context="5", in_reply_to="5"),
    ]


# -- whole, and once


def test_a_page_taken_twice_changes_nothing(world: World) -> None:
    first = world.take("shop", *a_page(), cursor={"since": 6}, complete_until=NOW, history_done=True)
    before = dump(world.store)
    second = world.take("shop", *a_page(), cursor={"since": 6}, complete_until=NOW, history_done=True)
    assert (first.new, first.known) == (6, 0)
    assert (second.new, second.known) == (0, 6)
    assert dump(world.store) == before


def test_mail_taken_twice_changes_nothing(world: World) -> None:
    page = [
        mail(1, "a@x.example"),
        our_mail(2, "a@x.example", refs=["<1@x.example>"]),
        mail(3, "b@x.example"),
    ]
    world.take("mail", *page)
    before = dump(world.store)
    assert world.take("mail", *page).new == 0
    assert dump(world.store) == before


def test_the_same_message_twice_in_one_page_is_stored_once(world: World) -> None:
    assert world.take("shop", post("1", "42"), post("1", "42")).new == 1


@pytest.mark.parametrize("step", ["store_cursor", "add_spend"])
def test_a_crash_in_the_middle_leaves_nothing_half(
    world: World, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    world.take("shop", post("0", "42", NOW - HOUR), cursor={"page": 0})
    before = dump(world.store)

    def crash(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(accounts, step, crash)
        with pytest.raises(ZeroDivisionError):
            world.take("shop", *a_page(), cursor={"page": 1}, spend=5)
    assert dump(world.store) == before
    assert world.take("shop", *a_page(), cursor={"page": 1}, spend=5).new == 6
    assert accounts.cursor(world.db, world.accounts["shop"]) == {"page": 1}


def test_a_crash_while_writing_leaves_nothing_half(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = dump(world.store)

    def crash(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(messages, "insert", crash)
        with pytest.raises(ZeroDivisionError):
            world.take("shop", *a_page())
    assert dump(world.store) == before


def test_what_a_page_says_of_the_account_is_kept(world: World) -> None:
    world.take("shop", complete_until=NOW - HOUR, gap=(NOW - DAY, NOW - 2 * HOUR), spend=7)
    world.take("shop", complete_until=NOW - 2 * HOUR, gap=(NOW - HOUR, NOW), spend=5)
    world.take("shop", history_done=True)
    health = next(h for h in world.inbox.health() if h.account == "shop")
    assert health.complete_until == NOW - HOUR, "it never goes back"
    assert (health.gap_from, health.gap_until) == (NOW - DAY, NOW), "a gap widens"
    assert health.spent_today == 12
    assert health.history_done


def test_a_mail_that_could_not_be_read_is_kept_and_counted(world: World) -> None:
    broken = mail(1, "a@x.example")
    assert broken.mail is not None
    world.take("mail", replace(broken, mail=replace(broken.mail, unparsed="nested too deep")))
    health = next(h for h in world.inbox.health() if h.account == "mail")
    assert health.unparsed == 1
    (message,) = world.inbox.case(world.case_of("INBOX/1/1")).timeline
    assert message.unparsed == "nested too deep"


# -- the clock


def test_a_customer_waits_since_his_first_unanswered_message(world: World) -> None:
    world.take("shop", post("1", "42", NOW - 3 * HOUR), post("2", "42", NOW - HOUR))
    row = world.inbox.case(world.case_of("1")).row
    assert (row.state, row.waiting_since) == (CaseState.WAITING, NOW - 3 * HOUR)


def test_what_came_before_the_first_day_makes_nobody_wait(world: World) -> None:
    world.since = NOW - DAY
    world.take("shop", post("1", "42", NOW - 2 * DAY))
    row = world.inbox.case(world.case_of("1")).row
    assert (row.state, row.waiting_since) == (CaseState.DONE, None)


def test_old_answered_history_does_not_fill_the_pending_view(world: World) -> None:
    world.since = NOW - DAY
    world.take("shop", post("1", "42", NOW - 3 * DAY), our_post("2", "42", NOW - 2 * DAY))
    assert world.inbox.case(world.case_of("1")).row.state is CaseState.DONE


def test_a_long_history_is_one_case(world: World) -> None:
    world.since = NOW - DAY
    days = [60, 50, 40, 30, 20]
    world.take("shop", *(post(str(day), "42", NOW - day * DAY) for day in days))
    assert len({world.case_of(str(day)) for day in days}) == 1


def test_automatic_mail_starts_no_clock_and_stands_apart(world: World) -> None:
    world.take("mail", mail(1, "news@list.example", text="Offers!", automatic=Automatic.BULK))
    row = world.inbox.case(world.case_of("INBOX/1/1")).row
    assert (row.state, row.waiting_since, row.messages) == (CaseState.DONE, None, 0)
    assert row.snippet == "Offers!"
    assert [r.id for r in world.inbox.page("automatic")] == [row.id]


def test_an_automatic_answer_of_ours_stops_no_clock(world: World) -> None:
    world.take("shop", post("1", "42", NOW - HOUR))
    world.take("shop", our_post("2", "42", NOW, "We are closed", automatic=Automatic.REPLY))
    assert world.inbox.case(world.case_of("1")).row.waiting_since == NOW - HOUR


def test_an_automatic_answer_of_the_customer_reopens_nothing(world: World) -> None:
    world.take("shop", post("1", "42"))
    case = world.case_of("1")
    world.inbox.done(case)
    world.take("shop", post("2", "42", NOW + HOUR, automatic=Automatic.REPLY))
    assert world.case_of("2") == case
    assert world.inbox.case(case).row.state is CaseState.DONE


def test_an_older_answer_from_elsewhere_covers_nothing_that_was_reopened(world: World) -> None:
    world.take("shop", post("1", "42", NOW - HOUR), our_post("2", "42", NOW))
    case = world.case_of("1")
    world.inbox.reopen(case)
    world.take("shop", our_post("0", "42", NOW - 2 * HOUR))
    assert world.inbox.case(case).row.waiting_since == NOW - HOUR
    world.take("shop", our_post("3", "42", NOW + HOUR))
    assert world.inbox.case(case).row.waiting_since is None


def test_an_answer_from_elsewhere_covers_the_case_it_was_written_in(world: World) -> None:
    world.take("shop", post("1", "42", NOW), our_post("2", "42", NOW + 10 * DAY))
    world.now = NOW + 10 * DAY
    world.inbox.done(world.case_of("1"))
    world.take("shop", post("3", "42", NOW + 30 * DAY))
    assert world.case_of("3") != world.case_of("1")
    world.take("shop", post("late", "42", NOW + 9 * DAY))
    assert world.case_of("late") == world.case_of("3")
    assert world.inbox.case(world.case_of("3")).row.waiting_since == NOW + 9 * DAY


def test_a_message_reopens_a_done_case(world: World) -> None:
    world.take("shop", post("1", "42"))
    world.inbox.done(world.case_of("1"))
    world.take("shop", post("2", "42", NOW + DAY))
    row = world.inbox.case(world.case_of("1")).row
    assert world.case_of("2") == row.id
    assert (row.state, row.waiting_since) == (CaseState.WAITING, NOW + DAY)


def test_a_case_done_long_ago_is_followed_by_a_new_one_that_is_linked(world: World) -> None:
    world.take("shop", post("1", "42"))
    world.inbox.done(world.case_of("1"))
    world.take("shop", post("2", "42", NOW + 15 * DAY))
    old, new = world.case_of("1"), world.case_of("2")
    assert old != new
    assert world.inbox.case(new).linked == old
    assert world.inbox.case(old).row.state is CaseState.DONE
    assert world.thread_of("1") == world.thread_of("2"), "the thread is one"


def test_another_thread_of_the_same_identity_joins_within_join_hours(world: World) -> None:
    world.take("shop", post("1", "42", NOW, thread="a"))
    world.take("shop", post("2", "42", NOW + 72 * HOUR, thread="b"))
    world.take("shop", post("3", "42", NOW + 145 * HOUR, thread="c"))
    assert world.case_of("2") == world.case_of("1")
    assert world.case_of("3") != world.case_of("1")


def test_two_customers_in_one_conversation_are_two_cases(world: World) -> None:
    world.take("shop", post("1", "42", thread="c:42"), post("2", "43", thread="c:43"))
    assert world.case_of("1") != world.case_of("2")


def test_hidden_authors_are_separate_persons(world: World) -> None:
    world.take("page", comment("1", None), comment("2", None))
    first, second = (world.inbox.case(world.case_of(id)) for id in "12")
    assert first.row.person.id != second.row.person.id
    assert first.timeline[0].author.value is None
    assert first.threads[0].customer.value is None


def test_hidden_authors_of_two_accounts_are_separate_persons(world: World) -> None:
    world.take("page", comment("1", None))
    world.take("shop", replace(comment("1", None), author=person("facebook", None), thread_key="other"))
    people = {world.inbox.case(id).row.person.id for id in world.case_ids()}
    assert len(people) == 2


def test_a_new_name_is_shown_and_a_blank_one_is_not(world: World) -> None:
    world.take("shop", replace(post("1", "42"), author=Author("x", "42", "Hajo", "@hajo")))
    world.take("shop", replace(post("2", "42"), author=Author("x", "42", "\u3164", "@hajo_b")))
    (identity,) = world.inbox.case(world.case_of("1")).identities
    assert (identity.name, identity.handle) == ("Hajo", "@hajo_b")


def test_our_own_posts_are_context_and_no_case(world: World) -> None:
    world.take("shop", *a_page())
    case = world.inbox.case(world.case_of("6"))
    assert [m.kind for m in case.timeline] == [Kind.POST, Kind.MESSAGE]
    assert world.inbox.message(case.timeline[0].id).case is None


# -- news before history


@st.composite
def exchanges(draw: st.DrawFn) -> list[Incoming]:
    """A few days of two customers, each with two threads; every time once."""
    times = draw(st.lists(st.integers(0, 70), min_size=1, max_size=9, unique=True))
    page = []
    for number, hour in enumerate(times):
        who, ours = draw(st.sampled_from("ab")), draw(st.booleans())
        thread = who + draw(st.sampled_from("12"))
        make = our_post if ours else post
        page.append(make(str(number), who, NOW + hour * HOUR, f"text {number}", thread=thread))
    return page


def outcome(world: World) -> dict[str, Any]:
    """What a desk looks like, without the ids of the store."""
    out: dict[str, Any] = {}
    for case in map(world.inbox.case, world.case_ids()):
        row = case.row
        out[" ".join(m.text for m in case.timeline)] = (
            row.state,
            row.waiting_since,
            row.subject,
            row.snippet,
            row.messages,
            row.updated_at,
            [m.owed for m in case.timeline],
        )
    return out


@settings(max_examples=60)
@given(exchanges(), st.data())
def test_the_order_of_arrival_changes_nothing(page: list[Incoming], data: st.DataObject) -> None:
    with temporary_world() as world:
        for message in sorted(page, key=lambda m: m.sent_at):
            world.take("shop", message)
        expected = outcome(world)
    with temporary_world() as world:
        rest = data.draw(st.permutations(page))
        while rest:
            size = data.draw(st.integers(1, len(rest)), label="page")
            world.take("shop", *rest[:size])
            rest = rest[size:]
        assert outcome(world) == expected


# -- foreign text

ALLOWED = {"\n"}


def dirt(text: str) -> list[str]:
    """What should not be there: controls, C1, surrogates, bidi controls."""
    bidi = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    return [c for c in text if (unicodedata.category(c) in ("Cc", "Cs") and c not in ALLOWED) or c in bidi]


def hostile(n: int, bad: str) -> list[tuple[str, Incoming]]:
    """The same text in every field of a message that comes from outside."""
    who = Author("x", f"v{n}{bad}", f"n{n}{bad}", f"@h{n}{bad}")
    social = Incoming(
        f"id{n}{bad}",
        f"thread{n}{bad}",
        who,
        Direction.IN,
        f"text{bad}",
        NOW + n,
        public=True,
        full_text=f"full{bad}",
        subject=f"subject{bad}",
        permalink=f"https://x.example/{bad}",
        in_reply_to=f"re{bad}",
        context=f"ctx{bad}",
        thread_link=bad,
        customer=replace(who, value=f"w{n}{bad}"),
        can_reply=False,
        why_not=f"why{bad}",
        attachments=(Attachment(f"a{bad}.exe", f"text/{bad}", 1),),
    )
    facts = MailFacts(
        message_id=f"<m{n}{bad}@x.example>",
        references=(f"<r{bad}@x.example>",),
        participants=(f"p{bad}@x.example",),
        reply_to=f"to{bad}@x.example",
        digest=f"d{n}",
        unparsed=f"broken {bad}",
    )
    letter = replace(social, external_id=f"mail{n}{bad}", thread_key="", author=replace(who, kind="email"))
    return [("shop", social), ("mail", replace(letter, mail=facts))]


def test_hostile_text_is_clean_in_every_column_of_the_store(world: World) -> None:
    lines = [json.loads(line)["input"] for line in HOSTILE.read_text("utf-8").splitlines()]
    assert len(lines) > 40
    lines += ["\ud800lone", "\u0085next", "\x9b2J", "a\u202eb", "\x00", "\x1b]52;c;AAAA\x07"]
    for n, bad in enumerate(lines):
        for account, message in hostile(n, bad):
            assert world.take(account, message).new == 1
            assert world.take(account, message).new == 0, "it is known again when it comes again"
    found = {
        (table, dirty)
        for table, rows in dump(world.store).items()
        for row in rows
        for value in row
        if isinstance(value, str) and (dirty := "".join(dirt(value)))
    }
    assert found == set()


def test_nothing_heavy_is_cleaned_under_the_lock(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def watched(message: Incoming) -> Incoming:
        assert not world.store.is_held("lock")
        return tidying.tidy(message)

    monkeypatch.setattr(intake, "tidy", watched)
    assert world.take("shop", *a_page()).new == 6


_FOREIGN = st.text(st.sampled_from("ab \n\té\u0301…😀\x1b\u202e\u200d\ud800漢"), max_size=6)


@given(_FOREIGN, _FOREIGN, _FOREIGN, _FOREIGN, st.integers(0, 130))
def test_a_glance_at_a_message_spares_no_cleaning(
    text: str, name: str, subject: str, link: str, more: int
) -> None:
    who = replace(person("x", "42"), name=name + "n" * more, handle=name)
    message = post("1", "42", NOW, text, subject=subject, permalink=f"https://x.com/{link}")
    message = replace(message, author=who)
    # Whatever has an attachment is looked at part by part.
    thorough = tidying.tidy(replace(message, attachments=(Attachment("a", "text/plain", 1),)))
    assert tidying.tidy(message) == replace(thorough, attachments=())
