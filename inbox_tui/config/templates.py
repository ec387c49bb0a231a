"""The templates of a configuration: ``[templates.NAME]``, and where their text comes from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from inbox_tui.config.reader import Reader
from inbox_tui.config.records import KINDS, TemplateConfig
from inbox_tui.errors import ConfigError
from inbox_tui.model import Template

LONGEST = 100_000
"""Bytes of a template's file."""


def read_templates(reader: Reader, data: Mapping[str, Any]) -> tuple[TemplateConfig, ...]:
    """The tables of the file. Raises ConfigError."""
    found = []
    for name in (tables := reader.table(data, "", "templates")):
        where = f"templates.{name}"
        if not name.isprintable() or not name.strip():
            raise reader.error(
                f"templates.{name!r}", "not a name that can be shown", "use letters and digits"
            )
        one = reader.record(reader.table(tables, "templates", name), where, TemplateConfig, {"name": name})
        if bool(one.text.strip()) == bool(one.file):
            raise reader.error(where, "a text or a file is needed, and one alone", 'write text = "…"')
        if one.channel and one.channel not in KINDS and not one.channel.isidentifier():
            raise reader.error(f"{where}.channel", f'"{one.channel}" is not a channel', "take it out")
        found.append(one)
    return tuple(found)


def template(config: TemplateConfig) -> Template:
    """A template with its text, read anew from its file each time. Raises ConfigError."""
    text = _content(config) if config.file else config.text
    return Template(config.name, text.rstrip(), config.language, config.channel, config.subject)


def _content(config: TemplateConfig) -> str:
    path, where = Path(config.file), f"templates.{config.name}.file"
    try:
        if not path.is_file():
            raise ConfigError(f"{where}: {path}: there is no such file", "name another")
        with path.open("rb") as file:
            content = file.read(LONGEST + 1)
        if len(content) > LONGEST:
            raise ConfigError(f"{where}: {path}: larger than {LONGEST} bytes", "shorten it")
        return content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{where}: {path}: not UTF-8 at byte {error.start}", "save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{where}: {path}: {error.strerror}", "make the file readable") from None
