"""Renamed accounts on GitHub and Data Center: the same id under another name is followed, another id is not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest

from syncer.sync.ledger import waiting
from tests.rig import Rig

Deployment = Literal["cloud", "datacenter"]


@pytest.fixture
def rig(tmp_path: Path, deployment: Deployment) -> Iterator[Rig]:
    with Rig(tmp_path, deployment) as made:
        for number in (1, 2):
            made.github("POST", "/issues", {"title": f"Task {number}", "assignees": ["liwei"]}, by="miab")
        made.sync()
        assert made.sync().writes == 0
        assert assignees(made) == (["liwei", "liwei"], ["liwei", "liwei"])
        yield made


def assignees(rig: Rig) -> tuple[list[str], list[str]]:
    """Who is assigned on GitHub and in Jira, by task."""
    there = [
        ", ".join(each["login"] for each in rig.github("GET", f"/issues/{n}", by="miab")["assignees"]) for n in (1, 2)
    ]
    here = [rig.jira("GET", f"/issue/PAY-{n}?fields=assignee")["fields"]["assignee"] for n in (1, 2)]
    key = "accountId" if rig.deployment == "cloud" else "name"
    return there, ["" if each is None else each[key] for each in here]


def assign_in_jira(rig: Rig, key: str, account: str | None) -> None:
    name = "accountId" if rig.deployment == "cloud" else "name"
    rig.jira("PUT", f"/issue/{key}", {"fields": {"assignee": None if account is None else {name: account}}})


def lines(rig: Rig) -> list[Any]:
    with rig.context() as context:
        return [line for line in waiting(context.store, "pay") if line.needs_a_person]


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
def test_a_login_renamed_on_github_is_followed(rig: Rig) -> None:
    rig.box.github.rename_account("liwei", "li-wei")
    assert rig.sync(sweep=True).writes == 0
    assert assignees(rig) == (["li-wei", "li-wei"], ["liwei", "liwei"])
    assign_in_jira(rig, "PAY-1", "mia")
    rig.sync()
    assign_in_jira(rig, "PAY-1", "liwei")
    rig.sync()
    assert assignees(rig) == (["li-wei", "li-wei"], ["liwei", "liwei"])
    assert lines(rig) == []


@pytest.mark.parametrize("deployment", ["datacenter"])
def test_a_user_renamed_on_data_center_is_followed(rig: Rig) -> None:
    rig.box.jira.rename_user("liwei", "li.wei")
    assert rig.sync(sweep=True).writes == 0
    rig.github("PATCH", "/issues/1", {"assignees": ["miab"]}, by="miab")
    rig.sync()
    rig.github("PATCH", "/issues/1", {"assignees": ["liwei"]}, by="miab")
    rig.sync()
    assert assignees(rig) == (["liwei", "liwei"], ["li.wei", "li.wei"])
    assert lines(rig) == []


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
def test_a_login_that_was_taken_over_is_nobodys_until_the_file_is_right(rig: Rig) -> None:
    rig.box.github.rename_account("liwei", "li-wei")
    rig.box.github.add_user("liwei", "A stranger", token="stranger-token")
    rig.box.github.add_collaborator(rig.repository, "liwei", "write")
    rig.github("PATCH", "/issues/1", {"assignees": ["liwei"]}, by="miab")
    assert rig.sync(sweep=True).writes == 0
    (line,) = lines(rig)
    assert "liwei" in line.item
    assert "li-wei" in line.reason
    assign_in_jira(rig, "PAY-2", "mia")
    assert rig.sync().writes == 0
    assert assignees(rig) == (["liwei", "li-wei"], ["liwei", "mia"])
    written = rig.configuration
    rig.configuration = lambda: written().replace('github = "liwei"', 'github = "li-wei"')  # type: ignore[method-assign]
    rig.sync()
    rig.sync()
    there, here = assignees(rig)
    assert (there[1], here[1]) == ("miab", "mia")
    assert here[0] == "" or there[0] != ""
    assert lines(rig) == []


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
def test_an_id_in_the_file_says_who_is_meant(rig: Rig) -> None:
    number = rig.box.github.account("liwei").id
    rig.box.github.rename_account("liwei", "li-wei")
    rig.box.github.add_user("liwei", "A stranger")
    rig.box.github.add_collaborator(rig.repository, "liwei", "write")
    written = rig.configuration
    rig.configuration = lambda: written().replace(  # type: ignore[method-assign]
        'github = "liwei" }', f'github = "liwei" }}\nids = {{ github = {number} }}'
    )
    assign_in_jira(rig, "PAY-1", "mia")
    rig.sync()
    assign_in_jira(rig, "PAY-1", "liwei")
    rig.sync()
    assert assignees(rig) == (["li-wei", "li-wei"], ["liwei", "liwei"])
    assert lines(rig) == []
