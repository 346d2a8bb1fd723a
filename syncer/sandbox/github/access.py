"""Who is calling, and what they may do in a repository."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeGuard

from syncer.sandbox.github.host import GitHubHost
from syncer.sandbox.github.model import Account, App, Installation, Repository, Role, Token
from syncer.sandbox.github.problems import Problem, forbidden, not_found

_LONGEST_WEB_TOKEN: Final = 600.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The one behind a request: an account with its token, an app with its JWT, or nobody."""

    account: Account | None = None
    token: Token | None = None
    app: App | None = None

    @property
    def counted_as(self) -> str:
        """The name under which rate limits count this caller."""
        if self.token is not None and self.token.installation_id is not None:
            return f"installation:{self.token.installation_id}"
        if self.app is not None:
            return f"app:{self.app.id}"
        return "anonymous" if self.account is None else f"user:{self.account.id}"

    def required_account(self) -> Account:
        """Return the account, raise 401 when there is none."""
        if self.account is None:
            raise Problem(401, "Requires authentication")
        return self.account


def authenticate(github: GitHubHost, authorization: str | None) -> Caller:
    """Return the caller an Authorization header stands for; raise 401 for one that stands for nobody."""
    if not authorization:
        return Caller()
    scheme, _, credential = authorization.partition(" ")
    credential = credential.strip()
    if scheme.casefold() == "bearer" and credential.count(".") == 2:
        return Caller(app=_app_of_jwt(github, credential))
    if scheme.casefold() == "basic":
        credential = _password(credential)
    token = github.tokens.get(credential)
    if token is None or token.revoked or scheme.casefold() not in ("bearer", "token", "basic"):
        raise Problem(401, "Bad credentials")
    if token.expires_at is not None and token.expires_at <= github.clock.now():
        raise Problem(401, "Bad credentials")
    return Caller(token.account, token, app_of(github, token))


def app_of(github: GitHubHost, token: Token) -> App | None:
    """Return the app an installation token belongs to, None for people's tokens."""
    installation = github.installations.get(token.installation_id or -1)
    return None if installation is None else installation.app


def _password(credential: str) -> str:
    """Return the password of basic credentials, where GitHub takes a token."""
    try:
        return base64.b64decode(credential, validate=True).decode("utf-8").partition(":")[2]
    except (binascii.Error, UnicodeDecodeError) as error:
        raise Problem(401, "Bad credentials") from error


def _app_of_jwt(github: GitHubHost, credential: str) -> App:
    """Return the app a JSON web token is issued by; its signature counts when the app has a public key.

    Times are compared with the sandbox's clock, as GitHub does with its own.
    """
    import jwt
    from jwt.types import Options

    problem = Problem(401, "A JSON web token could not be decoded")
    timeless: Options = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}
    try:
        claims = jwt.decode(credential, options={"verify_signature": False})
        app = github.apps.get(int(claims.get("iss", 0)))
        if app is not None and app.public_key is not None:
            jwt.decode(credential, app.public_key, algorithms=["RS256"], options=timeless)
    except (jwt.PyJWTError, TypeError, ValueError) as error:
        raise problem from error
    if app is None:
        raise Problem(404, "Integration not found")
    _check_times(claims, github.clock.now().timestamp())
    return app


def _check_times(claims: Mapping[str, object], now: float) -> None:
    """Raise 401 for a web token that is issued in the future, has ended, or ends more than ten minutes from now.

    Source: docs.github.com, "Generating a JSON Web Token (JWT) for a GitHub App"; the words are those people report.
    """
    issued, ends = claims.get("iat"), claims.get("exp")
    if not _is_number(issued) or float(issued) > now:
        raise Problem(
            401,
            "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued.",
        )
    if not _is_number(ends) or float(ends) <= now:
        raise Problem(
            401,
            "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the"
            " assertion expires.",
        )
    if float(ends) > now + _LONGEST_WEB_TOKEN:
        raise Problem(401, "'Expiration time' claim ('exp') is too far in the future.")


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def role_of(account: Account | None, repository: Repository) -> Role:
    """Return what an account may do in a repository, whatever its token allows."""
    floor = Role.READ if repository.visibility == "public" else Role.NONE
    if account is None:
        return floor
    if account is repository.owner:
        return Role.ADMIN
    login = account.login.casefold()
    membership = repository.owner.members.get(login, Role.NONE)
    if membership is Role.ADMIN:
        return Role.ADMIN
    inherited = Role.READ if membership is not Role.NONE else Role.NONE
    teams = (
        team.repositories.get(repository.id, Role.NONE) for team in repository.owner.teams if login in team.members
    )
    return max(floor, inherited, repository.collaborators.get(login, Role.NONE), *teams)


