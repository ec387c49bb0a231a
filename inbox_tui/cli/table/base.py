"""What an entry of the table of subcommands is. Imports nothing: the quick subcommands pass through here."""

from __future__ import annotations


class Param:
    """An option (``--limit``) or an argument (``CASE``) of a subcommand."""

    def __init__(
        self,
        spelled: str,
        help: str = "",
        *,
        kind: type[int] | type[str] = str,
        flag: bool = False,
        default: int | str | None = None,
        required: bool = False,
        choices: tuple[str, ...] = (),
        least: int | None = None,
        metavar: str = "",
        hidden: bool = False,
        many: bool = False,
    ) -> None:
        self.spelled = spelled
        self.name = spelled.lstrip("-").replace("-", "_").lower()
        self.help = help
        self.kind = kind
        self.flag = flag
        empty = () if many else default
        self.default = REQUIRED if required else False if flag else empty
        self.choices = choices
        self.least = least
        """Smallest number that is accepted."""
        self.metavar = metavar or (spelled if spelled[0] != "-" else self.name.upper())
        self.hidden = hidden
        self.many = many
        """An argument that may be given several times (where it is required, at least once), or an option."""

    @property
    def is_option(self) -> bool:
        return self.spelled.startswith("--")


class Subcommand:
    """One subcommand: where its function is, what it takes, and what its help says."""

    def __init__(
        self, name: str, target: str, short: str, help: str, example: str, params: tuple[Param, ...] = ()
    ) -> None:
        self.name = name
        self.target = target
        """module:function in this room."""
        self.short = short
        self.help = help
        self.example = example
        self.params = (*params, JSON)


REQUIRED = object()
"""Default of an argument that must be given."""

JSON = Param("--json", "One JSON object a line on stdout, errors as JSON on stderr.", flag=True)
GLOBALS = (
    Param("--config", "Configuration file; else $INBOX_TUI_CONFIG, else your config folder.", metavar="FILE"),
    Param("--store", "Store file; else the one that the configuration names.", metavar="FILE"),
    Param("--agent", "Name to act under, where a Unix account is shared.", metavar="NAME"),
    Param(
        "--log-level",
        "How much goes into the log file; else what the configuration says.",
        choices=("error", "warning", "info", "debug"),
    ),
    Param(
        "--kiosk", "Only the interface: no editor, no links, files in one folder, no environment.", flag=True
    ),
    JSON,
)
CASE = Param("CASE", kind=int, required=True)
CASES = Param("CASE", kind=int, required=True, many=True)
TEXT = Param("TEXT")
TIED = Param("--tied", "End when stdin ends: for a parent that may die.", flag=True, hidden=True)
ATTACH = Param("--attach", "Send this file with it; may be repeated.", metavar="FILE", many=True)
CC = Param(
    "--cc",
    "Who gets a copy: addresses with commas between; may be repeated.",
    metavar="ADDRESSES",
    many=True,
)
TEMPLATE = Param("--template", "Take the text from this template.", metavar="NAME")
NO_WAIT = Param("--no-wait", "Leave it queued for the worker and return at once.", flag=True)
TIMEOUT = Param(
    "--timeout",
    "Seconds to wait for a worker that is sending.",
    kind=int,
    default=60,
    least=0,
    metavar="SECONDS",
)
