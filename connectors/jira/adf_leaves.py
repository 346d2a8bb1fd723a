"""The leaves of ADF nodes: what stands where, when a layout or macro that only arranges others is looked through.

Lists that count as one, because other markups cannot tell where the next begins, are one unit of several leaves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import is_

from connectors.jira.adf_nodes import Node, content
from connectors.jira.adf_reading import MAX_DEPTH, arranges
from syncer.richtext import Block
from syncer.richtext.canonical import normal_blocks
from syncer.richtext.patching import continues

_EMPTY: Node = {"type": "paragraph", "content": []}


@dataclass(slots=True)
class Leaf:
    """A node that is no mere arrangement of others."""

    node: Node
    depth: int
    becomes: list[Node] = field(default_factory=list)
    """What stands in its place."""
    precedes: list[Node] = field(default_factory=list)
    """What stands before that."""


@dataclass(slots=True)
class LeafGroup:
    """A leaf and the blocks it shows, or several: lists that are one list, and the empty nodes between them."""

    leaves: list[Leaf]
    blocks: tuple[Block, ...]
    parts: list[tuple[Block, ...]]
    """What each of the leaves shows."""

    def keep(self) -> None:
        """Leave every node where it is."""
        for leaf in self.leaves:
            leaf.becomes.append(leaf.node)


def leaves_of(nodes: Sequence[Node], depth: int = 0) -> list[Leaf]:
    """The nodes in reading order, those inside a layout or macro in its place."""
    leaves: list[Leaf] = []
    for node in nodes:
        leaves.extend(leaves_of(content(node), depth + 1) if _arranges(node, depth) else [Leaf(node, depth)])
    return leaves


def _arranges(node: Node, depth: int) -> bool:
    return arranges(node) and depth < MAX_DEPTH


def units_of(leaves: Sequence[Leaf], blocks: Sequence[tuple[Block, ...]]) -> list[LeafGroup]:
    """The units of leaves that show `blocks`."""
    units: list[LeafGroup] = []
    last = -1  # the last unit that shows anything
    for leaf, shown in zip(leaves, blocks, strict=True):
        if shown and last >= 0 and continues(units[last].blocks[-1], shown[0]):
            joined, units[last:] = units[last:], []
            units.append(
                LeafGroup(
                    [*(each for unit in joined for each in unit.leaves), leaf],
                    normal_blocks((*joined[0].blocks, *shown)),
                    [*(part for unit in joined for part in unit.parts), shown],
                )
            )
            continue
        units.append(LeafGroup([leaf], shown, [shown]))
        if shown:
            last = len(units) - 1
    return units


def place_between(one: LeafGroup | None, other: LeafGroup | None, last: list[Node]) -> list[Node]:
    """Where new nodes stand that take no other's place: as far outside of what is arranged as they can."""
    before, after = one.leaves[-1] if one else None, other.leaves[0] if other else None
    if before is None or before.depth > (after.depth if after else 0):
        return after.precedes if after else last
    return before.becomes


def rebuilt(nodes: Sequence[Node], leaves: Iterator[Leaf], depth: int = 0) -> list[Node]:
    """The nodes with every leaf replaced by what it becomes; an arrangement in which nothing is left goes."""
    result: list[Node] = []
    for node in nodes:
        if not _arranges(node, depth):
            leaf = next(leaves)
            result.extend((*leaf.precedes, *leaf.becomes))
            continue
        inner = rebuilt(content(node), leaves, depth + 1)
        stays = len(inner) == len(content(node)) and all(map(is_, inner, content(node)))
        if stays:
            result.append(node)
        elif node.get("type") == "layoutColumn":
            result.append({**node, "content": inner or [_EMPTY]})
        elif any(content(part) != [_EMPTY] for part in inner):
            result.append({**node, "content": inner})
    return result
