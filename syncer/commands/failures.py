"""Every failure of a command as sentences and an exit code."""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass

from syncer.commands.exits import Exit


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong, for people and for programs."""

    code: Exit
    word: str
    lines: tuple[str, ...]


def describe_failure(error: Exception) -> Failure:  # noqa: PLR0911 - one return for each sort of failure
    """What to tell the operator about an error that ended a command.

    Looks at modules only when they were loaded: an error cannot come from one that was not.
    """
    settings = sys.modules.get("syncer.settings")
    if settings is not None and isinstance(error, settings.Misconfigured):
        return Failure(Exit.USAGE, "configuration", tuple(str(problem) for problem in error.problems))
    store = sys.modules.get("syncer.store.errors")
    if store is not None and isinstance(error, store.Busy):
        return Failure(Exit.BUSY, "busy", (str(error),))
    if store is not None and isinstance(error, store.StateError):
        return Failure(Exit.USAGE, "state", (str(error),))
    engine = sys.modules.get("syncer.engine")
    if engine is not None and isinstance(error, engine.Refused):
        return Failure(Exit.REFUSED, "refused", (str(error),))
    if engine is not None and isinstance(error, engine.OutOfBudget):
        return Failure(Exit.BUDGET, "budget", (str(error),))
    errors = sys.modules.get("syncer.contract.errors")
    if errors is not None and isinstance(error, errors.Denied):
        return Failure(Exit.DENIED, "denied", tuple(line for line in (str(error), error.remedy) if line))
    if errors is not None and isinstance(error, errors.Retryable) and error.budget:
        return Failure(Exit.BUDGET, "budget", (str(error),))
    if errors is not None and isinstance(error, errors.TrackerError):
        return Failure(Exit.RETRY, "tracker", (f"A tracker did not answer as it should: {error}", "Try again later."))
    return _unexpected(error)


def _unexpected(error: Exception) -> Failure:
    logging.getLogger("syncer").error("unexpected error", exc_info=error)
    text = f"{type(error).__name__}: {error}"
    return Failure(
        Exit.UNEXPECTED,
        "unexpected",
        (
            f"Unexpected error: {text}",
            "The state is intact, and the next run goes on from it. The lines above say where it happened.",
        ),
    )
