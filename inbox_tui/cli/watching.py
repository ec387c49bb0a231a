"""``watch``: a line for everything that happens, until it is interrupted."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from inbox_tui.cli import serial

if TYPE_CHECKING:
    from inbox_tui.cli.call import Call
    from inbox_tui.model import Health

_EVERY = 0.25
"""Seconds between two looks at whether anything was committed: microseconds each."""
_AT_ONCE = 500


def watch(call: Call, after: int | None, once: bool) -> int:
    """Print what happens. after: begin behind this message; else with what comes from now on."""
    inbox = call.inbox
    message, event = inbox.watch.last()
    if after is not None:
        message = after
    seen: int | None = None
    told = {health.account: _fares(health) for health in inbox.health()}
    while True:
        # Asked before the store is read: what is committed in between is a change the next time.
        version = inbox.version()
        if version != seen:
            seen = version
            message, event = _tell(call, message, event)
            _tell_accounts(call, told)
        if once:
            return 0
        time.sleep(_EVERY)


def _tell(call: Call, message: int, event: int) -> tuple[int, int]:
    """Print all that is new; the newest ids."""
    from inbox_tui.tui.words import moment, person_name

    while found := call.inbox.watch.since(message, event, _AT_ONCE):
        for each in found.messages:
            message = each.id
            if call.out.json:
                call.out.record(serial.message(each))
            else:
                who = person_name(each.author.name)
                at = moment(each.sent_at, call.inbox.now())
                call.out.line(f"{at}  case {each.case}  {each.channel or 'note'}  {who}: {each.text[:200]}")
        for change in found.events:
            event = change.id
            if call.out.json:
                call.out.record(serial.event(change))
            else:
                at = moment(change.at, call.inbox.now())
                call.out.line(f"{at}  case {change.case}  {change.actor or 'inbox-tui'}: {change.kind}")
        call.out.flush()
        if not found.messages and not found.events:
            break
    return message, event


def _fares(health: Health) -> tuple[object, ...]:
    """What a change of makes an account worth a line; how far it is complete moves with every fetch."""
    return health.error_code, health.error, health.paused_until, health.gap_from, health.gap_until


def _tell_accounts(call: Call, told: dict[str, tuple[object, ...]]) -> None:
    """Print the accounts that fare otherwise than was told; keep what is told now."""
    for health in call.inbox.health():
        if told.get(health.account) != _fares(health):
            told[health.account] = _fares(health)
            if call.out.json:
                call.out.record(serial.account(health, call.config.accounts.get(health.account)))
            else:
                at = health.error_since or health.last_success or call.inbox.now()
                call.out.line(_account_line(health, at, call.inbox.now()))
            call.out.flush()


def _account_line(health: Health, at: int, now: int) -> str:
    from inbox_tui.cli.reading import account_troubles
    from inbox_tui.tui.words import moment

    said = "; ".join(account_troubles(health, now)) or "is well"
    return f"{moment(at, now)}  account {health.account}: {said}"
