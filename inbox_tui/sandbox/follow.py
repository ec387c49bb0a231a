"""Customers who were asked to go on elsewhere, and do: by mail, direct message or in Messenger, with a code.

It owns under which names the people of the story are known elsewhere, and what they say there. It touches no
server, and knows of a code only what a customer sees.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

CODE = re.compile(r"\bH-[0-9A-Z]{5}-[0-9A-Z]{5}\b")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_DIRECT = re.compile(r"(?i)direct message|direktnachricht|\bDM\b")
_MESSENGER = re.compile(r"(?i)messenger")
_GERMAN = re.compile(r"(?i)\b(sie|uns|bitte|weiter)\b")


@dataclass(frozen=True)
class Known:
    """One of the story under all his names."""

    handle: str
    page: str
    """His name on Facebook."""
    address: str
    name: str

    @property
    def names(self) -> tuple[str, ...]:
        return self.handle, self.page, self.address


PEOPLE = (Known("@hajo", "Hajo B.", "hajo@brandt.example", "Hajo Brandt"),)


def follow(record: Mapping[str, object]) -> dict[str, object] | None:
    """What a customer writes, and where, who got this: None where he was not asked to go on elsewhere."""
    said, to = str(record.get("text", "")), record.get("to")
    code = CODE.search(said)
    if code is None or not isinstance(to, str) or not to:
        return None
    who = next((one for one in PEOPLE if to in one.names), None) or _stranger(to)
    text = _words(code[0], german=bool(_GERMAN.search(said)))
    address = _ADDRESS.search(said)
    if address is not None:
        mail = {"channel": "email", "kind": "mail", "from": who.address, "name": who.name}
        return {**mail, "to": address[0].rstrip("."), "subject": code[0], "text": f"{text}\n"}
    if _DIRECT.search(said):
        return {"channel": "x", "kind": "dm", "from": who.handle, "name": who.name, "text": text}
    if _MESSENGER.search(said):
        return {"channel": "facebook", "kind": "message", "from": who.page, "text": text}
    return None


def _stranger(to: str) -> Known:
    """Somebody of whom the story tells one name alone: elsewhere he is called much the same."""
    bare = to.removeprefix("@").partition("@")[0]
    word = re.sub(r"\W+", "_", bare.lower()).strip("_") or "somebody"
    handle = to if to.startswith("@") else f"@{word[:15]}"
    address = to if "@" in to.removeprefix("@") else f"{word}@post.example"
    return Known(handle, bare, address, bare)


def _words(code: str, *, german: bool) -> str:
    if german:
        return f"Hier bin ich, mit {code}. Alles Weitere haben Sie schon."
    return f"Here I am, with {code}. You have all the rest already."
