"""What the daemon says of a run: the same as `syncer sync` tells, as warnings in its log."""

from __future__ import annotations

import pytest

from syncer.commands.daemon import _run
from syncer.commands.interruption import Interruption
from syncer.commands.opening import open_settings
from syncer.sync.context import AudienceCache
from tests.unit.commands.conftest import Run, Site, edit_both


def test_what_is_new_is_a_warning_in_the_log_once(syncer: Run, site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    syncer("sync")
    edit_both(site, "Paid twice", "Paid two times")
    run = _run(open_settings(site.file, None, 1), "payments", Interruption(), AudienceCache())
    run()
    first = capsys.readouterr().err
    run()
    second = capsys.readouterr().err
    warned = [line for line in first.splitlines() if "warning" in line]
    assert ["PAY-1 = acme/pay#1, title" in warned[0], "1 new item needs a person" in warned[1]] == [True, True]
    assert ("run ended" in second, "warning" in second) == (True, False)
    assert (syncer("sync").code, syncer("sync").err) == (0, "")
