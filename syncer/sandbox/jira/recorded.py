"""Loads issues as a Jira Cloud site answered them, with the people, statuses, types and versions they name.

Records are of REST v2: text is wiki markup.

What a record says is kept as it is: ids, keys, times, changelog, links, descriptions of attached files (of which no
bytes are recorded). Text becomes ADF paragraphs on a Cloud sandbox. Fields the sandbox does not have are left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from syncer.sandbox.jira import adf
from syncer.sandbox.jira.fields import EPIC_LINK, FLAGGED, SPRINT, START_DATE, STORY_POINTS
from syncer.sandbox.jira.records import (
    Attachment,
    Board,
    ChangeItem,
    Comment,
    Component,
    History,
    Issue,
    IssueLink,
    IssueType,
    LinkType,
    Priority,
    Project,
    RemoteLink,
    Resolution,
    Sprint,
    Status,
    User,
    Version,
    Worklog,
)
from syncer.sandbox.jira.store import IssueStore
from syncer.sandbox.jira.workflow import Transition, Workflow

Record = Mapping[str, Any]


def load_recorded(jira: IssueStore, records: Iterable[Record], counts: Counter[str] | None = None) -> list[str]:
    """Adds recorded objects and returns the keys of the issues among them; `counts` is told how many of each there are.

    Takes issues, users, sprints, worklogs, remote links and single changelog entries, told apart by their members.
    What belongs to an issue that is not there is left out; a changelog entry without its issue cannot be placed and
    is left out too.
    """
    with jira.lock:
        counts = Counter() if counts is None else counts
        loader = _Loader(jira)
        later: list[Record] = []
        issues: list[Record] = []
        for record in records:
            if "fields" in record and "key" in record:
                issues.append(record)
            elif "displayName" in record:
                loader.user(record)
                counts["user"] += 1
            elif "originBoardId" in record:
                loader.sprint(record)
                counts["sprint"] += 1
            else:
                later.append(record)
        keys = [loader.issue(record).key for record in issues]
        for record in issues:
            loader.relate(record)
        for record in later:
            counts[loader.attach(record) or "skipped"] += 1
        loaded = [jira.issues[str(record["id"])].content for record in issues]
        counts["issue"] += len(issues)
        counts["comment"] += sum(len(content["comment"]) for content in loaded)
        counts["attachment"] += sum(len(content["attachment"]) for content in loaded)
        counts["relation"] += len(jira.links) + sum(content["parent"] is not None for content in loaded)
        jira.index.flush()
        return keys


def moment(text: str | None) -> datetime | None:
    """Returns the instant a recorded time stands for; both `+0800` and `Z` occur."""
    if not text:
        return None
    return datetime.fromisoformat(text).astimezone(UTC)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text[:10]) if text else None


class _Loader:
    def __init__(self, jira: IssueStore) -> None:
        self._jira = jira

    # --- people and metadata -------------------------------------------------------------------------------------

    def user(self, record: Record | None) -> User | None:
        if not record:
            return None
        # Recorded changelog authors have an empty accountId; their `self` link still names it.
        identifier = record.get("accountId") or record.get("name") or str(record.get("self", "")).rpartition("=")[2]
        if not identifier:
            return None
        known = self._jira.users.get(identifier)
        if known is None:
            known = self._jira.add_user(
                identifier,
                record.get("displayName") or identifier,
                email=record.get("emailAddress") or "",
                time_zone=record.get("timeZone") or "UTC",
            )
            known.account_type = record.get("accountType") or "atlassian"
        if record.get("active") is False:
            known.active = False
        return known

    def sprint(self, record: Record) -> Sprint:
        identifier = int(record["id"])
        if identifier not in self._jira.sprints:
            board_id = int(record.get("originBoardId") or record.get("boardId") or 1)
            if board_id not in self._jira.boards:
                project = next(iter(self._jira.projects.values()), None) or self._jira.add_project("REC", "Recorded")
                self._jira.boards[board_id] = Board(board_id, f"Board {board_id}", "scrum", project.id)
            self._jira.sprints[identifier] = Sprint(
                identifier,
                record["name"],
                record["state"],
                board_id,
                record.get("goal") or "",
                moment(record.get("startDate")),
                moment(record.get("endDate")),
                moment(record.get("completeDate")),
            )
            self._jira.reserve_id("sprint", identifier)
        return self._jira.sprints[identifier]

    def _project(self, record: Record) -> Project:
        found = self._jira.find_project(record["key"])
        return found or self._jira.add_project(record["key"], record.get("name") or record["key"])

    def _status(self, record: Record) -> Status:
        category = (record.get("statusCategory") or {}).get("key")
        return self._jira.add_status(
            record["name"], category if category in {"new", "indeterminate", "done"} else "indeterminate"
        )

    def _type(self, record: Record, project: Project, status: Status) -> IssueType:
        level = record.get("hierarchyLevel", -1 if record.get("subtask") else 0)
        kind = self._jira.add_issue_type(record["name"], level)
        if kind not in project.types:
            project.types.append(kind)
        workflow: Workflow = self._jira.workflow(project, kind)
        if status not in workflow.statuses():
            step = Transition(str(100 + len(workflow.transitions)), status.name, status)
            project.workflows[kind.name] = replace(workflow, transitions=(*workflow.transitions, step))
        return kind

    def _priority(self, record: Record | None) -> Priority | None:
        if record is None:
            return None
        for each in self._jira.priorities:
            if each.name == record["name"]:
                return each
        added = Priority(str(len(self._jira.priorities) + 1), record["name"], len(self._jira.priorities) + 1)
        self._jira.priorities.append(added)
        return added

    def _resolution(self, record: Record | None) -> Resolution | None:
        if record is None:
            return None
        added = Resolution(str(10000 + len(self._jira.resolutions)), record["name"], record.get("description") or "")
        return self._jira.resolutions.setdefault(record["name"], added)

    def _version(self, project: Project, record: Record) -> Version:
        for each in project.versions.values():
            if each.name == record["name"]:
                return each
        return self._jira.add_version(
            project.key,
            record["name"],
            description=record.get("description") or "",
            start_date=_day(record.get("startDate")),
            release_date=_day(record.get("releaseDate")),
            released=bool(record.get("released")),
            archived=bool(record.get("archived")),
        )

    def _component(self, project: Project, record: Record) -> Component:
        for each in project.components.values():
            if each.name == record["name"]:
                return each
        return self._jira.add_component(project.key, record["name"])

    def _text(self, value: Any) -> Any:
        if not value:
            return None
        if isinstance(value, str):
            return adf.from_text(value) if self._jira.is_cloud else value
        return value if self._jira.is_cloud else adf.plain_text(value)

    # --- issues --------------------------------------------------------------------------------------------------

    def issue(self, record: Record) -> Issue:
        fields, number = record["fields"], int(record["key"].rpartition("-")[2])
        project, status = self._project(fields["project"]), self._status(fields["status"])
        kind = self._type(fields["issuetype"], project, status)
        created = moment(fields["created"]) or self._jira.clock.now()
        content = self._jira.blank(project, kind, self.user(fields.get("reporter")), created)
        content |= {
            "summary": str(fields["summary"]).strip(),
            "description": self._text(fields.get("description")),
            "environment": self._text(fields.get("environment")),
            "status": status,
            "creator": self.user(fields.get("creator")),
            "assignee": self.user(fields.get("assignee")),
            "priority": self._priority(fields.get("priority")),
            "resolution": self._resolution(fields.get("resolution")),
            "resolutiondate": moment(fields.get("resolutiondate")),
            "statuscategorychangedate": moment(fields.get("statuscategorychangedate")),
            "updated": moment(fields.get("updated")) or created,
            "duedate": _day(fields.get("duedate")),
            "labels": tuple(sorted(fields.get("labels") or ())),
            "components": tuple(self._component(project, each) for each in fields.get("components") or ()),
            "fixVersions": tuple(self._version(project, each) for each in fields.get("fixVersions") or ()),
            "versions": tuple(self._version(project, each) for each in fields.get("versions") or ()),
            "timeoriginalestimate": fields.get("timeoriginalestimate"),
            "timeestimate": fields.get("timeestimate"),
            "timespent": fields.get("timespent"),
            "comment": tuple(self._comment(each) for each in (fields.get("comment") or {}).get("comments") or ()),
            "worklog": tuple(self._worklog(each) for each in (fields.get("worklog") or {}).get("worklogs") or ()),
            "attachment": tuple(self._attachment(each) for each in fields.get("attachment") or ()),
            **self._custom(fields),
        }
        issue = self._jira.insert(content, issue_id=str(record["id"]), number=number)
        self._jira.reserve_id("issue", int(record["id"]))
        issue.histories = [self._history(each) for each in (record.get("changelog") or {}).get("histories") or ()]
        issue.histories.sort(key=lambda history: (history.created, int(history.id)))
        self._jira.index.write(self._jira.clock.now(), issue.id, issue.content)
        return issue

    def _custom(self, fields: Record) -> dict[str, Any]:
        sprints = [each for each in fields.get(SPRINT) or () if isinstance(each, Mapping)]
        points = fields.get(STORY_POINTS)
        flagged = isinstance(fields.get(FLAGGED), list) and bool(fields[FLAGGED])
        start = fields.get(START_DATE)
        return {
            SPRINT: tuple(self.sprint(each) for each in sprints) or None,
            STORY_POINTS: float(points) if isinstance(points, int | float) else None,
            FLAGGED: tuple(self._jira.options[FLAGGED].values()) if flagged else None,
            START_DATE: _day(start) if isinstance(start, str) else None,
        }

    def _comment(self, record: Record) -> Comment:
        author = self.user(record.get("author")) or self._somebody()
        created = moment(record["created"]) or self._jira.clock.now()
        self._jira.reserve_id("comment", int(record["id"]))
        updated = moment(record.get("updated")) or created
        editor = self.user(record.get("updateAuthor")) or author
        return Comment(str(record["id"]), author, self._text(record.get("body")), created, updated, editor)

    def _worklog(self, record: Record) -> Worklog:
        author = self.user(record.get("author")) or self._somebody()
        created = moment(record["created"]) or self._jira.clock.now()
        self._jira.reserve_id("worklog", int(record["id"]))
        started, updated = moment(record.get("started")) or created, moment(record.get("updated")) or created
        text = self._text(record.get("comment"))
        return Worklog(
            str(record["id"]), author, text, created, updated, started, int(record.get("timeSpentSeconds") or 0)
        )

    def _attachment(self, record: Record) -> Attachment:
        self._jira.reserve_id("attachment", int(record["id"]))
        return Attachment(
            str(record["id"]),
            self.user(record.get("author")) or self._somebody(),
            str(record["filename"]),
            moment(record.get("created")) or self._jira.clock.now(),
            str(record.get("mimeType") or "application/octet-stream"),
            b"",
            int(record.get("size") or 0),
        )

    def _somebody(self) -> User:
        return self._jira.users.get("unknown") or self._jira.add_user("unknown", "Unknown")

    def _history(self, record: Record) -> History:
        self._jira.reserve_id("history", int(record["id"]))
        items = tuple(
            ChangeItem(
                each["field"],
                each["fieldtype"],
                each.get("fieldId"),
                each.get("from"),
                each.get("fromString"),
                each.get("to"),
                each.get("toString"),
            )
            for each in record["items"]
        )
        return History(
            str(record["id"]),
            self.user(record.get("author")),
            moment(record["created"]) or self._jira.clock.now(),
            items,
        )

    # --- what needs the issues to be there ------------------------------------------------------------------------

    def relate(self, record: Record) -> None:
        """Sets parents and epics once every issue of the file is there."""
        issue, fields = self._jira.issues[str(record["id"])], record["fields"]
        above = self._jira.find_issue(str((fields.get("parent") or {}).get("id") or ""))
        epic = self._jira.find_issue(str((fields.get("epic") or {}).get("id") or ""))
        values: dict[str, Any] = {}
        if above is not None:
            values["parent"] = above
        elif epic is not None:
            values["parent" if self._jira.is_cloud else EPIC_LINK] = epic
        links = [link for each in fields.get("issuelinks") or () if (link := self._link(issue, each)) is not None]
        if links:
            values["issuelinks"] = (*issue.content["issuelinks"], *links)
        if values:
            histories = list(issue.histories)
            self._jira.commit(issue, None, values, touch=False)
            issue.histories = histories

    def _link(self, issue: Issue, record: Record) -> IssueLink | None:
        """The link an issue shows, the same for both its ends; None where the other end was not recorded."""
        outward = "outwardIssue" in record
        end = record.get("outwardIssue" if outward else "inwardIssue") or {}
        other = self._jira.find_issue(str(end.get("id") or end.get("key") or ""))
        if other is None or other is issue:
            return None
        source, target = (issue, other) if outward else (other, issue)
        identifier = str(record["id"])
        if identifier not in self._jira.links:
            kind = self._link_type(record["type"])
            self._jira.links[identifier] = IssueLink(identifier, kind, source.id, target.id)
            self._jira.reserve_id("link", int(identifier))
        return self._jira.links[identifier]

    def _link_type(self, record: Record) -> LinkType:
        for each in self._jira.link_types:
            if each.name.casefold() == record["name"].casefold():
                return each
        number = 1 + max(int(each.id) for each in self._jira.link_types)
        added = LinkType(str(number), record["name"], record.get("inward") or "", record.get("outward") or "")
        self._jira.link_types.append(added)
        return added

    def attach(self, record: Record) -> str | None:
        """Puts a worklog or a remote link onto its issue, when that is there; returns which, None for neither."""
        if "issueId" in record:
            issue = self._jira.issues.get(str(record["issueId"]))
            if issue is not None and str(record["id"]) not in {each.id for each in issue.content["worklog"]}:
                self._jira.commit(
                    issue, None, {"worklog": (*issue.content["worklog"], self._worklog(record))}, touch=False
                )
                return "worklog"
        elif "object" in record:
            parts = str(record.get("self", "")).split("/issue/")[-1].split("/")
            issue = self._jira.find_issue(parts[0])
            if issue is not None:
                body = {name: record[name] for name in ("application", "relationship", "object") if name in record}
                link = RemoteLink(int(record["id"]), record.get("globalId"), body)
                self._jira.reserve_id("remotelink", link.id)
                self._jira.commit(issue, None, {"remotelinks": (*issue.content["remotelinks"], link)}, touch=False)
                return "remote link"
        return None
