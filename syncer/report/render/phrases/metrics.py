"""The names of the figures, and the population each was counted in."""

from __future__ import annotations

from typing import assert_never

from syncer.report.model.metric import Judgement, Metric, MetricId, Missing, Question, Unit
from syncer.report.model.timeline import Cause
from syncer.report.render.language import Language
from syncer.report.render.phrases.tasks import impediment_kind


def marked(message: str) -> str:
    """The message itself; tells the catalogue's extraction that it is one."""
    return message


def counted(one: str, many: str) -> tuple[str, str]:
    """The two forms of a message about `n` things."""
    return one, many


_LABELS = {
    MetricId.TASKS_OPEN: marked("Open tasks"),
    MetricId.TASKS_FINISHED: marked("Finished this week"),
    MetricId.TASKS_CREATED: marked("New this week"),
    MetricId.NET_FLOW: marked("Finished minus new"),
    MetricId.OVERDUE_OPEN: marked("Overdue"),
    MetricId.DAYS_LATE: marked("Days late, summed"),
    MetricId.BLOCKED_OPEN: marked("Blocked"),
    MetricId.UNOWNED_OPEN: marked("Without an owner"),
    MetricId.ON_TIME: marked("Finished on time"),
    MetricId.GOALS_ATTENTION: marked("Goals at risk or off track"),
    MetricId.GOAL_PROGRESS: marked("Way from baseline to target, mean of the goals"),
    MetricId.GOAL_SCOPE_DONE: marked("Done of the work that goals consist of"),
    MetricId.ACCEPTANCE_MET: marked("Acceptance criteria met"),
    MetricId.COMMENTS_WRITTEN: marked("Comments people wrote"),
    MetricId.CONFLICTS_WAITING: marked("Conflicts waiting"),
    MetricId.CONFLICTS_SETTLED: marked("Conflicts settled this week"),
    MetricId.ITEMS_HELD: marked("Items held back"),
    MetricId.SYNC_RUNS: marked("Sync runs this week"),
    MetricId.SYNC_RUNS_FAILED: marked("Runs that did not finish"),
    MetricId.SYNC_WRITES: marked("Changes carried this week"),
    MetricId.CARRY_DELAY: marked("Minutes until the other side shows it (median)"),
    MetricId.ON_TIME_RATE: marked("Finished by the first due day promised"),
    MetricId.DUE_SLIP: marked("Days a moved due day slipped, mean"),
    MetricId.REOPEN_RATE: marked("Finished and opened again"),
    MetricId.REWORK_RATE: marked("Finished after going back from review to work"),
    MetricId.BUG_SHARE: marked("Bugs among new tasks"),
    MetricId.DEFECT_AGE: marked("Days until a bug is finished, median"),
    MetricId.CLIENT_ACCEPT_FIRST: marked("Accepted by the client at first"),
    MetricId.CHANGE_FAIL: marked("Releases followed by an incident"),
    MetricId.CYCLE_TIME_P50: marked("Days from start to finish, median"),
    MetricId.CYCLE_TIME_P85: marked("Days from start to finish, 85th percentile"),
    MetricId.LEAD_TIME_P50: marked("Lead time (created to done), days, median"),
    MetricId.THROUGHPUT: marked("Tasks finished a week"),
    MetricId.FLOW_EFFICIENCY: marked("Time worked of time passed, median"),
    MetricId.ESTIMATE_RATIO: marked("Hours booked for each hour estimated, median"),
    MetricId.DAYS_PER_POINT: marked("Days from start to finish for each point, median"),
    MetricId.WIP: marked("Tasks in progress"),
    MetricId.AGE_OVER_SLE: marked("In progress for longer than 85% take"),
    MetricId.HANDOFFS: marked("Changes of owner for each finished task"),
    MetricId.PING_PONG: marked("Tasks that went back and forth"),
    MetricId.WAIT_SHARE: marked("Share of time spent waiting"),
    MetricId.REVIEW_SHARE: marked("Work in progress that waits for review"),
    MetricId.BLOCKED_DAYS: marked("Days blocked this week, summed"),
    MetricId.FIRST_RESPONSE: marked("Hours to a first answer, median"),
    MetricId.FIRST_RESPONSE_WORKING: marked("Working hours to a first answer, median"),
    MetricId.ANSWER_TIME: marked("Hours from a question to its answer, median"),
    MetricId.CLIENT_WAIT: marked("Days that a task waits for the client, median"),
    MetricId.UNANSWERED_QUESTIONS: marked("Questions without an answer"),
    MetricId.STALE_OPEN: marked("Untouched for 14 days"),
    MetricId.LOAD_GINI: marked("Inequality of what is in hand (0 to 1)"),
    MetricId.ABSENCE_FACTOR: marked("People who finish half of the work"),
    MetricId.RACI_GAPS: marked("Gaps in who is responsible"),
    MetricId.LOAD_RATIO: marked("In progress, of what people can take on"),
    MetricId.OVERLOADED: marked("People with too much in progress for two weeks"),
    MetricId.WIP_PER_PERSON: marked("Tasks in progress for each person"),
    MetricId.SINGLE_POINT: marked("Critical tasks only their owner could do"),
    MetricId.CROSS_TOOL_LAG: marked("Minutes until the other side shows it (95th percentile)"),
    MetricId.CPM_LENGTH: marked("Days of the longest chain of open tasks"),
    MetricId.FORECAST_CALIBRATION: marked("Score of earlier forecasts (0 is perfect, 0.25 a coin)"),
    MetricId.PLAN_STABILITY: marked("Planned work that kept its goal, owner and day this week"),
    MetricId.PLAN_COMPLETE: marked("Planned work with owner, day and size"),
    MetricId.GOALS_AT_RISK: marked("Goals likelier to miss their date than to keep it"),
    MetricId.SYNC_CONFLICTS: marked("Conflicts for each hundred changes carried"),
}

