"""``list``, ``show``, ``accounts``: what is there. Changes nothing, save that a gap was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inbox_tui.cli import serial
from inbox_tui.errors import UsageError

if TYPE_CHECKING:
    from inbox_tui.cli.call import Call
    from inbox_tui.config import AccountConfig
    from inbox_tui.inbox import Inbox
    from inbox_tui.model import Case, CaseRow, Health, HookHealth, Message, Thread, WorkerStatus

_PAGE = 200


def list_cases(
    call: Call, view: str | None, channel: str | None, search: str | None, order: str | None, limit: int
) -> int:
    """A view in its own order or another; with search the newest hit first. limit 0: all."""
    if order and search:
        raise UsageError("--order and --search exclude each other", "a search lists the newest hit first")
    saved = next((each for each in call.config.views if each.name == view), None)
    named = view
    if saved is not None:
        search, view = f"{saved.query} {search or ''}".strip(), "all"
    view = view or ("waiting" if search is None else "all")
    if order:
        rows = call.inbox.clocks.ordered(view, order, limit, channel)
    elif search is None:
        rows = _rows(call.inbox, view, channel, limit)
    else:
        rows = _found(call.inbox, view, channel, search, limit)
    if call.out.json:
        for row in rows:
            call.out.record(serial.case(row))
        return 0
    if rows:
        _print_rows(call, rows, view)
    else:
        _say_none(call, named or view, channel)
    return 0


def _found(inbox: Inbox, view: str, channel: str | None, search: str, limit: int) -> list[CaseRow]:
    """Cases of a view that a search finds."""
    if view != "all":
        search = f"{search} {view if view.startswith('channel:') else f'is:{view}'}"
    if channel:
        search = f"{search} channel:{channel}"
    return [hit.row for hit in inbox.search.find(search, limit=limit).hits]


def _rows(inbox: Inbox, view: str, channel: str | None, limit: int) -> list[CaseRow]:
    from inbox_tui.model import Position

    found: list[CaseRow] = []
    after = None
    while not limit or len(found) < limit:
        wanted = min(_PAGE, limit - len(found)) if limit else _PAGE
        page = inbox.page(view, after=after, limit=wanted, channel=channel)
        found += page
        if len(page) < wanted:
            break
        after = Position(page[-1].rank, page[-1].id)
    return found


def _print_rows(call: Call, rows: list[CaseRow], view: str) -> None:
    from inbox_tui.cli.output import Column
    from inbox_tui.tui.words import moment, person_name

    now = call.inbox.now()
    waits = {row.id: _waits(row, now) for row in rows}
    # Signs stand behind the waits, so that these end where they end without any.
    signs = max((len(each) - len(each.rstrip(" !")) for each in waits.values()), default=0)
    names = _COLUMNS.get(view, ("case", "last"))
    names += ("agent",) if any(row.assignee for row in rows) else ()
    columns = [Column(name, right=name not in ("state", "agent")) for name in names]
    columns += [Column("on"), Column("from"), Column("about")]
    lines = []
    for row in rows:
        facts = {
            "case": str(row.id),
            "state": row.state.value,
            "waits": _behind(waits[row.id], signs),
            "last": moment(row.updated_at, now),
            "wakes": moment(row.snoozed_until, now) if row.snoozed_until is not None else "on reply",
            "agent": row.assignee or "-",
        }
        mark = "(!) " if row.trouble else ""
        mark += "promise broken: " if row.broken else ""
        mark += "".join(f"#{tag} " for tag in row.tags)
        mark += f"{row.priority.value}: " if row.priority.value != "normal" else ""
        about = [",".join(row.channels), person_name(row.person.name), mark + _about(row)]
        lines.append([*(facts[name] for name in names), *about])
    call.out.table(columns, lines)
    if any(row.trouble for row in rows):
        call.out.say("(!) a reply was not delivered or its outcome is unknown: inbox-tui outbox")


_SIGNS = {"soon": " !", "overdue": " !!", "promise broken": " !!"}
"""What is late has a sign; what is on time needs none."""
_WAITS = ("case", "waits")
_COLUMNS: dict[str, tuple[str, ...]] = {
    "waiting": _WAITS,
    "unassigned": _WAITS,
    "mine": _WAITS,
    "snoozed": ("case", "wakes", "waits"),
    "all": ("case", "state", "waits", "last"),
}


def _waits(row: CaseRow, now: int) -> str:
    """How long somebody waits, and whether the answer is due soon (!) or overdue (!!)."""
    from inbox_tui.desk.due import lateness
    from inbox_tui.tui.words import duration

    if row.waiting_since is None:
        return "-"
    return duration(now - row.waiting_since) + _SIGNS.get(lateness(row, now), "")


def _behind(wait: str, signs: int) -> str:
    """A wait with room for a sign behind it."""
    bare = wait.rstrip(" !")
    return bare + wait[len(bare) :].ljust(signs)


def _about(row: CaseRow) -> str:
    """Subject and newest words; once, where a platform has no subjects and the words stand for one."""
    if row.snippet.startswith(row.subject.removesuffix("…")):
        return row.snippet
    return f"{row.subject} · {row.snippet}" if row.snippet else row.subject


def _say_none(call: Call, view: str, channel: str | None) -> None:
    known = {account.channel for account in call.config.accounts.values()}
    if channel and channel not in known:
        names = ", ".join(sorted(known)) or "none is configured"
        raise UsageError(f"no account is on the channel {channel}", f"known are: {names}")
    where = f" on {channel}" if channel else ""
    call.out.say(f"Nobody waits{where}." if view == "waiting" else f"No case in {view}{where}.")


def show(call: Call, case: int) -> int:
    """A case with its threads and its timeline."""
    found = call.inbox.case(case)
    if call.out.json:
        call.out.record(serial.whole_case(found, call.inbox.now()))
    else:
        _print_case(call, found)
    return 0


def _print_case(call: Call, found: Case) -> None:
    from inbox_tui.tui import words

    out, row, now = call.out, found.row, call.inbox.now()
    waits = f" for {words.duration(now - row.waiting_since)}" if row.waiting_since is not None else ""
    out.line(f"Case {row.id}  {words.person_name(row.person.name)}  {row.state.value}{waits}")
    if row.subject:
        out.line(row.subject)
    facts = [words.counted(row.messages, "message"), words.counted(len(row.channels), "channel")]
    facts += [words.counted(row.supporters, "supporter")] * bool(row.supporters)
    facts += [words.counted(found.earlier, "other case") + " of this person"] if found.earlier else []
    facts += [f"goes on from case {found.linked}"] if found.linked is not None else []
    asked = sum(one.sent_at is not None for one in found.handoffs)
    facts += [words.counted(asked, "hand-off")] * bool(asked)
    facts += [f"effort {found.effort}"] * bool(found.effort)
    facts += [f"closed: {row.ending.value}"] * bool(row.ending.value)
    out.line(", ".join(facts))
    if found.supporters:
        named = ", ".join(f"{words.person_name(one.name)} (person {one.id})" for one in found.supporters)
        out.line(f"On the customer's behalf writes {named}")
    if words.due(row, now):
        out.line(words.due(row, now).capitalize())
        for line in found.why_due:
            out.line(line, indent=2, quiet=True)
    for thread in found.threads:
        out.line(_thread_line(thread, now), indent=2)
    for one in found.handoffs:
        if one.sent_at is not None:
            out.line(words.handed_off(one, now), indent=2)
    day, subject = "", row.subject
    for message in found.timeline:
        if words.day(message.sent_at, now) != day:
            day = words.day(message.sent_at, now)
            out.line()
            out.line(f"-- {day}", quiet=True)
        many = len(found.threads) > 1 and message.thread is not None
        _print_message(call, message, f"thread {message.thread}" if many else "")
        if message.subject and message.subject != subject:
            subject = message.subject
            out.line(f"Subject: {subject}", indent=2)
        _print_text(call, message)


def _thread_line(thread: Thread, now: int) -> str:
    from inbox_tui.desk import reach
    from inbox_tui.tui.words import moment

    who = thread.customer.handle or thread.customer.name or thread.customer.value or "unknown"
    line = f"thread {thread.id}  {thread.channel} {thread.account}  {_openness(thread.public)}  with {who}"
    for more in (thread.subject, thread.permalink):
        line += f"  {more}" if more else ""
    if why := reach.closed(thread, now):
        line += f"  (no reply: {why})"
    elif thread.reply_until is not None:
        line += f"  (until {moment(thread.reply_until, now)})"
    if not reach.closed(reach.privately(thread), now):
        line += "  (its comment can be answered privately: --private)"
    return line


def _openness(public: bool) -> str:
    return "public" if public else "private"


def _print_message(call: Call, message: Message, thread: str) -> None:
    """The line above a message. thread: which one, where a case has several."""
    from inbox_tui.tui.words import author_name, clock, kind_word

    author = author_name(message)
    if message.author.handle and message.author.handle != author:
        author += f" {message.author.handle}"
    kind = message.kind.value
    we = "we," if message.direction.value == "out" else ""
    parts = [clock(message.sent_at), message.channel, we, author]
    marks = [] if kind == "note" else [_openness(message.public)]
    marks += ["our post"] if kind == "post" else ["note"] if kind == "note" else []
    marks += [f"{message.unanswered} unanswered under it"] if message.unanswered else []
    marks += [kind_word(message)] if kind_word(message) else []
    marks += [message.state.value] if message.state else []
    marks += ["owed"] if message.owed else []
    marks += [thread] if thread else []
    head = " ".join(part for part in parts if part) + f"  ({', '.join(marks)})"
    call.out.line(head, quiet=kind == "post")


def _print_text(call: Call, message: Message) -> None:
    """What it says; of what was folded away, how much."""
    if message.unparsed:
        call.out.line(f"[could not be read: {message.unparsed}]", indent=2)
    if message.text:
        call.out.line(message.text, indent=2)
    folded = message.full_text.count("\n") - message.text.count("\n")
    if message.full_text and folded > 0:
        call.out.line(f"[{folded} more lines: quoted, or a signature]", indent=2, quiet=True)
    for each in message.attachments:
        call.out.line(f"[attachment: {each.name}, {each.media_type}, {each.size} bytes]", indent=2)


def accounts(call: Call, gap_seen: str | None) -> int:
    """How each account is doing, and who fetches. gap_seen: an account whose gap is shown no more."""
    if gap_seen is not None:
        call.inbox.watch.gap_seen(gap_seen)
    stored = {health.account: health for health in call.open_inbox(create=True).health()}
    healths = [stored.get(name) or _never(name, each.channel) for name, each in call.config.accounts.items()]
    status = call.inbox.worker()
    hooks = call.inbox.watch.hooks()
    if call.out.json:
        for health in healths:
            call.out.record(serial.account(health, call.config.accounts.get(health.account)))
        for hook in hooks:
            call.out.record(serial.hook(hook))
        call.out.record(serial.worker(status))
        return 0
    if healths:
        _print_accounts(call, healths)
    else:
        call.out.say("No account is configured: inbox-tui init sets one up. To look around: inbox-tui demo")
    from inbox_tui.tui.words import counted

    overview = call.inbox.overview()
    for hook in hooks:
        call.out.line(f"hook {hook.name}: {hook_words(hook, call.inbox.now())}")
    call.out.line(worker_words(status, call.inbox.now()))
    if overview.posts:
        waiting = counted(overview.waiting, "person waits", "people wait")
        call.out.line(f"{counted(overview.posts, 'post')} of ours published while {waiting}.")
    return 0


def _never(name: str, channel: str) -> Health:
    """An account that is configured and was never fetched."""
    from inbox_tui.model import Health

    nothing = (None,) * 3
    return Health(name, channel, None, None, "", "", "", None, None, 0, *nothing[:2], 0, False)


def _print_accounts(call: Call, healths: list[Health]) -> None:
    from inbox_tui.cli.output import Column
    from inbox_tui.tui.words import moment

    now = call.inbox.now()
    names = ("account", "channel", "complete up to", "last success", "spent today", "state")
    rows = []
    for health in healths:
        times = [
            moment(at, now) if at is not None else "never"
            for at in (health.complete_until, health.last_success)
        ]
        cost = spent(health, call.config.accounts[health.account]) or "-"
        rows.append([health.account, health.channel, *times, cost, _state(call, health, now)])
    call.out.table([Column(name) for name in names], rows)
    for health in healths:
        for line in account_troubles(health, now):
            call.out.line(f"{health.account}: {line}")


def spent(health: Health, account: AccountConfig) -> str:
    """What reading cost today, and what it may cost; empty where a channel costs nothing."""
    budget = getattr(account, "budget_per_day", 0)
    if not health.spent_today and not budget:
        return ""
    return f"${health.spent_today / 1_000_000:.3f}" + (f" of ${budget:.2f}" if budget else "")


def _state(call: Call, health: Health, now: int) -> str:
    from inbox_tui.tui.words import health_trouble

    trouble = health_trouble(health, now, call.config.accounts[health.account].poll_seconds)
    if trouble:
        return trouble
    if health.last_success is None:
        return "not fetched yet"
    return "ok" if health.history_done else "ok, reading history"


def account_troubles(health: Health, now: int) -> list[str]:
    """What an owner should know about an account, in words; empty where all is well."""
    from inbox_tui.tui.words import moment

    found = []
    if health.error:
        since = f" (since {moment(health.error_since, now)})" if health.error_since else ""
        found.append(health.error + since + (f"; {health.hint}" if health.hint else ""))
    if health.notice:
        found.append(health.notice + (f"; {health.notice_hint}" if health.notice_hint else ""))
    if health.paused_until and health.paused_until > now:
        found.append(f"next try at {moment(health.paused_until, now)}{in_a_row(health)}")
    if health.gap_from is not None:
        found.append(gap_words(health, now))
    if health.unparsed:
        found.append(f"kept raw because they could not be read: {health.unparsed}")
    return found


def in_a_row(health: Health) -> str:
    """How often it failed, where that is why it rests for long."""
    return f", after {health.failures} failures in a row" if health.failures > 1 else ""


def gap_words(health: Health, now: int) -> str:
    """What is not here of an account that has a gap, and what to do."""
    from inbox_tui.tui.words import moment

    times = f"{moment(health.gap_from or now, now)} and {moment(health.gap_until or now, now)}"
    mend = f"look there, then: inbox-tui accounts --gap-seen {health.account}"
    return f"the platform did not hand out what came between {times}; {mend}"


def hook_words(hook: HookHealth, now: int) -> str:
    """How a hook fares."""
    from inbox_tui.tui.words import moment

    if hook.error:
        return f"failing since {moment(hook.error_since or now, now)}: {hook.error}; {hook.hint}"
    if hook.failed_at is not None:
        return f"ok; failed {hook.failures} times, last {moment(hook.failed_at, now)}"
    return "ok"


def worker_words(status: WorkerStatus, now: int) -> str:
    """Whether a worker runs, and what to do where none does."""
    from inbox_tui.tui.words import duration

    if not status.running:
        return "No worker runs. Start one: inbox-tui fetch --follow"
    beat = f", last sign of life {duration(now - status.heartbeat)} ago" if status.heartbeat else ""
    return f"A worker runs: process {status.pid} on {status.host}{beat}."
