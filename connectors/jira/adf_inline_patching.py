"""Inline nodes of ADF after an edit: nodes that nobody edited stay, and a text that was edited keeps its own marks.

Words are compared, so a colour, a comment's anchor or the date beside an edited word stays what it was.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from connectors.jira.adf_nodes import Node, words
from connectors.jira.adf_reading import AdfReader
from connectors.jira.adf_writing import AdfWriter
from syncer.richtext import Run, RunKind
from syncer.richtext.aligning import differing
from syncer.richtext.links import split_addresses
from syncer.richtext.word_patching import WORD


@dataclass(frozen=True, slots=True)
class _Atom:
    """One character of text, or a run of another kind; and the number of the node it is from, -1 for none."""

    run: Run
    node: int

    @property
    def says(self) -> Hashable:
        """What counts of it: not the name that is shown for somebody."""
        if self.run.kind is not RunKind.TEXT and self.run.target:
            return self.run.kind, self.run.target, self.run.link
        return self.run

    def looks_like(self, other: _Atom) -> bool:
        """Whether one text node may hold both."""
        one, two = self.run, other.run
        return one.kind is two.kind is RunKind.TEXT and (one.marks, one.link) == (two.marks, two.link)


class InlinePatcher:
    """Replaces inline nodes of one paragraph, heading or task."""

    def __init__(self, reader: AdfReader, writer: AdfWriter) -> None:
        self._reader = reader
        self._writer = writer

    def patched(self, nodes: Sequence[Node], runs: Sequence[Run]) -> list[Node]:
        """Inline nodes for `runs`, of which `nodes` show most."""
        groups = [list(self._atoms(number, node)) for number, node in enumerate(nodes)]
        old, new = [atom for group in groups for atom in group], [atom for run in runs for atom in _split(run, -1)]
        old_words, new_words = _words(old), _words(new)
        changes = differing([_said(word) for word in old_words], [_said(word) for word in new_words])
        if changes is None:
            return list(self._writer.inline(runs))
        texts = {number for number, group in enumerate(groups) if _is_text(nodes[number], group)}
        result: list[_Atom] = []
        at = 0
        last = (len(old_words), len(old_words), len(new_words), len(new_words))
        for old_start, old_end, start, end in [*_joined_over_signs(changes, old_words), last]:
            result.extend(atom for word in old_words[at:old_start] for atom in word)
            at = old_end
            gone = [atom for word in old_words[old_start:old_end] for atom in word]
            beside = [*gone[:1], *result[-1:], *(old_words[old_end][:1] if old_end < len(old_words) else ())]
            if not gone and _keeps_code_apart(result[-1:], new_words[start:end], old_words[old_end : old_end + 1]):
                continue
            lending = [atom for atom in beside if atom.node in texts]
            result.extend(_lent(atom, lending) for word in new_words[start:end] for atom in word)
        return [node for number, part in _by_node(result) for node in self._nodes(nodes, groups, texts, number, part)]

    def _atoms(self, number: int, node: Node) -> Iterator[_Atom]:
        for run in self._reader.runs((node,)):
            if run.kind is RunKind.TEXT and not run.link:
                for piece, address in split_addresses(run.text):
                    yield from _split(replace(run, text=piece, link=address), number)
            else:
                yield from _split(run, number)

    def _nodes(
        self, nodes: Sequence[Node], groups: Sequence[Sequence[_Atom]], texts: set[int], number: int,
        part: Sequence[_Atom],
    ) -> Sequence[Node]:  # fmt: skip
        """The nodes that show a stretch of atoms which come of one node, or of none."""
        if number >= 0 and list(part) == groups[number]:
            return (nodes[number],)
        if number in texts:
            return ({**nodes[number], "text": "".join(atom.run.text for atom in part)},)
        return self._writer.inline(_joined(part))


def _split(run: Run, node: int) -> Iterator[_Atom]:
    if run.kind is not RunKind.TEXT:
        yield _Atom(run, node)
        return
    for character in run.text:
        yield _Atom(Run(character, marks=run.marks, link=run.link), node)


def _words(atoms: Sequence[_Atom]) -> list[list[_Atom]]:
    """The atoms word by word; what looks different is not one word."""
    result: list[list[_Atom]] = []
    for _, looks in groupby(atoms, key=lambda atom: (atom.run.kind, atom.run.marks, atom.run.link)):
        stretch = list(looks)
        if stretch[0].run.kind is not RunKind.TEXT:
            result.extend([atom] for atom in stretch)
            continue
        text = "".join(atom.run.text for atom in stretch)
        result.extend(stretch[found.start() : found.end()] for found in WORD.finditer(text))
    return result


def _said(word: Sequence[_Atom]) -> Hashable:
    return tuple(atom.says for atom in word)


def _keeps_code_apart(
    before: Sequence[_Atom], new: Sequence[Sequence[_Atom]], after: Sequence[Sequence[_Atom]]
) -> bool:
    """Whether new words are the blank by which the canonical document tells two pieces of code apart."""
    around = [*before, *(word[0] for word in after)]
    code = len(around) == 2 and all(atom.run.kind is RunKind.CODE for atom in around)
    return code and all(atom.run.text.isspace() for word in new for atom in word)


def _is_word(atoms: Sequence[_Atom]) -> bool:
    return any(atom.run.kind is not RunKind.TEXT or atom.run.text.isalnum() for atom in atoms)


def _joined_over_signs(
    changes: Sequence[tuple[int, int, int, int]], words: Sequence[Sequence[_Atom]]
) -> list[tuple[int, int, int, int]]:
    """The changes, as one where nothing but blanks and signs of text stays between two of them."""
    result: list[tuple[int, int, int, int]] = []
    for change in changes:
        if not result or any(map(_is_word, words[result[-1][1] : change[0]])):
            result.append(change)
        else:
            result[-1] = (result[-1][0], change[1], result[-1][2], change[3])
    return result


def _is_text(node: Node, atoms: Sequence[_Atom]) -> bool:
    """Whether a node is text that is shown as it stands, keys of tasks among it."""
    text = "".join(atom.run.text for atom in atoms)
    return node.get("type") == "text" and text == words(node.get("text"))


def _lent(atom: _Atom, lending: Sequence[_Atom]) -> _Atom:
    """A new atom as a part of the node that one beside it is from, where they look alike."""
    return replace(atom, node=next((one.node for one in lending if one.looks_like(atom)), -1))


def _by_node(atoms: Sequence[_Atom]) -> Iterator[tuple[int, list[_Atom]]]:
    for number, part in groupby(atoms, key=lambda atom: atom.node):
        yield number, list(part)


def _joined(atoms: Sequence[_Atom]) -> list[Run]:
    """The runs of atoms."""
    result: list[Run] = []
    for (kind, marks, link), part in groupby(atoms, key=lambda atom: (atom.run.kind, atom.run.marks, atom.run.link)):
        if kind is RunKind.TEXT:
            result.append(Run("".join(atom.run.text for atom in part), marks=marks, link=link))
        else:
            result.extend(atom.run for atom in part)
    return result
