"""Which markup the texts of a project are in: ADF on Cloud, wiki markup on Data Center."""

from __future__ import annotations

from connectors.jira.settings import JiraTracker, ScopeSettings
from syncer.richtext.markup import Markup


def markup(tracker: JiraTracker, scope: ScopeSettings) -> Markup:
    """Reader and writer of the site's rich text."""
    if tracker.dialect.rich_text:
        from connectors.jira.adf import AdfMarkup

        return AdfMarkup(tracker.url, scope.project, limit=tracker.body_limit)
    from connectors.jira.wiki import WikiMarkup

    return WikiMarkup(tracker.url, scope.project, limit=tracker.body_limit)
