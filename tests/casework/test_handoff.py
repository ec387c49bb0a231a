"""Hand-offs in a store: the case rests, the clock goes on, a code is good once, nobody is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox_tui.config.records import EffortConfig
from inbox_tui.desk.clock import DAY, HOUR, MINUTE
from inbox_tui.desk.handoff import GUESSES, Worth, codes, new_code, plus
from inbox_tui.errors import NothingToDo, ReplyBlocked, ReplyHeld, UsageError
from inbox_tui.model import Automatic, Case, CaseState, Destination, Direction, Incoming, Reply, ReplyState
from inbox_tui.store import handoffs, history

from .world import (
    NOW,
    OURS,
    World,
    check_clocks,
    check_views,
    fresh_store,
    mail,
    person,
    post,
    temporary_world,
)

EMAIL, X_DM, MESSENGER = Destination


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    store = fresh_store(tmp_path / "inbox.db")
    yield World(store)
    store.close()


def dm(id: str, who: str, at: int = NOW, text: str = "Hello?", **more: Any) -> Incoming:
    """A direct message on X."""
    author = person("x", who)
    return Incoming(id, f"dm:1-{who}", author, Direction.IN, text, at, endless=True, **more)


def hand_off(world: World, case: int, to: Destination, **more: Any) -> str:
    """Ask the customer; the code that he gets."""
    draft = world.inbox.handoffs.begin(case, to, **more)
    world.deliver(world.inbox.reply(case, draft.text, thread=draft.thread, draft=draft.id))
    (code,) = codes(draft.text)
    return code


def asked(world: World, *, private: bool = False) -> int:
    """Hajo's case: a post an hour ago, or a direct message."""
    first = (dm if private else post)("1", "7", NOW - HOUR)
    world.take("shop", first)
    return world.case_of("1")


def sound(world: World) -> None:
    check_views(world)
    check_clocks(world)
    before = [tuple(row) for row in world.db.execute("SELECT id, state, waiting_since FROM cases")]
    assert world.inbox.rebuild() == ()
    assert [tuple(row) for row in world.db.execute("SELECT id, state, waiting_since FROM cases")] == before


def kinds(world: World, case: int) -> list[str]:
    return [one.kind for one in history.of_case(world.db, case) if one.kind.startswith("handoff")]


def whole(world: World, case: int) -> Case:
    return world.inbox.case(case)


# -- the clock


def test_it_is_no_answer_the_case_rests_and_the_clock_goes_on(world: World) -> None:
    case = asked(world)
    hand_off(world, case, EMAIL)
    row = whole(world, case).row
    assert (row.state, row.waiting_since) == (CaseState.PENDING, NOW - HOUR)
    assert [row.id for row in world.inbox.page("pending")] == [case]
    assert world.inbox.overview().waiting == 0 and world.inbox.overview().longest is None
    sound(world)


def test_before_it_is_sent_nothing_changes(world: World) -> None:
    case = asked(world)
    draft = world.inbox.handoffs.begin(case, EMAIL)
    world.inbox.reply(case, draft.text, thread=draft.thread, draft=draft.id)
    assert whole(world, case).row.state is CaseState.WAITING
    assert whole(world, case).effort == 0
    sound(world)


def test_what_came_meanwhile_keeps_the_case_in_the_queue(world: World) -> None:
    case = asked(world)
    draft = world.inbox.handoffs.begin(case, EMAIL)
    world.take("shop", post("2", "7", NOW))
    world.deliver(world.inbox.reply(case, draft.text, thread=draft.thread, draft=draft.id, seen=1))
    assert whole(world, case).row.state is CaseState.WAITING


def test_he_who_never_arrives_is_back_by_the_clock(world: World) -> None:
    case = asked(world)
    hand_off(world, case, EMAIL)
    world.now = NOW + 47 * HOUR
    assert world.inbox.page("waiting") == ()
    world.now = NOW + 48 * HOUR
    (row,) = world.inbox.page("waiting")
    assert (row.id, row.waiting_since) == (case, NOW - HOUR)
    assert kinds(world, case) == ["handoff", "handoff_late"]
    (one,) = whole(world, case).handoffs
    assert one.returned_at == world.now and one.arrived_at is None
    sound(world)
    world.now += 48 * HOUR
    world.inbox.page("waiting")
    assert kinds(world, case) == ["handoff", "handoff_late"], "once"


