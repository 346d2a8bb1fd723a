"""Requests that create, on their way at the same time: a thread for each, and everything else in the thread of the run.

The run decides, writes the journal before it hands a request over, and records what became of it. A thread does nothing
but wait for the tracker.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from syncer.contract.errors import TrackerError
from syncer.contract.model import Draft, Observed, Ref, Side
from syncer.core.change import Create
from syncer.core.records import Operation

Outcome = Sequence[Observed | TrackerError] | TrackerError
"""What a request answered for each draft, or why it did not."""


@dataclass(frozen=True, slots=True)
class CreateRequest:
    """One request that creates items, as the journal has it."""

    side: Side
    creates: Sequence[Create]
    drafts: Sequence[Draft]
    operations: Sequence[Operation]


class Flight:
    """At most `most` requests on their way, no two of them about the comments of one task: these keep their order."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._pool = ThreadPoolExecutor(most, thread_name_prefix="create") if most > 1 else None
        self._sent: dict[Future[Outcome], CreateRequest] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown()

    def __len__(self) -> int:
        return len(self._sent)

    def next(self, batches: deque[list[Create]]) -> list[Create] | None:
        """Takes the first batch that may be sent now; None where one has to land before."""
        if len(self) >= self._most:
            return None
        busy = {_task_of(sending.creates) for sending in self._sent.values()} - {None}
        for position, batch in enumerate(batches):
            if _task_of(batch) not in busy:
                del batches[position]
                return batch
        return None

    def send(self, sending: CreateRequest, request: Callable[[], Sequence[Observed | TrackerError]]) -> None:
        """Sends a request; alone, it is waited for here."""
        if self._pool is not None:
            self._sent[self._pool.submit(_outcome, request)] = sending
            return
        done: Future[Outcome] = Future()
        done.set_result(_outcome(request))
        self._sent[done] = sending

    def landed(self) -> tuple[CreateRequest, Outcome]:
        """Waits for a request to end, and gives what became of it."""
        done = next(iter(wait(self._sent, return_when=FIRST_COMPLETED).done))
        return self._sent.pop(done), done.result()


def _outcome(request: Callable[[], Sequence[Observed | TrackerError]]) -> Outcome:
    try:
        return request()
    except TrackerError as error:
        return error


def _task_of(creates: Sequence[Create]) -> Ref | None:
    """The task that comments belong to."""
    return creates[0].source.parent
