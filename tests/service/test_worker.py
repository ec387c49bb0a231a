"""The background process: one a host, every account on its own."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from inbox_tui.channels.base import Page
from inbox_tui.config import AccountConfig
from inbox_tui.desk.clock import HOUR
from inbox_tui.errors import CredentialError, LoginNeeded, NotFound, RateLimited, StoreLocked
from inbox_tui.model import Filing, Health, Outgoing, ReplyState
from inbox_tui.service import worker as worker_module
from inbox_tui.service.worker import Worker
from inbox_tui.store.locks import FileLock
from tests.casework.world import CAN, NOW, comment, mail, post
from tests.service.conftest import Office
from tests.service.fake import FakeChannel, FakeListener
from tests.store.children import child


def health(office: Office, account: str) -> Health:
    return next(h for h in office.inbox.health() if h.account == account)


def everybody_writes(office: Office) -> None:
    office.platforms["shop"].pages.append(Page((post("1", "42"),), {}))
    office.platforms["page"].pages.append(Page((comment("2", "7"),), {}))
    office.platforms["mail"].pages.append(Page((mail(3, "a@x.example"),), {}))


# -- one round


def test_a_round_fetches_every_account(office: Office) -> None:
    everybody_writes(office)
    results = office.worker().fetch_once()
    assert {name: (r.new, r.error) for name, r in results.items()} == {
        "mail": (1, None),
        "shop": (1, None),
        "page": (1, None),
    }
    assert len(office.inbox.page("waiting")) == 3
    assert all(p.opened == p.closed for p in office.platforms.values())


def test_a_round_lets_go_what_belongs_to_agents_who_are_away(office: Office) -> None:
    office.take("shop", post("1", "42", NOW))
    office.inbox.triage.assign([1], "lena")
    office.now += office.config.desk.owner_away_hours * HOUR - 1
    office.worker().fetch_once()
    assert office.inbox.rows([1])[1].assignee == "lena"
    office.now += 1
    office.worker().fetch_once()
    assert office.inbox.rows([1])[1].assignee == ""


def test_accounts_are_known_in_the_order_of_the_configuration_whichever_answers_first(office: Office) -> None:
    with office.store.write("as new") as db:
        db.execute("DELETE FROM accounts")
    office.worker().fetch_once("page")
    office.worker().fetch_once()
    assert [one.account for one in office.inbox.health()][:3] == ["page", "mail", "shop"]


def test_a_round_may_be_of_one_account(office: Office) -> None:
    everybody_writes(office)
    assert list(office.worker().fetch_once("page")) == ["page"]
    with pytest.raises(NotFound) as caught:
        office.worker().fetch_once("pgae")
    assert "mail, shop, page" in caught.value.hint


@pytest.mark.parametrize("fault", [LoginNeeded("token expired"), KeyError("a fault of the channel")])
def test_a_dead_account_does_not_stop_another(office: Office, fault: Exception) -> None:
    everybody_writes(office)
    office.platforms["shop"].pages.appendleft(fault)
    results = office.worker().fetch_once()
    assert results["shop"].error is not None
    assert (results["mail"].new, results["page"].new) == (1, 1)
    assert health(office, "shop").error
    assert health(office, "mail").error == ""


def test_an_account_whose_secret_cannot_be_read_is_told_and_stops_no_other(office: Office) -> None:
    everybody_writes(office)
    office.opening["mail"] = CredentialError("no password", "run the command by hand")
    results = office.worker().fetch_once()
    assert results["mail"].error is office.opening["mail"]
    assert (results["shop"].new, results["page"].new) == (1, 1)
    assert (health(office, "mail").error, health(office, "mail").error_code) == ("no password", "credentials")


def test_a_store_that_is_not_free_is_said_as_such(office: Office) -> None:
    everybody_writes(office)
    office.store.deadline = 0.01
    lock = FileLock(office.store.path.with_name("inbox.db.lock"), 0o600)
    assert lock.try_acquire()
    results = office.worker().fetch_once()
    assert {type(result.error) for result in results.values()} == {StoreLocked}
    lock.close()
    office.store.deadline = 30
    assert {r.new for r in office.worker().fetch_once().values()} == {1}, "nothing was lost"


def test_a_round_sends_what_is_due_and_looks_for_what_was_left(office: Office) -> None:
    left, due = office.queued(), office.queued()
    office.claim(left)
    office.worker().fetch_once()
    assert office.look(due).state is ReplyState.SENT
    assert office.look(left).state is ReplyState.UNKNOWN
    assert office.platforms["shop"].looks == 1


def test_an_error_of_sending_does_not_hide_what_was_fetched(office: Office) -> None:
    office.queued()
    office.platforms["shop"].pages.append(Page((post("1", "99"),), {}))
    first = office.open_channel
    opened: list[str] = []

    def open_once(account: object) -> object:
        opened.append("channel")
        if len(opened) > 1:
            raise CredentialError("the key ring is locked now")
        return first(account)  # type: ignore[arg-type]

    office.open_channel = open_once  # type: ignore[method-assign, assignment]
    result = office.worker().fetch_once("shop")["shop"]
    assert (result.new, type(result.error)) == (1, CredentialError)


def test_one_reply_can_be_sent_alone(office: Office) -> None:
    letter, other = office.queued("mail"), office.queued("mail")
    sent = office.worker().send_reply(letter.id)
    assert (sent.state, sent.filing) == (ReplyState.SENT, Filing.DONE)
    assert office.look(other).state is ReplyState.QUEUED
    assert office.worker().send_reply(letter.id).state is ReplyState.SENT
    assert len(office.platforms["mail"].sent) == 1


def test_a_reply_that_cannot_be_sent_from_here_stays_queued(office: Office) -> None:
    letter = office.queued("mail")
    with pytest.raises(NotFound, match="no reply 99"):
        office.worker().send_reply(99)
    office.opening["mail"] = CredentialError("no password")
    with pytest.raises(CredentialError):
        office.worker().send_reply(letter.id)
    elsewhere = office.worker()
    elsewhere.config = type(office.config)(path=None, store=office.store.path, agent="lena")
    with pytest.raises(NotFound, match="not in the configuration"):
        elsewhere.send_reply(letter.id)
    assert office.look(letter).state is ReplyState.QUEUED


# -- the one worker of a host


def test_there_is_one_worker(office: Office) -> None:
    first, second = office.worker(), office.worker()
    assert not office.inbox.worker().running
    assert first.try_lock()
    assert not second.try_lock()
    assert office.inbox.worker().running
    first.close()
    assert second.try_lock()
    second.close()
    assert not office.inbox.worker().running


def test_the_place_of_a_killed_worker_is_free(office: Office) -> None:
    script = """
