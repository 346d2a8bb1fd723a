"""Ctrl-C and SIGTERM: the first asks the run to end after the request in flight, the second ends the process at once.

Ending at once is safe too: every write was announced in the journal before it was sent (a crash is settled by the next
run), so the second signal does not wait for anything.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Self

from syncer.commands.exits import Exit

RELOAD = getattr(signal, "SIGHUP", None)
"""What asks a daemon to read its configuration again; Windows has no such signal."""

SIGNALS = {signal.SIGINT: Exit.INTERRUPTED, signal.SIGTERM: Exit.TERMINATED}

_SLICE = 0.2
"""Seconds between two looks at the request to stop while waiting."""


class CommandInterrupted(BaseException):
    """A signal ended a command that has nothing to finish. Not an `Exception`: nobody on the way may swallow it."""

    def __init__(self, code: Exit) -> None:
        super().__init__(code)
        self.code = code


def end_at_once() -> None:
    """Makes both signals raise `CommandInterrupted`: the behaviour outside of runs."""

    def raise_interrupted(number: int, _frame: FrameType | None) -> None:
        raise CommandInterrupted(SIGNALS[signal.Signals(number)])

    for number in SIGNALS:
        signal.signal(number, raise_interrupted)


class Interruption:
    """While entered, a signal is remembered instead of raised; `stop` and `sleep` are handed to the engine."""

    def __init__(self, say: Callable[[str], None] | None = None) -> None:
        self.code: Exit | None = None
        self._say = say
        self._reload = False
        self._before: dict[signal.Signals, Callable[[int, FrameType | None], object] | int | None] = {}

    def __enter__(self) -> Self:
        for number in SIGNALS:
            self._before[number] = signal.signal(number, self._remember)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def reload_on_hangup(self) -> None:
        """From here to the end of the block, SIGHUP asks for a new look at the configuration and ends nothing."""
        if RELOAD is not None:
            self._before[RELOAD] = signal.signal(RELOAD, self._note_reload)

    def take_reload(self) -> bool:
        """Whether a new look at the configuration was asked for since the last call."""
        asked, self._reload = self._reload, False
        return asked

    def _note_reload(self, _number: int, _frame: FrameType | None) -> None:
        self._reload = True

    def stop(self) -> bool:
        """Whether the run should end."""
        return self.code is not None

    def sleep(self, seconds: float) -> None:
        """Waits, but not longer than until a signal arrives."""
        end = time.monotonic() + seconds
        while not self.stop() and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, _SLICE))

    @contextmanager
    def ending(self) -> Iterator[None]:
        """Lets what the engine ends with on request end the block quietly: the caller asks `code` afterwards."""
        from syncer.contract.errors import Stopped
        from syncer.sync import context

        try:
            yield
        except (context.Interrupted, Stopped):
            if self.code is None:
                raise

    def _remember(self, number: int, _frame: FrameType | None) -> None:
        code = SIGNALS[signal.Signals(number)]
        if self.code is not None:
            sys.stderr.flush()
            os._exit(code)
        self.code = code
        if self._say is not None:
            self._say("Stopping after the request in flight; once more ends at once.")
