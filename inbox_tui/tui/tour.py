"""The first minute in the demo: one line that names the next thing to try, and goes on when it was done.

It looks at the screen and changes nothing; whoever does something else first is not held back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from inbox_tui.model import Direction, ReplyState
from inbox_tui.text import fit
from inbox_tui.tui.ink import Drawn, Line, Span, spread
from inbox_tui.tui.screens.inbox import InboxScreen
from inbox_tui.tui.sheet import wrap
from inbox_tui.tui.widgets.composer import Composer

LOOK_EVERY = 0.3
"""Seconds between two looks at what the agent has done."""


class Step(NamedTuple):
    """What to try, and how it is seen that it was done."""

    text: str
    done: Callable[[Tour], bool]


class Tour(Drawn):
    """Two lines above the bottom line."""

    def __init__(self) -> None:
        super().__init__(id="tour")
        self._at = 0
        self._began_with: int | None = None

    @property
    def inbox(self) -> InboxScreen:
        """The screen that it leads through."""
        assert isinstance(self.screen, InboxScreen)
        return self.screen

    def on_mount(self) -> None:
        self.set_interval(LOOK_EVERY, self._look)

    def _look(self) -> None:
        if not self.is_attached or not isinstance(self.screen, InboxScreen) or not self.screen.is_current:
            return
        before = self._at
        while self._at < len(STEPS) and STEPS[self._at].done(self):
            self._began_with = self.inbox.shown
            self._at += 1
        if self._at == len(STEPS):
            self.remove()
        elif self._at != before:
            self.changed()

    def lines(self, width: int) -> Sequence[Line]:
        if self._at >= len(STEPS):
            return []
        mark: Span = (f" tour {self._at + 1} of {len(STEPS)}  ", "accent")
        inset = len(mark[0])
        first, *rest = (*wrap(STEPS[self._at].text, max(20, width - inset - 15)), "")
        return [
            spread([mark, (first, "strong")], [(" F1 ends it ", "dim")], width),
            ((" " * inset, "plain"), (fit(" ".join(rest).rstrip(), max(1, width - inset)), "strong")),
        ]

    # --- what has been done

    def reads(self) -> bool:
        """A case is open."""
        return self.inbox.reading

    def writes(self) -> bool:
        """The composer is open."""
        return bool(self.inbox.query(Composer))

    def queued(self) -> bool:
        """A reply is on its way, or sent."""
        return any(state is not ReplyState.DRAFT for state in self._replies())

    def sent(self) -> bool:
        """A reply has its receipt."""
        return ReplyState.SENT in self._replies()

    def moved(self) -> bool:
        """Another case is open than the one that was answered."""
        return self.inbox.shown is not None and self.inbox.shown != self._began_with

    def _replies(self) -> list[ReplyState]:
        sheet = self.inbox.timeline.sheet
        entries = sheet.case.timeline if sheet is not None else ()
        return [e.state for e in entries if e.direction is Direction.OUT and e.state is not None]


STEPS = (
    Step("Who has waited longest stands on top: four days, three mails. Enter opens his case.", Tour.reads),
    Step("● marks what is owed an answer; the newest is below. r answers where he wrote last.", Tour.writes),
    Step("Write a line; Ctrl+S sends it. Nothing leaves this machine: it is a small world.", Tour.queued),
    Step("It goes out in some seconds, and u would take it back. Watch how his clock stops.", Tour.sent),
    Step("Answered. Tab goes to who waits longest now: on X, on Facebook, wherever.", Tour.moved),
    Step("e closes a case, b puts it off, / finds anything, ? shows every key, q leaves.", Tour.writes),
)
