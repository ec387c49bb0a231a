"""Lists of values for ``IN (…)``, and how many rows are wanted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
_SIZES = (1, 2, 5, 10, 20, 55, 100, 200, 500)
LIMIT = "LIMIT ? + 0"
"""A bare ``LIMIT ?`` goes into the plan: SQLite prepares the statement anew each time that it is given a number."""


def parts(values: Sequence[T]) -> Iterator[list[T]]:
    """The values in lists for IN, the last of them repeated up to one of few lengths.

    A statement that SQLite has met before need not be prepared again.
    """
    for at in range(0, len(values), _SIZES[-1]):
        part = list(values[at : at + _SIZES[-1]])
        wanted = next(size for size in _SIZES if size >= len(part))
        yield part + part[-1:] * (wanted - len(part))


def marks(values: Sequence[object]) -> str:
    """Placeholders for an IN list."""
    return ",".join("?" * len(values))
