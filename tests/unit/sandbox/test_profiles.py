"""A sandbox behaves like the server whose profile it is given, and each line of a profile names its source."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from syncer.sandbox import Clock, Sandbox, SandboxError
from syncer.sandbox.datasets import BOT_EMAIL, GITHUB_TOKEN, JIRA_TOKEN, load
from syncer.sandbox.profiles import NAMED, Missing, Profile, Setting, Shown, as_json, parse
from tests.rig import START
from tests.vendor.register import REGISTER

SERVERS = Path(__file__).resolve().parents[4] / "shared" / "data" / "github-server.json"
PATHS = ("/orgs/{org}/issue-", "/orgs/{org}/projectsV2", "/users/", "/repos/{owner}/{repo}/issues/")
"""Of the operations that Enterprise Server lacks, those that concern issues and boards."""


@contextmanager
def serving(*profiles: Profile) -> Iterator[Sandbox]:
    with Sandbox(clock=Clock.virtual(START), profiles=profiles) as box:
        load(box, "scale", issues=1, comments=1, side="both")
        yield box


def asked(box: Sandbox, path: str, **headers: str) -> requests.Response:
    """What the sandbox's GitHub answers."""
    sent = {"Authorization": f"Bearer {GITHUB_TOKEN}", **headers}
    return requests.get(f"{box.github_url}{path}", headers=sent, timeout=10)


def of_jira(box: Sandbox, path: str) -> Any:
    """What the sandbox's Jira answers."""
    auth = (BOT_EMAIL, JIRA_TOKEN) if box.jira.is_cloud else None
    headers = {} if auth else {"Authorization": f"Bearer {JIRA_TOKEN}"}
    return requests.get(f"{box.jira_url}{path}", auth=auth, headers=headers, timeout=10).json()


@pytest.mark.parametrize("profile", NAMED.values(), ids=lambda profile: profile.name)
def test_every_line_of_a_named_profile_rests_on_a_row_of_the_register(profile: Profile) -> None:
    assert profile.evidence <= {row.id for row in REGISTER}


@pytest.mark.parametrize("profile", NAMED.values(), ids=lambda profile: profile.name)
def test_a_profile_survives_being_written_and_read(profile: Profile) -> None:
    assert parse(json.loads(json.dumps(as_json(profile)))) == profile


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([], "tracker"),
        ({"tracker": "jira"}, "deployment"),
        ({"tracker": "github", "deployment": "cloud"}, "deployment"),
        ({"tracker": "github", "differences": {}}, "expected a list"),
        ({"tracker": "github", "differences": [{"what": "else"}]}, r"differences\[0\]"),
        ({"tracker": "github", "differences": [{"what": "missing", "verb": "GET"}]}, "expected the keys verb, path"),
        (
            {
                "tracker": "github",
                "differences": [{"what": "shown", "kind": "user", "field": "id", "form": "odd", "evidence": "x"}],
            },
            "absent, null, empty",
        ),
        (
            {"tracker": "github", "differences": [{"what": "setting", "name": "odd", "value": 1, "evidence": "x"}]},
            "name is one of",
        ),
    ],
)
def test_what_is_wrong_with_a_profile_is_named(data: object, said: str) -> None:
    with pytest.raises(SandboxError, match=said):
        parse(data)


def test_a_field_is_shown_in_the_form_of_the_profile_where_nothing_is_in_it() -> None:
    forms = (
        Shown("issue.fields", "assignee", "absent", "x"),
        Shown("issue.fields", "description", "empty", "x"),
        Shown("issue.fields", "labels", "null", "x"),
        Shown("issue.fields", "summary", "absent", "x"),
    )
    with serving(Profile("p", "p", "jira", "datacenter", forms)) as box:
        box.jira.add_project("NEW", lead="sync-bot")
        made = requests.post(
            f"{box.jira_url}/rest/api/2/issue",
            json={"fields": {"project": {"key": "NEW"}, "issuetype": {"name": "Task"}, "summary": "Plain"}},
            headers={"Authorization": f"Bearer {JIRA_TOKEN}"},
            timeout=10,
        )
        fields = of_jira(box, f"/rest/api/2/issue/{made.json()['key']}")["fields"]
    assert "assignee" not in fields
    assert (fields["description"], fields["labels"], fields["summary"]) == ("", None, "Plain")


