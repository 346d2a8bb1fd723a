"""Locks that the kernel, or the database server, releases when their holder dies."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from hashlib import blake2b
from pathlib import Path

from sqlalchemy import Connection, Engine, select, text

from syncer.store.errors import Busy, StateError, StateUnwritable
from syncer.store.place import private_file
from syncer.store.schema.pairs import pairs

PATIENCE = 0.3
"""Seconds to wait for a holder that has the lock but has not yet said who it is."""


def _opened(directory: Path, name: str) -> int:
    """A descriptor of a lock file of the state in `directory`."""
    locks = directory / "locks"
    try:
        if not locks.is_dir():
            locks.mkdir(exist_ok=True)
            locks.chmod(0o700)
        return private_file(locks / name)
    except OSError as error:
        raise StateUnwritable(f"{locks / name} cannot be written ({error.strerror}): check owner and space") from error


@contextmanager
def file_lock(directory: Path, pair: str, run: str, now: datetime) -> Iterator[None]:
    """Holds the lock file of a pair, which tells who holds it. Raises Busy at once when another process does."""
    name = blake2b(pair.encode(), digest_size=12).hexdigest()
    descriptor = _opened(directory, f"{name}.lock")
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _busy(descriptor, pair) from None
        holder = {"pid": os.getpid(), "since": now.isoformat(), "pair": pair, "run": run}
        with suppress(OSError):  # a full disk: the lock is ours all the same, and the next commit says so
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, json.dumps(holder).encode(), 0)
        try:
            yield
        finally:
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _busy(descriptor: int, pair: str) -> Busy:
    """Who holds the lock file, once the holder has written it."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            holder = json.loads(os.pread(descriptor, 4096, 0))
            return Busy(pair, holder["pid"], datetime.fromisoformat(holder["since"]))
        except (ValueError, KeyError):
            if time.monotonic() > deadline:
                return Busy(pair, None, None)
            time.sleep(0.01)


@contextmanager
def all_locks(directory: Path) -> Iterator[None]:
    """Holds the lock files of all pairs that were ever run in a directory. Raises Busy when a process has one."""
    descriptors: list[int] = []
    try:
        for file in sorted((directory / "locks").glob("*.lock")):
            descriptors.append(_opened(directory, file.name))
            try:
                fcntl.flock(descriptors[-1], fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise _busy(descriptors[-1], "") from None
        yield
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


@contextmanager
def file_guard(directory: Path) -> Iterator[None]:
    """Waits for its turn to create or migrate the state in a directory."""
    descriptor = _opened(directory, "migration.lock")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def advisory_lock(engine: Engine, pair: str) -> Iterator[None]:
    """Holds a session lock of PostgreSQL on a connection of its own. Raises Busy at once when another session does."""
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        schema = connection.scalar(text("SELECT current_schema()"))
        key = lock_number(f"{schema}:{pair}")
        if not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}):
            taken = select(pairs.c.taken_pid, pairs.c.taken_at, pairs.c.taken_host).where(pairs.c.name == pair)
            deadline = time.monotonic() + PATIENCE
            while (holder := connection.execute(taken).first()) is None and time.monotonic() < deadline:
                time.sleep(0.01)
            raise Busy(pair, None, None) if holder is None else Busy(pair, *holder)
        try:
            yield
        finally:
            unlock(connection, key)


def unlock(connection: Connection, key: int) -> None:
    """Gives back a lock of a session; one that was ended has given it back."""
    if not connection.invalidated:
        with suppress(StateError):
            connection.scalar(text("SELECT pg_advisory_unlock(:key)"), {"key": key})


def lock_number(name: str) -> int:
    """The 64-bit key under which PostgreSQL knows a lock."""
    return int.from_bytes(blake2b(f"syncer:{name}".encode(), digest_size=8).digest(), "big", signed=True)


def this_host() -> str:
    """The name by which an operator finds this machine."""
    return socket.gethostname()
