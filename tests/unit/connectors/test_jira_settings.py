"""Configuration is refused with a message that says what to write, and never shows the token."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from connectors.jira import KIND
from connectors.jira.settings import JiraTracker, ScopeSettings

GOOD = {"kind": "jira", "url": "https://acme.atlassian.net", "user": "sync-bot@acme.example", "token": "s3cret-token"}


def refusal(**changes: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        JiraTracker.model_validate({**GOOD, **changes})
    return str(caught.value)


def test_a_cloud_site_needs_address_account_and_token() -> None:
    settings = JiraTracker.model_validate(GOOD)
    assert (settings.dialect.name, settings.timeouts) == ("cloud", (5, 60))


def test_data_center_needs_no_account() -> None:
    settings = JiraTracker.model_validate({**GOOD, "deployment": "datacenter", "user": ""})
    assert settings.dialect.name == "datacenter"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"user": ""}, "e-mail address"),
        ({"url": "acme.atlassian.net"}, "https://acme.atlassian.net"),
        ({"url": "http://acme.example"}, "https://"),
        ({"url": "http://acme.example", "allow-http": True}, "loopback and private"),
        ({"url": "https://bot:s3cret-token@acme.example"}, "neither credentials"),
        ({"url": "https://acme.example/?x=1"}, "query"),
        ({"url": "https://acme.atlassian.net/browse/PAY-7"}, "without /browse: https://acme.atlassian.net"),
        ({"url": "https://jira.acme.example/jira/projects/PAY"}, "without /projects: https://jira.acme.example/jira"),
        ({"token": " "}, "token: is empty"),
        ({"api-url": "http://api.acme.example"}, "api-url: must begin with https://"),
        ({"api-url": "https://acme.atlassian.net/rest/api/3"}, "nothing from /rest on"),
        ({"cloud-id": "../evil"}, "`syncer check` finds it"),
        ({"cloud-id": "1-2", "api-url": "https://api.acme.example"}, "keep one of them"),
        ({"deployment": "server"}, "datacenter"),
        ({"tokne": "x"}, "tokne"),
        ({"flagged": "Flagged"}, "customfield_"),
    ],
)
def test_a_mistake_is_explained(changes: dict[str, Any], said: str) -> None:
    message = refusal(**changes)
    assert said in message
    assert "s3cret-token" not in message


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/jira", "http://10.1.2.3", "http://localhost:2990/jira", "http://[::1]"]
)
def test_private_addresses_may_be_unencrypted_when_asked_for(url: str) -> None:
    assert JiraTracker.model_validate({**GOOD, "url": url + "/", "allow-http": True}).url == url


def test_the_token_is_never_shown() -> None:
    assert "s3cret-token" not in repr(JiraTracker.model_validate(GOOD))


@pytest.mark.parametrize(
    "scope", [{"project": "pay"}, {"project": "PAY", "filter": "a) OR (b"}, {"project": "PAY", "typ": "Bug"}]
)
def test_a_scope_that_cannot_be_meant_is_refused(scope: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ScopeSettings.model_validate(scope)


def test_the_kind_names_the_account_and_the_project() -> None:
    tracker, scope = JiraTracker.model_validate(GOOD), ScopeSettings(project="PAY")
    assert KIND.credential(tracker) == "jira https://acme.atlassian.net sync-bot@acme.example"
    assert KIND.address(tracker, scope) == "https://acme.atlassian.net PAY"


def test_the_credential_of_a_token_does_not_show_it() -> None:
    tracker = JiraTracker.model_validate({**GOOD, "deployment": "datacenter", "user": ""})
    assert "s3cret" not in KIND.credential(tracker)


def test_opening_sends_nothing() -> None:
    connector = KIND.open(JiraTracker.model_validate(GOOD), ScopeSettings(project="PAY"))
    assert connector.requests == 0
    connector.close()


def test_the_package_loads_neither_jira_nor_pydantic() -> None:
    import subprocess
    import sys

    code = (
        "import sys, connectors.jira; print([name for name in ('jira', 'pydantic', 'requests') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_requests_go_to_the_gateway_and_people_to_the_site() -> None:
    tracker = JiraTracker.model_validate({**GOOD, "cloud-id": "1-2"})
    assert (tracker.api, tracker.url) == ("https://api.atlassian.com/ex/jira/1-2", "https://acme.atlassian.net")
    assert JiraTracker.model_validate({**GOOD, "api-url": "https://a.example/x/"}).api == "https://a.example/x"
    assert JiraTracker.model_validate(GOOD).api == "https://acme.atlassian.net"
    assert KIND.credential(tracker) == KIND.credential(JiraTracker.model_validate(GOOD))
