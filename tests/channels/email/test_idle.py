"""Waiting for mail: at once where it came, never in a loop where the line is dead."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from inbox_tui.channels.base import Listener
from inbox_tui.channels.email.channel import EmailChannel
from inbox_tui.channels.email.idle import DEAF_SECONDS, RENEW_SECONDS, Ear
from tests.channels.email.world import World, a_mail, fetch_all, subjects

TICK = 0.25


class Clock:
    """A clock that goes on when somebody sleeps, and when it is told."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self.slept: list[float] = []

    def now(self) -> float:
        return time.monotonic() + self.ahead

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.ahead += seconds


def ear(channel: EmailChannel, clock: Clock) -> Ear:
    return Ear(channel._mailbox, "INBOX", clock.now, clock.sleep)


def heard(wait: Callable[[float], bool]) -> bool:
    """Whether news came within a few ticks."""
    return any(wait(TICK) for _ in range(40))


def test_a_mailbox_is_told_of_news(world: World) -> None:
    with world.channel() as channel:
        assert isinstance(channel, Listener)
        fetch_all(channel)
        assert not channel.wait(TICK)
        later = threading.Timer(0.1, world.deliver, ([a_mail(1)],))
        later.start()
        assert heard(channel.wait)
        later.join()
        assert subjects(fetch_all(channel)) == ["question 1"]


def test_mail_that_came_before_it_listened_counts(world: World) -> None:
    with world.channel() as channel:
        fetch_all(channel)
        world.deliver([a_mail(1)])
        assert channel.wait(TICK)


def test_all_goes_on_after_waiting(world: World) -> None:
    with world.channel() as channel:
        pages = fetch_all(channel)
        for number in range(3):
            assert not channel.wait(0.01)
            world.deliver([a_mail(number)])
            pages = fetch_all(channel, pages[-1].cursor)
            assert subjects(pages) == [f"question {number}"]
        channel.wait(0.01)
    # Closed while it waits; a second call is harmless.
    channel.close()


def test_a_server_that_says_bye_is_let_alone_for_a_while(world: World) -> None:
    with world.channel() as channel:
        pages, clock = fetch_all(channel), Clock()
        listening = ear(channel, clock)
        assert not listening.wait(TICK)
        world.fault("imap_bye", times=1)
        while world.faults.active():
            listening.wait(TICK)
        for _ in range(3):
            assert not listening.wait(TICK)
        clock.slept.clear()
        for _ in range(10):
            assert not listening.wait(TICK)
        assert clock.slept == pytest.approx([TICK] * 10, abs=0.1)
        world.deliver([a_mail(1)])
        assert subjects(fetch_all(channel, pages[-1].cursor)) == ["question 1"]
        clock.ahead += DEAF_SECONDS
        world.deliver([a_mail(2)])
        assert heard(listening.wait)


def test_a_connection_that_breaks_is_not_asked_in_a_loop(world: World) -> None:
    with world.channel() as channel:
        fetch_all(channel)
        clock = Clock()
        listening = ear(channel, clock)
        assert not listening.wait(0.01)
        channel._mailbox._live().shutdown()
        for _ in range(5):
            assert not listening.wait(TICK)
        assert len(clock.slept) >= 4
        assert not channel._mailbox.idling


def test_it_begins_anew_before_the_server_hangs_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with world.channel() as channel:
        fetch_all(channel)
        begun: list[int] = []
        clock = Clock()
        listening, idle = ear(channel, clock), channel._mailbox.idle

        def noted() -> None:
            begun.append(1)
            idle()

        monkeypatch.setattr(channel._mailbox, "idle", noted)
        for _ in range(3):
            listening.wait(0.01)
        assert len(begun) == 1
        clock.ahead += RENEW_SECONDS + 1
        listening.wait(0.01)
        assert len(begun) == 2
        world.deliver([a_mail(1)])
        assert heard(listening.wait)


def test_without_idle_time_passes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with world.channel() as channel:
        clock = Clock()
        listening = ear(channel, clock)
        assert not listening.wait(TICK)
        fetch_all(channel)
        clock.ahead += DEAF_SECONDS
        monkeypatch.setattr(channel._mailbox._live(), "has_capability", lambda _name: False)
        world.deliver([a_mail(1)])
        assert not listening.wait(TICK)
        assert clock.slept == pytest.approx([TICK, TICK], abs=0.05)