def visible(github: GitHubHost, caller: Caller, repository: Repository) -> bool:
    """True when the caller may know that the repository exists; an app may where it is installed."""
    if caller.app is not None and caller.token is None:
        return any(
            installation.app is caller.app and covers(installation, repository)
            for installation in github.installations.values()
        )
    return effective_role(github, caller, repository) >= Role.READ


def effective_role(github: GitHubHost, caller: Caller, repository: Repository) -> Role:
    """Return the role that account and token together give; for issues a token needs the `issues` permission."""
    public = repository.visibility == "public"
    floor = Role.READ if public else Role.NONE
    token = caller.token
    if token is None:
        return floor
    match token.kind:
        case "classic":
            if "repo" in token.scopes or (public and "public_repo" in token.scopes):
                return role_of(caller.account, repository)
            return floor
        case "fine-grained":
            selected = token.repositories is None or repository.id in token.repositories
            return max(floor, _granted(token, role_of(caller.account, repository))) if selected else floor
        case "installation":
            installation = github.installations[token.installation_id or -1]
            return max(floor, _granted(token, Role.WRITE)) if _reaches(installation, token, repository) else floor


def _granted(token: Token, role: Role) -> Role:
    """Return how much of a role the token's permission for issues leaves."""
    permission = token.permissions.get("issues")
    if permission == "write":
        return role
    return min(role, Role.READ) if permission == "read" or token.permissions else Role.NONE


def covers(installation: Installation, repository: Repository) -> bool:
    """True when an app's installation includes the repository."""
    selected = installation.repositories is None or repository.id in installation.repositories
    return selected and repository.owner is installation.account


def _reaches(installation: Installation, token: Token, repository: Repository) -> bool:
    """True when an installation token, which may be narrower than its installation, reaches the repository."""
    return covers(installation, repository) and (token.repositories is None or repository.id in token.repositories)


def require_read(github: GitHubHost, caller: Caller, repository: Repository) -> None:
    """Raise 404 when the caller may not see the repository, 403 when the token may not see issues in it."""
    if not visible(github, caller, repository):
        raise not_found()
    if caller.app is not None and caller.token is None:
        raise Problem(401, "A JSON web token cannot be used here: ask for an installation's token")
    token = caller.token
    private = repository.visibility != "public"
    if private and token is not None and token.kind != "classic" and "issues" not in token.permissions:
        raise _not_accessible(token, "issues=read")


def require(github: GitHubHost, caller: Caller, repository: Repository, role: Role) -> Account:
    """Return the acting account; raise 401, 403 or 404 as GitHub does when it may not write with that role.

    A role of READ is what opening an issue or commenting needs.
    """
    if not visible(github, caller, repository):
        raise not_found()
    account = caller.required_account()
    token = caller.token
    if token is not None and not _token_writes(github, token, repository):
        if token.kind == "classic":
            raise not_found()
        raise _not_accessible(token, "issues=write")
    if repository.archived:
        raise forbidden("Repository was archived so is read-only.")
    if effective_role(github, caller, repository) < role:
        raise forbidden("Must have admin rights to Repository.")
    return account


def require_permission(caller: Caller, name: str) -> None:
    """Raise 403 when a token that names its permissions does not name this one; classic tokens name none."""
    token = caller.token
    if token is not None and token.kind != "classic" and name not in token.permissions:
        raise _not_accessible(token, f"{name}=read")


def _token_writes(github: GitHubHost, token: Token, repository: Repository) -> bool:
    """True when the token itself, whatever its account may do, allows writing issues in the repository."""
    match token.kind:
        case "classic":
            return "repo" in token.scopes or (repository.visibility == "public" and "public_repo" in token.scopes)
        case "fine-grained":
            return token.permissions.get("issues") == "write" and (
                token.repositories is None or repository.id in token.repositories
            )
        case "installation":
            installation = github.installations[token.installation_id or -1]
            return token.permissions.get("issues") == "write" and _reaches(installation, token, repository)


def _not_accessible(token: Token, needed: str) -> Problem:
    """Return the 403 of a token that lacks a permission, with the header that names it."""
    whom = "integration" if token.kind == "installation" else "personal access token"
    return forbidden(f"Resource not accessible by {whom}", {"x-accepted-github-permissions": needed})


def assignable(repository: Repository, account: Account) -> bool:
    """True when issues of the repository can be assigned to the account: members and those let in."""
    if account.kind == "Organization":
        return False
    login = account.login.casefold()
    owner = repository.owner
    in_team = any(login in team.members and repository.id in team.repositories for team in owner.teams)
    return account is owner or login in repository.collaborators or login in owner.members or in_team
