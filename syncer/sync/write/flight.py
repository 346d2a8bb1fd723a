"""Requests that write, on their way at the same time: a thread for each, and everything else in the thread of the run.

The run decides, writes the journal before it hands a request over, and records what became of it. A thread does nothing
but wait for the tracker.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from types import TracebackType
from typing import Generic, Protocol, Self, TypeAlias, TypeVar

from syncer.contract.errors import TrackerError
from syncer.contract.model import Draft, Observed, Ref, Side
from syncer.core.change import Create, Reconciled, Update
from syncer.core.records import Link, Operation


class InTheAir(Protocol):
    """A request on its way, as whoever sent it knows it."""

    @property
    def about(self) -> Ref | None:
        """The task that it is about: no two requests about one are on their way at once. None for new tasks."""


@dataclass(frozen=True, slots=True)
class CreateRequest:
    """One request that creates items, as the journal has it."""

    side: Side
    creates: Sequence[Create]
    drafts: Sequence[Draft]
    operations: Sequence[Operation]

    @property
    def about(self) -> Ref | None:
        """The task that comments belong to."""
        return _task_of(self.creates)


@dataclass(frozen=True, slots=True)
class UpdateRequest:
    """One request that changes an item, as the journal has it."""

    update: Update
    link: Link
    """As it was before."""
    operation: Operation


@dataclass(frozen=True, slots=True)
class LoneUpdate:
    """The request that is all there is to the decision about a link."""

    decided: Reconciled
    request: UpdateRequest

    @property
    def about(self) -> Ref:
        """The task that is changed, or that what is changed belongs to."""
        return task_of(self.request.update)


Sent = TypeVar("Sent", bound=InTheAir)
Answer = TypeVar("Answer")


class Flight(Generic[Sent, Answer]):
    """At most `most` requests on their way, no two of them about one task: these keep their order."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._pool: ThreadPoolExecutor | None = None
        self._sent: dict[Future[Answer | TrackerError], Sent] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None

    def __len__(self) -> int:
        return len(self._sent)

    @property
    def full(self) -> bool:
        """Whether one has to land before another is sent."""
        return len(self) >= self._most

    def tasks(self) -> set[Ref]:
        """The tasks that requests on their way are about."""
        return {task for sending in self._sent.values() if (task := sending.about) is not None}

    def send(self, sending: Sent, request: Callable[[], Answer]) -> None:
        """Sends a request; where no other may be on its way, it is waited for here."""
        if self._most > 1:
            self._pool = self._pool or ThreadPoolExecutor(self._most, thread_name_prefix="write")
            self._sent[self._pool.submit(attempt, request)] = sending
            return
        done: Future[Answer | TrackerError] = Future()
        done.set_result(attempt(request))
        self._sent[done] = sending

    def landed(self) -> tuple[Sent, Answer | TrackerError]:
        """Waits for a request to end, and gives what became of it."""
        done = next(iter(wait(self._sent, return_when=FIRST_COMPLETED).done))
        return self._sent.pop(done), done.result()


def attempt(request: Callable[[], Answer]) -> Answer | TrackerError:
    """What a request answered, or why it did not."""
    try:
        return request()
    except TrackerError as error:
        return error


Outcomes: TypeAlias = Sequence[Observed | TrackerError]
"""What a request answered for each draft."""
Creating: TypeAlias = Flight[CreateRequest, Outcomes]
Updating: TypeAlias = Flight[LoneUpdate, Observed]


def next_batch(flight: Creating, batches: deque[list[Create]]) -> list[Create] | None:
    """Takes the first batch that may be sent now; None where one has to land before."""
    if flight.full:
        return None
    busy = flight.tasks()
    for position, batch in enumerate(batches):
        if _task_of(batch) not in busy:
            del batches[position]
            return batch
    return None


def _task_of(creates: Sequence[Create]) -> Ref | None:
    """The task that comments belong to; None for other items."""
    return creates[0].source.parent


def task_of(update: Update) -> Ref:
    """The task that an update changes, or that what it changes belongs to."""
    return update.target.parent or update.target.ref
