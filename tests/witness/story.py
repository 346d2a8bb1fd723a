"""What people do on both sides: a few issues that hold what most issues hold, and then edits of each sort."""

from __future__ import annotations

from typing import Any

from tests.rig import Rig


def begin(rig: Rig) -> None:
    """Two issues on each side."""
    urgent: dict[str, Any] = {"issuetype": {"name": "Bug"}, "priority": {"name": "High"}, "labels": ["checkout"]}
    first = _issue(rig, "Payments hang", "It hangs, word1.", **urgent)
    _comment(rig, first, "Seen twice, word2.")
    _comment(rig, first, "And again, word3.")
    project = rig.jira("GET", f"/project/{rig.project}")["id"]
    version = rig.jira("POST", "/version", {"name": "Winter", "projectId": int(project)})["id"]
    second = _issue(rig, "Refunds", "All of them, word4.", fixVersions=[{"id": version}])
    move(rig, second, "In Progress")
    fifth = _issue(rig, "Receipts", "With a logo, word8.")
    move(rig, fifth, "Done")
    milestone = rig.github("POST", "/milestones", {"title": "Spring"})["number"]
    third = rig.github(
        "POST", "/issues",
        {"title": "Invoices", "body": "As PDF, word5.", "labels": ["bug", "urgent"], "milestone": milestone,
         "assignees": ["miab"]},
    )["number"]  # fmt: skip
    rig.github("POST", f"/issues/{third}/comments", {"body": "For all, word6."})
    fourth = rig.github("POST", "/issues", {"title": "Old idea", "body": "Forget it, word7."})["number"]
    rig.github("PATCH", f"/issues/{fourth}", {"state": "closed", "state_reason": "not_planned"})


def edit(rig: Rig) -> None:
    """An edit of each sort, on the side where the issue began and on the other; no field is edited on both."""
    keys = {each["fields"]["summary"]: each["key"] for each in _found(rig)}
    numbers = {each["title"]: each["number"] for each in rig.github("GET", "/issues?state=all&per_page=100")}
    rig.jira("PUT", f"/issue/{keys['Payments hang']}", {"fields": {"summary": "Payments hang at night"}})
    rig.jira("PUT", f"/issue/{keys['Refunds']}", {"fields": {"labels": ["refund", "finance"]}})
    rig.jira("PUT", f"/issue/{keys['Invoices']}", {"fields": {"description": rig.text("As PDF and print, word15.")}})
    for status in ("In Progress", "In Review"):
        move(rig, keys["Payments hang"], status)
    move(rig, keys["Payments hang"], "Done", resolution={"name": "Done"})
    move(rig, keys["Invoices"], "In Progress")
    _comment(rig, keys["Invoices"], "Which printer, word16?")
    for each in rig.jira("GET", f"/issue/{keys['Payments hang']}/comment")["comments"]:
        path = f"/issue/{keys['Payments hang']}/comment/{each['id']}"
        if "word2" in str(each["body"]):
            rig.jira("PUT", path, {"body": rig.text("Seen ten times, word12.")})
    (winter,) = (each["id"] for each in rig.jira("GET", f"/project/{rig.project}/versions") if each["name"] == "Winter")
    rig.jira("PUT", f"/version/{winter}", {"name": "Winter sale", "releaseDate": "2027-02-01"})
    rig.github("PATCH", f"/issues/{numbers['Refunds']}", {"title": "Refunds of gifts", "assignees": ["liwei"]})
    rig.github("PATCH", f"/issues/{numbers['Old idea']}", {"state": "open"})
    rig.github("POST", f"/issues/{numbers['Old idea']}/labels", {"labels": ["priority: low"]})
    rig.github("POST", f"/issues/{numbers['Refunds']}/comments", {"body": "Gifts too, word17."})
    body = rig.github("GET", f"/issues/{numbers['Payments hang']}")["body"]
    rig.github("PATCH", f"/issues/{numbers['Payments hang']}", {"body": body.replace("word1", "word11")})
    for each in rig.github("GET", f"/issues/{numbers['Invoices']}/comments"):
        if "word6" in each["body"]:
            rig.github("PATCH", f"/issues/comments/{each['id']}", {"body": "For nearly all, word18."})


def move(rig: Rig, key: str, status: str, **fields: Any) -> None:
    """A person takes the transition to a status."""
    found = rig.jira("GET", f"/issue/{key}/transitions")["transitions"]
    (step,) = (each["id"] for each in found if each["to"]["name"] == status)
    rig.jira("POST", f"/issue/{key}/transitions", {"transition": {"id": step}, "fields": fields})


def _issue(rig: Rig, title: str, text: str, **fields: Any) -> str:
    told = {"project": {"key": rig.project}, "summary": title, "issuetype": {"name": "Task"}, **fields}
    key: str = rig.jira("POST", "/issue", {"fields": {**told, "description": rig.text(text)}})["key"]
    return key


def _comment(rig: Rig, key: str, text: str) -> None:
    rig.jira("POST", f"/issue/{key}/comment", {"body": rig.text(text)})


def _found(rig: Rig) -> list[dict[str, Any]]:
    asked = {"jql": f"project = {rig.project}", "maxResults": 100, "fields": ["summary"]}
    found: list[dict[str, Any]] = rig.jira(
        "POST", "/search" if rig.deployment == "datacenter" else "/search/jql", asked
    )["issues"]
    return found
