"""Settings of the GitHub connector, and what is loaded for them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.github import KIND
from connectors.github.settings import GitHubScope, GitHubTracker, Terms
from syncer.contract.capabilities import RateLimit

APP = {"app-id": 1, "installation-id": 2, "private-key-file": "key.pem"}


def tracker(**given: Any) -> GitHubTracker:
    return GitHubTracker.model_validate({"kind": "github", "token": "ghp_secret-of-acme", **given})


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"url": "ftp://github.com"}, "not a web address"),
        ({"url": "http://ghe.acme.example/api/v3"}, "use https"),
        ({"url": "https://ghe.acme.example/"}, "ends in /api/v3: https://ghe.acme.example/api/v3"),
        ({"url": "https://me:pw@ghe.acme.example"}, "does not belong"),
        ({"url": "https://github.com"}, "https://api.github.com"),
        ({"token": None}, "no credentials"),
        ({"token": ""}, "token is empty"),
        ({"token": "ghp_täken"}, "no token has"),
        (APP, "both set"),
        ({"token": None, "app-id": 1}, "also needs installation-id and private-key-file"),
        ({"read-timeout": 0}, "greater than 0"),
        ({"tokne": "x"}, "Extra inputs"),
    ],
)
def test_wrong_tracker_is_explained(given: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError) as caught:
        tracker(**given)
    assert says in str(caught.value)


def test_secret_is_in_no_message_and_no_repr() -> None:
    with pytest.raises(ValidationError) as caught:
        tracker(url="ftp://x")
    assert "secret-of-acme" not in str(caught.value) + repr(tracker()) + tracker().model_dump_json()


@pytest.mark.parametrize("name", ["pay", "acme/pay/x", "https://github.com/acme/pay", "acme/", "/pay", "a b/c"])
def test_wrong_repository_is_explained(name: str) -> None:
    with pytest.raises(ValidationError, match="owner/name"):
        GitHubScope(repository=name)


@pytest.mark.parametrize("text", ["bug", "label:", "is:open", 'label:"a', "label:a,b -type:x extra"])
def test_wrong_filter_is_explained(text: str) -> None:
    with pytest.raises(ValidationError, match="label:NAME"):
        GitHubScope(repository="acme/pay", filter=text)


@pytest.mark.parametrize(
    ("text", "labels", "kind", "admitted"),
    [
        ("", set(), None, True),
        ("label:sync", {"Sync"}, None, True),
        ("label:sync", {"other"}, None, False),
        ("label:a label:b", {"b"}, None, True),
        ('label:"good first issue"', {"good first issue"}, None, True),
        ("-label:internal", {"Internal"}, None, False),
        ("label:sync -label:internal", {"sync", "internal"}, None, False),
        ("type:Bug", set(), "bug", True),
        ("type:Bug", set(), None, False),
    ],
)
def test_filter_admits_by_labels_and_type(text: str, labels: set[str], kind: str | None, admitted: bool) -> None:
    assert Terms.parse(text).admit(frozenset(labels), kind) is admitted


def test_limits_can_be_switched_off() -> None:
    assert tracker().rate_limits[0] == RateLimit(60, 60, creates_only=True, reserve=10)
    off = {"creates-per-minute": 0, "creates-per-hour": 0, "writes-per-second": 0}
    assert tracker(**off).rate_limits == ()


@pytest.mark.parametrize(
    ("url", "host", "pages"),
    [
        ("https://api.github.com", "github.com", "https://github.com"),
        ("https://api.acme.ghe.com/", "api.acme.ghe.com", "https://acme.ghe.com"),
        ("https://ghe.acme.example/api/v3/", "ghe.acme.example", "https://ghe.acme.example"),
        ("http://127.0.0.1:8080/api/v3", "127.0.0.1:8080", "http://127.0.0.1:8080"),
    ],
)
def test_pages_are_beside_the_interface(url: str, host: str, pages: str) -> None:
    assert (tracker(url=url).host, tracker(url=url).pages) == (host, pages)


def test_address_is_what_people_call_it() -> None:
    assert KIND.address(tracker(), GitHubScope(repository="acme/pay")) == "github.com acme/pay"


def test_credential_is_stable_and_not_the_secret() -> None:
    one, other = KIND.credential(tracker()), KIND.credential(tracker(token="ghp_another"))
    assert one == KIND.credential(tracker())
    assert one != other
    assert "secret-of-acme" not in one


def test_credential_of_an_app_is_its_installation() -> None:
    assert KIND.credential(tracker(token=None, **APP)) == "github.com:app-1-2"


def test_settings_do_not_load_the_library() -> None:
    code = "import sys, connectors.github; sys.exit('github' in sys.modules or 'requests' in sys.modules)"
    root = Path(__file__).resolve().parents[3]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


def test_opening_sends_nothing_and_needs_no_network() -> None:
    connector = KIND.open(tracker(url="https://ghe.invalid/api/v3"), GitHubScope(repository="acme/pay"))
    assert connector.requests == 0


@pytest.mark.parametrize(
    ("text", "labels", "needs", "words"),
    [
        ("", (), [], set()),
        ("label:Sync", ("sync",), [], {"other"}),
        ("label:a label:b", (), ["label a or b"], {"other"}),
        ("-label:internal", (), [], {"other"}),
        ("label:sync type:Bug", ("sync",), ["type bug"], {"other"}),
    ],
)
def test_a_new_issue_gets_the_one_label_that_a_filter_asks_for(
    text: str, labels: tuple[str, ...], needs: list[str], words: set[str]
) -> None:
    scope = GitHubScope.model_validate({"repository": "acme/pay", "filter": text})
    assert (scope.created_labels, [one.needs for one in scope.demands]) == (labels, needs)
    assert {word.value for word in scope.filter_words} == words
