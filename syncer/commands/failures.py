"""Every failure of a command as sentences and an exit code."""

from __future__ import annotations

import errno
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from syncer.commands.exits import Exit
from syncer.commands.extras import extra_of, lines_for
from syncer.commands.output import emit, say


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong, for people and for programs."""

    code: int
    word: str
    lines: tuple[str, ...]

    def tell(self, *, json: bool) -> None:
        """Says it on stderr, and with `--json` prints it as the one object on stdout too; secrets are taken out."""
        from syncer.app.logs import redacted

        lines = [redacted(line) for line in self.lines]  # an address of a database may hold a password
        for line in lines:
            say(line)
        if json:
            emit({"error": self.word, "code": int(self.code), "messages": lines})


class CommandFailed(Exception):
    """A command cannot do what it was asked for; raised where that is found out."""

    def __init__(self, word: str, *lines: str, code: Exit = Exit.USAGE) -> None:
        super().__init__(" ".join(lines))
        self.failure = Failure(code, word, lines)


@contextmanager
def writing_to(place: Path, option: str) -> Iterator[None]:
    """Turns a folder or file that cannot be written into a message that names it, and the option that names another."""
    try:
        yield
    except OSError as error:
        if error.filename is None and error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        found = place if error.filename is None else Path(os.fsdecode(error.filename))
        reason = f"{found} cannot be written: {error.strerror}. Name another place than {place} with {option}."
        raise CommandFailed("unwritable", reason) from error


def describe_failure(error: Exception) -> Failure:  # noqa: PLR0911 - one return for each sort of failure
    """What to tell the operator about an error that ended a command.

    Looks at modules only when they were loaded: an error cannot come from one that was not.
    """
    if isinstance(error, CommandFailed):
        return error.failure
    if isinstance(error, ModuleNotFoundError) and (extra := extra_of(error)) is not None:
        return missing(extra)
    settings = sys.modules.get("syncer.settings")
    if settings is not None and isinstance(error, settings.Misconfigured):
        return Failure(Exit.USAGE, "configuration", tuple(str(problem) for problem in error.problems))
    store = sys.modules.get("syncer.store.errors")
    if store is not None and isinstance(error, store.Busy):
        return Failure(Exit.BUSY, "busy", (str(error),))
    if store is not None and isinstance(error, store.StateError):
        return Failure(Exit.USAGE, "state", (str(error),))
    engine = sys.modules.get("syncer.sync.outcome")
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


def missing(*extras: str) -> Failure:
    """What to tell where the command needs extras of the package that are not installed."""
    return Failure(Exit.USAGE, "extra", lines_for(*extras))


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
