"""Foreign text cannot reach the terminal raw, whatever it is made of."""

from __future__ import annotations

import json
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_tui.model import LengthRule
from inbox_tui.text import (
    MARK,
    _pattern,
    cell_width,
    clean,
    file_name,
    fit,
    is_blank,
    is_clean,
    left,
    length,
    link_host,
    mixed_script,
    name_or,
    safe_link,
    snippet,
    steady,
)

HOSTILE = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "hostile.jsonl").read_text("utf-8").splitlines()
]
FAMILY, THUMB, HEART, KEYCAP = "👨\u200d👩\u200d👧\u200d👦", "👍🏽", "❤\ufe0f", "1\ufe0f\u20e3"
ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
INVISIBLE = "\u00ad\u034f\u115f\u1160\u180e\u200b\u2060\u2061\u2064\u3164\ufeff\uffa0\U000e0001\U000e0100"
NASTY = (
    "aZ1# -./\\@:\t\n\r\x00\x07\x1b\x7f\x85\x9b\u2028\u0301\u0302\u0483\u20e3\ufe0f\ufe0e\u200d\u200c"
    "\u0627\u0628"
    "\u0915\u094d\u064b\u1112\u1161\u11ab漢ｱ👍👩❤🏴🏽🇩🇪\ue000\ufdfd\ufdfa\ufffe\ud800\udcff\U0001fffe\U0010ffff\U000e0067"
    "\U000e007f\U0001242b\u2800аο" + BIDI + INVISIBLE
)
# Any text at all, and text whose parts are likely to act on each other.
texts = st.one_of(
    st.text(st.characters(exclude_categories=())),
    st.lists(st.sampled_from([*NASTY, FAMILY, THUMB, HEART, KEYCAP, ENGLAND, "\r\n"]), max_size=60).map(
        "".join
    ),
)


def forbidden(char: str, multiline: bool) -> bool:
    code = ord(char)
    return (
        (unicodedata.category(char) in ("Cc", "Cs", "Co") and not (multiline and char == "\n"))
        or code & 0xFFFE == 0xFFFE
        or 0xFDD0 <= code <= 0xFDEF
        or char in BIDI + INVISIBLE + "\u2028\u2029"
    )


@given(texts, st.booleans(), st.integers(1, 80))
def test_clean_leaves_nothing_that_acts(s: str, multiline: bool, limit: int) -> None:
    out = clean(s, multiline=multiline, limit=limit)
    assert [char for char in out if forbidden(char, multiline)] == []
    assert len(out) <= limit
    assert out.encode("utf-8").decode("utf-8") == out
    assert clean(out, multiline=multiline, limit=limit) == out


@given(texts)
def test_never_more_than_four_marks_on_a_base(s: str) -> None:
    run = 0
    for char in clean(s, multiline=True):
        if unicodedata.category(char) in ("Mn", "Me") and char != "\ufe0f":
            run += 1
        elif char not in "\ufe0f\u200c\u200d" and not "\U000e0020" <= char <= "\U000e007f":
            run = 0
        assert run <= 4


def test_no_character_of_unicode_gets_through_that_acts() -> None:
    every = "b".join(map(chr, range(sys.maxunicode + 1)))
    out = clean(every, multiline=True, limit=len(every))
    assert [hex(ord(char)) for char in set(out) if forbidden(char, True)] == []


def test_the_short_way_lets_nothing_pass_that_the_long_one_would_change() -> None:
    every = "b".join(map(chr, range(sys.maxunicode + 1)))
    ordinary = _pattern("odd").sub("", every)
    assert len(set(ordinary)) > 100_000
    assert clean(ordinary + "\x1b", multiline=True, limit=len(every)) == ordinary + "␛"


@pytest.mark.parametrize("control", [*map(chr, range(0x20)), "\x7f"])
def test_controls_are_seen(control: str) -> None:
    if control in "\t\n\r":
        assert clean(f"a{control}b", multiline=False) == "a b"
    else:
        shown = clean(f"a{control}b", multiline=True)
        assert (shown[0], shown[2:]) == ("a", "b")
        assert unicodedata.name(shown[1]).startswith("SYMBOL FOR ")


def test_line_ends_become_newlines_or_spaces() -> None:
    lines = "a\r\nb\rc\x85d\u2028e\u2029f"
    assert clean(lines, multiline=True) == "a\nb\nc\nd\ne\nf"
    assert clean(lines, multiline=False) == "a b c d e f"


