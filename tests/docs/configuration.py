"""Writes the reference in `docs/configuration.md`: `python -m tests.docs.configuration`.

Keys, types, defaults and meanings are those of the settings models: a meaning is the docstring below a field. An
example is the line of a file in `config/` that has the key, commented out or not.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
import tomllib
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from syncer.core.responsibility import Scope
from syncer.settings import (
    Kinds,
    commands,
    custom,
    hooks,
    link_types,
    model,
    notify,
    pair,
    reporting,
    responsibilities,
    retention,
    routes,
)
from syncer.settings.table import kebab

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "configuration.md"
BEGIN = "<!-- The reference is written by `python -m tests.docs.configuration`. -->"
END = "<!-- end of the reference -->"

Model = type[BaseModel]


@dataclass(frozen=True)
class Section:
    """One table of the configuration: how it is headed, its models in the order of the file, where examples stand."""

    heading: str
    models: tuple[Model, ...]
    sample: str = ""
    """How the table begins in `config/syncer.toml`; empty for the keys before the first one."""
    secret: str = ""
    """How the variables of its secrets begin."""


def _kind(name: str) -> Any:
    return Kinds.installed()[name]


def sections() -> list[Section]:
    """Every table, in the order in which one meets them."""
    jira, github = _kind("jira"), _kind("github")
    limit = next(found for found in nested(jira.tracker_settings))
    return [
        Section("The file itself", (model.Settings,)),
        Section(
            '`[trackers.NAME]` with `kind = "jira"`', (jira.tracker_settings,), "trackers.acme-jira", "TRACKERS__NAME"
        ),
        Section("Each of `rate-limits` of a Jira", (limit,)),
        Section(
            '`[trackers.NAME]` with `kind = "github"`', (github.tracker_settings,), "trackers.github", "TRACKERS__NAME"
        ),
        Section("`[[pairs]]`", (pair.PairSettings,), "pairs"),
        Section("`left` and `right` of a pair", (pair.SideSettings,), "left"),
        Section("`left` and `right` on a Jira", (jira.scope_settings,), "left"),
        Section("`left` and `right` on GitHub", (github.scope_settings,), "right"),
        Section("`default-type` of a pair", (pair.DefaultTypeSettings,), "default-type"),
        Section("`attachments` of a pair", (pair.AttachmentSettings,)),
        Section("`commands` of a pair", (commands.CommandSettings,)),
        Section("`[pairs.fields.NAME]`", (pair.FieldSettings,), "pairs.fields.status"),
        Section("`types.TYPE` of a field", (pair.TypeMapSettings,), "types"),
        Section("`[[pairs.custom]]`", (custom.CustomSettings,), "pairs.custom"),
        Section("`[pairs.comments]`", (pair.CommentSettings,), "pairs.comments"),
        Section("`[pairs.milestones]`", (pair.MilestoneSettings,), "pairs.milestones"),
        Section("`[pairs.links]`", (link_types.LinkSettings,), "pairs.links"),
        Section("`[pairs.labels]`", (pair.LabelSettings,), "pairs.labels"),
        Section("`[pairs.components]`", (pair.ComponentSettings,), "pairs.components"),
        Section("`[pairs.guard]`", (pair.GuardSettings,), "pairs.guard"),
        Section("`[pairs.adopt]`", (pair.AdoptSettings,), "pairs.adopt"),
        Section("`[[routes]]`", (routes.RouteSettings,), "routes"),
        Section("`[[routes.to]]`", (routes.DestinationSettings,), "routes.to"),
        Section("`[[people]]`", (model.PersonSettings,), "people"),
        Section("`[report]`", (reporting.ReportSettings,), "report"),
        Section("Each of `recipients` of `[report]`", (reporting.RecipientSettings,), "recipients"),
        Section("`[report.targets]`", (reporting.TargetSettings,), "report.targets"),
        Section("One of `channels` of `[report]`", (reporting.ChatSettings,)),
        Section("`[[report.posts]]`", (reporting.PostSettings,), "report.posts"),
        Section("`[mail]`", (reporting.MailSettings,), "mail", "MAIL"),
        Section("`[[channels]]`", (notify.ChannelSettings,), "channels", "CHANNELS__TEAM"),
        Section("`[notify]`", (notify.NotifySettings,), "notify", "NOTIFY"),
        Section("`[hooks]`", (hooks.HooksSettings,), "hooks", "HOOKS"),
        Section("`[retention]`", (retention.RetentionSettings,), "retention"),
        Section("`[log]`", (model.LogSettings,), "log"),
        Section("`[[people]]` of the responsibilities file", (responsibilities.ProfileSettings,), "file.people"),
        Section("Each of `leaves` of a person there", (responsibilities.LeaveSettings,), "leaves"),
        Section("`[[responsibilities]]` of that file", (responsibilities.RowSettings,), "file.responsibilities"),
    ]


def nested(table: Model) -> Iterator[Model]:
    """The tables that a field of a table can hold."""
    for field in table.model_fields.values():
        yield from _models(field.annotation)


def _models(annotation: Any) -> Iterator[Model]:
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


@dataclass(frozen=True)
class Key:
    """A row of the reference."""

    name: str
    type: str
    default: str
    meaning: str
    example: str


UNSAMPLED: Mapping[str, str] = {
    "amount": "amount = 100",
    "seconds": "seconds = 10",
    "through": 'through = ["In Review"]',
    "transition-fields": 'transition-fields = { Done = { resolution = "Done" } }',
    "largest-mb": "largest-mb = 20",
    "allow": 'allow = ["pause", "resume"]',
    "who": 'who = ["Mia Berg"]',
    "channel": 'channel = "team"',
    "language": 'language = "zh"',
    "rate-limits": "rate-limits = [{ amount = 100, seconds = 10 }]",
    "right": 'right = "Task"',
    "routes.right": 'right = { tracker = "github", repository = "acme/pay" }',
    "routes.to": 'to = [{ name = "web", when = { component = "Web" } }, { name = "rest" }]',
    "on-conflict": 'on-conflict = "ask"',
    "api-url": 'api-url = "https://jira-api.acme.example"',
    "epic-link": 'epic-link = "customfield_10014"',
    "read-timeout": "read-timeout = 30",
    "types.map": 'map = [["To Do", "open"], ["In QA", "open", "status: to verify"], ["Done", "closed:completed"]]',
}
"""Examples of keys that the sample leaves out, and whose default is none."""

SHARED: Mapping[str, str] = {
    "kind": "Which connector serves it.",
    "url": "Address of its REST API.",
}
"""Meanings of keys that connectors share; the docstring of a model goes before them."""


def keys(section: Section) -> list[Key]:
    """The keys of a section, in the order of its models."""
    return [
        _key(section, table, name, field)
        for table in section.models
        for name, field in table.model_fields.items()
        if not (table is pair.SideSettings and name in {"kind", "scope"})
    ]


def _key(section: Section, table: Model, name: str, field: FieldInfo) -> Key:
    key = field.alias or kebab(name)
    meaning = meanings(table).get(name) or SHARED.get(key, "")
    if _secret(field):
        variable = f"SYNCER_{section.secret}__{name.upper()}"
        return Key(key, "secret", _default(field), meaning, f"variable `{variable}`")
    own = UNSAMPLED.get(f"{section.sample}.{key}")
    example = own or samples().get((section.sample, key)) or UNSAMPLED.get(key)
    if example is None and next(_models(field.annotation), None) is not None:
        return Key(key, _type(field), _default(field), meaning, "see below")
    return Key(key, _type(field), _default(field), meaning, f"`{example or f'{key} = {_toml(_value(field))}'}`")


def _secret(field: FieldInfo) -> bool:
    return SecretStr in (field.annotation, *get_args(field.annotation))


@cache
def meanings(table: Model) -> Mapping[str, str]:
    """Field -> first paragraph of the docstring below it, on one line; those of a base class too."""
    found: dict[str, str] = {}
    for each in reversed(table.__mro__):
        if not issubclass(each, BaseModel) or each.__module__.startswith("pydantic"):
            continue
        body = ast.parse(textwrap.dedent(inspect.getsource(each))).body[0]
        assert isinstance(body, ast.ClassDef)
        for node, after in zip(body.body, body.body[1:], strict=False):
            match node, after:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                    found[name] = " ".join(inspect.cleandoc(text).split("\n\n")[0].split())
    return found


def _type(field: FieldInfo) -> str:
    text = "text" if field.alias == "file-mode" else _of(field.annotation)  # the model holds it as a number
    low = next((each for each in field.metadata if isinstance(each, Ge | Gt)), None)
    high = next((each.le for each in field.metadata if isinstance(each, Le)), None)
    if low is None:
        return text
    if isinstance(low, Gt):
        return f"{text} above {low.gt:g}" + ("" if high is None else f", to {high:g}")  # type: ignore[str-format]
    return f"{text} from {low.ge:g}" + ("" if high is None else f" to {high:g}")  # type: ignore[str-format]


def _of(annotation: Any) -> str:
    plain: Mapping[Any, str] = {
        str: "text", int: "whole number", float: "number", bool: "`true` or `false`", timedelta: "duration",
        date: "date", Any: "any value", Path: "path", Scope: "text",
    }  # fmt: skip
    if annotation in plain:
        return plain[annotation]
    origin, parts = get_origin(annotation), [part for part in get_args(annotation) if part is not type(None)]
    if origin is Annotated:
        return _of(parts[0])
    if origin in (Union, types.UnionType):
        return " or ".join(map(_of, parts))
    if origin is Literal:
        return ", ".join(f"`{part}`" for part in parts)
    if origin is tuple:
        return f"list of {_of(parts[0])}"
    if origin is dict:
        return f"table of {_of(parts[1])}"
    if inspect.isclass(annotation) and issubclass(annotation, Enum):
        return ", ".join(f"`{each.value}`" for each in annotation)
    return "table"


def _value(field: FieldInfo) -> Any:
    return None if field.is_required() else field.get_default(call_default_factory=True, validated_data={})


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = _value(field)
    return "" if value is None or value in ("", (), {}) or isinstance(value, BaseModel) else f"`{_toml(value)}`"


def _toml(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case Enum():
            return f'"{value.value}"'
        case int() if value == 0o600:
            return '"0600"'
        case int() | float():
            return f"{value:g}"
        case timedelta():
            seconds = int(value.total_seconds())
            return f'"{seconds // 3600}h"' if seconds % 3600 == 0 else f'"{seconds}s"'
        case tuple():
            return f"[{', '.join(map(_toml, value))}]"
        case dict() | BaseModel():
            return "{}"
    return '"' + str(value or "").replace('"', '\\"') + '"'


@cache
def samples() -> Mapping[tuple[str, str], str]:
    """(Table, key) -> the line that shows it in the samples, without its comment."""
    found: dict[tuple[str, str], str] = {}
    for prefix, file in (("", "syncer.toml"), ("file.", "responsibilities.toml")):
        table, lines = prefix.removesuffix("."), (ROOT / "config" / file).read_text("utf-8").splitlines()
        for index, line in enumerate(lines):
            if header := re.match(r"(?:# )?\[+([\w.-]+)\]+", line):
                table = prefix + header[1]
            elif (begun := re.match(r"(?:# )?([a-z-]+) = ", line)) and (text := _statement(lines, index)):
                found.setdefault((table, begun[1]), text)
                found |= {
                    (name, key): value for name, key, value in _inside(begun[1], text) if (name, key) not in found
                }
            elif dotted := re.match(r"(left|right)\.([a-z-]+) = ", line):
                found.setdefault((dotted[1], dotted[2]), line)
    return found


def _statement(lines: list[str], index: int) -> str:
    """A line of TOML without its comment; as many lines as it takes, on one."""
    text = ""
    for line in lines[index : index + 12]:
        text += " " + re.sub(r"\s+#.*$", "", line.removeprefix("# ")).strip()
        try:
            tomllib.loads(text)
        except tomllib.TOMLDecodeError:
            continue
        return re.sub(r",? \]$", "]", text.strip().replace("[ ", "[", 1)) if "\n" not in text else ""
    return ""


def _inside(key: str, text: str) -> Iterator[tuple[str, str, str]]:
    """The keys of tables within a line: those of a side, a recipient, a default type, days of leave."""
    table = "" if key in {"audience", "when-it-leaves", "create-fields"} else key
    if not table:
        yield "left", key, text
    value = tomllib.loads(text)[key]
    for each in value if isinstance(value, list) else [value]:
        for name, held in each.items() if isinstance(each, dict) and table else ():
            if isinstance(held, str | int | bool | date):
                yield table, name, f"{name} = {held.isoformat() if isinstance(held, date) else _toml(held)}"


def reference() -> str:
    """The part of the page between the two marks."""
    parts = []
    for section in sections():
        rows = [
            f"| `{key.name}` | {key.type} | {key.default} | {_cell(key.meaning)} | {_cell(key.example)} |"
            for key in keys(section)
        ]
        head = ["| key | type | default | meaning | example |", "|---|---|---|---|---|"]
        parts.append("\n".join([f"### {section.heading}", "", *head, *rows]))
    return f"{BEGIN}\n\n" + "\n\n".join(parts) + f"\n\n{END}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def page() -> str:
    """The page with its reference as it should be."""
    text = PAGE.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    return before + reference() + rest.partition(END)[2]


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
