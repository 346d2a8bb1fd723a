"""The macros of Jira wiki markup: where each begins and ends, and what its parameters say."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from syncer.richtext import Opaque

_MACRO = re.compile(
    r"(?<!\{)\{(code|noformat|quote|panel|info|note|tip|warning|adf)(?::([^{}\n]*))?\}(?!\})", re.IGNORECASE
)
VERBATIM = frozenset({"code", "noformat", "adf"})
"""Macros in whose body nothing is markup."""


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro with a body, `{name:parameters}body{name}`, and where it stands in the source."""

    name: str
    """In lower case."""
    parameters: str
    body: str
    start: int
    end: int


def found_macros(source: str) -> list[Macro]:
    """The outermost macros that hold blocks, in order; an opening without its closing is text."""
    found: list[Macro] = []
    unclosed: set[str] = set()
    at = 0
    while opening := _MACRO.search(source, at):
        name = opening[1].lower()
        at = opening.end()
        if name in unclosed or (opening.start() and source[opening.start() - 1] == "\\"):
            continue
        closing = (
            _closing(source, name, opening.end()) if name in VERBATIM else _container_end(source, name, opening.end())
        )
        if closing < 0:
            unclosed.add(name)
            continue
        at = closing + len(name) + 2
        found.append(Macro(name, opening[2] or "", source[opening.end() : closing], opening.start(), at))
    return found


def _closing(source: str, name: str, start: int) -> int:
    """Where `{name}` next stands, not escaped, outside the verbatim macros; -1 when nowhere."""
    tag = "{" + name + "}"
    lowered = source if tag in source else source.lower()
    at = lowered.find(tag, start)
    while at > 0 and lowered[at - 1] == "\\":
        at = lowered.find(tag, at + 1)
    return at


def _container_end(source: str, name: str, start: int) -> int:
    """Where `{name}` next stands outside the verbatim macros that begin after `start`; -1 when nowhere."""
    tag = "{" + name + "}"
    missing: set[str] = set()
    at = start
    while found := _MACRO.search(source, at):
        inner = found[1].lower()
        at = found.end()
        if found.start() and source[found.start() - 1] == "\\":
            continue
        if found[0].lower() == tag:
            return found.start()
        if inner in VERBATIM and inner not in missing:
            end = _closing(source, inner, at)
            if end < 0:
                missing.add(inner)
            else:
                at = end + len(inner) + 2
    return -1


def parameter(macro: Macro, name: str) -> str:
    """The value of a parameter; empty when it is not given."""
    for part in macro.parameters.split("|"):
        key, _, value = part.partition("=")
        if key.strip().lower() == name:
            return value.strip()
    return ""


def language(macro: Macro) -> str:
    """The language of a block of code, as far as its parameters name one."""
    if macro.name == "noformat":
        return ""
    bare = next((part.strip() for part in macro.parameters.split("|") if part.strip() and "=" not in part), "")
    named = parameter(macro, "language") or bare
    return "" if named.lower() == "none" else named


def adf_block(macro: Macro) -> Opaque:
    """The node that the body holds as JSON, which only Jira understands."""
    try:
        kind = json.loads(macro.body).get("type", "unknown")
    except (ValueError, AttributeError, RecursionError):
        kind = "unknown"
    return Opaque(f"Jira: {kind}", macro.body.strip())
