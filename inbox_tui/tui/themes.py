"""The colours, in three sets made of the 256-colour palette (see `terse`). app.tcss names them."""

from __future__ import annotations

from textual.theme import Theme

from inbox_tui.config import THEMES

_SETS = {
    "dark": {
        "text-plain": "#d0d0d0",
        "text-dim": "#949494",
        "text-faint": "#6c6c6c",
        "text-strong": "#ffffff",
        "accent-ink": "#87afd7",
        "late-ink": "#ffd787",
        "trouble-ink": "#ff8787",
        "note-ink": "#d7af5f",
        "ground": "#121212",
        "raised": "#1c1c1c",
        "cursor-ground": "#303030",
        "rest-ground": "#262626",
    },
    "light": {
        "text-plain": "#303030",
        "text-dim": "#585858",
        "text-faint": "#767676",
        "text-strong": "#000000",
        "accent-ink": "#005f87",
        "late-ink": "#875f00",
        "trouble-ink": "#af0000",
        "note-ink": "#5f5f00",
        "ground": "#eeeeee",
        "raised": "#e4e4e4",
        "cursor-ground": "#c6c6c6",
        "rest-ground": "#d0d0d0",
    },
    "contrast": {
        "text-plain": "#ffffff",
        "text-dim": "#e4e4e4",
        "text-faint": "#bcbcbc",
        "text-strong": "#ffffff",
        "accent-ink": "#5fd7ff",
        "late-ink": "#ffff00",
        "trouble-ink": "#ffafaf",
        "note-ink": "#ffd75f",
        "ground": "#000000",
        "raised": "#1c1c1c",
        "cursor-ground": "#444444",
        "rest-ground": "#303030",
    },
}


def name_of(theme: str) -> str:
    """A theme as Textual knows it."""
    return f"inbox-{theme}"


def themes() -> list[Theme]:
    """All of them, for the app to register."""
    return [
        Theme(
            name=name_of(name),
            primary=_SETS[name]["accent-ink"],
            foreground=_SETS[name]["text-plain"],
            background=_SETS[name]["ground"],
            surface=_SETS[name]["raised"],
            panel=_SETS[name]["raised"],
            dark=name != "light",
            variables=_SETS[name],
        )
        for name in THEMES
    ]
