"""Items that one side has and the other lacks: what would be created there, and why some are not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

from syncer.contract.model import Field, Kind, Observed, Ref, Side
from syncer.core.audience import COMMENTS
from syncer.core.change import Adopt, Create, CreateContent, Skip, called
from syncer.core.decision_context import (
    DecisionContext,
    field_rule,
    field_type_for,
    is_done,
    is_sub_task,
    mirror_origin,
)
from syncer.core.field_types import FieldType, NotTaken, Unmapped
from syncer.core.link_memory import LinkMemory, Sent, Way
from syncer.core.origin import NO_ORIGINS
from syncer.core.records import Link
from syncer.core.rules import Direction, SubTasks
from syncer.core.side_view import TERM_FIELDS, ViewValue, encode_view, folded, is_empty, nothing_like
from syncer.core.value_map import Term
from syncer.core.waiting import Difference, Why
from syncer.core.wording import READING

NOTHING_BEHIND: Mapping[Field, Any] = MappingProxyType({})


def create_for(
    context: DecisionContext,
    source_side: Side,
    item: Observed,
    *,
    needed: bool = False,
    shared: bool = False,
    behind: Mapping[Field, Any] = NOTHING_BEHIND,
) -> Create | Skip | None:
    """The creation of an unlinked item on the other side, the reason why not, or None where nobody would expect one.

    A milestone that is over, or in a scope that is `shared` with another pair, is created only when it is `needed` by a
    task that crosses, a comment once it says a word. What is `behind` came from elsewhere and is not part of it.
    """
    to = source_side.other
    if not _creates(context, item.kind).writes(to):
        return Skip(to, item, None, Why.DIRECTION, f"new {item.kind}s are not carried to the {to} side")
    if item.kind is Kind.MILESTONE and not needed and (shared or _finished(context, source_side, item)):
        return None
    if item.kind is Kind.COMMENT and says_nothing(context, source_side, item):
        return None
    if (back := kept_back(context, source_side, item)) is not None:
        return back
    if item.kind is not Kind.COMMENT and Field.TITLE not in _wanted(context, source_side, item, (Field.TITLE,)):
        return Skip(to, item, Field.TITLE, Why.UNMAPPED, f"{item.key} has no title")
    reason = f"{called(item)} is new on the {source_side} side"
    return Create(to, item, reason, lambda: _content(context, source_side, item, behind), behind)


def _content(context: DecisionContext, source_side: Side, item: Observed, behind: Mapping[Field, Any]) -> CreateContent:
    """What the other side is to show of an item."""
    to = source_side.other
    carried = _wanted(context, source_side, item, [name for name in context.rules.order if name not in behind])
    wanted = {name: value for name, (value, _) in carried.items()}
    fields = context.views[to].patch(item.kind, {}, wanted)
    if item.kind is Kind.TASK and Field.TYPE not in fields and to in context.rules.default_type:
        fields[Field.TYPE] = context.rules.default_type[to]
    return CreateContent(fields, wanted, frozenset(name for name, (_, cut) in carried.items() if cut))


def _wanted(
    context: DecisionContext, source_side: Side, item: Observed, asked: Collection[Field]
) -> dict[Field, tuple[ViewValue, bool]]:
    """What of some fields crosses, and whether it is cut."""
    found: dict[Field, tuple[ViewValue, bool]] = {}
    for name, value in context.views[source_side].look(item).items():
        # Edges follow once both ends exist: in which order items are created is not theirs to decide.
        if name in asked and not name.leads and not is_empty(value) and _carries(context, source_side, item, name):
            carried = _carry(context, source_side, item, name, value)
            if carried is not None:
                found[name] = carried
    return found


def kept_back(context: DecisionContext, source: Side, item: Observed) -> Skip | None:
    """Why nothing of an item may be shown on the other side; None where something may."""
    to, alone = source.other, context.rules.sub_tasks is not SubTasks.SYNC
    if alone and item.kind is Kind.TASK and is_sub_task(context, source, item):
        return Skip(to, item, None, Why.DIRECTION, f"{item.key} is a sub-task, which stays on its side")
    if not _may_show(context, source, item, _essence(item.kind)):
        return Skip(to, item, None, Why.AUDIENCE, f"{called(item)} has a narrower audience than the {to} side")
    if folded(item):
        return Skip(to, item, None, Why.HIDDEN, f"{called(item)} is hidden on the {source} side")
    return None


def _essence(kind: Kind) -> str:
    """The name under which `publish` must list an item for it to be created for a wider audience."""
    match kind:
        case Kind.TASK:
            return Field.TITLE.value
        case Kind.COMMENT:
            return COMMENTS
        case Kind.MILESTONE:
            return Field.MILESTONES.value


def _creates(context: DecisionContext, kind: Kind) -> Direction:
    match kind:
        case Kind.TASK:
            return context.rules.create
        case Kind.COMMENT:
            return context.rules.comments.direction
        case Kind.MILESTONE:
            return context.rules.milestones.direction


def _finished(context: DecisionContext, side: Side, item: Observed) -> bool:
    status = context.views[side].look(item).get(Field.STATUS)
    return isinstance(status, Term) and (is_done(status) or status.name in {"closed", "released", "archived"})


def says_nothing(context: DecisionContext, side: Side, item: Observed) -> bool:
    """Whether a comment has no text: some trackers keep such ones, none takes them."""
    return context.prose.empty(side, str(item.showing.get(Field.BODY) or ""), NO_ORIGINS)


def _may_show(context: DecisionContext, source: Side, item: Observed, name: str) -> bool:
    return context.may_carry(name, source.other, item, None)


def _carries(context: DecisionContext, source: Side, item: Observed, name: Field) -> bool:
    to = source.other
    if not field_rule(context.rules, item.kind, name).direction.writes(to):
        return False
    if not context.views[to].writable(item.kind, name):
        return False
    listed = _essence(item.kind) if item.kind is not Kind.TASK else str(name)
    return _may_show(context, source, item, listed)


def _carry(
    context: DecisionContext, source: Side, item: Observed, name: Field, value: ViewValue
) -> tuple[ViewValue, bool] | None:
    try:
        carried = _field_type(context, source, item, name).carry(source.other, None, value, None)
    except Unmapped:
        return None
    return carried.value, carried.truncated


def _field_type(context: DecisionContext, source: Side, item: Observed, name: Field) -> FieldType:
    """How a field is carried from an item to its mirror."""
    origins = {source: None, source.other: mirror_origin(context, source, item)}
    items: Mapping[Side, Observed | None] = {source: item, source.other: None}
    return field_type_for(context, item.kind, name, origins, items, dict.fromkeys(Side, ()))


def parent_shown(context: DecisionContext, source: Side, item: Observed) -> Ref | None:
    """What is above a task, where the other side may know of it."""
    parent = item.showing.get(Field.PARENT) if item.kind is Kind.TASK else None
    if not isinstance(parent, str) or not field_rule(context.rules, item.kind, Field.PARENT).direction.writes(
        source.other
    ):
        return None
    return Ref(Kind.TASK, parent) if _may_show(context, source, item, Field.PARENT.value) else None


def new_link(
    context: DecisionContext, identity: str, create: Create, created: Observed, *, answered: bool = True
) -> Link:
    """The link between an item and what was created for it, with what was asked for and what the answer showed.

    `answered`: the tracker's own answer showed the item, or told no more than its key; else the answer was lost, and
    `created` is what was found later. Nothing is agreed before a reading showed it: see `syncer.core.pending`.
    """
    fresh = _NewLink(context, create, created, answered)
    for name in context.rules.order:
        fresh.note(name)
    memory = LinkMemory(
        pending={create.side: fresh.pending_fields},
        given=fresh.given,
        truncated={create.side: frozenset(create.truncated)},
        behind=create.behind,
        read=READING,
    )
    refs = {create.side.other: create.source.ref, create.side: created.ref}
    return Link(
        id=identity, pair=context.rules.name, kind=create.source.kind, left=refs[Side.LEFT], right=refs[Side.RIGHT],
        origin=create.side.other, base=fresh.base, memory=memory,
        differs=tuple(fresh.differs),
    )  # fmt: skip


class _NewLink:
    """The bases of a new link, field by field, and what its mirror still has to show."""

    def __init__(self, context: DecisionContext, create: Create, created: Observed, answered: bool) -> None:
        self._context, self._create = context, create
        self._to = create.side
        self._told = answered and bool(created.version)
        """The answer showed the item."""
        self._expected = answered
        """What `created` shows is at least what the tracker gives such an item by itself."""
        self._shown = context.views[create.side.other].look(create.source)
        self._made = context.views[create.side].look(created)
        self.base: dict[Side, dict[str, Any]] = {side: {} for side in Side}
        self.pending_fields: dict[Field, Sent] = {}
        self.given: dict[Field, Any] = {}
        self.differs: list[Difference] = []

    def note(self, name: Field) -> None:
        """Records one field, where both sides show it."""
        create, shown = self._create, self._shown.get(name)
        if name.leads and name in self._made:
            # A mirror begins without edges: they follow once both ends exist.
            self._agreed(name, nothing_like(self._made[name]), self._made[name])
        elif name not in self._shown:
            return
        elif name in create.wanted:  # also where the answer does not say what the item shows of it
            self._source(name, shown if self._expected else self._as_sent(name, shown))
            self.pending_fields[name] = self._sent(name, create.wanted[name])
        elif name not in self._made:
            return
        elif is_empty(shown) or self._came_since(name):
            self._not_asked(name, nothing_like(shown))
        else:
            self._kept_back(name, shown)

    def _came_since(self, name: Field) -> bool:
        """Whether the original shows something by an edit since a create was sent whose answer was lost."""
        rule = field_rule(self._context.rules, self._create.source.kind, name)
        carried = rule.direction.writes(self._to)
        return not self._expected and carried and _carries(self._context, self._to.other, self._create.source, name)

    def _as_sent(self, name: Field, shown: ViewValue) -> ViewValue:
        """What the original showed when a create was sent whose answer was lost: it may have been edited since."""
        wanted, source = self._create.wanted[name], self._create.source
        field_type = _field_type(self._context, self._to.other, source, name)
        now = _carry(self._context, self._to.other, source, name, shown)
        if now is not None and field_type.same(self._to, now[0], wanted):
            return shown
        try:
            return field_type.carry(self._to.other, None, wanted, None).value
        except Unmapped:
            return nothing_like(shown)

    def _sent(self, name: Field, wanted: ViewValue) -> Sent:
        told = name in self._made and (self._told or (self._expected and self._shows_another(name, wanted)))
        answer = encode_view(self._made[name]) if told else None
        if not self._was_sent(name):
            return Sent(Way.LEFT_OUT, known=False, answered=told, shown=answer, first=True)
        return Sent(Way.CREATED, asked=encode_view(wanted), answered=told, shown=answer, first=True)

    def _shows_another(self, name: Field, wanted: ViewValue) -> bool:
        """Whether an answer that tells less than the item says all the same that a field will show something else."""
        items = {self._to.other: self._create.source, self._to: None}
        kind = self._create.source.kind
        field_type = field_type_for(self._context, kind, name, dict.fromkeys(Side), items, dict.fromkeys(Side, ()))
        try:
            field_type.took(self._to, None, wanted, self._made[name])
        except NotTaken:
            return name in TERM_FIELDS
        return False

    def _was_sent(self, name: Field) -> bool:
        """Whether a field was part of the request, by itself or by labels."""
        native = self._context.views[self._to].capabilities.fields.get(self._create.source.kind, {})
        return name in self._create.fields or (name not in native and Field.LABELS in self._create.fields)

    def _not_asked(self, name: Field, shown: ViewValue) -> None:
        """The original shows nothing: the mirror shows what its tracker gave it by itself, or what was edited since."""
        self._source(name, shown)
        made = self._made[name]
        if self._told:
            self._agreed(name, shown, made)
            if not is_empty(made):
                self.given[name] = encode_view(made)
        else:
            expected = made if self._expected else nothing_like(made)
            self.pending_fields[name] = Sent(Way.NOT_ASKED, asked=encode_view(expected), first=True)

    def _kept_back(self, name: Field, shown: ViewValue) -> None:
        """The original shows something that the rules keep back: it flows once they allow it."""
        to, key = self._to, self._create.source.key
        rule = field_rule(self._context.rules, self._create.source.kind, name)
        if not rule.direction.writes(to):
            reason = f"the rules do not carry {name} of {key} to the {to} side"
            self.differs.append(Difference(name, to, Why.DIRECTION, reason))
        carries = name not in self._create.behind and _carries(self._context, to.other, self._create.source, name)
        hidden = rule.direction.writes(to) and (not carries or isinstance(shown, tuple))
        self._agreed(name, nothing_like(shown) if hidden else shown, self._made[name])

    def _agreed(self, name: Field, shown: ViewValue, made: ViewValue) -> None:
        self._source(name, shown)
        self.base[self._to][name.value] = encode_view(made)

    def _source(self, name: Field, shown: ViewValue) -> None:
        self.base[self._to.other][name.value] = encode_view(shown)


def adopted_link(identity: str, pair: str, adopt: Adopt) -> Link:
    """A link between two items that exist already; without a base, differences become conflicts and not overwrites."""
    return Link(identity, pair, adopt.left.kind, adopt.left.ref, adopt.right.ref, adopt.origin)


def same_milestone(left: Observed, right: Observed) -> bool:
    """Whether two milestones carry one name, blanks and case aside."""

    def title(item: Observed) -> str:
        return " ".join(str(item.showing.get(Field.TITLE, "")).split()).casefold()

    return title(left) == title(right)
