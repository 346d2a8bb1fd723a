"""The declared fields of a project: what reads, creates and updates share of them, and why one cannot be written."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from connectors.jira.answers import Forbidden, Invalid
from connectors.jira.boards import SprintBoards
from connectors.jira.custom import KINDS
from connectors.jira.declared import SiteFields, Told
from connectors.jira.field_bodies import FieldBodies, sent_as
from connectors.jira.json_fields import Json, as_object
from connectors.jira.link_types import LinkType
from connectors.jira.project import Project
from connectors.jira.screens import Screens
from connectors.jira.site import HeldField, Site
from connectors.jira.vanished import Vanished
from syncer.contract.capabilities import Capabilities
from syncer.contract.custom import CustomField, Resolved
from syncer.contract.errors import Gone, Rejected
from syncer.contract.model import Field, Kind, Observed, Patch, Showing


class ProjectFields:
    """The declared fields of a project, for whoever reads and writes them."""

    def __init__(self, project: Project, screens: Screens) -> None:
        self._project = project
        self.screens = screens
        self.fields = SiteFields(project)
        self.boards = SprintBoards(project)
        self.bodies = FieldBodies(project, screens, self.boards)
        self.vanished = Vanished(project, screens, self.fields)
        self._shown: set[str] = set()
        self._last: Json | None = None
        self._chosen: dict[Field, tuple[str, ...]] | None = None
        self._extended: tuple[Site, Capabilities] | None = None

    @property
    def sprints(self) -> tuple[Field, ...]:
        """The fields that hold a sprint, which are written by requests of their own."""
        held = self._project.site.held
        return tuple(field for field, one in held.items() if one.kind == "sprint" and not one.read_only)

    def told(self) -> Resolved:
        """See `CustomHolder.declared`. Options are told where nothing was listed: a run asks for those it needs."""
        if self._chosen is None and not self.fields.listed:
            held = {field: one for field, one in self.fields.found.items() if isinstance(one, HeldField)}
            self._chosen = {field: self._options(one) for field, one in held.items()}
            self._extended = None
        return {field: self._described(field, one) for field, one in self.fields.found.items()}

    def _described(self, field: Field, held: Told) -> CustomField | str:
        if isinstance(held, str):
            return held
        if isinstance(held, LinkType):
            return CustomField(held.type, held.name, held.id)
        return CustomField(
            KINDS[held.kind].type, held.name, held.id, held.read_only, (self._chosen or {}).get(field, ())
        )

    def extend(self, able: Capabilities) -> Capabilities:
        """The capabilities of a project that has these fields, too, as far as that is known."""
        if not self.fields.known:
            return able
        site = self._project.site
        if self._extended is None or self._extended[0] is not site:
            found = able.with_declared(self.told())
            task = {field: how for field, how in found.fields[Kind.TASK].items() if field not in found.unheld}
            self._extended = site, replace(found, fields={**found.fields, Kind.TASK: task})
        return self._extended[1]

    def _options(self, held: HeldField) -> tuple[str, ...]:
        """What may be chosen in a field of a new issue; nothing where that is not told, or asked of nobody."""
        if held.kind == "sprint":
            with suppress(Forbidden, Gone, Rejected):
                return tuple(self.boards.open_sprints())
        if not KINDS[held.kind].chosen:
            return ()
        entry = self.screens.creating(self._project.scope.type).get(held.id)
        return tuple(entry.ids) if entry is not None else ()

    def begin(self) -> None:
        """Finds the fields for a complete reading, and has no issue shown any of them yet."""
        self._shown, self._last = set(), None
        self.fields.listed = True
        self.fields.find()

    def note(self, issues: Sequence[Json]) -> None:
        """Notes which of the fields issues have, be it with nothing in them."""
        for issue in issues:
            fields = issue.get("fields")
            self._shown |= fields.keys() if isinstance(fields, dict) else set()
            self._last = issue

    def finish(self) -> None:
        """Says of a field that no issue has that it is none of this project: one of them is asked for its screen."""
        missing = {
            field: held
            for field, held in self._project.site.held.items()
            if held.id not in self._shown and not held.read_only and field not in self.sprints
        }
        if not missing or self._last is None:
            return
        kind = as_object(self._last.get("fields"), "issue.fields").get("issuetype")
        name = str(kind.get("name")) if isinstance(kind, dict) else ""
        screen = self.screens.editing(name, str(self._last.get("id")))
        key = self._project.scope.project
        for field, held in missing.items():
            if screen and sent_as(held) not in screen:
                what = f'has a field "{held.name}" ({held.id}) that no issue of {key} has'
                self.fields.miss(field, f"{what}: add {key} to its contexts, and the field to the screens")

    def require_shown(self, item: Observed, patch: Patch) -> None:
        """Raises Rejected for a declared field that the issue does not show: it has none, or one that is not read."""
        for field, why in self._not_shown(item, patch).items():
            raise Rejected(f"{field} of {item.key}: {why}")

    def _not_shown(self, item: Observed, patch: Patch) -> dict[Field, str]:
        found: dict[Field, str] = {}
        for field in patch:
            reason = self.fields.found.get(field)
            if isinstance(reason, str):
                found[field] = f"Jira {reason}"
            elif reason is not None and field not in item.showing:
                found[field] = f'it has no "{reason.name}" ({reason.id}), or what stands there cannot be carried'
        return found

    def unsendable(self, item: Observed | None, fields: Showing) -> dict[Field, str]:
        """See `Foreseer`. A sprint that is to be made is found out by making it."""
        found = {} if item is None else self._not_shown(item, fields)
        found |= self.bodies.unsendable(item, fields, {*found, *self.fields.made})
        return found if item is None else {field: f"{field} of {item.key}: {why}" for field, why in found.items()}

    def explain(self, item: Observed, patch: Patch, refusal: Invalid) -> None:
        """Raises Rejected with the reason where an edit was refused for a field that is not what it was any more."""
        blamed = {
            field: held
            for field, held in self._project.site.held.items()
            if field in patch and sent_as(held) in refusal.fields
        }
        if not blamed:
            return
        self.fields.find()
        for field, held in blamed.items():
            now = self.fields.found[field]
            if isinstance(now, str):
                raise Rejected(f"{field} of {item.key}: Jira {now}") from refusal
            if isinstance(now, HeldField) and now.read_only and not held.read_only:
                raise Rejected(f'{field} of {item.key}: "{now.name}" is computed now: nobody enters it') from refusal
            raise Rejected(f"{field} of {item.key}: {refusal.fields[sent_as(held)]}") from refusal