def test_what_is_too_long_is_cut_first_and_says_so() -> None:
    assert clean("abcdef", multiline=True, limit=4) == "abc…"
    assert clean("abcd", multiline=True, limit=4) == "abcd"
    assert len(clean("\ufdfd" * 50_000, multiline=True, limit=60_000)) <= 60_000


@pytest.mark.parametrize(
    "kept",
    [
        FAMILY,
        THUMB,
        HEART,
        KEYCAP,
        ENGLAND,
        "🏳\ufe0f\u200d🌈",
        "🇩🇪",
        "می\u200cخواهم",
        "क\u094d\u200dष",
        "e\u0301\u0302\u0303\u0304",
        "Grüße, 12 €, привет, 你好, สวัสดี, नमस्ते, 한국어, שלום",
        "\u1112\u1161\u11ab",
    ],
)
def test_what_people_write_stays(kept: str) -> None:
    assert clean(f"x {kept} y", multiline=False) == f"x {kept} y"


@pytest.mark.parametrize(
    ("s", "expected"),
    [
        ("a\ufe0fb\u200dc\u200cd", "abcd"),
        ("❤\ufe0e", "❤"),
        ("a\U000e0067\U000e007f", "a"),
        ("🏴\U000e0068\U000e0069", "🏴"),
        ("👩\u200d", "👩"),
        ("👩" + "\u200d👩" * 5, "👩\u200d👩\u200d👩\u200d👩👩\u200d👩"),
        ("\u0301name", "name"),
        ("a\n\u0301b", "a\nb"),
        ("e" + "\u0301" * 9, "e" + "\u0301" * 4),
        ("e" + "\u0301\u200d" * 9, "e" + "\u0301" * 4),
        ("\ue000✓\uf8ff", "\ufffd✓\ufffd"),
        ("⸻", "—"),
        ("\U0001242b", "\ufffd"),
        ("\ufdfb", "جل جلاله"),
    ],
)
def test_what_has_no_place_goes(s: str, expected: str) -> None:
    assert clean(s, multiline=True) == expected


@pytest.mark.parametrize("line", HOSTILE, ids=lambda line: line["id"])
def test_hostile_text_is_tamed_wherever_it_stands(line: dict[str, str]) -> None:
    s = line["input"]
    for out in (
        clean(s, multiline=True),
        snippet(s),
        fit(s, 12),
        file_name(s),
        name_or(s, "?"),
        safe_link(s) or "",
    ):
        assert [char for char in out if forbidden(char, True)] == []
        out.encode("utf-8")
    for out in (snippet(s), fit(s, 12), file_name(s), name_or(s, "?")):
        assert "\n" not in out
    assert cell_width(fit(s, 12)) == 12
    mixed_script(s)
    assert (MARK in snippet(s)) == (len(clean(s, multiline=False)) > 160)


@pytest.mark.parametrize(
    ("case", "seen"),
    [
        ("A01", "Al␛]52;c;Y3VybCBldmlsfHNo␇ice"),
        ("A29", "end␛"),
        ("A33", "\ufffd2J\ufffd6n"),
        ("B01", "invoicegnp.exe"),
        ("B03", "abc"),
        ("B19", "a\ufffd\ufffdb"),
        ("B21", "\ufffd✓\ufffd"),
        ("C01", "[@click=app.quit]hi[/]"),
        ("D07", "l1 l2 l3"),
    ],
)
def test_hostile_text_as_it_is_seen(case: str, seen: str) -> None:
    (line,) = [line for line in HOSTILE if line["id"] == case]
    assert clean(line["input"], multiline=False) == seen


@pytest.mark.parametrize(
    "blank", ["", " \n", "\u3164", "\u00ad\u00ad", "\u2800\u00a0", "\u200b\u202e", "\u0301"]
)
def test_a_name_that_shows_nothing_is_replaced(blank: str) -> None:
    assert is_blank(blank)
    assert name_or(blank, "(no name)") == "(no name)"


def test_a_name_stands_on_one_line() -> None:
    assert name_or("  Hajo\n Brandt\u202e ", "?") == "Hajo Brandt"
    assert not is_blank("x")


