"""Time and memory of an evaluation, and of a forecast, at the sizes that the report promises.

Run: `python tests/bench/bench_evaluate.py [--tasks 20000 200000]`. The collaboration is made up: 4 to 5 events a task
(status, owner, due date, comment), 40 goals, 60 people. Limits: 20,000 tasks with 91,000 events in 3 s and 200 MiB, ten
times as many in proportion, and 40 tasks in 2,000 trials in 0.3 s. Times are those of the processor, so that a busy
machine does not count; each size is measured in a process of its own.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import resource
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from syncer.contract.model import Side
from syncer.report.evaluate import evaluate
from syncer.report.forecast.goal_dates import forecasts
from syncer.report.model.collaboration import Collaboration, Comment, Goal, GoalKind, Person, Place, Task
from syncer.report.model.snapshot import snapshot_at
from syncer.report.model.timeline import Assignment, DueChange, Standing, StandingChange
from syncer.report.model.window import Window

NOW = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)
WINDOW = Window(2026, 47, UTC)


def main() -> None:
    """Prints a line for each size, and one for the forecast."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", type=int, nargs="+", default=[20_000, 200_000])
    print(f"{'tasks':>8} {'events':>8} {'seconds':>8} {'us/task':>8} {'MiB more':>8} {'figures':>8}")
    for size in parser.parse_args().tasks:
        with multiprocessing.get_context("spawn").Pool(1) as alone:
            events, seconds, grown, figures = alone.apply(_measure, (size,))
        print(f"{size:8} {events:8} {seconds:8.2f} {1e6 * seconds / size:8.1f} {grown:8.0f} {figures:8}")
    _forecast()


def _measure(size: int) -> tuple[int, float, float, int]:
    """Events, seconds, MiB more than before, and figures of one evaluation."""
    made = collaboration(size)
    events = sum(len(task.transitions) + len(task.assignments) + len(task.due_changes) for task in made.tasks)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    evaluation = evaluate(made, WINDOW, NOW)
    taken = time.process_time() - started
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return events + len(made.comments), taken, grown, len(evaluation.metrics)


def _forecast() -> None:
    """One forecast of 40 open tasks in four goals, numpy already imported."""
    made = collaboration(4_000)
    moment = snapshot_at(made, WINDOW, NOW)
    few = {task.id for task in moment.open_tasks[:40]}
    some = replace(moment, open_tasks=tuple(task for task in moment.open_tasks if task.id in few))
    started = time.process_time()
    found = forecasts(made.goals, some, 1)
    taken = time.process_time() - started
    trials = max(forecast.trials for forecast in found.values())
    print(f"forecast of {len(few)} open tasks in {trials} trials: {taken:.3f} s")


def collaboration(size: int) -> Collaboration:
    """A made-up collaboration, the same for equal sizes."""
    dice = random.Random(size)
    people = [Person(f"p{number}", f"Person {number}") for number in range(60)]
    tasks = [_task(number, size, dice) for number in range(size)]
    comments = [
        Comment(task.id, f"p{dice.randrange(60)}", task.created + timedelta(hours=dice.expovariate(1 / 30)))
        for task in tasks
        if dice.random() < 0.5
    ]
    goals = [
        Goal(f"g{number}", "bench", GoalKind.EPIC, f"Goal {number}", (), ("p1",), date(2026, 6, 1), True,
             date(2026, 11, 1) + timedelta(days=5 * number))
        for number in range(40)
    ]  # fmt: skip
    return Collaboration("Bench", (), tuple(people), tuple(goals), tuple(tasks), tuple(comments))


def _task(number: int, size: int, dice: random.Random) -> Task:
    created = NOW - timedelta(days=dice.uniform(0, 720))
    started = created + timedelta(days=dice.expovariate(1 / 12))
    finished = started + timedelta(days=dice.lognormvariate(1.2, 0.9))
    steps = [StandingChange(created, Standing.TODO)]
    steps += [StandingChange(started, Standing.DOING)] if started < NOW else []
    steps += [StandingChange(finished, Standing.DONE)] if finished < NOW else []
    owner, other = f"p{dice.randrange(60)}", f"p{dice.randrange(60)}"
    due = (finished + timedelta(days=dice.uniform(-6, 9))).date()
    moved = (DueChange(created, due), DueChange(started, due + timedelta(days=4)))
    return Task(
        id=f"t{number}",
        pair="bench",
        title=f"Task {number}",
        places=(Place(Side.LEFT, f"B-{number}", ""), Place(Side.RIGHT, f"b/b#{number}", "")),
        origin=Side.LEFT,
        standing=steps[-1].standing,
        created=created,
        finished=steps[-1].at if steps[-1].standing is Standing.DONE else None,
        owners=(other,),
        goals=(f"g{number % 40}",),
        due=moved[-1].due if number % 3 == 0 else due,
        transitions=tuple(steps),
        author=f"p{dice.randrange(60)}",
        assignments=(Assignment(created, (owner,)), Assignment(started, (other,))) if number % 4 == 0 else (),
        due_changes=moved if number % 3 == 0 else (),
        activity=tuple(step.at for step in steps[1:]),
        waits_for=(f"t{dice.randrange(size)}",) if number % 5 == 0 else (),
    )


if __name__ == "__main__":
    main()
