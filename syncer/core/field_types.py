"""How each field is compared on its own side, compared across, carried and merged.

A field type never compares the two sides' showings with each other except to ask whether they *agree*: whether a side
moved is judged against that side's own base, so a tracker that cannot hold a value exactly never causes a write.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from syncer.contract.model import Field, Side
from syncer.core.conflict_text import Edited
from syncer.core.origin import Origins
from syncer.core.relation import Relation
from syncer.core.side_view import ViewValue, is_empty
from syncer.core.text_sync import NO_TASKS, Edit, Prose, Tasks
from syncer.core.value_map import Term, carry_term, same_term, term_took, terms_agree
from syncer.richtext import partly_unread


class Unmapped(Exception):  # a decision, not a failure
    """A value has no counterpart on the other side; the message says which and how to map it."""


class NotTaken(Exception):  # a decision, not a failure
    """A side does not show what was written to it."""


@dataclass(frozen=True, slots=True)
class Carried:
    """A value for the other side; `truncated` when it had to be cut, so that it is never carried back."""

    value: ViewValue
    truncated: bool = False
    left_out: tuple[str, ...] = ()
    """Elements that the side cannot show."""


class FieldType(Protocol):
    """The comparison and translation of one field."""

    def same(self, side: Side, one: ViewValue, two: ViewValue) -> bool:
        """Whether two showings of one side are equal."""
        ...

    def agree(self, left: ViewValue, right: ViewValue) -> bool:
        """Whether the two sides mean the same."""
        ...

    def empty(self, side: Side, value: ViewValue) -> bool:
        """Whether a side shows nothing."""
        ...

    def carry(self, to: Side, base: ViewValue, now: ViewValue, shown: ViewValue) -> Carried:
        """What `to` should show, given how the other side moved from `base` to `now`. Raises Unmapped."""
        ...

    def chosen(self, to: Side, now: ViewValue, shown: ViewValue) -> Carried:
        """What `to`, which shows something else, should show when a person chose the other side. Raises Unmapped."""
        ...

    def kept(self, side: Side, base: ViewValue, now: ViewValue) -> ViewValue:
        """The base of a side without what its tracker took away together with the option that it was."""
        ...

    def merge(self, base: Mapping[Side, ViewValue], now: Mapping[Side, ViewValue]) -> dict[Side, Carried] | None:
        """What both sides should show when both moved; None when that is for a person or a policy to decide."""
        ...

    def typed(self, to: Side, text: str, shown: ViewValue) -> Carried:
        """What `to` should show when a person typed a third value. Raises Unmapped where only the two will do."""
        ...

    def edited(self, to: Side, edited: Edited, shown: ViewValue) -> Carried:
        """What `to` should show when a person edited the text of a side. Raises Unmapped like `typed`."""
        ...

    def took(self, side: Side, before: ViewValue, asked: ViewValue, shown: ViewValue) -> ViewValue:
        """The base of a side that was `asked` for something and shows something; raises Untaken where it did not do it.

        Of a set only what was to be added and taken away is looked at: other elements are other people's.
        """
        ...

    def arrived(self, to: Side, base: ViewValue, now: ViewValue, shown: ViewValue) -> ViewValue:
        """As much of the move from `base` to `now` as `to` shows, as a base of the other side: of sets, by element."""
        ...

    def agreed(self, side: Side, base: ViewValue, shown: ViewValue, source: ViewValue) -> ViewValue:
        """The base of a side that took what the other one shows (`source`), given its base before.

        Of a set without what people of this side added and the other one does not show, with what they took away and
        the other one still shows: that is still to be carried.
        """
        ...


class PlainField:
    """A date, or any value that is the same on both sides."""

    def same(self, side: Side, one: ViewValue, two: ViewValue) -> bool:
        return one == two

    def agree(self, left: ViewValue, right: ViewValue) -> bool:
        return left == right

    def empty(self, side: Side, value: ViewValue) -> bool:
        return is_empty(value)

    def carry(self, to: Side, base: ViewValue, now: ViewValue, shown: ViewValue) -> Carried:
        return Carried(now)

    def chosen(self, to: Side, now: ViewValue, shown: ViewValue) -> Carried:
        return self.carry(to, None, now, shown)

    def kept(self, side: Side, base: ViewValue, now: ViewValue) -> ViewValue:
        return base

    def merge(self, base: Mapping[Side, ViewValue], now: Mapping[Side, ViewValue]) -> dict[Side, Carried] | None:
        return None

    def typed(self, to: Side, text: str, shown: ViewValue) -> Carried:
        raise Unmapped(f'"{text}" cannot be typed here: choose left or right')

    def edited(self, to: Side, edited: Edited, shown: ViewValue) -> Carried:
        return self.typed(to, edited.source, shown)

    def took(self, side: Side, before: ViewValue, asked: ViewValue, shown: ViewValue) -> ViewValue:
        if not self.same(side, asked, shown):
            raise NotTaken
        return shown

    def arrived(self, to: Side, base: ViewValue, now: ViewValue, shown: ViewValue) -> ViewValue:
        return base

    def agreed(self, side: Side, base: ViewValue, shown: ViewValue, source: ViewValue) -> ViewValue:
        return shown


@dataclass(frozen=True, slots=True)
class LineField(PlainField):
    """One line of plain text: a title, a description of a milestone. Blanks do not count; cut where it is too long."""

    limits: Mapping[Side, int]

    def same(self, side: Side, one: ViewValue, two: ViewValue) -> bool:
        return _line(one) == _line(two)

    def agree(self, left: ViewValue, right: ViewValue) -> bool:
        return _line(left) == _line(right)

    def carry(self, to: Side, base: ViewValue, now: ViewValue, shown: ViewValue) -> Carried:
        text = _line(now)
        limit = self.limits[to]
        if len(text) <= limit:
            return Carried(text)
        return Carried(text[: limit - 1].rstrip() + "…", truncated=True)

    def typed(self, to: Side, text: str, shown: ViewValue) -> Carried:
        return self.carry(to, None, text, shown)


SOON_READ = 4_000
"""Characters up to which every text is read to its end."""
_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
"""What no tracker stores: left out without a word, it would look like a refusal for ever."""


def _line(value: ViewValue) -> str:
    return " ".join(_UNWRITABLE.sub("", value).split()) if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class ProseField(PlainField):
    """A body or comment in the markup of its side."""

    prose: Prose
    origins: Origins
    """The header or footer a side's text carries; None on the side where the item was made."""
    continued_at: Mapping[Side, str]
    tasks: Tasks = field(default_factory=lambda: NO_TASKS)
    """The task the text belongs to, on both sides."""

    def same(self, side: Side, one: ViewValue, two: ViewValue) -> bool:
        return self.prose.same(side, _source(one), _source(two), self.origins, self.tasks)

    def agree(self, left: ViewValue, right: ViewValue) -> bool:
        return self.prose.agree({Side.LEFT: _source(left), Side.RIGHT: _source(right)}, self.origins, self.tasks)

    def still_agree(self, base: Mapping[Side, ViewValue], now: Mapping[Side, ViewValue]) -> bool:
        """Whether both sides show the very sources with which they agreed, and at most our reading of them changed."""
        if any(base[side] != now[side] for side in Side):
            return False
        return self.prose.same_words({side: _source(now[side]) for side in Side}, self.origins, self.tasks)

    def unread(self, side: Side, value: ViewValue) -> bool:
        """Whether a part of a text is too dense to be read, so that the other side shows its source."""
        source = _source(value)
        return len(source) > SOON_READ and partly_unread(
            self.prose.canonical(side, source, self.origins, self.tasks).blocks
        )

    def empty(self, side: Side, value: ViewValue) -> bool:
        return self.prose.empty(side, _source(value), self.origins)

    def carry(self, to: Side, base: ViewValue, now: ViewValue, shown: ViewValue) -> Carried:
        edit = Edit(_source(now), None if base is None else _source(base), None if shown is None else _source(shown))
        written = self.prose.carry(to, edit, self.origins, self.continued_at[to], self.tasks)
        return Carried(written.source, written.truncated)

    def merge(self, base: Mapping[Side, ViewValue], now: Mapping[Side, ViewValue]) -> dict[Side, Carried] | None:
        shown = {side: _source(now[side]) for side in Side}
        merged = self.prose.merge({side: _source(base[side]) for side in Side}, shown, self.origins, self.tasks)
        if merged is None:
            return None
        written = {
            side: self.prose.put(side, merged[side], shown[side], self.origins[side], self.continued_at[side])
            for side in Side
        }
        return {side: Carried(text.source, text.truncated) for side, text in written.items()}

    def refreshed(self, side: Side, shown: ViewValue) -> Carried | None:
        """What a side should show now that files of its text were added to its task; None where nothing changes."""
        written = self.prose.refreshed(side, _source(shown), self.tasks[side], self.continued_at[side])
        return None if written is None else Carried(written.source, written.truncated)

    def relisted(self, side: Side, shown: ViewValue) -> Carried | None:
        """What a mirror should show now that the sub-tasks of its original changed; None where nothing does."""
        written = self.prose.relisted(side, _source(shown), self.origins[side])
        return None if written is None else Carried(written.source)

    def wanted(self, to: Side, now: ViewValue) -> tuple[str, ...]:
        """The addresses of files of the other side to which its text refers."""
        shown = self.prose.document(to.other, _source(now), self.origins[to.other])
        return tuple(self.prose.files.wanted(to, shown))

    def typed(self, to: Side, text: str, shown: ViewValue) -> Carried:
        written = self.prose.typed(to, text, _source(shown), self.origins[to], self.continued_at[to])
        return Carried(written.source, written.truncated)

    def edited(self, to: Side, edited: Edited, shown: ViewValue) -> Carried:
        source, continued_at = _source(shown), self.continued_at[to]
        written = self.prose.edited(to, edited, source, self.origins, continued_at, self.tasks)
        return Carried(written.source, written.truncated)

    def editable(self, side: Side, values: Mapping[Side, ViewValue]) -> dict[Side, str]:
        """Both sides' texts in the markup of one of them, as a person edits them."""
        return self.prose.editable(side, {each: _source(values[each]) for each in Side}, self.origins, self.tasks)


