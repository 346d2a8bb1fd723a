"""What a site tells of the fields that a pair declares: found by name or id in one list, remembered in the cursor.

Why it is remembered. The list of a site's fields is long, and a run with nothing to do asks for nothing but changes. So
a complete reading finds the fields, its cursor carries what they are, and a refused write has them found anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, replace
from typing import Any, Final

from connectors.jira.boards import SprintLocator
from connectors.jira.custom import KINDS, kind_of
from connectors.jira.json_fields import Json, as_object, as_objects
from connectors.jira.link_types import LinkLocator, LinkType, carried_types, found_type
from connectors.jira.project import Project, understood
from connectors.jira.settings import is_field_id
from connectors.jira.site import HeldField
from syncer.contract.custom import DeclaredField
from syncer.contract.model import Field
from syncer.contract.naming import did_you_mean

Told = HeldField | LinkType | str
"""What a declared field is, or why it cannot be held."""

_RANK: Final = "rank"
"""Stands in a cursor beside the values of fields; it is none of them."""
ID: Final = re.compile(r"customfield_\d+")


def custom_locator(value: object) -> str | SprintLocator:
    """See `ConnectorKind.custom_locator`: the name of a field, or its id; a table where sprints may be made."""
    if isinstance(value, Mapping):
        return _sprint_locator(value)
    locator = value.strip() if isinstance(value, str) else ""
    if not locator:
        raise ValueError('is the name of a field of Jira or its id: "Story points", "customfield_10016"')
    return locator


def _sprint_locator(value: Mapping[str, object]) -> str | SprintLocator:
    """The locator of a field for sprints: `{ field = "Sprint", create = true, board = "PAY board" }`."""
    field, create, board = value.get("field"), value.get("create"), value.get("board")
    known = value.keys() <= {"field", "create", "board"} and isinstance(create, bool)
    if not known or not isinstance(field, str) or not isinstance(board, int | str | None) or isinstance(board, bool):
        raise ValueError(
            'is the name of a field of Jira or its id: "Story points", "customfield_10016"; or, where sprints may be'
            ' made, { field = "Sprint", create = true }, with board = "NAME" where the project has several'
        )
    name = str(custom_locator(field))
    return SprintLocator(name, board) if create else name


class SiteFields:
    """The declared fields of a pair. What was found stands in `Project.site`, too, by which issues are read."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._locators: dict[Field, str] = {}
        self._links: dict[Field, LinkLocator] = {}
        self._rank = "" if is_field_id(project.tracker.rank) else project.tracker.rank or ""
        """The name of the field with ranks, where the file gives no id."""
        self._found: dict[Field, Told] | None = None if self._rank else {}
        self.made: Mapping[Field, SprintLocator] = {}
        """The fields for whose values sprints may be made."""
        self._certain = False
        """The site was asked in this reading."""
        self.listed = False
        """Whether they were looked for because issues are listed."""

    def declare(self, fields: Sequence[DeclaredField]) -> None:
        """Takes by which locator a pair finds each of its fields. Asks nothing."""
        self._links = {one.field: one.locator for one in fields if isinstance(one.locator, LinkLocator)}
        self._locators = {one.field: str(one.locator) for one in fields if one.field not in self._links}
        self.made = {one.field: one.locator for one in fields if isinstance(one.locator, SprintLocator)}
        self._found = None if fields or self._rank else {}
        elsewhere = frozenset(field for field in self._locators if not field.custom)
        links = carried_types(dict.fromkeys(self._links, "not asked for yet"))
        self._project.site = replace(self._project.site, held={}, links=links, elsewhere=elsewhere)

    @property
    def known(self) -> bool:
        """Whether the site was asked, or a cursor told."""
        return self._found is not None

    @property
    def found(self) -> dict[Field, Told]:
        """What each field is, or why it cannot be held; found where that is not known."""
        self.ensure()
        return self._found or {}

    def ensure(self) -> None:
        """Finds the fields where that is not known: somebody reads or writes before anything was listed."""
        if self._found is None:
            self.find()

    def find(self) -> None:
        """Asks the site for its fields and its types of links, where some are declared."""
        found: dict[Field, Told] = {}
        if self._locators or self._rank:
            with understood("field"):
                listed = as_objects(self._project.client.get("/field"), "field")
            here = self._of_this_project(listed)
            self._rank_by(next((str(told.get("id")) for told in _matching(self._rank, here)), ""))
            found |= {field: _found(locator, here) for field, locator in self._locators.items()}
        if self._links:
            with understood("issueLinkType"):
                answer = as_object(self._project.client.get("/issueLinkType"), "issueLinkType")
                types = as_objects(answer.get("issueLinkTypes") or [], "issueLinkTypes")
            found |= {field: found_type(field, locator, types) for field, locator in self._links.items()}
        if found or self._rank:
            self._take(found)
            self._certain = True

    def _rank_by(self, native: str) -> None:
        """Has the rank read from a field, where the file gives its name."""
        if self._rank:
            site = self._project.site
            self._project.site = replace(site, custom=replace(site.custom, rank=native or None))

    def doubt(self) -> None:
        """Finds the fields anew, once in a reading: one of them may be gone."""
        if not self._certain:
            self.find()

    def miss(self, field: Field, reason: str) -> None:
        """Notes why a field that the site has cannot be held."""
        self._take({**self.found, field: reason})

    def remembered(self) -> str:
        """What was found, for a cursor; empty where nothing is declared."""
        if not self._found and not (self._rank and self.known):
            return ""
        found = self._found or {}
        held: dict[str, Any] = {_RANK: self._project.site.custom.rank or ""} if self._rank else {}
        held |= {field.value: one if isinstance(one, str) else astuple(one) for field, one in found.items()}
        return json.dumps([self._declaration(), held], ensure_ascii=False, separators=(",", ":"))

    def recall(self, remembered: str) -> None:
        """Takes what a cursor remembers; finds it where the cursor knows of other declarations."""
        self.listed, self._certain = True, False
        if self._found is not None:
            return
        try:
            declaration, held = json.loads(remembered or "[null, null]")
            if declaration == self._declaration():
                self._rank_by(str(held.pop(_RANK, "")))
                self._take({Field(name): _recalled(Field(name), one) for name, one in held.items()})
        except (ValueError, TypeError, AttributeError):
            self._found = None
        if self._found is None:
            self.find()

    def _declaration(self) -> dict[str, str]:
        rank = {_RANK: self._rank} if self._rank else {}
        return rank | {field.value: str(locator) for field, locator in (*self._locators.items(), *self._links.items())}

    def _take(self, found: dict[Field, Told]) -> None:
        self._found = found
        held = {field: one for field, one in found.items() if isinstance(one, HeldField)}
        links = carried_types({field: one for field, one in found.items() if not isinstance(one, HeldField)})
        self._project.site = replace(self._project.site, held=held, links=links)

    def _of_this_project(self, listed: Iterable[Json]) -> list[Json]:
        """The fields without those that other team-managed projects keep for themselves; its own before the site's."""
        own, site = [], []
        for told in listed:
            owner = _owner(told)
            if not owner:
                site.append(told)
            elif owner == self._project.known_id():
                own.append(told)
        names = {str(told.get("name")) for told in own}
        return [*own, *(told for told in site if told.get("name") not in names)]


