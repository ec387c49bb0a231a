"""What goes out in fewer bytes shows the same picture, and leaves the terminal as Textual left it."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from inbox_tui.tui.terse import shorten

Cell = tuple[str, frozenset[str], str, str]

_PARTS = re.compile(r"\x1b\[([\d;]*)([mH])|(.)", re.DOTALL)
_OFF = {"22": {"1", "2"}, "23": {"3"}, "24": {"4"}, "25": {"5"}, "27": {"7"}, "28": {"8"}, "29": {"9"}}
_SHOWS_ON_BLANKS = {"4", "7", "9"}


class Terminal:
    """A terminal that knows SGR, cursor positions and newlines."""

    def __init__(self) -> None:
        self.cells: dict[tuple[int, int], Cell] = {}
        self.row = self.column = 1
        self.look: tuple[frozenset[str], str, str] = (frozenset(), "39", "49")

    def write(self, data: str) -> Terminal:
        for codes, final, char in _PARTS.findall(data):
            if final == "m":
                self._style(codes)
            elif final == "H":
                self.row, self.column = (int(number) for number in codes.split(";"))
            elif char == "\n":
                self.row, self.column = self.row + 1, 1
            else:
                self.cells[self.row, self.column] = self._cell(char)
                self.column += 1
        return self

    def _cell(self, char: str) -> Cell:
        attributes, ink, ground = self.look
        if char == " " and not attributes & _SHOWS_ON_BLANKS:
            return (char, frozenset(), "", ground)
        return (char, attributes, ink, ground)

    def _style(self, codes: str) -> None:
        attributes, ink, ground = set(self.look[0]), self.look[1], self.look[2]
        for code in re.findall(r"[34]8;5;\d+|\d+", codes) or ["0"]:
            if code == "0":
                attributes, ink, ground = set(), "39", "49"
            elif code.startswith("38;") or code == "39" or re.fullmatch("[39][0-7]", code):
                ink = code
            elif code.startswith("48;") or code == "49" or re.fullmatch("(4|10)[0-7]", code):
                ground = code
            elif code in _OFF:
                attributes -= _OFF[code]
            else:
                attributes.add(code)
        self.look = (frozenset(attributes), ink, ground)


_CODES = st.one_of(
    st.sampled_from(["0", "1", "2", "3", "4", "7", "9", "22", "27", "31", "97", "44", "103", "39", "49"]),
    st.builds("{};5;{}".format, st.sampled_from(["38", "48"]), st.integers(0, 255)),
)
_SGR = st.builds(lambda codes: f"\x1b[{';'.join(codes)}m", st.lists(_CODES, min_size=1, max_size=4))
_MOVE = st.builds("\x1b[{};{}H".format, st.integers(1, 9), st.integers(1, 9))
_TEXT = st.sampled_from(["a", "bc", " ", "   ", " x "])
_DATA = st.lists(st.one_of(_SGR, _MOVE, _TEXT, st.just("\n")), max_size=25).map("".join)


@given(_DATA)
def test_the_picture_is_the_same_and_never_longer(data: str) -> None:
    short = shorten(data)
    long, terse = Terminal().write(data + "\x1b[0m."), Terminal().write(short + "\x1b[0m.")
    assert terse.cells == long.cells
    assert (terse.row, terse.column) == (long.row, long.column)


@given(_DATA)
def test_it_ends_in_the_look_that_was_wanted(data: str) -> None:
    assert Terminal().write(shorten(data)).look == Terminal().write(data).look


def test_a_row_as_textual_writes_it_loses_what_changes_nothing() -> None:
    row = (
        "\x1b[3;21H\x1b[38;5;110;48;5;233m \x1b[0m\x1b[1;38;5;222;48;5;233m 4 d \x1b[0m"
        "\x1b[38;5;251;48;5;233mOlga\x1b[0m\x1b[3;70H\x1b[38;5;110;48;5;233m \x1b[0m\x1b[3;71H\n"
    )
    assert shorten(row + "\x1b[4;21H\x1b[38;5;251;48;5;233mx\x1b[0m") == (
        "\x1b[3;21H\x1b[38;5;110;48;5;233m \x1b[1;38;5;222m 4 d \x1b[22;38;5;251mOlga\x1b[3;70H "
        "\x1b[4;21Hx\x1b[0m"
    )


def test_full_colours_become_those_of_the_palette() -> None:
    assert shorten("\x1b[38;2;255;0;0mx\x1b[0m") == "\x1b[38;5;196mx\x1b[0m"


def test_what_it_does_not_know_goes_out_as_it_is() -> None:
    assert shorten("\x1b[1mx\x1b[0m\x1b[999m y\x1b[3;3Hz") == "\x1b[1mx\x1b[0m\x1b[999m y\x1b[3;3Hz"
    assert shorten("\x1b[?2026h") == "\x1b[?2026h"
