"""Compiles a JQL tree into a predicate over issue contents and a sort key.

Two rules of Jira that surprise: `!=` and NOT IN leave out issues where the field is empty, and so does NOT before a
comparison, because Jira moves NOT into the operator before it searches.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, assert_never

from syncer.sandbox.jira import permissions
from syncer.sandbox.jira.adf import plain_text
from syncer.sandbox.jira.jql import syntax
from syncer.sandbox.jira.jql.resolving import Scope
from syncer.sandbox.jira.jql.subjects import Subject, subject
from syncer.sandbox.jira.jql.syntax import (
    And,
    Call,
    Clause,
    Condition,
    Empty,
    Many,
    Not,
    Operator,
    Or,
    Query,
    Sort,
    Word,
    clauses,
)
from syncer.sandbox.jira.problems import invalid
from syncer.sandbox.jira.records import Comment, Content, Issue

Predicate = Callable[[str, Content], bool]

_OPPOSITE: dict[Operator, Operator] = {
    "=": "!=",
    "!=": "=",
    ">": "<=",
    "<=": ">",
    "<": ">=",
    ">=": "<",
    "~": "!~",
    "!~": "~",
    "in": "not in",
    "not in": "in",
    "is": "is not",
    "is not": "is",
    "was": "was not",
    "was not": "was",
    "was in": "was not in",
    "was not in": "was in",
}
_EQUALITY: frozenset[Operator] = frozenset({"=", "!=", "in", "not in", "is", "is not"})
_COMPARISON: frozenset[Operator] = frozenset({">", ">=", "<", "<="})
_ALLOWED: dict[str, frozenset[Operator]] = {
    "token": _EQUALITY,
    "key": _EQUALITY | _COMPARISON,
    "instant": _EQUALITY | _COMPARISON,
    "date": _EQUALITY | _COMPARISON,
    "number": _EQUALITY | _COMPARISON,
    "text": frozenset({"~", "!~", "is", "is not"}),
    "presence": frozenset({"is", "is not"}),
}
_HISTORICAL: frozenset[Operator] = frozenset({"was", "was not", "was in", "was not in", "changed"})
_MATCHES_EVERYTHING: Predicate = lambda issue_id, content: True  # noqa: E731


@dataclass(frozen=True, slots=True)
class Compiled:
    """A query ready to run.

    `since` is a lower bound of `updated`, `projects` and `only` are the ids of the projects and issues it can match at
    all, where the query implies them.
    """

    matches: Predicate
    sort_key: Callable[[str, Content], tuple[Any, ...]]
    bounded: bool
    timeless: bool
    since: datetime | None
    projects: frozenset[str] | None
    only: frozenset[str] | None


def compile_query(query: Query, scope: Scope, now: datetime) -> Compiled:
    """Returns the compiled query.

    Raises a 400 for unknown fields and values and for operators a field does not support.
    """
    compiler = _Compiler(scope, now)
    condition = None if query.condition is None else _push_not(query.condition, negated=False)
    predicate = _MATCHES_EVERYTHING if condition is None else compiler.predicate(condition)
    timeless = not any(compiler.moves(clause) for clause in clauses(condition))
    return Compiled(
        predicate, compiler.sort_key(query.order), condition is not None, timeless, *compiler.bounds(condition)
    )


def _push_not(condition: Condition, *, negated: bool) -> Condition:
    match condition:
        case Not(inner):
            return _push_not(inner, negated=not negated)
        case And(conditions):
            moved = tuple(_push_not(each, negated=negated) for each in conditions)
            return Or(moved) if negated else And(moved)
        case Or(conditions):
            moved = tuple(_push_not(each, negated=negated) for each in conditions)
            return And(moved) if negated else Or(moved)
        case Clause(field, operator, operand):
            if not negated:
                return condition
            return Clause(field, _OPPOSITE[operator], operand) if operator in _OPPOSITE else Not(condition)
        case _:
            assert_never(condition)


class _Compiler:
    def __init__(self, scope: Scope, now: datetime) -> None:
        self._scope = scope
        self._now = now
        self._zone = scope.account.zone if scope.account is not None else UTC

    def predicate(self, condition: Condition) -> Predicate:
        match condition:
            case And(conditions):
                parts = [self.predicate(each) for each in conditions]
                return lambda issue_id, content: all(part(issue_id, content) for part in parts)
            case Or(conditions):
                parts = [self.predicate(each) for each in conditions]
                return lambda issue_id, content: any(part(issue_id, content) for part in parts)
            case Not(inner):
                part = self.predicate(inner)
                return lambda issue_id, content: not part(issue_id, content)
            case Clause():
                return self._clause(condition)
            case _:
                assert_never(condition)

    def _clause(self, clause: Clause) -> Predicate:
        found = subject(self._scope, clause.field)
        if clause.operator in _HISTORICAL:
            return self._historical(found, clause)
        if clause.operator not in _ALLOWED[found.kind]:
            raise invalid(f"The operator '{clause.operator}' is not supported by the '{clause.field}' field.")
        if isinstance(clause.operand, Empty):
            return self._empty(found, clause)
        if clause.operator in {"~", "!~"}:
            return self._containing(found, clause)
        if found.kind in {"instant", "date"}:
            return self._dated(found, clause)
        return self._listed(found, clause)

    def _listed(self, found: Subject, clause: Clause) -> Predicate:
        wanted, tokens = self._wanted(found, clause), found.tokens
        if clause.operator in {"!=", "not in"}:
            return lambda issue_id, content: bool(held := tokens(issue_id, content)) and wanted.isdisjoint(held)
        if clause.operator not in {"=", "in"}:
            return self._compared(found, clause, wanted)
        if None in wanted:
            return lambda issue_id, content: not (held := tokens(issue_id, content)) or not wanted.isdisjoint(held)
        return lambda issue_id, content: not wanted.isdisjoint(tokens(issue_id, content))

    def _empty(self, found: Subject, clause: Clause) -> Predicate:
        tokens = found.tokens
        if clause.operator in {"is", "="}:
            return lambda issue_id, content: not tokens(issue_id, content)
        if clause.operator in {"is not", "!="}:
            return lambda issue_id, content: bool(tokens(issue_id, content))
        raise invalid(f"The operator '{clause.operator}' does not support EMPTY for the field '{clause.field}'.")

    def _wanted(self, found: Subject, clause: Clause) -> set[Any]:
        wanted: set[Any] = set()
        for operand in _operands(clause):
            wanted |= {None} if isinstance(operand, Empty) else found.resolve(self._scope, operand)
        return wanted

    def _compared(self, found: Subject, clause: Clause, wanted: set[Any]) -> Predicate:
        compare = _COMPARE[clause.operator]
        if found.kind == "number":
            (limit,) = wanted
            return lambda issue_id, content: any(compare(each, limit) for each in found.tokens(issue_id, content))
        # Keys compare by number and only inside one project.
        (issue_id_wanted,) = wanted
        anchor = self._scope.jira.issues[issue_id_wanted].content
        project, number = anchor["project"], anchor["number"]
        return lambda issue_id, content: content["project"] is project and compare(content["number"], number)

    def _dated(self, found: Subject, clause: Clause) -> Predicate:
        limits = [
            self._limit(found, clause.field, operand) for operand in _operands(clause) if not isinstance(operand, Empty)
        ]
        tokens, operator = found.tokens, clause.operator
        if operator in {"=", "in"}:
            return lambda issue_id, content: any(each in limits for each in tokens(issue_id, content))
        if operator in {"!=", "not in"}:
            return lambda issue_id, content: any(each not in limits for each in tokens(issue_id, content))
        compare, limit = _COMPARE[operator], limits[0]
        return lambda issue_id, content: any(compare(each, limit) for each in tokens(issue_id, content))

    def _limit(self, found: Subject, field: str, operand: Word | Call) -> Any:
        moment = syntax.instant(field, operand, self._zone, self._now)
        return moment.astimezone(self._zone).date() if found.kind == "date" else moment

    def _containing(self, found: Subject, clause: Clause) -> Predicate:
        if not isinstance(clause.operand, Word):
            raise invalid(f"The operator '{clause.operator}' needs one value for the field '{clause.field}'.")
        search = text_search(clause.operand.text)
        account = self._scope.account

        def texts(issue_id: str, content: Content) -> list[str]:
            held = found.tokens(issue_id, content)
            readable = (
                each
                for each in held
                if not isinstance(each, Comment) or permissions.sees_comment(account, content["project"], each)
            )
            return [plain_text(each.body if isinstance(each, Comment) else each) for each in readable]

        if clause.operator == "~":
            return lambda issue_id, content: any(search(each) for each in texts(issue_id, content))
        return lambda issue_id, content: (
            bool(held := texts(issue_id, content)) and not any(search(each) for each in held)
        )

    def _historical(self, found: Subject, clause: Clause) -> Predicate:
        if found.history is None:
            raise invalid(f"History searches do not support the '{clause.field}' field.")
        name = found.history

        def ever(issue_id: str, content: Content) -> set[Any]:
            issue: Issue | None = self._scope.jira.issues.get(issue_id)
            items = [
                item for history in (issue.histories if issue else ()) for item in history.items if item.name == name
            ]
            return {*found.tokens(issue_id, content), *(item.old for item in items), *(item.new for item in items)} - {
                None
            }

        if clause.operator == "changed":
            return lambda issue_id, content: any(
                item.name == name for history in self._scope.jira.issues[issue_id].histories for item in history.items
            )
        wanted = self._wanted(found, clause)
        if clause.operator in {"was", "was in"}:
            return lambda issue_id, content: not wanted.isdisjoint(ever(issue_id, content))
        return lambda issue_id, content: wanted.isdisjoint(ever(issue_id, content))

    # --- order and bounds ----------------------------------------------------------------------------------------

    def sort_key(self, order: tuple[Sort, ...]) -> Callable[[str, Content], tuple[Any, ...]]:
        """Returns the key that sorts ascending; ties by id, and newest first where the query has no order."""
        if not order:
            return lambda issue_id, content: (-int(issue_id),)
        parts: list[tuple[Callable[[str, Content], Any], bool]] = []
        for sort in order:
            found = subject(self._scope, sort.field)
            if found.order is None:
                raise invalid(f"Field '{sort.field}' is not sortable.")
            parts.append((found.order, bool(sort.descending)))
        return lambda issue_id, content: (
            *(_sortable(part(issue_id, content), descending) for part, descending in parts),
            int(issue_id),
        )

    def moves(self, clause: Clause) -> bool:
        """Tells whether the clause means something else later without any change: a date relative to now."""
        if subject(self._scope, clause.field).kind not in {"instant", "date"}:
            return False
        return any(not isinstance(operand, Empty) and syntax.is_relative(operand) for operand in _operands(clause))

    def bounds(
        self, condition: Condition | None
    ) -> tuple[datetime | None, frozenset[str] | None, frozenset[str] | None]:
        """Returns what every match obeys, read from the top level of ANDs.

        A lower bound of updated, the ids of projects, the ids of issues.
        """
        since: datetime | None = None
        bounded: dict[str, frozenset[str]] = {}
        top = condition.conditions if isinstance(condition, And) else (condition,)
        for each in top:
            if not isinstance(each, Clause) or isinstance(each.operand, Empty):
                continue
            field = each.field.lower()
            if field in {"updated", "updateddate"} and each.operator in {">", ">=", "="}:
                (operand,) = _operands(each)
                if not isinstance(operand, Empty):
                    found = syntax.instant(each.field, operand, self._zone, self._now)
                    since = found if since is None else max(since, found)
            elif each.operator in {"=", "in"} and (of := _BOUNDED.get(field)) is not None:
                ids = frozenset(self._wanted(subject(self._scope, each.field), each))
                bounded[of] = bounded.get(of, ids) & ids
        return since, bounded.get("project"), bounded.get("issue")


_BOUNDED = {"project": "project"} | dict.fromkeys(("key", "issuekey", "issue", "id"), "issue")
"""The fields whose values bound what can match at all, and what they bound."""


def _operands(clause: Clause) -> tuple[Word | Empty | Call, ...]:
    if clause.operand is None:
        return ()
    return clause.operand.items if isinstance(clause.operand, Many) else (clause.operand,)


_COMPARE: dict[Operator, Callable[[Any, Any], bool]] = {
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
}


class _Descending:
    """Turns the order of a value that cannot be negated."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Descending) and self.value == other.value

    def __hash__(self) -> int:
        return hash(self.value)

    def __lt__(self, other: _Descending) -> bool:
        return bool(other.value < self.value)


