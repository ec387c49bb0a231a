"""The background process: fetches every account and sends every account's replies.

Exactly one per host and store: whoever holds its lock, which the kernel frees when its holder dies. Two
threads an account, each with a channel and a connection of its own: a dead account never slows another.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from inbox_tui import logs, memory
from inbox_tui.casework import acknowledging, office, triage
from inbox_tui.casework.zone import local_zone
from inbox_tui.channels.base import Channel, Listener
from inbox_tui.config import AccountConfig, Config
from inbox_tui.errors import InboxError, NotFound, StoreError
from inbox_tui.model import Reply
from inbox_tui.records import replace
from inbox_tui.service.fetching import FetchResult, Report, describe, fetch, note_failure
from inbox_tui.service.hooks import Announce, Hooks
from inbox_tui.service.kinship import Kinship
from inbox_tui.service.retention import Retention
from inbox_tui.service.sending import Sender
from inbox_tui.store import accounts, replies
from inbox_tui.store.driver import translated
from inbox_tui.store.engine import Store
from inbox_tui.store.locks import WORKER

BEAT = 10.0
"""Seconds between two heartbeats."""
LINGER = 60_000
"""Milliseconds ahead in which a reply must be due for a leaving worker to wait for it."""
TICK = 0.25
"""Seconds between two looks at what is asked for."""
_REST = 5.0
"""Seconds of rest after an error of sending that is no reply's."""


class Opener(Protocol):
    """Opens the channel of an account. Raises CredentialError, ConfigError, ChannelError."""

    def __call__(self, account: AccountConfig) -> Channel:
        """A channel for one thread."""


Kept = dict[str, Channel]
"""Open channels by account; each is used by the one thread that fetches its account."""
Complain = Callable[[str], None]
"""Where a line for whoever runs the worker goes."""


def _quiet(line: str) -> None:
    """Tell nobody: the store keeps what happened with the account."""


