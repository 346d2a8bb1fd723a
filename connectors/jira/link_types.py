"""The types of links between issues: which of them a pair carries, and how an issue shows the other end. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from connectors.jira.json_fields import Json
from syncer.contract.custom import CustomType
from syncer.contract.model import Field
from syncer.contract.naming import did_you_mean

BLOCKS: Final = "Blocks"
_DONE_BY_IT: Final = ("outwardIssue",)
_DONE_TO_IT: Final = ("inwardIssue",)
_EITHER: Final = ("inwardIssue", "outwardIssue")


@dataclass(frozen=True, slots=True)
class LinkType:
    """A type of links, as an edge of an issue."""

    name: str
    ends: tuple[str, ...] = _DONE_BY_IT
    """Under which names an issue's link shows the other end of the edge.

    What this issue does to another one (duplicates, clones, causes) is an edge of this issue, and so is what blocks it;
    of a type that reads the same both ways either end is.
    """
    id: str = ""

    @property
    def type(self) -> CustomType:
        """What a field of such edges holds."""
        return CustomType.PEERS if self.ends == _EITHER else CustomType.TASKS

    @property
    def of_the_other(self) -> bool:
        """Whether the other end does what the type says."""
        return self.ends == _DONE_TO_IT


@dataclass(frozen=True, slots=True)
class LinkLocator:
    """The locator of the links of a type, by its name."""

    name: str

    def __str__(self) -> str:
        return f"link:{self.name}"


USUAL_LINKS: Final[Mapping[Field, LinkType]] = {
    Field.BLOCKED_BY: LinkType(BLOCKS, _DONE_TO_IT),
    Field.RELATES: LinkType("Relates", _EITHER),
    Field.DUPLICATES: LinkType("Duplicate"),
    Field.CLONES: LinkType("Cloners"),
}
"""The types behind the edges that every pair knows, as every site has them unless somebody renamed them."""


def found_type(field: Field, locator: LinkLocator, listed: Sequence[Json]) -> LinkType | str:
    """The type that a locator names among those of a site, or why there is none."""
    names = [str(told.get("name")) for told in listed]
    told = next((one for one in listed if str(one.get("name")).casefold() == locator.name.casefold()), None)
    if told is None:
        return f'has no link type "{locator.name}"{did_you_mean(locator.name, names)}'
    ends = _EITHER if told.get("inward") == told.get("outward") else _DONE_BY_IT
    usual, name = USUAL_LINKS.get(field), str(told.get("name"))
    # A usual type is one, however a site words its ends.
    if usual is not None and name != usual.name and (ends == _EITHER) != (usual.ends == _EITHER):
        reads = "the same from both ends" if ends == _EITHER else "differently from each end"
        return f'has a link type "{name}" that reads {reads}, unlike "{usual.name}"'
    return LinkType(name, ends if usual is None else usual.ends, str(told.get("id") or ""))


def carried_types(declared: Mapping[Field, LinkType | str]) -> Mapping[Field, LinkType]:
    """The types of a pair's edges: the usual ones, with what the pair declares in the place of each it speaks of."""
    found = {field: one for field, one in declared.items() if isinstance(one, LinkType)}
    taken = {one.name for one in found.values()}
    usual = {field: one for field, one in USUAL_LINKS.items() if field not in declared and one.name not in taken}
    return {**usual, **found}
