"""What the connectors of one account share: whether its tracker answers, and whose turn it is to write.

Many pairs may lie on one tracker. What one of them found out (nobody answers, the token is refused) holds for all of
them, and each would need a minute to find it out anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from threading import Condition, Lock
from typing import Protocol, TypeVar, cast

from syncer.contract.errors import Denied, Down, TrackerError

T = TypeVar("T")

ASK_AGAIN = 60.0
"""Seconds after which one connector asks a tracker again that was found down."""


@dataclass(frozen=True, slots=True)
class ClosedLine:
    """Why nothing is sent, and how many seconds ago that was last found out."""

    error: TrackerError
    age: float = 0.0


class LineMemory(Protocol):
    """What several processes know together of closed lines. Where it cannot be asked it knows nothing: none raises."""

    def recall(self, credential: str) -> ClosedLine | None:
        """What closed the line of an account; None where it is open."""
        ...

    def claim(self, credential: str, every: float) -> bool:
        """Whether the caller is the one, within so many seconds, to ask whether the tracker answers again."""
        ...

    def keep(self, credential: str, error: TrackerError) -> None:
        """Says that nothing is sent for a while."""
        ...

    def forget(self, credential: str) -> None:
        """Says that the tracker answers."""
        ...


class NoMemory:
    """That of a process that is alone."""

    def recall(self, _credential: str) -> ClosedLine | None:
        """Nothing."""
        return None

    def claim(self, _credential: str, _every: float) -> bool:
        """True: nobody else asks."""
        return True

    def keep(self, _credential: str, _error: TrackerError) -> None:
        """Keeps nothing."""

    def forget(self, _credential: str) -> None:
        """Has nothing to forget."""


@dataclass(frozen=True, slots=True)
class _Closed:
    """Why nothing is sent, and when that was last found out."""

    error: TrackerError
    at: float


class TrackerLine:
    """One account at one tracker. Usable from several threads."""

    def __init__(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        changed: Condition | None = None,
        credential: str = "",
        memory: LineMemory | None = None,
    ) -> None:
        self._credential, self._memory = credential, memory or NoMemory()
        self.writing = Lock()
        """Held by whoever writes, where the tracker wants writes one after the other."""
        self.answered = False
        """Whether the tracker has answered a request yet."""
        self._monotonic = monotonic
        self._changed = changed or Condition()
        self._closed: _Closed | None = None
        self._common: object | None = None

    @property
    def down(self) -> str:
        """Why nothing is sent at present; empty while the tracker answers."""
        closed = self._closed
        return "" if closed is None else str(closed.error)

    def enter(self) -> bool:
        """Before a request: whether the caller is the one to ask whether the tracker answers again.

        Raises what closed the line, Down or Denied, for everybody else while it is closed.
        """
        with self._changed:
            closed = self._closed
            if closed is None:
                return False
            if self._monotonic() - closed.at >= ASK_AGAIN:
                self._closed = _Closed(closed.error, self._monotonic())
                if self._memory.claim(self._credential, ASK_AGAIN):
                    return True
        if isinstance(closed.error, Denied):
            raise Denied(str(closed.error), remedy=closed.error.remedy, credentials=closed.error.credentials)
        raise Down(str(closed.error))

    def open(self) -> None:
        """The tracker answered."""
        if self.answered and self._closed is None:
            return
        with self._changed:
            was_closed = self._closed is not None
            self.answered, self._closed = True, None
            self._changed.notify_all()
        if was_closed:
            self._memory.forget(self._credential)

    def close(self, error: TrackerError) -> None:
        """The tracker does not answer, or refuses the account: nothing is sent for a while."""
        with self._changed:
            self._closed = _Closed(error, self._monotonic())
            self._changed.notify_all()
        self._memory.keep(self._credential, error)

    def look(self) -> None:
        """Takes over what other processes found out; to be called before a run."""
        told = self._memory.recall(self._credential)
        with self._changed:
            if told is not None:
                self._closed = _Closed(told.error, self._monotonic() - told.age)
            elif not isinstance(self._memory, NoMemory):
                self._closed = None
            self._changed.notify_all()

    def common(self, make: Callable[[], T]) -> T:
        """What the connectors of one kind keep together, such as limits that were told to one of them."""
        with self._changed:
            if self._common is None:
                self._common = make()
            return cast("T", self._common)


class TrackerLines:
    """The lines of one process, by the account that connectors name as their credential.

    With a `memory` the processes that share it find out once that a tracker is down, and one of them asks it again.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic, memory: LineMemory | None = None) -> None:
        self._memory = memory
        self.changed = Condition()
        """Notified when a line opens or closes."""
        self._monotonic = monotonic
        self._lines: dict[str, TrackerLine] = {}

    def of(self, credential: str) -> TrackerLine:
        """The line of an account."""
        with self.changed:
            if credential not in self._lines:
                self._lines[credential] = TrackerLine(self._monotonic, self.changed, credential, self._memory)
            return self._lines[credential]

    def look(self, credentials: Iterable[str]) -> None:
        """Takes over what other processes found out of these accounts; to be called before a run."""
        for credential in dict.fromkeys(credentials):
            self.of(credential).look()

    def down(self) -> Mapping[str, str]:
        """Why nothing is sent, by account; without those that answer."""
        with self.changed:
            return {credential: line.down for credential, line in self._lines.items() if line.down}
