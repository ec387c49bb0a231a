"""A raw mail into a record: what is read, what is believed, what can never happen."""

from __future__ import annotations

import base64
import email.policy
import json
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_tui.channels.email.parse import parse
from inbox_tui.channels.email.records import Envelope
from inbox_tui.model import Attachment, Automatic, Direction, Incoming
from tests.channels.email.world import ADDRESS, DATA, ENVELOPE, NOW, OURS, a_mail, facts

TESTS_DATA = Path(__file__).parent.parent.parent / "data"
SENT = replace(ENVELOPE, sent_folder=True)


def of(name: str, envelope: Envelope = ENVELOPE) -> Incoming:
    return parse((DATA / name).read_bytes(), envelope, OURS)


def read(*head: str, sender: str = "", body: str = "Is the lock off?") -> Incoming:
    return parse(a_mail(1, *head, sender=sender, body=body), ENVELOPE, OURS)


def test_an_ordinary_answer() -> None:
    mail = of("reply_de.eml")
    assert mail.author.value == "petra@kurz.example"
    assert mail.author.name == "Kurz, Petra"
    assert mail.author.handle == "petra@kurz.example"
    assert mail.subject == "Re: Rechnung doppelt – bitte prüfen"
    assert mail.text == "Guten Tag,\n\ndie Rechnung kam doppelt. Bitte prüfen Sie 20 €."
    assert mail.full_text.endswith("> welche Rechnung meinen Sie?")
    assert "\n\n\n" not in mail.full_text
    assert mail.direction is Direction.IN
    assert mail.automatic is Automatic.NO
    assert (mail.external_id, mail.sent_at, mail.thread_key) == ("INBOX/1/1", NOW, "")
    assert facts(mail).message_id == "<p1@kurz.example>"
    assert facts(mail).references == ("<p0@kurz.example>", "<r1@shop.example>")
    assert facts(mail).participants == ("petra@kurz.example", "j@kurz.example")


def test_html_alone_becomes_text() -> None:
    mail = of("html_only.eml")
    for words in ("Where is my order?", "one\ntwo", "Danke für Hilfe"):
        assert words in mail.text
    assert "alert" not in mail.text
    assert "color" not in mail.text


def test_plain_is_preferred_and_the_rest_is_listed() -> None:
    mail = of("mixed.eml")
    assert mail.text == "See the photos. Is it broken?"
    assert mail.attachments == (
        Attachment("logo.png", "image/png", 8),
        Attachment("schön.jpg", "image/jpeg", 8),
        Attachment("log.txt", "text/plain", 14),
        Attachment("", "message/rfc822", 44),
    )
    assert facts(mail).participants == ("lena@m.example", "friend@m.example")


def test_a_footer_in_plain_text_does_not_hide_a_mail_in_html() -> None:
    body = "\r\n".join(
        [
            *("--b", "Content-Type: text/html", "", "<p>The question</p>"),
            *("--b", "Content-Type: text/plain", "", "list footer", "--b--"),
        ]
    )
    assert read("Content-Type: multipart/mixed; boundary=b", body=body).text == "The question\n\nlist footer"


def test_an_empty_plain_text_gives_way_to_html() -> None:
    body = "\r\n".join(
        [
            "--b",
            "Content-Type: text/plain",
            "",
            " ",
            "--b",
            "Content-Type: text/html",
            "",
            "<p>Here</p>",
            "--b--",
        ]
    )
    assert read("Content-Type: multipart/alternative; boundary=b", body=body).text == "Here"


def test_a_mail_that_lies_about_its_charset_is_read() -> None:
    mail = of("charset_lie.eml")
    assert mail.text == "Die Größe – passt sie?"
    assert mail.subject == "Straße"
    assert mail.author.name == "Müller"


def test_charsets_that_spell_controls_are_not_believed() -> None:
    mail = of("utf7.eml")
    for text in (mail.text, mail.subject):
        assert "\x1b" not in text
        assert "\x07" not in text


def test_a_mail_without_a_header_is_all_text() -> None:
    mail = of("no_header.eml")
    assert mail.text == "just words, no header\nand a second line"
    assert mail.author.value is None
    assert not mail.can_reply
    assert mail.why_not


def test_a_mail_that_is_cut_off_is_read_as_far_as_it_goes() -> None:
    assert of("cut.eml").text == "first part, then the line bro"


