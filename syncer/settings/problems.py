"""Mistakes of a configuration, each as one line that says where it is and what would be right."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError, ValidationError

from syncer.contract.naming import did_you_mean
from syncer.settings.places import Path

_LONGEST_SHOWN = 60
"""Characters of a value that a message repeats."""

_EXPECTED = re.compile(r"'([^']*)'")

_WORDS = {
    "tuple_type": "should be a list",
    "list_type": "should be a list",
    "dict_type": "should be a table",
    "model_type": "should be a table",
    "model_attributes_type": "should be a table",
    "string_type": "should be text in quotes",
    "path_type": "should be a path in quotes",
    "string_too_short": "is empty",
    "bool_type": "should be true or false",
    "bool_parsing": "should be true or false",
    "int_type": "should be a whole number",
    "int_parsing": "should be a whole number",
    "int_from_float": "should be a whole number",
    "float_type": "should be a number",
    "float_parsing": "should be a number",
    "string_pattern_mismatch": "is not written as it should be",
}
"""What the mistakes of pydantic's own checks are called here."""

_EXAMPLES = {"map": '[["To Do", "open"], ["Done", "closed:completed"]]', "recipients": '["lead@acme.example"]'}
"""How a list is written, by its key, where that is not obvious."""

_MEANT = {
    "jql": "filter",
    "query": "filter",
    "repo": "repository",
    "key": "project",
    "to": "recipients",
    "email": "recipients",
    "emails": "recipients",
    "server": "host",
    "username": "user",
    "login": "user",
    "sender": "from",
    "cron": "schedule",
}
"""Keys that other programs have, and what they are called here."""

_A_SLIP = 0.85
"""So alike are two words of which one is the other with a wrong letter."""
_TABLES = ("mail", "report", "log", "trackers", "pairs", "people")
"""The tables that stand at the top of the file."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. `str()` is the line to print: `syncer.toml:14: pairs[0].name: ...`."""

    origin: str
    """The file, `environment`, or the secrets directory."""
    message: str
    path: Path = ()
    line: int | None = None

    def __str__(self) -> str:
        where = self.origin if self.line is None else f"{self.origin}:{self.line}"
        return ": ".join(part for part in (where, dotted(self.path), self.message) if part)


class Misconfigured(Exception):  # a verdict on a file, not a failure of the program
    """The configuration cannot be used; every mistake in it is listed."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


@dataclass(slots=True)
class Mistakes:
    """Collects what a validator finds, so that all of it is reported and each at its own place."""

    title: str
    found: list[InitErrorDetails] = field(default_factory=list)

    def add(self, path: Path, message: str, wrong: str = "", allowed: Sequence[str] = ()) -> None:
        """One mistake at `path` below the value that is being validated."""
        error = PydanticCustomError("mistake", "{text}", {"text": message + did_you_mean(wrong, allowed)})
        self.found.append(InitErrorDetails(type=error, loc=path, input=None))

    def raise_if_any(self) -> None:
        """Raises what was collected, to be merged into the errors of the whole document."""
        if self.found:
            raise ValidationError.from_exception_data(self.title, self.found, hide_input=True)


def dotted(path: Path) -> str:
    """A path as people write it: `pairs[0].fields.status`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def explain(error: ErrorDetails, written: object, allowed_keys: Sequence[str]) -> str:
    """What is wrong, in one sentence.

    `written` is the value at that place in the file (never a secret: those are refused before), `allowed_keys` are the
    keys that the table around it may have.
    """
    context: Mapping[str, Any] = error.get("ctx", {})
    match error["type"]:
        case "extra_forbidden":
            return "unknown key" + _instead(str(error["loc"][-1]), allowed_keys)
        case "missing":
            return "is required"
        case "enum" | "literal_error":
            return _not_one_of(tuple(_EXPECTED.findall(str(context.get("expected", "")))), written)
        case known if known in _WORDS:
            example = _EXAMPLES.get(str(error["loc"][-1]), "") if known in {"tuple_type", "list_type"} else ""
            return _WORDS[known] + (f": {example}" if example else "")
        case _:
            return error["msg"].replace("Input should", "should").removeprefix("Value error, ")


def _instead(key: str, allowed: Sequence[str]) -> str:
    """The end of the message for an unknown key: what was meant."""
    meant = _MEANT.get(key.casefold())
    if meant in allowed:
        return f': did you mean "{meant}"?'
    near = did_you_mean(key, allowed)
    if not near and key in _TABLES:
        table = f"[[{key}]]" if key in {"pairs", "people"} else f"[{key}]"
        return f": it is a table of its own, {table}"
    return near


def is_meant(key: str, allowed: Sequence[str]) -> bool:
    """Whether it is certain what an unknown key means: what other programs call it, or a slip of a letter.

    A table that stands by itself is told in its own words.
    """
    near = get_close_matches(key.casefold(), [word.casefold() for word in allowed], n=1, cutoff=_A_SLIP)
    return key in _TABLES or _MEANT.get(key.casefold()) in allowed or bool(near)


def _not_one_of(choices: Sequence[str], written: object) -> str:
    if not isinstance(written, str) or len(written) > _LONGEST_SHOWN:
        return f"is not one of {', '.join(choices)}"
    return f'"{written}" is not one of {", ".join(choices)}{did_you_mean(written, choices)}'


def line_in(message: str) -> int | None:
    """The line that a message of the TOML reader names."""
    found = re.search(r"at line (\d+)", message)
    return int(found[1]) if found else None


def keys_at(model: type[BaseModel], path: Path) -> tuple[str, ...]:
    """The keys that the table at `path` below `model` may have; empty where any key may stand."""
    here: type[BaseModel] | None = model
    for part in path:
        if here is None:
            return ()
        annotations = {found.alias or name: found.annotation for name, found in here.model_fields.items()}
        if part in annotations:
            here = model_in(annotations[str(part)])
        # an index or the key of a dictionary leads into the same model
    return () if here is None else tuple(found.alias or name for name, found in here.model_fields.items())


def model_in(annotation: Any) -> type[BaseModel] | None:
    """The model inside `tuple[Model, ...]`, `dict[str, Model]`, `Model | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in getattr(annotation, "__args__", ()) if (found := model_in(inner))), None)
