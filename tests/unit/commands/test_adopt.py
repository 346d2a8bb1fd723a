"""`syncer adopt` at the command line: what it shows, writes, reads and refuses."""

from __future__ import annotations

import csv
import json
import os
import pty
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from syncer.demo.rehearsal import REPOSITORY
from tests.unit.commands.conftest import Run, Site
from tests.unit.commands.test_init import read_until

TEXT = "Since Monday the refund of order 4711 hangs, and the ledger's log says ERR-8812 in src/ledger/queue.py."


def jira_issue(site: Site, title: str, text: str = TEXT, more: dict[str, str] | None = None) -> str:
    """A new issue in the project by a person; its key."""
    words = {"type": "text", "text": text}
    body = {"version": 1, "type": "doc", "content": [{"type": "paragraph", "content": [words]}]}
    fields = {
        "project": {"key": "PAY"},
        "summary": title,
        "issuetype": {"name": "Task"},
        "description": body,
        **(more or {}),
    }
    answer = requests.post(
        f"{site.box.jira_url}/rest/api/3/issue", json={"fields": fields}, timeout=10,
        auth=("li-wei@example.com", "token-li-wei"),
    )  # fmt: skip
    assert answer.status_code == 201, answer.text
    return str(answer.json()["key"])


@pytest.fixture
def mirrored(site: Site) -> Site:
    """Two issues of the project that people copied from the repository, and one of their own."""
    for number in (1, 2):
        issue = site.box.github.repository(REPOSITORY).issues[number]
        assert jira_issue(site, f"[{REPOSITORY}#{number}] {issue.title}") == f"PAY-{number}"
    jira_issue(site, "Nothing like it on the other side")
    site.box.log.reset()
    return site


def answer_of(syncer: Run, *options: str, code: int = 0) -> dict[str, Any]:
    ended = syncer("adopt", "--json", *options)
    assert ended.code == code, ended.err
    (pair,) = json.loads(ended.out)["pairs"]
    return dict(pair)


def test_without_a_word_it_shows_what_it_would_link_and_links_nothing(syncer: Run, mirrored: Site) -> None:
    ended = syncer("adopt")
    assert ended.code == 0
    assert "2 probably exist on both sides, 2 of them surely" in ended.out
    assert f"names {REPOSITORY}#1 in the title" in ended.out
    assert "syncer adopt --pair payments --accept 0.95   # links the 2 that are sure" in ended.err
    assert answer_of(syncer)["linked"] == 0
    assert list(mirrored.box.log.writes()) == []


def test_the_sure_ones_are_accepted_and_a_second_time_there_are_none(syncer: Run, mirrored: Site) -> None:
    before = {number: issue.title for number, issue in mirrored.box.github.repository(REPOSITORY).issues.items()}
    ended = syncer("adopt", "--accept", "0.95")
    assert ended.code == 0
    assert "would wait for a decision: body 2" in ended.err
    assert "linked 2 tasks. Nothing was written to a tracker." in ended.err
    assert ended.err.rstrip().endswith("Next: syncer preview --pair payments")
    assert list(mirrored.box.log.writes()) == []
    assert answer_of(syncer)["proposals"] == []
    assert syncer("sync", "-v").code in {0, 6}
    assert before == {
        number: issue.title
        for number, issue in mirrored.box.github.repository(REPOSITORY).issues.items()
        if number in before
    }
    assert {row["field"] for row in json.loads(syncer("conflicts", "--json").out)["conflicts"]} == {"body"}


def test_a_first_sync_is_refused_and_check_and_preview_say_so_before(syncer: Run, mirrored: Site) -> None:
    assert "first sync refused: 2 tasks look alike on both sides" in syncer("check").out
    assert "a sync is refused: 2 tasks look alike" in syncer("preview").out
    ended = syncer("sync")
    assert ended.code == 7
    assert "syncer adopt --pair payments --accept 0.95" in ended.err
    assert list(mirrored.box.log.writes()) == []
    syncer("adopt", "--accept", "0.95")
    assert syncer("sync").code in {0, 6}


def test_a_list_is_written_for_its_owner_alone_and_read_back(syncer: Run, mirrored: Site, tmp_path: Path) -> None:
    file = tmp_path / "links.csv"
    ended = syncer("adopt", "--csv", str(file))
    assert f"--import {file}" in ended.err
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    rows = list(csv.DictReader(file.read_text("utf-8").splitlines()))
    assert {(row["left"], row["right"]) for row in rows} == {("PAY-1", f"{REPOSITORY}#1"), ("PAY-2", f"{REPOSITORY}#2")}
    assert syncer("adopt", "--csv", str(file)).code == 2
    assert answer_of(syncer, "--import", str(file))["linked"] == 2
    assert answer_of(syncer, "--import", str(file))["linked"] == 0, "what is linked so already is passed over"


