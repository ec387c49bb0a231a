"""Mails as no program should write them, made by chance from a number, which makes the same one again."""

from __future__ import annotations

import random

from tests.desk.automatic_mail import PEOPLE, SAMPLES

LARGEST = 60_000
"""Bytes of a mail that an account here takes whole."""
_HEADS = (
    b"From: Jo <jo%d@far.example>", b"From: jo%d@far.example", b"From:", b"From: <>", b"From: a@b, c@d",
    b"From: =?utf-8?b?/////w==?= <jo%d@far.example>", b"from : jo%d@far.example",
    b"From: \xff\xfe <jo%d@f.example>", b"FROM: \"jo\r\n %d\"\r\n\t<jo%d@far.example>",
    b"Message-ID: <same@far.example>", b"Message-ID: <%d@far.example>", b"Message-ID: none", b"Message-ID:",
    b"Message-ID: <%d@far.example> <second@far.example>", b"Message-ID: <\xe4%d@far.example>",
    b"In-Reply-To: <same@far.example>", b"References: " + b"<r@far.example> " * 300, b"References: <",
    b"Subject: question %d", b"Subject: =?x-none?q?=41?= %d", b"Subject: \x00\x1b[2J %d",
    b"Subject: " + b"a" * 3000, b"Date: Thu, 99 Foo 0000 99:99:99 +9999",
    b"Date: Mon, 1 Jan 2035 00:00:00 +0000", b"Received: x", b"no colon here",
    b"Content-Type: text/plain; charset=utf-16", b"Content-Type: text/html; charset=none",
    b"Content-Type: ;;;", b"Content-Type: multipart/mixed; boundary=b", b"Content-Type: multipart/mixed",
    b"Content-Type: message/rfc822", b"Content-Transfer-Encoding: base64",
    b"Content-Transfer-Encoding: quoted-printable", b"MIME-Version: 17",
    b"Content-Transfer-Encoding: x-unknown", b"Authentication-Results: mx; dmarc=fail",
    b"Auto-Submitted: auto-replied",
)  # fmt: skip
_BODIES = (
    b"Where is my order %d?", b"", b"\x00" * 40, b"\xff\xfe\x00a%d", b"--b\n\nx %d\n--b--\n",
    b"--b\nContent-Type: text/html", b"=3D=\n=ZZ %d", b"QUFB*QUFB", b"<p>%d<b>", b"> quoted %d\n" * 50,
    b".\n..\n.\r\n", b"From me to you %d\n",
    b"--b\nContent-Disposition: attachment; filename=\"../../x\"\n\n%d\n--b\n--b\n", b"a" * 20_000,
    b"\r" * 30, b"\n" * 500,
)  # fmt: skip
_ENDS = (b"\r\n", b"\n", b"\r")


def odd(number: int) -> bytes:
    """One such mail."""
    chance = random.Random(number)
    kind = chance.random()
    if kind < 0.1:
        return chance.randbytes(chance.randint(1, 2000))
    if kind < 0.3:
        return _spoiled(chance, chance.choice([*SAMPLES.values(), *PEOPLE.values()]), number)
    end = chance.choice(_ENDS)
    heads = [_numbered(one, number) for one in chance.sample(_HEADS, chance.randint(0, 9))]
    body = _numbered(chance.choice(_BODIES), number)
    return end.join([*heads, b"", body.replace(b"\n", end)]) or b"\n"


def large(number: int) -> bytes:
    """A mail that is larger than the account takes."""
    return b"From: large%d@far.example\r\nSubject: large %d\r\n\r\n" % (number, number) + b"x" * (
        LARGEST + number
    )


def _numbered(text: bytes, number: int) -> bytes:
    return text.replace(b"%d", str(number).encode())


def _spoiled(chance: random.Random, mail: bytes, number: int) -> bytes:
    """A good mail that lost or gained something on its way."""
    at, until = sorted(chance.randrange(len(mail)) for _ in range(2))
    what = chance.randrange(4)
    if what == 0:
        mail = mail[:at] + mail[until:]
    elif what == 1:
        mail = mail[:at] + chance.randbytes(9) + mail[at:]
    elif what == 2:
        mail = mail[:until]
    else:
        mail = mail[:at] + mail[at:until] * 2 + mail[until:]
    return mail + b"%d" % number
