"""Who is who in a repository, over sockets: as far as the token may read it, and not a step further."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from syncer.contract.roster import Permission, Roster
from tests.conformance.github_world import REPOSITORY, GitHubWorld

CODEOWNERS = b"/src/ @acme/backend @mia\n"


@pytest.fixture
def world() -> Iterator[GitHubWorld]:
    world = GitHubWorld()
    github = world.github
    github.add_user("chen", "陈 \u202eevil <b>", token="ghp_chen-token")
    for login in ("sync-bot", "mia"):
        github.account("acme").members[login] = github.repository(REPOSITORY).collaborators[login]
    github.add_team("acme", "Backend", ["mia", "chen"], repositories={REPOSITORY: "maintain"})
    github.add_team("acme", "Hidden", ["liwei"], repositories={REPOSITORY: "read"}, secret=True)
    github.put_file(REPOSITORY, "CODEOWNERS", CODEOWNERS)
    world.start()
    try:
        yield world
    finally:
        world.stop()


def reason(roster: Roster, part: str) -> str:
    return next((each.reason for each in roster.unread if each.part.startswith(part)), "")


def test_a_token_that_may_read_all_tells_all(world: GitHubWorld) -> None:
    world.github.add_token("sync-bot", "ghp_wide-token", scopes=("repo", "read:org"))
    roster = world.connector(token=SecretStr("ghp_wide-token")).roster()
    permissions = {each.account.id: each.permission for each in roster.collaborators}
    assert permissions["mia"] is Permission.MAINTAIN  # by her team, over her own
    assert permissions["liwei"] is Permission.WRITE
    assert [(team.name, sorted(member.id for member in team.members)) for team in roster.teams] == [
        ("acme/backend", ["chen", "mia"])
    ]
    assert (roster.code_owners_path, roster.code_owners) == ("CODEOWNERS", CODEOWNERS.decode())
    assert roster.reader is not None
    assert roster.reader.id == "sync-bot"
    assert roster.owner is None
    assert roster.unread == ()


def test_a_narrow_classic_token_does_not_see_into_teams(world: GitHubWorld) -> None:
    roster = world.connector().roster()
    assert [(team.name, team.members) for team in roster.teams] == [("acme/backend", ())]
    assert "read:org" in reason(roster, "team acme/backend")
    assert roster.collaborators


def test_the_least_token_of_a_sync_reads_on_with_reasons(world: GitHubWorld) -> None:
    world.github.add_fine_grained_token("sync-bot", "github_pat_narrow")
    connector = world.connector(token=SecretStr("github_pat_narrow"))
    roster = connector.roster()
    assert "administration=read" in reason(roster, "teams")
    assert "contents=read" in reason(roster, "code owners")
    assert roster.code_owners is None
    assert roster.collaborators
    assert connector.requests <= 6


def test_without_the_right_to_push_there_are_no_collaborators(world: GitHubWorld) -> None:
    world.github.add_collaborator(REPOSITORY, "sync-bot", "triage")
    world.github.account("acme").members.pop("sync-bot")
    roster = world.connector().roster()
    assert roster.collaborators == ()
    assert "push access" in reason(roster, "collaborators")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00\x01garbage", b"a" * 2_000_000])
def test_any_file_by_that_name_is_taken(world: GitHubWorld, content: bytes) -> None:
    world.github.put_file(REPOSITORY, ".github/CODEOWNERS", content)
    roster = world.connector().roster()
    assert roster.code_owners_path == ".github/CODEOWNERS"
    if len(content) > 1_000_000:
        assert "larger" in reason(roster, "code owners")
    else:
        assert roster.code_owners == content.decode("utf-8", "replace")


def test_a_person_may_own_a_repository(world: GitHubWorld) -> None:
    world.github.add_repository("chen/own", visibility="private")
    world.github.add_collaborator("chen/own", "sync-bot", "write")
    roster = world.connector(scope={"repository": "chen/own"}).roster()
    assert roster.owner is not None
    assert roster.owner.id == "chen"
    assert roster.teams == ()
    assert roster.code_owners is None
    assert roster.unread == ()