def test_a_case_that_was_done_meanwhile_stays_done(world: World) -> None:
    case = asked(world)
    hand_off(world, case, EMAIL)
    world.inbox.done(case)
    world.now = NOW + 49 * HOUR
    assert world.inbox.page("waiting") == ()
    assert whole(world, case).row.state is CaseState.DONE
    sound(world)


def test_where_all_was_answered_before_he_is_owed_his_last_word(world: World) -> None:
    case = asked(world)
    world.deliver(world.inbox.reply(case, "It is off."))
    hand_off(world, case, EMAIL)
    assert whole(world, case).row.waiting_since is None
    world.now = NOW + 48 * HOUR
    (row,) = world.inbox.page("waiting")
    assert row.waiting_since == NOW - HOUR
    sound(world)


def test_he_writes_in_public_again_and_the_case_waits(world: World) -> None:
    case = asked(world)
    hand_off(world, case, EMAIL)
    world.take("shop", post("2", "7", NOW + MINUTE, "Why by mail?"))
    row = whole(world, case).row
    assert (row.state, row.waiting_since) == (CaseState.WAITING, NOW - HOUR)
    assert whole(world, case).handoffs[0].arrived_at is None
    sound(world)


def test_a_word_with_a_supplier_does_not_end_the_rest(world: World) -> None:
    world.take("mail", mail(1, "hajo@brandt.example", NOW - HOUR))
    case = world.case_of("INBOX/1/1")
    hand_off(world, case, X_DM)
    world.deliver(world.inbox.writing.forward(case, "sales@supplier.example", "Can you?"))
    assert whole(world, case).row.state is CaseState.PENDING
    sound(world)


def test_an_agent_can_call_it_back(world: World) -> None:
    case = asked(world)
    hand_off(world, case, EMAIL)
    world.inbox.reopen(case)
    assert [row.id for row in world.inbox.page("waiting")] == [case]
    sound(world)


def test_a_promise_in_it_that_is_broken_brings_the_case_back(world: World) -> None:
    case = asked(world)
    draft = world.inbox.handoffs.begin(case, EMAIL)
    until = NOW + 2 * HOUR
    world.deliver(world.inbox.reply(case, draft.text, thread=draft.thread, draft=draft.id, promise=until))
    assert whole(world, case).row.state is CaseState.PENDING
    world.now = until
    (row,) = world.inbox.page("waiting")
    assert row.broken


def test_the_report_takes_it_for_no_answer(world: World) -> None:
    case = asked(world)
    hand_off(world, case, EMAIL)
    world.now = NOW + HOUR
    report = world.inbox.people.report(case)
    assert (report.waited, report.first_answer) == (2 * HOUR, None)
    assert [(one.kind, one.detail) for one in report.events if one.kind == "handoff"] == [
        ("handoff", "to email")
    ]


# -- who arrives


def test_a_private_code_joins_whoever_it_comes_from(world: World) -> None:
    case = asked(world, private=True)
    code = hand_off(world, case, EMAIL)
    world.take("mail", mail(1, "wife@brandt.example", NOW + MINUTE, f"It is {code}"))
    assert world.case_of("INBOX/1/1") == case
    found = whole(world, case)
    assert (found.row.state, found.row.channels) == (CaseState.WAITING, ("x", "email"))
    (one,) = found.handoffs
    assert one.by_code and one.arrived == found.last_message
    assert found.same[0].reasons[0].kind == "code" and found.same[0].score >= 80
    assert kinds(world, case) == ["handoff", "handoff_arrived"]
    sound(world)


