"""Foreign text: made harmless, measured, cut.

Owns what may reach a terminal (`clean`), how wide it is there (`cell_width`, `fit`), how a platform counts
it (`length`), which file names and links are safe. Pure functions that take any ``str``, lone surrogates too,
and never raise for one. Every start of the program passes here: nothing heavy is imported or built before it
is used.

Widths follow Unicode (UAX 11, UTS 51), as new terminals and rich do: combining marks 0, East Asian wide 2,
flags, joined emoji, emoji with a skin tone or U+FE0F 2, ambiguous 1. Terminals disagree on tones, U+FE0F and
keycaps (tmux 3.3 says 4, 1, 1), so `steady` takes those out, and `fit` uses it: its columns stand in all.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Literal

from inbox_tui.model import LengthRule

MARK = "…"
"""Stands where something was cut away."""
MAX_MARKS = 4
"""Combining marks left on one base."""

_VS16, _ZWJ, _ZWNJ = "\ufe0f", "\u200d", "\u200c"
_TAGS = "\U000e0020-\U000e007f"
_TONES = "\U0001f3fb-\U0001f3ff"
_REGIONAL = "\U0001f1e6-\U0001f1ff"
# Every character of emoji-variation-sequences.txt and emoji-data.txt outside ASCII; what Unicode has reserved
# for coming emoji belongs to it too.
_EMOJI = (
    "©®‼⁉™ℹ↔-↙↩↪⌚⌛⌨⏏⏩-⏳⏸-⏺Ⓜ▪▫▶◀◻-◾☀-☄☎☑☔☕☘☝☠☢☣☦☪☮☯☸-☺♀♂♈-♓♟♠♣♥♦♨♻♾♿⚒-⚗⚙⚛⚜⚠⚡⚧⚪⚫⚰⚱⚽⚾⛄⛅⛈⛎⛏⛑⛓⛔⛩⛪⛰-⛵⛷-⛺⛽"
    "✂✅✈-✍✏✒✔✖✝✡✨✳✴❄❇❌❎❓-❕❗❣❤➕-➗➡➰➿⤴⤵⬅-⬇⬛⬜⭐⭕〰〽㊗㊙"
    "\U0001f000-\U0001f0ff\U0001f170-\U0001f19a\U0001f200-\U0001f265\U0001f300-\U0001faff"
)
_ONE_EMOJI = f"[{_EMOJI}](?:{_VS16}|[{_TONES}])?"
# Four emoji are the most that Unicode joins; a longer chain would be drawn at an unforeseeable width.
_JOINED = f"{_ONE_EMOJI}(?:{_ZWJ}{_ONE_EMOJI}){{0,3}}"
_KEYCAP = f"[0-9#*]{_VS16}\u20e3"
# England, Scotland, Wales: the only flags made of tags that are recommended for interchange.
_AREAS = ("".join(chr(0xE0000 + ord(letter)) for letter in area) for area in ("gbeng", "gbsct", "gbwls"))
_TAG_FLAG = f"\U0001f3f4(?:{'|'.join(_AREAS)})\U000e007f"
# Scripts in which joiners change the word: Arabic and its like, Indic, Burmese, Khmer, Mongolian.
_NEEDS_JOINERS = "[\u0600-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u17ff\u1800-\u18af]"
# Letters and signs that are never touched, in blocks: the answer for most texts in one search.
_ORDINARY = (
    " -~¡-¬®-\u02ff\u0370-\u0482\u048a-\u052f\u05d0-\u05ea\u0620-\u064a\u0660-\u066f\u0671-\u06d5"
    "\u0e01-\u0e30\u0e3f-\u0e46\u1e00-\u1fff\u2010-\u2027\u202f-\u205f\u2070-\u20cf\u2100-\u2bff\u3000-\u3029"
    "\u3030-\u3098\u309b-\u3163\u3165-\ua48f\uac00-\ud7a3\uf900-\ufaff\uff01-\uff9f\ufffd"
    "\U0001f000-\U0001faff\U00020000-\U0002fffd\U00030000-\U0003fffd"
)
# Ligatures of a whole sentence in what counts as one cell.
_SENTENCES = {
    "\ufdfa": "صلى الله عليه وسلم",
    "\ufdfb": "جل جلاله",
    "\ufdfd": "بسم الله الرحمن الرحيم",
}
_LONGEST_SENTENCE = max(map(len, _SENTENCES.values()))
_VISIBLE_FORMATS = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
_SAFE_IN_LINKS = ":/?#[]@!$&()*+,;=%~-._"
_LONGEST_LINK = 8_000


class _Replacements(dict[int, str | None]):
    """What each code point becomes, whatever stands beside it; worked out when first met."""

    def __missing__(self, code: int) -> str | None:
        self[code] = found = self._replace(code)
        return found

    def _replace(self, code: int) -> str | None:
        char = chr(code)
        if code < 0x20 or code == 0x7F:
            return {"\t": " ", "\n": "\n", "\r": "\n", "\x7f": "␡"}.get(char, chr(0x2400 + code))
        if char in "\x85\u2028\u2029":
            return "\n"
        if char in (_VS16, _ZWJ, _ZWNJ) or 0xE0020 <= code <= 0xE007F:
            return char  # what stands beside it decides, later
        if _invisible(code):
            return None
        category = unicodedata.category(char)
        if category in ("Cc", "Cs", "Co") or code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF:
            return "\ufffd"
        if category == "Cf" and char not in _VISIBLE_FORMATS:
            return None
        if code in (0x2E3A, 0x2E3B):
            return "—"
        # Cuneiform and the sentences: one cell by every table, many on the screen.
        return "\ufffd" if 0x12000 <= code <= 0x1254F or char in _SENTENCES else char


def _invisible(code: int) -> bool:
    """Default_Ignorable_Code_Point outside the category Cf."""
    return (
        code in (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2065, 0x3164, 0xFFA0)
        or 0x180B <= code <= 0x180F
        or 0xFE00 <= code <= 0xFE0E
        or 0xFFF0 <= code <= 0xFFF8
        or 0xE0000 <= code <= 0xE0FFF
    )


def _stacks(char: str) -> bool:
    """It takes no cell: a combining mark, or a Hangul vowel or final that joins the letter before it."""
    if "\u1160" <= char <= "\u11ff" or "\ud7b0" <= char <= "\ud7fb":
        return True
    return unicodedata.category(char) in ("Mn", "Me")


class _Outline(dict[int, str]):
    """n newline, m mark, s joiner or selector, b anything else: a text's outline, of the same length."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if char == "\n":
            found = "n"
        elif char in (_VS16, _ZWJ, _ZWNJ) or 0xE0020 <= code <= 0xE007F:
            found = "s"
        else:
            found = "m" if _stacks(char) else "b"
        self[code] = found
        return found


