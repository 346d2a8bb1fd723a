"""Routes of GitHub Apps: the app itself, its installations and their tokens, asked for with a JSON web token."""

from __future__ import annotations

from datetime import timedelta

from syncer.sandbox.github import requestfields
from syncer.sandbox.github.access import covers, effective_role
from syncer.sandbox.github.api.http import Answer, Call, list_answer
from syncer.sandbox.github.listing import Page
from syncer.sandbox.github.model import Account, App, Installation, Repository, Token
from syncer.sandbox.github.problems import Problem, not_found
from syncer.sandbox.github.rendering import (
    Json,
    account_json,
    app_json,
    repository_json,
    timestamp,
)

_LIFETIME = timedelta(hours=1)


def read_app(call: Call) -> Answer:
    """Answer the app the web token is of."""
    app = _app(call)
    shown = app_json(call.github, app) or {}
    installed = sum(1 for installation in call.github.installations.values() if installation.app is app)
    return Answer(200, {**shown, "installations_count": installed})


def list_installations(call: Call) -> Answer:
    """Answer a page of the app's installations."""
    app = _app(call)
    found = [installation for installation in call.github.installations.values() if installation.app is app]
    page = Page.of(call.query)
    rows = [_installation_json(call, installation) for installation in page.cut(found)]
    return list_answer(call, None, len(found), rows, page)


def read_installation(call: Call) -> Answer:
    """Answer an installation of the app."""
    return Answer(200, _installation_json(call, _installation(call)))


def create_token(call: Call) -> Answer:
    """Answer a new token of an installation, good for an hour; the body may narrow repositories and permissions."""
    github = call.github
    installation = _installation(call)
    repositories = _narrowed_repositories(call, installation)
    permissions = _narrowed_permissions(call, installation.app)
    token = Token(
        f"ghs_sandbox{github.sequences.token.take():029d}",
        installation.app.bot,
        "installation",
        permissions=permissions,
        repositories=repositories,
        expires_at=github.now() + _LIFETIME,
        installation_id=installation.id,
    )
    github.tokens[token.value] = token
    selected = repositories is not None or installation.repositories is not None
    content: Json = {
        "token": token.value,
        "expires_at": timestamp(github.now() + _LIFETIME),
        "permissions": permissions,
        "repository_selection": "selected" if selected else "all",
    }
    return Answer(201, content)


def installation_of_repository(call: Call, repository: Repository) -> Answer:
    """Answer the app's installation that covers a repository; 404 when there is none."""
    app = _app(call)
    for installation in call.github.installations.values():
        if installation.app is app and covers(installation, repository):
            return Answer(200, _installation_json(call, installation))
    raise not_found()


def installation_of_account(call: Call) -> Answer:
    """Answer the app's installation on an organisation or user; 404 when there is none."""
    app = _app(call)
    for installation in call.github.installations.values():
        if installation.app is app and installation.account.login.casefold() == call.params["login"].casefold():
            return Answer(200, _installation_json(call, installation))
    raise not_found()


def installation_repositories(call: Call) -> Answer:
    """Answer a page of the repositories the caller's installation token reaches."""
    token = call.caller.token
    if token is None or token.kind != "installation":
        raise Problem(403, "You must authenticate with an installation access token in order to list repositories.")
    installation = call.github.installations[token.installation_id or -1]
    reached = [
        repository
        for repository in call.github.repositories_of(installation.account)
        if covers(installation, repository) and (token.repositories is None or repository.id in token.repositories)
    ]
    page = Page.of(call.query)
    rows = [
        repository_json(call.github, repository, effective_role(call.github, call.caller, repository))
        for repository in page.cut(reached)
    ]
    content = {"total_count": len(reached), "repository_selection": "all", "repositories": rows}
    return list_answer(call, None, len(reached), content, page)


def _app(call: Call) -> App:
    """Return the app the request's web token is of; raise 401 for any other credential."""
    if call.caller.app is None or call.caller.token is not None:
        raise Problem(401, "A JSON web token could not be decoded")
    return call.caller.app


def _installation(call: Call) -> Installation:
    """Return the installation a path names, or raise 404 when it is not the app's."""
    installation = call.github.installations.get(call.params["installation_id"])
    if installation is None or installation.app is not _app(call):
        raise not_found()
    return installation


def _narrowed_repositories(call: Call, installation: Installation) -> frozenset[int] | None:
    """Return the repository ids a token is narrowed to, None for all; raise 422 for ones it cannot reach."""
    given = call.fields()
    names = requestfields.names(given, "repositories")
    ids = given.get("repository_ids")
    owned = {repository.name.casefold(): repository.id for repository in _owned(call, installation.account)}
    wanted = {owned.get(name.casefold(), -1) for name in names}
    if isinstance(ids, list):
        wanted |= {number for number in ids if isinstance(number, int)}
    if not wanted:
        return None
    reach = frozenset(owned.values()) if installation.repositories is None else installation.repositories
    if not wanted <= reach:
        raise Problem(
            422, "There is at least one repository that does not exist or is not accessible to the installation."
        )
    return frozenset(wanted)


def _owned(call: Call, account: Account) -> list[Repository]:
    """Return the repositories of an account."""
    return list(call.github.repositories_of(account))


def _narrowed_permissions(call: Call, app: App) -> dict[str, str]:
    """Return the permissions a token gets; raise 422 for more than the app has."""
    wanted = call.fields().get("permissions")
    if not isinstance(wanted, dict) or not wanted:
        return dict(app.permissions)
    for name, level in wanted.items():
        if app.permissions.get(name) not in (level, "write"):
            raise Problem(422, "The permissions requested are not granted to this installation.")
    return {str(name): str(level) for name, level in wanted.items()}


def _installation_json(call: Call, installation: Installation) -> Json:
    """Return an installation."""
    github = call.github
    account = account_json(github, installation.account)
    target = installation.account
    return {
        "id": installation.id,
        "account": account,
        "access_tokens_url": f"{github.api_url}/app/installations/{installation.id}/access_tokens",
        "repositories_url": f"{github.api_url}/installation/repositories",
        "html_url": f"{github.base_url}/settings/installations/{installation.id}",
        "app_id": installation.app.id,
        "app_slug": installation.app.slug,
        "target_id": target.id,
        "target_type": target.kind,
        "permissions": dict(installation.app.permissions),
        "events": [],
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "repository_selection": "all" if installation.repositories is None else "selected",
        "created_at": timestamp(installation.created_at),
        "updated_at": timestamp(installation.created_at),
        "suspended_at": None,
        "suspended_by": None,
    }
