"""What the teams plan with: points, risks and a sprint, in fields of people's own making on both sides.

Jira has its points and sprints, GitHub fields of the organisation and a board; the due day is one of these there. What
was in the sprint before the first sync was put there on both sides, by those who work in each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final

from syncer.demo.story import day
from syncer.sandbox import Sandbox
from syncer.sandbox.github import boards

POINTS_FIELD: Final = "customfield_10016"
SPRINT_FIELD: Final = "customfield_10020"
EFFORT, TARGET, RISK, ITERATION = "Effort", "Target date", "Risk", "Iteration"
"""What the fields are called on GitHub; in Jira the risk is called so, too."""
RISKS: Final = ("High", "Medium", "Low")
BOARD: Final = 1
"""The number of the organisation's first board."""

SPRINT: Final = "Sprint 12"
SPRINT_GOAL: Final = "The bank sees a payment from the form to the ledger"
BEGINS, ENDS = day((11, 10)), day((11, 23))

POINTS: Final[Mapping[str, int]] = {
    "vault": 8, "capture": 5, "3ds": 8, "idempotency": 3, "declines": 5, "twice": 3, "release": 3, "fallback": 8,
    "contract": 2, "partial": 5, "full": 3, "evidence": 5, "notice": 2, "fees": 3, "daily": 5, "match": 5, "alert": 2,
    "zones": 2, "retention": 1, "keyboard": 3, "load": 5, "keys": 2, "pentest": 5, "csp": 3, "logs": 1, "webhooks": 5,
    "signature": 2, "receipts": 3, "nan": 1, "status": 2, "sandbox": 1, "flags": 5, "timing": 2, "runbook": 2,
    "reference": 3, "cookie": 1,
}  # fmt: skip
"""By task; some are too far off to be estimated."""
RISK_OF: Final[Mapping[str, str]] = {"3ds": "High", "contract": "High", "load": "Medium", "webhooks": "Low"}

IN_SPRINT: Final[Mapping[str, tuple[int, int]]] = {
    **dict.fromkeys(("3ds", "idempotency", "declines", "full", "daily", "zones"), (11, 10)),
    **dict.fromkeys(("keys", "pentest", "csp", "signature", "webhooks", "receipts", "runbook", "sandbox"), (11, 10)),
    "nan": (11, 11), "twice": (11, 13), "partial": (11, 17), "cookie": (11, 18),
}  # fmt: skip
"""By task the day on which it came into the sprint: after the first, it was added."""


@dataclass(frozen=True, slots=True)
class PlanFields:
    """The fields as the two trackers have them."""

    sprint: int
    """The id of the sprint in Jira."""
    risk: str
    """The id of Jira's field."""
    fields: Mapping[str, int]
    """Of the organisation on GitHub: by name, the id."""
    iteration: tuple[int, str]
    """The id of the board's field, and that of the sprint in it."""

    def in_jira(self, on: str) -> dict[str, Any]:
        """What the fields of a new issue of Jira hold."""
        points = {POINTS_FIELD: POINTS[on]} if on in POINTS else {}
        return {**points, **({self.risk: {"value": RISK_OF[on]}} if on in RISK_OF else {})}

    def on_github(self, on: str) -> dict[str, Any]:
        """What a new issue of GitHub is made with for the same."""
        values = {EFFORT: POINTS.get(on), RISK: RISK_OF.get(on)}
        return self.valued({name: value for name, value in values.items() if value is not None})

    def valued(self, values: Mapping[str, object]) -> dict[str, Any]:
        """The part of a request that sets fields of the organisation by their names."""
        entries = [{"field_id": self.fields[name], "value": value} for name, value in values.items()]
        return {"issue_field_values": entries} if entries else {}


def has_fields(box: Sandbox) -> bool:
    """Whether its GitHub has fields of organisations and boards: Enterprise Server has neither."""
    return not any("issue-fields" in one.path for one in box.profiles["github"].missing)


def make_fields(box: Sandbox, project: str, organisation: str, days: tuple[date, date]) -> PlanFields:
    """Adds the fields, as administrators do; `days` are the first and the last of the sprint."""
    first, last = days
    begins, ends = (datetime.combine(each, time(hour), UTC) for each, hour in ((first, 8), (last, 16)))
    sprint = box.jira.add_sprint(project, SPRINT, "active", goal=SPRINT_GOAL, start=begins, end=ends)
    risk = box.jira.add_custom_field(RISK, "option", RISKS)
    numbers = {
        EFFORT: box.github.add_issue_field(organisation, EFFORT, "number"),
        TARGET: box.github.add_issue_field(organisation, TARGET, "date"),
        RISK: box.github.add_issue_field(organisation, RISK, "single_select", RISKS),
    }
    board = box.github.add_board(organisation, "Payments", "grace-turner")
    length = (last - first).days + 1
    iteration = boards.add_field(box.github, board, ITERATION, "iteration", iterations=[(SPRINT, first, length)])
    fields = {name: field.id for name, field in numbers.items()}
    return PlanFields(sprint.id, risk.id, fields, (iteration.id, iteration.iterations[0].id))