def _owner(told: Json) -> str:
    """The id of the team-managed project that keeps a field for itself; empty for a field of the site."""
    scope = told.get("scope")
    project = scope.get("project") if isinstance(scope, dict) else None
    return str(project.get("id")) if isinstance(project, dict) else ""


def _found(locator: str, listed: Sequence[Json]) -> HeldField | str:
    """The field that a locator names, or why there is none that can be carried."""
    matching = _matching(locator, listed)
    if not matching:
        return f'has no field "{locator}"{_nearest(locator, listed)}'
    if len(matching) > 1:
        ids = ", ".join(str(told.get("id")) for told in matching)
        return f'has several fields called "{locator}": write the id of one of them ({ids})'
    (told,) = matching
    kind = kind_of(told)
    if isinstance(kind, str):
        return f'has a field "{locator}" that {kind}'
    return HeldField(str(told.get("id")), str(told.get("name")), *kind)


def _matching(locator: str, listed: Sequence[Json]) -> list[Json]:
    """The fields with an id, else those with a name, else those with one that differs in case alone."""
    for named in (
        [told for told in listed if told.get("id") == locator],
        [told for told in listed if told.get("name") == locator],
    ):
        if named or ID.fullmatch(locator):
            return named
    return [told for told in listed if str(told.get("name")).casefold() == locator.casefold()]


def _nearest(locator: str, listed: Sequence[Json]) -> str:
    return did_you_mean(locator, [str(told.get("name")) for told in listed if told.get("custom") is True])


def _recalled(field: Field, one: Any) -> Told:
    """A field as a cursor has it. Raises ValueError for one of a kind that this version does not know."""
    if isinstance(one, str):
        return one
    if field.edges:
        name, ends, native = one
        return LinkType(str(name), tuple(map(str, ends)), str(native))
    native, name, kind, read_only = one
    if kind not in KINDS:
        raise ValueError(kind)
    return HeldField(str(native), str(name), str(kind), bool(read_only))
