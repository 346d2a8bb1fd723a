"""Pictures and files in the texts of one pair: how each side refers to one, and what they have in common.

A side that keeps files along with tasks gets what texts of the other side refer to: there the text shows the
attachment, and read back it means the original address. What only the keeping side has becomes a link on the other
side that says who can open it, and read back it means the attachment. So neither side's text ever changes because of
where a file is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from urllib.parse import quote, unquote

from syncer.contract.model import Audience, Observed, Ref, Side
from syncer.core.records import CarriedFile, FileState
from syncer.core.trusted_time import due
from syncer.richtext import Document, Run, RunKind, map_block, normalise, runs_of
from syncer.richtext.links import issue_key

_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|webp)$", re.IGNORECASE)
_WHO = {
    Audience.RESTRICTED: "members of {}",
    Audience.MEMBERS: "members of {}",
    Audience.ORGANIZATION: "all accounts of {}",
    Audience.PUBLIC: "anybody, in {}",
}
"""Who can open a file of a place, by who can read the place."""


MOST_FILES = 30
"""Files of one text that are added before it is written; the next ones follow, so that no text holds up all others."""


@dataclass(frozen=True, slots=True)
class WantedFiles:
    """Files to which a text of one side refers and which the other side's task does not have yet."""

    side: Side
    """The side that is to keep them."""
    task: Observed
    """The task there."""
    source: Observed
    """The item whose text refers to them."""
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MissingFiles:
    """What a task lacks of the files of a text."""

    addresses: tuple[str, ...]
    """To be tried now."""
    reasons: tuple[str, ...]
    """Why others are not there."""
    waits: bool
    """One of them is tried, now or later."""


@dataclass(frozen=True, slots=True)
class FileKeeper:
    """A side that keeps files along with tasks."""

    name: str
    """What people call it: `PAY in Jira`."""
    audience: Audience
    file_at: Callable[[str], str]
    """See `FileHolder.file_at`."""

    @property
    def label(self) -> str:
        """What the name of a file is followed by in a link to it."""
        return f", for {_WHO[self.audience].format(self.name)}"

    def named(self, text: str) -> str:
        """The name in a link's text that was given such a label, whoever could read the place then; else empty."""
        endings = (f", for {who.format(self.name)}" for who in _WHO.values())
        return next((text.removesuffix(ending) for ending in endings if text.endswith(ending)), "")


