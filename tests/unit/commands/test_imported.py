"""`syncer sandbox --import`: what a tracker answered is there again, and the configuration that is printed syncs it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from syncer.commands.sandbox import announcement, loaded
from syncer.demo.rehearsal import BOT, Deployment, Filling, Rehearsal, rehearse
from syncer.sandbox import Sandbox, SandboxError
from syncer.sandbox.jira import links
from tests.unit.commands.conftest import Run

FILE = "![shot](https://github.com/user-attachments/assets/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0) and #1"
DEPLOYMENTS: tuple[Deployment, ...] = ("cloud", "datacenter")


def asked(address: str, **credentials: Any) -> Any:
    answer = requests.get(address, timeout=10, **credentials)
    assert answer.ok, answer.text
    return answer.json()


def of_github(box: Sandbox, path: str) -> Any:
    """What a visitor with a token is answered."""
    return asked(f"{box.github_url}{path}", headers={"Authorization": "Bearer ines-token"})


def of_jira(box: Sandbox, path: str, who: str = "mia") -> Any:
    if box.jira.is_cloud:
        return asked(f"{box.jira_url}/rest/api/2{path}", auth=(f"{who}@example.com", f"token-{who}"))
    return asked(f"{box.jira_url}/rest/api/2{path}", headers={"Authorization": f"Bearer token-{who}"})


def written(folder: Path, records: list[Any]) -> Path:
    file = folder / "recorded.jsonl"
    file.write_text("\n".join(json.dumps(record) for record in records), "utf-8")
    return file


@pytest.fixture
def of_a_repository(tmp_path: Path) -> Path:
    """What a GitHub answered of a public repository: parents, blockers, a type, a pull request, a picture in a text."""
    with Sandbox() as box:
        github = box.github
        github.add_organization("shop", "Shop")
        github.add_user("ines", token="ines-token")
        github.add_repository("shop/web.store")
        github.add_collaborator("shop/web.store", "ines", "maintain")
        for number in range(1, 5):
            github.add_issue("shop/web.store", f"Issue {number}", "ines", FILE, type="Bug" if number == 1 else None)
            github.add_comment("shop/web.store", number, "ines", f"See #{number} and https://example.org/a?b=c")
        github.add_pull_request("shop/web.store", "A change", "ines", "Closes #2")
        base = "/repos/shop/web.store"
        numbers = {issue["number"]: issue["id"] for issue in of_github(box, f"{base}/issues?state=all")}
        for path, key, other in (
            (f"{base}/issues/1/sub_issues", "sub_issue_id", 2),
            (f"{base}/issues/1/sub_issues", "sub_issue_id", 3),
            (f"{base}/issues/3/dependencies/blocked_by", "issue_id", 4),
        ):
            made = requests.post(
                f"{box.github_url}{path}", json={key: numbers[other]}, headers={"Authorization": "Bearer ines-token"},
                timeout=10,
            )  # fmt: skip
            assert made.ok, made.text
        github.edit_issue("shop/web.store", 4, "ines", state="closed", state_reason="not_planned")
        records = [
            record
            for path in ("/issues?state=all", "/issues/comments", "/issues/events", "/milestones")
            for record in of_github(box, f"{base}{path}")
        ]
    return written(tmp_path, records)


@pytest.fixture(params=DEPLOYMENTS)
def of_a_project(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """What a Jira answered of a project: a sub-task, links of a type of its own, a file, a comment, a closed issue."""
    with Sandbox(jira_deployment=request.param) as box:
        jira = box.jira
        jira.add_user("mia", "Mia Larsen")
        jira.add_project("SHOP", "Shop", lead="mia")
        first, second, third = jira.seed_issues("SHOP", 3, 1)
        ends = [jira.issues_required(key) for key in (first, second, third)]
        blocks = next(kind for kind in jira.link_types if kind.name == "Blocks")
        own = type(blocks)("10900", "Follows", "is followed by", "follows")
        jira.link_types.append(own)
        links.add(jira, jira.users["mia"], blocks, ends[0], ends[1])
        links.add(jira, jira.users["mia"], own, ends[1], ends[2])
        credentials: dict[str, Any] = (
            {"auth": ("mia@example.com", "token-mia")}
            if jira.is_cloud
            else {"headers": {"Authorization": "Bearer token-mia"}}
        )
        headers = {"X-Atlassian-Token": "no-check", **credentials.pop("headers", {})}
        attached = requests.post(
            f"{box.jira_url}/rest/api/2/issue/{first}/attachments", files={"file": ("plan.pdf", b"x" * 1234)},
            headers=headers, timeout=10, **credentials,
        )  # fmt: skip
        assert attached.ok, attached.text
        issues = [of_jira(box, f"/issue/{key}?expand=changelog&fields=*all") for key in (first, second, third)]
    return written(tmp_path, issues)


@contextmanager
def rehearsed(file: Path, deployment: Deployment = "cloud") -> Iterator[Rehearsal]:
    made = rehearse(deployment, 0, Filling(recorded=(file,)))
    made.box.github.add_user("ines-too", token="ines-token")
    made.box.jira.add_user("reader", "Reader")
    try:
        yield made
    finally:
        made.box.stop()


def used(rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Does what the first lines of the printed text say."""
    text = announcement(rehearsal)
    (folder / "syncer.toml").write_text(text, "utf-8")
    [exports] = [line for line in text.splitlines() if line.startswith("# export ")]
    for each in exports.removeprefix("# export ").split():
        monkeypatch.setenv(*each.split("=", 1))


