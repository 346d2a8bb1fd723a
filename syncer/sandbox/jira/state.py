"""One Jira: a site with its issues, what searches them, and what fills it with many at once.

Holds no HTTP: the routes call it as people, tests and the demo call it directly. Issues for measurements are the same
for the same seed.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from syncer.sandbox.clock import Clock
from syncer.sandbox.jira import adf
from syncer.sandbox.jira.fieldstore import FieldStore
from syncer.sandbox.jira.recorded import load_recorded
from syncer.sandbox.jira.records import Comment, Content, Deployment, User
from syncer.sandbox.jira.search import Searcher
from syncer.sandbox.jira.store import IssueStore


class Jira(FieldStore):
    """One stateful Jira, Cloud or Data Center; every mutation happens under `lock`."""

    def __init__(self, clock: Clock, deployment: Deployment, seed: int = 0, base_url: str = "") -> None:
        super().__init__(clock, deployment, seed, base_url)
        self.searcher = Searcher(self)

    def seed_issues(self, project_key: str, issues: int, comments: int = 0) -> list[str]:
        """Adds many issues at once and returns their keys."""
        return _seed_issues(self, project_key, issues, comments)

    def load_recorded(self, records: Iterable[Mapping[str, Any]], counts: Counter[str] | None = None) -> list[str]:
        """Adds what a real Jira answered and returns the keys of its issues; see `recorded`."""
        return load_recorded(self, records, counts)


_VERBS = ("Check", "Show", "Retry", "Explain", "Limit", "Import", "Translate", "Measure")
_THINGS = (
    "refunds",
    "invoices",
    "the exchange rate",
    "login",
    "对账单",
    "the weekly summary",
    "card payments",
    "address books",
)
_LABELS = ("backend", "frontend", "urgent", "customer", "文档")


def _seed_issues(
    jira: IssueStore, project_key: str, issues: int, comments: int = 0, step: timedelta = timedelta(seconds=30)
) -> list[str]:
    """Adds `issues` issues with `comments` comments each to a project and returns their keys, oldest first.

    They were created one `step` apart up to now. 10,000 issues take a few seconds: the index is sorted once, and no
    changelog is written.
    """
    with jira.lock:
        chance = random.Random(jira.seed)  # noqa: S311  # test data, no secret
        project = jira.project(project_key)
        people = [user for user in jira.users.values() if user.active] or [jira.add_user("seed", "Seed")]
        kinds = [kind for kind in project.types if kind.level == 0]
        start = jira.clock.now() - step * issues
        made: dict[str, Content] = {}
        keys = []
        for number in range(issues):
            author, moment = chance.choice(people), start + step * number
            content = jira.blank(project, chance.choice(kinds), author, moment)
            content["summary"] = f"{chance.choice(_VERBS)} {chance.choice(_THINGS)} ({number + 1})"
            text = f"Seen by {chance.randrange(500)} people.\n\nSteps are known."
            content["description"] = adf.from_text(text) if jira.is_cloud else text
            content["labels"] = tuple(sorted(chance.sample(_LABELS, chance.randrange(3))))
            content["assignee"] = chance.choice([None, *people])
            content["comment"] = tuple(_comment(jira, chance.choice(people), moment, each) for each in range(comments))
            issue = jira.insert(content)
            made[issue.id] = issue.content
            keys.append(issue.key)
        jira.index.fill(made)
        return keys


def _comment(jira: IssueStore, author: User, moment: datetime, number: int) -> Comment:
    text = f"Note {number + 1}: still the same."
    body = adf.from_text(text) if jira.is_cloud else text
    return Comment(str(jira.next_id("comment")), author, body, moment, moment, author)
