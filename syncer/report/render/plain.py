"""The report as plain text of 80 columns: the whole of it, and as much as a mail holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from syncer.report.model.collaboration import Place, Reader
from syncer.report.render.columns import cut, pad, table, width, wrap
from syncer.report.render.content import GoalRow, HeldRow, MetricGroup, MetricRow, ReportContent
from syncer.report.render.language import Language
from syncer.report.render.lists import TaskList
from syncer.report.render.phrases.notices import decided_by
from syncer.report.render.phrases.responsibilities import Responsibilities

COLUMNS = 80
BAR = 20


def plain(content: ReportContent) -> str:
    """The whole report; every line has at most 80 columns except where an address is longer."""
    return _laid_out([*_brief(content), *_rest(content)])


def brief(content: ReportContent, *, attached: bool = False) -> str:
    """What fits a mail: how the week stands, what is to be decided, what changed, goals, advice."""
    t, client = content.language.text, content.reader is Reader.CLIENT
    where = t("All figures, lists and how they were counted are in the attached page.") if attached else ""
    got = [block for tasks in content.lists for block in _listed(tasks, content.language)] if client else []
    return _laid_out([*_brief(content, MOST_GOALS), *got, where])


MOST_GOALS = 20
"""Goals that the text part of a mail shows, as many as its HTML part."""


def _laid_out(blocks: Iterable[str]) -> str:
    return "\n\n".join(block for block in blocks if block) + "\n"


def _brief(content: ReportContent, most: int | None = None) -> Iterator[str]:
    """What stands unfolded; at most so many goals."""
    t = content.language.text
    yield "\n".join(
        [
            wrap(content.completeness, COLUMNS),
            "",
            content.title,
            "=" * width(content.title),
            wrap(content.period, COLUMNS),
        ]
    )
    for tasks in content.desk:
        yield from _listed(tasks, content.language)
    if content.desk:  # what is on somebody's own desk comes first
        yield from _decisions(content)
    yield "\n".join(_answers(content))
    if not content.desk:
        yield from _decisions(content)
    if content.changes:
        yield _heading(t("What changed since last week"))
        yield "\n".join(_changes(content))
    yield _heading(t("Goals"))
    if content.goals:
        yield "\n".join(_goal(row, content.language) for row in content.goals[:most])
        if (more := len(content.goals[most:]) if most is not None else 0) > 0:
            yield t("and %(n)s more, in the full report", n=content.language.number(more))
    else:
        yield wrap(t("No goal is recorded: an epic, a version or a milestone with a date makes one."), COLUMNS)
    if content.advice or content.follow_up:
        yield _heading(t("What to change next week"))
        yield "\n".join(_advice(content)) or t("Nothing to advise this week.")


def _decisions(content: ReportContent) -> Iterator[str]:
    yield _heading(content.asks)
    yield _notices(content) if content.notices else content.language.text("Nothing this week.")


def _rest(content: ReportContent) -> Iterator[str]:
    """What a page folds."""
    t = content.language.text
    more = [block for row in content.goals if (block := _goal_details(row, content.language))]
    if more:
        yield _heading(t("More about each goal"))
        yield "\n".join(more)
    if edits := [row for row in content.goals if row.edit]:
        yield _heading(t("One edit that helps each goal"))
        yield "\n".join(
            wrap(content.language.labelled(row.figures.title, row.edit), COLUMNS, first="- ") for row in edits
        )
    if content.graphs:
        yield _heading(t("Charts"))
        yield "\n".join(wrap(graph.finding, COLUMNS) for graph in content.graphs)
    if content.standings:
        yield _heading(t("Tasks across both trackers"))
        yield _standings(content)
        yield _loads(content)
    if content.responsibilities:
        yield _heading(t("Who is responsible"))
        yield "\n".join(_responsibilities(content.responsibilities, content.language))
    for tasks in content.lists:
        yield from _listed(tasks, content.language)
    yield from _conflicts(content)
    if content.held:
        yield _heading(t("Held back"))
        yield "\n".join(
            wrap(content.language.labelled(_held_title(row, content.language), row.reason), COLUMNS, first="- ")
            for row in content.held
        )
    for group in content.groups:
        yield _heading(group.heading)
        yield "\n".join(_group(group, content.language))
    if content.pairs:
        yield _heading(t("How the sync went"))
        yield "\n".join(wrap(row.sentence, COLUMNS) for row in content.pairs)
    yield "-" * COLUMNS
    yield "\n".join(wrap(note, COLUMNS) for note in content.footnotes)


def _answers(content: ReportContent) -> Iterator[str]:
    """Each question with its verdict, its sentence below, and the eight weeks in numbers."""
    for row in content.answers:
        yield f"[{row.word}] {row.question}"
        yield wrap(row.sentence, COLUMNS, first="    ")
        yield wrap(row.series, COLUMNS, first="    ")


def _changes(content: ReportContent) -> Iterator[str]:
    language = content.language
    for row in content.changes:
        items = (f"{item.text} [{_keys(item.places)}]" if item.places else item.text for item in row.items)
        yield wrap(language.labelled(row.label, language.points(*items, row.more)), COLUMNS, first="- ")


def _group(group: MetricGroup, language: Language) -> Iterator[str]:
    """The figures with a value, then the others in one line."""
    yield from (_measured(figure, language) for figure in group.measured)
    if group.unmeasured:
        names = language.points(*(language.aside(figure.label, figure.value) for figure in group.unmeasured))
        yield wrap(language.labelled(language.text("No value yet"), names), COLUMNS, first="- ")


def _heading(text: str) -> str:
    return f"{text}\n{'-' * width(text)}"


def _keys(places: tuple[Place, ...]) -> str:
    return ", ".join(place.key for place in places)


def _notices(content: ReportContent) -> str:
    lines = []
    for number, notice in enumerate(content.notices, 1):
        first = f"{number}. ".rjust(4) if notice.counts == 1 else "    "
        keys = f" [{_keys(notice.places)}]" if notice.places else ""
        lines.append(wrap(notice.text + keys, COLUMNS, first=first))
        if said := decided_by(notice, content.language):
            lines.append(wrap(said, COLUMNS, first="    "))
    return "\n".join(lines)


def _advice(content: ReportContent) -> Iterator[str]:
    """What to change, then what became of last week's."""
    t = content.language.text
    for number, row in enumerate(content.advice, 1):
        keys = f" [{_keys(row.places)}]" if row.places else ""
        yield wrap(row.text + keys, COLUMNS, first=f"{number}. ".rjust(4))
        who = content.language.labelled(t("Who"), row.who)
        yield wrap(content.language.clauses(who, row.age), COLUMNS, first="    ")
        if row.expected:
            yield wrap(row.expected, COLUMNS, first="    ")
    if content.follow_up:
        yield ("\n" if content.advice else "") + content.language.labelled(t("Advice of earlier weeks"), "").rstrip()
        yield from (wrap(row.text, COLUMNS, first="- ") for row in content.follow_up)


