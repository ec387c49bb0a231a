"""Recorded-style answers of the platforms, and ways to spoil them."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

DATA = Path(__file__).parent / "data"

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
"""Whatever JSON can hold, lone surrogates and NaN too."""


def load(name: str) -> dict[str, Any]:
    """An answer of the folder ``data``."""
    answer: dict[str, Any] = json.loads((DATA / name).read_text(encoding="utf-8"))
    return answer


def places(value: Any, so_far: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value inside, the whole included."""
    yield so_far
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield from places(inner, (*so_far, key))


@st.composite
def spoiled(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """An answer in which up to three values became anything at all, or went away."""
    answer = copy.deepcopy(load(name))
    for _ in range(draw(st.integers(1, 3))):
        ways = [way for way in places(answer) if way]
        if not ways:
            break
        way = draw(st.sampled_from(ways))
        holder = answer
        for step in way[:-1]:
            holder = holder[step]
        if draw(st.booleans()):
            holder[way[-1]] = draw(anything)
        else:
            del holder[way[-1]]
    return answer
