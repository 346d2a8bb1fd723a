"""What of a patch is still to be written, and what an item shows once it was."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.jira.bodies import texts, written
from connectors.jira.site import Site
from syncer.contract.errors import Stale
from syncer.contract.model import Field, Observed, Patch, Status, Value

_SETS = frozenset({Field.LABELS, Field.COMPONENTS, Field.MILESTONES})


def still_to_do(
    item: Observed, now: Observed, patch: Patch, goal: Mapping[Field, Value], *, check: bool = True
) -> dict[Field, Value]:
    """The part of a patch that `now` does not show yet. Raises Stale where `now` moved away from `item` elsewhere."""
    todo: dict[Field, Value] = {}
    for field, value in patch.items():
        before, shown, wanted = item.showing.get(field), now.showing.get(field), goal[field]
        if _is_set(field):
            if merged_set(before, shown, wanted) != frozenset(texts(shown)):
                todo[field] = value
        elif _same(shown, wanted):
            continue
        elif check and field in item.showing and not _unmoved(before, shown):
            raise Stale(f"{field} of {item.key} was changed meanwhile")
        else:
            todo[field] = value
    return todo


def _is_set(field: Field) -> bool:
    """Whether a field is written element by element: a stranger's change of other elements does no harm."""
    return field in _SETS or field.edges


def _same(shown: Value, wanted: Value) -> bool:
    """True when a value is what is wanted. A status without a reason is wanted with whatever resolution it has."""
    if isinstance(shown, Status) and isinstance(wanted, Status):
        return shown.name == wanted.name and wanted.reason in {None, shown.reason}
    return shown == wanted


def _unmoved(before: Value, shown: Value) -> bool:
    if isinstance(before, Status) and isinstance(shown, Status):
        return before.name == shown.name
    return before == shown


def merged_set(before: Value, shown: Value, wanted: Value) -> frozenset[str]:
    """The elements shown, with what the patch adds and without what it removes."""
    old, new = frozenset(texts(before)), frozenset(texts(wanted))
    return (frozenset(texts(shown)) | (new - old)) - (old - new)


def applied(item: Observed, base: Observed, patch: Patch, site: Site) -> dict[Field, Value]:
    """What `base` shows once the patch was written."""
    shown = dict(base.showing)
    for field, value in written(patch, site).items():
        if _is_set(field):
            merged = merged_set(item.showing.get(field), base.showing.get(field), value)
            kept = [entry for entry in texts(base.showing.get(field)) if entry in merged]
            added = [entry for entry in texts(value) if entry in merged and entry not in kept]
            shown[field] = tuple([*kept, *added] if field is Field.MILESTONES else sorted({*kept, *added}))
        else:
            shown[field] = value
    return shown
