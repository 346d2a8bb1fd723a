"""Boards, sprints and epics, below `/rest/agile/1.0`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from syncer.sandbox.jira import permissions
from syncer.sandbox.jira.bodies import strings
from syncer.sandbox.jira.fields import EPIC_LINK, EPIC_NAME, SPRINT, STORY_POINTS, select_fields
from syncer.sandbox.jira.problems import invalid, not_found
from syncer.sandbox.jira.records import Board, Issue, Project, Sprint
from syncer.sandbox.jira.web import Answer, Call, Registry, page

AREA = Registry(agile=True)

_NEXT_STATES = {"future": {"future", "active"}, "active": {"active", "closed"}, "closed": {"closed"}}


def _root(call: Call) -> str:
    return f"{call.jira.base_url}/rest/agile/1.0"


def _visible(call: Call, project_id: str) -> Project | None:
    project = call.jira.projects[project_id]
    return project if permissions.allows(call.jira, call.account, "BROWSE_PROJECTS", project) else None


def _page(call: Call, found: list[Any], name: str = "values") -> dict[str, Any]:
    start, size = call.number("startAt", 0), min(call.number("maxResults", 50), 1000)
    chosen, last = page(found, start, size)
    ends = {"isLast": last} if name == "values" else {}
    return {"maxResults": size, "startAt": start, "total": len(found), **ends, name: chosen}


# --- boards ----------------------------------------------------------------------------------------------------------


def _board_json(call: Call, board: Board) -> dict[str, Any]:
    project = call.jira.projects[board.project_id]
    shown: dict[str, Any] = {
        "id": board.id,
        "self": f"{_root(call)}/board/{board.id}",
        "name": board.name,
        "type": board.kind,
    }
    if call.jira.is_cloud:
        shown["location"] = {
            "projectId": int(project.id),
            "displayName": f"{project.name} ({project.key})",
            "projectName": project.name,
            "projectKey": project.key,
            "projectTypeKey": "software",
            "name": f"{project.name} ({project.key})",
        }
    return shown


def _board(call: Call) -> Board:
    wanted = call.path["board"]
    board = call.jira.boards.get(int(wanted)) if wanted.isdigit() else None
    if board is None or _visible(call, board.project_id) is None:
        raise not_found(
            "Requested board cannot be viewed because it either does not exist "
            "or you do not have permission to view it."
        )
    return board


@AREA.on("GET", "/board")
def boards(call: Call) -> Any:
    """Pages through the boards of projects the caller may browse."""
    wanted, kind, name = call.text("projectKeyOrId"), call.text("type"), call.text("name").casefold()
    found = []
    for board in call.jira.boards.values():
        project = _visible(call, board.project_id)
        if project is None or (wanted and call.jira.find_project(wanted) is not project):
            continue
        if kind in {"", board.kind} and name in board.name.casefold():
            found.append(_board_json(call, board))
    return _page(call, found)


@AREA.on("GET", "/board/{board}")
def board(call: Call) -> Any:
    """Answers a board."""
    return _board_json(call, _board(call))


@AREA.on("GET", "/board/{board}/configuration")
def configuration(call: Call) -> Any:
    """Answers a board's columns and the field it estimates with."""
    found = _board(call)
    project = call.jira.projects[found.project_id]
    api = f"{call.jira.base_url}/rest/api/{'3' if call.jira.is_cloud else '2'}"
    statuses = {each.id: each for kind in project.types for each in call.jira.workflow(project, kind).statuses()}
    columns: dict[str, list[Any]] = {"To Do": [], "In Progress": [], "Done": []}
    titles = {"new": "To Do", "indeterminate": "In Progress", "done": "Done"}
    for status in statuses.values():
        columns[titles[status.category]].append({"id": status.id, "self": f"{api}/status/{status.id}"})
    points = call.jira.fields[STORY_POINTS]
    return {
        "id": found.id,
        "name": found.name,
        "type": found.kind,
        "self": f"{_root(call)}/board/{found.id}/configuration",
        "location": {"type": "project", "projectKeyOrId": project.key},
        "filter": {"id": str(10000 + found.id), "self": f"{api}/filter/{10000 + found.id}"},
        "columnConfig": {
            "columns": [{"name": name, "statuses": each} for name, each in columns.items()],
            "constraintType": "none",
        },
        "estimation": {"type": "field", "field": {"fieldId": points.id, "displayName": points.name}},
        "ranking": {"rankCustomFieldId": 10019},
    }


@AREA.on("GET", "/board/{board}/project")
def board_projects(call: Call) -> Any:
    """Pages through the projects of a board."""
    project = call.jira.projects[_board(call).project_id]
    return _page(call, [call.render.project_short(project)])


@AREA.on("GET", "/board/{board}/version")
def board_versions(call: Call) -> Any:
    """Pages through the versions of a board's project."""
    project = call.jira.projects[_board(call).project_id]
    chosen = ("self", "id", "name", "archived", "released", "description", "releaseDate", "projectId")
    shown = [call.render.version_record(each) for each in project.versions.values()]
    return _page(call, [{name: each[name] for name in chosen if name in each} for each in shown])


