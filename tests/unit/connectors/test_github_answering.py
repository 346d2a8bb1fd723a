"""Who may write to a repository, and our signs below comments, over sockets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from syncer.contract.answering import Permitting, Reacting
from syncer.contract.errors import Gone
from syncer.contract.model import Account, Draft, Field, Kind, Marker, Observed
from tests.conformance.github_world import REPOSITORY, GitHubWorld


@pytest.fixture
def world() -> Iterator[GitHubWorld]:
    world = GitHubWorld()
    world.github.add_user("chen", "Chen", token="ghp_chen-token")
    world.start()
    try:
        yield world
    finally:
        world.stop()


def account(world: GitHubWorld, login: str) -> Account:
    return Account(login, native=str(world.github.account(login).id))


def test_write_permission_is_told_of_the_account_that_is_meant(world: GitHubWorld) -> None:
    connector = world.connector()
    assert isinstance(connector, Permitting)
    assert connector.may_write(account(world, "liwei"))
    assert not connector.may_write(account(world, "chen"))
    assert not connector.may_write(Account("liwei", native=account(world, "chen").native))
    assert not connector.may_write(Account("nobody-is-called-so", native="1"))


@pytest.mark.parametrize(("role", "may"), [("admin", True), ("maintain", True), ("triage", False), ("read", False)])
def test_each_role_is_understood(world: GitHubWorld, role: str, may: bool) -> None:
    world.github.add_collaborator(REPOSITORY, "chen", role)
    assert world.connector().may_write(account(world, "chen")) is may


def commented(world: GitHubWorld) -> Observed:
    connector = world.connector()
    task = connector.create([Draft(Kind.TASK, {Field.TITLE: "One"}, Marker("pay.left.task.1.x"))])[0]
    assert isinstance(task, Observed)
    comment = connector.create([Draft(Kind.COMMENT, {Field.BODY: "/pause"}, Marker("pay.left.comment.1.x"), task)])[0]
    assert isinstance(comment, Observed)
    return comment


def test_a_sign_is_set_once_and_changes_nothing_of_the_comment(world: GitHubWorld) -> None:
    comment, connector = commented(world), world.connector()
    assert isinstance(connector, Reacting)
    connector.react(comment, done=True)
    connector.react(comment, done=True)
    connector.react(comment, done=False)
    (stored,) = world.github.repository(REPOSITORY).comments.values()
    assert [(one.author.login, one.content) for one in stored.reactions] == [
        ("sync-bot", "+1"),
        ("sync-bot", "confused"),
    ]
    (shown,) = connector.read([comment])
    assert isinstance(shown, Observed)
    assert (shown.showing, shown.version, shown.updated) == (comment.showing, comment.version, comment.updated)


def test_a_comment_that_is_gone_is_answered_by_nobody(world: GitHubWorld) -> None:
    comment = commented(world)
    repository = world.github.repository(REPOSITORY)
    repository.displace_comment(next(iter(repository.comments.values())))
    with pytest.raises(Gone):
        world.connector().react(comment, done=True)