def test_a_public_code_only_proposes(world: World) -> None:
    case = asked(world)
    code = hand_off(world, case, EMAIL)
    world.take("mail", mail(1, "wife@brandt.example", NOW + MINUTE, f"It is {code}"))
    new = world.case_of("INBOX/1/1")
    assert new != case
    assert whole(world, case).row.state is CaseState.PENDING
    (proposal,) = world.inbox.people.proposals()
    assert set(proposal.cases) == {case, new} and proposal.score < 80
    assert kinds(world, new) == ["handoff_proposed"]
    sound(world)


def test_a_private_code_that_is_told_in_public_joins_nothing_any_more(world: World) -> None:
    case = asked(world, private=True)
    code = hand_off(world, case, EMAIL)
    world.take("shop", post("2", "8", NOW + MINUTE, f"@shop what is {code} for?"))
    assert world.case_of("2") != case
    world.take("mail", mail(1, "thief@ex.example", NOW + 2 * MINUTE, code))
    assert world.case_of("INBOX/1/1") != case
    assert world.inbox.people.waiting_proposals() == 2


def test_he_is_known_there_and_needs_no_code_however_late_he_comes(world: World) -> None:
    case = asked(world)
    hand_off(world, case, X_DM)
    world.take("shop", dm("2", "7", NOW + 10 * DAY, "Here I am"))
    assert world.case_of("2") == case
    (one,) = whole(world, case).handoffs
    assert (one.arrived_at, one.by_code) == (NOW + 10 * DAY, False)
    assert whole(world, case).row.waiting_since == NOW - HOUR
    sound(world)


def test_nobody_is_awaited_for_ever(world: World) -> None:
    case = asked(world)
    hand_off(world, case, X_DM)
    world.take("shop", dm("2", "7", NOW + 15 * DAY, "Something else"))
    assert world.case_of("2") != case


def test_the_plus_of_our_address_brings_the_code(world: World) -> None:
    case = asked(world, private=True)
    code = hand_off(world, case, EMAIL)
    came = mail(1, "wife@brandt.example", NOW + MINUTE)
    assert came.mail is not None
    tag = plus(OURS, code).partition("+")[2].partition("@")[0]
    world.take("mail", replace(came, mail=replace(came.mail, tags=(tag,))))
    assert world.case_of("INBOX/1/1") == case


def test_the_address_has_its_plus_only_where_the_mailbox_takes_it(world: World) -> None:
    case = asked(world)
    assert f"to {OURS}," in world.inbox.handoffs.begin(case, EMAIL).text
    box = replace(world.config.accounts["mail"], plus_address=True)  # type: ignore[call-arg]
    world.config = replace(world.config, accounts={**world.config.accounts, "mail": box})
    inbox = type(world.inbox)(world.store, world.config, lambda: world.now)
    assert "help+h-" in inbox.handoffs.begin(case, EMAIL).text


def test_in_a_conversation_that_has_an_open_case_of_its_own_it_proposes(world: World) -> None:
    world.take("mail", mail(1, "hajo@brandt.example", NOW - HOUR))
    case = world.case_of("INBOX/1/1")
    world.take("shop", dm("1", "7", NOW - HOUR, "Something else"))
    other = world.case_of("1")
    code = hand_off(world, case, X_DM)
    world.take("shop", dm("2", "7", NOW + MINUTE, f"Here I am: {code}"))
    assert world.case_of("2") == other
    assert set(world.inbox.people.proposals()[0].cases) == {case, other}
    sound(world)


def test_of_one_person_with_two_open_cases_the_one_that_rests_comes_back(world: World) -> None:
    world.take("mail", mail(1, "hajo@brandt.example", NOW - HOUR))
    case = world.case_of("INBOX/1/1")
    world.take("shop", dm("1", "7", NOW - HOUR, "Something else"))
    other = world.case_of("1")
    world.inbox.people.merge_persons([whole(world, case).row.person.id, whole(world, other).row.person.id])
    code = hand_off(world, case, X_DM)
    world.take("shop", dm("2", "7", NOW + MINUTE, f"Here I am: {code}"))
    assert world.case_of("2") == other
    assert {row.id for row in world.inbox.page("waiting")} == {case, other}
    sound(world)


