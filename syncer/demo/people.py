"""The people of the story at their keyboards: each speaks HTTP to a tracker as themselves, with their own token."""

from __future__ import annotations

from typing import Any

import requests

from syncer.demo.story import CAST, Member
from syncer.demo.writing import Text, document, markdown, wiki
from syncer.sandbox import Sandbox


class DemoFailed(Exception):
    """The demonstration cannot go on; the text says why."""


MEMBERS = {member.key: member for member in CAST}


def jira_account(key: str) -> str:
    """Somebody's account in Jira."""
    return MEMBERS[key].jira


def github_account(key: str) -> str:
    """Somebody's login on GitHub."""
    return MEMBERS[key].github


def token_of(member: Member, tracker: str) -> str:
    """The token a member has for a tracker of the sandbox. Worth nothing anywhere else."""
    return f"demo-{tracker}-{member.key}"


class JiraDesk:
    """Somebody at Jira."""

    def __init__(self, box: Sandbox, member: Member) -> None:
        self._box = box
        self._session = requests.Session()
        self._cloud = box.jira.is_cloud
        if self._cloud:
            self._session.auth = (f"{member.jira}@acme.example", token_of(member, "jira"))
        else:
            self._session.headers["Authorization"] = f"Bearer {token_of(member, 'jira')}"

    def close(self) -> None:
        """Ends the session."""
        self._session.close()

    def text(self, text: Text) -> Any:
        """A text in this Jira's markup."""
        return document(text, jira_account) if self._cloud else wiki(text, jira_account)

    def person(self, key: str) -> dict[str, str]:
        """How a field names somebody."""
        return {"accountId" if self._cloud else "name": jira_account(key)}

    def call(self, verb: str, path: str, body: Any = None) -> Any:
        """The answer to one request below the REST root. Raises DemoFailed."""
        root = f"{self._box.jira_url}/rest/api/{'3' if self._cloud else '2'}"
        return _answer(self._session, verb, root + path, body)

    def create(self, fields: dict[str, Any]) -> str:
        """The key of a new issue."""
        return str(self.call("POST", "/issue", {"fields": fields})["key"])

    def edit(self, key: str, **fields: Any) -> None:
        """Sets fields of an issue."""
        self.call("PUT", f"/issue/{key}", {"fields": fields})

    def update(self, key: str, **operations: Any) -> None:
        """Adds to and removes from fields of an issue."""
        self.call("PUT", f"/issue/{key}", {"update": operations})

    def comment(self, key: str, text: Text, role: str | None = None) -> str:
        """The id of a new comment, for everybody or for one role of the project."""
        body: dict[str, Any] = {"body": self.text(text)}
        if role is not None:
            body["visibility"] = {"type": "role", "value": role}
        return str(self.call("POST", f"/issue/{key}/comment", body)["id"])

    def move(self, key: str, status: str) -> None:
        """Takes an issue to a status, as far as the workflow leads there in one step."""
        steps = self.call("GET", f"/issue/{key}/transitions?expand=transitions.fields")["transitions"]
        step = next(step for step in steps if step["to"]["name"] == status)
        body: dict[str, Any] = {"transition": {"id": step["id"]}}
        if step.get("fields", {}).get("resolution", {}).get("required"):
            body["fields"] = {"resolution": {"name": "Done"}}
        self.call("POST", f"/issue/{key}/transitions", body)

    def issue(self, key: str) -> dict[str, Any]:
        """The fields of an issue."""
        fields: dict[str, Any] = self.call("GET", f"/issue/{key}")["fields"]
        return fields


class GitHubDesk:
    """Somebody at GitHub."""

    def __init__(self, box: Sandbox, member: Member, repository: str) -> None:
        self._root = f"{box.github_url}/repos/{repository}"
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"token {token_of(member, 'github')}"

    def close(self) -> None:
        """Ends the session."""
        self._session.close()

    def text(self, text: Text) -> str:
        """A text in GitHub's markup."""
        return markdown(text, github_account)

    def call(self, verb: str, path: str, body: Any = None) -> Any:
        """The answer to one request below the repository. Raises DemoFailed."""
        return _answer(self._session, verb, self._root + path, body)

    def create(self, **fields: Any) -> int:
        """The number of a new issue."""
        return int(self.call("POST", "/issues", fields)["number"])

    def edit(self, number: int, **fields: Any) -> None:
        """Sets fields of an issue."""
        self.call("PATCH", f"/issues/{number}", fields)

    def comment(self, number: int, text: Text) -> int:
        """The id of a new comment."""
        return int(self.call("POST", f"/issues/{number}/comments", {"body": self.text(text)})["id"])

    def issue(self, number: int) -> dict[str, Any]:
        """An issue."""
        found: dict[str, Any] = self.call("GET", f"/issues/{number}")
        return found


def _answer(session: requests.Session, verb: str, url: str, body: Any) -> Any:
    try:
        answer = session.request(verb, url, json=body, timeout=30)
    except requests.RequestException as error:
        raise DemoFailed(f"the sandbox did not answer {verb} {url}: {error}") from error
    if not answer.ok:
        raise DemoFailed(f"the sandbox refused {verb} {url}: {answer.status_code} {answer.text[:300]}")
    return answer.json() if answer.content else None
