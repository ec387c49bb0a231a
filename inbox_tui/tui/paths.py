"""Paths as a prompt completes them. Reads folders: never on the loop."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from inbox_tui.text import clean
from inbox_tui.tui import words
from inbox_tui.tui.suggest import Option

MOST = 5000
"""Entries of a folder that are looked at."""
HOME = "~/"


def complete(typed: str, *, folders: bool = False, root: Path | None = None) -> tuple[Option, ...]:
    """What a path may go on with, folders with a slash at their end. folders: those alone.

    Nothing typed is the agent's home; upper and lower case are one. root: from there, and nothing outside of
    it; None: from everywhere. What cannot be read has no completions.
    """
    typed = typed if root else typed or HOME
    lead, slash, begun = typed.rpartition("/")
    try:
        folder = Path(f"{lead}{slash}" or ".")
        folder = (root / folder).resolve() if root else folder.expanduser()
        if root and not folder.is_relative_to(root):
            return ()
        found = sorted(_entries(folder, begun, folders), key=lambda pair: (not pair[1], pair[0].casefold()))
    except (OSError, RuntimeError, ValueError):
        return ()
    return tuple(
        Option(f"{lead}{slash}{name}/", "folder", f"{name}/")
        if is_folder
        else Option(f"{lead}{slash}{name}", words.size(size), name)
        for name, is_folder, size in found
    )


def _entries(folder: Path, begun: str, folders: bool) -> Iterator[tuple[str, bool, int]]:
    with os.scandir(folder) as entries:
        for entry in islice(entries, MOST):
            name = entry.name
            if not name.casefold().startswith(begun.casefold()) or (
                name.startswith(".") and not begun.startswith(".")
            ):
                continue
            # What cannot be shown cannot be chosen either.
            if clean(name, multiline=False) != name:
                continue
            try:
                is_folder = entry.is_dir()
                if is_folder or (entry.is_file() and not folders):
                    yield name, is_folder, entry.stat().st_size
            except OSError:
                continue


def offered(known: tuple[Option, ...], typed: str) -> list[Option]:
    """Of what was completed last that which still fits; what is none of it stands by itself."""
    found = [one for one in known if one.text.casefold().startswith(typed.casefold())]
    if typed.strip() and typed not in {one.text for one in found}:
        found.append(Option(typed, "as you typed it" if found else ""))
    return found
