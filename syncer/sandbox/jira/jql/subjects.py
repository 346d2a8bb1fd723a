"""Finds what a JQL field name means.

The kind of comparison, the values an issue shows, and what a query's words resolve to.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from syncer.sandbox.jira import permissions
from syncer.sandbox.jira.fields import EPIC_LINK
from syncer.sandbox.jira.jql.resolving import Resolve, Scope, literal, no_function, number, record, refuse, shown
from syncer.sandbox.jira.jql.syntax import Call, Word
from syncer.sandbox.jira.problems import invalid
from syncer.sandbox.jira.records import Content, FieldDefinition

_PROPERTY = re.compile(r"issue\.property\[([^\]]+)\]((?:\.[A-Za-z0-9_-]+)*)", re.IGNORECASE)
_CATEGORIES = {"new": ("to do", "2"), "indeterminate": ("in progress", "4"), "done": ("done", "3")}


Tokens = Callable[[str, Content], tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Subject:
    """One searchable field.

    `tokens` gives what an issue shows (empty: EMPTY), `resolve` what a query's word means in the same terms, `order`
    the sort value.
    """

    name: str
    kind: str
    tokens: Tokens
    resolve: Resolve
    order: Callable[[str, Content], Any] | None = None
    history: str | None = None


def subject(scope: Scope, name: str) -> Subject:
    """Returns the field a query names; raises a 400 in Jira's words for an unknown one."""
    lowered = name.lower()
    if lowered in _SPECIAL:
        return _SPECIAL[lowered](name)
    match = _PROPERTY.fullmatch(name)
    if match:
        return _property(name, match[1].strip("\"'"), [part for part in match[2].split(".") if part])
    for definition in scope.jira.fields.values():
        if lowered in {clause.lower() for clause in definition.clauses}:
            return _of_field(name, definition)
    raise invalid(f"Field '{name}' does not exist or you do not have permission to view it.")


# --- fields of the catalogue -----------------------------------------------------------------------------------------


def _of_field(name: str, definition: FieldDefinition) -> Subject:
    build = _BY_KIND.get(definition.kind, _closed)
    return build(name, definition)


def _plain(kind: str, resolve: Resolve, order: Callable[[Any], Any]) -> Callable[[str, FieldDefinition], Subject]:
    """Returns the builder of fields that hold one plain value, sorted by `order` of it."""

    def build(name: str, definition: FieldDefinition) -> Subject:
        identifier = definition.id

        def tokens(_: str, content: Content) -> tuple[Any, ...]:
            value = content.get(identifier)
            return () if value is None else (value,)

        def sort(_: str, content: Content) -> Any:
            value = content.get(identifier)
            return None if value is None else order(value)

        return Subject(name, kind, tokens, resolve, sort)

    return build


def _labels(name: str, definition: FieldDefinition) -> Subject:
    def tokens(_: str, content: Content) -> tuple[Any, ...]:
        return content.get(definition.id) or ()

    return Subject(name, "token", tokens, literal, lambda _, content: " ".join(tokens(_, content)) or None)


def _held(name: str, definition: FieldDefinition) -> Subject:
    kind = "text" if definition.kind == "comment" else "presence"
    return Subject(name, kind, lambda _, content: content.get(definition.id) or (), refuse)


def _closed(name: str, definition: FieldDefinition) -> Subject:
    identifier, kind = definition.id, definition.kind
    if kind in {"components", "versions"}:
        elements: Tokens = lambda _, content: tuple(each.id for each in content.get(identifier) or ())  # noqa: E731
        order = lambda _, content: " ".join(each.name.casefold() for each in content.get(identifier) or ()) or None  # noqa: E731
        return Subject(name, "token", elements, record(name, kind), order, _HISTORY.get(identifier))

    def element(_: str, content: Content) -> tuple[str, ...]:
        value = content.get(identifier)
        return () if value is None else (value.id,)

    def sort(_: str, content: Content) -> Any:
        value = content.get(identifier)
        if kind == "priority":
            # A higher priority sorts as greater, as Jira does: ORDER BY priority DESC begins with the most urgent.
            return None if value is None else -value.rank
        return None if value is None else (value.key if kind == "project" else value.name.casefold())

    return Subject(name, "token", element, record(name, kind), sort, _HISTORY.get(identifier))


_HISTORY = {
    "status": "status",
    "priority": "priority",
    "resolution": "resolution",
    "fixVersions": "Fix Version",
    "issuetype": "issuetype",
}


def _people(name: str, identifier: str) -> Subject:
    def tokens(_: str, content: Content) -> tuple[Any, ...]:
        user = content.get(identifier)
        return () if user is None else (user.identifier,)

    def resolve(scope: Scope, word: Word | Call) -> set[Any]:
        if isinstance(word, Call):
            match word.name.lower():
                case "currentuser":
                    return {scope.account.identifier} if scope.account is not None else set()
                case "membersof" if word.arguments:
                    return {user.identifier for user in scope.jira.users.values() if word.arguments[0] in user.groups}
                case _:
                    raise no_function(word)
        user = scope.jira.find_user(word.text)
        if user is None:
            raise invalid(f"The value '{word.text}' does not exist for the field '{name}'.")
        return {user.identifier}

    def order(_: str, content: Content) -> Any:
        user = content.get(identifier)
        return None if user is None else user.display_name.casefold()

    return Subject(name, "token", tokens, resolve, order, identifier)


