"""Processes that work beside the interface: the worker, and the world of the demo.

Each ends when its stdin does, so that it does not outlive its parent, however that ends; the worker sends
first what is in its countdown.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING

from inbox_tui.errors import InboxError

if TYPE_CHECKING:
    from inbox_tui.config import Config

_SETTLE_SECONDS = 1.0
"""A worker that is going to fail at its start has done so by then."""
_LEAVE_SECONDS = 0.5
"""A worker that has nothing to send has ended by then."""
_END_SECONDS = 5.0


def start_worker(running: ExitStack, config: Config, *, lingers: bool) -> None:
    """Start the worker, until the stack is closed. Raises InboxError, with its words, if it ends at once.

    lingers: it is left alone then, to send what is in its countdown; it ends by itself. Else it is ended.
    """
    from inbox_tui.bootstrap import worker_command

    said = _log(running)
    argv = [*worker_command(config), "--tied"]
    # A session of its own: a terminal that is closed must not end it before its last reply is out.
    child = subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said, start_new_session=True
    )
    running.callback(_leave if lingers else _terminate, child)
    try:
        code = child.wait(_SETTLE_SECONDS)
    except subprocess.TimeoutExpired:
        return
    # 1: another worker was faster, which serves as well.
    if code not in (0, 1):
        raise InboxError(_words(said), "mend it, then start it by hand: inbox-tui fetch --follow")


def start_world(running: ExitStack, directory: Path) -> None:
    """Start a lively sandbox and wait until it is ready. Raises InboxError where it ends instead."""
    said = _log(running)
    argv = [sys.executable, "-m", "inbox_tui", "sandbox", str(directory), "--lively", "--tied"]
    child = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said)
    running.callback(_end, child)
    assert child.stdout is not None
    if not child.stdout.readline():
        child.wait(_END_SECONDS)
        raise InboxError(f"the sandbox did not start: {_words(said)}")


def _log(running: ExitStack) -> IO[bytes]:
    return running.enter_context(tempfile.TemporaryFile())


def _words(said: IO[bytes]) -> str:
    """The first line of what a child told, without its own name in front."""
    said.seek(0)
    lines = said.read().decode("utf-8", "replace").strip().splitlines()
    return lines[0].removeprefix("inbox-tui: ") if lines else "it gave no reason"


def _leave(child: subprocess.Popen[bytes]) -> None:
    assert child.stdin is not None
    child.stdin.close()
    try:
        child.wait(_LEAVE_SECONDS)
    except subprocess.TimeoutExpired:
        threading.Thread(target=child.wait, name="reap-worker", daemon=True).start()


def _terminate(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            pipe.close()
    try:
        child.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
