"""A kind of tracker for tests of the configuration, and a way to load text as a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, SecretStr

from syncer.settings import Kinds, Misconfigured, Settings, load

SECRET = "canary-5f1c2e"


class Tracker(BaseModel):
    model_config = ConfigDict(extra="forbid", alias_generator=lambda name: name.replace("_", "-"))
    url: str
    token: SecretStr
    read_tries: int = 3
    code: bool = False


class Scope(BaseModel):
    model_config = ConfigDict(extra="forbid")
    repository: str
    filter: str = ""


class Kind:
    name = "fake"

    @staticmethod
    def custom_locator(value: object) -> object:
        """Any place will do."""
        return value

    tracker_settings = Tracker
    scope_settings = Scope

    def open(self, tracker: Any, scope: Any) -> Any:
        raise AssertionError("nothing is opened while the configuration is read")

    def markup(self, tracker: Any, scope: Any) -> Any:
        raise AssertionError("no text is read while the configuration is read")

    def credential(self, tracker: Any) -> str:
        return str(tracker.url)

    def address(self, tracker: Any, scope: Any) -> str:
        return f"{tracker.url} {scope.repository}"


KINDS = Kinds({"fake": Kind, "other": Kind})

VALID = """\
[trackers.acme-left]
kind = "fake"
url = "https://left.example"

[trackers.right]
kind = "fake"
url = "https://right.example"

[[pairs]]
name = "payments"
left = { tracker = "acme-left", repository = "acme/pay" }
right = { tracker = "right", repository = "acme/pay" }
"""

TOKENS = {"SYNCER_TRACKERS__ACME_LEFT__TOKEN": SECRET, "SYNCER_TRACKERS__RIGHT__TOKEN": SECRET}


def load_text(
    folder: Path, text: str, environment: Mapping[str, str] = TOKENS, *, state: str | None = None
) -> Settings:
    file = folder / "syncer.toml"
    file.write_text(text, "utf-8")
    return load(file, environment={"HOME": str(folder), **environment}, state=state, kinds=KINDS)


def problems(folder: Path, text: str, environment: Mapping[str, str] = TOKENS) -> list[str]:
    """The lines of what is wrong, the folder left out."""
    try:
        load_text(folder, text, environment)
    except Misconfigured as error:
        lines = [str(problem).replace(f"{folder}/", "") for problem in error.problems]
        assert all(SECRET not in line for line in lines)
        return lines
    return []
