"""How a session asks a tracker that other sessions of its account ask too: nothing of it is sent while it is down."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import requests

from connectors.session import mount, why_unanswered
from connectors.settings import SessionTable
from connectors.transport import BoundedAdapter, ReadStopped, StopWatch
from syncer.contract.errors import Ambiguous, Denied, Down, Retryable, Stopped, TrackerError
from syncer.contract.line import TrackerLine

T = TypeVar("T")

PROBE_SECONDS: Final = 5.0
"""How long the answer to a probe is awaited."""


@dataclass(slots=True)
class Asking:
    """The requests of one session. `line` is None as long as nobody shares."""

    tracker: SessionTable
    name: str
    address: str
    """What a probe asks for: whatever is answered, by whoever stands there, it is no outage."""
    watch: StopWatch
    """That of the session: it tells when the run is asked to stop."""
    line: TrackerLine | None = None
    probes: int = 0
    """How many probes were sent."""

    def once(self, request: Callable[[], T]) -> T:
        """What a request answers. Raises Down, or Denied, without sending it while the line is closed.

        A request that failed says little about its tracker: it may be the only one that does. A probe decides.
        """
        line = self.line
        if line is None:
            return request()
        if line.enter() and (found := self._probe()) is not None:
            line.close(found)
            raise found
        try:
            answer = request()
        except (Stopped, Down, Ambiguous):
            raise
        except TrackerError as error:
            self._judge(line, error)
            raise
        line.open()
        return answer

    def share(self, line: TrackerLine) -> None:
        """Sends nothing from now on while `line` is closed."""
        self.line, self.watch.doubt = line, self.is_down

    def turn(self) -> AbstractContextManager[object]:
        """Held while something is written, where that goes one after the other."""
        return nullcontext() if self.line is None else self.line.writing

    @property
    def down(self) -> bool:
        """Whether the line is closed: then nothing is worth being repeated."""
        return self.line is not None and bool(self.line.down)

    def is_down(self) -> bool:
        """Whether the tracker is down, which is asked where that is not known yet."""
        return self.line is not None and (bool(self.line.down) or self._found_down(self.line))

    def _judge(self, line: TrackerLine, error: TrackerError) -> None:
        if isinstance(error, Denied) and error.credentials:
            line.close(error)
        elif isinstance(error, Retryable) and not error.budget and not error.item:
            self.is_down()
        else:
            line.open()

    def _found_down(self, line: TrackerLine) -> bool:
        found = self._probe()
        if found is None:
            line.open()
            return False
        line.close(found)
        return True

    def _probe(self) -> TrackerError | None:
        """The error where the tracker does not answer a stranger who asks for something small."""
        watch = StopWatch(replace(self.watch.limits, seconds=PROBE_SECONDS, silence=PROBE_SECONDS))
        watch.stop = self.watch.asked_to_stop
        self.probes += 1
        try:
            with requests.Session() as stranger:
                stranger.auth = nobody
                mount(stranger, BoundedAdapter(watch))
                answer = stranger.get(
                    self.address,
                    timeout=(PROBE_SECONDS, PROBE_SECONDS),
                    allow_redirects=False,
                    verify=self.tracker.verification,
                )
        except ReadStopped:
            raise Stopped(f"{self.name}: stopped while waiting for an answer") from None
        except requests.RequestException as error:
            return Down(f"{self.name} does not answer ({why_unanswered(error)})")
        if answer.status_code >= 500:
            return Down(f"{self.name} does not answer (status {answer.status_code})")
        return None


def nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """An authentication that adds nothing: keeps `requests` from taking credentials out of a `.netrc`."""
    request.headers.pop("Authorization", None)
    return request
