"""The one clock of a sandbox: real, or virtual and moved by hand."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from syncer.sandbox.errors import SandboxError


class Clock:
    """A source of the current time that every part of one sandbox shares."""

    def __init__(self, virtual_now: datetime | None) -> None:
        """Start at `virtual_now`, or follow the machine's clock when it is None."""
        self._virtual_now = virtual_now
        self._lock = threading.Lock()

    @classmethod
    def real(cls) -> Clock:
        """Return a clock that follows the machine's."""
        return cls(None)

    @classmethod
    def virtual(cls, start: datetime) -> Clock:
        """Return a clock that stands at `start` (aware) until it is advanced."""
        if start.tzinfo is None:
            raise SandboxError("a virtual clock needs an aware start time")
        return cls(start.astimezone(UTC))

    @property
    def is_virtual(self) -> bool:
        """True when only `advance` moves this clock."""
        return self._virtual_now is not None

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        with self._lock:
            return datetime.now(UTC) if self._virtual_now is None else self._virtual_now

    def follow_machine(self) -> None:
        """From now on this clock follows the machine's; nothing changes for one that does."""
        with self._lock:
            self._virtual_now = None

    def advance(self, by: timedelta) -> None:
        """Move a virtual clock forward by `by`; raise SandboxError on a real clock or a negative step."""
        if by < timedelta(0):
            raise SandboxError("a clock does not go backwards")
        with self._lock:
            if self._virtual_now is None:
                raise SandboxError("a real clock cannot be advanced: start the sandbox with a virtual one")
            self._virtual_now += by
