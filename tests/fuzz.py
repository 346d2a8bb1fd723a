"""Random histories over HTTP: people on a Jira and a GitHub, faults, kills and the engine between them.

    python -m tests.fuzz [--histories 200] [--steps 40] [--seed 1] [--workers 2] [--jira cloud|dc|both]

Each history is one seed, printed when it fails; `--only SEED` plays it again and tells each step. What must hold in the
end: every person's edit is accounted for (`tests.diary`), whatever differs is listed, no item has two mirrors, nothing
restricted crossed, and a further run writes nothing. Prints one line of JSON and ends with 1 where something failed.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from requests.adapters import HTTPAdapter

from syncer.contract.model import Field, Kind, Ref, Side
from syncer.core.change import Tally
from syncer.sandbox import Fault
from syncer.sandbox.datasets import BOT
from syncer.sync.ledger import waiting
from tests.diary import Diary, silently_apart
from tests.rig import Rig

FAULTS = (
    "close-before-commit", "commit-then-close", "commit-then-502", "html-200", "truncated-json",
    "403-secondary", "404", "429", "500", "503",
)  # fmt: skip
CANARY = "canary-7431"
MEMORY = Path("/dev/shm")  # noqa: S108 - only directories of our own, with names nobody can guess


class Killed(BaseException):
    """The process died here."""


@dataclass
class History:
    """One history: two trackers, their people, one state."""

    seed: int
    rig: Rig
    tell: bool = False
    dice: random.Random = field(init=False)
    diary: Diary = field(default_factory=Diary)
    steps: list[str] = field(default_factory=list)
    role: str = "maintain"
    coming: list[tuple[str, int]] = field(default_factory=list)
    """Faults of the next run: their kind, and how many requests pass before."""
    _fresh: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)

    # what there is

    @property
    def repository(self) -> Any:
        return self.rig.box.github.repository(self.rig.repository)

    def issues(self) -> list[Any]:
        return [issue for issue in self.repository.issues.values() if not getattr(issue, "is_pull_request", False)]

    def jira_issues(self) -> list[Any]:
        return list(self.rig.box.jira.issues.values())

    def note(self, text: str) -> None:
        self.steps.append(text)
        if self.tell:
            print(f"{self.rig.clock.now():%d %H:%M:%S} {text}")

    # people on GitHub

    def new_issue(self) -> None:
        title, body = self.diary.token(), self.diary.token()
        labels = self.dice.sample(["bug", "two words", "red", "Blue"], self.dice.randint(0, 2))
        made = self.rig.github(
            "POST", "/issues", {"title": title, "body": f"{body} text.", "labels": labels}, by="miab"
        )
        ref = Ref(Kind.TASK, str(made["id"]))
        self.diary.wrote(Side.RIGHT, ref, Field.TITLE, "", title)
        self.diary.wrote(Side.RIGHT, ref, Field.BODY, "", body)
        self.note(f"github: new #{made['number']} {title}")

    def edit_issue(self) -> None:
        if not (issues := self.issues()):
            return
        issue = self.dice.choice(issues)
        ref, token = Ref(Kind.TASK, str(issue.id)), self.diary.token()
        match self.dice.choice(["title", "body", "state", "labels"]):
            case "title":
                self.diary.wrote(Side.RIGHT, ref, Field.TITLE, issue.title, token)
                self.rig.github("PATCH", f"/issues/{issue.number}", {"title": token})
            case "body":
                before = issue.body or ""
                self.diary.wrote(Side.RIGHT, ref, Field.BODY, before, f"{token} {before}")
                self.rig.github("PATCH", f"/issues/{issue.number}", {"body": f"{token} new.\n\n{before}"})
            case "state":
                wanted = self.dice.choice([{"state": "open"}, {"state": "closed", "state_reason": "completed"},
                                           {"state": "closed", "state_reason": "not_planned"}])  # fmt: skip
                self.rig.github("PATCH", f"/issues/{issue.number}", wanted)
            case _:
                labels = self.dice.sample(["bug", "two words", "red", "Blue"], self.dice.randint(0, 3))
                self.rig.github("PATCH", f"/issues/{issue.number}", {"labels": labels})
        self.note(f"github: edit #{issue.number} {token}")

    def say_on_github(self) -> None:
        if not (issues := self.issues()):
            return
        issue, token = self.dice.choice(issues), self.diary.token()
        made = self.rig.github("POST", f"/issues/{issue.number}/comments", {"body": f"{token} said."}, by="miab")
        self.diary.wrote(Side.RIGHT, Ref(Kind.COMMENT, str(made["id"])), Field.BODY, "", token)
        self.note(f"github: comment on #{issue.number} {token}")

    def edit_comment_on_github(self) -> None:
        comments = [(issue, comment) for issue in self.issues() for comment in self.own(issue.comments)]
        if not comments:
            return
        issue, comment = self.dice.choice(comments)
        if self.dice.random() < 0.3:
            self.rig.github("DELETE", f"/issues/comments/{comment.id}", by="miab")
            self.note(f"github: delete comment {comment.id} of #{issue.number}")
            return
        token = self.diary.token()
        ref = Ref(Kind.COMMENT, str(comment.id))
        self.diary.wrote(Side.RIGHT, ref, Field.BODY, comment.body, f"{token} {comment.body}")
        self.rig.github(
            "PATCH", f"/issues/comments/{comment.id}", {"body": f"{token} more.\n\n{comment.body}"}, by="miab"
        )
        self.note(f"github: edit comment {comment.id} of #{issue.number} {token}")

    @staticmethod
    def own(comments: Any) -> list[Any]:
        listed = comments.values() if isinstance(comments, dict) else comments
        return [comment for comment in listed if comment.author.login != BOT]

    # people in Jira

    def new_jira_issue(self) -> None:
        title, body = self.diary.token(), self.diary.token()
        fields: dict[str, Any] = {
            "project": {"key": self.rig.project}, "issuetype": {"name": self.dice.choice(["Task", "Bug"])},
            "summary": title, "description": self.rig.text(f"{body} text."),
            "labels": self.dice.sample(["red", "two_words", "deep"], self.dice.randint(0, 2)),
        }  # fmt: skip
        made = self.rig.jira("POST", "/issue", {"fields": fields})
        ref = Ref(Kind.TASK, made["id"])
        self.diary.wrote(Side.LEFT, ref, Field.TITLE, "", title)
        self.diary.wrote(Side.LEFT, ref, Field.BODY, "", body)
        self.note(f"jira: new {made['key']} {title}")

    def edit_jira_issue(self) -> None:
        if not (issues := self.jira_issues()):
            return
        issue = self.dice.choice(issues)
        ref, token = Ref(Kind.TASK, issue.id), self.diary.token()
        match self.dice.choice(["title", "body", "status", "labels"]):
            case "title":
                self.diary.wrote(Side.LEFT, ref, Field.TITLE, str(issue.content["summary"]), token)
                self.rig.jira("PUT", f"/issue/{issue.key}", {"fields": {"summary": token}})
            case "body":
                before = issue.content["description"]
                text = json.dumps(before, ensure_ascii=False) if before else ""
                self.diary.wrote(Side.LEFT, ref, Field.BODY, _plain(text), f"{token} {_plain(text)}")
                self.rig.jira("PUT", f"/issue/{issue.key}", {"fields": {"description": self.prepended(before, token)}})
            case "status":
                ways = self.rig.jira("GET", f"/issue/{issue.key}/transitions?expand=transitions.fields")["transitions"]
                if ways:
                    way = self.dice.choice(ways)
                    body: dict[str, Any] = {"transition": {"id": way["id"]}}
                    if "resolution" in way["fields"]:
                        body["fields"] = {"resolution": {"name": "Done"}}
                    self.rig.jira("POST", f"/issue/{issue.key}/transitions", body)
            case _:
                labels = self.dice.sample(["red", "two_words", "deep"], self.dice.randint(0, 3))
                self.rig.jira("PUT", f"/issue/{issue.key}", {"fields": {"labels": labels}})
        self.note(f"jira: edit {issue.key} {token}")

    def prepended(self, before: Any, token: str) -> Any:
        """The text with a paragraph in front."""
        if self.rig.deployment == "datacenter":
            return f"{token} new.\n\n{before or ''}"
        text = self.rig.text(f"{token} new.")
        return text | {"content": [*text["content"], *((before or {}).get("content", []))]}

    def say_in_jira(self) -> None:
        if not (issues := self.jira_issues()):
            return
        issue, token = self.dice.choice(issues), self.diary.token()
        if self.dice.random() < 0.2:
            role = {"type": "role", "value": "Administrators"}
            self.rig.jira("POST", f"/issue/{issue.key}/comment", {"body": self.rig.text(CANARY), "visibility": role})
            self.note(f"jira: restricted comment on {issue.key}")
            return
        made = self.rig.jira("POST", f"/issue/{issue.key}/comment", {"body": self.rig.text(f"{token} said.")})
        self.diary.wrote(Side.LEFT, Ref(Kind.COMMENT, str(made["id"])), Field.BODY, "", token)
        self.note(f"jira: comment on {issue.key} {token}")

    # accidents

    def copy_an_issue(self) -> None:
        """GitHub's "Duplicate issue": the body is copied, and any marker in it."""
        if not (issues := self.issues()):
            return
        issue, title = self.dice.choice(issues), self.diary.token()
        made = self.rig.github("POST", "/issues", {"title": title, "body": issue.body or ""}, by="miab")
        self.diary.wrote(Side.RIGHT, Ref(Kind.TASK, str(made["id"])), Field.TITLE, "", title)
        self.note(f"github: copy #{issue.number} as #{made['number']} {title}")

    def forge_a_marker(self) -> None:
        if not (issues := self.jira_issues()):
            return
        issue, title = self.dice.choice(issues), self.diary.token()
        body = f"mine\n\n<!-- syncer:pay.left.task.{issue.id}.0 -->"
        made = self.rig.github("POST", "/issues", {"title": title, "body": body}, by="miab")
        self.diary.wrote(Side.RIGHT, Ref(Kind.TASK, str(made["id"])), Field.TITLE, "", title)
        self.note(f"github: forge a marker of {issue.key} in #{made['number']} {title}")

    def lose_the_role(self) -> None:
        self.role = "read" if self.role == "maintain" else "maintain"
        self.rig.box.github.add_collaborator(self.rig.repository, BOT, self.role)  # type: ignore[arg-type]
        self.note(f"github: our role is {self.role}")

    def turn_public(self) -> None:
        wanted = self.dice.choice(["public", "private"])
        self.rig.box.github.set_visibility(self.rig.repository, wanted)  # type: ignore[arg-type]
        self.note(f"github: the repository is {wanted}")

    def lag(self) -> None:
        self.rig.box.jira.set_index_lag(self.dice.choice([0, 30, 300]))

    def fault(self) -> None:
        """The next run meets it, people do not."""
        self.coming.append((self.dice.choice(FAULTS), self.dice.randint(0, 25)))

    def die(self) -> None:
        after, sent = self.dice.random() < 0.5, self.dice.randint(1, 30)
        with _dying(sent, after=after):
            try:
                self.sync()
            except Killed:
                self.note(f"killed {'after' if after else 'before'} request {sent}")

    def sync(self) -> Tally:
        for kind, after in self.coming:
            self.note(f"fault: {kind} in {after} requests")
            self.rig.box.faults.add(Fault(kind, index=len(self.rig.box.log.entries) + after))  # type: ignore[arg-type]
        self.coming.clear()
        try:
            tally = self._sync()
        finally:
            self.rig.box.faults.clear()
        return tally

    def _sync(self) -> Tally:
        tally = self.rig.sync(sweep=self.dice.random() < 0.15)
        self.note(f"sync: {tally.outcome} {tally.message}")
        return tally

    def wait(self) -> None:
        self.rig.tick(self.dice.choice([30, 600, 7200, 90_000]))

    # the end

    def settle(self) -> Tally:
        """Ends what was of passage, then at most three runs, the last a complete reading."""
        box = self.rig.box
        box.faults.clear()
        box.jira.set_index_lag(0)
        box.github.add_collaborator(self.rig.repository, BOT, "maintain")
        box.github.set_visibility(self.rig.repository, "private")
        self.rig.limits = (0, 0, 0)
        self.rig.tick(3600)
        for sweep in (False, False, True):
            tally = self.consenting(sweep=sweep)
        return tally

    def consenting(self, *, sweep: bool) -> Tally:
        """A run with what a person would approve, where it asks for that."""
        tally = self.rig.sync(sweep=sweep)
        if tally.outcome == "refused" and tally.approve:
            tally = self.rig.sync(sweep=sweep, approve=tally.approve)
        if number := re.search(r"--approve-creates (\d+)", " ".join([tally.message, *self.listed()])):
            tally = self.rig.sync(sweep=sweep, approve_creates=int(number[1]))
        self.note(f"settle: {tally.outcome} {tally.message}")
        return tally

    def listed(self) -> list[str]:
        """The commands by which what waits is settled."""
        with self.rig.context() as context:
            return [one.settle for one in waiting(context.store, context.name)]

    def violations(self) -> list[str]:
        """What does not hold in the end."""
        last = self.settle()
        found = [f"the last run wrote: {last}"] if self.rig.sync(sweep=True).writes else []
        with self.rig.context() as context:
            found += [*self.diary.unaccounted(context), *silently_apart(context)]
        titles = Counter(issue.title for issue in self.issues())
        there = Counter(str(issue.content["summary"]) for issue in self.jira_issues())
        found += [f"twice on GitHub: {title}" for title, number in titles.items() if number > 1]
        found += [f"twice in Jira: {title}" for title, number in there.items() if number > 1]
        if any(CANARY in (comment.body or "") for issue in self.issues() for comment in issue.comments):
            found.append("a restricted comment crossed")
        return found


