"""Of what looks like a person's name in a text of GitHub, only people whom the pair knows become links in Jira."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rig import Rig

BODY = "Use @property and @angular/core, ask @nora."


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with Rig(tmp_path, "cloud") as made:
        made.box.github.add_user("nora", "Nora Lind", token="nora-token")
        made.box.github.add_collaborator(made.repository, "nora", "write")
        yield made


def test_who_took_part_is_a_link_and_a_word_is_a_word(rig: Rig) -> None:
    rig.github("POST", "/issues", {"title": "A question", "body": "By me."}, by="nora")
    rig.github("POST", "/issues", {"title": "An answer", "body": BODY})
    rig.sync()
    issue = rig.jira("GET", "/search/jql?jql=project=PAY&fields=summary,description")["issues"]
    shown = json.dumps(next(each for each in issue if each["fields"]["summary"] == "An answer"))
    assert "Use @property and @angular/core, ask " in shown
    assert f'{rig.box.github.base_url}/nora"' in shown
    assert rig.sync(sweep=True).writes == 0
