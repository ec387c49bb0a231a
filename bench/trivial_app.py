"""The least that a Textual app can be: one row of text. What `start` compares with."""

from textual.app import App, ComposeResult
from textual.widgets import Static

ROW = "the-first-row"


class Trivial(App[None]):
    """One row."""

    def compose(self) -> ComposeResult:
        yield Static(ROW)


if __name__ == "__main__":
    Trivial().run()
