"""What counts as the same word: strasse and Straße, muller and Müller, Cafe and café.

The one rule for what is indexed, what is asked and what is marked. Pure functions.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Written without blanks between words: each character is a word of its own, what is asked a phrase.
_DENSE = re.compile("([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])")
_ACCENTS = re.compile("[\u0300-\u036f]+")
# Blocks in which other combining marks stand: only their texts are looked at letter by letter.
_MARKED = re.compile(
    "[\u0483-\u1fff\u20d0-\u20ff\u2cef-\u2dff\u302a-\u309a\ua66f-\uabff\ufb1e\ufe20-\ufe2f\U00010000-\U0001efff]"
)
_WORD = re.compile(r"[^\W_]+")
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_SIGNS = re.compile(r"[\W_]+")
_BEYOND = re.compile("[^\x00-\x7f]+")
_SHORT = 16
"""Runs up to this length are remembered: mostly a letter, or an emoji or two."""


def fold(text: str) -> str:
    """Letters alone, small, without marks."""
    if text.isascii():
        return text.lower()
    spread = _ACCENTS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    if spread.isascii():
        return spread.lower()
    if _MARKED.search(spread):
        spread = "".join(char for char in spread if not unicodedata.combining(char))
    return spread.casefold()


def spaced(text: str) -> str:
    """A text folded, for the index, in which every word stands by itself.

    ASCII stays as it is, the index itself folds and cuts it. Its own tables know other letters than ours,
    older or newer: beyond ASCII it is given words alone.
    """
    return text if text.isascii() else _BEYOND.sub(_spaced, text)


def _spaced(match: re.Match[str]) -> str:
    run = match.group()
    return _spaced_run(run) if len(run) <= _SHORT else _spaced_run.__wrapped__(run)


@lru_cache(4096)
def _spaced_run(run: str) -> str:
    """What stands between ASCII folds by itself: no letter changes with the ASCII beside it."""
    return _SIGNS.sub(" ", _DENSE.sub(r" \1 ", fold(run)))


def words(folded: str) -> list[str]:
    """The words of a folded text, as the index cuts them."""
    return _WORD.findall(folded if folded.isascii() else _DENSE.sub(r" \1 ", folded))


@lru_cache(4096)
def _folded(char: str) -> str:
    return fold(char)


def places(text: str, wanted: str, *, prefix: bool = False) -> list[tuple[int, int]]:
    """Where a folded word or phrase stands in a text that was not folded: begin and end of each place.

    A word begins where a word begins, and ends where one ends unless it is a prefix.
    """
    if text.isascii():
        lower = text.lower()
        return _standing(lower, wanted, prefix=prefix) if wanted in lower else []
    folded = fold(text)
    if wanted not in folded:
        return []
    if all(len(_folded(char)) == 1 for char in _FOREIGN.findall(text)):
        return _standing(folded, wanted, prefix=prefix)  # as mostly: letter for letter
    pieces = [_folded(char) for char in text]
    at: list[int] = [place for place, piece in enumerate(pieces) for _ in piece]
    found = _standing("".join(pieces), wanted, prefix=prefix)
    return [(at[begin], _through(pieces, at[end - 1] + 1)) for begin, end in found]


def _through(pieces: list[str], end: int) -> int:
    """The end of a place with the marks that stand on its last letter."""
    while end < len(pieces) and not pieces[end]:
        end += 1
    return end


def stands(folded: str, wanted: str, *, prefix: bool = False) -> bool:
    """Whether a folded word or phrase stands in a folded text."""
    return _next(folded, wanted, 0, prefix=prefix) >= 0


def _standing(folded: str, wanted: str, *, prefix: bool) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    start = _next(folded, wanted, 0, prefix=prefix)
    while start >= 0:
        found.append((start, start + len(wanted)))
        start = _next(folded, wanted, start + 1, prefix=prefix)
    return found


def _next(folded: str, wanted: str, start: int, *, prefix: bool) -> int:
    """Where it begins the next time; -1: nowhere."""
    start = folded.find(wanted, start) if wanted else -1
    while start >= 0:
        if _begins(folded, start) and (prefix or _ends(folded, start + len(wanted))):
            return start
        start = folded.find(wanted, start + 1)
    return -1


def _begins(folded: str, at: int) -> bool:
    return at == 0 or not _joined(folded[at - 1], folded[at])


def _ends(folded: str, at: int) -> bool:
    return at == len(folded) or not _joined(folded[at - 1], folded[at])


def _joined(left: str, right: str) -> bool:
    """Both are of one word."""
    if left == " " or right == " ":
        return False  # as mostly
    if not (left.isalnum() and right.isalnum()):
        return False
    if left.isascii() and right.isascii():
        return True
    return not _DENSE.fullmatch(left) and not _DENSE.fullmatch(right)
