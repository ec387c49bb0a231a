"""What the firm's own receiving server found out about the sender (RFC 8601). Pure.

Only the topmost Authentication-Results with the configured server id count: anybody can write one below it.
"""

from __future__ import annotations

import re

from inbox_tui.channels.email.charset import whole
from inbox_tui.channels.email.headers import Fields

_COMMENT = re.compile(r"\([^()]*\)")
_RESULT = re.compile(r";\s*(dmarc|spf|dkim)\s*=\s*([a-z]+)")


def results(fields: Fields, authserv_id: str) -> dict[str, set[str]]:
    """Results by method (dmarc, spf, dkim); empty where nothing trusted is there."""
    if not authserv_id:
        return {}
    for value in fields.get("authentication-results", ()):
        text = _COMMENT.sub(" ", whole(value.decode("utf-8", "replace"))).lower()
        server = text.partition(";")[0].split()
        if server and server[0] == authserv_id:
            found: dict[str, set[str]] = {}
            for method, result in _RESULT.findall(text):
                found.setdefault(method, set()).add(result)
            return found
    return {}


def forged(found: dict[str, set[str]]) -> bool:
    """The sender is not who he says: DMARC fails, or, where there is none, SPF and DKIM both do."""
    if "dmarc" in found:
        return "fail" in found["dmarc"]
    spf = bool(found.get("spf", set()) & {"fail", "softfail"})
    dkim = found.get("dkim", set())
    return spf and bool(dkim) and "pass" not in dkim and "fail" in dkim


def proven(found: dict[str, set[str]]) -> bool:
    """The domain of From is really where it came from."""
    return found.get("dmarc") == {"pass"}
