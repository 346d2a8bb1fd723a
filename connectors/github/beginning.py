"""What has to be known of a repository to begin with it, and what its owner and its people offer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from connectors.github.client import GitHubClient
from connectors.github.mapping import part
from connectors.github.paging import pages, rows
from connectors.github.settings import GitHubTracker
from syncer.contract.beginning import Answers, Discovery, FoundPerson, InitQuestion, ScopeChoice, Start
from syncer.contract.errors import Denied, Gone, TrackerError
from syncer.contract.model import Status

MOST_PEOPLE = 50
"""So many people are asked for their names, one request each."""


def questions(_answers: Answers) -> Sequence[InitQuestion]:
    """See `Guide.questions`."""
    return [InitQuestion("repository", "GitHub repository", "acme/pay", _repository, listed=True)]


def start(answers: Answers) -> Start:
    """See `Guide.start`. An address is told only for an Enterprise Server."""
    repository = answers["repository"]
    url = answers.get("url", "")
    meaning = "a fine-grained token: Issues read and write, Metadata read, this repository only"
    tracker: dict[str, Any] = {"url": url} if url else {}
    return Start(tracker, {"repository": repository}, (("token", meaning),), repository.rpartition("/")[2].lower())


def _repository(text: str) -> str | None:
    return text if re.fullmatch(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+", text) else None


def scopes(client: GitHubClient, tracker: GitHubTracker) -> Sequence[ScopeChoice]:
    """The repositories that the token reaches and that have issues, by name."""
    doing = "list the repositories"
    if tracker.token is None:
        body, _ = client.get("/installation/repositories", doing, {"per_page": 100}, item=True)
        found = rows(body.get("repositories") if isinstance(body, dict) else body, doing)
    else:
        found = [row for page in pages(client, "/user/repos", doing, item=True) for row in page]
    listed = [
        ScopeChoice(part(row, "full_name", str), str(row.get("description") or ""))
        for row in found
        if row.get("has_issues") is not False and not row.get("archived")
    ]
    return sorted(listed, key=lambda one: one.name)


def discover(client: GitHubClient, repository: str, statuses: Sequence[Status]) -> Discovery:
    """Labels, and the people who can be assigned with their names, but for the account of the token.

    `statuses` are those of every repository.
    """
    labels = [
        part(row, "name", str)
        for page in pages(client, f"/repos/{repository}/labels", f"list the labels of {repository}")
        for row in page
    ]
    return Discovery(statuses=tuple(statuses), labels=tuple(labels), people=tuple(_people(client, repository)))


def _people(client: GitHubClient, repository: str) -> Iterator[FoundPerson]:
    doing, own = f"list the people of {repository}", _own_login(client)
    logins = [
        part(row, "login", str)
        for page in pages(client, f"/repos/{repository}/assignees", doing)
        for row in page
        if row.get("type") != "Bot" and row.get("login") != own
    ]
    for place, login in enumerate(logins):
        yield _person(client, login) if place < MOST_PEOPLE else FoundPerson(login)


def _own_login(client: GitHubClient) -> str | None:
    """Whose token it is; an App's has no user."""
    try:
        body, _ = client.get("/user", "read whose token it is", item=True)
    except (Denied, Gone):
        return None
    return body.get("login") if isinstance(body, dict) else None


def _person(client: GitHubClient, login: str) -> FoundPerson:
    """Somebody with the name and address of their profile, where they tell them."""
    try:
        body, _ = client.get(f"/users/{quote(login, safe='')}", f"read the account {login}", item=True)
    except TrackerError:
        return FoundPerson(login)
    told = body if isinstance(body, dict) else {}
    return FoundPerson(login, str(told.get("name") or ""), str(told.get("email") or ""))
