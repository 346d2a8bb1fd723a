"""What the configuration may say, as pydantic models. Keys are written in kebab case.

The table of a tracker and the scope of a side belong to the kind of tracker and are checked by that kind's own models:
`syncer.settings.load` puts the kind beside the table before the models here see it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    BeforeValidator,
    PrivateAttr,
    model_validator,
)
from pydantic import Field as Key
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from syncer.contract.checking import RouteRule
from syncer.contract.model import Side
from syncer.contract.naming import did_you_mean
from syncer.core.rules import Mode, Releases
from syncer.settings.hooks import HooksSettings
from syncer.settings.notify import ChannelSettings, NotifySettings
from syncer.settings.pair import PairSettings, TrackerSettings
from syncer.settings.problems import Mistakes
from syncer.settings.reporting import MailAddress, MailSettings, ReportSettings
from syncer.settings.retention import RetentionSettings
from syncer.settings.routes import RouteSettings, overlaps, reaches
from syncer.settings.table import ConfigTable

NativeId = Annotated[str, BeforeValidator(lambda value: str(value) if type(value) is int else value)]
"""What never changes about an account; a number may be written as one."""


class PersonSettings(ConfigTable):
    """`[[people]]`: one person and their account on each tracker, by the id the tracker's API takes."""

    name: Annotated[str, Key(min_length=1)]
    """How the report calls this person."""
    accounts: dict[str, Annotated[str, Key(min_length=1)]]
    """Account by tracker. Jira Cloud: accountId. Data Center: user name. GitHub: login."""
    ids: dict[str, NativeId] = Key(default_factory=dict)
    """What never changes about an account that can be renamed: GitHub's numeric id, the user key of Data Center."""
    mail: MailAddress | None = None
    """Where this person is told of what concerns a pair they own."""


class LogSettings(ConfigTable):
    """`[log]`."""

    level: Literal["debug", "info", "warning", "error"] | None = None
    """The least serious message that is logged. Without it: `warning` for commands, `info` for the daemon."""
    format: Literal["console", "json"] = "console"
    """Lines for people, or one JSON object a line."""


