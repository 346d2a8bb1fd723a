"""One pass over many pairs: side by side, so that no pair waits for a tracker that it does not use.

A thread for each pair that runs. Each writes under the lease of its own pair; the store lets them write in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import takewhile
from typing import Generic, TypeVar

from syncer.contract.line import TrackerLine, TrackerLines
from syncer.sync.context import PairContext

T = TypeVar("T")

EACH = 4
"""Pairs at the same time for each account of a tracker, where nobody says how many: they wait nearly always."""
MOST = 8


def usual_jobs(contexts: Sequence[PairContext]) -> int:
    """How many pairs are run at the same time where nobody says it: by the trackers, as far as there are pairs."""
    accounts = {credential for context in contexts for credential in context.credentials.values()}
    return max(1, min(len(contexts), EACH * len(accounts), MOST))


class Pass(Generic[T]):
    """Runs pairs, at most `jobs` at the same time.

    A tracker that has not answered yet is asked by one pair alone: if it does not answer, one pair waits for it and no
    more, and the others go on.
    """

    def __init__(
        self, lines: TrackerLines, jobs: int, run: Callable[[PairContext], T], stop: Callable[[], bool]
    ) -> None:
        self._lines, self._jobs, self._run, self._stop = lines, jobs, run, stop
        self._waiting: list[tuple[PairContext, Future[T]]] = []
        self._used: list[TrackerLine] = []
        """The lines of the pairs that run, as often as they are used."""

    def over(self, contexts: Sequence[PairContext]) -> Iterator[T]:
        """What became of each pair, in the order given. Ends early when asked to stop: what has not begun does not."""
        if self._jobs == 1:
            yield from map(self._run, takewhile(lambda _: not self._stop(), contexts))
            return
        self._waiting = [(context, Future()) for context in contexts]
        futures = [future for _, future in self._waiting]
        with ThreadPoolExecutor(self._jobs, thread_name_prefix="pair") as pool:
            for _ in range(self._jobs):
                pool.submit(self._work)
            try:
                for future in futures:
                    with suppress(CancelledError):
                        ended = future.result()
                        yield ended
            finally:
                self._leave_the_rest()

    def _work(self) -> None:
        while (taken := self._take()) is not None:
            context, future = taken
            with self._holding(context):
                try:
                    future.set_result(self._run(context))
                except BaseException as error:  # noqa: BLE001 - whoever asks for the result gets it
                    self._leave_the_rest()
                    future.set_exception(error)

    def _take(self) -> tuple[PairContext, Future[T]] | None:
        """The next pair whose turn it is, waited for; None when there is none any more."""
        with self._lines.changed:
            while True:
                if self._stop():
                    self._leave_the_rest()
                if not self._waiting:
                    return None
                for position, (context, _) in enumerate(self._waiting):
                    if self._may_begin(context):
                        self._used += self._of(context)
                        return self._waiting.pop(position)
                self._lines.changed.wait(timeout=0.2)

    def _leave_the_rest(self) -> None:
        """Begins nothing more: somebody asked to stop, or a run failed in a way that concerns them all."""
        with self._lines.changed:
            for _, future in self._waiting:
                future.cancel()
            self._waiting.clear()
            self._lines.changed.notify_all()

    def _may_begin(self, context: PairContext) -> bool:
        return all(line.answered or line.down or line not in self._used for line in self._of(context))

    @contextmanager
    def _holding(self, context: PairContext) -> Iterator[None]:
        try:
            yield
        finally:
            with self._lines.changed:
                for line in self._of(context):
                    self._used.remove(line)
                self._lines.changed.notify_all()

    def _of(self, context: PairContext) -> list[TrackerLine]:
        return [self._lines.of(credential) for credential in context.credentials.values()]
