"""Values of declared fields that are gone from an issue without anybody having taken them away.

Why. Where an option is removed, every issue loses it; where a field leaves a project's contexts, Jira may show nothing
in it. Neither stands in a changelog. Taken for an edit, it would empty the other side. So where a field shows less than
it did, the edit screen of one issue of that type is asked: where the field is not on it, or the option is none of its
options any more, the value is shown as it was until somebody enters another one. Where a listed issue does not have a
field any more that it had, the site is asked once whether the field is still what it was.
"""

from __future__ import annotations

from collections.abc import Iterator

from connectors.jira.custom import KINDS, KeptValue, is_filled, names_in, shown_of
from connectors.jira.declared import SiteFields
from connectors.jira.json_fields import Json
from connectors.jira.project import Project
from connectors.jira.screens import Screens
from connectors.jira.site import HeldField
from syncer.contract.model import Observed, Value


class Vanished:
    """Keeps such values in the JSON of issues, for whoever reads them."""

    def __init__(self, project: Project, screens: Screens, fields: SiteFields) -> None:
        self._project = project
        self._screens = screens
        self._fields = fields

    def kept(self, issue: Json, stored: Observed | None) -> Json:
        """The issue with the values that only seem to have been taken away."""
        fields = issue.get("fields")
        if stored is None or not self._project.site.held or not isinstance(fields, dict):
            return issue
        kept = {held.id: KeptValue(value) for held, value in self._lost(issue, fields, stored)}
        return {**issue, "fields": {**fields, **kept}} if kept else issue

    def notice(self, issue: Json, stored: Observed | None) -> None:
        """Has the site asked for its fields again where a listed issue does not have one that it had."""
        fields = issue.get("fields")
        if stored is None or not isinstance(fields, dict):
            return
        if any(field in stored.showing and held.id not in fields for field, held in self._project.site.held.items()):
            self._fields.doubt()

    def _lost(self, issue: Json, fields: Json, stored: Observed) -> Iterator[tuple[HeldField, Value]]:
        shown = shown_of(fields, self._project.site, stored.key)
        for field, held in self._project.site.held.items():
            before, now = stored.showing.get(field), shown.get(field)
            if field not in shown or held.read_only or held.kind == "sprint":
                continue
            gone = _taken_away(held, before, now)
            if gone and not self._could_be_taken(held, gone, issue, fields):
                yield held, before

    def _could_be_taken(self, held: HeldField, gone: tuple[str, ...], issue: Json, fields: Json) -> bool:
        """Whether somebody who edits the issue could have taken that out of the field."""
        kind = fields.get("issuetype")
        name = str(kind.get("name")) if isinstance(kind, dict) else ""
        entry = self._screens.editing(name, str(issue.get("id"))).get(held.id)
        return entry is not None and (not KINDS[held.kind].chosen or entry.ids.keys() >= set(gone))


def _taken_away(held: HeldField, before: Value, now: Value) -> tuple[str, ...]:
    """What a field held and holds no more, where nothing stands in its place; empty where nothing is missing."""
    if not is_filled(before):
        return ()
    if KINDS[held.kind].several:
        return tuple(name for name in names_in(before) if name not in names_in(now))
    return () if is_filled(now) else names_in(before) or (str(before),)
