"""No module needs itself by way of others: not when it runs, not inside a function, not for its types."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest


def circle(*packages: str) -> list[str]:
    """The modules of a circle of imports, the first one again at the end; empty where there is none."""
    graph = grimp.build_graph(*packages, cache_dir=None)
    known = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    try:
        TopologicalSorter(known).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []


def test_there_is_no_circle_of_imports() -> None:
    assert circle("syncer", "connectors") == []


@pytest.mark.parametrize(
    "line",
    [
        "import circling.one",
        "def late():\n    from circling.one import name",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from circling import one",
    ],
)
def test_a_circle_is_found_however_it_is_closed(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "circling"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "one.py").write_text("import circling.two\n", "utf-8")
    (package / "two.py").write_text(f"{line}\n", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert set(circle("circling")) == {"circling.one", "circling.two"}
