"""What a terminal sends for Esc and a key behind it, where both arrive as one. Knows no act.

The same bytes are Alt and that key, and tmux waits up to half a second to make one of the two. Textual reads
some of them as a letter with Alt, some as the key alone, some as other keys. No key here has Alt (`keys`).
"""

from __future__ import annotations

from collections.abc import Iterable

from textual._xterm_parser import XTermParser
from textual.events import Event, Key
from textual.widget import Widget

_BEHIND = "alt+"
_ANSWERS = frozenset("[O]P^_X\\")
"""Behind these goes on what a terminal sends for other keys, or answers (ECMA-48, 5.3 and 5.6)."""
_WORDS = {"b": "ctrl+left", "f": "ctrl+right"}
"""What terminals of macOS send for a word back and forth."""


class Together(XTermParser):
    """Reads Esc and a key behind it as one key, ``alt+…``, whichever that is."""

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[Key]:
        if not alt:
            alt = len(sequence) == 2 and sequence[1].isprintable() and sequence[1] not in _ANSWERS
            sequence = sequence[1:] if alt else sequence
        for key in super()._sequence_to_key_events(sequence):
            yield Key(_BEHIND + key.key, key.character) if alt else key


def apart(event: Event, focused: Widget | None) -> list[Event]:
    """The keys that are meant: Esc, and the one behind it; where text is typed, words back and forth."""
    if not (isinstance(event, Key) and event.key.startswith(_BEHIND) and event.character):
        return [event]
    name = event.key.removeprefix(_BEHIND)
    if name in _WORDS and focused is not None and focused.check_consume_key(name, name):
        return [Key(_WORDS[name], None)]
    return [Key("escape", "\x1b"), Key(name, event.character)]
