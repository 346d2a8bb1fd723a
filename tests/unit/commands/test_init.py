"""`syncer init` without a terminal, and with one."""

from __future__ import annotations

import os
import pty
import select
import stat
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest

from connectors.jira import JiraKind
from syncer.contract.beginning import Answers, Discovery, InitQuestion, ScopeChoice, Start
from syncer.demo.rehearsal import REPOSITORY
from syncer.settings import Kinds
from tests.unit.commands.conftest import Run, Site

CLOUD = (
    "init",
    "--jira-url", "https://acme.atlassian.net/",
    "--jira-user", "bot@acme.example",
    "--project", "pay",
    "--github-repository", "acme/pay",
)  # fmt: skip


def test_options_write_a_file_that_others_may_read_and_name_the_next_steps(syncer: Run, tmp_path: Path) -> None:
    ended = syncer(*CLOUD)
    file = tmp_path / "syncer.toml"
    assert ended.code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert "export SYNCER_TRACKERS__JIRA__TOKEN=..." in ended.err
    assert ended.err.rstrip().endswith("syncer check")
    text = file.read_text("utf-8")
    assert 'project = "PAY"' in text
    assert 'url = "https://acme.atlassian.net"\n' in text


def test_what_it_writes_is_accepted_by_check(syncer: Run, monkeypatch: object, tmp_path: Path) -> None:
    syncer(*CLOUD)
    os.environ.update(SYNCER_TRACKERS__JIRA__TOKEN="x", SYNCER_TRACKERS__GITHUB__TOKEN="x")
    try:
        ended = syncer("check", "--offline")
    finally:
        del os.environ["SYNCER_TRACKERS__JIRA__TOKEN"], os.environ["SYNCER_TRACKERS__GITHUB__TOKEN"]
    assert (ended.code, ended.out) == (0, "The configuration is valid: pay.\n")


def test_an_existing_file_is_kept_unless_forced(syncer: Run, tmp_path: Path) -> None:
    (tmp_path / "syncer.toml").write_text("mine")
    assert syncer(*CLOUD).code == 2
    assert (tmp_path / "syncer.toml").read_text() == "mine"
    assert syncer(*CLOUD, "--force").code == 0


def test_a_link_is_not_followed(syncer: Run, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("mine")
    (tmp_path / "syncer.toml").symlink_to("elsewhere")
    assert syncer(*CLOUD, "--force").code == 2
    assert (tmp_path / "elsewhere").read_text() == "mine"


def test_missing_options_are_named_at_once(syncer: Run) -> None:
    ended = syncer("init", "--project", "PAY")
    assert (ended.code, ended.err) == (
        2,
        "Without a terminal these options are needed: --jira-url --github-repository\n",
    )


def test_an_answer_that_cannot_be_right_is_refused(syncer: Run) -> None:
    ended = syncer(*CLOUD[:-1], "pay")
    assert (ended.code, "acme/pay" in ended.err) == (2, True)


def test_a_terminal_is_asked_and_asked_again(tmp_path: Path) -> None:
    here, there = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", "from syncer.cli import main; main()", "init"],
        cwd=tmp_path, stdin=there, stdout=there, stderr=there, env={**os.environ, "TERM": "dumb", "NO_COLOR": "1"},
    )  # fmt: skip
    os.close(there)
    try:
        for question, answer in (
            ("Jira address", "jira.acme.example"),
            ("does not look like", "https://jira.acme.example"),
            ("Jira project key", "PAY"),
            ("GitHub repository", "acme/pay"),
        ):
            read_until(here, question)
            os.write(here, f"{answer}\n".encode())
        read_until(here, "syncer check")
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.wait()
        os.close(here)
    text = (tmp_path / "syncer.toml").read_text("utf-8")
    assert 'deployment = "datacenter"' in text


def read_until(terminal: int, wanted: str) -> None:
    seen = ""
    end = time.monotonic() + 30
    while wanted not in seen:
        assert time.monotonic() < end, seen
        if select.select([terminal], [], [], 0.5)[0]:
            seen += os.read(terminal, 4096).decode()


def test_with_the_tokens_it_proposes_maps_and_people_instead_of_guessing(syncer: Run, site: Site) -> None:
    site.file.unlink()
    box = site.box
    box.github.add_label(REPOSITORY, "priority: high", "ff0000")
    ended = syncer(
        "init", "--jira-url", box.jira_url, "--project", "PAY", "--github-repository", REPOSITORY,
        "--github-url", box.github_url, "--jira-user", "sync-bot@acme.example",
    )  # fmt: skip
    assert ended.code == 0, ended.err
    written = tomllib.loads(site.file.read_text("utf-8"))
    assert written["pairs"][0]["fields"]["status"]["map"][:2] == [
        ["To Do", "open"], ["In Progress", "open", "status: in progress"],
    ]  # fmt: skip
    assert ["High", "label:priority: high"] in written["pairs"][0]["fields"]["priority"]["map"]
    names = {person["name"] for person in written["people"]}
    assert names >= {"李伟", "Mia Berg"}
    assert not any("sync" in name.casefold() for name in names), "the account of the sync is no person"
    assert "export" not in ended.err
    assert list(box.log.writes()) == []
    assert syncer("check").code == 0


