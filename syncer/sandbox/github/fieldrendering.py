"""The JSON of issue fields and of what issues hold in them, as GitHub shows it."""

from __future__ import annotations

from syncer.sandbox.github.identity import node_id
from syncer.sandbox.github.issuefields import SELECTS, FieldOption, FieldValue, IssueField
from syncer.sandbox.github.model import Issue
from syncer.sandbox.github.rendering import Json, timestamp

_NODES = {"text": "IFT", "number": "IFN", "date": "IFD", "single_select": "IFSS", "multi_select": "IFMS"}


def issue_field_json(field: IssueField) -> Json:
    """Return a field of an organisation; one without choices has no `options`."""
    options = {"options": [_option_json(option) for option in field.options]} if field.data_type in SELECTS else {}
    return {
        "id": field.id,
        "node_id": node_id(_NODES[field.data_type], field.id),
        "name": field.name,
        "description": field.description,
        "data_type": field.data_type,
        "visibility": field.visibility,
        **options,
        "created_at": timestamp(field.created_at),
        "updated_at": timestamp(field.updated_at),
    }


def _option_json(option: FieldOption) -> Json:
    return {
        "id": option.id,
        "name": option.name,
        "description": option.description,
        "color": option.color,
        "priority": option.priority,
        "created_at": timestamp(option.created_at),
        "updated_at": timestamp(option.updated_at),
    }


def field_values_json(issue: Issue, *, everything: bool = True) -> list[Json]:
    """Return what an issue holds in its fields; not `everything`: in those that anybody may see."""
    return [
        _value_json(field, value)
        for field, value in issue.field_values.items()
        if everything or field.visibility == "all"
    ]


def _value_json(field: IssueField, value: FieldValue) -> Json:
    shown: Json = {
        "issue_field_id": field.id,
        "issue_field_name": field.name,
        "node_id": node_id(f"{_NODES[field.data_type]}V", field.id),
        "data_type": field.data_type,
    }
    if not isinstance(value, tuple):
        whole = isinstance(value, float) and value.is_integer()
        return {**shown, "value": int(value) if whole else value}
    chosen = [{"id": option.id, "name": option.name, "color": option.color} for option in value]
    if field.data_type == "single_select":
        return {**shown, "value": chosen[0]["id"], "single_select_option": chosen[0]}
    return {**shown, "value": None, "multi_select_options": chosen}