class _Cells(dict[str, int]):
    """Cells that one character takes."""

    def __missing__(self, char: str) -> int:
        category = unicodedata.category(char)
        if _stacks(char) or category == "Cc" or (category == "Cf" and char not in _VISIBLE_FORMATS):
            found = 0
        elif unicodedata.east_asian_width(char) in "WF":
            found = 2
        else:
            # Emoji younger than the interpreter's tables.
            found = 2 if category == "Cn" and "\U0001f300" <= char <= "\U0001faff" else 1
        self[char] = found
        return found


_replacements, _outline, _cells = _Replacements(), _Outline(), _Cells()


@cache
def _pattern(name: Literal["odd", "loose", "joining", "cluster", "chain", "plain_link"]) -> re.Pattern[str]:
    """Compiled when first needed: most runs need none."""
    joiner = f"(?<={_NEEDS_JOINERS})[{_ZWJ}{_ZWNJ}](?={_NEEDS_JOINERS})"
    return re.compile(
        {
            "odd": f"[^\n{_ORDINARY}]",
            "loose": f"({_TAG_FLAG}|{_JOINED}|{_KEYCAP}|{joiner})|[{_VS16}{_ZWJ}{_ZWNJ}{_TAGS}]",
            "joining": f"[{_VS16}{_ZWJ}{_TAGS}{_TONES}{_REGIONAL}]",
            "cluster": f"{_TAG_FLAG}|{_JOINED}|{_KEYCAP}|[{_REGIONAL}]{{2}}|.",
            "chain": f"([{_EMOJI}])((?:{_ZWJ}[{_EMOJI}])*){_ZWJ}*",
            "plain_link": r"https?://[a-z0-9][a-z0-9.-]*(?:/[A-Za-z0-9._~-]+)*(?:\?[A-Za-z0-9._~=&-]+)?",
        }[name],
        re.DOTALL,
    )


