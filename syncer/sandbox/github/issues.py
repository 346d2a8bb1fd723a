"""Opening, editing, moving and deleting issues: the rules behind the requests, without HTTP.

A caller without triage rights may set title, body and state of their own issues; labels, assignees, milestone and
type of such a request are dropped without a word, as GitHub documents it ("silently dropped").
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from syncer.sandbox.github import requestfields
from syncer.sandbox.github.access import assignable
from syncer.sandbox.github.boards import follow
from syncer.sandbox.github.events import record
from syncer.sandbox.github.fieldvalues import Values, given_values, set_values
from syncer.sandbox.github.host import GitHubHost
from syncer.sandbox.github.model import (
    Account,
    App,
    Issue,
    IssueType,
    Label,
    Milestone,
    PullRequest,
    Repository,
    StateReason,
)
from syncer.sandbox.github.planning import assign_milestone, label_for
from syncer.sandbox.github.problems import Problem, invalid, wrong_type
from syncer.sandbox.github.requestfields import Request


@dataclass(frozen=True, slots=True)
class _Actor:
    """Who acts, and through which app."""

    account: Account
    app: App | None


def create_issue(
    github: GitHubHost,
    repository: Repository,
    author: Account,
    request: Request,
    *,
    may_triage: bool,
    app: App | None = None,
) -> Issue:
    """Open an issue from a create request; raises a 422 problem and changes nothing when a field is wrong."""
    title = requestfields.title_text(github.behaviour, request)
    body = _body(github, request)
    actor = _Actor(author, app)
    wanted = _Triage.of(github, repository, None, request if may_triage else {})
    issue = _open(github, repository, author, title, body, app=app)
    wanted.apply(github, issue, actor)
    wanted.apply_fields(github, issue, actor)
    return issue


def create_pull_request(
    github: GitHubHost, repository: Repository, author: Account, title: str, body: str | None, branch: str = "change"
) -> Issue:
    """Open a pull request from a branch of the repository itself."""
    issue = _open(github, repository, author, title, body)
    issue.pull_request = PullRequest(branch=branch)
    return issue


def edit_issue(
    github: GitHubHost, issue: Issue, author: Account, request: Request, *, may_triage: bool, app: App | None = None
) -> None:
    """Change what an update request names; raises a 422 problem and changes nothing when a field is wrong.

    The update time moves only when something really changed.
    """
    actor = _Actor(author, app)
    title = requestfields.title_text(github.behaviour, request) if request.get("title") is not None else issue.title
    body = _body(github, request) if "body" in request else issue.body
    state, reason = _state_change(issue, request)
    wanted = _Triage.of(github, issue.repository, issue, request if may_triage else {})
    changed = False
    if title != issue.title:
        record(github, issue, "renamed", author, app, rename={"from": issue.title, "to": title})
        issue.title = title
        changed = True
    if body != issue.body:
        issue.body = body
        changed = True
    changed |= wanted.apply(github, issue, actor)
    changed |= wanted.apply_fields(github, issue, actor)
    changed |= _set_state(github, issue, actor, state, reason)
    if changed:
        issue.repository.touch(issue, github.now())


def _open(
    github: GitHubHost, repository: Repository, author: Account, title: str, body: str | None, *, app: App | None = None
) -> Issue:
    """Place a new issue under the repository's next number."""
    now = github.now()
    issue = Issue(
        github.sequences.issue.take(), repository.last_number + 1, repository, title, body, author, now, now, app=app
    )
    repository.place(issue)
    github.issues_by_id[issue.id] = issue
    return issue


def _body(github: GitHubHost, request: Request) -> str | None:
    """Return the body of a request as it will be stored."""
    body = requestfields.optional_text(request, "body")
    if body is None:
        return None
    return requestfields.stored_text(github.behaviour, body, "Issue", "body", github.behaviour.body_limit)


def _state_change(issue: Issue, request: Request) -> tuple[str, StateReason | None]:
    """Return the wanted state and reason; raise 422 for unknown ones."""
    state = requestfields.optional_text(request, "state") or issue.state
    reason = requestfields.optional_text(request, "state_reason")
    if state not in ("open", "closed"):
        raise invalid("Issue", "state", "invalid", value=state)
    match reason:
        case None | "completed" | "not_planned" | "reopened" | "duplicate":
            return state, reason
        case _:
            raise invalid("Issue", "state_reason", "invalid", value=reason)


