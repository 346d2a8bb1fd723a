"""Grown trackers of several sorts: what is said to be sure is right, and what is one is mostly found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from math import log

import pytest

from syncer.contract.model import Audience, Field, Kind, Observed, Ref, Value, Version
from syncer.core.likeness import COMMON_CORPUS, Likeness, Reading, series
from syncer.core.matching import Material, Proposal, propose
from syncer.core.references import exposed
from syncer.richtext.plain import PlainMarkup
from tests.bench.adopt_worlds import (
    CHORE,
    FIRST_DAY,
    PEOPLE,
    Issue,
    Remark,
    Trackers,
    grown,
    harder,
    key_in_title,
    typed_twice,
)

SIZE = 200
TEMPLATE = "### Steps to reproduce\n\n1. Open the page\n\n### Expected\n\nIt works.\n\n### Actual\n\nIt does not.\n\n"
MARKUP = PlainMarkup()


def observed(ref: Ref, issue: Issue) -> Observed:
    showing: dict[Field, Value] = {Field.TITLE: issue.title, Field.LABELS: issue.labels}
    return Observed(ref, issue.key, issue.url, Version("1"), issue.at, issue.at, showing, Audience.MEMBERS)


def reading(number: int, issue: Issue) -> Reading:
    item = observed(Ref(Kind.TASK, str(number)), issue)
    said = tuple(
        replace(observed(Ref(Kind.COMMENT, f"{number}.{place}"), issue), created=one.at, parent=item.ref)
        for place, one in enumerate(issue.remarks)
    )
    texts = tuple("\n".join(exposed(MARKUP.read(one.text))) for one in issue.remarks)
    author = PEOPLE[issue.by][0] if issue.by >= 0 else ""
    return Reading(item, exposed(MARKUP.read(issue.body)), author, said, texts)


def material(issues: Sequence[Issue]) -> Material:
    readings = [reading(number, issue) for number, issue in enumerate(issues)]
    links = {one.item.ref: issue.web_links for one, issue in zip(readings, issues, strict=True) if issue.web_links}
    return Material(readings, links)


def proposals(made: Trackers) -> list[Proposal]:
    return propose(material(made.left), material(made.right))


def imported(made: Trackers) -> Trackers:
    """The right side was filled in one night."""
    made.right = [
        replace(each, at=FIRST_DAY + timedelta(days=900, minutes=n // 50)) for n, each in enumerate(made.right)
    ]
    return made


def with_template(made: Trackers) -> Trackers:
    """Everybody fills in the same form."""
    for side in (made.left, made.right):
        side[:] = [replace(each, body=TEMPLATE + each.body) for each in side]
    return made


@pytest.mark.parametrize(
    ("make", "least_found"),
    [
        (lambda: grown(11, size=SIZE), 0.97),
        (lambda: imported(grown(12, size=SIZE)), 0.85),
        (lambda: with_template(grown(13, size=SIZE)), 0.97),
        (lambda: grown(14, size=SIZE, habits=[(1.0, typed_twice)], edited=1.0, misleading=0.3), 0.9),
        (lambda: grown(15, size=SIZE, habits=[(1.0, key_in_title)], edited=1.0, misleading=0.3), 0.95),
        (lambda: grown(16, size=SIZE, mirrored=0.05, misleading=0.3), 0.85),
    ],
    ids=["usual", "imported at once", "a template", "typed twice and edited", "keys and edits", "few of many"],
)
def test_what_is_sure_is_right_and_most_is_found(make: Callable[[], Trackers], least_found: float) -> None:
    made = make()
    sure = {(one.left.key, one.right.key) for one in proposals(made) if one.sure}
    assert sure - made.pairs == set()
    assert len(sure) >= least_found * len(made.pairs)


@pytest.mark.parametrize("seed", [1, 2, 4, 5])
def test_look_alikes_are_not_taken_for_partners(seed: int) -> None:
    """Copies on one side, quotes of whole texts, and what both teams do every week from a form."""
    made = harder(grown(seed, size=3 * SIZE, mirrored=0.5, misleading=0.3, edited=1.0), seed + 1000)
    sure = {(one.left.key, one.right.key) for one in proposals(made) if one.sure}
    assert len(sure & made.pairs) >= 0.995 * len(sure), sorted(sure - made.pairs)
    assert len(sure & made.pairs) >= 0.95 * len(made.pairs)


def test_what_is_made_from_one_form_every_week_says_little_and_its_comments_as_much_as_ever() -> None:
    weeks = [
        reading(
            week,
            Issue(
                f"PAY-{week}", "", "Weekly rounds", f"{CHORE}\n\nWeek {week}.", 1, FIRST_DAY + timedelta(days=7 * week),
                remarks=(Remark(1, f"Disk of kestrel-{week} is at 91 percent, osprey-{week} is slow.", FIRST_DAY),),
            ),
        )
        for week in range(20)
    ]  # fmt: skip
    alone = reading(99, Issue("PAY-99", "", "Refund hangs for guests", f"{CHORE} It hangs.", 1, FIRST_DAY))
    assert series([*weeks, alone]) == [*[20] * 20, 1]
    comparison = Likeness([*weeks, alone], [*weeks, alone])
    said = {clue.reason: clue.weight for clue in comparison.clues(weeks[7], weeks[7])}
    assert said["equal titles"] + said["equal texts"] <= log(COMMON_CORPUS / 20) + 1e-9
    assert said["1 mirrored comment"] == 3.5
    said = {clue.reason: clue.weight for clue in comparison.clues(alone, alone)}
    assert said["equal titles"] + said["equal texts"] > 2 * log(COMMON_CORPUS / 20)


@pytest.mark.parametrize("misleading", [0.0, 0.2])
@pytest.mark.parametrize("template", [False, True])
def test_trackers_that_have_nothing_in_common_raise_no_alarm(misleading: float, template: bool) -> None:
    made = grown(17, size=SIZE, mirrored=0.0, misleading=misleading)
    assert not any(one.sure for one in proposals(with_template(made) if template else made))