def test_a_machine_that_quotes_the_code_is_nobody(world: World) -> None:
    case = asked(world, private=True)
    code = hand_off(world, case, EMAIL)
    away = mail(1, "x@ex.example", NOW + MINUTE, code, automatic=Automatic.REPLY)
    world.take("mail", away)
    assert world.case_of("INBOX/1/1") != case
    assert whole(world, case).handoffs[0].arrived_at is None


def test_our_words_that_he_quotes_where_he_was_asked_are_no_arrival(world: World) -> None:
    case = asked(world, private=True)
    code = hand_off(world, case, EMAIL)
    world.take("shop", dm("2", "7", NOW + MINUTE, f"What is {code}?"))
    assert world.case_of("2") == case
    assert whole(world, case).handoffs[0].arrived_at is None
    assert whole(world, case).row.state is CaseState.WAITING


def test_a_merged_case_is_where_its_code_leads(world: World) -> None:
    case = asked(world, private=True)
    code = hand_off(world, case, EMAIL)
    world.take("mail", mail(1, "ben@ex.example", NOW - 2 * HOUR))
    target = world.case_of("INBOX/1/1")
    done = world.inbox.people.merge([target, case])
    world.take("mail", mail(2, "wife@brandt.example", NOW + MINUTE, code))
    assert world.case_of("INBOX/1/2") == target
    sound(world)
    world.inbox.triage.undo_act(done.event)
    sound(world)


# -- refused, and written down


def test_an_expired_code_is_refused(world: World) -> None:
    case = asked(world, private=True)
    code = hand_off(world, case, EMAIL)
    world.take("mail", mail(1, "wife@brandt.example", NOW + 14 * DAY + 1, code))
    new = world.case_of("INBOX/1/1")
    assert new != case
    assert kinds(world, new) == ["handoff_refused"]
    (event,) = [one for one in world.inbox.people.history(new) if one.kind == "handoff_refused"]
    assert event.detail == f"its time has passed, of case {case}"


def test_a_reused_code_is_refused_and_whoever_used_it_may_quote_it(world: World) -> None:
    case = asked(world, private=True)
    code = hand_off(world, case, EMAIL)
    world.take("mail", mail(1, "wife@brandt.example", NOW + MINUTE, code))
    world.take("mail", mail(2, "thief@ex.example", NOW + 2 * MINUTE, code))
    new = world.case_of("INBOX/1/2")
    assert new != case and kinds(world, new) == ["handoff_refused"]
    world.take("mail", mail(3, "wife@brandt.example", NOW + 3 * MINUTE, code))
    assert world.case_of("INBOX/1/3") == case
    assert whole(world, case).handoffs[0].arrived_at == NOW + MINUTE


def test_a_forged_mail_with_a_right_code_joins_nothing(world: World) -> None:
    case = asked(world, private=True)
    code = hand_off(world, case, EMAIL)
    world.take("mail", mail(1, "wife@brandt.example", NOW + MINUTE, code, forged=True))
    assert world.case_of("INBOX/1/1") != case


def test_a_guessed_code_is_refused_and_after_many_even_a_right_one_is(world: World) -> None:
    case = asked(world, private=True)
    code = hand_off(world, case, EMAIL)
    for number in range(GUESSES):
        wrong = new_code(itemgetter(number))
        world.take("mail", mail(number, "thief@ex.example", NOW + number, wrong))
    assert kinds(world, world.case_of("INBOX/1/0")) == ["handoff_refused"] * GUESSES
    world.take("mail", mail(99, "thief@ex.example", NOW + MINUTE, code))
    assert world.case_of("INBOX/1/99") != case
    worth = [row["worth"] for row in world.db.execute("SELECT worth FROM handoff_uses")]
    assert worth == [Worth.UNKNOWN] * GUESSES + [Worth.GUESSING]


def test_the_code_itself_is_not_in_the_table(world: World) -> None:
    code = hand_off(world, asked(world, private=True), EMAIL)
    (row,) = world.db.execute("SELECT * FROM handoffs").fetchall()
    assert code not in str(tuple(row)) and code.replace("-", "") not in str(tuple(row))


