"""ADF that Jira would refuse is never sent: what cannot be valid becomes readable words, block by block."""

from __future__ import annotations

import json

import pytest

from connectors.jira import adf
from connectors.jira.adf import AdfMarkup, problems
from connectors.jira.wiki import WikiMarkup
from syncer.richtext import Cell, Document, Panel, Paragraph, Run, Table, plain_text, same

CLOUD = AdfMarkup("https://acme.example", "PAY")
DATA_CENTER = WikiMarkup("https://jira.acme.example", "PAY")


@pytest.mark.parametrize(
    "node",
    [
        '{"type":"made-up","content":[]}',
        '{"type":"text","text":"stray"}',
        '{"type":"panel","attrs":5}',
        '{"type":"paragraph","content":[{"type":"text","text":"a","marks":7}]}',
        '{"type":"decisionList","attrs":{"localId":"\\ud800"},"content":[]}',
        '{"type":"extension","attrs":{"parameters":NaN}}',
        '{"type":["x"]}',
    ],
)
def test_a_node_pasted_into_wiki_markup_is_sent_only_when_valid(node: str) -> None:
    document = DATA_CENTER.read(f"before\n\n{{adf:display=block}}\n{node}\n{{adf}}\n\nafter")
    source = CLOUD.write(document).source
    source.encode()
    assert list(problems(json.loads(source))) == []
    assert "before" in source
    assert "after" in source
    assert same(CLOUD.read(source), CLOUD.fitted(document))


def test_a_block_of_invalid_nodes_is_degraded_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def unfitted(document: Document, _grammar: object) -> Document:
        return document

    monkeypatch.setattr(adf, "fit", unfitted)
    table = Table(((Cell((Paragraph((Run("in a table"),)),)),),))
    document = Document((Paragraph((Run("first"),)), Panel("info", (table,)), Table(table.rows)))
    source = CLOUD.write(document).source
    assert list(problems(json.loads(source))) == []
    assert [node["type"] for node in json.loads(source)["content"]] == ["paragraph", "paragraph", "table"]
    assert plain_text(CLOUD.read(source)).count("in a table") == 2


def test_a_node_that_jira_stored_is_kept_whatever_we_know_of_it() -> None:
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": "old"}]}
    future = {"type": "panel", "attrs": {"panelType": "aurora"}, "content": [paragraph]}
    source = json.dumps({"version": 1, "type": "doc", "content": [future, paragraph]}, separators=(",", ":"))
    edited = CLOUD.read(source.replace("old", "new"))
    assert CLOUD.patch(source, edited).source == source.replace("old", "new")
