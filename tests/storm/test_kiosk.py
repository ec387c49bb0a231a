"""Nobody gets out of a kiosk: keys, clicks, pasted text and answers of a terminal, by lot and without end."""

from __future__ import annotations

import random
from contextlib import closing
from pathlib import Path

import pytest

from inbox_tui.store.engine import Store
from tests.cli.test_kiosk import CLEAR, CTRL_A, ENTER, ESCAPE, Host
from tests.storm.conftest import Storm
from tests.tui.terminal import Terminal, on_terminal

COLUMNS, LINES = 120, 40
TOGETHER = 40
"""Keys between two looks at the terminal, so that neither side waits for the other."""
_LETTERS = [bytes([code]) for code in range(0x20, 0x7F)]
_CONTROLS = [bytes([code]) for code in (*range(1, 27), 28, 29, 30, 31, 127)]
_ARROWS = [f"\x1b[{way}".encode() for way in "ABCDHFZ"] + [ESCAPE] * 8 + [b"\r"] * 8 + [b"\t"] * 4
_FUNCTIONS = [f"\x1b[{n}~".encode() for n in (*range(1, 9), 11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24)]
_MODIFIED = [
    f"\x1b[{code};{mod}u".encode() for code in (97, 99, 101, 112, 122, 115) for mod in (3, 5, 6, 7, 9)
]
_WORDS: list[bytes] = [
    *(b"/", b"../", b"/etc/passwd", b"../secret.txt", b"way-out/", b"~/", b".", b"inside.txt", b"bill.pdf"),
    *(b"!sh", b":!sh", b"$(touch escaped)", b"`id`", b"|id", b"screenshot", b"suspend", b"editor", b"theme "),
    *(b"https://evil.example/", b"file:///etc/passwd", b"\x1b[200~../\r!sh\r\x1b[201~", b"ada@b.example"),
]
_ANSWERS = [
    b"\x1b[24;80R",
    b"\x1b[?62;4c",
    b"\x1b]52;c;aWQK\x07",
    b"\x1bP1$r0m\x1b\\",
    b"\x1b[48;40;120;0;0t",
]
_ACTS = [_CONTROLS, _CONTROLS, _LETTERS, _LETTERS, _ARROWS, _ARROWS, _FUNCTIONS, _MODIFIED, _WORDS, _ANSWERS]


def _act(chance: random.Random) -> bytes:
    if chance.random() < 0.1:
        button, column, line = (
            chance.choice((0, 1, 2, 64, 65)),
            chance.randint(1, COLUMNS),
            chance.randint(1, LINES),
        )
        return f"\x1b[<{button};{column};{line}M\x1b[<{button};{column};{line}m".encode()
    return chance.choice(chance.choice(_ACTS))


_PATHS = (
    b"../",
    b"../secret.txt",
    b"way-out/secret.txt",
    b"/etc/passwd",
    b"way-out",
    b".",
    b"inside.txt",
    b"deep",
)


def _moves_a_file(terminal: Terminal, chance: random.Random) -> None:
    """What chance alone hardly ever presses: a file is saved, or put to a mail, from or to some path."""
    for keys in (ESCAPE + ESCAPE, chance.choice((b"D", b"r" + CTRL_A)), ENTER):
        terminal.press(keys)
        terminal.came(0.1)
    terminal.press((CLEAR + chance.choice(_PATHS) + ENTER) * 2)


def test_nothing_that_is_pressed_leads_out(
    storm: Storm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = storm.size(400, 40_000)
    chance = random.Random(wanted)
    host = Host(tmp_path)
    for name, value in host.environment().items():
        monkeypatch.setenv(name, value)
    before, pressed, begun = host.outside(), 0, 0
    while pressed < wanted:
        begun += 1
        with on_terminal(host.argv(), COLUMNS, LINES) as terminal:
            terminal.until(b"quit")
            while pressed < wanted and not terminal.ended():
                # Quietly beyond the end: what is written to a terminal that nobody has is nobody's.
                for _ in range(TOGETHER):
                    terminal.press(_act(chance))
                    terminal.came(0.001)
                if chance.random() < 0.1:
                    _moves_a_file(terminal, chance)
                pressed += TOGETHER
                assert host.children() == []
                shown = terminal.came(0.02)
                assert b"the secret of the host" not in shown
                assert b"has a fault" not in shown
    assert host.outside() - {"log"} == before
    assert not host.mark.exists()
    kept = {path.name for path in host.files.rglob("*") if path.is_file()} - {"inside.txt"}
    assert all(name.startswith("bill") for name in kept), kept
    with closing(Store(host.folder / "inbox.db")) as store:
        sent = [bytes(row[0]) for row in store.read().execute("SELECT content FROM files")]
    assert set(sent) <= {b"inside", *(path.read_bytes() for path in host.files.glob("**/bill*"))}
    faults = (host.folder / "log").read_text() if (host.folder / "log").exists() else ""
    storm.note(
        f"{pressed} keys, clicks and pasted words in {begun} kiosks, {len(kept)} files saved,"
        f" {len(sent)} put to mails:"
        f" 0 programs started, 0 files elsewhere, {faults.count(' ERROR ')} faults"
    )
    assert " ERROR " not in faults
