"""JQL: built from values by quoting, and read for what a new issue must have so that a filter admits it.

No text of a person or of the configuration can change a query's meaning. A filter that a new issue does not match loses
sight of it at once. Two rules of Jira make that easy: a set that is empty does not match `!=` and `not in`, and a
create sets only what the item of the other side tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from syncer.contract.checking import Demand, FilterWord, RouteRule

_PROJECT_KEY = re.compile(r"[A-Z][A-Z0-9_]{1,254}")
_ORDER_BY = re.compile(r"\border\s+by\b", re.IGNORECASE)


def quoted(text: str) -> str:
    r"""`text` as a JQL string: in double quotes, with `\` and `"` escaped and line breaks as `\n` and `\r`."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'


def project_key(text: str) -> str:
    """`text`, which must be a project key such as `PAY`. Raises ValueError."""
    if not _PROJECT_KEY.fullmatch(text):
        raise ValueError(f"{text!r} is not a project key: two or more capital letters, digits or _, a letter first")
    return text


def condition(text: str) -> str:
    """`text`, which must be one complete JQL condition that can stand in parentheses. Raises ValueError.

    An unclosed quote, a parenthesis that closes more than was opened, or an ORDER BY would let a filter reach outside
    the project it is meant to narrow.
    """
    outside, depth = _outside_quotes(text), 0
    for sign in outside:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth < 0:
            raise ValueError("a parenthesis is closed that was never opened")
    if depth:
        raise ValueError("a parenthesis is not closed")
    if _ORDER_BY.search(outside):
        raise ValueError("ORDER BY does not belong into a filter")
    return text.strip()


def _outside_quotes(text: str) -> str:
    """`text` with every quoted string replaced by a blank. Raises ValueError when a quote stays open."""
    kept: list[str] = []
    quote, escaped = "", False
    for sign in text:
        if escaped:
            escaped = False
        elif quote and sign == "\\":
            escaped = True
        elif quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
            kept.append(" ")
        else:
            kept.append(sign)
    if quote:
        raise ValueError(f"a quotation mark {quote} is not closed")
    return "".join(kept)


def all_of(conditions: Sequence[str], order: str = "") -> str:
    """The conditions joined by AND (empty ones left out), followed by an ORDER BY clause when `order` is given."""
    joined = " AND ".join(part for part in conditions if part)
    return f"{joined} ORDER BY {order}" if order else joined


def any_of(conditions: Sequence[str]) -> str:
    """The conditions joined by OR, in parentheses where there are several (empty ones left out)."""
    kept = [part for part in conditions if part]
    return f"({' OR '.join(kept)})" if len(kept) > 1 else "".join(kept)


def in_project(project: str) -> str:
    """Condition: in the project with this key or numeric id (an id survives a renaming of the project)."""
    return f"project = {project if project.isdigit() else quoted(project_key(project))}"


def within(text: str) -> str:
    """A configured filter in parentheses, "" when there is none."""
    return f"({condition(text)})" if text.strip() else ""


def updated_since(moment: int) -> str:
    """Condition: updated at or after `moment`, in epoch milliseconds.

    Only such a number is free of the account's time zone and of minute granularity.
    """
    return f"updated >= {moment}"


def updated_before(moment: int) -> str:
    """Condition: updated before `moment`, in epoch milliseconds."""
    return f"updated < {moment}"


def created_until(moment: int) -> str:
    """Condition: created at or before `moment`, in epoch milliseconds."""
    return f"created <= {moment}"


def keys_in(keys: Sequence[str]) -> str:
    """Condition: one of these issue keys."""
    return f"issuekey in ({', '.join(quoted(key) for key in keys)})"


def ids_in(ids: Sequence[str]) -> str:
    """Condition: one of these numeric issue ids; "" when there are none. Jira refuses one that does not exist."""
    if not all(native.isascii() and native.isdigit() for native in ids):
        raise ValueError("the id of an issue is a number")
    return f"id in ({', '.join(ids)})" if ids else ""


def created_since(moment: int) -> str:
    """Condition: created at or after `moment`, in epoch milliseconds."""
    return f"created >= {moment}"


