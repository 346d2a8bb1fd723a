"""Who there is on a GitHub host: accounts, their credentials, and apps."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Literal

from syncer.sandbox.clock import Clock
from syncer.sandbox.errors import SandboxError
from syncer.sandbox.github.identity import Sequences
from syncer.sandbox.github.model import Account, AccountKind, App, Installation, IssueType, Role, Token

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