def test_a_list_of_ones_own_takes_addresses_semicolons_and_other_columns(
    syncer: Run, mirrored: Site, tmp_path: Path
) -> None:
    file = tmp_path / "links.csv"
    page = f"{mirrored.box.jira_url}/browse/PAY-3"
    file.write_text(f"Note;Right;Left\nby Mia;{REPOSITORY}#3;{page}\n\n", "utf-8-sig")
    assert answer_of(syncer, "--import", str(file))["linked"] == 1


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("left;right\nPAY-1;acme/pay#1\nPAY-99;acme/pay#2\n", 'line 3: "PAY-99" is not an item of'),
        ("left,right\nPAY-1,acme/pay#1\nPAY-1,acme/pay#2\n", "line 3: PAY-1 stands in line 2 already"),
        ("left,right\nPAY-1,other/place#1\n", 'line 2: "other/place#1" is not an item of'),
        ("left,right\nacme/pay#1,PAY-1\n", "is an item of the right side and stands in the left column"),
        ('left,right\n"=HYPERLINK(""http://x"")",acme/pay#1\n', "is a formula and no key of the left side"),
        ("left,right\n'+PAY-1,acme/pay#1\n", "is a formula"),
        ("left,right\nPAY-1,\n", "line 2: the right column is empty"),
        ("key,other\nPAY-1,acme/pay#1\n", "the list needs one column 'left' and one column 'right'"),
        ('left,right\n"PAY-1,acme/pay#1\n', "is not a line of a CSV file"),
        ("", "the list needs one column"),
    ],
)  # fmt: skip
def test_a_list_with_a_mistake_links_nothing_at_all(
    syncer: Run, mirrored: Site, tmp_path: Path, rows: str, said: str
) -> None:
    file = tmp_path / "links.csv"
    file.write_text(rows, "utf-8")
    ended = syncer("adopt", "--import", str(file))
    assert ended.code == 2
    assert said in ended.err
    assert "nothing was linked" in ended.err
    assert json.loads(syncer("status", "--json").out)["pairs"][0]["links"]["task"] == 0


def test_every_mistake_of_a_list_is_said_at_once(syncer: Run, mirrored: Site, tmp_path: Path) -> None:
    file = tmp_path / "links.csv"
    file.write_text("left,right\nPAY-98,acme/pay#1\nPAY-99,acme/pay#2\nPAY-1,acme/pay#3\n", "utf-8")
    ended = syncer("adopt", "--import", str(file))
    assert "2 mistakes; nothing was linked" in ended.err
    assert "line 2" in ended.err
    assert "line 3" in ended.err


def test_a_file_that_is_no_list_is_named(syncer: Run, mirrored: Site, tmp_path: Path) -> None:
    assert "cannot be read" in syncer("adopt", "--import", str(tmp_path / "none.csv")).err
    (tmp_path / "odd.csv").write_bytes(b"left,right\n\xff\xfe\n")
    ended = syncer("adopt", "--import", str(tmp_path / "odd.csv"))
    assert (ended.code, "save it as CSV UTF-8" in ended.err) == (2, True)


def test_an_item_that_is_linked_to_another_one_is_not_linked_again(syncer: Run, mirrored: Site, tmp_path: Path) -> None:
    syncer("adopt", "--accept", "0.95")
    file = tmp_path / "links.csv"
    file.write_text("left,right\nPAY-1,acme/pay#3\n", "utf-8")
    ended = syncer("adopt", "--import", str(file))
    assert (ended.code, "line 2: PAY-1 is linked to another item already" in ended.err) == (2, True)


def test_what_remains_is_kept_apart_and_asked_once(syncer: Run, mirrored: Site) -> None:
    ended = syncer("adopt", "--apart")
    assert "4 items are kept apart" in ended.err
    assert answer_of(syncer)["proposals"] == []
    assert syncer("sync").code in {0, 6}
    assert "4 items are apart" in syncer("status").out
    assert mirrored.box.jira.find_issue("PAY-9") is None


def test_remote_links_are_asked_for_where_nothing_is_sure_and_can_be_left_out(syncer: Run, mirrored: Site) -> None:
    page = mirrored.box.github.repository(REPOSITORY).issues[3]
    link = {"object": {"url": f"{mirrored.box.github_url}/{REPOSITORY}/issues/3", "title": page.title}}
    requests.post(
        f"{mirrored.box.jira_url}/rest/api/3/issue/PAY-3/remotelink", json=link, timeout=10,
        auth=("li-wei@example.com", "token-li-wei"),
    ).raise_for_status()  # fmt: skip
    pages = json.loads(syncer("preview", "--json").out)
    assert pages["pairs"][0]["alike"] == 2
    mirrored.box.log.reset()
    assert len(answer_of(syncer, "--no-remote-links")["proposals"]) == 2
    asked = [one for one in mirrored.box.log.entries if one.path.endswith("/remotelink")]
    assert asked == []
    answer_of(syncer)
    asked = [one for one in mirrored.box.log.entries if one.path.endswith("/remotelink")]
    assert len(asked) == 1, "PAY-1 and PAY-2 are sure already"


