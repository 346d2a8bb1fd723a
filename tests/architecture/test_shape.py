"""What the import contracts cannot see: purity, names, sizes, and nothing that belongs to one machine."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(path for folder in ("syncer", "connectors") for path in (ROOT / folder).rglob("*.py"))

PURE = (
    "syncer/core/*.py",
    "syncer/contract/*.py",
    "syncer/report/evaluate*.py",
    "syncer/report/measures/*.py",
    "syncer/report/advice.py",
    "syncer/report/advising/*.py",
    "syncer/report/forecast.py",
    "syncer/report/intervals.py",
    "syncer/report/moment.py",
    "syncer/report/past.py",
    "syncer/report/responsibility/[!g]*.py",
    "syncer/report/responsibility/gaps.py",
    "syncer/report/smart.py",
    "syncer/report/render/*.py",
    "connectors/*/mapping.py",
    "connectors/github/bodies.py",
    "connectors/jira/accounts.py",
    "connectors/jira/site.py",
    "connectors/*/*markdown*.py",
    "connectors/*/adf*.py",
    "connectors/*/wiki*.py",
)
"""Modules that read no clock, roll no dice and touch nothing outside: everything they need is an argument."""

IMPURE_MODULES = frozenset(
    {
        "logging", "os", "random", "requests", "secrets", "socket", "sqlite3", "structlog", "subprocess", "tempfile",
        "threading", "time", "urllib.request", "uuid", "http.client", "smtplib", "shutil",
    }
)  # fmt: skip

IMPURE_FUNCTIONS = frozenset({"print", "open", "input"})
IMPURE_METHODS = frozenset({"now", "utcnow", "today", "getenv"})

PURITY_EXCEPTIONS = {
    ("syncer/contract/conformance.py", "now"): "the conformance suite is a test suite that runs connectors",
}

NAMELESS = frozenset({"utils", "util", "helpers", "helper", "common", "base", "manager", "service", "handler", "misc"})

LONGEST_FUNCTION, LONGEST_MODULE = 120, 700
"""Lines. The house style asks to look for two rooms from 60 and 400 on; this is where looking is over."""


def pure() -> list[Path]:
    return sorted({path for pattern in PURE for path in ROOT.glob(pattern)})


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def called(tree: ast.AST) -> Iterator[str]:
    """Names of the functions and methods in `IMPURE_...` that are called."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr=name)) if name in IMPURE_METHODS:
                yield name
            case ast.Call(func=ast.Name(id=name)) if name in IMPURE_FUNCTIONS:
                yield name


def functions(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every function with its length in lines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.end_lineno is not None:
            yield node.name, node.end_lineno - node.lineno + 1


def test_pure_modules_do_no_input_or_output_and_read_no_clock() -> None:
    found = []
    for path in pure():
        tree = ast.parse(path.read_text("utf-8"))
        impure = (set(imported(tree)) & IMPURE_MODULES) | set(called(tree))
        found += [f"{short(path)}: {name}" for name in sorted(impure) if (short(path), name) not in PURITY_EXCEPTIONS]
    assert found == []


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
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout: the files of the project cannot be told from others")
    bad = re.compile(r"pypi\.org|pythonhosted|/home/\w+/|/Users/\w+/|\bfile:///")
    found = []
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.is_file() and path != Path(__file__).resolve():
            found += [f"{name}: {hit}" for hit in bad.findall(path.read_text("utf-8", errors="replace"))]
    assert found == []
