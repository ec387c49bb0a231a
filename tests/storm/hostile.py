"""Texts that a stranger could send to a terminal: the corpus, and every family of control there is.

A number that stands in a sequence is `MARK`, which nothing of ours uses: in a sequence that arrives it is
foreign.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from inbox_tui.text import clean

CORPUS = Path(__file__).parents[1] / "data" / "hostile.jsonl"
MARK = "66"
SEEN = "zq"
"""Stands in each text that is made here: what of it arrives on a screen can be found there."""

_OSC = (
    0,
    1,
    2,
    4,
    5,
    6,
    7,
    8,
    9,
    10,
    11,
    12,
    13,
    17,
    19,
    22,
    50,
    52,
    99,
    104,
    110,
    133,
    633,
    777,
    1337,
    3008,
)
_BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_INVISIBLE = (
    "\u00ad\u034f\u115f\u1160\u17b4\u180e\u200b\u200c\u200d\u2028\u2029\u2060\u2065\u206a\u3164\ufe00\ufe0f"
    "\ufeff\uffa0\ufff9\U000e0001\U000e0041\U000e0100\ue000\U000f0000\ufffe\ufdd0\U0001fffe"
)
_MARKUP = (
    "[@click=app.quit]{s}[/]",
    "[@click=app.bell]{s}[/]",
    "[/]{s}",
    "[/bold]{s}",
    "[bold]{s}",
    "[link=https://evil.example]{s}[/link]",
    "[red on red]{s}[/]",
    "[$error]{s}",
    "[{s}",
    "{s}\\",
    "\\[{s}]",
    ":smile:{s}",
    "**{s}** `{s}` <b>{s}</b>",
    "%s %n {{0}} {s}",
)
_WIDTHS = (
    *("田中ゆき", "👨‍👩‍👧‍👦", "👍🏽", "❤️", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🇩🇪🇩", "e" + "\u0301" * 40, "\u0e33" * 9, "한글각"),
    *("ﷺﷻ﷽", "𒐫", "⸺⸻", "Ａｂｃ", "\u0300abc", "ก็็็็็็", "\u1100\u1161\u11a8", "☃\ufe0e☃\ufe0f", "؀١٢", "नमस्ते"),
)


def _controls() -> Iterator[str]:
    yield from (f"{chr(code)}{MARK}" for code in (*range(0x20), 0x7F, *range(0x80, 0xA0)))
    yield from (f"\x1b{chr(code)}{MARK}" for code in range(0x20, 0x7F))
    # Every final of a control sequence, plain, private, and with what may stand between.
    for code in range(0x40, 0x7F):
        final = chr(code)
        yield f"\x1b[{MARK};{MARK}{final}\x1b[?{MARK}{final}\x1b[>{MARK}{final}"
        yield f"\x9b{MARK}{final}\x1b[{MARK}${final}\x1b[={MARK}{final}"


def _strings() -> Iterator[str]:
    """Those that swallow what follows, ended in each way there is, and not ended."""
    for number in _OSC:
        for begin, end in (("\x1b]", "\x07"), ("\x1b]", "\x1b\\"), ("\x9d", "\x9c"), ("\x1b]", "")):
            yield f"{begin}{number};{MARK};?{end}"
    for begin in ("\x1bP", "\x90", "\x1bX", "\x98", "\x1b^", "\x9e", "\x1b_", "\x9f", "\x1bk"):
        for body in ("$qm", "+q544e", f"q#0;2;{MARK}", f"{MARK}", "tmux;\x1b\x1b[6n", "Gi=66,a=q;AAAA"):
            yield f"{begin}{body}\x1b\\"
    yield from (
        f"\x1b[{query}" for query in ("6n", "5n", "c", ">c", "=c", "?6n", "18t", "?2026$p", ">q", "x")
    )


def texts() -> list[str]:
    """All of them, in an order in which neighbours are of one family."""
    corpus = [json.loads(line)["input"] for line in CORPUS.read_text("utf-8").splitlines()]
    made = [*_controls(), *_strings()]
    odd = [f"a{char}b{char}" for char in (*_BIDI, *_INVISIBLE)]
    odd += [f"\ud800{SEEN}", f"\udfff\udc00{SEEN}", f"{_BIDI}{SEEN}", "a\r\nb\nc\rd\x85e", "\t\t" + SEEN]
    markup = [form.format(s=SEEN) for form in _MARKUP]
    return [*corpus, *(f"{one}{SEEN}" for one in (*made, *odd)), *markup, *(f"{w}{SEEN}" for w in _WIDTHS)]


def storable(text: str) -> str:
    """As SQLite takes it: lone surrogates are no text there. All else stays as bad as it is."""
    return text.encode("utf-8", "replace").decode()


def harmless(text: str) -> str:
    """As it should be shown on one line."""
    return clean(text, multiline=False)
