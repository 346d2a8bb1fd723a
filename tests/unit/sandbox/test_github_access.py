"""Tokens, roles, apps and limits of the sandbox's GitHub."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import github
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.unit.sandbox.github_world import PRIVATE, PUBLIC, World

ISSUES = f"/repos/{PRIVATE}/issues"


def test_a_wrong_revoked_or_expired_token_is_bad_credentials(world: World) -> None:
    world.box.github.add_token("mei", "brief-token", expires_in=timedelta(hours=1))
    ending = world.call("GET", "/user", user="brief").headers["github-authentication-token-expiration"]
    assert ending == "2026-03-02 10:00:00 UTC"
    world.box.github.revoke_token("tomas-token")
    world.wait(3600)
    for user in ("unknown", "tomas", "brief"):
        answer = world.call("GET", "/user", user=user)
        assert (answer.status_code, answer.json()["message"]) == (401, "Bad credentials")


def test_classic_tokens_show_their_scopes_and_are_bound_by_them(world: World) -> None:
    world.box.github.add_token("mei", "public-token", scopes=["public_repo"])
    world.box.github.add_token("mei", "bare-token", scopes=[])
    assert world.call("GET", "/user", user="public").headers["x-oauth-scopes"] == "public_repo"
    assert world.call("GET", f"/repos/{PRIVATE}", user="public").status_code == 404
    assert world.call("POST", f"/repos/{PUBLIC}/issues", {"title": "A"}, user="public").status_code == 201
    assert world.call("GET", f"/repos/{PUBLIC}/issues", user="bare").status_code == 200
    assert world.call("POST", f"/repos/{PUBLIC}/issues", {"title": "A"}, user="bare").status_code == 404


def test_fine_grained_tokens_have_permissions_and_repositories(world: World) -> None:
    state = world.box.github
    state.add_fine_grained_token("mei", "fine-token", repositories=[PRIVATE])
    state.add_fine_grained_token("mei", "reading-token", permissions={"issues": "read", "metadata": "read"})
    answer = world.call("POST", ISSUES, {"title": "A"}, user="fine")
    assert (answer.status_code, "x-oauth-scopes" in answer.headers) == (201, False)
    for user, path in (("reading", ISSUES), ("fine", f"/repos/{PUBLIC}/issues")):
        refused = world.call("POST", path, {"title": "A"}, user=user)
        assert (refused.status_code, refused.json()["message"]) == (
            403,
            "Resource not accessible by personal access token",
        )
        assert refused.headers["x-accepted-github-permissions"] == "issues=write"


def test_a_repository_shows_what_the_caller_may_do(world: World) -> None:
    shown = {
        user: {name for name, held in world.json("GET", f"/repos/{PUBLIC}", user=user)["permissions"].items() if held}
        for user in ("mei", "tomas", "ines", "lin")
    }
    assert shown == {
        "mei": {"admin", "maintain", "push", "triage", "pull"},
        "tomas": {"push", "triage", "pull"},
        "ines": {"triage", "pull"},
        "lin": {"pull"},
    }
    assert "permissions" not in world.json("GET", f"/repos/{PUBLIC}", user=None)


def test_people_of_a_repository_are_listed_with_their_roles(world: World) -> None:
    repository = world.client().get_repo(PRIVATE)
    assert [person.login for person in repository.get_assignees()] == ["ines", "mei", "tomas"]
    assert [person.login for person in repository.get_collaborators()] == ["ines", "mei", "tomas"]
    assert repository.has_in_assignees("tomas")
    assert not repository.has_in_assignees("lin")
    assert not repository.has_in_collaborators("lin")
    assert repository.get_collaborator_permission("tomas") == "write"
    assert world.json("GET", f"/repos/{PRIVATE}/collaborators/ines/permission")["role_name"] == "triage"
    assert world.call("GET", f"/repos/{PUBLIC}/collaborators", user="lin").status_code == 403


def test_people_and_members_are_found_by_login_in_any_case(world: World) -> None:
    assert world.client().get_user("MEI").name == "梅丽"
    assert world.client().get_user().login == "mei"
    assert [person["login"] for person in world.json("GET", "/orgs/acme/members")] == ["mei"]
    assert world.call("GET", "/users/nobody").status_code == 404
    assert world.call("GET", "/user", user=None).status_code == 401


def test_the_primary_limit_is_counted_shown_and_enforced(world: World) -> None:
    world.box.github.behaviour.primary_limit = 3
    left = [world.call("GET", f"/repos/{PUBLIC}").headers["x-ratelimit-remaining"] for _ in range(3)]
    assert left == ["2", "1", "0"]
    refused = world.call("GET", f"/repos/{PUBLIC}")
    assert (refused.status_code, refused.headers["x-ratelimit-remaining"]) == (403, "0")
    assert "API rate limit exceeded" in refused.json()["message"]
    reset = world.json("GET", "/rate_limit")["rate"]["reset"]
    assert reset == int(refused.headers["x-ratelimit-reset"])
    world.wait(reset - world.box.clock.now().timestamp())
    assert world.call("GET", f"/repos/{PUBLIC}").status_code == 200


def test_without_a_primary_limit_there_are_no_headers_and_no_overview(world: World) -> None:
    world.box.github.behaviour.primary_limit = None
    assert "x-ratelimit-limit" not in world.call("GET", f"/repos/{PUBLIC}").headers
    assert world.call("GET", "/rate_limit").status_code == 404


def test_too_much_content_in_a_minute_is_the_secondary_limit(world: World) -> None:
    world.box.github.behaviour.content_per_minute = 2
    world.json("POST", ISSUES, {"title": "A"})
    world.wait(10)
    world.json("POST", f"{ISSUES}/1/comments", {"body": "x"})
    refused = world.call("POST", ISSUES, {"title": "B"})
    assert (refused.status_code, refused.headers["retry-after"]) == (403, "50")
    assert "secondary rate limit" in refused.json()["message"]
    with pytest.raises(github.RateLimitExceededException):
        world.client().get_repo(PRIVATE).create_issue("C")
    world.wait(50)
    assert world.call("POST", ISSUES, {"title": "B"}).status_code == 201


def test_too_much_content_in_an_hour_is_the_secondary_limit(world: World) -> None:
    world.box.github.behaviour.content_per_hour = 1
    world.json("POST", ISSUES, {"title": "A"})
    world.wait(600)
    assert world.call("POST", ISSUES, {"title": "B"}).headers["retry-after"] == "3000"


@pytest.fixture(scope="module")
def private_key() -> str:
    """A PEM private key."""
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    ).decode()


def public_key_of(private_key: str) -> str:
    """Return the PEM public key of a private one."""
    loaded = serialization.load_pem_private_key(private_key.encode(), None)
    public = loaded.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return public.decode()


def signed_in_time(world: World, app_id: int, private_key: str) -> github.Auth.AppAuth:
    """PyGithub's own authentication of an App, with the times of the sandbox in its web tokens."""
    sign = github.Auth.AppAuth.create_jwt_sign(private_key, "RS256")

    def in_time(claims: dict[str, Any]) -> Any:
        late = int(world.box.clock.now().timestamp() - time.time())
        return sign({**claims, "iat": claims["iat"] + late, "exp": claims["exp"] + late})

    return github.Auth.AppAuth(app_id, sign_func=in_time)


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ({"iat": -60, "exp": 600}, ""),
        ({"iat": 0, "exp": 1}, ""),
        ({"iat": 5, "exp": 300}, "'Issued at' claim ('iat') must be an Integer"),
        ({"exp": 300}, "'Issued at' claim ('iat') must be an Integer"),
        ({"iat": -60, "exp": 601}, "'Expiration time' claim ('exp') is too far in the future"),
        ({"iat": -600, "exp": 0}, "'Expiration time' claim ('exp') must be a numeric value"),
        ({"iat": -60}, "'Expiration time' claim ('exp') must be a numeric value"),
    ],
)
def test_the_times_of_a_web_token_count(world: World, private_key: str, times: dict[str, int], said: str) -> None:
    app = world.box.github.add_app("sync-bot", "acme", public_key=public_key_of(private_key))
    now = int(world.box.clock.now().timestamp())
    claims = {name: now + moved for name, moved in times.items()}
    token = jwt.encode({**claims, "iss": str(app.id)}, private_key, "RS256")
    answer = world.call("GET", "/app", user=None, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == (401 if said else 200)
    assert said in answer.json().get("message", "")


def test_pygithub_works_as_an_app_installation(world: World, private_key: str) -> None:
    state = world.box.github
    app = state.add_app("sync-bot", "acme", public_key=public_key_of(private_key))
    installation = state.install_app(app, "acme", [PRIVATE])
    auth = signed_in_time(world, app.id, private_key).get_installation_auth(installation.id)
    client = github.Github(base_url=world.box.github_url, auth=auth, retry=None, seconds_between_writes=0)
    issue = client.get_repo(PRIVATE).create_issue("A", labels=["bug"])
    assert (issue.user.login, issue.user.type) == ("sync-bot[bot]", "Bot")
    raw = world.json("GET", f"{ISSUES}/1")
    assert raw["performed_via_github_app"]["slug"] == "sync-bot"
    assert [label["name"] for label in raw["labels"]] == ["bug"]
    with pytest.raises(github.GithubException) as refused:
        client.get_repo(PUBLIC).create_issue("B")
    assert refused.value.data["message"] == "Resource not accessible by integration"


def test_pygithub_finds_the_installation_of_a_repository(world: World, private_key: str) -> None:
    app = world.box.github.add_app("sync-bot", "acme", public_key=public_key_of(private_key))
    installation = world.box.github.install_app(app, "acme")
    auth = signed_in_time(world, app.id, private_key)
    integration = github.GithubIntegration(auth=auth, base_url=world.box.github_url)
    assert integration.get_repo_installation("acme", "pay").id == installation.id
    assert integration.get_app_installation(installation.id).permissions == {"issues": "write", "metadata": "read"}


def test_a_web_token_of_another_key_or_app_is_refused(world: World, private_key: str) -> None:
    other = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    app = world.box.github.add_app("sync-bot", "acme", public_key=public_key_of(private_key))
    installation = world.box.github.install_app(app, "acme")
    now = int(world.box.clock.now().timestamp())
    claims = {"iat": now, "exp": now + 60}
    path = f"/app/installations/{installation.id}/access_tokens"
    for token in (jwt.encode({**claims, "iss": str(app.id)}, other, "RS256"), "a.b.c"):
        assert world.call("POST", path, user=None, headers={"Authorization": f"Bearer {token}"}).status_code == 401
    unknown = jwt.encode({**claims, "iss": "1"}, private_key, "RS256")
    assert world.call("POST", path, user=None, headers={"Authorization": f"Bearer {unknown}"}).status_code == 404
    assert world.call("POST", path).status_code == 401


def test_an_unknown_version_of_the_interface_is_a_400(world: World) -> None:
    assert world.call("GET", "/meta", headers={"X-GitHub-Api-Version": "2019-01-01"}).status_code == 400
    assert world.call("GET", "/meta", headers={"X-GitHub-Api-Version": "2022-11-28"}).status_code == 200


def test_an_unknown_address_is_a_json_404(world: World) -> None:
    answer = world.call("GET", "/nothing/here")
    assert (answer.status_code, answer.json()["status"]) == (404, "404")
    assert world.call("DELETE", ISSUES).status_code == 404
