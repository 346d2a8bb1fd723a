"""Keeps the custom fields of a site: what administrators do to them while issues have values in them.

An option that is renamed shows its new name everywhere, one that is disabled stays where it is and is chosen by nobody,
one that is removed is gone from every issue. No source says that any of it moves an issue's time of change or stands in
its changelog: here it does neither, which is the hardest for who reads.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from syncer.sandbox.jira.fields import custom_field
from syncer.sandbox.jira.records import FieldDefinition
from syncer.sandbox.jira.site import locked
from syncer.sandbox.jira.store import IssueStore


class FieldStore(IssueStore):
    """The custom fields of a site, and the options of those that have some."""

    @locked
    def add_custom_field(
        self, name: str, kind: str, options: Iterable[str] = (), *, team: str | None = None
    ) -> FieldDefinition:
        """Adds a custom field on every screen; kinds are those of `fields.custom_field`.

        `team` is the key of the team-managed project that keeps it for itself.
        """
        definition = custom_field(f"customfield_{self.next_id('customfield', 10100)}", name, kind)
        if team is not None:
            project = self.project(team).id
            definition = replace(definition, scope=project, projects=frozenset({project}))
        self.fields[definition.id] = definition
        self.options[definition.id] = {}
        for value in options:
            self.add_option(definition.id, value)
        for issue in self.issues.values():
            issue.content = {**issue.content, definition.id: None}
            self.index.write(self.clock.now(), issue.id, issue.content)
        self.metadata_generation += 1
        return definition

    @locked
    def rename_field(self, identifier: str, name: str) -> None:
        """Gives a custom field another name; its id and its values stay."""
        definition = self.fields[identifier]
        clauses = (name, *definition.clauses[1:])
        self.fields[identifier] = replace(definition, name=name, clauses=clauses)
        self.metadata_generation += 1

    @locked
    def delete_field(self, identifier: str) -> None:
        """Deletes a custom field: no issue shows it, and nothing lists it any more."""
        del self.fields[identifier]
        self.metadata_generation += 1

    @locked
    def retype_field(self, identifier: str, kind: str) -> None:
        """Puts a field of another type in the place of one: an app that computes what people entered, for instance."""
        former = self.fields[identifier]
        made = custom_field(identifier, former.name, kind)
        self.fields[identifier] = replace(made, projects=former.projects, scope=former.scope)
        self.metadata_generation += 1

    @locked
    def limit_field(self, identifier: str, *project_keys: str) -> None:
        """Limits the contexts of a custom field to some projects: issues of others do not have it any more."""
        projects = frozenset(self.project(key).id for key in project_keys)
        self.fields[identifier] = replace(self.fields[identifier], projects=projects)
        self.metadata_generation += 1

    @locked
    def add_option(self, identifier: str, value: str) -> str:
        """Adds an option and returns its id."""
        option = {"id": str(self.next_id("option")), "value": value}
        self.options[identifier][value] = option
        self.metadata_generation += 1
        return option["id"]

    @locked
    def rename_option(self, identifier: str, value: str, new: str) -> None:
        """Gives an option another name, which every issue shows that has it; its id stays."""
        options = self.options[identifier]
        options[value]["value"] = new
        self.options[identifier] = {each["value"]: each for each in options.values()}
        self.metadata_generation += 1

    @locked
    def disable_option(self, identifier: str, value: str) -> None:
        """Disables an option: issues keep it, and nobody can choose it."""
        self.disabled_options.add(self.options[identifier][value]["id"])
        self.metadata_generation += 1

    @locked
    def remove_option(self, identifier: str, value: str) -> None:
        """Removes an option from the field and from every issue."""
        gone = self.options[identifier].pop(value)
        for issue in self.issues.values():
            held = issue.content.get(identifier)
            if held == gone or (isinstance(held, tuple) and gone in held):
                issue.content = {**issue.content, identifier: _without(held, gone)}
                self.index.write(self.clock.now(), issue.id, issue.content)
        self.metadata_generation += 1


def _without(held: Any, gone: dict[str, str]) -> Any:
    rest = tuple(each for each in held if each != gone) if isinstance(held, tuple) else ()
    return rest or None
