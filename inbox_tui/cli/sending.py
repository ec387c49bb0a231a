"""``reply``, and whatever else goes out: queue it, see it delivered, and say exactly what is known about it.

Sends by itself where no worker runs and it can; else waits for the worker. Exit codes: 0 sent (or queued,
where that was asked for), 3 not sent and withdrawn, 4 refused and withdrawn, 5 queued or unknown, 6 held back
by a check that can be forced.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from inbox_tui.cli import serial
from inbox_tui.cli.acting import read_text
from inbox_tui.errors import (
    ChannelError,
    InboxError,
    LoginNeeded,
    NothingToDo,
    OutcomeUnknown,
    Refused,
    ReplyBlocked,
    ReplyHeld,
    UsageError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inbox_tui.cli.call import Call
    from inbox_tui.model import Reply
    from inbox_tui.service.worker import Worker

_POLL_SECONDS = 0.05
_KEPT = "nothing was sent, and the text is kept as a draft: try again"


class StillQueued(InboxError):
    """Nobody has sent it yet, but somebody may: it must not be written again."""

    code = "queued"
    exit_code = 5


def reply(
    call: Call,
    case: int,
    text: str | None,
    via: int | None,
    done: bool,
    promise: str | None,
    dry_run: bool,
    force: bool,
    seen: int | None,
    cc: tuple[str, ...],
    attach: tuple[str, ...],
    template: str | None,
    private: bool,
    no_wait: bool,
    timeout: int,
) -> int:
    """Answer a case.

    private: to the author of a comment alone. seen: the last message that was read. timeout: seconds to wait
    for a worker.
    """
    if private and (cc or attach):
        raise UsageError("a private answer to a comment takes no files and no copies", "leave them out")
    until = _promised(call, promise, done)
    text = _words(call, text, template, case, via)
    draft = _enclosing(call, case, via, text, cc, attach) if cc or attach else None
    with sent_or_gone(call, draft):
        if dry_run:
            return rehearse(call, case, via, text, draft, seen, private)
        _say_notes(call, case, via, text, draft, private)
        queued = call.inbox.reply(
            case,
            text,
            thread=via,
            seen=seen,
            done=done,
            draft=draft,
            promise=until,
            privately=private,
            agreed=None if force else (),
        )
    return send(call, queued, no_wait, timeout)


def _promised(call: Call, promise: str | None, done: bool) -> int | None:
    """By when a customer is told more."""
    if promise is None:
        return None
    triage = call.inbox.triage
    until = triage.check_promise(triage.when(promise))
    if done:
        raise UsageError("--promise and --done exclude each other", "what is promised is still to be done")
    return until


def _words(call: Call, text: str | None, template: str | None, case: int, via: int | None) -> str:
    """What is written: the text, that of the template, or stdin."""
    if template is None:
        return read_text(text, "reply")
    if text is not None:
        raise UsageError("the template is the text", "leave out one of them")
    return call.inbox.writing.fill(template, case, via).text


@contextmanager
def sent_or_gone(call: Call, draft: int | None) -> Iterator[None]:
    """Nothing is left of a draft that was made for a reply, where that was held back or cannot be sent."""
    try:
        yield
    except InboxError as error:
        if isinstance(error, ReplyHeld):
            error.hint = f"{error.hint}; --force sends it all the same"
        if draft is not None:
            call.inbox.writing.discard(draft)
        raise


def _say_notes(call: Call, case: int, via: int | None, text: str, draft: int | None, private: bool) -> None:
    """What holds nothing back and yet should be known, as what a link costs."""
    for one in call.inbox.check(case, via, text, draft=draft, privately=private):
        if not one.blocks and not one.asks:
            call.out.say(f"note: {one.message}")


def rehearse(
    call: Call, case: int, via: int | None, text: str, draft: int | None, seen: int | None, private: bool
) -> int:
    """Print everything that speaks against a reply, and send nothing."""
    found = call.inbox.check(case, via, text, draft=draft, seen=seen, privately=private)
    if draft is not None:
        call.inbox.writing.discard(draft)
    for one in found:
        if call.out.json:
            call.out.record(serial.caution(one))
            continue
        mark = "cannot be sent" if one.blocks else "held back" if one.asks else "note"
        call.out.line(f"{mark}: {one.message}")
        for more in (one.shows if one.shows not in one.message else "", one.hint):
            if more:
                call.out.line(more, indent=2)
    if any(one.blocks for one in found):
        return ReplyBlocked.exit_code
    if any(one.asks for one in found):
        return ReplyHeld.exit_code
    if not found:
        call.out.say("Nothing speaks against it.")
    return 0


def _enclosing(
    call: Call, case: int, via: int | None, text: str, cc: tuple[str, ...], attach: tuple[str, ...]
) -> int:
    """A draft with everything that goes along; nothing is left of it where something cannot."""
    from pathlib import Path

    writing = call.inbox.writing
    draft = writing.draft_reply(case, via, text).id
    try:
        if cc:
            writing.set_cc(draft, ", ".join(cc))
        for one in attach:
            writing.attach(draft, Path(one))
    except InboxError:
        writing.discard(draft)
        raise
    return draft


def send(call: Call, queued: Reply, no_wait: bool, timeout: int) -> int:
    """See it delivered, and say how it ended. timeout: seconds to wait for a worker."""
    if no_wait:
        return _print(call, queued)
    from inbox_tui.bootstrap import open_worker

    worker = open_worker(call.config)
    try:
        return _settle(call, *_deliver(call, worker, queued, timeout))
    except KeyboardInterrupt:
        call.out.say(f"Reply {queued.id} stays queued. To take it back: inbox-tui outbox cancel {queued.id}")
        raise
    finally:
        worker.close()


def _deliver(call: Call, worker: Worker, queued: Reply, timeout: int) -> tuple[Reply, str]:
    """Send it, or wait until somebody has; the reply afterwards, and why it is still queued if it is.

    Raises ChannelError where it certainly was not sent, and withdraws it then.
    """
    deadline = time.monotonic() + timeout
    version = None
    while True:
        if worker.try_lock():
            try:
                return worker.send_reply(queued.id), ""
            except ChannelError as error:
                call.inbox.take_back(queued.id)
                error.hint = _kept(queued, error.code, error.hint)
                raise
            except InboxError as error:
                # In a team agents hold no secrets: the reply waits for the worker that does.
                return call.inbox.reply_by_id(queued.id), f"no worker runs, and {error.message}"
        if version != (version := call.inbox.version()):
            now = call.inbox.reply_by_id(queued.id)
            if now.state.value not in ("queued", "sending") or now.error:
                return now, ""
        if time.monotonic() >= deadline:
            why = f"the worker (process {call.inbox.worker().pid}) has not sent it within {timeout} s"
            return call.inbox.reply_by_id(queued.id), why
        time.sleep(_POLL_SECONDS)


def _settle(call: Call, reply: Reply, why: str) -> int:
    """Say how it ended; withdraw what was certainly not sent. Raises what the exit code stands for."""
    state = reply.state.value
    if state == "sent":
        return _print(call, reply)
    if state == "failed" or (state == "queued" and reply.error and not why):
        return _withdraw(call, reply)
    _print(call, reply)
    if state in ("unknown", "sending"):
        raise OutcomeUnknown(
            reply.error or "it is not known whether the reply arrived",
            reply.hint or f"do not repeat it; inbox-tui outbox shows how it ends (reply {reply.id})",
        )
    raise StillQueued(
        f"reply {reply.id} is queued, not sent: {why or 'nobody has sent it yet'}",
        "do not repeat it: the worker sends it; where none runs, start one: inbox-tui fetch --follow",
    )


def _withdraw(call: Call, reply: Reply) -> int:
    """Turn what was certainly not sent back into a draft, so that nobody sends it unasked."""
    withdraw = call.inbox.take_back if reply.state.value == "queued" else call.inbox.cancel
    try:
        withdraw(reply.id)
    except NothingToDo:
        # The worker was faster: whatever it did now counts.
        return _settle(call, call.inbox.reply_by_id(reply.id), "a worker is sending it")
    if reply.error_code == Refused.code:
        raise Refused(reply.error, reply.hint or "the text is kept as a draft")
    hint = _kept(reply, reply.error_code, reply.hint)
    raised = ChannelError(reply.error or "the reply was not sent", hint)
    raised.code = reply.error_code or raised.code
    raise raised


def _kept(reply: Reply, code: str, mend: str) -> str:
    """What to do about a withdrawn reply: a login must be mended first, all else passes by itself."""
    kept = "try again: twice does no harm" if reply.kind.value in ("hide", "unhide") else _KEPT
    return f"{mend}; {kept}" if code == LoginNeeded.code and mend else kept


def _print(call: Call, reply: Reply) -> int:
    aside = "privately " if reply.kind.value == "private" else ""
    to = f"{aside}to {reply.to or 'the customer'} on {reply.channel}"
    if call.out.json:
        call.out.record(serial.receipt(reply))
    elif reply.state.value == "sent" and reply.kind.value in ("hide", "unhide"):
        call.out.line(f"The comment is {'hidden' if reply.kind.value == 'hide' else 'shown again'}.")
    elif reply.state.value == "sent":
        call.out.line(f"Sent {to}: {reply.permalink or reply.external_id}")
    else:
        call.out.line(f"Reply {reply.id} {to}: {reply.state.value}")
    call.out.flush()
    return 0
