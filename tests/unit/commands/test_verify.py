"""`syncer verify` compares everything and says what becomes of it; `syncer retry` has refused work tried again."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from syncer.commands.verify import found_in_one_line
from syncer.demo.rehearsal import GITHUB_TOKEN, REPOSITORY
from syncer.sync.verify import PairComparison
from tests.unit.commands.conftest import Run, Site


def issue(site: Site, number: int) -> object:
    return site.box.github.repository(REPOSITORY).issues[number]


def edit(site: Site, number: int, **fields: object) -> None:
    answer = requests.patch(
        f"{site.box.github_url}/repos/{REPOSITORY}/issues/{number}", json=fields, timeout=10,
        headers={"Authorization": f"Bearer {GITHUB_TOKEN}"},
    )  # fmt: skip
    assert answer.status_code == 200, answer.text


def test_a_pair_that_was_never_synced_does_not_agree(syncer: Run, site: Site) -> None:
    ended = syncer("verify")
    assert ended.code == 1
    assert ended.out == "payments: 6 only right; never synced: syncer sync --pair payments\n"


def test_what_the_next_sync_writes_is_told_apart_from_what_waits(syncer: Run, site: Site) -> None:
    syncer("sync")
    assert syncer("verify").out == "payments: both sides agree\n"
    edit(site, 1, labels=["urgent"], title="Written next")
    ended = syncer("verify")
    assert ended.code == 1
    assert "2 differences the next sync writes" in ended.out
    assert "Written next" in ended.out
    assert "urgent" in ended.out
    assert "would_write" not in ended.out
    syncer("sync")
    assert syncer("verify").code == 0


def test_a_conflict_that_is_listed_ends_verify_with_0_and_a_new_one_with_1(syncer: Run, site: Site) -> None:
    syncer("sync")
    edit(site, 1, title="On GitHub")
    content: Any = site.box.jira.find_issue("PAY-1").content  # type: ignore[union-attr]
    content |= {"summary": "In Jira", "updated": site.box.clock.now()}
    ended = syncer("verify", "--json")
    (pair,) = json.loads(ended.out)["pairs"]
    (row,) = pair["differences"]
    assert (ended.code, row["next"], row["field"], row["left"], row["right"]) == (
        1, "waits", "title", "In Jira", "On GitHub",
    )  # fmt: skip
    syncer("sync")
    ended = syncer("verify")
    assert (ended.code, "1 difference waits" in ended.out) == (0, True)
    assert json.loads(syncer("verify", "--json").out)["version"] == 1


def test_what_was_refused_is_tried_again_when_somebody_asks_for_it(syncer: Run, site: Site) -> None:
    syncer("sync")
    edit(site, 1, labels=["component: nowhere"])
    for _ in range(2):
        syncer("sync")
    ended = syncer("retry", "pay-1")
    assert (ended.code, ended.out) == (0, "payments: PAY-1 = acme/pay#1: components is written\n")
    assert "syncer sync" in ended.err
    site.box.jira.add_component("PAY", "nowhere")
    syncer("sync")
    assert [each.name for each in site.box.jira.find_issue("PAY-1").content["components"]] == ["nowhere"]  # type: ignore[union-attr]
    assert syncer("retry").out == ""
    unknown = syncer("retry", "PAY-99")
    assert (unknown.code, "PAY-99" in unknown.err) == (2, True)
    assert json.loads(syncer("retry", "--json").out) == {"version": 1, "marked": []}


@pytest.mark.parametrize("watches", [True, False])
@pytest.mark.parametrize(
    ("compared", "unheld", "said"),
    [
        (2, [], "both sides agree"),
        (2, ["sprint: no such field"], "both sides agree in all that can be compared"),
        (0, [], "nothing to compare: both sides are empty"),
        (0, ["sprint: no such field"], "nothing to compare: both sides are empty"),
    ],
)
def test_agreement_is_said_of_no_more_than_was_compared(
    compared: int, unheld: list[str], said: str, watches: bool
) -> None:
    line = found_in_one_line(PairComparison("payments", synced=True, watches=watches, compared=compared, unheld=unheld))
    assert line == (f"{said}; only watches, nothing is written" if watches else said)
