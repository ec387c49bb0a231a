"""The mails of the story, built as real mail programs send them. Only words and MIME; it plays nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

SHOP = "help@shop.example"

_HAJO_FIRST = """\
Hello,

my phone says "no service" since this morning, in every place I have tried.
One question: is the SIM lock of my iPhone really off, or is the card dead?
I am on the road from tomorrow and nobody can reach me.

Customer number 204117.

Hajo Brandt
"""

_HAJO_SECOND = """\
Good morning,

it has been a day. I got an automatic mail that says "shortly". It is one
question, yes or no: is the SIM lock off?

Regards
Hajo

--\x20
Hajo Brandt
Joinery Brandt, Kiel
hajo@brandt.example

On {then} Hajo Brandt <hajo@brandt.example> wrote:
> Hello,
>
> my phone says "no service" since this morning, in every place I have tried.
> One question: is the SIM lock of my iPhone really off, or is the card dead?
> I am on the road from tomorrow and nobody can reach me.
>
> Customer number 204117.
>
> Hajo Brandt
"""

_HAJO_THIRD = """\
I do not know where else to write. This is my third mail. I have asked you on
X as well, and on your Facebook page. My mother is in hospital and the ward
cannot call me.

Please. Somebody must be able to look at one line in your system.

Hajo Brandt
"""

_HAJO_LONG_AGO = """\
Hello,

the new SIM card came today and works. Thank you for the quick swap.

Hajo Brandt
"""

_NORD = """\
<html><head><style>p { font-family: Verdana }</style></head><body>
<p>Guten Tag,</p>
<p>von der Lieferung <b>LN-3307</b> nach Bremen fehlen noch <b>12 Ladeger&auml;te</b>.
Der Rest ist vollst&auml;ndig.</p>
<table><tr><th>Artikel</th><th>bestellt</th><th>geliefert</th></tr>
<tr><td>Ladeger&auml;t 20 W</td><td>40</td><td>28</td></tr></table>
<p>Wann d&uuml;rfen wir damit rechnen?</p>
<p>Freundliche Gr&uuml;&szlig;e<br>Einkauf, Shop Nord</p>
<img src="https://shop-nord.example/pixel.gif" width="1" height="1" alt="">
</body></html>
"""

_RETURN = """\
Sehr geehrte Damen und Herren,

die Hülle für 24 Euro passt nicht. Ich möchte sie zurückschicken, finde aber
keinen Rücksendeschein im Päckchen. Können Sie mir einen schicken?

Mit freundlichen Grüßen
Jürgen Mößner
"""

_BROKEN_GLASS = """\
Hi,

the display was like this when I opened the box, see the photo. I would like
a new one rather than the money.

Carla Weiss
"""

_NEWSLETTER = """\
Fünf Ideen für Ihr Schaufenster im Winter.

Abmelden: https://handel-heute.example/abmelden
"""

_BOUNCE = """\
This is the mail system at host mx.shop.example.

Your message could not be delivered to one recipient.

