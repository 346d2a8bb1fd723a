"""A first sync, edits on both sides and rest, between any Jira and any GitHub that has a profile."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from syncer.sandbox.jira.fields import EPIC_LINK, EPIC_NAME
from syncer.sandbox.profiles import NAMED, Profile
from tests.certificates import certificate_for, on_this_machine
from tests.rig import Rig

JIRA = tuple(profile for profile in NAMED.values() if profile.tracker == "jira")
GITHUB = tuple(profile for profile in NAMED.values() if profile.tracker == "github")
EVERY = tuple(product(JIRA, GITHUB))
USUAL = tuple(
    (NAMED[jira], NAMED[github])
    for jira, github in (
        ("jira-cloud", "github-2026-03-10"),
        ("jira-cloud", "github-2022-11-28"),
        ("jira-cloud-gateway", "ghe.com"),
        ("jira-server", "ghes-3.17"),
        ("jira-server", "github-2026-03-10"),
        ("jira-data-center", "ghes-3.19"),
        ("jira-data-center", "github-2022-11-28"),
    )
)
"""Every profile at least once, and each kind of Jira with more than one GitHub."""


@dataclass(frozen=True, slots=True)
class Played:
    """What became of a pair."""

    outcomes: tuple[str, ...]
    """Of the runs, the first sync first."""
    writes: tuple[int, ...]
    """Of the runs."""
    quiet_requests: int
    """Of the last run, on both sides."""
    lacking: tuple[str, ...]
    """What is said not to be held."""
    wrong: tuple[str, ...]
    """What is not as it should be on one of the sides, a sentence each."""
    seconds: float
    """Of this machine's CPU."""

    @property
    def well(self) -> bool:
        """Everything was carried, nothing was held, and the last two runs were quiet."""
        return not self.wrong and set(self.outcomes) == {"clean"} and self.writes[-2:] == (0, 0)


@contextmanager
def rig_of(directory: Path, jira: Profile, github: Profile) -> Iterator[Rig]:
    """A rig between two servers; names of hosts that a profile brings lead to this machine."""
    directory.mkdir(exist_ok=True)
    residency = github.setting("data-residency")
    with ExitStack() as stack:
        certificate = None
        if residency:
            names = f"{residency}.ghe.com", f"api.{residency}.ghe.com"
            certificate = certificate_for(directory, *names)
            stack.enter_context(on_this_machine(certificate[0], *names))
        epics = "" if jira.deployment == "cloud" else f'epic-link = "{EPIC_LINK}"\n'
        rig = Rig(directory, profiles=(jira, github), certificate=certificate, jira_extra=epics)
        yield stack.enter_context(rig)


def play(directory: Path, jira: Profile, github: Profile) -> Played:
    """Plays the story of a pair to its end."""
    began = time.process_time()
    with rig_of(directory, jira, github) as rig:
        story = Story(rig)
        story.before()
        tallies = [rig.sync(), rig.sync()]
        story.edits()
        tallies += [rig.sync() for _ in range(4)]
        wrong = tuple(story.wrong(tallies[-1].lacking.get("right", [])))
        return Played(
            outcomes=tuple(tally.outcome for tally in tallies),
            writes=tuple(tally.writes for tally in tallies),
            quiet_requests=sum(tallies[-1].requests.values()),
            lacking=tuple(tallies[-1].lacking.get("right", ())),
            wrong=wrong,
            seconds=time.process_time() - began,
        )


class Story:
    """What people do on both sides, and what is to be seen of it on the other."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig

    def before(self) -> None:
        """Tasks on both sides, with everything that a pair carries."""
        epic = self.task("Checkout", issuetype={"name": "Epic"}, **self.epic_name("Checkout"))
        self.below = self.task("Card form", labels=["web"], **self.beneath(epic))
        blocker = self.task("Card library", description=self.rig.text("Which one?"), priority={"name": "High"})
        ends = {"inwardIssue": {"key": blocker}, "outwardIssue": {"key": self.below}}
        self.rig.jira("POST", "/issueLink", {"type": {"name": "Blocks"}, **ends})
        self.rig.jira("POST", f"/issue/{blocker}/comment", {"body": self.rig.text("The small one.")})
        number = self.rig.github("POST", "/issues", {"title": "Refund", "body": "Soon", "assignees": ["liwei"]})[
            "number"
        ]
        self.rig.github("POST", f"/issues/{number}/comments", {"body": "How soon?"})
        self.rig.github("POST", "/issues", {"title": "Receipt", "labels": ["bug"]})

    def edits(self) -> None:
        """An edit of each kind on each side."""
        self.rig.jira("PUT", f"/issue/{self.below}", {"fields": {"summary": "Card form, new"}})
        refund = self.number("Refund")
        self.rig.github("PATCH", f"/issues/{refund}", {"title": "Refund, new", "body": ""})
        self.rig.github("PATCH", f"/issues/{self.number('Receipt')}", {"state": "closed"})
        self.rig.github("POST", f"/issues/{self.number('Card library')}/comments", {"body": "Agreed."})

    def wrong(self, lacking: list[str]) -> Iterator[str]:
        """What is not as it should be."""
        titles = ["Card form, new", "Card library", "Checkout", "Receipt", "Refund, new"]
        rows = {row["title"]: row for row in self.rig.github("GET", "/issues?state=all&per_page=100")}
        issues = {str(each.content["summary"]): each for each in self.rig.box.jira.issues.values()}
        if sorted(rows) != titles:
            yield f"GitHub has {sorted(rows)}"
        if sorted(issues) != titles or len(self.rig.box.jira.issues) != len(titles):
            yield f"Jira has {sorted(issues)}"
        if rows["Card library"]["comments"] != 2 or len(issues["Card library"].content["comment"]) != 2:
            yield "a comment of Card library is missing"
        if len(issues["Refund, new"].content["comment"]) != 1:
            yield "the comment of Refund is missing"
        if issues["Receipt"].content["status"].name != "Done":
            yield "Receipt is not closed in Jira"
        if "priority: high" not in [label["name"] for label in rows["Card library"]["labels"]]:
            yield "the priority of Card library is missing"
        assignee = issues["Refund, new"].content["assignee"]
        if assignee is None or assignee.identifier != "liwei":
            yield "the assignee of Refund is missing"
        for page in {row["html_url"] for row in rows.values()}:
            if not page.startswith(self.rig.box.github.base_url):
                yield f"{page} leads elsewhere"
        state = self.rig.box.github.repository(self.rig.repository).issues
        form = next(issue for issue in state.values() if issue.title == "Card form, new")
        held = {"parent": form.parent is not None, "blocked-by": bool(form.blocked_by)}
        yield from (
            f"{name} is {'carried' if there else 'lost'}" for name, there in held.items() if there is (name in lacking)
        )

    def task(self, title: str, **fields: Any) -> str:
        told = {"project": {"key": self.rig.project}, "issuetype": {"name": "Task"}, "summary": title, **fields}
        return str(self.rig.jira("POST", "/issue", {"fields": told})["key"])

    def number(self, title: str) -> int:
        rows = self.rig.github("GET", "/issues?state=all&per_page=100")
        return next(int(row["number"]) for row in rows if row["title"] == title)

    def epic_name(self, name: str) -> dict[str, Any]:
        return {} if self.rig.box.jira.is_cloud else {EPIC_NAME: name}

    def beneath(self, epic: str) -> dict[str, Any]:
        return {"parent": {"key": epic}} if self.rig.box.jira.is_cloud else {EPIC_LINK: epic}
