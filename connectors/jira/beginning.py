"""What has to be known of a Jira to begin with it, and what its projects and workflows offer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from connectors.jira.accounts import account_of
from connectors.jira.json_fields import Json, as_object, as_objects, need, want
from connectors.jira.mapping import named_status
from connectors.jira.project import Project, understood
from connectors.jira.settings import JiraTracker, ScopeSettings
from syncer.contract.beginning import Answers, Discovery, FoundPerson, InitQuestion, ScopeChoice, Start
from syncer.contract.errors import Denied, Gone, Rejected
from syncer.contract.model import Category, Status

_PEOPLE = 200
_ORDER = list(Category)


def deployment_of(url: str) -> str:
    """The deployment that an address suggests."""
    host = urlsplit(url).hostname or ""
    return "cloud" if host.endswith((".atlassian.net", ".jira.com")) else "datacenter"


def questions(answers: Answers) -> Sequence[InitQuestion]:
    """See `Guide.questions`. Cloud asks whose token it is."""
    asked = [InitQuestion("url", "Jira address", "https://acme.atlassian.net", _address)]
    if _deployment(answers) == "cloud":
        asked.append(InitQuestion("user", "E-mail of the Jira account", "sync-bot@acme.example", _mail))
    return [*asked, InitQuestion("project", "Jira project key", "PAY", _key, listed=True)]


def start(answers: Answers) -> Start:
    """See `Guide.start`."""
    url, deployment = answers["url"], _deployment(answers)
    tracker: dict[str, Any] = {"url": url, "deployment": deployment}
    if deployment == "cloud":
        tracker["user"] = answers["user"]
    if urlsplit(url).scheme == "http":
        tracker["allow-http"] = True
    secret = "an API token of that account" if deployment == "cloud" else "a personal access token"
    project = answers["project"]
    return Start(tracker, {"project": project}, (("token", secret),), project.lower())


def _deployment(answers: Answers) -> str:
    """Data Center takes a token alone: who names the account of the token has a Cloud, whatever its address is."""
    return answers.get("deployment") or ("cloud" if answers.get("user") else deployment_of(answers.get("url", "")))


def _address(text: str) -> str | None:
    return text.rstrip("/") if re.fullmatch(r"https?://[^\s/@]+(/\S*)?", text) else None


def _mail(text: str) -> str | None:
    return text if re.fullmatch(r"[^@\s]+@[^@\s]+", text) else None


def _key(text: str) -> str | None:
    return text.upper() if re.fullmatch(r"[A-Z][A-Z0-9_]+", text.upper()) else None


def scopes(project: Project) -> Sequence[ScopeChoice]:
    """The projects that the account may browse, by key."""
    with understood("projects"):
        found = as_objects(project.client.get("/project"), "projects")
        listed = [ScopeChoice(need(each, "key", str, "project"), str(each.get("name") or "")) for each in found]
    return sorted(listed, key=lambda one: one.name)


def discover(project: Project) -> Discovery:
    """Statuses with their categories, types, priorities and the people who can be assigned, but for our own account.

    Raises Denied for a token that is refused, and Gone where there is no such project for it.
    """
    place = f"/project/{project.scope.project}/statuses"
    with understood("myself"):
        project.signed_in(as_object(project.client.get("/myself"), "myself"))
    with understood("statuses"):
        types = as_objects(project.client.get(place), place)
        named = dict(
            named_status(status, "status") for kind in types for status in as_objects(kind.get("statuses"), "statuses")
        )
    statuses = [Status(name, category) for name, category in named.items()]
    return Discovery(
        statuses=tuple(sorted(statuses, key=lambda one: _ORDER.index(one.category))),
        types=_names(types),
        priorities=_names(_listed(project, "/priority")),
        people=tuple(_people(project)),
    )


def _listed(project: Project, path: str, query: dict[str, str | int] | None = None) -> list[Json]:
    """The entries at an address; none where this account is not given them."""
    try:
        with understood(path):
            return as_objects(project.client.get(path, query), path)
    except (Gone, Denied, Rejected):
        return []


def _names(entries: list[Json]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(each["name"]) for each in entries if each.get("name")))


def _people(project: Project) -> list[FoundPerson]:
    query: dict[str, str | int] = {"project": project.scope.project, "maxResults": _PEOPLE}
    found = []
    for user in _listed(project, "/user/assignable/search", query):
        account = account_of(user, project.site)
        if account is not None and not account.bot and account.id != project.own_account:
            found.append(FoundPerson(account.id, account.name, want(user, "emailAddress", str, "user") or ""))
    return found


def opened(tracker: JiraTracker, scope: ScopeSettings) -> Project:
    """A project to be asked; whoever asks closes its client."""
    from connectors.jira.client import Client

    return Project(Client(tracker), tracker, scope)
