"""Jira Data Center 8.20 as `jira820` plays it, GitHub as our sandbox does: what it can show of reading and writing.

It is a server to look at issues with, and lacks much of what a sync asks of Jira. Alone it shows that the product says
so and writes nothing. With the gaps closed by `Completed` it shows that issues in a form that others wrote down arrive
once, and that edits go back through its own editing, commenting and transitions.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

from tests.witness.between import Answer, Between, Request
from tests.witness.installing import python
from tests.witness.pairing import JiraWitness, Shifted
from tests.witness.serving import free_port, served

DEFECTS = {
    "there is no /mypermissions":
        "Jira's REST documentation has GET /rest/api/2/mypermissions in every version",
    "a search is only a GET":
        "POST /rest/api/2/search is documented beside it, since queries may be long",
    "`project = 10000` finds nothing, and issues name another id of their project than /project":
        "JQL takes a project's name, key or id",
    "issues are found by key alone":
        "every documented path takes issueIdOrKey",
    "`level is not EMPTY` is passed over":
        "a clause that is passed over shows every issue as restricted",
    "`updated >= 1796067000000` is an error 500":
        "JQL takes milliseconds for dates",
    "issues have no `comment`":
        "the field is documented as part of an issue, with its comments",
    "`update` of an edit is passed over":
        "PUT /issue takes add and remove there, and answers 400 to what it does not know",
    "`updated` is 09:00 of one day for ever":
        "an edit moves it; so every run reads all there is, and that is its cost here",
}  # fmt: skip
"""What is wrong in it, and why we think that it is not us. `Completed` answers in its place."""

GRANTED = ("ADD_COMMENTS", "ASSIGN_ISSUES", "BROWSE_PROJECTS", "CREATE_ISSUES", "EDIT_ISSUES", "EDIT_OWN_COMMENTS",
           "LINK_ISSUES", "RESOLVE_ISSUES", "TRANSITION_ISSUES")  # fmt: skip
NOT_GRANTED = ("ADMINISTER_PROJECTS", "MODIFY_REPORTER", "SET_ISSUE_SECURITY")
KEY = "JIRA820"
COMPONENT = "Payments"
_API = "/rest/api/2"
_JSON = {"content-type": "application/json;charset=UTF-8"}

STATUSES = """
[["Open", "open"], ["Reopened", "open", "status: reopened"], ["In Progress", "open", "status: in progress"],
 ["In Review", "open", "status: in review"], ["Done", "closed:completed"]]
"""


class Completed(Between):
    """Closes the gaps of `DEFECTS` and passes everything else on."""

    def __init__(self, target: str) -> None:
        super().__init__(target)
        self._keys: dict[str, str] = {}

    def answer(self, request: Request) -> Answer:
        """What Jira would answer, as far as the witness has it."""
        asked = urlsplit(request.path)
        if asked.path == f"{_API}/mypermissions":
            return _permissions()
        if asked.path == f"{_API}/search":
            return self._search(request)
        found = re.fullmatch(rf"({_API}/issue/)(\d+)(/.*)?", asked.path)
        key = self._keys.get(found[2]) if found else None
        if found and key:
            path = f"{found[1]}{key}{found[3] or ''}"
            request = replace(request, path=f"{path}?{asked.query}" if asked.query else path)
        if request.verb == "PUT" and key:
            request = self._spelled_out(request, key)
        answer = self.ask(request)
        if request.verb == "GET" and found and not found[3] and answer.status == 200:
            wanted = parse_qs(asked.query).get("fields", ["*all"])[0].split(",")
            return _of(answer, self._completed(json.loads(answer.body), wanted))
        return answer

    def _search(self, request: Request) -> Answer:
        body = json.loads(request.body)
        if "level is not EMPTY" in body["jql"]:
            return _of(Answer(200, _JSON, b""), {"startAt": 0, "maxResults": 100, "total": 0, "issues": []})
        query = re.sub(r"project = \d+", f"project = {KEY}", body["jql"])
        query = re.sub(r" AND updated >= \d+", "", query)
        asked = {"jql": query, "startAt": body.get("startAt", 0), "maxResults": body["maxResults"]}
        path = f"{_API}/search?{urlencode({**asked, 'fields': ','.join(body['fields'])})}"
        answer = self.ask(Request("GET", path, _without_body(request)))
        shown = json.loads(answer.body)
        return _of(answer, {**shown, "issues": [self._completed(each, body["fields"]) for each in shown["issues"]]})

    def _spelled_out(self, request: Request, key: str) -> Request:
        """An edit with the labels that adding and removing lead to."""
        body = json.loads(request.body)
        steps = body.pop("update", {}).get("labels", [])
        if steps:
            shown = json.loads(self.ask(Request("GET", f"{_API}/issue/{key}", {})).body)["fields"]["labels"]
            gone = {step["remove"] for step in steps if "remove" in step}
            kept = [*shown, *(step["add"] for step in steps if "add" in step)]
            body.setdefault("fields", {})["labels"] = [name for name in dict.fromkeys(kept) if name not in gone]
        return replace(request, body=json.dumps(body).encode())

    def _completed(self, issue: dict[str, Any], wanted: Sequence[str]) -> dict[str, Any]:
        self._keys[issue["id"]] = issue["key"]
        fields = issue["fields"]
        if "project" in fields:
            fields["project"] = {**fields["project"], "id": "10000"}
        if {"comment", "*all"} & set(wanted):
            path = f"{_API}/issue/{issue['key']}/comment?maxResults=1000"
            fields["comment"] = json.loads(self.ask(Request("GET", path, {})).body)
        return issue


def _without_body(request: Request) -> dict[str, str]:
    return {name: value for name, value in request.headers.items() if name.lower() != "content-type"}


def _of(answer: Answer, shown: dict[str, Any]) -> Answer:
    return replace(answer, body=json.dumps(shown).encode())


def _permissions() -> Answer:
    table = {
        name: {"id": str(number), "key": name, "name": name, "type": "PROJECT", "description": "",
               "havePermission": name in GRANTED}
        for number, name in enumerate((*GRANTED, *NOT_GRANTED))
    }  # fmt: skip
    return _of(Answer(200, _JSON, b""), {"permissions": table})


@pytest.fixture
def jira(witnesses: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a Jira with issues of its own."""
    port = free_port()
    place = tmp_path / "jira820"
    place.mkdir()
    named = {"JIRA820_HOST": "127.0.0.1", "JIRA820_PORT": str(port), "JIRA820_PROJECT_KEY": KEY}
    command = [str(python(witnesses)), "-m", "jira820"]
    with served(command, port, {**os.environ, **named}, place / "log") as address:
        yield address