def of_type_in_status(type_name: str, status: str) -> str:
    """Condition: of this issue type and in this status."""
    return f"issuetype = {quoted(type_name)} AND status = {quoted(status)}"


def updated_until(moment: int) -> str:
    """Condition: updated at or before `moment`, in epoch milliseconds."""
    return f"updated <= {moment}"


def key_after(key: str) -> str:
    """Condition: with a higher key than this one of the same project."""
    return f"issuekey > {quoted(key)}"


_CLAUSE = re.compile(
    r"(?P<field>[\w.\[\]]+|\"[^\"]+\")\s*(?P<operator>!=|>=|<=|=|>|<|not\s+in\b|in\b|is\s+not\b|is\b)\s*(?P<value>.+)",
    re.IGNORECASE | re.DOTALL,
)
_SETS = {"labels": "labels", "component": "components", "components": "components", "fixversion": "fixVersions"}
"""Fields that a new issue may lack, by their name in JQL: their ids."""

_ALWAYS_THERE = frozenset({"issuetype", "type", "status", "statuscategory", "priority", "project", "level"})
_MOMENTS = frozenset({"created", "updated", "createddate", "updateddate"})


def demands(text: str, given: Mapping[str, Sequence[str]], types: Sequence[str]) -> tuple[Demand, ...]:
    """What is missing for the filter to admit a new issue; empty where nothing is, or nothing can be told.

    `given` are the elements that every new issue gets, by field id; `types` are those it may have.
    """
    if not text.strip():
        return ()
    ways = [
        tuple(found for clause in _parts(way, "and") if (found := _demand(clause, given, types)) is not None)
        for way in _parts(_bare(text), "or")
    ]
    return min(ways, key=len)


_PROGRESS = {
    "status": FilterWord.STATUS, "statuscategory": FilterWord.STATUS, "resolution": FilterWord.RESOLUTION,
    "sprint": FilterWord.SPRINT, "fixversion": FilterWord.VERSIONS, "affectedversion": FilterWord.VERSIONS,
    "assignee": FilterWord.ASSIGNEE, "due": FilterWord.DATES, "duedate": FilterWord.DATES,
    "created": FilterWord.DATES, "createddate": FilterWord.DATES, "updated": FilterWord.DATES,
    "updateddate": FilterWord.DATES, "resolved": FilterWord.DATES, "resolutiondate": FilterWord.DATES,
}  # fmt: skip
"""What changes as work goes on, by its name in JQL."""


def words(text: str) -> frozenset[FilterWord] | None:
    """What a filter names; None where a part of it is not understood (`NOT`, `was`, `changed`)."""
    found: set[FilterWord] = set()
    for way in _parts(_bare(text), "or"):
        for clause in map(_bare, _parts(way, "and")):
            if len(list(_parts(clause, "or"))) > 1 or len(list(_parts(clause, "and"))) > 1:
                inner = words(clause)
                if inner is None:
                    return None
                found |= inner
            elif (named := _CLAUSE.fullmatch(clause)) is not None:
                found.add(_PROGRESS.get(named["field"].strip('"').casefold(), FilterWord.OTHER))
            elif clause:
                return None
    return frozenset(found)


def given_by(text: str) -> dict[str, list[str]]:
    """The elements that a new issue must have for a plain conjunction to admit it, by field id: labels, components."""
    given: dict[str, list[str]] = {}
    for clause in _conjuncts(text):
        found = _CLAUSE.fullmatch(clause)
        if found is None:
            continue
        key, names = _SETS.get(found["field"].strip('"').casefold(), ""), _names(found["value"])
        if key in {"labels", "components"} and found["operator"].casefold() in {"=", "in"} and len(names) == 1:
            given.setdefault(key, []).append(names[0])
    return given


_RULED = {"component": "component", "label": "labels", "type": "issuetype"}
"""What routes go by, in JQL; anything else is a field of the site."""


def ruled(rule: RouteRule) -> str:
    """Condition: what a rule of a route admits."""
    field, names = _field(rule.key), [quoted(name) for name in rule.names]
    return f"{field} = {names[0]}" if len(names) == 1 else f"{field} in ({', '.join(names)})"


