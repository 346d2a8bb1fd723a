"""What the configuration says of one pair: its two sides, and a table for each thing that is carried between them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic import Field as Key

from syncer.contract.checking import FilterWord
from syncer.contract.connector import ConnectorKind
from syncer.contract.model import Audience, Field, Side
from syncer.core.relation import MapCell, MapRow, Relation
from syncer.core.rules import (
    DEFAULT_FIELDS,
    Backfill,
    Direction,
    GuardLimits,
    Leaving,
    Mode,
    Policy,
    Releases,
    SubTasks,
)
from syncer.settings.attachments import AttachmentSettings, as_attachments
from syncer.settings.commands import CommandSettings
from syncer.settings.custom import CustomSettings, mistakes_in
from syncer.settings.link_types import LinkSettings, mistakes_in_links
from syncer.settings.problems import Mistakes
from syncer.settings.table import ConfigTable, Duration, Schedule, a_name, an_attribution, flat

TYPED = (Field.STATUS, Field.PRIORITY)
"""The fields that may have a map of their own for tasks of one type."""
MAPPED = (Field.STATUS, Field.PRIORITY, Field.TYPE)
"""The fields whose names are translated by a map."""
PUBLISHED = ("comments", "attachments", "pull-requests", "releases")
"""What `publish` may name beside fields."""


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


Rows = tuple[tuple[str, ...], ...]


def _rows(rows: Rows) -> Rows:
    mistakes = Mistakes("map")
    for index, row in enumerate(rows):
        if len(row) not in {2, 3} or not all(cell.strip() for cell in row):
            mistakes.add((index,), "a row is [left, right] or [left, right, label-on-the-right]")
    mistakes.raise_if_any()
    return rows


def relation_of(rows: Rows) -> Relation:
    """The rows of a map as the rules take them."""
    return Relation(tuple(MapRow(MapCell.parse(row[0]), MapCell.parse(row[1], *row[2:])) for row in rows))


class TypeMapSettings(ConfigTable):
    """`[pairs.fields.NAME.types.TYPE]`: another map for the tasks of one type, by the name it has on either side."""

    map: Annotated[Rows, AfterValidator(_rows)]
    """Rows as in the map of the field; they stand in its place."""

    @property
    def relation(self) -> Relation:
        """The rows as the rules take them."""
        return relation_of(self.map)


class FieldSettings(ConfigTable):
    """`[pairs.fields.NAME]`: how one field is carried."""

    direction: Direction = Direction.BOTH
    """Which way the field is carried."""
    on_conflict: Policy | None = None
    """What happens when both sides changed it. Without it: `ask` for title and body, `newest` for all else."""
    map: Annotated[Rows, AfterValidator(_rows)] = ()
    """Rows of `[left, right]`, a third cell is a label on the right. For status, priority and type.

    `open + option:In Progress` is an open task in that column of a project, whose field `[[pairs.custom]]` names."""
    types: dict[str, TypeMapSettings] = Key(default_factory=dict)
    """Other maps for tasks of single types, by name. For status and priority."""

    @property
    def relation(self) -> Relation:
        """The rows of the map as the rules take them."""
        return relation_of(self.map)


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
    schedule_with_hooks: Schedule | None = None
    """When the pair is polled instead, as long as `syncer hooks` is heard from and tells of changes on both sides."""
    publish: tuple[str, ...] = ()
    """What may go to a side that more people can read: names of fields, `comments`, `attachments`,
    `pull-requests`, `releases`."""
    create: Direction = Direction.BOTH
    """Which way new tasks are carried."""
    sub_tasks: SubTasks = SubTasks.SYNC
    """What becomes of new sub-tasks: `sync`, as any task, with their parent; `none`: they stay on their side; `list`:
    they do, and the text of their parent's mirror lists them."""
    fields: Annotated[dict[Field, FieldSettings], Key(default_factory=dict)]
    """How single fields are carried."""
    custom: tuple[CustomSettings, ...] = ()
    """Fields of people's own making that are carried, too."""
    links: LinkSettings = LinkSettings()
    """Which types of links between tasks are carried beside the usual ones."""
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
    attachments: Annotated[AttachmentSettings | None, BeforeValidator(as_attachments)] = None
    """Whether pictures and files in texts on GitHub are added to the issue in Jira: `true`, or a table."""
    pull_requests: bool = False
    """Whether an issue in Jira links to the pull requests of its partner on GitHub. Needs `code = true` there."""
    releases: Releases = Releases.LIST
    """What becomes of a version of Jira whose release is published on GitHub: `list`: `syncer status` names it while it
    is open; `mark`: it is marked as released, once. Needs `code = true`."""
    backfill: Backfill = Backfill.COMMENTS
    """How old comments of finished and old tasks are carried: `comments` one by one, as one `digest`, or `none`."""
    backfill_age: Duration = timedelta(days=90)
    """A task that nobody touched for so long is old, for `backfill`."""
    guard: GuardSettings = GuardSettings()
    """What one run may do without asking."""
    adopt: AdoptSettings = AdoptSettings()
    """How items that both sides already have are recognised."""
    attribution: Annotated[str, AfterValidator(an_attribution)] = ""
    """What stands above a mirrored comment: `{name}` is who wrote it, `{tracker}` the name of their tracker in this
    file; key and time follow. Empty: `NAME commented on`."""
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

    @property
    def kinds(self) -> dict[Side, ConnectorKind]:
        """The kind of tracker of each side."""
        return {side: self.side(side).kind for side in Side}

    @property
    def declared_fields(self) -> tuple[Field, ...]:
        """The fields that the pair declares, which are none that every pair knows."""
        return tuple(
            field for field in (*(one.field for one in self.custom), *self.links.fields(self.kinds)) if field.custom
        )

    @field_validator("fields")
    @classmethod
    def _maps(cls, fields: dict[Field, FieldSettings]) -> dict[Field, FieldSettings]:
        mistakes = Mistakes("fields")
        for field, rule in fields.items():
            if field.custom:
                mistakes.add((field.value,), f'is declared as [[pairs.custom]] with name = "{field}"')
            if rule.map and field not in MAPPED:
                names = ", ".join(name.value for name in MAPPED)
                mistakes.add((field.value, "map"), f"only {names} have a map; {field.value} is carried as it is")
            if field is not Field.STATUS and any(rule.relation.options(side) for side in Side):
                mistakes.add((field.value, "map"), "only a status has options of a project")
            if rule.types and field not in TYPED:
                mistakes.add((field.value, "types"), "only status and priority have maps of single types")
            if field in {Field.PRIORITY, Field.TYPE} and not rule.map and rule.direction is not Direction.OFF:
                mistakes.add((field.value,), f"{field.value} is carried only with a map")
        mistakes.raise_if_any()
        return fields

    @model_validator(mode="after")
    def _polls(self) -> Self:
        if self.schedule_with_hooks is not None and self.schedule is None:
            mistakes = Mistakes("pair")
            mistakes.add(("schedule-with-hooks",), "stands in the place of a schedule: the pair needs one")
            mistakes.raise_if_any()
        return self

    @model_validator(mode="after")
    def _declares(self) -> Self:
        mistakes = Mistakes("pair")
        taken = frozenset((*map(str, DEFAULT_FIELDS), *(one.name for one in self.custom), *PUBLISHED))
        for path, message in mistakes_in(self.custom, self.kinds):
            mistakes.add(("custom", *path), message)
        for path, message in mistakes_in_links(self.links, self.kinds, taken):
            mistakes.add(("links", *path), message)
        located = next((one for one in self.custom if one.field is Field.STATUS), None)
        status = self.fields.get(Field.STATUS, FieldSettings())
        tables = {("map",): status.relation} | {
            ("types", name, "map"): own.relation for name, own in status.types.items()
        }
        for side in Side if located is None else [each for each in Side if located.locator(each) is None]:
            for path, relation in tables.items():
                if relation.options(side):
                    message = (
                        f'names options on the {side}: write [[pairs.custom]] with name = "status" and their field'
                    )
                    mistakes.add(("fields", "status", *path), message)
        own = (str(field) for field in self.links.fields(self.kinds) if field.custom)
        names = (*DEFAULT_FIELDS, *(one.name for one in self.custom), *own, *PUBLISHED)
        for index, name in enumerate(self.publish):
            if name not in names:
                mistakes.add(("publish", index), f'"{name}" is not one of {", ".join(names)}', name, names)
        mistakes.raise_if_any()
        return self

    def side(self, side: Side) -> SideSettings:
        """The scope on a side."""
        return self.left if side is Side.LEFT else self.right

    def address(self, side: Side, trackers: dict[str, TrackerSettings]) -> str:
        """What people call the scope on a side."""
        chosen = self.side(side)
        kind: ConnectorKind = chosen.kind
        return kind.address(trackers[chosen.tracker].settings, chosen.scope)
