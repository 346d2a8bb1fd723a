# ruff: noqa: S101 - these are tests
"""What commands, adoption and releases rest on: whose a comment is, whether it was edited, signs, addresses."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from syncer.contract.answering import Permitting, Reacting
from syncer.contract.code import RELEASED, PullLink, PullShower, PullState, VersionReleaser
from syncer.contract.conformance.world import Suite
from syncer.contract.connector import Connector, RemoteLinks
from syncer.contract.errors import TrackerError
from syncer.contract.model import Account, Field, Observed, Patch
from syncer.contract.people import renaming


class AnsweringSuite(Suite):
    """Signs, permissions and remote links are skipped for a connector without them."""

    def commented(self, connector: Connector, words: str) -> Observed:
        """A comment of a person, as the tracker shows it."""
        task = self.person_creates("Task")
        self.time_passes(60)
        comment = self.person_comments(task, self.source(connector, words))
        self.time_passes(60)
        return self.look_up(connector, comment)

    def test_a_comment_tells_whose_it_is_and_whether_it_was_edited(self) -> None:
        """By an id that never changes; what nobody edited has one time, what somebody did has two."""
        connector = self.open_connector()
        comment = self.commented(connector, "As it was written")
        assert comment.author is not None
        assert not comment.author.bot
        assert comment.author.native or renaming(connector) is None
        assert comment.updated == comment.created
        self.person_edits_comment(comment.ref, self.source(connector, "As it was edited"))
        (edited,) = connector.read([comment])
        assert isinstance(edited, Observed)
        assert edited.updated > edited.created == comment.created

    def test_a_sign_below_a_comment_changes_nothing_of_it(self) -> None:
        """Set once or twice, it is one sign, and no edit of the comment."""
        connector = self.open_connector()
        if not isinstance(connector, Reacting):
            pytest.skip("this tracker shows no signs")
        comment = self.commented(connector, "Words")
        connector.react(comment, done=True)
        connector.react(comment, done=True)
        connector.react(comment, done=False)
        (shown,) = connector.read([comment])
        assert isinstance(shown, Observed)
        assert (shown.showing, shown.updated) == (comment.showing, comment.updated)

    def test_permission_is_of_the_account_that_is_meant(self) -> None:
        """Nobody has that of an account which is called so and is another one."""
        connector = self.open_connector()
        if not isinstance(connector, Permitting):
            pytest.skip("this tracker tells no permissions")
        author = self.commented(connector, "Words").author
        assert author is not None
        assert not connector.may_write(replace(author, native="0"))
        assert not connector.may_write(Account("nobody-is-called-so-here", native="1"))

    def test_addresses_beside_a_task_are_told_task_by_task(self) -> None:
        """In the order asked: none of a task that has none."""
        connector = self.open_connector()
        if not isinstance(connector, RemoteLinks):
            pytest.skip("this tracker keeps no addresses beside a task")
        tasks = [self.look_up(connector, self.person_creates(title)) for title in ("First", "Second")]
        told = list(connector.remote_links(tasks))
        assert [one for one in told if not isinstance(one, TrackerError)] == [(), ()]

    def test_a_pull_request_is_shown_once_with_a_task_and_taken_away_by_its_name(self) -> None:
        """Whoever sends a request twice, because the answer was lost, has one link all the same, or none."""
        connector = self.open_connector()
        if not isinstance(connector, PullShower):
            pytest.skip("this tracker shows no pull requests with a task")
        assert isinstance(connector, RemoteLinks)
        task = self.look_up(connector, self.person_creates("First"))
        link = PullLink("syncer:pull:code.example:1", "https://code.example/1", "acme/pay#1: First", PullState.OPEN)
        for state in (PullState.OPEN, PullState.OPEN, PullState.MERGED):
            connector.show_pull(task.ref, replace(link, state=state))
        assert list(connector.remote_links([task])) == [(link.url,)]
        for _ in range(2):
            connector.hide_pull(task.ref, link.id)
        assert list(connector.remote_links([task])) == [()]

    def test_a_version_is_released_with_its_day_and_once_more_changes_nothing(self) -> None:
        """Whoever sends it twice, because a run was killed in between, finds it as it was."""
        connector = self.open_connector()
        if not isinstance(connector, VersionReleaser):
            pytest.skip("this tracker has no versions that are released")
        assert connector.cannot_release() == ""
        version = self.look_up(connector, self.person_creates_milestone("1.2"))
        release: Patch = {Field.STATUS: RELEASED, Field.DUE: date(2026, 3, 2)}
        released = connector.update(version, release)
        for shown in (released, connector.update(released, release), *connector.read([version])):
            assert isinstance(shown, Observed)
            assert {name: shown.showing[name] for name in release} == release
