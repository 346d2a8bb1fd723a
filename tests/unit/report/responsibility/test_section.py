"""The section of the report: the same rows and gaps in every format, and nothing dangerous in any."""

import csv
import json
import re
from dataclasses import replace
from io import StringIO

import pytest

from syncer.contract.model import Account, Side
from syncer.contract.roster import Collaborator, ComponentLead, Permission, Unread
from syncer.core.responsibility import Authority, Declarations, Scope, ScopeKind
from syncer.report import Reader, build_report
from syncer.report.build import Report
from syncer.report.evaluate import evaluate
from syncer.report.model.collaboration import Collaboration
from syncer.report.model.responsibilities import Gap, GapKind
from syncer.report.render.phrases.responsibilities import gap_sentence
from tests.unit.report.responsibility.test_table import row, told
from tests.unit.report.sample import NOW, WINDOW, collaboration

NASTY = '=HYPERLINK("x") <b>@octocat</b> #1'
MEI = Account("mei", "Mei")


def sample() -> Collaboration:
    sides = (
        told(lead=MEI, components=(ComponentLead(NASTY), ComponentLead("ledger", MEI))),
        told(
            Side.RIGHT, collaborators=(Collaborator(MEI, Permission.WRITE),), unread=(Unread("teams", "no right <i>"),)
        ),
    )
    rows = (row("project", "jonas", "C", role="client", authority=()), row("component: ledger", "liwei", "A"))
    return replace(
        collaboration(),
        rosters=tuple(replace(side, pair="payments") for side in sides),
        declared=Declarations((), rows, "r.toml"),
    )


def made(language: str = "en", reader: Reader = Reader.MANAGER) -> Report:
    return build_report(evaluate(sample(), WINDOW, NOW), language=language, audience=reader)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("reader", list(Reader))
def test_every_format_shows_the_rows_and_gaps_of_the_json(language: str, reader: Reader) -> None:
    report = made(language, reader)
    table = json.loads(report.json)["responsibilities"]
    gaps = [gap["kind"] for gap in table["gaps"]]
    assert report.html.count('<td class="letters"') == len(table["rows"]) > 0
    listed = report.html.partition('<ul class="gaps">')[2].partition("</ul>")[0]
    assert re.findall(r'<li data-gap="([\w-]+)">', listed) == gaps
    assert (reader is Reader.CLIENT) is (not gaps)
    rows = list(csv.DictReader(StringIO(report.csv)))
    values = [(one["person"], told["value"]) for one in table["rows"] for told in (*one["letters"], *one["authority"])]
    shown = [
        (one["name"], one["value"]) for one in rows if one["section"] == "responsibility" and one["measure"] != "role"
    ]
    assert shown == values
    assert [one["measure"] for one in rows if one["section"] == "gap"] == gaps
    for row_ in report.content.responsibilities.gaps:
        assert " ".join(row_.text.split()) in " ".join(report.text.split()) or NASTY in row_.text
    assert report.markdown.count("\n| ") >= len(table["rows"])


def test_each_value_says_from_what_it_is_known() -> None:
    text = " ".join(made().text.split())
    assert "component “ledger”: Li Wei 李伟 (A) A: declared, written in r.toml:9." in text
    assert "A: derived, lead of the project" in text
    assert "derived, permission write" in text
    assert "not read: teams: no right <i>" in text


def test_names_of_a_tracker_do_no_harm() -> None:
    report = made()
    assert "<b>@octocat" not in report.html + report.mail_html
    assert "<i>" not in report.html.partition('id="responsibilities"')[2].partition("</section>")[0]
    assert "@octocat" not in report.markdown
    cells = [cell for line in csv.reader(StringIO(report.csv)) for cell in line]
    assert not [cell for cell in cells if cell.startswith("=")]


def test_what_somebody_must_decide_is_in_the_mail() -> None:
    nobodys = replace(sample(), goals=tuple(replace(goal, owners=()) for goal in sample().goals))
    assert "No accountable person: goal" in build_report(evaluate(nobodys, WINDOW, NOW)).mail_html
    assert "No accountable person" not in made(reader=Reader.CLIENT).mail_html


@pytest.mark.parametrize("kind", list(GapKind))
def test_every_gap_has_a_sentence_in_both_languages(kind: GapKind) -> None:
    from syncer.report.render import language

    gap = Gap(kind, "payments", Scope(ScopeKind.COMPONENT, "账本"), ("李伟",), "第三行", 1, (), ())
    assert gap_sentence(gap, language("en")).endswith(".")
    chinese = gap_sentence(gap, language("zh"))
    assert chinese.endswith("。")
    assert not re.search(r"[A-Za-z]", chinese)


def test_the_matrix_has_a_row_for_each_scope_and_a_column_for_each_person() -> None:
    report = made()
    found = report.content.responsibilities
    assert [len(row.cells) for row in found.matrix] == [len(found.people)] * len(found.matrix)
    assert len({row.scope for row in found.matrix}) == len(found.matrix)
    told = {
        (row.scope, cell.person): "".join(letter for letter, _ in cell.letters)
        for row in found.matrix
        for cell in row.cells
        if cell is not None
    }
    assert told == {(row.scope, row.person): row.letters.replace(", ", "") for row in found.rows}


def test_what_is_inferred_is_grey_and_what_is_written_is_not() -> None:
    found = made().content.responsibilities
    cells = {(row.scope, cell.person): cell for row in found.matrix for cell in row.cells if cell is not None}
    assert cells["component “ledger”", "Li Wei 李伟"].letters == (("A", False),)
    assert ("R", True) in cells["the project", "Mei Lin 林梅"].letters
    assert '<span class="inferred">R</span>' in made().html


@pytest.mark.parametrize("form", ["html", "text", "markdown"])
def test_duties_and_authority_that_are_written_down_are_told(form: str) -> None:
    written = row("project", "liwei", "R", duties=("plans releases",), authority=(Authority.DECIDE_DATE,))
    whole = replace(sample(), declared=Declarations((), (written,), "r.toml"))
    text = getattr(build_report(evaluate(whole, WINDOW, NOW)), form)
    assert "duties: plans releases; may: decide dates" in " ".join(text.replace("\n", " ").split())