_TASKS = counted("of %(n)s task", "of %(n)s tasks")
_OPEN_TASKS = counted("of %(n)s open task", "of %(n)s open tasks")
_LINKED_TASKS = counted("%(n)s linked task", "%(n)s linked tasks")
_CHANGES = counted("over %(n)s change", "over %(n)s changes")
_FINISHED = counted("of %(n)s finished in 28 days", "of %(n)s finished in 28 days")
_STARTED = counted("of %(n)s started and finished in 28 days", "of %(n)s started and finished in 28 days")
_MADE = counted("of %(n)s task made in 28 days", "of %(n)s tasks made in 28 days")
_RUNS = counted("in %(n)s run", "in %(n)s runs")

_POPULATIONS = {
    MetricId.TASKS_OPEN: _TASKS,
    MetricId.TASKS_FINISHED: _TASKS,
    MetricId.TASKS_CREATED: _TASKS,
    MetricId.NET_FLOW: _TASKS,
    MetricId.OVERDUE_OPEN: counted("of %(n)s open task with a due day", "of %(n)s open tasks with a due day"),
    MetricId.DAYS_LATE: counted("over %(n)s task", "over %(n)s tasks"),
    MetricId.BLOCKED_OPEN: _OPEN_TASKS,
    MetricId.UNOWNED_OPEN: _OPEN_TASKS,
    MetricId.ON_TIME: counted("of %(n)s finished with a due day", "of %(n)s finished with a due day"),
    MetricId.GOALS_ATTENTION: counted("of %(n)s goal", "of %(n)s goals"),
    MetricId.GOAL_PROGRESS: counted("over %(n)s goal with numbers", "over %(n)s goals with numbers"),
    MetricId.GOAL_SCOPE_DONE: _TASKS,
    MetricId.ACCEPTANCE_MET: counted("of %(n)s criterion", "of %(n)s criteria"),
    MetricId.COMMENTS_WRITTEN: counted("on %(n)s task", "on %(n)s tasks"),
    MetricId.CONFLICTS_WAITING: _LINKED_TASKS,
    MetricId.CONFLICTS_SETTLED: _LINKED_TASKS,
    MetricId.ITEMS_HELD: _LINKED_TASKS,
    MetricId.SYNC_RUNS_FAILED: _RUNS,
    MetricId.SYNC_WRITES: _RUNS,
    MetricId.CARRY_DELAY: _CHANGES,
    MetricId.ON_TIME_RATE: counted(
        "of %(n)s finished in 28 days with a due day", "of %(n)s finished in 28 days with a due day"
    ),
    MetricId.DUE_SLIP: counted("over %(n)s task moved in 28 days", "over %(n)s tasks moved in 28 days"),
    MetricId.REOPEN_RATE: _FINISHED,
    MetricId.REWORK_RATE: _FINISHED,
    MetricId.BUG_SHARE: counted("of %(n)s new in 28 days", "of %(n)s new in 28 days"),
    MetricId.DEFECT_AGE: counted("of %(n)s bug made in 180 days", "of %(n)s bugs made in 180 days"),
    MetricId.CLIENT_ACCEPT_FIRST: counted(
        "of %(n)s on which the client had a first word in 28 days",
        "of %(n)s on which the client had a first word in 28 days",
    ),
    MetricId.ESTIMATE_RATIO: counted("of %(n)s with hours of both", "of %(n)s with hours of both"),
    MetricId.DAYS_PER_POINT: counted(
        "of %(n)s with points, finished in 28 days", "of %(n)s with points, finished in 28 days"
    ),
    MetricId.CYCLE_TIME_P50: _STARTED,
    MetricId.CYCLE_TIME_P85: _STARTED,
    MetricId.LEAD_TIME_P50: _FINISHED,
    MetricId.THROUGHPUT: counted("%(n)s finished in 28 days", "%(n)s finished in 28 days"),
    MetricId.FLOW_EFFICIENCY: _STARTED,
    MetricId.WIP: _OPEN_TASKS,
    MetricId.REVIEW_SHARE: counted("of %(n)s task in progress", "of %(n)s tasks in progress"),
    MetricId.AGE_OVER_SLE: counted("of %(n)s task in progress", "of %(n)s tasks in progress"),
    MetricId.HANDOFFS: _FINISHED,
    MetricId.PING_PONG: counted("of %(n)s task touched in 28 days", "of %(n)s tasks touched in 28 days"),
    MetricId.WAIT_SHARE: _STARTED,
    MetricId.BLOCKED_DAYS: counted("on %(n)s task", "on %(n)s tasks"),
    MetricId.FIRST_RESPONSE: _MADE,
    MetricId.FIRST_RESPONSE_WORKING: _MADE,
    MetricId.ANSWER_TIME: counted("of %(n)s question of 28 days", "of %(n)s questions of 28 days"),
    MetricId.CLIENT_WAIT: counted("of %(n)s wait of 28 days", "of %(n)s waits of 28 days"),
    MetricId.UNANSWERED_QUESTIONS: _OPEN_TASKS,
    MetricId.STALE_OPEN: _OPEN_TASKS,
    MetricId.LOAD_GINI: counted("over %(n)s person", "over %(n)s people"),
    MetricId.ABSENCE_FACTOR: counted("of %(n)s finished in 90 days", "of %(n)s finished in 90 days"),
    MetricId.LOAD_RATIO: counted("over %(n)s person with a known capacity", "over %(n)s people with a known capacity"),
    MetricId.OVERLOADED: counted("of %(n)s person with a known capacity", "of %(n)s people with a known capacity"),
    MetricId.WIP_PER_PERSON: counted("over %(n)s person", "over %(n)s people"),
    MetricId.SINGLE_POINT: counted("of %(n)s critical task", "of %(n)s critical tasks"),
    MetricId.RACI_GAPS: counted("in %(n)s scope", "in %(n)s scopes"),
    MetricId.CROSS_TOOL_LAG: _CHANGES,
    MetricId.CPM_LENGTH: counted("of %(n)s task in such chains", "of %(n)s tasks in such chains"),
    MetricId.FORECAST_CALIBRATION: counted("over %(n)s forecast resolved", "over %(n)s forecasts resolved"),
    MetricId.PLAN_STABILITY: counted("of %(n)s planned task", "of %(n)s planned tasks"),
    MetricId.PLAN_COMPLETE: counted("of %(n)s open task of a goal", "of %(n)s open tasks of goals"),
    MetricId.GOALS_AT_RISK: counted("of %(n)s goal forecast", "of %(n)s goals forecast"),
    MetricId.SYNC_CONFLICTS: counted("over %(n)s change carried", "over %(n)s changes carried"),
}


