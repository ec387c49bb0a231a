"""Did a machine write it, and which kind? Pure rules over the header.

Sources: RFC 3834 (automatic responses), RFC 2919 and 2369 (lists), RFC 6522 (reports), and what senders
add beside them (Precedence, X-Auto-Response-Suppress, X-Autoreply, X-Loop).
"""

from __future__ import annotations

import re

from inbox_tui.channels.email.headers import Fields, first
from inbox_tui.model import Automatic

_BOUNCERS = re.compile(r"mailer-daemon|postmaster|mail-?daemon|bounces?([+=-].*)?", re.IGNORECASE)
_NO_REPLY = re.compile(
    r"(.*[._+-])?(no-?_?reply|do-?not-?reply|noreply|donotreply|nicht-?antworten)([._+-].*)?"
)
_ANSWER_SUBJECT = re.compile(
    r"(?:automatic reply|auto(?:matic)?[ -]?(?:reply|response|antwort)|automatische antwort|abwesenheit"
    r"|out of (?:the )?office|réponse automatique|respuesta automática|risposta automatica)\b",
    re.IGNORECASE,
)


def classify(fields: Fields, address: str, subject: str) -> Automatic:
    """address: of From, in lower case, may be empty."""
    local = address.partition("@")[0]
    return_path = first(fields, "return-path")
    content = first(fields, "content-type").lower()
    if "delivery-status" in content or (
        content.startswith("multipart/report") and "report-type" not in content
    ):
        return Automatic.BOUNCE
    if _BOUNCERS.fullmatch(local) and (return_path == "<>" or local in ("mailer-daemon", "postmaster")):
        return Automatic.BOUNCE
    if _is_answer(fields, return_path, content, subject):
        return Automatic.REPLY
    if _is_bulk(fields) or _NO_REPLY.fullmatch(local):
        return Automatic.BULK
    return Automatic.NO


def _is_answer(fields: Fields, return_path: str, content: str, subject: str) -> bool:
    submitted = _submitted(fields)
    if submitted == "auto-replied" or "x-autoreply" in fields or "x-autorespond" in fields:
        return True
    if return_path.strip() == "<>" or "x-loop" in fields or content.startswith("multipart/report"):
        return True
    if _precedence(fields) == "auto_reply":
        return True
    made = submitted not in ("", "no") or "x-auto-response-suppress" in fields
    # Exchange marks its out-of-office answers like any generated mail; that they answer tells them apart.
    return made and ("in-reply-to" in fields or bool(_ANSWER_SUBJECT.match(subject)))


def _is_bulk(fields: Fields) -> bool:
    if _submitted(fields) not in ("", "no") or "x-auto-response-suppress" in fields:
        return True
    if _precedence(fields) in ("bulk", "list", "junk"):
        return True
    return any(name in fields for name in ("list-id", "list-unsubscribe", "list-post"))


def sent_by_machine(fields: Fields) -> Automatic:
    """The same for our own mail: only what our own responders write is automatic."""
    return (
        Automatic.REPLY if _submitted(fields) not in ("", "no") or "x-autoreply" in fields else Automatic.NO
    )


def _submitted(fields: Fields) -> str:
    return first(fields, "auto-submitted").partition(";")[0].strip().lower()


def _precedence(fields: Fields) -> str:
    return first(fields, "precedence").strip().lower()