def clean(s: str, *, multiline: bool, limit: int = 100_000) -> str:
    """Make foreign text harmless to a terminal and a database; what is clean already stays as it is.

    Controls become visible pictures, C1, surrogates, noncharacters and private use U+FFFD; bidi controls and
    invisibles go; at most `MAX_MARKS` marks stay on a base; joiners stay where they join. Newlines stay if
    multiline, else become spaces. limit: characters, at least 1; what is longer is cut before anything else.
    """
    if len(s) <= limit and s.isascii() and s.isprintable():
        return s
    if len(s) > limit:
        s = s[: limit - 1] + MARK
    if not is_clean(s):
        s = _clean_odd(s, limit)
    return s if multiline else s.replace("\n", " ")


def is_clean(s: str) -> bool:
    """`clean` would leave it as it is, newlines allowed, as a whole and in whatever parts.

    A quick look: no also for some texts whose joiners or marks would stay.
    """
    return (s.isascii() and s.isprintable()) or not _pattern("odd").search(s)


def _clean_odd(s: str, limit: int) -> str:
    s = s.replace("\r\n", "\n")
    if len(s) + _LONGEST_SENTENCE * sum(map(s.count, _SENTENCES)) <= limit:
        for short, full in _SENTENCES.items():
            s = s.replace(short, full)
    s = s.translate(_replacements)
    if s.isascii():
        return s
    # Marks before joiners: a mark taken away later could change which joiners join.
    s = _fewer_marks(s)
    return _pattern("loose").sub(r"\1", s)


def _fewer_marks(s: str) -> str:
    """At most MAX_MARKS on each base; none without one: it would land on what stands before the text."""
    out: list[str] = []
    end = 0
    for run in re.finditer(r"(?:^|n)[ms]+|[ms]{5,}", s.translate(_outline)):
        out.append(s[end : run.start()])
        end = run.end()
        if run.start() == 0 or run.group()[0] == "n":
            out.append("\n" if run.group()[0] == "n" else "")
            continue
        marks = 0
        for kind, char in zip(run.group(), s[run.start() : end], strict=True):
            marks += kind == "m"
            if kind == "s" or marks <= MAX_MARKS:
                out.append(char)
    out.append(s[end:])
    return "".join(out)


def is_blank(s: str) -> bool:
    """Nothing of it can be seen."""
    return not clean(s, multiline=False).replace("\u2800", "").strip()


def name_or(s: str, fallback: str) -> str:
    """A name on one line, or the fallback where the name shows nothing."""
    return fallback if is_blank(s) else snippet(s, 200)


def snippet(s: str, limit: int = 160) -> str:
    """The beginning on one line, white space collapsed, at most limit characters. limit: at least 1."""
    if len(s) <= limit and s.isascii() and s.isprintable() and "  " not in s and s == s.strip():
        return s
    # limit words with a space between are longer than limit: no need to look at more.
    cleaned = clean(s, multiline=True)
    words = cleaned.split(None, limit)[:limit]
    line = " ".join(words)
    if line != cleaned and not s.isascii():
        line = _one_line(words)
    if len(line) <= limit:
        return line
    return clean(line[: limit - 1], multiline=False).rstrip() + MARK


def _one_line(words: list[str]) -> str:
    line = " ".join(words)
    # Without the space before it a mark may have come to the front.
    while (cleaned := clean(line, multiline=False).strip()) != line:
        line = cleaned
    return line


def file_name(s: str) -> str:
    """A name of its own in one folder, for a file that came from outside: no path, nothing hidden, no option.

    At most 200 bytes of UTF-8, the extension kept. It may exist already: the caller creates it exclusively.
    """
    s = "".join(char for char in s[:10_000] if unicodedata.category(char) != "Cc")
    base = re.split(r"[/\\]", clean(s, multiline=False))[-1]
    base = re.sub(r'["$&*:;<>?`|]', "_", _one_line(base.split())).rstrip(". ")
    if is_blank(base.strip("._- ")):
        return "attachment"
    if base[0] in "-.~":
        base = "_" + base
    stem, dot, extension = base.rpartition(".")
    if not dot or len(extension.encode()) > 20:
        stem, dot, extension = base, "", ""
    room = 200 - len((dot + extension).encode())
    return clean(stem.encode()[:room].decode(errors="ignore"), multiline=False) + dot + extension


def safe_link(url: str) -> str | None:
    """A link that may be opened, http, https or mailto, as it is to be shown; None for all else.

    What stands before @ in a web link goes, it only deceives. Of mailto the bare address is kept: some mail
    programs attach files that a query names.
    """
    if len(url) <= _LONGEST_LINK and _pattern("plain_link").fullmatch(url):
        return url  # as nearly every link that a platform makes itself: the long way would change nothing
    from urllib.parse import quote, urlsplit

    host = link_host(url)
    if host is None:
        return None
    parts = urlsplit(url.strip().replace("\\", "/"))
    if parts.scheme == "mailto":
        return f"mailto:{quote(parts.path.rpartition('@')[0], safe=_SAFE_IN_LINKS)}@{host}"
    shown = f"[{host}]" if ":" in host else host
    port = f":{parts.port}" if parts.port is not None else ""
    rest = parts._replace(scheme="", netloc="").geturl()
    return f"{parts.scheme}://{shown}{port}{quote(rest, safe=_SAFE_IN_LINKS)}"


