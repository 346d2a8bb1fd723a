"""The collaboration at one moment: every task as it stood then, so that a past week can be computed again. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import takewhile
from operator import attrgetter, itemgetter
from zoneinfo import ZoneInfo

from syncer.core.records import LoggedForecast
from syncer.core.responsibility import Party, Profile
from syncer.report.model.code import PairCode
from syncer.report.model.collaboration import Collaboration, Comment, Impediment, PairHealth, Task
from syncer.report.model.counting import CountingRules
from syncer.report.model.goal import TaskLine
from syncer.report.model.metric import EvidenceTask
from syncer.report.model.timeline import Blockage, Cause, Standing
from syncer.report.model.window import Window

TRAILING = timedelta(days=28)
"""How far back rates and durations look."""

LONGEST = timedelta(days=180)
"""The longest span that any figure looks back."""

EVER = datetime.min.replace(tzinfo=UTC)

MOST_EVIDENCE = 5


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Each counted task with its standing, owners and due date at the moment the figures describe."""

    as_of: datetime
    today: date
    window: Window
    standings: Mapping[str, Standing]
    """By the id of each open task: to do or in progress. Most tasks of a large pair are finished long ago."""
    tasks: tuple[Task, ...]
    """All that counted; cancelled tasks and tasks that did not exist yet are absent."""
    open_tasks: tuple[Task, ...]
    """Those on which work remains."""
    finished: tuple[Task, ...]
    """Those that were finished in the last `LONGEST`, the last first."""
    cycles: tuple[tuple[float, Task], ...]
    """Days from start to finish of those of them that were seen started, the last finished first."""
    recent: tuple[Task, ...]
    """At least all those to which anything happened in the trailing 28 days."""
    names: Mapping[str, str]
    goal_titles: Mapping[str, str]
    goal_owners: Mapping[str, Sequence[str]]
    """Ids of people by goal id."""
    owners: Mapping[str, Sequence[str]]
    """Ids of people by the id of each open task that may be named."""
    finishes: Mapping[str, datetime]
    """By task id: last entry into done of the tasks of `finished`, and of older ones that another task waits for."""
    comments: Mapping[str, Sequence[Comment]]
    """By task id: what people (no bots) wrote up to the moment, oldest first."""
    bots: frozenset[str]
    waiting: frozenset[str]
    """Names of statuses in which work waits, folded."""
    statuses: frozenset[str]
    """Names of all statuses that tasks were seen in, up to the moment."""
    clients: frozenset[str]
    """Ids of the people who are written down as the client's."""
    watched_since: Mapping[str, datetime]
    """By pair: since when all is known: its first reading, until the trackers have given the past of its tasks."""
    forecast_log: Sequence[LoggedForecast]
    """What reports said of when goals will be reached, also later ones."""
    pools: Mapping[str, str]
    """By the ids of the people who take each other's tasks: the name of their pool."""
    profiles: Mapping[str, Profile]
    """By person: whose they are and how much they can take on, where that is written down."""
    counting: CountingRules
    """What the configuration says of counting."""
    code: tuple[PairCode, ...]
    """Of the pairs whose trackers tell of pull requests and releases; also what happened later."""
    _lines: dict[str, tuple[Task, TaskLine]] = field(default_factory=dict, init=False, repr=False, compare=False)
    """By task id: the lines that were asked for. A late task is in several lists, and each holds the same line."""

    def open(self, task: Task) -> bool:
        """Whether work remained; cancelled tasks are in no snapshot."""
        return task.id in self.standings

    def standing(self, task: Task) -> Standing:
        """How far the task was."""
        return self.standings.get(task.id, Standing.DONE)

    def late_days(self, task: Task) -> int:
        """Whole days an open task was behind its due date."""
        if task.due is None or not self.open(task):
            return 0
        return max(0, (self.today - task.due).days)

    def blocked(self, task: Task) -> bool:
        """Whether something was in the way of an open task."""
        return self.open(task) and bool(task.impediments)

    def blocked_since(self, tasks: Iterable[Task]) -> date | None:
        """The day from which on the first of them has been blocked; None where of one nobody saw it begin."""
        begins = [one.since for task in tasks for one in task.impediments]
        known = [at for at in begins if at is not None]
        return min(known).astimezone(self.window.zone).date() if known and len(known) == len(begins) else None

    def finished_at(self, task: Task) -> datetime | None:
        """When the task was finished, if it is done at this moment."""
        return None if self.open(task) else _finish(task, self.as_of)

    def started_at(self, task: Task) -> datetime | None:
        """When somebody first worked on it; None when that was not seen.

        A task that was in progress when it was first seen started at a time that nobody recorded, unless all that
        happened since it was made was seen: then it was made in progress.
        """
        return _started(task, self.as_of, self.watched_since)

    def zone_of(self, task: Task) -> tzinfo:
        """By whose clock a task waits: that of its first owner whose time zone is written down, else the report's."""
        for owner in task.owners:
            profile = self.profiles.get(owner)
            if profile is not None and profile.timezone:
                return ZoneInfo(profile.timezone)
        return self.window.zone

    def watched(self, task: Task, span: timedelta) -> bool:
        """Whether all that happened to the task in the last so many days was seen: its pair was read before them."""
        known = self.watched_since.get(task.pair)
        return known is not None and known <= max(self.as_of - span, task.created)

    @property
    def finished_this_week(self) -> tuple[Task, ...]:
        """The tasks finished in the window, oldest finish first."""
        begin = self.window.start
        found = list(takewhile(lambda task: self.finishes[task.id] >= begin, self.finished))
        return tuple(found[::-1])

    @property
    def created_this_week(self) -> tuple[Task, ...]:
        """The tasks made in the window, oldest first."""
        return tuple(
            sorted((task for task in self.recent if task.created in self.window), key=attrgetter("created", "id"))
        )

    @property
    def overdue(self) -> tuple[Task, ...]:
        """Open tasks behind their due date, the latest first."""
        late = [task for task in self.open_tasks if self.late_days(task)]
        return tuple(sorted(late, key=lambda task: (-self.late_days(task), task.id)))

    def statuses_that(self, known: Callable[[str], bool]) -> tuple[str, ...]:
        """The names of the statuses that are known as something, in order."""
        return tuple(sorted(name for name in self.statuses if known(name)))

    def finished_within(self, span: timedelta) -> list[Task]:
        """The tasks finished in the last so many days, at most `LONGEST`; oldest finish first."""
        since = self.as_of - span
        found = list(takewhile(lambda task: self.finishes[task.id] > since, self.finished))
        return found[::-1]

    def cycle_days(self, span: timedelta) -> list[tuple[float, Task]]:
        """Days from start to finish of the tasks finished in a span; without those that were never seen started."""
        since = self.as_of - span
        return list(takewhile(lambda cycle: self.finishes[cycle[1].id] > since, self.cycles))[::-1]

    def tasks_called(self, keys: Iterable[str]) -> Iterator[Task]:
        """The tasks that people call by these keys, each once, in the order of the keys."""
        called = {place.key: task for task in self.tasks for place in task.places}
        found = (called[key] for key in keys if key in called)
        return iter({task.id: task for task in found}.values())

    def line(self, task: Task) -> TaskLine:
        """The task as a list shows it, with times by the clock of the report: their days are those of its weeks."""
        known = self._lines.get(task.id)
        if known is None or known[0] is not task:
            known = self._lines[task.id] = task, self._line(task)
        return known[1]

    def _line(self, task: Task) -> TaskLine:
        finished = self.finished_at(task)
        return TaskLine(
            id=task.id,
            title=task.title,
            places=task.places,
            owners=tuple(self.names.get(owner, owner) for owner in task.owners),
            standing=self.standing(task),
            status=task.status,
            due=task.due,
            days_late=self.late_days(task),
            finished=None if finished is None else finished.astimezone(self.window.zone),
            impediments=tuple(self._with_names(task, one) for one in task.impediments),
            goals=tuple(self.goal_titles[goal] for goal in task.goals if goal in self.goal_titles),
            points=task.points,
        )

    def _with_names(self, task: Task, impediment: Impediment) -> Impediment:
        others = (who for who in self.clearers(task, impediment) if who not in task.owners)
        since = None if impediment.since is None else impediment.since.astimezone(self.window.zone)
        return replace(impediment, since=since, clearers=tuple(self.names.get(who, who) for who in others))

    def clearers(self, task: Task, impediment: Impediment) -> tuple[str, ...]:
        """Ids of those who can clear an impediment.

        Who has the tasks it waits for; those who answer for the goal where a decision or somebody outside is missing;
        else the owners of the task.
        """
        if impediment.waits_for:
            return tuple(dict.fromkeys(who for name in impediment.waits_for for who in self.owners.get(name, ())))
        above = [who for goal in task.goals for who in self.goal_owners.get(goal, ())]
        answering = above if impediment.kind in {"decision", "external"} else []
        return tuple(dict.fromkeys(answering)) or task.owners

    def lines(self, tasks: Iterable[Task]) -> tuple[TaskLine, ...]:
        """The tasks that may be named, as lines."""
        return tuple(self.line(task) for task in tasks if not task.restricted)


