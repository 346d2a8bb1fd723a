"""The data sets a sandbox can start with."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from syncer.sandbox import Sandbox, SandboxError, datasets

RECORDED = Path(__file__).resolve().parents[4] / "shared" / "data" / "recorded"


def test_the_empty_set_is_a_place_where_the_bot_can_work() -> None:
    with Sandbox() as box:
        loaded = datasets.load(box)
        assert (loaded.repositories, loaded.projects) == (("acme/pay",), ("PAY",))
        headers = {"Authorization": f"Bearer {datasets.GITHUB_TOKEN}"}
        opened = requests.post(
            f"{box.github_url}/repos/acme/pay/issues",
            json={"title": "A", "labels": ["bug"]},
            headers=headers,
            timeout=5,
        )
        assert (opened.status_code, len(opened.json()["labels"])) == (201, 1)
        credentials = (datasets.BOT_EMAIL, datasets.JIRA_TOKEN)
        found = requests.get(f"{box.jira_url}/rest/api/3/project/PAY", auth=credentials, timeout=5)
        assert found.json()["key"] == "PAY"


@pytest.mark.parametrize(("side", "counts"), [("github", (20, 0)), ("jira", (0, 20)), ("both", (20, 20))])
def test_the_scale_set_fills_one_side_or_both(side: str, counts: tuple[int, int]) -> None:
    with Sandbox() as box:
        loaded = datasets.load(box, "scale", issues=20, comments=1, side=side)  # type: ignore[arg-type] # parametrised
        assert (loaded.github_issues, loaded.jira_issues) == counts


@pytest.mark.parametrize("name", ["github-issues.jsonl", "github-tls13-archive.json", "jira-issues.jsonl"])
def test_a_recording_of_either_vendor_is_loaded(name: str) -> None:
    if not (RECORDED / name).is_file():
        pytest.skip("the recordings are not beside this checkout")
    with Sandbox() as box:
        loaded = datasets.load(box, RECORDED / name)
        github, jira = loaded.github_issues, loaded.jira_issues
        assert (github > 0, jira > 0) == (name.startswith("github"), name.startswith("jira"))


@pytest.mark.parametrize(
    ("text", "message"),
    [("{}\n{", "recording.jsonl:2: is not JSON"), ("[1]", "is not a JSON object"), (None, "cannot read")],
)
def test_a_file_that_is_no_recording_is_said_so(tmp_path: Path, text: str | None, message: str) -> None:
    file = tmp_path / "recording.jsonl"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with Sandbox() as box, pytest.raises(SandboxError, match=message):
        datasets.load(box, file)
