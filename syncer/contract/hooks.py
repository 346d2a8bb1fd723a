"""What a tracker sends by itself when something changed: a hint to look, of which nothing is believed but that.

A kind of tracker that sends such deliveries has a `HookReader` as its `hooks` (see `ConnectorKind`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request of a tracker."""

    headers: Mapping[str, str]
    """By name in lower case; of a name that was sent twice, the first."""
    body: bytes
    """As it was sent, byte by byte: the signature is made of these."""


@dataclass(frozen=True, slots=True)
class HookPlace:
    """A scope that a delivery is about, as the tracker calls it."""

    name: str
    """As `HookReader.place` gives it for a scope of the configuration."""
    native: str = ""
    """The tracker's id of it, which stays when it is renamed; empty where the delivery does not tell."""


@dataclass(frozen=True, slots=True)
class HookNews:
    """What a delivery tells."""

    event: str
    """The tracker's word for what happened, for the log."""
    places: tuple[HookPlace, ...] = ()
    """What it is about; empty where it concerns no item of any scope, or does not say of which."""
    proof: bool = True
    """Whether a tracker that sends this tells of each change of an item, or may have been set up to tell of less."""
    lacking: tuple[str, ...] = ()
    """For a delivery that tells how the tracker was set up: the events that are needed and not sent."""


class HookReader(Protocol):
    """How one kind of tracker signs its deliveries, and what they say."""

    signature: str
    """The header, in lower case, with `sha256=` and the hexadecimal HMAC-SHA256 of the body."""
    identity: str
    """The header, in lower case, with the id of a delivery, which is the same when it is sent again."""

    def place(self, scope: Any) -> str:
        """What the tracker calls a scope in its deliveries."""
        ...

    def read(self, delivery: Delivery) -> HookNews:
        """What an authentic delivery tells. Raises ValueError, with nothing of the body in it, where it is none."""
        ...
