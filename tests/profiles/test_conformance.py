"""The connectors obey the protocol on the servers that differ most from what the sandbox does of itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from syncer.contract.connector import Connector
from syncer.contract.custom import CustomType
from syncer.contract.model import Field, Kind
from syncer.sandbox.profiles import NAMED
from tests.conformance.test_github import TestGitHub as GitHubWorldSuite
from tests.conformance.test_jira import JiraWorld

pytestmark = pytest.mark.slow  # its tests together take more than ten seconds

LACKING = frozenset({Field.PARENT, Field.BLOCKED_BY})


class TestEnterpriseServer(GitHubWorldSuite):
    """Without sub-issues, dependencies, issue types and fields; the first listing of an issue tells a connector so."""

    profiles = (NAMED["ghes-3.17"],)
    scope: ClassVar[Mapping[str, Any]] = {}

    def open_connector(self) -> Connector:
        connector = self.world.connector(scope=self.scope)
        connector._client.prefer("2022-11-28")  # as the place where the last run stopped tells
        self.connectors.append(connector)
        return connector

    def custom_locators(self) -> Mapping[CustomType, Any]:
        return {}

    def has(self, connector: Connector, field: Field, kind: Kind = Kind.TASK) -> bool:
        return field not in LACKING and super().has(connector, field, kind)

    def _tied_by(self, connector: Connector) -> list[Field]:
        return [field for field in super()._tied_by(connector) if field not in LACKING]


class TestJiraServer(JiraWorld):
    """That leaves out what is empty."""

    deployment = "datacenter"
    profiles = (NAMED["jira-server"],)


del GitHubWorldSuite
