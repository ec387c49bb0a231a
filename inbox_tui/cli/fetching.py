"""``fetch``: one round, or the worker itself."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

from inbox_tui.cli import serial
from inbox_tui.cli.output import encode, of_account
from inbox_tui.errors import ConfigError, InboxError, NotFound, NothingToDo

if TYPE_CHECKING:
    from types import FrameType

    from inbox_tui.cli.call import Call
    from inbox_tui.cli.output import Output
    from inbox_tui.model import CaseRow, Message, Reply
    from inbox_tui.service.worker import Worker

_FAILED = 3


def fetch(call: Call, account: str | None, follow: bool, quiet: bool, tied: bool) -> int:
    """Fetch what is new. quiet: nothing but errors. tied: end with stdin, but send first."""
    if not call.config.accounts:
        raise ConfigError(
            "no account is configured", "inbox-tui init sets one up; to look around: inbox-tui demo"
        )
    if account is not None and account not in call.config.accounts:
        known = ", ".join(call.config.accounts)
        raise NotFound(f'there is no account "{account}"', f"known are: {known}")
    from inbox_tui.bootstrap import open_worker
    from inbox_tui.service.fetching import seldom_collect

    seldom_collect()
    call.begin_log()
    call.open_inbox(create=True)
    worker = open_worker(call.config, call.out.complain, _announce)
    try:
        if not worker.try_lock():
            return _ask(call, account, follow, quiet)
        if not follow:
            return _once(call, worker, account, quiet)
        anew = _follow(call, worker, quiet, tied)
    finally:
        worker.close()
    if anew:
        from inbox_tui.cli.renewing import start_anew

        start_anew()
    return 0


def _announce(hook: str, row: CaseRow, message: Message | None, reply: Reply | None) -> str:
    """What a hook reads on its stdin."""
    return encode(serial.announcement(hook, row, message, reply))


def _ask(call: Call, account: str | None, follow: bool, quiet: bool) -> int:
    status = call.inbox.worker()
    who = f"process {status.pid} on {status.host}" if status.pid else "another process"
    if follow:
        raise NothingToDo(f"a worker runs already: {who}", "there is one for a store; end that one first")
    call.inbox.fetch_now(account)
    if not quiet:
        call.out.say(f"The worker ({who}) was asked to fetch now; inbox-tui accounts shows how it goes.")
    return 0


def _once(call: Call, worker: Worker, account: str | None, quiet: bool) -> int:
    failed = 0
    if not quiet:
        call.out.progress("Fetching …")
    for name, result in worker.fetch_once(account, None if quiet else Counted(call.out).report).items():
        failed += result.error is not None
        if call.out.json and not quiet:
            call.out.record(serial.fetched(name, result.new, result.error))
            continue
        if not quiet and (result.new or result.error is None):
            call.out.progress("")
            call.out.line(f"{name}: {result.new} new")
            call.out.flush()
        if result.error is not None:
            call.out.error(_named(name, result.error))
    return _FAILED if failed else 0


class Counted:
    """One line that says how far a fetch is. Accounts are fetched at the same time, each in its thread."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self._guard = threading.Lock()
        self._counts: dict[str, tuple[int, int]] = {}

    def report(self, account: str, done: int, total: int) -> None:
        """So many are read, of so many; total: 0 where nobody knows."""
        with self._guard:
            # An account that does not know how many there are counts with what it has.
            self._counts[account] = (done, max(done, total))
            read, of = (sum(each) for each in zip(*self._counts.values(), strict=True))
            self._out.bar(", ".join(self._counts), read, of if total or of > read else 0)


def _named(account: str, error: InboxError) -> InboxError:
    """The error with the account's name in front, where it does not say it itself."""
    message = of_account(account, error.message)
    if message == error.message:
        return error
    named = InboxError(message, error.hint)
    named.code = error.code
    return named


def _follow(call: Call, worker: Worker, quiet: bool, tied: bool) -> bool:
    """Be the worker; whether to begin anew with another configuration."""
    from inbox_tui import memory
    from inbox_tui.cli.renewing import Renewal
    from inbox_tui.credentials import resolve

    # In a team agents hold no secrets: a worker of theirs would only mark every account as failing.
    for account in call.config.accounts.values():
        resolve(account)
    leave = threading.Event()
    if tied:
        set_when_stdin_ends(leave)
    stop = stop_on_signals()
    renewal = Renewal(call, stop)
    renewal.begin()
    if not quiet:
        names = ", ".join(call.config.accounts)
        call.out.say(f"Fetching and sending for {names}. Interrupt to end.")
    memory.prepare()
    worker.run(stop, leave)
    return renewal.wanted


def stop_on_signals() -> threading.Event:
    """An event that SIGINT or SIGTERM sets; a second signal ends at once."""
    stop = threading.Event()

    def end(number: int, _frame: FrameType | None) -> None:
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    return stop


def set_when_stdin_ends(event: threading.Event) -> None:
    """Set the event when the parent process is gone, however it ended: the kernel closes its end of stdin."""

    def watch() -> None:
        try:
            while os.read(sys.stdin.fileno(), 1024):
                pass
        finally:
            event.set()

    threading.Thread(target=watch, name="tied", daemon=True).start()
