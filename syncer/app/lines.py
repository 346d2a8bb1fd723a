"""What all processes on one state know of trackers that are down: kept in the state, for the lines of each process."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from syncer.contract.errors import Denied, Down, TrackerError
from syncer.contract.line import ClosedLine
from syncer.store import StateError, Store
from syncer.store.closed_lines import ClosedLineRecord


class StateMemory:
    """A memory in a state that is opened when it is first needed.

    A state that is out of reach knows nothing here: whatever a run asks of it next says so in its own words.
    """

    def __init__(self, store: Callable[[], Store]) -> None:
        self._store = store

    def recall(self, credential: str) -> ClosedLine | None:
        """What closed the line, in the state's words."""
        with suppress(StateError):
            store = self._store()
            if (found := store.closed_lines.get(credential)) is not None:
                age = max((store.now() - found.asked_at).total_seconds(), 0.0)
                return ClosedLine(_error(found), age)
        return None

    def claim(self, credential: str, every: float) -> bool:
        """Whether nobody else on the state asks at present."""
        with suppress(StateError):
            store = self._store()
            return store.closed_lines.claim(credential, store.now(), timedelta(seconds=every))
        return True

    def keep(self, credential: str, error: TrackerError) -> None:
        """Tells everybody on the state."""
        with suppress(StateError):
            store = self._store()
            refused = isinstance(error, Denied)
            remedy = error.remedy if isinstance(error, Denied) else ""
            store.closed_lines.keep(credential, ClosedLineRecord(refused, str(error), remedy, store.now()))

    def forget(self, credential: str) -> None:
        """Tells everybody on the state."""
        with suppress(StateError):
            self._store().closed_lines.forget(credential)


def _error(found: ClosedLineRecord) -> TrackerError:
    if found.refused:
        return Denied(found.message, remedy=found.remedy, credentials=True)
    return Down(found.message)
