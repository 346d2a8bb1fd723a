"""What is not carried, counted or shown because a tracker does not have it or take it, for `status`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from syncer.contract.code import RELEASES
from syncer.contract.model import Field, Kind, Ref, Side
from syncer.core.amounts import plural
from syncer.core.release_names import release_name, shared_names, unpublished, unreleased

MOST_VERSIONS = 5
"""So many versions without their release are named: another repository may publish those of a whole project."""

if TYPE_CHECKING:
    from syncer.store import Store
    from syncer.store.code import StoredCode


def not_held(store: Store, name: str, result: Mapping[str, Any]) -> Iterator[str]:
    """What is not carried because a side does not have it, as of the last complete run."""
    yield from (f"{why}: syncer check" for why in result.get("unheld", ()))
    yield from result.get("staying", ())
    yield from _former_labels(store, name)
    for each in Side:
        state, code = store.pairs.side(name, each), store.code.get(name, each)
        where = each.value if state is None or not state.address else state.address
        yield from (f"{where}: {left.part} is left out of the report: {left.reason}" for left in code.unread)
        yield from _not_shown(store, name, each, code)
        yield from _not_released(store, name, each, code)
        yield from _not_published(store, name, each, code)
    for side, fields in result.get("lacking", {}).items():
        state = store.pairs.side(name, Side(side))
        where = side if state is None or not state.address else state.address
        yield f"{where}: the server has no {' and no '.join(fields)}, which stays where it is: syncer check"


def _former_labels(store: Store, name: str) -> Iterator[str]:
    """The labels that showed a field before and are nobody's now."""
    from syncer.sync.former_labels import said_of

    for side, labels in store.pairs.former_labels(name).items():
        state = store.pairs.side(name, side)
        where = side.value if state is None or not state.address else state.address
        yield f"{where}: {said_of(labels)}"


def _not_shown(store: Store, name: str, side: Side, code: StoredCode) -> Iterator[str]:
    """The pull requests of a side that a task of the other one does not show as they are, and why."""
    for native, links in code.shown.items():
        for link in links:
            task = store.observed.get(name, side.other, Ref(Kind.TASK, link.task)) if link.why else None
            if task is not None and native in code.pulls:
                yield f"the link from {task.key} to {code.pulls[native].key} is not up to date: {link.why}"


def _not_released(store: Store, name: str, side: Side, code: StoredCode) -> Iterator[str]:
    """The releases of a side whose version on the other one, which has no releases of its own, is not released."""
    if not code.releases or store.code.get(name, side.other).read_at is not None:
        return
    versions = list(store.observed.items(name, side.other, Kind.MILESTONE))
    shared = shared_names(versions)
    for release, version in unreleased(code.releases, versions):
        title, mark, state = version.showing[Field.TITLE], code.marks.get(release.native), "is open still"
        if release_name(release.tag) in shared:
            state = "is open still: another version has that name, too"
        elif mark is not None and mark.version == version.ref.id:
            state = f"is open still: {mark.why}" if mark.why else "was reopened"
        yield f"release {release.tag} was published on {release.published:%Y-%m-%d}, and version {title} {state}"


def _not_published(store: Store, name: str, side: Side, code: StoredCode) -> Iterator[str]:
    """The versions of the other side that are released while their release is not published on this one, and why.

    A side that publishes no releases at all, or whose releases cannot be read, is asked for none.
    """
    unknown = any(left.part == RELEASES for left in code.unread)
    if unknown or code.read_at is None or not (code.releases or code.loose):
        return
    versions = store.observed.items(name, side.other, Kind.MILESTONE)
    found = list(unpublished(code.releases, code.loose, versions, code.read_at.date()))
    for version, loose in found[-MOST_VERSIONS:]:
        if loose is None:
            why = "no release of that name is published"
        elif loose.draft:
            why = f"release {loose.name or loose.tag} is a draft"
        else:
            why = f"release {loose.name} has no tag"
        yield f"version {version.showing[Field.TITLE]} was released on {version.showing[Field.DUE]}, and {why}"
    if (left := len(found) - MOST_VERSIONS) > 0:
        yield f"{plural(left, 'earlier version')} were released, and no release of that name is published"