@pytest.mark.parametrize(
    ("side", "wrong", "told"),
    [
        ("JIRA", {}, "token not accepted"),
        ("GITHUB", {}, "github: "),
        ("", {"--project": "NOPE"}, "jira: "),
        ("", {"--github-repository": "acme/nope"}, "github: "),
    ],
)
def test_what_cannot_be_asked_leaves_the_usual_rows_and_says_so(
    syncer: Run, site: Site, monkeypatch: pytest.MonkeyPatch, side: str, wrong: dict[str, str], told: str
) -> None:
    site.file.unlink()
    if side:
        monkeypatch.setenv(f"SYNCER_TRACKERS__{side}__TOKEN", "wrong")
    options = {
        "--jira-url": site.box.jira_url, "--jira-user": "sync-bot@acme.example", "--project": "PAY",
        "--github-repository": REPOSITORY, "--github-url": site.box.github_url, **wrong,
    }  # fmt: skip
    ended = syncer("init", *(word for option in options.items() for word in option))
    assert ended.code == 0, ended.err
    assert told in ended.err
    assert "The file has the usual rows" in ended.err
    assert "statuses, " not in ended.err
    assert '["Won\'t Do", "closed:not_planned"]' in site.file.read_text("utf-8")


def test_a_terminal_lists_what_there_is_to_choose_from(site: Site, tmp_path: Path) -> None:
    site.file.unlink()
    here, there = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", "from syncer.cli import main; main()", "init", "--jira-url", site.box.jira_url,
         "--answer", "left.deployment=cloud", "--answer", "left.user=sync-bot@acme.example",
         "--github-url", site.box.github_url],
        cwd=tmp_path, stdin=there, stdout=there, stderr=there, env={**os.environ, "TERM": "dumb", "NO_COLOR": "1"},
    )  # fmt: skip
    os.close(there)
    try:
        for question in ("Jira project key (number", "GitHub repository (number"):
            read_until(here, question)
            os.write(here, b"1\n")
        read_until(here, "syncer check")
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.wait()
        os.close(here)
    pair = tomllib.loads(site.file.read_text("utf-8"))["pairs"][0]
    assert (pair["left"]["project"], pair["right"]["repository"]) == ("PAY", REPOSITORY)


def test_the_deployment_is_guessed_from_the_address() -> None:
    start = JiraKind().start
    answers = {"url": "https://acme.atlassian.net", "user": "bot@acme.example", "project": "PAY"}
    assert start(answers).tracker["deployment"] == "cloud"
    elsewhere = {**answers, "url": "https://jira.acme.example/atlassian.net"}
    assert start(elsewhere).tracker["deployment"] == "cloud", "only Cloud has to be told whose token it is"
    assert start({**elsewhere, "user": ""}).tracker["deployment"] == "datacenter"


def test_a_kind_of_a_third_party_is_set_up_by_its_own_questions(
    syncer: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from tests.unit.settings.fakes import Kind

    class Folder(Kind):
        """Asks for a path."""

        name = "folder"

        def questions(self, answers: Answers) -> list[InitQuestion]:
            return [
                InitQuestion(
                    "path", "Folder of the tasks", "/srv/tasks", lambda text: text if text.startswith("/") else None
                )
            ]

        def start(self, answers: Answers) -> Start:
            return Start(
                {"url": f"file:{answers['path']}"}, {"repository": answers["path"]}, (("token", "anything"),), "tasks"
            )

        def scopes(self, tracker: object) -> list[ScopeChoice]:
            return []

        def discover(self, tracker: object, scope: object) -> Discovery:
            return Discovery()

    kinds: dict[str, Any] = {"jira": JiraKind, "folder": Folder, "mute": Kind}
    found = Kinds(kinds)
    monkeypatch.setattr(Kinds, "installed", classmethod(lambda cls: found))
    ended = syncer(
        "init", "--left", "folder", "--right", "jira", "--jira-url", "https://jira.acme.example", "--project", "PAY"
    )
    assert (ended.code, ended.err) == (2, "Without a terminal these options are needed: --answer left.path=…\n")
    ended = syncer(
        "init", "--left", "folder", "--right", "jira", "--jira-url", "https://jira.acme.example", "--project", "PAY",
        "--answer", "left.path=/srv/tasks",
    )  # fmt: skip
    assert ended.code == 0, ended.err
    pair = tomllib.loads((tmp_path / "syncer.toml").read_text("utf-8"))["pairs"][0]
    assert (pair["name"], pair["left"]) == ("tasks", {"tracker": "folder", "repository": "/srv/tasks"})
    assert "does not say what it has to be told" in syncer("init", "--left", "mute", "--force").err
    assert "installed kinds" in syncer("init", "--left", "none", "--force").err


@pytest.mark.parametrize("answer", ["left", "middle.key=1", "left.=1", "left.key"])
def test_an_answer_without_its_question_is_refused(syncer: Run, answer: str) -> None:
    assert syncer("init", "--answer", answer).code == 2


def test_an_answer_that_the_kind_itself_refuses_is_left_to_check(syncer: Run, site: Site) -> None:
    site.file.unlink()
    ended = syncer(
        "init", "--jira-url", site.box.jira_url, "--project", "PAY", "--github-repository", "a_b/pay",
        "--github-url", site.box.github_url,
    )  # fmt: skip
    assert ended.code == 0, ended.err
    assert "a_b/pay" in syncer("check", "--offline").err


def test_two_scopes_of_one_kind_have_a_tracker_each(syncer: Run, tmp_path: Path) -> None:
    ended = syncer(
        "init", "--left", "github", "--right", "github", "--answer", "left.repository=acme/pay",
        "--answer", "right.repository=acme/shop",
    )  # fmt: skip
    assert ended.code == 0, ended.err
    written = tomllib.loads((tmp_path / "syncer.toml").read_text("utf-8"))
    assert list(written["trackers"]) == ["github-left", "github-right"]
    assert "SYNCER_TRACKERS__GITHUB_LEFT__TOKEN" in ended.err