def metric_label(metric: MetricId, language: Language) -> str:
    """What a figure counts."""
    return language.text(_LABELS[metric])


_QUESTIONS = {
    Question.GOALS: marked("Are goals and dates kept?"),
    Question.QUALITY: marked("How good is the work?"),
    Question.EFFICIENCY: marked("How fast does work go through?"),
    Question.SMOOTHNESS: marked("How smoothly does it run?"),
    Question.COMMUNICATION: marked("How well do people talk?"),
    Question.RESOURCES: marked("Are people and work well matched?"),
    Question.FEASIBILITY: marked("Does the plan hold?"),
    Question.SYNC: marked("Are both trackers in step?"),
}

_MISSING = {
    Missing.TOO_FEW: marked("too few to say"),
    Missing.NOT_REACHED: marked("more than half still wait"),
    Missing.NO_WAITING_STATUS: marked("not measurable"),
    Missing.NO_CAPACITY: marked("no capacity is written down"),
    Missing.NOTHING_TO_COUNT: marked("nothing to count"),
    Missing.NO_REVIEW_STATUS: marked("not measurable"),
    Missing.NO_CLIENT_STATUS: marked("not measurable"),
    Missing.NO_ESTIMATES: marked("not measurable"),
    Missing.NO_GOAL_NUMBERS: marked("not measurable"),
    Missing.NO_RELEASES: marked("not measurable"),
}


