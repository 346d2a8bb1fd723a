"""One side of a pair, seen through its rules: native showing to comparable fields, and changed fields back to a patch.

What leads to tasks that are not linked is invisible too: the other side has nothing that could stand for it.

A tracker without a field of its own shows it by labels (`priority: high`, `component: api`). Those labels are taken out
of the labels that are compared, and put back when a patch is made. Labels that the pair does not own are invisible here
and therefore never touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from syncer.contract.capabilities import Capabilities, Fidelity
from syncer.contract.custom import CustomType
from syncer.contract.model import (
    COLUMN,
    Category,
    Field,
    Kind,
    Observed,
    Showing,
    Side,
    Status,
    Value,
)
from syncer.core.codec import decode_value, encode_value
from syncer.core.relation import MapCell, MapRow, Relation
from syncer.core.rules import PairRules
from syncer.core.value_map import NOTHING, Term, names_of, term_label

ViewValue = Value | Term
View = Mapping[Field, ViewValue]
"""Comparable fields of one item on one side. STATUS, PRIORITY, TYPE and declared choices are terms, LABELS and
COMPONENTS sorted names in the spelling with spaces, the rest as in `syncer.contract.model`. What the side cannot show
is absent."""

TERM_FIELDS = (Field.STATUS, Field.PRIORITY, Field.TYPE)
CHOICES = (CustomType.CHOICE, CustomType.SPRINT)
"""Declared fields of these types hold one name."""

_NO_OPTION = "is no option on"
_TOO_LONG = "is too long for"
_MEANS_MORE = "would say something else on"
"""Why a name of the other side cannot be shown: what stands before the key of the item."""

MILESTONE_STATUS = Relation(
    tuple(MapRow(MapCell(left), MapCell(right)) for left, right in (
        ("open", "open"), ("closed", "closed"), ("unreleased", "open"), ("released", "closed"), ("archived", "closed"),
        ("open", "unreleased"), ("closed", "released"), ("closed", "archived"),
        ("unreleased", "unreleased"), ("released", "released"), ("archived", "archived"),
    ))
)  # fmt: skip
"""Jira's versions and GitHub's milestones know few states, so their table is fixed."""


def encode_view(value: ViewValue) -> Any:
    """A field of a view as JSON, for the base of a link."""
    if isinstance(value, Term):
        category = value.category.value if value.category else None
        column = () if value.option is None else (value.option,)
        return {"term": [value.name, value.reason, value.label, category, *column]}
    return encode_value(value)


def decode_view(encoded: Any) -> ViewValue:
    """The value that `encode_view` was given."""
    if isinstance(encoded, dict) and "term" in encoded:
        name, reason, label, category, *column = encoded["term"]
        return Term(name, reason, label, Category(category) if category else None, *column)
    return decode_value(encoded)


def nothing_linked(_native: str) -> bool:
    """Of a side whose tasks all are unknown on the other."""
    return False


def folded(item: Observed) -> bool:
    """Whether an item is hidden by its tracker and not ours: hiding a mirror says nothing about its original."""
    return bool(item.hidden) and item.marker is None


def encode_label(name: str) -> str:
    """A label for a tracker that allows no spaces, reversibly: a space is `_`, a `_` is `%5F`, a tab is `%09`."""
    spelled = name.replace("%", "%25").replace("_", "%5F").replace(" ", "_")
    return "".join(quote(sign) if sign.isspace() else sign for sign in spelled)


def decode_label(label: str) -> str:
    """The name that `encode_label` was given; a label that people wrote themselves reads naturally (`back_end`)."""
    return unquote(label.replace("_", " "), errors="replace")


@dataclass(frozen=True, slots=True)
class SideView:
    """The rules of a pair applied to one of its sides."""

    rules: PairRules
    side: Side
    capabilities: Capabilities
    linked: Callable[[str], bool] = nothing_linked
    """Whether a task of this side, by its native id, is kept in step with one of the other."""

    def holds(self, kind: Kind, name: Field) -> bool:
        """Whether a field can be shown here, by itself or by labels."""
        native = self.capabilities.fields.get(kind, {})
        if name in native:
            return True
        if kind is not Kind.TASK or Field.LABELS not in native:
            return False
        match name:
            case Field.PRIORITY | Field.TYPE:
                return bool(self.rules.labels_of(name, self.side))
            case Field.COMPONENTS:
                return bool(self.rules.component_prefix)
            case _:
                return False

    def writable(self, kind: Kind, name: Field) -> bool:
        """Whether a field may be written here."""
        return self.holds(kind, name) and self.capabilities.fields[kind].get(name) is not Fidelity.READ_ONLY

    def unfit(self, name: Field, element: str) -> str:
        """Why a label, component or option of the other side cannot be shown here; empty where it can."""
        if name.custom:
            return _NO_OPTION
        if name is Field.COMPONENTS and not self._prefixed():
            return ""
        written = self._write(self.rules.component_prefix + element if name is Field.COMPONENTS else element)
        if len(written) > self.capabilities.label_limit:
            return _TOO_LONG
        return _MEANS_MORE if name is Field.LABELS and not self._ordinary(written) else ""

    def what_helps(self, reason: str) -> str:
        """What helps where `unfit` gave a reason, as the end of a sentence."""
        match reason:
            case _ if reason == _NO_OPTION:
                return ": add it there, or a row to the map"
            case _ if reason == _TOO_LONG:
                return f", which takes {self.capabilities.label_limit} characters: shorten it"
            case _ if reason == _MEANS_MORE:
                return ": a row of a map or the prefix of components stands for it there, rename it"
            case _:
                return ""

    def look(self, item: Observed) -> dict[Field, ViewValue]:
        """The comparable fields of an item. An original that is hidden shows a note instead of its text."""
        if folded(item):
            return {**self.look_at(item.kind, item.showing), Field.BODY: item.hidden}
        return self.look_at(item.kind, item.showing)

    def look_at(self, kind: Kind, showing: Showing) -> dict[Field, ViewValue]:
        """The comparable fields of a showing."""
        match kind:
            case Kind.TASK:
                return self._task(showing)
            case Kind.MILESTONE:
                view: dict[Field, ViewValue] = dict(showing)
                if isinstance(status := showing.get(Field.STATUS), Status):
                    view[Field.STATUS] = Term(status.name, None, None, status.category)
                return view
            case Kind.COMMENT:
                return dict(showing)

    def _task(self, showing: Showing) -> dict[Field, ViewValue]:
        view: dict[Field, ViewValue] = {name: value for name, value in showing.items() if self._seen_as_it_is(name)}
        if Field.COMPONENTS in view:
            view[Field.COMPONENTS] = tuple(filter(self.rules.components.owns, names(view[Field.COMPONENTS])))
        view |= self._choices(showing)
        labels = names(showing.get(Field.LABELS))
        for name in TERM_FIELDS:
            if self.holds(Kind.TASK, name) and (term := self._term(name, showing, labels)) is not None:
                view[name] = term
        if Field.LABELS in showing:
            if self._prefixed():
                view[Field.COMPONENTS] = self._components(labels)
            view[Field.LABELS] = tuple(sorted({self._read(label) for label in labels if self._ordinary(label)}))
        for name in [each for each in view if each.edges]:
            view[name] = tuple(end for end in names(view[name]) if self.linked(end))
        if isinstance(parent := view.get(Field.PARENT), str) and not self.linked(parent):
            del view[Field.PARENT]
        return view

    def _seen_as_it_is(self, name: Field) -> bool:
        """Whether a field is compared as it is shown; what a declared one showed before it was lost says nothing."""
        if name.custom:
            return name in self.capabilities.custom and name is not COLUMN
        return name not in TERM_FIELDS and name is not Field.LABELS

    def _choices(self, showing: Showing) -> dict[Field, Term]:
        """The declared fields that hold one of several names."""
        told = self.capabilities.custom.items()
        choices = (name for name, one in told if name.custom and one.type in CHOICES and name is not COLUMN)
        shown = ((name, showing[name]) for name in choices if name in showing)
        return {name: Term(value) if isinstance(value, str) else NOTHING for name, value in shown}

    def unlinked(self, showing: Showing) -> tuple[str, ...]:
        """The tasks that a task leads to and that are not linked."""
        ends = {end for name, value in showing.items() if name.leads for end in ends_of(value)}
        return tuple(sorted(end for end in ends if not self.linked(end)))

    def _term(self, name: Field, showing: Showing, labels: Iterable[str]) -> Term | None:
        """The term of a field; None where the showing does not tell (a fresh create that was not read back)."""
        if Field.LABELS not in showing and self.rules.labels_of(name, self.side):
            return None
        relation = self._table(name, showing)
        native = showing.get(name)
        if isinstance(native, Status):
            label = term_label(relation, self.side, native.name, tuple(labels))
            return Term(native.name, native.reason, label, native.category, self._column(showing))
        if name is Field.STATUS:
            return None
        shown = native if isinstance(native, str) else None
        if name in self.capabilities.fields.get(Kind.TASK, {}) and name not in showing:
            return None
        return Term(shown, None, term_label(relation, self.side, shown, tuple(labels)))

    def stands_in_columns(self, showing: Showing | None = None) -> bool:
        """Whether the status of a task is told by the column of a board as well; of any where none is given."""
        return COLUMN in self.capabilities.custom and (showing is None or COLUMN in showing)

    def _column(self, showing: Showing) -> str | None:
        """The column that a task stands in; None where it stands in none, or none is a part of its status."""
        column = showing.get(COLUMN) if self.stands_in_columns(showing) else None
        return column if isinstance(column, str) and self.rules.options_of(Field.STATUS, self.side) else None

    def _table(self, name: Field, showing: Showing) -> Relation:
        """The tables by which a task shows a field, that of its type first: it may have had another one before."""
        if name is Field.TYPE or not self.rules.by_type:
            return self.rules.table(name)
        own = self.rules.table(name, self.type_names(showing))
        return Relation((*own.rows, *(row for table in self.rules.tables(name) for row in table.rows)))

    def type_names(self, showing: Showing) -> frozenset[str]:
        """The names by which the type of a task goes on either side; none where no table depends on it."""
        if not self.rules.by_type:
            return frozenset()
        term = self._term(Field.TYPE, showing, names(showing.get(Field.LABELS)))
        return frozenset() if term is None else names_of(self.rules.type, self.side, term)

    def _read(self, label: str) -> str:
        return label if self.capabilities.label_spaces else decode_label(label)

    def _write(self, name: str) -> str:
        return name if self.capabilities.label_spaces else encode_label(name)

    def _prefixed(self) -> bool:
        """Whether components are written as labels here."""
        return bool(self.rules.component_prefix) and Field.COMPONENTS not in self.capabilities.fields.get(Kind.TASK, {})

    def _components(self, labels: Iterable[str]) -> tuple[str, ...]:
        prefix = self.rules.component_prefix
        read = (self._read(label) for label in labels)
        found = {name[len(prefix) :].strip() for name in read if name.casefold().startswith(prefix.casefold())}
        return tuple(sorted(filter(self.rules.components.owns, found)))

    def _ordinary(self, label: str) -> bool:
        """Whether a label is one of the pair's own and shows no other field."""
        name = self._read(label)
        if not self.rules.labels.owns(name) or label.casefold() in self.rules.former_labels.get(self.side, ()):
            return False
        if self._prefixed() and self._names_a_component(label):
            return False
        return not any(label.casefold() in self.rules.labels_of(field, self.side) for field in TERM_FIELDS)

    def _names_a_component(self, label: str) -> bool:
        """Whether a native label begins with the prefix of components."""
        return self._read(label).casefold().startswith(self.rules.component_prefix.casefold())

    def _names_an_own_component(self, label: str) -> bool:
        """Whether a native label shows a component that belongs to the pair."""
        component = self._read(label)[len(self.rules.component_prefix) :].strip()
        return self._names_a_component(label) and self.rules.components.owns(component)

    def patch(self, kind: Kind, showing: Showing, wanted: Mapping[Field, ViewValue]) -> dict[Field, Value]:
        """The native fields to write so that the side shows `wanted`, given what it shows now. Unlisted fields stay."""
        patch: dict[Field, Value] = {}
        labels = _Labels(names(showing.get(Field.LABELS)))
        for name, value in wanted.items():
            if isinstance(value, Term):
                self._patch_term(kind, name, value, patch, labels)
                if name is Field.STATUS and value.option is not None and self.stands_in_columns(showing or None):
                    patch[COLUMN] = self._spelt(value.option)
            elif name is Field.LABELS:
                labels.replace(self._ordinary, [self._write(label) for label in names(value)], self._read)
            elif name is Field.COMPONENTS and self._prefixed():
                prefixed = [self._write(self.rules.component_prefix + component) for component in names(value)]
                labels.replace(self._names_an_own_component, prefixed, self._read)
            elif name is Field.COMPONENTS:
                left_alone = [one for one in names(showing.get(name)) if not self.rules.components.owns(one)]
                patch[name] = tuple(sorted({*names(value), *left_alone}))
            elif name.edges:
                hidden = [end for end in names(showing.get(name)) if not self.linked(end)]
                patch[name] = tuple(sorted({*names(value), *hidden}))
            elif name.custom and isinstance(value, tuple):
                patch[name] = tuple(sorted(value))
            else:
                patch[name] = value
        if labels.changed:
            patch[Field.LABELS] = tuple(sorted(labels.now))
        return patch

    def _spelt(self, option: str) -> str:
        """A column as its board spells it."""
        there = self.capabilities.custom[COLUMN].options
        return next((one for one in there if one.casefold() == option.casefold()), option)

    def _patch_term(self, kind: Kind, name: Field, term: Term, patch: dict[Field, Value], labels: _Labels) -> None:
        if name is Field.STATUS and term.name is not None:
            patch[name] = Status(term.name, term.category or Category.TODO, term.reason)
        elif name in self.capabilities.fields.get(kind, {}) and (term.name is not None or term == NOTHING):
            patch[name] = term.name
        shown = frozenset() if kind is Kind.MILESTONE else self.rules.labels_of(name, self.side)
        if shown:
            labels.replace(lambda label: label.casefold() in shown, [term.label] if term.label else [], str)


