"""The responsibilities file: people with their capacity, and who is responsible for what.

A file of its own because other people write it than those who run the sync, and because they agree on it row by row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path as FilePath
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, ValidationError, model_validator
from pydantic import Field as Key
from pydantic_core import ErrorDetails

from syncer.contract.naming import did_you_mean
from syncer.core.responsibility import Authority, Days, Declarations, Party, Profile, Raci, ResponsibilityEntry, Scope
from syncer.settings.places import Path, nearest, places
from syncer.settings.problems import Misconfigured, Mistakes, Problem, explain, keys_at
from syncer.settings.reading import read_toml
from syncer.settings.table import ConfigTable, time_zone

_NAME = Annotated[str, Key(min_length=1, max_length=200)]


def _scope(value: object) -> object:
    return Scope.parse(value) if isinstance(value, str) else value


def _letters(value: object) -> object:
    """One letter, several in one word (`RA`), or a list of them."""
    return list(value.upper()) if isinstance(value, str) else value


class LeaveSettings(ConfigTable):
    """Days on which somebody is away, both included."""

    from_: date
    """First day."""
    to: date
    """Last day."""

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.to < self.from_:
            raise ValueError("to lies before from")
        return self


class ProfileSettings(ConfigTable):
    """`[[people]]` of the responsibilities file: the party somebody belongs to, and how much they can take on."""

    name: _NAME
    """As in `[[people]]` of `syncer.toml`, or an account."""
    party: Party = Party.DELIVERY
    """Which party of the collaboration."""
    timezone: Annotated[str, AfterValidator(time_zone)] | None = None
    """Where they work."""
    wip_limit: Annotated[float, Key(gt=0)] | None = None
    """Tasks in progress at a time. Without it no workload is shown."""
    hours_per_week: Annotated[float, Key(gt=0, le=168)] | None = None
    """Compared with the hours left on tasks that are due, if those have estimates."""
    leaves: tuple[LeaveSettings, ...] = ()
    """When they are away."""


class RowSettings(ConfigTable):
    """`[[responsibilities]]` of the responsibilities file: one person in one scope."""

    scope: Annotated[Scope, BeforeValidator(_scope)]
    """`project`, or `component: NAME`, `path: /src/`, `goal: NAME`, `plan: NAME`, `task: KEY`."""
    person: _NAME
    """Who."""
    raci: Annotated[tuple[Raci, ...], BeforeValidator(_letters)] = ()
    """R does it, A is accountable (one in each scope), C is consulted, I is informed. Several as `"AR"`."""
    role: _NAME | None = None
    """`project-manager`, `member`, `client`, or a word of your own."""
    duties: tuple[_NAME, ...] = ()
    """What they do, in your words."""
    authority: tuple[Authority, ...] = ()
    """What they may decide."""
    pair: str | None = None
    """Only for this pair. Without it: for all."""
    agreed_by: tuple[_NAME, ...] = ()
    """Who agreed to this row, its person included. A row that nobody agreed to is reported as a gap."""
    agreed_at: date | None = None
    """When they agreed."""
    valid_from: date | None = None
    """First day it holds."""
    valid_to: date | None = None
    """Last day it holds."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.raci and not self.authority and self.role is None:
            raise ValueError('says nothing: give it raci = "R", a role or an authority')
        if self.valid_from is not None and self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("valid-to lies before valid-from")
        if bool(self.agreed_by) != (self.agreed_at is not None):
            raise ValueError("agreed-by and agreed-at belong together")
        return self


class FileSettings(ConfigTable):
    """The whole file."""

    people: tuple[ProfileSettings, ...] = ()
    responsibilities: tuple[RowSettings, ...] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        mistakes = Mistakes("responsibilities")
        first: dict[str, int] = {}
        for index, person in enumerate(self.people):
            earlier = first.setdefault(person.name, index)
            if earlier != index:
                mistakes.add(("people", index, "name"), f'"{person.name}" is people[{earlier}] already')
        mistakes.raise_if_any()
        return self


def declarations(file: FilePath, pairs: Sequence[str]) -> Declarations:
    """What a responsibilities file says. Raises Misconfigured with everything that is wrong in it.

    `pairs` are the names a row may be limited to.
    """
    text, written = read_toml(file, str(file))
    lines = places(text)
    mistakes = [*_unknown_pairs(written, pairs)]
    try:
        parsed = FileSettings.model_validate(written)
    except ValidationError as error:
        parsed = FileSettings()
        mistakes += [_explained(each, written) for each in error.errors(include_url=False, include_input=False)]
    if mistakes:
        problems = [Problem(str(file), message, path, nearest(lines, path)) for path, message in mistakes]
        raise Misconfigured(sorted(problems, key=lambda problem: problem.line or 0))
    rows = enumerate(parsed.responsibilities)
    return Declarations(
        people=tuple(_profile(person) for person in parsed.people),
        rows=tuple(_row(row, f"{file.name}:{nearest(lines, ('responsibilities', index))}") for index, row in rows),
        file=file.name,
    )


def _unknown_pairs(written: Mapping[str, Any], pairs: Sequence[str]) -> Iterator[tuple[Path, str]]:
    rows = written.get("responsibilities")
    for index, row in enumerate(rows if isinstance(rows, list) else ()):
        name = row.get("pair") if isinstance(row, dict) else None
        if isinstance(name, str) and name not in pairs:
            yield ("responsibilities", index, "pair"), f'there is no pair "{name}"{did_you_mean(name, pairs)}'


def _explained(error: ErrorDetails, written: object) -> tuple[Path, str]:
    path = _written(error["loc"], written)
    return path, explain(error, _at(written, path), keys_at(FileSettings, path[:-1]))


def _written(place: Path, written: object) -> Path:
    """The part of a place that stands in the file: pydantic adds names of its own below a value."""
    path: Path = ()
    for part in place:
        if not isinstance(written, dict | list):
            break
        path = (*path, part)
        written = _at(written, (part,))
    return path


def _at(document: Any, path: Path) -> Any:
    for part in path:
        try:
            document = document[part]
        except (KeyError, IndexError, TypeError):
            return None
    return document


def _profile(person: ProfileSettings) -> Profile:
    leaves = tuple(Days(leave.from_, leave.to) for leave in person.leaves)
    return Profile(person.name, person.party, person.timezone, person.wip_limit, person.hours_per_week, leaves)


def _row(row: RowSettings, place: str) -> ResponsibilityEntry:
    return ResponsibilityEntry(
        scope=row.scope,
        person=row.person,
        letters=tuple(dict.fromkeys(row.raci)),
        place=place,
        role=row.role,
        duties=row.duties,
        authority=row.authority,
        pair=row.pair,
        agreed_by=row.agreed_by,
        agreed_at=row.agreed_at,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )
