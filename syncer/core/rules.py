"""The rules of a pair: what is carried, which way, under which names.

Built by `syncer.app.wiring` from the configuration.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from fnmatch import fnmatchcase

from syncer.contract.model import Audience, Field, Side
from syncer.core.relation import NO_ROWS, Relation


class Direction(StrEnum):
    """Which way a field is carried."""

    BOTH = "both"
    LEFT_TO_RIGHT = "left-to-right"
    RIGHT_TO_LEFT = "right-to-left"
    OFF = "off"

    def writes(self, side: Side) -> bool:
        """Whether the given side may be written."""
        match self:
            case Direction.BOTH:
                return True
            case Direction.LEFT_TO_RIGHT:
                return side is Side.RIGHT
            case Direction.RIGHT_TO_LEFT:
                return side is Side.LEFT
            case Direction.OFF:
                return False


class Mode(StrEnum):
    """What the runs of a pair do."""

    SYNC = "sync"
    WATCH = "watch"
    """Both sides are read into the state, for the report; nothing is written to either."""


class SubTasks(StrEnum):
    """What becomes of new sub-tasks."""

    SYNC = "sync"
    """They are tasks like any other, with their parent."""
    NONE = "none"
    """They stay on their side."""
    LIST = "list"
    """They stay there, and the mirror of their parent lists them."""


class Releases(StrEnum):
    """What becomes of a version of one side whose release is published on the other."""

    LIST = "list"
    """`syncer status` names those that are open still."""
    MARK = "mark"
    """They are marked as released, too, each once."""


class Leaving(StrEnum):
    """What becomes of a linked task that the filter of its scope does not admit any more."""

    FOLLOW = "follow"
    """It stays in step."""
    HOLD = "hold"
    """Nothing of it is written, until it comes back or a person resumes it."""
    CLOSE = "close"
    """Its partner is closed, and then it is held."""


class Backfill(StrEnum):
    """How the comments of a finished or old task are carried that were there before the pair began."""

    COMMENTS = "comments"
    """One by one."""
    DIGEST = "digest"
    """Those of a task as one."""
    NONE = "none"
    """Not at all."""


@dataclass(frozen=True, slots=True)
class Route:
    """Where a pair stands among those that share a scope by rules, the first that admits an item taking it."""

    shared: Side
    """The side with the scope that all of them have."""
    beside: frozenset[str]
    """The names of the other pairs."""
    same_tracker: frozenset[str] = frozenset()
    """Those whose other scope is on the same tracker as ours."""
    audiences: Mapping[str, Audience] = field(default_factory=dict)
    """By pair, who can read its other scope, where the file says so."""
    may_link: bool = False
    """Whether what is closed here may name where its item went, whoever reads it."""


class Policy(StrEnum):
    """What happens to a field that both sides changed apart. The conflict is recorded in every case."""

    NEWEST = "newest"
    LEFT = "left"
    RIGHT = "right"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class FieldRule:
    """How one field is kept in step."""

    direction: Direction = Direction.BOTH
    on_conflict: Policy = Policy.NEWEST


class Meaning(StrEnum):
    """What the evaluation takes a declared field for."""

    POINTS = "points"
    ESTIMATE = "estimate"
    """Hours it was thought to take at first."""
    REMAINING = "remaining"
    """Hours it is thought to take still."""
    SPENT = "spent"
    """Hours that were booked on it."""
    SPRINT = "sprint"


@dataclass(frozen=True, slots=True)
class CustomRule:
    """What a pair says of a declared field beside its `FieldRule`."""

    relation: Relation = NO_ROWS
    """Of choices: which names mean the same. What is in no row means its namesake."""
    means: Meaning | None = None


@dataclass(frozen=True, slots=True)
class LabelRules:
    """Which labels, or components, belong to the pair. All others are never touched."""

    only: tuple[str, ...] = ("*",)
    exclude: tuple[str, ...] = ()
    """Shell patterns, compared without case, in the spelling of the side that allows spaces."""
    steering: str = ""
    """The label that pauses an item: it is said to syncer and to no tracker, so it stays where it was set."""

    def owns(self, label: str) -> bool:
        """Whether a label is carried."""
        folded = label.casefold()

        def matches(patterns: tuple[str, ...]) -> bool:
            return any(fnmatchcase(folded, pattern.casefold()) for pattern in patterns)

        return (
            not (self.steering and folded == self.steering.casefold())
            and matches(self.only)
            and not matches(self.exclude)
        )


@dataclass(frozen=True, slots=True)
class MappedPerson:
    """One person and their account on each side, by the id the tracker's API takes."""

    name: str
    accounts: Mapping[Side, str]
    ids: Mapping[Side, str] = field(default_factory=dict)
    """The ids behind the accounts that never change, where the configuration gives them."""
    logins: Mapping[Side, str] = field(default_factory=dict)
    """What the trackers call the accounts now, as far as the state knows (`syncer.core.people`)."""
    unsure: Mapping[Side, str] = field(default_factory=dict)
    """Why an account may be somebody else's by now: nothing is concluded from it."""

    def login(self, side: Side) -> str | None:
        """What the tracker of a side calls the account now; None where that is not known."""
        return None if side in self.unsure else (self.logins or self.accounts).get(side)


