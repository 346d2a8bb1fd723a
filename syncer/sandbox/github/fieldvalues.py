"""Issue fields of an organisation, and what issues hold in them: the rules behind the requests, without HTTP.

GitHub's documents say that values are set by the id of the field, options by their name, and that all is dropped
without a word where a repository is not of an organisation. That an update sets all fields at once, and that a value
which is not there cannot be deleted, is told by GitHub's own client (github/github-mcp-server, pkg/github/issues.go).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from syncer.sandbox.github.access import role_of
from syncer.sandbox.github.events import record
from syncer.sandbox.github.host import GitHubHost
from syncer.sandbox.github.issuefields import SELECTS, DataType, FieldOption, FieldValue, FieldVisibility, IssueField
from syncer.sandbox.github.model import Account, App, Issue, Repository, Role
from syncer.sandbox.github.problems import invalid, not_found, wrong_type
from syncer.sandbox.github.requestfields import Request

Values = dict[IssueField, FieldValue]


@dataclass(frozen=True, slots=True)
class OptionGiven:
    """An option as a request names it."""

    name: str
    color: str = "gray"
    id: int | None = None


_MOST = 25
"""Fields of an organisation, and values in one request."""


def sees_all_fields(account: Account | None, repository: Repository) -> bool:
    """True for members of the organisation and collaborators: others see the fields alone that are for everybody."""
    login = account.login.casefold() if account is not None else ""
    member = login in repository.owner.members or (account is not None and account.kind == "Bot")
    return member or login in repository.collaborators or role_of(account, repository) > Role.READ


def given_values(repository: Repository, request: Request) -> Values | None:
    """Return what a request names in `issue_field_values`, None where it names nothing or all of it is dropped.

    Raises 422 for a field that is not there, and for a value that does not fit its field.
    """
    given = request.get("issue_field_values")
    if given is None or repository.owner.kind != "Organization":
        return None
    if not isinstance(given, list):
        raise wrong_type("issue_field_values", given, "an array")
    if len(given) > _MOST:
        raise invalid("Issue", "issue_field_values", "custom", f"no more than {_MOST} values can be set at once")
    return dict(_given(repository.owner, entry) for entry in given)


def _given(organization: Account, entry: object) -> tuple[IssueField, FieldValue]:
    if not isinstance(entry, Mapping):
        raise wrong_type("issue_field_values/0", entry, "an object")
    field = find_field(organization, entry.get("field_id"))
    if field is None:
        raise invalid("Issue", "issue_field_values", "custom", f"Issue field {entry.get('field_id')} was not found")
    value = _value(field, entry.get("value"))
    if value is None:
        raise invalid("Issue", "issue_field_values", "custom", f"{field.name}: no value of a {field.data_type} field")
    return field, value


def find_field(organization: Account, field_id: object) -> IssueField | None:
    """Return the field of an organisation that has this id."""
    return next((field for field in organization.issue_fields if field.id == field_id), None)


def _value(field: IssueField, given: object) -> FieldValue | None:
    """Return a value as it is stored, None for one that the field does not take."""
    match field.data_type, given:
        case "text", str():
            return given
        case "number", int() | float() if not isinstance(given, bool):
            return float(given)
        case "date", str() if _is_day(given):
            return given
        case "single_select", str():
            chosen = field.option(given)
            return None if chosen is None else (chosen,)
        case "multi_select", list():
            options = [option for name in given if (option := field.option(name)) is not None]
            return tuple(options) if len(options) == len(given) else None
        case _:
            return None


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def set_values(github: GitHubHost, issue: Issue, actor: Account, wanted: Values, app: App | None = None) -> bool:
    """Make `wanted` what the issue holds, with an event each; True when something changed. A pull request has none."""
    before = issue.field_values
    if issue.pull_request is not None or wanted == before:
        return False
    for field in [*before, *(field for field in wanted if field not in before)]:
        if wanted.get(field) != before.get(field):
            kind = "removed" if field not in wanted else "changed" if field in before else "added"
            record(github, issue, f"issue_field_{kind}", actor, app)
    issue.field_values = dict(wanted)
    issue.rendered = None
    return True


def put_values(github: GitHubHost, issue: Issue, actor: Account, wanted: Values, app: App | None = None) -> None:
    """The same for a request about nothing else, which may move the time of the issue."""
    if set_values(github, issue, actor, wanted, app) and github.behaviour.field_changes_bump:
        issue.repository.touch(issue, github.now())


def delete_value(github: GitHubHost, issue: Issue, actor: Account, field_id: int, app: App | None = None) -> None:
    """Take one value away; raise 404 where there is none."""
    field = find_field(issue.repository.owner, field_id)
    if field is None or field not in issue.field_values:
        raise not_found()
    kept = {each: value for each, value in issue.field_values.items() if each is not field}
    put_values(github, issue, actor, kept, app)


def add_field(
    github: GitHubHost,
    organization: Account,
    name: str,
    data_type: DataType,
    options: Sequence[OptionGiven] = (),
    visibility: FieldVisibility = "organization_members_only",
) -> IssueField:
    """Add a field to an organisation."""
    now = github.now()
    field = IssueField(github.sequences.issue_field.take(), name, data_type, now, now, visibility=visibility)
    field.options = made_options(github, field, options)
    organization.issue_fields.append(field)
    return field


def made_options(github: GitHubHost, field: IssueField, given: Sequence[OptionGiven]) -> list[FieldOption]:
    """Return the options that a request gives: one with the id of an option there is, or else its name, is that one."""
    now, made = github.now(), list[FieldOption]()
    for position, each in enumerate(given, 1):
        found = next((one for one in field.options if one.id == each.id), None) or field.option(each.name)
        option = found or FieldOption(github.sequences.field_option.take(), each.name, each.color, position, now, now)
        option.name, option.color, option.priority = each.name, each.color, position
        made.append(option)
    return made


def remove_field(github: GitHubHost, organization: Account, field: IssueField) -> None:
    """Delete a field and all its values; the times of the issues do not move."""
    organization.issue_fields.remove(field)
    for issue in _issues_of(github, organization):
        issue.field_values.pop(field, None)
    refresh(github, organization)


def replace_options(github: GitHubHost, organization: Account, field: IssueField, options: list[FieldOption]) -> None:
    """Give a field other options. What becomes of values of a removed one is set by `Behaviour.removed_option`."""
    removed = [option for option in field.options if option not in options]
    field.options = options
    if github.behaviour.removed_option == "taken away" and field.data_type in SELECTS:
        for issue in _issues_of(github, organization):
            chosen = issue.field_values.get(field)
            if isinstance(chosen, tuple) and (kept := tuple(one for one in chosen if one not in removed)) != chosen:
                issue.field_values.pop(field)
                if kept:
                    issue.field_values[field] = kept
    refresh(github, organization)


def _issues_of(github: GitHubHost, organization: Account) -> list[Issue]:
    return [issue for one in github.repositories_of(organization) for issue in one.issues.values()]


def refresh(github: GitHubHost, organization: Account) -> None:
    """Let every issue of the organisation show its fields anew."""
    for repository in github.repositories_of(organization):
        repository.epoch += 1
