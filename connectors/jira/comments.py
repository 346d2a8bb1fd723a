"""The comments of issues: those that came with a search, the rest page by page, and the properties it leaves out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.jira.json_fields import Json, Malformed, as_object, as_objects, need, need_id, want
from connectors.jira.mapping import unreadable_comment
from connectors.jira.project import Project, understood
from syncer.contract.connector import Known, UnreadableItem, expect
from syncer.contract.errors import Retryable
from syncer.contract.model import Kind, Marker, Observed, Ref

LIST = 1_000
"""How many comments `comment/list` takes."""
PAGE = 100
SHOWN = 20
"""So many comments of an issue, or more, and a search of Cloud may have left out others.

Whether its total counts those is told nowhere, so such a thread is read on its own.
"""
TOLD_WITHOUT = frozenset({"software", "business"})
"""Types of projects in which there are no internal comments; a service desk, or an unknown type, may have some."""


@dataclass(frozen=True, slots=True)
class Thread:
    """All comments of one issue, as JSON."""

    task: Observed
    comments: tuple[Json, ...]


def total_of(issue: Json) -> int | None:
    """How many comments an issue of a search has, None when the answer does not say."""
    embedded = as_object(issue.get("fields"), "issue.fields").get("comment")
    if not isinstance(embedded, dict) or not isinstance(embedded.get("total"), int):
        return None
    return int(embedded["total"])


def thread_of(project: Project, task: Observed, issue: Json, known: Known) -> Thread:
    """All comments of a changed issue.

    Costs requests only where the search left some out, or their visibility; and where it lacks one that is stored: it
    may have been deleted, or the index may lag behind what we wrote.
    """
    fields = as_object(issue.get("fields"), "issue.fields")
    total = total_of(issue)
    stored = known.comments(task.ref)
    if total == 0 and stored == 0:
        return Thread(task, ())
    if total is not None and not _hides_internal_comments(project, fields):
        with understood(f"comments of {task.key}"):
            embedded = as_objects(as_object(fields.get("comment"), "comment").get("comments"), "comments")
        ids = {str(comment.get("id")) for comment in embedded}
        seen_before = sum(1 for native in ids if known.observed(Ref(Kind.COMMENT, native)) is not None)
        surely_all = not project.site.dialect.fetches_in_bulk or len(ids) < SHOWN
        if len(ids) >= total and seen_before >= stored and surely_all:
            return Thread(task, tuple(embedded))
    return Thread(task, tuple(all_comments(project, task.ref.id)))


def _hides_internal_comments(project: Project, fields: Json) -> bool:
    """True where only a property tells an internal comment, which a search does not show: Data Center service desks."""
    if project.site.dialect.marks_internal_comments:
        return False
    home = fields.get("project")
    return not isinstance(home, dict) or home.get("projectTypeKey") not in TOLD_WITHOUT


def all_comments(project: Project, issue_id: str) -> list[Json]:
    """Every comment of an issue with its properties, oldest first, read consistently. Raises Gone."""
    for _ in range(3):
        found, total = _paged(project, issue_id)
        if len(found) >= total:
            return list(found.values())
    # Comments were deleted while the pages were read, three times over.
    raise Retryable(f"comments of issue {issue_id} change faster than they can be read")


def _paged(project: Project, issue_id: str) -> tuple[dict[str, Json], int]:
    found: dict[str, Json] = {}
    start = 0
    while True:
        query: dict[str, str | int] = {
            "startAt": start,
            "maxResults": PAGE,
            "orderBy": "created",
            "expand": "properties",
        }
        with understood(f"comments of issue {issue_id}"):
            answer = as_object(project.client.get(f"/issue/{issue_id}/comment", query), "answer")
            comments = as_objects(answer.get("comments"), "comments")
            total = need(answer, "total", int, "answer")
            # One without an id is kept under a name that is no id: it is set aside where it is mapped.
            found.update((str(comment.get("id", f"? {start + n}")), comment) for n, comment in enumerate(comments))
        start += len(comments)
        if not comments or start >= total:
            return found, total


def counted(project: Project, issue_id: str) -> int:
    """How many comments an issue has, by their own list. Raises Gone."""
    answer = project.client.get(f"/issue/{issue_id}/comment", {"startAt": 0, "maxResults": 1})
    with understood(f"comments of issue {issue_id}"):
        return need(as_object(answer, "answer"), "total", int, "answer")


def observed_comments(
    project: Project, threads: Sequence[Thread], known: Known, aside: list[UnreadableItem]
) -> list[Observed]:
    """The comments of several issues as observed, with their markers. What cannot be read goes to `aside`.

    A marker is only looked up for a comment that the store does not know and that one of our accounts wrote.
    """
    shown = [comment for thread in threads for comment in thread.comments]
    expect(known, [Ref(Kind.COMMENT, str(comment.get("id"))) for comment in shown])
    unmarked = [
        (thread, comment)
        for thread in threads
        for comment in thread.comments
        if _may_hide_a_marker(project, comment, known)
    ]
    with_properties = _with_properties(project, unmarked) if unmarked else {}
    found: list[Observed] = []
    for thread in threads:
        for comment in thread.comments:
            try:
                native = need_id(comment, "comment")
                seen = with_properties.get(native, comment)
                marker = _marker_known(project, seen, known)
                found.append(project.observe_comment(seen, thread.task, marker))
            except Malformed as error:
                aside.append(unreadable_comment(comment, error, thread.task))
            else:
                project.remember(want(seen, "author", dict, "comment"))
    return found


def _may_hide_a_marker(project: Project, comment: Json, known: Known) -> bool:
    if "properties" in comment or known.observed(Ref(Kind.COMMENT, str(comment.get("id")))) is not None:
        return False
    author = comment.get("author")
    return project.is_ours(author if isinstance(author, dict) else None)


def _marker_known(project: Project, comment: Json, known: Known) -> Marker | None:
    """The marker that a stored comment has, where it counts. Raises Malformed."""
    stored = known.observed(Ref(Kind.COMMENT, str(comment.get("id"))))
    if stored is None or stored.marker is None:
        return None
    ours = project.is_ours(want(comment, "author", dict, "comment"))
    return stored.marker if ours else known.marker(stored.ref)


def _with_properties(project: Project, wanted: Sequence[tuple[Thread, Json]]) -> Mapping[str, Json]:
    """The comments again, by id, with their properties."""
    if project.site.dialect.fetches_in_bulk:
        named = [native for _, comment in wanted if (native := str(comment.get("id"))).isdecimal()]
        return listed(project, named) if named else {}
    issues = dict.fromkeys(thread.task.ref.id for thread, _ in wanted)
    return {str(comment.get("id")): comment for issue in issues for comment in all_comments(project, issue)}


def listed(project: Project, ids: Sequence[str]) -> dict[str, Json]:
    """Comments by id, with properties, absent where one cannot be seen. Cloud only."""
    found: dict[str, Json] = {}
    missing = list(dict.fromkeys(ids))
    while missing:
        chunk, rest = missing[:LIST], missing[LIST:]
        with understood("comment/list"):
            body = {"ids": [int(native) for native in chunk]}
            answer = as_object(project.client.ask("/comment/list", body, {"expand": "properties"}), "answer")
            values = as_objects(answer.get("values"), "values")
            got = {need_id(comment, "comment"): comment for comment in values}
        found.update(got)
        # One answer may hold fewer than were asked for; without progress the rest is not there.
        more = [native for native in chunk if native not in got] if got and answer.get("isLast") is False else []
        missing = [*more, *rest]
    return found