PEOPLE: tuple[tuple[Callable[[History], Any], int], ...] = (
    (History.new_issue, 4), (History.edit_issue, 8), (History.say_on_github, 3), (History.edit_comment_on_github, 3),
    (History.new_jira_issue, 4), (History.edit_jira_issue, 8), (History.say_in_jira, 3),
    (History.copy_an_issue, 1), (History.forge_a_marker, 1), (History.lose_the_role, 1), (History.turn_public, 1),
    (History.lag, 1), (History.fault, 5), (History.die, 2), (History.sync, 9), (History.wait, 3),
)  # fmt: skip


def _plain(text: str) -> str:
    return text.replace('"', " ")


@contextmanager
def _dying(at: int, *, after: bool) -> Iterator[None]:
    """Lets the engine die at its `at`-th request, before it is sent or after it was answered."""
    send, sent = HTTPAdapter.send, count(1)

    def counted(self: HTTPAdapter, *arguments: Any, **options: Any) -> Any:
        dies = next(sent) == at
        if dies and not after:
            raise Killed
        answer = send(self, *arguments, **options)
        if dies:
            raise Killed
        return answer

    HTTPAdapter.send = counted  # type: ignore[method-assign]
    try:
        yield
    finally:
        HTTPAdapter.send = send  # type: ignore[method-assign]