def question(asked: Question, language: Language) -> str:
    """What a group of figures answers."""
    return language.text(_QUESTIONS[asked])


def metric_value(metric: Metric, language: Language) -> str:
    """The figure as people read it, or why there is none."""
    if metric.value is None:
        return language.text(_MISSING[metric.missing or Missing.NOTHING_TO_COUNT])
    return amount(metric.value, metric.unit, language)


def amount(value: float, unit: Unit, language: Language) -> str:
    """A number in the form its unit is read in."""
    if unit in {Unit.SHARE, Unit.RATIO}:
        return language.percent(value)
    return language.number(value) if isinstance(value, int) else language.decimal(value)


def amount_of(metric: MetricId, value: float, language: Language) -> str:
    """A value of a figure whose unit is known by its name."""
    shares = {MetricId.AGE_OVER_SLE, MetricId.REOPEN_RATE, MetricId.REVIEW_SHARE}
    return amount(value, Unit.SHARE if metric in shares else Unit.TASKS, language)


def interval(metric: Metric, language: Language) -> str:
    """`2.1 to 5.4`; empty where there is none."""
    if metric.interval is None:
        return ""
    low = amount(float(metric.interval.low), metric.unit, language)
    if metric.interval.high is None:
        return language.text("%(low)s or more", low=low)
    return language.text(
        "%(low)s to %(high)s", low=low, high=amount(float(metric.interval.high), metric.unit, language)
    )


def target(metric: Metric, language: Language) -> str:
    """`at most 5%`; empty where there is none."""
    if metric.target is None:
        return ""
    wanted = amount(metric.target.amount, metric.unit, language)
    if metric.target.at_least:
        return language.text("at least %(wanted)s", wanted=wanted)
    return language.text("at most %(wanted)s", wanted=wanted)


