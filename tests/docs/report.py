"""Makes `docs/report.md`, which `python -m tests.golden.regenerate` writes: the metrics of the registry, in its words.

Which edition has which section is not written down: it is read off the editions of the sample.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from syncer.report import Reader, build_report
from syncer.report.evaluate import evaluate
from syncer.report.metrics import DEFINITIONS
from syncer.report.model.metric import Comparison, MetricDefinition, Question
from syncer.report.render.language import language
from syncer.report.render.phrases.metrics import amount, question
from tests.unit.report.sample import NOW, WINDOW, collaboration

PAGE = Path(__file__).resolve().parents[2] / "docs" / "report.md"
ENGLISH = language("en")

INTRODUCTION = """\
# The report

`syncer report` evaluates one week over all pairs, from what the last syncs have read; it asks no tracker. A past week
can be evaluated at any time and gives the same figures, except where the list says "as of now" or "as last seen".

What holds for every figure:

- A linked pair is one task. Cancelled tasks are in no population. Goals are not tasks.
- Every figure names the number it was counted in. Of fewer than ten there is no share, of fewer than five no quantile.
- "Cannot be told yet" means that the interval of a figure contains its target.
- What is still open counts as not over yet; it is never left out of a waiting time.
- What the sync itself or a bot wrote is nobody's activity. No person is ranked, no output is counted by person.
- Where four of five tasks have points, these stand beside the number of tasks: of the week, of sprints, in the lists.
- Rates and durations look back 28 days from the end of the week. Durations are calendar time.

## Sections and editions

`--audience` chooses the edition. All are computed from the same week; the edition for clients leaves out. Sections
without content are left out too.

First of all stands how the week went: six questions, each with a verdict (problem, watch, good, not known yet), the
sentence it rests on, and eight weeks of the figure that decides it. The client gets the first of them. With `person`
of a recipient, or `--person`, the edition for members begins with that person's tasks, questions, decisions and what
waits for them. A page folds what comes after the advice; a mail leaves it to the attached page.

"""

ANSWERS = """
## How an answer is judged

The worst of its reasons decides. A figure with a target is a problem where its whole interval is beyond the target, and
worth a look where its value alone is. The columns beside an answer are the figure of its first reason at the ends of
eight weeks; of goals only the last three where there are more than 2,000 tasks. Besides, "beyond chance" meaning with
95% confidence:

"""

JUDGED = {
    Question.GOALS: (
        "a quarter of the goals that can be judged is off track",
        "a goal is off track or at risk",
    ),
    Question.QUALITY: ("", "more bugs among new tasks than four weeks before, beyond chance"),
    Question.EFFICIENCY: (
        "fewer tasks finished in 28 days than in the 28 before, beyond chance",
        "a fifth fewer; or fewer finished than added, beyond chance",
    ),
    Question.SMOOTHNESS: ("a fifth of the open tasks is blocked, two at least", "a task is blocked"),
    Question.COMMUNICATION: (
        "a question waits on a tenth of the open tasks, three at least",
        "a question waits for more than a working day",
    ),
    Question.RESOURCES: (
        "an overdue task has no owner; somebody had too much in progress for two weeks",
        "a task without an owner is begun or dated; one person finishes half of the work",
    ),
}
"""When an answer is a problem and when it is worth a look, where no target says it."""

SECTIONS = {
    "What needs a decision": "what is to be decided (from which day to which, how many tasks), by whom, until when",
    "What we need from you": "tasks that wait for the client's word, and questions for the client",
    "What changed since last week": "goals reached, slipped, replanned, recovered; tasks blocked or freed; who joined",
    "Goals": "each goal once: share done against time gone, verdict, chance and likely day",
    "What to change next week": "at most six pieces of advice with who can take them, and what became of earlier ones",
    "Charts": "dates of the goals, cumulative flow, age of work in progress, the last eight weeks",
    "Tasks across both trackers": "tasks to do, in progress and done, by side; load by person",
    "Who is responsible": "a matrix of scopes by people; duties and authority; gaps",
    "Overdue": "open tasks behind their due date",
    "Blocked": "open tasks with something in their way, and who can clear it",
    "Without an owner": "open tasks nobody is assigned to",
    "Finished this week": "what was finished",
    "Delivered this week": "the same, for the client",
    "New this week": "what was made",
    "Conflicts waiting": "fields that differ and wait, with both values and the command that decides",
    "Held back": "items the sync leaves alone until somebody decides",
}
"""The sections of the report by their headings, in order; the questions follow with all figures."""

LAST = {"How the sync went": "each pair: last run, runs, writes"}
"""What stands behind the figures."""

FORECASTS = """
## How a forecast is made

From ten finished tasks on, all open work is done in up to 2,000 trials. Each trial draws how long every task still
takes:

