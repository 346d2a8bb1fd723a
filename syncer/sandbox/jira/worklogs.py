"""Logs time on issues and keeps what is spent and what remains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from syncer.sandbox.jira import comments, permissions, values
from syncer.sandbox.jira.problems import FieldError, JiraError, invalid, not_found
from syncer.sandbox.jira.records import ChangeItem, Issue, Worklog
from syncer.sandbox.jira.values import Target


def understand(target: Target, raw: Any) -> tuple[int, datetime, Any]:
    """Returns (seconds, started, comment) of a worklog body; raises FieldError."""
    if not isinstance(raw, Mapping):
        raise FieldError("data was not an object")
    seconds = raw.get("timeSpentSeconds") or values.duration(raw.get("timeSpent"))
    if not isinstance(seconds, int) or seconds <= 0:
        raise FieldError(
            "Worklog must not be null." if target.jira.is_cloud else "You must indicate the time spent working."
        )
    started = target.jira.clock.now()
    if raw.get("started"):
        try:
            started = datetime.strptime(str(raw["started"]), "%Y-%m-%dT%H:%M:%S.%f%z")
        except ValueError:
            raise FieldError(f"Error parsing date string: {raw['started']}") from None
    return seconds, started, values.rich_text(target, raw.get("comment"))


def find(issue: Issue, worklog_id: str) -> Worklog:
    """Returns a worklog of an issue; raises 404."""
    for each in issue.content["worklog"]:
        if each.id == worklog_id:
            found: Worklog = each
            return found
    raise not_found(f"Cannot find worklog with id: '{worklog_id}'.")


def add(target: Target, raw: Any) -> Worklog:
    """Logs time on the target's issue; returns the worklog."""
    issue = _issue(target)
    permissions.require_issue_permission(
        target.jira, target.account, "WORK_ON_ISSUES", issue.content, "log work on this issue"
    )
    seconds, started, comment = _understood(target, raw)
    now = target.jira.clock.now()
    author = target.account or comments.anonymous(target)
    worklog = Worklog(str(target.jira.next_id("worklog")), author, comment, now, now, started, seconds)
    _put(target, issue, (*issue.content["worklog"], worklog), seconds, worklog)
    return worklog


def edit(target: Target, worklog_id: str, raw: Mapping[str, Any]) -> Worklog:
    """Replaces what a worklog's body names; returns the worklog."""
    issue = _issue(target)
    old = find(issue, worklog_id)
    _require(target, old, "EDIT")
    seconds, started, comment = _understood(target, {"timeSpentSeconds": old.seconds, **raw})
    new = replace(
        old,
        seconds=seconds,
        started=started if raw.get("started") else old.started,
        comment=comment if "comment" in raw else old.comment,
        updated=target.jira.clock.now(),
    )
    _put(
        target,
        issue,
        tuple(new if each is old else each for each in issue.content["worklog"]),
        seconds - old.seconds,
        new,
    )
    return new


def remove(target: Target, worklog_id: str) -> None:
    """Deletes a worklog."""
    issue = _issue(target)
    old = find(issue, worklog_id)
    _require(target, old, "DELETE")
    _put(target, issue, tuple(each for each in issue.content["worklog"] if each is not old), -old.seconds, old)


def _put(target: Target, issue: Issue, worklogs: tuple[Worklog, ...], more: int, worklog: Worklog) -> None:
    spent = sum(each.seconds for each in worklogs)
    remaining = issue.content["timeestimate"]
    estimate = None if remaining is None else max(0, remaining - more)
    values_now = {"worklog": worklogs, "timespent": spent or None, "timeestimate": estimate}
    target.jira.commit(
        issue, target.account, values_now, [ChangeItem("WorklogId", "jira", None, worklog.id, worklog.id, None, None)]
    )


def _issue(target: Target) -> Issue:
    if target.issue is None:
        raise JiraError(500, ["A worklog needs its issue."])
    return target.issue


def _understood(target: Target, raw: Any) -> tuple[int, datetime, Any]:
    try:
        return understand(target, raw)
    except FieldError as problem:
        raise invalid(errors={"worklog": str(problem)}) from None


def _require(target: Target, worklog: Worklog, verb: str) -> None:
    own = worklog.author is target.account and permissions.allows(
        target.jira, target.account, f"{verb}_OWN_WORKLOGS", target.project
    )
    if not own and not permissions.allows(target.jira, target.account, f"{verb}_ALL_WORKLOGS", target.project):
        raise JiraError(403, ["You do not have permission to change this worklog."])
