"""`syncer demo` through the real command: what it says, what it leaves behind, and that nothing restricted gets out."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from email import policy
from email.parser import BytesParser
from pathlib import Path

import pytest

from syncer.contract.model import Audience, Field, Kind, Side
from syncer.core.records import LinkedItems, OperationState
from syncer.demo.planning import PLANNED
from syncer.demo.story import EPICS, FIRST_SYNC, GITHUB_WORK, JIRA_WORK, PAIR, SECRET, YEAR
from syncer.store import Store

MADE_LATER = 1
TASKS = len(EPICS) + len(JIRA_WORK) + len(GITHUB_WORK) + MADE_LATER


@dataclass
class Demo:
    """A demonstration that has run."""

    directory: Path
    printed: str
    links: dict[str, LinkedItems]
    """Tasks by their title on the left."""
    stored_comments: dict[Side, list[tuple[str, Audience]]]
    sent: list[str]
    """Everything that was written to a tracker, as text."""


INSTEAD_OF_A_TERMINAL = [
    "--jira-url", "https://jira.acme.example", "--project", "PAY", "--github-repository", "acme/pay",
]  # fmt: skip


def call(*arguments: str, cwd: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
    program = "import sys; from syncer.cli import main; sys.exit(main())"  # what the script `syncer` is
    environment = {**os.environ, "PYTHONUTF8": "1", "COLUMNS": "100", **variables}
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, env=environment, timeout=280, check=False)


def run(directory: Path, jira: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return call("demo", "--dir", str(directory), "--jira", jira, **variables)


@pytest.fixture(scope="module", params=["cloud", "dc"])
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    directory = tmp_path_factory.mktemp("demo") / "payments"
    done = run(directory, request.param)
    assert done.returncode == 0, done.stdout + done.stderr
    with Store.open(directory / "state", clock=lambda: FIRST_SYNC) as store:
        links = {
            str(linked.left.showing[Field.TITLE]): linked
            for linked in store.links.of_pair(PAIR, kind=Kind.TASK)
            if linked.left is not None
        }
        comments = {
            side: [
                (str(item.showing[Field.BODY]), item.audience)
                for item in store.observed.items(PAIR, side, Kind.COMMENT)
                if not item.audience_untold
            ]
            for side in Side
        }
        operations = store.journal.latest(PAIR, limit=10_000)
        sent = [json.dumps(operation.payload, ensure_ascii=False) for operation in operations]
        assert {operation.state for operation in operations} == {OperationState.DONE}
    return Demo(directory, done.stdout, links, comments, sent)


def title(demo: Demo, story: str) -> str:
    return next(work.title for work in (*EPICS, *JIRA_WORK, *GITHUB_WORK) if work.id == story)


def both(demo: Demo, story: str, field: Field) -> tuple[object, object]:
    linked = demo.links[title(demo, story)]
    assert linked.left is not None
    assert linked.right is not None
    return linked.left.showing.get(field), linked.right.showing.get(field)


def test_the_third_sync_writes_nothing_and_says_so(demo: Demo) -> None:
    assert re.search(r"^ +0 writes; \d requests", demo.printed, re.MULTILINE)


def test_the_story_fits_on_a_few_screens(demo: Demo) -> None:
    lines = demo.printed.splitlines()
    assert 50 <= len(lines) <= 110
    told = demo.printed.partition("Now you")[0].splitlines()  # the commands after it are never folded
    assert max(len(line) for line in told if str(demo.directory) not in line) <= 100


def test_every_task_is_on_both_sides_exactly_once(demo: Demo) -> None:
    assert len(demo.links) == TASKS
    refs = [(side, linked.link.ref(side)) for linked in demo.links.values() for side in Side]
    assert len(set(refs)) == 2 * TASKS
    with Store.open(demo.directory / "state", clock=lambda: FIRST_SYNC) as store:
        assert [len(list(store.observed.items(PAIR, side, Kind.TASK))) for side in Side] == [TASKS, TASKS]


def test_what_the_teams_plan_with_is_on_both_sides(demo: Demo) -> None:
    known = {story: planned for story, planned in PLANNED.items() if title(demo, story) in demo.links}
    assert len(known) == len(PLANNED) - 1  # one is called otherwise by the end of the story
    for story, planned in known.items():
        points, sprint, risk = (Field.declared(name) for name in ("story points", "sprint", "risk"))
        assert both(demo, story, points) == (float(planned.points), float(planned.points)), story
        assert both(demo, story, sprint) == (planned.sprint, planned.sprint), story
        assert both(demo, story, risk) == (planned.risk, planned.risk), story
    dated = [work for work in JIRA_WORK if work.due is not None]
    assert len(dated) > 10
    for work in dated:
        left, right = both(demo, work.id, Field.DUE)
        assert left == right is not None, work.id


def test_what_people_plan_on_either_side_is_on_the_other(demo: Demo) -> None:
    assert both(demo, "cookie", Field.declared("sprint")) == ("Sprint 23", "Sprint 23")
    assert both(demo, "cookie", Field.declared("story points")) == (1.0, 1.0)
    assert both(demo, "notice", Field.DUE) == (date(YEAR, 12, 5), date(YEAR, 12, 5))
    told = json.loads((demo.directory / "report.json").read_text("utf-8"))["metrics"]
    assert (told["sprint_added"]["value"], told["sprint_added"]["evidence"][0]["title"]) == (1, title(demo, "cookie"))


def test_the_report_tells_the_points_of_the_sprint_and_the_pull_requests_that_wait(demo: Demo) -> None:
    told = json.loads((demo.directory / "report.json").read_text("utf-8"))["metrics"]
    waiting = told["waits_for_review"]
    assert (waiting["value"], waiting["n"]) == (3, 4)
    named = {title(demo, task) for task in ("receipts", "csp", "cookie")}
    assert {one["title"] for one in waiting["evidence"]} == named
    assert told["release_frequency"]["n"] == 3
    page = (demo.directory / "report.md").read_text("utf-8")
    assert "Sprint 23, points " in page


def test_a_task_that_somebody_copied_by_hand_is_adopted_and_not_doubled(demo: Demo) -> None:
    assert "1 task looks alike on both sides and would be doubled" in demo.printed
    assert "syncer adopt --accept 0.95" in demo.printed
    linked = demo.links["Release a reservation that is not captured in seven days"]
    assert linked.left is not None
    assert linked.right is not None
    assert linked.right.showing[Field.TITLE] == f"[{linked.left.key}] {linked.left.showing[Field.TITLE]}"
    assert linked.right.marker is None


def test_a_status_changed_on_github_is_changed_in_jira(demo: Demo) -> None:
    left, right = both(demo, "sandbox", Field.STATUS)
    assert (left.name, right.name, right.reason) == ("Done", "closed", "completed")  # type: ignore[attr-defined]


def test_a_status_changed_in_jira_is_changed_on_github(demo: Demo) -> None:
    left, right = both(demo, "daily", Field.STATUS)
    assert (left.name, right.name, right.reason) == ("Done", "closed", "completed")  # type: ignore[attr-defined]


def test_a_page_shows_a_text_with_everything_in_it_on_both_sides(demo: Demo) -> None:
    page = (demo.directory / "sides.html").read_text(encoding="utf-8")
    jira, github = re.findall(r"<article>(.*?)</article>", page, re.DOTALL)[:2]
    picture = ("data:image/png;base64,", "a receipt in two languages")
    for words in (*picture, "含税", "def total(lines):", "☑", "printed on thermal paper 热敏纸", "请林梅确认"):
        assert words in jira
        assert words in github
    assert '<span class="mention">@linmei-dev</span>' in github
    if "<pre>As the designers" not in jira:  # Data Center's markup is shown as it is written
        assert [jira.count(f"<{tag}>") for tag in ("th", "td", "pre")] == [3, 6, 1]
    assert [github.count(f"<{tag}>") for tag in ("th", "td", "pre")] == [3, 6, 1]


def test_the_page_shows_what_only_one_tracker_can_hold_on_the_other_side_too(demo: Demo) -> None:
    page = (demo.directory / "sides.html").read_text(encoding="utf-8")
    articles = re.findall(r"<article>(.*?)</article>", page, re.DOTALL)
    for article in articles[2:4]:
        for words in ("输入：前一天的全部交易。", "Out: one CSV file", "Amounts in cents", "holidays have no file"):
            assert words in article
    assert all("warm-up" in article for article in articles[4:6])
    assert "<td>warm-up</td>" in articles[5]
    if "<pre>" not in articles[4]:  # Data Center's markup is shown as it is written
        assert '<div class="layout">' in articles[2]
        assert "<td><p>warm-up</p></td>" in articles[4]


def test_edits_of_different_paragraphs_are_both_kept(demo: Demo) -> None:
    for body in both(demo, "partial", Field.BODY):
        assert "up to five times" in str(body)
        assert "before the 5th" in str(body)


def test_a_title_changed_on_both_sides_waits_with_both_values_until_somebody_chooses(demo: Demo) -> None:
    with Store.open(demo.directory / "state", clock=lambda: FIRST_SYNC) as store:
        (conflict,) = store.conflicts.of_pair(PAIR, open_only=False)
        assert store.conflicts.of_pair(PAIR) == []
    assert (conflict.field, conflict.decision) == (Field.TITLE, "left")
    assert "500" in conflict.left
    assert "600" in conflict.right
    chosen = [titles for linked in demo.links.values() if (titles := _titles(linked))[0] == conflict.left]
    assert chosen == [(conflict.left, conflict.left)]


def test_a_newcomer_sees_the_choice_carried(demo: Demo) -> None:
    told = demo.printed.partition("Grace chooses: `syncer resolve 1 left`")[2].partition("Now you")[0]
    assert re.search(r"^ +Jira PAY-\d+ and GitHub acme/pay#\d+: Load test at 500 payments", told, re.MULTILINE)


def test_every_command_that_is_printed_at_the_end_works_when_typed(demo: Demo) -> None:
    lines = [line.partition("#")[0].strip() for line in demo.printed.partition("Now you")[2].splitlines()]
    into, *commands = [line for line in lines if line.startswith(("cd ", "syncer "))]
    assert shlex.split(into) == ["cd", str(demo.directory)]
    assert len(commands) == 4
    for line in commands:
        arguments = shlex.split(line)[1:]
        if arguments[0] == "sandbox":  # runs until it is ended; tests/unit/commands/test_process.py has it
            continue
        if arguments[0] == "init":
            arguments += INSTEAD_OF_A_TERMINAL
        ended = call(*arguments, cwd=demo.directory)
        assert ended.returncode == 0, line + ended.stdout + ended.stderr
        assert ended.stdout + ended.stderr


def _titles(linked: LinkedItems) -> tuple[object, object]:
    assert linked.left is not None
    assert linked.right is not None
    return linked.left.showing.get(Field.TITLE), linked.right.showing.get(Field.TITLE)


def test_the_restricted_comment_was_read_and_stayed_where_it_is(demo: Demo) -> None:
    restricted = [body for body, audience in demo.stored_comments[Side.LEFT] if audience is Audience.RESTRICTED]
    assert len(restricted) == 1
    assert SECRET in restricted[0]
    assert not any(SECRET in body for body, _ in demo.stored_comments[Side.RIGHT])
    assert not any(SECRET in payload for payload in demo.sent)


def test_the_restricted_comment_is_in_no_file_that_people_pass_on(demo: Demo) -> None:
    reports = [path for path in demo.directory.iterdir() if path.name.startswith("report.")]
    mail = BytesParser(policy=policy.default).parsebytes((demo.directory / "report.eml").read_bytes())
    texts = [path.read_text(encoding="utf-8") for path in reports]
    texts += [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    words = SECRET.split(";")[0]
    assert len(texts) == 10
    assert not any(words in text for text in (*texts, demo.printed))


def test_the_report_counts_a_linked_pair_once(demo: Demo) -> None:
    report = json.loads((demo.directory / "report.json").read_text(encoding="utf-8"))
    cancelled = sum(work.refused is not None for work in (*JIRA_WORK, *GITHUB_WORK))
    assert report["week"] == "2025-W47"
    assert report["metrics"]["tasks_open"]["n"] == TASKS - len(EPICS) - cancelled
    finished = {line["title"] for line in report["finished"]}
    expected = {"full", "zones", "nan", "runbook", "sandbox", "daily"}
    assert finished == {title(demo, story) for story in expected}


def test_what_waited_for_the_first_sync_is_no_delay_of_it(demo: Demo) -> None:
    """The demonstration's people edit for some hours before the second sync; what is older waited for the first."""
    metrics = json.loads((demo.directory / "report.json").read_text(encoding="utf-8"))["metrics"]
    assert metrics["carry_delay"]["n"] > 0
    assert metrics["cross_tool_lag"]["value"] < 12 * 60


