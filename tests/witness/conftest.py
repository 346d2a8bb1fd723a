"""What the witnesses share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.witness.installing import NotInstalledError, installed


@pytest.fixture(scope="session")
def witnesses() -> Path:
    """The folder in which the witnesses are installed; skips where they cannot be."""
    try:
        return installed()
    except NotInstalledError as error:
        pytest.skip(f"the witnesses cannot be installed: {error}")
