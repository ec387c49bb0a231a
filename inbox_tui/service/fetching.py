"""Fetches one account into the store, page by page."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence

from inbox_tui import logs
from inbox_tui.casework.intake import Batch, Desk, take_page
from inbox_tui.channels.base import Budgeted, Channel, Page
from inbox_tui.config import AccountConfig, DeskConfig, XAccount
from inbox_tui.desk.clock import DAY
from inbox_tui.desk.matching import Rules
from inbox_tui.errors import InboxError, RateLimited
from inbox_tui.records import dataclass
from inbox_tui.store import accounts
from inbox_tui.store.engine import Store

PAUSE = 60_000
"""Milliseconds of rest after an error for which the platform names no time."""
LONGEST = 15 * PAUSE
"""Milliseconds: it is tried this often at least, so that it goes on soon after it is mended."""
_BREATH = 0.02
"""Seconds between two writes, in which agents' acts come first."""
_TOGETHER = 500
"""Pages that come during a breath are stored together, once they have so many messages."""
_MILLIONTHS = 1_000_000


def seldom_collect() -> None:
    """For a process that fetches: it makes records by the thousand, and hardly one refers back to itself.

    One that stays collects those few by itself, now and then (`memory.giver`).
    """
    gc.set_threshold(20_000, 50, 100)


@dataclass(frozen=True, slots=True)
class FetchResult:
    """What a fetch of one account brought."""

    new: int
    """Messages that the store did not know; those before an error are among them."""
    error: InboxError | None = None


Report = Callable[[str, int, int], None]
"""Called after each page with the account, the messages read so far, and all there are; 0: nobody knows."""


def describe(store: Store, config: AccountConfig, rules: DeskConfig, channel: Channel, now: int) -> Desk:
    """Enter the account if it is new, and what its channel can do."""
    with store.write(f"account {config.name}") as db:
        account = accounts.ensure(db, config.name, config.channel)
        accounts.set_capabilities(db, account, channel.can)
        since = accounts.since(db, account, now - config.since_days * DAY)
    return Desk(account, config.name, config.channel, since, Rules(rules.join_hours, rules.reopen_days))


def fetch(
    store: Store,
    desk: Desk,
    config: AccountConfig,
    channel: Channel,
    now: Callable[[], int],
    *,
    go_on: Callable[[], bool] = lambda: True,
    rest: Callable[[float], object] = lambda _seconds: None,
    report: Report | None = None,
) -> FetchResult:
    """Fetch what is new, until there is no more or `go_on` says no. Errors are kept with the account.

    rest: waits so many seconds, so that others have the store for a moment between two writes; what the
    platform took to answer counts. Raises StoreError alone: then the store itself is out of order.
    """
    visit = _Visit(store, desk, now, rest, report)
    started = now()
    try:
        _within_budget(store, desk, config, now())
        _hand_budget(store, desk, config, channel, now())
        for page in channel.fetch(accounts.cursor(store.read(), desk.account), started):
            visit.take(page)
            if not go_on():
                visit.write()
                return FetchResult(visit.new)
            _within_budget(store, desk, config, now(), visit.spend)
        visit.write()
    except InboxError as error:
        if error.code.startswith("store"):
            raise
        visit.write()  # what was read before is paid for
        note_failure(store, desk.account, error, now())
        return FetchResult(visit.new, error)
    with store.write(f"fetch {desk.name}") as db:
        accounts.succeeded(db, desk.account, now())
    return FetchResult(visit.new)


@dataclass(slots=True)
class _Visit:
    """A fetch while it runs: pages that come faster than they may be written are held, and written as one."""

    store: Store
    desk: Desk
    now: Callable[[], int]
    rest: Callable[[float], object]
    report: Report | None
    new: int = 0
    total: int = 0
    free_at: float = 0.0
    """When the store may be written again, by the monotonic clock in seconds."""
    held: tuple[Page, ...] = ()

    @property
    def spend(self) -> int:
        """Millionths of a dollar that the held pages cost."""
        return sum(page.spend for page in self.held)

    def take(self, page: Page) -> None:
        """Write it; or hold it until the next, where the store is the others' for a moment."""
        self.held = (*self.held, page)
        full = sum(len(one.messages) for one in self.held) >= _TOGETHER
        if full or time.monotonic() >= self.free_at:
            self.write()

    def write(self) -> None:
        """Store what is held, in one transaction with its cursor."""
        if not self.held:
            return
        if (wait := self.free_at - time.monotonic()) > 0:
            self.rest(wait)
        taken = take_page(self.store, self.desk, _batch(self.held), self.now())
        last, self.held = self.held[-1], ()
        self.free_at = time.monotonic() + _BREATH
        self.new += taken.new
        self.total += taken.new + taken.known
        if self.report is not None:
            self.report(self.desk.name, self.total, self.total + last.ahead if last.ahead is not None else 0)


def note_failure(store: Store, account: int, error: InboxError, now: int) -> None:
    """Keep with the account what went wrong, and until when it rests."""
    logs.note("warning", "fetch failed", account=account, code=error.code)
    with store.write("fetch failed") as db:
        # Who asks for a pause works, and is no failure.
        limited = isinstance(error, RateLimited)
        count = accounts.failures(db, account) + (not limited)
        until = now + pause_after(count)
        if isinstance(error, RateLimited):
            until = error.reset or now + PAUSE
        accounts.failed(db, account, error, now, until, count)


def pause_after(failures: int) -> int:
    """Milliseconds of rest after so many failures in a row: what is out of order is asked less and less."""
    return int(min(PAUSE * 2 ** min(max(failures - 1, 0), 10), LONGEST))


def _within_budget(store: Store, desk: Desk, config: AccountConfig, now: int, spending: int = 0) -> None:
    """Raise RateLimited where reading has cost what it may in a day. spending: what is not stored yet."""
    if not isinstance(config, XAccount) or not config.budget_per_day:
        return
    spent = accounts.spent_today(store.read(), desk.account, now) + spending
    if spent >= config.budget_per_day * _MILLIONTHS:
        raise RateLimited(
            f"the day's budget of ${config.budget_per_day:.2f} is spent",
            (now // DAY + 1) * DAY,
            f"raise budget_per_day of account {config.name}, or wait until midnight UTC",
        )


def _hand_budget(store: Store, desk: Desk, config: AccountConfig, channel: Channel, now: int) -> None:
    """A channel that costs money knows what it may still spend: it asks several times for one page."""
    if isinstance(channel, Budgeted) and isinstance(config, XAccount):
        most = int(config.budget_per_day * _MILLIONTHS)
        channel.allow(most - accounts.spent_today(store.read(), desk.account, now) if most else None)


def _batch(pages: Sequence[Page]) -> Batch:
    """Pages that came one after the other, as one. The cursor is that of the last."""
    last = pages[-1]
    gaps = [page.gap for page in pages if page.gap]
    return Batch(
        messages=tuple(message for page in pages for message in page.messages),
        cursor=last.cursor,
        complete_until=max((p.complete_until for p in pages if p.complete_until is not None), default=None),
        gap=(min(gap.since for gap in gaps), max(gap.until for gap in gaps)) if gaps else None,
        spend=sum(page.spend for page in pages),
        history_done=any(page.history_done for page in pages),
        notice=next((told for page in reversed(pages) if (told := _notice(page)) is not None), None),
    )


def _notice(page: Page) -> tuple[str, str] | None:
    if page.lacks is None:
        return None
    return "; ".join(one.message for one in page.lacks), "; ".join(one.hint for one in page.lacks)
