"""Writes the tables of `docs/fields.md`: `python -m tests.docs.fields`.

What each tracker holds is asked of the connectors, one run against each server that the sandbox can behave like. What a
declared field may be comes from the connectors' own tables of types.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from connectors.github import boards_fields, issue_values
from connectors.jira import custom as jira_custom
from syncer.contract.capabilities import Capabilities, Fidelity
from syncer.contract.conformance import Remembered
from syncer.contract.custom import CustomType
from syncer.contract.model import Field, Kind, Side
from syncer.sandbox.profiles import NAMED
from tests.profiles.pairs import rig_of

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "fields.md"

SERVERS: Mapping[str, tuple[str, Side]] = {
    "Jira Cloud": ("jira-cloud", Side.LEFT),
    "Jira Data Center": ("jira-data-center", Side.LEFT),
    "github.com": ("github-2026-03-10", Side.RIGHT),
    "GHES 3.19": ("ghes-3.19", Side.RIGHT),
    "GHES 3.17": ("ghes-3.17", Side.RIGHT),
}
"""Column -> the profile of the sandbox, and the side on which the tests' rig has it."""
PARTNERS = {Side.LEFT: "github-2026-03-10", Side.RIGHT: "jira-cloud"}

BY_MAP = "label, by the map"
AS_LABEL = {Field.COMPONENTS: "label with a prefix", Field.PRIORITY: BY_MAP, Field.TYPE: BY_MAP}
"""How GitHub shows what it has no field for."""
DECLARED = {Field.STATUS, Field.START, Field.DUE, Field.PRIORITY}
"""What may be declared by `[[pairs.custom]]` where there is no field of its own."""
NOTES = {
    Field.BODY: "with its pictures, tables, lists, mentions and references; files where `attachments` says so",
    Field.STATUS: "by a map; by what statuses mean where there is none; columns of a project, declared",
    Field.LABELS: "one by one",
    Field.ASSIGNEES: "by `[[people]]`",
    Field.PRIORITY: "with a map",
    Field.TYPE: "with a map; on github.com the organisation's types where `issue-types` says so",
    Field.MILESTONES: "versions and milestones, created when a task needs them",
    Field.START: "Jira: the field that `start-date` names",
    Field.PARENT: "Data Center: by the field that `epic-link` names; sub-tasks are read",
    Field.BLOCKED_BY: "GitHub's dependencies, Jira's link \u201cBlocks\u201d",
    Field.RELATES: "Jira's link \u201cRelates\u201d",
    Field.DUPLICATES: "Jira's link \u201cDuplicate\u201d",
    Field.CLONES: "Jira's link \u201cCloners\u201d",
}


def capabilities() -> Iterator[tuple[str, Capabilities]]:
    """What each server can hold, once everything in it was read."""
    for column, (profile, side) in SERVERS.items():
        partner = NAMED[PARTNERS[side]]
        jira, github = (NAMED[profile], partner) if side is Side.LEFT else (partner, NAMED[profile])
        with tempfile.TemporaryDirectory() as scratch, rig_of(Path(scratch), jira, github) as rig:
            rig.github("POST", "/issues", {"title": "One issue shows what a server lacks"})
            rig.tick()
            with rig.context() as context:
                connector = context.connectors[side]
                Remembered().follow(connector)
                yield column, connector.capabilities


def known_fields() -> str:
    """Every field of a task that every pair knows, and what becomes of it on each server."""
    able = dict(capabilities())
    lines = [f"| field | {' | '.join(able)} | |", f"|---|{'---|' * len(able)}---|"]
    for field in Field:
        cells = [_held(field, one, column) for column, one in able.items()]
        lines.append(f"| {field} | {' | '.join(cells)} | {NOTES.get(field, '')} |")
    return "\n".join(lines)


def _held(field: Field, able: Capabilities, column: str) -> str:
    fidelity = able.fields[Kind.TASK].get(field)
    if fidelity is not None:
        return {Fidelity.EXACT: "✔", Fidelity.LOSSY: "✔", Fidelity.READ_ONLY: "read"}[fidelity]
    if field in able.lacking:
        return "not in this version"
    if not column.startswith("Jira") and field in AS_LABEL:
        return AS_LABEL[field] + (", or declared" if field in DECLARED and column == "github.com" else "")
    return "declared" if field in DECLARED and column == "github.com" else "–"


TYPE_WORDS: Mapping[CustomType, str] = {
    CustomType.TEXT: "text, one line",
    CustomType.URL: "address",
    CustomType.NUMBER: "number",
    CustomType.DATE: "day",
    CustomType.CHOICE: "one option",
    CustomType.CHOICES: "several options",
    CustomType.PERSON: "person",
    CustomType.SPRINT: "sprint, iteration",
}


def declared_fields() -> str:
    """Every type of a declared field, and the fields of each tracker that are of it."""
    head = "| holds | Jira | GitHub: issue field of the organisation | GitHub: field of a project |"
    rows = [
        f"| {words} | {_jira(type_)} | {_of(type_, issue_values.TYPES)} | {_of(type_, boards_fields.TYPES)} |"
        for type_, words in TYPE_WORDS.items()
    ]
    return "\n".join([head, "|---|---|---|---|", *rows])


def _jira(type_: CustomType) -> str:
    kinds = jira_custom.KINDS
    custom = [key.rpartition(":")[2] for key, kind in jira_custom.TYPES.items() if kinds[kind].type is type_]
    system = [
        native + (" (read)" if native in jira_custom.BOOKED else "")
        for native, kind in jira_custom.SYSTEM.items()
        if kinds[kind].type is type_
    ]
    return ", ".join(f"`{name}`" for name in (*custom, *system)).replace(" (read)`", "` (read)") or "–"


def _of(type_: CustomType, types: Mapping[str, CustomType]) -> str:
    return ", ".join(f"`{name}`" for name, one in types.items() if one is type_) or "–"


def replaced(text: str) -> str:
    """The page with its tables written anew."""
    for name, table in (("known fields", known_fields()), ("declared fields", declared_fields())):
        begin, end = f"<!-- {name}: written by `python -m tests.docs.fields` -->", f"<!-- end of {name} -->"
        before, _, rest = text.partition(begin)
        text = f"{before}{begin}\n\n{table}\n\n{end}{rest.partition(end)[2]}"
    return text


if __name__ == "__main__":
    PAGE.write_text(replaced(PAGE.read_text("utf-8")), "utf-8")
