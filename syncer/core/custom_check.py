"""Declared fields against what both trackers tell of them: what is missing, does not fit, has no counterpart. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from syncer.contract.capabilities import Capabilities
from syncer.contract.checking import Finding, Severity
from syncer.contract.custom import CustomField, CustomType
from syncer.contract.model import COLUMN, Field, Side
from syncer.contract.naming import did_you_mean
from syncer.core.custom_fields import misfit, partner_option
from syncer.core.naming import among, listed
from syncer.core.rules import Direction, FieldRule, PairRules, Policy

_CHOSEN = (CustomType.CHOICE, CustomType.CHOICES)


@dataclass(frozen=True, slots=True)
class DeclaredCheck:
    """The declared fields of a pair, as its rules and both trackers have them."""

    rules: PairRules
    capabilities: Mapping[Side, Capabilities]
    names: Mapping[Side, str]
    """What people call the scopes."""

    def findings(self) -> Iterator[Finding]:
        """Everything worth telling of them."""
        placed = (name for able in self.capabilities.values() for name in (*able.custom, *able.unheld))
        for name in dict.fromkeys((*self.rules.custom, *placed)):
            if self._rule(name).direction is not Direction.OFF:
                yield from self._of(name)
        for side, able in self.capabilities.items():
            yield from self._written_twice(side, able)
            if COLUMN in able.custom and self._rule(COLUMN).direction is not Direction.OFF:
                yield from self._columns(side, able.custom[COLUMN])

    def _written_twice(self, side: Side, able: Capabilities) -> Iterator[Finding]:
        """Declared fields that are one field of a side and would each write it: what one says, the other undoes."""
        writers: dict[str, Field] = {}
        for name, one in able.custom.items():
            if one.id and self._rule(name).direction.writes(side) and writers.setdefault(one.id, name) is not name:
                message = f'"{one.name}" of {self.names[side]} is written by "{writers[one.id]}", too'
                yield self._finding(
                    Severity.ERROR, name, message, f'direction = "{_away_from(side)}", or another field'
                )

    def _rule(self, name: Field) -> FieldRule:
        """The rule of a field; the column of a task is a part of its status."""
        return self.rules.rule(Field.STATUS if name is COLUMN else name)

    def _columns(self, side: Side, one: CustomField) -> Iterator[Finding]:
        """Columns that rows of the map name and a board does not have, and those that no row names."""
        rows = [row.cell(side).option for table in self.rules.tables(Field.STATUS) for row in table.rows]
        named = list(dict.fromkeys(option for option in rows if option is not None))
        example = f"open + option:{one.options[0] if one.options else 'Doing'}"
        board = f'"{one.name}" of {self.names[side]}'
        if not named:
            fix = f'[pairs.fields.status] map: add rows such as ["In Progress", "{example}"]'
            yield Finding(Severity.ERROR, "status", f"no row of the map names an option of {board}", fix)
            return
        for option in named:
            if one.options and not among(option, one.options):
                message = f'{board} has no option "{option}"{did_you_mean(option, one.options)}'
                fix = f"[pairs.fields.status] map: correct the row; known are: {listed(one.options)}"
                yield Finding(Severity.ERROR, "status", message, fix)
        alone = [option for option in one.options if not among(option, named)]
        if alone:
            message = f"no row of the map names {listed(alone)} of {board}: there only open or closed counts"
            fix = f'[pairs.fields.status] map: add rows such as ["In Progress", "open + option:{alone[0]}"]'
            yield Finding(Severity.WARNING, "status", message, fix)

    def _of(self, name: Field) -> Iterator[Finding]:
        missing = [side for side in Side if name in self.capabilities[side].unheld]
        for side in missing:
            why = self.capabilities[side].unheld[name]
            fix = "correct the row" if name in self.rules.links else f"correct {side}, or what it names there"
            yield self._finding(Severity.ERROR, name, f"{self.names[side]} {why}", fix)
        told = {side: able.custom[name] for side, able in self.capabilities.items() if name in able.custom}
        for side, one in told.items():
            if one.read_only and self._rule(name).direction.writes(side):
                message = f'{self.names[side]} computes "{one.name}" itself, so it is not written there'
                yield self._finding(Severity.WARNING, name, message, f'direction = "{_away_from(side)}"')
            if one.undated and self._rule(name).on_conflict is Policy.NEWEST:
                message = (
                    f'{self.names[side]} does not tell when "{one.name}" was changed: a change on both sides waits'
                )
                yield self._finding(Severity.INFO, name, message, 'on-conflict = "left" or "right" decides by itself')
        if len(told) == len(Side) and name in self.rules.custom:
            yield from self._both(name, told)

    def _both(self, name: Field, told: Mapping[Side, CustomField]) -> Iterator[Finding]:
        left, right = told[Side.LEFT], told[Side.RIGHT]
        if why := misfit(left, right):
            yield self._finding(Severity.ERROR, name, why, "name what holds the same on both sides")
            return
        rows = self.rules.custom[name].relation.rows
        if rows and left.type not in _CHOSEN and right.type not in _CHOSEN:
            yield self._finding(Severity.ERROR, name, f'"{left.name}" has no options to map', "leave map out")
            return
        for side, one in told.items():
            yield from self._unknown(name, side, one)
            if one.type in _CHOSEN and self.rules.rule(name).direction.writes(side.other):
                yield from self._alone(name, side, one, told[side.other])

    def _unknown(self, name: Field, side: Side, one: CustomField) -> Iterator[Finding]:
        """Rows of the map that name no option."""
        cells = dict.fromkeys(row.cell(side).name or "" for row in self.rules.custom[name].relation.rows)
        for cell in cells:
            if one.choices is not None and not among(cell, one.options):
                message = f'"{one.name}" of {self.names[side]} has no option "{cell}"{did_you_mean(cell, one.options)}'
                yield self._finding(Severity.ERROR, name, message, f"correct the row; known are: {listed(one.options)}")

    def _alone(self, name: Field, side: Side, one: CustomField, other: CustomField) -> Iterator[Finding]:
        """Options of a side for which nothing stands on the other one; a row that names none is told by itself."""
        relation = self.rules.custom[name].relation
        mapped = {row.cell(side).name for row in relation.rows}
        alone = [
            each
            for each in one.options
            if each not in mapped and partner_option(relation, side.other, each, other.choices) is None
        ]
        if alone:
            there = f'"{other.name}" of {self.names[side.other]}'
            message = f"{there} has nothing for {listed(alone)}: such values stay where they are"
            yield self._finding(Severity.WARNING, name, message, "add the options there, or rows to map")

    def _finding(self, severity: Severity, name: Field, message: str, fix: str) -> Finding:
        if name in self.rules.links:
            return Finding(severity, f"links {name}", message, f"[pairs.links] map: {fix}")
        held = "field " if not name.custom or name is COLUMN else ""
        return Finding(severity, f"{held}{name}", message, f'[[pairs.custom]] name = "{name}": {fix}')


def _away_from(side: Side) -> Direction:
    return Direction.LEFT_TO_RIGHT if side is Side.LEFT else Direction.RIGHT_TO_LEFT
