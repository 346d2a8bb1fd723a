"""The demonstration writes only where it may, and removes only what is its own."""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from syncer.demo import run
from syncer.demo.configuration import write_configuration
from syncer.demo.seed import Deployment, new_sandbox
from syncer.settings import load


def refusal(directory: Path) -> tuple[int, str]:
    printed = StringIO()
    return run.run_demo(directory, "cloud", Console(file=printed, width=200)), printed.getvalue()


def test_a_directory_of_somebody_else_is_refused_and_untouched(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    code, printed = refusal(tmp_path)
    assert code == run.NOT_OURS
    assert "nothing was touched" in printed
    assert [path.name for path in tmp_path.iterdir()] == ["state"]


def test_a_file_in_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "demo"
    file.write_text("mine", encoding="utf-8")
    assert refusal(file)[0] == run.NOT_OURS
    assert file.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
def test_the_configuration_is_one_that_syncer_accepts(tmp_path: Path, deployment: Deployment) -> None:
    with new_sandbox(deployment, 1) as box:
        settings = load(write_configuration(box, tmp_path), environment={})
    assert [pair.name for pair in settings.pairs] == ["payments"]
    assert settings.state == str(tmp_path / "state")
    assert settings.trackers["jira"].settings.deployment == deployment