class KnownFiles:
    """What is known of the files of a pair. Nothing is loaded before a text refers to one.

    `stable` gives, for a side whose tracker has files at addresses, the stable spelling of one; `places` the sides that
    keep files; `load` every file that was met.
    """

    def __init__(
        self,
        load: Callable[[], Sequence[CarriedFile]] = tuple,
        places: Mapping[Side, FileKeeper] | None = None,
        stable: Mapping[Side, Callable[[str], str]] | None = None,
    ) -> None:
        self._load = load
        self._places = places or {}
        self._stable = stable or {}

    @cached_property
    def _known(self) -> Mapping[tuple[Side, Ref, str], CarriedFile]:
        return {(file.side, file.task, file.address): file for file in self._load()}

    @cached_property
    def _kept(self) -> list[CarriedFile]:
        """What a task has, or had until somebody deleted it: a text may still show it."""
        return [file for file in self._known.values() if file.state in {FileState.KEPT, FileState.WITHDRAWN}]

    @cached_property
    def _by_page(self) -> Mapping[str, CarriedFile]:
        return {key: file for file in reversed(self._kept) for key in (file.page, file.target) if _is_unique(key)}

    @cached_property
    def _by_name(self) -> Mapping[tuple[Ref, str], CarriedFile]:
        return {(file.task, file.target): file for file in reversed(self._kept) if not _is_unique(file.target)}

    def _kept_at(self, key: str, task: Ref | None) -> CarriedFile | None:
        """The file behind an address or target; a mere name is that of a file of the task."""
        return self._by_page.get(key) or (self._by_name.get((task, key)) if task is not None else None)

    @cached_property
    def _first_of_content(self) -> Mapping[str, str]:
        return {file.digest: file.address for file in reversed(self._kept)}

    @cached_property
    def _content_of(self) -> Mapping[str, str]:
        return {file.address: file.digest for file in reversed(self._kept)}

    def known(self, side: Side, task: Ref, address: str) -> CarriedFile | None:
        """What became of a file for a task of the keeping side; None when it was never met."""
        return self._known.get((side, task, address))

    # --- what texts mean ---

    def keeper(self, side: Side, tasks: Mapping[Side, Observed | None]) -> Ref | None:
        """The task whose files a text of a side names; None where the side keeps none."""
        task = tasks[side] if side in self._places else None
        return task.ref if task is not None else None

    def meaning(self, side: Side, run: Run, task: Ref | None) -> Run:
        """A run with the file it refers to named alike on both sides; `task` is the keeper of the text."""
        if side in self._places and (own := self._own_file(run, task)):
            return own
        for place in self._places.values():
            if lifted := _lifted(place, run):
                return Run("", RunKind.IMAGE, target=lifted)
        link, target = self._original(run.link, None), self._original(run.target, task)
        if (link, target) == (run.link, run.target):
            return run
        kept = self._by_page.get(run.link)
        bare = run.link != "" and run.text in {run.link, kept.name if kept is not None else run.link}
        return replace(run, text=link if bare else run.text, link=link, target=target)

    def _own_file(self, run: Run, task: Ref | None) -> Run | None:
        """An image of a file that only this side has, without its other words: the other side shows only its name."""
        if run.kind is not RunKind.IMAGE or _on_the_web(run.target) or self._kept_at(run.target, task) is not None:
            return None
        return Run("", RunKind.IMAGE, target=run.target)

    def _original(self, address: str, task: Ref | None) -> str:
        """The one address that stands for a file, whichever of its addresses this is."""
        if not address:
            return address
        kept = self._kept_at(address, task)
        digest = kept.digest if kept is not None else self._content_of.get(address, "")
        return self._first_of_content.get(digest, address)

    # --- carrying ---

    def exchange(self, to: Side, document: Document, tasks: Mapping[Side, Observed | None]) -> Document:
        """The document with its files as `to` refers to them; `tasks` is the task of the text on both sides."""
        if to in self._places:
            return _mapped(document, lambda run, alone: self._kept_run(to, run, tasks[to], alone=alone))
        if to.other in self._places:
            return _mapped(document, lambda run, _: self._led_back(to.other, run, tasks[to.other]))
        return document

    def refreshed(self, side: Side, document: Document, task: Observed | None) -> Document | None:
        """The document of a keeping side with what was added since shown as added; None where nothing was."""
        if side not in self._places or task is None:
            return None
        shown = normalise(document)
        changed = self.exchange(side, shown, {side: task, side.other: None})
        return changed if changed != shown else None

    def _kept_run(self, side: Side, run: Run, task: Observed | None, *, alone: bool) -> Run:
        lifted = _lifted(self._places[side], run) if task is not None and _leads_to(task, run.link) else ""
        if lifted:
            page = "" if alone or not lifted.startswith("media:") else run.link.partition("#")[0]
            return Run("", RunKind.IMAGE, link=page, target=lifted)
        if task is None:
            return run
        run = self._without_withdrawn(run, task.ref)
        target, link = (self._kept_for(side, task.ref, address) for address in (run.target, run.link))
        if target is not None:
            run = replace(run, target=target.target)
        if link is not None:
            text = link.name if run.text == run.link else run.text
            run = replace(run, text=text, link=link.page)
        return run

    def _without_withdrawn(self, run: Run, task: Ref) -> Run:
        """A run that leads to the original again where somebody deleted the file from the task."""
        target, link = self._kept_at(run.target, task), self._by_page.get(run.link)
        if target is not None and target.state is FileState.WITHDRAWN:
            run = replace(run, target=target.address)
        if link is not None and link.state is FileState.WITHDRAWN:
            run = replace(run, text=link.address if run.text == link.name else run.text, link=link.address)
        return run

    def _kept_for(self, side: Side, task: Ref, address: str) -> CarriedFile | None:
        if not _on_the_web(address):
            return None
        stable = self._stable.get(side.other)
        found = self.known(side, task, (stable(address) if stable else "") or address)
        return found if found is not None and found.state is FileState.KEPT else None

    def _led_back(self, side: Side, run: Run, task: Observed | None) -> Run:
        """A run of the keeping side as the other side says it."""
        keeper = task.ref if task is not None else None
        kept = self._kept_at(run.target, keeper) if run.kind is RunKind.IMAGE else self._by_page.get(run.link)
        if kept is not None and run.kind is RunKind.IMAGE:
            link = self._by_page.get(run.link)
            return replace(run, target=kept.address, link=link.address if link else run.link)
        if kept is not None and kept.target.startswith("media:") and _PICTURE.search(kept.name):
            return Run(run.text, RunKind.IMAGE, target=kept.address)  # a picture inside a sentence
        if kept is not None:
            return replace(run, text=kept.address if run.text == kept.name else run.text, link=kept.address)
        if run.kind is not RunKind.IMAGE or _on_the_web(run.target) or task is None:
            return run
        return self._labelled(self._places[side], run, task)

    def _labelled(self, place: FileKeeper, run: Run, task: Observed) -> Run:
        """A link to a file that cannot be shown to this side's readers."""
        pages = dict(task.facts.files)
        media = run.target.startswith("media:")
        name = run.text if media else unquote(run.target)
        page = pages.get(name, task.url) if name else task.url
        exact = place.file_at(page) and not media
        target = run.target if media else quote(name)
        return Run((name or "file") + place.label, link=page if exact else f"{page}#{target}")

    # --- what is still to be added ---

    def wanted(self, side: Side, document: Document) -> Iterator[str]:
        """The stable addresses of files of the other side to which its text refers, in order, each once."""
        stable = self._stable.get(side.other)
        if stable is None or side not in self._places:
            return
        seen: set[str] = set()
        for run in runs_of(document.blocks):
            for address in (run.target, run.link):
                found = stable(address) if _on_the_web(address) else ""
                if found and found not in seen:
                    seen.add(found)
                    yield found

    def missing(self, side: Side, task: Observed, addresses: Sequence[str], now: datetime) -> MissingFiles:
        """Which files of a text the task on a keeping side lacks."""
        tried, reasons, waits = [], [], False
        for address in addresses:
            file = self.known(side, task.ref, address)
            if file is None or (file.state is FileState.WAITING and due(file.retry_at, now)):
                tried.append(address)
            elif file.state not in {FileState.KEPT, FileState.WITHDRAWN}:
                waits = waits or file.state is FileState.WAITING
                reasons.append(f"{address} stays a link: {file.reason}")
        if len(tried) > MOST_FILES:
            reasons.append(f"{len(tried) - MOST_FILES} more files of the text follow; they are links until then")
        return MissingFiles(tuple(tried[:MOST_FILES]), tuple(reasons), waits or bool(tried))


