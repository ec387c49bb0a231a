"""A person is erased, and not a byte of what he wrote is left; nor does it come again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from inbox_tui.config import DeskConfig
from inbox_tui.desk.clock import DAY
from inbox_tui.errors import NothingToDo
from inbox_tui.model import Attachment, Incoming, MailFacts, OutgoingFile, ReplyState
from inbox_tui.service.retention import AGENT, Retention
from inbox_tui.store import erasing, files
from inbox_tui.store.engine import Store
from tests.casework.world import NOW, World, check_clocks, check_views, mail, our_mail, post
from tests.cli.conftest import Cli, bare
from tests.storm.conftest import Storm

__all__ = ["bare"]

MARK = "Zwiebelfisch"
OTHER = "Petersilie"
"""What the other customers write: it stays."""


def marked(uid: int, who: str, at: int) -> Incoming:
    """A mail with the mark in every part of it."""
    found = mail(uid, who, at, f"{MARK} asks again. " + f"{MARK} " * 400)
    facts = found.mail or MailFacts()
    return replace(
        found,
        author=replace(found.author, name=f"{MARK} Meyer"),
        subject=f"About {MARK}",
        full_text=f"{found.text}\n> quoted {MARK}",
        permalink=f"https://x.example/{MARK}",
        attachments=(Attachment(f"{MARK}.pdf", "application/pdf", 3),),
        mail=replace(facts, message_id=f"<{MARK}-{uid}@x.example>", raw=f"From: {MARK}\n".encode() * 300),
    )


def lived_in(store: Store, customers: int) -> World:
    """A desk where one customer left his mark wherever he could, among others."""
    world = World(store)
    others = [
        mail(1000 + n, f"c{n}@x.example", NOW - n, f"{OTHER} {n} " + "word " * 300) for n in range(customers)
    ]
    for at in range(0, customers, 500):
        world.take("mail", *others[at : at + 500])
    address = f"{MARK.lower()}@x.example"
    world.take("mail", *(marked(n, address, NOW + n) for n in range(1, 9)))
    world.take("mail", our_mail(90, address, NOW + 20, f"Dear {MARK}"))
    world.take("shop", post("x1", MARK, NOW + 3, text=f"@shop {MARK}?"))
    case, other = world.case_of("INBOX/1/1"), world.case_of("x1")
    people = world.inbox.people
    people.merge([case, other])
    world.inbox.note(case, f"{MARK} called the shop")
    people.call(f"person:{people.find(f'{MARK} Meyer')[0].id}", f"{MARK} on the phone", answered=False)
    people.goodwill(case, "10 EUR", f"{MARK} waited")
    world.inbox.triage.tag([case], [MARK.lower()])
    world.inbox.save_note_draft(case, f"{MARK}, to be noted")
    thread = world.thread_of("INBOX/1/1")
    draft = world.inbox.save_draft(thread, f"Dear {MARK}", seen=0)
    assert draft is not None
    with store.write("file") as db:
        files.add(db, draft, OutgoingFile(f"{MARK}.txt", "text/plain", f"{MARK} inside".encode() * 900))
    sent = world.inbox.reply(case, f"{MARK}, we are sorry")
    world.deliver(sent)
    # Somebody else's case in which he takes part.
    world.take("mail", mail(500, "boss@x.example", NOW + 30, f"{OTHER}!", copy=(address,)))
    return world


def occurrences(folder: Path, *words: str) -> int:
    """How often a word stands in any file of a folder, in the bytes themselves."""
    return sum(
        file.read_bytes().lower().count(word.lower().encode())
        for file in folder.iterdir()
        if file.is_file()
        for word in words
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store as the program makes it, in a folder of its own."""
    (tmp_path / "home").mkdir()
    one = Store(tmp_path / "home" / "inbox.db")
    yield one
    one.close()


def person_of(world: World) -> int:
    return world.inbox.people.find(f"{MARK} Meyer")[0].id


def test_nothing_of_an_erased_person_is_left_in_any_file(store: Store, storm: Storm) -> None:
    world = lived_in(store, storm.size(small=40, full=20_000))
    home, person = store.path.parent, person_of(world)
    before = occurrences(home, MARK)
    assert before > 1000
    done, clean = world.inbox.keeping.erase(person)
    assert clean and done.messages >= 12
    assert occurrences(home, MARK) == 0
    assert occurrences(home, OTHER) > 0, "others stay"
    check_views(world)
    check_clocks(world)
    assert world.db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert world.inbox.search.find(MARK).hits == ()
    assert len(world.inbox.search.find(OTHER).hits) > 10
    assert world.inbox.rebuild() == ()
    storm.note(f"{before} occurrences of the mark in {done.messages} messages before, 0 after")


def test_what_was_erased_is_not_taken_in_again(store: Store) -> None:
    world = lived_in(store, 3)
    address = f"{MARK.lower()}@x.example"
    world.inbox.keeping.erase(person_of(world))
    total = world.db.execute("SELECT count(*) FROM messages").fetchone()[0]
    world.take("mail", *(marked(n, address, NOW + n) for n in range(1, 9)))
    world.take("mail", our_mail(90, address, NOW + 20, f"Dear {MARK}"))
    world.take("shop", post("x1", MARK, NOW + 3, text=f"@shop {MARK}?"))
    again = [replace(marked(n, address, NOW + n), external_id=f"INBOX/2/{n}") for n in range(1, 9)]
    world.take("mail", *again)  # the server counts anew
    assert world.db.execute("SELECT count(*) FROM messages").fetchone()[0] == total
    assert occurrences(store.path.parent, MARK) == 0
    world.take("mail", mail(77, address, NOW + DAY, "Hello again"))
    assert world.inbox.case(world.case_of("INBOX/1/77")).row.messages == 1, "who writes anew is somebody new"
    check_views(world)
    check_clocks(world)


