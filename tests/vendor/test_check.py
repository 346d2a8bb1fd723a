"""What `syncer check` says of a tracker that shows no item, gives no right, or lacks an address."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from syncer.contract.checking import Finding, Severity
from syncer.demo.rehearsal import REPOSITORY as REHEARSED
from syncer.sandbox.datasets import BOT
from syncer.sandbox.faults import Fault
from tests.conformance.github_world import BOT_TOKEN, REPOSITORY, GitHubWorld
from tests.unit.commands.conftest import Run, Site, site, syncer  # noqa: F401 - fixtures
from tests.unit.connectors.jira_world import Deployment, Office, office

ALWAYS = 10_000
"""Times that a fault strikes."""


@pytest.fixture(params=["cloud", "datacenter"])
def place(request: pytest.FixtureRequest) -> Iterator[Office]:
    deployment: Deployment = request.param
    with office(deployment) as opened:
        yield opened


@pytest.fixture
def world() -> Iterator[GitHubWorld]:
    github = GitHubWorld().start()
    yield github
    github.stop()


def said(findings: list[Finding], severity: Severity) -> dict[str, str]:
    """What findings of one severity say, by what they are about."""
    return {finding.about: finding.message for finding in findings if finding.severity is severity}


def checked(there: Office | GitHubWorld, **settings: Any) -> list[Finding]:
    connector = there.open(**settings) if isinstance(there, Office) else there.connector(**settings)
    return list(connector.check())


# --- Jira: no readable issue


def hide_everything(place: Office) -> None:
    """Everybody's issues get a level that our account is not in."""
    place.jira.add_security_level("PAY", "Board", members=["mia"])
    for issue in list(place.jira.issues.values()):
        place.acts("mia", "PUT", f"/issue/{issue.id}", {"fields": {"security": {"name": "Board"}}})


def test_a_project_that_hides_all_of_its_issues_is_said_so(place: Office) -> None:
    place.issue("One")
    place.issue("Two")
    hide_everything(place)
    findings = checked(place)
    if place.is_cloud:
        assert said(findings, Severity.ERROR)["project PAY"] == (
            "the project has 2 issues, and this account is shown none"
        )
    else:
        assert "this account is shown no issue of it" in said(findings, Severity.WARNING)["project PAY"]


def test_an_empty_project_is_no_mistake(place: Office) -> None:
    assert said(checked(place), Severity.ERROR) == {}


def test_a_project_of_which_every_issue_is_restricted_is_an_error(place: Office) -> None:
    place.jira.add_security_level("PAY", "Staff", members=["mia", "bot"])
    issue = place.issue("One")
    place.acts("mia", "PUT", f"/issue/{issue}", {"fields": {"security": {"name": "Staff"}}})
    assert said(checked(place), Severity.ERROR)["security level"] == (
        "PAY-1 has a security level or another restriction: none that has is carried"
    )
    place.issue("Open")
    assert "security level" not in said(checked(place), Severity.ERROR)


def test_a_project_whose_readers_cannot_be_told_is_an_error(place: Office) -> None:
    place.issue("One")
    place.box.log.reset()
    checked(place)
    asked = [exchange.index for exchange in place.box.log.entries if exchange.path.endswith("/project/PAY")]
    place.box.log.reset()
    for index in range(asked[1], asked[1] + 30):  # first as ourselves, then as a stranger
        place.box.faults.add(Fault("html-200", index=index, path="/project/PAY$"))
    assert said(checked(place), Severity.ERROR) == {
        "audience": "it cannot be told who can read PAY: nothing of it is carried"
    }


# --- Jira: no rights


def test_an_account_without_any_right_in_the_project_is_told_that_it_cannot_see_it(place: Office) -> None:
    place.jira.revoke("bot", "BROWSE_PROJECTS", "PAY")
    findings = checked(place)
    errors = said(findings, Severity.ERROR)
    assert list(errors) == ["project"]
    assert errors["project"].startswith("project PAY cannot be seen: GET /rest/api/")
    assert "may browse PAY" in next(finding.fix for finding in findings if finding.about == "project")


def test_an_account_that_may_only_read_is_told_each_right_that_it_lacks(place: Office) -> None:
    needed = ("CREATE_ISSUES", "EDIT_ISSUES", "TRANSITION_ISSUES", "ADD_COMMENTS", "EDIT_OWN_COMMENTS")
    for name in needed:
        place.jira.revoke("bot", name, "PAY")
    errors = said(checked(place), Severity.ERROR)
    assert {f"permission {name}" for name in needed} == set(errors)


