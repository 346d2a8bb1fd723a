"""Profiles as people ask for them, by name or as a file that a recording made: the shapes of answers as differences.

What a record tells: how a field is shown where there is nothing in it, fields that no object had, operations that
answered nothing but 404, versions. What it does not tell stays as the sandbox has it: values, limits, refusals of an
account, and every kind of object that none was seen of.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, Literal

from syncer.sandbox.errors import SandboxError
from syncer.sandbox.profiles.kinds import kind_of
from syncer.sandbox.profiles.model import Form, Missing, Profile, Setting, Shown, parse
from syncer.sandbox.profiles.named import NAMED
from syncer.shapes.named import NOTHING_NAMED, NamedKeys, answered
from syncer.shapes.record import FORMAT, RecordedTracker, read_record
from syncer.shapes.shape import EMPTY_LIST, EMPTY_TEXT, NULL, NotAShape, Shape, together

EVIDENCE: Final = "recorded"

_ONLY_WHERE_SO: Final[Mapping[str, frozenset[str]]] = {
    "issue": frozenset({"pull_request", "draft", "parent_issue_url", "performed_via_github_app", "fields"}),
    "issue.fields": frozenset({"parent", "subtasks"}),
    "issue comment": frozenset({"performed_via_github_app", "minimized", "pin"}),
    "comment": frozenset({"visibility", "properties"}),
    "repository": frozenset({"organization", "permissions"}),
}
"""Keys that say what an object is, or that it is special: that none had them says nothing of the server."""

_TELLING: Final[Mapping[str, tuple[str, ...]]] = {
    "github": ("issue", "issue comment", "milestone", "label", "repository", "user", "issue type"),
    "jira": ("issue.fields", "comment", "attachment", "issuelink", "version", "user", "project", "status", "issuetype"),
}
"""Kinds whose keys tell of the server. Those of an event or a page follow from what happened, or was asked."""

_NEVER_EMPTY: Final = frozenset({"user", "project", "status", "issuetype"})
"""Kinds of a Jira whose keys hold nothing that people leave empty: one that no object has is hidden."""

_LISTS: Final = frozenset({"labels", "components", "fixVersions", "versions", "issuelinks", "attachment", "subtasks"})
_LEFT_OUT: Final = frozenset({"parent", "security"})
"""Fields of an issue that the sandbox does not show as null where nothing is in them."""


def is_record(data: object) -> bool:
    """Whether a JSON value is what `syncer check --record` writes."""
    return isinstance(data, Mapping) and data.get("format") == FORMAT


def recorded_profiles(text: str) -> tuple[Profile, ...]:
    """A profile for each recorded tracker, of several Jiras or GitHubs the first. Raises SandboxError."""
    try:
        trackers = read_record(text)
    except NotAShape as error:
        raise SandboxError(f"the record cannot be used: {error}") from None
    first: dict[str, Profile] = {}
    for tracker in trackers:
        first.setdefault(tracker.kind, profile_of(tracker))
    if not first:
        raise SandboxError("the record holds no tracker")
    return tuple(first.values())


def profile_of(tracker: RecordedTracker) -> Profile:
    """The profile of one recorded tracker."""
    kind: Literal["jira", "github"] = "jira" if tracker.kind == "jira" else "github"
    cloud = tracker.product == "Jira Cloud" or any("/rest/api/3/" in each for each in tracker.answers)
    return Profile(
        name=f"recorded-{kind}",
        title=" ".join(filter(None, (tracker.product or kind, tracker.version, "as recorded"))),
        tracker=kind,
        deployment=None if kind == "github" else "cloud" if cloud else "datacenter",
        differences=(*_settings(tracker), *_missing(tracker), *_shown(kind, tracker)),
    )


def _settings(tracker: RecordedTracker) -> Iterator[Setting]:
    """The versions; github.com serves more than the one that answered."""
    if tracker.product == "GitHub Enterprise Server":
        if tracker.version:
            yield Setting("enterprise-version", f"{tracker.version}.0", EVIDENCE)
        if tracker.interface:
            yield Setting("api-versions", (tracker.interface,), EVIDENCE)
    if tracker.product == "GitHub Enterprise Cloud":
        yield Setting("data-residency", "acme", EVIDENCE)


def _missing(tracker: RecordedTracker) -> Iterator[Missing]:
    """The operations that answered 404 whatever they were asked of."""
    for operation, shapes in tracker.answers.items():
        verb, _, path = operation.partition(" ")
        if "404" in shapes and shapes.keys() <= {"404", "none"} and path.startswith("/"):
            yield Missing(verb, path.replace("{}", "{part}"), EVIDENCE)


def _shown(kind: Literal["jira", "github"], tracker: RecordedTracker) -> Iterator[Shown]:
    """How the objects of each kind show that nothing is in a field."""
    seen: dict[str, list[tuple[Shape, NamedKeys]]] = {}
    given = (
        (shape, answered(tracker.kind, operation, status))
        for operation, shapes in tracker.answers.items()
        for status, shape in shapes.items()
        if status < "300"
    )
    for shape, keys in given:
        for name, found, position in _objects(kind, shape, keys):
            seen.setdefault(name, []).append((found, position))
    for name in _TELLING[kind]:
        objects = seen.get(name, [])
        whole = together([shape for shape, _ in objects])
        known = sorted({key for _, position in objects for key in position.named()})
        for key in known if whole.objects else ():
            everywhere = all(key in shape.keys for shape, _ in objects)
            yield from _shown_so(kind, name, key, whole, everywhere=everywhere)


def _shown_so(kind: str, name: str, key: str, whole: Shape, *, everywhere: bool) -> Iterator[Shown]:
    """The line for one key of a kind. One that not every form of such an object has is put into none that lacks it."""
    member = whole.keys.get(key)
    if member is None:
        if key not in _ONLY_WHERE_SO.get(name, ()):
            always = kind == "github" or name in _NEVER_EMPTY
            yield Shown(name, key, "absent", EVIDENCE, always=always)
        return
    form = _form(member.shape, sometimes=member.held < whole.objects)
    if name == "issue.fields":
        # A search shows the fields that were chosen: the others are put into none, unless the sandbox would err.
        everywhere = (form == "null") is (key in _LISTS | _LEFT_OUT)
    if form == "absent" or (form is not None and everywhere):
        yield Shown(name, key, form, EVIDENCE)


def _form(shape: Shape, *, sometimes: bool) -> Form | None:
    """How a field shows that there is nothing in it; None where it was never empty."""
    if sometimes:
        return "absent"  # a connector that reads this reads the mixture too
    if NULL in shape.words:
        return "null"
    bare = shape.objects and not shape.keys
    return "empty" if bare or {EMPTY_LIST, EMPTY_TEXT} & shape.words else None


def _objects(
    kind: Literal["jira", "github"], shape: Shape, position: NamedKeys
) -> Iterator[tuple[str, Shape, NamedKeys]]:
    """Every object in an answer whose kind can be told, with its position."""
    if shape.elements is not None:
        yield from _objects(kind, shape.elements, position)
    if not shape.objects:
        return
    # An object that lacks the very key its kind is told by is known by where it stands.
    name = kind_of(kind, shape.keys) or kind_of(kind, dict.fromkeys(position.named()))
    if name:
        yield name, shape, position
    for key, member in shape.keys.items():
        below = position.below(key) if position.names(key) else position.other() or NOTHING_NAMED
        if kind == "jira" and name == "issue" and key == "fields" and member.shape.objects:
            yield "issue.fields", member.shape, below
        yield from _objects(kind, member.shape, below)


def profiles_from(name_or_file: str) -> tuple[Profile, ...]:
    """The profile of that name, else those in the file. Raises SandboxError for neither.

    A file holds one profile, or is a record of `syncer check --record`, which may be of a Jira and of a GitHub.
    """
    if name_or_file in NAMED:
        return (NAMED[name_or_file],)
    file = Path(name_or_file)
    if not file.is_file():
        raise SandboxError(f"no profile and no file is called {name_or_file}; the profiles are {', '.join(NAMED)}")
    try:
        text = file.read_text("utf-8")
        data = json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise SandboxError(f"cannot read the profile {file}: {error}") from None
    try:
        return recorded_profiles(text) if is_record(data) else (parse(data),)
    except SandboxError as error:
        raise SandboxError(f"{file}: {error}") from None


def profiles_of(names_or_files: Iterable[str]) -> tuple[Profile, ...]:
    """The profiles that were asked for. Raises SandboxError where two are of one tracker."""
    found: dict[str, Profile] = {}
    for profile in (one for each in names_or_files for one in profiles_from(each)):
        if (other := found.get(profile.tracker)) is not None:
            raise SandboxError(f"{other.name} and {profile.name} are both a {profile.tracker.title()}; keep one")
        found[profile.tracker] = profile
    return tuple(found.values())