def link_host(url: str) -> str | None:
    """The host that a link leads to, in ASCII (so that twins of letters show); None: no link to be trusted.

    Reads a link as browsers do: what stands before @ is no host, a backslash is a slash.
    """
    from urllib.parse import urlsplit

    url = url.strip()
    if len(url) > _LONGEST_LINK or clean(url, multiline=False) != url:
        return None
    try:
        parts = urlsplit(url.replace("\\", "/"))
        if parts.scheme == "mailto":
            local, _, host = parts.path.rpartition("@")
            if not re.fullmatch(r"[^\s@,;:<>()\"]+", local):
                return None
        elif parts.scheme in ("http", "https"):
            host = parts.hostname or ""
            _ = parts.port  # raises where it is none
        else:
            return None
        if not host.isascii():
            host = host.encode("idna").decode("ascii")
    except ValueError:
        return None
    host = host.lower()
    return host if re.fullmatch(r"[a-z0-9_][a-z0-9._-]*|[0-9a-f:.]*:[0-9a-f:.]+", host) else None


def mixed_script(s: str) -> bool:
    """A word mixes letters of scripts that look alike (Latin, Greek, Cyrillic, Armenian, Cherokee)."""
    if s.isascii():
        return False
    return any(
        len({script for char in word if (script := _twin_script(char))}) > 1 for word in re.findall(r"\w+", s)
    )


def _twin_script(char: str) -> str:
    if not char.isalpha():
        return ""
    script = unicodedata.name(char, "").partition(" ")[0]
    return script if script in ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "CHEROKEE") else ""


def _clusters(s: str) -> Iterator[tuple[str, int]]:
    """What may not be cut apart, each with its cells."""
    held, cells = "", 0
    for match in _pattern("cluster").finditer(s):
        piece = match.group()
        wide = 2 if len(piece) > 1 else _cells[piece]
        if held and wide:
            yield held, cells
            held, cells = "", 0
        held, cells = held + piece, cells + wide
    if held:
        yield held, cells


def cell_width(s: str) -> int:
    """Cells that a cleaned text of one line takes in a terminal."""
    if s.isascii() and s.isprintable():
        return len(s)
    if _pattern("joining").search(s):
        return sum(cells for _, cells in _clusters(s))
    return sum(map(_cells.__getitem__, s))


def steady(s: str) -> str:
    """A cleaned text with plain emoji in place of those whose width terminals dispute.

    Skin tones, U+FE0F and tags go; of joined emoji that begin narrow, the first stays.
    """
    if s.isascii() or not _pattern("joining").search(s):
        return s
    return _pattern("chain").sub(_steady_chain, re.sub(f"[{_VS16}{_TONES}{_TAGS}]", "", s))


def _steady_chain(match: re.Match[str]) -> str:
    first, others = match.groups()
    return first + others if _cells[first] == 2 else str(first)


def fit(s: str, cells: int, align: Literal["left", "right"] = "left") -> str:
    """Clean a text, then cut it (with …) or fill it up with spaces, to exactly that many cells."""
    if cells <= 0:
        return ""
    s = steady(clean(s, multiline=False))
    width = cell_width(s)
    if width > cells:
        s, width = _cut(s, cells - 1)
        s, width = s + MARK, width + 1
    space = " " * (cells - width)
    return space + s if align == "right" else s + space


def _cut(s: str, cells: int) -> tuple[str, int]:
    if s.isascii():
        return s[:cells], cells
    kept: list[str] = []
    width = 0
    for cluster, wide in _clusters(s):
        if width + wide > cells:
            break
        kept.append(cluster)
        width += wide
    return "".join(kept), width


def length(s: str, rule: LengthRule) -> int:
    """How long a platform takes a text to be."""
    if rule is not LengthRule.X_WEIGHTED:
        return len(s)
    from inbox_tui.weighing import weight

    return weight(s)


def left(s: str, rule: LengthRule, maximum: int | None) -> int | None:
    """How much may still be written, negative where it is too long; None: there is no limit."""
    return None if maximum is None else maximum - length(s, rule)