def days(span: timedelta) -> float:
    """A span in days of 24 hours."""
    return span / timedelta(days=1)


def evidence(tasks: Iterable[Task]) -> tuple[EvidenceTask, ...]:
    """The first few of the tasks that may be named."""
    named = (EvidenceTask(task.id, task.title, task.places) for task in tasks if not task.restricted)
    return tuple(one for one, _ in zip(named, range(MOST_EVIDENCE), strict=False))


def snapshot_at(collaboration: Collaboration, window: Window, as_of: datetime) -> Snapshot:
    """The collaboration at `as_of`. A standing at the very end of a window is that of the last instant inside it."""
    last_instant = as_of - timedelta(microseconds=1) if as_of == window.end else as_of
    standings: dict[str, Standing] = {}
    finishes: dict[str, datetime] = {}
    tasks, open_tasks = [], []
    since, waited_for = last_instant - LONGEST, {name for task in collaboration.tasks for name in task.waits_for}
    for each in collaboration.tasks:
        standing = _standing(each, last_instant)
        if standing is None or standing is Standing.CANCELLED:
            continue
        task = _as_it_was(each, last_instant)
        tasks.append(task)
        if standing is not Standing.DONE:
            standings[task.id] = standing
            open_tasks.append(task)
        elif (at := _finish(task, last_instant)) is not None and (at > since or task.id in waited_for):
            finishes[task.id] = at
    bots = frozenset(person.id for person in collaboration.people if person.bot)
    finished = _finished(tasks, finishes, since)
    watched = _watched_since(collaboration.pairs)
    return Snapshot(
        as_of=last_instant,
        today=last_instant.astimezone(window.zone).date(),
        window=window,
        standings=standings,
        tasks=tuple(tasks),
        open_tasks=tuple(open_tasks),
        finished=finished,
        cycles=tuple(_cycles(finished, finishes, last_instant, watched)),
        recent=tuple(task for task in tasks if task.last_moved > last_instant - TRAILING),
        names={person.id: person.name for person in collaboration.people},
        goal_owners={goal.id: goal.owners for goal in collaboration.goals},
        owners={task.id: task.owners for task in open_tasks if not task.restricted},
        goal_titles={goal.id: goal.title for goal in collaboration.goals if not goal.restricted},
        finishes=finishes,
        comments=_comments(collaboration.comments, bots, last_instant),
        bots=bots,
        waiting=collaboration.waiting,
        statuses=collaboration.earlier_statuses.union(
            visit.name for task in tasks for visit in task.visits if visit.at <= last_instant
        ),
        clients=frozenset(one.name for one in collaboration.declared.people if one.party is Party.CLIENT),
        forecast_log=collaboration.forecast_log,
        pools={person: f"pool {number}" for number, pool in enumerate(collaboration.declared.pools) for person in pool},
        profiles={profile.name: profile for profile in collaboration.declared.people},
        watched_since=watched,
        counting=collaboration.counting,
        code=collaboration.code,
    )


