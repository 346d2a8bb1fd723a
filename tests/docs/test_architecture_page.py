"""The architecture page is as the code is, and each of its words is one thing."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator

import pytest

from tests.architecture.figures import HEAD, OTHERS, table
from tests.docs.architecture import FOLLOWING, PAGE, ROOT, written

TEXT = PAGE.read_text("utf-8")
GLOSSARY = re.findall(r"^\| ([a-z][a-z ,]*) \| (.+) \| `([^`]+)` \|$", TEXT[TEXT.index("## Words") :], re.MULTILINE)
NEAR = 0.15
"""How far our figures may have moved before the page has to be written anew."""


WORDS = {
    word.replace(" ", "_"): set(re.split("`, `", places)) for cell, _, places in GLOSSARY for word in cell.split(", ")
}
"""Each word as code spells it, with the classes or files that have it."""


def classes() -> dict[str, list[str]]:
    """Public classes outside the sandbox, each with the files that define it."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(path for package in ("syncer", "connectors") for path in (ROOT / package).rglob("*.py")):
        if "sandbox" not in path.parts:
            for node in ast.parse(path.read_text("utf-8")).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    found[node.name].append(path.relative_to(ROOT).as_posix())
    return found


CLASSES = classes()


@pytest.mark.parametrize("name", FOLLOWING)
def test_what_follows_from_the_code_is_as_the_code_is(name: str) -> None:
    assert written(name) == FOLLOWING[name](), "write it anew: python -m tests.docs.architecture"


def test_no_public_class_has_the_name_of_another() -> None:
    assert {name: files for name, files in CLASSES.items() if len(files) > 1} == {}


def test_a_word_stands_for_one_thing() -> None:
    words = [word for cell, *_ in GLOSSARY for word in cell.split(", ")]
    assert len(words) > 30
    assert sorted(words) == sorted(set(words))


OF_THE_WORD = {"Adopt", "CompleteReading", "Held", "Journal", "Paused", "Twins"}
"""Classes called as a word whose class is another one, and that are of the same thing: its verb, its table, several."""

PLAINLY = {
    ("LinkMemory", "apart"): "the fields on which both sides stand apart",
    ("EditableText", "markup"): "the side whose markup it is in",
    ("ReportContent", "desk"): "the lists of a PersonDesk",
    ("Scope", ""): "what somebody is responsible for: a goal, a component, a path",
    ("Start", "scope"): "answers for a table that only its connector knows",
    ("Start", "tracker"): "the same",
    ("Asking", "tracker"): "the connection to it",
    ("JiraTracker", "sprint"): "the field that holds it",
}
"""What is called as a word, of another type than the word's, and is told apart by what it is a part of."""


def of_words() -> Iterator[tuple[str, str, set[str]]]:
    """Each public class, and each value of one, that is called as a word: class, value or empty, and types."""
    for name, (file, *_) in CLASSES.items():
        if _spelled(name) in WORDS:
            yield name, "", {name}
        (node,) = (one for one in ast.parse((ROOT / file).read_text("utf-8")).body if getattr(one, "name", "") == name)
        for one in node.body:  # type: ignore[attr-defined]
            if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name) and one.target.id in WORDS:
                types = {each.id for each in ast.walk(one.annotation) if isinstance(each, ast.Name)}
                yield name, one.target.id, types & (CLASSES.keys() | {"Any"})


def _spelled(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def test_nothing_else_is_called_as_a_word() -> None:
    """A value with a type of ours, or of any, belongs to the class of its word, or is of it or of one that names it."""
    wrong = set()
    for name, value, types in of_words():
        word = value or _spelled(name)
        own = {name, *types, *CLASSES[name]} & WORDS[word]
        if types and not own and not (value and any(word.replace("_", "") in one.lower() for one in types)):
            wrong.add((name, value))
    assert wrong - PLAINLY.keys() == {(name, "") for name in OF_THE_WORD}, "another word, or say here what it is"


@pytest.mark.parametrize("place", sorted({place for *_, place in GLOSSARY}))
def test_what_has_a_word_is_there(place: str) -> None:
    known = (ROOT / place).is_file() if "/" in place else place == "Sandbox" or place in CLASSES
    assert known, place


def test_our_figures_are_near_to_what_is_measured() -> None:
    then, now = (text.splitlines()[2].split("|")[2:-1] for text in (written("figures"), table()))
    assert len(then) == len(HEAD) - 1
    for column, before, after in zip(HEAD[1:], then, now, strict=True):
        for old, new in zip(_numbers(before), _numbers(after), strict=True):
            assert abs(old - new) <= max(1, NEAR * new), f"{column}: write it anew: python -m tests.docs.architecture"


def _numbers(cell: str) -> list[float]:
    return [float(number.replace(",", "")) for number in cell.split("/")]


def test_the_figures_of_others_have_every_column() -> None:
    assert written("figures").endswith(OTHERS)
    assert {row.count("|") for row in OTHERS.splitlines()} == {len(HEAD) + 1}
