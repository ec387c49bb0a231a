"""``check``: how the desk stands, as monitoring plugins say it: an exit code and one line.

The convention (Monitoring Plugins Development Guidelines): 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN; behind a
``|`` the performance data ``label=value;warn;critical;least``. A threshold is passed, not met.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from inbox_tui.errors import InboxError, UsageError

if TYPE_CHECKING:
    from inbox_tui.cli.call import Call
    from inbox_tui.model import Standing

OK, WARNING, CRITICAL, UNKNOWN = 0, 1, 2, 3
NAMES = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
WARN, CRIT = 2 * 3_600_000, 4 * 3_600_000
"""Milliseconds where nobody says otherwise."""
_MINUTE = 60_000


def check(call: Call, warn: str | None, critical: str | None) -> int:
    """Say how the desk stands."""
    try:
        limits = _limits(warn, critical)
        standing, problems = _look(call)
    except InboxError as error:
        return unknown(call.out.json, error)
    except Exception as error:  # noqa: BLE001 - whatever it is, publishing must not go on because of it
        return unknown(call.out.json, InboxError(f"a fault: {type(error).__name__}: {error}"))
    from inbox_tui.tui.words import counted

    now = call.inbox.now()
    wait = max(0, now - standing.longest) if standing.longest is not None else 0
    code = CRITICAL if wait > limits[1] else WARNING if wait > limits[0] or problems else OK
    if call.out.json:
        call.out.record(_record(code, standing, wait, problems))
        return code
    said = f"{standing.waiting} waiting"
    if standing.longest is not None:
        said += f", longest {_span(wait)}"
    if standing.posts:
        said += f", {counted(standing.posts, 'post')} published meanwhile"
    line = f"INBOX {NAMES[code]} - {'; '.join([said, *problems])}".replace("|", "/")
    call.out.raw(" ".join(line.split()) + " | " + _performance(standing, wait, limits))
    return code


def unknown(as_json: bool, error: InboxError) -> int:
    """Say that nobody knows how the desk stands."""
    from inbox_tui.cli.output import Output

    out = Output(json=as_json)
    if as_json:
        out.error(error)
        out.record({"type": "check", "state": "unknown", "code": UNKNOWN, "problems": [error.message]})
    else:
        hint = f" ({error.hint})" if error.hint else ""
        out.line(" ".join(f"INBOX UNKNOWN - {error.message}{hint}".replace("|", "/").split()))
    return UNKNOWN


def _limits(warn: str | None, critical: str | None) -> tuple[int, int]:
    """Milliseconds from which on it warns, and is critical. Raises UsageError."""
    from inbox_tui.desk.when import length

    high = length(critical) if critical is not None else CRIT
    low = length(warn) if warn is not None else min(WARN, high)
    if critical is None:
        high = max(high, low)
    if low > high:
        raise UsageError("--warn is longer than --critical", "give the shorter span to --warn")
    return low, high


def _look(call: Call) -> tuple[Standing, list[str]]:
    """How it stands, and what is wrong besides waits."""
    from inbox_tui.tui.words import counted, health_trouble

    standing, now = call.inbox.shift.standing(), call.inbox.now()
    known = {health.account: health for health in standing.health}
    problems = [] if standing.worker.running else ["no worker runs"]
    for name, account in call.config.accounts.items():
        health = known.pop(name, None)
        if health is None or (health.complete_until is None and not health.error):
            problems.append(f"{name} not fetched yet")
        elif trouble := health_trouble(health, now, account.poll_seconds):
            problems.append(f"{name} {trouble}")
    if not call.config.accounts:
        # An agent without accounts of his own: what the worker has told the store.
        told = ((name, health_trouble(health, now, 60)) for name, health in known.items())
        problems += [f"{name} {trouble}" for name, trouble in told if trouble]
    if standing.unsent:
        problems.append(f"{counted(standing.unsent, 'reply', 'replies')} not sent")
    return standing, problems


def _span(milliseconds: int) -> str:
    minutes = milliseconds // _MINUTE
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    parts = [(days, "d"), (hours, "h"), (rest, "min")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 min"


def _performance(standing: Standing, wait: int, limits: tuple[int, int]) -> str:
    # U: the convention's word for a value that cannot be told.
    overdue = "U" if standing.overdue is None else str(standing.overdue)
    low, high = (each // 1000 for each in limits)
    return (
        f"waiting={standing.waiting};;;0 longest={wait // 1000}s;{low};{high};0 overdue={overdue};;;0"
        f" unsent={standing.unsent};;;0 posts={standing.posts};;;0"
    )


def _record(code: int, standing: Standing, wait: int, problems: list[str]) -> dict[str, object]:
    from inbox_tui.cli.serial import when

    return {
        "type": "check",
        "state": NAMES[code].lower(),
        "code": code,
        "waiting": standing.waiting,
        "waiting_since": when(standing.longest),
        "longest_seconds": wait // 1000,
        "overdue": standing.overdue,
        "unsent": standing.unsent,
        "posts": standing.posts,
        "worker": standing.worker.running,
        "problems": problems,
    }