def _watched_since(pairs: Iterable[PairHealth]) -> dict[str, datetime]:
    return {pair.name: EVER if pair.past_known else pair.runs[-1].started_at for pair in pairs if pair.runs}


def _standing(task: Task, as_of: datetime) -> Standing | None:
    """The standing at a moment: that of now where nothing happened since."""
    if task.last_moved > as_of:
        return task.standing_at(as_of)
    return task.transitions[-1].standing if task.transitions else task.standing


def _as_it_was(task: Task, as_of: datetime) -> Task:
    if not (task.assignments or task.due_changes or task.memberships or task.blockages):
        return task
    if task.last_moved <= as_of and not task.blockages:
        return task
    owners, due, goals = task.owners_at(as_of), task.due_at(as_of), task.goals_at(as_of)
    impediments = impediments_at(task, as_of) if task.blockages else task.impediments
    if (owners, due, goals, impediments) == (task.owners, task.due, task.goals, task.impediments):
        return task
    return replace(task, owners=owners, due=due, goals=goals, impediments=impediments)


def _finished(tasks: Iterable[Task], finishes: Mapping[str, datetime], since: datetime) -> tuple[Task, ...]:
    """The tasks that were finished after a moment, the last first."""
    found = [(at, task.id, task) for task in tasks if (at := finishes.get(task.id)) is not None and at > since]
    return tuple(task for _, _, task in sorted(found, key=itemgetter(0, 1), reverse=True))


