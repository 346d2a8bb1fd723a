"""Requests that a run sends one after the other beside the edits it carries: how many, and when it stops asking."""

from __future__ import annotations

from dataclasses import dataclass

from syncer.contract.errors import Ambiguous, Denied, ReadOnly, Retryable, Stopped, TrackerError

REFUSED_IN_A_ROW = 3
"""After so many refusals a side is left alone until the next time: it will hardly take the next request."""


class Enough(Exception):  # the rest waits for the next time
    """No other request is to follow for now."""


@dataclass(slots=True)
class Turn:
    """What one run may ask of one side."""

    most: int
    """So many requests; the rest follows the next time."""
    taken: int = 0
    refused: int = 0
    """How many were refused since the last one that was not."""

    def begin(self) -> None:
        """Raises Enough where no further request is to be sent."""
        if self.taken >= self.most or self.refused >= REFUSED_IN_A_ROW:
            raise Enough

    def take(self) -> None:
        """Counts a request that took effect."""
        self.taken, self.refused = self.taken + 1, 0

    def refuse(self, error: TrackerError) -> str:
        """Counts a refusal; its words. Raises what `words_of` does."""
        self.refused += 1
        return words_of(error)


def words_of(error: TrackerError) -> str:
    """The words of a refusal. Raises Enough, or the error itself, where it is about more than one item."""
    if isinstance(error, Stopped) or (isinstance(error, Denied) and error.credentials):
        raise error
    if isinstance(error, Retryable | Ambiguous | ReadOnly):
        raise Enough from error
    return str(error)
