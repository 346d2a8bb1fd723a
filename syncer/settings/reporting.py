"""What the configuration says of the weekly report and of the mail that brings it."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic import Field as Key

from syncer.settings.addresses import mail_address
from syncer.settings.table import ConfigTable, Duration, Schedule, a_name, time_zone

MailAddress = Annotated[str, AfterValidator(mail_address)]


def _file_mode(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"0?6[046][04]", value):
        return int(value, 8)
    raise ValueError('write "0600", "0640" or "0644": who besides its owner can read a file')


FileMode = Annotated[int, BeforeValidator(_file_mode)]


def _wish(value: str) -> str:
    return value if value.startswith("https://") and not any(map(str.isspace, value)) else mail_address(value)


class RecipientSettings(ConfigTable):
    """One of `recipients` of `[report]`: an address, alone or with what is different for this reader."""

    address: MailAddress
    language: Literal["en", "zh"] | None = None
    audience: Literal["manager", "member", "client"] | None = None


def _recipient(value: object) -> object:
    return {"address": value} if isinstance(value, str) else value


class PostSettings(ConfigTable):
    """`[[report.posts]]`: one comment or one issue that shows the report, edited in place every week."""

    name: Annotated[str, a_name(longest=40)]
    """By it the post is found again: with another name it is another post."""
    pair: str
    side: Literal["left", "right"]
    on: Annotated[str, Key(min_length=1)] | None = None
    """Key of the task whose comment it is; None: an issue of its own."""
    language: Literal["en", "zh"] = "en"
    audience: Literal["manager", "member", "client"] = "client"
    publish: bool = False
    """Whether it may be read by more people than can read every scope of the report."""


class ReportSettings(ConfigTable):
    """`[report]`: the weekly evaluation."""

    language: Literal["en", "zh"] = "en"
    audience: Literal["manager", "member", "client"] = "manager"
    """Whom it is written for: decides what is shown, never what is computed."""
    timezone: Annotated[str, AfterValidator(time_zone)] = "UTC"
    """Whose days and weeks are counted, and whose clock every `schedule` means: `Europe/Berlin`, `Asia/Shanghai`."""
    recipients: tuple[Annotated[RecipientSettings, BeforeValidator(_recipient)], ...] = ()
    schedule: Schedule | None = None
    """For `syncer daemon`, in `timezone`, as the schedules of the pairs are."""
    posts: tuple[PostSettings, ...] = ()
    file_mode: FileMode = 0o600
    """Who can read the files, for those who serve them; folders made for them can be entered by the same."""
    directory: Path | None = None
    """Where the files are written; None: `reports` in the state directory, or the working directory."""
    owner_pools: tuple[Annotated[tuple[str, ...], Key(min_length=2)], ...] = ()
    """Teams whose people take each other's tasks, for the forecast: names as in `[[people]]`, each in one pool."""
    responsibilities: Path | None = None
    """A file that says who is responsible for what; `syncer.settings.responsibilities` reads it.

    A mistake in it stops the report and never a sync.
    """


class MailSettings(ConfigTable):
    """`[mail]`: how the report is sent. The password comes from the environment or a secrets directory."""

    host: Annotated[str, Key(min_length=1)]
    port: Annotated[int, Key(ge=1, le=65535)] = 587
    tls: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: SecretStr | None = None
    from_: MailAddress
    timeout: Duration = timedelta(seconds=30)
    """For each step of the conversation: connecting, a command with its whole answer, the text with its answer."""
    ca_bundle: Path | None = None
    """For a server with its own certificate authority."""
    attach: tuple[Literal["html", "markdown", "json", "csv", "xlsx", "ics", "todo"], ...] = ("html",)
    """The formats that go with the mail as files, in the edition of its recipient."""
    unsubscribe: Annotated[str, AfterValidator(_wish)] | None = None
    """Where a wish to get no more reports goes: an address, or a page that takes a POST; None: to the sender."""
