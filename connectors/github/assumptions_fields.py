"""What this connector takes for granted about issue fields, with the evidence for each."""

from __future__ import annotations

from typing import Final

from syncer.contract.assumptions import Assumption, Evidence

ABOUT_FIELDS: Final = (
    Assumption(
        id="github.issue-fields.values-in-every-answer",
        behaviour="An issue shows in `issue_field_values` what it holds, a choice by the name of its option, in lists"
        " and in the answers to a create and an update alike; a field in which it holds nothing is not among them.",
        evidence=Evidence.SPECIFICATION,
        source="GitHub's OpenAPI document, schemas issue and issue-field-value",
        where=("connectors.github.issue_values.held",),
        safe="Of an issue that does not show the list, or a value that makes sense, the field stays as it was.",
    ),
    Assumption(
        id="github.issue-fields.set-all-at-once",
        behaviour="An update that names fields takes away what the issue holds in others.",
        evidence=Evidence.REPORT,
        source="github/github-mcp-server, pkg/github/issues.go: REST PATCH uses set semantics",
        where=("connectors.github.issue_fields.IssueFields", "connectors.github.updating.update"),
        safe="What the issue held a moment before is sent along. A value that stays though it was not named is deleted"
        " by itself, and what cannot be sent along, or is refused, is written at the address of the values.",
    ),
    Assumption(
        id="github.issue-fields.option-by-name",
        behaviour="A choice is set by the name of its option, and a name that is none is refused.",
        evidence=Evidence.REPORT,
        source="github/github-mcp-server, pkg/github/issues.go; GitHub's OpenAPI document: an array of option names",
        where=("connectors.github.issue_values.sent",),
        safe="A name that the organisation does not list is not sent; a refusal is held by the name of the field.",
    ),
    Assumption(
        id="github.issue-fields.dropped-without-a-word",
        behaviour="Values are dropped without an error where the repository is not of an organisation that has fields,"
        " or the account may not triage.",
        evidence=Evidence.DOCUMENTATION,
        source="github/rest-api-description#6392; GitHub documentation, Adding and managing issue fields",
        where=("connectors.github.issue_fields.IssueFields",),
        safe="What the answer does not show is owed, and written again later; `check` names a person's repository.",
    ),
    Assumption(
        id="github.issue-fields.told-to-members",
        behaviour="The fields of an organisation are told to a token with its permission Issue Fields (read), or with"
        " the scope read:org; others get 403 or 404.",
        evidence=Evidence.DOCUMENTATION,
        source="GitHub REST API, List issue fields for an organization",
        where=("connectors.github.issue_fields.IssueFields",),
        safe="No declared field is held there, nothing is taken for empty, and `check` says what the token lacks.",
    ),
    Assumption(
        id="github.issue-fields.hidden-from-strangers",
        behaviour="A field for the organisation only is shown to its members and to collaborators, and to nobody else.",
        evidence=Evidence.DOCUMENTATION,
        source="GitHub documentation, Managing issue fields in your organization: Setting field visibility",
        where=("connectors.github.issue_fields.IssueFields",),
        safe="Where a value is gone the organisation is asked again before it counts as emptied.",
    ),
    Assumption(
        id="github.issue-fields.option-removed",
        behaviour="With an option, the values that named it go from the issues.",
        evidence=Evidence.UNVERIFIED,
        source="the documentation says it of fields that are deleted, and nothing of options",
        where=("connectors.github.issue_fields.IssueFields",),
        safe="Whether they go or stay: the choice counts as it was until somebody chooses anew.",
    ),
    Assumption(
        id="github.issue-fields.change-moves-its-issue",
        behaviour="A change in a field moves the `updated_at` of its issue.",
        evidence=Evidence.UNVERIFIED,
        source="the documentation tells of an event in the timeline, and nothing of the time",
        where=("connectors.github.listing.Listing",),
        safe="The complete reading (`sweep-every`) sees it at the latest.",
    ),
)
