"""Block patch: when a text changed elsewhere, only the blocks that differ are replaced in this side's source.

What nobody edited stays byte for byte: link definitions, comments of issue templates, macros, colours, the author's own
way of writing lists. Alignment falls back region by region; the whole text is rewritten only when nothing matches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from syncer.richtext.aligning import aligned
from syncer.richtext.canonical import key_of, normal_blocks, normalise, same
from syncer.richtext.document import (
    Block,
    Document,
    Expand,
    ListBlock,
    Opaque,
    Panel,
    Quote,
    Table,
    children,
)
from syncer.richtext.fitting import Grammar, fit, placeholder, standing
from syncer.richtext.line_patching import line_patched
from syncer.richtext.origins import origins
from syncer.richtext.writing import MarkupCodec, verified_block, write_verified


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of source and the blocks it holds; none when it is hidden: blanks, a comment, a definition."""

    source: str
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class Region:
    """Old segments `old_start:old_end` that give way to new blocks `new_start:new_end`."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int


@dataclass(frozen=True, slots=True)
class _Style:
    """How new text is set between old."""

    line_end: str
    trusting: bool


def patched(source: str, segments: Sequence[Segment], target: Document, grammar: Grammar, dialect: MarkupCodec) -> str:
    """The source changed to read as `target`, as far as `grammar` can hold it; `source` itself when it already does."""
    units = _joined_lists([replace(segment, blocks=normal_blocks(segment.blocks)) for segment in segments])
    wanted = wanted_blocks(units, target, grammar)
    if same(Document(normal_blocks(block for unit in units for block in unit.blocks)), Document(wanted)):
        return source
    kept = aligned([_keys(unit) for unit in units], [key_of(block) for block in wanted])
    line_end = "\r\n" if source.count("\r\n") * 2 > source.count("\n") else "\n"
    for attempt in range(3):
        style = _Style(line_end, trusting=attempt == 0)
        assembly = _Assembly(units, wanted, grammar, dialect, style)
        result = assembly.source(_regions(units, kept, len(wanted)))
        if same(dialect.read(result), Document(normal_blocks(assembly.shown))):
            return result
        kept = _narrowed(kept, units) if attempt else kept
    return _in_line_ends(dialect.separator.join(write_verified(fit(target, grammar).blocks, dialect)), line_end)


def _keys(unit: Segment) -> tuple[str, ...]:
    return tuple(key_of(block) for block in unit.blocks)


def _joined_lists(units: Sequence[Segment]) -> list[Segment]:
    """Segments in which lists that count as one list are one segment, with what stands between them."""
    result: list[Segment] = []
    last = -1  # where the previous segment with blocks stands in the result
    for unit in units:
        if unit.blocks and last >= 0 and continues(result[last].blocks[-1], unit.blocks[0]):
            source = "".join(segment.source for segment in result[last:]) + unit.source
            result[last:] = [Segment(source, normal_blocks((*result[last].blocks, *unit.blocks)))]
            continue
        result.append(unit)
        if unit.blocks:
            last = len(result) - 1
    return result


def continues(one: Block, other: Block) -> bool:
    """Whether two neighbours count as one list."""
    return isinstance(one, ListBlock) and isinstance(other, ListBlock) and one.ordered == other.ordered


def wanted_blocks(units: Sequence[Segment], target: Document, grammar: Grammar) -> tuple[Block, ...]:
    """The blocks to show: those of the source stay as they are, the others as the dialect of `grammar` can hold them.

    So do the blocks inside of others: one that stood in a cell stays as it is in a cell. A placeholder or simplified
    form is exchanged for the block of the source that it stands for.
    """
    own = {key for unit in units for key in _keys(unit)}
    grammar = replace(grammar, standing=frozenset(standing(block for unit in units for block in unit.blocks)))
    forms: dict[tuple[str, ...], Block] = {}
    for unit in units:
        for block in unit.blocks:
            for simpler in _simplified(block):
                forms[tuple(map(key_of, simpler))] = block
    wanted: list[Block] = []
    for block in normalise(target).blocks:
        key = key_of(block)
        if key in own:
            wanted.append(block)
        elif (key,) in forms:
            wanted.append(forms[key,])
        else:
            wanted.extend(fit(Document((block,)), grammar).blocks)
    return normal_blocks(wanted)


def _simplified(block: Block) -> Iterator[tuple[Block, ...]]:
    """What another tracker shows instead of a block it cannot hold."""
    if _has_opaque(block):
        yield normal_blocks((_placeholders(block),))
    if isinstance(block, ListBlock) and block.start != 1:
        yield (replace(block, start=1),)


def _has_opaque(block: Block) -> bool:
    return isinstance(block, Opaque) or any(_has_opaque(inner) for inners in children(block) for inner in inners)


def _placeholders(block: Block) -> Block:
    match block:
        case Opaque():
            return placeholder(block)
        case Quote() | Panel() | Expand():
            return replace(block, blocks=tuple(map(_placeholders, block.blocks)))
        case ListBlock():
            return replace(
                block, items=tuple(replace(i, blocks=tuple(map(_placeholders, i.blocks))) for i in block.items)
            )
        case Table():
            rows = (tuple(replace(c, blocks=tuple(map(_placeholders, c.blocks))) for c in row) for row in block.rows)
            return replace(block, rows=tuple(rows))
        case _:
            return block


# --- alignment -----------------------------------------------------------------------------------------------------


def _narrowed(kept: dict[int, int], units: Sequence[Segment]) -> dict[int, int]:
    """The segments kept, without those beside a region that changes."""
    contents = [at for at, unit in enumerate(units) if unit.blocks]
    left: dict[int, int] = {}
    for number, at in enumerate(contents):
        around = contents[max(number - 1, 0) : number + 2]
        ends = {kept[a] for a in around if a in kept}
        if at in kept and all(a in kept for a in around) and max(ends) - min(ends) <= len(around):
            left[at] = kept[at]
    return left


def _regions(units: Sequence[Segment], kept: dict[int, int], wanted: int) -> Iterator[Region]:
    """The stretches between kept segments, in order, each followed by the kept segment at `old_end`."""
    old, new = 0, 0
    for at in sorted(kept):
        yield Region(old, at, new, kept[at])
        old, new = at + 1, kept[at] + len(units[at].blocks)
    yield Region(old, len(units), new, wanted)


# --- assembly ------------------------------------------------------------------------------------------------------


class _Page:
    """Source under construction."""

    def __init__(self, separator: str) -> None:
        self._separator = separator
        self._parts: list[str] = []

    def keep(self, source: str) -> None:
        if source:
            self._parts.append(source)

    def put(self, source: str) -> None:
        """Append a new block, an empty line after whatever stands before it."""
        tail = "".join(self._parts[-3:])[-8:].replace("\r", "")
        if tail.strip() or (self._parts and not tail.endswith("\n\n") and any(part.strip() for part in self._parts)):
            missing = self._separator.count("\n") - (len(tail) - len(tail.rstrip("\n")))
            self._parts.append("\n" * max(missing, 0))
        self._parts.append(source)

    def text(self) -> str:
        return "".join(self._parts)


class _Assembly:
    """A source being put together, and the blocks that it shows."""

    def __init__(
        self, units: Sequence[Segment], wanted: Sequence[Block], grammar: Grammar, dialect: MarkupCodec, style: _Style
    ) -> None:
        self._units = units
        self._wanted = wanted
        self._grammar = grammar
        self._dialect = dialect
        self._style = style
        self.shown: list[Block] = []

    def source(self, regions: Iterator[Region]) -> str:
        page = _Page(self._dialect.separator)
        fresh = False  # whether the last thing on the page is new text, which needs an empty line after it
        for region in regions:
            old = self._units[region.old_start : region.old_end]
            new = self._sources(old, self._wanted[region.new_start : region.new_end])
            fresh = _region(page, old, new, fresh=fresh, trusting=self._style.trusting)
            if region.old_end < len(self._units):
                kept = self._units[region.old_end]
                self.shown.extend(kept.blocks)
                page.put(kept.source) if fresh else page.keep(kept.source)
                fresh = False
        return page.text()

    def _sources(self, old: Sequence[Segment], new: Sequence[Block]) -> list[str]:
        """Source of new blocks; those that take the place of others of their kind keep the words they share."""
        places = [unit for unit in old if unit.blocks]
        comes_of = dict(enumerate(range(len(places))))
        if all(len(unit.blocks) == 1 for unit in places):
            comes_of = origins([unit.blocks[0] for unit in places], new, {})
        pending = list(new)
        sources: list[str] = []
        while pending:
            number = comes_of.get(len(sources))
            place = None if number is None else places[number]
            taken = len(place.blocks) if place else 1
            kept = line_patched(place.source, place.blocks, pending[:taken], self._dialect) if place else None
            if kept is not None:
                self.shown.extend(pending[:taken])
            else:
                taken = 1
                fitted = fit(Document((pending[0],)), self._grammar).blocks
                self.shown.extend(fitted)
                kept = self._dialect.separator.join(verified_block(block, self._dialect) for block in fitted)
            sources.append(_in_line_ends(kept, self._style.line_end))
            del pending[:taken]
        return sources


def _region(page: _Page, old: Sequence[Segment], new: Sequence[str], *, fresh: bool, trusting: bool) -> bool:
    """Write one region: new blocks take the places of old ones, hidden parts stay. Returns whether it ends in new text.

    `trusting`: the blanks that stood after an old block also do after the new one; otherwise an empty line is ensured.
    """
    contents = sum(bool(unit.blocks) for unit in old)
    pending = list(new)
    if not contents:
        return _hidden_only(page, old, pending, fresh=fresh)
    dropped = False
    for unit in old:
        if not unit.blocks:
            if unit.source.strip() or not dropped:
                page.keep(unit.source)
                fresh = fresh and not (trusting or unit.source.strip())
            continue
        contents -= 1
        take = pending[:1] if contents else pending
        pending = pending[len(take) :]
        dropped = not take
        for source in take:
            page.put(source) if fresh else page.keep(source)
            fresh = True
    return fresh


def _hidden_only(page: _Page, old: Sequence[Segment], new: Sequence[str], *, fresh: bool) -> bool:
    """A region in which nothing stood: hidden parts first, then what is new."""
    kept = old[:-1] if new and old and not old[-1].source.strip() else old
    for unit in kept:
        page.keep(unit.source)
        fresh = fresh and not unit.source.strip()
    for source in new:
        page.put(source)
    return bool(new) or fresh


def _in_line_ends(source: str, line_end: str) -> str:
    return source if line_end == "\n" else re.sub(r"\r?\n", line_end, source)
