"""Records to the JSON objects of the command line: a contract with scripts, to which fields are only added.

Times are RFC 3339 in UTC, ids integers; what is not known is null, never an empty text. Writes nothing.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from inbox_tui.errors import InboxError
from inbox_tui.model import (
    Author,
    Case,
    CaseRow,
    Change,
    Filled,
    Handoff,
    Handover,
    Health,
    Hit,
    HookHealth,
    Message,
    Place,
    ReceivedFile,
    Reply,
    Template,
    Thread,
    WorkerStatus,
)

if TYPE_CHECKING:
    from inbox_tui.config import AccountConfig
    from inbox_tui.desk.checks import Caution

Object = dict[str, object]


def when(at: int | None) -> str | None:
    """Milliseconds UTC to ``2026-11-20T08:14:00Z``."""
    return None if at is None else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at // 1000))


def _now() -> int:
    return time.time_ns() // 1_000_000


def case(row: CaseRow) -> Object:
    """A case as `list` prints it."""
    return {
        "type": "case",
        "id": row.id,
        "state": row.state.value,
        "person": {"id": row.person.id, "name": row.person.name},
        "channels": list(row.channels),
        "subject": row.subject,
        "snippet": row.snippet,
        "messages": row.messages,
        "waiting_since": when(row.waiting_since),
        "due": when(row.due),
        "overdue": _overdue(row),
        "assignee": row.assignee or None,
        "tags": list(row.tags),
        "snoozed_until": when(row.snoozed_until),
        "snoozed": row.snoozed,
        "priority": row.priority.value,
        "automatic": row.automatic,
        "spam": row.spam,
        "promised": when(row.promised),
        "promise_broken": row.broken,
        "contacts": row.contacts,
        "ending": row.ending.value or None,
        "supporters": row.supporters,
    }


def _overdue(row: CaseRow) -> bool:
    """A case that rests for its customer is not: it is his turn."""
    return row.state.value == "waiting" and row.due is not None and row.due <= _now()


def handoff(found: Handoff) -> Object:
    """A hand-off of a case, and how far it has come."""
    return {
        "type": "handoff",
        "to": found.to.value,
        "message": found.message,
        "public": found.public,
        "sent_at": when(found.sent_at),
        "back_at": when(found.back_at),
        "expires_at": when(found.expires_at),
        "arrived_at": when(found.arrived_at),
        "arrived": found.arrived,
        "by_code": found.by_code,
        "returned_at": when(found.returned_at),
    }


def place(found: Place) -> Object:
    """Where a customer can be asked to go on, as `handoff` lists it."""
    return {
        "type": "place",
        "to": found.to.value,
        "account": found.account,
        "open": found.open,
        "why_not": found.why_not or None,
        "note": found.note or None,
        "thread": found.thread,
    }


def file(found: ReceivedFile, case: int, path: str | None) -> Object:
    """A file of a case; path: where it was saved."""
    return {
        "type": "file",
        "case": case,
        "number": found.number,
        "message": found.message,
        "name": found.file.name,
        "media_type": found.file.media_type,
        "size": found.file.size,
        "sent_at": when(found.sent_at),
        "path": path,
    }


def event(found: Change) -> Object:
    """Something that was done with a case, as `watch` prints it."""
    return {
        "type": "event",
        "id": found.id,
        "case": found.case,
        "at": when(found.at),
        "actor": found.actor or None,
        "kind": found.kind,
    }


def hit(found: Hit) -> Object:
    """A case as `search` prints it: with the message that was found, and the words around it."""
    return {
        **case(found.row),
        "hit": {
            "message": found.message,
            "sent_at": when(found.sent_at),
            "snippet": found.snippet,
            "marks": [list(mark) for mark in found.marks],
        },
    }


def whole_case(found: Case, now: int) -> Object:
    """A case as `show` prints it: with its threads and its timeline, oldest first."""
    return {
        **case(found.row),
        "threads": [thread(each, now) for each in found.threads],
        "timeline": [message(each) for each in found.timeline],
        "supported_by": [{"id": one.id, "name": one.name} for one in found.supporters],
        "handoffs": [handoff(each) for each in found.handoffs if each.sent_at is not None],
    }


def thread(found: Thread, now: int) -> Object:
    """A thread of a case, and how the customer can be answered there now."""
    from inbox_tui.desk import reach

    why = reach.closed(found, now)
    private = not reach.closed(reach.privately(found), now)
    return {
        "id": found.id,
        "channel": found.channel,
        "account": found.account,
        "public": found.public,
        "permalink": found.permalink or None,
        "customer": not (found.aside or found.supporter),
        "can_reply": not why,
        "why_not": why or None,
        "reply_until": when(found.reply_until),
        "can_reply_privately": private,
        "private_until": when(found.private_until) if private else None,
        "supporter": found.supporter,
    }


def message(found: Message) -> Object:
    """One entry of a timeline."""
    return {
        "type": "message",
        "id": found.id,
        "case": found.case,
        "thread": found.thread,
        "channel": found.channel or None,
        "account": found.account or None,
        "direction": found.direction.value,
        "kind": found.kind.value,
        "author": _author(found.author),
        "text": found.text,
        "sent_at": when(found.sent_at),
        "public": found.public,
        "permalink": found.permalink or None,
        "state": found.state.value if found.state else None,
        "hidden": found.hidden,
        "cc": list(found.cc),
        "unparsed": found.unparsed or None,
        "unanswered": found.unanswered if found.kind.value == "post" else None,
    }


def template(found: Template) -> Object:
    """A template as `templates` prints it."""
    return {
        "type": "template",
        "name": found.name,
        "language": found.language or None,
        "channel": found.channel or None,
        "subject": found.subject or None,
        "text": found.text,
    }


def filled(name: str, case: int, found: Filled) -> Object:
    """A template with what is known of a case."""
    return {
        "type": "filled",
        "template": name,
        "case": case,
        "subject": found.subject or None,
        "text": found.text,
        "missing": list(found.missing),
    }


def caution(found: Caution) -> Object:
    """Something that speaks against a reply, as `reply --dry-run` prints it."""
    return {
        "type": "caution",
        "code": found.code,
        "message": found.message,
        "hint": found.hint or None,
        "blocks": found.blocks,
        "held": found.asks,
        "shows": found.shows or None,
        "about": found.about,
    }


def handover(found: Handover) -> Object:
    """Who still waits on an agent: the first line of `handover`; its cases and replies follow."""
    return {
        "type": "handover",
        "agent": found.agent,
        "waiting": len(found.waiting),
        "snoozed": len(found.snoozed),
        "drafts": len(found.drafts),
        "unsent": len(found.unsent),
        "unassigned": found.unassigned,
    }


def _author(author: Author) -> Object:
    return {
        "name": author.name or None,
        "handle": author.handle or None,
        "identity": None if author.value is None else f"{author.kind}:{author.value}",
    }


def receipt(reply: Reply) -> Object:
    """What `reply` prints: the platform's proof, or how far the reply has come."""
    return {
        "type": "receipt",
        "case": reply.case,
        "message": reply.message,
        "channel": reply.channel,
        "state": reply.state.value,
        "external_id": reply.external_id or None,
        "permalink": reply.permalink or None,
        "sent_at": when(reply.sent_at),
        "reply": reply.id,
        "handoff": reply.handoff or None,
    }