def _goal(row: GoalRow, language: Language) -> str:
    goal = row.figures
    filled = round((goal.share_done or 0.0) * BAR)
    bar = "#" * filled + "." * (BAR - filled)
    if goal.share_elapsed is not None:
        tick = min(BAR - 1, round(goal.share_elapsed * BAR))
        bar = bar[:tick] + "|" + bar[tick + 1 :]
    room = COLUMNS - BAR - 5
    head = f"{pad(cut(goal.title, room), room)} [{bar}]"
    about = " · ".join(filter(None, (row.verdict, row.progress, row.due, row.owners, _keys(goal.places))))
    lines = [head, wrap(about, COLUMNS, first="  ")]
    lines += [wrap(row.outlook, COLUMNS, first="  ")] if row.outlook else []
    return "\n".join(lines)


def _goal_details(row: GoalRow, language: Language) -> str:
    """What there is to say of a goal besides; empty where that is nothing."""
    said = language.sentences(row.finding, row.measure, row.forecast, row.drivers)
    if not (row.measure or row.forecast):
        return ""
    return wrap(language.labelled(row.figures.title, said), COLUMNS, first="- ")


def _measured(figure: MetricRow, language: Language) -> str:
    """A figure with everything that is known of it: `label: value`, then its population below."""
    t = language.text
    between = t("95%% interval: %(interval)s", interval=figure.interval) if figure.interval else ""
    wanted = t("target: %(target)s, %(judgement)s", target=figure.target, judgement=figure.judgement)
    known = (figure.note, between, wanted if figure.judgement else "", _keys(figure.evidence))
    lines = [wrap(language.labelled(figure.label, figure.value), COLUMNS, first="- ", rest="  ")]
    if any(known):
        lines.append(wrap(language.points(*known), COLUMNS, first="    "))
    return "\n".join(lines)


