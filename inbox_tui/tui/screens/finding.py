"""The inbox screen as far as an agent searches: as he types, and by views that the configuration saves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work
from textual.timer import Timer

from inbox_tui.errors import InboxError
from inbox_tui.tui import keys, reads
from inbox_tui.tui.screens.triage import TriageScreen
from inbox_tui.tui.suggest import Option

if TYPE_CHECKING:
    from inbox_tui.tui.widgets.prompt import Prompt

TYPED_AFTER = 0.12
"""Seconds that the keys must rest before it is searched."""


class FindingScreen(TriageScreen):
    """The screen with its search."""

    _resting: Timer | None = None
    _before = ""
    """The view to go back to."""
    _before_case: int | None = None
    """Where the cursor stood in it."""
    _completions: tuple[str, ...] = ()
    _searching = ""

    def action_search(self) -> None:
        """Ask for words; what is found so far fills the list while they are typed."""
        self._remember()
        begun = self.view.removeprefix(reads.SEARCH) if self.view.startswith(reads.SEARCH) else ""
        self.status.clear()
        self._put_away()
        self._to_queue()
        self._searching, self._completions = begun, ()
        self.ask(
            "/",
            lambda _: [Option(text) for text in self._completions],
            self._search_for,
            choose=False,
            text=begun,
        )

    def on_prompt_typed(self, event: Prompt.Typed) -> None:
        if event.prompt is not self._prompt or self._answer != self._search_for:
            return
        self._searching = event.text
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(TYPED_AFTER, lambda: self._look(event.text))

    def _look(self, text: str) -> None:
        if self._prompt is not None and text == self._searching:
            self._complete(text)
            if text.strip():
                self._show_search(f"{reads.TYPING}{text}")

    @work(thread=True, exclusive=True, group="complete", exit_on_error=False)
    def _complete(self, text: str) -> None:
        try:
            found = self.inbox.search.complete(text)
        except InboxError:
            found = ()  # the list itself says what is wrong with the store
        self.app.call_from_thread(self._take_completions, text, found)

    def _take_completions(self, text: str, found: tuple[str, ...]) -> None:
        if self._prompt is not None and text == self._searching:
            self._completions = found
            self._prompt.refresh_options()

    def _search_for(self, text: str) -> None:
        self._completions = ()
        if self._resting is not None:
            self._resting.stop()
        if text.strip():
            self._show_search(text.strip())
        else:
            self.leave_search()

    def _show_search(self, query: str) -> None:
        self.queue.unmark()
        self.open_view(reads.SEARCH + query)

    def leave_search(self) -> bool:
        """Back to where one was; False where nothing is searched."""
        if not self.view.startswith(reads.SEARCH):
            return False
        self.open_view(self._before or "waiting", self._before_case)
        return True

    def _remember(self) -> None:
        """Where one is now, to come back to it."""
        if not self.view.startswith(reads.SEARCH):
            self._before, self._before_case = self.view, self.queue.case

    def prompt_left(self) -> None:
        """The agent went back from the prompt: what he had found so far goes, too."""
        self._completions = ()
        self.leave_search()

    def action_saved(self, number: int) -> None:
        """A view that the configuration saves."""
        saved = self.config.views[number]
        self._remember()
        self._put_away()
        self._to_queue()
        self.status.tell(f"{saved.name}: {saved.query} · {keys.told('inbox.back')} goes back")
        self._show_search(saved.query)
