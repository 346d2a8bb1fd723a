"""From a file, the environment and a secrets directory to one valid `Settings`, or to the list of everything wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from syncer.settings import homes, sources
from syncer.settings.documents import at, is_beside, leaves, merged, nested, put, without
from syncer.settings.kinds import Kinds
from syncer.settings.locating import STATE_FORMS, is_state_location, state_location
from syncer.settings.model import Settings
from syncer.settings.places import Path, nearest, places
from syncer.settings.problems import Misconfigured, Problem, explain, is_meant, keys_at
from syncer.settings.reading import EXAMPLE, read_toml
from syncer.settings.routes import Expansion
from syncer.settings.table import flat
from syncer.settings.trackers import OF_SIDE, UNUSABLE, Trackers

Model = TypeVar("Model", bound=BaseModel)

_TOKEN = re.compile(
    r"gh[pousr]_[A-Za-z0-9]{16,}|github_pat_\w{16,}|ATATT[\w=-]{16,}|-----BEGIN [A-Z ]*PRIVATE KEY|://[^/\s:@]+:[^/\s@]+@"
)
"""What certainly is a secret wherever it stands: tokens, private keys, a password in a URL."""


def load(
    file: FilePath,
    *,
    environment: Mapping[str, str],
    state: str | None = None,
    kinds: Kinds | None = None,
    alone: bool = False,
    hooks: bool = False,
) -> Settings:
    """The settings. Raises Misconfigured with every mistake of the file, the variables and the secrets.

    `state` is what `--state` said; relative paths inside the file are meant from the folder of the file. `alone` looks
    at the file and at nothing that only the machine has which runs it: secrets, and files with them. `hooks` looks at
    the secrets of webhooks besides: who receives them needs no other.
    """
    loading = _Loading(file, environment, kinds or Kinds.installed(), alone=alone or hooks, hooks=hooks)
    loading.check_state(state)
    settings = loading.run()
    place = state_location(state or environment.get("SYNCER_STATE"), settings.state, environment, file.parent)
    trackers = {
        name: table.model_copy(update={"settings": _anchored(table.settings, file.parent)})
        for name, table in settings.trackers.items()
    }
    mail = None if settings.mail is None else _anchored(settings.mail, file.parent)
    parts = {"trackers": trackers, "mail": mail, "report": _anchored(settings.report, file.parent)}
    return _anchored(settings, file.parent).model_copy(update={"state": place, **parts})


def _anchored(table: Model, directory: FilePath) -> Model:
    """The table with its relative paths as seen from a directory."""
    values = {name: getattr(table, name) for name in type(table).model_fields}
    paths = {name: value for name, value in values.items() if isinstance(value, FilePath)}
    return table.model_copy(update={name: directory / path.expanduser() for name, path in paths.items()})


class _Loading:
    """One loading: collects problems on the way, so that nothing stops at the first."""

    def __init__(
        self, file: FilePath, environment: Mapping[str, str], kinds: Kinds, *, alone: bool = False, hooks: bool = False
    ) -> None:
        self.file = file
        self.alone = alone
        self.hooks = hooks
        self.shown = file.name if file.parent == FilePath.cwd() else str(file)
        self.environment = environment
        self.kinds = kinds
        self.problems: list[Problem] = []
        self.places: Mapping[Path, int] = {}
        self.routed: dict[int, tuple[int, int]] = {}
        """Which pairs are places of a route: by index, its index and that of the place in it."""
        self.origins: dict[Path, str] = {}
        """Which variable or file a value came from, where it was not the configuration file."""
        self.former: list[tuple[str, str]] = []
        """A line and its fix for each setting that is given by its former key."""
        self.secrets: frozenset[Path] = frozenset()
        self.files = sources.Secrets(environment.get("CREDENTIALS_DIRECTORY", ""))

    def run(self) -> Settings:
        written = self._read()
        former = sources.former_paths(written, self.kinds)
        self._renew(written, former)
        self._refuse_secrets(written)
        names = sources.nameable(written, self.kinds)
        given, unknown = sources.from_environment(self.environment, names, sources.undecided(written, self.kinds))
        secrets, strange = self.files.from_directories(self._secret_directories(), names)
        self.problems += unknown + strange
        given, secrets = self._renewed(given, former), self._renewed(secrets, former)
        self.origins |= {path: origin for path, (_, origin) in (secrets | given).items()}
        layers = [nested({path: value for path, (value, _) in layer.items()}) for layer in (given, secrets)]
        document = merged(merged(merged({}, written), layers[1]), layers[0])
        if self.alone:
            if self.hooks:
                self._open_secret_files(document, only=sources.HOOK_SECRET)
            self._leave_secrets_out(document)
        else:
            self._open_secret_files(document)
            self._place_key_files(document)
        if isinstance(place := written.get("state"), str) and not is_state_location(place):
            self._problem(("state",), STATE_FORMS)
        document = self._expanded(document)
        if self.problems and document.get("routes") == [] and not document.get("pairs"):
            raise self._misconfigured()  # the lack of pairs says nothing new
        written = {**written, **{key: document[key] for key in ("pairs", "routes") if key in document}}
        settings = self._validate(Trackers(self.kinds, self._problem).placed(document), written)
        if self.problems or settings is None:
            raise self._misconfigured()
        settings.note(exposed=self.files.exposed, former=self.former)
        return settings

    def _misconfigured(self) -> Misconfigured:
        """Every mistake that was found, in the order of the file."""
        return Misconfigured(sorted(self.problems, key=lambda problem: (problem.origin, problem.line or 0)))

    def _renew(self, written: dict[str, Any], former: Mapping[Path, Path]) -> None:
        """Gives every setting that the file has by its former key its present one, and remembers to say so."""
        for old, present in former.items():
            table, key, name = at(written, old[:-1]), str(old[-1]), str(present[-1])
            if not isinstance(table, dict) or key not in table:
                continue
            value = table.pop(key)
            if name in table:
                self._problem(old, f"is the former key of {name}, which is there too: keep {name}")
                continue
            table[name] = value
            self.places = {**self.places, present: self.places[old]} if old in self.places else self.places
            line = Problem(self.shown, f"is called {name} now", old, nearest(self.places, old))
            self.former.append((str(line), f"write {name} in its place; both are understood"))

    def _renewed(self, given: sources.Given, former: Mapping[Path, Path]) -> sources.Given:
        """What variables or files give, by present keys; a present one goes before its former one."""
        present = {path: told for path, told in given.items() if path not in former}
        for old, told in given.items():
            if old in former:
                present.setdefault(former[old], told)
                line = Problem(told[1], f"is called {former[old][-1]} now", old)
                self.former.append((str(line), f"name it {_variable(former[old])}; both are understood"))
        return present

    def check_state(self, chosen: str | None) -> None:
        """Refuses an address that is neither a directory nor a database we speak to: it would become a new folder."""
        named = {"--state": chosen, "SYNCER_STATE": None if chosen else self.environment.get("SYNCER_STATE")}
        for origin, location in named.items():
            if location and not is_state_location(location):
                self.problems.append(Problem(origin, STATE_FORMS))

    def _read(self) -> dict[str, Any]:
        text, written = read_toml(self.file, self.shown)
        if not written:
            raise Misconfigured([Problem(self.shown, f"is empty; {EXAMPLE}")])
        self.places = places(text)
        self._name_channels(written)
        return written

    def _name_channels(self, written: dict[str, Any]) -> None:
        """Turns `[[channels]]` into tables by name, as those of trackers are, so that variables can name them."""
        tables = written.get("channels")
        if not isinstance(tables, list):
            return
        named: dict[str, Any] = {}
        for index, table in enumerate(tables):
            name = table.get("name") if isinstance(table, dict) else None
            if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name):
                self._problem(("channels", index, "name"), "is required; it has letters, digits, - and _ only")
            elif name in named:
                self._problem(("channels", index, "name"), f'"{name}" is the name of another channel')
            else:
                named[name] = {key: value for key, value in table.items() if key != "name"}
        written["channels"] = named

    def _problem(self, path: Path, message: str) -> None:
        if path[:1] == ("pairs",) and len(path) > 1 and path[1] in self.routed:
            route, place = self.routed[int(path[1])]
            own = ("routes", route, "to", place, *path[2:])
            common = ("routes", route, *path[2:])
            path = common if own not in self.places and common in self.places else own
        origin = self.origins.get(path)
        if origin is not None:
            self.problems.append(Problem(origin, message))
        else:
            self.problems.append(Problem(self.shown, message, path, nearest(self.places, path)))

    def _refuse_secrets(self, written: dict[str, Any]) -> None:
        """A secret in the file is refused and forgotten, so that no later message can show it."""
        self.secrets = frozenset(sources.secret_paths(written, self.kinds))
        for path, value in list(leaves(written)):
            if path in self.secrets or (isinstance(value, str) and _TOKEN.search(value)):
                remedy = f"set {_variable(path)}" + (f" or {path[-1]}-file" if path in self.secrets else "")
                self._problem(path, f"a secret does not belong into this file: {remedy}")
                put(written, path, sources.UNREADABLE)

    def _secret_directories(self) -> Sequence[tuple[FilePath, bool]]:
        chosen = [(self.environment.get(name), exclusive) for name, exclusive in
                  (("CREDENTIALS_DIRECTORY", False), ("SYNCER_SECRETS_DIR", True))]  # fmt: skip
        return [(FilePath(directory), exclusive) for directory, exclusive in chosen if directory]

    def _open_secret_files(self, document: dict[str, Any], *, only: str = "") -> None:
        for path in sources.secret_files(document, self.kinds):
            table = at(document, path[:-1])
            if not isinstance(table, dict) or path[-1] not in table or not str(path[-1]).startswith(only):
                continue
            named = table.pop(str(path[-1]))
            key = str(path[-1]).removesuffix("-file")
            try:
                secret = self.files.read(self.file.parent / FilePath(str(named)).expanduser())
            except ValueError as error:
                self._problem(path, str(error))
                secret = sources.UNREADABLE
            table.setdefault(key, secret)
            self.origins.setdefault((*path[:-1], key), str(named))

    def _leave_secrets_out(self, document: dict[str, Any]) -> None:
        """Puts something in the place of every secret that is needed and not given."""
        for path in sources.secret_files(document, self.kinds):
            if isinstance(table := at(document, path[:-1]), dict):
                table.pop(str(path[-1]), None)
        for path in self.secrets:
            table = at(document, path[:-1])
            other_way = isinstance(table, dict) and any(str(key).endswith("-file") for key in table)
            if path[-1] == sources.HOOK_SECRET:
                continue  # nothing needs it but who receives hooks, and says so itself
            if path[0] in {"trackers", "channels"} and isinstance(table, dict) and not other_way:
                table.setdefault(str(path[-1]), _NOT_LOOKED_AT)

    def _place_key_files(self, document: dict[str, Any]) -> None:
        """Names private keys by their whole path; one that others can read is refused like any other secret.

        What reads a key tells when there is none.
        """
        for path in sources.key_files(document, self.kinds):
            if not isinstance(named := at(document, path), str):
                continue
            file = self.file.parent / FilePath(named).expanduser()
            put(document, path, str(file))
            try:
                if file.is_file():
                    self.files.read(file)
            except ValueError as error:
                self._problem(path, str(error))

    def _expanded(self, document: dict[str, Any]) -> dict[str, Any]:
        """The document with a pair for each place of a route; what is wrong with one is told where that stands."""
        trackers = document.get("trackers")
        kinds = {
            name: self.kinds[kind]
            for name, table in (trackers.items() if isinstance(trackers, dict) else ())
            if isinstance(table, dict) and isinstance(kind := table.get("kind"), str) and kind in self.kinds
        }

        def narrow(tracker: str, table: Mapping[str, Any], *rules: Any) -> dict[str, Any]:
            kind = kinds.get(tracker)
            if kind is None:
                return dict(table)  # told with the side
            if not hasattr(kind.scope_settings, "routed"):
                raise ValueError(f"a tracker of kind {kind.name} knows no routes")
            narrowed: dict[str, Any] = kind.scope_settings.routed(table, *rules)
            return narrowed

        expansion = Expansion(narrow, self._problem)
        expanded = expansion.run(document)
        self.routed = expansion.origins
        return expanded

    def _validate(self, document: dict[str, Any], written: Mapping[str, Any]) -> Settings | None:
        """The settings, None with a mistake. What a mistake hides is looked for without the value that has it."""
        told: list[Path] = []
        for _ in range(ROUNDS):
            try:
                settings = Settings(**document)
            except ValidationError as error:
                details = [one for one in error.errors(include_url=False, include_input=False)
                           if not any(is_beside(one["loc"], path) for path in told)]  # fmt: skip
                for one in details:
                    self._explain(one["loc"], one, document, written)
                told += [one["loc"] for one in details]
                document = without(document, [one["loc"] for one in details if one["type"] != "missing"])
                if not details:
                    return None
            else:
                return None if told else settings
        return None

    def _explain(self, place: Path, details: Any, document: Mapping[str, Any], written: Mapping[str, Any]) -> None:
        is_key = place[-1:] == ("[key]",)
        if is_key:
            place = place[:-1]
        if at(document, place) is UNUSABLE or any(at(document, place[:cut]) is UNUSABLE for cut in range(len(place))):
            return  # said before, with a better reason
        shown = tuple(part for position, part in enumerate(place) if not _is_inserted(place, position))
        if details["type"] == "missing" and shown in self.secrets:
            self._problem(shown, f"is required, and not in this file: set {_variable(shown)}, or {shown[-1]}-file")
            return
        value = shown[-1] if is_key else at(written, shown)
        allowed = self._keys_beside(place, document)
        told, hint = explain(details, value, allowed), self._secret_hint(shown, document)
        if details["type"] == "extra_forbidden":
            hint = self._other_kind(place, document) if told == "unknown key" else ""
            told = told if hint or is_meant(str(shown[-1]), allowed) else self._at_home(shown) or told
        self._problem(shown, told + hint)

    def _at_home(self, shown: Path) -> str:
        """Where a key belongs that is known and stands in a wrong table; empty where that is not known."""
        home = homes.hint(str(shown[-1]), self._written_at(shown[:-1]), self.kinds)
        return f"unknown key{home}" if home else ""

    def _written_at(self, path: Path) -> Path:
        """Where a table stands in the file: that of a pair may be one of a route."""
        of_route = path[:1] == ("pairs",) and path[1] in self.routed
        return ("routes", 0, *path[2:]) if of_route else path

    def _other_kind(self, place: Path, document: Mapping[str, Any]) -> str:
        """For a key of a scope that another kind of tracker has: two trackers were taken for each other."""
        match place[:-1]:
            case ("pairs", _, "left" | "right" as side, "scope"):
                kind, tracker = (at(document, (*place[:2], side, key)) for key in ("kind", "tracker"))
                has = [name for name in self.kinds if place[-1] in keys_at(self.kinds[name].scope_settings, ())]
                if has:
                    return f': "{tracker}" is of kind {kind.name}, and only a tracker of kind {" or ".join(has)} has it'
        return ""

    def _secret_hint(self, shown: Path, document: Mapping[str, Any]) -> str:
        """For a mistake of a whole tracker that has no secret yet: how to give it one."""
        own = [path for path in self.secrets if path[:-1] == shown and path[-1] != sources.HOOK_SECRET]
        if not own or any(str(path[-1]) in (at(document, (*shown, "settings")) or {}) for path in own):
            return ""
        return "".join(f" ({path[-1]}: set {_variable(path)}, or {path[-1]}-file)" for path in own)

    def _keys_beside(self, place: Path, document: Mapping[str, Any]) -> Sequence[str]:
        """The keys that are allowed where an unknown one stands."""
        match place[:-1]:
            case ("trackers", _, "settings", *rest):
                kind = at(document, (*place[:2], "kind"))
                return ("kind", *keys_at(kind.tracker_settings, tuple(rest)))
            case ("pairs", _, "left" | "right", "scope", *rest):
                kind = at(document, (*place[:3], "kind"))
                return (*OF_SIDE, *keys_at(kind.scope_settings, tuple(rest)))
            case table:
                return keys_at(Settings, table)


ROUNDS = 4
"""A mistake may hide another one, and that a third."""
_NOT_LOOKED_AT = "not-looked-at"
"""Stands for a secret where the file is looked at alone."""


def _variable(path: Path) -> str:
    """The environment variable that gives the value at `path`."""
    return sources.PREFIX + "__".join(flat(str(part)) for part in path)


def _is_inserted(place: Path, position: int) -> bool:
    match place[: position + 1]:
        case ("trackers", _, "settings") | ("pairs", _, "left" | "right", "scope"):
            return True
        case _:
            return False
