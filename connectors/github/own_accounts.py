"""Who we are on GitHub, and who we were: on whose items our marker counts."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import quote

from connectors.github.client import GitHubClient
from connectors.github.mapping import Json, MalformedError, entry, part
from syncer.contract.connector import OwnAccount
from syncer.contract.errors import Denied, Gone, Retryable


class Ours:
    """Our account by its numeric id, asked when it is needed, and those we acted as before."""

    def __init__(self, client: GitHubClient, former: Collection[str]) -> None:
        self._client = client
        self._former = frozenset(name.casefold() for name in former)
        self._recognised: frozenset[str] = frozenset()
        self._own: OwnAccount | None = None
        self._asked = False

    def recognise(self, natives: Collection[str]) -> None:
        """Names accounts we acted as before, by their numeric ids."""
        self._recognised = frozenset(natives)

    def account(self) -> OwnAccount | None:
        """The account we act as; None where GitHub tells it to nobody but an answer to a create."""
        if self._own is None and not self._asked:
            self._own = self._of_the_app() if self._client.is_app else self._of_the_token()
            self._asked = True
        return self._own

    def learn(self, answer: object) -> None:
        """Takes the account from the answer to a create: its author is who we are."""
        user = answer.get("user") or answer.get("creator") if isinstance(answer, dict) else None
        if self._own is None and isinstance(user, dict):
            self._own = _account(user)

    def made(self, user: object) -> bool:
        """Whether an account is ours, or one we acted as before."""
        if not isinstance(user, dict):
            return False
        found = _account(user)
        if found.native in self._recognised or not self._former.isdisjoint({found.native, found.login.casefold()}):
            return True
        own = self.account()
        return own is not None and own.native == found.native

    def _of_the_token(self) -> OwnAccount | None:
        """The user of the token. An installation's token given as one, such as that of Actions, has none."""
        doing = "read whose token it is"
        try:
            body, _ = self._client.get("/user", doing, item=True)
        except (Denied, Gone):
            return None  # a token that is not valid is told by the next request
        return _understood(body, doing)

    def _of_the_app(self) -> OwnAccount:
        """The bot account of the App, which is the author of all it creates."""
        doing = "read which account the App acts as"
        bot = f"{self._client.app_slug()}[bot]"
        body, _ = self._client.get(f"/users/{quote(bot, safe='')}", doing)
        return _understood(body, doing)


def _understood(body: object, doing: str) -> OwnAccount:
    try:
        return _account(entry(body))
    except MalformedError as error:
        raise Retryable(f"cannot {doing}: {error} in GitHub's answer") from error


def _account(user: Json) -> OwnAccount:
    return OwnAccount(str(part(user, "id", int)), part(user, "login", str))
