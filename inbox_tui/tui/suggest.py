"""What a prompt suggests while something is typed. Pure: it only looks up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple


class Option(NamedTuple):
    """A suggestion: what it puts into the line, and what it means."""

    text: str
    meaning: str = ""
    short: str = ""
    """How the list shows it, where all of it would not tell it from its neighbours."""
    key: str = ""
    """The key that does it without being asked."""


Suggest = Callable[[str], Sequence[Option]]
"""From what was typed to what may be meant, the likeliest first."""


def matching(options: Sequence[Option], *, free: bool = False) -> Suggest:
    """Those that begin with what was typed; what is none of them stands by itself.

    free: it may stand by itself, too, where others begin with it, and comes last then.
    """

    def suggest(typed: str) -> Sequence[Option]:
        wanted = typed.strip().casefold()
        found = [option for option in options if option.text.casefold().startswith(wanted)]
        if wanted and (free or not found) and wanted not in {option.text.casefold() for option in found}:
            return [*found, Option(typed.strip(), "as you typed it" if found else "")]
        return found

    return suggest


def tags(known: Sequence[str], has: Sequence[str]) -> Suggest:
    """Completes the last word: tags to put on, and with a minus those to take off."""

    def suggest(typed: str) -> Sequence[Option]:
        before, _, word = typed.rpartition(" ")
        lead = f"{before} " if before else ""
        if word.startswith("-"):
            return [Option(f"{lead}-{tag}", "take off") for tag in has if tag.startswith(word[1:])]
        fresh = [tag for tag in known if tag not in has and tag.startswith(word)]
        found = [Option(f"{lead}{tag}") for tag in fresh]
        return found + [Option(f"{lead}-{tag}", "take off") for tag in has if not word]

    return suggest


def last_word(options: Sequence[Option]) -> Suggest:
    """Completes the last of several words; what stands before it stays."""

    def suggest(typed: str) -> Sequence[Option]:
        before, _, word = typed.rpartition(" ")
        lead, taken = (f"{before} " if before else ""), before.split()
        left = [one for one in options if one.text not in taken and one.text.startswith(word)]
        return [Option(f"{lead}{one.text}", one.meaning, one.text) for one in left]

    return suggest


def fuzzy(options: Sequence[Option]) -> Suggest:
    """Those that hold the letters that were typed in this order, the closest first."""
    from textual.fuzzy import FuzzySearch

    search = FuzzySearch()

    def suggest(typed: str) -> Sequence[Option]:
        wanted = typed.strip()
        if not wanted:
            return options
        scored = [(search.match(wanted, f"{one.text} {one.meaning}")[0], one) for one in options]
        # A name that fits counts for more than words of the text that do.
        scored = [(score + search.match(wanted, one.text)[0], one) for score, one in scored if score > 0]
        return [one for _, one in sorted(scored, key=lambda pair: -pair[0])]

    return suggest


def anywhere(options: Sequence[Option]) -> Suggest:
    """Those that hold every word that was typed, in their name or their meaning; names first."""

    def suggest(typed: str) -> Sequence[Option]:
        words = typed.casefold().split()
        named = [one for one in options if all(word in one.text.casefold() for word in words)]
        meant = [
            one
            for one in options
            if one not in named and all(word in f"{one.text} {one.meaning}".casefold() for word in words)
        ]
        return [*named, *meant]

    return suggest