class Command(StrEnum):
    """What people may say to syncer in a comment."""

    PAUSE = "pause"
    RESUME = "resume"
    RETRY = "retry"
    RESYNC = "resync"
    TAKE = "take"
    """Decides a conflict that syncer showed in a comment."""


@dataclass(frozen=True, slots=True)
class CommandRules:
    """Which commands in comments are obeyed, and whose. Nobody's by default."""

    allow: frozenset[Command] = frozenset()
    who: tuple[str, ...] = ()
    """Names of people of the rules."""

    @property
    def named(self) -> str:
        """Both in one line: where it changes, only what is said from then on counts."""
        return f"{','.join(sorted(self.allow))} by {', '.join(sorted(self.who))}"


@dataclass(frozen=True, slots=True)
class GuardLimits:
    """What one run may do without asking. Numbers of tasks."""

    closes_at_least: int = 10
    closes_share: float = 0.10
    updates_at_least: int = 10
    """Below this number the share of updates is not judged."""
    updates_share: float = 0.50
    creates_at_least: int = 10
    """So many creations of what nobody made or edited lately need no consent, whatever their share."""
    creates_share: float = 0.10


DEFAULT_FIELDS: Mapping[Field, FieldRule] = {
    Field.TITLE: FieldRule(on_conflict=Policy.ASK),
    Field.BODY: FieldRule(on_conflict=Policy.ASK),
    Field.STATUS: FieldRule(),
    Field.LABELS: FieldRule(),
    Field.COMPONENTS: FieldRule(),
    Field.ASSIGNEES: FieldRule(),
    Field.PRIORITY: FieldRule(),
    Field.TYPE: FieldRule(),
    Field.MILESTONES: FieldRule(),
    Field.START: FieldRule(),
    Field.DUE: FieldRule(),
    Field.PARENT: FieldRule(),
    Field.BLOCKED_BY: FieldRule(),
    Field.RELATES: FieldRule(),
    Field.DUPLICATES: FieldRule(),
    Field.CLONES: FieldRule(),
}