def test_an_answer_below_its_quote_is_the_new_part() -> None:
    mail = of("bottom_post.eml")
    assert mail.text == "It is the blue one. And when will it be free?"
    assert "Which model" in mail.full_text


def test_a_bounce_is_one() -> None:
    mail = of("bounce.eml")
    assert mail.automatic is Automatic.BOUNCE
    assert "could not be delivered" in mail.text


@pytest.mark.parametrize(
    ("value", "address", "name"),
    [
        ("hajo@brandt.example", "hajo@brandt.example", ""),
        ("<HAJO@Brandt.example>", "hajo@brandt.example", ""),
        ('"a@b.example" <hajo@brandt.example>', "hajo@brandt.example", "a@b.example"),
        ("a@b.example <hajo@brandt.example>", "hajo@brandt.example", "a@b.example"),
        ("Brandt, Hajo <hajo@brandt.example>", "hajo@brandt.example", "Brandt Hajo"),
        ("hajo@brandt.example (Hajo)", "hajo@brandt.example", ""),
        ("=?utf-8?q?H=C3=A4jo?= <hajo@brandt.example>", "hajo@brandt.example", "Häjo"),
        ("=?utf-8?q?a=40b=2Eexample=3E?= <hajo@brandt.example>", "hajo@brandt.example", "a@b.example>"),
        ("hаjo@brandt.example", "hаjo@brandt.example", ""),  # a Cyrillic letter stays one
        ("hajo@xn--mller-kva.example", "hajo@xn--mller-kva.example", ""),
        ("<a@b.example> <c@d.example>", None, ""),
        ("a@b.example, c@d.example", None, "a@b.example, c@d.example"),
        ("Hajo <hajo@brandt@example>", None, "Hajo"),
        ("Hajo <hajo>", None, "Hajo"),
        ("Hajo <ha\x1bjo@brandt.example>", None, "Hajo"),
        ("Hajo", None, "Hajo"),
        ("undisclosed:;", None, ""),
    ],
)
def test_who_wrote_it(value: str, address: str | None, name: str) -> None:
    mail = read(sender=value)
    assert mail.author.value == address
    assert mail.author.name == name
    assert mail.can_reply is (address is not None)


def test_a_second_from_field_makes_the_sender_unknown() -> None:
    assert read("From: c@d.example").author.value is None


def test_a_reply_to_elsewhere_is_named() -> None:
    assert facts(read("Reply-To: other@evil.example")).reply_to == "other@evil.example"
    assert facts(read("Reply-To: Hajo1@Brandt.example")).reply_to == ""


def test_behind_a_web_form_is_the_customer() -> None:
    mail = read(
        "Reply-To: Lena <lena@m.example>", "Auto-Submitted: auto-generated", sender="form@shop.example"
    )
    assert mail.author.value == "lena@m.example"
    assert mail.author.name == "Lena"
    assert mail.automatic is Automatic.NO
    assert facts(mail).reply_to == ""
    assert facts(mail).participants == ("lena@m.example",)


def test_a_web_form_without_an_address_has_no_known_author() -> None:
    mail = read(sender="form@shop.example")
    assert mail.author.value is None
    assert "web form" in mail.why_not


@pytest.mark.parametrize("head", [[], ["Authentication-Results: mx.shop.example; dmarc=none"]])
def test_our_address_in_from_is_not_proof(head: list[str]) -> None:
    mail = read(*head, sender=ADDRESS)
    assert mail.direction is Direction.IN
    assert mail.automatic is Automatic.REPLY


def test_our_address_vouched_for_by_our_server_is_ours() -> None:
    mail = read("Authentication-Results: mx.shop.example; dmarc=pass", sender=ADDRESS)
    assert mail.direction is Direction.OUT
    assert mail.automatic is Automatic.NO


def test_the_sent_folder_holds_what_we_wrote() -> None:
    raw = a_mail(1, "Cc: cc@kurz.example", sender="someone@shop.example").replace(
        b"To: help@shop.example", b"To: help@shop.example, Hajo <hajo@brandt.example>"
    )
    mail = parse(raw, SENT, OURS)
    assert mail.direction is Direction.OUT
    assert mail.customer is not None
    assert (mail.customer.value, mail.customer.name) == ("hajo@brandt.example", "Hajo")
    assert mail.automatic is Automatic.NO


