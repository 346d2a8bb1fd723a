"""Where settings come from besides the file: `SYNCER_*` variables and a directory of secrets.

Both name a setting by its path with `__` between the parts and `_` for every `-`: `SYNCER_TRACKERS__ACME_JIRA__TOKEN`,
or a file `trackers__acme-jira__token`. Every name that is allowed is known beforehand, so a misspelt one is a mistake
and never silently ignored.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from pydantic import BaseModel

from syncer.contract.naming import did_you_mean
from syncer.settings.hooks import HooksSettings
from syncer.settings.kinds import Kinds, key_of, secret_keys
from syncer.settings.model import LogSettings, Settings
from syncer.settings.notify import ChannelSettings, NotifySettings
from syncer.settings.places import Path
from syncer.settings.problems import Problem
from syncer.settings.reporting import MailSettings, ReportSettings
from syncer.settings.secrecy import Exposure, exposure, remedy
from syncer.settings.table import flat

PREFIX = "SYNCER_"
OTHERS = ("SYNCER_CONFIG", "SYNCER_SECRETS_DIR", "SYNCER_STATE")
"""Variables that are read elsewhere: they say where the configuration, the secrets and the state are."""

FOR_TESTS = "SYNCER_TEST_"
"""How variables begin that the tests of this project read: whoever sets one can still run the product."""

Given = dict[Path, tuple[str, str]]
"""Settings from outside the file, by path: the value, and which variable or file it came from."""

HOOK_SECRET = "hook-secret"  # noqa: S105 - the name of a key
"""The key of a tracker with what it signs webhooks with: no secret that anybody signs in by."""

UNREADABLE = "…"
"""Stands for a secret that was refused, so that "is required" is not said as well."""

_SECTIONS: Mapping[str, type[BaseModel]] = {
    "mail": MailSettings, "report": ReportSettings, "log": LogSettings, "notify": NotifySettings,
    "hooks": HooksSettings,
}  # fmt: skip


def nameable(document: Mapping[str, Any], kinds: Kinds) -> dict[str, Path]:
    """Every setting that can be given from outside the file, by name without prefix: `TRACKERS__ACME_JIRA__TOKEN`."""
    paths: list[Path] = [
        (key_of(Settings, name),) for name, field in Settings.model_fields.items() if _is_plain(field.annotation)
    ]
    for section, model in _SECTIONS.items():
        paths += [(section, key) for key in _plain_keys(model)]
    for tracker, model in tracker_models(document, kinds):
        paths += [("trackers", tracker, key) for key in _plain_keys(model)]
    paths += [("channels", name, key) for name in channels(document) for key in _plain_keys(ChannelSettings)]
    paths += list(secret_files(document, kinds))
    paths += list(former_paths(document, kinds))
    return {"__".join(flat(str(part)) for part in path): path for path in paths}


def undecided(document: Mapping[str, Any], kinds: Kinds) -> tuple[str, ...]:
    """Beginnings of names about which nothing can be said, because the tracker they belong to is itself a mistake."""
    tables = document.get("trackers")
    if not isinstance(tables, dict) or not tables:
        return ("TRACKERS__",)
    known = {tracker for tracker, _ in tracker_models(document, kinds)}
    return tuple(f"TRACKERS__{flat(name)}__" for name in tables if name not in known)


def tracker_models(document: Mapping[str, Any], kinds: Kinds) -> Iterator[tuple[str, type[BaseModel]]]:
    """The trackers of a document whose kind is known, each with the model of its table."""
    tables = document.get("trackers")
    for name, table in tables.items() if isinstance(tables, dict) else ():
        if isinstance(table, dict) and isinstance(kind := table.get("kind"), str) and kind in kinds:
            yield name, kinds[kind].tracker_settings


def channels(document: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the channels of a document."""
    tables = document.get("channels")
    return tuple(tables) if isinstance(tables, dict) else ()


def former_paths(document: Mapping[str, Any], kinds: Kinds) -> Mapping[Path, Path]:
    """The present path of each setting of a configured tracker that had another key once, by its former path."""
    return {
        ("trackers", tracker, former): ("trackers", tracker, present)
        for tracker, model in tracker_models(document, kinds)
        for former, present in getattr(model, "former_keys", {}).items()
    }


def secret_paths(document: Mapping[str, Any], kinds: Kinds) -> Iterator[Path]:
    """The paths of all secrets that trackers, mail server, channels and the heartbeat can have."""
    for tracker, model in tracker_models(document, kinds):
        yield from (("trackers", tracker, key) for key in secret_keys(model))
    yield from (("mail", key) for key in secret_keys(MailSettings))
    yield from (("notify", key) for key in secret_keys(NotifySettings))
    for name in channels(document):
        yield from (("channels", name, key) for key in secret_keys(ChannelSettings))