def _source(value: ViewValue) -> str:
    return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class TermField(PlainField):
    """A status, priority or type."""

    field: Field
    relation: Relation
    remembered: Mapping[Side, Sequence[Term]]
    """What each side showed before, latest first."""

    def same(self, side: Side, one: ViewValue, two: ViewValue) -> bool:
        return same_term(term_of(one), term_of(two))

    def agree(self, left: ViewValue, right: ViewValue) -> bool:
        return terms_agree(self.relation, term_of(left), term_of(right))

    def carry(self, to: Side, base: ViewValue, now: ViewValue, shown: ViewValue) -> Carried:
        term = carry_term(self.relation, to, term_of(now), term_of(shown), self.remembered[to])
        if term is None:
            raise Unmapped(f'{self.field} "{term_of(now)}" is in no row of the map of {self.field}')
        return Carried(term)

    def took(self, side: Side, before: ViewValue, asked: ViewValue, shown: ViewValue) -> ViewValue:
        if not term_took(term_of(asked), term_of(shown)):
            raise NotTaken
        return shown


def term_of(value: ViewValue) -> Term:
    """A value of a term field; nothing where it is absent."""
    return value if isinstance(value, Term) else Term()


@dataclass(frozen=True, slots=True)
class ParentField(PlainField):
    """The parent of a task, by the links between tasks. One that is not linked is not seen here at all."""

    partner: Callable[[Side, str], str | None]
    """The partner on `side` of a task of the other side."""

    def agree(self, left: ViewValue, right: ViewValue) -> bool:
        return right == (self.partner(Side.RIGHT, left) if isinstance(left, str) else left)

    def carry(self, to: Side, base: ViewValue, now: ViewValue, shown: ViewValue) -> Carried:
        return Carried(self.partner(to, now) if isinstance(now, str) else now)