def test_a_first_report_tells_no_advice_as_still_to_do(demo: Demo) -> None:
    report = json.loads((demo.directory / "report.json").read_text(encoding="utf-8"))
    assert report["follow_up"] == []
    assert {advice["weeks_open"] for advice in report["advice"]} == {1}
    assert "Still to do" not in (demo.directory / "report.html").read_text(encoding="utf-8")


def test_the_report_names_the_conflict_with_both_values(demo: Demo) -> None:
    (conflict,) = json.loads((demo.directory / "report.json").read_text(encoding="utf-8"))["conflicts"]
    assert "500" in conflict["left"]
    assert "600" in conflict["right"]


def test_tokens_are_private_and_in_no_other_file(demo: Demo) -> None:
    secrets = list((demo.directory / "secrets").iterdir())
    assert {path.stat().st_mode & 0o777 for path in secrets} == {0o600}
    tokens = [path.read_text(encoding="utf-8").strip().encode() for path in secrets]
    others = [path for path in demo.directory.rglob("*") if path.is_file() and path not in secrets]
    assert not [path for path in others if any(token in path.read_bytes() for token in tokens)]


def test_everything_the_demo_leaves_is_its_owners_alone(demo: Demo) -> None:
    files = [path for path in demo.directory.rglob("*") if path.name != "my-notes.txt"]
    assert {path.stat().st_mode & 0o077 for path in (*files, demo.directory) if path.name != "mine.toml"} == {0}


