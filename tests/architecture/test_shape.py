"""What the import contracts cannot see: clocks, names, sizes, and nothing that belongs to one machine."""

from __future__ import annotations

import ast
import re
import subprocess
from dataclasses import dataclass
from functools import cache
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


@dataclass(frozen=True, slots=True)
class Module:
    """What these tests ask of a file, which is parsed once."""

    lines: int
    calls: frozenset[str]
    """What it calls, as it is written: `datetime.now`, `open`."""
    functions: tuple[tuple[str, int], ...]
    """Every function with its length in lines."""
    begins: tuple[tuple[int, frozenset[str]], ...]
    """The statements that run when it is imported, by line: the attributes that each names."""


@cache
def module(path: Path) -> Module:
    text = path.read_text("utf-8")
    tree = ast.parse(text)
    nodes = list(ast.walk(tree))
    return Module(
        len(text.splitlines()),
        frozenset(called(node.func) for node in nodes if isinstance(node, ast.Call)),
        tuple(
            (node.name, node.end_lineno - node.lineno + 1)
            for node in nodes
            if isinstance(node, ast.FunctionDef) and node.end_lineno is not None
        ),
        tuple(
            (node.lineno, frozenset(part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)))
            for node in tree.body
            if not isinstance(node, ast.FunctionDef | ast.ClassDef)
        ),
    )


def called(function: ast.expr) -> str:
    """A name, or a name in another; empty for anything else."""
    match function:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id=owner), attr=name):
            return f"{owner}.{name}"
    return ""


def test_only_these_modules_read_the_clock() -> None:
    clocks = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
    assert {short(path) for path in SOURCES if clocks & module(path).calls} == set(CLOCKS)


def test_only_these_modules_open_files_and_none_prints() -> None:
    assert {short(path) for path in SOURCES if {"open", "print", "input"} & module(path).calls} == set(OPENERS)


def test_a_file_name_says_what_is_in_it() -> None:
    assert [short(path) for path in SOURCES if {path.stem, path.parent.name} & NAMELESS] == []


def test_modules_and_functions_keep_to_a_size() -> None:
    found = []
    for path in SOURCES:
        read = module(path)
        if read.lines > LONGEST_MODULE:
            found.append(f"{short(path)}: {read.lines} lines")
        found += [f"{short(path)}: {name}: {lines} lines" for name, lines in read.functions if lines > LONGEST_FUNCTION]
    assert found == []


def test_nothing_reads_the_environment_when_it_is_imported() -> None:
    machines = {"environ", "getenv", "cwd", "argv"}
    found = [
        f"{short(path)}:{line}: {name}"
        for path in SOURCES
        for line, names in module(path).begins
        for name in names & machines
    ]
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
