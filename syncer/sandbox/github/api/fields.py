"""Routes of issue fields: those of an organisation, and what an issue holds in them."""

from __future__ import annotations

from collections.abc import Mapping

from syncer.sandbox.github import fieldvalues, requestfields
from syncer.sandbox.github.access import require, require_permission, require_read
from syncer.sandbox.github.api.http import Answer, Call, list_answer
from syncer.sandbox.github.api.people import COLORS, organization_of, owned_organization, require_member
from syncer.sandbox.github.fieldrendering import field_values_json, issue_field_json
from syncer.sandbox.github.fieldvalues import OptionGiven
from syncer.sandbox.github.issuefields import DATA_TYPES, SELECTS, DataType, FieldVisibility, IssueField
from syncer.sandbox.github.listing import Page
from syncer.sandbox.github.model import Account, Issue, Role
from syncer.sandbox.github.problems import forbidden, invalid_simply, not_found, wrong_type

_MOST_FIELDS = 25


def list_fields(call: Call) -> Answer:
    """Answer the fields of an organisation to its members and installations, where their token may read them."""
    organization = organization_of(call)
    require_member(call.caller, organization)
    require_permission(call.caller, "issue_fields")
    token = call.caller.token
    if token is not None and token.kind == "classic" and not {"read:org", "write:org", "admin:org"} & set(token.scopes):
        raise forbidden("Must have read:org scope.", {"x-accepted-oauth-scopes": "read:org"})
    return Answer(200, [issue_field_json(field) for field in organization.issue_fields])


def create_field(call: Call) -> Answer:
    """Add a field: the organisation's owners."""
    organization = owned_organization(call)
    given = call.fields()
    name, data_type = _name(call, organization, None), _data_type(given)
    if len(organization.issue_fields) >= _MOST_FIELDS:
        raise invalid_simply("An organization", f"may not have more than {_MOST_FIELDS} issue fields")
    field = fieldvalues.add_field(call.github, organization, name, data_type, _options(given))
    _describe(field, given)
    return Answer(200, issue_field_json(field))


def edit_field(call: Call) -> Answer:
    """Rename a field, describe it, or give it other options: the organisation's owners. Its type stays."""
    organization = owned_organization(call)
    field, given = _field(call, organization), call.fields()
    if "name" in given:
        field.name = _name(call, organization, field)
    if "options" in given and field.data_type in SELECTS:
        options = fieldvalues.made_options(call.github, field, _options(given))
        fieldvalues.replace_options(call.github, organization, field, options)
    _describe(field, given)
    field.updated_at = call.github.now()
    fieldvalues.refresh(call.github, organization)
    return Answer(200, issue_field_json(field))


def delete_field(call: Call) -> Answer:
    """Remove a field with all its values: the organisation's owners."""
    organization = owned_organization(call)
    fieldvalues.remove_field(call.github, organization, _field(call, organization))
    return Answer(204)


def list_values(call: Call, issue: Issue) -> Answer:
    """Answer a page of what an issue holds in its fields."""
    require_read(call.github, call.caller, issue.repository)
    rows = _values(call, issue)
    page = Page.of(call.query)
    return list_answer(call, issue.repository, len(rows), page.cut(rows), page)


def add_values(call: Call, issue: Issue) -> Answer:
    """Set the fields that are named; the others stay."""
    return _put(call, issue, issue.field_values)


def set_values(call: Call, issue: Issue) -> Answer:
    """Set the fields that are named, and take the others away."""
    return _put(call, issue, {})


def delete_value(call: Call, issue: Issue) -> Answer:
    """Take one value away; 404 where there is none."""
    actor = _editing(call, issue)
    fieldvalues.delete_value(call.github, issue, actor, int(call.params["issue_field_id"]), call.caller.app)
    return Answer(204)


def _put(call: Call, issue: Issue, kept: fieldvalues.Values) -> Answer:
    actor = _editing(call, issue)
    given = fieldvalues.given_values(issue.repository, call.fields())
    if given is None:
        raise not_found()
    fieldvalues.put_values(call.github, issue, actor, {**kept, **given}, call.caller.app)
    return Answer(200, _values(call, issue))


def _values(call: Call, issue: Issue) -> list[dict[str, object]]:
    everything = fieldvalues.sees_all_fields(call.caller.account, issue.repository)
    return field_values_json(issue, everything=everything)


def _editing(call: Call, issue: Issue) -> Account:
    """Return the acting account, which needs the role Triage; only the issues of an organisation have fields."""
    if issue.repository.owner.kind != "Organization" or issue.pull_request is not None:
        raise not_found()
    return require(call.github, call.caller, issue.repository, Role.TRIAGE)


def _field(call: Call, organization: Account) -> IssueField:
    """Return the field a path names, or raise 404."""
    field = fieldvalues.find_field(organization, call.params["issue_field_id"])
    if field is None:
        raise not_found()
    return field


def _name(call: Call, organization: Account, field: IssueField | None) -> str:
    """Return the name of a request; raise 422 for none, and for one that another field has."""
    name = (requestfields.optional_text(call.fields(), "name") or "").strip()
    if not name:
        raise invalid_simply("Name", "can't be blank")
    if any(other.name.casefold() == name.casefold() for other in organization.issue_fields if other is not field):
        raise invalid_simply("Name", "has already been taken")
    return name


def _data_type(given: Mapping[str, object]) -> DataType:
    wanted = next((each for each in DATA_TYPES if each == given.get("data_type")), None)
    if wanted is None:
        raise invalid_simply("Data type", "is not included in the list")
    return wanted


def _describe(field: IssueField, given: Mapping[str, object]) -> None:
    """Take description and visibility from a request, where it names them."""
    if "description" in given:
        field.description = requestfields.optional_text(given, "description")
    visibilities: tuple[FieldVisibility, ...] = ("organization_members_only", "all")
    field.visibility = next((each for each in visibilities if each == given.get("visibility")), field.visibility)


def _options(given: Mapping[str, object]) -> list[OptionGiven]:
    """Return the options of a request; raise 422 for what is none."""
    rows = given.get("options")
    if rows is not None and not isinstance(rows, list):
        raise wrong_type("options", rows, "an array")
    return [_option(row) for row in rows or ()]


def _option(row: object) -> OptionGiven:
    if not isinstance(row, Mapping):
        raise wrong_type("options/0", row, "an object")
    name, color, number = row.get("name"), row.get("color"), row.get("id")
    if not isinstance(name, str) or not name.strip() or color not in COLORS:
        raise invalid_simply("Options", "are invalid")
    return OptionGiven(name.strip(), str(color), number if isinstance(number, int) else None)
