"""Who writes on a customer's behalf joins the case; neither his words nor ours to him move its clock."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from inbox_tui.casework import merging, triage
from inbox_tui.desk import due
from inbox_tui.desk.clock import DAY, HOUR
from inbox_tui.errors import NotFound, UsageError
from inbox_tui.model import Author, Automatic, CaseState, Direction, Incoming, Kind
from tests.casework.world import NOW, World, comment, dump, mail, our_mail, our_post, person, post

HAJO, MIRJA = "hajo@brandt.example", "mirja@brandt.example"
EVE = "eve@evil.example"


def tweet(id: str, who: str | None, at: int = NOW, *, root: str = "h1", **more: Any) -> Incoming:
    """A post in the conversation that begins with another one."""
    return post(id, who, at, thread=f"{root}:{who or id}", root=root, **more)


def nagged(world: World) -> int:
    """Hajo's case on X, with one who nags on his behalf."""
    world.take(
        "shop", tweet("h1", "hajo", NOW - 5 * HOUR), tweet("m1", "mirja", NOW - HOUR, in_reply_to="h1")
    )
    return world.case_of("h1")


def names(world: World, case: int) -> list[str]:
    return [one.name for one in world.inbox.case(case).supporters]


# -- who is one


def test_whoever_writes_under_the_customers_post_supports_his_case(world: World) -> None:
    case = nagged(world)
    assert world.case_of("m1") == case
    assert world.thread_of("m1") != world.thread_of("h1")
    assert (names(world, case), world.inbox.rows([case])[case].supporters) == (["mirja"], 1)


def test_he_supports_it_too_where_he_answers_what_we_answered_him(world: World) -> None:
    world.take("shop", tweet("h1", "hajo", NOW - 5))
    world.take("shop", our_post("o1", "hajo", NOW - 4, thread="h1:hajo", root="h1"))
    world.take("shop", tweet("m1", "mirja", NOW - 3, in_reply_to="o1"))
    assert names(world, world.case_of("h1")) == ["mirja"]


def test_a_conversation_that_the_firm_began_makes_nobody_a_supporter(world: World) -> None:
    ours = Incoming("ad", "", person("x", "1"), Direction.OUT, "New!", NOW - 9, Kind.POST, public=True)
    world.take("shop", ours)
    for id, who in (("a", "ann"), ("b", "bob")):
        world.take("shop", tweet(id, who, root="ad", context="ad", in_reply_to="ad"))
    assert world.case_of("a") != world.case_of("b")


def test_under_our_post_he_supports_whom_he_answers(world: World) -> None:
    world.take("page", replace(comment("c1", "nadine", NOW - 5, thread="p:nadine"), root="p"))
    world.take("page", replace(comment("c2", "sven", NOW, thread="p:sven"), root="p", in_reply_to="c1"))
    world.take("page", replace(comment("c3", "omar", NOW, thread="p:omar"), root="p", in_reply_to="p"))
    assert names(world, world.case_of("c1")) == ["sven"]
    assert world.case_of("c3") != world.case_of("c1")


def test_whoever_has_a_matter_of_his_own_supports_nobody(world: World) -> None:
    world.take("shop", post("own", "mirja", NOW - 2 * HOUR))
    nagged(world)
    assert world.case_of("m1") == world.case_of("own")


def test_a_supporter_who_begins_another_matter_has_a_case_of_his_own(world: World) -> None:
    case = nagged(world)
    world.take("shop", post("other", "mirja"))
    assert world.case_of("other") != case
    world.take("shop", tweet("m2", "mirja", NOW + 1, in_reply_to="h1"))
    assert world.case_of("m2") == case, "his thread stays where it is"


@pytest.mark.parametrize("who", [None, "bot"])
def test_neither_a_machine_nor_somebody_whom_the_platform_hides_is_one(world: World, who: str | None) -> None:
    automatic = Automatic.BULK if who else Automatic.NO
    world.take("shop", tweet("h1", "hajo"), tweet("x", who, in_reply_to="h1", automatic=automatic))
    assert world.case_of("x") != world.case_of("h1")
    assert names(world, world.case_of("h1")) == []


def test_nobody_supports_a_case_that_is_over_or_spam(world: World) -> None:
    world.take("shop", tweet("h1", "hajo", NOW - 5), tweet("s1", "spammer", NOW - 5, root="s1"))
    world.inbox.done(world.case_of("h1"))
    world.inbox.triage.spam([world.case_of("s1")])
    world.take(
        "shop", tweet("m1", "mirja", in_reply_to="h1"), tweet("m2", "berta", root="s1", in_reply_to="s1")
    )
    assert len({world.case_of(one) for one in ("h1", "s1", "m1", "m2")}) == 4


