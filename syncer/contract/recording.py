"""What a tracker answers, told to somebody who listens: so that the shape of its answers can be recorded.

An optional part of a connector, beside `syncer.contract.connector`. What is heard holds everything, credentials
excepted; whoever listens keeps it to himself (`syncer.shapes` is the only one that does).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, as they went over the wire."""

    verb: str
    path: str
    """Below the address of the interface, without the query: `/repos/acme/pay/issues`, `/rest/api/3/myself`."""
    query: str
    """As it stood in the address."""
    sent: bytes
    """The body of the request."""
    status: int | None
    """None where no answer came."""
    headers: Mapping[str, str]
    """Of the answer, names in lower case."""
    body: bytes
    """Of the answer, unpacked."""


@dataclass(frozen=True, slots=True)
class Product:
    """What a server says that it is."""

    name: str
    """`Jira Cloud`, `GitHub Enterprise Server`."""
    version: str = ""
    """`9.12.4`; empty where the vendor has none or does not tell."""
    interface: str = ""
    """The version of the interface that answers: `2022-11-28`; empty where the path tells it."""


@runtime_checkable
class Recordable(Protocol):
    """A connector that lets somebody listen to what its tracker answers."""

    def hear(self, listener: Callable[[Exchange], None]) -> None:
        """From now on `listener` is told of each exchange, repetitions and failures included."""
        ...

    def product(self) -> Product | None:
        """What the server says that it is, asked at most once; None where it does not tell."""
        ...
