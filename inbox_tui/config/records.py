"""What a configuration holds: frozen records with their defaults, and the values that keys may have."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from inbox_tui.records import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthConfig:
    """How an account logs in by OAuth, ``[accounts.NAME.oauth]``."""

    provider: str
    """google, microsoft, x or facebook: whose addresses and scopes are the defaults."""
    client_id: str
    """Id of the app that is registered there."""
    secret_command: tuple[str, ...] = ()
    """Command that prints the app's own secret; apps that have none leave all four out."""
    secret_env: str = ""
    secret_file: str = ""
    secret_keyring: str = ""
    tokens_file: str = ""
    """Where the tokens are kept (mode 0600); empty: secrets/NAME.tokens. Relative to the config file."""
    tokens_keyring: str = ""
    """Entry of the system's keyring that keeps the tokens instead: SERVICE/USER."""
    tenant: str = "common"
    """Microsoft: the organisation's id or domain; common: any."""
    scopes: tuple[str, ...] = ()
    """Permissions to ask for; empty: what the channel needs."""
    redirect_port: int = 0
    """Port on this machine that the browser is sent back to; 0: 8749 for X and Facebook, else a free one."""
    authorize_url: str = ""
    token_url: str = ""
    device_url: str = ""
    """Addresses of the provider; empty: the provider's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountConfig:
    """One configured login on a channel: the keys that every channel has."""

    name: str
    """Name of the table, ``[accounts.NAME]``."""
    channel: str
    """email, x, facebook, or a channel that another package brings."""
    secret_command: tuple[str, ...] = ()
    """Command that prints the secret: a list of words, run without a shell."""
    secret_env: str = ""
    """Environment variable that holds the secret."""
    secret_file: str = ""
    """File that holds the secret; nobody else may read it (mode 0600). Relative to the config file."""
    secret_keyring: str = ""
    """Entry of the system's keyring that holds the secret: SERVICE/USER."""
    oauth: OAuthConfig | None = None
    """Tokens that `inbox-tui auth` gets and that are renewed by themselves, instead of a secret."""
    ca_file: str = ""
    """Certificates to trust instead of the system's. Relative to the config file."""
    poll_seconds: int = 60
    """Pause between two fetches."""
    since_days: int = 14
    """How far back the first fetch makes messages wait; mail that is older is history."""
    acknowledge: str = "no"
    """What is acknowledged automatically: no, private (what nobody else reads), all."""
    language: str = "en"
    """Of an acknowledgement, where the message does not tell which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailAccount(AccountConfig):
    """A mailbox: IMAP to read, SMTP to send."""

    address: str
    """The firm's own address: From of every reply."""
    imap_host: str
    smtp_host: str
    display_name: str = ""
    """Name beside the address in From."""
    username: str = ""
    """Login on both servers; empty: the address."""
    imap_port: int = 993
    imap_security: str = "tls"
    """tls; plain only for a server on loopback."""
    smtp_port: int = 465
    smtp_security: str = "tls"
    """tls (from the first byte), starttls; plain only for a server on loopback."""
    folders: tuple[str, ...] = ("INBOX",)
    """Folders with customers' mail."""
    sent_folder: str = "Sent"
    """Folder with our own mail, also what was written elsewhere; empty: there is none."""
    sent_copy: bool = True
    """Put a copy of each reply in the sent folder; false where the provider does so itself."""
    signature: str = ""
    """Put under every reply."""
    aliases: tuple[str, ...] = ()
    """Further addresses of the firm: mail from them is ours."""
    authserv_id: str = ""
    """Id of the receiving server whose Authentication-Results are believed; empty: none is."""
    web_forms: tuple[str, ...] = ()
    """From addresses of the firm's own web forms: the customer is the Reply-To of such a mail."""
    plus_address: bool = False
    """The mailbox also gets what goes to its address with a + and more: a hand-off then needs no subject."""
    batch: int = 200
    """Mails fetched at once."""
    max_mail_bytes: int = 40_000_000
    """A larger mail is kept by its header alone."""
    max_files_bytes: int = 18_000_000
    """All files of one mail together; on its way they grow by a third."""


