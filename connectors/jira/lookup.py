"""Reading items one by one, and finding creates whose answer was lost. Consistent reads only, never search alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from connectors.jira import jql
from connectors.jira.accounts import creator_of
from connectors.jira.answers import Forbidden
from connectors.jira.comments import all_comments, listed
from connectors.jira.json_fields import Json, Malformed, as_object, milliseconds, need
from connectors.jira.links import learn_epics
from connectors.jira.mapping import observed_version
from connectors.jira.markers import PROPERTY, marker_in_comment, marker_of
from connectors.jira.plain import one_line
from connectors.jira.project import BULK, Project, understood
from connectors.jira.search import first_issues
from connectors.jira.vanished import Vanished
from syncer.contract.connector import Intent, earliest
from syncer.contract.errors import Denied, Gone, Rejected, Retryable, TrackerError, Unreadable
from syncer.contract.model import Draft, Field, Kind, Marker, Observed, Ref

SKEW = timedelta(hours=1)
"""How far the search index may be behind when the walk over keys chooses where to begin."""
ABSENT = 50
"""So many keys in a row without an issue end the project: keys are handed out in order."""

SPARE = 20
"""The same where it is known which key came before and how many issues were asked for since: others create, too."""

Outcome = Observed | TrackerError


def read(project: Project, items: Sequence[Observed], vanished: Vanished | None = None) -> list[Outcome]:
    """See `Connector.read`."""
    tasks = {item.ref.id: item for item in items if item.kind is Kind.TASK}
    parents = {item.parent.id for item in items if item.parent is not None}
    found: dict[Ref, Outcome] = {
        Ref(Kind.TASK, native): outcome
        for native, outcome in read_tasks(project, sorted(tasks.keys() | parents), tasks, vanished).items()
    }
    found |= _read_comments(project, [item for item in items if item.kind is Kind.COMMENT], found)
    found |= _read_versions(project, [item.ref for item in items if item.kind is Kind.MILESTONE])
    return [found[item.ref] for item in items]


def read_tasks(
    project: Project,
    ids: Sequence[str],
    known: Mapping[str, Observed] | None = None,
    vanished: Vanished | None = None,
) -> dict[str, Outcome]:
    """Issues by numeric id, read consistently: `Gone` where one was deleted, moved away or cannot be seen.

    `known` gives those of them that are known: by their markers, and with the values that may seem to be gone.
    """
    wanted, known = list(dict.fromkeys(ids)), known or {}
    issues = project.issues(wanted)
    if vanished is not None:
        issues = {native: vanished.kept(issue, known.get(native)) for native, issue in issues.items()}
    learn_epics(project, issues.values())
    found: dict[str, Outcome] = {}
    for native in wanted:
        issue = issues.get(native)
        if issue is None:
            found[native] = Gone(f"issue {native} cannot be seen", uncertain=True)
            continue
        try:
            if project.contains(issue):
                found[native] = project.observe(issue, linked=known[native].marker if native in known else None)
            else:
                found[native] = Gone(f"issue {native} was moved away", moved_to=str(issue.get("key")))
        except Malformed as error:
            found[native] = Unreadable(str(error))
    return found


def _read_comments(project: Project, comments: Sequence[Observed], tasks: Mapping[Ref, Outcome]) -> dict[Ref, Outcome]:
    """Comments again. One whose task is gone is gone with it; the task also decides who sees it."""
    found: dict[Ref, Outcome] = {}
    readable: list[tuple[Observed, Observed]] = []
    for comment in comments:
        match tasks.get(comment.parent) if comment.parent is not None else None:
            case Observed() as task:
                readable.append((comment, task))
            case TrackerError() as error:
                found[comment.ref] = error
            case None:
                raise ValueError(f"{comment.ref} names no task it belongs to")
    raw = _raw_comments(project, readable)
    for comment, task in readable:
        answer = raw.get(comment.ref.id)
        if answer is None:
            found[comment.ref] = Gone(f"comment {comment.ref.id} of {task.key} cannot be seen", uncertain=True)
            continue
        try:
            found[comment.ref] = project.observe_comment(answer, task, comment.marker)
        except Malformed as error:
            found[comment.ref] = Unreadable(str(error))
    return found


def _raw_comments(project: Project, wanted: Sequence[tuple[Observed, Observed]]) -> dict[str, Json]:
    if not wanted:
        return {}
    if project.site.dialect.fetches_in_bulk:
        return listed(project, [comment.ref.id for comment, _ in wanted])
    found = {comment.ref.id: raw_comment(project, task.ref.id, comment.ref.id) for comment, task in wanted}
    return {native: comment for native, comment in found.items() if comment is not None}


def raw_comment(project: Project, issue_id: str, comment_id: str) -> Json | None:
    """One comment with its properties, None when it cannot be seen."""
    try:
        answer = project.client.get(f"/issue/{issue_id}/comment/{comment_id}", {"expand": "properties"})
    except (Gone, Forbidden):
        return None
    with understood(f"comment {comment_id}"):
        return as_object(answer, "comment")


def _read_versions(project: Project, refs: Sequence[Ref]) -> dict[Ref, Outcome]:
    if not refs:
        return {}
    versions: dict[Ref, Outcome] = {}
    if len(refs) > 1:
        read, aside = project.versions()
        versions |= {one.ref: Unreadable(one.reason) for one in aside if one.ref is not None}
        versions |= {version.ref: version for version in read}
        if len(aside) != sum(one.ref is not None for one in aside):
            raise Retryable(f"versions of {project.scope.project}: one has no id")
    elif (version := read_version(project, refs[0].id)) is not None:
        versions[refs[0]] = version
    return {ref: versions.get(ref) or Gone(f"version {ref.id} cannot be seen", uncertain=True) for ref in refs}


def read_version(project: Project, native: str) -> Outcome | None:
    """One version or `Unreadable`; None when it cannot be seen or belongs to another project."""
    try:
        answer = project.client.get(f"/version/{native}")
    except (Gone, Forbidden):
        return None
    with understood(f"version {native}"):
        version = as_object(answer, "version")
        owner = version.get("projectId")
        if owner is not None and str(owner) != project.known_id():
            return None
    try:
        return observed_version(version, project.site, project.readers())
    except Malformed as error:
        return Unreadable(str(error))


# --------------------------------------------------------------------------------------------------- lost answers


def find(project: Project, intents: Sequence[Intent]) -> dict[Marker, Observed]:
    """See `Connector.find`."""
    by_kind = {kind: [intent for intent in intents if intent.draft.kind is kind] for kind in Kind}
    found: dict[Marker, Observed] = {}
    if by_kind[Kind.TASK]:
        tasks = by_kind[Kind.TASK]
        found |= find_tasks(project, [intent.draft for intent in tasks], earliest(tasks))
    if by_kind[Kind.COMMENT]:
        found |= _find_comments(project, by_kind[Kind.COMMENT])
    if by_kind[Kind.MILESTONE]:
        found |= _find_versions(project, by_kind[Kind.MILESTONE])
    return found


def find_tasks(project: Project, drafts: Sequence[Draft], since: datetime | None) -> dict[Marker, Observed]:
    """The issues with the markers of these drafts, made since a moment of Jira's clock, or ever.

    Keys are walked upward from an issue that existed before. Raises Rejected where an issue of our account has no
    marker and the title of a draft that is not found: a server that drops what we mark by must not be sent it again.
    """
    markers = [draft.marker for draft in drafts]
    alike: dict[str, str] = {}
    # Who may not see the project sees no issue either, and must not take that for a proof.
    project.details()
    missing = set(markers)
    hits: dict[Marker, str] = {}
    for issue in _issues_since(project, since, _floor(project, markers)):
        marker = marker_of(issue)
        with understood(f"issue {issue.get('key')}"):
            ours = marker in {None, *missing} and project.is_ours(creator_of(issue))
        if marker is None and ours:
            alike[_title(issue)] = str(issue.get("key"))
        if marker is not None and ours:
            missing.discard(marker)
            hits[marker] = str(issue.get("id"))
            if not missing:
                break
    for draft in drafts:
        if draft.marker in missing and (key := alike.get(one_line(str(draft.fields.get(Field.TITLE) or "")))):
            raise _unmarked(key)
    issues = project.issues(list(hits.values()))
    found: dict[Marker, Observed] = {}
    for marker, native in hits.items():
        if native not in issues:
            raise Denied(f"issue {native} can be found but not read", remedy="Give the account access to this issue.")
        with understood(f"issue {native}"):
            found[marker] = project.observe(issues[native])
    return found


def _unmarked(what: str) -> Rejected:
    return Rejected(
        f"{what} may be it: our account created it, and it does not show the property {PROPERTY}, which this server may"
        f" drop. Delete {what}, or edit it, and it is created by the next run"
    )


def _title(issue: Json) -> str:
    fields = issue.get("fields")
    return str(fields.get("summary")) if isinstance(fields, dict) else ""


def _floor(project: Project, markers: Collection[Marker]) -> int:
    """A number that was in use before any of these issues was asked for; 0 where that is not known."""
    return min((project.floors.get(marker, 0) for marker in markers), default=0)


def _issues_since(project: Project, moment: datetime | None, floor: int) -> Iterator[Json]:
    """Every issue with its marker whose key was handed out after `floor`, else since about an hour before `moment`.

    Where neither is known, every issue there is.
    """
    before = None if moment is None else milliseconds(moment - SKEW)
    # An issue that was moved in has an old date and a new key: the lowest key of many is taken, not that of the newest.
    older: list[Json] = []
    if not floor and before is not None:
        older = first_issues(project, [jql.created_until(before)], "created DESC", ["created"], 100)
    newest = first_issues(project, [], "key DESC", ["created"], 1)
    numbers = [_number(issue) for issue in older]
    prefix = str(newest[0].get("key")).rpartition("-")[0] if newest else project.scope.project
    start = floor + 1 if floor else min(numbers, default=1)
    last_hint = max([project.highest, *(_number(issue) for issue in newest)])
    if project.site.dialect.fetches_in_bulk:
        yield from _walk_in_bulk(project, prefix, start, last_hint)
    else:
        absent = project.numbers_sent + SPARE if floor else ABSENT
        yield from _walk_one_by_one(project, prefix, start, last_hint, absent, _recent(project, before or 0))


def _walk_in_bulk(project: Project, prefix: str, start: int, last_hint: int) -> Iterator[Json]:
    absent, number = 0, start
    while absent < ABSENT or number <= last_hint:
        keys = [f"{prefix}-{n}" for n in range(number, number + BULK)]
        with project.searchable():
            issues = list(project.fetched(keys, ["created", "creator", "summary"]).values())
        yield from issues
        present = {issue.get("key") for issue in issues}
        # An issue that was moved away answers under its new key: its old one is taken, not absent.
        moved = len(present - set(keys))
        last = max((index for index, key in enumerate(keys) if key in present), default=-1)
        absent = 0 if moved else absent + BULK if last < 0 else BULK - 1 - last
        number += BULK


def _walk_one_by_one(
    project: Project, prefix: str, start: int, last_hint: int, enough: int, recent: Mapping[str, bool]
) -> Iterator[Json]:
    absent, number = 0, start
    while absent < enough or number <= last_hint:
        key = f"{prefix}-{number}"
        number += 1
        if recent.get(key) is False:
            absent = 0
            continue
        try:
            answer = project.client.get(f"/issue/{key}", {"fields": "created,creator,summary", "properties": PROPERTY})
        except Gone as error:
            if key in recent:
                # Hidden for a moment, or just deleted: neither proves anything.
                raise Retryable(f"issue {key} is listed but cannot be read") from error
            absent += 1
            continue
        absent = 0
        with understood(f"issue {key}"):
            yield as_object(answer, "issue")


def _recent(project: Project, since: int) -> dict[str, bool]:
    """Keys of recent issues, and whether one of our accounts may have created each: a hint from the search index.

    Those of others need not be looked at.
    """
    issues = first_issues(project, [jql.created_since(since)], "key ASC", ["creator"], 100)
    with understood("search"):
        creators = {str(issue.get("key")): creator_of(issue) for issue in issues}
    return {key: creator is None or project.is_ours(creator) for key, creator in creators.items()}


def _number(issue: Json) -> int:
    with understood("search"):
        key = need(issue, "key", str, "issue")
        digits = key.rpartition("-")[2]
        if not digits.isdigit():
            raise Malformed(f"issue key {key!r} has no number")
        return int(digits)


def _find_comments(project: Project, intents: Sequence[Intent]) -> dict[Marker, Observed]:
    """Looks at every comment of the tasks in question."""
    wanted: dict[Ref, dict[Marker, Observed]] = {}
    drafted: dict[tuple[Ref, str], Marker] = {}
    for intent in intents:
        task = intent.draft.parent
        if task is None:
            raise ValueError("a comment is drafted without its task")
        wanted.setdefault(task.ref, {})[intent.draft.marker] = task
        drafted[task.ref, str(intent.draft.fields.get(Field.BODY) or "")] = intent.draft.marker
    found: dict[Marker, Observed] = {}
    unmarked: list[tuple[Ref, Json]] = []
    for ref, by_marker in wanted.items():
        try:
            comments = all_comments(project, ref.id)
        except Gone:
            # Where the task is not there a comment cannot be, and a second one cannot be made. But the project must be.
            project.details()
            continue
        for comment in comments:
            marker = marker_in_comment(comment)
            if marker is None and _is_unmarked(project, comment, {body for task, body in drafted if task == ref}):
                unmarked.append((ref, comment))
            if marker not in by_marker or marker in found:
                continue  # whatever else it shows, it is not ours
            with understood(f"comments of issue {ref.id}"):
                observed = project.observe_comment(comment, by_marker[marker])
            if observed.marker == marker:
                found[marker] = observed
    for ref, comment in unmarked:
        if drafted[ref, str(comment["body"])] not in found:
            raise _unmarked(f"comment {comment.get('id')}")
    return found


def _is_unmarked(project: Project, comment: Json, bodies: Collection[str]) -> bool:
    """Whether a comment without a marker is of our account and says what was to be sent.

    Asked of wiki markup alone. Cloud shows a document, which it may have put in order; it keeps properties.
    """
    author, body = comment.get("author"), comment.get("body")
    said = isinstance(body, str) and body in bodies
    return said and project.is_ours(author if isinstance(author, dict) else None)


def _find_versions(project: Project, intents: Sequence[Intent]) -> dict[Marker, Observed]:
    """Finds versions by name: a version holds no marker, and Jira permits a name once in a project."""
    read, aside = project.versions()
    by_name = {version.showing.get(Field.TITLE): version for version in read}
    found: dict[Marker, Observed] = {}
    for intent in intents:
        version = by_name.get(one_line(str(intent.draft.fields.get(Field.TITLE) or "")))
        if version is not None:
            found[intent.draft.marker] = version
        elif aside:
            raise Retryable(f"cannot tell whether a version was created: {aside[0].key} cannot be read")
    return found
