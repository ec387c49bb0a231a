"""``doctor``: what is wrong with the set-up, and the mend.

Shows no secret, asks no platform, and changes nothing save, where that is asked for, clocks that are wrong.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from inbox_tui.cli import serial
from inbox_tui.cli.reading import account_troubles
from inbox_tui.errors import ConfigError, CredentialError, StoreError
from inbox_tui.tui.words import BEHIND_AFTER, duration, moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inbox_tui.cli.call import Call
    from inbox_tui.model import Health

STALE_HEARTBEAT = 2 * 60_000
"""Milliseconds without a sign of life after which a worker counts as stuck."""


class Fact(NamedTuple):
    """One thing that was looked at."""

    code: str
    ok: bool
    message: str
    hint: str = ""


def doctor(call: Call, rebuild: bool) -> int:
    """Print every finding; 1 where something is wrong."""
    wrong = 0
    for fact in chain(_facts(call), _rebuilt(call) if rebuild else ()):
        wrong += not fact.ok
        if call.out.json:
            call.out.record(serial.finding(*fact))
            continue
        call.out.line(f"{'ok  ' if fact.ok else 'MEND'}  {fact.message}")
        if fact.hint and not fact.ok:
            call.out.line(f"-> {fact.hint}", indent=6)
    if not call.out.json:
        call.out.say(f"{wrong} to mend." if wrong else "All is well.")
    return 1 if wrong else 0


def _facts(call: Call) -> Iterator[Fact]:
    try:
        config = call.config
    except ConfigError as error:
        yield Fact("config", False, error.message, error.hint)
        return
    where = str(config.path) if config.path else "no file, all is default"
    yield Fact("config", True, f"configuration: {where}")
    if not config.accounts:
        hint = "copy config.example.toml, or try inbox-tui demo"
        yield Fact("accounts", False, "no account is configured", hint)
    yield from _secrets(call)
    try:
        inbox = call.inbox
        for finding in inbox.inspect():
            yield Fact(finding.code, finding.ok, finding.message, finding.hint)
    except StoreError as error:
        yield Fact(error.code, False, error.message, error.hint)
        return
    yield _worker(call)
    known = {health.account: health for health in inbox.health()}
    for name in config.accounts:
        yield _account(call, name, known.get(name))


def _rebuilt(call: Call) -> Iterator[Fact]:
    """The clock of every case, derived anew; yields nothing where there is no store to look at."""
    try:
        inbox = call.inbox
    except (ConfigError, StoreError):
        return  # named already by what was looked at before
    repairs = inbox.rebuild()
    for each in repairs:
        was, now = (serial.when(at) or "nobody waits" for at in (each.stored, each.derived))
        yield Fact("clock", False, f"case {each.case}: waiting since {was}, mended to {now}")
    if not repairs:
        yield Fact("clock", True, "the clock of every case is right")


def _secrets(call: Call) -> Iterator[Fact]:
    from inbox_tui.credentials import resolve

    for account in call.config.accounts.values():
        try:
            resolve(account)
        except CredentialError as error:
            yield Fact("secret", False, error.message, error.hint)
        else:
            yield Fact("secret", True, f"account {account.name}: its secret can be read")


def _worker(call: Call) -> Fact:
    status, now = call.inbox.worker(), call.inbox.now()
    if not status.running:
        # Alone it is no fault: the interface brings its own worker, and cron may fetch instead.
        held = len(call.inbox.outbox())
        said = "no worker runs; the interface starts one, inbox-tui fetch --follow is one without it"
        return Fact("worker", not held, f"{said}; {held} not sent" if held else said, "inbox-tui fetch")
    who = f"process {status.pid} on {status.host}"
    age = now - status.heartbeat if status.heartbeat else STALE_HEARTBEAT + 1
    if age > STALE_HEARTBEAT:
        ago = f"for {duration(age)}" if status.heartbeat else "since its start"
        hint = "end it and start it again"
        return Fact("worker", False, f"the worker ({who}) gave no sign of life {ago}", hint)
    return Fact("worker", True, f"a worker runs: {who}")


def _account(call: Call, name: str, health: Health | None) -> Fact:
    now = call.inbox.now()
    if health is None:
        return Fact("account", False, f"account {name}: never fetched", "inbox-tui fetch")
    if health.error:
        since = f" since {moment(health.error_since, now)}" if health.error_since else ""
        return Fact("account", False, f"account {name}: failing{since}: {health.error}", health.hint)
    troubles = account_troubles(health, now)
    if troubles:
        hint = "inbox-tui accounts shows more"
        return Fact("account", False, f"account {name}: {'; '.join(troubles)}", hint)
    until = health.complete_until
    if until is None:
        hint = "wait, then look again"
        return Fact("account", False, f"account {name}: its first fetch has not ended", hint)
    if now - until > max(BEHIND_AFTER, 3000 * call.config.accounts[name].poll_seconds):
        return Fact("account", False, f"account {name}: behind since {moment(until, now)}", "inbox-tui fetch")
    return Fact("account", True, f"account {name}: complete up to {moment(until, now)}")
