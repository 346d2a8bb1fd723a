"""The first configuration of a user: few keys, each with the reason it is there."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from syncer.contract.beginning import Start
    from syncer.core.beginning import ProposedPerson

Row = tuple[str, ...]

USUAL: Sequence[Row] = (
    ("To Do", "open"),
    ("In Progress", "open", "status: in progress"),
    ("Done", "closed:completed"),
    ("Won't Do", "closed:not_planned"),
)
"""Rows for trackers that were not asked: those of a new Jira project and of every repository on GitHub."""


@dataclass(frozen=True, slots=True)
class ChosenSide:
    """One side as the answers make it."""

    kind: str
    tracker: str
    """Name of its table."""
    start: Start


@dataclass(frozen=True, slots=True)
class Proposals:
    """What the trackers gave reason to propose; empty where they were not asked."""

    statuses: Sequence[Row] = ()
    priorities: Sequence[Row] = ()
    types: Sequence[Row] = ()
    people: Sequence[ProposedPerson] = ()
    nobody: Sequence[str] = field(default=())
    """Names of people on the left of whom nobody on the right is known."""


def variables(sides: Sequence[ChosenSide]) -> tuple[tuple[str, str], ...]:
    """The variables that hold the secrets, each with what to put there."""
    from syncer.settings.table import flat

    return tuple(
        (f"SYNCER_TRACKERS__{flat(side.tracker)}__{flat(key)}", meaning)
        for side in sides
        for key, meaning in side.start.secrets
    )


def starter(left: ChosenSide, right: ChosenSide, name: str, proposals: Proposals) -> str:
    """An annotated configuration without secrets."""
    secrets = "\n".join(f"#   {variable}  {meaning}" for variable, meaning in variables((left, right)))
    tables = "\n".join(_tracker(side) for side in ((left, right) if left.tracker != right.tracker else (left,)))
    return f"""\
# Configuration of syncer. Every key: config/syncer.toml in its repository. After each change: syncer check
# No secret belongs in here. Set these variables, or use `token-file` with a file that only you can read:
{secrets}

{tables}
[[pairs]]
name = {_quoted(name)}
left = {_scope(left)}
right = {_scope(right)}

# `watch` reads both sides, for the report, and writes to neither. `sync` keeps them in step.
mode = "sync"

# What may go from the narrower to the wider audience, for example from a private project to a public repository.
# Empty: nothing does. `syncer check` says which side is wider.
publish = []

# Which way new tasks are created: both, left-to-right, right-to-left, off.
create = "both"

# When `syncer daemon` runs this pair. Not needed when cron calls `syncer sync`.
schedule = "*/5 * * * *"

{_maps(proposals)}{_people(left, right, proposals)}"""


def _tracker(side: ChosenSide) -> str:
    lines = [f"[trackers.{side.tracker}]", f"kind = {_quoted(side.kind)}"]
    lines += [f"{key} = {_value(value)}" for key, value in side.start.tracker.items()]
    return "\n".join(lines) + "\n"


def _scope(side: ChosenSide) -> str:
    keys = ", ".join(f"{key} = {_value(value)}" for key, value in side.start.scope.items())
    return f"{{ tracker = {_quoted(side.tracker)}, {keys} }}"


def _maps(proposals: Proposals) -> str:
    told = "These are the statuses that both sides have." if proposals.statuses else "Put in the statuses of yours."
    text = f"""\
# A status on the left, its counterpart on the right, and a label there that keeps several apart.
# The first row that fits is taken. `syncer check` lists the statuses that no row names. {told}
[pairs.fields.status]
map = [
{_rows(proposals.statuses or USUAL)}
]
"""
    for field_name, rows in (("priority", proposals.priorities), ("type", proposals.types)):
        if rows:
            text += f"\n[pairs.fields.{field_name}]\nmap = [\n{_rows(rows)}\n]\n"
    return text


def _rows(rows: Sequence[Row]) -> str:
    return "\n".join(f"  [{', '.join(map(_quoted, row))}]," for row in rows)


def _people(left: ChosenSide, right: ChosenSide, proposals: Proposals) -> str:
    head = "\n# One table for each person, so that assignments are carried."
    if not proposals.people:
        return f"""{head} `accounts` has what the tracker's API takes:
# for Jira Cloud the accountId, for Data Center the user name, for GitHub the login.
# [[people]]
# name = "Li Wei"
# accounts = {{ {left.tracker} = "5b10a2844c20165700ede21g", {right.tracker} = "liwei" }}
"""
    tables = "".join(
        f"\n[[people]]                             # found by {person.why}\nname = {_quoted(person.name)}\n"
        f"accounts = {{ {left.tracker} = {_quoted(person.left)}, {right.tracker} = {_quoted(person.right)} }}\n"
        for person in proposals.people
    )
    others = f"\n# No account on the right was found for: {', '.join(proposals.nobody)}.\n" if proposals.nobody else ""
    return f"{head} Look through those that were found.\n{tables}{others}"


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case Mapping():
            return "{ " + ", ".join(f"{key} = {_value(inner)}" for key, inner in value.items()) + " }"
        case list() | tuple():
            return "[" + ", ".join(map(_value, value)) + "]"
        case _:
            return _quoted(str(value))


def _quoted(text: str) -> str:
    """A TOML string."""
    return json.dumps(" ".join(text.split()), ensure_ascii=False)
