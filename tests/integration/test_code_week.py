"""Pull requests and releases of a week: each figure of the report against a count over the raw JSON of the trackers.

The JSON is what the interfaces answer to a person; the counts here share no line with those of the product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from syncer.report.evaluate import evaluate
from syncer.report.gather.collect import collect
from syncer.report.metrics.quality import CHANGE_FAIL, RELEASE_FREQUENCY
from syncer.report.metrics.smoothness import FIRST_REVIEW, WAITS_FOR_REVIEW
from syncer.report.model.evaluation import Evaluation
from syncer.report.model.metric import MetricDefinition
from syncer.sandbox import Clock
from syncer.sandbox.github import pulls
from syncer.sandbox.github.model import Issue
from tests.golden.weeks.evaluation import WEEK
from tests.rig import Rig

END = WEEK.end - timedelta(microseconds=1)
START = END - timedelta(days=200)
DAY = timedelta(days=1)

Event = tuple[datetime, Callable[[], object]]


class Team(Rig):
    """A repository with half a year of releases, and incidents on both sides."""

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, "SYNCER_TRACKERS__GITHUB__CODE": "true"}

    def live(self) -> None:
        """Has everything happen that happened, in its order."""
        for moment, event in sorted((*self.releases(), *self.incidents(), *self.proposals()), key=lambda one: one[0]):
            self.clock.advance(max(moment - self.clock.now(), timedelta(seconds=1)))
            event()
        self.tick()  # some of it after the week, of which its report knows nothing

    def releases(self) -> Iterator[Event]:
        """One in nine days; every fourth is for trial, one is a draft."""
        github, repository = self.box.github, self.box.github.repository(self.repository)
        liwei = github.account("liwei")
        for number in range(22):
            trial = number % 4 == 3
            made = partial(pulls.release, github, repository, liwei, f"v1.{number}", prerelease=trial)
            yield START + (2 + 9 * number) * DAY, made
        yield START + 150 * DAY, partial(pulls.release, github, repository, liwei, "", draft=True)

    def incidents(self) -> Iterator[Event]:
        """Some within a week of a release, some later, one told by its label; and tasks that are none."""
        for place, (day, labels) in enumerate(
            ((3, ["outage"]), (24, ["Hotfix"]), (25, ["outage"]), (37, ["bug"]), (46, ["故障"]), (64, ["outage"]),
             (129, ["incident"]), (190, ["docs"]), (196, ["incident"]))
        ):  # fmt: skip
            body = {"title": f"Something {place}", "labels": labels}
            yield START + day * DAY + timedelta(hours=3), partial(self.github, "POST", "/issues", body)

    def proposals(self) -> Iterator[Event]:
        """Two in three days over six weeks: reviewed after a while or never, drafts, merged, closed, of programs."""
        github = self.box.github
        github.add_app("renew", "acme")
        made: dict[int, Issue] = {}

        def propose(number: int, author: str) -> None:
            title = f"Change {number}"
            made[number] = github.add_pull_request(self.repository, title, author, f"Fixes #{number % 5 + 1}")
            made[number].pull_request.draft = number % 11 == 10  # type: ignore[union-attr]

        def look(number: int, by: str) -> None:
            pulls.review(github, made[number], github.account(by), "COMMENTED")

        def end(number: int, *, merged: bool) -> None:
            if merged:
                pulls.merge(github, made[number], github.account("liwei"))
            else:
                github.edit_issue(self.repository, made[number].number, "liwei", state="closed")

        for number in range(28):
            opened = END - 42 * DAY + number * 1.5 * DAY
            yield opened, partial(propose, number, "renew[bot]" if number % 9 == 8 else "miab")
            yield opened + timedelta(hours=1), partial(look, number, "miab" if number % 9 != 8 else "liwei")
            if number % 4 != 3:
                yield opened + (0.3 + number % 5) * DAY, partial(look, number, "liwei")
            if number % 3 == 1:
                yield opened + (2 + number % 7) * DAY, partial(end, number, merged=number % 2 == 0)


@dataclass(frozen=True)
class Told:
    """The raw JSON, and what the product makes of it."""

    pulls: list[dict[str, Any]]
    """Each with its `reviews`."""
    releases: list[dict[str, Any]]
    issues: list[dict[str, Any]]
    evaluation: Evaluation

    def value(self, name: MetricDefinition) -> tuple[float | None, int]:
        metric = self.evaluation.metric(name)
        return metric.value, metric.n


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    directory: Path = tmp_path_factory.mktemp("code")
    with Team(directory, clock=Clock.virtual(START)) as team:
        team.live()
        raw = team.github("GET", "/pulls?state=all&per_page=100")
        for one in raw:
            one["reviews"] = team.github("GET", f"/pulls/{one['number']}/reviews")
        releases = team.github("GET", "/releases?per_page=100")
        issues = [one for one in team.github("GET", "/issues?state=all&per_page=100") if "pull_request" not in one]
        for _ in range(2):
            team.sync()
        with team.context() as context:
            now = team.clock.now()
            whole = collect(context.store, [context.rules], window=WEEK, now=now, name="Payments")
        return Told(raw, releases, issues, evaluate(whole, WEEK, now))


def at(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)


def people(told: Told) -> list[tuple[datetime, datetime | None, datetime | None]]:
    """When each pull request of a person that is no draft was opened, reviewed by another, and closed; by the end."""
    found = []
    for one in told.pulls:
        opened = at(one["created_at"])
        if one["draft"] or one["user"]["type"] == "Bot" or opened is None or opened > END:
            continue
        looks = [at(review["submitted_at"]) for review in one["reviews"] if review["user"]["id"] != one["user"]["id"]]
        first = min((look for look in looks if look is not None and look <= END), default=None)
        closed = at(one["closed_at"])
        found.append((opened, first, closed if closed is not None and closed <= END else None))
    return found


def test_the_week_has_something_of_everything(told: Told) -> None:
    assert any(one["draft"] for one in told.pulls)
    assert any(one["user"]["type"] == "Bot" for one in told.pulls)
    assert any(one["prerelease"] for one in told.releases)
    assert any(at(one["created_at"]) > END - 3 * DAY for one in told.pulls)  # type: ignore[operator]


def test_pull_requests_that_wait_for_a_first_review(told: Told) -> None:
    still = [(opened, first) for opened, first, closed in people(told) if closed is None]
    waiting = [opened for opened, first in still if first is None]
    assert told.value(WAITS_FOR_REVIEW) == (len(waiting), len(still))
    assert 0 < len(waiting) < len(still)


def test_days_until_a_first_review(told: Told) -> None:
    """The median of Kaplan and Meier, by hand: the first time by which half are no longer waiting."""
    waits = []
    for opened, first, closed in people(told):
        if opened > END - 28 * DAY:
            end = first or closed or END
            waits.append(((end - opened) / DAY, first is not None))
    waiting = 1.0
    median = None
    for moment in sorted({days for days, _ in waits}):
        here = [over for days, over in waits if days == moment]
        there = sum(days >= moment for days, _ in waits)
        waiting *= 1 - sum(here) / there
        if median is None and waiting <= 0.5 + 1e-12:
            median = moment
    value, n = told.value(FIRST_REVIEW)
    assert n == len(waits)
    assert value == pytest.approx(median, abs=0.05)


def test_releases_a_week(told: Told) -> None:
    lately = [one for one in published(told) if one > END - 28 * DAY]
    assert told.value(RELEASE_FREQUENCY) == (pytest.approx(len(lately) / 4), len(lately))


def published(told: Told) -> list[datetime]:
    """When releases for everybody were published, by the end of the week."""
    moments = [at(one["published_at"]) for one in told.releases if not one["draft"] and not one["prerelease"]]
    return sorted(moment for moment in moments if moment is not None and moment <= END)


def test_releases_that_an_incident_followed(told: Told) -> None:
    words = {"incident", "outage", "hotfix", "事故", "故障"}
    incidents = [
        at(one["created_at"]) for one in told.issues if words & {str(label["name"]).lower() for label in one["labels"]}
    ]
    half_a_year = [one for one in published(told) if one > END - 180 * DAY]
    failed = 0
    for place, release in enumerate(half_a_year):
        until = min([release + 7 * DAY, END, *half_a_year[place + 1 : place + 2]])
        failed += any(release <= made < until for made in incidents if made is not None)
    assert told.value(CHANGE_FAIL) == (pytest.approx(failed / len(half_a_year)), len(half_a_year))
    assert 0 < failed < len(half_a_year)
