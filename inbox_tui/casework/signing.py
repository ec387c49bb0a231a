"""Keys of replies: unique, and signed so that an answer to one of them can be trusted.

For mail the key is the local part of the Message-ID. The signature binds it to the address that it was sent
to: whoever quotes it from another address proves nothing.
"""

from __future__ import annotations

import hmac
import re
import secrets

_OURS = re.compile(r"<(inbox\.[a-z0-9]{24})\.([a-f0-9]{32})@[^<>\s]*>", re.IGNORECASE)


def new_key(secret: bytes, recipient: str) -> str:
    """A key for a reply to this recipient."""
    token = "inbox." + "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(24))
    return f"{token}.{_sign(secret, token, recipient)}"


def key_of(message_id: str) -> str | None:
    """The key in a Message-ID that looks like one of ours, else None. It proves nothing by itself."""
    match = _OURS.fullmatch(message_id)
    return f"{match[1]}.{match[2]}".lower() if match else None


def trusted(secret: bytes, key: str, writer: str) -> bool:
    """Whether the key was made for a reply to this writer."""
    token, _, mac = key.rpartition(".")
    return hmac.compare_digest(mac, _sign(secret, token, writer))


def _sign(secret: bytes, token: str, recipient: str) -> str:
    return hmac.digest(secret, f"{token}\0{recipient}".encode(), "sha256").hex()[:32]