@pytest.mark.parametrize(
    ("results", "forged"),
    [
        (["mx.shop.example; dmarc=fail header.from=brandt.example"], True),
        (["mx.shop.example 1; spf=pass smtp.mailfrom=x; dkim=fail; dmarc=fail"], True),
        (["mx.shop.example; spf=fail; dkim=fail"], True),
        (["mx.shop.example; spf=softfail; dkim=fail"], True),
        (["mx.shop.example; spf=fail; dkim=fail; dkim=pass"], False),
        (["mx.shop.example; spf=fail"], False),
        (["mx.shop.example; dmarc=pass; spf=fail; dkim=fail"], False),
        (["MX.Shop.Example; DMARC=FAIL"], True),
        (["mx.shop.example; dmarc=pass (dmarc=fail)"], False),
        (["mx.shop.example.evil.example; dmarc=fail"], False),
        (["mx.shop.example; dmarc=pass", "mx.shop.example; dmarc=fail"], False),
        (["mx.shop.example; dmarc=fail", "mx.shop.example; dmarc=pass"], True),
        (["evil.example; dmarc=pass", "mx.shop.example; dmarc=fail"], True),
        (["mx.shop.example"], False),
        ([""], False),
    ],
)
def test_only_the_topmost_word_of_our_server_counts(results: list[str], forged: bool) -> None:
    mail = read(*(f"Authentication-Results: {value}" for value in results))
    assert facts(mail).forged is forged


def test_without_a_configured_server_nothing_is_forged() -> None:
    raw = a_mail(1, "Authentication-Results: mx.shop.example; dmarc=fail")
    assert not facts(parse(raw, ENVELOPE, replace(OURS, authserv_id=""))).forged


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ([], Automatic.NO),
        (["Auto-Submitted: no"], Automatic.NO),
        (["Auto-Submitted: auto-replied"], Automatic.REPLY),
        (["Auto-Submitted: auto-generated", "In-Reply-To: <r1@shop.example>"], Automatic.REPLY),
        (["X-Auto-Response-Suppress: All", "In-Reply-To: <r1@shop.example>"], Automatic.REPLY),
        (["X-Autoreply: yes"], Automatic.REPLY),
        (["X-Autorespond: yes"], Automatic.REPLY),
        (["Precedence: auto_reply"], Automatic.REPLY),
        (["Return-Path: <>"], Automatic.REPLY),
        (["X-Loop: help@shop.example"], Automatic.REPLY),
        (["Content-Type: multipart/report; report-type=disposition-notification"], Automatic.REPLY),
        (["Content-Type: multipart/report; report-type=delivery-status"], Automatic.BOUNCE),
        (["Auto-Submitted: auto-generated"], Automatic.BULK),
        (["Precedence: Bulk"], Automatic.BULK),
        (["List-Id: <news.shop.example>"], Automatic.BULK),
        (["List-Unsubscribe: <https://news.example/>"], Automatic.BULK),
        (["X-Auto-Response-Suppress: OOF"], Automatic.BULK),
    ],
)
def test_what_a_machine_wrote(head: list[str], kind: Automatic) -> None:
    assert read(*head).automatic is kind


@pytest.mark.parametrize(
    ("sender", "kind"),
    [
        ("MAILER-DAEMON@mx.example", Automatic.BOUNCE),
        ("postmaster@mx.example", Automatic.BOUNCE),
        ("no-reply@x.example", Automatic.BULK),
        ("shop.noreply@x.example", Automatic.BULK),
        ("do-not-reply+42@x.example", Automatic.BULK),
        ("norely@x.example", Automatic.NO),
        ("reno@x.example", Automatic.NO),
    ],
)
def test_senders_that_are_machines(sender: str, kind: Automatic) -> None:
    assert read(sender=sender).automatic is kind


def test_a_missing_message_id_is_empty_and_a_bare_one_gets_brackets() -> None:
    assert facts(parse(b"From: a@b.example\n\nx", ENVELOPE, OURS)).message_id == ""
    assert facts(parse(b"Message-ID: a@b\n\nx", ENVELOPE, OURS)).message_id == "<a@b>"


