"""Block patch of ADF: nodes that nobody edited stay as they are, down to the inline node.

A node that is edited keeps what the canonical document does not know: colours, widths, alignment, `localId`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import is_

from connectors.jira.adf_reading import MAX_DEPTH, AdfReader, Node, arranges, content
from connectors.jira.adf_writing import AdfWriter, nested
from syncer.richtext import (
    Block,
    Document,
    Expand,
    Heading,
    ListBlock,
    Panel,
    Paragraph,
    Quote,
    Run,
    RunKind,
    Table,
    essence,
    normalise,
    same,
)
from syncer.richtext.fitting import Grammar
from syncer.richtext.patching import Segment, aligned, wanted_blocks


@dataclass(slots=True)
class _Leaf:
    """A node that is no mere arrangement of others."""

    node: Node
    depth: int
    becomes: list[Node] = field(default_factory=list)
    """What stands in its place."""
    precedes: list[Node] = field(default_factory=list)
    """What stands before that."""


def _leaves(nodes: Sequence[Node], depth: int = 0) -> list[_Leaf]:
    """The nodes in reading order, those inside a layout or macro in its place."""
    leaves: list[_Leaf] = []
    for node in nodes:
        leaves.extend(_leaves(content(node), depth + 1) if _arranges(node, depth) else [_Leaf(node, depth)])
    return leaves


def _arranges(node: Node, depth: int) -> bool:
    return arranges(node) and depth < MAX_DEPTH


def _place(leaves: Sequence[_Leaf], old: int, at: int, last: list[Node]) -> list[Node]:
    """Where new nodes stand that take no other's place, between leaf `old - 1` and leaf `at`: outside what they can."""
    before = leaves[old - 1] if old else None
    after = leaves[at] if at < len(leaves) else None
    if before is None or before.depth > (after.depth if after else 0):
        return after.precedes if after else last
    return before.becomes


def _rebuilt(nodes: Sequence[Node], leaves: Iterator[_Leaf], depth: int = 0) -> list[Node]:
    """The nodes with every leaf replaced by what it becomes; an arrangement in which nothing is left goes."""
    result: list[Node] = []
    for node in nodes:
        if not _arranges(node, depth):
            leaf = next(leaves)
            result.extend((*leaf.precedes, *leaf.becomes))
            continue
        inner = _rebuilt(content(node), leaves, depth + 1)
        stays = len(inner) == len(content(node)) and all(map(is_, inner, content(node)))
        if stays:
            result.append(node)
        elif node.get("type") == "layoutColumn":
            result.append({**node, "content": inner or [_EMPTY]})
        elif any(content(part) != [_EMPTY] for part in inner):
            result.append({**node, "content": inner})
    return result


_EMPTY: Node = {"type": "paragraph", "content": []}