class Worker:
    """Fetches and sends for one store."""

    def __init__(
        self,
        store: Store,
        config: Config,
        open_channel: Opener,
        now: Callable[[], int],
        complain: Complain | None = None,
        announce: Announce | None = None,
    ) -> None:
        """announce: makes the line that a hook is told; without it no hook is called."""
        self.store = store
        self.config = config
        self.open_channel = open_channel
        self.now = now
        self.complain = complain or _quiet
        self._lock = store.side_lock(WORKER)
        self._stop = threading.Event()
        self._leave = threading.Event()
        self._kept: Kept = {}
        self._announce = announce
        self._manners: dict[str, acknowledging.Manner] = {}
        """Of the accounts that acknowledge."""

    def try_lock(self) -> bool:
        """Become the one worker of this host; false where there is one."""
        if not self._lock.try_acquire():
            return False
        self._lock.sign(f"process {os.getpid()}")
        return True

    def close(self) -> None:
        """Give the lock back."""
        self._lock.close()
        self.store.close_thread()

    # -- as a process

    def run(self, stop: threading.Event, leave: threading.Event | None = None) -> None:
        """Work until `stop` is set. The lock is held.

        leave: when it is set nothing more is fetched, and the worker ends by itself once no reply is in its
        countdown or due: whoever left his interface after sending must find it sent.
        """
        self._stop = stop
        self._leave = leave or self._leave
        beaten = self.now()
        logs.note("info", "worker begins", accounts=len(self.config.accounts))
        self._beat()
        self._keep_office()
        self._enter(self.config.accounts.values())
        hooks = self._hooks()
        threads = [
            threading.Thread(
                target=part, args=(account,), name=f"{part.__name__} {account.name}", daemon=True
            )
            for account in self.config.accounts.values()
            for part in (self._keep_fetching, self._keep_sending)
        ]
        threads += [
            threading.Thread(target=self._keep_telling, args=(hooks, name), name=name, daemon=True)
            for name in hooks.names
        ]
        threads.append(threading.Thread(target=self._keep_matching, name="same person", daemon=True))
        threads.append(threading.Thread(target=self._keep_erasing, name="retention", daemon=True))
        for thread in threads:
            thread.start()
        give_back = memory.giver()
        while not stop.wait(TICK):
            if self._leave.is_set() and not self._replies_soon():
                stop.set()
            if (now := self.now()) - beaten >= BEAT * 1000:
                beaten = now
                self._beat()
                give_back()
        for thread in threads:
            thread.join(timeout=5)
        logs.note("info", "worker ends")

    def _enter(self, wanted: Iterable[AccountConfig]) -> None:
        """In the order of the configuration, whichever is fetched first: channels have numbers by it."""
        known = {one.account for one in accounts.health(self.store.read(), 0)}
        new = [one for one in wanted if one.name not in known]
        if not new:
            return
        try:
            with self.store.write("accounts") as db:
                for one in new:
                    accounts.ensure(db, one.name, one.channel)
        except StoreError as error:
            self.complain(f"{error.message}: {error.hint}")

    def _keep_office(self) -> None:
        """Whoever runs the worker says how the desk counts, and what is acknowledged. Raises ConfigError."""
        found = ((one.name, acknowledging.manner(self.config, one)) for one in self.config.accounts.values())
        self._manners = {name: how for name, how in found if how is not None}
        rules = office.rules_of(self.config, local_zone(self.now()), self.now())
        try:
            office.keep(self.store, rules)
        except StoreError as error:
            self.complain(f"{error.message}: {error.hint}")

    def _replies_soon(self) -> bool:
        try:
            with self.store.reading() as db:
                return replies.due_before(db, self.now() + LINGER)
        except StoreError as error:
            self.complain(f"{error.message}: {error.hint}")
            return False

    def _beat(self) -> None:
        try:
            with self.store.write("heartbeat") as db:
                accounts.beat(db, os.getpid(), os.uname().nodename, self.now())
                triage.wake_due(db, self.now())
                triage.fall_back(db, self.now(), self.config.desk.owner_away_hours * 3_600_000)
        except StoreError as error:
            self.complain(f"{error.message}: {error.hint}")

    def _fall_back(self) -> None:
        """What belongs to agents who are away is nobody's, also where no worker runs all the time."""
        now, away = self.now(), self.config.desk.owner_away_hours * 3_600_000
        try:
            with self.store.reading() as db:
                found = triage.left_behind(db, now, away)
            if found:
                with self.store.write("owners who are away") as db:
                    triage.fall_back(db, now, away)
        except StoreError as error:
            self.complain(f"{error.message}: {error.hint}")

    def _keep_fetching(self, account: AccountConfig) -> None:
        with self._guarded(account), contextlib.ExitStack() as stack:
            last = 0
            due = self._resting(account)
            while not (self._stop.is_set() or self._leave.is_set()):
                try:
                    if self.now() >= due or self._wanted(account, last):
                        last = self.now()
                        due = last + account.poll_seconds * 1000
                        due = max(due, self._fetch_guarded(account, stack))
                except StoreError as error:
                    self.complain(f"{account.name}: {error.message}: {error.hint}")
                    logs.failed(f"fetch {account.name}", error)
                    stack.close()
                if self._pause(account):
                    due = 0

    def _resting(self, account: AccountConfig) -> int:
        """Until when the platform wants no question: it said so to a worker before this one, maybe."""
        try:
            with self.store.reading() as db:
                known = accounts.find(db, account.name)
                return accounts.limited_until(db, known) if known is not None else 0
        except StoreError:
            return 0  # it is told by the fetch

    def _pause(self, account: AccountConfig) -> bool:
        """Rest for a tick; whether the channel was told of news meanwhile."""
        channel = self._kept.get(account.name)
        if isinstance(channel, Listener):
            return channel.wait(TICK)
        self._stop.wait(TICK)
        return False

    def _wanted(self, account: AccountConfig, last: int) -> bool:
        """Whether somebody asked for a fetch since the last one, and the platform wants no pause."""
        with self.store.reading() as db:
            known = accounts.find(db, account.name)
            if known is None or accounts.wanted_at(db, known) <= last:
                return False
            return accounts.limited_until(db, known) <= self.now()

    def _fetch_guarded(self, account: AccountConfig, stack: contextlib.ExitStack) -> int:
        """Fetch over a channel that is kept, or opened anew after an error; returns until when to rest."""
        result = self._fetch(account, self._kept, stack, None)
        if result.error is None:
            return 0
        said = result.error.message
        self.complain(said if said.startswith(f"account {account.name}:") else f"{account.name}: {said}")
        stack.close()
        with self.store.reading() as db:
            known = accounts.find(db, account.name)
            return accounts.paused_until(db, known) if known is not None else 0

    def _keep_sending(self, account: AccountConfig) -> None:
        with self._guarded(account), contextlib.ExitStack() as stack:
            sender: Sender | None = None
            while not self._stop.is_set():
                try:
                    with translated(self.store.path):
                        if sender is None:
                            sender = self._sender(account, stack)
                            sender.recover()
                        sender.work()
                except InboxError as error:
                    self.complain(f"{account.name}: {error.message}: {error.hint}")
                    logs.failed(f"send {account.name}", error)
                    # Begin anew: a reply whose outcome could not be stored is recovered then.
                    sender = None
                    stack.close()
                    self._stop.wait(_REST)
                self._stop.wait(TICK)

    def _hooks(self) -> Hooks:
        """The hooks, from now on."""
        hooks = Hooks(self.store, self.config, self.now, self._announce, self._stop)
        hooks.begin()
        return hooks

    def _keep_telling(self, hooks: Hooks, name: str) -> None:
        seen: int | None = None
        try:
            while not self._stop.is_set():
                try:
                    # Asked before the store is read: what is committed in between is seen the next time.
                    version = self.store.data_version()
                    if version != seen:
                        hooks.work(name)
                        seen = version
                except StoreError as error:
                    self.complain(f"{name}: {error.message}: {error.hint}")
                    self._stop.wait(_REST)
                self._stop.wait(TICK)
        finally:
            self.store.close_thread()

    def _keep_matching(self) -> None:
        matching = Kinship(self.store, self.config, self.now)
        seen: int | None = None
        try:
            while not self._stop.is_set():
                try:
                    version = self.store.data_version()
                    if version != seen:
                        matching.work(lambda: not self._stop.is_set())
                        seen = version
                except StoreError as error:
                    self.complain(f"same person: {error.message}: {error.hint}")
                    self._stop.wait(_REST)
                self._stop.wait(TICK)
        finally:
            self.store.close_thread()

    def _keep_erasing(self) -> None:
        retention = Retention(self.store, self.config, self.now)
        try:
            while not self._stop.is_set():
                try:
                    retention.work(lambda: not self._stop.is_set())
                except StoreError as error:
                    self.complain(f"retention: {error.message}: {error.hint}")
                self._stop.wait(_REST)
        finally:
            self.store.close_thread()

    @contextlib.contextmanager
    def _guarded(self, account: AccountConfig) -> Iterator[None]:
        """The edge of a thread: a fault in one account's channel ends this thread alone, and is told."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - a channel may come from another package
            fault = InboxError(
                f"a fault in the channel {account.channel}: {type(error).__name__}: {error}",
                "restart the worker; report it with what doctor says",
            )
            self.complain(f"{account.name}: {fault.message}")
            logs.failed(f"{threading.current_thread().name} ended", error)
            known = accounts.find(self.store.read(), account.name)
            if known is not None:
                note_failure(self.store, known, fault, self.now())
        finally:
            self.store.close_thread()

    # -- one act at a time

    def fetch_once(self, account: str | None = None, report: Report | None = None) -> dict[str, FetchResult]:
        """One round: send what is due, fetch what is new. The lock is held.

        An error of one account stands in its result. Raises NotFound.
        """
        if account is not None and account not in self.config.accounts:
            raise NotFound(
                f"there is no account {account}", "known are: " + (", ".join(self.config.accounts) or "none")
            )
        wanted = [a for name, a in self.config.accounts.items() if account in (None, name)]
        self._keep_office()
        self._fall_back()
        self._enter(wanted)
        hooks = self._hooks()
        results: dict[str, FetchResult] = {}
        threads = [
            threading.Thread(target=self._round, args=(a, results, report), name=f"fetch {a.name}")
            for a in wanted
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for name in hooks.names:
            hooks.work(name)
        Kinship(self.store, self.config, self.now).work()
        Retention(self.store, self.config, self.now).work()
        return {a.name: results[a.name] for a in wanted}

    def _round(self, account: AccountConfig, results: dict[str, FetchResult], report: Report | None) -> None:
        results[account.name] = FetchResult(0, InboxError(f"{account.name}: the fetch broke off"))
        with self._guarded(account), contextlib.ExitStack() as stack:
            try:
                with translated(self.store.path):
                    results[account.name] = self._fetch(account, {}, stack, report)
                    self._send_waiting(account, stack)
            except InboxError as error:
                results[account.name] = replace(results[account.name], error=error)

    def _send_waiting(self, account: AccountConfig, stack: contextlib.ExitStack) -> None:
        if replies.waiting_to_go(self.store.read(), account.name):
            sender = self._sender(account, stack)
            sender.recover()
            sender.work()

    def _fetch(
        self, account: AccountConfig, kept: Kept, stack: contextlib.ExitStack, report: Report | None
    ) -> FetchResult:
        """Fetch over the account's open channel, or open one and leave it to the stack to close it."""
        try:
            if account.name not in kept:
                channel = self.open_channel(account)
                kept[account.name] = channel
                stack.callback(kept.pop, account.name)
                stack.callback(channel.close)
            desk = describe(self.store, account, self.config.desk, kept[account.name], self.now())
        except StoreError:
            raise
        except InboxError as error:
            with self.store.write(f"account {account.name}") as db:
                known = accounts.ensure(db, account.name, account.channel)
            note_failure(self.store, known, error, self.now())
            return FetchResult(0, error)
        with translated(self.store.path):
            result = fetch(
                *(self.store, desk, account, kept[account.name], self.now),
                go_on=lambda: not (self._stop.is_set() or self._leave.is_set()),
                rest=self._stop.wait,
                report=report,
            )
            if (how := self._manners.get(account.name)) is not None:
                # What came before an error is acknowledged, too.
                acknowledging.look(self.store, desk.account, how, self.now())
            return result

    def _sender(self, account: AccountConfig, stack: contextlib.ExitStack) -> Sender:
        channel = stack.enter_context(contextlib.closing(self.open_channel(account)))
        desk = describe(self.store, account, self.config.desk, channel, self.now())
        return Sender(self.store, desk.account, channel, self.now)

    def send_reply(self, reply: int) -> Reply:
        """Send exactly this reply now, and file its copy. The lock is held.

        Raises NotFound, and what opening the channel raises: then the reply is still queued.
        """
        known = replies.get(self.store.read(), reply)
        if known is None:
            raise NotFound(f"there is no reply {reply}")
        account = self.config.accounts.get(known.account)
        if account is None:
            raise NotFound(
                f"account {known.account} is not in the configuration",
                "add it, or send with the worker that has it",
            )
        with contextlib.ExitStack() as stack:
            sender = self._sender(account, stack)
            sender.recover()
            sender.send(reply)
            sender.file(reply)
        return replies.get(self.store.read(), reply) or known
