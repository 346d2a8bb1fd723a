"""Copies of an SQLite state: made whole, and put in the place of another."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from syncer.store.database import Database
from syncer.store.errors import StateCorrupt, StateError, StateUnwritable
from syncer.store.place import FILE_NAME, prepare_directory, private_file

COMPANIONS = ("-wal", "-shm")
SQLITE_BEGINS = b"SQLite format 3\x00"


def write_copy(database: Database, path: Path, *, checked: bool = False) -> None:
    """Writes a complete, compact copy of an SQLite state to `path`, readable by its owner alone.

    The copy appears only when it is whole; `checked`: when every page of it was read again and found sound, too. Runs
    may go on meanwhile: it holds the state of one moment. Raises StateUnwritable, and StateCorrupt for a damaged state.
    """
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        os.close(private_file(unfinished, exclusive=True))
        with database.reading() as connection:
            connection.exec_driver_sql("VACUUM INTO ?", (str(unfinished),))
        if checked and (damage := damage_of(unfinished)):
            raise StateCorrupt(f"the state is damaged ({damage[0]}), so no copy was made: restore an older one")
        unfinished.replace(path)
    except OSError as error:
        raise StateUnwritable(f"{path} cannot be written: {error.strerror}") from error
    finally:
        unfinished.unlink(missing_ok=True)


def refuse_place(path: Path, directory: Path) -> None:
    """Raises StateError where a backup of the state in `directory` must not be written: it says what to name instead.

    A file that is there is replaced only if it is a database, and never one that the state itself consists of.
    """
    if path.is_dir():
        raise StateError(f"{path} is a directory: name a file in it, such as {path / FILE_NAME}")
    if not path.parent.is_dir():
        raise StateError(f"there is no directory {path.parent}: make it, or name a file somewhere else")
    if path.resolve().parent == directory.resolve():
        raise StateError(
            f"{path} lies in the directory of the state itself, with which it would be lost: name another place"
        )
    if not os.path.lexists(path):
        return
    if not path.is_file() or path.is_symlink():
        raise StateError(f"{path} is not a plain file: name another one")
    with path.open("rb") as file:
        beginning = file.read(len(SQLITE_BEGINS))
    if beginning not in (b"", SQLITE_BEGINS):
        raise StateError(f"{path} is no backup but another file, which stays as it is: name another one")


def damage_of(file: Path) -> list[str]:
    """What a thorough look at a closed SQLite file finds wrong; empty when all is well. Reads the whole file."""
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        return found_wrong(connection.execute)


def found_wrong(execute: Callable[[str], Iterable[Sequence[Any]]]) -> list[str]:
    """What SQLite's own checks say of a database that `execute` asks; empty when all is well."""
    found = [str(row[0]) for row in execute("PRAGMA integrity_check(20)")]
    strays = list(execute("PRAGMA foreign_key_check"))
    return [line for line in found if line != "ok"] + [f"a row of {row[0]} belongs to nothing" for row in strays]


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
