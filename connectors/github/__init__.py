"""GitHub: a repository's issues, comments and milestones, on github.com or an Enterprise Server.

Importing this package loads the settings only; PyGithub is loaded where an App signs in.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

from connectors.github.pages import PAGES
from connectors.github.settings import GitHubScope, GitHubTracker
from syncer.contract.model import Category, Status
from syncer.richtext.links import know

if TYPE_CHECKING:
    from syncer.contract.beginning import Answers, Discovery, InitQuestion, ScopeChoice, Start
    from syncer.contract.connector import Connector
    from syncer.contract.hooks import HookReader
    from syncer.richtext.markup import Markup


class GitHubKind:
    """How a GitHub repository is configured and opened."""

    name = "github"
    usual_statuses = (
        Status("open", Category.TODO),
        Status("closed", Category.DONE, "completed"),
        Status("closed", Category.DONE, "not_planned"),
        Status("closed", Category.DONE, "duplicate"),
    )
    tracker_settings = GitHubTracker
    scope_settings = GitHubScope

    @property
    def hooks(self) -> HookReader:
        """Reads deliveries of webhooks."""
        from connectors.github.hooks import GitHubHooks

        return GitHubHooks()

    def open(self, tracker: GitHubTracker, scope: GitHubScope) -> Connector:
        """A connector to the repository; no request is sent before its first call."""
        from connectors.github.connector import GitHubConnector

        return GitHubConnector(tracker, scope)

    def markup(self, tracker: GitHubTracker, scope: GitHubScope) -> Markup:
        """GitHub's Markdown."""
        from connectors.github.mapping import BODY_LIMIT
        from connectors.github.markdown import GitHubMarkdown

        return GitHubMarkdown(tracker.pages, scope.repository, BODY_LIMIT)

    def custom_locator(self, value: Any) -> Any:
        """An issue field of the organisation, or a field of a project."""
        from connectors.github.locators import custom_locator

        return custom_locator(value)

    def credential(self, tracker: GitHubTracker) -> str:
        """The App's installation, or a digest of the token, on the host it is for."""
        if tracker.token is None:
            return f"{tracker.host}:app-{tracker.app_id}-{tracker.installation_id}"
        digest = blake2b(tracker.token.get_secret_value().encode(), digest_size=6).hexdigest()
        return f"{tracker.host}:token-{digest}"

    def address(self, tracker: GitHubTracker, scope: GitHubScope) -> str:
        """`github.com acme/pay`."""
        return f"{tracker.host} {scope.repository}"

    def questions(self, answers: Answers) -> Sequence[InitQuestion]:
        """The repository; an Enterprise Server is named by an option."""
        from connectors.github import beginning

        return beginning.questions(answers)

    def start(self, answers: Answers) -> Start:
        """The tables that the answers make."""
        from connectors.github import beginning

        return beginning.start(answers)

    def scopes(self, tracker: GitHubTracker) -> Sequence[ScopeChoice]:
        """The repositories that the token reaches."""
        from connectors.github import beginning
        from connectors.github.client import GitHubClient

        with closing(GitHubClient(tracker, "")) as client:
            return beginning.scopes(client, tracker)

    def discover(self, tracker: GitHubTracker, scope: GitHubScope) -> Discovery:
        """What the repository has."""
        from connectors.github import beginning
        from connectors.github.client import GitHubClient

        with closing(GitHubClient(tracker, scope.repository)) as client:
            return beginning.discover(client, scope.repository, self.usual_statuses)


know(PAGES)
KIND: Final = GitHubKind()

__all__ = ["KIND", "GitHubKind", "GitHubScope", "GitHubTracker"]
