"""Measures the code: `python -m tests.architecture.figures [FOLDER]` prints a table with our row and others'.

A function's length is without its docstring. Nesting counts `if`, `for`, `while`, `with`, `try` and `match` inside each
other; a chain of `elif` is one. Functions of migrations are left out: they list tables as they once were. Imports
are those of the import graph, also those for types alone.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("syncer", "connectors")

HEAD = (
    "", "modules", "lines", "module p50 / max", "> 400", "function p50 / p90 / p99 / max", "nested > 3 %",
    "annotated %", "documented %", "one importer %", "fan-out p50 / p90 / max", "tests : source",
)  # fmt: skip
"""The columns. *documented*: of public modules, classes and functions. *one importer*: of all modules."""

OTHERS = """\
| vdirsyncer | 26 | 5,760 | 211 / 922 | 1 | 8 / 28 / 62 / 96 | 1.20 | 13 | 29 | 31 | 3 / 4 / 8 | 0.89 |
| procrastinate | 72 | 8,977 | 46 / 1,042 | 5 | 7 / 23 / 66 / 123 | 0.00 | 75 | 35 | n/m | 2 / 8 / 11 | 1.40 |
| stamina | 10 | 1,512 | 54 / 913 | 1 | 7 / 23 / 92 / 92 | 1.35 | 100 | 90 | n/m | n/m | 1.57 |
| httpx | 23 | 8,827 | 274 / 2,019 | 7 | 6 / 31 / 78 / 133 | 1.80 | 100 | 55 | n/m | n/m | 1.01 |
| JBI | 23 | 4,377 | 143 / 1,007 | 2 | 9 / 40 / 103 / 104 | 3.90 | 46 | 80 | n/m | n/m | 1.90 |
| singer_sdk | 87 | 23,252 | 136 / 1,868 | 20 | 6 / 25 / 58 / 202 | 0.85 | 99 | 99 | 28 | 3 / 9 / 16 | 0.84 |
| cosmicpython | 15 | 736 | 41 / 120 | 0 | 4 / 11 / n/m / 31 | 0.00 | 10 | 0 | n/m | n/m | 0.99 |
| datasette | 75 | 29,181 | 176 / 3,314 | 23 | 9 / 48 / 227 / 492 | 4.10 | 14 | 27 | 17 | 2 / 7 / 11 | 1.36 |
| dlt | 565 | 111,068 | 140 / 1,956 | 77 | 7 / 32 / 95 / 405 | 2.70 | 99 | 45 | 28 | 5 / 15 / 45 | n/m |
| structlog | 21 | 7,274 | 245 / 1,249 | 5 | 4 / 20 / 75 / 134 | 0.57 | 100 | 91 | n/m | n/m | 1.29 |"""
"""What was measured of others in November 2026, by a script that counts in the same way."""

_BLOCKS = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.Match)


@dataclass(frozen=True)
class Figures:
    """What was measured, in the order of the columns."""

    modules: int
    lines: int
    module_sizes: tuple[int, int]
    long_modules: int
    functions: tuple[int, int, int, int]
    nested: float
    annotated: float
    documented: float
    one_importer: float
    fan_out: tuple[int, int, int]
    tests: float

    def row(self, name: str) -> str:
        """The figures as a row of a Markdown table."""
        cells = (
            name, f"{self.modules}", f"{self.lines:,}", _joined(self.module_sizes), f"{self.long_modules}",
            _joined(self.functions), f"{self.nested:.2f}", f"{self.annotated:.0f}", f"{self.documented:.0f}",
            f"{self.one_importer:.0f}", _joined(self.fan_out), f"{self.tests:.2f}",
        )  # fmt: skip
        return f"| {' | '.join(cells)} |"


def _joined(numbers: Sequence[int]) -> str:
    return " / ".join(f"{number:,}" for number in numbers)


def measure(root: Path = ROOT, packages: Sequence[str] = PACKAGES) -> Figures:
    """The figures of the packages below a folder, and of the tests beside them."""
    paths = [path for name in packages for path in sorted((root / name).rglob("*.py"))]
    texts = [path.read_text("utf-8") for path in paths]
    trees = [ast.parse(text) for text in texts]
    sizes = [len(text.splitlines()) for text in texts]
    functions = [
        node
        for path, tree in zip(paths, trees, strict=True)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and "migrations" not in path.parts
    ]
    lengths = [_length(function) for function in functions]
    public = [bool(ast.get_docstring(node)) for tree in trees for node in _public(tree)]
    tests = sum(len(path.read_text("utf-8").splitlines()) for path in (root / "tests").rglob("*.py"))
    importers, fan_out = _graph(root, packages)
    return Figures(
        modules=len(texts),
        lines=sum(sizes),
        module_sizes=(_quantile(sizes, 0.5), max(sizes)),
        long_modules=sum(size > 400 for size in sizes),
        functions=(_quantile(lengths, 0.5), _quantile(lengths, 0.9), _quantile(lengths, 0.99), max(lengths)),
        nested=_percent([_depth(function.body) > 3 for function in functions]),
        annotated=_percent([_annotated(function) for function in functions]),
        documented=_percent(public),
        one_importer=_percent([count == 1 for count in importers]),
        fan_out=(_quantile(fan_out, 0.5), _quantile(fan_out, 0.9), max(fan_out)),
        tests=tests / sum(sizes),
    )


def _quantile(values: Sequence[int], share: float) -> int:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def _percent(values: Sequence[bool]) -> float:
    return 100 * sum(values) / len(values)


def _length(function: ast.FunctionDef) -> int:
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    match function.body[0]:
        case ast.Expr(value=ast.Constant(value=str()), lineno=first, end_lineno=int(last)):
            return lines - (last - first + 1)
    return lines


def _depth(body: Sequence[ast.stmt]) -> int:
    """How deep blocks stand inside each other in a body; functions inside it are counted by themselves."""
    return max((_below(node) for node in body), default=0)


def _below(node: ast.AST) -> int:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return 0
    if not isinstance(node, _BLOCKS):
        return max((_below(child) for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)), default=0)
    inner = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt | ast.match_case)]
    inner += [part for each in getattr(node, "handlers", ()) for part in each.body]
    chain = node.orelse if isinstance(node, ast.If) and len(node.orelse) == 1 else []
    if chain and isinstance(chain[0], ast.If):
        return max(_below(chain[0]), 1 + max(_below(child) for child in inner if child is not chain[0]))
    return 1 + max((_below(child) for child in inner), default=0)


def _annotated(function: ast.FunctionDef) -> bool:
    given = function.args
    named = [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, (given.vararg, given.kwarg))]
    return function.returns is not None and all(
        each.annotation is not None or (index == 0 and each.arg in {"self", "cls"}) for index, each in enumerate(named)
    )


def _public(tree: ast.Module) -> Iterator[ast.Module | ast.ClassDef | ast.FunctionDef]:
    yield tree
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                methods = (each for each in node.body if isinstance(each, ast.FunctionDef))
                yield from (method for method in methods if not method.name.startswith("_"))


def _graph(root: Path, packages: Sequence[str]) -> tuple[list[int], list[int]]:
    """Of each module, by how many it is imported, and how many it imports."""
    sys.path.insert(0, str(root))
    try:
        graph = grimp.build_graph(*packages, cache_dir=None)
    finally:
        sys.path.remove(str(root))
    importers = [len(graph.find_modules_that_directly_import(module)) for module in sorted(graph.modules)]
    imported = [len(graph.find_modules_directly_imported_by(module)) for module in sorted(graph.modules)]
    return importers, imported


def table(root: Path = ROOT) -> str:
    """The whole table, our row first."""
    return f"| {' | '.join(HEAD)} |\n|{'---|' * len(HEAD)}\n{measure(root).row('**syncer**')}\n{OTHERS}"


if __name__ == "__main__":
    print(table(Path(sys.argv[1]).resolve() if sys.argv[1:] else ROOT))