@contextmanager
def pair(between: Between, directory: Path) -> Iterator[JiraWitness]:
    """The project of the witness, of which one component is kept in step, and an empty repository."""
    directory.mkdir(exist_ok=True)
    with between:
        made = JiraWitness(
            directory, clock=Shifted(), deployment="datacenter", extra='create = "left-to-right"',
            left_extra=f'left.audience = "members"\nleft.filter = "component = {COMPONENT}"',
        )  # fmt: skip
        made.address, made.statuses, made.project = between.url, STATUSES.strip(), KEY
        with made:
            yield made


def test_a_jira_that_lacks_what_is_asked_is_named_and_nothing_is_written(jira: str, tmp_path: Path) -> None:
    between = Between(jira)
    with pair(between, tmp_path / "pair") as rig:
        tally = rig.sync()
        assert (tally.outcome, tally.writes) == ("denied", 0), tally
        assert "/rest/api/2/" in tally.message
        assert {each.path for each in between.writes} <= {f"{_API}/search"}  # a question, which only looks like a write
        assert rig.github("GET", "/issues?state=all") == []


def test_issues_arrive_once_and_edits_go_back(jira: str, tmp_path: Path) -> None:
    with pair(Completed(jira), tmp_path / "pair") as rig:
        rig.to_rest()
        before = issues(jira)
        assert len(before) > 20
        mirrors = rig.github("GET", "/issues?state=all&per_page=100")
        assert Counter(each["title"] for each in mirrors) == Counter(each["summary"] for each in before.values())
        assert_in_step(before, mirrors)

        first, second = [each for each in mirrors if each["state"] == "open"][:2]
        rig.github("PATCH", f"/issues/{first['number']}", {"title": "Retries", "labels": [*names(first), "money"]})
        rig.github("POST", f"/issues/{first['number']}/comments", {"body": "Only once, word1."})
        rig.github("PATCH", f"/issues/{second['number']}", {"state": "closed"})
        rig.to_rest()
        after = issues(jira)
        (renamed,) = (key for key, each in after.items() if each["summary"] == "Retries")
        assert "money" in after[renamed]["labels"]
        comments = requests.get(f"{jira}{_API}/issue/{renamed}/comment", timeout=10).json()["comments"]
        assert sum("word1" in each["body"] for each in comments) == 1
        assert_in_step(after, rig.github("GET", "/issues?state=all&per_page=100"))
        compared, _ = rig.verified()
        assert compared.in_order, compared


def issues(jira: str) -> dict[str, dict[str, Any]]:
    """Key and fields of every issue of the component."""
    query = urlencode({"jql": f"project = {KEY} AND component = {COMPONENT}", "maxResults": 1000})
    found = requests.get(f"{jira}{_API}/search?{query}", timeout=30).json()["issues"]
    return {each["key"]: each["fields"] for each in found}


def names(issue: dict[str, Any]) -> list[str]:
    return [label["name"] for label in issue["labels"]]


def assert_in_step(there: dict[str, dict[str, Any]], mirrors: list[dict[str, Any]]) -> None:
    """Each issue has one mirror, with its title, its labels, and open or closed as it is."""
    keys = [re.findall(rf"\[({KEY}-\d+)\]", each["body"])[-1] for each in mirrors]
    assert sorted(keys) == sorted(there)
    for key, mirror in zip(keys, mirrors, strict=True):
        fields = there[key]
        assert mirror["title"] == fields["summary"]
        assert (mirror["state"] == "closed") == (fields["status"]["name"] == "Done"), key
        assert set(fields["labels"]) <= set(names(mirror)), key
