"""What is written beyond plain replies, on real servers: it arrives whole, and answers come back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from hashlib import sha256
from pathlib import Path

import pytest

from inbox_tui import config as configuration
from inbox_tui.bootstrap import open_inbox, open_worker
from inbox_tui.errors import NotFound, NothingToDo, ReplyBlocked, UsageError
from inbox_tui.inbox import Inbox
from inbox_tui.model import CaseState, Filing, Reply, ReplyKind, ReplyState
from inbox_tui.sandbox.runner import Sandbox
from inbox_tui.service.worker import Worker

CONTENT = bytes(range(256)) * 700 + b"\r\n.\r\nFrom x\n\r"
HOSTILE = ("../../etc/passwd", "-rf", ".bashrc", "Rechnung März 2026 – größer.pdf", 'a"b;c.txt', "x" * 240)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox(tmp_path / "sandbox", scenario="empty") as box:
        box.mail.add_account("hajo", "hajo@brandt.example", "one password")
        box.mail.add_account("supplier", "sales@supplier.example", "another")
        yield box


@contextmanager
def office(sandbox: Sandbox) -> Iterator[tuple[Inbox, Worker]]:
    """Inbox and worker of this process, after a first fetch."""
    config = configuration.load(str(sandbox.config_path))
    worker, inbox = open_worker(config), open_inbox(config)
    assert worker.try_lock()
    try:
        fetch(worker)
        yield inbox, worker
        assert inbox.rebuild() == ()
        assert [finding for finding in inbox.inspect() if not finding.ok] == []
    finally:
        inbox.close()
        worker.close()


def fetch(worker: Worker) -> int:
    results = worker.fetch_once()
    assert {name: result.error for name, result in results.items() if result.error} == {}
    return sum(result.new for result in results.values())


def sent(worker: Worker, queued: Reply) -> Reply:
    reply = worker.send_reply(queued.id)
    assert (reply.state, reply.error) == (ReplyState.SENT, "")
    return reply


def arrived(sandbox: Sandbox, account: str, folder: str = "INBOX") -> EmailMessage:
    """The only mail in a folder."""
    [(_, _, raw)] = sandbox.mail.mailbox(account, folder)
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def asked(sandbox: Sandbox, worker: Worker, inbox: Inbox, **more: object) -> int:
    """A case of Hajo's that waits."""
    mail = {"channel": "email", "kind": "mail", "from": "hajo@brandt.example", "name": "Hajo Brandt"}
    sandbox.play({**mail, "subject": "Where is AB-1?", "text": "Where is my order?", **more})
    assert fetch(worker) == 1
    return inbox.page("waiting")[-1].id