@AREA.on("GET", "/board/{board}/sprint")
def board_sprints(call: Call) -> Any:
    """Pages through a board's sprints."""
    found, states = _board(call), set(call.words("state"))
    sprints = [
        each
        for each in call.jira.sprints.values()
        if each.board_id == found.id and (not states or each.state in states)
    ]
    return _page(call, [_sprint_json(call, each) for each in sprints])


@AREA.on("GET", "/board/{board}/issue")
def board_issues(call: Call) -> Any:
    """Pages through the issues of a board."""
    project = call.jira.projects[_board(call).project_id]
    return _issues(call, (each for each in call.jira.issues.values() if each.project is project))


@AREA.on("GET", "/board/{board}/backlog")
def backlog(call: Call) -> Any:
    """Pages through the unfinished issues of a board that are in no open sprint."""
    project = call.jira.projects[_board(call).project_id]
    return _issues(
        call,
        (
            each
            for each in call.jira.issues.values()
            if each.project is project
            and each.content["status"].category != "done"
            and not any(sprint.state != "closed" for sprint in each.content[SPRINT] or ())
        ),
    )


@AREA.on("GET", "/board/{board}/epic")
def board_epics(call: Call) -> Any:
    """Pages through the epics of a board."""
    project, wanted = call.jira.projects[_board(call).project_id], call.text("done")
    epics = [
        _epic_json(call, each)
        for each in call.jira.issues.values()
        if each.project is project
        and each.content["issuetype"].level == 1
        and permissions.can_see(call.jira, call.account, each.content)
    ]
    return _page(call, [each for each in epics if wanted in {"", str(each["done"]).lower()}])


def _issues(call: Call, found: Iterable[Issue]) -> dict[str, Any]:
    """Returns a page of the issues the caller may see that also match `jql`, in their order."""
    visible = [each for each in found if permissions.can_see(call.jira, call.account, each.content)]
    if call.text("jql"):
        page_of_all = call.jira.searcher.offset_page(call.account, call.text("jql"), 0, len(call.jira.issues) + 1)
        matching = {issue_id for issue_id, _ in page_of_all.issues}
        visible = [each for each in visible if each.id in matching]
    fields, render = select_fields(call.jira.fields, call.words("fields"), "*navigable"), call.render
    answer = _page(call, visible, "issues")
    answer["issues"] = [render.issue(each, fields, expand=call.words("expand")) for each in answer["issues"]]
    return {"expand": "schema,names", **answer}


# --- sprints ---------------------------------------------------------------------------------------------------------


def _sprint_json(call: Call, sprint: Sprint) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": sprint.id,
        "self": f"{_root(call)}/sprint/{sprint.id}",
        "state": sprint.state,
        "name": sprint.name,
    }
    for name, moment in (("startDate", sprint.start), ("endDate", sprint.end), ("completeDate", sprint.complete)):
        if moment is not None:
            shown[name] = call.render.instant(moment)
    return shown | {"originBoardId": sprint.board_id, "goal": sprint.goal}


def _sprint(call: Call) -> Sprint:
    wanted = call.path["sprint"]
    sprint = call.jira.sprints.get(int(wanted)) if wanted.isdigit() else None
    if sprint is None or _visible(call, call.jira.boards[sprint.board_id].project_id) is None:
        raise not_found("Sprint does not exist or you do not have permission to view it.")
    return sprint


def _manage(call: Call, board_id: int) -> None:
    project = call.jira.projects[call.jira.boards[board_id].project_id]
    permissions.require(call.jira, call.account, "MANAGE_SPRINTS_PERMISSION", project, "manage sprints of this board")


def _moment(value: Any) -> datetime | None:
    if not value:
        return None
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        found = None
    if found is not None and found.tzinfo is not None:
        return found
    raise invalid(errors={"startDate": f"Error parsing date string: {value}"})


def _change(call: Call, sprint: Sprint, body: Mapping[str, Any]) -> None:
    """Changes what the body names; the state only moves from future to active to closed."""
    state = str(body.get("state", sprint.state)).lower()
    if state not in _NEXT_STATES[sprint.state]:
        raise invalid(errors={"state": f"A sprint cannot go from {sprint.state} to {state}."})
    start = _moment(body["startDate"]) if "startDate" in body else sprint.start
    end = _moment(body["endDate"]) if "endDate" in body else sprint.end
    if state == "active" and (start is None or end is None):
        raise invalid(errors={"startDate": "A sprint needs its dates to be started."})
    sprint.name, sprint.goal = str(body.get("name") or sprint.name), str(body.get("goal", sprint.goal) or "")
    sprint.state, sprint.start, sprint.end = state, start, end
    call.jira.metadata_generation += 1
    if body.get("completeDate"):
        sprint.complete = _moment(body["completeDate"])


