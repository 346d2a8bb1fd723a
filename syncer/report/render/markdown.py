"""The report as Markdown that is safe to post in a tracker.

Safe means: text from a tracker notifies nobody (`@name`), refers to nothing (`#12`, `PAY-7`, commit ids), breaks no
table and starts no markup. A word joiner, which shows as nothing, stands between the character and what follows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from syncer.report.model.collaboration import Place
from syncer.report.render.content import MetricRow, ReportContent
from syncer.report.render.lists import TaskList
from syncer.report.render.phrases.notices import decided_by

JOINER = "\u2060"

_MARKUP = re.compile(r"([\\`*_\[\]<>|~#!$])")
_LINE_START = re.compile(r"^(\s*)(\d+)?([-+=.)])")
_KEY = re.compile(r"\b([A-Za-z][A-Za-z0-9_]*)-(?=\d)")
_ADDRESS = re.compile(r"(?i)\b(https?|ftp|mailto|www)([:.])")
_HEXADECIMAL = re.compile(r"\b([0-9a-f])(?=[0-9a-f]{6,39}\b)")


def markdown(content: ReportContent) -> str:
    """The whole report."""
    return "\n\n".join(block for block in _blocks(content) if block) + "\n"


def harmless(text: str) -> str:
    """The text as Markdown that shows it and does nothing else; on one line."""
    text = " ".join(text.split())
    text = text.replace("&", "&amp;")
    text = _MARKUP.sub(r"\\\1", text)
    text = text.replace("#", f"#{JOINER}").replace("@", f"@{JOINER}").replace("＠", f"＠{JOINER}")
    text = _KEY.sub(rf"\1{JOINER}-", text)
    text = _ADDRESS.sub(rf"\1{JOINER}\2", text)
    text = _HEXADECIMAL.sub(rf"\1{JOINER}", text)
    return _LINE_START.sub(r"\1\2\\\3", text)


def _blocks(content: ReportContent) -> Iterator[str]:
    t, number = content.language.text, content.language.number
    yield f"_{harmless(content.completeness)}_"
    yield f"# {harmless(content.title)}"
    yield harmless(content.period)
    for tasks in content.desk:
        yield f"## {content.language.aside(tasks.heading, number(tasks.total))}"
        yield _task_list(tasks)
    yield from _answers(content)
    yield f"## {content.asks}"
    yield "\n".join(_notices(content)) or t("Nothing this week.")
    if content.changes:
        yield f"## {t('What changed since last week')}"
        yield "\n".join(_changes(content))
    yield f"## {t('Goals')}"
    yield from _goals(content)
    if content.advice or content.follow_up:
        yield f"## {t('What to change next week')}"
        yield "\n".join(_advice(content)) or t("Nothing to advise this week.")
        yield "\n".join(f"- {harmless(row.text)}" for row in content.follow_up)
    if content.graphs:
        yield f"## {t('Charts')}"
    for graph in content.graphs:
        yield harmless(graph.finding)
        yield _table([harmless(name) for name in graph.header], [list(map(harmless, row)) for row in graph.rows])
    if content.standings:
        yield f"## {t('Tasks across both trackers')}"
        yield from _standings(content)
    if content.responsibilities:
        yield f"## {t('Who is responsible')}"
        yield from _responsibilities(content)
    for tasks in content.lists:
        yield f"## {content.language.aside(tasks.heading, number(tasks.total))}"
        yield _task_list(tasks)
    yield from _conflicts(content)
    if content.held:
        yield f"## {t('Held back')}"
        yield "\n".join(
            f"- {content.language.labelled(harmless(row.title), harmless(row.reason))}" for row in content.held
        )
    for group in content.groups:
        yield f"## {group.heading}"
        yield _measured(content, group.measured)
        yield _unmeasured(content, group.unmeasured)
    if content.pairs:
        yield f"## {t('How the sync went')}"
    yield "\n".join(f"- {harmless(row.sentence)}" for row in content.pairs)
    yield "---"
    yield "\n\n".join(harmless(note) for note in content.footnotes)


def _goals(content: ReportContent) -> Iterator[str]:
    """Each goal in a row, and below them what there is to say of it."""
    t = content.language.text
    yield _table(
        (t("Goal"), t("Due"), t("Progress"), t("Status"), t("Owner")),
        [
            (f"{harmless(row.figures.title)} {_keys(row.figures.places)}", row.due, row.progress,
             content.language.labelled(f"**{row.verdict}**", harmless(row.outlook or row.finding)),
             harmless(row.owners))
            for row in content.goals
        ],
    )  # fmt: skip
    yield "\n".join(
        content.language.labelled(
            f"- **{harmless(row.figures.title)}**",
            harmless(said),
        )
        for row in content.goals
        if (said := content.language.sentences(row.measure, row.forecast, row.drivers))
    )
    if edits := [row for row in content.goals if row.edit]:
        yield f"**{t('One edit that helps each goal')}**"
        yield "\n".join(content.language.labelled(f"- {harmless(row.figures.title)}", row.edit) for row in edits)


def _standings(content: ReportContent) -> Iterator[str]:
    """Where the tasks stand, and what everybody has in hand."""
    t, number = content.language.text, content.language.number
    yield _table(
        (t("Status"), t("Tasks"), t("Where")),
        [(row.label, number(row.count.total), harmless(row.where)) for row in content.standings],
    )
    if content.loads:
        yield _table(
            (t("Workload by person"), t("in progress"), t("to do"), t("blocked"), t("overdue"), t("load")),
            [
                (
                    harmless(row.person),
                    *map(number, (row.load.doing, row.load.todo, row.load.blocked, row.load.overdue)),
                    row.ratio or "–",
                )
                for row in content.loads
            ],
        )


def _keys(places: tuple[Place, ...]) -> str:
    """Keys as code: no tracker turns code into a reference."""
    return " ".join(f"`{place.key.replace('`', '').replace('|', '')}`" for place in places)


def _notices(content: ReportContent) -> Iterator[str]:
    for notice in content.notices:
        text = f"- {harmless(notice.text)} {_keys(notice.places)}".rstrip()
        yield content.language.aside(text, harmless(decided_by(notice, content.language)))


def _advice(content: ReportContent) -> Iterator[str]:
    for number, row in enumerate(content.advice, 1):
        who = content.language.clauses(content.language.labelled(content.language.text("Who"), row.who), row.age)
        text = content.language.aside(f"{number}. {harmless(row.text)} {_keys(row.places)}".rstrip(), harmless(who))
        yield content.language.sentences(text, harmless(row.expected))


def _answers(content: ReportContent) -> Iterator[str]:
    """How the week stands: question, verdict, sentence, eight weeks."""
    t = content.language.text
    rows = [(row.question, f"**{row.word}**", harmless(row.sentence), harmless(row.series)) for row in content.answers]
    yield _table((t("Question"), t("Status"), t("Why"), t("Eight weeks")), rows)


def _changes(content: ReportContent) -> Iterator[str]:
    language = content.language
    for row in content.changes:
        items = (f"{harmless(item.text)} {_keys(item.places)}".rstrip() for item in row.items)
        yield f"- {language.labelled(f'**{row.label}**', language.points(*items, row.more))}"


def _unmeasured(content: ReportContent, figures: Sequence[MetricRow]) -> str:
    """The figures without a value in one line."""
    language = content.language
    names = language.points(*(language.aside(figure.label, figure.value) for figure in figures))
    return language.labelled(language.text("No value yet"), names) if figures else ""


def _measured(content: ReportContent, measured: Sequence[MetricRow]) -> str:
    """Figures with their interval, target and evidence."""
    t = content.language.text
    rows = [
        (
            figure.label,
            figure.value,
            figure.interval,
            content.language.clauses(figure.target, figure.judgement),
            harmless(figure.note),
            _keys(figure.evidence),
        )
        for figure in measured
    ]
    header = (t("Figure"), t("Value"), t("95% interval"), t("Target"), t("Population"), t("Look at"))
    return _table(header, rows)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    lines = [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join(lines)


def _responsibilities(content: ReportContent) -> Iterator[str]:
    """The table, what could not be read, and what is missing."""
    t, found = content.language.text, content.responsibilities
    rows = [tuple(map(harmless, (row.scope, row.person, row.letters, row.part, row.grounds))) for row in found.rows]
    header = (t("Scope"), t("Person"), t("RACI"), t("Roles, duties and authority"), t("Known from"))
    yield _table(header, rows)
    yield found.legend if rows else ""
    yield found.more
    yield "\n".join(f"- {harmless(sentence)}" for sentence in found.unread)
    if found.gaps:
        yield f"**{t('Gaps')}**"
        yield "\n".join(f"- {harmless(gap.text)} {_keys(gap.places)}".rstrip() for gap in found.gaps)
        yield harmless(found.how)


def _task_list(tasks: TaskList) -> str:
    lines = [] if tasks.rows or tasks.total else [tasks.empty]
    lines += [
        " · ".join((f"- {harmless(row.title)} {_keys(row.places)}", *(harmless(one) for one in row.details if one)))
        for row in tasks.rows
    ]
    return "\n\n".join(part for part in ("\n".join(lines), tasks.more) if part)


def _conflicts(content: ReportContent) -> Iterator[str]:
    if not content.conflicts:
        return
    language, t = content.language, content.language.text
    yield f"## {language.aside(t('Conflicts waiting'), language.number(len(content.conflicts)))}"
    for row in content.conflicts:
        keys = "" if row.conflict.restricted else f" {_keys(row.conflict.places)}"
        yield "\n".join(
            [
                f"- {language.labelled(harmless(row.title), harmless(row.field))}{keys}",
                f"  - {language.labelled(harmless(row.left_name), harmless(row.left))}",
                f"  - {language.labelled(harmless(row.right_name), harmless(row.right))}",
                f"  - {harmless(t('Since %(moment)s.', moment=row.since))} `{row.how}`",
            ]
        )
