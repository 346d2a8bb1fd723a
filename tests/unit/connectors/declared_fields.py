"""Connectors to which fields of Jira are declared, and what they show: for the tests of declared fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connectors.jira.connector import JiraConnector
from syncer.contract.conformance.world import Remembered, only, task_draft
from syncer.contract.custom import CustomField, DeclaredField
from syncer.contract.model import Field, Observed, Value
from tests.unit.connectors.jira_world import Office

EXTRA = Field.declared("extra")
OTHER = Field.declared("other")


def opened(place: Office, fields: Mapping[Field, object], **settings: Any) -> JiraConnector:
    """A connector to which fields are declared."""
    connector = place.open(**settings)
    connector.declare([DeclaredField(field, where) for field, where in fields.items()])
    return connector


def told(place: Office, where: str, **settings: Any) -> CustomField | str:
    """What is told of a field at a place."""
    return opened(place, {EXTRA: where}, **settings).declared()[EXTRA]


def listed(connector: JiraConnector) -> Observed:
    """The only issue, as a complete reading shows it."""
    (item,) = followed(connector).items.values()
    return item


def followed(connector: JiraConnector, store: Remembered | None = None) -> Remembered:
    store = store or Remembered()
    store.follow(connector)
    return store


def with_field(place: Office, key: str, value: Any) -> str:
    """The id of an issue that a person creates with something in a field."""
    fields: dict[str, Any] = {key: value}
    return place.issue("Only", **fields)


def drafted(connector: JiraConnector, **fields: Value) -> Observed:
    """A new issue with declared fields, by their names."""
    draft = task_draft(connector, "New")
    named = {Field.declared(name): value for name, value in fields.items()}
    return only(connector.create([replace(draft, fields={**draft.fields, **named})]))


def stored(place: Office, native: str, key: str, value: Any) -> None:
    """Puts a value into an issue past every check of Jira's, as an app or an import does."""
    issue = place.jira.issues[native]
    place.later(60)
    place.jira.commit(issue, place.jira.users["mia"], {key: value})
    place.later(60)
