"""What every connector over HTTP is told in its table of the configuration: one key for one thing.

A subclass that has a reason for another default declares the field again.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from connectors.limits import Limits

SHORTEST_HOOK_SECRET = 16


def _kebab(name: str) -> str:
    return name.replace("_", "-")


class TrackerTable(BaseModel):
    """A TOML table: keys in kebab-case, unknown keys are errors, secrets stay out of messages."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        alias_generator=_kebab,
        populate_by_name=True,
        hide_input_in_errors=True,
        defer_build=True,
    )


class SessionTable(TrackerTable):
    """The keys that decide how a tracker is spoken to over HTTP."""

    former_keys: ClassVar[Mapping[str, str]] = {}
    """See `ConnectorKind.tracker_settings`."""

    hook_secret: SecretStr | None = None
    """What the tracker signs its webhooks with, for `syncer hooks`; several, while one takes the place of another,
    with blanks or line ends between them."""
    ca_bundle: Path | None = None
    """A file with the certificates to trust, for a site with its own authority."""
    connect_timeout: float = Field(default=5, gt=0, le=600)
    """Seconds until there must be a connection."""
    read_timeout: float | None = Field(default=None, gt=0, le=600)
    """Seconds without a byte after which an answer counts as lost; as `answer-seconds` where none is given."""
    answer_seconds: float = Field(default=60, gt=0, le=600)
    """Seconds within which an answer must be there as a whole."""
    answer_mebibytes: float = Field(default=32, gt=0, le=1024)
    """The largest answer that is taken, unpacked."""
    read_tries: int = Field(default=4, ge=1, le=100)
    """How often a read is tried."""
    read_seconds: float = Field(default=60, gt=0, le=3_600)
    """For how long a read is tried."""
    longest_wait: float = Field(default=20, ge=0, le=600)
    """The longest wait a server may ask for and get; a longer one ends the run cleanly instead."""
    overlap_seconds: float = Field(default=60, ge=0, le=86_400)
    """How far every reading reaches back behind the last one."""
    reread_after: float = Field(default=60, ge=0, le=3_600)
    """An item read longer ago than so many seconds is read again before it is changed."""

    @field_validator("hook_secret")
    @classmethod
    def _hard_to_guess(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and min(map(len, secret.get_secret_value().split()), default=0) < SHORTEST_HOOK_SECRET:
            raise ValueError(f"has fewer than {SHORTEST_HOOK_SECRET} characters; make one with: openssl rand -hex 32")
        return secret

    @property
    def hook_secrets(self) -> tuple[bytes, ...]:
        """Each secret that a delivery may be signed with; empty where there is none."""
        return () if self.hook_secret is None else tuple(map(str.encode, self.hook_secret.get_secret_value().split()))

    @property
    def silence(self) -> float:
        """Seconds without a byte after which an answer counts as lost."""
        return self.answer_seconds if self.read_timeout is None else self.read_timeout

    @property
    def answer_limits(self) -> Limits:
        """What one answer may take."""
        return Limits(self.answer_seconds, self.answer_mebibytes, silence=self.silence)

    @property
    def timeouts(self) -> tuple[float, float]:
        """Seconds to connect, and to wait for an answer."""
        return self.connect_timeout, self.silence

    @property
    def verification(self) -> bool | str:
        """What `requests` takes as `verify`."""
        return True if self.ca_bundle is None else str(self.ca_bundle)