def key_files(document: Mapping[str, Any], kinds: Kinds) -> Iterator[Path]:
    """The paths of the keys that name a file with a private key, which the tracker's own kind reads."""
    for tracker, model in tracker_models(document, kinds):
        for name in model.model_fields:
            if (key := key_of(model, name)).endswith("key-file"):
                yield ("trackers", tracker, key)


def secret_files(document: Mapping[str, Any], kinds: Kinds) -> Iterator[Path]:
    """The paths of the keys that name a file with a secret: `token-file` for `token`."""
    for *table, key in secret_paths(document, kinds):
        yield (*table, f"{key}-file")


def from_environment(
    environment: Mapping[str, str], names: Mapping[str, Path], undecided: tuple[str, ...] = ()
) -> tuple[Given, list[Problem]]:
    """Settings given by `SYNCER_*` variables, each as `(value, origin)`, and the variables that mean nothing."""
    values: Given = {}
    problems = []
    for variable, value in sorted(environment.items()):
        if not variable.startswith(PREFIX) or variable.startswith(FOR_TESTS) or variable in OTHERS:
            continue
        name = variable.removeprefix(PREFIX).upper()
        path = names.get(name)
        if path is None and name.startswith(undecided):
            continue
        if path is None:
            allowed = [*names, *(name.removeprefix(PREFIX) for name in OTHERS)]
            near = did_you_mean(name, allowed).replace('"', f'"{PREFIX}', 1)
            problems.append(Problem("environment", f"{variable} is set and means nothing here{near or ': unset it'}"))
        elif not value:
            problems.append(Problem("environment", f"{variable} is empty"))
        else:
            values[path] = (value, variable)
    return values, problems


@dataclass(slots=True)
class Secrets:
    """What files with secrets hold, and what is to be said about them."""

    credentials: str = ""
    """The directory that systemd mounted; empty: none."""
    exposed: list[tuple[str, str]] = field(default_factory=list)
    """A line, and what mends it, for each file whose mode lets others read it while its place keeps them out."""

    def read(self, file: FilePath) -> str:
        """The secret in a file, without the line end. Raises ValueError when others can read it or it is not there."""
        try:
            text = file.read_text("utf-8")
            far = exposure(file, self.credentials)
            mode = stat.S_IMODE(file.stat().st_mode)
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "is not text"
            raise ValueError(f"{file} cannot be read: {reason}") from None
        if far is Exposure.OPEN:
            raise ValueError(f"{file} can be read by others (mode {mode:04o}): {remedy(file)}")
        if far is Exposure.CONTAINED:
            self.exposed.append(
                (
                    f"the mode of {file} lets others read it ({mode:04o}); only where it lies keeps them out",
                    remedy(file),
                )
            )
        return text.rstrip("\r\n")

    def from_directories(
        self, directories: Sequence[tuple[FilePath, bool]], names: Mapping[str, Path]
    ) -> tuple[Given, list[Problem]]:
        """Settings given by files of secrets directories, each as `(value, origin)`, and what is wrong with them.

        `directories` are `(directory, exclusive)`: an exclusive one holds nothing but settings, so that a strange file
        is a mistake; systemd's credentials directory may serve others too.
        """
        values: Given = {}
        problems = []
        for directory, exclusive in directories:
            if not directory.is_dir():
                problems.append(Problem(str(directory), "the secrets directory does not exist"))
                continue
            for file in sorted(directory.iterdir()):
                path = names.get(flat(file.name))
                if path is not None and file.is_file():
                    values[path] = (self._read_or_note(file, path, problems), str(file))
                elif exclusive and path is None and not file.name.startswith((".", "..")):
                    allowed = [name.lower() for name in names]
                    problems.append(Problem(str(file), f"this secret means nothing{did_you_mean(file.name, allowed)}"))
        return values, problems

    def _read_or_note(self, file: FilePath, path: Path, problems: list[Problem]) -> str:
        """The secret in a file; UNREADABLE, and a problem more, where it cannot be read."""
        try:
            return self.read(file)
        except ValueError as error:
            problems.append(Problem(".".join(map(str, path)), str(error)))
            return UNREADABLE


def _plain_keys(model: type[BaseModel]) -> list[str]:
    return [key_of(model, name) for name, field in model.model_fields.items() if _is_plain(field.annotation)]


def _is_plain(annotation: Any) -> bool:
    """Whether one string can hold the value: no table, list or map."""
    if isinstance(annotation, type):
        return not issubclass(annotation, BaseModel | tuple | list | dict | set | frozenset)
    inner = getattr(annotation, "__args__", ())
    origin = getattr(annotation, "__origin__", None)
    if origin in (tuple, list, dict, set, frozenset):
        return False
    return all(_is_plain(part) for part in inner if isinstance(part, type) or hasattr(part, "__args__"))