def test_what_is_said_in_private_joins_nobody_else(world: World) -> None:
    world.take("shop", tweet("h1", "hajo"))
    world.take("shop", replace(tweet("m1", "mirja", in_reply_to="h1"), public=False))
    assert world.case_of("m1") != world.case_of("h1")


# -- by mail


def test_a_colleague_whom_the_customer_named_and_who_names_him_supports_his_case(world: World) -> None:
    world.take("mail", mail(1, HAJO, NOW - 5, copy=[MIRJA]))
    world.take("mail", mail(2, MIRJA, refs=["<1@brandt.example>"], copy=[HAJO]))
    case = world.case_of("INBOX/1/1")
    assert world.case_of("INBOX/1/2") == case
    assert world.thread_of("INBOX/1/2") != world.thread_of("INBOX/1/1")
    assert names(world, case) == ["Mirja"]
    world.take("mail", mail(3, MIRJA, NOW + 30 * DAY, refs=["<2@brandt.example>"]))
    assert world.thread_of("INBOX/1/3") == world.thread_of("INBOX/1/2")


@pytest.mark.parametrize(
    "second",
    [
        mail(2, EVE, refs=["<1@brandt.example>"], copy=[HAJO]),
        mail(2, MIRJA, refs=["<1@brandt.example>"]),
        mail(2, MIRJA, copy=[HAJO]),
        mail(2, MIRJA, refs=["<1@brandt.example>"], copy=[HAJO], forged=True),
    ],
    ids=["a stranger", "he kept it from the customer", "no reference", "forged"],
)
def test_of_two_who_write_mail_each_must_have_named_the_other(world: World, second: Incoming) -> None:
    world.take("mail", mail(1, HAJO, NOW - 5, copy=[MIRJA]))
    world.take("mail", second)
    assert world.case_of("INBOX/1/2") != world.case_of("INBOX/1/1")


def test_a_forged_mail_names_nobody(world: World) -> None:
    world.take("mail", mail(1, HAJO, NOW - 5, copy=[EVE], forged=True))
    world.take("mail", mail(2, EVE, refs=["<1@brandt.example>"], copy=[HAJO]))
    assert world.case_of("INBOX/1/2") != world.case_of("INBOX/1/1")


def test_a_stranger_cannot_draw_a_customer_into_his_case(world: World) -> None:
    """He names the customer in a mail of his own; what the customer then writes to us alone is not in it."""
    world.take("mail", mail(1, EVE, NOW - 5, copy=[HAJO], id="<bait@evil.example>"))
    world.take("mail", mail(2, HAJO, refs=["<bait@evil.example>"]))
    assert world.case_of("INBOX/1/2") != world.case_of("INBOX/1/1")


def test_whom_we_gave_a_copy_of_our_mail_is_counted_and_stays_in_the_customers_thread(world: World) -> None:
    world.take("mail", mail(1, HAJO, NOW - 5))
    copied = our_mail(2, HAJO, NOW - 4, id="<o@shop.example>", refs=["<1@brandt.example>"], copy=[MIRJA])
    world.take("mail", copied)
    world.take("mail", mail(3, MIRJA, refs=["<o@shop.example>"]))
    case = world.case_of("INBOX/1/1")
    assert (world.case_of("INBOX/1/3"), names(world, case)) == (case, ["Mirja"])
    with pytest.raises(UsageError):
        world.inbox.people.own_matter(case, world.inbox.case(case).supporters[0].id)


# -- read before what it stands under


def early(world: World) -> tuple[int, int]:
    """Mirja's post was read first: her case, and Hajo's."""
    world.take("shop", tweet("m1", "mirja", NOW - HOUR, in_reply_to="h1"))
    own = world.case_of("m1")
    world.take("shop", tweet("h1", "hajo", NOW - 5 * HOUR))
    return own, world.case_of("h1")


def test_a_supporter_who_was_read_first_joins_when_the_customers_post_is_here(world: World) -> None:
    own, case = early(world)
    assert (world.case_of("m1"), names(world, case)) == (case, ["mirja"])
    assert world.inbox.case(own).row.id == case, "its number leads on"
    assert world.inbox.rows([case])[case].waiting_since == NOW - 5 * HOUR
    world.take("shop", tweet("m2", "mirja", NOW, in_reply_to="h1"))
    assert world.case_of("m2") == case
    act = next(one.act for one in world.inbox.people.history(case) if one.act is not None)
    with world.store.write("undo") as db:
        triage.undo_act(db, "ben", world.now, act)
    assert world.case_of("m2") == world.case_of("m1") == own != case


