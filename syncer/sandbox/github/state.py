"""A GitHub in memory: who and what there is, and the shortcuts tests and data sets use to fill it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from syncer.sandbox.clock import Clock
from syncer.sandbox.errors import SandboxError
from syncer.sandbox.github.behaviour import Behaviour
from syncer.sandbox.github.directory import Directory, RoleName
from syncer.sandbox.github.limits import Limits
from syncer.sandbox.github.model import (
    Account,
    App,
    Comment,
    Installation,
    Issue,
    Label,
    Repository,
    Role,
    Team,
    Token,
    Upload,
    Visibility,
)

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


class GitHub(Directory):
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

    # Issues: shortcuts to the rules in `issues`, for tests and data sets

    def add_issue(self, full_name: str, title: str, author: str, body: str | None = None, **fields: object) -> Issue:
        """Open an issue as `author` with the rights of a maintainer; `fields` as in a create request."""
        from syncer.sandbox.github import issues

        with self.lock:
            repository = self.repository(full_name)
            request = {"title": title, "body": body, **fields}
            return issues.create_issue(self, repository, self.account(author), request, may_triage=True)

    def add_pull_request(self, full_name: str, title: str, author: str, body: str | None = None) -> Issue:
        """Open a pull request, of which only what issue lists show exists."""
        from syncer.sandbox.github import issues

        with self.lock:
            return issues.create_pull_request(self, self.repository(full_name), self.account(author), title, body)

    def edit_issue(self, full_name: str, number: int, author: str, **fields: object) -> Issue:
        """Edit an issue as `author` with the rights of a maintainer; `fields` as in an update request."""
        from syncer.sandbox.github import issues

        with self.lock:
            issue = self.repository(full_name).issues[number]
            issues.edit_issue(self, issue, self.account(author), fields, may_triage=True)
            return issue

    def add_comment(self, full_name: str, number: int, author: str, body: str) -> Comment:
        """Comment on an issue as `author`."""
        from syncer.sandbox.github import conversation

        with self.lock:
            issue = self.repository(full_name).issues[number]
            return conversation.add_comment(self, issue, self.account(author), body)

    def minimize_comment(
        self, full_name: str, comment: int, reason: str | None = None, *, shown: bool = False, touch: bool = False
    ) -> None:
        """Hide a comment for a reason, or show it again; no document tells whether its time moves (`touch`)."""
        from syncer.sandbox.github import conversation

        with self.lock:
            found = self.repository(full_name).comments[comment]
            conversation.minimize(self, found, reason, minimized=not shown, touch=touch)

    def transfer_issue(self, full_name: str, number: int, destination: str) -> Issue:
        """Move an issue to another repository, where it gets a new number; the old address redirects."""
        from syncer.sandbox.github import issues

        with self.lock:
            return issues.transfer(self, self.repository(full_name).issues[number], self.repository(destination))

    def delete_issue(self, full_name: str, number: int) -> None:
        """Delete an issue: its address answers 410 from now on."""
        from syncer.sandbox.github import issues

        with self.lock:
            issues.delete(self, self.repository(full_name).issues[number])

    def seed_issues(self, full_name: str, issues: int, comments: int = 0) -> None:
        """Fill a repository with `issues` invented issues of `comments` comments each, fast."""
        from syncer.sandbox.github import seeding

        with self.lock:
            seeding.seed_issues(self, self.repository(full_name), issues, comments)

    def load_recorded(self, records: Iterable[Mapping[str, object]]) -> Mapping[str, int]:
        """Take in recorded JSON of issues, comments, events and milestones; returns how many of each, and skipped."""
        from syncer.sandbox.github import recorded

        with self.lock:
            return recorded.load(self, records)

    def _ids(self, repositories: Iterable[str] | None) -> frozenset[int] | None:
        """Return the ids of repositories given by name; None stays None (all)."""
        return None if repositories is None else frozenset(self.repository(name).id for name in repositories)
