"""What a new issue must have so that a filter admits it, as far as JQL says it plainly.

A filter that a new issue does not match loses sight of it at once. Two rules of Jira make that easy: a set that is
empty does not match `!=` and `not in`, and a create sets only what the item of the other side tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from syncer.contract.connector import Demand

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
        return Demand(clause, f"create-fields = {{ {key} = [{element}] }}")
    if operator in {"!=", "not in"}:
        return Demand(
            f"{clause} (which no issue without {field} matches)", f'filter = "({field} is EMPTY OR {clause})"'
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