def test_snippet_collapses_and_cuts() -> None:
    assert snippet(" a\n\n  b\tc ") == "a b c"
    assert snippet("word " * 100, 12) == "word word w…"
    assert snippet("abcd " * 100, 11) == "abcd abcd…"
    assert snippet("👩\u200d👩", 2) == "👩…"


@given(texts, st.integers(1, 60))
def test_snippet_keeps_its_limit(s: str, limit: int) -> None:
    out = snippet(s, limit)
    assert len(out) <= limit
    assert "\n" not in out
    assert out == clean(out, multiline=False)


@given(texts, st.integers(-1, 40), st.sampled_from(["left", "right"]))
def test_fit_has_exactly_the_asked_width(s: str, cells: int, align: str) -> None:
    out = fit(s, cells, "left" if align == "left" else "right")
    assert cell_width(out) == max(cells, 0)
    assert [char for char in out if forbidden(char, False)] == []


@pytest.mark.parametrize(
    ("s", "cells", "expected"),
    [
        ("abc", 5, "abc  "),
        ("abcdef", 4, "abc…"),
        ("漢字漢字", 4, "漢… "),
        ("漢字", 4, "漢字"),
        ("e\u0301e\u0301e\u0301", 2, "e\u0301…"),
        (f"ab{FAMILY}c", 4, "ab… "),
        (f"{FAMILY}c", 3, f"{FAMILY}c"),
        ("🇩🇪🇫🇷", 3, "🇩🇪…"),
        (f"{THUMB}{HEART}", 4, "👍❤ "),
    ],
)
def test_fit_cuts_between_clusters(s: str, cells: int, expected: str) -> None:
    assert fit(s, cells) == expected


def test_fit_fills_up_on_the_left() -> None:
    assert fit("7 h", 6, "right") == "   7 h"


@pytest.mark.parametrize(
    ("s", "cells"),
    [
        ("abc", 3),
        ("漢字", 4),
        ("ｱ", 1),
        ("e\u0301", 1),
        (FAMILY, 2),
        (THUMB, 2),
        (HEART, 2),
        (KEYCAP, 2),
        (ENGLAND, 2),
        ("🇩🇪", 2),
        ("🇩", 1),
        ("\u1112\u1161\u11ab", 2),
        ("\U0001fae9", 2),
        ("❤", 1),
        ("±Ω", 2),
        ("\ufffd␛", 2),
    ],
)
def test_cell_width(s: str, cells: int) -> None:
    assert cell_width(s) == cells


def test_steady_takes_out_what_terminals_dispute() -> None:
    assert steady(f"{THUMB} {HEART} {KEYCAP} {ENGLAND} 🏳\ufe0f\u200d🌈 {FAMILY} 👩🏽\u200d💻") == (
        f"👍 ❤ 1\u20e3 🏴 🏳 {FAMILY} 👩\u200d💻"
    )


@pytest.mark.parametrize(
    ("s", "name"),
    [
        ("../../.ssh/authorized_keys", "authorized_keys"),
        ("C:\\temp\\evil.exe", "evil.exe"),
        ("a\u0000.txt", "a.txt"),
        ("-rf", "_-rf"),
        (".bashrc", "_.bashrc"),
        ("a;$(touch p).pdf", "a__(touch p).pdf"),
        ("..", "attachment"),
        (".\u200b.", "attachment"),
        ("", "attachment"),
        ("dir/", "attachment"),
        ("invoice\u202egnp.exe", "invoicegnp.exe"),
        ("Rechnung (2).pdf", "Rechnung (2).pdf"),
        ("x" * 500 + ".pdf", "x" * 196 + ".pdf"),
        ("trailing. . ", "trailing"),
    ],
)
def test_file_name(s: str, name: str) -> None:
    assert file_name(s) == name


@given(texts)
def test_a_file_name_is_one_entry_of_one_folder(s: str) -> None:
    name = file_name(s)
    assert name.strip()
    assert not set(name) & set("/\\\x00\n")
    assert name[0] not in "-.~"
    assert len(name.encode()) <= 200
    assert clean(name, multiline=False) == name