def test_not_where_an_agent_has_done_something_with_his_case(world: World) -> None:
    world.take("shop", tweet("m1", "mirja", NOW - HOUR, in_reply_to="h1"))
    own = world.case_of("m1")
    world.inbox.triage.assign([own], "ben")
    world.take("shop", tweet("h1", "hajo", NOW - 5 * HOUR))
    assert (world.case_of("m1"), names(world, world.case_of("h1"))) == (own, [])


def test_nor_where_he_had_a_matter_of_his_own_before(world: World) -> None:
    world.take("shop", post("own", "mirja", NOW - 2 * HOUR))
    own, case = early(world)
    assert own == world.case_of("own") == world.case_of("m1") != case


def test_a_later_matter_of_his_stays_his(world: World) -> None:
    world.take("shop", tweet("m1", "mirja", NOW - 2 * HOUR, in_reply_to="h1"))
    world.take("shop", post("own", "mirja", NOW - HOUR))
    world.take("shop", tweet("h1", "hajo", NOW - 5 * HOUR))
    case = world.case_of("h1")
    assert (world.case_of("m1"), names(world, case)) == (case, ["mirja"])
    own = world.case_of("own")
    assert (own != case, world.inbox.rows([own])[own].messages) == (True, 1)


def test_a_colleague_whose_mail_was_read_first_joins_too_and_nobody_else(world: World) -> None:
    world.take("mail", mail(2, MIRJA, refs=["<1@brandt.example>"], copy=[HAJO]))
    world.take("mail", mail(3, EVE, refs=["<1@brandt.example>"], copy=[HAJO]))
    world.take("mail", mail(1, HAJO, NOW - 5, copy=[MIRJA]))
    case = world.case_of("INBOX/1/1")
    assert (world.case_of("INBOX/1/2"), names(world, case)) == (case, ["Mirja"])
    assert world.case_of("INBOX/1/3") != case


# -- the clock


def test_a_supporter_moves_the_customers_clock_in_no_way(world: World) -> None:
    case = nagged(world)
    assert world.inbox.rows([case])[case].waiting_since == NOW - 5 * HOUR


def test_what_a_supporter_is_answered_is_no_answer_to_the_customer(world: World) -> None:
    case = nagged(world)
    reply = world.inbox.reply(case, "We are on it.", thread=world.thread_of("m1"))
    world.deliver(reply)
    row = world.inbox.rows([case])[case]
    assert (row.state, row.waiting_since) == (CaseState.WAITING, NOW - 5 * HOUR)
    world.take("shop", our_post("o1", "mirja", NOW + 1, thread="h1:mirja", root="h1"))
    assert world.inbox.rows([case])[case].waiting_since == NOW - 5 * HOUR


def test_an_answer_to_the_customer_answers_his_supporters_too(world: World) -> None:
    case = nagged(world)
    reply = world.inbox.reply(case, "Sorry for the wait!")
    assert reply.thread == world.thread_of("h1"), "by itself it goes to nobody but the customer"
    world.deliver(reply)
    assert world.inbox.rows([case])[case].state is CaseState.PENDING


def test_a_supporter_who_writes_after_the_answer_is_owed_a_look(world: World) -> None:
    case = nagged(world)
    world.deliver(world.inbox.reply(case, "Sorry for the wait!"))
    world.take("shop", tweet("m2", "mirja", NOW + HOUR, in_reply_to="h1"))
    row = world.inbox.rows([case])[case]
    assert (row.state, row.waiting_since) == (CaseState.WAITING, NOW + HOUR)
    world.deliver(world.inbox.reply(case, "You are welcome.", thread=world.thread_of("m2")))
    assert world.inbox.rows([case])[case].state is CaseState.PENDING


def test_what_is_said_to_be_spam_is_said_of_the_customer_alone(world: World) -> None:
    case = nagged(world)
    world.inbox.triage.spam([case])
    found = dict(world.db.execute("SELECT value, treated FROM identities").fetchall())
    assert found == {"hajo": "spam", "mirja": ""}


