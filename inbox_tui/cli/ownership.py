"""What ``doctor`` looks at in a team: whose the files are, and who else may use them.

One Unix user is the worker and holds the secrets; agents share the store through a group and hold none.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from inbox_tui.cli.facts import Fact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inbox_tui.config import Config

_ENDINGS = ("", "-wal", "-shm", ".lock", ".turn", ".worker", ".users")
"""Of the names of the files that make up a store."""


def shared(store: Path) -> bool:
    """Whether a group of agents shares this store: its folder is setgid."""
    try:
        return bool(store.parent.stat().st_mode & stat.S_ISGID)
    except OSError:
        return False


def of_an_agent(store: Path, user: int | None = None) -> bool:
    """Whether this user is an agent of a team, and not the one who runs its worker. user: None: who asks."""
    asks = os.geteuid() if user is None else user
    return shared(store) and store.parent.stat().st_uid != asks


def files(config: Config) -> Iterator[Fact]:
    """Whether the files of the store, the tokens and the log are for whom they should be."""
    yield from _folder(config.store)
    yield from _store(config.store)
    for account in config.accounts.values():
        if account.oauth is not None and not account.oauth.tokens_keyring:
            yield from _private(Path(account.oauth.tokens_file), f"account {account.name}: its tokens")
    from inbox_tui import logs

    yield from _private(Path(config.log.file) if config.log.file else logs.default_path(), "the log")


def _folder(store: Path) -> Iterator[Fact]:
    folder = store.parent
    if not folder.exists():
        return
    mode = stat.S_IMODE(folder.stat().st_mode)
    if shared(store) and (mode & stat.S_IRWXO or not mode & stat.S_IWGRP):
        message = f"{folder}, which a group shares, has mode {mode:04o}"
        yield Fact("store_folder", False, message, f"chmod 2770 {folder}")
    elif mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
        yield Fact("store_folder", False, f"{folder} can be changed by everybody", f"chmod o-w {folder}")


def _store(store: Path) -> Iterator[Fact]:
    """In a shared folder one user's own file locks the others out; elsewhere a group's file lets them in."""
    if not store.exists():
        return
    group, wanted = store.parent.stat().st_gid, 0o660 if shared(store) else 0o600
    wrong = []
    for ending in _ENDINGS:
        file = store.with_name(store.name + ending)
        if not file.exists():
            continue
        facts = file.stat()
        mode = stat.S_IMODE(facts.st_mode)
        if mode & ~wanted or (shared(store) and (mode != wanted or facts.st_gid != group)):
            wrong.append(file)
    if wrong:
        names = ", ".join(file.name for file in wrong)
        mend = f"chmod {wanted:o} {' '.join(map(str, wrong))}"
        if shared(store):
            mend += f"; chgrp {group} the same"
        yield Fact("store_files", False, f"{store.parent}: not for whom they should be: {names}", mend)
    else:
        whose = "shared by its group" if shared(store) else "its owner's alone"
        yield Fact("store_files", True, f"{store.parent}: the files of the store are {whose}")


def _private(file: Path, what: str) -> Iterator[Fact]:
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
    except OSError:
        return
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield Fact(
            "private", False, f"{what}: {file} can be used by others (mode {mode:04o})", f"chmod 600 {file}"
        )
