"""Drafts and patches as Jira's JSON: what a create, an edit, a comment and a version are sent as. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from connectors.jira.custom import settled
from connectors.jira.dialect import Dialect
from connectors.jira.mapping import INTERNAL_PROPERTY, source_of
from connectors.jira.markers import PROPERTY
from connectors.jira.plain import one_line, plain_adf, speakable
from connectors.jira.site import Site
from syncer.contract.model import EDGE_SETS, Category, Draft, Field, Marker, Observed, Patch, Status, Value


def property_entries(marker: Marker) -> list[dict[str, Any]]:
    """The `properties` part of a creating request."""
    return [{"key": PROPERTY, "value": {"marker": str(marker)}}]


def limited(body: Mapping[str, Any], answered: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a new comment, for the readers of another one alone: its role or group, and that it is internal."""
    found, readers = answered.get("visibility"), {}
    if isinstance(found, Mapping):
        readers = {"visibility": {key: found[key] for key in ("type", "value") if key in found}}
    marks = (one for one in answered.get("properties") or () if isinstance(one, Mapping))
    internal = answered.get("jsdPublic") is False or any(one.get("key") == INTERNAL_PROPERTY for one in marks)
    mark = [{"key": INTERNAL_PROPERTY, "value": {"internal": True}}] if internal else []
    return {**body, **readers, "properties": [*body["properties"], *mark]}


def created_issue(
    draft: Draft,
    site: Site,
    default_type: str,
    left_out: frozenset[str] = frozenset(),
    given: Mapping[str, Any] | None = None,
    declared: Mapping[str, Any] | None = None,
    below: Observed | None = None,
) -> dict[str, Any]:
    """The body that creates an issue with what a create allows; the status follows by a transition.

    `left_out` are ids of fields that the create screen does not offer, `given` are the `create-fields` of the scope,
    `declared` the declared fields as the API takes them, `below` what a sub-task is a part of.
    """
    shown = draft.fields
    fields: dict[str, Any] = {
        "project": {"key": site.project},
        "issuetype": {"name": shown.get(Field.TYPE) or default_type},
    }
    for field, value in shown.items():
        if field in {Field.TYPE, Field.STATUS} or field.leads or field.custom or field in site.elsewhere or not value:
            continue
        key, content = _field_value(field, value, site)
        fields[key] = content
    filled = _filled(given or {}, {**fields, **(declared or {})}, site)
    kept = {key: value for key, value in filled.items() if key not in left_out}
    kept |= {"parent": {"id": below.ref.id}} if below is not None else {}
    return {"fields": kept, "properties": property_entries(draft.marker)}


def _filled(given: Mapping[str, Any], fields: Mapping[str, Any], site: Site) -> dict[str, Any]:
    """The fields, with what is given where they have nothing; elements are added to those of a set."""
    filled = dict(fields)
    for key, value in given.items():
        there = fields.get(key)
        if isinstance(value, list) and isinstance(there, list):
            filled[key] = [*there, *(element for element in value if element not in there)]
        elif not there:
            filled[key] = {site.dialect.account_key: value} if key == "assignee" and isinstance(value, str) else value
    return filled


