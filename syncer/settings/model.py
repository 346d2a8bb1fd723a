"""What the configuration may say, as pydantic models. Keys are written in kebab case.

The table of a tracker and the scope of a side belong to the kind of tracker and are checked by that kind's own models:
`syncer.settings.load` puts the kind beside the table before the models here see it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PrivateAttr,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic import Field as Key
from pydantic_settings import BaseSettings, SettingsConfigDict

from syncer.contract.connector import ConnectorKind
from syncer.contract.model import Audience, Field, Side
from syncer.core.rules import DEFAULT_FIELDS, Cell, Direction, GuardLimits, Policy, Relation, Row
from syncer.settings.cron import Cron
from syncer.settings.problems import Mistakes, did_you_mean

MAPPED = (Field.STATUS, Field.PRIORITY, Field.TYPE)
"""The fields whose names are translated by a map."""

_DURATION = re.compile(r"(?P<amount>[1-9][0-9]*)\s*(?P<unit>[smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def kebab(name: str) -> str:
    """How a field is written in the file."""
    return name.rstrip("_").replace("_", "-")


def _duration(value: object) -> object:
    if isinstance(value, timedelta):
        return value
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError('write a duration like "90s", "30m", "24h" or "7d"')
    return timedelta(**{_UNITS[found["unit"]]: int(found["amount"])})


def _cron(value: str) -> str:
    Cron.parse(value)
    return value


def time_zone(value: str) -> str:
    """The name of a time zone. Raises ValueError for any other text."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f'"{value}" is no time zone; write one like Europe/Berlin or Asia/Shanghai') from None
    return value


def _publishable(value: str) -> str:
    names = (*(field.value for field in DEFAULT_FIELDS), "comments", "attachments")
    if value not in names:
        raise ValueError(f'"{value}" is not one of {", ".join(names)}{did_you_mean(value, names)}')
    return value


def _file_mode(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"0?6[046][04]", value):
        return int(value, 8)
    raise ValueError('write "0600", "0640" or "0644": who besides its owner can read a file')


FileMode = Annotated[int, BeforeValidator(_file_mode)]
Duration = Annotated[timedelta, BeforeValidator(_duration)]
Schedule = Annotated[str, AfterValidator(_cron)]
Share = Annotated[float, Key(ge=0, le=1)]


class Table(BaseModel):
    """A table of the file: unknown keys are mistakes, and no message repeats a value."""

    model_config = ConfigDict(
        alias_generator=kebab, extra="forbid", frozen=True, hide_input_in_errors=True, arbitrary_types_allowed=True
    )


class TrackerSettings(Table):
    """`[trackers.NAME]`: an external system and the account it is used with."""

    name: str
    kind: Any
    """The `ConnectorKind`."""
    settings: Any
    """An instance of the kind's `tracker_settings`."""

    @field_validator("settings", mode="before")
    @classmethod
    def _by_kind(cls, value: object, info: ValidationInfo) -> object:
        return info.data["kind"].tracker_settings.model_validate(value)


class SideSettings(Table):
    """`left` or `right` of a pair: a scope within a tracker."""

    tracker: str
    audience: Literal["members", "organization", "public"] | None = None
    """Who can read this scope, where the tracker's own answer is to be overridden."""
    kind: Any
    scope: Any
    """An instance of the kind's `scope_settings`."""

    @field_validator("scope", mode="before")
    @classmethod
    def _by_kind(cls, value: object, info: ValidationInfo) -> object:
        return info.data["kind"].scope_settings.model_validate(value)

    @property
    def declared_audience(self) -> Audience | None:
        """The audience as the model knows it; None when the tracker is to be asked."""
        return None if self.audience is None else Audience[self.audience.upper()]


