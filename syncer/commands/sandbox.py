"""`syncer sandbox`: a Jira and a GitHub on this machine, to rehearse a configuration with."""

from __future__ import annotations

import typer

from syncer.commands.options import add


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(app, "sandbox", sandbox)


def sandbox() -> None:
    """Run a Jira and a GitHub on 127.0.0.1."""
