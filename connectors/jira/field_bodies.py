"""Declared fields as a create or an edit takes them: people by the site's ids, options and sprints by theirs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from typing import Any, Final

from connectors.jira.boards import SprintBoards
from connectors.jira.custom import KINDS, Unsendable, is_filled, names_in, settled
from connectors.jira.project import Project
from connectors.jira.screens import Screen, Screens
from connectors.jira.site import HeldField
from syncer.contract.errors import Rejected, TrackerError
from syncer.contract.model import Field, Observed, Patch, Showing, Value
from syncer.contract.naming import did_you_mean

_TRACKED: Final[Mapping[str, str]] = {
    "timeoriginalestimate": "originalEstimate",
    "timeestimate": "remainingEstimate",
}
"""Members of `timetracking`, by which estimates are written, by the id of the field that shows them."""


def sent_as(held: HeldField) -> str:
    """The key under which the API takes a field, and names it where it refuses it."""
    return "timetracking" if held.id in _TRACKED else held.id


class FieldBodies:
    """Says in Jira's terms what declared fields are to hold, and remembers the ids it was told."""

    def __init__(self, project: Project, screens: Screens, boards: SprintBoards) -> None:
        self._project = project
        self._screens = screens
        self._boards = boards

    def of_edit(self, item: Observed, patch: Patch) -> tuple[dict[Field, Value], dict[str, Any]]:
        """The declared fields of a patch as Jira will show them, and as an edit takes them. Raises Rejected."""
        kind = str(item.showing.get(Field.TYPE) or self._project.scope.type)

        def screen(anew: bool) -> Screen:
            return self._screens.editing(kind, item.ref.id, anew=anew)

        shown: dict[Field, Value] = {}
        fields: dict[str, Any] = {}
        for field, held in self._held(patch).items():
            try:
                shown[field], content = self._said(held, patch[field], screen)
            except Unsendable as reason:
                raise Rejected(f"{field} of {item.key}: {reason}") from reason
            _put(fields, held, content)
        return shown, fields

    def of_create(
        self, kind: str, showing: Showing, left_out: Collection[str]
    ) -> tuple[dict[Field, Value], dict[str, Any]]:
        """The same for a new issue of a type: what it cannot be given is left out, and listed by a later edit."""

        def screen(_anew: bool) -> Screen:
            return self._screens.creating(kind)

        shown: dict[Field, Value] = {}
        fields: dict[str, Any] = {}
        for field, held in self._held(showing).items():
            if not is_filled(showing[field]) or sent_as(held) in left_out:
                continue
            with suppress(Unsendable, TrackerError):
                shown[field], content = self._said(held, showing[field], screen)
                _put(fields, held, content)
        return shown, fields

    def unsendable(self, item: Observed | None, fields: Showing, left: Collection[Field]) -> dict[Field, str]:
        """The declared fields of a patch, or of a new issue, that cannot be given their values; but those `left`."""
        kind = str((fields if item is None else item.showing).get(Field.TYPE) or self._project.scope.type)

        def screen(anew: bool) -> Screen:
            return self._screens.creating(kind) if item is None else self._screens.editing(kind, item.ref.id, anew=anew)

        found: dict[Field, str] = {}
        for field, held in self._held(fields).items():
            try:
                if field not in left:
                    self._said(held, fields[field], screen)
            except (Unsendable, Rejected) as reason:
                found[field] = str(reason)
        return found

    def _held(self, fields: Collection[Field]) -> dict[Field, HeldField]:
        return {field: held for field, held in self._project.site.held.items() if field in fields}

    def _said(self, held: HeldField, value: Value, screen: Callable[[bool], Screen]) -> tuple[Value, Any]:
        """A value as Jira will show it and as it takes it. Raises Unsendable."""
        if held.read_only:
            raise Unsendable(f'"{held.name}" is computed: nobody enters it')
        if not is_filled(value):
            if held.id in _TRACKED:
                raise Unsendable("no document of Jira tells how an estimate is emptied")
            return settled(held, value), None
        kind = KINDS[held.kind]
        ids: Mapping[str, str] = {}
        if kind.chosen:
            value, ids = self._options(held, value, screen)
        elif held.kind == "sprint":
            ids = {str(value): self._boards.sprint(str(value))}
        return settled(held, value), kind.write(value, self._project.site, ids)

    def _options(
        self, held: HeldField, value: Value, screen: Callable[[bool], Screen]
    ) -> tuple[Value, Mapping[str, str]]:
        """The value with its options spelt as Jira spells them, and their ids: asked anew for one that is missing."""
        for anew in (False, True):
            told = screen(anew)
            ids = told[held.id].ids if held.id in told else {}
            spelt = {name.casefold(): name for name in reversed(ids)}
            names = [name if name in ids else spelt.get(name.casefold(), "") for name in names_in(value)]
            if all(names):
                return (tuple(sorted(names)) if isinstance(value, tuple) else names[0]), ids
        if not told:
            raise Unsendable(f'Jira does not tell what "{held.name}" takes')
        if held.id not in told:
            raise Unsendable(f'"{held.name}" ({held.id}) is not on its screen: add the field there')
        missing = next(name for name in names_in(value) if name.casefold() not in spelt)
        hint = did_you_mean(missing, ids) or ": add it there, or a row to the map"
        raise Unsendable(f'"{missing}" is no option of "{held.name}"{hint}')


def _put(fields: dict[str, Any], held: HeldField, content: Any) -> None:
    key = sent_as(held)
    if key == held.id:
        fields[key] = content
    else:
        fields.setdefault(key, {})[_TRACKED[held.id]] = content