def _sortable(value: Any, descending: bool) -> tuple[int, Any]:
    """Returns a key element; an empty value sorts as the greatest."""
    if value is None:
        return (0, 0) if descending else (1, 0)
    if not descending:
        return (0, value)
    return (1, -value if isinstance(value, int | float) else _Descending(value))


_WORDS = re.compile(r"\w+")


def text_search(query: str) -> Callable[[str], bool]:
    """Returns a search as Jira's text index does it, simplified.

    Every word must occur, a phrase in quotes in order, `word*` as a beginning.
    """
    phrases = [_WORDS.findall(each.casefold()) for each in re.findall(r'"([^"]*)"', query)]
    rest = re.sub(r'"[^"]*"', " ", query).casefold()
    beginnings = list(re.findall(r"(\w+)\*", rest))
    words = _WORDS.findall(re.sub(r"\w+\*", " ", rest))

    def matches(text: str) -> bool:
        found = _WORDS.findall(text.casefold())
        held = set(found)
        return (
            all(word in held or (not word.isascii() and any(word in each for each in found)) for word in words)
            and all(any(each.startswith(beginning) for each in found) for beginning in beginnings)
            and all(_contains(found, phrase) for phrase in phrases)
        )

    return matches


def _contains(found: list[str], phrase: list[str]) -> bool:
    return any(found[start : start + len(phrase)] == phrase for start in range(len(found) - len(phrase) + 1))
