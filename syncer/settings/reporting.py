"""What the configuration says of the weekly report and of the mail that brings it."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic import Field as Key

from syncer.settings.addresses import mail_address, specification
from syncer.settings.table import ConfigTable, Duration, Schedule, a_name, time_zone

Share = Annotated[float, Key(ge=0, le=1)]

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
    """`name@host`, or `Name <name@host>`. A text alone, in place of the table, is an address."""
    language: Literal["en", "zh"] | None = None
    """Without it: that of `[report]`."""
    audience: Literal["manager", "member", "client"] | None = None
    """Without it: that of `[report]`."""
    person: Annotated[str, Key(min_length=1)] | None = None
    """Name in `[[people]]`. With `audience = "member"`, the report begins with their tasks, questions and decisions."""
    timezone: Annotated[str, AfterValidator(time_zone)] | None = None
    """By which clock moments are told to this reader. Days and weeks are those of `[report]` for everybody."""


def _recipient(value: object) -> object:
    return {"address": value} if isinstance(value, str) else value


class PostSettings(ConfigTable):
    """`[[report.posts]]`: one comment or one issue that shows the report, edited in place every week."""

    name: Annotated[str, a_name(longest=40)]
    """The post is found again by this name: another name makes another post."""
    pair: str
    """Name of the pair in whose tracker the post is."""
    side: Literal["left", "right"]
    """On which side of the pair."""
    on: Annotated[str, Key(min_length=1)] | None = None
    """Key of the task that gets the comment. Without it: an issue of its own."""
    language: Literal["en", "zh"] = "en"
    """In which language it is written."""
    audience: Literal["manager", "member", "client"] = "client"
    """For whom it is written. `client`: no workloads, no assignees, nothing about the sync itself."""
    publish: bool = False
    """Whether it may be read by more people than can read every scope of the report."""


class ChatSettings(ConfigTable):
    """One of `channels` of `[report]`: a chat that is told the week in short. A text alone is the name of a channel."""

    channel: Annotated[str, Key(min_length=1)]
    """Name of one of `[[channels]]`."""
    language: Literal["en", "zh"] | None = None
    """Without it: that of `[report]`."""
    audience: Literal["manager", "member", "client"] = "client"
    """For whom it is written. `client`: no workloads, no assignees, nothing about the sync itself."""


def _chat(value: object) -> object:
    return {"channel": value} if isinstance(value, str) else value


class TargetSettings(ConfigTable):
    """`[report.targets]`: what a figure should be, where that is not the usual target."""

    on_time_rate: Share | None = None
    """At least so many of the finished tasks by the first due date promised; 0.8 without it."""
    reopen_rate: Share | None = None
    """At most so many of the finished tasks opened again; 0.05 without it."""
    age_over_sle: Share | None = None
    """At most so many of the tasks in progress for longer than 85 % take; 0.15 without it."""
    review_share: Share | None = None
    """At most so much of the work in progress waiting for review; 0.25 without it."""
    stale_open: Share | None = None
    """At most so many of the open tasks untouched for 14 days; 0.2 without it."""
    first_response: Annotated[float, Key(gt=0)] | None = None
    """At most so many hours to a first answer, half of the time; 24 without it."""
    cross_tool_lag: Annotated[float, Key(gt=0)] | None = None
    """At most so many minutes until the other side shows a change, 95 times of 100; 60 without it."""


def _hours(value: object) -> object:
    """`["08:30", "17:00"]` as hours of the day."""
    if not isinstance(value, list | tuple) or len(value) != 2 or not all(isinstance(one, str) for one in value):
        raise ValueError('write two times of the day, such as ["09:00", "17:00"]')
    found = [re.fullmatch(r"([01]\d|2[0-4]):([0-5]\d)", one) for one in value]
    opens, closes = (int(one[1]) + int(one[2]) / 60 if one else -1.0 for one in found)
    if not 0 <= opens < closes <= 24:
        raise ValueError('write two times of the day, the earlier first, such as ["09:00", "17:00"]')
    return (opens, closes)


_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _weekdays(value: object) -> object:
    """Names of days as their numbers, Monday is 1."""
    if not isinstance(value, list | tuple) or not value or any(one not in _DAYS for one in value):
        raise ValueError(f"write one or more of {', '.join(_DAYS)}")
    return tuple(sorted({_DAYS.index(one) + 1 for one in value}))


class ReportSettings(ConfigTable):
    """`[report]`: the weekly evaluation."""

    language: Literal["en", "zh"] = "en"
    """In which language it is written."""
    audience: Literal["manager", "member", "client"] = "manager"
    """For whom it is written: this decides what is shown, never what is computed."""
    timezone: Annotated[str, AfterValidator(time_zone)] = "UTC"
    """Whose days and weeks are counted, and whose clock every `schedule` means: `Europe/Berlin`, `Asia/Shanghai`."""
    recipients: tuple[Annotated[RecipientSettings, BeforeValidator(_recipient)], ...] = ()
    """Who gets the report. Each gets a message of their own."""
    schedule: Schedule | None = None
    """When `syncer daemon` makes and sends the report, as a cron expression in `timezone`."""
    channels: tuple[Annotated[ChatSettings, BeforeValidator(_chat)], ...] = ()
    """Names of `[[channels]]` that are told the week in short, once: `["team"]`, or tables."""
    posts: tuple[PostSettings, ...] = ()
    """Comments and issues that show the report in a tracker."""
    file_mode: FileMode = 0o600
    """Who besides the owner can read the files: `0600` nobody, `0640` the group, `0644` everybody."""
    directory: Path | None = None
    """Where the files are written. Without it: `syncer-report` in the working directory; the daemon writes none."""
    owner_pools: tuple[Annotated[tuple[str, ...], Key(min_length=2)], ...] = ()
    """Teams whose people take each other's tasks, for the forecast: names as in `[[people]]`, each in one pool."""
    goal_types: tuple[Annotated[str, Key(min_length=1)], ...] = ()
    """Types that are goals, besides epics and what a tracker itself ranks above tasks: `["Feature"]`."""
    bug_types: tuple[Annotated[str, Key(min_length=1)], ...] = ()
    """Types and labels that call a task a bug, besides bug, defect, incident, 缺陷 and 故障: `["Fehler"]`."""
    subtasks: bool = False
    """Whether sub-tasks count as tasks of their own. Without it a story with five sub-tasks is one task."""
    targets: TargetSettings = TargetSettings()
    """What figures should be."""
    holidays: tuple[date, ...] = ()
    """Days on which nobody works: `[2026-12-25]`. They are no working time, leave of everybody with a capacity, and no
    forecast sees work on them."""
    working_days: Annotated[tuple[int, ...], BeforeValidator(_weekdays)] = (1, 2, 3, 4, 5)
    """`["mon", "tue", "wed", "thu", "fri"]`."""
    working_hours: Annotated[tuple[float, float], BeforeValidator(_hours)] = (9.0, 17.0)
    """`["09:00", "17:00"]`, by the clock of who has a task: `timezone` of the responsibilities, or of `[report]`."""
    responsibilities: Path | None = None
    """A file that says who is responsible for what. A mistake in it stops the report and never a sync."""

    def doubled(self) -> list[str]:
        """The addresses that stand more than once among the recipients, in small letters."""
        counts = Counter(specification(one.address).casefold() for one in self.recipients)
        return [address for address, count in counts.items() if count > 1]


class MailSettings(ConfigTable):
    """`[mail]`: how the report is sent. The password comes from the environment or a secrets directory."""

    host: Annotated[str, Key(min_length=1)]
    """Name of the mail server."""
    port: Annotated[int, Key(ge=1, le=65535)] = 587
    """465 is usual for `tls`, 25 for `none`."""
    tls: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection is encrypted."""
    user: str | None = None
    """Name to sign in with. Without it nobody signs in."""
    password: SecretStr | None = None
    """Password of `user`."""
    from_: MailAddress
    """Who sends it."""
    timeout: Duration = timedelta(seconds=30)
    """For each step: connecting, a command with its whole answer, the text with its answer."""
    ca_bundle: Path | None = None
    """A file with the certificates to trust, for a server with its own authority."""
    attach: tuple[Literal["html", "markdown", "json", "csv", "xlsx", "ics", "todo"], ...] = ("html",)
    """Files that go with the mail, each in the language and for the audience of its recipient."""
    unsubscribe: Annotated[str, AfterValidator(_wish)] | None = None
    """Where to unsubscribe: an address, or an `https://` page that takes a POST (RFC 8058). Without it: the sender."""