def outgoing(reply: Reply) -> Object:
    """A reply as `outbox` prints it."""
    return {
        "type": "reply",
        "id": reply.id,
        "case": reply.case,
        "thread": reply.thread,
        "message": reply.message,
        "channel": reply.channel,
        "account": reply.account,
        "agent": reply.agent,
        "to": reply.to or None,
        "kind": reply.kind.value,
        "subject": reply.subject or None,
        "cc": list(reply.cc),
        "files": [{"name": f.name, "media_type": f.media_type, "size": f.size} for f in reply.files],
        "text": reply.text,
        "state": reply.state.value,
        "error": _fault(reply.error_code, reply.error, reply.hint),
        "attempts": reply.attempts,
        "created_at": when(reply.created_at),
        "not_before": when(reply.not_before),
        "sent_at": when(reply.sent_at),
        "external_id": reply.external_id or None,
        "permalink": reply.permalink or None,
        "handoff": reply.handoff or None,
    }


def account(health: Health, config: AccountConfig | None) -> Object:
    """An account as `accounts` prints it. config: None where it is configured no more."""
    gap = health.gap_from is not None and health.gap_until is not None
    return {
        "type": "account",
        "name": health.account,
        "channel": health.channel,
        "complete_until": when(health.complete_until),
        "last_success": when(health.last_success),
        "error": _fault(health.error_code, health.error, health.hint),
        "error_since": when(health.error_since),
        "paused_until": when(health.paused_until),
        "failures": health.failures,
        "spent_today_usd": health.spent_today / 1_000_000,
        "budget_per_day_usd": getattr(config, "budget_per_day", 0) or None,
        "gap": {"from": when(health.gap_from), "until": when(health.gap_until)} if gap else None,
        "unparsed": health.unparsed,
        "history_done": health.history_done,
        "notice": health.notice or None,
    }


def hook(health: HookHealth) -> Object:
    """A hook as `accounts` prints it."""
    return {
        "type": "hook",
        "name": health.name,
        "error": _fault("hook", health.error, health.hint) if health.error else None,
        "error_since": when(health.error_since),
        "failures": health.failures,
        "failed_at": when(health.failed_at),
    }


def announcement(hook: str, row: CaseRow, about: Message | None, reply: Reply | None) -> Object:
    """What a hook is told; reply: the one that was sent or failed."""
    return {
        "type": hook.removeprefix("on_"),
        "case": case(row),
        "message": message(about) if about is not None else None,
        "reply": outgoing(reply) if reply is not None else None,
    }


def worker(status: WorkerStatus) -> Object:
    """Who fetches and sends, as the last line of `accounts`."""
    return {
        "type": "worker",
        "running": status.running,
        "pid": status.pid,
        "host": status.host or None,
        "heartbeat": when(status.heartbeat),
    }


def finding(code: str, ok: bool, message: str, hint: str) -> Object:
    """One line of `doctor`."""
    return {"type": "finding", "code": code, "ok": ok, "message": message, "hint": hint or None}


def fetched(account: str, new: int, error: InboxError | None) -> Object:
    """One account's line of `fetch`."""
    return {
        "type": "fetched",
        "account": account,
        "new": new,
        "error": _fault(error.code, error.message, error.hint) if error else None,
    }


def error(raised: InboxError) -> Object:
    """An error, for stderr."""
    return {
        "type": "error",
        "code": raised.code,
        "message": raised.message,
        "hint": raised.hint or None,
    }


def _fault(code: str, message: str, hint: str) -> Object | None:
    if not (code or message):
        return None
    return {"code": code or "error", "message": message, "hint": hint or None}