<info@geschlossen.example>: user unknown
"""

# Eight bytes of signature and nothing after: an attachment only has to be one.
_PHOTO = b"\x89PNG\r\n\x1a\n" + bytes(96)


@dataclass(frozen=True)
class Mail:
    """One mail before it has a date."""

    sender: Address
    subject: str
    text: str = ""
    message_id: str = ""
    answers: str = ""
    """Message-ID it replies to; empty where it begins a thread."""
    to: str = SHOP
    finish: Callable[[EmailMessage], None] | None = None
    """What this mail does differently from plain UTF-8 text."""


def raw(mail: Mail, at: int) -> str:
    """The mail as it travels, pure ASCII with CRLF; ``at`` is its Date, milliseconds UTC."""
    built = EmailMessage(policy=SMTP)
    built["From"] = mail.sender
    built["To"] = mail.to
    built["Subject"] = mail.subject
    built["Date"] = format_datetime(datetime.fromtimestamp(at // 1000, UTC))
    built["Message-ID"] = mail.message_id
    if mail.answers:
        built["In-Reply-To"] = mail.answers
        built["References"] = mail.answers
    # Whole days are enough for the line above a quotation.
    then = datetime.fromtimestamp(at // 1000 - 86_400, UTC).strftime("%d %b %Y")
    built.set_content(mail.text.replace("{then}", then), cte="quoted-printable")
    if mail.finish is not None:
        mail.finish(built)
    return built.as_bytes().decode("ascii")


def _person(name: str, address: str) -> Address:
    return Address(name, addr_spec=address)


def _as_html(html: str) -> Callable[[EmailMessage], None]:
    return lambda mail: mail.set_content(html, subtype="html", cte="quoted-printable")


def _in_latin_1(text: str) -> Callable[[EmailMessage], None]:
    return lambda mail: mail.set_content(text, charset="iso-8859-1", cte="quoted-printable")


def _with_photo(mail: EmailMessage) -> None:
    mail.add_attachment(_PHOTO, maintype="image", subtype="png", filename="display.png")
    mail.set_boundary("photo")


def _as_newsletter(mail: EmailMessage) -> None:
    mail["List-Id"] = "<tipps.handel-heute.example>"
    mail["List-Unsubscribe"] = "<https://handel-heute.example/abmelden>"
    mail["Precedence"] = "bulk"


def _as_bounce(mail: EmailMessage) -> None:
    status = EmailMessage(policy=SMTP)
    status["Content-Type"] = "message/delivery-status"
    # The blocks of a delivery status (RFC 3464) are headers without a body.
    server, recipient = EmailMessage(policy=SMTP), EmailMessage(policy=SMTP)
    server["Reporting-MTA"] = "dns; mx.shop.example"
    recipient["Final-Recipient"] = "rfc822; info@geschlossen.example"
    recipient["Action"] = "failed"
    recipient["Status"] = "5.1.1"
    status.set_payload([server, recipient])
    mail["Return-Path"] = "<>"
    mail["Auto-Submitted"] = "auto-replied"
    mail.make_mixed()
    mail.attach(status)
    mail.replace_header("Content-Type", 'multipart/report; report-type="delivery-status"; boundary="report"')


_HAJO = _person("Hajo Brandt", "hajo@brandt.example")
_BEN = _person("Ben Okafor", "ben@okafor.example")

HAJO_LONG_AGO = Mail(_HAJO, "SIM card arrived", _HAJO_LONG_AGO, "<sim-swap.1@brandt.example>")
HAJO_FIRST = Mail(_HAJO, "iPhone does not connect: one question", _HAJO_FIRST, "<nosignal.1@brandt.example>")
HAJO_SECOND = Mail(
    _HAJO,
    "Re: iPhone does not connect: one question",
    _HAJO_SECOND,
    "<nosignal.2@brandt.example>",
    answers=HAJO_FIRST.message_id,
)
HAJO_THIRD = Mail(_HAJO, "PLEASE: my phone, third mail", _HAJO_THIRD, "<nosignal.3@brandt.example>")
SHOP_NORD = Mail(
    _person("Shop Nord", "einkauf@shop-nord.example"),
    "Lieferung LN-3307 nach Bremen: 12 Stück fehlen",
    message_id="<ln3307@shop-nord.example>",
    finish=_as_html(_NORD),
)
RETURN = Mail(
    _person("Jürgen Mößner", "j.moessner@post.example"),
    "Rücksendung Hülle",
    message_id="<huelle.77@post.example>",
    finish=_in_latin_1(_RETURN),
)
BROKEN_GLASS = Mail(
    _person("Carla Weiss", "carla@weiss.example"),
    "Broken display, order A-5388",
    _BROKEN_GLASS,
    "<a5388@weiss.example>",
    finish=_with_photo,
)
CANCEL = Mail(
    _person("Sofia Marino", "sofia.marino@post.example"),
    "Kündigung zum Monatsende",
    "Guten Tag,\n\nhiermit kündige ich den Vertrag 77-1032. Bitte bestätigen Sie das Ende.\n\nSofia Marino\n",
    "<kuendigung@post.example>",
)
ESIM = Mail(
    _person("Paul Novak", "paul@novak.example"),
    "eSIM: QR code not accepted",
    'Hi,\n\nyour QR code gives "no longer valid". Bought today. Can you send another?\n\nPaul\n',
    "<esim.4@novak.example>",
)
ADDRESS = Mail(
    _person("Ines Roth", "ines@roth.example"),
    "Lieferadresse ändern (A-5544)",
    "Hallo,\n\nbitte an die Werkstatt statt nach Hause liefern: Hafenstraße 9. Geht das noch?\n\nInes Roth\n",
    "<adresse@roth.example>",
)
BEN_ASKS = Mail(
    _BEN,
    "Opening hours",
    "Hello,\n\nare you open on the public holiday?\n\nBen Okafor\n",
    "<hours@okafor.example>",
)
BEN_ANSWERED = Mail(
    _person("Shop", SHOP),
    "Re: Opening hours",
    "Hello Ben,\n\nyes, from ten to two.\n\nYour Shop\n",
    "<answer.hours@shop.example>",
    answers=BEN_ASKS.message_id,
    to="Ben Okafor <ben@okafor.example>",
)
NEWSLETTER = Mail(
    _person("Handel heute", "tipps@handel-heute.example"),
    "Fünf Ideen fürs Schaufenster",
    _NEWSLETTER,
    "<ausgabe.46@handel-heute.example>",
    finish=_as_newsletter,
)
BOUNCE = Mail(
    _person("Mail Delivery System", "mailer-daemon@mx.shop.example"),
    "Undelivered Mail Returned to Sender",
    _BOUNCE,
    "<bounce.9@mx.shop.example>",
    finish=_as_bounce,
)
