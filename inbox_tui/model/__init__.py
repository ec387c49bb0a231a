"""The records and enums that all rooms speak of. Frozen, without behaviour, without I/O.

Times are milliseconds UTC. Ids are the store's integers; ids of a platform are text.
"""

from __future__ import annotations

from inbox_tui.model.capabilities import Capabilities as Capabilities
from inbox_tui.model.capabilities import LengthRule as LengthRule
from inbox_tui.model.handoff import CHANNEL_OF as CHANNEL_OF
from inbox_tui.model.handoff import Destination as Destination
from inbox_tui.model.handoff import Handoff as Handoff
from inbox_tui.model.handoff import Place as Place
from inbox_tui.model.kinds import Automatic as Automatic
from inbox_tui.model.kinds import CaseState as CaseState
from inbox_tui.model.kinds import Direction as Direction
from inbox_tui.model.kinds import Ending as Ending
from inbox_tui.model.kinds import Filing as Filing
from inbox_tui.model.kinds import Kind as Kind
from inbox_tui.model.kinds import Priority as Priority
from inbox_tui.model.kinds import ReplyState as ReplyState
from inbox_tui.model.overview import MANY as MANY
from inbox_tui.model.overview import Acted as Acted
from inbox_tui.model.overview import Change as Change
from inbox_tui.model.overview import Changes as Changes
from inbox_tui.model.overview import Found as Found
from inbox_tui.model.overview import Health as Health
from inbox_tui.model.overview import Hit as Hit
from inbox_tui.model.overview import HookHealth as HookHealth
from inbox_tui.model.overview import Lasting as Lasting
from inbox_tui.model.overview import Overview as Overview
from inbox_tui.model.overview import Position as Position
from inbox_tui.model.overview import Undone as Undone
from inbox_tui.model.overview import View as View
from inbox_tui.model.overview import WorkerStatus as WorkerStatus
from inbox_tui.model.persons import CaseReport as CaseReport
from inbox_tui.model.persons import Goodwill as Goodwill
from inbox_tui.model.persons import Joined as Joined
from inbox_tui.model.persons import Past as Past
from inbox_tui.model.persons import PersonPage as PersonPage
from inbox_tui.model.persons import Proposal as Proposal
from inbox_tui.model.persons import Reason as Reason
from inbox_tui.model.persons import Stretch as Stretch
from inbox_tui.model.shift import Handover as Handover
from inbox_tui.model.shift import Standing as Standing
from inbox_tui.model.writing import ANSWERS as ANSWERS
from inbox_tui.model.writing import HIDING as HIDING
from inbox_tui.model.writing import Attached as Attached
from inbox_tui.model.writing import Filled as Filled
from inbox_tui.model.writing import OutgoingFile as OutgoingFile
from inbox_tui.model.writing import ReplyKind as ReplyKind
from inbox_tui.model.writing import Template as Template
from inbox_tui.records import dataclass, field


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a message, as the channel knows it."""

    kind: str
    """Kind of identity: email, x, facebook."""
    value: str | None
    """Address in lower case, X user id, page-scoped id; None where the platform does not tell."""
    name: str = ""
    handle: str = ""
    """What to show beside the name: @handle, the address; may be empty."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a mail, listed but not stored apart: it stays in the raw mail."""

    name: str
    media_type: str
    size: int
    """Bytes after decoding."""


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file of a case."""

    number: int
    """In its case, from 1."""
    message: int
    place: int
    """Among the files of its message, from 0."""
    sent_at: int
    author: Author
    file: Attachment


@dataclass(frozen=True, slots=True)
class MailFacts:
    """What only a mail has."""

    message_id: str = ""
    """Of the header, with angle brackets, or empty."""
    references: tuple[str, ...] = ()
    """Message-IDs of References and In-Reply-To, oldest first, each once."""
    participants: tuple[str, ...] = ()
    """Addresses of From, To and Cc in lower case, ours left out."""
    reply_to: str = ""
    """Where it differs from From."""
    forged: bool = False
    """The trusted Authentication-Results say fail: it joins nothing."""
    digest: str = ""
    """SHA-256 of the raw bytes, hex: recognises a mail after a UIDVALIDITY reset or in a second folder."""
    raw: bytes = b""
    unparsed: str = ""
    """Why the mail could not be read; empty where it could."""
    tags: tuple[str, ...] = ()
    """What stands behind a plus in the addresses of ours that it came to."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message as a channel read it: not yet cleaned, known to no case."""

    external_id: str
    """Unique within the account, for ever."""
    thread_key: str
    """Key of the exchange with one customer, unique within the account; empty for mail (see `mail`)."""
    author: Author
    direction: Direction
    text: str
    """What is new in it: quotes and signature folded away."""
    sent_at: int
    """The platform's or the server's time, never the Date header."""
    kind: Kind = Kind.MESSAGE
    public: bool = False
    full_text: str = ""
    """All of it, where `text` is less; else empty."""
    subject: str = ""
    permalink: str = ""
    in_reply_to: str = ""
    """External id of the message that it answers, or empty."""
    context: str = ""
    """External id of our own post under which it was written, or empty."""
    thread_link: str = ""
    customer: Author | None = None
    """Whom the thread is with, where that is not the author (our own message); None: the author."""
    automatic: Automatic = Automatic.NO
    can_reply: bool = True
    why_not: str = ""
    """In words, where can_reply is false."""
    attachments: tuple[Attachment, ...] = ()
    mail: MailFacts | None = None
    hidden: bool = False
    """Hidden from others, by us."""
    private_reply: bool = False
    """Its author can be answered in private (`Capabilities.private_window`)."""
    endless: bool = False
    """Its thread never ends, as a conversation of direct messages: matters come and go in it."""
    root: str = ""
    """External id of the public post with which its exchange begins, whoever wrote that, or empty."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A reply as a channel needs it to send, find or file it."""

    reply_id: int
    key: str
    """Idempotency key, committed before a byte leaves; for mail the local part of the Message-ID."""
    thread_key: str
    in_reply_to: str
    """External id of the message answered."""
    to: Author
    text: str
    queued_at: int
    subject: str = ""
    mail_in_reply_to: str = ""
    """Message-ID of the mail answered, or empty."""
    mail_references: tuple[str, ...] = ()
    sent_at: int | None = None
    """When it was accepted, for the copy in Sent; None before."""
    kind: ReplyKind = ReplyKind.REPLY
    own_subject: bool = False
    """The subject is what the agent wrote: nothing is put before it."""
    cc: tuple[str, ...] = ()
    """Addresses that get it, too."""
    files: tuple[OutgoingFile, ...] = ()
    last_in_at: int = 0
    """When the customer last wrote in the thread; 0: never."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The platform's proof that a reply was accepted."""

    external_id: str
    sent_at: int
    permalink: str = ""
    spend: int = 0
    """Millionths of a dollar that the platform charges for it."""
    mail_message_id: str = ""
    thread_key: str = ""
    """The thread in which it stands, where that is not the one that it answers; else empty."""
    recipient: Author | None = None
    """With whom that thread is."""


