"""A pair with a witness on one side and our own sandbox on the other: configuration, runs, people, a look at both."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from syncer.core.change import Tally
from syncer.core.waiting import Waiting
from syncer.sandbox import Clock
from syncer.sync.ledger import waiting
from syncer.sync.verify import PairComparison, verify_pair
from tests.rig import Rig

MOST_RUNS = 12
"""After so many runs a pair that still writes never comes to rest."""


class Shifted(Clock):
    """The machine's clock, moved forward by hand: a witness lives in real time, and nobody waits for a retry."""

    def __init__(self) -> None:
        super().__init__(None)
        self._ahead = timedelta()

    def now(self) -> datetime:
        """The machine's time, as much ahead as it was moved."""
        return datetime.now(UTC) + self._ahead

    def advance(self, by: timedelta) -> None:
        """Moves it forward."""
        self._ahead += by


class WitnessRig(Rig):
    """A rehearsal of which one side is a witness: `base` is where people reach it, `address` where the product does."""

    base: str = ""
    address: str = ""

    def to_rest(self) -> list[Tally]:
        """Runs until two runs in a row have nothing to do."""
        tallies: list[Tally] = []
        for _ in range(MOST_RUNS):
            tallies.append(self.sync())
            last = tallies[-2:]
            if len(last) == 2 and all(each.complete and each.writes == 0 and each.retry == 0 for each in last):
                return tallies
        raise AssertionError(f"no rest: {[(each.outcome, each.writes, each.message) for each in tallies]}")

    def verified(self) -> tuple[PairComparison, list[Waiting]]:
        """What `syncer verify` finds and what `syncer status` lists."""
        with self.context() as context:
            return verify_pair(context), waiting(context.store, context.name)


class GitHubWitness(WitnessRig):
    """GitHub is the witness; Jira is the sandbox's."""

    token: str = ""

    def __post_init__(self) -> None:
        """A person administers the project: who syncs need not."""
        super().__post_init__()
        self.box.jira.grant("mia", "ADMINISTER_PROJECTS", self.project)

    def configuration(self) -> str:
        """The same configuration with the witness's address."""
        return super().configuration().replace(self.box.github_url, self.address)

    @property
    def environment(self) -> dict[str, str]:
        """The secrets, that of the witness's own account among them."""
        return {**super().environment, "SYNCER_TRACKERS__GITHUB__TOKEN": self.token}

    def github(self, verb: str, path: str, body: Any = None, *, by: str = "liwei") -> Any:
        """A request of a person to the witness, below the repository."""
        answer = requests.request(
            verb, f"{self.base}/repos/{self.repository}{path}", json=body, timeout=10,
            headers={"Authorization": f"Bearer {by}-token"},
        )  # fmt: skip
        assert answer.status_code < 400, (answer.status_code, answer.text)
        return answer.json() if answer.content else None


class JiraWitness(WitnessRig):
    """Jira is the witness; GitHub is the sandbox's."""

    statuses: str = ""
    """The map of its statuses, which are not those of the sandbox."""

    def configuration(self) -> str:
        """The same configuration with the witness's address and statuses."""
        text = super().configuration().replace(self.box.jira_url, self.address)
        begin, end = text.index("[pairs.fields.status]"), text.index("[pairs.fields.priority]")
        return f"{text[:begin]}[pairs.fields.status]\nmap = {self.statuses}\n\n{text[end:]}"
