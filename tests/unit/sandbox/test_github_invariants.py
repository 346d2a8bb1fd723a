"""Whatever people do, the indexes and counters of the sandbox's GitHub agree with counting everything anew."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from syncer.sandbox import Clock
from syncer.sandbox.github import GitHub, Issue, Repository, conversation, listing, relations
from syncer.sandbox.github.issuerendering import issue_bytes, issue_json
from syncer.sandbox.github.planning import create_milestone
from syncer.sandbox.github.problems import Problem
from syncer.sandbox.github.rendering import encode

REPOSITORIES = ("acme/pay", "acme/site")
pick = st.integers(min_value=0, max_value=1_000)


class People(RuleBasedStateMachine):
    """People who open, edit, relate, transfer and delete issues in two repositories of one owner."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock.virtual(datetime(2026, 3, 2, tzinfo=UTC))
        self.github = GitHub(self.clock, seed=1)
        self.github.add_user("mei")
        self.github.add_organization("acme", members={"mei": "admin"})
        for name in REPOSITORIES:
            self.github.add_repository(name)
            repository = self.github.repository(name)
            create_milestone(self.github, repository, self.github.account("mei"), {"title": "M"})

    def issues(self) -> list[Issue]:
        """Return every issue there is."""
        return [issue for repository in self.github.repositories.values() for issue in repository.issues.values()]

    def some(self, choice: int) -> Issue:
        """Return one of the issues."""
        found = self.issues()
        return found[choice % len(found)]

    @rule(seconds=st.integers(min_value=1, max_value=100))
    def wait(self, seconds: int) -> None:
        """Let time pass."""
        self.clock.advance(timedelta(seconds=seconds))

    @rule(repository=st.sampled_from(REPOSITORIES), milestone=st.booleans(), labels=st.lists(st.sampled_from("abA")))
    def open(self, repository: str, milestone: bool, labels: list[str]) -> None:
        """Open an issue."""
        self.github.add_issue(repository, "A", "mei", "text", labels=labels, milestone=1 if milestone else None)

    @precondition(lambda self: self.issues())
    @rule(
        choice=pick,
        fields=st.fixed_dictionaries(
            {},
            optional={
                "title": st.sampled_from(["A", "B"]),
                "state": st.sampled_from(["open", "closed"]),
                "milestone": st.sampled_from([None, 1]),
                "labels": st.lists(st.sampled_from(["a", "bug"])),
                "type": st.sampled_from([None, "Bug", "Task"]),
            },
        ),
    )
    def edit(self, choice: int, fields: dict[str, Any]) -> None:
        """Edit an issue."""
        issue = self.some(choice)
        self.github.edit_issue(issue.repository.full_name, issue.number, "mei", **fields)

    @precondition(lambda self: self.issues())
    @rule(choice=pick)
    def comment(self, choice: int) -> None:
        """Comment on an issue."""
        issue = self.some(choice)
        self.github.add_comment(issue.repository.full_name, issue.number, "mei", "x")

    @precondition(lambda self: any(issue.comments for issue in self.issues()))
    @rule(choice=pick, text=st.sampled_from(["x", "y", None]))
    def change_comment(self, choice: int, text: str | None) -> None:
        """Edit a comment, or delete it."""
        comments = [comment for issue in self.issues() for comment in issue.comments]
        comment = comments[choice % len(comments)]
        if text is None:
            conversation.delete_comment(self.github, comment)
        else:
            conversation.edit_comment(self.github, comment, text)

    @precondition(lambda self: self.issues())
    @rule(choice=pick, other=pick, blocks=st.booleans())
    def relate(self, choice: int, other: int, blocks: bool) -> None:
        """Put an issue under another, or let it block another; what GitHub refuses changes nothing."""
        one, two, mei = self.some(choice), self.some(other), self.github.account("mei")
        before = [issue.events[:] for issue in (one, two)]
        try:
            if blocks:
                relations.add_blocker(self.github, one, two, mei, None)
            else:
                relations.add_sub_issue(self.github, one, two, mei, None, replace_parent=False)
        except Problem:
            assert [issue.events for issue in (one, two)] == before

    @precondition(lambda self: self.issues())
    @rule(choice=pick)
    def transfer(self, choice: int) -> None:
        """Move an issue to the other repository."""
        issue = self.some(choice)
        source = issue.repository.full_name
        self.github.transfer_issue(source, issue.number, REPOSITORIES[source == REPOSITORIES[0]])

    @precondition(lambda self: self.issues())
    @rule(choice=pick)
    def delete(self, choice: int) -> None:
        """Delete an issue."""
        issue = self.some(choice)
        self.github.delete_issue(issue.repository.full_name, issue.number)

    @invariant()
    def lists_agree_with_sorting_everything(self) -> None:
        """The order by update, with and without `since`, is that of sorting all issues and all comments."""
        for repository in self.github.repositories.values():
            middle = self.clock.now() - timedelta(seconds=50)
            for since in (None, middle):
                query = {"state": "all", "sort": "updated", "direction": "asc"}
                query |= {"since": since.isoformat()} if since else {}
                assert listing.issues(repository, query) == self.sorted_issues(repository, since)
                found = [comment.id for comment in listing.comments(repository, query)]
                assert found == self.sorted_comments(repository, since)

    def sorted_issues(self, repository: Repository, since: datetime | None) -> list[Issue]:
        """Return a repository's issues by update, then number."""
        chosen = [issue for issue in repository.issues.values() if since is None or issue.updated_at >= since]
        return sorted(chosen, key=lambda issue: (issue.updated_at, issue.number))

    def sorted_comments(self, repository: Repository, since: datetime | None) -> list[int]:
        """Return the ids of a repository's comments by update, then id."""
        comments = [comment for issue in repository.issues.values() for comment in issue.comments]
        rows = sorted((comment.updated_at, comment.id) for comment in comments)
        return [number for when, number in rows if since is None or when >= since]

    @invariant()
    def milestones_count_their_issues(self) -> None:
        """Each milestone's counts are those of counting its issues."""
        for repository in self.github.repositories.values():
            for milestone in repository.milestones.values():
                states = [issue.state for issue in repository.issues.values() if issue.milestone is milestone]
                assert (milestone.open_issues, milestone.closed_issues) == (
                    states.count("open"),
                    states.count("closed"),
                )

    @invariant()
    def kept_json_is_fresh(self) -> None:
        """What an issue has kept of its JSON is what rendering it now gives."""
        for issue in self.issues():
            assert json.loads(issue_bytes(self.github, issue)) == json.loads(encode(issue_json(self.github, issue)))

    @invariant()
    def relations_are_mutual(self) -> None:
        """Parents know their children, blockers what they block, and nothing points at what is gone."""
        present = set(self.issues())
        for issue in present:
            assert all(child.parent is issue and child in present for child in issue.children)
            assert all(issue in blocker.blocking and blocker in present for blocker in issue.blocked_by)
            assert issue.parent is None or (issue.parent in present and issue in issue.parent.children)
            assert self.github.issues_by_id[issue.id] is issue


TestPeople = People.TestCase
TestPeople.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
