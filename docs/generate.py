"""Writes docs/keys.md and the list of subcommands in docs/cli.md from the tables of the code.

Run it after a change of a key, an option or a help text: python docs/generate.py
A test fails while the files differ from what it would write.
"""

from __future__ import annotations

import sys
from pathlib import Path

from click import Context

from inbox_tui.cli.parser import group
from inbox_tui.cli.table.whole import COMMANDS
from inbox_tui.tui.keys import GROUPS, names

DOCS = Path(__file__).parent
BEGIN = "<!-- written by docs/generate.py: begin -->"
END = "<!-- end -->"
_WIDTH = 100


def keys() -> str:
    """The page of all keys."""
    out = [
        "# Keys\n",
        "Press `?` for them in the inbox. None needs Alt, and each works over SSH and in tmux.\n",
        "The table `[keys]` of the configuration gives an act other keys, by its name in the last column:\n",
        '`"inbox.done" = "d"`, or several as `"d,ctrl+d"`.\n',
    ]
    for title, bindings in GROUPS:
        out += [f"## {' '.join(title.split())}\n", "| key | what it does | name |", "|---|---|---|"]
        out += [
            f"| `{names(b)}` | {b.tooltip} | `{b.id}` |"
            for b in bindings
            if b.description and not (b.id or "").removeprefix("inbox.view").isdigit()
        ]
        if title == "Inbox":
            out.append(
                "| `1` – `9` | The views of the list, in their order | `inbox.view1` – `inbox.view9` |"
            )
        out.append("")
    return "\n".join(out)


def commands() -> str:
    """The help of every subcommand, as the terminal shows it."""
    root = group(lambda *_: 0)
    context = Context(root, info_name="inbox-tui", terminal_width=_WIDTH, max_content_width=_WIDTH)
    out = ["```", root.get_help(context), "```", ""]
    for name in COMMANDS:
        command = root.get_command(context, name)
        assert command is not None
        inner = Context(
            command, info_name=name, parent=context, terminal_width=_WIDTH, max_content_width=_WIDTH
        )
        out += [f"### {name}", "", "```", command.get_help(inner), "```", ""]
    return "\n".join(line.rstrip() for line in "\n".join(out).splitlines())


def cli(page: str) -> str:
    """The page of the command line, with its list of subcommands as the code has it."""
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n\n{commands()}\n\n{END}{tail}"


def pages() -> dict[Path, str]:
    """Every page that is written here, with what should stand in it."""
    at = DOCS / "cli.md"
    return {DOCS / "keys.md": keys(), at: cli(at.read_text("utf-8"))}


def main() -> int:
    """Write the pages."""
    for path, text in pages().items():
        path.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
