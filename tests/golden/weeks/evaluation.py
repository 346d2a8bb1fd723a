"""From the tracker's JSON to the evaluation of a week: sandbox, connectors, syncs, the imported past, the store."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from syncer.report import Window, build_report
from syncer.report.evaluate import evaluate
from syncer.report.gather.collect import collect
from syncer.report.model.collaboration import Collaboration
from syncer.report.model.evaluation import Evaluation
from tests.rig import Rig

FOLDER = Path(__file__).parent
ZONE = ZoneInfo("Europe/Berlin")
WEEK = Window(2026, 46, ZONE)
FORMS = {"report.json": ("json", "en"), "report.en.md": ("markdown", "en"), "report.zh.md": ("markdown", "zh")}

_ADDRESS = re.compile(r"(https?://)?127\.0\.0\.1:\d+")

EXTRA = """
[pairs.guard]
closes-at-least = 100000
updates-at-least = 100000
"""

FIELDS = """
sprint = "customfield_10020"
story-points = "customfield_10016"
"""


class Team(Rig):
    """A rig whose pair also knows the status in which the client has the word."""

    def configuration(self) -> str:
        """The configuration with one more row in the map of statuses."""
        row = '["In Review", "open", "status: in review"],'
        return (
            super().configuration().replace(row, f'{row} ["Waiting for client", "open", "status: waiting for client"],')
        )


def collected(data: Path, directory: Path, week: Window = WEEK) -> tuple[Collaboration, Evaluation]:
    """What the store holds after three runs over the recorded tracker, and the evaluation of a week before them.

    It is told as of a team that has had reports for a while, so that advice of the weeks before is followed up.
    """
    with Team(directory, data=data, extra=EXTRA, jira_extra=FIELDS) as rig:
        for _ in range(3):
            rig.sync()
        with rig.context() as context:
            now = rig.clock.now()
            markups = {context.name: {side: one.markup for side, one in context.connectors.items()}}
            found = collect(context.store, [context.rules], window=week, now=now, name="Payments", markups=markups)
            (pair,) = found.pairs
            whole = replace(found, pairs=(replace(pair, synced_since=week.earlier(8).start),))
            return whole, evaluate(whole, week, now)


def rendered(evaluation: Evaluation) -> dict[str, str]:
    """Each golden file with its text; addresses of the sandbox, which differ from run to run, are made the same."""
    return {
        name: _ADDRESS.sub("tracker.example", getattr(build_report(evaluation, language=language), form))
        for name, (form, language) in FORMS.items()
    }
