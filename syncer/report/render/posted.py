"""The report as a document for a comment or an issue of a tracker: as short as the mail, in no tracker's markup.

Each tracker's own writer makes it safe: names notify nobody, numbers and keys refer to nothing. Keys are code, which no
tracker turns into a reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from syncer.report.model.collaboration import Place
from syncer.report.render.content import ReportContent
from syncer.report.render.language import Language
from syncer.report.render.phrases.answers import AnswerRow, ChangeRow
from syncer.report.render.phrases.notices import Notice, decided_by
from syncer.richtext import (
    Block,
    Cell,
    Document,
    Heading,
    ListBlock,
    ListItem,
    Mark,
    Paragraph,
    Run,
    RunKind,
    Table,
)

_STRONG = frozenset({Mark.STRONG})
_SOFT = frozenset({Mark.EMPHASIS})


def posted(content: ReportContent) -> Document:
    """How complete the data is, how the week stands, what to decide, what changed, what to do, goals, sync."""
    return Document(tuple(_blocks(content)))


def _blocks(content: ReportContent) -> Iterator[Block]:
    t, language = content.language.text, content.language
    yield _paragraph(_run(content.completeness, _SOFT))
    yield Heading(2, (_run(content.title),))
    yield _list([_answer(row, language) for row in content.answers])
    yield _heading(content.asks)
    if content.notices:
        yield _list([_notice(notice, language) for notice in content.notices])
    else:
        yield _paragraph(_run(t("Nothing this week.")))
    if content.changes:
        yield _heading(t("What changed since last week"))
        yield _list([_changed(row, language) for row in content.changes])
    if content.advice:
        yield _heading(t("What to change next week"))
        yield _list(
            [_item(row.text, row.places, language.labelled(t("Who"), row.who), language) for row in content.advice],
            ordered=True,
        )
    yield from _goals(content)
    if content.missed:
        yield _heading(t("Off target"))
        yield _table(
            (t("Figure"), t("Value"), t("Target")),
            [(figure.label, figure.value, figure.target) for figure in content.missed],
        )
    if content.pairs:
        yield _heading(t("How the sync went"))
    yield from (_paragraph(_run(row.sentence)) for row in content.pairs)


def _goals(content: ReportContent) -> Iterator[Block]:
    if content.goals:
        t = content.language.text
        yield _heading(t("Goals"))
        yield _table(
            (t("Goal"), t("Owner"), t("Due"), t("Progress"), t("Status")),
            [(row.figures.title, row.owners, row.due, row.progress, row.verdict) for row in content.goals],
        )


def _notice(notice: Notice, language: Language) -> ListItem:
    return _item(notice.text, notice.places, decided_by(notice, language), language)


def _answer(row: AnswerRow, language: Language) -> ListItem:
    """A question with its verdict and its sentence."""
    runs = (_run(row.question), Run(" "), _run(language.ended(row.word), _STRONG), Run(" "))
    return ListItem((_paragraph(*runs, _run(row.sentence)),))


def _changed(row: ChangeRow, language: Language) -> ListItem:
    """All changes of one kind."""
    said = language.labelled(row.label, language.points(*(item.text for item in row.items), row.more))
    return _item(said, (), "", language)


def _heading(text: str) -> Block:
    return Heading(3, (_run(text),))


def _run(text: str, marks: frozenset[Mark] = frozenset()) -> Run:
    return Run(" ".join(text.split()), marks=marks)


def _paragraph(*runs: Run) -> Paragraph:
    return Paragraph(tuple(run for run in runs if run.text))


def _item(text: str, places: Sequence[Place], who: str, language: Language) -> ListItem:
    runs = [_run(text)]
    for place in places:
        runs += [Run(" "), Run(place.key, RunKind.CODE)]
    if who:
        runs.append(Run(language.aside("", " ".join(who.split()))))
    return ListItem((Paragraph(tuple(runs)),))


def _list(items: Sequence[ListItem], *, ordered: bool = False) -> ListBlock:
    return ListBlock(tuple(items), ordered=ordered)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    cells = [tuple(Cell((_paragraph(_run(text)),), header=True) for text in header)]
    cells += [tuple(Cell((_paragraph(_run(text)),)) for text in row) for row in rows]
    return Table(tuple(cells))