def _cycles(
    finished: Iterable[Task], finishes: Mapping[str, datetime], as_of: datetime, watched: Mapping[str, datetime]
) -> Iterator[tuple[float, Task]]:
    """Days from start to finish, of the tasks that were seen started before they were finished."""
    for task in finished:
        started = _started(task, as_of, watched)
        if started is not None and started <= finishes[task.id]:
            yield days(finishes[task.id] - started), task


def _started(task: Task, as_of: datetime, watched: Mapping[str, datetime]) -> datetime | None:
    first = task.transitions[0] if task.transitions else None
    seen = watched.get(task.pair)
    if first is not None and first.standing is Standing.DOING and seen is not None and seen <= task.created:
        return first.at if first.at <= as_of else None
    for change in task.transitions[1:]:
        if change.standing is Standing.DOING:
            return change.at if change.at <= as_of else None
    return None


def _finish(task: Task, as_of: datetime) -> datetime | None:
    if task.transitions and task.last_moved <= as_of and task.transitions[-1].standing is Standing.DONE:
        return task.transitions[-1].at
    entries: Iterator[datetime] = (
        change.at for change in reversed(task.transitions) if change.standing is Standing.DONE and change.at <= as_of
    )
    return next(entries, task.finished)


def _comments(comments: Iterable[Comment], bots: frozenset[str], as_of: datetime) -> Mapping[str, Sequence[Comment]]:
    found: dict[str, list[Comment]] = defaultdict(list)
    for comment in comments:
        if comment.author not in bots and comment.at <= as_of:
            found[comment.task].append(comment)
    for written in found.values():
        written.sort(key=attrgetter("at"))
    return found


# --- what was in the way


def impediments_at(task: Task, at: datetime | None) -> tuple[Impediment, ...]:
    """What was in the way of the task at a time; None is now."""
    standing = [
        one
        for one in task.blockages
        if one.end is None or (at is not None and one.end > at)
        if at is None or one.start <= at
    ]
    found = {(one.cause, one.kind): one.start for one in reversed(standing)}
    order = sorted(found, key=lambda one: (_ORDER.index(one[0]), one[1] or ""))
    return tuple(
        Impediment(
            cause,
            kind,
            blockers=tuple(dict.fromkeys(one.key for one in standing if one.cause is cause and one.key)),
            # Older than the task itself is what was there when the task was first seen: nobody knows since when.
            since=since if (since := found[cause, kind]) > task.created else None,
            waits_for=tuple(dict.fromkeys(one.blocker for one in standing if one.cause is cause and one.blocker)),
        )
        for cause, kind in order
    )


_ORDER = (Cause.FLAG, Cause.LABEL, Cause.STATUS, Cause.DEPENDENCY)


def holding(task: Task) -> Iterator[Blockage]:
    """What held up work on the task: one that nobody has begun is not held up by what comes before it."""
    begun = next((change.at for change in task.transitions if change.standing is Standing.DOING), None)
    for one in task.blockages:
        if one.cause is not Cause.DEPENDENCY:
            yield one
        elif begun is not None and (one.end is None or one.end > begun):
            yield replace(one, start=max(one.start, begun))