def judgement(value: Judgement | None, language: Language) -> str:
    """What can be said against the target; empty without one."""
    match value:
        case None:
            return ""
        case Judgement.MET:
            return language.text("met")
        case Judgement.MISSED:
            return language.text("missed")
        case Judgement.UNDECIDED:
            return language.text("cannot be told yet")
        case _:
            assert_never(value)


_NEEDED = {
    Missing.NO_WAITING_STATUS: marked("no status is known in which work waits, such as “In Review”"),
    Missing.NO_REVIEW_STATUS: marked("it takes a status in which work is looked at, such as “In Review”"),
    Missing.NO_CLIENT_STATUS: marked("it takes a status in which the client has the word, such as “With client”"),
    Missing.NO_ESTIMATES: marked("it takes points, or hours estimated and booked, on finished tasks"),
    Missing.NO_GOAL_NUMBERS: marked(
        "it takes a block “goal” in the text of a goal, with its baseline, target and current value"
    ),
    Missing.NO_RELEASES: marked("it takes releases and the incidents after them, which no tracker was asked for"),
}
"""What would make a figure measurable."""

_WAITS_IN = marked("work waits in: %(names)s")
_CLIENT_IN = marked("the client has the word in: %(names)s")
_DETAILS = {
    MetricId.REWORK_RATE: marked("work is looked at in: %(names)s"),
    MetricId.REVIEW_SHARE: marked("work is looked at in: %(names)s"),
    MetricId.CLIENT_ACCEPT_FIRST: _CLIENT_IN,
    MetricId.CLIENT_WAIT: _CLIENT_IN,
    MetricId.LOAD_RATIO: marked("no capacity is written down for: %(names)s"),
    MetricId.ABSENCE_FACTOR: marked("one person does half of: %(names)s"),
}
"""What the names that decide a figure are."""

_PORTIONS = {
    "client": marked("by the client"),
    "labelled": marked("by label"),
    "inferred": marked("by a question mark"),
    "waiting_now": marked("waiting now"),
    "without_float": marked("may not be late"),
    "by_q50": marked("reached by the day of 50%"),
    "by_q85": marked("reached by the day of 85 in 100"),
    "by_q95": marked("reached by the day of 95 in 100"),
    Cause.FLAG.value: marked("by flag"),
    Cause.LABEL.value: marked("by label"),
    Cause.STATUS.value: marked("by status"),
    Cause.DEPENDENCY.value: marked("by other tasks"),
}


def portions(metric: Metric, language: Language) -> str:
    """`by the client 2, by label 1`."""
    named = (
        f"{language.text(_PORTIONS[one.name]) if one.name in _PORTIONS else impediment_kind(one.name, language)}"
        f" {amount(one.value, Unit.SHARE if metric.id is MetricId.FORECAST_CALIBRATION else Unit.TASKS, language)}"
        for one in metric.portions
    )
    return language.listing(tuple(named))


def metric_note(metric: Metric, language: Language) -> str:
    """The population of a figure, and what it was before."""
    parts = []
    if metric.id in _POPULATIONS:
        parts.append(language.plural(*_POPULATIONS[metric.id], metric.n))
    if metric.missing in _NEEDED:
        parts = [language.text(_NEEDED[metric.missing])]
    if metric.detail:
        words = _DETAILS.get(metric.id, _WAITS_IN)
        parts.append(language.text(words, names=language.listing(metric.detail)))
    if metric.portions and metric.value:
        parts.append(portions(metric, language))
    if metric.previous is not None:
        before = amount(metric.previous, metric.unit, language)
        weekly = metric.id in _COMPARED_WITH_LAST_WEEK
        parts.append(
            language.text("week before: %(n)s", n=before)
            if weekly
            else language.text("four weeks before: %(n)s", n=before)
        )
    return language.clauses(*parts)


_COMPARED_WITH_LAST_WEEK = frozenset(
    {
        MetricId.TASKS_OPEN,
        MetricId.TASKS_FINISHED,
        MetricId.TASKS_CREATED,
        MetricId.NET_FLOW,
        MetricId.COMMENTS_WRITTEN,
    }
)