def _mapped(document: Document, exchange: Callable[[Run, bool], Run]) -> Document:
    """The document with every run exchanged; the function is told whether a run is alone in its paragraph."""

    def of(runs: tuple[Run, ...]) -> tuple[Run, ...]:
        return tuple(exchange(run, len(runs) == 1) for run in runs)

    return normalise(Document(tuple(map_block(block, of) for block in document.blocks)))


def _lifted(place: FileKeeper, run: Run) -> str:
    """The target of an image of the keeping side, from a link that was written in its place; empty for any other.

    The words of such a link are not enough: it leads to a file of a task, or to one on the task's own page.
    """
    if run.kind is not RunKind.TEXT or not run.link or not place.named(run.text):
        return ""
    page, _, fragment = run.link.partition("#")
    name = place.file_at(page)
    if fragment:
        return unquote(fragment) if name or issue_key(page) else ""
    return name


def _leads_to(task: Observed, address: str) -> bool:
    """Whether an address is that of a task, or of one of its files."""
    return address.partition("#")[0] in {task.url, *(page for _, page in task.facts.files)}


def _is_unique(key: str) -> bool:
    """Whether an address or target is that of one file wherever it stands; a name is one only within its task."""
    return _on_the_web(key) or key.startswith("media:")


def _on_the_web(address: str) -> bool:
    return address.startswith(("http://", "https://"))
