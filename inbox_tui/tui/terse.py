"""The same picture in fewer bytes: over SSH the bytes are the latency.

Textual names the whole style of every piece of text and takes it back behind it, moves the cursor to where it
is about to be moved from, and colours blanks. Here only what differs from what the terminal already has goes
out, in the 256 colours that every terminal and tmux shows alike. At the end of each write the terminal stands
where Textual left it: whoever writes next may rely on it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from rich.color import Color, ColorSystem
from textual.driver import Driver


class Look(NamedTuple):
    """How a terminal writes: what SGR (ECMA-48 8.3.117) has set."""

    attributes: frozenset[str] = frozenset()
    ink: str = "39"
    ground: str = "49"


PLAIN = Look()

_SEQUENCE = re.compile(r"\x1b\[([\d;]*)([mH])")
_ENDED_BY = (
    dict.fromkeys(("1", "2"), "22") | dict.fromkeys(("4", "21"), "24") | dict.fromkeys(("5", "6"), "25")
)
_ENDED_BY |= {"3": "23", "7": "27", "8": "28", "9": "29", "53": "55"}
"""SGR parameter that sets an attribute, and the one that ends it."""
_ON_BLANKS = frozenset({"4", "21", "7", "9", "53"})
"""Attributes that show where nothing but blanks is written."""


@lru_cache(4096)
def _styled(look: Look, codes: str) -> Look | None:
    """The look after these SGR parameters; None where one of them is not known here."""
    rest = codes.split(";")
    attributes, ink, ground = set(look.attributes), look.ink, look.ground
    while rest:
        code = rest.pop(0)
        if code in ("", "0"):
            attributes, ink, ground = set(), PLAIN.ink, PLAIN.ground
        elif code in _ENDED_BY:
            attributes.add(code)
        elif code in _ENDED_BY.values():
            attributes -= {one for one, end in _ENDED_BY.items() if end == code}
        elif code in ("38", "48"):
            taken = 2 if rest[:1] == ["5"] else 4
            color = _color(rest[:taken])
            del rest[:taken]
            if color is None:
                return None
            ink, ground = (f"38;5;{color}", ground) if code == "38" else (ink, f"48;5;{color}")
        elif code == "39" or code[:-1] in ("3", "9"):
            ink = code
        elif code == "49" or code[:-1] in ("4", "10"):
            ground = code
        else:
            return None
    return Look(frozenset(attributes), ink, ground)


def _color(parameters: list[str]) -> int | None:
    """Number in the palette of 256; parameters: 5 and the number, or 2 and red, green, blue."""
    match parameters:
        case ["5", number]:
            return int(number)
        case ["2", red, green, blue]:
            color = Color.from_rgb(int(red), int(green), int(blue))
            return color.downgrade(ColorSystem.EIGHT_BIT).number
    return None


@lru_cache(4096)
def _change(held: Look, wanted: Look) -> str:
    """The shortest sequence from one look to another."""
    if wanted == PLAIN:
        return "\x1b[0m" if held != PLAIN else ""
    ends = {_ENDED_BY[one] for one in held.attributes - wanted.attributes}
    begins = {one for one in wanted.attributes if one not in held.attributes or _ENDED_BY[one] in ends}
    codes = [*sorted(ends), *sorted(begins)]
    if held.ink != wanted.ink:
        codes.append(wanted.ink)
    if held.ground != wanted.ground:
        codes.append(wanted.ground)
    return f"\x1b[{';'.join(codes)}m" if codes else ""


def _same_blank(held: Look, wanted: Look) -> bool:
    """Blanks look the same in both."""
    return held.ground == wanted.ground and not (_ON_BLANKS & (held.attributes | wanted.attributes))


def shorten(data: str) -> str:
    """What a terminal in its plain look shows alike for fewer bytes; it ends in the same look as data."""
    out: list[str] = []
    held = wanted = PLAIN
    move, at = "", 0
    for found in _SEQUENCE.finditer(data):
        text = data[at : found.start()]
        at = found.end()
        if move and text == "\n":
            move += text
        elif text:
            if held != wanted and not (text.isspace() and _same_blank(held, wanted)):
                move += _change(held, wanted)
                held = wanted
            out.append(move + text)
            move = ""
        if found[2] == "H":
            # Where the cursor was to be before does not matter: nothing was written there.
            move = found[0]
        else:
            look = _styled(wanted, found[1])
            if look is None:
                out.append(move + _change(held, wanted) + found[0])
                return "".join(out) + data[at:]
            wanted = look
    return "".join(out) + move + _change(held, wanted) + data[at:]


class Terse(Driver):
    """Mixed into the driver of the platform."""

    def write(self, data: str) -> None:
        super().write(shorten(data))  # type: ignore[safe-super]
