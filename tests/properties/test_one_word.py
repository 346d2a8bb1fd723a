"""A word that somebody adds on one side is the only thing that changes on the other, whatever stands beside it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.properties.constructs import ADF, CONSTRUCTS, MARKUPS, ROUTES, WORD, Twice, neighbours, source_of

_SIMPLER = re.compile(
    r"> >|> ##|- ##|> bb cc|\| bb \||<ul>|\$\$|\|\* cc|title=|\{quote\}bb|thumbnail|\[\^a|h2\. aa bb\n\* cc"
    r'|"(?:table|extension|nestedExpand)"'
)
"""What the other side shows as something simpler: an edit of that very block may take the simpler form."""


@pytest.mark.parametrize(("here", "there"), ROUTES)
def test_a_word_elsewhere_changes_nothing_of_two_neighbours(here: str, there: str) -> None:
    for two in neighbours(CONSTRUCTS[here]):
        pair = Twice(here, there, source_of(here, two))
        for number in (0, -1):
            edited, back = pair.with_a_word(number)
            assert edited.replace(WORD, "") == pair.shown
            assert WORD in back
            assert back.replace(WORD, "") == pair.source, two


@pytest.mark.parametrize(("here", "there"), [route for route in ROUTES if route[0] != "adf"])
def test_a_word_inside_changes_nothing_around_it(here: str, there: str) -> None:
    for construct in CONSTRUCTS[here]:
        if not _SIMPLER.search(construct):
            pair = Twice(here, there, source_of(here, [construct]))
            for number in range(len(pair.texts())):
                assert pair.with_a_word(number)[1].replace(WORD, "") == pair.source, construct


@pytest.mark.parametrize("there", ["markdown", "wiki"])
@pytest.mark.parametrize("construct", [node for node in ADF if not _SIMPLER.search(json.dumps(node))])
def test_a_word_inside_a_node_changes_no_other_node(construct: dict[str, Any], there: str) -> None:
    pair = Twice("adf", there, source_of("adf", [construct]))
    for number in range(len(pair.texts())):
        assert pair.with_a_word(number)[1].replace(WORD, "") == pair.source


@pytest.mark.parametrize("markup", MARKUPS)
def test_nothing_of_all_constructs_together_changes_by_itself(markup: str) -> None:
    source = source_of(markup, CONSTRUCTS[markup])
    assert MARKUPS[markup].patch(source, MARKUPS[markup].read(source)).source == source
    for there in MARKUPS:
        if there != markup:
            pair = Twice(markup, there, source)
            assert pair.back(pair.shown) == source
