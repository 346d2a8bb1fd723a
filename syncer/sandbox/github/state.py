"""A GitHub in memory: a host with the shortcuts that tests and data sets use to fill it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from syncer.sandbox.github import boards, conversation, fieldvalues, issues
from syncer.sandbox.github.boardmodel import Board, BoardItem
from syncer.sandbox.github.fieldvalues import OptionGiven
from syncer.sandbox.github.host import GitHubHost
from syncer.sandbox.github.issuefields import DataType, FieldVisibility, IssueField
from syncer.sandbox.github.model import Comment, Issue, Repository
from syncer.sandbox.github.recorded import load


class GitHub(GitHubHost):
    """One GitHub host, on which people work by the rules of `issues` and `conversation`."""

    def add_issue(self, full_name: str, title: str, author: str, body: str | None = None, **fields: object) -> Issue:
        """Open an issue as `author` with the rights of a maintainer; `fields` as in a create request."""
        with self.lock:
            repository = self.repository(full_name)
            request = {"title": title, "body": body, **fields}
            return issues.create_issue(self, repository, self.account(author), request, may_triage=True)

    def add_pull_request(
        self, full_name: str, title: str, author: str, body: str | None = None, *, branch: str = "change"
    ) -> Issue:
        """Open a pull request from a branch of the repository."""
        with self.lock:
            return issues.create_pull_request(
                self, self.repository(full_name), self.account(author), title, body, branch
            )

    def edit_issue(self, full_name: str, number: int, author: str, **fields: object) -> Issue:
        """Edit an issue as `author` with the rights of a maintainer; `fields` as in an update request."""
        with self.lock:
            issue = self.repository(full_name).issues[number]
            issues.edit_issue(self, issue, self.account(author), fields, may_triage=True)
            return issue

    def add_comment(self, full_name: str, number: int, author: str, body: str) -> Comment:
        """Comment on an issue as `author`."""
        with self.lock:
            issue = self.repository(full_name).issues[number]
            return conversation.add_comment(self, issue, self.account(author), body)

    def minimize_comment(
        self, full_name: str, comment: int, reason: str | None = None, *, shown: bool = False, touch: bool = False
    ) -> None:
        """Hide a comment for a reason, or show it again; no document tells whether its time moves (`touch`)."""
        with self.lock:
            found = self.repository(full_name).comments[comment]
            conversation.minimize(self, found, reason, minimized=not shown, touch=touch)

    def transfer_issue(self, full_name: str, number: int, destination: str) -> Issue:
        """Move an issue to another repository, where it gets a new number; the old address redirects."""
        with self.lock:
            return issues.transfer(self, self.repository(full_name).issues[number], self.repository(destination))

    def delete_issue(self, full_name: str, number: int) -> None:
        """Delete an issue: its address answers 410 from now on."""
        with self.lock:
            issues.delete(self, self.repository(full_name).issues[number])

    def add_board(self, owner: str, title: str, creator: str, *, public: bool = False) -> Board:
        """Add a board with the fields that every new one has; `boards` has what can be done with it."""
        with self.lock:
            return boards.add_board(self, self.account(owner), title, self.account(creator), public=public)

    def put_on_board(self, board: Board, issue: Issue, actor: str, **values: object) -> BoardItem:
        """Put an issue on a board, or take the item it is there, and set values: an option or iteration by its name."""
        with self.lock:
            item = boards.add_item(self, board, issue, self.account(actor))
            named = ((board.field_named(name), value) for name, value in values.items())
            boards.set_values(self, board, item, [{"id": one.id, "value": one.sent(value)} for one, value in named])
            return item

    def add_issue_field(
        self,
        organization: str,
        name: str,
        data_type: DataType,
        options: Iterable[str] = (),
        *,
        visibility: FieldVisibility = "organization_members_only",
    ) -> IssueField:
        """Add an issue field to an organisation, with options by their names."""
        with self.lock:
            given = [OptionGiven(option) for option in options]
            return fieldvalues.add_field(self, self.account(organization), name, data_type, given, visibility)

    def remove_issue_field(self, organization: str, field: IssueField) -> None:
        """Delete an issue field, and with it what issues hold in it."""
        with self.lock:
            fieldvalues.remove_field(self, self.account(organization), field)

    def rename_issue_field(self, organization: str, field: IssueField, name: str) -> None:
        """Give an issue field another name."""
        with self.lock:
            field.name = name
            fieldvalues.refresh(self, self.account(organization))

    def set_field_options(self, organization: str, field: IssueField, options: Iterable[str]) -> None:
        """Give an issue field other options; one of the same name stays the same."""
        with self.lock:
            made = fieldvalues.made_options(self, field, [OptionGiven(option) for option in options])
            fieldvalues.replace_options(self, self.account(organization), field, made)

    def seed_issues(self, full_name: str, issues: int, comments: int = 0) -> None:
        """Fill a repository with `issues` invented issues of `comments` comments each, fast."""
        with self.lock:
            _seed_issues(self, self.repository(full_name), issues, comments)

    def load_recorded(self, records: Iterable[Mapping[str, object]]) -> Mapping[str, int]:
        """Take in recorded JSON of issues, comments, events and milestones; returns how many of each, and skipped."""
        with self.lock:
            return load(self, records)


_VERBS = ("Speed up", "Fix", "Document", "Retire", "Rework", "Measure", "Test", "Translate", "修复", "优化")
_THINGS = ("refunds", "the ledger", "card checks", "statements", "payouts", "对账流程", "exchange rates", "receipts")
_SENTENCE = (
    "When a customer pays with a stored card, the amount is shown in the wrong currency until the page is loaded "
    "again. This happens in about one of forty payments.\n\n"
)


def _seed_issues(github: GitHubHost, repository: Repository, issues: int, comments: int) -> None:
    """Add `issues` issues with `comments` comments each, one a minute up to now, two of three open.

    About one kilobyte of text an issue; labels rotate through the repository's own.
    """
    first = github.now() - timedelta(minutes=issues)
    labels = list(repository.labels.values())
    for position in range(issues):
        created = first + timedelta(minutes=position)
        issue = Issue(
            github.sequences.issue.take(),
            repository.last_number + 1,
            repository,
            f"{_VERBS[position % len(_VERBS)]} {_THINGS[position % len(_THINGS)]} ({position + 1})",
            _SENTENCE * 5 + f"- [ ] step {position % 7 + 1}\n",
            repository.owner,
            created,
            created,
            labels=labels[position % len(labels) :][:1] if labels else [],
        )
        if position % 3 == 2:
            issue.state, issue.state_reason = "closed", "completed"
            issue.closed_at, issue.closed_by = created, repository.owner
        repository.place(issue)
        github.issues_by_id[issue.id] = issue
        _seed_comments(github, issue, comments, created)


def _seed_comments(github: GitHubHost, issue: Issue, comments: int, created: datetime) -> None:
    """Add `comments` comments, all written when the issue was."""
    for position in range(comments):
        number = github.sequences.comment.take()
        text = f"Seen again, {position + 1} times by now. 已确认。"
        comment = Comment(number, issue, issue.author, text, created, created)
        issue.comments.append(comment)
        issue.repository.place_comment(comment)
