"""Writes the parts of `docs/architecture.md` that follow from the code: `python -m tests.docs.architecture`.

Rooms and what may import what come from the import contracts, what a room is from the docstring of its package, and our
row of the table of figures from `tests.architecture.figures`.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.architecture.figures import table

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "architecture.md"
CONTRACTS = ROOT / "tests" / "architecture" / "imports.toml"


def contracts() -> list[Mapping[str, Any]]:
    """The import contracts, in their order."""
    found: list[Mapping[str, Any]] = tomllib.loads(CONTRACTS.read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    return found


def rooms() -> str:
    """The floors of `syncer`, the top one first: who stands above imports what stands below, never the other way."""
    layers = next(each["layers"] for each in contracts() if each.get("containers") == ["syncer"])
    rows = [f"| {number} | `{room}` | {_purpose(room)} |" for number, room in _on_floors(layers)]
    return "\n".join(["| floor | room | what is in it |", "|--:|---|---|", *rows])


def _on_floors(layers: list[str]) -> list[tuple[int, str]]:
    return [
        (len(layers) - index, room.strip()) for index, floor in enumerate(layers) for room in re.split(r"[|:]", floor)
    ]


def _purpose(room: str) -> str:
    """The first sentence of a room's docstring."""
    path = ROOT / "syncer" / room
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    text = (ast.get_docstring(ast.parse(file.read_text("utf-8"))) or "").split("\n\n")[0]
    return re.split(r"(?<=[.!?])\s", " ".join(text.split()))[0]


def inner() -> str:
    """The floors inside the rooms that have some."""
    return "\n".join(
        f"- `{each['containers'][0]}`: {' → '.join(floor.replace(' | ', ', ') for floor in each['layers'])}"
        for each in contracts()
        if each["type"] == "layers" and each["containers"] != ["syncer"]
    )


def guarded() -> str:
    """What is kept to a few importers, with the contract's own words."""
    rows = [
        f"| {each['name']} | {_named(each['protected_modules'])} | {_named(each['allowed_importers'])}"
        f"{_besides(each)} |"
        for each in contracts()
        if each["type"] == "protected"
    ]
    return "\n".join(["| rule | what | who may import it |", "|---|---|---|", *rows])


def _besides(contract: Mapping[str, Any]) -> str:
    """The imports that a contract lets pass."""
    passing = [each for each in contract.get("ignore_imports", ()) if not each.endswith(".**")]
    return f"; besides {_named(passing)}" if passing else ""


def _named(modules: list[str]) -> str:
    return ", ".join(f"`{module}`" for module in modules)


FOLLOWING: Mapping[str, Callable[[], str]] = {"rooms": rooms, "inner floors": inner, "rules": guarded}
"""Parts of the page that are exactly as the code is."""
MEASURED: Mapping[str, Callable[[], str]] = {"figures": table}
"""Parts that may lag a little behind it."""


def part(name: str, text: str) -> str:
    """A part as it stands in the page."""
    return f"<!-- {name}: written by `python -m tests.docs.architecture` -->\n\n{text}\n\n<!-- end of {name} -->"


def written(name: str) -> str:
    """A part as the page has it, without its marks."""
    return _parted(name)[1].strip()


def _parted(name: str) -> tuple[str, str, str]:
    """The page before a part, in it, and behind it; the marks belong to what is around."""
    begin, end = part(name, "…").split("…")
    before, mark, rest = PAGE.read_text("utf-8").partition(begin.rstrip())
    inside, other, after = rest.partition(end.lstrip())
    assert "" not in (mark, other), f"the page has no part {name}"
    return before + mark, inside, other + after


def main() -> None:
    """Writes all parts anew."""
    for name, make in (FOLLOWING | MEASURED).items():
        before, _, after = _parted(name)
        PAGE.write_text(f"{before}\n\n{make()}\n\n{after}", "utf-8")


if __name__ == "__main__":
    main()
