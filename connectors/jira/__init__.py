"""The connector for Jira Cloud (REST v3) and Jira Data Center (REST v2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from connectors.jira.pages import PAGES
from syncer.contract.model import Category, Status
from syncer.richtext.links import know

if TYPE_CHECKING:
    from syncer.contract.beginning import Answers, Discovery, InitQuestion, ScopeChoice, Start
    from syncer.contract.connector import Connector, ConnectorKind
    from syncer.contract.hooks import HookReader
    from syncer.richtext.markup import Markup


class JiraKind:
    """How Jira is configured and opened. Importing this loads neither `jira` nor `pydantic`."""

    name: str = "jira"
    usual_statuses: Sequence[Status] = (
        Status("To Do", Category.TODO),
        Status("In Progress", Category.DOING),
        Status("Done", Category.DONE),
    )
    usual_links: Mapping[str, str] = {
        "blocked-by": "Blocks",
        "relates": "Relates",
        "duplicates": "Duplicate",
        "clones": "Cloners",
    }
    shows_pulls: bool = True
    releases_versions: bool = True
    tracker_settings: type[Any]
    scope_settings: type[Any]

    @property
    def hooks(self) -> HookReader:
        """Reads deliveries of webhooks."""
        from connectors.jira.hooks import JiraHooks

        return JiraHooks()

    def __getattr__(self, name: str) -> type[Any]:
        """The two settings models, imported when first asked for."""
        from connectors.jira import settings

        models: dict[str, type[Any]] = {
            "tracker_settings": settings.JiraTracker,
            "scope_settings": settings.ScopeSettings,
        }
        if name not in models:
            raise AttributeError(name)
        return models[name]

    def open(self, tracker: Any, scope: Any) -> Connector:
        """A connector for one project; no request is sent before the first call."""
        from connectors.jira.connector import JiraConnector

        return JiraConnector(tracker, scope)

    def markup(self, tracker: Any, scope: Any) -> Markup:
        """ADF (Cloud) or wiki markup (Data Center)."""
        from connectors.jira.markup import markup

        return markup(tracker, scope)

    def custom_locator(self, value: object) -> Any:
        """The name of a field of Jira, or its id; a table where sprints may be made."""
        from connectors.jira.declared import custom_locator

        return custom_locator(value)

    def link_locator(self, name: str) -> Any:
        """The name of a type of links."""
        from connectors.jira.link_types import LinkLocator

        return LinkLocator(name)

    def credential(self, tracker: Any) -> str:
        """The account behind the settings: its e-mail address (Cloud) or a digest of its token (Data Center)."""
        if tracker.user:
            return f"jira {tracker.url} {tracker.user}"
        from hashlib import sha256

        digest = sha256(f"{tracker.url} {tracker.token.get_secret_value()}".encode()).hexdigest()
        return f"jira {tracker.url} token {digest[:12]}"

    def address(self, tracker: Any, scope: Any) -> str:
        """What people call the project: `https://acme.atlassian.net PAY`."""
        return f"{tracker.url} {scope.project}"

    def questions(self, answers: Answers) -> Sequence[InitQuestion]:
        """The address, whose token it is, and the project."""
        from connectors.jira import beginning

        return beginning.questions(answers)

    def start(self, answers: Answers) -> Start:
        """The tables that the answers make."""
        from connectors.jira import beginning

        return beginning.start(answers)

    def scopes(self, tracker: Any) -> Sequence[ScopeChoice]:
        """The projects that the account may browse."""
        from connectors.jira import beginning, settings

        project = beginning.opened(tracker, settings.ScopeSettings(project="ANY"))
        with closing(project.client):
            return beginning.scopes(project)

    def discover(self, tracker: Any, scope: Any) -> Discovery:
        """What the project has."""
        from connectors.jira import beginning

        project = beginning.opened(tracker, scope)
        with closing(project.client):
            return beginning.discover(project)


know(PAGES)
KIND: ConnectorKind = JiraKind()
