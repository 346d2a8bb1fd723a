"""`[[pairs.custom]]`: fields of people's own making that a pair carries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field as Key
from pydantic import field_validator

from syncer.contract.connector import ConnectorKind
from syncer.contract.custom import DeclaredField
from syncer.contract.model import COLUMN, Field, Side
from syncer.core.relation import MapCell, MapRow, Relation
from syncer.core.rules import CustomRule, Direction, FieldRule, Meaning, Policy
from syncer.settings.places import Path
from syncer.settings.table import ConfigTable

PLACED = (Field.STATUS, Field.START, Field.DUE, Field.PRIORITY)
"""The fields that every pair knows and that a tracker without them can show in a field of people's own making."""

RESERVED = ("comments", "attachments", "pull-requests", "left", "right", "newest")
"""What `publish` and the options of commands name beside fields."""


class CustomSettings(ConfigTable):
    """`[[pairs.custom]]`: a field of people's own making, or one that only such a field can show on a side."""

    name: Annotated[str, Key(min_length=1, max_length=100)]
    """What the file, commands and the report call the field. `start`, `due`, `priority` and `status` may be declared,
    too: a status by the field of a project that has its columns."""
    left: Any = None
    """Where it is on the left. Jira: the field's name or id. GitHub: `{ issue-field = "Effort" }` and the like."""
    right: Any = None
    """Where it is on the right: `{ project = 3, field = "Estimate" }` is a field of GitHub Projects."""
    direction: Direction = Direction.BOTH
    """Which way it is carried."""
    on_conflict: Policy = Policy.NEWEST
    """What happens when both sides changed it."""
    map: tuple[tuple[str, str], ...] = ()
    """Of choices: rows of `[left, right]` that mean the same. What is in no row means its namesake."""
    means: Meaning | None = None
    """What the evaluation takes it for: `points`, `estimate`, `remaining` or `spent` (in hours), `sprint`."""

    @field_validator("name")
    @classmethod
    def _one_line(cls, name: str) -> str:
        if not name.isprintable() or name != name.strip():
            raise ValueError("is one line without blanks at its ends")
        return name

    @field_validator("name")
    @classmethod
    def _of_its_own(cls, name: str) -> str:
        taken = {*map(str, Field), *RESERVED}
        if name.casefold() in taken and name not in map(str, Field):
            raise ValueError(f'"{name}" is a name that `publish` or a command has for another thing')
        return name

    @property
    def field(self) -> Field:
        """The field as the model knows it."""
        known = next((one for one in Field if one.value == self.name), None)
        return known or Field.declared(self.name)

    @property
    def rule(self) -> FieldRule:
        """How it is kept in step."""
        return FieldRule(self.direction, self.on_conflict)

    @property
    def custom_rule(self) -> CustomRule:
        """What else is said of it."""
        rows = tuple(MapRow(MapCell(left), MapCell(right)) for left, right in self.map)
        return CustomRule(Relation(rows), self.means)

    def locator(self, side: Side) -> Any:
        """Where it is on a side, as the file says; None where the tracker's own field is meant."""
        return self.left if side is Side.LEFT else self.right


def mistakes_in(custom: Sequence[CustomSettings], kinds: Mapping[Side, ConnectorKind]) -> Iterator[tuple[Path, str]]:
    """What is wrong with the declared fields of a pair, each with its place in their list."""
    taken: dict[str, int] = {}
    for index, one in enumerate(custom):
        if (earlier := taken.setdefault(one.name, index)) != index:
            yield (index, "name"), f'"{one.name}" is already the name of custom[{earlier}]'
        yield from (((index, *path), message) for path, message in _mistakes_of(one, kinds))


def _mistakes_of(one: CustomSettings, kinds: Mapping[Side, ConnectorKind]) -> Iterator[tuple[Path, str]]:
    if not one.field.custom and one.field not in PLACED:
        named = ", ".join(str(each) for each in PLACED)
        yield ("name",), f'"{one.name}" is a field that every pair has; of those only {named} can be declared'
        return
    if not one.field.custom and one.map:
        yield ("map",), f"is written as [pairs.fields.{one.name}] map"
    if all(one.locator(side) is None for side in Side):
        yield ("left",), "is required: where the field is"
    for side in Side:
        if (
            one.field is Field.STATUS
            and one.locator(side) is not None
            and not getattr(kinds[side], "usual_statuses", ())
        ):
            yield (side.value,), "every scope of this tracker has statuses of its own: leave it out"
        elif one.locator(side) is not None:
            try:
                locator_of(one, side, kinds[side])
            except ValueError as error:
                yield (side.value,), str(error)
        elif one.field.custom:
            yield (side.value,), "is required: where the field is on this side"


def locator_of(one: CustomSettings, side: Side, kind: ConnectorKind) -> Any:
    """The locator of a field as its kind of tracker understands it. Raises ValueError."""
    validate = getattr(kind, "custom_locator", None)
    if validate is None:
        raise ValueError(f"a tracker of kind {kind.name} carries no fields of people's own making")
    return validate(one.locator(side))


def declared(custom: Sequence[CustomSettings], side: Side, kind: ConnectorKind) -> tuple[DeclaredField, ...]:
    """The fields that have a locator on a side."""
    located = (one for one in custom if one.locator(side) is not None)
    return tuple(
        DeclaredField(COLUMN if one.field is Field.STATUS else one.field, locator_of(one, side, kind))
        for one in located
    )
