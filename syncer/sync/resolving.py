"""What a person needs to decide a conflict: both texts in one markup to edit, and which side was edited last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from syncer.contract.model import Field, Observed, Side
from syncer.core.decision_context import field_type_for, link_origins
from syncer.core.field_types import LineField, ProseField
from syncer.core.records import Conflict
from syncer.core.side_view import ViewValue, decode_view
from syncer.core.value_map import Term
from syncer.store import Store
from syncer.sync.context import PairContext
from syncer.sync.gather import StorePages, decision_context

NEVER = datetime(1970, 1, 1, tzinfo=UTC)

TEXTS = frozenset({Field.TITLE, Field.BODY})
"""The fields that a person can edit; texts are never decided many at a time."""


@dataclass(frozen=True, slots=True)
class EditableText:
    """The texts of a conflict in one form, to be edited."""

    left: str
    right: str
    base: str | None
    """What both agreed on; None where they never did."""
    markup: Side | None = None
    """The side in whose markup they are; None: they are plain words."""


def items_of(store: Store, conflict: Conflict) -> dict[Side, Observed | None]:
    """What the sides of a conflict show now."""
    link = store.links.get(conflict.link)
    if link is None:
        return dict.fromkeys(Side)
    return {side: store.observed.get(conflict.pair, side, link.ref(side)) for side in Side}


def editable(context: PairContext, conflict: Conflict) -> EditableText | None:
    """The texts of a conflict as a person edits them; None where the field is no text, or a side is gone.

    In the markup of a side where people write it themselves, if there is one: so that nothing of it is lost.
    """
    store = context.store
    link, items = store.links.get(conflict.link), items_of(store, conflict)
    if link is None or not _is_edited(conflict) or any(item is None for item in items.values()):
        return None
    decisions = decision_context(context, StorePages(context))
    origins = link_origins(decisions, link, items)
    field_type = field_type_for(decisions, link.kind, conflict.field, origins, items, dict.fromkeys(Side, ()))
    now = {Side.LEFT: decode_view(conflict.left), Side.RIGHT: decode_view(conflict.right)}
    base = {Side.LEFT: decode_view(conflict.base_left), Side.RIGHT: decode_view(conflict.base_right)}
    if isinstance(field_type, LineField):
        return _lines(now, base)
    if not isinstance(field_type, ProseField):
        return None
    markup = next((side for side in (link.origin, link.origin.other) if field_type.prose.is_plain(side)), None)
    if markup is None:
        return None
    texts = field_type.editable(markup, now)
    agreed = None if base[markup] is None else field_type.editable(markup, base)[markup]
    return EditableText(texts[Side.LEFT], texts[Side.RIGHT], agreed, markup)


def choices(conflict: Conflict) -> tuple[str, ...]:
    """By what a conflict may be decided: `syncer resolve ID` takes each of them."""
    typed = ("value:TEXT",) if can_be_typed(conflict) else ()
    return (*map(str, Side), *(("edit",) if _is_edited(conflict) else ()), *typed)


def _is_edited(conflict: Conflict) -> bool:
    """Whether an editor is of use: for texts, be they of a declared field."""
    values = (decode_view(value) for value in (conflict.left, conflict.right))
    return is_text(conflict) or (conflict.field.custom and any(isinstance(one, str) for one in values))


def _lines(now: Mapping[Side, ViewValue], base: Mapping[Side, ViewValue]) -> EditableText:
    left, right = (_text(now[side]) for side in Side)
    return EditableText(left, right, None if base[Side.LEFT] is None else _text(base[Side.LEFT]))


def _text(value: ViewValue) -> str:
    return value if isinstance(value, str) else ""


def last_edited(store: Store, conflict: Conflict) -> Side | None:
    """The side on which the field was edited last, as its history tells, else the item; None where a side is gone."""
    items = items_of(store, conflict)
    edited: dict[Side, datetime] = {}
    for side, item in items.items():
        if item is None:
            return None
        changes = store.history.changes(conflict.pair, side=side, ref=item.ref, fields=[conflict.field])
        if moments := [change.at for change in changes if change.operation is None]:
            edited[side] = moments[-1]
    if not edited:
        edited = {side: item.updated for side, item in items.items() if item is not None}
    return max(Side, key=lambda side: edited.get(side, NEVER))


def can_be_typed(conflict: Conflict) -> bool:
    """Whether a person may type what stands: a text, and of declared fields a number or an option as well."""
    values = (decode_view(value) for value in (conflict.left, conflict.right))
    return is_text(conflict) or (conflict.field.custom and any(isinstance(one, str | float | Term) for one in values))


def is_text(conflict: Conflict) -> bool:
    """Whether the values of a conflict are texts that people wrote."""
    return conflict.field in TEXTS
