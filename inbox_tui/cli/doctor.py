"""``doctor``: what is wrong with the set-up, and the mend.

Shows no secret, sends nothing, and changes nothing save, where that is asked for, clocks that are wrong.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from inbox_tui.cli import checks, ownership, serial
from inbox_tui.cli.facts import Fact
from inbox_tui.cli.reading import gap_words, hook_words, in_a_row, spent
from inbox_tui.errors import ConfigError, StoreError
from inbox_tui.inbox import wall_clock
from inbox_tui.tui.words import BEHIND_AFTER, duration, moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inbox_tui.cli.call import Call
    from inbox_tui.model import Health, HookHealth

STALE_HEARTBEAT = 2 * 60_000
"""Milliseconds without a sign of life after which a worker counts as stuck."""


def doctor(call: Call, offline: bool, rebuild: bool) -> int:
    """Print every finding; 1 where something is wrong."""
    wrong = 0
    for fact in chain(_facts(call, offline), _rebuilt(call) if rebuild else ()):
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


def _facts(call: Call, offline: bool) -> Iterator[Fact]:
    try:
        config = call.config
    except ConfigError as error:
        yield Fact("config", False, error.message, error.hint)
        return
    where = str(config.path) if config.path else "no file, all is default"
    yield Fact("config", True, f"configuration: {where}")
    if not config.accounts:
        hint = "inbox-tui init sets one up; to look around: inbox-tui demo"
        yield Fact("accounts", False, "no account is configured", hint)
    yield from checks.contents(config)
    yield from checks.rights(config)
    yield from ownership.files(config)
    yield from checks.terminal()
    readable = []
    for account, fact in zip(config.accounts.values(), checks.secrets(config), strict=True):
        readable += [account] if fact.ok and not ownership.of_an_agent(config.store) else []
        yield fact
    if not offline:
        call.out.progress("Trying the logins …")
        yield from checks.logins(readable, wall_clock())
        call.out.progress("")
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
    for hook in inbox.watch.hooks():
        yield _hook(hook, inbox.now())


def _rebuilt(call: Call) -> Iterator[Fact]:
    """The clock of every case, derived anew; yields nothing where there is no store to look at."""
    try:
        inbox = call.inbox
    except (ConfigError, StoreError):
        return  # named already by what was looked at before
    repairs = inbox.rebuild(lambda done, of: call.out.progress(f"clocks: {done} of {of} cases"))
    call.out.progress("")
    for each in repairs:
        was, now = (serial.when(at) or "nobody waits" for at in (each.stored, each.derived))
        yield Fact("clock", False, f"case {each.case}: waiting since {was}, mended to {now}")
    if not repairs:
        yield Fact("clock", True, "the clock of every case is right")


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
        pause = health.paused_until
        again = f"; next try at {moment(pause, now)}{in_a_row(health)}" if pause and pause > now else ""
        said = f"account {name}: failing{since}: {health.error}{again}"
        return Fact("account", False, said, health.hint)
    if health.gap_from is not None:
        told, _, mend = gap_words(health, now).partition("; ")
        return Fact("account", False, f"account {name}: {told}", mend)
    until = health.complete_until
    if until is None:
        hint = "wait, then look again"
        return Fact("account", False, f"account {name}: its first fetch has not ended", hint)
    if now - until > max(BEHIND_AFTER, 3000 * call.config.accounts[name].poll_seconds):
        return Fact("account", False, f"account {name}: behind since {moment(until, now)}", "inbox-tui fetch")
    cost = spent(health, call.config.accounts[name])
    paid = f"; {cost} spent today" if cost else ""
    return Fact("account", True, f"account {name}: complete up to {moment(until, now)}{paid}")


def _hook(hook: HookHealth, now: int) -> Fact:
    if hook.error:
        since = f" since {moment(hook.error_since, now)}" if hook.error_since else ""
        return Fact("hook", False, f"hook {hook.name}: failing{since}: {hook.error}", hook.hint)
    return Fact("hook", True, f"hook {hook.name}: {hook_words(hook, now)}")
