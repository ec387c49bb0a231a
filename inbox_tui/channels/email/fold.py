"""What is new in a mail: quoted mails and signatures folded away. Pure.

Where older mails begin is found by mail-parser-reply, for the languages whose words occur. Its rules for
signatures are not used: they hide everything after any line that begins with "Thanks," or "Tak…". Ours
hide only a short tail that asks nothing, for a question that nobody sees is worse than a name too many.
"""

from __future__ import annotations

import re

MAX_TEXT = 100_000
"""Characters in which quotes are looked for; all of a longer text counts as new."""
_MAX_TAIL = 12
"""Lines of the longest signature."""

# Words without which the library's pattern for that language cannot match.
_WORDS: dict[str, tuple[str, ...]] = {
    "en": ("wrote:", "From:", "Original Message", "Sent:"),
    "de": ("schrieb", "Von:", "Gesendet:"),
    "fr": ("a écrit", "Envoyé :", "Envoyé:", "Objet :"),
    "es": ("escribió:", "Enviado:", "Asunto:"),
    "it": ("ha scritto:", "Inviato:", "Oggetto:"),
    "nl": ("schreef:", "Verzonden:", "Onderwerp:"),
    "pl": ("napisał", "nadesłał", "Wysłano:", "Temat:"),
    "cs": ("napsal", "Odesláno:", "Předmět:"),
    "da": ("skrev", "Oprindelig meddelelse", "Sendt:", "Emne:"),
    "sv": ("skrev", "Skickat:", "Ämne:"),
    "ja": (">:\n", ">:"),
    "ko": ("작성하였습니다", "보낸"),
    "zh": ("写道", "发件人"),
    "david": ("processed by david",),
}
_BLANK_LINES = re.compile(r"\n(?:[ \t\xa0]*\n){2,}")
_MARK = re.compile(r"[@\d]|-{5}")
_QUOTED = re.compile(r"[ \t]*>")
_DELIMITER = re.compile(r"--[ \t\xa0]?")
_CLOSING = re.compile(
    r"(?:(?:with |mit )?(?:best|kind|warm|many|freundlichen?|besten?|vielen?|herzlichen?|liebe|schöne) "
    r"(?:regards|wishes|greetings|thanks|gr(?:ü|ue)(?:ß|ss)en?|dank)|regards|cheers|sincerely|yours sincerely"
    r"|gruß|grüße|viele grüße|mfg|vg|lg|cordialement|bien cordialement|salutations|saludos|un saludo"
    r"|atentamente|cordiali saluti|distinti saluti|met vriendelijke groet(?:en)?|groeten|z poważaniem"
    r"|pozdrawiam|s pozdravem|(?:med )?venlig hilsen|hilsen|(?:med )?vänliga hälsningar|hälsningar|mvh)"
    r"[\s,.!–-]*",
    re.IGNORECASE,
)
_SENT_FROM = re.compile(
    r"(?:sent from (?:my|outlook|yahoo)|get outlook for|(?:von meinem|gesendet von|diese nachricht wurde von)"
    r"|envoyé (?:de|depuis)|inviato da|enviado desde|verzonden v(?:anaf|an)|sendt fra|skickat från"
    r"|wysłan[eo] z|odesláno z)\b.{0,80}",
    re.IGNORECASE,
)
_SAYS_MORE = re.compile(r"[?？]|^\s*p\.?\s?s\b", re.IGNORECASE | re.MULTILINE)


def collapse(text: str) -> str:
    """Line ends made one kind, more than one blank line in a row made one, blanks at both ends cut."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _BLANK_LINES.sub("\n\n", text).strip("\n").rstrip()


def new_part(text: str) -> str:
    """The new part of a collapsed text; all of it where nothing new would be left."""
    if len(text) > MAX_TEXT:
        return text
    return _without_signature(_above_quote(text)) or _answers_below(text) or text


def _above_quote(text: str) -> str:
    languages = [name for name, words in _WORDS.items() if any(word in text for word in words)]
    if languages:
        text = _before_older_mail(text, languages)
    lines = text.split("\n")
    while lines and (not lines[-1].strip() or _QUOTED.match(lines[-1])):
        lines.pop()
    if len(lines) < text.count("\n") + 1 and lines and lines[-1].rstrip().endswith(":") and "@" in lines[-1]:
        lines.pop()  # who wrote what was quoted
    return "\n".join(lines).rstrip()


def _before_older_mail(text: str, languages: list[str]) -> str:
    from mailparser_reply.parser import EmailMessage

    try:
        read = EmailMessage(text=text, languages=languages, include_english="en" in languages).read()
    except (re.error, AttributeError, IndexError, ValueError, TypeError):
        return text
    # The mark of an older mail names a time or an address; "From: Hamburg" is a customer's own line.
    if not any(_MARK.search(reply.headers or "") for reply in read.replies[:2]):
        return text
    newest = read.replies[0]
    return "" if newest.headers else str(newest.content)


def _answers_below(text: str) -> str:
    """Of a mail that begins with what it quotes: the lines that are not quoted."""
    lines = [line for line in text.split("\n") if not _QUOTED.match(line)]
    if len(lines) == text.count("\n") + 1:
        return ""
    while lines and (not lines[0].strip() or lines[0].rstrip().endswith(":")):
        lines.pop(0)
    return _without_signature("\n".join(lines).strip())


def _without_signature(text: str) -> str:
    lines = text.split("\n")
    for number in range(max(1, len(lines) - _MAX_TAIL), len(lines)):
        line = lines[number].strip(" \t\xa0*")
        begins = _DELIMITER.fullmatch(lines[number]) or _CLOSING.fullmatch(line) or _SENT_FROM.fullmatch(line)
        if begins and not _SAYS_MORE.search("\n".join(lines[number:])):
            return "\n".join(lines[:number]).rstrip() or text
    return text