class FieldSettings(Table):
    """`[pairs.fields.NAME]`: how one field is carried."""

    direction: Direction = Direction.BOTH
    on_conflict: Policy | None = None
    """None takes the default of the field."""
    map: tuple[tuple[str, ...], ...] = ()

    @field_validator("map")
    @classmethod
    def _rows(cls, rows: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
        mistakes = Mistakes("map")
        for index, row in enumerate(rows):
            if len(row) not in {2, 3} or not all(cell.strip() for cell in row):
                mistakes.add((index,), "a row is [left, right] or [left, right, label-on-the-right]")
        mistakes.raise_if_any()
        return rows

    @property
    def relation(self) -> Relation:
        """The rows of the map as the rules take them."""
        return Relation(tuple(Row(Cell.parse(row[0]), Cell.parse(row[1], *row[2:])) for row in self.map))


class CommentSettings(Table):
    """`[pairs.comments]`."""

    direction: Direction = Direction.BOTH
    on_conflict: Policy = Policy.ASK


class MilestoneSettings(Table):
    """`[pairs.milestones]`."""

    direction: Direction = Direction.BOTH


class LabelSettings(Table):
    """`[pairs.labels]`: shell patterns of the labels that belong to the pair."""

    only: tuple[str, ...] = ("*",)
    except_: tuple[str, ...] = ()


class GuardSettings(Table):
    """`[pairs.guard]`: what one run may do without asking."""

    closes_at_least: Annotated[int, Key(ge=0)] = GuardLimits().closes_at_least
    closes_share: Share = GuardLimits().closes_share
    updates_at_least: Annotated[int, Key(ge=0)] = GuardLimits().updates_at_least
    updates_share: Share = GuardLimits().updates_share
    creates_at_least: Annotated[int, Key(ge=0)] = GuardLimits().creates_at_least
    creates_share: Share = GuardLimits().creates_share

    @property
    def limits(self) -> GuardLimits:
        """The limits as the rules take them."""
        return GuardLimits(**self.model_dump())


class DefaultTypeSettings(Table):
    """`default-type`: the type of tasks created on a side when the type is not mapped."""

    left: str | None = None
    right: str | None = None


class AttachmentSettings(Table):
    """`attachments`: pictures and files to which texts refer are added to tasks of the other side."""

    largest_mb: Annotated[int, Key(ge=1, le=100)] = 20

    @property
    def largest(self) -> int:
        """In bytes."""
        return self.largest_mb * 1024 * 1024


def _attachments(value: object) -> object:
    return AttachmentSettings() if value is True else None if value is False else value


class PairSettings(Table):
    """`[[pairs]]`: two scopes kept in step, and the rules for it."""

    name: Annotated[str, Key(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=64)]
    formerly: tuple[str, ...] = ()
    """What the pair was called before: a state that knows it so renames it, and what was created then is its own."""
    left: SideSettings
    right: SideSettings
    schedule: Schedule | None = None
    """For `syncer daemon`; None: this pair is run by cron or by hand."""
    publish: tuple[Annotated[str, AfterValidator(_publishable)], ...] = ()
    create: Direction = Direction.BOTH
    fields: dict[Field, FieldSettings] = {}
    comments: CommentSettings = CommentSettings()
    milestones: MilestoneSettings = MilestoneSettings()
    labels: LabelSettings = LabelSettings()
    component_prefix: str = "component: "
    mention_people: bool = False
    footer: bool = True
    attachments: Annotated[AttachmentSettings | None, BeforeValidator(_attachments)] = None
    guard: GuardSettings = GuardSettings()
    sweep_every: Duration = timedelta(hours=24)
    default_type: DefaultTypeSettings = DefaultTypeSettings()

    @field_validator("fields")
    @classmethod
    def _maps(cls, fields: dict[Field, FieldSettings]) -> dict[Field, FieldSettings]:
        mistakes = Mistakes("fields")
        for field, rule in fields.items():
            if rule.map and field not in MAPPED:
                names = ", ".join(name.value for name in MAPPED)
                mistakes.add((field.value, "map"), f"only {names} have a map; {field.value} is carried as it is")
            if field in {Field.PRIORITY, Field.TYPE} and not rule.map and rule.direction is not Direction.OFF:
                mistakes.add((field.value,), f"{field.value} is carried only with a map")
        mistakes.raise_if_any()
        return fields

    def side(self, side: Side) -> SideSettings:
        """The scope on a side."""
        return self.left if side is Side.LEFT else self.right

    def address(self, side: Side, trackers: dict[str, TrackerSettings]) -> str:
        """What people call the scope on a side."""
        chosen = self.side(side)
        kind: ConnectorKind = chosen.kind
        return kind.address(trackers[chosen.tracker].settings, chosen.scope)


class PersonSettings(Table):
    """`[[people]]`: one person and their account on each tracker, by the id the tracker's API takes."""

    name: Annotated[str, Key(min_length=1)]
    accounts: dict[str, Annotated[str, Key(min_length=1)]]
    ids: dict[str, Annotated[str, BeforeValidator(lambda value: str(value) if type(value) is int else value)]] = {}
    """What never changes about an account that can be renamed: GitHub's numeric id, the user key of Data Center."""


class RecipientSettings(Table):
    """One of `recipients` of `[report]`: an address, alone or with what is different for this reader."""

    address: Annotated[str, Key(pattern=r"^[^@\r\n]+@[^@\s]+$")]
    language: Literal["en", "zh"] | None = None
    audience: Literal["manager", "member", "client"] | None = None


def _recipient(value: object) -> object:
    return {"address": value} if isinstance(value, str) else value


class PostSettings(Table):
    """`[[report.posts]]`: one comment or one issue that shows the report, edited in place every week."""

    name: Annotated[str, Key(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=40)]
    """By it the post is found again: with another name it is another post."""
    pair: str
    side: Literal["left", "right"]
    on: Annotated[str, Key(min_length=1)] | None = None
    """Key of the task whose comment it is; None: an issue of its own."""
    language: Literal["en", "zh"] = "en"
    audience: Literal["manager", "member", "client"] = "client"
    publish: bool = False
    """Whether it may be read by more people than can read every scope of the report."""


class ReportSettings(Table):
    """`[report]`: the weekly evaluation."""

    language: Literal["en", "zh"] = "en"
    audience: Literal["manager", "member", "client"] = "manager"
    """Whom it is written for: decides what is shown, never what is computed."""
    timezone: Annotated[str, AfterValidator(time_zone)] = "UTC"
    """Whose days and weeks are counted: `Europe/Berlin`, `Asia/Shanghai`."""
    recipients: tuple[Annotated[RecipientSettings, BeforeValidator(_recipient)], ...] = ()
    schedule: Schedule | None = None
    posts: tuple[PostSettings, ...] = ()
    file_mode: FileMode = 0o600
    """Who can read the files, for those who serve them; folders made for them can be entered by the same."""
    directory: Path | None = None
    """Where the files are written; None: `reports` in the state directory, or the working directory."""
    owner_pools: tuple[Annotated[tuple[str, ...], Key(min_length=2)], ...] = ()
    """Teams whose people take each other's tasks, for the forecast: names as in `[[people]]`, each in one pool."""
    responsibilities: Path | None = None
    """A file that says who is responsible for what; `syncer.settings.responsibilities` reads it.

    A mistake in it stops the report and never a sync.
    """


class MailSettings(Table):
    """`[mail]`: how the report is sent. The password comes from the environment or a secrets directory."""

    host: Annotated[str, Key(min_length=1)]
    port: Annotated[int, Key(ge=1, le=65535)] = 587
    tls: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: SecretStr | None = None
    from_: Annotated[str, Key(pattern=r"^[^@\r\n]+@[^@\s]+$")]
    timeout: Duration = timedelta(seconds=30)
    """For each step of the conversation."""
    ca_bundle: Path | None = None
    """For a server with its own certificate authority."""
    attach: tuple[Literal["html", "markdown", "json", "csv", "xlsx", "ics", "todo"], ...] = ("html",)
    """The formats that go with the mail as files, in the edition of its recipient."""
    unsubscribe: Annotated[str, Key(pattern=r"^(https://\S+|[^@\r\n]+@[^@\s]+)$")] | None = None
    """Where a wish to get no more reports goes: an address, or a page that takes a POST; None: to the sender."""


class LogSettings(Table):
    """`[log]`."""

    level: Literal["debug", "info", "warning", "error"] | None = None
    """None: warnings for commands, `info` for the daemon."""
    format: Literal["console", "json"] = "console"


class Settings(BaseSettings):
    """The whole configuration, valid in itself. Whether it fits the live trackers is what `syncer check` tells."""

    model_config = SettingsConfigDict(
        alias_generator=kebab, extra="forbid", frozen=True, hide_input_in_errors=True, arbitrary_types_allowed=True
    )

    trackers: dict[str, TrackerSettings]
    pairs: tuple[PairSettings, ...]
    people: tuple[PersonSettings, ...] = ()
    report: ReportSettings = ReportSettings()
    mail: MailSettings | None = None
    state: str = ""
    """A directory or a `postgresql://` URL; `load` fills in the default."""
    log: LogSettings = LogSettings()
    metrics_file: Path | None = None
    _exposed_secrets: tuple[str, ...] = PrivateAttr(())

    @property
    def exposed_secrets(self) -> tuple[str, ...]:
        """A line for each file with a secret whose mode lets others read it, though its place keeps them out."""
        return self._exposed_secrets

    def note_exposed(self, lines: Sequence[str]) -> None:
        """Keeps those lines, which no configuration says, for whoever checks."""
        self._exposed_secrets = tuple(lines)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        mistakes = Mistakes("settings")
        self._check_pairs(mistakes)
        self._check_former_names(mistakes)
        self._check_people(mistakes)
        self._check_posts(mistakes)
        mistakes.raise_if_any()
        return self

    def pair(self, name: str) -> PairSettings | None:
        """The pair of that name."""
        return next((pair for pair in self.pairs if pair.name == name), None)

    def _check_pairs(self, mistakes: Mistakes) -> None:
        if not self.pairs:
            mistakes.add(("pairs",), "at least one [[pairs]] table is needed")
        scopes = [
            frozenset((pair.side(side).tracker, pair.side(side).scope.model_dump_json()) for side in Side)
            for pair in self.pairs
        ]
        for index, scope in enumerate(scopes):
            if len(scope) == 1:
                mistakes.add(("pairs", index), "left and right are the same scope")
        for (first, earlier), (second, later) in combinations(enumerate(self.pairs), 2):
            if earlier.name == later.name:
                mistakes.add(("pairs", second, "name"), f'"{later.name}" is already the name of pairs[{first}]')
            if scopes[first] == scopes[second]:
                mistakes.add(("pairs", second), f"the same two scopes as pairs[{first}] ({earlier.name})")

    def _check_former_names(self, mistakes: Mistakes) -> None:
        owners: dict[str, int] = {}
        for index, pair in enumerate(self.pairs):
            for name in pair.formerly:
                if self.pair(name) is not None:
                    mistakes.add(("pairs", index, "formerly"), f'"{name}" is the name of a pair of this file')
                if owners.setdefault(name, index) != index:
                    mistakes.add(("pairs", index, "formerly"), f'"{name}" is a former name of pairs[{owners[name]}]')

    def _check_posts(self, mistakes: Mistakes) -> None:
        names: set[str] = set()
        for index, post in enumerate(self.report.posts):
            if self.pair(post.pair) is None:
                known = [pair.name for pair in self.pairs]
                message = f'there is no pair "{post.pair}"{did_you_mean(post.pair, known)}'
                mistakes.add(("report", "posts", index, "pair"), message)
            if post.name in names:
                mistakes.add(("report", "posts", index, "name"), f'"{post.name}" is the name of another post')
            names.add(post.name)

    def _check_people(self, mistakes: Mistakes) -> None:
        owners: dict[tuple[str, str], int] = {}
        for index, person in enumerate(self.people):
            for tracker, account in person.accounts.items():
                place = ("people", index, "accounts", tracker)
                earlier = owners.setdefault((tracker, account.casefold()), index)
                if earlier != index:
                    mistakes.add(place, f"this account already belongs to people[{earlier}]")
            for tracker in person.ids.keys() - person.accounts.keys():
                mistakes.add(("people", index, "ids", tracker), f"accounts has no {tracker} to which this id belongs")
