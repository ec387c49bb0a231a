"""A reply as a mail: its headers, what is refused, the same bytes each time."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_tui.channels.email.body import attachments, content
from inbox_tui.channels.email.compose import MAX_REFERENCES, compose, message_id, reply_subject
from inbox_tui.channels.email.mime import walk
from inbox_tui.config import EmailAccount
from inbox_tui.errors import Refused
from inbox_tui.model import Author, OutgoingFile
from inbox_tui.text import clean
from tests.channels.email.world import ADDRESS, NOW, a_reply

ACCOUNT = EmailAccount(
    name="mail",
    channel="email",
    address=ADDRESS,
    display_name="Shop, Help",
    imap_host="localhost",
    smtp_host="localhost",
    signature="Your shop\nPort 1",
)


def read(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=email.policy.default)


def test_the_headers_name_us_the_customer_and_what_is_answered() -> None:
    mail = read(compose(ACCOUNT, a_reply(), NOW))
    assert mail["From"] == '"Shop, Help" <help@shop.example>'
    assert mail["To"] == "Hajo Brandt <hajo@brandt.example>"
    assert mail["Subject"] == "Re: the SIM lock"
    assert mail["Message-ID"] == "<r7.f00d@shop.example>"
    assert mail["In-Reply-To"] == "<1@brandt.example>"
    assert mail["References"] == "<0@brandt.example> <1@brandt.example>"
    assert mail["Date"].datetime.timestamp() == NOW // 1000
    assert mail["MIME-Version"] == "1.0"


def test_text_and_signature_arrive_as_they_are() -> None:
    reply = a_reply()
    mail = read(compose(ACCOUNT, reply, NOW))
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().replace("\r\n", "\n") == f"{reply.text}\n\n-- \nYour shop\nPort 1\n"
    assert all(len(line) <= 998 for line in compose(ACCOUNT, reply, NOW).split(b"\r\n"))


def test_without_a_signature_there_is_no_delimiter() -> None:
    mail = read(compose(replace(ACCOUNT, signature=""), a_reply(text="Yes"), NOW))
    assert mail.get_content().strip() == "Yes"


def test_the_same_reply_makes_the_same_bytes() -> None:
    assert compose(ACCOUNT, a_reply(), NOW) == compose(ACCOUNT, a_reply(), NOW + 7)


def test_line_ends_are_crlf() -> None:
    raw = compose(ACCOUNT, a_reply(), NOW)
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    assert raw.endswith(b"\r\n")


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("the SIM lock", "Re: the SIM lock"),
        ("Re: the SIM lock", "Re: the SIM lock"),
        ("AW: RE: Re[2]: the SIM lock", "Re: the SIM lock"),
        ("re:the SIM lock", "Re: the SIM lock"),
        ("Refund: when?", "Re: Refund: when?"),
        ("Reference", "Re: Reference"),
        ("", "Re:"),
        ("Größe 42 " + "x" * 300, "Re: Größe 42 " + "x" * 300),
    ],
)
def test_a_subject_gets_one_re(subject: str, expected: str) -> None:
    assert reply_subject(subject) == expected
    assert read(compose(ACCOUNT, a_reply(subject=subject), NOW))["Subject"] == expected


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "a\r\nBcc: all@shop.example"},
        {"subject": "a\x1b]0;x\x07"},
        {"to": Author("email", "hajo@brandt.example", "Hajo\nBcc: x@y.example")},
        {"to": Author("email", "hajo@brandt.example\r\nBcc: x@y.example")},
        {"to": Author("email", "hajo@brandt.example, x@y.example")},
        {"to": Author("email", "hajo")},
        {"to": Author("email", None)},
        {"key": "a\r\nb"},
        {"key": "a>b"},
        {"key": ""},
    ],
)
def test_what_would_break_out_of_a_header_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(Refused):
        compose(ACCOUNT, a_reply(**changes), NOW)


def test_an_account_name_with_a_line_break_is_refused() -> None:
    with pytest.raises(Refused, match="name"):
        compose(replace(ACCOUNT, display_name="Shop\nBcc: x@y.example"), a_reply(), NOW)


def test_many_references_are_kept_at_both_ends_and_unfolded_inside() -> None:
    known = tuple(f"<{'a' * 100}{n}@brandt.example>" for n in range(100))
    raw = compose(ACCOUNT, a_reply(mail_references=known), NOW)
    named = str(read(raw)["References"]).split()
    assert len(named) == MAX_REFERENCES
    assert named[0] == known[0]
    assert named[-2:] == [known[-1], "<1@brandt.example>"]
    assert b"=?" not in raw.split(b"\r\n\r\n")[0]


def test_foreign_ids_that_no_header_can_carry_are_left_out() -> None:
    reply = a_reply(mail_in_reply_to="<a\x1b@b>", mail_references=("<ä@b>", "<0@b>", "<c d@e>"))
    mail = read(compose(ACCOUNT, reply, NOW))
    assert mail["In-Reply-To"] is None
    assert mail["References"] == "<0@b>"


def test_an_address_beyond_ascii_makes_a_utf8_header() -> None:
    raw = compose(ACCOUNT, a_reply(to=Author("email", "jörg@müller.example", "Jörg")), NOW)
    assert "jörg@müller.example".encode() in raw


def test_the_message_id_has_an_ascii_domain() -> None:
    assert message_id(replace(ACCOUNT, address="help@müller.example"), a_reply()) == (
        "<r7.f00d@xn--mller-kva.example>"
    )


@given(
    text=st.text(max_size=300),
    name=st.text(max_size=60),
    subject=st.text(max_size=120),
    address=st.text(max_size=30),
)
def test_whatever_is_written_makes_one_good_mail_or_is_refused(
    text: str, name: str, subject: str, address: str
) -> None:
    to = Author("email", f"{address}@brandt.example", name)
    try:
        raw = compose(ACCOUNT, a_reply(text=text, subject=subject, to=to), NOW)
    except Refused:
        return
    head = raw.split(b"\r\n\r\n")[0].split(b"\r\n")
    names = [line.split(b":")[0] for line in head if not line.startswith((b" ", b"\t"))]
    assert sorted(names) == sorted(
        [
            b"From",
            b"To",
            b"Subject",
            b"Date",
            b"Message-ID",
            b"In-Reply-To",
            b"References",
            b"MIME-Version",
            b"Content-Type",
            b"Content-Transfer-Encoding",
        ]
    )


@given(
    st.lists(
        st.builds(
            OutgoingFile,
            st.text(max_size=80),
            st.sampled_from(
                ["text/plain", "message/rfc822", "application/pdf", "multipart/mixed", "", "x\r\ny"]
            ),
            st.binary(max_size=300),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_files_of_any_name_and_kind_arrive_byte_for_byte(files: list[OutgoingFile]) -> None:
    reply = a_reply(files=tuple(files), cc=("a@x.example", "a@x.example", "hajo@brandt.example"))
    raw = compose(ACCOUNT, reply, NOW)
    assert raw == compose(ACCOUNT, reply, NOW)
    mail = read(raw)
    assert mail["Cc"] == "a@x.example"
    parts = list(mail.iter_attachments())
    assert [part.get_payload(decode=True) for part in parts] == [file.content for file in files]
    names = [part.get_filename() or "" for part in parts]
    assert all(name and clean(name, multiline=False) == name for name in names)
    listed = attachments(raw, walk(raw)[1])
    assert [content(raw, walk(raw)[1], place) for place in range(len(listed))] == [f.content for f in files]


@pytest.mark.parametrize("wrong", ["a@x.example\r\nBcc: b@x.example", "nobody", "a b@x.example"])
def test_a_copy_to_what_is_no_address_is_refused(wrong: str) -> None:
    with pytest.raises(Refused):
        compose(ACCOUNT, a_reply(cc=(wrong,)), NOW)
