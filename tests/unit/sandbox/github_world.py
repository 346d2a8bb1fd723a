"""The GitHub that most of the sandbox's tests start from, and short ways to talk to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import github
import requests

from syncer.sandbox import Sandbox

PRIVATE = "acme/pay"
PUBLIC = "acme/site"


@dataclass(frozen=True, slots=True)
class World:
    """A served sandbox. `mei` owns the organisation, `tomas` may write, `ines` may triage, `lin` is a stranger."""

    box: Sandbox

    def call(
        self,
        verb: str,
        path: str,
        body: object = None,
        *,
        user: str | None = "mei",
        headers: dict[str, str] | None = None,
    ) -> requests.Response:
        """Send one request as `user` (None: nobody) without following redirects."""
        sent = dict(headers or {})
        if user is not None:
            sent["Authorization"] = f"Bearer {user}-token"
        url = path if path.startswith("http") else self.box.github_url + path
        return requests.request(verb, url, json=body, headers=sent, timeout=10, allow_redirects=False)

    def json(self, verb: str, path: str, body: object = None, *, user: str | None = "mei") -> Any:
        """Send one request that must succeed and return its JSON."""
        answer = self.call(verb, path, body, user=user)
        assert answer.ok, answer.text
        return answer.json()

    def client(self, user: str = "mei") -> github.Github:
        """Return PyGithub, unmodified, as `user`; without its retries and pauses."""
        return github.Github(
            base_url=self.box.github_url,
            auth=github.Auth.Token(f"{user}-token"),
            per_page=100,
            retry=None,
            seconds_between_requests=0,
            seconds_between_writes=0,
        )

    def wait(self, seconds: float) -> None:
        """Let time pass in the sandbox."""
        self.box.clock.advance(timedelta(seconds=seconds))


def fill(box: Sandbox) -> World:
    """Return the world in `box`, filled."""
    state = box.github
    for login, name in (("mei", "梅丽"), ("tomas", "Tomás Ruiz"), ("ines", "Inês Prado"), ("lin", "林晓")):
        state.add_user(login, name, token=f"{login}-token")
    state.add_organization("acme", "Acme", members={"mei": "admin"})
    state.add_repository(PRIVATE, visibility="private")
    state.add_repository(PUBLIC)
    for repository in (PRIVATE, PUBLIC):
        state.add_collaborator(repository, "tomas", "write")
        state.add_collaborator(repository, "ines", "triage")
    return World(box)