def test_an_archived_project_is_an_error(place: Office) -> None:
    place.issue("One")
    place.jira.archive_project("PAY")
    assert said(checked(place), Severity.ERROR)["project PAY"] == (
        "project PAY is archived: nothing in it can be changed, and no search finds its issues"
    )


# --- Jira: no address


@pytest.mark.parametrize(
    ("about", "path"),
    [("permissions", "/mypermissions"), ("links", "/issueLinkType"), ("statuses", "/project/PAY/statuses")],
)
def test_an_address_that_a_jira_lacks_is_named_and_the_rest_is_looked_at(place: Office, about: str, path: str) -> None:
    place.issue("One")
    place.box.faults.add(Fault("404", path=f"{path}$", times=ALWAYS))
    findings = checked(place)
    errors = said(findings, Severity.ERROR)
    assert list(errors) == [about]
    assert errors[about].startswith(f"GET {place.dialect.api}{path}: not found (404)")
    assert "no address of a Jira site" not in str(findings)
    assert "audience" in said(findings, Severity.INFO)


@pytest.mark.parametrize(
    ("about", "path"),
    [
        ("priorities", "/priority"),
        ("resolutions", "/resolution"),
        ("components", "/project/PAY/components"),
        ("people", "/user/assignable/search"),
    ],
)
def test_names_that_a_jira_does_not_list_are_said_to_be_unknown(place: Office, about: str, path: str) -> None:
    place.box.faults.add(Fault("404", path=f"{path}$", times=ALWAYS))
    connector = place.open()
    findings = list(connector.check())
    assert said(findings, Severity.ERROR) == {}
    told = said(findings, Severity.WARNING)[about]
    assert told.startswith(f"GET {place.dialect.api}{path}: not found (404)")
    connector.vocabulary()
    asked = [entry for entry in place.box.log.entries if entry.path.endswith(path)]
    assert len(asked) <= 2


def test_what_check_listed_is_not_asked_for_again(place: Office) -> None:
    connector = place.open()
    connector.check()
    connector.vocabulary()
    for path in ("/priority", "/resolution", "/project/PAY/components", "/project/PAY/statuses"):
        assert place.paths().count(f"GET {path}") == 1, path


def test_a_jira_without_a_search_is_said_so(place: Office) -> None:
    place.box.faults.add(Fault("404", path="/search", times=ALWAYS))
    findings = checked(place)
    errors = said(findings, Severity.ERROR)
    assert list(errors) == ["search"]
    assert errors["search"].startswith(f"there is no search here: POST {place.dialect.api}/search")
    assert "`deployment`" in next(finding.fix for finding in findings if finding.about == "search")


def test_an_address_where_no_jira_answers_is_said_so_at_once(place: Office) -> None:
    place.box.faults.add(Fault("404", times=ALWAYS))
    (finding,) = checked(place)
    assert finding.about == "url"


# --- GitHub


def test_a_repository_that_hides_its_issues_is_said_so(world: GitHubWorld) -> None:
    world.act("POST", "/issues", {"title": "One"})
    world.faults.rewriting = lambda path, body: b"[]" if path.endswith("/issues") else body
    errors = said(checked(world), Severity.ERROR)
    assert errors[f"repository {REPOSITORY}"] == (
        "it has 1 open issue or pull request, and this token is shown none of them"
    )


def test_an_empty_repository_is_no_mistake(world: GitHubWorld) -> None:
    findings = checked(world)
    assert said(findings, Severity.ERROR) == {}
    assert said(findings, Severity.INFO)[f"repository {REPOSITORY}"] == "the repository has no issue yet"


def test_a_token_that_may_not_see_the_repository_is_told_so(world: GitHubWorld) -> None:
    world.github.add_user("stranger", "A Stranger", token="ghp_stranger-token")
    (finding,) = checked(world, token="ghp_stranger-token")
    assert finding.severity is Severity.ERROR
    assert f"GET /repos/{REPOSITORY} was answered with 404" in finding.message
    assert finding.fix == "Check the repository's name, and that the token may read it."


def test_a_token_that_may_read_the_repository_and_not_its_issues_is_told_so(world: GitHubWorld) -> None:
    world.github.add_fine_grained_token(
        "sync-bot", "github_pat_narrow", repositories=[REPOSITORY], permissions={"metadata": "read"}
    )
    findings = checked(world, token="github_pat_narrow")
    assert "issues" in said(findings, Severity.ERROR)


def test_an_account_that_may_only_read_is_told_what_it_cannot_do(world: GitHubWorld) -> None:
    world.github.add_collaborator(REPOSITORY, "sync-bot", "read")
    assert said(checked(world), Severity.ERROR)[f"repository {REPOSITORY}"] == (
        "the token may read but not set labels and assignees"
    )