@dataclass(frozen=True, slots=True, kw_only=True)
class XAccount(AccountConfig):
    """An account on X, API v2."""

    handle: str
    """@name of the account."""
    api_url: str = "https://api.x.com"
    auth: str = "oauth2"
    """oauth2: the secret is a user token. oauth1: the secret is a JSON object with consumer_key,
    consumer_secret, access_token, access_token_secret."""
    budget_per_day: float = 2.0
    """US dollars that may be spent on reading in a day (UTC); 0: no limit."""
    summoned_only: bool = True
    """The app may answer only posts that mention or quote the account (self-serve apps since 2026-02-23)."""
    direct_messages: bool = True
    """Direct messages are read, too, where the token may; each costs a cent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FacebookAccount(AccountConfig):
    """A Facebook page, Graph API."""

    page_id: str
    api_url: str = "https://graph.facebook.com/v26.0"
    overlap_minutes: int = 10
    """Comments have no time of change: each fetch looks back this far beyond the last."""
    direct_messages: bool = True
    """Messages of Messenger are read, too, where the token may."""
    human_agent: bool = False
    """The app has the right to answer in Messenger for 7 days instead of 24 hours (HUMAN_AGENT)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherAccount(AccountConfig):
    """An account of a channel that another package brings; it checks its own keys."""

    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskConfig:
    """Numbers of the rules of the desk."""

    join_hours: int = 72
    """A message of a known identity joins its open case if that moved within these hours."""
    reopen_days: int = 14
    """A case done longer ago is not reopened: a new one is opened and linked to it."""
    countdown_seconds: int = 8
    """How long a reply from the interface waits before it is sent, so that it can be taken back."""
    owner_away_hours: int = 72
    """A case whose owner was not seen for so long is nobody's again; 0: it stays his."""
    acknowledge_within_minutes: int = 120
    """A message that is older is not acknowledged any more."""
    read_only: tuple[str, ...] = ()
    """Agents who may look at everything and change nothing."""
    erase_after_days: int = 0
    """A case that was done so long ago is erased, its person with his last one; 0: none is."""
    handoff_hours: int = 48
    """A customer who was asked to go on elsewhere and has not come so long after is back in the queue."""
    handoff_days: int = 14
    """The code of a hand-off is good for so long."""
    kiosk_folder: str = ""
    """The one folder from which and to which ``--kiosk`` lets files go; empty: none go."""


DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NINE_TO_FIVE = ("09:00-17:00",)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeConfig:
    """When somebody is there, and within which time an answer is owed."""

    zone: str = ""
    """Time zone as Europe/Berlin; empty: this machine's."""
    monday: tuple[str, ...] = _NINE_TO_FIVE
    """Hours of the day, each HH:MM-HH:MM, a break between two; empty: closed."""
    tuesday: tuple[str, ...] = _NINE_TO_FIVE
    wednesday: tuple[str, ...] = _NINE_TO_FIVE
    thursday: tuple[str, ...] = _NINE_TO_FIVE
    friday: tuple[str, ...] = _NINE_TO_FIVE
    saturday: tuple[str, ...] = ()
    sunday: tuple[str, ...] = ()
    country: str = ""
    """Two letters: its public holidays are closing days; empty: none are."""
    region: str = ""
    """Of that country, as BY."""
    closed: tuple[str, ...] = ()
    """Closing days of the firm's own: 2026-12-24, or 2026-12-27..2026-12-30."""
    urgent_minutes: int = 60
    """Office minutes within which an answer is owed, by priority; 0: no target."""
    high_minutes: int = 240
    normal_minutes: int = 480
    low_minutes: int = 1440


@dataclass(frozen=True, slots=True, kw_only=True)
class EffortConfig:
    """What a customer's effort counts, in points."""

    message: int = 1
    """A message after his first."""
    channel: int = 3
    """A channel after the first."""
    supporter: int = 2
    """A person who writes on his behalf."""
    handoff: int = 4
    """A hand-off: he was asked to go on elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchingConfig:
    """What speaks for two persons being one. Nothing here joins anybody by itself."""

    order_pattern: str = ""
    """Regular expression of your order numbers, as '[A-Z]-[0-9]{4,6}'; empty: none are looked for."""
    phone_region: str = ""
    """Country of phone numbers that are written without one, as DE; empty: only +49 … is a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HooksConfig:
    """Commands of the owner's own that are told what happened. Lists of words, run without a shell."""

    on_incoming: tuple[str, ...] = ()
    """A customer's message came."""
    on_sent: tuple[str, ...] = ()
    """A reply was accepted by the platform."""
    on_failed: tuple[str, ...] = ()
    """A reply was not sent, or nobody knows."""
    timeout_seconds: int = 10
    """After so long a hook is ended, with all that it has started."""

    def commands(self) -> dict[str, tuple[str, ...]]:
        """Those that are configured, by name."""
        named = {"on_incoming": self.on_incoming, "on_sent": self.on_sent, "on_failed": self.on_failed}
        return {name: words for name, words in named.items() if words}


