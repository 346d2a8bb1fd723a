"""One GitHub host: who there is (accounts, their credentials, apps), and what there is. Rules live in other modules."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Literal

from syncer.sandbox.clock import Clock
from syncer.sandbox.errors import SandboxError
from syncer.sandbox.github.behaviour import Behaviour
from syncer.sandbox.github.boardmodel import Board
from syncer.sandbox.github.identity import Sequences
from syncer.sandbox.github.limits import Limits
from syncer.sandbox.github.model import (
    Account,
    AccountKind,
    App,
    Installation,
    Issue,
    IssueType,
    Label,
    Repository,
    Role,
    Team,
    Token,
    Upload,
    Visibility,
)

RoleName = Literal["read", "triage", "write", "maintain", "admin"]

_DEFAULT_TYPES = (
    ("Task", "A specific piece of work", "yellow"),
    ("Bug", "An unexpected problem or behavior", "red"),
    ("Feature", "A request, idea, or new functionality", "blue"),
)


class Directory:
    """The accounts, tokens, apps and installations of a host, by login, value and id. Every change is under `lock`."""

    def __init__(self, clock: Clock, seed: int) -> None:
        self.clock = clock
        self.lock = threading.RLock()
        self.sequences = Sequences(seed)
        self.accounts: dict[str, Account] = {}
        self.tokens: dict[str, Token] = {}
        self.apps: dict[int, App] = {}
        self.installations: dict[int, Installation] = {}

    def now(self) -> datetime:
        """Return the time of day at the granularity GitHub stores: whole seconds."""
        return self.clock.now().replace(microsecond=0)

    def add_user(
        self,
        login: str,
        name: str | None = None,
        *,
        email: str | None = None,
        token: str | None = None,
        scopes: Iterable[str] = ("repo",),
        id: int | None = None,  # noqa: A002 # GitHub's word
    ) -> Account:
        """Add a person and, with `token`, a classic token of theirs; raises SandboxError for a login in use."""
        account = self._add_account(login, "User", name, email, id)
        if token is not None:
            self.add_token(login, token, scopes=scopes)
        return account

    def add_organization(
        self, login: str, name: str | None = None, *, members: Mapping[str, RoleName] | None = None
    ) -> Account:
        """Add an organisation with GitHub's three default issue types; a member with role "admin" owns it."""
        with self.lock:
            organization = self._add_account(login, "Organization", name, None, None)
            for member, role in (members or {}).items():
                organization.members[self.account(member).login.casefold()] = Role[role.upper()]
            for type_name, description, color in _DEFAULT_TYPES:
                self.add_issue_type(login, type_name, description, color)
            return organization

    def add_issue_type(
        self, organization: str, name: str, description: str | None = None, color: str | None = None
    ) -> IssueType:
        """Add an issue type to an organisation."""
        with self.lock:
            now = self.now()
            kind = IssueType(self.sequences.issue_type.take(), name, description, color, now, now)
            self.account(organization).issue_types.append(kind)
            return kind

    def add_token(
        self,
        login: str,
        value: str | None = None,
        *,
        scopes: Iterable[str] = ("repo",),
        expires_in: timedelta | None = None,
    ) -> Token:
        """Give a user a classic token limited by `scopes` (`repo`, `public_repo`, ...)."""
        with self.lock:
            value = value or f"ghp_sandbox{self.sequences.token.take():029d}"
            expires_at = None if expires_in is None else self.now() + expires_in
            token = Token(value, self.account(login), "classic", tuple(scopes), expires_at=expires_at)
            self.tokens[value] = token
            return token

    def revoke_token(self, value: str) -> None:
        """Make a token answer 401 from now on."""
        with self.lock:
            self.tokens[value].revoked = True

    def add_app(
        self,
        slug: str,
        owner: str,
        *,
        app_id: int | None = None,
        public_key: str | None = None,
        permissions: Mapping[str, str] | None = None,
    ) -> App:
        """Register a GitHub App with its bot account `slug[bot]`."""
        with self.lock:
            bot = self._add_account(f"{slug}[bot]", "Bot", None, None, None)
            app = App(
                app_id or self.sequences.installation.take(),
                slug,
                slug.replace("-", " ").title(),
                self.account(owner),
                bot,
                self.now(),
                public_key,
                dict(permissions or {"issues": "write", "metadata": "read"}),
            )
            self.apps[app.id] = app
            return app

    def account(self, login: str) -> Account:
        """Return the account with that login in any case; raises SandboxError when there is none."""
        found = self.accounts.get(login.casefold())
        if found is None:
            raise SandboxError(f"no account {login!r} in the sandbox's GitHub")
        return found

    def _add_account(
        self,
        login: str,
        kind: AccountKind,
        name: str | None,
        email: str | None,
        id_: int | None,
    ) -> Account:
        """Add an account of any kind; raises SandboxError for a login in use."""
        with self.lock:
            if login.casefold() in self.accounts:
                raise SandboxError(f"account {login!r} exists already")
            number = self.sequences.account.take() if id_ is None else id_
            self.sequences.account.avoid([number])
            account = Account(number, login, kind, self.now(), name, email)
            self.accounts[login.casefold()] = account
            return account


