"""The five ways by which a reply goes out, and what must be true of one once all is settled."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from inbox_tui import config as configuration
from inbox_tui.bootstrap import open_channel, open_inbox, open_worker
from inbox_tui.config import Config
from inbox_tui.inbox import Inbox
from inbox_tui.model import Filing, Reply, ReplyState
from inbox_tui.sandbox.runner import Sandbox
from inbox_tui.service.fetching import describe
from inbox_tui.service.sending import Sender
from inbox_tui.store.engine import Store
from inbox_tui.store.locks import WORKER
from tests.storm.world import accepted

LANES = ("email", "x", "x-dm", "facebook", "messenger")
_ACCOUNTS = {"email": "mail", "x": "shop", "x-dm": "shop", "facebook": "page", "messenger": "page"}
CUSTOMERS = 8
"""On each lane, answered in turn: a platform that is asked for what was said looks through less."""
HOUR = 3_600_000


class Clock:
    """The wall clock, which can be set ahead: what waits for an hour need not."""

    def __init__(self) -> None:
        self.ahead = 0

    def __call__(self) -> int:
        return time.time_ns() // 1_000_000 + self.ahead


def write_on(box: Sandbox, lane: str, number: int) -> None:
    """A customer writes on a lane."""
    who = {"from": f"@{lane[:4]}{number}", "name": f"{lane} {number}"}
    name = {"from": f"{lane} {number}"}
    acts: dict[str, dict[str, object]] = {
        "email": {
            "channel": "email",
            "kind": "mail",
            "from": f"m{number}@kunden.example",
            "name": f"email {number}",
            "subject": "a question",
            "text": "hello?",
        },
        "x": {"channel": "x", "kind": "mention", "text": "@shop hello?", **who},
        "x-dm": {"channel": "x", "kind": "dm", "text": "hello?", **who, "from": f"@dm{number}"},
        "facebook": {"channel": "facebook", "kind": "post", "text": "hello?", **name},
        "messenger": {"channel": "facebook", "kind": "message", "text": "hello?", **name},
    }
    box.play(acts[lane])


@dataclass
class Desk:
    """A store whose five lanes have customers, and the means to send and to settle."""

    box: Sandbox
    config: Config
    inbox: Inbox
    store: Store
    threads: dict[str, list[tuple[int, int]]]
    """Case and thread of the customers of each lane."""
    clock: Clock = field(default_factory=Clock)
    count: int = 0

    def queue(self, lane: str) -> Reply:
        """A reply whose words are in no other."""
        self.count += 1
        known = self.threads[lane]
        case, thread = known[self.count % len(known)]
        return self.inbox.reply(case, f"answer {self.count} on {lane}", thread=thread)

    @contextlib.contextmanager
    def sender(self, lane: str) -> Iterator[Sender]:
        """Whoever sends for a lane."""
        lock = self.store.side_lock(WORKER)
        assert lock.try_acquire(), "who died still holds the lock of the worker"
        account = self.config.accounts[_ACCOUNTS[lane]]
        try:
            with contextlib.closing(open_channel(account)) as channel:
                known = describe(self.store, account, self.config.desk, channel, self.clock())
                yield Sender(self.store, known.account, channel, self.clock)
        finally:
            lock.close()

    def settle(self, lane: str) -> None:
        """What the next worker does, and the hours after it: whatever goes on by itself has done so."""
        self.clock.ahead = 0
        with self.sender(lane) as sender:
            sender.recover()
            for hours in range(8):
                self.clock.ahead = hours * HOUR
                sender.work()
        self.clock.ahead = 0

    def judge(self, reply: int) -> str:
        """The state that it ended in. Fails where that is not the truth."""
        return self._judged(self.inbox.reply_by_id(reply), accepted(self.box))

    def judge_all(self) -> Counter[str]:
        """The states in which all replies ended. Fails where one of them is not the truth."""
        taken = accepted(self.box)
        return Counter(self._judged(reply, taken) for reply in self.inbox.outbox(all=True))

    def _judged(self, known: Reply, taken: Counter[str]) -> str:
        times = taken[known.text]
        said = f"{known.text}: {known.state}, accepted {times} times; {known.error}"
        assert times <= 1, f"a duplicate: {said}"
        match known.state:
            case ReplyState.SENT:
                assert times == 1, f"lost: {said}"
                assert known.filing is not Filing.TODO, f"not filed: {said}"
            case ReplyState.FAILED:
                assert times == 0, f"it is said not to be delivered: {said}"
                assert known.error, f"it says nothing: {said}"
            case ReplyState.UNKNOWN:
                assert known.channel == "email", f"it could be found out: {said}"
                assert known.error and known.hint, f"it says nothing: {said}"
            case other:
                raise AssertionError(f"it stays {other}: {said}")
        return str(known.state)

    def copies(self) -> Counter[str]:
        """How often each answer stands in Sent, by its first line."""
        raws = [raw for _uid, _flags, raw in self.box.mail.mailbox("mail", "Sent")]
        return Counter(raw.partition(b"\r\n\r\n")[2].partition(b"\r\n")[0].decode() for raw in raws)


@contextlib.contextmanager
def desk(box: Sandbox, lanes: tuple[str, ...] = LANES, customers: int = CUSTOMERS) -> Iterator[Desk]:
    """Customers on every lane have written, and it is fetched."""
    for lane in lanes:
        for number in range(customers):
            write_on(box, lane, number)
    config = configuration.load(str(box.config_path))
    worker = open_worker(config)
    assert worker.try_lock()
    results = worker.fetch_once()
    worker.close()
    assert sum(result.new for result in results.values()) == customers * len(lanes)
    inbox, store = open_inbox(config), Store(config.store)
    try:
        yield Desk(box, config, inbox, store, _threads(store))
    finally:
        inbox.close()
        store.close()


def _threads(store: Store) -> dict[str, list[tuple[int, int]]]:
    found: dict[str, list[tuple[int, int]]] = {}
    sql = "SELECT t.case_id, t.id, t.key, a.channel FROM threads t JOIN accounts a ON a.id = t.account_id"
    for case, thread, key, channel in store.read().execute(sql):
        lane = "x-dm" if key.startswith("dm:") else "messenger" if key.startswith("messenger:") else channel
        found.setdefault(lane, []).append((case, thread))
    return found