def a_file(folder: Path, name: str = "bill.pdf", content: bytes = CONTENT) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_a_mail_arrives_with_its_files_byte_for_byte_and_so_does_its_copy(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    with office(sandbox) as (inbox, worker):
        case = asked(sandbox, worker, inbox)
        draft = inbox.writing.draft_reply(case, text="See there.")
        for name in ("bill.pdf", "größer – 2026.txt"):
            inbox.writing.attach(draft.id, a_file(tmp_path, name))
        extra = inbox.writing.attach(draft.id, a_file(tmp_path, "wrong.txt"))
        inbox.writing.detach(draft.id, extra.number)
        assert inbox.writing.set_cc(draft.id, "Sales <sales@supplier.example>") == ("sales@supplier.example",)
        reply = sent(worker, inbox.reply(case, "See there.", draft=draft.id))
        assert reply.filing is Filing.DONE

        mail = arrived(sandbox, "hajo")
        files = {part.get_filename(): part.get_payload(decode=True) for part in mail.iter_attachments()}
        assert files == {"bill.pdf": CONTENT, "größer – 2026.txt": CONTENT}
        assert mail["Cc"] == "sales@supplier.example" and mail["Subject"] == "Re: Where is AB-1?"
        assert arrived(sandbox, "supplier").as_bytes() == mail.as_bytes()
        assert arrived(sandbox, "mail", "Sent").as_bytes() == mail.as_bytes()
        journal = sandbox.journal.sent[-1]
        assert journal["to"] == "hajo@brandt.example, sales@supplier.example"
        assert journal["files"] == [
            {"name": name, "size": len(CONTENT), "sha256": sha256(CONTENT).hexdigest()} for name in files
        ]
        shown = inbox.case(case).timeline[-1]
        assert [file.name for file in shown.attachments] == list(files) and shown.cc == reply.cc
        assert inbox.case(case).row.state is CaseState.PENDING
        ours = inbox.files.of_case(case)[0]
        assert inbox.files.save(ours, tmp_path / "saved").read_bytes() == CONTENT
        # Who got a copy takes part: his answer belongs here.
        answer = {"channel": "email", "kind": "mail", "from": "sales@supplier.example", "subject": "Re: AB-1"}
        sandbox.play({**answer, "text": "It is on its way.", "in_reply_to": str(mail["Message-ID"])})
        assert fetch(worker) == 1
        assert [row.id for row in inbox.page("waiting")] == [case]


def test_what_is_forwarded_comes_back_into_the_case_and_stops_no_clock(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    letter = EmailMessage()
    letter["From"], letter["To"] = "Hajo Brandt <hajo@brandt.example>", "help@shop.example"
    letter["Subject"], letter["Message-ID"] = "Broken", "<1@brandt.example>"
    letter.set_content("It is broken, see the picture.\nAnd now?")
    letter.add_attachment(CONTENT, maintype="image", subtype="png", filename="broken.png")
    with office(sandbox) as (inbox, worker):
        case = asked(sandbox, worker, inbox, raw=letter.as_string(), subject=None, text=None)
        since = inbox.case(case).row.waiting_since
        inbox.note(case, "he is cross")
        queued = inbox.writing.forward(case, "Mia <sales@supplier.example>", "Can you mend it?")
        assert queued.kind is ReplyKind.FORWARD
        sent(worker, queued)
        mail = arrived(sandbox, "supplier")
        text = str(mail.get_body().get_content()).replace("\r\n", "\n")  # type: ignore[union-attr]
        assert mail["Subject"] == "Fwd: Broken" and text.startswith("Can you mend it?\n\n")
        assert (
            "Hajo Brandt <hajo@brandt.example> by mail:\n> It is broken, see the picture.\n> And now?" in text
        )
        assert "cross" not in text
        [picture] = mail.iter_attachments()
        assert (picture.get_filename(), picture.get_payload(decode=True)) == ("broken.png", CONTENT)
        row = inbox.case(case).row
        assert (row.state, row.waiting_since) == (CaseState.WAITING, since)

        sent(worker, inbox.reply(case, "We ask the maker."))
        assert inbox.case(case).row.state is CaseState.PENDING
        answer = {"channel": "email", "kind": "mail", "from": "sales@supplier.example", "subject": "Re: Fwd"}
        sandbox.play({**answer, "text": "Yes, by Friday.", "in_reply_to": str(mail["Message-ID"])})
        assert fetch(worker) == 1
        found = inbox.case(case)
        assert found.row.state is CaseState.WAITING
        assert [m.text for m in found.timeline if m.owed] == ["Yes, by Friday."]
        customers, aside = ([t.id for t in found.threads if t.aside is side] for side in (False, True))
        # A plain reply never goes to him, though he wrote last; one to him does not answer the customer.
        assert sent(worker, inbox.reply(case, "It is mended by Friday.")).thread in customers
        assert inbox.case(case).row.waiting_since is None
        asked(sandbox, worker, inbox, text="Thanks! How much?", in_reply_to="<1@brandt.example>")
        thanks = inbox.reply(case, "Thank you.", thread=aside[0])
        sent(worker, thanks)
        assert inbox.case(case).row.state is CaseState.WAITING
        assert inbox.triage.spam([case]).cases == (case,)
        sandbox.play({**answer, "text": "It is ready.", "in_reply_to": str(mail["Message-ID"])})
        sandbox.play({"channel": "email", "kind": "mail", "from": "sales@supplier.example", "text": "Other"})
        fetch(worker)
        assert [row.person.name for row in inbox.page("waiting")] == ["Mia"], "the supplier is no spammer"


def test_a_mail_of_our_own_opens_a_case_and_its_answer_finds_it(sandbox: Sandbox) -> None:
    with office(sandbox) as (inbox, worker):
        queued = inbox.writing.new_mail("Hajo <hajo@brandt.example>", "Your order", "It left today.")
        assert inbox.case(queued.case).row.person.name == "Hajo"
        sent(worker, queued)
        first = arrived(sandbox, "hajo")
        assert (first["Subject"], first["In-Reply-To"]) == ("Your order", None)
        assert inbox.case(queued.case).row.state is CaseState.PENDING
        again = sent(worker, inbox.reply(queued.case, "And its bill."))
        second = message_from_bytes(sandbox.mail.mailbox("hajo")[1][2], policy=policy.default)
        assert (second["In-Reply-To"], second["Subject"]) == (first["Message-ID"], "Re: Your order")
        answer = {"channel": "email", "kind": "mail", "from": "hajo@brandt.example", "text": "Thank you!"}
        sandbox.play({**answer, "subject": "Re", "in_reply_to": again.external_id})
        stranger = {**answer, "from": "eve@elsewhere.example", "text": "me too"}
        sandbox.play({**stranger, "in_reply_to": again.external_id})
        assert fetch(worker) == 2
        found = inbox.case(queued.case)
        assert {m.text for m in found.timeline} == {"It left today.", "And its bill.", "Thank you!"}
        assert found.row.state is CaseState.WAITING and len(found.threads) == 1
        other = inbox.writing.new_mail("hajo@brandt.example", "More", "In the same case.", case=queued.case)
        assert other.case == queued.case
        assert [t.aside for t in inbox.case(queued.case).threads] == [False, False]
        assert fetch(worker) == 0


def test_nothing_is_left_of_a_mail_that_cannot_be_written(sandbox: Sandbox, tmp_path: Path) -> None:
    with office(sandbox) as (inbox, _worker):
        writing = inbox.writing
        large = tmp_path / "large.bin"
        with large.open("wb") as file:
            file.truncate(19_000_000)
        os.mkfifo(tmp_path / "pipe")
        to = "mia@sales.example"
        for given, files, error, words in (
            ((to, "S", "text"), [large], UsageError, "at most 18.0 MB"),
            ((to, "S", "text"), [tmp_path / "none"], UsageError, "No such file"),
            ((to, "S", "text"), [tmp_path], UsageError, "not a file|Is a directory"),
            ((to, "S", "text"), [tmp_path / "pipe"], UsageError, "not a file"),
            ((to, " ", "text"), [], UsageError, "no subject"),
            ((to, "S", "Dear {person.name}"), [], ReplyBlocked, "{person.name}"),
            ((to, "S", " "), [], ReplyBlocked, "empty"),
            (("mia", "S", "text"), [], UsageError, "no address"),
            (("", "S", "text"), [], UsageError, "missing"),
            (("a@b.example, c@d.example", "S", "text"), [], UsageError, "one recipient"),
            (("mia@x.example\r\nBcc: all@x.example", "S", "text"), [], UsageError, "no address has"),
            (("help@shop.example", "S", "text"), [], UsageError, "your own"),
        ):
            with pytest.raises(error, match=words):
                writing.new_mail(*given, files=files)
        with pytest.raises(NotFound, match="no account nobody"):
            writing.new_mail(to, "S", "text", account="nobody")
        assert inbox.page("all") == () and inbox.outbox(all=True) == ()
        overview = inbox.overview()
        assert {view.count for view in overview.views} == {0}


def test_two_files_that_are_too_large_together(sandbox: Sandbox, tmp_path: Path) -> None:
    with office(sandbox) as (inbox, worker):
        case = asked(sandbox, worker, inbox)
        draft = inbox.writing.draft_reply(case).id
        half = a_file(tmp_path, "half.bin", b"x" * 10_000_000)
        inbox.writing.attach(draft, half)
        with pytest.raises(UsageError, match=r"20.0 MB together"):
            inbox.writing.attach(draft, half)
        assert [file.size for file in inbox.writing.files(draft)] == [10_000_000]
        # An empty one with a file is kept and found again; it cannot go out.
        assert [kept.id for kept in inbox.drafts(case)] == [draft]
        thread = inbox.case(case).threads[0].id
        assert inbox.save_draft(thread, "", seen=0, draft=draft) == draft
        with pytest.raises(ReplyBlocked, match="empty"):
            inbox.reply(case, " ", draft=draft)
        inbox.writing.discard(draft)
        assert inbox.drafts(case) == () and inbox.writing.files(draft) == ()
        with pytest.raises(NotFound):
            inbox.writing.attach(draft, half)


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_of_a_file_does_harm_on_its_way(sandbox: Sandbox, tmp_path: Path, name: str) -> None:
    path = a_file(tmp_path, name.replace("/", "_"))
    with office(sandbox) as (inbox, worker):
        sent(worker, inbox.writing.new_mail("hajo@brandt.example", "S", "text", files=[path]))
        [part] = arrived(sandbox, "hajo").iter_attachments()
        assert part.get_payload(decode=True) == CONTENT
        given = part.get_filename() or ""
        assert given and given[0] not in ".-" and "/" not in given and given.isprintable()


def test_a_draft_taken_back_can_be_changed_and_keeps_its_files(sandbox: Sandbox, tmp_path: Path) -> None:
    with office(sandbox) as (inbox, worker):
        draft = inbox.writing.draft_mail("hajo@brandt.example", "Offer", "Dear Hajo")
        inbox.writing.attach(draft.id, a_file(tmp_path))
        queued = inbox.reply(draft.case, "Dear Hajo", draft=draft.id, countdown=True)
        with pytest.raises(NothingToDo, match="cannot be changed"):
            inbox.writing.attach(draft.id, a_file(tmp_path))
        assert inbox.take_back().id == draft.id
        inbox.writing.set_subject(draft.id, "A better\noffer")
        inbox.writing.attach(draft.id, a_file(tmp_path, "more.txt", b""))
        again = sent(worker, inbox.reply(draft.case, "Dear Hajo!", draft=queued.id))
        mail = arrived(sandbox, "hajo")
        assert mail["Subject"] == "A better offer" and again.id == draft.id
        assert [part.get_filename() for part in mail.iter_attachments()] == ["bill.pdf", "more.txt"]
        shown = inbox.case(draft.case).timeline[-1]
        assert (shown.subject, len(shown.attachments)) == ("A better offer", 2)
        assert [hit.row.id for hit in inbox.search.find("has:attachment more").hits] == [draft.case]
        with pytest.raises(NothingToDo):
            inbox.writing.discard(draft.id)


def test_a_refused_copy_lets_nobody_have_the_mail(sandbox: Sandbox) -> None:
    with office(sandbox) as (inbox, worker):
        fault = {"channel": "email", "kind": "fault", "fault": "smtp_refuse", "on": True, "path": "gone@"}
        sandbox.play(fault)
        queued = inbox.writing.new_mail("hajo@brandt.example", "S", "text", cc="gone@supplier.example")
        reply = worker.send_reply(queued.id)
        assert reply.state is ReplyState.FAILED and "gone@supplier.example" in reply.error
        assert sandbox.mail.mailbox("hajo") == [] and inbox.overview().trouble == 1


def test_files_go_with_a_draft_that_gets_another_recipient(sandbox: Sandbox, tmp_path: Path) -> None:
    with office(sandbox) as (inbox, worker):
        case = asked(sandbox, worker, inbox)
        draft = inbox.writing.draft_forward(case, "sales@supplier.example", "Please look.")
        inbox.writing.attach(draft.id, a_file(tmp_path))
        sent(worker, inbox.reply(case, "For you, Hajo.", draft=draft.id))
        assert [part.get_filename() for part in arrived(sandbox, "hajo").iter_attachments()] == ["bill.pdf"]
        assert inbox.drafts(case) == () and sandbox.mail.mailbox("supplier") == []


def test_a_channel_that_takes_no_files_says_so(sandbox: Sandbox, tmp_path: Path) -> None:
    with office(sandbox) as (inbox, worker):
        sandbox.play({"channel": "x", "kind": "mention", "from": "@lena", "text": "@shop and L?"})
        fetch(worker)
        draft = inbox.writing.draft_reply(inbox.page("waiting")[0].id, text="Yes: shop.example.com").id
        with pytest.raises(UsageError, match="x takes no files"):
            inbox.writing.attach(draft, a_file(tmp_path))
        with pytest.raises(UsageError, match="no copies"):
            inbox.writing.set_cc(draft, "a@x.example")
        reply = inbox.reply_by_id(draft)
        assert inbox.check(reply.case, reply.thread, "Yes: shop.de", draft=draft)[0].code == "link_cost"


# -- comments


def comment(sandbox: Sandbox, worker: Worker, inbox: Inbox) -> tuple[int, str]:
    """A comment by somebody: its number here, its id there."""
    post = sandbox.play({"channel": "facebook", "kind": "our_post", "text": "New!"})
    made = sandbox.play(
        {"channel": "facebook", "kind": "comment", "from": "Eve", "text": "buy followers", "post": post}
    )
    fetch(worker)
    case = inbox.page("waiting")[0].id
    return next(m.id for m in inbox.case(case).timeline if m.text == "buy followers"), made


def test_a_comment_is_hidden_and_shown_again_on_the_page(sandbox: Sandbox) -> None:
    with office(sandbox) as (inbox, worker):
        message, there = comment(sandbox, worker, inbox)
        queued = inbox.writing.hide(message)
        assert (queued.kind, queued.state) == (ReplyKind.HIDE, ReplyState.QUEUED)
        with pytest.raises(NothingToDo, match="about to be hidden"):
            inbox.writing.hide(message)
        with pytest.raises(NothingToDo, match="no reply of yours"):
            inbox.take_back()
        fetch(worker)
        assert sandbox.graph.find_comment(there).hidden
        found = inbox.message(message)
        assert found.hidden and found.owed and found.case is not None
        row = inbox.case(found.case).row
        assert row.state is CaseState.WAITING and row.messages == 1, "nobody was answered"
        with pytest.raises(NothingToDo, match="hidden already"):
            inbox.writing.hide(message)
        sent(worker, inbox.writing.hide(message, yes=False))
        assert not sandbox.graph.find_comment(there).hidden and not inbox.message(message).hidden
        hidings = [(line["kind"], line["id"]) for line in sandbox.journal.sent]
        assert hidings == [("hide", there), ("unhide", there)]
        assert fetch(worker) == 0


def test_what_cannot_be_hidden_says_so(sandbox: Sandbox) -> None:
    with office(sandbox) as (inbox, worker):
        message, there = comment(sandbox, worker, inbox)
        case = asked(sandbox, worker, inbox)
        with pytest.raises(UsageError, match="cannot be hidden"):
            inbox.writing.hide(inbox.case(case).last_message)
        note = inbox.note(case, "hm")
        for number, error in ((note.id, UsageError), (999, NotFound)):
            with pytest.raises(error):
                inbox.writing.hide(number)
        sandbox.graph.delete(there)
        queued = inbox.writing.hide(message)
        reply = worker.send_reply(queued.id)
        assert reply.state is ReplyState.FAILED and "does not exist" in reply.error
        assert inbox.overview().trouble == 1
        assert [one.id for one in inbox.outbox()] == [queued.id]
        # Asked for once more: the failed one is not left behind.
        assert inbox.writing.hide(message).id != queued.id
        assert inbox.overview().trouble == 0


def test_hiding_that_broke_off_is_simply_done_again(sandbox: Sandbox) -> None:
    with office(sandbox) as (inbox, worker):
        message, there = comment(sandbox, worker, inbox)
        sandbox.play(
            {"channel": "facebook", "kind": "fault", "fault": "accepted_then_dropped", "on": True, "times": 1}
        )
        reply = worker.send_reply(inbox.writing.hide(message).id)
        assert reply.state is ReplyState.QUEUED and sandbox.graph.find_comment(there).hidden
        assert not inbox.message(message).hidden
        inbox.writing.hide(message, yes=False)
        assert [one.kind for one in inbox.outbox()] == [ReplyKind.UNHIDE], "the last word counts"
        fetch(worker)
        assert not sandbox.graph.find_comment(there).hidden and inbox.outbox() == ()


def test_a_comment_hidden_elsewhere_comes_in_as_hidden(sandbox: Sandbox) -> None:
    post = sandbox.play({"channel": "facebook", "kind": "our_post", "text": "New!"})
    made = sandbox.play(
        {"channel": "facebook", "kind": "comment", "from": "Eve", "text": "bad", "post": post}
    )
    sandbox.graph.hide(made)
    with office(sandbox) as (inbox, _worker):
        [row] = inbox.page("waiting")
        assert [m.hidden for m in inbox.case(row.id).timeline if m.text == "bad"] == [True]
