"""Items that one side has and the other lacks: what would be created there, and why some are not."""

from __future__ import annotations

from typing import Any

from syncer.contract.model import EDGES, Field, Kind, Observed, Side
from syncer.core.audience import COMMENTS, may_carry
from syncer.core.change import Adopt, Create, Skip, called
from syncer.core.lenses import Unmapped
from syncer.core.records import Link, Why
from syncer.core.rules import Direction
from syncer.core.situation import ORDER, Situation, field_rule, is_done, lens_for, mirror_origin
from syncer.core.terms import Term
from syncer.core.view import ViewValue, encode_view, is_empty


def create_for(
    situation: Situation, source_side: Side, item: Observed, *, needed: bool = False
) -> Create | Skip | None:
    """The creation of an unlinked item on the other side, the reason why not, or None where nobody would expect one.

    A milestone that is over is created only when it is `needed` by a task that crosses.
    """
    to = source_side.other
    if not _creates(situation, item.kind).writes(to):
        return Skip(to, item, None, Why.DIRECTION, f"new {item.kind}s are not carried to the {to} side")
    if item.kind is Kind.MILESTONE and not needed and _finished(situation, source_side, item):
        return None
    if not _may_show(situation, source_side, item, _essence(item.kind)):
        return Skip(to, item, None, Why.AUDIENCE, f"{called(item)} has a narrower audience than the {to} side")
    wanted: dict[Field, ViewValue] = {}
    truncated: set[Field] = set()
    for name, value in situation.views[source_side].look(item).items():
        # Edges follow once both ends exist: in which order items are created is not theirs to decide.
        if name in ORDER and name not in EDGES and not is_empty(value) and _carries(situation, source_side, item, name):
            carried = _carry(situation, source_side, item, name, value)
            if carried is not None:
                wanted[name] = carried[0]
                truncated |= {name} if carried[1] else set()
    if item.kind is not Kind.COMMENT and Field.TITLE not in wanted:
        return Skip(to, item, Field.TITLE, Why.UNMAPPED, f"{item.key} has no title")
    fields = situation.views[to].patch(item.kind, {}, wanted)
    if item.kind is Kind.TASK and Field.TYPE not in fields and to in situation.rules.default_type:
        fields[Field.TYPE] = situation.rules.default_type[to]
    return Create(
        to, item, fields, f"{called(item)} is new on the {source_side} side", frozenset(wanted), frozenset(truncated)
    )


def _essence(kind: Kind) -> str:
    """The name under which `publish` must list an item for it to be created for a wider audience."""
    match kind:
        case Kind.TASK:
            return Field.TITLE.value
        case Kind.COMMENT:
            return COMMENTS
        case Kind.MILESTONE:
            return Field.MILESTONES.value


def _creates(situation: Situation, kind: Kind) -> Direction:
    match kind:
        case Kind.TASK:
            return situation.rules.create
        case Kind.COMMENT:
            return situation.rules.comments.direction
        case Kind.MILESTONE:
            return situation.rules.milestones.direction


def _finished(situation: Situation, side: Side, item: Observed) -> bool:
    status = situation.views[side].look(item).get(Field.STATUS)
    return isinstance(status, Term) and (is_done(status) or status.name in {"closed", "released", "archived"})


def _may_show(situation: Situation, source: Side, item: Observed, name: str) -> bool:
    return may_carry(situation.rules, name, item, situation.audiences[source], situation.audiences[source.other], None)


def _carries(situation: Situation, source: Side, item: Observed, name: Field) -> bool:
    to = source.other
    if not field_rule(situation.rules, item.kind, name).direction.writes(to):
        return False
    if not situation.views[to].writable(item.kind, name):
        return False
    listed = _essence(item.kind) if item.kind is not Kind.TASK else name.value
    return _may_show(situation, source, item, listed)


def _carry(
    situation: Situation, source: Side, item: Observed, name: Field, value: ViewValue
) -> tuple[ViewValue, bool] | None:
    to = source.other
    origins = {source: None, to: mirror_origin(situation, source, item)}
    lens = lens_for(situation, item.kind, name, origins, {source: item, to: None}, dict.fromkeys(Side, ()))
    try:
        carried = lens.carry(to, None, value, None)
    except Unmapped:
        return None
    return carried.value, carried.truncated


def new_link(situation: Situation, identity: str, create: Create, created: Observed) -> Link:
    """The link between an item and what was created for it.

    The base of the created side stays empty and every wanted field is owed to it: the reconciliation that follows reads
    what the tracker made of the request, records what agrees and writes what it did not take.
    """
    source_side = create.side.other
    memory: dict[str, Any] = {"owed": {create.side.value: sorted(name.value for name in create.wanted)}}
    if create.truncated:
        memory["truncated"] = {create.side.value: sorted(name.value for name in create.truncated)}
    shown = situation.views[source_side].look(create.source)
    # What was not carried although there is something to carry has no base, so that it flows once the rules allow it.
    # Edges to what is not linked yet are not among what is looked at, but will be.
    told = create.source.showing
    base = {
        name.value: encode_view(value)
        for name, value in shown.items()
        if name in create.wanted or is_empty(told.get(name) if name in EDGES else value)
    }
    refs = {source_side: create.source.ref, create.side: created.ref}
    return Link(
        id=identity, pair=situation.rules.name, kind=create.source.kind, left=refs[Side.LEFT], right=refs[Side.RIGHT],
        origin=source_side, base={source_side: base, create.side: {}}, memory=memory,
    )  # fmt: skip


def adopted_link(identity: str, pair: str, adopt: Adopt) -> Link:
    """A link between two items that exist already; without a base, differences become conflicts and not overwrites."""
    return Link(identity, pair, adopt.left.kind, adopt.left.ref, adopt.right.ref, adopt.origin)


def same_milestone(left: Observed, right: Observed) -> bool:
    """Whether two milestones carry one name, blanks and case aside."""

    def title(item: Observed) -> str:
        return " ".join(str(item.showing.get(Field.TITLE, "")).split()).casefold()

    return title(left) == title(right)
