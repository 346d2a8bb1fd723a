"""What the import contracts cannot see: clocks, names, sizes, and nothing that belongs to one machine."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(path for folder in ("syncer", "connectors") for path in (ROOT / folder).rglob("*.py"))

CLOCKS = {
    "syncer/commands/opening.py": "where a command begins",
    "syncer/sync/context.py": "the clock that a run is given where nobody gives another",
    "syncer/sandbox/clock.py": "the sandbox's clock, which can be virtual",
    "syncer/app/scheduler.py": "the time of the next run",
    "connectors/github/connector.py": "the clock that the connector is given where nobody gives another",
    "connectors/github/history.py": "an answer without a date",
}
"""The only modules that read the machine's clock, and what for."""

OPENERS = {"syncer/publish/files.py": "report files are written with a mode of their own"}
"""The only modules that call `open`; nothing calls `print` or `input`. What else touches the outside is imported."""

NAMELESS = frozenset({"utils", "util", "helpers", "helper", "common", "base", "manager", "service", "handler", "misc"})

LONGEST_FUNCTION, LONGEST_MODULE = 120, 700
"""Lines. The house style asks to look for two rooms from 60 and 400 on; this is where looking is over."""


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def calls(path: Path) -> Iterator[str]:
    """What a file calls, as it is written: `datetime.now`, `open`."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            yield ast.unparse(node.func)


def functions(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every function with its length in lines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.end_lineno is not None:
            yield node.name, node.end_lineno - node.lineno + 1


def test_only_these_modules_read_the_clock() -> None:
    clocks = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
    assert {short(path) for path in SOURCES if clocks & set(calls(path))} == set(CLOCKS)


def test_only_these_modules_open_files_and_none_prints() -> None:
    assert {short(path) for path in SOURCES if {"open", "print", "input"} & set(calls(path))} == set(OPENERS)


def test_a_file_name_says_what_is_in_it() -> None:
    assert [short(path) for path in SOURCES if {path.stem, path.parent.name} & NAMELESS] == []


def test_modules_and_functions_keep_to_a_size() -> None:
    found = []
    for path in SOURCES:
        text = path.read_text("utf-8")
        if (lines := len(text.splitlines())) > LONGEST_MODULE:
            found.append(f"{short(path)}: {lines} lines")
        found += [
            f"{short(path)}: {name}: {lines} lines"
            for name, lines in functions(ast.parse(text))
            if lines > LONGEST_FUNCTION
        ]
    assert found == []


def test_nothing_reads_the_environment_when_it_is_imported() -> None:
    found = []
    for path in SOURCES:
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                continue
            names = {part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)}
            found += [f"{short(path)}:{node.lineno}: {name}" for name in names & {"environ", "getenv", "cwd", "argv"}]
    assert found == []


def test_both_packages_are_typed() -> None:
    assert (ROOT / "syncer" / "py.typed").exists()
    assert (ROOT / "connectors" / "py.typed").exists()


def test_no_file_names_a_package_host_or_a_place_on_somebodys_machine() -> None:
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("git is not installed: the files of the project cannot be told from others")
    if listed.returncode != 0:
        pytest.skip("not a git checkout: the files of the project cannot be told from others")
    bad = re.compile(r"pypi\.org|pythonhosted|/home/\w+/|/Users/\w+/|\bfile:///")
    found = []
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.is_file() and path != Path(__file__).resolve():
            found += [f"{name}: {hit}" for hit in bad.findall(path.read_text("utf-8", errors="replace"))]
    assert found == []