from inbox_tui.bootstrap import open_worker
from inbox_tui.config import Config
worker = open_worker(Config(path=None, store=path, agent='lena'))
say(worker.try_lock()); wait()
"""
    mine = office.worker()
    with child(script, office.store.path) as other:
        assert other.hear() == "True"
        assert not mine.try_lock()
        assert office.inbox.worker().running
        os.kill(other.pid, signal.SIGKILL)
        other.process.wait()
        assert not office.inbox.worker().running
        assert mine.try_lock()
    mine.close()


# -- as a process


@contextmanager
def running(office: Office, worker: Worker | None = None) -> Iterator[Callable[[Callable[[], bool]], None]]:
    """A worker at work; what is yielded waits until something is the case."""
    stop = threading.Event()
    one = worker or office.worker()
    thread = threading.Thread(target=one.run, args=(stop,))
    thread.start()

    def until(is_so: Callable[[], bool]) -> None:
        pause = threading.Event()
        for _ in range(3000):
            if is_so():
                return
            pause.wait(0.01)
        raise AssertionError("it did not come to pass")

    try:
        yield until
    finally:
        stop.set()
        thread.join()
        office.store.close_thread()
        office.store.read().execute("PRAGMA synchronous=OFF")


@pytest.fixture(autouse=True)
def _brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "TICK", 0.01)
    monkeypatch.setattr(worker_module, "_REST", 0.01)


def test_it_fetches_sends_and_shows_that_it_lives(office: Office) -> None:
    everybody_writes(office)
    reply = office.queued()
    with running(office) as until:
        until(lambda: office.look(reply).state is ReplyState.SENT)
        until(lambda: len(office.inbox.page("waiting")) == 3)
        later = office.queued("mail")
        until(lambda: office.look(later).filing is Filing.DONE)
    status = office.inbox.worker()
    assert (status.pid, status.heartbeat) == (os.getpid(), NOW)
    assert all(len(p.fetches) == 1 for p in office.platforms.values()), "the time to poll has not come"
    assert all(p.opened == p.closed for p in office.platforms.values())
    assert office.complaints == []


def test_it_fetches_again_when_the_time_has_come_or_somebody_asks(office: Office) -> None:
    shop, page = office.platforms["shop"], office.platforms["page"]
    with running(office) as until:
        until(lambda: len(shop.fetches) == len(page.fetches) == 1)
        office.now += 60_000
        until(lambda: len(shop.fetches) == len(page.fetches) == 2)
        office.now += 1
        office.inbox.fetch_now("shop")
        until(lambda: len(shop.fetches) == 3)
    assert len(page.fetches) == 2


def test_a_snoozed_case_comes_back_though_nobody_looks(office: Office) -> None:
    office.take("shop", post("1", "42", NOW))
    case = office.case_of("1")
    office.inbox.triage.snooze([case], NOW + HOUR)
    with running(office) as until:
        until(lambda: office.inbox.worker().heartbeat == NOW)
        assert office.inbox.rows([case])[case].snoozed
        office.now += HOUR
        until(lambda: not office.inbox.rows([case])[case].snoozed)


def test_the_worker_gives_back_what_belongs_to_who_is_away(office: Office) -> None:
    office.take("shop", post("1", "42", NOW))
    case = office.case_of("1")
    office.inbox.triage.assign([case], "ben")
    with running(office) as until:
        until(lambda: office.inbox.worker().heartbeat == NOW)
        assert office.inbox.rows([case])[case].assignee == "ben"
        office.now += office.config.desk.owner_away_hours * HOUR
        until(lambda: office.inbox.rows([case])[case].assignee == "")


def test_a_pause_of_the_platform_is_kept_whoever_asks(office: Office) -> None:
    shop, page = office.platforms["shop"], office.platforms["page"]
    shop.pages.append(RateLimited("slow down", NOW + HOUR))
    with running(office) as until:
        until(lambda: health(office, "shop").error_code == "rate_limited" and len(page.fetches) == 1)
        for n in range(2, 12):
            office.now += 60_000
            office.inbox.fetch_now()
            until(lambda n=n: len(page.fetches) == n)  # type: ignore[misc]
        assert len(shop.fetches) == 1
        office.now = NOW + HOUR
        until(lambda: len(shop.fetches) == 2)
        until(lambda: health(office, "shop").error == "")


def test_after_an_error_of_another_kind_asking_helps_at_once(office: Office) -> None:
    shop = office.platforms["shop"]
    shop.pages.append(LoginNeeded("token expired"))
    with running(office) as until:
        until(lambda: health(office, "shop").error_code == "login")
        office.now += 1
        office.inbox.fetch_now("shop")
        until(lambda: health(office, "shop").error == "")
    assert shop.opened >= 3, "with a new login"


def test_an_account_that_gives_no_answer_slows_no_other(office: Office) -> None:
    page, silence = office.platforms["page"], threading.Event()
    office.platforms["shop"].at_fetch = lambda: silence.wait(60)
    try:
        with running(office) as until:
            for n in range(1, 6):
                until(lambda n=n: len(page.fetches) == n)  # type: ignore[misc]
                office.now += 60_000
            reply = office.queued("mail")
            until(lambda: office.look(reply).state is ReplyState.SENT)
            assert len(office.platforms["shop"].fetches) == 1
            silence.set()
    finally:
        silence.set()


def test_a_fault_of_one_channel_ends_that_channel_alone(office: Office) -> None:
    office.platforms["shop"].pages.append(KeyError("a fault of the channel"))
    with running(office) as until:
        until(lambda: bool(health(office, "shop").error))
        reply = office.queued("mail")
        until(lambda: office.look(reply).state is ReplyState.SENT)
    assert "a fault in the channel x: KeyError" in health(office, "shop").error
    assert len(office.complaints) == 1


def test_a_receipt_that_could_not_be_stored_is_looked_for(office: Office) -> None:
    reply = office.queued()
    lock = FileLock(office.store.path.with_name("inbox.db.lock"), 0o600)
    held: list[bool] = []

    def hold(_: Outgoing) -> None:
        held.append(lock.acquire(30))
        office.store.deadline = 0.01

    shop = office.platforms["shop"]
    shop.at_send = hold
    with running(office) as until:
        until(lambda: shop.opened == 3)  # one to fetch, one to send, and one to begin anew
        office.store.deadline = 30
        lock.close()
        until(lambda: office.look(reply).state is ReplyState.SENT)
    assert held == [True]
    assert len(office.platforms["shop"].tries) == 1, "it is not sent twice"
    assert office.platforms["shop"].looks == 1


def test_a_store_that_is_busy_for_long_ends_no_account(office: Office) -> None:
    everybody_writes(office)
    office.store.deadline = 0.01
    lock = FileLock(office.store.path.with_name("inbox.db.lock"), 0o600)
    assert lock.try_acquire()
    with running(office) as until:
        until(lambda: len(office.complaints) >= 6)
        lock.close()
        office.store.deadline = 30
        office.now += 60_000
        until(lambda: len(office.inbox.page("waiting")) == 3)


def test_a_leaving_worker_waits_for_a_reply_in_its_countdown(office: Office) -> None:
    reply = office.queued()
    office.inbox.take_back(reply.id)
    office.inbox.reply(reply.case, "Sorry!", draft=reply.id, countdown=True)
    leave, stop = threading.Event(), threading.Event()
    worker = office.worker()
    thread = threading.Thread(target=worker.run, args=(stop, leave))
    leave.set()
    thread.start()
    office.now += 8_000
    thread.join(30)
    assert not thread.is_alive()
    assert office.look(reply).state is ReplyState.SENT
    assert all(p.fetches == [] for p in office.platforms.values()), "it fetches no more"
    office.store.close_thread()


def test_a_channel_that_is_told_of_news_is_fetched_at_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = office.platforms["mail"]

    def listening(account: AccountConfig) -> FakeChannel:
        kind = FakeListener if account.name == "mail" else FakeChannel
        return kind(account, CAN[account.name], office.platforms[account.name], lambda: office.now)

    monkeypatch.setattr(office, "open_channel", listening)
    with running(office) as until:
        until(lambda: len(platform.fetches) == 1)
        platform.pages.append(Page((mail(3, "a@x.example"),), {}))
        platform.news.set()
        # The clock stands still: nothing but the news can be the reason.
        until(lambda: len(office.inbox.page("waiting")) == 1)
    assert len(platform.fetches) == 2
    assert len(office.platforms["shop"].fetches) == 1
