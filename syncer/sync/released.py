"""Marks versions of one tracker as released, once their release is published on the other: each once, and never back.

What both said is remembered, so that a version that somebody reopens stays open. A release is never published because a
version was released: that makes a tag and notifies people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from syncer.contract.code import RELEASED, Release, VersionReleaser
from syncer.contract.errors import TrackerError
from syncer.contract.model import Audience, Field, Kind, Observed, Side, Value
from syncer.core.audience import RELEASES, may_carry
from syncer.core.codec import encode_fields
from syncer.core.records import Operation, OperationState, Verb
from syncer.core.release_names import ReleaseMark, is_open, release_name, shared_names, with_version
from syncer.core.rules import Releases
from syncer.store.code import StoredCode
from syncer.sync.context import PairContext
from syncer.sync.write import AudienceChanged, Writer
from syncer.sync.write.enough import Enough, Turn, words_of

MOST_VERSIONS = 20
"""So many versions one run marks; the rest follows an hour later."""
OLD_WRITES = 20
"""Among so many of the latest writes to a version the one is looked for that marked it."""


def mark_versions(writer: Writer) -> None:
    """Remembers which versions say the same as their releases, and marks those that do not, where the rules want it.

    What a tracker refuses or fails at is tried again the next time.
    """
    context = writer.context
    for side in Side:
        known, to = context.store.code.get(context.name, side), context.connectors[side.other]
        if known.releases and isinstance(to, VersionReleaser):
            versions = list(context.store.observed.items(context.name, side.other, Kind.MILESTONE))
            _Marking(writer, side, to, known).go(versions)


@dataclass(slots=True)
class _Marking:
    """The releases of one side, and the versions of the other one."""

    writer: Writer
    side: Side
    releaser: VersionReleaser
    known: StoredCode
    turn: Turn = field(default_factory=lambda: Turn(MOST_VERSIONS))
    barred: str | None = None
    """Why our account may not change versions; None until it is asked."""
    agreed: set[str] = field(init=False)
    """The versions that said the same as their release once, by native id: what they show now is a person's word."""

    def __post_init__(self) -> None:
        """Looks at the state only."""
        self.agreed = {mark.version for mark in self.known.marks.values() if not mark.why}

    @property
    def context(self) -> PairContext:
        """The pair."""
        return self.writer.context

    @property
    def to(self) -> Side:
        """Where the versions are."""
        return self.side.other

    def go(self, versions: Sequence[Observed]) -> None:
        """Notes what agrees, and marks what does not. Of versions that share a name none is touched."""
        shared = shared_names(versions)
        pairs = with_version(self.known.releases, versions)
        found = [(release, version) for release, version in pairs if release_name(release.tag) not in shared]
        for release, version in found:
            if not is_open(version):
                self._agree(release, version)
        if self.context.rules.releases is not Releases.MARK:
            return
        try:
            for release, version in found:
                if is_open(version) and version.ref.id not in self.agreed:
                    self._mark(release, version)
        except (Enough, AudienceChanged):
            pass

    def _agree(self, release: Release, version: Observed) -> None:
        self.agreed.add(version.ref.id)
        self._note(release, ReleaseMark(version.ref.id))

    def _note(self, release: Release, mark: ReleaseMark) -> None:
        if self.known.marks.get(release.native) != mark:
            self.context.store.code.mark(self.writer.lease, self.side, release, mark)

    # --- writing

    def _mark(self, release: Release, version: Observed) -> None:
        """Marks a version, if it is open still when it is looked at once more, and nobody reopened it."""
        if self._marked_before(version):
            self._agree(release, version)
        elif why := self._hindrance(version):
            self._note(release, ReleaseMark(version.ref.id, why))
        elif (now := self._look(version, release)) is None:
            return
        elif is_open(now) and (why := self._release(release, now)):
            self._note(release, ReleaseMark(version.ref.id, why))
        else:
            self._agree(release, now)

    def _marked_before(self, version: Observed) -> bool:
        """Whether a run marked it that was ended before it could note that."""
        latest = self.context.store.journal.latest(
            self.context.name, ref=version.ref, side=self.to, state=OperationState.DONE, limit=OLD_WRITES
        )
        return any(one.verb is Verb.RELEASE for one in latest)

    def _hindrance(self, version: Observed) -> str:
        """Why a version is left as it is, before anything is sent; empty where nothing is in the way."""
        rules, audiences = self.context.rules, self.writer.decision_context.audiences
        scopes = {side: audiences.get(side, Audience.RESTRICTED) for side in Side}
        if not may_carry(rules, RELEASES, self.to, scopes, None, version):
            return f'more people can read it than the release, and `publish` does not name "{RELEASES}"'
        if self.barred is None:
            try:
                self.barred = self.releaser.cannot_release()
            except TrackerError as error:
                self.barred = words_of(error)
        return self.barred

    def _look(self, version: Observed, release: Release) -> Observed | None:
        """A version as it is now: only complete readings list versions. None where it is gone, or called otherwise."""
        now = self.writer.read_again(self.to, version)
        return None if now is None or not list(with_version([release], [now])) else now

    def _release(self, release: Release, version: Observed) -> str:
        """Sends one request, announced in the journal; why the tracker did not take it."""
        self.turn.begin()
        self.writer.prepare(self.to, creates=0)
        patch: dict[Field, Value] = {Field.STATUS: RELEASED, Field.DUE: release.published.date()}
        reason = f"release {release.tag} was published"
        operation = self.writer.operation(Verb.RELEASE, self.to, version, None, encode_fields(patch), reason)
        self.writer.begin([operation])
        try:
            shown = self.context.connectors[self.to].update(version, patch)
        except TrackerError as error:
            return self._failed(operation, error)
        self.writer.conclude(operation, OperationState.DONE, shown, None)
        self.writer.tally.milestones["updated"] += 1
        self.turn.take()
        return ""

    def _failed(self, operation: Operation, error: TrackerError) -> str:
        """Concludes what was not taken; why. Raises what `words_of` does."""
        self.writer.conclude(operation, OperationState.FAILED, None, None, f"{type(error).__name__}: {error}")
        return self.turn.refuse(error)
