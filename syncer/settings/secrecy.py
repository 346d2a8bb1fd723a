"""Who can read a file with a secret: nobody else, nobody else in fact, or others."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")

_IN_MEMORY = frozenset({"tmpfs", "ramfs"})


class Exposure(Enum):
    """How far a file can be read."""

    NONE = "none"
    """Its mode lets its owner read it alone."""
    CONTAINED = "contained"
    """Its mode lets others read it; where it lies keeps them out, or is a supervisor's affair."""
    OPEN = "open"
    """Others can read it."""


@dataclass(frozen=True, slots=True)
class Mount:
    """Where something is mounted."""

    point: Path
    read_only: bool
    kind: str


def exposure(file: Path, credentials: str = "", mounts: Path = MOUNTS) -> Exposure:
    """How far a file can be read; `credentials` is the directory that systemd mounted. Raises OSError.

    A mode that lets others read is no exposure in a folder that this user alone can enter. What a supervisor mounted
    for us (read-only or in memory, as containers get their secrets) has the mode that the supervisor gave it.
    """
    if os.name != "posix" or not stat.S_IMODE(file.stat().st_mode) & 0o077:
        return Exposure.NONE
    real = file.resolve()
    if credentials and real.is_relative_to(Path(credentials).resolve()):
        return Exposure.CONTAINED
    if any(_ours_alone(folder) for folder in real.parents) or _is_supervised(real, mounts):
        return Exposure.CONTAINED
    return Exposure.OPEN


def remedy(file: Path) -> str:
    """The command after which this user, and nobody else, can read a file."""
    if _is_read_only(file):
        return f"mount {file} with mode 0400"
    mine = file.stat().st_uid == os.geteuid()
    return f"chmod 600 {file}" if mine else f"chown {os.geteuid()} {file} && chmod 600 {file}"


def _is_read_only(file: Path) -> bool:
    return bool(os.statvfs(file).f_flag & os.ST_RDONLY)


def _ours_alone(folder: Path) -> bool:
    """Whether this user, and nobody else, can enter a folder."""
    found = folder.stat()
    return found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IXGRP | stat.S_IXOTH)


def _is_supervised(file: Path, mounts: Path) -> bool:
    """Whether a file was mounted for us; a place in memory into which everybody writes, such as /tmp, was not."""
    try:
        mount = innermost(file, mounts.read_text("utf-8", "surrogateescape").splitlines())
    except OSError:
        return False
    if mount is None or mount.point == Path("/"):
        return False
    return mount.read_only or (mount.kind in _IN_MEMORY and not mount.point.stat().st_mode & stat.S_IWOTH)


def innermost(file: Path, lines: Iterable[str]) -> Mount | None:
    """The mount that a file lies on, of the lines of `mountinfo` (proc(5)); the last one where several are stacked."""
    found: Mount | None = None
    for line in lines:
        before, separator, after = line.partition(" - ")
        fields = before.split(" ")
        if not separator or len(fields) < 6:
            continue
        point = Path(_unescaped(fields[4]))
        if file.is_relative_to(point) and (found is None or point.is_relative_to(found.point)):
            found = Mount(point, "ro" in fields[5].split(","), after.split(" ")[0])
    return found


def _unescaped(text: str) -> str:
    """A path as `mountinfo` writes it, with its blanks and backslashes as they are."""
    for octal in ("040", "011", "012", "134"):
        text = text.replace(f"\\{octal}", chr(int(octal, 8)))
    return text
