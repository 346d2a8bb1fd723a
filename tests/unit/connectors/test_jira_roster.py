"""Who is who in a project, over sockets, on Cloud and Data Center."""

from __future__ import annotations

import pytest

from syncer.contract.roster import ComponentLead
from syncer.sandbox.faults import Fault
from tests.unit.connectors.jira_world import Deployment, office

DEPLOYMENTS: tuple[Deployment, ...] = ("cloud", "datacenter")


@pytest.mark.parametrize("deployment", DEPLOYMENTS)
def test_leads_and_roles_with_their_members(deployment: Deployment) -> None:
    with office(deployment) as place:
        site = place.jira
        site.add_user("client", "Ada \u202e<i>Okafor</i>")
        site.add_component("PAY", "ledger", lead=site.users["liwei"])
        site.project("PAY").roles["Clients"] = {"client"}
        site.role_ids.setdefault("Clients", "10777")
        connector = place.open()
        roster = connector.roster()
        assert roster.lead is not None
        assert (roster.lead.id, roster.lead.name) == ("mia", "Mia Larsen")
        by_name = {each.name: each for each in roster.components}
        assert by_name["checkout"] == ComponentLead("checkout", None)
        assert by_name["ledger"].lead is not None
        assert by_name["ledger"].lead.id == "liwei"
        members = {group.name: {member.id for member in group.members} for group in roster.roles}
        assert members["Clients"] == {"client"}
        assert "mia" in members["Administrators"]
        assert roster.reader is not None
        assert roster.reader.id == "bot"
        assert roster.unread == ()
        assert connector.requests <= 4 + len(site.project("PAY").roles)


@pytest.mark.parametrize("deployment", DEPLOYMENTS)
def test_who_administers_nothing_sees_no_roles_and_is_told_why(deployment: Deployment) -> None:
    with office(deployment) as place:
        place.jira.revoke("bot", "ADMINISTER_PROJECTS", "PAY")
        roster = place.open().roster()
        assert roster.lead is not None
        assert roster.components
        assert roster.roles == ()
        assert [each.part for each in roster.unread] == ["roles"]
        assert "403" in roster.unread[0].reason


def test_a_role_that_is_gone_meanwhile_is_missing_alone() -> None:
    with office("cloud") as place:
        place.box.faults.add(Fault("404", path=r"/project/PAY/role/\d+$"))
        roster = place.open().roster()
        assert [each.part.split()[0] for each in roster.unread] == ["role"]
        assert roster.lead is not None
