"""Each reply goes out once, and none is silently lost."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from inbox_tui.errors import (
    BadAnswer,
    ChannelError,
    InboxError,
    LoginNeeded,
    NothingToDo,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Temporary,
)
from inbox_tui.model import Author, CaseState, Direction, Filing, Incoming, Outgoing, ReplyState
from inbox_tui.service.sending import ATTEMPTS, LOOKS
from inbox_tui.store import accounts, replies
from tests.casework.world import CAN, NOW, mail, our_post
from tests.service.conftest import Office

SECOND = 1000


def test_a_reply_is_sent_once_and_the_clock_stops(office: Office) -> None:
    reply = office.queued()
    sender = office.sender("shop")
    assert sender.work()
    assert not sender.work()
    assert len(office.platforms["shop"].sent) == 1
    sent = office.look(reply)
    assert (sent.state, sent.external_id, sent.sent_at) == (ReplyState.SENT, "sent-0", NOW)
    assert office.inbox.case(reply.case).row.state is CaseState.PENDING


def test_key_and_state_are_committed_before_a_byte_leaves(office: Office) -> None:
    reply = office.queued()
    seen: list[tuple[str, str]] = []

    def on_the_wire(outgoing: Outgoing) -> None:
        with office.store.reading() as db:
            row = replies.facts(db, reply.id)
        seen.append((row["state"], row["key"]))
        assert row["key"] == outgoing.key

    office.platforms["shop"].at_send = on_the_wire
    office.sender("shop").work()
    assert len(seen) == 1
    assert seen[0][0] == "sending"
    assert seen[0][1].startswith("inbox.")


def test_the_case_waits_until_a_receipt_is_stored(office: Office) -> None:
    reply = office.queued()
    office.platforms["shop"].at_send = lambda _: states.append(office.inbox.case(reply.case).row.state)
    states: list[CaseState] = []
    assert office.inbox.case(reply.case).row.state is CaseState.WAITING
    office.sender("shop").work()
    assert states == [CaseState.WAITING]


@pytest.mark.parametrize(
    ("error", "state", "code"),
    [
        (Temporary("no route"), ReplyState.QUEUED, "temporary"),
        (RateLimited("slow down", NOW + 90 * SECOND), ReplyState.QUEUED, "rate_limited"),
        (RateLimited("slow down", None), ReplyState.QUEUED, "rate_limited"),
        (LoginNeeded("token expired", "log in"), ReplyState.FAILED, "login"),
        (Refused("not summoned"), ReplyState.FAILED, "refused"),
        (OutcomeUnknown("the line broke"), ReplyState.UNKNOWN, "unknown"),
        (BadAnswer("<html>"), ReplyState.UNKNOWN, "bad_answer"),
        (ChannelError("something else"), ReplyState.FAILED, "channel"),
        (InboxError("something else"), ReplyState.FAILED, "error"),
    ],
)
def test_what_each_error_makes_of_a_reply(
    office: Office, error: InboxError, state: ReplyState, code: str
) -> None:
    reply = office.queued()
    office.platforms["shop"].faults.append(error)
    office.sender("shop").work()
    found = office.look(reply)
    assert (found.state, found.error, found.error_code, found.hint) == (
        state,
        error.message,
        code,
        error.hint,
    )
    assert len(office.platforms["shop"].tries) == 1, "never at once again"
    row = office.inbox.case(reply.case).row
    assert row.state is CaseState.WAITING
    assert row.trouble == (state in (ReplyState.FAILED, ReplyState.UNKNOWN))


def test_what_certainly_was_not_delivered_is_tried_again_with_growing_pauses(office: Office) -> None:
    reply = office.queued()
    platform = office.platforms["shop"]
    platform.faults.extend(Temporary("no route") for _ in range(ATTEMPTS))
    sender = office.sender("shop")
    pauses = []
    while office.look(reply).state is not ReplyState.FAILED:
        sender.work()
        pause = office.look(reply).not_before - office.now
        if office.look(reply).state is ReplyState.QUEUED:
            pauses.append(pause // SECOND)
            office.now += pause - 1
            assert not sender.work(), "not before its time"
            office.now += 1
    assert pauses == [5, 10, 20, 40, 80]
    assert len(platform.tries) == ATTEMPTS
    assert office.inbox.overview().trouble == 1


def test_after_a_pause_it_arrives(office: Office) -> None:
    reply = office.queued()
    office.platforms["shop"].faults.append(Temporary("no route"))
    sender = office.sender("shop")
    sender.work()
    office.now += 5 * SECOND
    sender.work()
    assert (office.look(reply).state, office.look(reply).error) == (ReplyState.SENT, "")
    tries = office.platforms["shop"].tries
    assert tries[0].key == tries[1].key, "one reply, one key"


@pytest.mark.parametrize("reset", [None, NOW - 3600 * SECOND, NOW, NOW + 60 * SECOND])
def test_a_rate_limit_stops_all_replies_of_the_account_until_its_reset(
    office: Office, reset: int | None
) -> None:
    first, second = office.queued(), office.queued()
    platform = office.platforms["shop"]
    platform.faults.append(RateLimited("slow down", reset))
    sender = office.sender("shop")
    sender.work()
    assert not sender.work()
    assert len(platform.tries) == 1
    again = office.look(first).not_before
    assert again == max(reset or NOW + 60 * SECOND, NOW + 5 * SECOND)
    office.now = again
    sender.work()
    assert [office.look(r).state for r in (first, second)] == [ReplyState.SENT] * 2


def test_a_limited_account_does_not_stop_another(office: Office) -> None:
    office.queued("shop")
    letter = office.queued("mail")
    office.platforms["shop"].faults.append(RateLimited("slow down", NOW + 60 * SECOND))
    office.sender("shop").work()
    office.sender("mail").work()
    assert office.look(letter).state is ReplyState.SENT


# -- what may have been delivered


def test_an_unknown_reply_is_found_on_the_platform(office: Office) -> None:
    reply = office.queued()
    platform = office.platforms["shop"]
    platform.faults.append(OutcomeUnknown("the line broke"))
    platform.accepts_anyway = True
    sender = office.sender("shop")
    sender.work()
    assert (office.look(reply).state, platform.looks) == (ReplyState.UNKNOWN, 0), "not at once"
    office.now += 10 * SECOND
    sender.work()
    assert (office.look(reply).state, len(platform.tries)) == (ReplyState.SENT, 1)


def settle(office: Office, account: str) -> int:
    """Let time pass until nobody looks any more; how often was looked."""
    sender = office.sender(account)
    for _ in range(100):
        office.now += 5 * SECOND
        sender.work()
    return office.platforms[account].looks


@pytest.mark.parametrize("tries_before", [0, 3])
def test_absent_after_several_looks_means_not_delivered(office: Office, tries_before: int) -> None:
    reply = office.queued()
    platform = office.platforms["shop"]
    platform.faults.extend(Temporary("no route") for _ in range(tries_before))
    platform.faults.append(OutcomeUnknown("the line broke"))
    assert settle(office, "shop") == LOOKS
    found = office.look(reply)
    assert (found.state, found.error_code) == (ReplyState.FAILED, "temporary")
    assert "not on the platform" in found.error
    assert len(platform.tries) == tries_before + 1, "a person decides whether it goes out once more"


def test_a_look_that_fails_proves_nothing(office: Office) -> None:
    reply = office.queued()
    platform = office.platforms["shop"]
    platform.faults.append(OutcomeUnknown("the line broke"))
    platform.look_faults.extend([Temporary("no route"), RateLimited("slow", NOW + 200 * SECOND)] * 2)
    assert settle(office, "shop") == LOOKS + 4
    assert office.look(reply).state is ReplyState.FAILED


def test_where_absence_proves_nothing_a_person_must_decide(office: Office) -> None:
    reply = office.queued("mail")
    office.platforms["mail"].faults.append(OutcomeUnknown("the line broke"))
    assert settle(office, "mail") == LOOKS
    found = office.look(reply)
    assert found.state is ReplyState.UNKNOWN
    assert "may have been delivered" in found.error
    assert found.hint
    assert settle(office, "mail") == LOOKS, "nobody looks any more"
    office.inbox.retry(reply.id)
    office.sender("mail").work()
    assert office.look(reply).state is ReplyState.SENT


def test_whoever_cancels_while_it_is_looked_for_is_not_overruled(office: Office) -> None:
    reply = office.queued()
    platform = office.platforms["shop"]
    platform.faults.append(OutcomeUnknown("the line broke"))
    sender = office.sender("shop")
    sender.work()
    find = sender.channel.find_sent

    def find_slowly(outgoing: Outgoing) -> object:
        office.inbox.cancel(reply.id)
        return find(outgoing)

    sender.channel.find_sent = find_slowly  # type: ignore[method-assign, assignment]
    office.now += 60 * SECOND
    sender.work()
    assert platform.looks == 1
    assert office.look(reply).state is ReplyState.DRAFT


def test_what_was_cancelled_meanwhile_is_not_looked_for(office: Office) -> None:
    first, second = office.queued(), office.queued()
    platform = office.platforms["shop"]
    platform.faults.extend([OutcomeUnknown("the line broke")] * 2)
    sender = office.sender("shop")
    sender.work()
    find = sender.channel.find_sent

    looked: list[int] = []

    def find_slowly(outgoing: Outgoing) -> object:
        looked.append(outgoing.reply_id)
        if len(looked) == 1:
            office.inbox.cancel(second.id)
        return find(outgoing)

    sender.channel.find_sent = find_slowly  # type: ignore[method-assign, assignment]
    office.now += 60 * SECOND
    sender.work()
    assert looked == [first.id]
    assert [office.look(r).state for r in (first, second)] == [ReplyState.UNKNOWN, ReplyState.DRAFT]


def test_a_changed_text_never_goes_out_under_an_old_key(office: Office) -> None:
    reply = office.queued()
    platform = office.platforms["shop"]
    platform.faults.append(OutcomeUnknown("the line broke"))
    office.sender("shop").work()
    office.inbox.cancel(reply.id)
    office.inbox.reply(reply.case, "Something else", draft=reply.id)
    office.sender("shop").work()
    assert office.look(reply).state is ReplyState.SENT
    assert platform.tries[0].key != platform.tries[1].key
    assert platform.tries[1].text == "Something else"


# -- the end of the program


def test_a_reply_that_was_left_while_sending_is_looked_for_not_repeated(office: Office) -> None:
    reply = office.queued()
    office.claim(reply)
    sender = office.sender("shop")
    sender.recover()
    found = office.look(reply)
    assert (found.state, found.error_code) == (ReplyState.UNKNOWN, "unknown")
    assert found.hint
    sender.work()
    assert (office.platforms["shop"].looks, office.platforms["shop"].tries) == (1, [])


@pytest.mark.parametrize("fault", [KeyboardInterrupt(), SystemExit(), KeyError("fault of a channel")])
def test_a_send_that_breaks_off_leaves_nothing_sending(office: Office, fault: Exception) -> None:
    reply = office.queued()
    office.platforms["shop"].faults.append(fault)
    with pytest.raises(type(fault)):
        office.sender("shop").work()
    assert office.look(reply).state is ReplyState.UNKNOWN


def test_an_echo_that_is_faster_than_the_receipt_changes_nothing(office: Office) -> None:
    reply = office.queued()
    who = office.inbox.case(reply.case).threads[0].customer.value
    assert who is not None
    office.platforms["shop"].at_send = lambda _: echoes.append(
        office.take("shop", our_post("sent-0", who, NOW, "@4 Sorry!")).new
    )
    echoes: list[int] = []
    office.sender("shop").work()
    assert echoes == [0]
    case = office.inbox.case(reply.case)
    assert [m.text for m in case.timeline] == ["Hello?", "Sorry!"]
    assert office.look(reply).state is ReplyState.SENT
    assert case.row.messages == 2


# -- several at once


def test_a_reply_is_claimed_once(office: Office) -> None:
    reply = office.queued()
    with office.store.write("two") as db:
        assert replies.claim(db, reply.id, NOW)
        assert not replies.claim(db, reply.id, NOW)
    sender = office.sender("shop")
    assert not sender.send(reply.id)
    assert office.platforms["shop"].tries == []
    sender.recover()


@pytest.mark.parametrize("round_", range(6))
def test_taking_back_and_sending_race_and_exactly_one_wins(office: Office, round_: int) -> None:
    reply = office.queued()
    start = threading.Barrier(2)
    taken: list[bool] = []

    def take_back() -> None:
        start.wait()
        try:
            office.inbox.take_back(reply.id)
            taken.append(True)
        except NothingToDo:
            taken.append(False)
        office.store.close_thread()

    agent = threading.Thread(target=take_back)
    agent.start()
    sender = office.sender("shop")
    start.wait()
    sent = sender.send(reply.id)
    agent.join()
    assert [sent] != taken
    assert len(office.platforms["shop"].sent) == sent
    assert office.look(reply).state is (ReplyState.SENT if sent else ReplyState.DRAFT)


def test_a_reply_in_its_countdown_is_not_sent(office: Office) -> None:
    reply = office.queued()
    office.inbox.take_back(reply.id)
    office.inbox.reply(reply.case, "Sorry!", draft=reply.id, countdown=True)
    sender = office.sender("shop")
    office.now += 7_999
    assert not sender.work()
    office.now += 1
    assert sender.work()
    assert office.look(reply).state is ReplyState.SENT


# -- the copy in Sent


def test_filing_is_a_step_of_its_own_and_tried_again_alone(office: Office) -> None:
    reply = office.queued("mail")
    platform = office.platforms["mail"]
    platform.file_faults.append(Temporary("the mailbox is busy"))
    sender = office.sender("mail")
    sender.work()
    found = office.look(reply)
    assert (found.state, found.filing, found.error) == (ReplyState.SENT, Filing.TODO, "the mailbox is busy")
    assert not sender.work(), "not at once again"
    office.now += 30 * SECOND
    sender.work()
    found = office.look(reply)
    assert (found.filing, found.error) == (Filing.DONE, "")
    assert (len(platform.sent), len(platform.filed)) == (1, 1)
    assert platform.filed[0].sent_at == NOW


def test_a_copy_that_is_refused_is_told_and_the_reply_stays_sent(office: Office) -> None:
    reply = office.queued("mail")
    office.platforms["mail"].file_faults.append(Refused("over quota", "free some space"))
    sender = office.sender("mail")
    sender.work()
    office.now += 3600 * SECOND
    assert not sender.work()
    found = office.look(reply)
    assert (found.state, found.filing, found.error) == (ReplyState.SENT, Filing.FAILED, "over quota")


def test_what_sending_costs_is_added_up(office: Office) -> None:
    office.queued()
    office.queued()
    office.platforms["shop"].spend = 15_000
    office.sender("shop").work()
    assert next(h for h in office.inbox.health() if h.account == "shop").spent_today == 30_000


def test_a_program_that_dies_while_sending_keeps_what_went_along(office: Office, tmp_path: Path) -> None:
    office.take("mail", mail(1, "v@x.example", NOW))
    (tmp_path / "a.bin").write_bytes(bytes(range(256)))
    can = replace(CAN["mail"], max_files_bytes=1000, copies=True)
    with office.store.write("can") as db:
        accounts.set_capabilities(db, office.accounts["mail"], can)
    draft = office.inbox.writing.draft_reply(1, text="There.").id
    office.inbox.writing.attach(draft, tmp_path / "a.bin")
    office.inbox.writing.set_cc(draft, "c@x.example")
    queued = office.inbox.reply(1, "There.", draft=draft)
    (tmp_path / "a.bin").unlink()

    def die(reply: Outgoing) -> None:
        raise KeyboardInterrupt

    office.platforms["mail"].at_send = die
    with pytest.raises(KeyboardInterrupt):
        office.sender("mail").send(queued.id)
    assert office.look(queued).state is ReplyState.UNKNOWN
    office.platforms["mail"].at_send = lambda reply: None
    office.inbox.retry(queued.id)
    office.sender("mail").work()
    first, again = office.platforms["mail"].tries
    assert first == again and again.cc == ("c@x.example",)
    assert [(file.name, file.content) for file in again.files] == [("a.bin", bytes(range(256)))]


def test_hiding_that_a_dead_program_left_behind_is_done_again(office: Office) -> None:
    with office.store.write("can") as db:
        accounts.set_capabilities(db, office.accounts["page"], replace(CAN["page"], hides=True))
    author = Author("facebook", "42", "Eve")
    office.take("page", Incoming("c1", "p-42", author, Direction.IN, "buy", NOW, public=True))
    queued = office.inbox.writing.hide(1)
    sender = office.sender("page")
    with office.store.write("claim") as db:
        assert replies.claim(db, queued.id, NOW)
    sender.recover()
    assert office.look(queued).state is ReplyState.QUEUED
    assert office.platforms["page"].looks == 0
    sender.work()
    # This platform cannot do it: that is told, and no reply went out for it.
    told = office.look(queued)
    assert told.state is ReplyState.FAILED and "cannot hide" in told.error
    assert office.platforms["page"].tries == []
