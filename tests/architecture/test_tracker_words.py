"""Knowledge of one tracker lives in its connector: what serves every pair holds no word of one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("richtext", "core", "contract", "report", "app", "sync", "publish", "commands", "settings", "store", "shapes")
WORD = re.compile(r"(?<![a-z])(?:adf|jira|github|gh[pousr]|wiki|atlassian|atatt|codeowners)|/secure/|/browse/|[☐☑]")

ALLOWED = {
    "syncer/app/logs.py": "secrets are taken out before any connector is there to say how its own look",
    "syncer/settings/load.py": "a token in the file is refused before any connector is there to say how its own look",
    "syncer/commands/init.py": "the first configuration is for the two trackers that come with syncer",
    "syncer/commands/starter.py": "the first configuration is for the two trackers that come with syncer",
    "syncer/commands/sandbox.py": "the sandbox plays these two trackers",
    "syncer/commands/demo.py": "the demonstration shows these two trackers",
    "syncer/core/mirror_tools.py": "other tools are called what their authors call them, and write what they write",
    "syncer/core/wording.py": "a placeholder that older versions wrote, and that texts of theirs still hold",
    "syncer/report/responsibility/claims.py": "a file format that several hosts have; a roster carries its text",
    **dict.fromkeys(
        (
            "syncer/richtext/canonical.py",
            "syncer/richtext/emoji.py",
            "syncer/richtext/fitting.py",
            "syncer/richtext/markdown/html_tree.py",
            "syncer/richtext/markdown/writing.py",
        ),
        "a box is a sign of its own where no list of tasks can stand",
    ),
    "syncer/shapes/named.py": "the shapes of real answers are told apart by whose they are",
    "syncer/shapes/record.py": "the shapes of real answers are told apart by whose they are",
    "syncer/store/columns.py": "a dictionary that stored columns are compressed with can never change",
}
"""Where such a word may stand outside of a docstring, and why."""


def spoken(path: Path) -> Iterator[str]:
    """Every name and text of a module; docstrings give examples and may name whom they like."""
    tree = ast.parse(path.read_text("utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str() | bytes() as text) if id(node) not in told:
                yield text if isinstance(text, str) else text.decode("latin-1")
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.alias(name=name):
                yield name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name


def of_trackers(path: Path) -> set[str]:
    """What a module says that belongs to one tracker."""
    return {text for text in spoken(path) if WORD.search(text.casefold())}


def test_only_these_modules_speak_of_one_tracker() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): said
        for room in ROOMS
        for path in sorted((ROOT / "syncer" / room).rglob("*.py"))
        if (said := of_trackers(path))
    }
    assert set(found) == set(ALLOWED), {name: said for name, said in found.items() if name not in ALLOWED}


def test_such_a_word_is_seen_wherever_it_stands(tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    for line in ('kind == "jira"', "adf_document(x)", 're.compile(r"/secure/attachment/")', 'f"☐ {x}"', "github = 1"):
        file.write_text(f'"""Of Jira."""\n{line}\n', "utf-8")
        assert of_trackers(file), line
    file.write_text('"""Of Jira."""\nx = 1\n"""As GitHub does."""\n', "utf-8")
    assert not of_trackers(file)
