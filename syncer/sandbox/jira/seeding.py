"""Fills a project with many issues at once, for measurements.

A rough shape of real life, the same for the same seed.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from syncer.sandbox.jira import adf
from syncer.sandbox.jira.records import Comment, Content, User

if TYPE_CHECKING:
    from syncer.sandbox.jira.state import Jira

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


def seed_issues(
    jira: Jira, project_key: str, issues: int, comments: int = 0, step: timedelta = timedelta(seconds=30)
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


def _comment(jira: Jira, author: User, moment: datetime, number: int) -> Comment:
    text = f"Note {number + 1}: still the same."
    body = adf.from_text(text) if jira.is_cloud else text
    return Comment(str(jira.next_id("comment")), author, body, moment, moment, author)