class Settings(BaseSettings):
    """The whole configuration, valid in itself. Whether it fits the live trackers is what `syncer check` tells."""

    model_config = SettingsConfigDict(**ConfigTable.model_config)  # type: ignore[typeddict-item]  # the same keys

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """One source: the document, which is merged before by rules that know the names of the trackers."""
        return (init_settings,)

    trackers: dict[str, TrackerSettings]
    """Where your tasks are, and the account to use there."""
    pairs: tuple[PairSettings, ...] = ()
    """Two scopes each that are kept in step."""
    routes: tuple[RouteSettings, ...] = ()
    """One scope whose items go to several others, by rules: instead of pairs with filters that exclude each other."""
    people: tuple[PersonSettings, ...] = ()
    """Who is who on both sides, so that assignments are carried."""
    report: ReportSettings = ReportSettings()
    """The weekly report."""
    mail: MailSettings | None = None
    """How the report is sent."""
    channels: dict[str, ChannelSettings] = Key(default_factory=dict)
    """Where people are told at once."""
    notify: NotifySettings = NotifySettings()
    """What is told at once, and to whom."""
    state: str = ""
    """A directory, or a `postgresql://` address. Without it: `$XDG_STATE_HOME/syncer`."""
    hooks: HooksSettings = HooksSettings()
    """Webhooks as hints to run a pair soon."""
    retention: RetentionSettings = RetentionSettings()
    """How long the state keeps what nothing is decided by any more."""
    log: LogSettings = LogSettings()
    """What is logged."""
    metrics_file: Path | None = None
    """A file for Prometheus' node exporter, written after each sync. Everybody can read it (mode 0644)."""
    _exposed_secrets: tuple[tuple[str, str], ...] = PrivateAttr(())
    _former_keys: tuple[tuple[str, str], ...] = PrivateAttr(())

    @property
    def exposed_secrets(self) -> tuple[tuple[str, str], ...]:
        """A line and its fix for each file with a secret whose mode lets others read it, though its place does not."""
        return self._exposed_secrets

    @property
    def former_keys(self) -> tuple[tuple[str, str], ...]:
        """A line and its fix for each setting that is given by a former key, which goes on being understood."""
        return self._former_keys

    def note(self, *, exposed: Sequence[tuple[str, str]], former: Sequence[tuple[str, str]]) -> None:
        """Keeps those lines, which no configuration says, for whoever checks."""
        self._exposed_secrets, self._former_keys = tuple(exposed), tuple(former)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        mistakes = Mistakes("settings")
        self._check_pairs(mistakes)
        self._check_former_names(mistakes)
        self._check_routes(mistakes)
        self._check_people(mistakes)
        self._check_code(mistakes)
        self._check_posts(mistakes)
        self._check_notify(mistakes)
        people = [person.name for person in self.people]
        for index, pair in enumerate(self.pairs):
            if pair.commands is not None:
                parties = self.report.responsibilities is not None
                pair.commands.check(("pairs", index, "commands"), pair.mode, people, mistakes, parties=parties)
        self._check_recipients(mistakes)
        mistakes.raise_if_any()
        return self

    def pair(self, name: str) -> PairSettings | None:
        """The pair of that name."""
        return next((pair for pair in self.pairs if pair.name == name), None)

    def rule_of(self, name: str) -> RouteRule | None:
        """What leads to the place of a route that the pair of a name is."""
        return next((place.rule for route in self.routes for place in route.to if place.name == name), None)

    def _check_pairs(self, mistakes: Mistakes) -> None:
        if not self.pairs:
            mistakes.add(("pairs",), "at least one [[pairs]] or [[routes]] table is needed")
        scopes = [
            frozenset((pair.side(side).tracker, pair.side(side).scope.model_dump_json()) for side in Side)
            for pair in self.pairs
        ]
        for index, scope in enumerate(scopes):
            if len(scope) == 1:
                mistakes.add(("pairs", index), "left and right are the same scope")
        for (first, earlier), (second, later) in combinations(enumerate(self.pairs), 2):
            if earlier.name == later.name:
                mistakes.add(("pairs", second, "name"), f'"{later.name}" is already the name of {self._spot(first)}')
            if scopes[first] == scopes[second]:
                mistakes.add(("pairs", second), f"the same two scopes as {self._spot(first)} ({earlier.name})")
        names = [pair.name for pair in self.pairs]
        for index, pair in enumerate(self.pairs):
            for place, name in enumerate(pair.shares_with):
                if name not in names or name == pair.name:
                    near = did_you_mean(name, [each for each in names if each != pair.name])
                    mistakes.add(("pairs", index, "shares-with", place), f'there is no other pair "{name}"{near}')

    def _spot(self, index: int) -> str:
        """Where a pair stands in the file; those that places of routes became follow those that were written."""
        places = [
            f"routes[{number}].to[{place}]"
            for number, route in enumerate(self.routes)
            for place in range(len(route.to))
        ]
        written = len(self.pairs) - len(places)
        return places[index - written] if index >= written else f"pairs[{index}]"

    def _check_routes(self, mistakes: Mistakes) -> None:
        leads: dict[str, set[str]] = {}
        names = [pair.name for pair in self.pairs]
        for index, route in enumerate(self.routes):
            for number, message in overlaps(route, index):
                mistakes.add(("routes", index, "to", number, "when"), message)
            places: dict[str, int] = {}
            for number, place in enumerate(route.to):
                pair = self.pair(place.name)
                if pair is None or names.count(place.name) > 1:
                    continue  # told as a name that two pairs have
                path = ("routes", index, "to", number)
                scope, other = (pair.address(side, self.trackers) for side in (route.shared, route.shared.other))
                if places.setdefault(other, number) != number:
                    told = f"routes[{index}].to[{places[other]}]"
                    mistakes.add(path, f"{other} is the place of {told} already: give that one all names")
                leads.setdefault(scope, set()).add(other)
                if reaches(leads, other, scope):
                    mistakes.add(path, f"{other} leads back to {scope}: such a ring brings nothing anywhere")

    def _check_former_names(self, mistakes: Mistakes) -> None:
        owners: dict[str, int] = {}
        for index, pair in enumerate(self.pairs):
            for name in pair.formerly:
                if self.pair(name) is not None:
                    mistakes.add(("pairs", index, "formerly"), f'"{name}" is the name of a pair of this file')
                if owners.setdefault(name, index) != index:
                    mistakes.add(("pairs", index, "formerly"), f'"{name}" is a former name of pairs[{owners[name]}]')

    def _check_code(self, mistakes: Mistakes) -> None:
        for index, pair in enumerate(self.pairs):
            wishes = {
                "pull-requests": (pair.pull_requests, "no task is shown anything", "nowhere to show pull requests"),
                "releases": (pair.releases is Releases.MARK, "no version is marked", "no versions to mark"),
            }
            for key, (wanted, watching, lacking) in wishes.items():
                if wanted and (mistake := self._nothing_from_code(pair, key, watching, lacking)):
                    mistakes.add(("pairs", index, key), mistake)

    def _nothing_from_code(self, pair: PairSettings, key: str, watching: str, lacking: str) -> str:
        """Why nothing can be written because of pull requests or releases; empty where it can."""
        able = {"pull-requests": "shows_pulls", "releases": "releases_versions"}[key]
        tellers = [side for side in Side if getattr(self.trackers[pair.side(side).tracker].settings, "code", False)]
        if pair.mode is Mode.WATCH:
            return f'"{pair.name}" only watches (mode = "watch"): {watching}'
        if not tellers:
            named = " and ".join(sorted({pair.side(side).tracker for side in Side}))
            told = f"one does with code = true in [trackers.NAME] ({named})"
            return f"neither side tells of {key.replace('-', ' ')}: {told}"
        if not any(getattr(pair.side(side.other).kind, able, False) for side in tellers):
            return f"the other side has {lacking}"
        return ""

    def _check_posts(self, mistakes: Mistakes) -> None:
        names: set[str] = set()
        for index, post in enumerate(self.report.posts):
            pair = self.pair(post.pair)
            if pair is None:
                known = [each.name for each in self.pairs]
                message = f'there is no pair "{post.pair}"{did_you_mean(post.pair, known)}'
                mistakes.add(("report", "posts", index, "pair"), message)
            elif pair.mode is Mode.WATCH:
                message = f'"{post.pair}" only watches (mode = "watch"): nothing is posted to its trackers'
                mistakes.add(("report", "posts", index, "pair"), message)
            if post.name in names:
                mistakes.add(("report", "posts", index, "name"), f'"{post.name}" is the name of another post')
            names.add(post.name)

    def _check_notify(self, mistakes: Mistakes) -> None:
        for index, name in enumerate(self.notify.channels):
            if name not in self.channels:
                near = did_you_mean(name, list(self.channels))
                mistakes.add(("notify", "channels", index), f'there is no channel "{name}"{near}')
        chats = [one.channel for one in self.report.channels]
        for index, name in enumerate(chats):
            if name not in self.channels:
                near = did_you_mean(name, list(self.channels))
                mistakes.add(("report", "channels", index), f'there is no channel "{name}"{near}')
            elif name in chats[:index]:
                mistakes.add(("report", "channels", index), f'"{name}" stands there already: it is told once a week')
        people = [person.name for person in self.people]
        for index, pair in enumerate(self.pairs):
            if pair.owner is not None and pair.owner not in people:
                near = did_you_mean(pair.owner, people)
                mistakes.add(("pairs", index, "owner"), f'[[people]] names no "{pair.owner}"{near}')

    def _check_recipients(self, mistakes: Mistakes) -> None:
        known = [person.name for person in self.people]
        for index, reader in enumerate(self.report.recipients):
            if reader.person is not None and reader.person not in known:
                message = f'there is no "{reader.person}" among [[people]]{did_you_mean(reader.person, known)}'
                mistakes.add(("report", "recipients", index, "person"), message)
            if reader.person is not None and (reader.audience or self.report.audience) != "member":
                mistakes.add(("report", "recipients", index, "person"), 'is for the edition audience = "member"')

    def _check_people(self, mistakes: Mistakes) -> None:
        owners: dict[tuple[str, str], int] = {}
        for index, person in enumerate(self.people):
            for tracker, account in person.accounts.items():
                place = ("people", index, "accounts", tracker)
                earlier = owners.setdefault((tracker, account.casefold()), index)
                if earlier != index:
                    mistakes.add(place, f"this account already belongs to people[{earlier}]")
            for tracker in person.ids.keys() - person.accounts.keys():
                mistakes.add(("people", index, "ids", tracker), f"accounts has no {tracker} to which this id belongs")
