"""Exit codes: each says what the operator must do. `syncer.sync.outcome.exit_code` finds the one for several runs."""

from __future__ import annotations

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
    NEWS = 6
    """Done, and something new waits for a person. Only the run that tells it ends so."""
    REFUSED = 7
    """A guard refused: a person has to look and to approve."""
    UNEXPECTED = 70
    """An error nobody foresaw; the state is intact."""
    INTERRUPTED = 130
    TERMINATED = 143