@dataclass(frozen=True, slots=True)
class Person:
    """A customer."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Identity:
    """How a channel knows a person."""

    id: int
    person: int
    kind: str
    value: str
    name: str
    handle: str


@dataclass(frozen=True, slots=True)
class Thread:
    """An exchange with one customer as the channel knows it."""

    id: int
    case: int
    channel: str
    account: str
    public: bool
    permalink: str
    subject: str
    customer: Author
    can_reply: bool
    why_not: str
    last_in: int | None
    """Store id of its newest incoming message, which a reply would answer; None: there is none."""
    context: int | None = None
    """Store id of our own post under which it runs."""
    capabilities: Capabilities = field(default_factory=lambda: Capabilities(public=False))
    aside: bool = False
    """Not with the customer of the case: with a supplier or a colleague whom we wrote to."""
    supporter: bool = False
    """Not with the customer of the case: with somebody who writes on his behalf."""
    reply_until: int | None = None
    """The platform takes a reply until then; None: there is no end."""
    private_in: int | None = None
    """Store id of the newest comment whose author can be answered in private; None: there is none."""
    private_until: int | None = None
    """Until when."""

    @property
    def with_customer(self) -> bool:
        """It runs with the customer of the case: what is meant for him goes nowhere else by itself."""
        return not (self.aside or self.supporter)


@dataclass(frozen=True, slots=True)
class Message:
    """One entry in a timeline."""

    id: int
    case: int | None
    """None for our own posts: they belong to no case."""
    thread: int | None
    """None for notes."""
    channel: str
    account: str
    direction: Direction
    kind: Kind
    author: Author
    text: str
    full_text: str
    subject: str
    sent_at: int
    public: bool
    permalink: str
    automatic: Automatic
    state: ReplyState | None
    """Of a reply; None for all else."""
    reply: int | None
    attachments: tuple[Attachment, ...]
    owed: bool
    """An answer is still owed to it."""
    unparsed: str = ""
    hidden: bool = False
    """A comment that we have hidden from others."""
    cc: tuple[str, ...] = ()
    """Of a reply: addresses that got it, too."""
    unanswered: int = 0
    """Of our own post: comments under it that are owed an answer, of all customers."""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case as the queue lists it."""

    id: int
    state: CaseState
    person: Person
    subject: str
    snippet: str
    channels: tuple[str, ...]
    """Channels on which it runs, in the order in which they joined."""
    messages: int
    """Entries by people: notes and automatic mail are not counted."""
    waiting_since: int | None
    """Time of the oldest message still owed an answer; None where none is owed."""
    updated_at: int
    """Time of the newest entry."""
    trouble: bool = False
    """A reply of this case failed or is unknown."""
    rank: int = 0
    """Its place in the view it was read from; with the id the position of the row."""
    assignee: str = ""
    """The agent who has it; empty: nobody."""
    tags: tuple[str, ...] = ()
    """In alphabetical order."""
    priority: Priority = Priority.NORMAL
    snoozed: bool = False
    """Hidden from the queue until a time, or until the customer writes."""
    snoozed_until: int | None = None
    """The time; None while snoozed: only the customer ends it."""
    automatic: bool = False
    """A machine wrote it: a newsletter, a list, an invoice, a no-reply sender."""
    spam: bool = False
    """Not a customer."""
    due: int | None = None
    """When the answer is owed, milliseconds UTC; None: nothing is owed, or there is no target."""
    promised: int | None = None
    """The time that was named to the customer; None: none was."""
    broken: bool = False
    """It has passed without an answer."""
    contacts: int = 0
    """Messages and calls of the customer's side."""
    snooze_again: int | None = None
    """Until when it was snoozed last; None: never until a time."""
    ending: Ending = Ending.NONE
    supporters: int = 0
    """Persons who write on the customer's behalf."""


