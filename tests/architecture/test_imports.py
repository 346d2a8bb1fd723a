"""Who may import what (`imports.toml`): nothing stands outside of it, and each kind of violation is refused."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = Path(__file__).with_name("imports.toml")
PACKAGES = ("syncer", "connectors")

HARMLESS = frozenset(
    {
        "__future__", "abc", "base64", "binascii", "bisect", "collections", "contextlib", "copy", "csv", "dataclasses",
        "datetime", "difflib", "email", "enum", "fnmatch", "functools", "hashlib", "heapq", "html", "io", "ipaddress",
        "itertools", "json", "math", "operator", "re", "shlex", "statistics", "string", "struct", "textwrap", "types",
        "typing", "unicodedata", "urllib", "weakref", "zlib", "zoneinfo",
    }
)  # fmt: skip
"""Modules of the standard library whose results depend on arguments alone. `test_shape` sees to clocks and `open`."""

PLANTED = {
    "syncer/core/guard.py": ("jira", "github", "random", "time", "logging", "os", "syncer.store"),
    "syncer/sync/context.py": ("sqlalchemy", "syncer.report"),
    "syncer/publish/mail.py": ("sqlalchemy", "connectors.jira"),
    "syncer/publish/post.py": ("psycopg", "syncer.app.wiring"),
    "syncer/report/advice/rules.py": ("requests", "structlog", "syncer.report.render"),
    "syncer/report/metrics/flow.py": ("syncer.report.advice.rules",),
    "syncer/report/model/goal.py": ("syncer.report.gather.collect",),
    "syncer/commands/goals.py": ("syncer.publish.mail", "syncer.report.evaluate"),
    "syncer/contract/model.py": ("syncer.core", "secrets"),
    "connectors/jira/mapping.py": ("jira", "connectors.github", "requests", "time", "os"),
    "connectors/jira/levels.py": ("syncer.demo", "syncer.core"),
    "connectors/github/markdown.py": ("github", "connectors.jira", "syncer.settings"),
    "connectors/memory/tracker.py": ("connectors.jira",),
}
"""One more import in each of these files, of each of these modules."""


def lint(directory: Path, contracts: Path) -> subprocess.CompletedProcess[str]:
    program = (
        "from importlinter.cli import lint_imports;"
        f"raise SystemExit(lint_imports(config_filename={str(contracts)!r}, no_cache=True))"
    )
    return subprocess.run(
        [sys.executable, "-c", program], cwd=directory, capture_output=True, text=True, check=False,
        env={"PYTHONPATH": str(directory), "COLUMNS": "200"},
    )  # fmt: skip


def test_every_import_is_one_that_a_contract_allows() -> None:
    ended = lint(ROOT, CONTRACTS)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_every_library_that_is_imported_stands_in_a_contract() -> None:
    contracts = tomllib.loads(CONTRACTS.read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    named = {module for contract in contracts for module in contract.get("protected_modules", ())}
    graph = grimp.build_graph(*PACKAGES, include_external_packages=True, cache_dir=None)
    outside = {module for module in graph.modules if module.partition(".")[0] not in PACKAGES}
    assert sorted(outside - named - HARMLESS) == []


@pytest.fixture(scope="module")
def refusals(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What is said of a copy of the sources in which every violation was planted at once."""
    copy = tmp_path_factory.mktemp("planted")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name, modules in PLANTED.items():
        file = copy / name
        file.write_text(file.read_text("utf-8") + "".join(f"\nimport {module}" for module in modules), "utf-8")
    for package in PACKAGES:
        (copy / package / "newcomer.py").write_text('"""A room nobody has thought of."""\n', "utf-8")
    ended = lint(copy, CONTRACTS)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    return ended.stdout


@pytest.mark.parametrize(
    ("file", "module"), [(file, module) for file, several in PLANTED.items() for module in several]
)
def test_a_violation_is_refused(refusals: str, file: str, module: str) -> None:
    importer = file.removesuffix(".py").replace("/", ".")
    assert any(f"{importer} -> {module}" in line for line in refusals.splitlines()), refusals


@pytest.mark.parametrize("package", PACKAGES)
def test_a_room_that_no_contract_knows_is_refused(refusals: str, package: str) -> None:
    assert f"- {package}.newcomer\n" in refusals, refusals
