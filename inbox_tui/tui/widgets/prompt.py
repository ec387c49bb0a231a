"""One line at the bottom that asks for something, with suggestions over it. Knows not what is asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input

from inbox_tui.text import cell_width, fit, snippet
from inbox_tui.tui import keys
from inbox_tui.tui.ink import Drawn, Line
from inbox_tui.tui.suggest import Option, Suggest
from inbox_tui.tui.widgets import fields

SHOWN = 7
"""Suggestions in sight."""


class Prompt(Vertical):
    """Asks; posts `Answered` once."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.PROMPT]

    class Answered(Message):
        """The agent is through; answer: what he chose or typed, None where he went back."""

        def __init__(self, prompt: Prompt, answer: str | None) -> None:
            self.prompt = prompt
            self.answer = answer
            super().__init__()

    class Typed(Message):
        """What stands in the line now."""

        def __init__(self, prompt: Prompt, text: str) -> None:
            self.prompt = prompt
            self.text = text
            super().__init__()

    def __init__(
        self, title: str, suggest: Suggest, *, text: str = "", choose: bool = True, instead: bool = False
    ) -> None:
        """choose: Enter takes the suggestion under the cursor; else what was typed, and Tab takes it.

        instead: the text is only proposed: what is typed stands instead of it, not behind it.
        """
        super().__init__()
        self._title = title
        self._suggest = suggest
        self._text = text
        self._choose = choose
        self._options = _Options()
        self.line = fields.Line(text, select_on_focus=instead, compact=True)

    def compose(self) -> ComposeResult:
        yield self._options
        with Horizontal():
            yield _Title(self._title)
            yield self.line

    def on_mount(self) -> None:
        self._options.take(self._suggest(self._text))
        self.line.focus()

    def refresh_options(self) -> None:
        """What may be meant has changed."""
        self._options.take(self._suggest(self.line.value))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._options.take(self._suggest(event.value))
        self.post_message(self.Typed(self, event.value))

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        option = self._options.chosen
        self.post_message(self.Answered(self, option.text if option and self._choose else event.value))

    def action_back(self) -> None:
        self.post_message(self.Answered(self, None))

    def action_take(self) -> None:
        option = self._options.chosen
        if option is not None:
            self.line.value = option.text
            self.line.cursor_position = len(option.text)

    def action_choose(self, by: int) -> None:
        self._options.move(by)


class _Title(Drawn):
    """What is asked."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = f" {title} "
        self.styles.width = cell_width(self._title)

    def lines(self, width: int) -> Sequence[Line]:
        return [((fit(self._title, width), "accent"),)]


class _Options(Drawn):
    """The suggestions, one of them chosen."""

    def __init__(self) -> None:
        super().__init__()
        self._options: tuple[Option, ...] = ()
        self._index = 0

    @property
    def chosen(self) -> Option | None:
        """The one under the cursor."""
        return self._options[self._index] if self._options else None

    def take(self, options: Sequence[Option]) -> None:
        """Other suggestions."""
        self._options, self._index = tuple(options), 0
        self.styles.height = min(SHOWN, len(options))
        self.changed()

    def move(self, by: int) -> None:
        """Choose another one."""
        if self._options:
            self._index = (self._index + by) % len(self._options)
            self.changed()

    def lines(self, width: int) -> Sequence[Line]:
        first = max(0, min(self._index - SHOWN // 2, len(self._options) - SHOWN))
        shown = list(enumerate(self._options))[first : first + SHOWN]
        most = max((cell_width(option.short or option.text) for _, option in shown), default=0)
        keyed = max((cell_width(option.key) for _, option in shown), default=0)
        return [
            _drawn(option, min(width // 2, most), keyed, chosen=number == self._index)
            for number, option in shown
        ]


def _drawn(option: Option, wide: int, keyed: int, *, chosen: bool) -> Line:
    """One suggestion: its name, its key where one of them has one, what it means."""
    name = fit(snippet(option.short or option.text, 200), wide)
    return (
        ("  ▌ " if chosen else "    ", "accent"),
        (name, "strong" if chosen else "plain"),
        (f"   {fit(option.key, keyed)}" if keyed else "", "accent"),
        (f"   {snippet(option.meaning, 120)}", "dim"),
    )