@pytest.mark.parametrize(
    ("url", "host", "shown"),
    [
        ("https://bank.example@evil.example/", "evil.example", "https://evil.example/"),
        ("https://evil.example\\@bank.example/", "evil.example", "https://evil.example/@bank.example/"),
        ('https://x/"; touch p #', "x", "https://x/%22;%20touch%20p%20"),
        ("HTTP://Shop.Example:8080/a?b=c#d", "shop.example", "http://shop.example:8080/a?b=c#d"),
        ("https://p\u0430ypal.example/ä", "xn--pypal-4ve.example", "https://xn--pypal-4ve.example/%C3%A4"),
        ("https://[::1]:8443/", "::1", "https://[::1]:8443/"),
        ("mailto:hajo@brandt.example?attach=/etc/passwd", "brandt.example", "mailto:hajo@brandt.example"),
        ("--help", None, None),
        ("", None, None),
        ("javascript:alert(1)", None, None),
        ("file:///etc/passwd", None, None),
        ("https:evil.example", None, None),
        ("https:///evil.example", None, None),
        ("https://%65vil.example/", None, None),
        ("https://x.example:port/", None, None),
        ("https://[::1/", None, None),
        ("https://a.example/\x1b[2J", None, None),
        ("https://a.example/\u202egpj.exe", None, None),
        ("mailto:a@b.example,c@d.example", None, None),
        ("mailto:-f/etc/passwd", None, None),
    ],
)
def test_links(url: str, host: str | None, shown: str | None) -> None:
    assert link_host(url) == host
    assert safe_link(url) == shown


@given(st.one_of(texts, texts.map("https://".__add__), texts.map("mailto:a@".__add__)))
def test_a_safe_link_is_plain_ascii_and_safe_again(url: str) -> None:
    link = safe_link(url)
    if link is not None:
        assert link.isascii()
        assert link.isprintable()
        assert " " not in link
        assert link.startswith(("https://", "http://", "mailto:"))
        assert safe_link(link) == link
        assert link_host(link) == link_host(url)


@pytest.mark.parametrize(
    ("s", "mixed"),
    [
        ("p\u0430ypal", True),
        ("Gοogle Support", True),
        ("p4yp\u0430l", True),
        ("paypal", False),
        ("Привет Paul", False),
        ("Müller", False),
        ("漢字abc", False),
        ("", False),
    ],
)
def test_twins_of_letters_are_flagged(s: str, mixed: bool) -> None:
    assert mixed_script(s) is mixed


@given(texts)
def test_any_text_can_be_judged(s: str) -> None:
    mixed_script(s)
    is_blank(s)
    for rule in LengthRule:
        assert length(s, rule) >= 0


@pytest.mark.parametrize(
    ("s", "rule", "count"),
    [
        ("", LengthRule.X_WEIGHTED, 0),
        ("abc", LengthRule.X_WEIGHTED, 3),
        ("漢字", LengthRule.X_WEIGHTED, 4),
        (FAMILY, LengthRule.X_WEIGHTED, 2),
        ("see https://example.com/" + "a" * 50, LengthRule.X_WEIGHTED, 4 + 23),
        ("x" * 20_000, LengthRule.X_WEIGHTED, 20_000),
        (FAMILY, LengthRule.CHARACTERS, 7),
        ("abc", LengthRule.NONE, 3),
    ],
)
def test_length_by_the_platform_s_count(s: str, rule: LengthRule, count: int) -> None:
    assert length(s, rule) == count


def test_what_is_left() -> None:
    assert left("abc", LengthRule.X_WEIGHTED, 280) == 277
    assert left("abcd", LengthRule.CHARACTERS, 3) == -1
    assert left("abc", LengthRule.NONE, None) is None


@given(st.from_regex(r"https?://[a-z0-9.-]{1,20}(/[\w.~-]{1,9}){0,3}/?(\?[\w.=&-]{1,9})?", fullmatch=True))
def test_a_plain_link_is_read_as_by_the_long_way(url: str) -> None:
    # A scheme in capitals is not plain.
    assert safe_link(url) == safe_link(url.replace("http", "HTTP", 1))


@given(texts, texts)
def test_what_is_clean_at_a_glance_stays_as_it_is_whole_and_in_parts(one: str, other: str) -> None:
    if is_clean(one + other):
        for part in (one + other, one, other):
            assert clean(part, multiline=True) == part


def test_most_of_what_people_write_is_clean_at_a_glance() -> None:
    assert is_clean("Guten Tag,\nmein Päckchen fehlt… 😀 ¿Dónde está? 谢谢")
    assert not is_clean("\x1b[31mred")
    assert not is_clean("tab\t")
    assert not is_clean("\u202eturned")