@AREA.on("POST", "/sprint")
def create_sprint(call: Call) -> Any:
    """Creates a future sprint on a board."""
    body = call.body()
    board_id = body.get("originBoardId")
    if not isinstance(board_id, int) or board_id not in call.jira.boards or not body.get("name"):
        raise invalid(errors={"name": "A sprint needs a name and an existing board."})
    _manage(call, board_id)
    sprint = Sprint(0, "", "future", board_id)
    _change(call, sprint, {name: value for name, value in body.items() if name != "state"})
    sprint.id = call.jira.next_id("sprint", 1)
    call.jira.sprints[sprint.id] = sprint
    return Answer(201, _sprint_json(call, sprint))


@AREA.on("GET", "/sprint/{sprint}")
def read_sprint(call: Call) -> Any:
    """Answers a sprint."""
    return _sprint_json(call, _sprint(call))


@AREA.on("POST PUT", "/sprint/{sprint}")
def edit_sprint(call: Call) -> Any:
    """Edits a sprint and answers it; closing it notes the moment."""
    sprint = _sprint(call)
    _manage(call, sprint.board_id)
    before = sprint.state
    _change(call, sprint, call.body())
    if before != "closed" and sprint.state == "closed" and sprint.complete is None:
        sprint.complete = call.jira.clock.now()
    return _sprint_json(call, sprint)


@AREA.on("DELETE", "/sprint/{sprint}")
def delete_sprint(call: Call) -> Any:
    """Deletes a sprint; its issues lose it."""
    sprint = _sprint(call)
    _manage(call, sprint.board_id)
    for issue in list(call.jira.issues.values()):
        if sprint in (issue.content[SPRINT] or ()):
            rest = tuple(each for each in issue.content[SPRINT] if each is not sprint)
            call.jira.commit(issue, call.account, {SPRINT: rest or None})
    del call.jira.sprints[sprint.id]
    call.jira.metadata_generation += 1
    return Answer(204)


@AREA.on("GET", "/sprint/{sprint}/issue")
def sprint_issues(call: Call) -> Any:
    """Pages through the issues of a sprint."""
    sprint = _sprint(call)
    return _issues(call, (each for each in call.jira.issues.values() if sprint in (each.content[SPRINT] or ())))


@AREA.on("POST", "/sprint/{sprint}/issue")
def move_to_sprint(call: Call) -> Any:
    """Moves issues into a sprint that is not closed."""
    sprint = _sprint(call)
    if sprint.state == "closed":
        raise invalid("Issues cannot be moved to a closed sprint.")
    for issue in _named(call):
        closed = tuple(each for each in issue.content[SPRINT] or () if each.state == "closed" and each is not sprint)
        call.jira.commit(issue, call.account, {SPRINT: (*closed, sprint)})
    return Answer(204)


@AREA.on("POST", "/backlog/issue")
def move_to_backlog(call: Call) -> Any:
    """Takes issues out of their open sprints."""
    for issue in _named(call):
        closed = tuple(each for each in issue.content[SPRINT] or () if each.state == "closed")
        call.jira.commit(issue, call.account, {SPRINT: closed or None})
    return Answer(204)


def _named(call: Call) -> list[Issue]:
    found = [call.visible_issue(each) for each in strings(call.body(), "issues")]
    for issue in found:
        permissions.require(call.jira, call.account, "EDIT_ISSUES", issue.project, "edit issues in this project")
    return found


# --- epics -----------------------------------------------------------------------------------------------------------


def _epic_json(call: Call, epic: Issue) -> dict[str, Any]:
    return {
        "id": int(epic.id),
        "key": epic.key,
        "self": f"{_root(call)}/epic/{epic.id}",
        "name": epic.content.get(EPIC_NAME) or epic.content["summary"],
        "summary": epic.content["summary"],
        "color": {"key": "color_1"},
        "done": epic.content["status"].category == "done",
    }


def _epic(call: Call) -> Issue:
    issue = call.issue("epic")
    if issue.content["issuetype"].level != 1:
        raise not_found("The requested issue is not an epic.")
    return issue


@AREA.on("GET", "/epic/{epic}")
def read_epic(call: Call) -> Any:
    """Answers an epic."""
    return _epic_json(call, _epic(call))


def _link_field(call: Call) -> str:
    return "parent" if call.jira.is_cloud else EPIC_LINK


@AREA.on("GET", "/epic/{epic}/issue")
def epic_issues(call: Call) -> Any:
    """Pages through the issues of an epic."""
    epic, field = _epic(call), _link_field(call)
    return _issues(call, (each for each in call.jira.issues.values() if each.content[field] is epic))


@AREA.on("POST", "/epic/{epic}/issue")
def move_to_epic(call: Call) -> Any:
    """Puts issues into an epic; `none` takes them out of theirs."""
    epic = None if call.path["epic"] == "none" else _epic(call)
    for issue in _named(call):
        if issue.content["issuetype"].level != 0:
            raise invalid("Epics and sub-tasks cannot be put into an epic.")
        call.jira.commit(issue, call.account, {_link_field(call): epic})
    return Answer(204)
