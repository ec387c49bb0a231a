"""Proposals "same person?": found behind the intake, decided by an agent alone."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inbox_tui.casework import kinship
from inbox_tui.config import MatchingConfig
from inbox_tui.desk.clock import HOUR
from inbox_tui.desk.kinship import STRONG, Rules
from inbox_tui.model import Author, Incoming, Proposal
from inbox_tui.service.kinship import Kinship
from tests.casework.world import NOW, World, comment, dump, mail, post, temporary_world

RULES = Rules(order_pattern=r"[A-Z]-\d{4}", region="DE")


def called(message: Incoming, name: str, handle: str = "") -> Incoming:
    author = message.author
    return replace(message, author=Author(author.kind, author.value, name, handle or author.handle))


def look(world: World, rules: Rules = RULES) -> tuple[Proposal, ...]:
    while kinship.work(world.store, rules, world.now):
        pass
    return world.inbox.people.proposals()


def the_story(world: World) -> None:
    """The demo's customer on three channels."""
    world.take("mail", called(mail(1, "hajo@brandt.example", NOW - 100 * HOUR), "Hajo Brandt"))
    tweet = "@shop four days. You have my three mails from hajo@brandt.example. Please look."
    world.take("shop", called(post("p1", "42", NOW - 4 * HOUR, tweet), "Hajo", "@hajo"))
    world.take("page", called(comment("c1", "7", NOW - 50 * HOUR, "Does anybody read this?"), "Hajo B."))
    world.take("shop", called(post("p2", "43", NOW - 3 * HOUR, "please answer @hajo"), "Mirja", "@mirja"))


def test_the_mails_the_tweets_and_the_post_come_up_and_accepted_are_one_case(world: World) -> None:
    the_story(world)
    found = look(world)
    assert [sorted(one.name for one in each.persons) for each in found] == [
        ["Hajo", "Hajo Brandt"],
        ["Hajo B.", "Hajo Brandt"],
    ]
    assert found[0].score >= STRONG > found[1].score
    for each in found:
        world.inbox.people.accept(each.id)
    case = world.inbox.case(world.case_of("p1"))
    assert case.row.id == world.case_of("c1") == world.case_of("INBOX/1/1")
    assert case.row.waiting_since == NOW - 100 * HOUR
    assert case.row.channels == ("email", "facebook", "x")
    assert world.case_of("p2") != case.row.id
    assert look(world) == ()


def test_nobody_is_joined_without_an_agent(world: World) -> None:
    the_story(world)
    before = len(world.case_ids())
    look(world)
    assert len({row.person.id for row in world.inbox.page("all")}) == before == 4


def test_what_was_declined_is_never_proposed_again(world: World) -> None:
    the_story(world)
    for each in look(world):
        world.inbox.people.decline(each.id)
    world.take("shop", called(post("p9", "42", NOW, "mine is hajo@brandt.example"), "Hajo", "@hajo"))
    assert look(world) == ()


def test_an_acceptance_is_undone_whole(world: World) -> None:
    the_story(world)
    found = look(world)
    before = dump(world.store)
    world.inbox.people.accept(found[0].id)
    world.inbox.triage.undo()
    after = dump(world.store)
    for table in before.keys() - {"events", "counts"}:
        assert after[table] == before[table], table


def test_a_declined_pair_stays_so_when_one_of_them_is_merged(world: World) -> None:
    the_story(world)
    strong, weak = look(world)
    world.inbox.people.decline(weak.id)
    world.inbox.people.accept(strong.id)
    assert world.inbox.people.proposals() == ()
    mailed = world.inbox.case(world.case_of("INBOX/1/1")).row.person.id
    posted = world.inbox.case(world.case_of("c1")).row.person.id
    assert mailed != posted


def test_persons_who_were_split_are_not_proposed_again(world: World) -> None:
    the_story(world)
    world.inbox.people.accept(look(world)[0].id)
    whole = world.inbox.case(world.case_of("p1"))
    on_x = next(one.id for one in whole.identities if one.kind == "x")
    world.inbox.people.split_person(whole.row.person.id, [on_x])
    world.take("shop", called(post("p9", "42", NOW, "mine is hajo@brandt.example"), "Hajo", "@hajo"))
    assert all(min(one.score for one in [each]) < STRONG for each in look(world))


def test_the_same_phone_number_in_two_texts(world: World) -> None:
    world.take("mail", mail(1, "mia@ex.example", NOW - HOUR, "Call me: 0431 5551234"))
    world.take("page", called(comment("c1", "7", NOW, "mein Telefon ist +49 431 5551234"), "Mia"))
    (found,) = look(world)
    assert found.reasons[0].kind == "phone" and found.score >= STRONG


def test_old_messages_are_not_looked_at(world: World) -> None:
    world.take("mail", called(mail(1, "hajo@brandt.example", NOW - 900 * HOUR), "Hajo Brandt"))
    world.take("shop", called(post("p1", "42", NOW, "my mail is hajo@brandt.example"), "Hajo"))
    assert look(world) == ()


def test_the_step_goes_on_where_it_stopped_and_finds_nothing_twice(world: World) -> None:
    the_story(world)
    first = look(world)
    assert not kinship.work(world.store, RULES, world.now)
    assert look(world) == first


def test_our_own_addresses_are_no_evidence(world: World) -> None:
    world.take("mail", mail(1, "a@ex.example", NOW, "I wrote to help@shop.example, my order"))
    world.take("mail", mail(2, "b@ex.example", NOW, "my mail to help@shop.example"))
    config = replace(world.config, matching=MatchingConfig())
    Kinship(world.store, config, lambda: world.now).work()
    assert world.inbox.people.proposals() == ()


_PAGES = st.permutations(range(4))


@given(_PAGES, st.booleans())
@settings(max_examples=24, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_comes_first_the_same_is_proposed(order: list[int], twice: bool) -> None:
    tweet = "@shop You have my mails from hajo@brandt.example."
    pages = [
        ("mail", called(mail(1, "hajo@brandt.example", NOW - 9 * HOUR), "Hajo Brandt")),
        ("shop", called(post("p1", "42", NOW - 4 * HOUR, tweet), "Hajo", "@hajo")),
        ("page", called(comment("c1", "7", NOW - 5 * HOUR, "Anybody?"), "Hajo B.")),
        ("shop", called(post("p2", "43", NOW - 3 * HOUR, "please answer @hajo"), "Mirja", "@mirja")),
    ]
    with temporary_world() as world:
        for place in order:
            for _ in range(1 + twice):
                world.take(pages[place][0], pages[place][1])
            look(world)
        found = {tuple(sorted(one.name for one in each.persons)): each.score for each in look(world)}
    assert found.keys() == {("Hajo", "Hajo Brandt"), ("Hajo B.", "Hajo Brandt")}
    assert found["Hajo", "Hajo Brandt"] >= STRONG
