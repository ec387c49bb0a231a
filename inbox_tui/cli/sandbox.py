"""``sandbox``: a small world on loopback, until interrupted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from inbox_tui.cli.fetching import set_when_stdin_ends, stop_on_signals
from inbox_tui.errors import InboxError, UsageError

if TYPE_CHECKING:
    from inbox_tui.cli.call import Call
    from inbox_tui.sandbox.runner import Scenario

EXTRA = ("aiosmtpd", "pymap", "trustme", "pysasl", "proxyprotocol", "cryptography")
INSTALL = "pip install 'inbox-tui[demo]' (in a checkout: pip install '.[demo]')"


class MissingExtra(InboxError):
    """The packages of an extra are not installed."""

    code = "missing_extra"
    exit_code = 2


def need_extra() -> None:
    """Raises MissingExtra, with the way to install it, where the servers cannot be imported."""
    try:
        import inbox_tui.sandbox.runner  # noqa: F401
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in EXTRA:
            raise
        message = f"the sandbox needs a package that is not installed: {error.name}"
        raise MissingExtra(message, INSTALL) from None


def sandbox(
    call: Call, dir: str, story: bool, load: int | None, empty: bool, lively: bool, tied: bool
) -> int:
    """Run a world in a directory. tied: end with stdin."""
    if story + empty + (load is not None) > 1:
        raise UsageError("--story, --load and --empty exclude each other", "keep one of them")
    need_extra()
    from inbox_tui.sandbox.runner import Sandbox

    scenario: Scenario = "empty" if empty else "story" if load is None else "load"
    stop = stop_on_signals()
    if tied:
        set_when_stdin_ends(stop)
    try:
        world = Sandbox(Path(dir), scenario=scenario, load=load or 0, lively=lively)
        ready = world.start()
    except OSError as error:
        where = f"{error.filename or dir}: {error.strerror}" if error.strerror else str(error)
        raise UsageError(where, "name a directory that you may write") from None
    try:
        call.out.record(json.loads(ready.as_json()))
        call.out.flush()
        call.out.say(
            f"Ready until Ctrl+C. inbox-tui --config {ready.config} opens the inbox on it, elsewhere.\n"
            f"To set up its accounts yourself: {Path(dir) / 'accounts.txt'} has what init asks for."
        )
        stop.wait()
    finally:
        world.stop()
    return 0
