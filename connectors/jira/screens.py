"""The screens of Jira: which fields can be entered when an issue is created or edited, and what each of them takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from connectors.jira.answers import Forbidden
from connectors.jira.json_fields import Json, as_object, as_objects, need_id
from connectors.jira.project import Project, understood
from syncer.contract.errors import Gone, Rejected, Retryable


@dataclass(frozen=True, slots=True)
class ScreenField:
    """A field of a create screen."""

    name: str
    required: bool
    """Without a value for it a create is refused."""
    choices: tuple[Any, ...]
    """The values it allows, as the API shows them."""
    several: bool = False
    """Its value is a list."""

    @classmethod
    def of(cls, field: Json) -> ScreenField:
        """The entry of an answer."""
        choices, schema = field.get("allowedValues"), field.get("schema")
        several = isinstance(schema, dict) and schema.get("type") == "array"
        required = field.get("required") is True and field.get("hasDefaultValue") is not True
        allowed = tuple(choices) if isinstance(choices, list) else ()
        return cls(str(field.get("name") or ""), required, allowed, several)

    @property
    def ids(self) -> dict[str, str]:
        """The ids of its options, by name, in their order."""
        options = (one for one in self.choices if isinstance(one, dict))
        return {str(one["value"]): str(one["id"]) for one in options if "value" in one and "id" in one}

    @property
    def example(self) -> str:
        """A value as the configuration writes it: the first that is allowed."""
        first = self.choices[0] if self.choices and isinstance(self.choices[0], dict) else {}
        key = next((key for key in ("value", "name", "id") if first.get(key)), "")
        value = f'{{ {key} = "{first[key]}" }}' if key else '"..."'
        return f"[{value}]" if self.several else value


Screen: TypeAlias = Mapping[str, ScreenField]
"""By the id of the field."""


class Screens:
    """What can be entered when issues of a type are created and edited, each asked once."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._created: dict[str, Screen] = {}
        self._edited: dict[str, Screen] = {}

    def creating(self, type_name: str) -> Screen:
        """The screen on which issues of a type are created; empty when that cannot be told."""
        if type_name not in self._created:
            self._created[type_name] = _create_screen(self._project, type_name)
        return self._created[type_name]

    def editing(self, type_name: str, native: str, *, anew: bool = False) -> Screen:
        """The screen on which issues of a type are edited, as this one of them tells it; empty when it does not."""
        if anew or not self._edited.get(type_name):
            self._edited[type_name] = _edit_screen(self._project, native)
        return self._edited[type_name]


def _edit_screen(project: Project, native: str) -> Screen:
    try:
        with understood("editmeta"):
            answer = as_object(project.client.get(f"/issue/{native}/editmeta"), "editmeta")
            fields = as_object(answer.get("fields"), "editmeta.fields")
            return {key: ScreenField.of(as_object(field, key)) for key, field in fields.items()}
    except (Gone, Rejected, Retryable, Forbidden):
        return {}


def _create_screen(project: Project, type_name: str) -> Screen:
    place = f"/issue/createmeta/{project.scope.project}/issuetypes"
    try:
        with understood("createmeta"):
            kinds = _listed(project.client.get(place, {"maxResults": 200}), ("issueTypes", "values"))
            native = next((need_id(kind, "issue type") for kind in kinds if kind.get("name") == type_name), None)
            if native is None:
                return {}
            answer = project.client.get(f"{place}/{native}", {"maxResults": 200})
            fields = _listed(answer, ("fields", "results", "values"))
            named = ((field.get("fieldId") or field.get("key"), field) for field in fields)
            return {native: ScreenField.of(field) for native, field in named if isinstance(native, str)}
    except (Gone, Rejected, Retryable, Forbidden):
        return {}


def _listed(answer: object, names: Sequence[str]) -> list[Json]:
    """The list in a page, under whichever of the names this version of Jira gives it."""
    page = as_object(answer, "page")
    return as_objects(next((page[name] for name in names if name in page), []), "page")
