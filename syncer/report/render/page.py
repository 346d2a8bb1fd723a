"""The HTML page: one file, no scripts, nothing loaded from anywhere, charts inline, light and dark, prints on A4."""

from __future__ import annotations

from base64 import b64encode
from functools import cache, partial
from hashlib import sha256
from importlib.resources import files

from markupsafe import Markup

from syncer.report.render.charts import BarSegment, progress_bar, spark, stacked_bar
from syncer.report.render.content import GoalRow, ReportContent
from syncer.report.render.drawing import Drawing, svg
from syncer.report.render.graphs import MOST_BURNUPS, burnup
from syncer.report.render.jinja import environment
from syncer.report.render.language import Language
from syncer.report.render.phrases.notices import decided_by


def page(content: ReportContent) -> str:
    """The whole page as HTML text."""
    most_in_hand = max((row.load.open for row in content.loads), default=0)
    style = _style()
    return (
        environment(days_unbroken=True)
        .get_template("page.html.j2")
        .render(
            content=content,
            t=content.language.text,
            number=content.language.number,
            style=Markup(style),  # noqa: S704  # our own package data
            policy=_policy(style),
            contents=_contents(content),
            decided_by=partial(decided_by, language=content.language),
            sparks=[svg(spark(row.answer.trend.values, row.series)) for row in content.answers],
            goal_bars=[_goal_bar(row, content.language) for row in content.goals],
            burnups=_burnups(content),
            details=[row for row in content.goals if row.forecast or row.measure],
            edits=[row for row in content.goals if row.edit],
            load_bars=[
                svg(
                    stacked_bar(
                        (BarSegment(row.load.doing, "doing"), BarSegment(row.load.todo, "todo")),
                        most_in_hand,
                        row.finding,
                    )
                )
                for row in content.loads
            ],
            standings_bar=_standings_bar(content),
            svg=svg,
        )
    )


def _burnups(content: ReportContent) -> dict[str, tuple[Drawing, Drawing]]:
    """By the id of each goal that has one: its picture."""
    found = {row.figures.id: burnup(row.figures, content.language) for row in content.goals}
    drawn = {name: pictures for name, pictures in found.items() if pictures is not None}
    return dict(list(drawn.items())[:MOST_BURNUPS])


def _contents(content: ReportContent) -> list[tuple[str, str]]:
    """Ids and headings of the sections, as far as there are any; the lists of tasks stand by their figures."""
    t = content.language.text
    found = (
        ("notices", content.asks, True),
        ("changes", t("Changes"), bool(content.changes)),
        ("goals", t("Goals"), True),
        ("advice", t("Advice"), bool(content.advice or content.follow_up)),
        ("charts", t("Charts"), bool(content.graphs)),
        ("tasks", t("Tasks"), bool(content.standings)),
        ("responsibilities", t("Who is responsible"), bool(content.responsibilities)),
        ("measures", t("All figures"), True),
        ("sync", t("Sync"), bool(content.pairs)),
    )
    return [(name, heading) for name, heading, there in found if there]


def _goal_bar(row: GoalRow, language: Language) -> Markup:
    finding = language.labelled(row.figures.title, row.finding)
    return svg(progress_bar(row.figures.share_done, row.figures.share_elapsed, finding))


def _standings_bar(content: ReportContent) -> Markup:
    parts = [BarSegment(row.count.total, row.count.standing.value) for row in content.standings]
    return svg(stacked_bar(parts, sum(part.amount for part in parts), content.standings_finding, width=480))


def _policy(style: str) -> str:
    """A content security policy under which only this very style sheet applies and nothing is loaded or run."""
    fingerprint = b64encode(sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{fingerprint}'; base-uri 'none'; form-action 'none'"


@cache
def _style() -> str:
    return files(__package__).joinpath("templates", "page.css").read_text(encoding="utf-8")
