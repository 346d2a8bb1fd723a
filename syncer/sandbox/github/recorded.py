"""Loading recorded JSON of GitHub's REST interface: issues, comments, events and milestones, in any order.

Objects keep their ids, numbers, times, types, parents and blockers; accounts and repositories they mention are made,
and the issue inside an event is one more record of it. Texts stay as they are, with the addresses of files in them.
What belongs to an issue that was not recorded is skipped and counted.

Archives of whole repositories are taken in too: the file that the archiving tools of standards bodies keep beside their
drafts, one JSON object in the shape of GitHub's GraphQL objects, with `repo`, `labels`, `issues` and `pulls`, people by
login, and comments without ids.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from syncer.sandbox.github.host import GitHubHost
from syncer.sandbox.github.model import (
    Account,
    Comment,
    Event,
    Issue,
    IssueType,
    Milestone,
    PullRequest,
    Repository,
)
from syncer.sandbox.github.relations import REFERENCES, find_related, relate

Record = Mapping[str, Any]

_KINDS = ("milestone", "issue", "comment", "event")
_EVENT_DETAILS = ("label", "assignee", "assigner", "milestone", "rename", "lock_reason", "state_reason")


def load(github: GitHubHost, records: Iterable[Mapping[str, Any]]) -> Mapping[str, int]:
    """Take in `records`; return how many of each kind were loaded, and under "skipped" how many were not.

    Under "relation" stand the parents and blockers among all issues that are there then.
    """
    sorted_records: dict[str, list[Record]] = {kind: [] for kind in _KINDS}
    counts: Counter[str] = Counter()
    for record in _expanded(records):
        kind = kind_of(record)
        if kind is None:
            counts["skipped"] += 1
        else:
            sorted_records[kind].append(record)
            _load_people(github, record)
    sorted_records["issue"] += _embedded(sorted_records)
    steps = (_load_milestone, _load_issue, _load_comment, _load_event)
    for kind, step in zip(_KINDS, steps, strict=True):
        for record in sorted_records[kind]:
            counts[kind if step(github, record) else "skipped"] += 1
    counts["relation"] += relate(github, sorted_records["issue"], sorted_records["event"])
    return +counts


def _embedded(records: Mapping[str, list[Record]]) -> list[Record]:
    """Return the issues that are recorded inside their events alone, each once."""
    own = {record["url"] for record in records["issue"]}
    found = {event["issue"]["url"]: event["issue"] for event in records["event"] if kind_of(event["issue"]) == "issue"}
    return [issue for url, issue in found.items() if url not in own]


def _expanded(records: Iterable[Record]) -> Iterator[Record]:
    """Yield the records, with the contents of an archive in its place."""
    for record in records:
        if is_archive(record):
            yield from records_of(record)
        else:
            yield record


def kind_of(record: Record) -> str | None:
    """Return "archive", "milestone", "issue", "comment" or "event", None for what is no recorded GitHub object."""
    if is_archive(record):
        return "archive"
    if "event" in record and "issue" in record:
        return "event"
    if "issue_url" in record and "body" in record:
        return "comment"
    if "comments_url" in record and "number" in record:
        return "issue"
    return "milestone" if "due_on" in record and "number" in record else None


def _load_people(github: GitHubHost, record: Record) -> None:
    """Make the accounts a record names, with their ids: before any repository, whose owner may be one of them."""
    holders = (record, record.get("issue"), record.get("milestone"))
    for holder in (each for each in holders if isinstance(each, Mapping)):
        for name in ("user", "creator", "actor", "assignee", "closed_by"):
            if isinstance(holder.get(name), Mapping):
                _account(github, holder[name])


def _load_milestone(github: GitHubHost, record: Record) -> bool:
    """Place a milestone in the repository its address names."""
    _milestone(github, _repository(github, record["url"]), record)
    return True


def _load_issue(github: GitHubHost, record: Record) -> bool:
    """Place an issue or pull request; one that is there already stays."""
    repository = _repository(github, record["url"])
    if record["number"] in repository.issues:
        return False
    author = _account(github, record.get("user"))
    number = record.get("id")
    issue = Issue(
        github.sequences.issue.take() if number is None else number,
        record["number"],
        repository,
        record["title"],
        record.get("body"),
        author,
        _time(record["created_at"]),
        _time(record["updated_at"]),
        state=record["state"],
        state_reason=record.get("state_reason"),
        locked=bool(record.get("locked")),
        lock_reason=record.get("active_lock_reason"),
    )
    if record.get("closed_at"):
        issue.closed_at = _time(record["closed_at"])
        issue.closed_by = _account(github, record["closed_by"]) if record.get("closed_by") else None
    for label in record.get("labels") or ():
        issue.labels.append(
            github.add_label(
                repository.full_name, label["name"], label["color"], label.get("description"), id=label.get("id")
            )
        )
    issue.assignees = [_account(github, assignee) for assignee in record.get("assignees") or ()]
    for assignee in issue.assignees:
        github.add_collaborator(repository.full_name, assignee.login, "triage")
    if record.get("type"):
        issue.type = _type(github, repository, record["type"])
    if record.get("pull_request"):
        merged = record["pull_request"].get("merged_at")
        issue.pull_request = PullRequest(_time(merged) if merged else None, bool(record.get("draft")))
    repository.place(issue)
    github.issues_by_id[issue.id] = issue
    github.sequences.issue.avoid([issue.id])
    milestone = record.get("milestone")
    if milestone and _same_repository(milestone["url"], record["url"]):
        issue.milestone = _milestone(github, repository, milestone)
    return True


def _load_comment(github: GitHubHost, record: Record) -> bool:
    """Place a comment on its issue, which must be loaded."""
    repository = _repository(github, record["issue_url"])
    issue = repository.issues.get(int(record["issue_url"].rpartition("/")[2]))
    number = record.get("id")
    if issue is None or number in repository.comments:
        return False
    comment = Comment(
        github.sequences.comment.take() if number is None else number,
        issue,
        _account(github, record.get("user")),
        record.get("body") or "",
        _time(record["created_at"]),
        _time(record["updated_at"]),
    )
    issue.comments.append(comment)
    issue.comments.sort(key=lambda each: each.id)
    issue.rendered = None
    repository.place_comment(comment)
    github.sequences.comment.avoid([comment.id])
    return True


def _load_event(github: GitHubHost, record: Record) -> bool:
    """Place an event on its issue, which must be loaded; details are kept as recorded."""
    repository = _repository(github, record["issue"]["url"])
    issue = repository.issues.get(record["issue"]["number"])
    if issue is None:
        return False
    detail: dict[str, object] = {}
    for name in _EVENT_DETAILS:
        if name in record:
            person = name in ("assignee", "assigner") and record[name]
            detail[name] = _account(github, record[name]) if person else record[name]
    detail |= {name: other for name in REFERENCES if (other := find_related(github, record.get(name))) is not None}
    actor = _account(github, record.get("actor"))
    event = Event(record["id"], record["event"], actor, _time(record["created_at"]), issue, detail)
    for events in (issue.events, repository.events):
        events.append(event)
        events.sort(key=lambda each: (each.created_at, each.id))
    github.sequences.event.avoid([event.id])
    return True


def _milestone(github: GitHubHost, repository: Repository, record: Record) -> Milestone:
    """Return the milestone of a record, placed in the repository when it is not there yet.

    The counts are those of the recording, which seldom holds every issue of a milestone.
    """
    found = repository.milestones.get(record["number"])
    if found is not None:
        return found
    milestone = Milestone(
        record["id"],
        record["number"],
        record["title"],
        record.get("description"),
        _account(github, record.get("creator")),
        _time(record["created_at"]),
        _time(record["updated_at"]),
        _time(record["due_on"]) if record.get("due_on") else None,
        record["state"],
        _time(record["closed_at"]) if record.get("closed_at") else None,
        record.get("open_issues", 0),
        record.get("closed_issues", 0),
    )
    repository.milestones[milestone.number] = milestone
    repository.last_milestone = max(repository.last_milestone, milestone.number)
    github.sequences.milestone.avoid([milestone.id])
    return milestone


def _type(github: GitHubHost, repository: Repository, record: Record) -> IssueType | None:
    """Return the type an organisation has under the name in a record, made when it is new; people's have none."""
    owner = repository.owner
    if owner.kind != "Organization":
        return None
    found = next((each for each in owner.issue_types if each.name == record["name"]), None)
    return found or github.add_issue_type(owner.login, record["name"], record.get("description"), record.get("color"))