def test_one_that_never_left_is_none(world: World) -> None:
    case = asked(world, private=True)
    draft = world.inbox.handoffs.begin(case, EMAIL)
    world.take("mail", mail(1, "thief@ex.example", NOW + MINUTE, draft.text))
    assert world.case_of("INBOX/1/1") != case


# -- what the agent is told


def send(world: World, draft: Reply, text: str | None = None) -> Reply:
    """Queue it as a script does, without --force."""
    said = draft.text if text is None else text
    return world.inbox.reply(draft.case, said, thread=draft.thread, draft=draft.id, agreed=())


def test_a_second_hand_off_asks_first(world: World) -> None:
    case = asked(world)
    hand_off(world, case, EMAIL)
    with pytest.raises(ReplyHeld, match="he was asked to go on by mail just now|ago, and has not come yet"):
        send(world, world.inbox.handoffs.begin(case, MESSENGER))


def test_without_its_code_it_is_a_plain_answer_and_that_is_asked(world: World) -> None:
    case = asked(world)
    draft = world.inbox.handoffs.begin(case, EMAIL)
    with pytest.raises(ReplyHeld, match="the code is not in the text"):
        send(world, draft, "It is off.")
    world.deliver(world.inbox.reply(case, "It is off.", thread=draft.thread, draft=draft.id))
    row = whole(world, case).row
    assert (row.state, row.waiting_since) == (CaseState.PENDING, None)
    assert whole(world, case).handoffs == ()
    sound(world)


def test_the_code_of_another_hand_off_is_not_its_own(world: World) -> None:
    case = asked(world)
    first, second = (world.inbox.handoffs.begin(case, EMAIL) for _ in range(2))
    with pytest.raises(ReplyHeld, match="the code is not in the text"):
        send(world, second, first.text)


def test_he_may_have_written_there_already(world: World) -> None:
    world.take("mail", mail(1, "hajo@brandt.example", NOW - 2 * HOUR))
    mails = world.case_of("INBOX/1/1")
    world.take("shop", post("1", "7", NOW - HOUR))
    case = world.case_of("1")
    people = [whole(world, one).row.person.id for one in (case, mails)]
    reason = {"kind": "address", "value": "hajo@brandt.example", "score": 95, "by": 2, "other": 1}
    from inbox_tui.casework import kinship

    with world.store.write("propose") as db:
        evidence = {**reason, "owned": True, "claim": 1, "messages": [1]}
        kinship.give_reason(db, people[0], people[1], "address", evidence, NOW)
    with pytest.raises(ReplyHeld, match=f"he may have written there already: case {mails}"):
        send(world, world.inbox.handoffs.begin(case, EMAIL))


def test_a_way_that_is_closed_begins_nothing(world: World) -> None:
    case = asked(world)
    shop = replace(world.config.accounts["shop"], direct_messages=False)  # type: ignore[call-arg]
    config = replace(world.config, accounts={**world.config.accounts, "shop": shop})
    inbox = type(world.inbox)(world.store, config, lambda: world.now)
    with pytest.raises(ReplyBlocked, match="direct messages are not read") as caught:
        inbox.handoffs.begin(case, X_DM)
    assert caught.value.hint == "open ways: email (mail), messenger (page)"
    assert inbox.outbox(all=True) == ()


def test_an_account_that_is_not_there_is_named(world: World) -> None:
    with pytest.raises(UsageError, match="there is no account nobody of mail"):
        world.inbox.handoffs.begin(asked(world), EMAIL, account="nobody")


def test_it_is_never_asked_there_where_he_shall_go(world: World) -> None:
    world.take("shop", dm("1", "7", NOW - 2 * HOUR), post("2", "7", NOW - 3 * HOUR))
    draft = world.inbox.handoffs.begin(world.case_of("1"), X_DM)
    assert draft.thread == world.thread_of("2")


def test_german_customers_are_asked_in_german(world: World) -> None:
    world.take("shop", post("1", "7", NOW, "@shop ich habe seit Tagen kein Netz, bitte antworten"))
    assert world.inbox.handoffs.begin(world.case_of("1"), X_DM).text.startswith("Bitte schreiben Sie uns")


