"""What a profile is: a flat table of differences between one real server and what the sandbox does of itself.

Why. What the sandbox does of itself is our picture of the vendors, and a connector that was only tried against it
shares our mistakes. A profile holds what a source tells of one server, and each of its lines names the source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from syncer.sandbox.errors import SandboxError

Tracker = Literal["jira", "github"]
Form = Literal["absent", "null", "empty"]
"""How a field shows that there is nothing in it: no key, null, or an empty text, list or object."""
FORMS: tuple[Form, ...] = ("absent", "null", "empty")

SETTINGS = ("api-versions", "enterprise-version", "data-residency", "gateway", "result-window", "embedded-comments")


@dataclass(frozen=True, slots=True)
class Shown:
    """How objects of one kind show one of their fields."""

    kind: str
    """The kind of object, as `kinds.kind_of` names it: `issue.fields`, `comment`, `user`."""
    field: str
    form: Form
    """How the field is shown where there is nothing in it."""
    evidence: str
    """The id of the assumption that tells the source."""
    always: bool = False
    """The field is shown so whatever is in it: this server has no such field, or does not tell it."""
    version: str = ""
    """The version of the interface that a request must name for it to hold; empty: in every version."""


@dataclass(frozen=True, slots=True)
class Missing:
    """An operation that this server does not have; it answers 404 as any address that nobody serves."""

    verb: str
    """`GET`; `*` for every verb."""
    path: str
    """As the vendor's specification writes it: `/repos/{owner}/{repo}/issues/{issue_number}/sub_issues`."""
    evidence: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """Something about a server that is one value; the names are those of `SETTINGS`."""

    name: str
    value: Any
    evidence: str


Difference = Shown | Missing | Setting


@dataclass(frozen=True, slots=True)
class Profile:
    """One real server as its sources tell it; what no difference names is as in the sandbox without a profile."""

    name: str
    """`jira-data-center`; what `syncer sandbox --profile` takes."""
    title: str
    """What people call the server."""
    tracker: Tracker
    deployment: Literal["cloud", "datacenter"] | None = None
    """Of a Jira."""
    differences: tuple[Difference, ...] = ()

    @property
    def shown(self) -> tuple[Shown, ...]:
        """How fields are shown."""
        return tuple(each for each in self.differences if isinstance(each, Shown))

    @property
    def missing(self) -> tuple[Missing, ...]:
        """The operations that are not there."""
        return tuple(each for each in self.differences if isinstance(each, Missing))

    def setting(self, name: str) -> Any:
        """The value of a setting, None where the profile does not name it."""
        if name not in SETTINGS:
            raise ValueError(f"{name!r} is not a setting of a profile")
        found = [each.value for each in self.differences if isinstance(each, Setting) and each.name == name]
        return found[-1] if found else None

    @property
    def evidence(self) -> frozenset[str]:
        """The ids of all assumptions that the profile rests on."""
        return frozenset(each.evidence for each in self.differences)


def as_json(profile: Profile) -> dict[str, Any]:
    """The profile as JSON: `parse` reads it back."""
    kinds = {Shown: "shown", Missing: "missing", Setting: "setting"}
    rows = []
    for each in profile.differences:
        told = {name: getattr(each, name) for name in type(each).__slots__}
        rows.append(
            {"what": kinds[type(each)], **{name: value for name, value in told.items() if value not in ("", False)}}
        )
    return {
        "name": profile.name,
        "title": profile.title,
        "tracker": profile.tracker,
        **({"deployment": profile.deployment} if profile.deployment else {}),
        "differences": rows,
    }


def parse(data: object) -> Profile:
    """The profile that a JSON value holds. Raises SandboxError naming what is wrong."""
    if not isinstance(data, Mapping) or data.get("tracker") not in ("jira", "github"):
        raise SandboxError('a profile is an object with "tracker": "jira" or "github"')
    rows = data.get("differences", [])
    if not isinstance(rows, list):
        raise SandboxError("differences: expected a list")
    return Profile(
        name=str(data.get("name") or "recorded"),
        title=str(data.get("title") or data.get("name") or "recorded"),
        tracker=data["tracker"],
        deployment=_deployment(data),
        differences=tuple(_difference(row, number) for number, row in enumerate(rows)),
    )


def _deployment(data: Mapping[str, Any]) -> Literal["cloud", "datacenter"] | None:
    given = data.get("deployment")
    if given is None and data["tracker"] == "github":
        return None
    if given == "cloud" and data["tracker"] == "jira":
        return "cloud"
    if given == "datacenter" and data["tracker"] == "jira":
        return "datacenter"
    raise SandboxError('deployment: a Jira is "cloud" or "datacenter", and a GitHub has none')


def _difference(row: object, number: int) -> Difference:
    """One line of a profile. Raises SandboxError."""
    types: dict[object, type[Difference]] = {"shown": Shown, "missing": Missing, "setting": Setting}
    kind = types.get(row.get("what")) if isinstance(row, Mapping) else None
    if kind is None or not isinstance(row, Mapping):
        raise SandboxError(f'differences[{number}]: expected "what": "shown", "missing" or "setting"')
    told: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in row.items() if name != "what"
    }
    try:
        difference = kind(**told)
    except TypeError:
        known = ", ".join(kind.__slots__)
        raise SandboxError(f"differences[{number}]: expected the keys {known}") from None
    if isinstance(difference, Shown) and difference.form not in FORMS:
        raise SandboxError(f"differences[{number}]: form is one of {', '.join(FORMS)}")
    if isinstance(difference, Setting) and difference.name not in SETTINGS:
        raise SandboxError(f"differences[{number}]: name is one of {', '.join(SETTINGS)}")
    return difference
