"""The commands of the page for beginners, as it has them, against two trackers."""

from __future__ import annotations

import shlex
from pathlib import Path

from syncer.settings import load
from tests.docs.test_blocks import CALLS, TOKENS
from tests.unit.commands.conftest import Run, Site, edit_both


def test_the_commands_work_one_after_the_other(syncer: Run, site: Site, tmp_path: Path) -> None:
    lines = [line for page, line in CALLS if page.name == "getting-started.md"]
    calls = {line.split()[1]: shlex.split(line)[1:] for line in lines}
    assert list(calls) == ["init", "check", "preview", "sync", "status", "conflicts", "adopt", "report"]
    calls.pop("adopt")  # for trackers that both have issues: `test_adopt_beginning`
    ended = syncer(*calls.pop("init"), "--file", "written.toml")
    assert ended.code == 0, ended.err
    assert load(tmp_path / "written.toml", environment=TOKENS).pairs[0].name == "pay"
    for name, words in calls.items():
        ended = syncer(*words)
        assert ended.code == 0, f"{name}: {ended.out}{ended.err}"
    edit_both(site, "Refund cards", "Refund a card")
    assert syncer("sync").code == 6
    assert "Refund cards" in syncer("conflicts").out