def edited_issue(item: Observed, patch: Patch, site: Site, declared: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The body that changes an issue: single values by `fields`, sets by element in `update`; {} for nothing.

    `declared` are the declared fields of the patch as the API takes them.
    """
    fields: dict[str, Any] = dict(declared or {})
    update: dict[str, list[dict[str, Any]]] = {}
    for field, value in patch.items():
        match field:
            case _ if field is Field.STATUS or field.edges:
                continue  # written by requests of their own
            case _ if field in site.held:
                continue  # in `declared`
            case Field.PARENT if value is None and site.dialect.has_parents:
                update[_FIELD_IDS[field]] = [{"set": {"none": True}}]
            case Field.LABELS | Field.COMPONENTS | Field.MILESTONES:
                key, verbs = _set_verbs(field, item.showing.get(field), value)
                if verbs:
                    update[key] = verbs
            case _:
                key, content = _field_value(field, value, site)
                fields[key] = content
    return {name: part for name, part in (("fields", fields), ("update", update)) if part}


def _set_verbs(field: Field, before: Value, after: Value) -> tuple[str, list[dict[str, Any]]]:
    key = _FIELD_IDS[field]
    old, new = texts(before), texts(after)
    added = [{"add": _element(field, entry)} for entry in new if entry not in old]
    removed = [{"remove": _element(field, entry)} for entry in old if entry not in new]
    return key, [*added, *removed]


def _element(field: Field, entry: str) -> Any:
    match field:
        case Field.COMPONENTS:
            return {"name": entry}
        case Field.MILESTONES:
            return {"id": entry}
        case _:
            return entry


_FIELD_IDS = {
    Field.TITLE: "summary",
    Field.BODY: "description",
    Field.LABELS: "labels",
    Field.COMPONENTS: "components",
    Field.ASSIGNEES: "assignee",
    Field.PRIORITY: "priority",
    Field.TYPE: "issuetype",
    Field.MILESTONES: "fixVersions",
    Field.DUE: "duedate",
    Field.STATUS: "status",
    Field.PARENT: "parent",
    **dict.fromkeys(EDGE_SETS, "issuelinks"),
}


def field_id(field: Field, site: Site) -> str:
    """Jira's id of a field."""
    if field in site.held:
        return site.held[field].id
    if field is Field.START:
        return site.custom.start_date or "startDate"
    if field is Field.PARENT and not site.dialect.has_parents:
        return site.custom.epic_link or "parent"
    return _FIELD_IDS[field]


def _field_value(field: Field, value: Value, site: Site) -> tuple[str, Any]:  # noqa: PLR0911 - one return a field
    """Jira's id of a field and the JSON it takes for a value."""
    key = field_id(field, site)
    match field:
        case Field.TITLE:
            return key, one_line(str(value or ""))
        case Field.BODY:
            return key, body_of(str(value or ""), site.dialect)
        case Field.LABELS | Field.COMPONENTS | Field.MILESTONES:
            return key, [_element(field, entry) for entry in texts(value)]
        case Field.ASSIGNEES:
            people = texts(value)
            return key, {site.dialect.account_key: people[0]} if people else None
        case Field.PRIORITY | Field.TYPE | Field.STATUS:
            return key, {"name": value} if value else None
        case Field.PARENT:
            return key, {"id": value} if site.dialect.has_parents and value else value
        case Field.BLOCKED_BY | Field.RELATES | Field.DUPLICATES | Field.CLONES:
            raise ValueError(f"{field} is written link by link")
        case _ if field.custom:
            raise ValueError(f"{field} is none of the fields of the site")
        case Field.DUE | Field.START:
            return key, value.isoformat() if isinstance(value, date) else None


def body_of(source: str, dialect: Dialect) -> Any:
    """What the API takes for a body: an ADF document or null, or wiki text."""
    clean = speakable(source)
    if not dialect.rich_text:
        return clean
    if not clean:
        return None
    document = _adf(clean)
    return document if document is not None else plain_adf(clean)


def _adf(source: str) -> dict[str, Any] | None:
    try:
        found = json.loads(source)
    except ValueError:
        return None
    return found if isinstance(found, dict) and found.get("type") == "doc" else None


def plain_text(source: str, dialect: Dialect) -> str:
    """The text of a body for a place that holds plain text only, a version's description."""
    document = _adf(source) if dialect.rich_text else None
    if document is None:
        return speakable(source)
    lines = ["".join(_texts_in(block)) for block in document.get("content") or [] if isinstance(block, dict)]
    return "\n".join(lines).strip()


def _texts_in(node: Mapping[str, Any]) -> list[str]:
    if node.get("type") == "hardBreak":
        return ["\n"]
    own = [text] if isinstance(text := node.get("text"), str) else []
    inner = node.get("content")
    children = inner if isinstance(inner, list) else []
    return own + [part for child in children if isinstance(child, dict) for part in _texts_in(child)]


def texts(value: Value) -> tuple[str, ...]:
    """A set-valued field as a tuple; none for anything else."""
    return value if isinstance(value, tuple) else ()


def version_body(fields: Patch, dialect: Dialect) -> dict[str, Any]:
    """The body that creates or changes a version."""
    body: dict[str, Any] = {}
    for field, value in fields.items():
        match field:
            case Field.TITLE:
                body["name"] = one_line(str(value or ""))
            case Field.BODY:
                body["description"] = plain_text(str(value or ""), dialect)
            case Field.STATUS if isinstance(value, Status):
                body["released"] = value.name == "released" or (
                    value.name != "archived" and value.category is Category.DONE
                )
                body["archived"] = value.name == "archived"
            case Field.DUE:
                body["releaseDate"] = value.isoformat() if isinstance(value, date) else None
            case Field.START:
                body["startDate"] = value.isoformat() if isinstance(value, date) else None
            case _:
                continue
    return body


def written(fields: Patch, site: Site) -> dict[Field, Value]:
    """The values of a patch as the tracker will show them: cleaned, sorted, documents compact."""
    shown: dict[Field, Value] = {}
    for field, value in fields.items():
        match field:
            case _ if field in site.held:
                shown[field] = settled(site.held[field], value)
            case Field.TITLE:
                shown[field] = one_line(str(value or ""))
            case Field.BODY:
                sent = body_of(str(value or ""), site.dialect)
                shown[field] = source_of(sent, site.dialect, "body")
            case Field.LABELS | Field.COMPONENTS:
                shown[field] = tuple(sorted(texts(value)))
            case Field.ASSIGNEES:
                shown[field] = texts(value)[:1]
            case _ if field.edges:
                shown[field] = tuple(sorted(texts(value)))
            case _:
                shown[field] = value
    return shown
