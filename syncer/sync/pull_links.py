"""Shows with tasks the pull requests of their partners, as links in their tracker: made, changed and taken away.

What is shown is noted before the request and after it, and a request that is sent twice does the same: a run that is
killed in between is followed by one that sends it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from syncer.contract.code import PullLink, PullRequest, PullShower
from syncer.contract.errors import TrackerError
from syncer.contract.model import Audience, Kind, Observed, Ref, Side
from syncer.core.audience import PULL_REQUESTS, may_carry
from syncer.core.pull_links import ShownPull, changes, link_to, mark_of
from syncer.core.records import LinkState
from syncer.store.code import StoredCode
from syncer.sync.context import PairContext
from syncer.sync.write import AudienceChanged, Writer
from syncer.sync.write.enough import Enough, Turn

MOST_LINKS = 100
"""So many one run writes; the rest follows an hour later."""


def show_pulls(writer: Writer) -> int:
    """Has the tasks of each side show the pull requests of the other, as far as the rules want; how many were written.

    Whatever a tracker refuses or fails at is tried again the next time.
    """
    context, written = writer.context, 0
    for side in Side:
        shower = context.connectors[side.other]
        known = context.store.code.get(context.name, side)
        if known.pulls and isinstance(shower, PullShower) and (context.rules.pull_requests or known.shown):
            written += _Showing(writer, side, shower, known).renew()
    return written


@dataclass(slots=True)
class _Showing:
    """The pull requests of one side, and the tasks of the other one that show them."""

    writer: Writer
    side: Side
    shower: PullShower
    known: StoredCode
    turn: Turn = field(default_factory=lambda: Turn(MOST_LINKS))
    paused: frozenset[tuple[Side, Ref]] = field(init=False)
    shown: dict[str, tuple[ShownPull, ...]] = field(init=False)

    def __post_init__(self) -> None:
        """Looks at the state only."""
        context = self.context
        self.shown = dict(self.known.shown)
        self.paused = frozenset(
            (one.side, one.ref) for one in context.store.paused.listed(context.name) if not one.over(context.clock())
        )

    @property
    def context(self) -> PairContext:
        """The pair."""
        return self.writer.context

    @property
    def to(self) -> Side:
        """Where they are shown."""
        return self.side.other

    def renew(self) -> int:
        """Shows and hides what is due, the latest pull requests first; how many requests took effect."""
        if self._readers_unknown():
            return 0
        try:
            for pull in sorted(self.known.pulls.values(), key=_moved, reverse=True):
                self._renew(pull)
        except (Enough, AudienceChanged):
            pass
        return self.turn.taken

    def _readers_unknown(self) -> bool:
        """Whether it is not known who can read what is to be shown, or where: then all stays as it is."""
        audiences, rules = self.writer.decision_context.audiences, self.context.rules
        if not rules.pull_requests:
            return False
        asked = (self.side,) if PULL_REQUESTS in rules.publish else tuple(Side)
        return any(audiences.get(side, Audience.RESTRICTED) is Audience.RESTRICTED for side in asked)

    def _renew(self, pull: PullRequest) -> None:
        shown = self.shown.get(pull.native, ())
        if not pull.tasks and not shown:
            return
        link, tasks = link_to(pull), dict(self._tasks(pull)) if self.context.rules.pull_requests else {}
        due = changes(link, tasks, shown)
        for task in due.show:
            assert link is not None  # noqa: S101 - nothing is shown without it
            self._show(pull, task, link)
        for one in due.hide:
            self._hide(pull, one)

    def _tasks(self, pull: PullRequest) -> Iterator[tuple[str, bool]]:
        """The tasks that are to show a pull request, with whether anything may be written to them now."""
        context, audiences = self.context, self.writer.decision_context.audiences
        for key in pull.tasks:
            ends = self._ends(key)
            if ends is None:
                continue
            source, target, free = ends
            if may_carry(context.rules, PULL_REQUESTS, self.to, audiences, source, target):
                yield target.ref.id, free

    def _ends(self, key: str) -> tuple[Observed, Observed, bool] | None:
        """The partners of which one is called `key`, and whether nothing stops writing; None where there are none."""
        store, pair = self.context.store, self.context.name
        for side in Side:
            item = store.observed.by_key(pair, side, key)
            link = None if item is None or item.kind is not Kind.TASK else store.links.of_item(pair, side, item.ref)
            if link is None or link.state is LinkState.RETIRED:
                continue
            source = store.observed.get(pair, self.side, link.ref(self.side))
            target = store.observed.get(pair, self.to, link.ref(self.to))
            if source is not None and target is not None:
                stopped = any((end, link.ref(end)) in self.paused for end in Side)
                return source, target, link.state is LinkState.ACTIVE and not stopped
        return None

    # --- writing

    def _show(self, pull: PullRequest, task: str, link: PullLink) -> None:
        why = self._ask(pull, ShownPull(task, link.id), lambda: self.shower.show_pull(Ref(Kind.TASK, task), link))
        self._note(pull, ShownPull(task, link.id, "" if why else mark_of(link), why))

    def _hide(self, pull: PullRequest, one: ShownPull) -> None:
        doubtful = ShownPull(one.task, one.name)
        why = self._ask(pull, doubtful, lambda: self.shower.hide_pull(Ref(Kind.TASK, one.task), one.name))
        if why:
            self._note(pull, ShownPull(one.task, one.name, "", why))
        else:
            self._store(pull, self._others(pull, one))

    def _ask(self, pull: PullRequest, doubtful: ShownPull, request: Callable[[], None]) -> str:
        """Sends one request; why the tracker did not take it. Raises Enough where no other one is to follow."""
        self.turn.begin()
        self.writer.prepare(self.to, creates=0)
        self._note(pull, doubtful)
        try:
            request()
        except TrackerError as error:
            return self.turn.refuse(error)
        self.turn.take()
        return ""

    def _note(self, pull: PullRequest, one: ShownPull) -> None:
        self._store(pull, (*self._others(pull, one), one))

    def _others(self, pull: PullRequest, one: ShownPull) -> tuple[ShownPull, ...]:
        links = self.shown.get(pull.native, ())
        return tuple(each for each in links if (each.task, each.name) != (one.task, one.name))

    def _store(self, pull: PullRequest, shown: tuple[ShownPull, ...]) -> None:
        self.shown[pull.native] = shown
        self.context.store.code.show(self.writer.lease, self.side, pull, shown)


def _moved(pull: PullRequest) -> tuple[object, str]:
    """When something became of it last."""
    return max(at for at in (pull.opened, pull.reviewed, pull.merged, pull.closed) if at is not None), pull.native
