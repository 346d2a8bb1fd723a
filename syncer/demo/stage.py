"""The sandbox with the story in it: who works where, where each thing of the story is, and how late it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from syncer.demo.people import MEMBERS, GitHubDesk, JiraDesk
from syncer.demo.story import FIRST_SYNC, REPOSITORY
from syncer.sandbox import Sandbox


@dataclass(slots=True)
class Stage:
    """The sandbox with the story in it, and where each thing of the story is."""

    box: Sandbox
    later: timedelta = timedelta()
    """How much later than in the story everything happens."""
    jira_keys: dict[str, str] = field(default_factory=dict)
    """Story id -> issue key, for what was made in Jira."""
    github_numbers: dict[str, int] = field(default_factory=dict)
    """Story id -> issue number, for what was made on GitHub."""
    milestones: dict[str, int] = field(default_factory=dict)
    """Title -> number, on GitHub."""
    _jira_desks: dict[str, JiraDesk] = field(default_factory=dict)
    _github_desks: dict[str, GitHubDesk] = field(default_factory=dict)

    def at_jira(self, key: str) -> JiraDesk:
        """A member of the cast at Jira."""
        if key not in self._jira_desks:
            self._jira_desks[key] = JiraDesk(self.box, MEMBERS[key])
        return self._jira_desks[key]

    def at_github(self, key: str) -> GitHubDesk:
        """A member of the cast at GitHub."""
        if key not in self._github_desks:
            self._github_desks[key] = GitHubDesk(self.box, MEMBERS[key], REPOSITORY)
        return self._github_desks[key]

    def close(self) -> None:
        """Everybody goes home: ends the sessions."""
        for jira_desk in self._jira_desks.values():
            jira_desk.close()
        for github_desk in self._github_desks.values():
            github_desk.close()

    def day(self, told: date) -> date:
        """A day of the story, as late as everything here is."""
        return told + ((FIRST_SYNC + self.later).date() - FIRST_SYNC.date())

    def advance_to(self, moment: datetime) -> None:
        """Lets time pass up to a moment; at least a second, so that no two events share a time."""
        now = self.box.clock.now()
        self.box.clock.advance(max(moment - now, timedelta(seconds=1)))
