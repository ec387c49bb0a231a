"""A process of its own on a terminal: interface or command line on a store, for tests that read its bytes.

    python -m tests.storm.child tui STORE LOG
    python -m tests.storm.child cli STORE CONFIG   (an argument list in JSON, a line each, on stdin)

LOG gets a line for each screen that is shown and for each key once it was worked off.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from textual.events import Event, Key
from textual.screen import Screen

from inbox_tui.bootstrap import open_inbox
from inbox_tui.cli.run import run
from inbox_tui.config import Config
from inbox_tui.tui import app
from inbox_tui.tui.app import InboxApp
from tests.casework.world import CONFIGS

AGENT = "lena"
END_OF_COMMAND = "\r\n=== {number} {code}\r\n"


class Watched(InboxApp):
    """The app, which also writes down what it gets and shows."""

    CSS_PATH = str(Path(app.__file__).parent / "app.tcss")
    log_file = Path("unset")

    def _write_down(self, line: str) -> None:
        with self.log_file.open("a", encoding="utf-8") as log:
            log.write(line + "\n")

    async def on_event(self, event: Event) -> None:
        new = isinstance(event, Key) and not event.is_forwarded  # else it has come back from a widget
        await super().on_event(event)
        if new and isinstance(event, Key):
            self._write_down(f"key {event.key}")

    def push_screen(self, screen: Any, *args: Any, **named: Any) -> Any:
        if isinstance(screen, Screen):
            self._write_down(f"screen {type(screen).__name__}")
        return super().push_screen(screen, *args, **named)


def _tui(store: str, log: str) -> int:
    config = Config(path=None, store=Path(store), agent=AGENT, accounts=CONFIGS)
    watched = Watched(open_inbox(config), config)
    watched.log_file = Path(log)
    watched.run()
    return watched.return_code or 0


def _cli(store: str, config: str) -> int:
    for number, line in enumerate(sys.stdin):
        code = run(["--config", config, "--store", store, *json.loads(line)])
        sys.stdout.write(END_OF_COMMAND.format(number=number, code=code))
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit({"tui": _tui, "cli": _cli}[sys.argv[1]](*sys.argv[2:]))
