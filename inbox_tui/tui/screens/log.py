"""The log file of this program: what went wrong, the newest last."""

from __future__ import annotations

from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.screen import Screen

from inbox_tui import logs
from inbox_tui.text import clean
from inbox_tui.tui import keys
from inbox_tui.tui.ink import Line
from inbox_tui.tui.screens.help import Hints, explain
from inbox_tui.tui.widgets.pick import Label, Pick

_LINES = 500


class LogRead(Message):
    """The end of the log is here."""

    def __init__(self, lines: tuple[str, ...], said: str) -> None:
        self.lines, self.said = lines, said
        super().__init__()


class LogScreen(Screen[None]):
    """What stands in the log file."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.LOG]

    def compose(self) -> ComposeResult:
        where = logs.path()
        name = clean(str(where), multiline=False) if where else "is not written: its folder cannot be used"
        yield Label(((" The log ", "strong"), (name, "dim")), (), id="title")
        yield Pick([], empty=[((" Reading …", "dim"),)])
        yield Hints(keys.LOG)

    def on_mount(self) -> None:
        self.query_one(Pick).focus()
        self._read()

    @work(thread=True, exclusive=True, group="log", exit_on_error=False)
    def _read(self) -> None:
        where = logs.path()
        try:
            lines = tuple(logs.tail(where, _LINES)) if where else ()
            self.post_message(LogRead(lines, "Nothing went wrong so far."))
        except FileNotFoundError:
            self.post_message(LogRead((), "Nothing went wrong so far."))
        except OSError as error:
            self.post_message(LogRead((), f"It cannot be read: {error.strerror}"))

    @on(LogRead)
    def _show(self, read: LogRead) -> None:
        pick = self.query_one(Pick)
        items: list[list[Line]] = [
            [((clean(line, multiline=False), "trouble" if " ERROR " in line else "plain"),)]
            for line in read.lines
        ]
        pick.show(items, empty=[((f" {read.said}", "dim"),)])
        pick.action_last()

    def action_again(self) -> None:
        self._read()

    def action_help(self) -> None:
        explain(self, "in the log", keys.LOG)

    def action_close(self) -> None:
        self.dismiss(None)
