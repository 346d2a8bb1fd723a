"""What goes wrong with requests, on request."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Fault:
    """What happens to a coming request: it raises `error`, after its effect when `committed`."""

    error: BaseException
    countdown: int
    committed: bool
    writes_only: bool


class Faults:
    """The faults that have not happened yet, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._coming: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Has it happen once its turn comes."""
        self._coming.append(fault)

    def clear(self) -> None:
        """Forgets them all."""
        self._coming.clear()

    def due(self, *, write: bool) -> Fault | None:
        """What happens to the request that comes now; faults that let requests pass count it."""
        for fault in self._coming:
            if fault.writes_only and not write:
                continue
            if fault.countdown == 0:
                self._coming.remove(fault)
                return fault
            fault.countdown -= 1
        return None
