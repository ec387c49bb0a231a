"""Questions on a terminal, asked on stderr: stdout is data."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from inbox_tui.cli.call import Call


def can_ask(call: Call) -> bool:
    """Whether somebody sits there who can answer."""
    return sys.stdin.isatty() and sys.stderr.isatty() and not call.out.json


def ask(question: str, default: str | None = None, *, hidden: bool = False) -> str:
    """An answer. default: what Enter means; None: there must be one. hidden: it is not shown."""
    import click

    try:
        return str(
            click.prompt(question, default=default, hide_input=hidden, show_default=bool(default), err=True)
        ).strip()
    except click.Abort:
        raise KeyboardInterrupt from None


def choose(question: str, among: Collection[str], default: str) -> str:
    """One of several words; an unmistakable beginning is enough."""
    while True:
        answer = ask(f"{question} ({', '.join(among)})", default).lower()
        found = [word for word in among if word == answer] or [w for w in among if w.startswith(answer)]
        if len(found) == 1:
            return found[0]
        tell(f"{', '.join(among)}: one of these, please.")


def confirm(question: str, *, default: bool = False) -> bool:
    """Yes or no."""
    import click

    try:
        return click.confirm(question, default=default, err=True)
    except click.Abort:
        raise KeyboardInterrupt from None


def tell(text: str) -> None:
    """Words for whoever answers, wrapped; a line that begins with a blank stays as it is."""
    import click

    width = min(100, shutil.get_terminal_size().columns)
    for line in text.split("\n"):
        click.echo(line if line[:1] in ("", " ") else click.wrap_text(line, width), err=True)