def test_an_object_is_known_wherever_it_stands() -> None:
    hidden = Shown("user", "displayName", "absent", "x", always=True)
    with serving(Profile("p", "p", "jira", "cloud", (hidden,))) as box:
        issue = of_jira(box, "/rest/api/3/issue/PAY-1")["fields"]
        assert "displayName" not in issue["creator"]
        assert "displayName" not in issue["comment"]["comments"][0]["author"]
        assert "displayName" not in of_jira(box, "/rest/api/3/myself")


def test_an_operation_that_a_server_lacks_answers_as_an_address_that_nobody_serves() -> None:
    lacking = Missing("GET", "/repos/{owner}/{repo}/issues/{issue_number}/comments", "x")
    with serving(Profile("p", "p", "github", differences=(lacking,))) as box:
        repository = asked(box, "/repos/acme/pay").json()["id"]
        nobodys = asked(box, "/nobody/serves/this")
        for path in ("/repos/acme/pay/issues/1/comments", f"/repositories/{repository}/issues/1/comments"):
            answer = asked(box, path)
            assert (answer.status_code, answer.json()) == (404, nobodys.json())
            assert "x-ratelimit-remaining" in answer.headers
        assert asked(box, "/repos/acme/pay/issues/1").status_code == 200
        posted = requests.post(
            f"{box.github_url}/repos/acme/pay/issues/1/comments",
            json={"body": "Hello"},
            headers={"Authorization": f"Bearer {GITHUB_TOKEN}"},
            timeout=10,
        )
        assert posted.status_code == 201
        assert box.log.entries[-1].path == "/api/v3/repos/acme/pay/issues/1/comments"


@pytest.mark.parametrize(("version", "singular"), [("2022-11-28", True), ("2026-03-10", False)])
def test_a_request_chooses_the_version_of_the_interface(version: str, singular: bool) -> None:
    with serving() as box:
        issue = asked(box, "/repos/acme/pay/issues/1", **{"X-GitHub-Api-Version": version})
        assert issue.headers["x-github-api-version-selected"] == version
        assert ("assignee" in issue.json(), "assignees" in issue.json()) == (singular, True)
        assert ("rate" in asked(box, "/rate_limit", **{"X-GitHub-Api-Version": version}).json()) is singular
        assert asked(box, "/versions").json() == ["2022-11-28", "2026-03-10"]


def test_a_version_that_is_not_served_is_refused_and_one_that_ended_is_gone() -> None:
    only = Setting("api-versions", ("2026-03-10",), "x")
    with serving(Profile("p", "p", "github", differences=(only,))) as box:
        assert asked(box, "/user", **{"X-GitHub-Api-Version": "2022-11-28"}).status_code == 410
        assert asked(box, "/user", **{"X-GitHub-Api-Version": "2030-01-01"}).status_code == 400
        assert asked(box, "/user").headers["x-github-api-version-selected"] == "2026-03-10"


@pytest.mark.parametrize("version", ["3.17", "3.19"])
def test_enterprise_servers_lack_what_their_specifications_lack(version: str) -> None:
    if not SERVERS.is_file():
        pytest.skip("the operations of GitHub's products are not beside this checkout")
    paths: Mapping[str, Mapping[str, list[str]]] = json.loads(SERVERS.read_text("utf-8"))["paths"]
    lacking = {
        (verb.upper(), path)
        for path, products in paths.items()
        for verb in set(products["github.com"]) - set(products[f"Enterprise Server {version}"])
        if path.startswith(PATHS) and ("projectsV2" in path or not path.startswith("/users/"))
    }
    told = {(each.verb, each.path) for each in NAMED[f"ghes-{version}"].missing}
    assert {each for each in told if each[1].startswith(PATHS)} == lacking


def test_an_enterprise_server_tells_its_version() -> None:
    with serving(NAMED["ghes-3.17"]) as box:
        assert asked(box, "/meta").json()["installed_version"] == "3.17.0"
        assert asked(box, "/meta").headers["x-github-enterprise-version"] == "enterprise-server@3.17.0"
    with serving() as box:
        assert "installed_version" not in asked(box, "/meta").json()


def test_a_data_center_has_its_window() -> None:
    with serving(NAMED["jira-data-center"]) as box:
        assert box.jira.result_window == 10_000
        assert not box.jira.is_cloud
        far = of_jira(box, "/rest/api/2/search?startAt=10000&maxResults=1")
        assert "Result window is too large" in far["errorMessages"][0]
