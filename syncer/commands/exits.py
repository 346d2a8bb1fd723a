"""Exit codes: each says what the operator must do."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class Exit(IntEnum):
    """What a command returns to the shell."""

    DONE = 0
    RETRY = 1
    """Some items will be retried by the next run."""
    USAGE = 2
    """The command line, the configuration or the state directory has to be corrected."""
    BUSY = 3
    """Another run holds the lock."""
    DENIED = 4
    """Credentials or permissions have to be corrected."""
    BUDGET = 5
    """Stopped by a rate budget; the next run resumes by itself."""
    REFUSED = 7
    """A guard refused: a person has to look and to approve."""
    UNEXPECTED = 70
    """An error nobody foresaw; the state is intact."""
    INTERRUPTED = 130
    TERMINATED = 143


OUTCOMES = {
    "clean": Exit.DONE,
    "held": Exit.DONE,
    "partial": Exit.RETRY,
    "busy": Exit.BUSY,
    "denied": Exit.DENIED,
    "budget": Exit.BUDGET,
    "refused": Exit.REFUSED,
    "failed": Exit.UNEXPECTED,
    "interrupted": Exit.INTERRUPTED,
}
"""The outcome of a run of one pair, and the code it ends with."""

_MOST_SERIOUS_FIRST = (
    Exit.UNEXPECTED,
    Exit.REFUSED,
    Exit.DENIED,
    Exit.BUSY,
    Exit.BUDGET,
    Exit.RETRY,
    Exit.INTERRUPTED,
    Exit.DONE,
)


def exit_code(outcomes: Iterable[str]) -> Exit:
    """The code for the runs of several pairs: the most serious one."""
    codes = {OUTCOMES.get(outcome, Exit.UNEXPECTED) for outcome in outcomes}
    return next((code for code in _MOST_SERIOUS_FIRST if code in codes), Exit.DONE)