def _set_state(github: GitHubHost, issue: Issue, actor: _Actor, state: str, reason: StateReason | None) -> bool:
    """Close or reopen the issue; the reason is ignored unless the state changes, as documented. True when changed."""
    if state == issue.state:
        return False
    milestone = issue.milestone
    if state == "closed":
        issue.state = "closed"
        issue.state_reason = "completed" if reason is None or reason == "reopened" else reason
        issue.closed_at = github.now()
        issue.closed_by = actor.account
        shown = None if issue.state_reason == "completed" else issue.state_reason
        record(github, issue, "closed", actor.account, actor.app, state_reason=shown)
    else:
        issue.state = "open"
        issue.state_reason = "reopened"
        issue.closed_at = None
        issue.closed_by = None
        record(github, issue, "reopened", actor.account, actor.app, state_reason="reopened")
    if milestone is not None:
        moved = 1 if state == "closed" else -1
        milestone.open_issues -= moved
        milestone.closed_issues += moved
        issue.repository.epoch += 1
    for related in (issue.parent, *issue.blocked_by, *issue.blocking):
        if related is not None:
            related.rendered = None
    follow(github, issue, "closed" if state == "closed" else "reopened")
    return True


class _Unset(Enum):
    """The value of a field that a request does not name, since None is a value that can be set."""

    UNSET = "unset"


_UNSET = _Unset.UNSET


@dataclass(frozen=True, slots=True)
class _Triage:
    """The part of a request that needs triage rights, resolved; a field the request does not name is `_UNSET`."""

    labels: list[Label] | _Unset = _UNSET
    assignees: list[Account] | _Unset = _UNSET
    milestone: Milestone | _Unset | None = _UNSET
    type: IssueType | _Unset | None = _UNSET
    fields: Values | None = None

    @classmethod
    def of(cls, github: GitHubHost, repository: Repository, issue: Issue | None, request: Request) -> _Triage:
        """Resolve names to objects for an issue (None: one about to be opened); raise 422 for what does not exist.

        Unknown labels are made on the fly.
        """
        kind = _issue_type(repository, request) if "type" in request else _UNSET
        milestone = _milestone(repository, request) if "milestone" in request else _UNSET
        assignees: list[Account] | _Unset = _UNSET
        if "assignees" in request or "assignee" in request:
            single = requestfields.optional_text(request, "assignee")
            logins = requestfields.names(request, "assignees", "login") or ([single] if single else [])
            assignees = resolve_assignees(github, repository, logins, issue, strict=True)
        labels: list[Label] | _Unset = _UNSET
        if "labels" in request:
            labels = [label_for(github, repository, name) for name in requestfields.names(request, "labels")]
        return cls(labels, assignees, milestone, kind, given_values(repository, request))

    def apply(self, github: GitHubHost, issue: Issue, actor: _Actor) -> bool:
        """Set what was given; True when something changed."""
        changed = False
        if self.labels is not _UNSET:
            changed |= set_labels(github, issue, actor.account, self.labels, actor.app)
        if self.assignees is not _UNSET:
            changed |= set_assignees(github, issue, actor.account, self.assignees, actor.app)
        if self.milestone is not _UNSET:
            changed |= _set_milestone(github, issue, actor, self.milestone)
        if self.type is not _UNSET:
            changed |= _set_type(github, issue, actor, self.type)
        if changed:
            issue.rendered = None
        return changed

    def apply_fields(self, github: GitHubHost, issue: Issue, actor: _Actor) -> bool:
        """Set the issue fields that were given; True when that moves the time of the issue."""
        if self.fields is None:
            return False
        kept = {} if github.behaviour.patch_sets_all_fields else issue.field_values
        changed = set_values(github, issue, actor.account, {**kept, **self.fields}, actor.app)
        return changed and github.behaviour.field_changes_bump


def may_be_assigned(issue: Issue, account: Account) -> bool:
    """True for the repository's people, and for whoever wrote the issue or a comment on it."""
    took_part = account is issue.author or any(comment.author is account for comment in issue.comments)
    return took_part or assignable(issue.repository, account)


def resolve_assignees(
    github: GitHubHost, repository: Repository, logins: list[str], issue: Issue | None, *, strict: bool
) -> list[Account]:
    """Return the accounts that can be assigned, at most ten, to an issue there is or (None) one about to be opened.

    Others are dropped, or refused with 422 when the request is `strict` (sets an issue's fields, instead of adding
    people to it) and `Behaviour.unassignable` says so.
    """
    found: list[Account] = []
    for login in logins:
        account = github.accounts.get(login.casefold())
        insider = account is not None and assignable(repository, account)
        if account is not None and (insider or (issue is not None and may_be_assigned(issue, account))):
            if account not in found:
                found.append(account)
        elif strict and github.behaviour.unassignable == "reject":
            raise invalid("Issue", "assignees", "invalid", f"assignees {login} cannot be assigned to this issue", login)
    return found[: github.behaviour.assignee_limit]


def set_assignees(
    github: GitHubHost, issue: Issue, actor: Account, assignees: list[Account], app: App | None = None
) -> bool:
    """Make `assignees` the issue's, with an event each; True when something changed."""
    gone = [account for account in issue.assignees if account not in assignees]
    new = [account for account in assignees if account not in issue.assignees]
    for account in gone:
        record(github, issue, "unassigned", actor, app, assignee=account, assigner=actor)
    for account in new:
        record(github, issue, "assigned", actor, app, assignee=account, assigner=actor)
    issue.assignees = [account for account in issue.assignees if account not in gone] + new
    return bool(gone or new)


