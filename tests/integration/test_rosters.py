"""Who is who is read once a day by a run that sweeps, over both trackers' sockets, and costs a quiet run nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from syncer.contract.model import Side
from syncer.sandbox.faults import Fault
from syncer.sync.preview import refresh_rosters_of
from tests.rig import Rig


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
def test_a_sweep_reads_who_is_who_and_a_quiet_run_asks_nothing_more(
    tmp_path: Path, deployment: Literal["cloud", "datacenter"]
) -> None:
    with Rig(tmp_path, deployment) as rig:
        rig.box.jira.add_component(rig.project, "ledger", lead=rig.box.jira.users["liwei"])
        rig.box.github.put_file(rig.repository, "CODEOWNERS", b"* @liwei\n")
        assert rig.sync().outcome == "clean"
        with rig.context() as context:
            left, right = (context.store.rosters.get("pay", side) for side in Side)
        assert left is not None
        assert right is not None
        assert [each.lead.id if each.lead else "" for each in left.roster.components] == ["liwei"]
        assert right.roster.code_owners == "* @liwei\n"
        rig.sync()
        assert rig.sync().requests == {"left": 1, "right": 1}
        rig.tick(25 * 3600)
        rig.sync()
        with rig.context() as context:
            again = context.store.rosters.get("pay", Side.LEFT)
        assert again is not None
        assert again.read_at == left.read_at
        assert again.seen_at > left.seen_at


def test_a_tracker_that_fails_there_fails_nothing_else(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        rig.box.faults.add(Fault("500", path=r"/collaborators", times=50))
        rig.box.faults.add(Fault("500", path=r"/project/PAY/components", times=50))
        assert rig.sync().outcome == "clean"
        with rig.context() as context:
            assert [context.store.rosters.get("pay", side) for side in Side] == [None, None]
            assert set(refresh_rosters_of(context)) == {Side.LEFT, Side.RIGHT}
        rig.box.faults.clear()
        with rig.context() as context:
            assert refresh_rosters_of(context) == {}
            assert all(context.store.rosters.get("pay", side) for side in Side)
