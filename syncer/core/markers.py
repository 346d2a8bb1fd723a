"""The origin marker of what we create: for which item it was made, by which state, and as which of its creates."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from syncer.contract.model import MISPLACED, Kind, Marker, Observed, Ref, Side

_REST = re.compile(
    rf"(?P<side>{'|'.join(Side)})\.(?P<kind>{'|'.join(Kind)})\.(?P<id>[^.]+)"
    r"\.(?:(?P<state>[0-9a-f]{16})-(?P<number>[0-9]{1,18})-)?(?P<nonce>[^.]+)"
)
"""What follows the name of the pair. A name may hold dots, so the parts are judged as strictly as they are made.

State and number stand in what was the nonce alone, so that a version that knows neither still reads the source.
"""

_OF_ANY_PAIR = re.compile(rf"(?P<pair>[A-Za-z0-9][A-Za-z0-9._-]*)\.{_REST.pattern}")


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a marker says of the item that carries it."""

    side: Side
    """Where its source is."""
    source: Ref
    state: str = ""
    """The state that created it; empty for a marker of an older version, which has no number either."""
    number: int = 0
    """Rises with each create of that state."""


def marker_for(  # the number and nonce are given: chance enters as an argument
    pair: str, source_side: Side, ref: Ref, nonce: str, *, state: str, number: int
) -> Marker:
    """The marker of one create: names the source, so that a lost state can be rebuilt from the trackers alone."""
    return Marker(f"{pair}.{source_side}.{ref.kind}.{ref.id}.{state}-{number}-{nonce}")


def provenance(names: Collection[str], marker: Marker | None) -> Provenance | None:
    """What a marker says, if a pair that has, or had, one of these names made it; None for any other marker."""
    for name in names:
        if marker is not None and marker.startswith(f"{name}."):
            match = _REST.fullmatch(marker, len(name) + 1)
            if match is not None:
                source = Ref(Kind(match["kind"]), match["id"])
                return Provenance(Side(match["side"]), source, match["state"] or "", int(match["number"] or 0))
    return None


def pair_of(marker: Marker | None) -> str | None:
    """The name of the pair that made a marker, whichever it was; None for what is no marker of an item."""
    match = _OF_ANY_PAIR.fullmatch(marker or "")
    return None if match is None else match["pair"]


def marker_source(names: Collection[str], marker: Marker | None) -> tuple[Side, Ref] | None:
    """The item a marker was made for, by a pair that has, or had, one of these names; None for any other marker."""
    found = provenance(names, marker)
    return None if found is None else (found.side, found.source)


def misplaced_sources(names: Collection[str], marker: Marker | None) -> tuple[tuple[Side, Ref], ...]:
    """The items named by the markers that somebody moved in an item of ours; none where it is as we wrote it."""
    if marker is None or not marker.startswith(MISPLACED):
        return ()
    found = (marker_source(names, Marker(each)) for each in marker.removeprefix(MISPLACED).split(":"))
    return tuple(source for source in found if source is not None)


def quotes_marker(names: Collection[str], text: str) -> bool:
    """Whether a text holds what looks like a marker of a pair that has, or had, one of these names."""
    return any(f"syncer:{name}." in text for name in names)


def age(item: Observed) -> tuple[datetime, int, str]:
    """Sorts the oldest first; ids that were given in one second by their length and digits."""
    return item.created, len(item.ref.id), item.ref.id


def eldest_by_marker(items: Iterable[Observed]) -> dict[Marker, Observed]:
    """The oldest item of each marker."""
    found: dict[Marker, Observed] = {}
    for item in items:
        if item.marker is not None and (item.marker not in found or age(item) < age(found[item.marker])):
            found[item.marker] = item
    return found