def test_while_a_reply_is_under_way_nothing_is_erased(store: Store) -> None:
    world = World(store)
    world.take("shop", post("1", MARK, NOW, text=MARK))
    person = world.inbox.case(world.case_of("1")).row.person.id
    reply = world.inbox.reply(world.case_of("1"), "Sorry!")
    with pytest.raises(NothingToDo, match="under way") as caught:
        world.inbox.keeping.erase(person)
    assert f"cancel {reply.id}" in caught.value.hint
    assert world.inbox.case(world.case_of("1")).row.snippet == MARK
    world.inbox.cancel(reply.id)
    assert world.inbox.reply_by_id(reply.id).state is ReplyState.DRAFT
    world.inbox.keeping.erase(person)
    assert world.inbox.drafts(1) == ()


def test_his_words_in_the_case_of_another_go_and_that_case_goes_on(store: Store) -> None:
    world = World(store)
    world.take("mail", mail(1, "a@x.example", NOW, OTHER))
    world.take("mail", mail(2, "b@x.example", NOW + 1, MARK))
    a, b = world.case_of("INBOX/1/1"), world.case_of("INBOX/1/2")
    world.inbox.people.merge([a, b])
    person = world.inbox.case(a).row.person.id
    other = next(one.id for one in world.inbox.case(a).identities if one.value == "b@x.example")
    apart = world.inbox.people.split_person(person, [other])
    assert apart.person is not None
    done, _ = world.inbox.keeping.erase(apart.person)
    left = [one.text for one in world.inbox.case(a).timeline]
    assert OTHER in left and MARK not in left
    assert world.inbox.case(a).row.waiting_since is not None
    assert done.person == apart.person
    check_views(world)
    check_clocks(world)


def test_after_its_days_a_case_is_erased_and_others_stay(store: Store) -> None:
    world = World(store)
    world.take("shop", post("1", MARK, NOW, text=MARK), post("2", "43", NOW, text=OTHER))
    old, young = world.case_of("1"), world.case_of("2")
    world.inbox.done(old)
    world.now = NOW + 25 * DAY
    world.inbox.done(young)
    world.now = NOW + 31 * DAY
    config = replace(world.config, desk=DeskConfig(erase_after_days=30))
    assert Retention(store, config, lambda: world.now).work() == 1
    assert occurrences(store.path.parent, MARK) == 0
    assert world.inbox.case(young).row.snippet == OTHER
    assert [one.agent for one in world.inbox.people.history(old)][-1] == AGENT
    assert Retention(store, config, lambda: world.now).work() == 0, "once is enough"
    assert Retention(store, world.config, lambda: world.now + 999 * DAY).work() == 0, "nobody asked for it"
    check_views(world)


def test_an_erasure_that_was_cut_short_is_finished_later(store: Store) -> None:
    world = lived_in(store, 3)
    reader = Store(store.path)
    with reader.reading() as db:
        db.execute("SELECT count(*) FROM messages").fetchone()
        _, clean = world.inbox.keeping.erase(person_of(world))
        assert not clean
        assert erasing.left(world.db)
        assert [one.code for one in world.inbox.inspect() if not one.ok] == ["store_erasing"]
    reader.close()
    assert world.inbox.keeping.scrub()
    assert occurrences(store.path.parent, MARK) == 0
    assert [one for one in world.inbox.inspect() if not one.ok] == []


def test_all_that_is_kept_about_a_person_can_be_had(store: Store, bare: Cli) -> None:
    world = lived_in(store, 2)
    answer = bare("--store", store.path, "person", "export", person_of(world))
    found = answer.record
    assert found["type"] == "export" and found["person"]["name"] == f"{MARK} Meyer"
    text = json.dumps(found)
    for part in ("called the shop", "on the phone", "quoted", f"{MARK}.pdf", "we are sorry", "10 EUR"):
        assert part in text, part
    assert OTHER not in text
    assert {"email", "x"} <= {channel for case in found["cases"] for channel in case["channels"]}


def test_the_command_line_erases_only_when_it_is_meant(store: Store, bare: Cli) -> None:
    world = lived_in(store, 2)
    person, at = person_of(world), ("--store", store.path)
    answer = bare(*at, "person", "erase", person, "--json")
    assert (answer.code, answer.record["done"]) == (0, False)
    assert world.inbox.search.find(MARK).hits
    answer = bare(*at, "person", "erase", person, "--yes", "--json")
    assert (answer.code, answer.record["done"], answer.record["clean"]) == (0, True, True), answer.err
    assert not world.inbox.search.find(MARK).hits
    assert MARK not in bare(*at, "show", world.case_of("INBOX/1/1001")).out
    assert bare(*at, "person", "show", person, "--yes").code == 2