@pytest.mark.parametrize("about", ["issues", "labels", "assignees"])
def test_an_address_that_a_github_lacks_is_named_and_the_repository_not_blamed(world: GitHubWorld, about: str) -> None:
    world.act("POST", "/issues", {"title": "One"})
    world.faults.add(Fault("404", path=f"/repos/{REPOSITORY}/{about}$", times=ALWAYS))
    findings = checked(world)
    errors = said(findings, Severity.ERROR)
    assert list(errors) == [about]
    assert f"GET /repos/{REPOSITORY}/{about} was answered with 404" in errors[about]
    fix = next(finding.fix for finding in findings if finding.about == about)
    assert "name" not in fix
    assert "this GitHub has this address" in fix


def test_issue_types_that_cannot_be_read_are_a_warning_where_they_shall_be_kept_in_step(world: GitHubWorld) -> None:
    world.faults.add(Fault("404", path="/orgs/acme/issue-types$", times=ALWAYS))
    told = said(checked(world, scope={"issue_types": True}), Severity.WARNING)["issue types"]
    assert "GET /orgs/acme/issue-types was answered with 404" in told
    world.faults.add(Fault("404", path="/orgs/acme/issue-types$", times=ALWAYS))
    assert "404" in said(checked(world), Severity.INFO)["issue types"]


def test_switched_off_issues_are_said_and_nothing_else_is_blamed(world: GitHubWorld) -> None:
    world.github.repository(REPOSITORY).has_issues = False
    errors = said(checked(world), Severity.ERROR)
    assert errors == {f"repository {REPOSITORY}": "issues are switched off"}


def test_locked_conversations_are_said_with_who_may_still_comment(world: GitHubWorld) -> None:
    world.github.add_collaborator(REPOSITORY, "mia", "admin")
    world.act("POST", "/issues", {"title": "One"})
    world.act("POST", "/issues", {"title": "Two"})
    world.act("PUT", "/issues/1/lock", {"lock_reason": "resolved"})
    assert said(checked(world), Severity.INFO)["locked conversations"] == (
        f"1 of the 2 that changed last ({REPOSITORY}#1): comments need write access there, which the token has"
    )
    world.github.add_collaborator(REPOSITORY, "sync-bot", "triage")
    assert said(checked(world), Severity.WARNING)["locked conversations"] == (
        f"1 of the 2 that changed last ({REPOSITORY}#1): comments need write access there, which the token lacks"
    )


def test_an_archived_repository_is_an_error(world: GitHubWorld) -> None:
    world.github.archive(REPOSITORY)
    assert said(checked(world), Severity.ERROR)[f"repository {REPOSITORY}"] == "it is archived: nothing can be written"
    assert BOT_TOKEN not in str(checked(world))


# --- the command


def test_the_command_names_the_address_that_is_missing_and_the_side_it_is_missing_on(syncer: Run, site: Site) -> None:  # noqa: F811
    site.box.faults.add(Fault("404", path="/issueLinkType$", times=ALWAYS))
    ended = syncer("check")
    assert ended.code == 2
    assert "links: GET /rest/api/3/issueLinkType: not found (404)" in ended.out


def test_the_command_tells_a_project_that_hides_its_issues_from_an_empty_one(syncer: Run, site: Site) -> None:  # noqa: F811
    fields = {"project": {"key": "PAY"}, "issuetype": {"name": "Task"}, "summary": "One"}
    answer = requests.post(
        f"{site.box.jira_url}/rest/api/3/issue",
        json={"fields": fields},
        auth=("li-wei@example.com", "token-li-wei"),
        timeout=10,
    )
    assert answer.status_code == 201, answer.text
    hidden = b'{"issues": [], "isLast": true}'
    site.box.faults.rewriting = lambda path, body: hidden if path.endswith("/search/jql") else body
    ended = syncer("check")
    assert ended.code == 2
    assert "project PAY: the project has 1 issue, and this account is shown none" in ended.out


def test_the_command_tells_an_account_without_rights_what_it_cannot_see(syncer: Run, site: Site) -> None:  # noqa: F811
    site.box.jira.revoke(BOT, "BROWSE_PROJECTS", "PAY")
    site.box.github.remove_collaborator(REHEARSED, BOT)
    ended = syncer("check")
    assert ended.code == 4
    assert "project: project PAY cannot be seen: GET /rest/api/3/project/PAY: not found (404)" in ended.out
    assert f"GET /repos/{REHEARSED} was answered with 404" in ended.out
