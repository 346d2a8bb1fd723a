"""Routes of releases and tags."""

from __future__ import annotations

from syncer.sandbox.github.access import effective_role, require_permission, visible
from syncer.sandbox.github.api.http import Answer, Call, list_answer
from syncer.sandbox.github.listing import Page
from syncer.sandbox.github.model import Release, Repository, Role
from syncer.sandbox.github.problems import not_found
from syncer.sandbox.github.pullrendering import release_json, tag_json


def list_releases(call: Call, repository: Repository) -> Answer:
    """Answer a page of the releases, newest first; drafts are shown to those who may push."""
    found = _shown(call, repository)
    page = Page.of(call.query)
    rows = [release_json(call.github, repository, release) for release in page.cut(found)]
    return list_answer(call, repository, len(found), rows, page)


def read_latest(call: Call, repository: Repository) -> Answer:
    """Answer the newest release that is neither a draft nor a prerelease."""
    for release in _shown(call, repository):
        if not release.draft and not release.prerelease:
            return Answer(200, release_json(call.github, repository, release))
    raise not_found()


def read_release(call: Call, repository: Repository) -> Answer:
    """Answer a release."""
    for release in _shown(call, repository):
        if release.id == call.params["release_id"]:
            return Answer(200, release_json(call.github, repository, release))
    raise not_found()


def list_tags(call: Call, repository: Repository) -> Answer:
    """Answer a page of the tags: those of the releases that were published."""
    names = list(dict.fromkeys(each.tag for each in _shown(call, repository) if each.tag and not each.draft))
    page = Page.of(call.query)
    rows = [tag_json(call.github, repository, name) for name in page.cut(names)]
    return list_answer(call, repository, len(names), rows, page)


def _shown(call: Call, repository: Repository) -> list[Release]:
    """Return the releases the caller may see; raise 404, or 403 for a token without the permission."""
    if not visible(call.github, call.caller, repository):
        raise not_found()
    if repository.visibility != "public":
        require_permission(call.caller, "contents")
    pushes = effective_role(call.github, call.caller, repository) >= Role.WRITE
    return [release for release in repository.releases if pushes or not release.draft]
