"""What the words of a query mean: texts, numbers, and records of the site that whoever asks may see."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from syncer.sandbox.jira import permissions
from syncer.sandbox.jira.jql.syntax import Call, Word
from syncer.sandbox.jira.problems import JiraError, invalid
from syncer.sandbox.jira.records import Project, User
from syncer.sandbox.jira.store import IssueStore


@dataclass(frozen=True, slots=True)
class Scope:
    """Who searches, and in which site."""

    jira: IssueStore
    account: User | None


Resolve = Callable[[Scope, "Word | Call"], set[Any]]


def refuse(scope: Scope, word: Word | Call) -> set[Any]:
    """Raises the 400 for a word that means nothing here."""
    raise invalid(f"The value '{shown(word)}' is not valid here.")


def shown(word: Word | Call) -> str:
    """Returns a word as the query has it."""
    return word.text if isinstance(word, Word) else f"{word.name}({', '.join(word.arguments)})"


def no_function(word: Call) -> JiraError:
    """Returns the 400 for a function that Jira does not have."""
    return invalid(f"Unable to find JQL function '{shown(word)}'.")


def literal(scope: Scope, word: Word | Call) -> set[Any]:
    """Returns the word itself."""
    if isinstance(word, Call):
        raise no_function(word)
    return {word.text}


def number(scope: Scope, word: Word | Call) -> set[Any]:
    """Returns the number that a word is; raises a 400 for another text."""
    try:
        return {float(shown(word))}
    except ValueError:
        raise invalid(f"Value '{shown(word)}' is not a number.") from None


def record(name: str, kind: str) -> Resolve:
    """Returns what resolves words to the ids of records of a kind; it raises a 400 for none."""

    def resolve(scope: Scope, word: Word | Call) -> set[Any]:
        if isinstance(word, Call):
            return _function(scope, kind, word)
        wanted = word.text.casefold()
        if kind == "resolution" and wanted == "unresolved":
            return {None}
        found = {each.id for each in _candidates(scope, kind) if _is_called(each, wanted)}
        if kind == "project":  # asked of those alone that are meant: a site may have hundreds
            found = {each for each in found if _is_searched(scope, scope.jira.projects[each])}
        if kind == "project" and not found:
            former = scope.jira.find_project(word.text)
            if former is not None and _is_searched(scope, former):
                return {former.id}
        if not found:
            raise invalid(f"The value '{word.text}' does not exist for the field '{name}'.")
        return found

    return resolve


def _is_called(record: Any, wanted: str) -> bool:
    """Tells whether a word without case means a record: by its id, its name or its key."""
    if wanted in (record.id, record.name.casefold()):
        return True
    return wanted == getattr(record, "key", "").casefold()


def _is_searched(scope: Scope, project: Project) -> bool:
    hidden = project.archived and scope.jira.unknown_when_archived
    return not hidden and permissions.allows(scope.jira, scope.account, "BROWSE_PROJECTS", project)


def _candidates(scope: Scope, kind: str) -> Iterable[Any]:
    jira = scope.jira
    of_projects = {"components": "components", "versions": "versions", "security": "security_levels"}
    if kind in of_projects:
        visible = [each for each in jira.projects.values() if _is_searched(scope, each)]
        return [each for project in visible for each in getattr(project, of_projects[kind]).values()]
    of_site: dict[str, Iterable[Any]] = {
        "project": jira.projects.values(),
        "status": jira.statuses.values(),
        "issuetype": jira.types.values(),
        "priority": jira.priorities,
        "resolution": jira.resolutions.values(),
    }
    return of_site.get(kind, ())


def _function(scope: Scope, kind: str, call: Call) -> set[Any]:
    name = call.name.lower()
    records = list(_candidates(scope, kind))
    chosen: dict[str, Callable[[Any], bool]] = {}
    if kind == "issuetype":
        chosen = {"standardissuetypes": lambda each: not each.subtask, "subtaskissuetypes": lambda each: each.subtask}
    elif kind == "versions":
        chosen = {
            "releasedversions": lambda each: each.released and not each.archived,
            "unreleasedversions": lambda each: not each.released and not each.archived,
        }
    if name not in chosen:
        raise no_function(call)
    return {each.id for each in records if chosen[name](each)}