@pytest.mark.parametrize("option", ["oldest", "titel=left", "title=", "title=ask"])
def test_a_preference_that_there_is_none_of_is_a_mistake_of_the_command_line(syncer: Run, option: str) -> None:
    assert syncer("adopt", "--prefer", option).code == 2


def test_preferences_that_contradict_each_other_are_refused(syncer: Run) -> None:
    assert syncer("adopt", "--prefer", "left", "--prefer", "right").code == 2


def test_two_pairs_need_a_name(syncer: Run, site: Site) -> None:
    text = site.file.read_text("utf-8")
    pair = text[text.index("[[pairs]]") :]
    pair = pair[: pair.index("\n\n")] if "\n\n" in pair else pair
    second = '\n[[pairs]]\nname = "second"\nleft = { tracker = "jira", project = "OPS" }\n'
    second += f'right = {{ tracker = "github", repository = "{REPOSITORY}" }}\n'
    site.file.write_text(text + second, "utf-8")
    ended = syncer("adopt")
    assert (ended.code, "payments, second" in ended.err) == (2, True)


def test_at_a_terminal_the_sure_ones_are_asked_about_together_and_the_others_one_by_one(
    syncer: Run, mirrored: Site
) -> None:
    issue = mirrored.box.github.add_issue(REPOSITORY, "Export loses page 17", "mia-berg", TEXT)
    other = mirrored.box.github.add_issue(REPOSITORY, "Export loses page 18 of the invoice", "mia-berg", TEXT)
    for number in (issue.number, other.number):
        jira_issue(mirrored, f"Export for {REPOSITORY}#{number}", f"Tracked as {REPOSITORY}#{number}")
    here, there = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", "from syncer.cli import main; main()", "adopt"], cwd=mirrored.file.parent,
        stdin=there, stdout=there, stderr=there, env={**os.environ, "TERM": "dumb", "NO_COLOR": "1", "COLUMNS": "200"},
    )  # fmt: skip
    os.close(there)
    try:
        read_until(here, "Link these 2")
        os.write(here, b"y\n")
        read_until(here, "1 of 2")
        os.write(here, b"yes\n")
        read_until(here, "2 of 2")
        os.write(here, b"a\n")
        read_until(here, "syncer preview")
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.wait()
        os.close(here)
    (pair,) = json.loads(syncer("status", "--json").out)["pairs"]
    assert (pair["links"]["task"], len(pair["apart"])) == (3, 2)


def test_patterns_of_the_pair_and_fields_of_the_project_name_the_other_side(syncer: Run, mirrored: Site) -> None:
    box = mirrored.box
    field = box.jira.add_custom_field("Other tracker", "string").id
    numbers = [box.github.add_issue(REPOSITORY, f"Words number {word}", "mia-berg").number for word in ("one", "two")]
    jira_issue(mirrored, "Quite another title", f"Desk ticket no. {numbers[0]}, opened by a customer last week")
    jira_issue(mirrored, "And a further one", "Nothing in here", {field: f"{REPOSITORY}#{numbers[1]}"})
    assert len([one for one in answer_of(syncer)["proposals"] if one["sure"]]) == 2
    text = mirrored.file.read_text("utf-8")
    text = text.replace('kind = "jira"\n', f'kind = "jira"\nreference-fields = ["{field}"]\n', 1)
    text = text.replace("[[people]]", "[pairs.adopt]\npatterns = ['desk ticket no\\. (\\d+)']\n\n[[people]]", 1)
    mirrored.file.write_text(text, "utf-8")
    found = {one["right"]["key"]: one for one in answer_of(syncer)["proposals"] if one["sure"]}
    assert "by a pattern of the pair" in found[f"{REPOSITORY}#{numbers[0]}"]["reasons"][0]
    assert "in a field" in found[f"{REPOSITORY}#{numbers[1]}"]["reasons"][0]


@pytest.mark.parametrize("pattern", ["(", "(a)(b)", ".*"])
def test_a_pattern_that_cannot_be_used_is_a_mistake_of_the_configuration(syncer: Run, site: Site, pattern: str) -> None:
    text = site.file.read_text("utf-8")
    site.file.write_text(
        text.replace("[[people]]", f"[pairs.adopt]\npatterns = ['{pattern}']\n\n[[people]]", 1), "utf-8"
    )
    ended = syncer("check", "--offline")
    assert (ended.code, "patterns" in ended.err) == (2, True)