def _account(github: GitHubHost, record: Record | None) -> Account:
    """Return the account of a record, made when it is new; GitHub's `ghost` stands for a deleted one."""
    login = "ghost" if record is None else record["login"]
    found = github.accounts.get(login.casefold())
    if found is None:
        found = github.add_user(login, id=None if record is None else record.get("id"))
    return found


def _repository(github: GitHubHost, url: str) -> Repository:
    """Return the repository an address is in, made with its owner when it is new."""
    full_name = _full_name(url)
    found = github.find_repository(full_name)
    if found is None:
        owner = full_name.partition("/")[0]
        if owner.casefold() not in github.accounts:
            github.add_organization(owner)
        found = github.add_repository(full_name)
    return found


def _full_name(url: str) -> str:
    """Return `owner/name` of a REST address such as `https://api.github.com/repos/acme/pay/issues/4`."""
    parts = urlsplit(url).path.partition("/repos/")[2].split("/")
    return "/".join(parts[:2])


def _same_repository(url: str, other: str) -> bool:
    """True when both addresses are in one repository."""
    return _full_name(url).casefold() == _full_name(other).casefold()


def _time(text: str) -> datetime:
    """Return a recorded time, in UTC and whole seconds."""
    return datetime.fromisoformat(text).astimezone(UTC).replace(microsecond=0)