@pytest.mark.slow
def test_a_second_demonstration_starts_afresh_and_tells_the_same(demo: Demo) -> None:
    jira = "cloud" if 'deployment = "cloud"' in (demo.directory / "syncer.toml").read_text(encoding="utf-8") else "dc"
    kept = demo.directory / "my-notes.txt"
    kept.write_text("mine", encoding="utf-8")
    port = re.compile(r"(127\.0\.0\.1:)\d+")
    report = demo.directory / "report.json"
    before = port.sub(r"\1", report.read_text(encoding="utf-8"))

    again = run(demo.directory, jira)

    assert again.returncode == 0, again.stdout + again.stderr
    assert kept.read_text(encoding="utf-8") == "mine"
    assert port.sub(r"\1", report.read_text(encoding="utf-8")) == before
    assert port.sub(r"\1", again.stdout) == port.sub(r"\1", demo.printed)


@pytest.mark.slow
def test_a_proxy_in_the_environment_is_not_asked(tmp_path: Path) -> None:
    nobody = "http://127.0.0.1:9"
    done = run(tmp_path, "dc", HTTP_PROXY=nobody, http_proxy=nobody, NO_PROXY="", no_proxy="")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_a_terminal_without_chinese_letters_shows_the_story_all_the_same(tmp_path: Path) -> None:
    done = run(tmp_path, "cloud", PYTHONIOENCODING="latin-1", PYTHONUTF8="0")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 writes" in done.stdout


def test_a_directory_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")

    refused = run(tmp_path, "cloud")

    assert refused.returncode == 2
    assert "nothing was touched" in refused.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