class AdfPatcher:
    """Replaces nodes of one document."""

    def __init__(self, reader: AdfReader, writer: AdfWriter, grammar: Grammar) -> None:
        self._reader = reader
        self._writer = writer
        self._grammar = grammar

    def patched(self, nodes: Sequence[Node], target: Document) -> list[Node]:
        """The top-level nodes changed to read as `target`, as far as ADF can hold it."""
        units = [Segment("", self._read(leaf.node)) for leaf in _leaves(nodes)]
        return self._siblings(nodes, wanted_blocks(units, target, self._grammar))

    def _read(self, node: Node) -> tuple[Block, ...]:
        return normalise(Document(tuple(self._reader.blocks((node,))))).blocks

    def _siblings(self, nodes: Sequence[Node], wanted: Sequence[Block]) -> list[Node]:
        """Sibling nodes: equal ones stay, the n-th of those that give way lends its attributes to the n-th new one.

        What a layout or macro arranges counts as standing here, and stays where it is arranged.
        """
        leaves = _leaves(nodes)
        blocks = [self._read(leaf.node) for leaf in leaves]
        kept = aligned([tuple(repr(essence(b)) for b in group) for group in blocks], [repr(essence(b)) for b in wanted])
        old, new = 0, 0
        last: list[Node] = []
        for at in [*sorted(kept), len(leaves)]:
            until = kept[at] if at < len(leaves) else len(wanted)
            free = [number for number in range(old, at) if blocks[number]]
            for leaf in (leaves[number] for number in range(old, at) if not blocks[number]):
                if leaf.depth or at < len(leaves) or new == until:
                    leaf.becomes.append(leaf.node)
            place = _place(leaves, old, at, last)
            for offset, block in enumerate(wanted[new:until]):
                if offset < len(free):
                    leaf = leaves[free[offset]]
                    place = leaf.becomes
                    if len(blocks[free[offset]]) == 1:
                        place.append(self._edited(leaf.node, blocks[free[offset]][0], block))
                        continue
                place.extend(self._writer.block(block))
            if at < len(leaves):
                leaves[at].becomes.append(leaves[at].node)
                old, new = at + 1, until + len(blocks[at])
        return [*_rebuilt(nodes, iter(leaves)), *last]

    def _edited(self, node: Node, before: Block, after: Block) -> Node:
        """One node that reads as `after`, with as much of `node` as says the same."""
        if node.get("type") == "decisionList":
            return self._decisions(node, before, after)
        fresh = list(self._writer.block(after))
        if node.get("type") == "nestedExpand":
            fresh = nested(fresh)
        if len(fresh) != 1 or type(before) is not type(after) or fresh[0]["type"] != node.get("type"):
            return fresh[0] if len(fresh) == 1 else {"type": "paragraph", "content": []}
        candidate: Node = {**node, **fresh[0], **_attributes(node, fresh[0])}
        match after:
            case Paragraph() | Heading() if node.get("type") != "mediaSingle":
                candidate = {**candidate, "content": self._inline(content(node), after.runs)}
            case Quote() | Panel() | Expand():
                candidate = {**candidate, "content": nested(self._siblings(content(node), after.blocks))}
            case ListBlock() | Table():
                candidate = self._parts(node, candidate, before, after)
            case _:
                pass
        stored = {**candidate, "attrs": node["attrs"]} if node.get("attrs") else candidate
        for edited in (stored, candidate):  # first as Jira stored it: a panel's own colour, the spelling of a language
            if same(Document(self._read(edited)), Document((after,))):
                return edited
        return fresh[0]

    def _parts(self, node: Node, candidate: Node, before: Block, after: Block) -> Node:
        """A list or table in which equal items or rows stay, and the others lend what they have to their successors."""
        nodes, fresh = content(node), content(candidate)
        old, new = _part_keys(before), _part_keys(after)
        if len(nodes) != len(old) or len(fresh) != len(new):
            return candidate
        kept = {place: at for at, place in aligned([(key,) for key in old], new).items()}
        lent = _lent(kept, len(old), len(new))
        parts = [
            nodes[kept[at]] if at in kept else self._part(nodes[lent[at]], fresh[at]) if at in lent else fresh[at]
            for at in range(len(new))
        ]
        return {**candidate, "content": parts}

    def _part(self, node: Node, fresh: Node) -> Node:
        """An item, row or cell that says what `fresh` says, with as much of `node` as says the same."""
        if node.get("type") != fresh["type"]:
            return fresh
        edited = {**node, **_attributes(node, fresh)}
        if fresh["type"] == "tableRow":
            cells = list(zip(content(node), content(fresh), strict=False))
            whole = len(cells) == len(content(node)) == len(content(fresh))
            return {**edited, "content": [self._part(one, other) for one, other in cells]} if whole else fresh
        if fresh["type"] == "taskItem":
            runs = normalise(Document((Paragraph(tuple(self._reader.runs(content(fresh)))),))).blocks
            inline = runs[0].runs if len(runs) == 1 and isinstance(runs[0], Paragraph) else ()
            return {**edited, "content": self._inline(content(node), inline)}
        blocks = normalise(Document(tuple(self._reader.blocks(content(fresh))))).blocks
        return {**edited, "content": nested(self._siblings(content(node), blocks))}

    def _decisions(self, node: Node, before: Block, after: Block) -> Node:
        """A list of decisions that reads as `after`; another list where that holds more than one line an item."""
        fresh = next(iter(self._writer.block(after)))
        items = after.items if isinstance(after, ListBlock) and not after.ordered else ()
        lines = [item.blocks[0] for item in items if len(item.blocks) == 1 and item.checked is None]
        runs = [line.runs for line in lines if isinstance(line, Paragraph)]
        if not items or len(runs) != len(items):
            return fresh
        nodes, new = content(node), _part_keys(after)
        old = _part_keys(before) if isinstance(before, ListBlock) else []
        kept = {place: at for at, place in aligned([(key,) for key in old], new).items()}
        lent = _lent(kept, len(old), len(new))
        parts = [
            nodes[kept[at]]
            if at in kept
            else {**nodes[lent[at]], "content": self._inline(content(nodes[lent[at]]), inline)}
            if at in lent
            else self._writer.decision(inline, at)
            for at, inline in enumerate(runs)
        ]
        edited = {**node, "content": parts}
        return edited if same(Document(self._read(edited)), Document((after,))) else fresh

    def _inline(self, nodes: Sequence[Node], runs: Sequence[Run]) -> list[Node]:
        """Inline nodes for runs: those before the first and after the last difference stay."""
        groups = [_atoms(tuple(self._reader.runs((node,)))) for node in nodes]
        old = [atom for group in groups for atom in group]
        new = _atoms(runs)
        start = _common(old, new)
        end = _common(old[start:][::-1], new[start:][::-1])
        head, at = 0, 0
        while head < len(groups) and at + len(groups[head]) <= start:
            at += len(groups[head])
            head += 1
        tail, back = len(groups), 0
        while tail > head and back + len(groups[tail - 1]) <= end:
            tail -= 1
            back += len(groups[tail])
        middle = _runs(new[at : len(new) - back])
        return [*nodes[:head], *self._writer.inline(middle), *nodes[tail:]]