def test_supporters_raise_the_effort_by_their_weight(world: World) -> None:
    case = nagged(world)
    row = world.inbox.rows([case])[case]
    points = [due.effort(row, due.Weights(message=0, channel=0, supporter=weight)) for weight in (0, 7)]
    assert points == [0, 7]


# -- a matter of his own


def test_a_matter_of_his_own_is_a_case_of_his_own_and_undo_makes_it_one_again(world: World) -> None:
    case = nagged(world)
    before = dump(world.store)
    mirja = world.inbox.case(case).supporters[0]
    done = world.inbox.people.own_matter(case, mirja.id)
    assert done.case == world.case_of("m1") != case
    assert world.inbox.rows([done.case])[done.case].person == mirja
    assert (names(world, case), world.inbox.rows([case])[case].waiting_since) == ([], NOW - 5 * HOUR)
    with world.store.write("undo") as db:
        triage.undo_act(db, "ben", world.now, done.event)
    after = dump(world.store)
    for table in before.keys() - {"events", "counts"}:
        assert after[table] == before[table], table


def test_only_a_supporter_has_one(world: World) -> None:
    case = nagged(world)
    world.take("shop", post("z", "zoe"))
    for other in (world.inbox.rows([world.case_of("z")])[world.case_of("z")].person.id, 999):
        with pytest.raises(NotFound):
            world.inbox.people.own_matter(case, other)
    with pytest.raises(NotFound):
        world.inbox.people.own_matter(case, world.inbox.rows([case])[case].person.id)


def test_who_turns_out_to_be_the_customer_supports_himself_no_more(world: World) -> None:
    case = nagged(world)
    owner, mirja = world.inbox.rows([case])[case].person.id, world.inbox.case(case).supporters[0].id
    before = dump(world.store)["supporters"]
    done = world.inbox.people.merge_persons([owner, mirja])
    assert (names(world, case), dump(world.store)["supporters"]) == ([], [])
    with world.store.write("undo") as db:
        triage.undo_act(db, "ben", world.now, done.event)
    assert dump(world.store)["supporters"] == before


def test_he_is_a_supporter_again_when_that_is_undone_after_more_was_written(world: World) -> None:
    case = nagged(world)
    owner, mirja = world.inbox.rows([case])[case].person.id, world.inbox.case(case).supporters[0].id
    done = world.inbox.people.merge_persons([owner, mirja])
    world.take("shop", tweet("m2", "mirja", NOW, in_reply_to="h1"), post("own", "mirja", NOW + 5 * DAY))
    with world.store.write("undo") as db:
        triage.undo_act(db, "ben", world.now, done.event)
    assert (world.case_of("m2"), names(world, case)) == (case, ["mirja"])
    own = world.case_of("own")
    assert world.inbox.rows([own])[own].person.id == mirja


def test_a_persons_identity_goes_with_its_case_whoever_supports_it(world: World) -> None:
    case = nagged(world)
    world.take("mail", mail(1, HAJO))
    owner = world.inbox.rows([case])[case].person.id
    other = world.inbox.rows([world.case_of("INBOX/1/1")])[world.case_of("INBOX/1/1")].person.id
    world.inbox.people.merge_persons([other, owner])
    x = next(one.id for one in world.inbox.case(case).identities if one.kind == "x")
    with world.store.write("split") as db:
        done = merging.split_person(db, "lena", NOW, other, [x])
    assert world.inbox.rows([case])[case].person.id == done.person


def test_the_page_of_a_supporter_says_whom_he_supports(world: World) -> None:
    case = nagged(world)
    mirja = world.inbox.case(case).supporters[0].id
    page = world.inbox.people.person(mirja)
    assert ([row.id for row in page.supports], page.cases) == ([case], ())


def test_a_customer_is_asked_again_for_what_only_a_supporter_has_said(world: World) -> None:
    case = nagged(world)
    world.take(
        "shop", tweet("m2", "mirja", NOW - 1, in_reply_to="h1", text="my mail is mirja@brandt.example")
    )
    found = world.inbox.check(case, world.thread_of("h1"), "What is your mail address?")
    assert "known" not in {one.code for one in found}


def test_authors_of_one_name_are_told_apart_by_their_identity(world: World) -> None:
    world.take("shop", tweet("h1", "hajo"))
    twin = replace(tweet("t1", "77", in_reply_to="h1"), author=Author("x", "77", "hajo", "@other"))
    world.take("shop", twin)
    assert world.inbox.rows([world.case_of("t1")])[world.case_of("t1")].supporters == 1