_REST = "https://api.github.com/repos"


def is_archive(record: Record) -> bool:
    """True when a JSON object is an archive of a whole repository."""
    return isinstance(record.get("repo"), str) and isinstance(record.get("issues"), list)


def records_of(archive: Record) -> Iterator[dict[str, Any]]:
    """Yield the issues and pull requests of an archive, then their comments by time, as REST objects.

    Ids are those inside the archive's node ids where they can be read; what has none gets one when it is loaded.
    """
    root = f"{_REST}/{archive['repo']}"
    labels = {label["name"]: label for label in archive.get("labels") or ()}
    comments: list[dict[str, Any]] = []
    for kind in ("issues", "pulls"):
        for item in archive.get(kind) or ():
            address = f"{root}/issues/{item['number']}"
            yield _issue(item, address, labels, pull=kind == "pulls")
            comments += [_comment(comment, address) for comment in item.get("comments") or ()]
    yield from sorted(comments, key=lambda comment: str(comment["created_at"]))


def _issue(item: Record, address: str, labels: Mapping[str, Record], *, pull: bool) -> dict[str, Any]:
    """Return an issue or pull request of an archive as REST shows it."""
    issue: dict[str, Any] = {
        "id": _number_in(item["id"]),
        "number": item["number"],
        "url": address,
        "comments_url": f"{address}/comments",
        "title": item["title"],
        "body": item.get("body"),
        "state": "open" if item["state"] == "OPEN" else "closed",
        "user": _person(item.get("author")),
        "assignees": [_person(login) for login in item.get("assignees") or ()],
        "labels": [labels.get(name, {"name": name, "color": "ededed"}) for name in item.get("labels") or ()],
        "created_at": item["createdAt"],
        "updated_at": item["updatedAt"],
        "closed_at": item.get("closedAt"),
    }
    if pull:
        issue["pull_request"] = {"merged_at": item.get("mergedAt")}
    return issue


def _comment(comment: Record, address: str) -> dict[str, Any]:
    """Return a comment of an archive as REST shows it."""
    return {
        "issue_url": address,
        "user": _person(comment.get("author")),
        "body": comment.get("body"),
        "created_at": comment["createdAt"],
        "updated_at": comment["updatedAt"],
    }


def _person(login: str | None) -> dict[str, Any] | None:
    """Return a person by login; archives name a deleted account `ghost` or not at all."""
    return {"login": login} if login else None


def _number_in(node_id: str) -> int | None:
    """Return the numeric id in an old node id (base64 of `05:Issue31757156`), None for the newer, opaque kind."""
    try:
        text = base64.b64decode(node_id, validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return None
    found = re.search(r":[A-Za-z]+(\d+)\Z", text)
    return int(found[1]) if found else None