def _attributes(node: Node, fresh: Node) -> Node:
    """The attributes of a node with those replaced that the canonical document knows."""
    attrs = {**(node.get("attrs") or {}), **(fresh.get("attrs") or {})}
    for name in ("localId", "layout", "isNumberColumnEnabled"):
        if name in (node.get("attrs") or {}):
            attrs[name] = node["attrs"][name]
    return {"attrs": attrs} if attrs else {}


def _part_keys(block: Block) -> list[str]:
    """What counts of each item of a list, or of each row of a table."""
    return [repr(part) for part in essence(block)[-1]]


def _lent(kept: Mapping[int, int], old: int, new: int) -> dict[int, int]:
    """New places that stand where old ones gave way: the n-th of a gap between kept ones takes after the n-th."""
    lent: dict[int, int] = {}
    before, at = 0, 0
    for place in [*sorted(kept), new]:
        until = kept.get(place, old)
        lent.update(zip(range(at, place), range(before, until), strict=False))
        before, at = until + 1, place + 1
    return lent


def _atoms(runs: Sequence[Run]) -> list[Run]:
    """Runs of one character each; anything but text is one atom."""
    return [
        atom
        for run in runs
        for atom in (
            [Run(character, marks=run.marks, link=run.link) for character in run.text]
            if run.kind is RunKind.TEXT
            else [run]
        )
    ]


def _runs(atoms: Sequence[Run]) -> list[Run]:
    """Atoms joined again."""
    result: list[list[Run]] = []
    for atom in atoms:
        last = result[-1][-1] if result else None
        joins = last is not None and atom.kind is last.kind is RunKind.TEXT
        if last is not None and joins and atom.marks == last.marks and atom.link == last.link:
            result[-1].append(atom)
        else:
            result.append([atom])
    return [
        Run("".join(a.text for a in group), group[0].kind, group[0].marks, group[0].link, group[0].target)
        for group in result
    ]


def _common(one: Sequence[Run], other: Sequence[Run]) -> int:
    """The length of the common beginning."""
    length = 0
    while length < len(one) and length < len(other) and _says(one[length], other[length]):
        length += 1
    return length


def _says(one: Run, other: Run) -> bool:
    if one.kind is not RunKind.TEXT and one.kind is other.kind and one.target:
        return one.target == other.target and one.link == other.link
    return one == other
