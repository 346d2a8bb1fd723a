"""Jira's JSON as observed items. Pure; a part that is missing or ill-typed raises `Malformed`, naming it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from connectors.jira.accounts import account_of, people_of
from connectors.jira.custom import shown_of, uncarried_of
from connectors.jira.dialect import Dialect
from connectors.jira.edges import above, linked, other_links
from connectors.jira.file_pages import listed, page
from connectors.jira.json_fields import (
    Json,
    Malformed,
    as_object,
    as_objects,
    milliseconds,
    need,
    need_id,
    need_time,
    want,
    want_date,
    want_time,
)
from connectors.jira.markers import marker_in_comment, marker_of, properties_of
from connectors.jira.site import Site, sprint_fields
from connectors.jira.sprints import sprint_of, sprints_of
from syncer.contract.connector import UnreadableItem
from syncer.contract.model import (
    Audience,
    Category,
    Facts,
    Field,
    Kind,
    Marker,
    Observed,
    Ref,
    Showing,
    Status,
    Value,
    Version,
)

INTERNAL_PROPERTY = "sd.public.comment"
"""Key of the property by which Jira Service Management marks an internal comment: `{"internal": true}`."""
NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for the times of a version, which Jira does not tell."""

_LEXORANK = re.compile(r"\d\|[0-9a-z]+:[0-9a-z]*")
MOST = 1e12
"""No number of points or seconds is larger."""


def unreadable_issue(issue: Json, error: Malformed, site: Site) -> UnreadableItem:
    """What can still be said of an issue whose JSON makes no sense."""
    native, key = _numeric(issue.get("id")), issue.get("key")
    named = key if isinstance(key, str) and key else f"issue {native or 'without an id'} of {site.project}"
    ref = Ref(Kind.TASK, native) if native else None
    return UnreadableItem(Kind.TASK, named, str(error).removeprefix(f"issue {named}: "), ref)


def unreadable_comment(comment: Json, error: Malformed, parent: Observed) -> UnreadableItem:
    """What can still be said of a comment whose JSON makes no sense."""
    native = _numeric(comment.get("id"))
    ref = Ref(Kind.COMMENT, native) if native else None
    return UnreadableItem(Kind.COMMENT, native or "without an id", str(error), ref, parent.ref)


def unreadable_version(version: Json, error: Malformed) -> UnreadableItem:
    """What can still be said of a version whose JSON makes no sense."""
    native, name = _numeric(version.get("id")), version.get("name")
    ref = Ref(Kind.MILESTONE, native) if native else None
    return UnreadableItem(Kind.MILESTONE, native or str(name or "without an id"), str(error), ref)


def _numeric(native: object) -> str:
    """A native id as text; empty for what is none."""
    text = str(native) if isinstance(native, str | int) and not isinstance(native, bool) else ""
    return text if text.isascii() and text.isdigit() else ""


def observed_issue(issue: Json, site: Site, scope: Audience, epics: Mapping[str, str] | None = None) -> Observed:
    """An issue of a search, a bulk fetch or a GET. Raises Malformed.

    `scope` is the audience of the project; `epics` gives the numeric id behind an epic's key.
    """
    where = f"issue {issue.get('key') or issue.get('id')}"
    native = need_id(issue, where)
    key = need(issue, "key", str, where)
    fields = as_object(need(issue, "fields", object, where), f"{where}.fields")
    updated = need_time(fields, "updated", where)
    showing = shown_by_issue(fields, site, where, epics)
    told, limited = "security" in fields, _is_limited(fields, site.dialect)
    for required in (Field.TITLE, Field.STATUS):
        if required not in showing:
            raise Malformed(f"{where}: {required} is missing")
    return Observed(
        ref=Ref(Kind.TASK, native),
        key=key,
        url=f"{site.url}/browse/{key}",
        version=version_of(updated, showing),
        created=need_time(fields, "created", where),
        updated=updated,
        showing=showing,
        audience=scope if told and not limited else Audience.RESTRICTED,
        audience_untold=not told and not limited,
        author=account_of(want(fields, "reporter", dict, where) or want(fields, "creator", dict, where), site),
        marker=marker_of(issue),
        facts=_facts(fields, site, where),
        people=people_of(fields, site, where),
    )


def version_of(updated: datetime, showing: Showing) -> Version:
    """The version of an item: its `updated`, which every change moves, and, for two in one tick, what it shows."""
    return Version(f"{milliseconds(updated)}-{_digest(showing)}")


