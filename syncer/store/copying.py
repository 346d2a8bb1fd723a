"""Copies of an SQLite state: made whole, and put in the place of another."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp

from syncer.store.database import Database
from syncer.store.errors import StateError, StateUnwritable
from syncer.store.place import FILE_NAME, prepare_directory, private_file

COMPANIONS = ("-wal", "-shm")


def write_copy(database: Database, path: Path) -> None:
    """Writes a complete, compact copy of an SQLite state to `path`, readable by its owner alone.

    The copy appears only when it is whole. Raises StateUnwritable.
    """
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        os.close(private_file(unfinished, exclusive=True))
        with database.reading() as connection:
            connection.exec_driver_sql("VACUUM INTO ?", (str(unfinished),))
        unfinished.replace(path)
    except OSError as error:
        raise StateUnwritable(f"{path} cannot be written: {error.strerror}") from error
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def working_copy(source: Path, beside: Path) -> Iterator[Path]:
    """A private directory beside a state, with a copy of what `source` is: a state directory, or a state file in one.

    Raises StateError where there is no state.
    """
    file = source / FILE_NAME if source.is_dir() else source
    if not file.is_file():
        raise StateError(f"{source} is not a state: name a copied state directory, or a file such as {FILE_NAME}")
    directory = Path(mkdtemp(prefix=".restoring-", dir=beside))
    try:
        for end in ("", *COMPANIONS[:1]):
            with suppress(FileNotFoundError):
                shutil.copyfile(file.with_name(file.name + end), directory / (FILE_NAME + end))
        yield directory
    except OSError as error:
        raise StateUnwritable(f"{source} cannot be copied: {error.strerror}") from error
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def put_in_place(copy: Path, directory: Path, at: datetime) -> Path | None:
    """Makes a whole state file the state in a directory; where the one it was is kept, None where there was none.

    At every moment the directory holds one of the two. Raises StateError where somebody uses the state.
    """
    file = prepare_directory(directory)
    if not os.path.lexists(file):
        copy.replace(file)
        return None
    _write_ahead_log_emptied(file)
    aside = _free_name(file.with_name(f"{FILE_NAME}.before-restore-{at:%Y%m%dT%H%M%SZ}"))
    try:
        for end in COMPANIONS:  # what a damaged state could not take back: it must not be applied to another file
            with suppress(FileNotFoundError):
                file.with_name(file.name + end).replace(aside.with_name(aside.name + end))
        os.link(file, aside)
        copy.replace(file)
    except OSError as error:
        raise StateUnwritable(f"{file} cannot be replaced: {error.strerror}") from error
    return aside


def _free_name(path: Path) -> Path:
    """The path, with a number at its end where something has that name already."""
    names = (path, *(path.with_name(f"{path.name}-{number}") for number in range(2, 1_000)))
    return next(name for name in names if not os.path.lexists(name))


def _write_ahead_log_emptied(file: Path) -> None:
    """Takes the log into the file, as the only one who has it open. Raises StateError for a file somebody uses."""
    connection = sqlite3.connect(file, timeout=1, isolation_level=None)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise StateError(f"another process has {file} open: end `syncer daemon` and all runs first") from error
    except sqlite3.DatabaseError:
        pass  # it is damaged, which may be why it is replaced; it is kept aside as it is
    finally:
        connection.close()
