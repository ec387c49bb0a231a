"""One invocation of a subcommand: its configuration, inbox and output, each opened when first asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from inbox_tui.cli.output import Output
from inbox_tui.errors import ConfigError

if TYPE_CHECKING:
    from inbox_tui.config import Config
    from inbox_tui.inbox import Inbox


def _nothing_here() -> ConfigError:
    from inbox_tui.config import default_config_path

    return ConfigError(
        f"there is no configuration ({default_config_path()}), and no store",
        "inbox-tui init sets up an account; or name a file with --config; to look around: inbox-tui demo",
    )


class Call:
    """What a subcommand works with. Used by one thread."""

    def __init__(self, out: Output, options: dict[str, object]) -> None:
        self.out = out
        self._options = options
        self._config: Config | None = None
        self._inbox: Inbox | None = None
        self._upgraded = False

    @property
    def config(self) -> Config:
        """The configuration. Raises ConfigError."""
        if self._config is None:
            self._config = self.load_again()
        return self._config

    def load_again(self) -> Config:
        """The configuration as its file is now. Raises ConfigError."""
        from inbox_tui.config import load

        found = load(*(self._option(name) for name in ("config", "store", "agent")))
        if not self._options.get("kiosk"):
            return found
        from inbox_tui.records import replace

        return replace(found, kiosk=True)

    @property
    def inbox(self) -> Inbox:
        """The inbox on a store that exists already. Raises StoreError."""
        return self.open_inbox(create=False)

    def open_inbox(self, *, create: bool, interface: bool = False) -> Inbox:
        """The inbox. Raises StoreError.

        create: with a new store where there is none. interface: as for `bootstrap.open_inbox`.
        """
        if self._inbox is None:
            from inbox_tui.bootstrap import open_inbox

            if not create and self.config.path is None and not self.config.store.exists():
                raise _nothing_here()
            self._inbox = open_inbox(self.config, create=create, upgrade=self._upgrading, interface=interface)
            if self._upgraded:
                self.out.progress("")
        return self._inbox

    def _upgrading(self) -> None:
        self._upgraded = True
        self.out.progress("Bringing the store up to date; a big one takes a minute …")

    def begin_log(self) -> None:
        """From now on what goes wrong stands in the log file. Raises ConfigError."""
        from inbox_tui import logs

        asked = self.config.log
        logs.begin(
            Path(asked.file) if asked.file else logs.default_path(), self._option("log_level") or asked.level
        )

    def close(self) -> None:
        """Give back what was opened."""
        if self._inbox is not None:
            self._inbox.close()
            self._inbox = None

    def option(self, name: str) -> str | None:
        """A global option as it was given; None where it was not."""
        return self._option(name)

    def reload(self, config: Path) -> None:
        """From now on the configuration of this file."""
        self.close()
        self._options["config"], self._config = str(config), None

    def _option(self, name: str) -> str | None:
        value = self._options.get(name)
        return value if isinstance(value, str) else None
