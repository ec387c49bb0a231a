"""The terminal under the interface: reads what is typed there, and leaves when it is gone."""

from __future__ import annotations

import os
import selectors
import signal
from codecs import getincrementaldecoder
from contextlib import suppress
from types import FrameType
from typing import IO, Any

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

from inbox_tui.tui.bursts import Together
from inbox_tui.tui.terse import Terse

_SIGNALS = (signal.SIGHUP, signal.SIGTERM)
_LOOK_SECONDS = 0.1
"""Between two looks at whether the interface was left, and whether an Esc stands alone."""


class OnTerminal(Terse, LinuxDriver):
    """Textual's driver, which goes on without a terminal: its reader asks for ever, its writer ends unseen.

    Once the terminal is gone, told by SIGHUP or by nobody, and at SIGTERM, the app is left in order: what is
    being typed is kept. The exit code is 128 and the signal's number.
    """

    def __init__(
        self,
        app: App[Any],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self.__dict__["_file"] = _Forgiving(self._file)
        # Who was told to outlive its terminal (nohup) stays as long as somebody can type.
        heeded = [one for one in _SIGNALS if signal.getsignal(one) is not signal.SIG_IGN]
        self._before = {one: signal.signal(one, self._asked) for one in heeded}

    def close(self) -> None:
        """Its signals are whoever's they were before."""
        super().close()
        for one, handler in self._before.items():
            signal.signal(one, handler)

    def run_input_thread(self) -> None:
        """Until the interface is left or the terminal gone."""
        parser = Together(self._debug)
        # A terminal of another charset sends bytes that are no UTF-8: no letter, and no reason to end.
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(_LOOK_SECONDS):
                    came = self._came()
                    if came is None:
                        self._leave(128 + signal.SIGHUP)
                        return
                    for event in parser.feed(decode(came)) if came else ():
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)

    def _came(self) -> bytes | None:
        """What was typed; None: nobody will ever type here again."""
        try:
            return os.read(self.fileno, 4096) or None
        except BlockingIOError:
            return b""  # another program has set this terminal so, and was quicker
        except OSError:
            return None

    def _asked(self, number: int, _frame: FrameType | None) -> None:
        self._leave(128 + number)

    def _leave(self, code: int) -> None:
        # From a thread, or in the middle of anything: the loop does it when it comes to it.
        with suppress(RuntimeError):  # it has ended already
            self._loop.call_soon_threadsafe(lambda: self._app.exit(return_code=code))


class _Forgiving:
    """A terminal to write to that may be gone: who waits for its writer thread would wait for ever."""

    def __init__(self, file: IO[str] | None) -> None:
        self._file = file

    def write(self, text: str) -> None:
        with suppress(OSError):
            if self._file is not None:
                self._file.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            if self._file is not None:
                self._file.flush()