LEVELS = ("error", "warning", "info", "debug")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogConfig:
    """The log file: what went wrong and where; no word of a customer stands in it."""

    file: str = ""
    """Empty: inbox-tui.log in the folder for states of your user. Relative to the config file."""
    level: str = "info"
    """error, warning, info or debug."""


THEMES = ("dark", "light", "contrast")
COLUMNS = ("channel", "count", "priority", "until", "assignee", "tags", "subject", "text")


@dataclass(frozen=True, slots=True, kw_only=True)
class UiConfig:
    """How the interface looks."""

    theme: str = "dark"
    """dark, light or contrast."""
    columns: tuple[str, ...] = COLUMNS
    """What a row of the queue tells beside how long who waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedView:
    """A search with a name."""

    name: str
    """Name of the table, ``[views.NAME]``."""
    query: str
    """What is searched for, as `inbox-tui search` takes it."""
    key: str = ""
    """Key that opens it in the interface; empty: it has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateConfig:
    """A text that is written often."""

    name: str
    """Name of the table, ``[templates.NAME]``."""
    text: str = ""
    """With places to fill: {person.name}."""
    file: str = ""
    """The file with the text, instead. Relative to the config file."""
    language: str = ""
    """Of the text, for whoever chooses: de, en."""
    channel: str = ""
    """Only for this channel; empty: for all."""
    subject: str = ""
    """Of a mail that begins with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgementConfig:
    """What an acknowledgement says in one language; empty: the text that is built in, for de and en."""

    language: str
    """Name of the table, ``[acknowledgements.LANGUAGE]``."""
    text: str = ""
    """While the office is open, with a place for the time: {due}."""
    closed: str = ""
    """While it is closed: {opens}, {due}."""
    untimed: str = ""
    """Where no time can be named."""
    words: tuple[str, ...] = ()
    """Common words by which the language is told, beside those built in for de, en, es, fr, it, nl."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All of it."""

    path: Path | None
    """The file it came from; None: there is none, all is default."""
    store: Path
    agent: str
    """Who acts: the Unix user unless the file or --agent says otherwise."""
    desk: DeskConfig = field(default_factory=DeskConfig)
    office: OfficeConfig = field(default_factory=OfficeConfig)
    effort: EffortConfig = field(default_factory=EffortConfig)
    matching: MatchingConfig = field(default_factory=MatchingConfig)
    accounts: Mapping[str, AccountConfig] = field(default_factory=dict)
    views: tuple[SavedView, ...] = ()
    templates: tuple[TemplateConfig, ...] = ()
    acknowledgements: tuple[AcknowledgementConfig, ...] = ()
    ui: UiConfig = field(default_factory=UiConfig)
    hooks: HooksConfig = field(default_factory=HooksConfig)
    log: LogConfig = field(default_factory=LogConfig)
    kiosk: bool = False
    """Whoever sits there gets no further on this host. Set by ``--kiosk``, never by the file."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Keys of the interface that are not the usual ones, by the name of the act."""


KINDS: Mapping[str, type[AccountConfig]] = {
    "email": EmailAccount,
    "x": XAccount,
    "facebook": FacebookAccount,
}
CHOICES: Mapping[str, tuple[str, ...]] = {
    "acknowledge": ("no", "private", "all"),
    "columns": COLUMNS,
    "theme": THEMES,
    "level": LEVELS,
    "provider": ("google", "microsoft", "x", "facebook"),
    "imap_security": ("tls", "plain"),
    "smtp_security": ("tls", "starttls", "plain"),
    "auth": ("oauth2", "oauth1"),
}
RANGES: Mapping[str, tuple[int, int]] = {
    "poll_seconds": (1, 86_400),
    "since_days": (0, 36_500),
    "imap_port": (1, 65_535),
    "smtp_port": (1, 65_535),
    "batch": (1, 10_000),
    "max_mail_bytes": (10_000, 1_000_000_000),
    "max_files_bytes": (0, 1_000_000_000),
    "budget_per_day": (0, 1_000_000),
    "redirect_port": (0, 65_535),
    "overlap_minutes": (0, 10_080),
    "join_hours": (0, 87_600),
    "reopen_days": (0, 36_500),
    "countdown_seconds": (0, 3_600),
    "owner_away_hours": (0, 87_600),
    "acknowledge_within_minutes": (1, 10_080),
    "erase_after_days": (0, 36_500),
    "handoff_hours": (1, 87_600),
    "handoff_days": (1, 3_650),
    "timeout_seconds": (1, 600),
    "urgent_minutes": (0, 100_000),
    "high_minutes": (0, 100_000),
    "normal_minutes": (0, 100_000),
    "low_minutes": (0, 100_000),
    **dict.fromkeys(("message", "channel", "handoff"), (0, 1000)),
}