@dataclass(frozen=True, slots=True)
class PairRules:
    """Everything `core` needs to know about a pair."""

    name: str
    mode: Mode = Mode.SYNC
    fields: Mapping[Field, FieldRule] = field(default_factory=lambda: dict(DEFAULT_FIELDS))
    custom: Mapping[Field, CustomRule] = field(default_factory=dict)
    """The declared fields, in the order of the configuration; `fields` has their rules, too."""
    links: frozenset[Field] = frozenset()
    """The fields of which a row of the map of link types speaks."""
    comments: FieldRule = FieldRule(on_conflict=Policy.ASK)
    milestones: FieldRule = FieldRule()
    create: Direction = Direction.BOTH
    """Which way new tasks are created."""
    sub_tasks: SubTasks = SubTasks.SYNC
    status: Relation = NO_ROWS
    """Empty: only open and done are carried, by category."""
    priority: Relation = NO_ROWS
    """Empty: priority is not carried."""
    type: Relation = NO_ROWS
    """Empty: type is not carried."""
    by_type: Mapping[tuple[Field, str], Relation] = field(default_factory=dict)
    """Tables for tasks of one type alone, by the field and the name of the type in lower case."""
    labels: LabelRules = LabelRules()
    components: LabelRules = LabelRules()
    component_prefix: str = "component: "
    """How a component is written as a label where the tracker has no components; empty turns it off."""
    people: tuple[MappedPerson, ...] = ()
    mention_people: bool = False
    """Whether a mention of a mapped person becomes a native mention on the other side, which notifies them."""
    publish: frozenset[str] = frozenset()
    """Names of fields, and `comments`, that may go from a narrower to a wider audience."""
    former_labels: Mapping[Side, frozenset[str]] = field(default_factory=dict)
    """In lower case, the labels by which a side showed a field before, as far as the state knows: they are nobody's."""
    audience: Mapping[Side, Audience] = field(default_factory=dict)
    """Declared audience of a side, which overrides what the tracker tells."""
    footer: bool = True
    """Whether a mirrored task ends with a line that names and links its origin."""
    default_type: Mapping[Side, str] = field(default_factory=dict)
    """Type given to tasks created on a side when the type is not mapped."""
    guard: GuardLimits = GuardLimits()
    adopt_patterns: tuple[re.Pattern[str], ...] = ()
    """What else names an item of the other side, in a title or a line of a text: the first group, or all of it."""
    steer_label: str = ""
    """The label by which people pause an item, on either side; empty: none does."""
    backfill: Backfill = Backfill.COMMENTS
    """How the backlog of comments is carried of tasks that are finished or that nobody touched for `backfill_age`."""
    backfill_age: timedelta = timedelta(days=90)
    route: Route | None = None
    """None for a pair that stands for itself."""
    shares_with: frozenset[str] = frozenset()
    """Other pairs of a scope that this one has, too: what they brought there is carried on, and a task
    may be in step with both."""
    attachments: int = 0
    """The largest file in bytes that is added to a task of the other side; 0: none is."""
    attribution: str = ""
    """What stands before the words of a mirrored comment, with `{name}` and `{tracker}`; empty: as usual."""
    trackers: Mapping[Side, str] = field(default_factory=dict)
    """What the configuration calls the trackers."""
    commands: CommandRules = CommandRules()
    """What people may say to syncer in comments."""
    pull_requests: bool = False
    """Whether tasks show the pull requests of their partner."""
    releases: Releases = Releases.LIST

    def rule(self, name: Field) -> FieldRule:
        """The rule of a field of tasks; `off` when it is not configured."""
        return self.fields.get(name, FieldRule(direction=Direction.OFF))

    def table(self, name: Field, types: Collection[str] = ()) -> Relation:
        """The table of a field for a task, given the names by which its type goes, in lower case."""
        own = (table for (field, type_), table in self.by_type.items() if field is name and type_ in types)
        return next(own, self._general(name))

    def tables(self, name: Field) -> tuple[Relation, ...]:
        """Every table of a field."""
        return (self._general(name), *(table for (field, _), table in self.by_type.items() if field is name))

    def labels_of(self, name: Field, side: Side) -> frozenset[str]:
        """The labels of a side that show a value of a field, whatever the type of the task."""
        return frozenset(label for table in self.tables(name) for label in table.labels(side))

    def options_of(self, name: Field, side: Side) -> frozenset[str]:
        """The columns of a board by which a side shows a field, whatever the type of the task, in lower case."""
        return frozenset(option for table in self.tables(name) for option in table.options(side))

    def _general(self, name: Field) -> Relation:
        match name:
            case Field.STATUS:
                return self.status
            case Field.PRIORITY:
                return self.priority
            case Field.TYPE:
                return self.type
            case _:
                return self.custom[name].relation

    @property
    def order(self) -> tuple[Field, ...]:
        """The fields of tasks in the order in which they are decided: the declared ones last."""
        return (*Field, *self.custom)

    def named(self, name: str) -> Field | None:
        """The field that people call `name`; None where the pair has none of this name."""
        return next((one for one in self.order if str(one) == name), None)

    def without(self, name: Field) -> PairRules:
        """The rules with a field of tasks left alone."""
        return replace(self, fields={**self.fields, name: FieldRule(direction=Direction.OFF)})