def not_ruled(rule: RouteRule) -> str:
    """Condition: what a rule does not admit. A field that is empty matches neither `!=` nor `not in`."""
    field, names = _field(rule.key), [quoted(name) for name in rule.names]
    unlike = f"{field} != {names[0]}" if len(names) == 1 else f"{field} not in ({', '.join(names)})"
    return unlike if rule.key == "type" else f"({field} is EMPTY OR {unlike})"


def _field(key: str) -> str:
    found = re.fullmatch(r"customfield_(\d+)", key)
    return f"cf[{found[1]}]" if found is not None else _RULED.get(key) or quoted(key)


def _conjuncts(text: str) -> Iterator[str]:
    """The clauses that all must hold, those in parentheses too; an alternative is none."""
    text = _bare(text)
    if len(list(_parts(text, "or"))) > 1:
        return
    clauses = list(_parts(text, "and"))
    for clause in clauses:
        yield from _conjuncts(clause) if len(clauses) > 1 else (clause,)


def _demand(clause: str, given: Mapping[str, Sequence[str]], types: Sequence[str]) -> Demand | None:
    clause = _bare(clause)
    if len(list(_parts(clause, "or"))) > 1 or len(list(_parts(clause, "and"))) > 1:
        inner = demands(clause, given, types)
        return inner[0] if inner else None
    found = _CLAUSE.fullmatch(clause)
    if found is None:
        return Demand(clause)
    field, operator = found["field"].strip('"').casefold(), " ".join(found["operator"].casefold().split())
    names = [name.casefold() for name in _names(found["value"])]
    if field in _SETS:
        has = [name.casefold() for name in given.get(_SETS[field], ())]
        return None if _admits(operator, names, has) else _of_set(clause, field, operator, _names(found["value"]))
    if field in {"issuetype", "type"} and operator in {"=", "in"}:
        return None if {name.casefold() for name in types} & set(names) else Demand(clause)
    if (field in _ALWAYS_THERE and operator in {"!=", "not in", "is not"}) or (field in _MOMENTS and ">" in operator):
        return None
    return None if operator == "is" or (field, operator) == ("resolution", "=") else Demand(clause)


def _admits(operator: str, names: Sequence[str], has: Sequence[str]) -> bool:
    """Whether a set with these elements matches."""
    match operator:
        case "=" | "in":
            return bool(set(names) & set(has))
        case "!=" | "not in":
            return bool(has) and not set(names) & set(has)
        case "is not":
            return bool(has)
        case _:
            return not has


def _of_set(clause: str, field: str, operator: str, names: Sequence[str]) -> Demand:
    key = _SETS[field]
    if operator in {"=", "in"}:
        element = f'"{names[0]}"' if key == "labels" else f'{{ name = "{names[0]}" }}'
        return Demand(clause, f"create-fields = {{ {key} = [{element}] }}", certain=True)
    if operator in {"!=", "not in"}:
        return Demand(
            f"{clause} (which no issue without {field} matches)",
            f'filter = "({field} is EMPTY OR {clause})"',
        )
    return Demand(clause)


def _names(value: str) -> list[str]:
    inner = value.strip().removeprefix("(").removesuffix(")")
    return [name.strip().strip("\"'") for name in inner.split(",")]


def _bare(text: str) -> str:
    """The text without parentheses around all of it."""
    text = text.strip()
    while text.startswith("(") and text.endswith(")") and _closes(text) == len(text) - 1:
        text = text[1:-1].strip()
    return text


def _closes(text: str) -> int:
    """Where the parenthesis closes that opens the text."""
    depth = 0
    for place, sign in _signs(text):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth == 0:
            return place
    return -1


def _parts(text: str, word: str) -> Iterator[str]:
    """The parts of a condition between a word that stands outside quotes and parentheses."""
    depth, begin = 0, 0
    for place, sign in _signs(text):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        found = re.match(rf"\s{word}(?=[\s(])", text[place:], re.IGNORECASE)
        if depth == 0 and found:
            yield text[begin:place].strip()
            begin = place + len(found[0])
    yield text[begin:].strip()


def _signs(text: str) -> Iterator[tuple[int, str]]:
    """The signs outside quotes, each with its place."""
    quote = ""
    for place, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote and text[place - 1] != "\\" else quote
        elif sign in "\"'":
            quote = sign
        else:
            yield place, sign