class _Labels:
    """The labels of one item while a patch is put together."""

    def __init__(self, now: Iterable[str]) -> None:
        self._before = set(now)
        self.now = set(self._before)

    @property
    def changed(self) -> bool:
        return self.now != self._before

    def replace(self, mine: Any, wanted: Iterable[str], read: Any) -> None:
        """Makes `wanted` the labels for which `mine` holds; one that is there in another spelling keeps it."""
        keys = {read(label).casefold(): label for label in wanted}
        kept = {label for label in self.now if not mine(label) or read(label).casefold() in keys}
        present = {read(label).casefold() for label in kept}
        self.now = kept | {label for key, label in keys.items() if key not in present}


def names(value: Any) -> tuple[str, ...]:
    """A field that holds names, as a tuple; empty when absent."""
    return value if isinstance(value, tuple) else ()


def ends_of(value: Any) -> tuple[str, ...]:
    """The tasks that the value of an edge field leads to."""
    return (value,) if isinstance(value, str) else names(value)


def nothing_like(value: ViewValue) -> ViewValue:
    """What a field of this sort shows when it shows nothing."""
    match value:
        case Term():
            return NOTHING
        case tuple():
            return ()
        case str():
            return ""
        case _:
            return None


def is_empty(value: ViewValue) -> bool:
    """Whether a field shows nothing."""
    return value in (None, "", (), NOTHING)
