"""Fields of people's own making between Jira and GitHub: a table of pairs, each carried both ways and emptied."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

import pytest

from syncer.sandbox.datasets import BOT
from syncer.sandbox.github import boards
from syncer.sandbox.github.boardmodel import Board, BoardOption, Iteration
from syncer.sandbox.github.issuefields import IssueField
from syncer.sandbox.github.model import Issue, Role
from syncer.sandbox.jira.fields import SPRINT, START_DATE, STORY_POINTS
from tests.rig import Rig

Where = Literal["issue", "board"]


@dataclass(frozen=True, slots=True)
class FieldPair:
    """A field of Jira of a kind that its sandbox knows, or one that is there by its id, and its partner on GitHub."""

    name: str
    jira: str
    where: Where
    github: Any
    first: object
    """A value as both sides show it; of options that are mapped, as Jira shows it."""
    second: object
    rows: tuple[tuple[str, str], ...] = ()

    @property
    def options(self) -> tuple[str, ...]:
        """What can be chosen in Jira."""
        chosen = [
            each for value in (self.first, self.second) for each in (value if isinstance(value, tuple) else (value,))
        ]
        return tuple(dict.fromkeys(str(each) for each in chosen)) if self.github in _OPTIONAL else ()

    def beyond(self, value: Any) -> Any:
        """What GitHub shows for a value of Jira."""
        rows = dict(self.rows)
        if isinstance(value, tuple):
            return tuple(sorted(rows.get(each, each) for each in value))
        return rows.get(value, value)


_THERE = {"due": "duedate", "start": START_DATE} | {each: each for each in ("environment", STORY_POINTS, SPRINT)}
"""Fields that every site has, by what the table calls them."""
_OPTIONAL = ("single_select", "multi_select", "iteration")
_LEVELS = ("High", "Low")
_MAP = (("High", "P1"), ("Low", "P3"))
_DAYS = ("2026-12-01", "2027-01-31")
_AREAS = (("API", "Web"), ("Docs",))

PAIRS = (
    *(
        FieldPair(f"{where} {kind}", kind, where, "text", "Acme 退款", "Acme, Berlin")
        for kind in ("string", "text")
        for where in ("issue", "board")
    ),
    *(
        FieldPair(f"{where} url", "url", where, "text", "https://acme.example/1", "https://acme.example/2")
        for where in ("issue", "board")
    ),
    FieldPair("issue environment", "environment", "issue", "text", "Staging", "Production"),
    *(
        FieldPair(f"{where} {kind}", kind, where, "number", 3.0, 0.5)
        for kind in ("number", "points")
        for where in ("issue", "board")
    ),
    FieldPair("story points", STORY_POINTS, "issue", "number", 5.0, 8.0),
    *(FieldPair(f"{where} date", "date", where, "date", *_DAYS) for where in ("issue", "board")),
    *(FieldPair(name, name, "issue", "date", *_DAYS) for name in ("due", "start")),
    *(
        FieldPair(f"{where} {kind}", kind, where, "single_select", *_LEVELS)
        for kind in ("option", "radio")
        for where in ("issue", "board")
    ),
    *(
        FieldPair(f"{where} mapped {kind}", kind, where, "single_select", *_LEVELS, rows=_MAP)
        for kind in ("option", "radio")
        for where in ("issue", "board")
    ),
    *(FieldPair(f"several {kind}", kind, "issue", "multi_select", *_AREAS) for kind in ("options", "multiselect")),
    FieldPair("mapped several", "multiselect", "issue", "multi_select", *_AREAS, rows=(("API", "Back end"),)),
    FieldPair("labels of another field", "labels", "issue", "multi_select", *_AREAS),
    FieldPair("sprint", SPRINT, "board", "iteration", "Sprint 1", "Sprint 2"),
    FieldPair("release train", "option", "board", "iteration", "Sprint 1", "Sprint 2"),
)
assert len(PAIRS) >= 30


class Office:
    """Both trackers with a field for each pair of the table, and one task."""

    def __init__(self, directory: Path, deployment: Literal["cloud", "datacenter"]) -> None:
        self.rig = Rig(directory, deployment=deployment, jira_extra=f'start-date = "{START_DATE}"')
        self.jira: dict[str, str] = {}
        """The id of the field in Jira, by the name of its pair."""
        self.fields: dict[str, IssueField] = {}
        github = self.rig.box.github
        for token in github.tokens.values():
            token.scopes = ("repo", "read:org", "project")
        github.account("acme").members |= {BOT: Role.WRITE, "liwei": Role.WRITE}
        self.board: Board = github.add_board("acme", "Plan", BOT)
        for name in ("Sprint 1", "Sprint 2"):
            self.rig.box.jira.add_sprint("PAY", name, "active" if name == "Sprint 1" else "future")
        for pair in PAIRS:
            self._make(pair)
        self.rig.extra = "".join(self._declared(pair) for pair in PAIRS)

    def _make(self, pair: FieldPair) -> None:
        jira, github, called = self.rig.box.jira, self.rig.box.github, f"Field of {pair.name}"
        if pair.jira in _THERE:
            self.jira[pair.name] = _THERE[pair.jira]
        else:
            self.jira[pair.name] = jira.add_custom_field(called, pair.jira, pair.options).id
        options = [pair.beyond(each) for each in pair.options]
        if pair.where == "issue":
            self.fields[pair.name] = github.add_issue_field("acme", called, pair.github, options)
        else:
            today = self.rig.clock.now().date()
            sprints = [(name, today.replace(day=1 + 10 * at), 60) for at, name in enumerate(("Sprint 1", "Sprint 2"))]
            iterations = sprints if pair.github == "iteration" else ()
            boards.add_field(github, self.board, called, pair.github, options if not iterations else (), iterations)

    def _declared(self, pair: FieldPair) -> str:
        called = f"Field of {pair.name}"
        place = f'{{ issue-field = "{called}" }}'
        if pair.where == "board":
            place = f'{{ project = 1, field = "{called}", add = true }}'
        left = "" if pair.name in ("due", "start") else f'left = "{self.jira[pair.name]}"\n'
        rows = ", ".join(f'["{one}", "{two}"]' for one, two in pair.rows)
        rows = f"map = [{rows}]\n" if rows else ""
        return f'\n[[pairs.custom]]\nname = "{pair.name}"\n{left}right = {place}\n{rows}'

    def settle(self) -> None:
        """Runs until all is quiet; long enough after one another for the board to be read in each."""
        for _ in range(3):
            self.rig.tick(3_700)
            tally = self.rig.sync()
            assert (tally.outcome, tally.unheld) == ("clean", [])
        assert tally.writes == 0

    # Jira

    def fill_jira(self, values: Mapping[str, object]) -> None:
        """A person gives fields of the issue values, by the names of their pairs."""
        fields = {self.jira[name]: self._jira_json(_pair(name), value) for name, value in values.items()}
        self.rig.jira("PUT", "/issue/PAY-1", {"fields": fields})

    def _jira_json(self, pair: FieldPair, value: Any) -> Any:
        if pair.jira == SPRINT:
            return next((each.id for each in self.rig.box.jira.sprints.values() if each.name == value), None)
        if value is None or pair.github not in _OPTIONAL:
            return self.rig.text(str(value)) if value is not None and pair.jira in ("text", "environment") else value
        if isinstance(value, tuple):
            return list(value) if pair.jira == "labels" else [{"value": each} for each in value]
        return {"value": value}

    def in_jira(self) -> dict[str, object]:
        """What the issue holds in Jira, by the names of the pairs; None where it holds nothing."""
        (issue,) = self.rig.box.jira.issues.values()
        shown = self.rig.jira("GET", f"/issue/{issue.key}")["fields"]
        return {pair.name: self._plain(shown.get(self.jira[pair.name])) for pair in PAIRS}

    def _plain(self, value: Any) -> object:
        match value:
            case None | [] | "":
                return None
            case [{"state": _, "name": name}]:
                return name
            case [str(sprint)] if named := re.search(r"Sprint@.*,name=([^,]*),", sprint):
                return named[1]  # as Data Center tells of one
            case list():
                return tuple(sorted(each["value"] if isinstance(each, dict) else each for each in value))
            case {"type": "doc", "content": blocks}:
                return "".join(run["text"] for block in blocks for run in block.get("content", ())) or None
            case {"value": name}:
                return name
            case _:
                return value

    # GitHub

    @property
    def issue(self) -> Issue:
        (issue,) = self.rig.box.github.repository(self.rig.repository).issues.values()
        return issue

    def fill_github(self, values: Mapping[str, Any]) -> None:
        """A person gives fields of the issue and of its item on the board values."""
        for name, value in values.items():
            pair = _pair(name)
            if pair.where == "board":
                self.rig.box.github.put_on_board(self.board, self.issue, "liwei", **{f"Field of {name}": value})
            elif value is None:
                self.rig.github("DELETE", f"/issues/1/issue-field-values/{self.fields[name].id}")
            else:
                sent = [{"field_id": self.fields[name].id, "value": list(value) if isinstance(value, tuple) else value}]
                self.rig.github("POST", "/issues/1/issue-field-values", {"issue_field_values": sent})

    def in_github(self) -> dict[str, object]:
        """What the issue and its item hold on GitHub, by the names of the pairs; None where they hold nothing."""
        item = self.board.item_of(self.issue)
        found: dict[str, object] = {}
        for pair in PAIRS:
            if pair.where == "issue":
                value: Any = self.issue.field_values.get(self.fields[pair.name])
                names = tuple(sorted(option.name for option in value)) if isinstance(value, tuple) else ()
                found[pair.name] = (names if pair.github == "multi_select" else names[0]) if names else value
            else:
                held: Any = item and item.values.get(self.board.field_named(f"Field of {pair.name}").id)
                match held:
                    case BoardOption(name=name) | Iteration(title=name):
                        held = name
                    case date():
                        held = held.isoformat()
                found[pair.name] = held
        return found


def _pair(name: str) -> FieldPair:
    return next(pair for pair in PAIRS if pair.name == name)


@dataclass(slots=True)
class Story:
    """What both trackers held after each step."""

    steps: list[tuple[dict[str, object], dict[str, object]]]


@pytest.fixture(scope="module", params=["cloud", "datacenter"])
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Filled in Jira, changed on GitHub, changed back in Jira, emptied on GitHub, filled there, emptied in Jira."""
    office, told = Office(tmp_path_factory.mktemp("pairs"), request.param), Story([])
    with office.rig as rig:
        rig.jira(
            "POST", "/issue", {"fields": {"project": {"key": "PAY"}, "issuetype": {"name": "Task"}, "summary": "A"}}
        )
        first = {pair.name: pair.first for pair in PAIRS}
        second = {pair.name: pair.beyond(pair.second) for pair in PAIRS}
        empty = dict.fromkeys(first)
        office.fill_jira(first)
        office.settle()
        told.steps.append((office.in_jira(), office.in_github()))
        for fill, values in (
            (office.fill_github, second),
            (office.fill_jira, first),
            (office.fill_github, empty),
            (office.fill_github, second),
            (office.fill_jira, empty),
        ):
            fill(values)
            office.settle()
            told.steps.append((office.in_jira(), office.in_github()))
        yield told


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_a_pair_of_fields_is_carried_both_ways_and_emptied(story: Story, pair: FieldPair) -> None:
    shown = [(left[pair.name], right[pair.name]) for left, right in story.steps]
    first, second = ((value, pair.beyond(value)) for value in (pair.first, pair.second))
    assert shown == [first, second, first, (None, None), second, (None, None)]


