"""Subcommands for scripts and shells."""

from __future__ import annotations

from inbox_tui.cli.table.base import Param, Subcommand

_WATCH_HELP = """Print a line for everything that happens: a message that came or went, an act of an agent.

With --json a message is the object that `show` prints, an act is of the type `event`; an account is printed
when it begins to fail, and when it is well again. It begins with what happens from now on; --after begins
behind a message, so that a script can go on where it stopped."""

_COMPLETION_HELP = """Print the completion of a shell: subcommands, options, values, and the numbers of cases.

\b
bash: eval "$(inbox-tui completion bash)"            in ~/.bashrc
zsh:  eval "$(inbox-tui completion zsh)"             in ~/.zshrc
fish: inbox-tui completion fish > ~/.config/fish/completions/inbox-tui.fish"""

SCRIPTING = (
    Subcommand(
        "watch",
        "watching:watch",
        "A line for everything that happens.",
        _WATCH_HELP,
        "inbox-tui watch --json",
        (
            Param("--after", "Begin behind this message.", kind=int, metavar="MESSAGE", least=0),
            Param("--once", "Print what is there, and end.", flag=True),
        ),
    ),
    Subcommand(
        "completion",
        "scripting:completion",
        "Completion for bash, zsh and fish.",
        _COMPLETION_HELP,
        "inbox-tui completion bash",
        (Param("SHELL", required=True, choices=("bash", "zsh", "fish")),),
    ),
    Subcommand(
        "man",
        "scripting:man",
        "The manual page.",
        "Print the manual page, in roff.",
        "inbox-tui man | man -l -",
    ),
)
