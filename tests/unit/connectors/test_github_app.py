"""Signing in as a GitHub App: whose clock counts, and what happens to a token that dies in the middle of a run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from connectors.github.connector import GitHubConnector
from syncer.contract.errors import Denied
from syncer.contract.model import Draft, Field, Kind, Marker, Observed
from syncer.sandbox.faults import Fault
from tests.conformance.github_world import REPOSITORY, GitHubWorld
from tests.unit.connectors.test_github_client import sign_in

DRAFT = Draft(Kind.TASK, {Field.TITLE: "Refund fails"}, Marker("pay:left:task:1:1"))


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65_537, key_size=2048)


@pytest.fixture
def world() -> Iterator[GitHubWorld]:
    github = GitHubWorld().start()
    yield github
    github.stop()


@pytest.fixture
def connector(world: GitHubWorld, key: rsa.RSAPrivateKey, tmp_path: Path) -> GitHubConnector:
    return sign_in(world, key, tmp_path / "app.pem")


def sign_ins(world: GitHubWorld) -> list[int | None]:
    return [entry.status for entry in world.box.log.entries if entry.path.endswith("/access_tokens")]


def revoke(world: GitHubWorld) -> None:
    for token in world.github.tokens.values():
        if token.kind == "installation":
            token.revoked = True


@pytest.mark.parametrize("minutes", [-20, 20, 525_600])
def test_an_app_signs_in_although_our_clock_is_wrong(
    world: GitHubWorld, connector: GitHubConnector, minutes: int
) -> None:
    world.clock.advance(datetime.now(UTC) + timedelta(minutes=minutes) - world.clock.now())
    connector.audience()
    assert sign_ins(world) == [401, 201]
    assert connector.own_account() is not None


def test_an_app_whose_clock_is_right_signs_in_at_once(world: GitHubWorld, connector: GitHubConnector) -> None:
    world.clock.advance(datetime.now(UTC) - world.clock.now())
    connector.audience()
    assert connector.own_account() is not None
    assert sign_ins(world) == [201]


@pytest.mark.parametrize("how", ["revoked", "expired"])
def test_a_token_that_dies_in_a_run_is_renewed_once_and_the_request_is_sent_again(
    world: GitHubWorld, connector: GitHubConnector, how: str
) -> None:
    connector.audience()
    before = len(sign_ins(world))
    if how == "revoked":
        revoke(world)
    else:
        world.clock.advance(timedelta(minutes=61))
    connector.audience()
    assert sign_ins(world)[before:].count(201) == 1


def test_a_create_whose_token_died_makes_one_issue(world: GitHubWorld, connector: GitHubConnector) -> None:
    connector.audience()
    revoke(world)
    (created,) = connector.create([DRAFT])
    assert isinstance(created, Observed)
    assert len(world.github.repository(REPOSITORY).issues) == 1


def test_a_token_that_is_refused_again_ends_the_run(world: GitHubWorld, connector: GitHubConnector) -> None:
    connector.audience()
    before = len(sign_ins(world))
    world.faults.add(Fault("401", path=f"/repos/{REPOSITORY}$", times=9))
    with pytest.raises(Denied) as refused:
        connector.audience()
    assert refused.value.credentials
    assert len(sign_ins(world)) == before + 1


def test_an_app_that_was_uninstalled_in_a_run_is_said_so(world: GitHubWorld, connector: GitHubConnector) -> None:
    connector.audience()
    revoke(world)
    world.github.installations.clear()
    with pytest.raises(Denied, match="cannot sign in as the GitHub App") as refused:
        connector.audience()
    assert "uninstalled" in refused.value.remedy


def test_a_personal_token_is_not_asked_for_again(world: GitHubWorld) -> None:
    connector = world.connector()
    world.faults.add(Fault("401", path=f"/repos/{REPOSITORY}$", times=9))
    with pytest.raises(Denied):
        connector.audience()
    assert connector.requests == 1


def test_a_refused_sign_in_tells_githubs_words(world: GitHubWorld, key: rsa.RSAPrivateKey, tmp_path: Path) -> None:
    connector = sign_in(world, key, tmp_path / "app.pem", app_id=999_999)
    with pytest.raises(Denied, match="Integration not found"):
        connector.audience()