def _digest(showing: Showing) -> str:
    content = repr([(str(field), showing[field]) for field in sorted(showing)])
    return hashlib.blake2b(content.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def shown_by_issue(fields: Json, site: Site, where: str, epics: Mapping[str, str] | None = None) -> dict[Field, Value]:
    """The fields of an issue, those alone that are in the JSON: an answer to an edit may hold few. Raises Malformed.

    What is left out is not known, and no empty value: a field may be hidden in its project. Null is the empty value of
    those that hold one thing; of a list, whose empty value is an empty list, it tells as little as nothing.
    `epics` gives the numeric id behind an epic's key: a parent that is told by an unknown key is left out.
    """
    showing: dict[Field, Value] = {}
    if "summary" in fields:
        showing[Field.TITLE] = need(fields, "summary", str, where)
    if "description" in fields:
        showing[Field.BODY] = source_of(fields["description"], site.dialect, f"{where}.description")
    if "status" in fields:
        showing[Field.STATUS] = status_of(fields, where)
    if fields.get("labels") is not None:
        showing[Field.LABELS] = tuple(sorted(_labels(need(fields, "labels", list, where), where)))
    if fields.get("components") is not None:
        components = as_objects(fields["components"], f"{where}.components")
        showing[Field.COMPONENTS] = tuple(sorted(need(part, "name", str, f"{where}.components") for part in components))
    if "assignee" in fields:
        showing |= _assigned(want(fields, "assignee", dict, where), site)
    if "priority" in fields:
        showing[Field.PRIORITY] = _name_of(fields, "priority", where)
    if "issuetype" in fields:
        showing[Field.TYPE] = _name_of(fields, "issuetype", where)
    if fields.get("fixVersions") is not None:
        versions = as_objects(fields["fixVersions"], f"{where}.fixVersions")
        showing[Field.MILESTONES] = tuple(need_id(version, f"{where}.fixVersions") for version in versions)
    if "duedate" in fields:
        showing[Field.DUE] = want_date(fields, "duedate", where)
    start = site.custom.start_date
    if start is not None and start in fields:
        showing[Field.START] = want_date(fields, start, where)
    showing |= linked(fields, site.links, where)
    showing |= above(fields, site.dialect, site.custom.epic_link, epics or {}, where)
    return {field: showing[field] for field in showing if field not in site.elsewhere} | shown_of(fields, site, where)


def _assigned(user: Json | None, site: Site) -> dict[Field, Value]:
    """Who is assigned; nothing where it is somebody of whom no id is told, who is not nobody."""
    if user is None:
        return {Field.ASSIGNEES: ()}
    account = account_of(user, site)
    return {} if account is None else {Field.ASSIGNEES: (account.id,)}


def _labels(labels: list[object], where: str) -> list[str]:
    for position, label in enumerate(labels):
        if not isinstance(label, str):
            raise Malformed(f"{where}.labels[{position}] is not a str but {type(label).__name__}")
    return [str(label) for label in labels]


def observed_comment(comment: Json, parent: Observed, site: Site, *, marker: Marker | None = None) -> Observed:
    """A comment of `parent`. `marker` stands in where the answer does not show properties. Raises Malformed."""
    where = f"comment {comment.get('id')} of {parent.key}"
    native = need_id(comment, where)
    updated = need_time(comment, "updated", where)
    if "body" not in comment:
        raise Malformed(f"{where}.body is missing")
    internal = is_internal(comment, site.dialect)
    showing: Showing = {Field.BODY: source_of(comment["body"], site.dialect, f"{where}.body")}
    return Observed(
        ref=Ref(Kind.COMMENT, native),
        key=native,
        url=f"{site.url}/browse/{parent.key}?focusedCommentId={native}",
        version=version_of(updated, showing),
        created=need_time(comment, "created", where),
        updated=updated,
        showing=showing,
        audience=Audience.RESTRICTED if internal else parent.audience,
        audience_untold=parent.audience_untold and not internal,
        author=account_of(want(comment, "author", dict, where), site),
        marker=marker_in_comment(comment) or marker,
        parent=parent.ref,
    )


def is_internal(comment: Json, dialect: Dialect) -> bool:
    """True when fewer people than the readers of the issue see a comment, or when that cannot be told."""
    if comment.get("visibility") is not None:
        return True
    mark = properties_of(comment).get(INTERNAL_PROPERTY)
    if isinstance(mark, dict) and mark.get("internal") in {True, "true"}:
        return True
    # Cloud says it of every comment; an answer that does not is not understood well enough to publish from.
    return comment.get("jsdPublic", not dialect.marks_internal_comments) is not True


def observed_version(version: Json, site: Site, scope: Audience) -> Observed:
    """A version as a milestone. Jira tells neither when it was made nor by whom. Raises Malformed."""
    where = f"version {version.get('name')}"
    native = need_id(version, where)
    showing: Showing = {
        Field.TITLE: need(version, "name", str, where),
        Field.BODY: want(version, "description", str, where) or "",
        Field.STATUS: _version_status(version),
        Field.DUE: want_date(version, "releaseDate", where),
        Field.START: want_date(version, "startDate", where),
    }
    return Observed(
        ref=Ref(Kind.MILESTONE, native),
        key=native,
        url=f"{site.url}/projects/{site.project}/versions/{native}",
        version=Version(_digest(showing)),
        created=NO_TIME,
        updated=NO_TIME,
        showing=showing,
        audience=scope,
    )


def _version_status(version: Json) -> Status:
    if version.get("archived") is True:
        return Status("archived", Category.DONE)
    return Status("released", Category.DONE) if version.get("released") is True else Status("unreleased", Category.TODO)


def source_of(body: object, dialect: Dialect, where: str) -> str:
    """The source of a body: ADF as compact JSON with sorted keys, wiki markup as it is, "" for none.

    Raises Malformed.
    """
    if body is None:
        return ""
    if dialect.rich_text and isinstance(body, dict):
        return compact(body)
    if isinstance(body, str):
        return body
    raise Malformed(f"{where} is neither text nor a document but {type(body).__name__}")


def compact(document: object) -> str:
    """JSON without blanks and with sorted keys: equal documents give equal text."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def status_of(fields: Json, where: str) -> Status:
    """The status of an issue with its resolution as reason. Raises Malformed."""
    resolution = want(fields, "resolution", dict, where)
    name, category = named_status(need(fields, "status", dict, where), f"{where}.status")
    if resolution is None:
        return Status(name, category)
    return Status(name, category, need(resolution, "name", str, f"{where}.resolution"))


def named_status(status: Json, where: str) -> tuple[str, Category]:
    """Name and category of a status object. Raises Malformed."""
    category = as_object(need(status, "statusCategory", object, where), f"{where}.statusCategory")
    match need(category, "key", str, f"{where}.statusCategory"):
        case "done":
            meaning = Category.DONE
        case "indeterminate":
            meaning = Category.DOING
        case _:  # "new", and "undefined" for a status that nobody has put into a category
            meaning = Category.TODO
    return need(status, "name", str, where), meaning


def _name_of(fields: Json, key: str, where: str) -> str | None:
    found = want(fields, key, dict, where)
    return need(found, "name", str, f"{where}.{key}") if found is not None else None


def _is_limited(fields: Json, dialect: Dialect) -> bool:
    """Whether an issue shows that fewer people see it, or may be kept from some without showing it.

    Cloud shows null where no level is set, Data Center no key. Restrictions are there in team-managed projects alone.
    """
    restriction, project = fields.get("issuerestriction"), fields.get("project")
    team_managed = isinstance(project, dict) and project.get("simplified") is True
    untold = dialect.fetches_in_bulk and team_managed and "issuerestriction" not in fields
    limited = isinstance(restriction, dict) and bool(restriction.get("issuerestrictions"))
    return fields.get("security") is not None or limited or untold


def _facts(fields: Json, site: Site, where: str) -> Facts:
    points = fields.get(site.custom.story_points or "")
    attachments = listed(fields, where)
    return Facts(
        open_blockers=sum(category is not Category.DONE for category in _blockers(fields, site, where)),
        flagged=bool(fields.get(site.custom.flagged or "")),
        closed=want_time(fields, "resolutiondate", where),
        points=_number(points),
        estimate_hours=_hours(fields.get("timeoriginalestimate")),
        spent_hours=_hours(fields.get("timespent")),
        iteration=sprint.name if (sprint := sprint_of(fields.get(site.custom.sprint or ""))) is not None else None,
        sprints=tuple(
            dict.fromkeys(sprint for native in sprint_fields(site) for sprint in sprints_of(fields.get(native)))
        ),
        attachments=len(attachments),
        uncarried=uncarried_of(fields, site, where),
        other_links=other_links(fields, site.links),
        rank=_rank(fields.get(site.custom.rank or "")),
        level=_level(fields),
        files=tuple(
            (name, page(site.url, need_id(each, where), name))
            for each in attachments
            if (name := want(each, "filename", str, where))
        ),
        references=tuple(text for name in site.custom.references if (text := _reference(fields.get(name)))),
    )


def _rank(value: object) -> str:
    """The text by which Jira keeps the order of its backlogs (LexoRank); empty for anything else."""
    return value if isinstance(value, str) and _LEXORANK.fullmatch(value) else ""


def _reference(value: object) -> str:
    """What a field for a key or an address of another tracker holds; empty for anything but a text."""
    return value.strip() if isinstance(value, str) else ""


def _level(fields: Json) -> int | None:
    """The level of its type in the hierarchy: Cloud tells it; Data Center only tells sub-tasks."""
    kind = fields.get("issuetype")
    if not isinstance(kind, dict):
        return None
    level = kind.get("hierarchyLevel")
    if isinstance(level, int) and not isinstance(level, bool):
        return level
    return -1 if kind.get("subtask") is True else None


def _hours(seconds: object) -> float | None:
    """Hours of a field that Jira keeps in seconds; None where time is not tracked."""
    number = _number(seconds)
    return None if number is None else number / 3600


def _number(value: object) -> float | None:
    """A number that can be counted with; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < MOST:
        return None
    return float(value)


def _blockers(fields: Json, site: Site, where: str) -> list[Category]:
    """What the status means of each issue that blocks this one: links of that type that point inward."""
    blocks = site.links.get(Field.BLOCKED_BY)
    found: list[Category] = []
    for link in as_objects(fields.get("issuelinks") or [], f"{where}.issuelinks"):
        kind, other = link.get("type"), link.get("inwardIssue")
        if not isinstance(kind, dict) or not isinstance(other, dict) or blocks is None:
            continue
        if kind.get("name") != blocks.name:
            continue
        shown = other.get("fields")
        status = shown.get("status") if isinstance(shown, dict) else None
        category = named_status(status, f"{where}.issuelinks")[1] if isinstance(status, dict) else Category.TODO
        found.append(category)
    return found
