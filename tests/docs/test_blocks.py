"""Every block of code in the pages is what it says: configurations load, commands run, Python and JSON are read."""

from __future__ import annotations

import ast
import json
import re
import shlex
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from syncer.contract.connector import ConnectorKind
from syncer.settings import Kinds, load
from tests.conformance.test_example import example
from tests.docs.test_documentation import COMMANDS, PAGES, ROOT, known_options

TOKENS = {"SYNCER_TRACKERS__JIRA__TOKEN": "x", "SYNCER_TRACKERS__GITHUB__TOKEN": "x"}


@dataclass(frozen=True)
class Block:
    """A fenced block."""

    page: Path
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.name}: {self.text.splitlines()[0]}"


def blocks() -> Iterator[Block]:
    for page in PAGES:
        for language, text in re.findall(r"^```(\w*)\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL):
            yield Block(page, language, text.strip())


BLOCKS = list(blocks())
TOML = [block for block in BLOCKS if block.language == "toml"]
SHELL = [block for block in BLOCKS if block.language == "sh"]
CALLS = [
    (block.page, line)
    for block in BLOCKS
    for line in block.text.splitlines()
    if re.match(r"(syncer|\S+/syncer) ", line)
]


def test_every_language_is_looked_at() -> None:
    assert {block.language for block in BLOCKS} <= {"toml", "sh", "json", "python", ""}
    assert len(TOML) >= 2
    assert len(SHELL) > 8


@pytest.mark.parametrize("block", TOML, ids=str)
def test_a_block_of_toml_is_a_configuration_or_an_entry_point(block: Block, tmp_path: Path) -> None:
    document = tomllib.loads(block.text)
    if "project" in document:
        (group,) = document["project"]["entry-points"].values()
        assert group.keys() == {"folder"}
        return
    file = tmp_path / "syncer.toml"
    file.write_text(block.text if "trackers" in document else _beside(block.text), "utf-8")
    kinds: Mapping[str, Any] = {name: (lambda name=name: Kinds.installed()[name]) for name in Kinds.installed()}
    folder: ConnectorKind = example.KIND
    tokens = TOKENS if "trackers.jira" in file.read_text("utf-8") else {}
    assert load(file, environment=tokens, kinds=Kinds({**kinds, "folder": lambda: folder})).pairs


def _beside(text: str) -> str:
    """A part of a configuration beside the least that works; what is for two Jiras, beside those."""
    least = (ROOT / "config" / "minimal.toml").read_text("utf-8")
    if "[pairs.links]" in text:
        least = re.sub(r"^right = .*$", 'right = { tracker = "jira", project = "OPS" }', least, flags=re.MULTILINE)
    return least + "\n" + text


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.language == "json"], ids=str)
def test_a_block_of_json_is_json(block: Block) -> None:
    assert json.loads(block.text)


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.language == "python"], ids=str)
def test_a_block_of_python_imports_what_is_there(block: Block) -> None:
    for node in ast.parse(block.text).body:
        if isinstance(node, ast.ImportFrom):
            module = __import__(str(node.module), fromlist=["_"])
            assert all(hasattr(module, name.name) for name in node.names)


@pytest.mark.parametrize(("page", "line"), CALLS, ids=[line for _, line in CALLS])
def test_a_call_in_a_block_is_one(page: Path, line: str) -> None:
    _, name, *rest = shlex.split(line, comments=True)
    assert name in COMMANDS
    assert {word.split("=")[0] for word in rest if word.startswith("-")} <= known_options(name)
