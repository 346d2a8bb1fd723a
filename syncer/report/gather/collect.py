"""Builds the collaboration from what the store holds: both sides of every pair, links, history, conflicts, runs.

Why from the store and never from the trackers: the report is sent even when a tracker is down, says how far the data
reaches, and can be made again for any week.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice

from syncer.contract.history import Aspect
from syncer.contract.model import Audience, Field, Kind, Ref, Side
from syncer.core.people import resolved
from syncer.core.posts import is_post
from syncer.core.records import (
    Conflict,
    FieldChange,
    JsonObject,
    LinkedItems,
    LinkState,
    OperationState,
    RunRecord,
    Verb,
)
from syncer.core.responsibility import NOTHING_DECLARED, Declarations
from syncer.core.rules import Mode, PairRules
from syncer.core.steering import PausedItem, set_by
from syncer.report.gather.assembly import Assembly
from syncer.report.gather.known_items import KnownItem
from syncer.report.gather.merged_item import MergedItem
from syncer.report.gather.people import People, by_id, known_rosters
from syncer.report.gather.status_words import is_waiting
from syncer.report.gather.values import PLAIN, Markups, asks, clean, one_line, readable, title_of
from syncer.report.model.code import PairCode
from syncer.report.model.collaboration import (
    Collaboration,
    Comment,
    HeldItem,
    PairHealth,
    Steering,
    WaitingConflict,
)
from syncer.report.model.counting import USUAL, CountingRules
from syncer.report.model.snapshot import LONGEST
from syncer.report.model.sprint import TeamSprint
from syncer.report.model.sync_run import SyncRun
from syncer.report.model.window import Window
from syncer.richtext.markup import Markup
from syncer.richtext.plain import PlainMarkup
from syncer.store import Store

PAGE = 500
"""How many items are put together at a time."""

RUNS = 5_000
"""How many runs are looked at: more than a week of one every three minutes."""

OPERATIONS = 10_000
"""How many of the latest writes are looked at for delays."""

CONFLICT_WEEKS = 3
"""Weeks before the reported one whose settled conflicts are looked at."""

FIGURED_WEEKS = 8
"""Weeks up to the reported one of which figures are made, each of which looks back for `LONGEST` at most."""

_COUNTED = ("created", "updated", "closed", "comments", "milestones")


def collect(
    store: Store, pairs: Sequence[PairRules], *, window: Window, now: datetime, name: str | None = None,
    declared: Declarations = NOTHING_DECLARED, markups: Markups = PLAIN, counting: CountingRules = USUAL,
) -> Collaboration:  # fmt: skip
    """The collaboration as the store knows it at `now`. `name` defaults to the names of the pairs."""
    people = People([_with_known_people(store, rules) for rules in pairs])
    rosters = tuple(roster for rules in pairs for roster in known_rosters(store, rules.name, people, window))
    collected = [
        _Pair(store, rules, people, markups.get(rules.name, {}), counting, window).collect(now) for rules in pairs
    ]
    written = by_id(declared, people)
    return Collaboration(
        name=one_line(name or ", ".join(rules.name for rules in pairs)),
        pairs=tuple(health for one in collected for health in one.pairs),
        people=people.all(),
        goals=tuple(goal for one in collected for goal in one.goals),
        tasks=tuple(task for one in collected for task in one.tasks),
        comments=tuple(comment for one in collected for comment in one.comments),
        conflicts=tuple(conflict for one in collected for conflict in one.conflicts),
        settled_conflicts=tuple(at for one in collected for at in one.settled_conflicts),
        past_conflicts=tuple(conflict for one in collected for conflict in one.past_conflicts),
        held=tuple(item for one in collected for item in one.held),
        waiting=frozenset(
            name.casefold()
            for one in collected
            for name in (*one.earlier_statuses, *(visit.name for task in one.tasks for visit in task.visits))
            if is_waiting(name)
        ),
        declared=written,
        forecast_log=tuple(store.forecasts.logged()),
        rosters=rosters,
        sprints=_each_once(sprint for one in collected for sprint in one.sprints),
        code=tuple(code for one in collected for code in one.code),
        counting=counting,
        earlier_statuses=frozenset[str]().union(*(one.earlier_statuses for one in collected)),
    )


def _each_once(sprints: Iterable[TeamSprint]) -> tuple[TeamSprint, ...]:
    """Sprints that several pairs have; one that some pair may name may be named."""
    known: dict[str, TeamSprint] = {}
    for sprint in sprints:
        if sprint.id not in known or known[sprint.id].restricted:
            known[sprint.id] = sprint
    return tuple(sorted(known.values(), key=lambda sprint: (sprint.first_day(UTC), sprint.id)))


def _with_known_people(store: Store, rules: PairRules) -> PairRules:
    known = {side: store.identities.of_pair(rules.name, side) for side in Side}
    return replace(rules, people=resolved(rules.people, known))


class _Pair:
    """What the store knows about one pair."""

    def __init__(
        self, store: Store, rules: PairRules, people: People, markups: Mapping[Side, Markup], counting: CountingRules,
        window: Window,
    ) -> None:  # fmt: skip
        self._store = store
        self._name = rules.name
        self._people = people
        addresses = {side: state.address if (state := store.pairs.side(rules.name, side)) else "" for side in Side}
        self._addresses = (clean(addresses[Side.LEFT]), clean(addresses[Side.RIGHT]))
        scopes = {side: address.rpartition(" ")[2] for side, address in addresses.items()}
        self._markups = {side: markups.get(side) or PlainMarkup() for side in Side}
        self._window = window
        since = window.earlier(FIGURED_WEEKS).start - LONGEST
        self._assembly = Assembly(rules, people, scopes, self._markups, counting, since)
        self._order: dict[Aspect | None, int] = {name: place for place, name in enumerate(self._assembly.aspects)}

    def collect(self, now: datetime) -> Collaboration:
        """The pair as a collaboration of its own, without people."""
        window = self._window
        self._read_items()
        tasks, goals = self._assembly.assemble()
        waiting, past_conflicts, settled = self._conflicts(window)
        return Collaboration(
            name=self._name,
            pairs=(self._health(window),),
            people=(),
            goals=goals,
            tasks=tuple(task for task in tasks if task.created <= now),
            comments=tuple(self._comments()),
            conflicts=tuple(waiting),
            settled_conflicts=tuple(settled),
            past_conflicts=tuple(past_conflicts),
            held=(*self._held(), *self._steered(window, now)),
            sprints=tuple(self._assembly.sprints()),
            code=tuple(self._code(now)),
            earlier_statuses=self._assembly.earlier_statuses,
        )

    def _code(self, now: datetime) -> Iterator[PairCode]:
        """What is known of the code, where a tracker was asked; releases and pull requests of both sides together."""
        known = [self._store.code.get(self._name, side) for side in Side]
        asked = [one for one in known if one.read_at is not None and one.read_at <= now]
        if asked:
            pulls = tuple(pull for one in asked for pull in one.pulls.values())
            yield PairCode(self._name, pulls, tuple(release for one in asked for release in one.releases))

    # --- items

    def _read_items(self) -> None:
        """Reads everything once, page by page, each with its history."""
        histories = self._store.history.of_items(self._name, self._assembly.aspects)
        for kind in (Kind.MILESTONE, Kind.TASK):
            items = self._items(kind)
            while page := list(islice(items, PAGE)):
                for merged, changes in zip(page, self._happened(page, histories), strict=True):
                    self._assembly.add(merged, changes)

    def _items(self, kind: Kind) -> Iterator[MergedItem]:
        for linked in self._store.links.shown_together(self._name, kind):
            if not linked.moved_on:  # it counts in the pair where it is now
                yield MergedItem.together(linked)
        for side in Side:
            alone = self._store.observed.unlinked(self._name, side, kind)
            yield from (MergedItem.alone(side, item) for item in alone if not is_post(item.marker))

    def _happened(
        self, page: Sequence[MergedItem], histories: Callable[[Collection[Ref]], Iterable[FieldChange]]
    ) -> list[list[FieldChange]]:
        """What happened to each of some items, oldest first; at one moment in the order of the fields."""
        found: list[list[FieldChange]] = [[] for _ in page]
        where = {(side, item.ref): row for row, merged in zip(found, page, strict=True) for side, item in merged.sides}
        for change in histories({ref for _, ref in where}):
            if (row := where.get((change.side, change.ref))) is not None:
                row.append(change)
        for row in found:
            if len(row) > 1:
                row.sort(key=lambda change: (change.at, self._order[change.field]))
        return found

    def _comments(self) -> Iterator[Comment]:
        """Comments that somebody wrote, each once and not our copies; none that has restricted readers."""
        mirrors = self._store.links.mirrors(self._name, Kind.COMMENT)
        for side in Side:
            for item in self._store.observed.items(self._name, side, Kind.COMMENT):
                task = self._assembly.known(side, item.parent)
                if task is None or item.author is None or (side, item.ref) in mirrors:
                    continue
                if item.marker is None and item.audience is not Audience.RESTRICTED:
                    self._people.meet(self._name, side, item.author)
                    author = self._people.person(self._name, side, item.author.id)
                    body = item.showing.get(Field.BODY)
                    asking = isinstance(body, str) and asks(body, self._markups[side])
                    yield Comment(task.id, author, item.created, asking)

    # --- what waits

    def _conflicts(self, window: Window) -> tuple[list[WaitingConflict], list[WaitingConflict], list[datetime]]:
        """Conflicts nobody has decided, those settled since the weeks before, and when all others were settled."""
        waiting: list[WaitingConflict] = []
        past: list[WaitingConflict] = []
        settled: list[datetime] = []
        since = window.earlier(CONFLICT_WEEKS).start
        for conflict in self._store.conflicts.of_pair(self._name, open_only=False):
            if conflict.settled_at is not None:
                settled.append(conflict.settled_at)
                if conflict.settled_at >= since and (found := self._waiting(conflict)) is not None:
                    past.append(found)
            elif conflict.decision is None and (found := self._waiting(conflict)) is not None:
                waiting.append(found)
        return waiting, past, settled

    def _waiting(self, conflict: Conflict) -> WaitingConflict | None:
        link = self._store.links.get(conflict.link)
        if link is None:
            return None
        shown = {side: self._store.observed.get(self._name, side, link.ref(side)) for side in Side}
        linked = LinkedItems(link, shown[Side.LEFT], shown[Side.RIGHT])
        merged = MergedItem.linked(linked)
        if not merged.shown:
            return None
        restricted = self._restricted(merged)

        def value(side: Side, encoded: object) -> str:
            if restricted:
                return ""
            name = partial(self._called, conflict.field, side)
            return readable(conflict.field, encoded, name, self._markups[side])

        return WaitingConflict(
            id=conflict.id,
            pair=self._name,
            title="" if restricted else self._title(merged),
            places=() if restricted else merged.places,
            field=str(conflict.field),
            left=value(Side.LEFT, conflict.left),
            right=value(Side.RIGHT, conflict.right),
            opened_at=conflict.opened_at,
            restricted=restricted,
            settled_at=conflict.settled_at,
            edited=conflict.base_left is not None or conflict.base_right is not None,
        )

    def _held(self) -> Iterator[HeldItem]:
        for linked in self._store.links.of_pair(self._name, state=LinkState.HELD):
            merged = MergedItem.linked(linked)
            restricted = not merged.shown or self._restricted(merged)
            yield HeldItem(
                pair=self._name,
                title="" if restricted else self._title(merged),
                places=() if restricted else merged.places,
                reason="" if restricted else one_line(linked.link.explanation),
                restricted=restricted,
            )

    def _steered(self, window: Window, now: datetime) -> Iterator[HeldItem]:
        """What is paused now, and what was set apart in the week: the rest of that is no news."""
        for paused in self._store.paused.listed(self._name):
            if not paused.over(now):
                by, since = self._paused_by(paused)
                said = Steering(False, since, by, one_line(paused.why), paused.until, one_line(paused.label))
                yield from self._steered_item(paused.side, paused.ref, said)
        for apart in self._store.apart.listed(self._name):
            if apart.since in window and apart.ref.kind is not Kind.COMMENT:
                said = Steering(True, apart.since, one_line(apart.by), one_line(apart.why))
                yield from self._steered_item(apart.side, apart.ref, said)

    def _paused_by(self, paused: PausedItem) -> tuple[str, datetime]:
        if not paused.label:
            return one_line(paused.by), paused.since
        changes = self._store.history.changes(self._name, side=paused.side, ref=paused.ref, fields=[Field.LABELS])
        change = set_by(paused.label, changes)
        if change is None or change.actor is None:
            return "", paused.since if change is None else change.at
        return self._people.name(self._name, paused.side, change.actor), change.at

    def _steered_item(self, side: Side, ref: Ref, said: Steering) -> Iterator[HeldItem]:
        if (item := self._assembly.known(side, ref)) is not None:
            title, places = ("", ()) if item.restricted else (item.title, item.places)
            yield HeldItem(self._name, title, places, "", item.restricted, said)

    def _restricted(self, merged: MergedItem) -> bool:
        """Whether the item, or the task a comment belongs to, has restricted readers."""
        above = self._task_of_comment(merged)
        return self._assembly.restricted(merged) or (above is not None and above.restricted)

    def _title(self, merged: MergedItem) -> str:
        """The title of an item; of a comment, that of its task."""
        above = self._task_of_comment(merged)
        return title_of(merged.first) if above is None else above.title

    def _task_of_comment(self, merged: MergedItem) -> KnownItem | None:
        found = (self._assembly.known(side, item.parent) for side, item in merged.sides)
        return next((task for task in found if task is not None), None)

    def _called(self, field: Field, side: Side, native: str) -> str:
        """What a milestone, task or account in a field is called by its native id."""
        if field.leads:
            task = self._assembly.known(side, Ref(Kind.TASK, native))
            return native if task is None or task.restricted else task.key(side)
        milestone = self._assembly.known(side, Ref(Kind.MILESTONE, native))
        return milestone.title if milestone is not None else self._people.name(self._name, side, native)

    # --- how the sync did

    def _health(self, window: Window) -> PairHealth:
        return PairHealth(
            name=self._name,
            addresses=self._addresses,
            runs=tuple(_run(record) for record in self._store.pairs.runs(self._name, limit=RUNS)),
            linked_tasks=self._store.links.count(self._name).get(Kind.TASK, 0),
            unsettled_writes=len(self._store.journal.open(self._name)),
            synced_since=self._store.pairs.first_run_at(self._name),
            past_known=all(not self._store.history.count_pending(self._name, side) for side in Side),
            carry_delays=tuple(sorted(self._delays(window))),
        )

    def _delays(self, window: Window) -> Iterator[timedelta]:
        """For each update carried in the window: from the change that caused it to its showing on the other side.

        What waited for the first sync was not late: the pair did not exist yet.
        """
        begun = self._store.pairs.first_run_at(self._name)
        changed: dict[tuple[Side, Ref], list[datetime]] = defaultdict(list)
        for change in self._store.history.changes(self._name, since=window.start, until=window.end):
            if change.operation is None and change.field is not None and begun is not None and change.at >= begun:
                changed[change.side, change.ref].append(change.at)
        for operation in self._store.journal.latest(self._name, state=OperationState.DONE, limit=OPERATIONS):
            if operation.verb is not Verb.UPDATE or operation.settled_at is None or operation.at not in window:
                continue
            moments = changed.get((operation.side.other, operation.source), [])
            earlier = bisect_right(moments, operation.at)
            if earlier:
                yield max(timedelta(), operation.settled_at - moments[earlier - 1])


def _run(record: RunRecord) -> SyncRun:
    return SyncRun(
        started_at=record.started_at,
        finished_at=record.finished_at,
        outcome=record.outcome,
        writes=sum(_counts(record.result)),
        message=one_line(str(record.result.get("message") or "")),
        watches=record.result.get("mode") == Mode.WATCH,
        count=record.count,
        since=record.since,
    )


def _counts(result: JsonObject) -> Iterator[int]:
    """The numbers of writes in what `sync --json` printed."""
    for name in _COUNTED:
        group = result.get(name)
        if isinstance(group, dict):
            yield from (amount for amount in group.values() if isinstance(amount, int))