def set_labels(github: GitHubHost, issue: Issue, actor: Account, labels: list[Label], app: App | None = None) -> bool:
    """Make `labels` the issue's, with an event each; True when something changed."""
    wanted = list(dict.fromkeys(labels))
    gone = [label for label in issue.labels if label not in wanted]
    new = [label for label in wanted if label not in issue.labels]
    for label in gone:
        record(github, issue, "unlabeled", actor, app, label={"name": label.name, "color": label.color})
    for label in new:
        record(github, issue, "labeled", actor, app, label={"name": label.name, "color": label.color})
    issue.labels = [label for label in issue.labels if label not in gone] + new
    return bool(gone or new)


def _milestone(repository: Repository, request: Request) -> Milestone | None:
    """Return the milestone a request names by number; raise 422 when there is none of that number."""
    value = request["milestone"]
    if value in (None, ""):  # PyGithub sends "" for none, which GitHub takes
        return None
    if isinstance(value, bool) or not isinstance(value, int | str) or not str(value).isdigit():
        raise wrong_type("milestone", value, "an integer")
    milestone = repository.milestones.get(int(value))
    if milestone is None:
        raise invalid("Issue", "milestone", "invalid", value=value)
    return milestone


def _set_milestone(github: GitHubHost, issue: Issue, actor: _Actor, milestone: Milestone | None) -> bool:
    """Put the issue into a milestone or none; True when that is a change."""
    former = issue.milestone
    if former is milestone:
        return False
    if former is not None:
        record(github, issue, "demilestoned", actor.account, actor.app, milestone={"title": former.title})
    if milestone is not None:
        record(github, issue, "milestoned", actor.account, actor.app, milestone={"title": milestone.title})
    assign_milestone(issue, milestone)
    return True


def _issue_type(repository: Repository, request: Request) -> IssueType | None:
    """Return the enabled issue type a request names; raise 422 when the organisation has none of that name."""
    name = requestfields.optional_text(request, "type")
    if name is None:
        return None
    for kind in repository.owner.issue_types:
        if kind.is_enabled and kind.name.casefold() == name.casefold():
            return kind
    raise invalid("Issue", "type", "invalid", value=name)


def _set_type(github: GitHubHost, issue: Issue, actor: _Actor, kind: IssueType | None) -> bool:
    """Give the issue a type or none; True when that is a change."""
    former = issue.type
    if former is kind:
        return False
    if kind is None:
        record(github, issue, "issue_type_removed", actor.account, actor.app, prev_issue_type=former)
    elif former is None:
        record(github, issue, "issue_type_added", actor.account, actor.app, issue_type=kind)
    else:
        record(github, issue, "issue_type_changed", actor.account, actor.app, issue_type=kind, prev_issue_type=former)
    issue.type = kind
    return True


def transfer(github: GitHubHost, issue: Issue, destination: Repository) -> Issue:
    """Move an issue to another repository of the same owner, with its comments.

    Labels and the milestone follow only when the destination has ones of the same name; the issue gets a new number
    and, unless `Behaviour.transfer_keeps_id`, a new id.
    """
    source = issue.repository
    if source is destination or source.owner is not destination.owner:
        raise Problem(422, "An issue can only be transferred to another repository of the same owner.")
    source.displace(issue)
    assign_milestone(issue, None)
    former_number = issue.number
    issue.repository = destination
    issue.number = destination.last_number + 1
    issue.labels = [found for label in issue.labels if (found := destination.label(label.name)) is not None]
    if not github.behaviour.transfer_keeps_id:
        del github.issues_by_id[issue.id]
        issue.id = github.sequences.issue.take()
        github.issues_by_id[issue.id] = issue
    for related in (issue.parent, *issue.children):
        if related is not None:
            related.rendered = None
    destination.place(issue)
    for comment in issue.comments:
        destination.place_comment(comment)
    destination.touch(issue, github.now())
    source.events = [event for event in source.events if event.issue is not issue]
    destination.events.extend(issue.events)
    source.moved[former_number] = issue
    return issue


def delete(github: GitHubHost, issue: Issue) -> None:
    """Remove an issue, its comments and its relations."""
    repository = issue.repository
    repository.displace(issue)
    repository.deleted.add(issue.number)
    del github.issues_by_id[issue.id]
    assign_milestone(issue, None)
    repository.events = [event for event in repository.events if event.issue is not issue]
    for other in (issue.parent, *issue.children, *issue.blocked_by, *issue.blocking):
        if other is not None:
            other.rendered = None
    if issue.parent is not None:
        issue.parent.children.remove(issue)
    for child in issue.children:
        child.parent = None
    for blocker in issue.blocked_by:
        blocker.blocking.remove(issue)
    for blocked in issue.blocking:
        blocked.blocked_by.remove(issue)