@dataclass(frozen=True, slots=True)
class Case:
    """A case whole: for the screen and for ``show``."""

    row: CaseRow
    identities: tuple[Identity, ...]
    threads: tuple[Thread, ...]
    timeline: tuple[Message, ...]
    """Oldest first, our own posts as context among them."""
    earlier: int
    """Other cases of the same person."""
    linked: int | None
    """The closed case that this one continues."""
    last_message: int
    """Store id of its newest entry: what whoever looks at it has been shown."""
    effort: int = 0
    """What the customer went to, in points (`desk.due.effort`)."""
    why_due: tuple[str, ...] = ()
    """How its due time is counted, line by line."""
    same: tuple[Proposal, ...] = ()
    """Who the person may be, too, the strongest first."""
    supporters: tuple[Person, ...] = ()
    """Who writes on the customer's behalf."""
    handoffs: tuple[Handoff, ...] = ()
    """How often, and where to, he was asked to go on elsewhere; oldest first, drafts too."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An outgoing message on its way."""

    id: int
    case: int
    thread: int
    channel: str
    account: str
    agent: str
    text: str
    state: ReplyState
    not_before: int
    """Not sent earlier than this."""
    created_at: int
    error: str
    """In words; empty where nothing is wrong."""
    error_code: str
    """`InboxError.code` of that error, or empty."""
    hint: str
    attempts: int
    message: int | None
    """Its entry in the timeline; None for a draft."""
    external_id: str
    permalink: str
    sent_at: int | None
    filing: Filing
    to: str = ""
    """Recipient as shown to an agent."""
    kind: ReplyKind = ReplyKind.REPLY
    subject: str = ""
    """As the agent wrote it; empty: the subject of the thread."""
    cc: tuple[str, ...] = ()
    files: tuple[Attached, ...] = ()
    promise: int | None = None
    """It promises an answer by this time, milliseconds UTC: then it is none itself."""
    handoff: str = ""
    """Where it asks the customer to go on (`Destination`): then it is no answer; empty: nowhere."""