def _above(name: str, identifier: str) -> Subject:
    def tokens(_: str, content: Content) -> tuple[Any, ...]:
        above = content.get(identifier)
        return () if above is None else (above.id,)

    return Subject(name, "token", tokens, _issue_ids(name))


def _issue_ids(name: str) -> Resolve:
    def resolve(scope: Scope, word: Word | Call) -> set[Any]:
        if isinstance(word, Call):
            raise no_function(word)
        issue = scope.jira.find_issue(word.text)
        if issue is None or not permissions.can_see(scope.jira, scope.account, issue.content):
            raise invalid(f"An issue with key '{word.text}' does not exist for field '{name}'.")
        return {issue.id}

    return resolve


def _sprint(name: str, identifier: str) -> Subject:
    def resolve(scope: Scope, word: Word | Call) -> set[Any]:
        sprints = scope.jira.sprints.values()
        if isinstance(word, Call):
            states = {"opensprints": "active", "closedsprints": "closed", "futuresprints": "future"}
            if word.name.lower() not in states:
                raise no_function(word)
            return {each.id for each in sprints if each.state == states[word.name.lower()]}
        found = {each.id for each in sprints if word.text in {str(each.id), each.name}}
        if not found:
            raise invalid(f"Sprint with name '{word.text}' does not exist or you do not have permission to view it.")
        return found

    return Subject(name, "token", lambda _, content: tuple(each.id for each in content.get(identifier) or ()), resolve)


def _options(name: str, definition: FieldDefinition) -> Subject:
    def tokens(_: str, content: Content) -> tuple[Any, ...]:
        value = content.get(definition.id)
        chosen = (value,) if definition.kind == "option" and value is not None else (value or ())
        return tuple(each["id"] for each in chosen)

    def resolve(scope: Scope, word: Word | Call) -> set[Any]:
        options = scope.jira.options.get(definition.id, {}).values()
        found = {each["id"] for each in options if shown(word).casefold() in {each["id"], each["value"].casefold()}}
        if not found:
            raise invalid(f"The option '{shown(word)}' for field '{name}' does not exist.")
        return found

    return Subject(name, "token", tokens, resolve)


# --- fields outside the catalogue ------------------------------------------------------------------------------------


def _key(name: str) -> Subject:
    order = lambda _, content: (content["project"].key, content["number"])  # noqa: E731
    return Subject(name, "key", lambda issue_id, _: (issue_id,), _issue_ids(name), order)


def _category(name: str) -> Subject:
    def resolve(scope: Scope, word: Word | Call) -> set[Any]:
        wanted = shown(word).casefold()
        found = {key for key, names in _CATEGORIES.items() if wanted == key or wanted in names}
        if not found:
            raise invalid(f"The value '{shown(word)}' does not exist for the field '{name}'.")
        return found

    ranks = {"new": 0, "indeterminate": 1, "done": 2}
    return Subject(
        name,
        "token",
        lambda _, content: (content["status"].category,),
        resolve,
        lambda _, content: ranks[content["status"].category],
    )


def _text(name: str) -> Subject:
    def tokens(_: str, content: Content) -> tuple[Any, ...]:
        texts = (content["summary"], content["description"], content["environment"])
        return (*(each for each in texts if each is not None), *content["comment"])

    return Subject(name, "text", tokens, refuse)


def _watcher(name: str, identifier: str) -> Subject:
    people = _people(name, identifier)
    return Subject(
        name,
        "token",
        lambda _, content: tuple(each.identifier for each in content.get(identifier) or ()),
        people.resolve,
    )


def _property(name: str, key: str, path: list[str]) -> Subject:
    def tokens(_: str, content: Content) -> tuple[Any, ...]:
        value = content["properties"].get(key)
        for part in path:
            value = value.get(part) if isinstance(value, dict) else None
        values = value if isinstance(value, list) else [value]
        return tuple(str(each) for each in values if each is not None)

    return Subject(name, "token", tokens, literal)


def _epic_link(name: str) -> Subject:
    def tokens(_: str, content: Content) -> tuple[Any, ...]:
        above = content.get(EPIC_LINK) or content.get("parent")
        return (above.id,) if above is not None and above.content["issuetype"].level == 1 else ()

    return Subject(name, "token", tokens, _issue_ids(name))


_instant = _plain("instant", refuse, lambda value: int(value.timestamp() * 1000))
_date = _plain("date", refuse, lambda value: value.toordinal())
_numeric = _plain("number", number, lambda value: value)
_wording = _plain("text", refuse, lambda value: str(value).casefold())

_BY_KIND: dict[str, Callable[[str, FieldDefinition], Subject]] = {
    "instant": _instant,
    "date": _date,
    "number": _numeric,
    "seconds": _numeric,
    "workratio": _numeric,
    "summary": _wording,
    "text": _wording,
    "string": _wording,
    "labels": _labels,
    "user": lambda name, definition: _people(name, definition.id),
    "parent": lambda name, definition: _above(name, definition.id),
    "epic": lambda name, definition: _above(name, definition.id),
    "attachment": _held,
    "comment": _held,
    "sprint": lambda name, definition: _sprint(name, definition.id),
    "option": _options,
    "options": _options,
}

_SPECIAL: dict[str, Callable[[str], Subject]] = {
    "key": _key,
    "issuekey": _key,
    "issue": _key,
    "id": _key,
    "statuscategory": _category,
    "text": _text,
    "epic link": _epic_link,
    "parentepic": _epic_link,
    "watcher": lambda name: _watcher(name, "watches"),
    "voter": lambda name: _watcher(name, "votes"),
}
