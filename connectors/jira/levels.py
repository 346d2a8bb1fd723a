"""Which issues have a security level, asked of the search where the issues themselves do not show it.

Why. Data Center and Server leave the field out where no level is set, and also where the account may not see the
field. Only a search for issues with a level tells the two apart: who cannot see the field is refused that search.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from connectors.jira import jql
from connectors.jira.answers import Forbidden, Invalid
from connectors.jira.json_fields import need_id
from connectors.jira.project import Project, understood
from connectors.jira.search import RECONCILED, found_of
from syncer.contract.errors import Denied, Gone, Rejected, Retryable, TrackerError
from syncer.contract.model import Audience, Observed

ASKED = 100
"""How many issues one question names."""
_FIELD = re.compile(r"\b(level|security)\b", re.IGNORECASE)

Outcome = Audience | TrackerError


def audiences(project: Project, tasks: Sequence[Observed]) -> list[Outcome]:
    """See `AudienceTeller.audiences`. A question for each `ASKED` issues; none after the field itself was refused."""
    if project.readers() is Audience.RESTRICTED:
        return [Rejected(f"who can read {project.scope.project} cannot be told") for _ in tasks]
    size = RECONCILED if project.site.dialect.fetches_in_bulk else ASKED
    answers: dict[str, Outcome] = {}
    for start in range(0, len(tasks), size):
        asked = {task.ref.id: task.key for task in tasks[start : start + size]}
        try:
            answers |= _asked(project, asked)
        except _FieldUnknown as unknown:
            verdict = _without_the_field(project, str(unknown))
            answers |= {task.ref.id: verdict for task in tasks[start:]}
            break
    return [answers[task.ref.id] for task in tasks]


class _FieldUnknown(Exception):  # another question follows
    """The search knows no security level, or not for this account."""


def _asked(project: Project, keys: Mapping[str, str]) -> dict[str, Outcome]:
    """The readers of issues, given their keys by id: asked again without those that a refusal names."""
    answers: dict[str, Outcome] = {}
    left = dict(keys)
    while left:
        try:
            return answers | _with_levels(project, left)
        except Denied as refusal:
            if not isinstance(cause := refusal.__cause__, Invalid):
                raise
            reason, said = str(cause), "\n".join([*cause.messages, *cause.fields.values()])
        named = {native: key for native, key in left.items() if _names(said, key)}
        if not named and _FIELD.search(said):
            raise _FieldUnknown(reason)
        verdict = Retryable if named else Rejected
        for native in named or dict(left):
            del left[native]
            answers[native] = verdict(f"whether it has a security level cannot be told: {reason}")
    return answers


def _names(said: str, key: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(key)}(?!\w)", said) is not None


def _with_levels(project: Project, keys: Mapping[str, str]) -> dict[str, Outcome]:
    query = jql.all_of([jql.keys_in(list(keys.values())), "level is not EMPTY"], "key ASC")
    with understood("search"):
        restricted = {need_id(issue, "issue") for issue in found_of(project, query, list(keys))}
    open_to = project.readers()
    return {native: Audience.RESTRICTED if native in restricted else open_to for native in keys}


def _without_the_field(project: Project, reason: str) -> Outcome:
    """Everybody who can read the project where it has no security scheme at all; else nobody knows who."""
    doubt = _scheme(project)
    if not doubt:
        return project.readers()
    key = project.scope.project
    return Rejected(f"which issues of {key} have a security level cannot be told: {reason}; {doubt}")


def _scheme(project: Project) -> str:
    """Why it is not certain that a project has no security levels; empty where it is."""
    key = project.scope.project
    try:
        scheme = project.client.get(f"/project/{key}/issuesecuritylevelscheme")
    except Gone as absent:
        # 404 stands for "no scheme" and for "not for your eyes".
        return "" if _administers(project) else str(absent)
    except (Forbidden, Rejected, Retryable) as error:
        return str(error)
    none = scheme is None or scheme == {}
    return "" if none else "the project has an issue security scheme"


def _administers(project: Project) -> bool:
    try:
        return project.granted(["ADMINISTER_PROJECTS"])["ADMINISTER_PROJECTS"]
    except (Forbidden, Gone, Rejected, Retryable):
        return False
