"""Reads an argument list against the table without click, where it is plain; else says None.

Importing click takes three times as long as an empty Python: scripts that call a subcommand in a loop, and
the eye that waits for `list`, should not pay for help they did not ask for. Whatever is not plain (help,
abbreviations, ``--``, mistakes) is left to `parser`, which knows how to explain it.
"""

from __future__ import annotations

import os

from inbox_tui.cli.table import GLOBALS, REQUIRED, Param, find

Values = dict[str, object]


def read(argv: list[str]) -> tuple[str | None, Values, Values] | None:
    """(subcommand, global options, its own values), as click would read them; None where it is not plain.

    No subcommand: the interface is meant.
    """
    globals_ = {p.spelled: p for p in GLOBALS}
    options: Values = {p.name: p.default for p in GLOBALS}
    at = 0
    while at < len(argv) and argv[at].startswith("-"):
        taken = _option(argv, at, globals_, options)
        if not taken:
            return None
        at += taken
    if at == len(argv):
        return None if "_INBOX_TUI_COMPLETE" in os.environ else (None, options, {})
    command = find(argv[at])
    if command is None or any(param.many and not param.is_option for param in command.params):
        return None
    values = _own(argv, at + 1, command.params)
    return None if values is None else (command.name, options, values)


def _own(argv: list[str], at: int, params: tuple[Param, ...]) -> Values | None:
    options = {p.spelled: p for p in params if p.is_option}
    arguments = [p for p in params if not p.is_option]
    values: Values = {p.name: p.default for p in params}
    while at < len(argv):
        word = argv[at]
        if word.startswith("-") and word != "-":
            taken = _option(argv, at, options, values)
            if not taken:
                return None
            at += taken
            continue
        if not arguments or not _put(arguments.pop(0), word, values):
            return None
        at += 1
    return None if any(value is REQUIRED for value in values.values()) else values


def _option(argv: list[str], at: int, known: dict[str, Param], values: Values) -> int:
    """Take the option at this place; how many words it took, 0 where it is not plain."""
    word, equals, value = argv[at].partition("=")
    param = known.get(word)
    if param is None:
        return 0
    if param.flag:
        if equals:
            return 0
        values[param.name] = True
        return 1
    if equals:
        return 1 if _put(param, value, values) else 0
    if at + 1 == len(argv) or argv[at + 1].startswith("-"):
        return 0
    return 2 if _put(param, argv[at + 1], values) else 0


def _put(param: Param, word: str, values: Values) -> bool:
    if param.choices and word not in param.choices:
        return False
    if param.many:
        values[param.name] = (*_given(values[param.name]), word)
        return True
    if param.kind is not int:
        values[param.name] = word
        return True
    if not (word.isascii() and word.isdigit()) or len(word) > 18:
        return False
    number = int(word)
    values[param.name] = number
    return param.least is None or number >= param.least


def _given(before: object) -> tuple[object, ...]:
    return before if isinstance(before, tuple) else ()