_DEFAULT_LABELS = (
    ("bug", "d73a4a", "Something isn't working"),
    ("documentation", "0075ca", "Improvements or additions to documentation"),
    ("duplicate", "cfd3d7", "This issue or pull request already exists"),
    ("enhancement", "a2eeef", "New feature or request"),
    ("good first issue", "7057ff", "Good for newcomers"),
    ("help wanted", "008672", "Extra attention is needed"),
    ("invalid", "e4e669", "This doesn't seem right"),
    ("question", "d876e3", "Further information is requested"),
    ("wontfix", "ffffff", "This will not be worked on"),
)


class GitHubHost(Directory):
    """One GitHub host. Every change happens under `lock`; rules live in the modules beside this one.

    `base_url` is the root of the host (`http://127.0.0.1:PORT`): pages are below it, and REST at `/api/v3` below it
    unless `api_url` says otherwise.
    `behaviour` holds limits and answers that can be set.
    """

    def __init__(self, clock: Clock, seed: int = 0, base_url: str = "") -> None:
        super().__init__(clock, seed)
        self.base_url = base_url
        self.api_url = f"{base_url}/api/v3"
        self.behaviour = Behaviour()
        self.limits = Limits(self.behaviour)
        self.repositories: dict[int, Repository] = {}
        self.issues_by_id: dict[int, Issue] = {}
        self.uploads: dict[int, Upload] = {}
        self.boards: list[Board] = []
        self._names: dict[str, int] = {}
        self._former_names: dict[str, int] = {}

    # Credentials for chosen repositories

    def add_fine_grained_token(
        self,
        login: str,
        value: str | None = None,
        *,
        permissions: Mapping[str, str] | None = None,
        repositories: Iterable[str] | None = None,
        expires_in: timedelta | None = None,
    ) -> Token:
        """Give a user a fine-grained token; by default it writes issues in every repository the user reaches."""
        with self.lock:
            value = value or f"github_pat_sandbox{self.sequences.token.take():022d}"
            token = Token(
                value,
                self.account(login),
                "fine-grained",
                permissions=dict(permissions or {"issues": "write", "metadata": "read"}),
                repositories=self._ids(repositories),
                expires_at=None if expires_in is None else self.now() + expires_in,
            )
            self.tokens[value] = token
            return token

    def install_app(self, app: App, account: str, repositories: Iterable[str] | None = None) -> Installation:
        """Install an app on an account, for the named repositories or for all of them."""
        with self.lock:
            installation = Installation(
                self.sequences.installation.take(), app, self.account(account), self.now(), self._ids(repositories)
            )
            self.installations[installation.id] = installation
            return installation

    # Repositories

    def add_repository(
        self,
        full_name: str,
        *,
        visibility: Visibility = "public",
        description: str | None = None,
        id: int | None = None,  # noqa: A002 # GitHub's word
    ) -> Repository:
        """Add `owner/name` with GitHub's nine default labels; the owner must exist."""
        with self.lock:
            owner_login, _, name = full_name.partition("/")
            owner = self.account(owner_login)
            if full_name.casefold() in self._names:
                raise SandboxError(f"repository {full_name!r} exists already")
            now = self.now()
            number = self.sequences.repository.take() if id is None else id
            self.sequences.repository.avoid([number])
            repository = Repository(number, owner, name, visibility, now, now, description)
            self.repositories[number] = repository
            self._names[full_name.casefold()] = number
            self._former_names.pop(full_name.casefold(), None)
            for label_name, color, text in _DEFAULT_LABELS:
                self.add_label(full_name, label_name, color, text, default=True)
            return repository

    def repository(self, full_name: str) -> Repository:
        """Return the repository of that current name in any case; raises SandboxError when there is none."""
        found = self.find_repository(full_name)
        if found is None:
            raise SandboxError(f"no repository {full_name!r} in the sandbox's GitHub")
        return found

    def find_repository(self, full_name: str) -> Repository | None:
        """Return the repository of that current name, or None."""
        number = self._names.get(full_name.casefold())
        return None if number is None else self.repositories[number]

    def find_renamed(self, full_name: str) -> Repository | None:
        """Return the repository that once had that name, or None."""
        number = self._former_names.get(full_name.casefold())
        return None if number is None else self.repositories.get(number)

    def repositories_of(self, account: Account) -> Iterator[Repository]:
        """Yield the repositories an account owns."""
        return (repository for repository in self.repositories.values() if repository.owner is account)

    def add_collaborator(self, full_name: str, login: str, role: RoleName = "write") -> None:
        """Let a user into a repository with a role."""
        with self.lock:
            repository = self.repository(full_name)
            repository.collaborators[self.account(login).login.casefold()] = Role[role.upper()]
            repository.epoch += 1

    def remove_collaborator(self, full_name: str, login: str) -> None:
        """Take a user's own role in a repository away."""
        with self.lock:
            repository = self.repository(full_name)
            repository.collaborators.pop(login.casefold(), None)
            repository.epoch += 1

    def add_team(
        self,
        organization: str,
        name: str,
        members: Iterable[str],
        *,
        repositories: Mapping[str, RoleName] | None = None,
        secret: bool = False,
    ) -> Team:
        """Add a team with a role in some repositories."""
        with self.lock:
            logins = [self.account(member).login.casefold() for member in members]
            roles = {self.repository(each).id: Role[role.upper()] for each, role in (repositories or {}).items()}
            slug = "-".join(name.casefold().split())
            team = Team(self.sequences.issue_type.take(), name, slug, logins, roles, secret)
            self.account(organization).teams.append(team)
            return team

    def put_file(self, full_name: str, path: str, content: bytes) -> None:
        """Put a file on the default branch of a repository, over an earlier one."""
        with self.lock:
            self.repository(full_name).files[path] = content

    def rename_repository(self, full_name: str, name: str) -> Repository:
        """Give a repository a new name under the same owner; the old name redirects."""
        with self.lock:
            repository = self.repository(full_name)
            owner = repository.owner.login
            if self.find_repository(f"{owner}/{name}") not in (None, repository):
                raise SandboxError(f"repository {owner}/{name} exists already")
            former = repository.full_name.casefold()
            del self._names[former]
            self._former_names[former] = repository.id
            repository.name = name
            self._names[repository.full_name.casefold()] = repository.id
            self._former_names.pop(repository.full_name.casefold(), None)
            for shown_in in self.repositories.values():
                shown_in.epoch += 1
            return repository

    def rename_account(self, login: str, new_login: str) -> Account:
        """Give an account a new login; its repositories' old names redirect, the account's own does not."""
        with self.lock:
            account = self.account(login)
            owned = list(self.repositories_of(account))
            former = [repository.full_name for repository in owned]
            del self.accounts[login.casefold()]
            memberships = [account.members for account in self.accounts.values()]
            for roles in (*memberships, *(each.collaborators for each in self.repositories.values())):
                if login.casefold() in roles:
                    roles[new_login.casefold()] = roles.pop(login.casefold())
            account.login = new_login
            self.accounts[new_login.casefold()] = account
            for name, repository in zip(former, owned, strict=True):
                self._names.pop(name.casefold())
                self._former_names[name.casefold()] = repository.id
                self._names[repository.full_name.casefold()] = repository.id
            for repository in self.repositories.values():
                repository.epoch += 1
            return account

    def archive(self, full_name: str, archived: bool = True) -> None:
        """Make a repository read-only, or writable again."""
        with self.lock:
            self.repository(full_name).archived = archived

    def set_visibility(self, full_name: str, visibility: Visibility) -> None:
        """Make a repository public, internal or private."""
        with self.lock:
            self.repository(full_name).visibility = visibility

    def delete_repository(self, full_name: str) -> None:
        """Remove a repository: every request for it answers 404."""
        with self.lock:
            repository = self.repository(full_name)
            del self.repositories[repository.id]
            del self._names[full_name.casefold()]

    def add_label(
        self,
        full_name: str,
        name: str,
        color: str = "ededed",
        description: str | None = None,
        *,
        default: bool = False,
        id: int | None = None,  # noqa: A002 # GitHub's word
    ) -> Label:
        """Add a label to a repository, or return the one of that name."""
        with self.lock:
            repository = self.repository(full_name)
            found = repository.label(name)
            if found is not None:
                return found
            number = self.sequences.label.take() if id is None else id
            label = Label(number, name, color, description, default)
            repository.labels[name.casefold()] = label
            return label

    def _ids(self, repositories: Iterable[str] | None) -> frozenset[int] | None:
        """Return the ids of repositories given by name; None stays None (all)."""
        return None if repositories is None else frozenset(self.repository(name).id for name in repositories)
