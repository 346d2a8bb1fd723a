"""`[pairs.links]`: which type of links of one side stands for which of the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from syncer.contract.connector import ConnectorKind
from syncer.contract.custom import DeclaredField
from syncer.contract.model import Field, Side
from syncer.settings.places import Path
from syncer.settings.table import ConfigTable


class LinkSettings(ConfigTable):
    """`[pairs.links]`: types of links between tasks, beside those that every pair knows."""

    map: tuple[tuple[str, str], ...] = ()
    """Rows of `[left, right]`: `["Causes", "Problem/Incident"]`. A type of the same name on both sides is a row, too.

    A usual type that a side calls otherwise is a row with the usual name on the other side."""

    def fields(self, kinds: Mapping[Side, ConnectorKind]) -> dict[Field, Mapping[Side, str]]:
        """The fields that the rows declare, each with its type where a side has to be told it."""
        usual = {side: usual_links(kinds[side]) for side in Side}
        found: dict[Field, Mapping[Side, str]] = {}
        for row in self.map:
            cells = dict(zip(Side, (cell.strip() for cell in row), strict=True))
            known = known_field(cells, usual)
            if not all(cells.values()):
                continue  # `mistakes_in_links` tells of it
            if known is None:
                found[Field.links(cells[Side.LEFT])] = cells
            else:
                found[known] = {side: cell for side, cell in cells.items() if usual[side][known] != cell}
        return found


def usual_links(kind: ConnectorKind) -> dict[Field, str]:
    """What trackers of a kind call the links that every pair knows; empty where links have no types."""
    return {Field(name): called for name, called in getattr(kind, "usual_links", {}).items()}


def known_field(cells: Mapping[Side, str], usual: Mapping[Side, Mapping[Field, str]]) -> Field | None:
    """The field that every pair knows of which a row speaks; None where it is about types of people's own."""
    named = [field for side, cell in cells.items() for field, name in usual[side].items() if name == cell]
    return named[0] if named else None


def located(links: LinkSettings, side: Side, kinds: Mapping[Side, ConnectorKind]) -> tuple[DeclaredField, ...]:
    """The links that a side has to be told of."""
    fields = links.fields(kinds)
    locate = getattr(kinds[side], "link_locator", None)
    return (
        ()
        if locate is None
        else tuple(DeclaredField(field, locate(types[side])) for field, types in fields.items() if side in types)
    )


def mistakes_in_links(
    links: LinkSettings, kinds: Mapping[Side, ConnectorKind], taken: frozenset[str]
) -> Iterator[tuple[Path, str]]:
    """What is wrong with the rows, each with its place; `taken` are names of other declared fields."""
    usual = {side: usual_links(kinds[side]) for side in Side}
    without = next((side for side in Side if not usual[side]), None)
    if links.map and without is not None:
        yield (
            ("map",),
            f"a tracker of kind {kinds[without].name} has no types of links: they stay where they are",
        )
        return
    seen: dict[tuple[Side, str], int] = {}
    for index, row in enumerate(links.map):
        cells = dict(zip(Side, (cell.strip() for cell in row), strict=True))
        if not all(cell and cell.isprintable() for cell in cells.values()):
            yield ("map", index), "a row is [left, right], each the name of a type of links"
            continue
        for side, cell in cells.items():
            if (earlier := seen.setdefault((side, cell.casefold()), index)) != index:
                yield ("map", index), f'"{cell}" on the {side} is in row {earlier}, too: a type stands for one other'
        known = {field for side, cell in cells.items() for field, name in usual[side].items() if name == cell}
        if len(known) > 1:
            both = " and ".join(str(field) for field in sorted(known))
            yield ("map", index), f"joins {both}, which are two different links"
        elif not known and cells[Side.LEFT] in taken:
            yield ("map", index), f'"{cells[Side.LEFT]}" is already the name of a field of this pair'
