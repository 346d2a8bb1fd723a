"""A token that ends soon is named by `status`, which asks no tracker."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from syncer.commands.status import pair_status
from syncer.sandbox.datasets import GITHUB_TOKEN
from tests.rig import Rig


def told(rig: Rig) -> list[str]:
    with rig.context() as context:
        return list(pair_status(context.store, "pay", rig.clock.now())["expiring"])


def test_status_warns_fourteen_days_before_a_token_ends(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        token = rig.box.github.tokens[GITHUB_TOKEN]
        rig.sync()
        assert told(rig) == []
        token.expires_at = rig.clock.now() + timedelta(days=20)
        tally = rig.sync()
        assert (tally.outcome, list(tally.credentials_end)) == ("clean", ["right"])
        assert told(rig) == []
        rig.clock.advance(timedelta(days=10))
        (line,) = told(rig)
        assert "acme/pay: the token ends in 9 d" in line
        assert "put a new one" in line
        rig.clock.advance(timedelta(days=20))
        assert "has ended" in told(rig)[0]
