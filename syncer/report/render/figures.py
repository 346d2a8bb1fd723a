"""The names of the figures, and the population each was counted in."""

from __future__ import annotations

from syncer.report.evaluation import Metric, MetricId
from syncer.report.render.language import Language


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
    MetricId.GOALS_ATTENTION: marked("Goals overdue or behind"),
    MetricId.COMMENTS_WRITTEN: marked("Comments people wrote"),
    MetricId.CONFLICTS_WAITING: marked("Conflicts waiting"),
    MetricId.CONFLICTS_SETTLED: marked("Conflicts settled this week"),
    MetricId.ITEMS_HELD: marked("Items held back"),
    MetricId.SYNC_RUNS: marked("Sync runs this week"),
    MetricId.SYNC_RUNS_FAILED: marked("Runs that did not finish"),
    MetricId.SYNC_WRITES: marked("Changes carried this week"),
    MetricId.CARRY_DELAY: marked("Minutes until the other side shows it (median)"),
}

_TASKS = counted("of %(n)s task", "of %(n)s tasks")
_OPEN_TASKS = counted("of %(n)s open task", "of %(n)s open tasks")
_LINKED_TASKS = counted("%(n)s linked task", "%(n)s linked tasks")
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
    MetricId.COMMENTS_WRITTEN: counted("on %(n)s task", "on %(n)s tasks"),
    MetricId.CONFLICTS_WAITING: _LINKED_TASKS,
    MetricId.CONFLICTS_SETTLED: _LINKED_TASKS,
    MetricId.ITEMS_HELD: _LINKED_TASKS,
    MetricId.SYNC_RUNS_FAILED: _RUNS,
    MetricId.SYNC_WRITES: _RUNS,
    MetricId.CARRY_DELAY: counted("over %(n)s change", "over %(n)s changes"),
}


def metric_label(metric: MetricId, language: Language) -> str:
    """What a figure counts."""
    return language.text(_LABELS[metric])


def metric_note(metric: Metric, language: Language) -> str:
    """The population of a figure, and the week before."""
    parts = []
    if metric.id in _POPULATIONS:
        parts.append(language.plural(*_POPULATIONS[metric.id], metric.n))
    if metric.previous is not None:
        parts.append(language.text("week before: %(n)s", n=language.number(metric.previous)))
    return language.clauses(*parts)