def keys_of(issue: Mapping[str, Any]) -> dict[str, Any]:
    """What is compared of an issue of GitHub."""
    return {
        **{name: issue[name] for name in ("id", "number", "title", "body", "state", "state_reason", "created_at")},
        "type": (issue["type"] or {}).get("name"),
        "parent": (issue.get("parent_issue_url") or "").rpartition("/repos/")[2],
        "children": issue["sub_issues_summary"],
        "blockers": issue["issue_dependencies_summary"],
        "pull": "pull_request" in issue,
    }


def test_a_recorded_repository_is_there_again_with_its_relations(of_a_repository: Path) -> None:
    records = [json.loads(line) for line in of_a_repository.read_text("utf-8").splitlines()]
    issues = {record["number"]: keys_of(record) for record in records if "comments_url" in record}
    assert {issue["parent"] for issue in issues.values()} == {"", "shop/web.store/issues/1"}
    with rehearsed(of_a_repository) as rehearsal:
        shown = of_github(rehearsal.box, "/repos/shop/web.store/issues?state=all")
        assert {issue["number"]: keys_of(issue) for issue in shown} == issues
        blockers = of_github(rehearsal.box, "/repos/shop/web.store/issues/3/dependencies/blocked_by")
        assert [issue["number"] for issue in blockers] == [4]
        told = of_github(rehearsal.box, "/repos/shop/web.store/issues/1/events")
        assert [event["sub_issue"]["number"] for event in told if event["event"] == "sub_issue_added"] == [2, 3]


def test_the_configuration_of_a_recorded_repository_syncs_it(
    of_a_repository: Path, syncer: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with rehearsed(of_a_repository) as rehearsal:
        assert loaded(rehearsal) == [
            "Loaded into GitHub: 5 issues, 4 comments, 8 events, 3 parents and blockers.",
        ]
        used(rehearsal, monkeypatch, tmp_path)
        checked = syncer("check")
        assert (checked.code, "403" in checked.out, "404" in checked.out) == (0, False, False), checked.out
        first = syncer("sync", "-v")
        # A Jira of this sandbox puts no task under a task.
        assert (first.code, first.err.count("does not belong to appropriate hierarchy")) == (6, 2), first.err
        assert "4 created" in first.out + first.err
        again = syncer("sync", "-v")
        assert (again.code, "created" in again.out + again.err) == (0, False), again.err
        jira = rehearsal.box.jira
        made = {issue.content["summary"]: issue for issue in jira.issues.values()}
        assert set(made) == {f"Issue {number}" for number in range(1, 5)}
        [link] = made["Issue 3"].content["issuelinks"]
        assert (link.source, link.target) == (made["Issue 4"].id, made["Issue 3"].id)


def test_a_recorded_project_is_there_again_with_links_and_files(of_a_project: Path) -> None:
    records = [json.loads(line) for line in of_a_project.read_text("utf-8").splitlines()]
    deployment: Deployment = "cloud" if "accountId" in json.dumps(records) else "datacenter"
    with rehearsed(of_a_project, deployment) as rehearsal:
        for record in records:
            fields = of_jira(rehearsal.box, f"/issue/{record['key']}?fields=*all", "reader")["fields"]
            for name in ("summary", "labels", "duedate", "created", "updated"):
                assert fields[name] == record["fields"][name]
            for name in ("issuelinks", "attachment"):
                assert [parts(each) for each in fields[name]] == [parts(each) for each in record["fields"][name]]
        assert loaded(rehearsal) == ["Loaded into Jira: 3 issues, 3 comments, 1 attachment, 2 parents and blockers."]


def parts(held: Mapping[str, Any]) -> Any:
    """What is compared of a link or a file of Jira."""
    if "filename" in held:
        return {name: held[name] for name in ("id", "filename", "size", "mimeType", "created")}
    end = held.get("outwardIssue") or held["inwardIssue"]
    return held["id"], held["type"]["name"], held["type"]["inward"], held["type"]["outward"], end["key"], end["id"]


def test_the_configuration_of_a_recorded_project_syncs_it(
    of_a_project: Path, syncer: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    deployment: Deployment = "cloud" if "accountId" in of_a_project.read_text("utf-8") else "datacenter"
    with rehearsed(of_a_project, deployment) as rehearsal:
        used(rehearsal, monkeypatch, tmp_path)
        checked = syncer("check")
        assert checked.code == 0, checked.out
        assert "no row of the map names it" not in checked.out
        first = syncer("sync", "-v")
        assert (first.code, "3 created" in first.out + first.err) == (0, True), first.err
        again = syncer("sync", "-v")
        assert (again.code, "nothing to do" in again.out + again.err) == (0, True), again.err
        made = rehearsal.box.github.repository("acme/shop").issues.values()
        blocked = {issue.title: [each.title for each in issue.blocked_by] for issue in made}
        assert sorted(map(len, blocked.values())) == [0, 0, 1]
        assert BOT in {issue.author.login for issue in made}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '{"url": "https://api.github.com/repos/a/b/issues/1", "comments_url": "x", "number": 1}',
            "'title' is missing",
        ),
        ('{"key": "A-1", "fields": {}}', "'project' is missing"),
        ("[1]", "is not a JSON object"),
        ("{", "is not JSON"),
    ],
)
def test_what_is_no_recording_is_refused_with_what_is_wrong(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "recorded.json"
    file.write_text(text, "utf-8")
    with pytest.raises(SandboxError, match=said):
        rehearse("cloud", 0, Filling(recorded=(file,)))


def test_a_recording_without_an_issue_is_said_to_have_none(tmp_path: Path) -> None:
    with rehearsed(written(tmp_path, [{"something": "else"}])) as rehearsal:
        assert "The recording holds no issue; both trackers are as without it." in loaded(rehearsal)
        assert 'repository = "acme/pay"' in rehearsal.configuration