LABELS = 'map = [["High", "label:priority: high"], ["Low", "label:priority: low"]]'
OPTIONS = 'map = [["Highest", "Urgent"], ["High", "High"], ["Medium", "Medium"], ["Low", "Low"]]'


class WithoutPriorityLabels(Rig):
    """A pair whose priorities are options of a field on GitHub."""

    def configuration(self) -> str:
        """The text of a `syncer.toml` for this sandbox."""
        return super().configuration().replace(LABELS, OPTIONS)


def test_a_priority_is_kept_in_an_issue_field_by_the_map_of_priorities(tmp_path: Path) -> None:
    place = '[[pairs.custom]]\nname = "priority"\nright = { issue-field = "Priority" }\n'
    with WithoutPriorityLabels(tmp_path, extra=place) as rig:
        for token in rig.box.github.tokens.values():
            token.scopes = ("repo", "read:org")
        field = rig.box.github.add_issue_field("acme", "Priority", "single_select", ("Urgent", "High", "Medium", "Low"))
        made = {
            "project": {"key": "PAY"},
            "issuetype": {"name": "Task"},
            "summary": "A",
            "priority": {"name": "Highest"},
        }
        rig.jira("POST", "/issue", {"fields": made})
        assert rig.sync().unheld == []
        (issue,) = rig.box.github.repository(rig.repository).issues.values()
        assert [option.name for option in issue.field_values[field]] == ["Urgent"]  # type: ignore[union-attr]
        assert issue.labels == []
        rig.github(
            "POST", "/issues/1/issue-field-values", {"issue_field_values": [{"field_id": field.id, "value": "Low"}]}
        )
        rig.sync()
        assert rig.jira("GET", "/issue/PAY-1")["fields"]["priority"]["name"] == "Low"
        assert rig.sync().writes == 0
