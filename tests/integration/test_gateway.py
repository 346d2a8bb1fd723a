"""A service account of Jira Cloud: its token works at the gateway alone, and people stay at the address of the site."""

from __future__ import annotations

from pathlib import Path

from syncer.contract.checking import Severity
from syncer.contract.model import Audience, Side
from syncer.sandbox.datasets import JIRA_TOKEN
from syncer.sandbox.jira.routes import CLOUD_ID
from tests.rig import Rig


def test_requests_go_through_the_gateway_and_every_link_leads_to_the_site(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        rig.jira_extra = f'api-url = "{rig.box.gateway_url}"'
        rig.box.jira.scoped_tokens.add(JIRA_TOKEN)
        fields = {"project": {"key": "PAY"}, "issuetype": {"name": "Task"}, "summary": "From Jira"}
        rig.jira("POST", "/issue", {"fields": fields})
        rig.jira("POST", "/issue/PAY-1/comment", {"body": rig.text("Hello")})
        assert rig.sync().outcome == "clean"
        (comment,) = rig.github("GET", "/issues/1/comments")
        assert f"{rig.box.jira_url}/browse/PAY-1" in comment["body"]
        assert "/ex/jira/" not in comment["body"]
        with rig.context() as context:
            stored = list(context.store.observed.items("pay", Side.LEFT))
        assert {item.url.partition("/browse/")[0] for item in stored} == {rig.box.jira_url}


def test_check_finds_the_id_of_the_site_for_a_token_that_the_site_refuses(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        rig.box.jira.scoped_tokens.add(JIRA_TOKEN)
        with rig.context() as context:
            (finding,) = context.connectors[Side.LEFT].check()
    assert finding.severity is Severity.ERROR
    assert f'cloud-id = "{CLOUD_ID}"' in finding.fix


def test_a_public_project_is_public_behind_the_gateway_too(tmp_path: Path) -> None:
    """The gateway answers no stranger: asked there, every project would seem to be for its members only."""
    with Rig(tmp_path) as rig:
        rig.jira_extra = f'api-url = "{rig.box.gateway_url}"'
        rig.box.jira.add_project("OPEN", public=True)
        rig.project = "OPEN"
        rig.box.faults.clear()
        with rig.context() as context:
            assert context.connectors[Side.LEFT].audience() is Audience.PUBLIC
        assert any(entry.user is None and entry.path.startswith("/jira/") for entry in rig.box.log.entries)