def play(seed: int, steps: int, deployment: str, *, tell: bool = False) -> list[str]:
    """What a history violates; empty where all holds."""
    place = Path(tempfile.mkdtemp(prefix="syncer-fuzz-", dir=MEMORY if MEMORY.is_dir() else None))
    try:
        limits = (4, 60, 0) if seed % 4 == 0 else (0, 0, 0)
        with Rig(place, deployment, limits=limits) as rig:  # type: ignore[arg-type]  # one of the two literals
            rig.box.jira.project(rig.project).roles["Administrators"].add("mia")
            history = History(seed, rig, tell)
            actions, weights = zip(*PEOPLE, strict=True)
            for _ in range(steps):
                rig.tick(history.dice.randint(1, 30))
                history.dice.choices(actions, weights)[0](history)
            return history.violations()
    except Exception:  # noqa: BLE001 - whatever it was, this history failed
        return [traceback.format_exc(limit=-6)]
    finally:
        shutil.rmtree(place, ignore_errors=True)


def main() -> int:
    """Plays the histories."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--histories", type=int, default=200)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--jira", choices=["cloud", "dc", "both"], default="both")
    parser.add_argument("--only", type=int)
    options = parser.parse_args()
    deployments = {"cloud": ["cloud"], "dc": ["datacenter"], "both": ["cloud", "datacenter"]}[options.jira]
    if options.only is not None:
        for line in play(options.only, options.steps, deployments[options.only % len(deployments)], tell=True):
            print(line)
        return 0
    began = time.monotonic()
    seeds = range(options.seed, options.seed + options.histories)
    with ProcessPoolExecutor(options.workers) as pool:
        played = [
            (seed, pool.submit(play, seed, options.steps, deployments[seed % len(deployments)])) for seed in seeds
        ]
        failed = {seed: found for seed, future in played if (found := future.result())}
    for seed, found in failed.items():
        print(f"seed {seed}:", *found[:4], sep="\n  ", file=sys.stderr)
    result = {
        "histories": options.histories, "steps": options.steps, "first_seed": options.seed, "failed": sorted(failed),
        "seconds": round(time.monotonic() - began),
    }  # fmt: skip
    print(json.dumps(result))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
