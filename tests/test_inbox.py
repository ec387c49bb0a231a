"""What an agent can do, and what he sees of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox_tui.bootstrap import open_inbox, worker_command
from inbox_tui.casework import delivery
from inbox_tui.desk.clock import HOUR
from inbox_tui.desk.views import queue_rank
from inbox_tui.errors import (
    ConfigError,
    NotFound,
    NothingToDo,
    OutcomeUnknown,
    Refused,
    ReplyBlocked,
    StoreError,
    UsageError,
)
from inbox_tui.inbox import Inbox
from inbox_tui.model import (
    Automatic,
    CaseRow,
    CaseState,
    Direction,
    Incoming,
    Kind,
    Position,
    Reply,
    ReplyState,
)
from tests.casework.world import (
    NOW,
    World,
    check_clocks,
    check_views,
    comment,
    fresh_store,
    mail,
    our_post,
    person,
    post,
    temporary_world,
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    store = fresh_store(tmp_path / "inbox.db")
    one = World(store)
    yield one
    check_views(one)
    check_clocks(one)
    store.close()


def case(world: World, *page: Incoming) -> int:
    """A case that begins with these messages on X."""
    page = page or (post("1", "42", NOW - HOUR),)
    world.take("shop", *page)
    return world.case_of(page[0].external_id)


# -- the queue


def test_the_longest_wait_comes_first_on_all_channels(world: World) -> None:
    world.take("shop", post("1", "42", NOW - 2 * HOUR))
    world.take("page", comment("2", "7", NOW - 3 * HOUR))
    world.take("mail", mail(3, "a@x.example", NOW - HOUR))
    assert [row.channels for row in world.inbox.page("waiting")] == [("facebook",), ("x",), ("email",)]
    overview = world.inbox.overview()
    assert (overview.waiting, overview.longest, overview.trouble) == (3, NOW - 3 * HOUR, 0)
    counted = {view.key: view.count for view in overview.views}
    assert counted == {
        "waiting": 3,
        "mine": 0,
        "unassigned": 3,
        "pending": 0,
        "snoozed": 0,
        "done": 0,
        "all": 3,
        "automatic": 0,
        "spam": 0,
        "channel:email": 1,
        "channel:x": 1,
        "channel:facebook": 1,
    }


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=30), st.integers(1, 7))
def test_pages_put_together_are_the_whole_view(waits: list[tuple[int, bool]], limit: int) -> None:
    with temporary_world() as world:
        for n, (hours, answered) in enumerate(waits):
            world.take("shop", post(f"q{n}", str(n), NOW - hours * HOUR))
            if answered:
                world.take("shop", our_post(f"a{n}", str(n), NOW))
        for view in ("waiting", "pending", "all", "channel:x"):
            rows: list[CaseRow] = []
            page = world.inbox.page(view, limit=limit)
            while page:
                assert len(page) <= limit
                rows += page
                page = world.inbox.page(view, after=Position(page[-1].rank, page[-1].id), limit=limit)
            assert [row.id for row in rows] == list(world.inbox.ids(view))
            assert [row.rank for row in rows] == sorted(row.rank for row in rows)
            count = next(v.count for v in world.inbox.overview().views if v.key == view)
            assert count == len(rows)
        waiting = list(world.inbox.ids("waiting"))
        assert set(waiting) == {world.case_of(f"q{n}") for n, (_, done) in enumerate(waits) if not done}


def test_next_waiting_goes_round(world: World) -> None:
    world.take("shop", *(post(str(n), str(n), NOW - n * HOUR) for n in (1, 2, 3)))
    order = list(world.inbox.ids("waiting"))
    assert world.inbox.next_waiting(None) == order[0]
    assert [world.inbox.next_waiting(one) for one in order] == [*order[1:], order[0]]
    world.inbox.done(order[1])
    assert world.inbox.next_waiting(order[1]) == order[0], "a case that does not wait has no place"
    for one in (order[0], order[2]):
        world.inbox.done(one)
    assert world.inbox.next_waiting(None) is None


def test_a_view_can_be_read_for_one_channel(world: World) -> None:
    world.take("shop", *(post(str(n), str(n), NOW - n) for n in range(5)))
    world.take("page", *(comment(f"c{n}", str(n), NOW - n) for n in range(5)))
    assert len(world.inbox.page("waiting", channel="x")) == 5
    found = world.inbox.page("all", channel="facebook", limit=3)
    assert len(found) == 3
    rest = world.inbox.page("all", channel="facebook", after=Position(found[-1].rank, found[-1].id))
    assert [row.channels for row in (*found, *rest)] == [("facebook",)] * 5


@pytest.mark.parametrize("part", ["face", "faceboo_", "%", "!"])
def test_a_part_of_a_channels_name_names_no_channel(world: World, part: str) -> None:
    world.take("page", comment("c1", "1", NOW))
    assert world.inbox.page("all", channel="facebook")
    assert world.inbox.page("all", channel=part) == ()


def test_what_is_not_there_is_said(world: World) -> None:
    with pytest.raises(UsageError) as caught:
        world.inbox.page("waitign")
    assert "waiting, mine, unassigned" in caught.value.hint
    for act in (world.inbox.case, world.inbox.done, world.inbox.reopen, world.inbox.message):
        with pytest.raises(NotFound):
            act(99)
    for to_reply in (world.inbox.retry, world.inbox.cancel, world.inbox.take_back, world.inbox.reply_by_id):
        with pytest.raises(NotFound):
            to_reply(99)
    with pytest.raises(NotFound):
        world.inbox.reply(99, "Hello")
    with pytest.raises(NotFound):
        world.inbox.note(99, "Hello")
    with pytest.raises(NotFound):
        world.inbox.save_draft(99, "Hello", seen=0)
    with pytest.raises(NotFound):
        world.inbox.fetch_now("pgae")
    assert world.inbox.rows([99]) == {}


# -- replying


def test_a_reply_is_queued_and_the_case_goes_on_waiting(world: World) -> None:
    number = case(world)
    reply = world.inbox.reply(number, "Sorry!")
    assert (reply.state, reply.channel, reply.to, reply.agent) == (ReplyState.QUEUED, "x", "@42", "lena")
    found = world.inbox.case(number)
    assert (found.row.state, found.row.waiting_since) == (CaseState.WAITING, NOW - HOUR)
    assert [(m.text, m.state, m.direction) for m in found.timeline] == [
        ("Hello?", None, Direction.IN),
        ("Sorry!", ReplyState.QUEUED, Direction.OUT),
    ]
    world.deliver(reply)
    assert world.inbox.case(number).row.state is CaseState.PENDING


def test_what_was_stored_after_the_author_looked_is_still_owed(world: World) -> None:
    number = case(world)
    seen = world.inbox.case(number).last_message
    world.take("shop", post("0", "42", NOW - 5 * HOUR, "an older one, stored later"))
    world.deliver(world.inbox.reply(number, "Sorry!", seen=seen))
    row = world.inbox.case(number).row
    assert (row.state, row.waiting_since) == (CaseState.WAITING, NOW - 5 * HOUR)


def test_without_a_thread_the_newest_message_is_answered_wherever_it_was_stored(world: World) -> None:
    number = case(world, post("new", "42", NOW, thread="new"))
    world.take("shop", post("old", "42", NOW - 2 * HOUR, thread="old"))
    assert world.inbox.reply(number, "Sorry!").thread == world.thread_of("new")
    blocked = post("newer", "42", NOW + 1, thread="newer", can_reply=False, why_not="not summoned")
    world.take("shop", blocked)
    assert world.inbox.reply(number, "Sorry!").thread == world.thread_of("new"), "what can be answered"


def test_a_reply_that_cannot_go_out_is_blocked_with_the_way_out(world: World) -> None:
    number = case(world, post("1", "42", can_reply=False, why_not="not summoned", thread="a"))
    with pytest.raises(ReplyBlocked, match="not summoned") as caught:
        world.inbox.reply(number, "Hello")
    assert "write a note" in caught.value.hint
    world.take("shop", post("2", "42", NOW + 1, thread="b"))
    with pytest.raises(ReplyBlocked) as caught:
        world.inbox.reply(number, "Hello", thread=world.thread_of("1"))
    assert f"thread {world.thread_of('2')} (x)" in caught.value.hint
    for text in ("", " \n", "字" * 141):
        with pytest.raises(ReplyBlocked):
            world.inbox.reply(number, text)
        assert world.inbox.check(number, None, text)
    assert world.inbox.outbox(all=True) == ()


def test_a_thread_of_another_case_is_not_answered(world: World) -> None:
    number = case(world)
    world.take("shop", post("2", "43"))
    with pytest.raises(NotFound) as caught:
        world.inbox.reply(number, "Hello", thread=world.thread_of("2"))
    assert str(world.thread_of("1")) in caught.value.hint


def test_done_after_the_reply(world: World) -> None:
    number = case(world)
    world.deliver(world.inbox.reply(number, "Sorry!", done=True))
    assert world.inbox.case(number).row.state is CaseState.DONE


def test_done_after_the_reply_overlooks_nobody(world: World) -> None:
    number = case(world)
    reply = world.inbox.reply(number, "Sorry!", done=True)
    world.take("shop", post("2", "42", NOW, "One more thing"))
    world.deliver(reply)
    row = world.inbox.case(number).row
    assert (row.state, row.waiting_since) == (CaseState.WAITING, NOW)


def test_done_said_while_the_reply_is_on_its_way_stays_done(world: World) -> None:
    number = case(world)
    reply = world.inbox.reply(number, "Sorry!", countdown=True)
    world.now += 3_000
    world.inbox.done(number)
    world.now += 5_000
    world.deliver(reply)
    assert world.inbox.case(number).row.state is CaseState.DONE


def test_a_word_to_a_customer_whose_case_is_done_makes_it_pending(world: World) -> None:
    number = case(world)
    world.inbox.done(number)
    world.now += HOUR
    world.deliver(world.inbox.reply(number, "We found your phone!"))
    assert world.inbox.case(number).row.state is CaseState.PENDING


# -- drafts


def draft(world: World, number: int, text: str = "Sor", thread: str = "1", known: int | None = None) -> int:
    seen = world.inbox.case(number).last_message
    found = world.inbox.save_draft(world.thread_of(thread), text, seen=seen, draft=known)
    assert found is not None
    return found


def test_a_draft_is_kept_and_sent_as_one_reply(world: World) -> None:
    number = case(world)
    id = draft(world, number)
    assert draft(world, number, "Sorry", known=id) == id
    assert [d.text for d in world.inbox.drafts(number)] == ["Sorry"]
    assert [m.text for m in world.inbox.case(number).timeline] == ["Hello?"], "not said yet"
    assert world.inbox.outbox() == ()
    reply = world.inbox.reply(number, "Sorry!", draft=id)
    assert reply.id == id
    assert world.inbox.drafts(number) == ()
    assert len(world.inbox.outbox(all=True)) == 1


def test_an_empty_draft_is_none(world: World) -> None:
    number = case(world)
    id = draft(world, number)
    assert world.inbox.save_draft(world.thread_of("1"), " ", seen=0, draft=id) is None
    assert world.inbox.save_draft(world.thread_of("1"), "", seen=0) is None
    assert world.inbox.drafts(number) == ()


def test_a_draft_belongs_to_its_agent(world: World) -> None:
    number = case(world)
    draft(world, number)
    other = Inbox(world.store, replace(world.config, agent="otto"), lambda: world.now)
    assert other.drafts(number) == ()
    assert len(world.inbox.drafts(number)) == 1


def test_a_draft_for_one_thread_never_goes_out_on_another(world: World) -> None:
    number = case(world, post("1", "42", thread="a"), post("2", "42", NOW + 1, thread="b"))
    id = draft(world, number, "for a", "1")
    reply = world.inbox.reply(number, "for b", thread=world.thread_of("2"), draft=id)
    assert (reply.thread, reply.text) == (world.thread_of("2"), "for b")
    assert reply.id != id
    assert world.inbox.drafts(number) == (), "its text has gone on"
    again = draft(world, number, "for a", "1")
    assert draft(world, number, "for b", "2", known=again) != again


def test_a_reply_that_has_set_out_is_not_sent_a_second_time(world: World) -> None:
    number = case(world)
    id = draft(world, number, "Sorry!")
    world.inbox.reply(number, "Sorry!", draft=id)
    with pytest.raises(NothingToDo, match="queued already"):
        world.inbox.reply(number, "Sorry!", draft=id)
    assert len(world.inbox.outbox()) == 1


# -- the outbox


def broken(world: World, number: int, state: ReplyState = ReplyState.FAILED) -> Reply:
    reply = world.inbox.reply(number, "Sorry!")
    world.claim(reply)
    error = OutcomeUnknown("broke") if state is ReplyState.UNKNOWN else Refused("no")
    with world.store.write("broke") as db:
        delivery.broke(db, reply.id, state, error, world.now)
    return reply


def test_a_reply_can_be_taken_back_until_it_is_sent(world: World) -> None:
    number = case(world)
    first, second = world.inbox.reply(number, "one"), world.inbox.reply(number, "two")
    assert world.inbox.take_back().id == second.id, "the newest"
    assert world.inbox.take_back(first.id).state is ReplyState.DRAFT
    with pytest.raises(NothingToDo):
        world.inbox.take_back()
    assert [m.text for m in world.inbox.case(number).timeline] == ["Hello?"]
    assert {d.text for d in world.inbox.drafts(number)} == {"one", "two"}
    sent = world.inbox.reply(number, "two!", draft=second.id)
    world.deliver(sent)
    with pytest.raises(NothingToDo, match="sent"):
        world.inbox.take_back(second.id)
    assert [m.text for m in world.inbox.case(number).timeline] == ["Hello?", "two!"]


def test_only_ones_own_newest_reply_is_taken_back_unasked(world: World) -> None:
    number = case(world)
    other = Inbox(world.store, replace(world.config, agent="otto"), lambda: world.now)
    other.reply(number, "from otto")
    with pytest.raises(NothingToDo):
        world.inbox.take_back()


@pytest.mark.parametrize("state", [ReplyState.FAILED, ReplyState.UNKNOWN])
def test_trouble_is_seen_until_it_is_mended(world: World, state: ReplyState) -> None:
    number = case(world)
    reply = broken(world, number, state)
    assert world.inbox.case(number).row.trouble
    assert world.inbox.overview().trouble == 1
    assert [r.id for r in world.inbox.outbox()] == [reply.id]
    again = world.inbox.retry(reply.id)
    assert (again.state, again.error, again.attempts) == (ReplyState.QUEUED, "", 0)
    assert not world.inbox.case(number).row.trouble
    with pytest.raises(NothingToDo):
        world.inbox.retry(reply.id)
    world.deliver(reply)
    assert world.inbox.overview().trouble == 0


def test_a_failed_reply_can_be_cancelled_and_its_text_is_kept(world: World) -> None:
    number = case(world)
    reply = broken(world, number)
    assert world.inbox.cancel(reply.id).state is ReplyState.DRAFT
    assert [d.text for d in world.inbox.drafts(number)] == ["Sorry!"]
    assert world.inbox.overview().trouble == 0
    with pytest.raises(NothingToDo):
        world.inbox.cancel(reply.id)


def test_a_reply_on_the_wire_is_out_of_reach(world: World) -> None:
    reply = world.inbox.reply(case(world), "Sorry!")
    world.claim(reply)
    for act in (world.inbox.take_back, world.inbox.cancel, world.inbox.retry):
        with pytest.raises(NothingToDo):
            act(reply.id)


# -- other acts


def test_a_note_is_for_agents_and_moves_no_clock(world: World) -> None:
    number = case(world)
    note = world.inbox.note(number, "  He rang.\x1b[2J\n")
    assert (note.kind, note.text, note.author.name) == (Kind.NOTE, "He rang.␛[2J", "lena")
    assert world.inbox.case(number).row.waiting_since == NOW - HOUR
    with pytest.raises(UsageError):
        world.inbox.note(number, " \n ")


def test_done_ends_the_clock_once(world: World) -> None:
    number = case(world)
    row = world.inbox.done(number)
    assert (row.state, row.waiting_since) == (CaseState.DONE, None)
    with pytest.raises(NothingToDo):
        world.inbox.done(number)


def test_done_overlooks_nothing_that_the_agent_was_not_shown(world: World) -> None:
    number = case(world)
    seen = world.inbox.case(number).last_message
    world.take("shop", post("2", "42", NOW, "One more thing"))
    with pytest.raises(NothingToDo, match="wrote meanwhile"):
        world.inbox.done(number, seen=seen)
    assert world.inbox.case(number).row.state is CaseState.WAITING
    seen = world.inbox.case(number).last_message
    world.inbox.note(number, "A note is nothing to be shown first")
    assert world.inbox.done(number, seen=seen).state is CaseState.DONE


def test_reopen_starts_the_clock_at_his_last_message(world: World) -> None:
    number = case(world, post("1", "42", NOW - 2 * HOUR), post("2", "42", NOW - HOUR))
    with pytest.raises(NothingToDo):
        world.inbox.reopen(number)
    world.inbox.done(number)
    row = world.inbox.reopen(number)
    assert (row.state, row.waiting_since) == (CaseState.WAITING, NOW - HOUR)


def test_reopen_mends_a_wrong_guess_about_automatic_mail(world: World) -> None:
    world.take("mail", mail(1, "orders@partner.example", automatic=Automatic.BULK))
    number = world.case_of("INBOX/1/1")
    assert [row.id for row in world.inbox.page("automatic")] == [number]
    world.inbox.reopen(number)
    assert [row.id for row in world.inbox.page("waiting")] == [number]
    world.inbox.done(number)
    assert [row.id for row in world.inbox.page("done")] == [number], "it has become a case like others"


def test_a_case_without_a_customers_word_cannot_wait(world: World) -> None:
    number = case(world, our_post("1", "42"))
    with pytest.raises(NothingToDo):
        world.inbox.reopen(number)


def test_a_case_knows_the_persons_other_cases(world: World) -> None:
    number = case(world, post("1", "42", thread="a"))
    world.inbox.done(number)
    world.take("shop", post("2", "42", NOW + 1, thread="b"))
    assert world.inbox.case(world.case_of("2")).earlier == 1
    assert world.inbox.case(world.case_of("2")).linked is None


def test_a_post_of_ours_is_shown_with_every_case_under_it(world: World) -> None:
    ours = Incoming("p", "", person("x", "1", "Shop"), Direction.OUT, "New phones!", NOW - HOUR, Kind.POST)
    world.take("shop", ours, post("1", "42", context="p"), post("2", "43", context="p"))
    for id in "12":
        assert [m.text for m in world.inbox.case(world.case_of(id)).timeline] == ["New phones!", "Hello?"]


# -- the store


def test_others_commits_are_noticed(world: World) -> None:
    before = world.inbox.version()
    other = open_inbox(world.config)
    assert world.inbox.version() == before
    other.fetch_now()
    assert world.inbox.version() != before
    other.close()


def test_a_rebuild_mends_a_clock_and_says_which(world: World) -> None:
    number = case(world)
    with world.store.write("damage") as db:
        db.execute("UPDATE messages SET owed = 0")
        db.execute("UPDATE cases SET waiting_since = ? WHERE id = ?", (NOW - 9 * HOUR, number))
        ranks = (queue_rank(NOW - 9 * HOUR, None), queue_rank(NOW - HOUR, None))
        db.execute("UPDATE queue SET rank = ? WHERE rank = ?", ranks)
    (repair,) = world.inbox.rebuild()
    assert (repair.case, repair.stored, repair.derived) == (number, NOW - 9 * HOUR, NOW - HOUR)
    assert world.inbox.rebuild() == ()


def test_a_whole_store_is_found_whole(world: World) -> None:
    assert [finding for finding in world.inbox.inspect() if not finding.ok] == []
    world.store.path.chmod(0o644)
    (finding,) = [finding for finding in world.inbox.inspect() if not finding.ok]
    assert (finding.code, finding.hint) == ("store_rights", f"chmod o= {world.store.path}")


# -- bootstrap


def test_an_inbox_is_built_from_a_config(world: World, tmp_path: Path) -> None:
    config = replace(world.config, store=tmp_path / "other.db")
    with pytest.raises(StoreError):
        open_inbox(config, create=False)
    inbox = open_inbox(config)
    assert inbox.overview().waiting == 0
    inbox.close()


def test_a_channel_that_nobody_brings_is_said(world: World) -> None:
    from inbox_tui.bootstrap import open_channel
    from inbox_tui.config import OtherAccount

    with pytest.raises(ConfigError, match="carrier_pigeon"):
        open_channel(OtherAccount(name="loft", channel="carrier_pigeon", secret_env="HOME"))


def test_the_worker_is_started_on_the_same_config_and_store(world: World, tmp_path: Path) -> None:
    command = worker_command(replace(world.config, path=tmp_path / "config.toml"))
    assert command[1:3] == ["-m", "inbox_tui"]
    assert command[command.index("--config") + 1] == str(tmp_path / "config.toml")
    assert command[command.index("--store") + 1] == str(world.store.path)
    assert "--follow" in command


# -- a note that was begun


def test_a_note_that_was_begun_is_kept_until_it_is_written_or_emptied(world: World) -> None:
    known = case(world)
    world.inbox.save_note_draft(known, "call h")
    world.inbox.save_note_draft(known, "call him")
    assert world.inbox.note_draft(known) == "call him"
    world.inbox.note(known, "call him")
    assert world.inbox.note_draft(known) == ""
    world.inbox.save_note_draft(known, "again")
    world.inbox.save_note_draft(known, "  ")
    assert world.inbox.note_draft(known) == ""
    with pytest.raises(NotFound):
        world.inbox.save_note_draft(99, "nobody")
