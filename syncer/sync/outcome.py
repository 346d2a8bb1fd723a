"""How a run of a pair ends: its outcome, what people are told of it, and the exit code of several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from syncer.contract.errors import Ambiguous, Denied, Retryable, Stopped, TrackerError
from syncer.contract.model import Side
from syncer.core.change import Tally
from syncer.core.guard import Refusal
from syncer.core.waiting import Why
from syncer.sync.context import Interrupted, OutOfBudget, PairContext
from syncer.sync.write import TrackerDown

EXIT_CODES = {
    "clean": 0, "held": 0, "partial": 1, "busy": 3, "denied": 4, "budget": 5, "refused": 7, "failed": 70,
    "interrupted": 130,
}  # fmt: skip
NEWS = 6
"""The code of a run that is done and tells of something new that waits for a person."""
SERIOUS_FIRST = (130, 143, 70, 7, 4, 3, 5, 1, NEWS, 0)


def exit_code(outcomes: Iterable[str], *, news: bool = False) -> int:
    """The most serious exit code among the outcomes of several pairs, and what they told of; 0 for none."""
    codes = {EXIT_CODES[outcome] for outcome in outcomes} | ({NEWS} if news else set())
    return next((code for code in SERIOUS_FIRST if code in codes), 0)


class Refused(Exception):  # a decision
    """A guard stopped the run before its first write."""

    def __init__(self, refusals: Iterable[Refusal], approve: str | None) -> None:
        super().__init__("; ".join(refusal.reason for refusal in refusals))
        self.approve = approve


ENDS_A_RUN = (Interrupted, Refused, OutOfBudget, TrackerError, TrackerDown)
"""What ends a run before its end, and is foreseen."""


def ended_early(context: PairContext, tally: Tally, error: Exception, reading: Side | None) -> str:
    """The outcome of a run that one of `ENDS_A_RUN` ended, with what is said of it; `reading` is the side it read."""
    said = str(error) if reading is None else f"{context.addresses[reading]}: {error}"
    match error:
        case Interrupted() | Stopped():
            tally.message = "stopped on request; the next run goes on from here"
            return "interrupted"
        case Refused():
            tally.message, tally.approve = str(error), error.approve
            return "refused"
        case OutOfBudget():
            tally.message, tally.resumes_at = str(error), _resuming(context, error.wait)
            return "budget"
        case Denied():
            tally.message = ". ".join(part for part in (said.rstrip("."), error.remedy) if part)
            return "denied"
        case Retryable(budget=True):
            tally.message, tally.retry = said, tally.retry + 1
            tally.resumes_at = _resuming(context, error.after) if error.after else None
            return "budget"
        case _:
            tally.message, tally.retry = said, tally.retry + 1
            tally.outage = isinstance(error, Retryable | TrackerDown | Ambiguous)
            return "partial"


def came_to_its_end(tally: Tally, waits: Counter[Why], *, backlog_left: bool = False) -> str:
    """The outcome of a run that nothing ended early, by how much waits for a person.

    `backlog_left`: another run creates what remains.
    """
    tally.conflicts = waits.pop(Why.CONFLICT, 0)
    tally.remaining = tally.remaining if backlog_left else 0
    tally.complete = not tally.remaining
    tally.held = waits.total()
    if tally.retry:
        tally.message = tally.message or _first_failure(tally)
        return "partial"
    return "held" if tally.held or tally.conflicts else "clean"


def _resuming(context: PairContext, wait: timedelta) -> str:
    """The first whole second at which a budget is refilled: a second earlier the tracker would refuse again."""
    return (context.clock() + wait + timedelta(microseconds=999_999)).isoformat(timespec="seconds")


def _first_failure(tally: Tally) -> str:
    """What is tried again, by its first example."""
    failed = next((skip for skip in tally.skips if skip["why"] == "failed"), None)
    return "" if failed is None else f"{failed['item']} is tried again later: {failed['reason']}"
