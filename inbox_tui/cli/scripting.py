"""``completion`` and ``man``: what shells and manuals want to know, from the one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inbox_tui import __version__
from inbox_tui.cli.table import GLOBALS, REQUIRED
from inbox_tui.cli.table.whole import COMMANDS

if TYPE_CHECKING:
    from inbox_tui.cli.call import Call
    from inbox_tui.cli.table import Param

PROGRAM = "inbox-tui"
_VARIABLE = "_INBOX_TUI_COMPLETE"
_AFTER = {
    "EXIT STATUS": {
        "0": "Done; for reply: sent.",
        "1": "No such case, or nothing to do; for doctor: something is to be mended.",
        "2": "Usage or configuration; the message names file and key.",
        "3": "Certainly not sent, and withdrawn: try again; for fetch: an account failed.",
        "4": "Refused by the platform for good.",
        "5": "Queued, or nobody knows whether it arrived: do not repeat.",
        "6": "reply holds the text back: something speaks against it; --force sends it all the same.",
        "70": "A fault of inbox-tui itself; the message says where the log is.",
        "129, 143": "The interface was left because its terminal is gone, or at SIGTERM.",
        "130": "Interrupted.",
        "141": "The reader of the output went away.",
    },
    "FILES": {
        "~/.config/inbox-tui/config.toml": "The configuration, where no other is named.",
        "~/.local/share/inbox-tui/inbox.db": "The store, where no other is named.",
    },
    "ENVIRONMENT": {"INBOX_TUI_CONFIG": "The configuration file.", "NO_COLOR": "No colours."},
}
"""What stands behind the subcommands: section -> name -> meaning."""


def completion(call: Call, shell: str) -> int:
    """Print the script that a shell evaluates."""
    from click.shell_completion import get_completion_class

    from inbox_tui.cli.parser import group

    kind = get_completion_class(shell)
    assert kind is not None
    script = kind(group(lambda *_: 0), {}, PROGRAM, _VARIABLE).source()
    # click's script for fish ends a word at its first comma: tags have some, and what is said of a case. It
    # sorts by the alphabet, too, where who waits longest comes first.
    script = script.replace('string split ","', 'string split -m 1 ","')
    for line in script.replace("complete --no-files", "complete --no-files --keep-order").splitlines():
        call.out.raw(line)
    return 0


def man(call: Call) -> int:
    """Print the manual page."""
    for line in manual():
        call.out.raw(line)
    return 0


def manual() -> list[str]:
    """The lines of the manual page."""
    lines = [f'.TH INBOX-TUI 1 "" "inbox-tui {__version__}"', ".SH NAME"]
    lines += [_text("inbox-tui - one customer, one case, one clock, in a terminal"), ".SH SYNOPSIS"]
    lines += [".B inbox-tui", _text("[OPTIONS] [COMMAND] [ARGUMENTS]"), ".SH DESCRIPTION"]
    lines += [_text("Without a subcommand the inbox opens in this terminal."), ".SH OPTIONS"]
    for option in GLOBALS:
        lines += _described(option)
    lines.append(".SH SUBCOMMANDS")
    for command in COMMANDS.values():
        arguments = " ".join(_argument(p) for p in command.params if not p.is_option)
        lines += [".SS " + _text(f"{command.name} {arguments}".strip())]
        for part in command.help.split("\n\n"):
            lines += [".PP", *_paragraph(part)]
        for option in command.params:
            if option.is_option and not option.hidden and option.name != "json":
                lines += _described(option)
        lines += [".PP", "Example:", ".RS", ".nf", _text(command.example), ".fi", ".RE"]
    for head, entries in _AFTER.items():
        lines.append(f".SH {head}")
        for name, meaning in entries.items():
            lines += [".TP", ".B " + _text(name), _text(meaning)]
    return lines


def _argument(param: Param) -> str:
    """As the help spells it: in brackets where it may be left out."""
    name = f"{param.metavar}..." if param.many else "|".join(param.choices) or param.metavar
    return name if param.default is REQUIRED else f"[{name}]"


def _described(option: Param) -> list[str]:
    shown = option.spelled if option.flag else f"{option.spelled} {option.metavar}"
    return [".TP", ".B " + _text(shown), *_paragraph(option.help)]


def _paragraph(part: str) -> list[str]:
    if part.startswith("\b\n"):
        return [".nf", *(_text(line) for line in part.splitlines()[1:]), ".fi"]
    return [_text(" ".join(part.split()))]


def _text(text: str) -> str:
    """Text that roff takes as text: no escape, no request at the beginning of a line."""
    safe = text.replace("\\", "\\e").replace("-", "\\-")
    safe = "".join(char if char.isascii() else f"\\[u{ord(char):04X}]" for char in safe)
    return "\\&" + safe if safe[:1] in (".", "'") else safe
