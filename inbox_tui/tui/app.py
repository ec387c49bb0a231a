"""The app: the theme's frame, the inbox screen, the last barrier against foreign controls. `run` opens it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from textual import work
from textual.driver import Driver
from textual.events import Event, InputEvent
from textual.filter import ANSIToTruecolor, LineFilter
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from inbox_tui import logs, memory
from inbox_tui.config import Config
from inbox_tui.errors import InboxError
from inbox_tui.tui import keymap, keys, themes
from inbox_tui.tui.barrier import Barrier
from inbox_tui.tui.first import Page
from inbox_tui.tui.screens.inbox import InboxScreen
from inbox_tui.tui.terminal import OnTerminal
from inbox_tui.tui.typeahead import KeysInOrder
from inbox_tui.tui.unkept import forget

if TYPE_CHECKING:
    from inbox_tui.inbox import Inbox

_THREADS = 6
"""That read and write at once: some may wait for the store while others read on."""


class InboxApp(KeysInOrder):
    """inbox-tui on a terminal."""

    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    """Drawn text has nothing that Textual could select; the terminal itself does, with Shift.

    At a click on what was removed a moment before, its selecting would end the interface.
    """
    TITLE = "inbox-tui"

    def __init__(
        self,
        inbox: Inbox,
        config: Config,
        start_worker: Callable[[], None] | None = None,
        first: Page | None = None,
        *,
        tour: bool = False,
    ) -> None:
        """start_worker: called once in a thread after the first paint. first: what was read already.

        tour: leads through the first minute.
        """
        forget()
        # Only with the terminal's own colours does Textual leave all of them out: else NO_COLOR gives greys.
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)
        for theme in themes.themes():
            self.register_theme(theme)
        self.theme = themes.name_of(config.ui.theme)
        self.inbox = inbox
        self._config = config
        self.given_keys = config.keys
        keys.rebind(config.keys)
        self._barrier = Barrier()
        self._start_worker = start_worker
        self._tour = tour
        self._inbox_screen = InboxScreen(inbox, config, first, expects_worker=start_worker is not None)

    def get_default_screen(self) -> Screen[None]:
        return self._inbox_screen

    def get_driver_class(self) -> type[Driver]:
        return OnTerminal

    def get_line_filters(self) -> Sequence[LineFilter]:
        # Every line in sight passes every filter at every key; named ANSI colours are not used here.
        others = (one for one in super().get_line_filters() if not isinstance(one, ANSIToTruecolor))
        return [*others, self._barrier]

    def on_mount(self) -> None:
        # As many as there are processors would be dozens on a large machine, each with its connection.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_THREADS, "interface"))
        self.set_keymap(dict(self._config.keys))
        for number, saved in enumerate(self._config.views):
            if saved.key:
                self.bind(saved.key, f"screen.saved({number})", description=saved.name)
        if self._tour:
            self.call_after_refresh(self._lead)
        if self._start_worker is not None:
            self.call_after_refresh(self._start)

    def _lead(self) -> None:
        from inbox_tui.tui.tour import Tour

        self._inbox_screen.mount(Tour(), before=self._inbox_screen.status)

    @work(thread=True, group="worker", exit_on_error=False)
    def _start(self) -> None:
        assert self._start_worker is not None
        try:
            self._start_worker()
        except (InboxError, OSError) as error:
            hint = getattr(error, "hint", "") or "inbox-tui fetch --follow starts it by hand"
            failed = InboxError(f"The worker could not be started: {error}", hint)
            self.call_from_thread(self._inbox_screen.status.fail, failed)

    async def on_event(self, event: Event) -> None:
        if isinstance(event, InputEvent):
            if self._exit:
                return  # what is typed after leaving is for nobody here
            # A terminal that is left open is nobody who is there.
            self._inbox_screen.touched = True
        await super().on_event(event)

    def _fatal_error(self) -> None:
        """Textual would show every value that stood near the fault: letters of customers, passwords."""
        from rich.text import Text

        error = self._exception
        self.bell()
        if error is not None:
            logs.failed("interface ended by a fault", error)
            self._exit_renderables.append(Text(logs.told(error)))
        self._close_messages_no_wait()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """What a thread of the interface did not catch is shown by nobody."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            logs.failed(f"interface: {event.worker.group}", event.worker.error)

    def action_suspend_process(self) -> None:
        """Back to the shell for a while; in a kiosk there is none."""
        if not self._config.kiosk:
            super().action_suspend_process()

    def deliver_screenshot(self, *args: str | None, **named: str | None) -> str | None:
        """A picture into a file; in a kiosk there is none."""
        return None if self._config.kiosk else super().deliver_screenshot(*args, **named)

    def action_help_quit(self) -> None:
        """Ctrl+C."""
        self._inbox_screen.status.tell(f"{keys.told('inbox.quit')} leaves; Ctrl+Q too, while you write.")


def run(
    inbox: Inbox,
    config: Config,
    start_worker: Callable[[], None] | None = None,
    first: Page | None = None,
    *,
    tour: bool = False,
) -> int:
    """Open the interface and stay until the agent leaves. Returns the exit code.

    start_worker: starts the worker where none runs; called in a thread after the first paint. first: what was
    read already, so that the first paint shows rows; None: the screen reads it, and shows what is wrong.
    tour: leads through the first minute. Raises ConfigError for keys that cannot be as the file says.
    """
    keymap.check(config)
    app = InboxApp(inbox, config, start_worker, first, tour=tour)
    memory.prepare()
    app.run()
    return app.return_code or app.return_value or 0
