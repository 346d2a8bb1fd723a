"""What the kinds of tracker give without a connection."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from connectors.github import KIND as GITHUB
from connectors.jira import KIND as JIRA
from syncer.contract.connector import ConnectorKind

TEXT = "* ☐ one\n- [ ] two\n\n{code:goal}\ntarget: 3\n{code}\n\n```goal\ntarget: 3\n```"
ADF = '{"type":"doc","version":1,"content":[{"type":"paragraph","content":[{"type":"text","text":"Hi"}]}]}'
KINDS: dict[str, tuple[ConnectorKind, dict[str, Any], dict[str, Any]]] = {
    "cloud": (JIRA, {"url": "https://a.atlassian.net", "user": "a@b.example", "token": "t"}, {"project": "PAY"}),
    "datacenter": (JIRA, {"url": "https://j.example", "deployment": "datacenter", "token": "t"}, {"project": "PAY"}),
    "github": (GITHUB, {"token": "t"}, {"repository": "acme/pay"}),
}


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("source", [TEXT, ADF])
def test_a_kind_reads_texts_as_its_connector_does(name: str, source: str) -> None:
    kind, table, side = KINDS[name]
    tracker, scope = kind.tracker_settings.model_validate(table), kind.scope_settings.model_validate(side)
    connector = kind.open(tracker, scope)
    assert kind.markup(tracker, scope).read(source) == connector.markup.read(source)
    connector.close()


def test_reading_texts_loads_no_library_that_speaks_to_a_tracker() -> None:
    program = (
        "import sys; from connectors.github import KIND as g; from connectors.jira import KIND as j;"
        "g.markup(g.tracker_settings(token='t'), g.scope_settings(repository='acme/pay')).read('a');"
        "s = j.tracker_settings(url='https://j.example', deployment='datacenter', token='t');"
        "j.markup(s, j.scope_settings(project='PAY')).read('a');"
        "print(sorted({'jira', 'github', 'requests'} & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"
