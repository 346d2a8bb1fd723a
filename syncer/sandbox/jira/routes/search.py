"""Searching: the token-paged search of Cloud, the offset-paged search of Data Center, and counting."""

from __future__ import annotations

from typing import Any

from syncer.sandbox.jira.bodies import strings
from syncer.sandbox.jira.fields import select_fields
from syncer.sandbox.jira.metadata import expanded_transitions
from syncer.sandbox.jira.problems import JiraError, invalid
from syncer.sandbox.jira.web import Call, Registry, as_number

AREA = Registry()

_CLOUD_LARGEST = 5000
_CLOUD_LARGEST_WITH_FIELDS = 100
_DATA_CENTER_LARGEST = 1000
_MOST_PROPERTIES = 5
_MOST_RECONCILED = 50


@AREA.on("GET POST", "/search", "cloud")
def removed_search(call: Call) -> Any:
    """Answers 410: Cloud removed the offset-paged search in 2025."""
    message = "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API."
    raise JiraError(410, [message])


@AREA.on("GET", "/search/jql", "cloud")
def get_search(call: Call) -> Any:
    """Searches with a query string."""
    body: dict[str, Any] = {
        "jql": call.text("jql"),
        "fields": call.words("fields"),
        "properties": call.words("properties"),
        "expand": call.text("expand"),
        "reconcileIssues": call.words("reconcileIssues"),
        "maxResults": call.number("maxResults", 50),
    }
    if call.text("nextPageToken"):
        body["nextPageToken"] = call.text("nextPageToken")
    return _search_by_token(call, body)


@AREA.on("POST", "/search/jql", "cloud")
def post_search(call: Call) -> Any:
    """Searches with a body."""
    return _search_by_token(call, call.body())


def _search_by_token(call: Call, body: dict[str, Any]) -> Any:
    render = call.render
    fields = select_fields(call.jira.fields, (strings(body, "fields") or ["id"]), "id")
    properties, reconcile = (
        strings(body, "properties", _MOST_PROPERTIES),
        strings(body, "reconcileIssues", _MOST_RECONCILED),
    )
    expand = [each for each in str(body.get("expand") or "").split(",") if each]
    wanted = as_number("maxResults", body.get("maxResults", 50))
    if wanted < 1:
        raise invalid("The maxResults value must be between 1 and 5000.")
    slim = not fields and not properties and not expand
    size = min(wanted, _CLOUD_LARGEST if slim else _CLOUD_LARGEST_WITH_FIELDS)
    page = call.jira.searcher.token_page(
        call.account, str(body.get("jql") or ""), body.get("nextPageToken"), size, reconcile
    )
    keyed = bool({"*all", "*navigable", "key"} & set(strings(body, "fields")))
    issues = []
    for issue_id, content in page.issues:
        issue = call.jira.issues[issue_id]
        shown = render.issue(issue, fields, content=content, properties=properties, expand=expand)
        shown |= expanded_transitions(render, issue, expand)
        issues.append({"id": issue_id} if slim and not keyed else shown)
    answer: dict[str, Any] = {"issues": issues}
    if page.token is not None:
        answer["nextPageToken"] = page.token
    answer["isLast"] = page.token is None
    return answer


@AREA.on("POST", "/search/approximate-count", "cloud")
def count(call: Call) -> Any:
    """Counts the issues that match."""
    return {"count": call.jira.searcher.count(call.account, str(call.body().get("jql") or ""))}


@AREA.on("GET", "/search", "datacenter")
def get_offset_search(call: Call) -> Any:
    """Searches with a query string."""
    body = {
        "jql": call.text("jql"),
        "fields": call.words("fields"),
        "startAt": call.number("startAt", 0),
        "maxResults": call.number("maxResults", 50),
        "expand": call.words("expand"),
        "properties": call.words("properties"),
    }
    return _search_by_offset(call, body)


@AREA.on("POST", "/search", "datacenter")
def post_offset_search(call: Call) -> Any:
    """Searches with a body."""
    return _search_by_offset(call, call.body())


def _search_by_offset(call: Call, body: dict[str, Any]) -> Any:
    render = call.render
    start = max(0, as_number("startAt", body.get("startAt", 0)))
    wanted = as_number("maxResults", body.get("maxResults", 50))
    size = _DATA_CENTER_LARGEST if wanted < 0 else min(wanted, _DATA_CENTER_LARGEST)
    fields = select_fields(call.jira.fields, (strings(body, "fields") or ["*navigable"]), "*navigable")
    window = call.jira.result_window
    if window is not None and start + size > window:
        raise invalid(f"Result window is too large, from + size must be less than or equal to: [{window}]")
    page = call.jira.searcher.offset_page(call.account, str(body.get("jql") or ""), start, size)
    expand = [each for word in strings(body, "expand") for each in word.split(",")]
    issues = [
        render.issue(
            call.jira.issues[issue_id],
            fields,
            content=content,
            properties=strings(body, "properties"),
            expand=expand,
        )
        for issue_id, content in page.issues
    ]
    return {"expand": "schema,names", "startAt": start, "maxResults": size, "total": page.total, "issues": issues}


@AREA.on("POST", "/issue/bulkfetch", "cloud")
def bulk_fetch(call: Call) -> Any:
    """Reads up to 100 issues from the database, never from the index; what is absent or hidden is an error element."""
    body, render = call.body(), call.render
    wanted = strings(body, "issueIdsOrKeys")
    if not wanted or len(wanted) > _CLOUD_LARGEST_WITH_FIELDS:
        raise invalid("Between 1 and 100 issue ids or keys must be provided.")
    fields = select_fields(call.jira.fields, (strings(body, "fields") or ["*navigable"]), "*navigable")
    properties = strings(body, "properties", _MOST_PROPERTIES)
    expand = strings(body, "expand")
    issues: list[Any] = []
    errors: list[Any] = []
    seen: set[str] = set()
    for each in wanted:
        try:
            issue = call.visible_issue(each)
        except JiraError as problem:
            errors.append({"id": each, "errorMessage": problem.messages[0]})
            continue
        if issue.id not in seen:
            seen.add(issue.id)
            issues.append(render.issue(issue, fields, properties=properties, expand=expand))
    issues.sort(key=lambda shown: int(shown["id"]))
    return {"issues": issues, "issueErrors": errors}