def test_a_draft_that_is_thrown_away_leaves_nothing(world: World) -> None:
    draft = world.inbox.handoffs.begin(asked(world), EMAIL)
    world.inbox.writing.discard(draft.id)
    assert not handoffs.any_at_all(world.db)


def test_one_taken_back_keeps_its_code(world: World) -> None:
    case = asked(world)
    draft = world.inbox.handoffs.begin(case, EMAIL)
    send(world, draft)
    back = world.inbox.take_back(draft.id)
    assert (back.state, back.handoff) == (ReplyState.DRAFT, "email")
    world.deliver(send(world, back))
    assert whole(world, case).row.state is CaseState.PENDING
    with pytest.raises(NothingToDo):
        send(world, back)


# -- effort


def test_it_counts_in_the_effort_of_the_case(world: World) -> None:
    case = asked(world)
    world.take("shop", post("9", "9", NOW - 2 * HOUR), post("10", "9", NOW))
    before = whole(world, case).effort
    assert next(row.id for row in world.inbox.clocks.ordered("all", "effort", 0)) == world.case_of("9")
    hand_off(world, case, EMAIL)
    assert whole(world, case).effort == before + EffortConfig().handoff
    assert next(row.id for row in world.inbox.clocks.ordered("all", "effort", 0)) == case


# -- as a property

acts = st.lists(
    st.sampled_from(("hand off", "post", "dm", "mail", "code", "answer", "done", "reopen", "wait", "late")),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(acts, st.booleans())
def test_whatever_happens_clock_and_views_say_the_same(steps: list[str], private: bool) -> None:
    with temporary_world() as world:
        case = asked(world, private=private)
        known: list[str] = []
        for number, step in enumerate(steps, 2):
            world.now += MINUTE
            _step(world, case, step, str(number), known)
            check_views(world)
            check_clocks(world)
        sound(world)


def _step(world: World, case: int, step: str, id: str, known: list[str]) -> None:
    if step == "hand off":
        known.append(hand_off(world, case, EMAIL))
    elif step == "post":
        world.take("shop", post(id, "7", world.now))
    elif step == "dm":
        world.take("shop", dm(id, "7", world.now))
    elif step in ("mail", "code"):
        text = known[-1] if known and step == "code" else "Hello?"
        world.take("mail", mail(id, f"wife{id}@brandt.example", world.now, text))
    elif step == "answer":
        world.deliver(world.inbox.reply(case, f"Answer {id}"))
    elif step in ("wait", "late"):
        world.now += HOUR if step == "wait" else 50 * HOUR
        world.inbox.overview()
    else:
        try:
            (world.inbox.done if step == "done" else world.inbox.reopen)(case)
        except NothingToDo:
            pass


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(4)), st.lists(st.integers(0, 3), max_size=3), st.booleans())
def test_in_whatever_order_and_how_often_it_arrives(
    order: list[int], again: list[int], together: bool
) -> None:
    def play(world: World, pages: list[list[int]]) -> tuple[object, ...]:
        case = asked(world, private=True)
        code = hand_off(world, case, EMAIL)
        came = [
            mail(1, "wife@brandt.example", NOW + MINUTE, code),
            mail(2, "wife@brandt.example", NOW + 2 * MINUTE, "And more"),
            mail(3, "ben@ex.example", NOW + 3 * MINUTE, "Mine"),
            mail(4, "ben@ex.example", NOW + 4 * MINUTE, "Mine again"),
        ]
        for page in pages:
            world.take("mail", *[came[one] for one in page])
        sound(world)
        mails = [f"INBOX/1/{number}" for number in range(1, 5)]
        rows = world.inbox.rows([case])[case]
        grouped = {one: world.case_of(one) == case for one in mails}
        return (
            grouped,
            rows.state,
            rows.waiting_since,
            rows.messages,
            whole(world, case).handoffs[0].arrived_at,
        )

    shuffled = [*order, *again]
    pages = [shuffled] if together else [[0], shuffled]
    with temporary_world() as one, temporary_world() as other:
        assert play(one, [[0, 1, 2, 3]]) == play(other, pages)
