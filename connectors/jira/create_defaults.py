"""What Jira asks of new issues, how they look, and which of them the create itself moves on to the status they need.

Why it is learned and not assumed. A create answers with an id and a key alone, and what it makes of `transition` is
documented in half a sentence. So the first issue of each kind is read: it tells the status of all that follow, and the
transitions open to them. A transition that a create turns out to ignore or to refuse is not sent again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.jira.answers import Forbidden
from connectors.jira.json_fields import Json, as_object, as_objects, need_id
from connectors.jira.markers import marker_of
from connectors.jira.project import Project, understood
from connectors.jira.transitions import EXPAND, TransitionRunner
from connectors.jira.workflow import Transition
from syncer.contract.errors import Gone, Rejected, Retryable, TrackerError
from syncer.contract.model import Field, Observed, Showing, Status, Value


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
    def example(self) -> str:
        """A value as the configuration writes it: the first that is allowed."""
        first = self.choices[0] if self.choices and isinstance(self.choices[0], dict) else {}
        key = next((key for key in ("value", "name", "id") if first.get(key)), "")
        value = f'{{ {key} = "{first[key]}" }}' if key else '"..."'
        return f"[{value}]" if self.several else value


def ask_for_screen(project: Project, type_name: str) -> Mapping[str, ScreenField]:
    """What can be entered when an issue of a type is created, by field id; empty when that cannot be told."""
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


_KNOWN = (Field.STATUS, Field.PRIORITY)
"""What a draft does not tell of the issue that is made from it."""


class CreateDefaults:
    """What new issues of each type show, without a transition and with each."""

    def __init__(self, project: Project, transitions: TransitionRunner) -> None:
        self._project = project
        self._transitions = transitions
        self._seen: dict[tuple[str, str], Showing] = {}
        self._useless: set[tuple[str, str]] = set()

    def way(self, kind: str, goal: Value) -> Transition | None:
        """The transition that a create of this type takes along to reach `goal`; None when there is none to trust.

        Only a direct one that is known, and on whose screen nothing is entered: a create has a screen of its own.
        """
        born = self._seen.get((kind, ""), {}).get(Field.STATUS)
        if not isinstance(goal, Status) or not isinstance(born, Status) or born.name == goal.name:
            return None
        way = self._transitions.direct(kind, born.name, goal.name)
        if way is None or (kind, way.id) in self._useless or way.required:
            return None
        entries = self._transitions.entries(way, goal)
        return None if (entries if way.offered is None else entries.keys() & way.offered) else way

    def refuse(self, kind: str, way: Transition) -> None:
        """Notes that creates of this type do not take a transition."""
        self._useless.add((kind, way.id))

    def shown(self, kind: str, way: Transition | None) -> Showing | None:
        """What an issue created so shows beside what its draft said; None while none was read."""
        return self._seen.get((kind, way.id if way else ""))

    def read(self, kind: str, way: Transition | None, native: str) -> Observed | None:
        """The first issue created so, and notes how it looks; None when it cannot be read, which a later one may."""
        try:
            issue = self._project.issue(native, expand=EXPAND)
            if issue is None:
                return None
            with understood(f"issue {native}"):
                born = self._project.observe(issue, self._project.known_readers(), linked=marker_of(issue))
            self._transitions.learn(born, issue)
        except TrackerError:
            # It was created all the same: the next reading completes the picture.
            return None
        self._seen[kind, way.id if way else ""] = {
            field: born.showing[field] for field in _KNOWN if field in born.showing
        }
        status = born.showing.get(Field.STATUS)
        if way is not None and isinstance(status, Status) and status.name != way.goal:
            self.refuse(kind, way)
        return born
