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

from pydantic import (
    AfterValidator,
    BeforeValidator,
    PrivateAttr,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic import Field as Key
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from syncer.contract.checking import FilterWord, RouteRule
from syncer.contract.connector import ConnectorKind
from syncer.contract.model import Audience, Field, Side
from syncer.core.rules import (
    DEFAULT_FIELDS,
    Backfill,
    Direction,
    GuardLimits,
    Leaving,
    MapCell,
    MapRow,
    Mode,
    Policy,
    Relation,
    SubTasks,
)
from syncer.settings.commands import CommandSettings
from syncer.settings.notify import ChannelSettings, NotifySettings
from syncer.settings.problems import Mistakes, did_you_mean
from syncer.settings.reporting import MailAddress, MailSettings, ReportSettings
from syncer.settings.retention import RetentionSettings
from syncer.settings.routes import RouteSettings, overlaps, reaches
from syncer.settings.table import ConfigTable, Duration, Schedule, a_name, an_attribution, flat, kebab

MAPPED = (Field.STATUS, Field.PRIORITY, Field.TYPE)
"""The fields whose names are translated by a map."""


def _publishable(value: str) -> str:
    names = (*(field.value for field in DEFAULT_FIELDS), "comments", "attachments")
    if value not in names:
        raise ValueError(f'"{value}" is not one of {", ".join(names)}{did_you_mean(value, names)}')
    return value


Share = Annotated[float, Key(ge=0, le=1)]


class TrackerSettings(ConfigTable):
    """`[trackers.NAME]`: an external system and the account it is used with."""

    name: str
    kind: Any
    """The `ConnectorKind`."""
    settings: Any
    """An instance of the kind's `tracker_settings`."""

    @field_validator("settings", mode="before")
    @classmethod
    def _by_kind(cls, value: object, info: ValidationInfo) -> object:
        # What messages about the credentials call them: see `ConnectorKind.tracker_settings`.
        table = info.data["name"]
        context = {"tracker": table, "variable": f"SYNCER_TRACKERS__{flat(table)}__"}
        return info.data["kind"].tracker_settings.model_validate(value, context=context)


class SideSettings(ConfigTable):
    """`left` or `right` of a pair: a scope within a tracker."""

    tracker: str
    """Name of the `[trackers.NAME]` table."""
    audience: Literal["members", "organization", "public"] | None = None
    """Who can read this scope. Without it the tracker is asked; set it only where its answer is wrong."""
    when_it_leaves: Leaving | None = None
    """What becomes of a linked task that `filter` does not admit any more: `follow`, `hold` or `close`.

    Without it: `follow` where the filter names only what changes as work goes on, else `hold`.
    """
    kind: Any
    scope: Any
    """An instance of the kind's `scope_settings`."""

    @property
    def leaving(self) -> Leaving:
        """What becomes of a linked task that leaves."""
        if self.when_it_leaves is not None:
            return self.when_it_leaves
        words = getattr(self.scope, "filter_words", None)
        return Leaving.FOLLOW if words and FilterWord.OTHER not in words else Leaving.HOLD

    @field_validator("scope", mode="before")
    @classmethod
    def _by_kind(cls, value: object, info: ValidationInfo) -> object:
        return info.data["kind"].scope_settings.model_validate(value)

    @property
    def declared_audience(self) -> Audience | None:
        """The audience as the model knows it; None when the tracker is to be asked."""
        return None if self.audience is None else Audience[self.audience.upper()]


class FieldSettings(ConfigTable):
    """`[pairs.fields.NAME]`: how one field is carried."""

    direction: Direction = Direction.BOTH
    """Which way the field is carried."""
    on_conflict: Policy | None = None
    """What happens when both sides changed it. Without it: `ask` for title and body, `newest` for all else."""
    map: tuple[tuple[str, ...], ...] = ()
    """Rows of `[left, right]`, a third cell is a label on the right. For status, priority and type."""

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
        return Relation(tuple(MapRow(MapCell.parse(row[0]), MapCell.parse(row[1], *row[2:])) for row in self.map))


class CommentSettings(ConfigTable):
    """`[pairs.comments]`."""

    direction: Direction = Direction.BOTH
    """Which way comments are carried."""
    on_conflict: Policy = Policy.ASK
    """What happens when both copies of a comment were edited."""


class MilestoneSettings(ConfigTable):
    """`[pairs.milestones]`: versions of Jira and milestones of GitHub."""

    direction: Direction = Direction.BOTH
    """Which way they are carried."""


class LabelSettings(ConfigTable):
    """`[pairs.labels]`: shell patterns of the labels that belong to the pair."""

    only: tuple[str, ...] = ("*",)
    """Labels that are carried."""
    except_: tuple[str, ...] = ()
    """Labels that are not, though `only` matches them. syncer never touches those."""


class ComponentSettings(ConfigTable):
    """`[pairs.components]`: shell patterns of the components that belong to the pair."""

    only: tuple[str, ...] = ("*",)
    """Components that are carried."""
    except_: tuple[str, ...] = ()
    """Components that are not, though `only` matches them. syncer never touches those."""


class GuardSettings(ConfigTable):
    """`[pairs.guard]`: what one run may do without asking."""

    closes_at_least: Annotated[int, Key(ge=0)] = GuardLimits().closes_at_least
    """So many tasks one run may always close,"""
    closes_share: Share = GuardLimits().closes_share
    """or this share of the linked ones, whichever is more."""
    updates_at_least: Annotated[int, Key(ge=0)] = GuardLimits().updates_at_least
    """So many tasks one run may always update,"""
    updates_share: Share = GuardLimits().updates_share
    """or this share of the linked ones, whichever is more."""
    creates_at_least: Annotated[int, Key(ge=0)] = GuardLimits().creates_at_least
    """So many existing tasks that only came into view (a filter was removed) one run may always create,"""
    creates_share: Share = GuardLimits().creates_share
    """or this share of the linked ones, whichever is more."""

    @property
    def limits(self) -> GuardLimits:
        """The limits as the rules take them."""
        return GuardLimits(**self.model_dump())


def _pattern(value: str) -> str:
    try:
        found = re.compile(value)
    except re.error as error:
        raise ValueError(f'"{value}" is not a regular expression: {error}') from None
    if found.groups > 1 or found.match(""):
        raise ValueError(
            f'"{value}": write one group around the key or address, and nothing that matches an empty text'
        )
    return value


class AdoptSettings(ConfigTable):
    """`[pairs.adopt]`: how `syncer adopt` recognises items that both sides already have."""

    patterns: tuple[Annotated[str, AfterValidator(_pattern)], ...] = ()
    """Regular expressions with one group: a key or address of the other side in a title or line. `Ticket: (\\S+)`"""


class DefaultTypeSettings(ConfigTable):
    """`default-type`: the type of tasks created on a side when the type is not mapped."""

    left: str | None = None
    """Type of a new task on the left."""
    right: str | None = None
    """Type of a new task on the right."""


class AttachmentSettings(ConfigTable):
    """`attachments`: pictures and files to which texts refer are added to tasks of the other side."""

    largest_mb: Annotated[int, Key(ge=1, le=100)] = 20
    """Larger files stay links. In megabytes of 1,048,576 bytes."""

    @property
    def largest(self) -> int:
        """In bytes."""
        return self.largest_mb * 1024 * 1024


def _attachments(value: object) -> object:
    match value:
        case bool():
            return AttachmentSettings() if value else None
        case dict() | AttachmentSettings():
            return value
        case _:
            raise ValueError("should be true, false, or a table such as { largest-mb = 20 }")


class PairSettings(ConfigTable):
    """`[[pairs]]`: two scopes kept in step, and the rules for it."""

    owner: str | None = None
    """Whom `[notify]` tells of this pair: the name of somebody in `[[people]]` who has a `mail`."""
    name: Annotated[str, a_name(longest=64)]
    """What commands, the state and the markers call the pair. To change it, see `formerly`."""
    formerly: tuple[str, ...] = ()
    """Earlier names of this pair: everything that is in step stays in step."""
    left: SideSettings
    """One scope."""
    right: SideSettings
    """The other scope."""
    mode: Mode = Mode.SYNC
    """What a run does: `sync`, or `watch`, which reads both sides for the report and writes to neither."""
    schedule: Schedule | None = None
    """When `syncer daemon` runs the pair, as a cron expression in `timezone`. Without it: cron or by hand."""
    publish: tuple[Annotated[str, AfterValidator(_publishable)], ...] = ()
    """What may go to a side that more people can read: names of fields, `comments`, `attachments`."""
    create: Direction = Direction.BOTH
    """Which way new tasks are carried."""
    sub_tasks: SubTasks = SubTasks.SYNC
    """What becomes of new sub-tasks: `sync`, as any task, with their parent, or `none`, which stay on their side."""
    fields: Annotated[dict[Field, FieldSettings], Key(default_factory=dict)]
    """How single fields are carried."""
    comments: CommentSettings = CommentSettings()
    """How comments are carried."""
    milestones: MilestoneSettings = MilestoneSettings()
    """How versions and milestones are carried."""
    labels: LabelSettings = LabelSettings()
    """Which labels are carried."""
    components: ComponentSettings = ComponentSettings()
    """Which components are carried."""
    component_prefix: str = "component: "
    """A Jira component becomes a label with this prefix. An empty text turns that off."""
    mention_people: bool = False
    """Whether a mention of somebody in `[[people]]` notifies them on the other side too."""
    footer: bool = True
    """Whether the text of a mirror ends with a link to its original."""
    attachments: Annotated[AttachmentSettings | None, BeforeValidator(_attachments)] = None
    """Whether pictures and files in texts on GitHub are added to the issue in Jira: `true`, or a table."""
    backfill: Backfill = Backfill.COMMENTS
    """How old comments of finished and old tasks are carried: `comments` one by one, as one `digest`, or `none`."""
    backfill_age: Duration = timedelta(days=90)
    """A task that nobody touched for so long is old, for `backfill`."""
    guard: GuardSettings = GuardSettings()
    """What one run may do without asking."""
    adopt: AdoptSettings = AdoptSettings()
    """How items that both sides already have are recognised."""
    attribution: Annotated[str, AfterValidator(an_attribution)] = ""
    """Who wrote a mirrored comment: `"{name} wrote on {tracker}:"`. Key and time follow. Empty: as usual."""
    steer_label: str = "sync: off"
    """A label that pauses its task, on either side: nothing is written to it until it is taken off. Empty: none."""
    shares_with: tuple[str, ...] = ()
    """Pairs with a scope in common: what they bring there goes on, and a task may be in step with both."""
    commands: CommandSettings | None = None
    """What people may say to syncer in comments, and who. Without it nobody is obeyed."""
    sweep_every: Duration = timedelta(hours=24)
    """How often both sides are read completely, which is how deletions are found."""
    default_type: DefaultTypeSettings = DefaultTypeSettings()
    """The type of new tasks where no row of the map names one."""

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


NativeId = Annotated[str, BeforeValidator(lambda value: str(value) if type(value) is int else value)]
"""What never changes about an account; a number may be written as one."""


class PersonSettings(ConfigTable):
    """`[[people]]`: one person and their account on each tracker, by the id the tracker's API takes."""

    name: Annotated[str, Key(min_length=1)]
    """How the report calls this person."""
    accounts: dict[str, Annotated[str, Key(min_length=1)]]
    """Account by tracker. Jira Cloud: accountId. Data Center: user name. GitHub: login."""
    ids: dict[str, NativeId] = Key(default_factory=dict)
    """What never changes about an account that can be renamed: GitHub's numeric id, the user key of Data Center."""
    mail: MailAddress | None = None
    """Where this person is told of what concerns a pair they own."""


class LogSettings(ConfigTable):
    """`[log]`."""

    level: Literal["debug", "info", "warning", "error"] | None = None
    """The least serious message that is logged. Without it: `warning` for commands, `info` for the daemon."""
    format: Literal["console", "json"] = "console"
    """Lines for people, or one JSON object a line."""


class Settings(BaseSettings):
    """The whole configuration, valid in itself. Whether it fits the live trackers is what `syncer check` tells."""

    model_config = SettingsConfigDict(
        alias_generator=kebab, extra="forbid", frozen=True, hide_input_in_errors=True, arbitrary_types_allowed=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """One source: the document, which is merged before by rules that know the names of the trackers."""
        return (init_settings,)

    trackers: dict[str, TrackerSettings]
    """Where your tasks are, and the account to use there."""
    pairs: tuple[PairSettings, ...] = ()
    """Two scopes each that are kept in step."""
    routes: tuple[RouteSettings, ...] = ()
    """One scope whose items go to several others, by rules: instead of pairs with filters that exclude each other."""
    people: tuple[PersonSettings, ...] = ()
    """Who is who on both sides, so that assignments are carried."""
    report: ReportSettings = ReportSettings()
    """The weekly report."""
    mail: MailSettings | None = None
    """How the report is sent."""
    channels: dict[str, ChannelSettings] = Key(default_factory=dict)
    """Where people are told at once."""
    notify: NotifySettings = NotifySettings()
    """What is told at once, and to whom."""
    state: str = ""
    """A directory, or a `postgresql://` address. Without it: `$XDG_STATE_HOME/syncer`."""
    retention: RetentionSettings = RetentionSettings()
    """How long the state keeps what nothing is decided by any more."""
    log: LogSettings = LogSettings()
    """What is logged."""
    metrics_file: Path | None = None
    """A file for Prometheus' node exporter, written after each sync. Everybody can read it (mode 0644)."""
    _exposed_secrets: tuple[tuple[str, str], ...] = PrivateAttr(())
    _former_keys: tuple[tuple[str, str], ...] = PrivateAttr(())

    @property
    def exposed_secrets(self) -> tuple[tuple[str, str], ...]:
        """A line and its fix for each file with a secret whose mode lets others read it, though its place does not."""
        return self._exposed_secrets

    @property
    def former_keys(self) -> tuple[tuple[str, str], ...]:
        """A line and its fix for each setting that is given by a former key, which goes on being understood."""
        return self._former_keys

    def note(self, *, exposed: Sequence[tuple[str, str]], former: Sequence[tuple[str, str]]) -> None:
        """Keeps those lines, which no configuration says, for whoever checks."""
        self._exposed_secrets, self._former_keys = tuple(exposed), tuple(former)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        mistakes = Mistakes("settings")
        self._check_pairs(mistakes)
        self._check_former_names(mistakes)
        self._check_routes(mistakes)
        self._check_people(mistakes)
        self._check_posts(mistakes)
        self._check_notify(mistakes)
        people = [person.name for person in self.people]
        for index, pair in enumerate(self.pairs):
            if pair.commands is not None:
                parties = self.report.responsibilities is not None
                pair.commands.check(("pairs", index, "commands"), pair.mode, people, mistakes, parties=parties)
        self._check_recipients(mistakes)
        mistakes.raise_if_any()
        return self

    def pair(self, name: str) -> PairSettings | None:
        """The pair of that name."""
        return next((pair for pair in self.pairs if pair.name == name), None)

    def rule_of(self, name: str) -> RouteRule | None:
        """What leads to the place of a route that the pair of a name is."""
        return next((place.rule for route in self.routes for place in route.to if place.name == name), None)

    def _check_pairs(self, mistakes: Mistakes) -> None:
        if not self.pairs:
            mistakes.add(("pairs",), "at least one [[pairs]] or [[routes]] table is needed")
        scopes = [
            frozenset((pair.side(side).tracker, pair.side(side).scope.model_dump_json()) for side in Side)
            for pair in self.pairs
        ]
        for index, scope in enumerate(scopes):
            if len(scope) == 1:
                mistakes.add(("pairs", index), "left and right are the same scope")
        for (first, earlier), (second, later) in combinations(enumerate(self.pairs), 2):
            if earlier.name == later.name:
                mistakes.add(("pairs", second, "name"), f'"{later.name}" is already the name of {self._spot(first)}')
            if scopes[first] == scopes[second]:
                mistakes.add(("pairs", second), f"the same two scopes as {self._spot(first)} ({earlier.name})")
        names = [pair.name for pair in self.pairs]
        for index, pair in enumerate(self.pairs):
            for place, name in enumerate(pair.shares_with):
                if name not in names or name == pair.name:
                    near = did_you_mean(name, [each for each in names if each != pair.name])
                    mistakes.add(("pairs", index, "shares-with", place), f'there is no other pair "{name}"{near}')

    def _spot(self, index: int) -> str:
        """Where a pair stands in the file; those that places of routes became follow those that were written."""
        places = [
            f"routes[{number}].to[{place}]"
            for number, route in enumerate(self.routes)
            for place in range(len(route.to))
        ]
        written = len(self.pairs) - len(places)
        return places[index - written] if index >= written else f"pairs[{index}]"

    def _check_routes(self, mistakes: Mistakes) -> None:
        leads: dict[str, set[str]] = {}
        names = [pair.name for pair in self.pairs]
        for index, route in enumerate(self.routes):
            for number, message in overlaps(route, index):
                mistakes.add(("routes", index, "to", number, "when"), message)
            places: dict[str, int] = {}
            for number, place in enumerate(route.to):
                pair = self.pair(place.name)
                if pair is None or names.count(place.name) > 1:
                    continue  # told as a name that two pairs have
                path = ("routes", index, "to", number)
                scope, other = (pair.address(side, self.trackers) for side in (route.shared, route.shared.other))
                if places.setdefault(other, number) != number:
                    told = f"routes[{index}].to[{places[other]}]"
                    mistakes.add(path, f"{other} is the place of {told} already: give that one all names")
                leads.setdefault(scope, set()).add(other)
                if reaches(leads, other, scope):
                    mistakes.add(path, f"{other} leads back to {scope}: such a ring brings nothing anywhere")

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
            pair = self.pair(post.pair)
            if pair is None:
                known = [each.name for each in self.pairs]
                message = f'there is no pair "{post.pair}"{did_you_mean(post.pair, known)}'
                mistakes.add(("report", "posts", index, "pair"), message)
            elif pair.mode is Mode.WATCH:
                message = f'"{post.pair}" only watches (mode = "watch"): nothing is posted to its trackers'
                mistakes.add(("report", "posts", index, "pair"), message)
            if post.name in names:
                mistakes.add(("report", "posts", index, "name"), f'"{post.name}" is the name of another post')
            names.add(post.name)

    def _check_notify(self, mistakes: Mistakes) -> None:
        for index, name in enumerate(self.notify.channels):
            if name not in self.channels:
                near = did_you_mean(name, list(self.channels))
                mistakes.add(("notify", "channels", index), f'there is no channel "{name}"{near}')
        chats = [one.channel for one in self.report.channels]
        for index, name in enumerate(chats):
            if name not in self.channels:
                near = did_you_mean(name, list(self.channels))
                mistakes.add(("report", "channels", index), f'there is no channel "{name}"{near}')
            elif name in chats[:index]:
                mistakes.add(("report", "channels", index), f'"{name}" stands there already: it is told once a week')
        people = [person.name for person in self.people]
        for index, pair in enumerate(self.pairs):
            if pair.owner is not None and pair.owner not in people:
                near = did_you_mean(pair.owner, people)
                mistakes.add(("pairs", index, "owner"), f'[[people]] names no "{pair.owner}"{near}')

    def _check_recipients(self, mistakes: Mistakes) -> None:
        known = [person.name for person in self.people]
        for index, reader in enumerate(self.report.recipients):
            if reader.person is not None and reader.person not in known:
                message = f'there is no "{reader.person}" among [[people]]{did_you_mean(reader.person, known)}'
                mistakes.add(("report", "recipients", index, "person"), message)
            if reader.person is not None and (reader.audience or self.report.audience) != "member":
                mistakes.add(("report", "recipients", index, "person"), 'is for the edition audience = "member"')

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
