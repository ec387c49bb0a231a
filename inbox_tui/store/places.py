"""Where a store may lie, and who may read and write it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from inbox_tui.errors import StoreError, StoreReadOnly

_NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "fuse.sshfs", "fuse.glusterfs"}
)


def way_to_one(path: Path) -> str:
    """How there can be a store here."""
    here = next((parent for parent in path.absolute().parents if parent.exists()), path)
    if os.access(here, os.W_OK):
        return "fetch first: inbox-tui fetch"
    return f"{here} may not be written: name another place with --store or in the configuration"


def file_mode(folder: Path) -> int:
    """0660 where the folder is setgid, so that a group of agents shares the store; else 0600."""
    try:
        shared = folder.stat().st_mode & stat.S_ISGID
    except OSError:
        shared = 0
    return 0o660 if shared else 0o600


def refuse_network_file_system(path: Path, mounts: str = "/proc/self/mountinfo") -> None:
    """SQLite's locks do not hold over a network. Raises StoreError."""
    try:
        lines = Path(mounts).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return  # not Linux: nothing to ask
    place = str(path.resolve().parent)
    best, kind = "", ""
    for line in lines:
        head, _, tail = line.partition(" - ")
        mount = head.split()[4].replace("\\040", " ")
        inside = place == mount or place.startswith(mount.rstrip("/") + "/")
        if inside and len(mount) >= len(best):
            best, kind = mount, tail.split()[0]
    if kind in _NETWORK_FILE_SYSTEMS:
        raise StoreError(
            f"{path}: lies on a network file system ({kind}), whose locks SQLite cannot trust",
            "put the store on a local disk: --store, or store = … in the configuration",
        )


def may_only_read(path: Path, agent: str) -> StoreReadOnly:
    """The error of an act that this agent may not do."""
    return StoreReadOnly(
        f"{path}: agent {agent} may only read", "whoever keeps the configuration says so: read_only in [desk]"
    )
