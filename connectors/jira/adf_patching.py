"""Block patch of ADF: nodes that nobody edited stay as they are, down to the inline node.

A node that is edited keeps what the canonical document does not know: colours, widths, alignment, `localId`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.jira.adf_inline_patching import InlinePatcher
from connectors.jira.adf_leaves import LeafGroup, leaves_of, place_between, rebuilt, units_of
from connectors.jira.adf_nodes import Node, content
from connectors.jira.adf_reading import AdfReader
from connectors.jira.adf_tables import GridCell, grid
from connectors.jira.adf_writing import AdfWriter, nested
from syncer.richtext import (
    Block,
    Cell,
    Document,
    Expand,
    Heading,
    ListBlock,
    ListItem,
    Panel,
    Paragraph,
    Quote,
    Run,
    Table,
    normalise,
    same,
)
from syncer.richtext.aligning import aligned
from syncer.richtext.canonical import key_of
from syncer.richtext.fitting import Grammar, fit
from syncer.richtext.origins import origins, origins_of_parts, part_key
from syncer.richtext.patching import Segment, wanted_blocks


class AdfPatcher:
    """Replaces nodes of one document."""

    def __init__(self, reader: AdfReader, writer: AdfWriter, grammar: Grammar) -> None:
        self._reader = reader
        self._writer = writer
        self._grammar = grammar
        self._inline = InlinePatcher(reader, writer).patched

    def patched(self, nodes: Sequence[Node], target: Document) -> list[Node]:
        """The top-level nodes changed to read as `target`, as far as ADF can hold it."""
        leaves = leaves_of(nodes)
        units = units_of(leaves, [self._read(leaf.node) for leaf in leaves])
        segments = [Segment("", unit.blocks) for unit in units]
        return self._siblings(nodes, wanted_blocks(segments, target, self._grammar))

    def _read(self, *nodes: Node) -> tuple[Block, ...]:
        return normalise(Document(tuple(self._reader.blocks(nodes)))).blocks

    def _siblings(self, nodes: Sequence[Node], wanted: Sequence[Block]) -> list[Node]:
        """Sibling nodes: equal ones stay, one that gives way lends its attributes to the one that comes of it.

        What a layout or macro arranges counts as standing here, and stays where it is arranged.
        """
        leaves = leaves_of(nodes)
        units = units_of(leaves, [self._read(leaf.node) for leaf in leaves])
        kept = aligned([tuple(map(key_of, unit.blocks)) for unit in units], [key_of(block) for block in wanted])
        last: list[Node] = []
        old, new = 0, 0
        for at in [*sorted(kept), len(units)]:
            until = kept[at] if at < len(units) else len(wanted)
            for unit in units[old:at]:
                if not unit.blocks:
                    unit.keep()
            giving = [unit for unit in units[old:at] if unit.blocks]
            comes_of = _places([unit.blocks[0] for unit in giving], wanted[new:until])
            following = [*giving[min(comes_of.values()) :][:1], *units[at : at + 1]] if comes_of else units[at : at + 1]
            place = place_between(units[old - 1] if old else None, following[0] if following else None, last)
            self._replace({place: giving[of] for place, of in comes_of.items()}, wanted[new:until], place)
            if at < len(units):
                units[at].keep()
                old, new = at + 1, until + len(units[at].blocks)
        return [*rebuilt(nodes, iter(leaves)), *last]

    def _replace(self, giving: Mapping[int, LeafGroup], wanted: Sequence[Block], place: list[Node]) -> None:
        """Put new blocks in the places of units that give way; `place` is where one stands that comes of none."""
        for number, block in enumerate(wanted):
            unit = giving.get(number)
            if unit is None:
                place.extend(self._writer.block(block))
                continue
            place = unit.leaves[-1].becomes
            if len(unit.leaves) > 1:
                self._lists(unit, block)
            elif len(unit.blocks) == 1:
                place.append(self._edited(unit.leaves[0].node, unit.blocks[0], block))
            else:
                place.extend(self._writer.block(block))

    def _lists(self, unit: LeafGroup, block: Block) -> None:
        """Edit lists that count as one: each item stays in its own, a new one stands with the items it is like."""
        stood = [part[0].items if part and isinstance(part[0], ListBlock) else () for part in unit.parts]
        owners = [number for number, items in enumerate(stood) for _ in items]
        before = unit.blocks[0]
        if isinstance(block, ListBlock) and isinstance(before, ListBlock) and len(before.items) == len(owners):
            shares = _shares(stood, owners, before, block)
            for number, leaf in enumerate(unit.leaves):
                part = unit.parts[number]
                if not part:
                    leaf.becomes.append(leaf.node)
                elif shares[number]:
                    share = _list_of(shares[number], part[0], before, block)
                    leaf.becomes.append(leaf.node if share == part[0] else self._edited(leaf.node, part[0], share))
            made = [node for leaf in unit.leaves for node in leaf.becomes]
            if same(Document(self._read(*made)), Document((block,))):
                return
            for leaf in unit.leaves:
                leaf.becomes.clear()
        unit.leaves[-1].becomes.extend(self._writer.block(block))

    def _edited(self, node: Node, before: Block, after: Block) -> Node:
        """One node that reads as `after`, with as much of `node` as says the same."""
        if node.get("type") == "decisionList":
            return self._decisions(node, before, after)
        fresh = self._fresh(node, after)
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
        stored = {name: value for name, value in candidate.items() if name != "attrs" or "attrs" in node}
        stored = {**stored, "attrs": node["attrs"]} if "attrs" in node else stored
        for edited in (stored, candidate):  # first as Jira stored it: a panel's own colour, the spelling of a language
            if same(Document(self._read(edited)), Document((after,))):
                return edited
        fitted = fit(Document((after,)), self._grammar).blocks
        return self._fresh(node, fitted[0])[0] if len(fitted) == 1 else fresh[0]

    def _fresh(self, node: Node, block: Block) -> list[Node]:
        """The nodes of a block where `node` stands."""
        nodes = list(self._writer.block(block))
        return list(nested(nodes)) if node.get("type") == "nestedExpand" else list(nodes)

    # --- items, rows and cells --------------------------------------------------------------------------------------

    def _parts(self, node: Node, candidate: Node, before: Block, after: Block) -> Node:
        """A list or table in which equal items or rows stay, and the others lend what they have to their successors."""
        old, new = _parts_of(before), _parts_of(after)
        groups, fresh = _grouped(content(node)), _grouped(content(candidate))
        hidden = len(groups) - len(old) if isinstance(before, Table) else 0  # the empty rows that a table begins with
        if len(groups) != len(old) + hidden or len(fresh) != len(new) or hidden < 0:
            return candidate
        comes_of = origins_of_parts(old, new)
        rows = grid(node) if isinstance(before, Table) else []
        parts = [each for group in groups[:hidden] for each in group]
        for at, part in enumerate(new):
            number = comes_of.get(at)
            stood = None if number is None else old[number]
            if number is None or stood is None:
                parts.extend(fresh[at])
            elif part_key(stood) == part_key(part):
                parts.extend(groups[hidden + number])
            elif isinstance(stood, tuple):
                parts.append(self._row(groups[hidden + number][0], rows[hidden + number], stood, fresh[at][0]))
            else:
                parts.extend(self._item(groups[hidden + number], fresh[at]))
        return {**candidate, "content": parts}

    def _item(self, group: Sequence[Node], fresh: Sequence[Node]) -> Sequence[Node]:
        """An item, with the lists of tasks that belong to it, that says what `fresh` says."""
        if len(group) != len(fresh):
            return [self._part(group[0], fresh[0]), *fresh[1:]]
        inner = [self._nested_tasks(one, other) for one, other in zip(group[1:], fresh[1:], strict=True)]
        return [self._part(group[0], fresh[0]), *inner]

    def _nested_tasks(self, node: Node, fresh: Node) -> Node:
        before, after = self._read(node), self._read(fresh)
        return self._edited(node, before[0], after[0]) if len(before) == len(after) == 1 else fresh

    def _row(self, node: Node, places: Sequence[GridCell], before: Sequence[Cell], fresh: Node) -> Node:
        """A row that says what `fresh` says; its cells stretch as they did."""
        cells = content(fresh)
        edited = {**node, **_attributes(node, fresh)}
        if all(place.begins for place in places):
            comes_of = origins_of_parts(before, self._cells(cells))
            own = [
                self._part(places[comes_of[at]].cell, cell) if comes_of.get(at, len(places)) < len(places) else cell
                for at, cell in enumerate(cells)
                if comes_of.get(at, 0) < len(places) or not _is_empty(cell)
            ]
            return {**edited, "content": own}
        stretched = zip(places, cells, strict=False)
        padded = cells[len(places) :]
        if len(cells) < len(places) or not all(map(_is_empty, padded)):
            return fresh
        if not all(place.begins or _is_empty(cell) for place, cell in zip(places, cells, strict=False)):
            return fresh
        return {**edited, "content": [self._part(place.cell, cell) for place, cell in stretched if place.begins]}

    def _cells(self, cells: Sequence[Node]) -> tuple[Cell, ...]:
        return tuple(Cell(self._read(*content(cell)), header=cell.get("type") == "tableHeader") for cell in cells)

    def _part(self, node: Node, fresh: Node) -> Node:
        """An item or cell that says what `fresh` says, with as much of `node` as says the same."""
        if node.get("type") != fresh["type"]:
            return fresh
        edited = {**node, **_attributes(node, fresh)}
        if fresh["type"] == "taskItem":
            blocks = normalise(Document((Paragraph(tuple(self._reader.runs(content(fresh)))),))).blocks
            inline = blocks[0].runs if len(blocks) == 1 and isinstance(blocks[0], Paragraph) else ()
            return {**edited, "content": self._inline(content(node), inline)}
        return {**edited, "content": nested(self._siblings(content(node), self._read(*content(fresh))))}

    def _decisions(self, node: Node, before: Block, after: Block) -> Node:
        """A list of decisions that reads as `after`; another list where that holds more than one line an item."""
        fresh = next(iter(self._writer.block(after)))
        items = after.items if isinstance(after, ListBlock) and not after.ordered else ()
        lines = [item.blocks[0] for item in items if len(item.blocks) == 1 and item.checked is None]
        runs = [line.runs for line in lines if isinstance(line, Paragraph)]
        if not items or len(runs) != len(items) or not isinstance(before, ListBlock):
            return fresh
        nodes = content(node)
        comes_of = origins_of_parts(before.items, items)
        parts = [self._decision(nodes, comes_of.get(at), inline, at) for at, inline in enumerate(runs)]
        edited = {**node, "content": parts}
        return edited if same(Document(self._read(edited)), Document((after,))) else fresh

    def _decision(self, nodes: Sequence[Node], number: int | None, inline: tuple[Run, ...], at: int) -> Node:
        if number is None or number >= len(nodes):
            return self._writer.decision(inline, at)
        return {**nodes[number], "content": self._inline(content(nodes[number]), inline)}


def _attributes(node: Node, fresh: Node) -> Node:
    """The attributes of a node with those replaced that the canonical document knows."""
    attrs = {**(node.get("attrs") or {}), **(fresh.get("attrs") or {})}
    for name in ("localId", "layout", "isNumberColumnEnabled"):
        if name in (node.get("attrs") or {}):
            attrs[name] = node["attrs"][name]
    return {"attrs": attrs} if attrs else {}


def _places(old: Sequence[Block], new: Sequence[Block]) -> dict[int, int]:
    """Which old block each new one comes of, or takes the place of where it is of another kind."""
    comes_of = origins(old, new, {})
    before, at = 0, 0
    for place, until in [*sorted(comes_of.items()), (len(new), len(old))]:
        comes_of.update(zip(range(at, place), range(before, until), strict=False))
        before, at = until + 1, place + 1
    return comes_of


def _parts_of(block: Block) -> Sequence[ListItem | tuple[Cell, ...]]:
    return block.items if isinstance(block, ListBlock) else block.rows if isinstance(block, Table) else ()


def _grouped(nodes: Sequence[Node]) -> list[list[Node]]:
    """Items or rows; a list of tasks inside another belongs to the task before it."""
    groups: list[list[Node]] = []
    for node in nodes:
        if node.get("type") == "taskList" and groups:
            groups[-1].append(node)
        else:
            groups.append([node])
    return groups


def _is_empty(cell: Node) -> bool:
    return not any(content(node) or node.get("type") != "paragraph" for node in content(cell))


def _shares(
    stood: Sequence[Sequence[ListItem]], owners: Sequence[int], before: ListBlock, after: ListBlock
) -> list[list[ListItem]]:
    """The items of `after` that each list gets, of which `owners` says who had those of `before`."""
    comes_of = origins_of_parts(before.items, after.items)
    shares: list[list[ListItem]] = [[] for _ in stood]
    at = next(number for number, items in enumerate(stood) if items)
    following = [owners[comes_of[place]] if place in comes_of else -1 for place in range(len(after.items))]
    for place, item in enumerate(after.items):
        ahead = next((owner for owner in following[place:] if owner >= 0), at)
        if following[place] >= 0:
            at = following[place]
        elif _is_like(item, stood[ahead]) and not _is_like(item, stood[at]):
            at = ahead
        shares[at].append(item)
    return shares


def _is_like(item: ListItem, items: Sequence[ListItem]) -> bool:
    return bool(items) and (item.checked is None) == (items[0].checked is None)


def _list_of(items: Sequence[ListItem], part: Block, before: ListBlock, after: ListBlock) -> ListBlock:
    """One of the lists that count as one; the first shows the number at which all of them begin."""
    start = part.start if isinstance(part, ListBlock) and before.start == after.start else after.start
    return ListBlock(tuple(items), after.ordered, start)