def _standings(content: ReportContent) -> str:
    rows = [(row.label, content.language.number(row.count.total), row.where) for row in content.standings]
    return wrap(content.standings_finding, COLUMNS) + "\n\n" + table(rows, right=frozenset({1}), indent="  ")


def _loads(content: ReportContent) -> str:
    if not content.loads:
        return ""
    t, number = content.language.text, content.language.number
    header = (t("Workload by person"), t("in progress"), t("to do"), t("blocked"), t("overdue"), t("load"))
    rows = [
        (
            cut(row.person, 28),
            *map(number, (row.load.doing, row.load.todo, row.load.blocked, row.load.overdue)),
            row.ratio or "–",
        )
        for row in content.loads
    ]
    return table([header, *rows], right=frozenset({1, 2, 3, 4, 5}), indent="  ")


def _responsibilities(found: Responsibilities, language: Language) -> Iterator[str]:
    """Each person with the grounds below, then what could not be read and what is missing."""
    for row in found.rows:
        who = language.aside(row.person, language.clauses(row.letters, row.role))
        yield wrap(language.labelled(row.scope, who), COLUMNS, first="- ")
        if row.grounds:
            yield wrap(row.grounds, COLUMNS, first="    ")
        if row.part:
            yield wrap(row.part, COLUMNS, first="    ")
    if found.more:
        yield found.more
    yield from (wrap(sentence, COLUMNS) for sentence in found.unread)
    if found.gaps:
        yield "\n" + language.labelled(language.text("Gaps"), "").rstrip()
        for gap in found.gaps:
            keys = f" [{_keys(gap.places)}]" if gap.places else ""
            yield wrap(gap.text + keys, COLUMNS, first="- ")
        yield wrap(found.how, COLUMNS)


def _held_title(row: HeldRow, language: Language) -> str:
    return language.aside(row.title, _keys(row.item.places))


def _listed(tasks: TaskList, language: Language) -> Iterator[str]:
    yield _heading(language.aside(tasks.heading, language.number(tasks.total)))
    yield _task_list(tasks)


def _task_list(tasks: TaskList) -> str:
    lines = [] if tasks.rows or tasks.total else [wrap(tasks.empty, COLUMNS)]
    for row in tasks.rows:
        details = " · ".join(part for part in (_keys(row.places), *row.details) if part)
        lines.append(wrap(row.title, COLUMNS, first="- "))
        lines.append(wrap(details, COLUMNS, first="  "))
    if tasks.more:
        lines.append(wrap(tasks.more, COLUMNS))
    return "\n".join(lines)


def _conflicts(content: ReportContent) -> Iterator[str]:
    if not content.conflicts:
        return
    language, t = content.language, content.language.text
    yield _heading(language.aside(t("Conflicts waiting"), language.number(len(content.conflicts))))
    for row in content.conflicts:
        keys = "" if row.conflict.restricted else f" [{_keys(row.conflict.places)}]"
        yield "\n".join(
            [
                wrap(language.labelled(row.title, row.field) + keys, COLUMNS, first="- "),
                wrap(row.left, COLUMNS, first=f"  {language.labelled(row.left_name, '')}", rest="      "),
                wrap(row.right, COLUMNS, first=f"  {language.labelled(row.right_name, '')}", rest="      "),
                wrap(
                    language.sentences(
                        t("Since %(moment)s.", moment=row.since), language.labelled(t("To choose"), row.how)
                    ),
                    COLUMNS,
                    first="  ",
                ),
            ]
        )