- from the times of finished tasks, weighed anew in each trial: ten tasks give a wider span than a hundred;
- longer than any seen as often as one more task would be, and a task in progress never for less than its age;
- a task that is older than all that were finished lasts the longer, the older it is. So does what waits for somebody:
  what has waited for three weeks may well wait for three more;
- each task waits for those before it, for a free owner, and for the pauses that people make between two tasks of a
  goal, also those that still last;
- as many new tasks a week come to a goal as came lately, for eight weeks at most. What came before its first task was
  done is its plan, and is not counted.

All of this is counted in days of work. A day of the week on which the team begins and finishes hardly anything is off,
whatever `working-days` says: that takes three weeks of history, and more evidence the less usual the days are. A day on
which it does less counts for less. Days in `holidays` are off. Holidays that nobody wrote down are not foreseen.

Nothing is called nearly sure (more than 90 %) where an open task could outlive all that were finished and make the goal
late: how long such a task lasts, nobody has seen. The days are not moved by that.

Where no start of work is seen, the number of tasks that the team finishes in a week is drawn instead. A week in which
some people had nothing to do counts as if all had been busy, with as much more finished. The last tasks, one for each
person, take as long as a task takes, however fast the team is together. What is in progress is finished before what is
not.

From the twentieth goal on whose outcome is known, the days move to where as many goals are reached by them as they say.
How often made-up teams keep their days is printed by `python -m tests.bench.bench_forecast`. What no history shows is
not in it: a team that changes, or work that nobody wrote down.
"""

FILES = """
Files: HTML (one file that needs nothing else), plain text, Markdown, JSON with a versioned schema
(`syncer report --schema`), CSV, e-mail; on request an Excel workbook (`xlsx`) and calendars (`ics`, `todo`). JSON and
CSV are the same in every language.

Where it goes: `recipients` of `[report]` get it by mail, `[[report.posts]]` are written into a tracker, and the chats
of `channels` of `[report]` are told how each question stands and what is to be decided, by whom and until when: once a
week, in the client's edition unless another is named, and only where all who read the chat may read every scope of the
report (`audience` of `[[channels]]`).

## Figures

Each with its id in JSON and CSV, its unit, and the population it is counted in.
"""


def headings(reader: Reader) -> tuple[str, ...]:
    """The sections of an edition of the sample, without the counts beside them."""
    text = build_report(evaluate(collaboration(), WINDOW, NOW), audience=reader).markdown
    return tuple(re.sub(r" \(\d+\)$", "", heading) for heading in re.findall(r"^## (.+)$", text, re.MULTILINE))


def page() -> str:
    """The text of the page."""
    return (
        INTRODUCTION
        + "".join(f"{line}\n" for line in _sections())
        + "".join(_answers())
        + FORECASTS
        + FILES
        + "".join(_figures())
    )


def _answers() -> Iterator[str]:
    yield ANSWERS
    yield "| question | problem | watch |\n|---|---|---|\n"
    yield from (f"| {question(asked, ENGLISH)} | {bad} | {warn} |\n" for asked, (bad, warn) in JUDGED.items())


def _sections() -> Iterator[str]:
    editions = {reader: headings(reader) for reader in Reader}
    yield f"| section | what it says | {' | '.join(editions)} |"
    yield "|---|---|" + "---|" * len(editions)
    for heading, says in (SECTIONS | LAST).items():
        yield f"| {heading} | {says} | {' | '.join('yes' if heading in shown else '' for shown in editions.values())} |"
    clients = " | ".join("those marked" if reader is Reader.CLIENT else "all" for reader in editions)
    yield f"| The questions below | every figure with its interval, target and population | {clients} |"


def _figures() -> Iterator[str]:
    for asked in Question:
        yield f"\n### {question(asked, ENGLISH)}\n\n"
        for row in DEFINITIONS:
            if row.question is asked:
                named = f"**{row.label}** (`{row.id}`, {row.unit.value}{_population(row)})"
                yield f"- {named}. {' '.join(_sentences(row))}\n"


def _population(row: MetricDefinition) -> str:
    return "" if row.population is None else ", " + row.population[1] % {"n": "n"}


def _sentences(row: MetricDefinition) -> Iterator[str]:
    yield row.explanation
    if row.target is not None:
        bound = "at least" if row.target.at_least else "at most"
        yield f"Target: {bound} {amount(row.target.amount, row.unit, ENGLISH)}."
    if row.compared is Comparison.WEEK:
        yield "Beside it the value of the week before."
    if row.compared is Comparison.FOUR_WEEKS:
        yield "Beside it the value of four weeks before."
    if row.for_clients:
        yield "Shown to clients."
    if row.pitfall:
        yield f"*Mind:* {row.pitfall}"
