"""An update of a set, taken apart: one element that a tracker refuses must not keep the others from being carried."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from syncer.contract.model import Field
from syncer.core.change import Update
from syncer.core.decision_context import DecisionContext
from syncer.core.side_view import names


@dataclass(frozen=True, slots=True)
class Step:
    """One element that is added to a set, or those that are taken out of it."""

    added: str = ""
    removed: frozenset[str] = frozenset()
    """Without case."""

    @property
    def called(self) -> str:
        """What the step is about, for people."""
        return self.added or ", ".join(sorted(self.removed))

    def applied(self, shown: Sequence[str]) -> tuple[str, ...]:
        """The set after the step."""
        kept = [element for element in shown if element.casefold() not in self.removed]
        return tuple(sorted({*kept, self.added} if self.added else kept))


@dataclass(frozen=True, slots=True)
class ElementWise:
    """An update of one set that can be written element by element."""

    update: Update
    name: Field

    def steps(self, shown: Sequence[str]) -> Iterator[Step]:
        """What is to be taken out, then each element that is to be added, given what is shown now."""
        asked = names(self.update.wanted[self.name])
        there, wanted = ({element.casefold() for element in elements} for elements in (shown, asked))
        if there - wanted:
            yield Step(removed=frozenset(there - wanted))
        yield from (Step(added=element) for element in asked if element.casefold() not in there)


def elements_of(update: Update, decision_context: DecisionContext) -> ElementWise | None:
    """The update of one set, where more than one element of it changes."""
    for name, value in update.wanted.items():
        if isinstance(value, tuple):
            several = ElementWise(update, name)
            shown = names(decision_context.views[update.side].look(update.target).get(name))
            return several if len(list(several.steps(shown))) > 1 else None
    return None
