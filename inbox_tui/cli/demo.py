"""``demo``: the interface on a small living world that leaves nothing behind.

The world and the worker are processes of their own, so that the interface is as quick as it is in earnest.
Both end when their stdin does: they cannot outlive this process, however it ends.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from inbox_tui.cli.interface import need_terminal
from inbox_tui.cli.sandbox import need_extra
from inbox_tui.errors import InboxError

if TYPE_CHECKING:
    from inbox_tui.cli.call import Call
    from inbox_tui.config import Config

_READY_SECONDS = 30
_FIRST_FETCH_SECONDS = 20
_END_SECONDS = 5


def demo(call: Call) -> int:
    """Open the interface on a sandbox."""
    need_terminal("inbox-tui sandbox DIR runs the same world without an interface")
    need_extra()
    with ExitStack() as running:
        directory = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="inbox-tui-demo-")))
        call.out.progress("Starting a small world …")
        _start_world(running, directory)
        from inbox_tui.config import load

        config = load(str(directory / "config.toml"))
        _start_worker(running, config)
        call.out.progress("Fetching what customers wrote …")
        _await_first_fetch(config)
        call.out.progress("")
        from inbox_tui.cli.interface import open_on

        return open_on(config)


def _start_world(running: ExitStack, directory: Path) -> None:
    errors = running.enter_context((directory / "world.log").open("w+", encoding="utf-8"))
    argv = [sys.executable, "-m", "inbox_tui", "sandbox", str(directory), "--lively", "--tied", "--json"]
    child = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True)
    running.callback(_end, child)
    assert child.stdout is not None
    line = child.stdout.readline()
    if not line:
        child.wait(_END_SECONDS)
        errors.seek(0)
        said = errors.read().strip().splitlines()
        raise InboxError(f"the sandbox did not start: {said[-1] if said else 'it said nothing'}")
    json.loads(line)


def _start_worker(running: ExitStack, config: Config) -> None:
    from inbox_tui.bootstrap import worker_command

    errors = running.enter_context((config.store.parent / "worker.log").open("w", encoding="utf-8"))
    child = subprocess.Popen(
        [*worker_command(config), "--tied"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors
    )
    running.callback(_end, child)


def _await_first_fetch(config: Config) -> None:
    """Give the worker a moment, so that the first thing to be seen is not an empty queue."""
    from inbox_tui.bootstrap import open_inbox

    inbox = open_inbox(config)
    try:
        deadline = time.monotonic() + _FIRST_FETCH_SECONDS
        while time.monotonic() < deadline:
            here = {health.account for health in inbox.health() if health.complete_until or health.error}
            if here >= set(config.accounts):
                return
            time.sleep(0.05)
    finally:
        inbox.close()


def _end(child: subprocess.Popen[bytes] | subprocess.Popen[str]) -> None:
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            pipe.close()
    try:
        child.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