def test_of_many_references_both_ends_are_kept() -> None:
    ids = [f"<{n}@brandt.example>" for n in range(2000)]
    found = facts(read("References: " + " ".join(ids), "In-Reply-To: <last@brandt.example>")).references
    assert len(found) == 50
    assert found[:2] == ("<0@brandt.example>", "<1@brandt.example>")
    assert found[-2:] == ("<1999@brandt.example>", "<last@brandt.example>")


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=40), max_size=6
    ),
    st.sampled_from(["utf-8", "iso-8859-1", "windows-1252", "iso-2022-jp", "gb18030", "koi8-r"]),
    st.sampled_from(["quoted-printable", "base64"]),
    st.booleans(),
)
def test_the_text_is_what_the_standard_library_reads(
    lines: list[str], charset: str, encoding: str, attached: bool
) -> None:
    text = "\n".join(lines)
    try:
        text.encode(charset)
    except UnicodeEncodeError:
        charset = "utf-8"
    made = EmailMessage(policy=email.policy.SMTP)
    made["From"] = "a@b.example"
    made["Subject"] = "x"
    made.set_content(text, charset=charset, cte=encoding)
    if attached:
        made.add_attachment(text.encode() * 3, maintype="application", subtype="pdf", filename="a.pdf")
    raw = made.as_bytes()
    known = email.message_from_bytes(raw, policy=email.policy.default)
    body = known.get_body(("plain",))
    assert body is not None
    mail = parse(raw, replace(ENVELOPE, light=True), OURS)
    assert squeezed(mail.text) == squeezed(body.get_content())
    assert [(a.name, a.size) for a in mail.attachments] == [
        (part.get_filename(), len(part.get_content())) for part in known.iter_attachments()
    ]


def squeezed(text: str) -> list[str]:
    """Its words: blank lines and the ends of lines may differ."""
    return text.split()


PIECES = st.sampled_from(
    [
        b"\n",
        b"\r\n",
        b"\r",
        b"\n\n",
        b":",
        b" ",
        b"From: ",
        b"Subject: ",
        b"To: a@b.example, ",
        b"Reply-To: ",
        b"Content-Type: multipart/mixed; boundary=b\n",
        b'Content-Type: multipart/alternative; boundary="b b"\n',
        b"Content-Type: text/html; charset=",
        b"Content-Type: text/plain; name*0*=utf-8''%",
        b"Content-Disposition: attachment; filename*=",
        b"Content-Transfer-Encoding: base64\n",
        b"Content-Transfer-Encoding: quoted-printable\n",
        b"--b\n",
        b"--b--\n",
        b"--b b\n",
        b"=?utf-8?q?=C3?=",
        b"=?x?b?!?=",
        b"=?utf-7?B?",
        b"References: <a@b> <",
        b"Authentication-Results: mx.shop.example; dmarc=fail\n",
        b"On Mon, a wrote:\n> x\n",
        b"-- \n",
        b"<div><p>",
        b"<!--",
        b"<script",
        b"&#x110000;&#0;",
        b"utf-16",
        b"\xff\xfe\x00",
        b"\x1b[2J",
        "ß字🙂".encode(),
    ]
)


@given(st.lists(PIECES | st.binary(max_size=8), max_size=40).map(b"".join), st.booleans(), st.booleans())
def test_no_bytes_make_it_raise(raw: bytes, light: bool, sent: bool) -> None:
    mail = parse(raw, replace(ENVELOPE, light=light, sent_folder=sent), OURS)
    for text in (
        mail.text,
        mail.full_text,
        mail.subject,
        mail.author.name,
        *(a.name for a in mail.attachments),
    ):
        text.encode()
    assert all("/" not in a.name and "\\" not in a.name for a in mail.attachments)
    assert mail.author.value is None or "@" in mail.author.value


HOSTILE = [
    json.loads(line)["input"] for line in (TESTS_DATA / "hostile.jsonl").read_text("utf-8").splitlines()
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_comes_through_whole_and_breaks_nothing(text: str) -> None:
    made = EmailMessage(policy=email.policy.SMTP)
    made["From"] = "a@b.example"
    made.set_content("x")
    word = base64.b64encode(text.encode("utf-8", "replace")).decode()
    raw = made.as_bytes().replace(b"From: a@b.example", b"From: =?utf-8?b?%b?= <a@b.example>" % word.encode())
    raw = b"Subject: =?utf-8?b?" + word.encode() + b"?=\r\n" + raw
    raw = raw[: raw.index(b"\r\n\r\n")].replace(b"7bit", b"base64") + b"\r\n\r\n" + word.encode() + b"\r\n"
    mail = parse(raw, ENVELOPE, OURS)
    shown = text.encode("utf-8", "replace").decode()
    assert squeezed(mail.subject) == squeezed(shown)
    assert squeezed(mail.full_text or mail.text) == squeezed(shown)
    assert mail.author.value == "a@b.example"
