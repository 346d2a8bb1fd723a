"""Where an SQLite state lies: a directory for its owner alone, with the file, its backups and the locks.

Why the checks: the state holds copies of restricted text. A directory that other people can replace files in, or a file
that is a link to somewhere else, would hand them over or let the next run write where it should not.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from syncer.store.errors import StateExposed, StateUnwritable

FILE_NAME = "state.db"
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def prepare_directory(directory: Path) -> Path:
    """The state file's path inside a directory that exists and is private. The file may not exist yet.

    A directory of ours that is empty or already holds a state is closed to others. Raises StateExposed for a directory
    that others can enter and that we should not close, and for a state file that is not a plain file of ours.
    """
    try:
        if not directory.exists():
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            directory.chmod(0o700)
        _require_private(directory)
    except OSError as error:
        raise StateUnwritable(f"{directory} cannot be used as the state directory: {error.strerror}") from error
    return directory / FILE_NAME


def _require_private(directory: Path) -> None:
    status = directory.stat()
    if not stat.S_ISDIR(status.st_mode):
        raise StateUnwritable(f"{directory} is not a directory: name another one with --state")
    file = directory / FILE_NAME
    if os.path.lexists(file):
        found = file.lstat()
        if not stat.S_ISREG(found.st_mode):
            raise StateExposed(
                f"{file} is not a plain file (a symbolic link?): put it aside, or name another directory"
            )
        if found.st_uid not in (os.geteuid(), 0):
            raise StateExposed(f"{file} belongs to another user: name another directory with --state")
    if not status.st_mode & OTHERS:
        return
    if status.st_uid != os.geteuid():
        raise StateExposed(f"{directory} belongs to another user and is open to others: name another directory")
    if os.path.lexists(file) or not any(directory.iterdir()):
        directory.chmod(0o700)
    else:
        raise StateExposed(
            f"{directory} is open to other users and holds other files: name an empty directory,"
            f" or `chmod 700 {directory}`"
        )


def private_file(path: Path, *, exclusive: bool = False) -> int:
    """A descriptor, open for reading and writing, of a file that only its owner can read, whatever the umask.

    With `exclusive` the file must not exist yet. A symbolic link is refused. Raises OSError.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | (os.O_EXCL if exclusive else 0)
    descriptor = os.open(path, flags, 0o600)
    if stat.S_IMODE(os.fstat(descriptor).st_mode) != 0o600:
        os.fchmod(descriptor, 0o600)
    return descriptor


def close_to_others(file: Path) -> None:
    """Takes a state file and its companions from everybody but the owner."""
    for path in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
        try:
            if stat.S_IMODE(path.lstat().st_mode) & OTHERS:
                path.chmod(0o600)
        except FileNotFoundError:
            continue
