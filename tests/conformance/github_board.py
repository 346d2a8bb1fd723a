"""A board for the repository of `GitHubWorld`: one field of each kind, and people whose tokens reach it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from syncer.contract.custom import CustomType
from syncer.sandbox.github import boards
from syncer.sandbox.github.boardmodel import Board, BoardFieldType
from syncer.sandbox.github.model import Role
from tests.conformance.github_world import GitHubWorld

KINDS: Final[Mapping[CustomType, tuple[str, BoardFieldType]]] = {
    CustomType.TEXT: ("Notes", "text"),
    CustomType.NUMBER: ("Estimate", "number"),
    CustomType.DATE: ("Target", "date"),
    CustomType.CHOICE: ("Size", "single_select"),
    CustomType.SPRINT: ("Sprint", "iteration"),
}


def plan(world: GitHubWorld) -> Board:
    """A board of the organisation, with a sprint that is over, the one of today and the next."""
    github = world.github
    for login in ("sync-bot", "mia"):
        github.accounts["acme"].members[login] = Role.WRITE
    for token in github.tokens.values():
        token.scopes = ("repo", "project")
    board = github.add_board("acme", "Plan", "mia")
    today = world.clock.now().date()
    sprints = [(f"Sprint {number}", today + timedelta(days=14 * (number - 1)), 14) for number in range(3)]
    for name, kind in KINDS.values():
        boards.add_field(
            github,
            board,
            name,
            kind,
            ("High", "Low") if kind == "single_select" else (),
            sprints if kind == "iteration" else (),
        )
    return board
