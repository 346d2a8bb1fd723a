"""From a file, the environment and a secrets directory to one valid `Settings`, or to the list of everything wrong."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource

from syncer.settings import sources
from syncer.settings.kinds import Kinds
from syncer.settings.model import Settings
from syncer.settings.places import Path, nearest, places
from syncer.settings.problems import Misconfigured, Problem, did_you_mean, explain, keys_at, line_in

FILE_NAME = "syncer.toml"

_TOKEN = re.compile(
    r"gh[pousr]_[A-Za-z0-9]{16,}|github_pat_\w{16,}|ATATT[\w=-]{16,}|-----BEGIN [A-Z ]*PRIVATE KEY|://[^/\s:@]+:[^/\s@]+@"
)
"""What certainly is a secret wherever it stands: tokens, private keys, a password in a URL."""


STATE_SCHEMES = ("postgresql://", "postgres://", "postgresql+psycopg://")
STATE_FORMS = "a state is a directory, or postgresql://USER@HOST/DATABASE; no other kind of address"

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/")


def is_state_location(text: str) -> bool:
    """Whether a state can lie there: a path, or an address of PostgreSQL."""
    return text.startswith(STATE_SCHEMES) or _ADDRESS.match(text) is None


def locate(chosen: FilePath | None, environment: Mapping[str, str], directory: FilePath) -> FilePath:
    """The configuration file: `--config`, `SYNCER_CONFIG`, `syncer.toml` here, or the user's. Raises Misconfigured."""
    if chosen is None and (variable := environment.get("SYNCER_CONFIG")):
        chosen = FilePath(variable)
    if chosen is not None:
        if not chosen.is_file():
            raise Misconfigured([Problem(str(chosen), "there is no such file; `syncer init` writes one")])
        return chosen
    base = environment.get("XDG_CONFIG_HOME") or str(FilePath(environment.get("HOME", "~")).expanduser() / ".config")
    candidates = [directory / FILE_NAME, FilePath(base) / "syncer" / FILE_NAME]
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    looked = " and ".join(str(candidate) for candidate in candidates)
    raise Misconfigured([Problem(FILE_NAME, f"not found (looked for {looked}); `syncer init` writes one")])


def load(
    file: FilePath, *, environment: Mapping[str, str], state: str | None = None, kinds: Kinds | None = None
) -> Settings:
    """The settings. Raises Misconfigured with every mistake of the file, the variables and the secrets.

    `state` is what `--state` said; relative paths inside the file are meant from the folder of the file.
    """
    loading = _Loading(file, environment, kinds or Kinds.installed())
    loading.check_state(state)
    settings = loading.run()
    return settings.model_copy(
        update={
            "state": state_location(state or environment.get("SYNCER_STATE"), settings.state, environment, file.parent),
            "metrics_file": _from(file.parent, settings.metrics_file),
            "report": settings.report.model_copy(
                update={
                    "directory": _from(file.parent, settings.report.directory),
                    "responsibilities": _from(file.parent, settings.report.responsibilities),
                },
            ),
        }
    )


def state_location(chosen: str | None, written: str, environment: Mapping[str, str], beside: FilePath) -> str:
    """Where the state is: `--state` or `SYNCER_STATE`, the file's `state`, or `$XDG_STATE_HOME/syncer`."""
    if chosen:
        return chosen if "://" in chosen else str(FilePath(chosen).expanduser().absolute())
    if written:
        return written if "://" in written else str((beside / FilePath(written).expanduser()).absolute())
    base = environment.get("XDG_STATE_HOME") or str(
        FilePath(environment.get("HOME", "~")).expanduser() / ".local/state"
    )
    return str(FilePath(base) / "syncer")


def _from(directory: FilePath, path: FilePath | None) -> FilePath | None:
    return None if path is None else directory / path.expanduser()


class _Loading:
    """One loading: collects problems on the way, so that nothing stops at the first."""

    def __init__(self, file: FilePath, environment: Mapping[str, str], kinds: Kinds) -> None:
        self.file = file
        self.shown = file.name if file.parent == FilePath.cwd() else str(file)
        self.environment = environment
        self.kinds = kinds
        self.problems: list[Problem] = []
        self.places: Mapping[Path, int] = {}
        self.origins: dict[Path, str] = {}
        """Which variable or file a value came from, where it was not the configuration file."""
        self.secrets: frozenset[Path] = frozenset()
        self.files = sources.Secrets(environment.get("CREDENTIALS_DIRECTORY", ""))

    def run(self) -> Settings:
        written = self._read()
        self._refuse_secrets(written)
        names = sources.nameable(written, self.kinds)
        given, unknown = sources.from_environment(self.environment, names, sources.undecided(written, self.kinds))
        secrets, strange = self.files.from_directories(self._secret_directories(), names)
        self.problems += unknown + strange
        self.origins |= {path: origin for path, (_, origin) in (secrets | given).items()}
        layers = [_nested({path: value for path, (value, _) in layer.items()}) for layer in (given, secrets)]
        document = _merged(_merged(_merged({}, written), layers[1]), layers[0])
        self._open_secret_files(document)
        if isinstance(place := written.get("state"), str) and not is_state_location(place):
            self._problem(("state",), STATE_FORMS)
        self._place_key_files(document)
        settings = self._validate(self._with_kinds(document), written)
        if self.problems or settings is None:
            raise Misconfigured(sorted(self.problems, key=lambda problem: (problem.origin, problem.line or 0)))
        settings.note_exposed(self.files.exposed)
        return settings

    def check_state(self, chosen: str | None) -> None:
        """Refuses an address that is neither a directory nor a database we speak to: it would become a new folder."""
        named = {"--state": chosen, "SYNCER_STATE": None if chosen else self.environment.get("SYNCER_STATE")}
        for origin, location in named.items():
            if location and not is_state_location(location):
                self.problems.append(Problem(origin, STATE_FORMS))

    def _read(self) -> dict[str, Any]:
        try:
            text = self.file.read_text("utf-8")
            written = tomllib.loads(text)
        except OSError as error:
            raise Misconfigured([Problem(self.shown, f"cannot be read: {error.strerror}")]) from None
        except UnicodeDecodeError as error:
            raise Misconfigured([Problem(self.shown, f"is not UTF-8 text (byte {error.start})")]) from None
        except tomllib.TOMLDecodeError as error:
            raise Misconfigured([Problem(self.shown, f"is not TOML: {error}", line=line_in(str(error)))]) from None
        self.places = places(text)
        return written

    def _problem(self, path: Path, message: str) -> None:
        origin = self.origins.get(path)
        if origin is not None:
            self.problems.append(Problem(origin, message))
        else:
            self.problems.append(Problem(self.shown, message, path, nearest(self.places, path)))

    def _refuse_secrets(self, written: dict[str, Any]) -> None:
        """A secret in the file is refused and forgotten, so that no later message can show it."""
        self.secrets = frozenset(sources.secret_paths(written, self.kinds))
        for path, value in list(_leaves(written)):
            if path in self.secrets or (isinstance(value, str) and _TOKEN.search(value)):
                remedy = f"set {_variable(path)}" + (f" or {path[-1]}-file" if path in self.secrets else "")
                self._problem(path, f"a secret does not belong into this file: {remedy}")
                _replace(written, path, sources.UNREADABLE)

    def _secret_directories(self) -> Sequence[tuple[FilePath, bool]]:
        chosen = [(self.environment.get(name), exclusive) for name, exclusive in
                  (("CREDENTIALS_DIRECTORY", False), ("SYNCER_SECRETS_DIR", True))]  # fmt: skip
        return [(FilePath(directory), exclusive) for directory, exclusive in chosen if directory]

    def _open_secret_files(self, document: dict[str, Any]) -> None:
        for path in sources.secret_files(document, self.kinds):
            table = _at(document, path[:-1])
            if not isinstance(table, dict) or path[-1] not in table:
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

    def _place_key_files(self, document: dict[str, Any]) -> None:
        """Names private keys by their whole path; one that others can read is refused like any other secret.

        What reads a key tells when there is none.
        """
        for path in sources.key_files(document, self.kinds):
            if isinstance(named := _at(document, path), str):
                file = self.file.parent / FilePath(named).expanduser()
                _replace(document, path, str(file))
                if file.is_file():
                    try:
                        self.files.read(file)
                    except ValueError as error:
                        self._problem(path, str(error))

    def _with_kinds(self, document: dict[str, Any]) -> dict[str, Any]:
        """The document with the kind of tracker beside each tracker's table and each scope, as the models want it."""
        tables = document.get("trackers")
        trackers: dict[str, Any] = {}
        for name, table in tables.items() if isinstance(tables, dict) else ():
            if (kind := self._kind(name, table)) is not None:
                rest = {key: value for key, value in table.items() if key != "kind"}
                trackers[name] = {"name": name, "kind": kind, "settings": rest}
        written = tuple(tables) if isinstance(tables, dict) else ()
        self._check_people(document, written)
        pairs = document.get("pairs")
        if isinstance(pairs, list):
            pairs = [self._pair(index, pair, trackers, written) for index, pair in enumerate(pairs)]
        known = {"trackers": trackers} if isinstance(tables, dict) else {}
        return {**document, **known, **({"pairs": pairs} if "pairs" in document else {})}

    def _kind(self, name: str, table: object) -> Any:
        path: Path = ("trackers", name)
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name):
            self._problem(path, "a tracker's name has letters, digits, - and _ only")
        if not isinstance(table, dict):
            self._problem(path, "should be a table")
            return None
        kind = table.get("kind")
        installed = ", ".join(self.kinds) or "none"
        if not isinstance(kind, str):
            self._problem((*path, "kind"), f"is required; installed kinds: {installed}")
            return None
        if kind not in self.kinds:
            near = did_you_mean(kind, self.kinds)
            self._problem((*path, "kind"), f'"{kind}" is not installed; installed kinds: {installed}{near}')
            return None
        return self.kinds[kind]

    def _check_people(self, document: Mapping[str, Any], trackers: Sequence[str]) -> None:
        people = document.get("people")
        for index, person in enumerate(people if isinstance(people, list) else ()):
            accounts = person.get("accounts") if isinstance(person, dict) else None
            for tracker in accounts if isinstance(accounts, dict) else ():
                if tracker not in trackers:
                    message = f'there is no tracker "{tracker}"{did_you_mean(tracker, trackers)}'
                    self._problem(("people", index, "accounts", tracker), message)

    def _pair(self, index: int, pair: object, trackers: Mapping[str, Any], written: Sequence[str]) -> object:
        if not isinstance(pair, dict):
            return pair
        changed = dict(pair)
        for side in ("left", "right"):
            table = pair.get(side)
            if isinstance(table, dict):
                changed[side] = self._side(("pairs", index, side), table, trackers, written)
        return changed

    def _side(
        self, path: Path, table: Mapping[str, Any], trackers: Mapping[str, Any], written: Sequence[str]
    ) -> object:
        name = table.get("tracker")
        if not isinstance(name, str):
            self._problem((*path, "tracker"), f"is required: one of {', '.join(written)}")
        elif name not in written:
            self._problem((*path, "tracker"), f'there is no tracker "{name}"{did_you_mean(name, written)}')
        elif name in trackers:
            own = {key: value for key, value in table.items() if key in {"tracker", "audience"}}
            rest = {key: value for key, value in table.items() if key not in own}
            return {**own, "kind": trackers[name]["kind"], "scope": rest}
        return _UNUSABLE

    def _validate(self, document: dict[str, Any], written: Mapping[str, Any]) -> Settings | None:
        class Loaded(Settings):
            @classmethod
            def settings_customise_sources(
                cls,
                settings_cls: type[BaseSettings],
                init_settings: PydanticBaseSettingsSource,
                env_settings: PydanticBaseSettingsSource,
                dotenv_settings: PydanticBaseSettingsSource,
                file_secret_settings: PydanticBaseSettingsSource,
            ) -> tuple[PydanticBaseSettingsSource, ...]:
                """One source: the document, merged by rules that know the names of the trackers."""
                return (InitSettingsSource(settings_cls, init_kwargs=document),)

        try:
            return Loaded()  # type: ignore[call-arg]  # every field comes from the source above
        except ValidationError as error:
            for details in error.errors(include_url=False, include_input=False):
                self._explain(details["loc"], details, document, written)
            return None

    def _explain(self, place: Path, details: Any, document: Mapping[str, Any], written: Mapping[str, Any]) -> None:
        is_key = place[-1:] == ("[key]",)
        if is_key:
            place = place[:-1]
        if _at(document, place) is _UNUSABLE or any(
            _at(document, place[:cut]) is _UNUSABLE for cut in range(len(place))
        ):
            return  # said before, with a better reason
        shown = tuple(part for position, part in enumerate(place) if not _is_inserted(place, position))
        if details["type"] == "missing" and shown in self.secrets:
            self._problem(shown, f"is required, and not in this file: set {_variable(shown)}, or {shown[-1]}-file")
            return
        value = shown[-1] if is_key else _at(written, shown)
        self._problem(
            shown, explain(details, value, self._keys_beside(place, document)) + self._secret_hint(shown, document)
        )

    def _secret_hint(self, shown: Path, document: Mapping[str, Any]) -> str:
        """For a mistake of a whole tracker that has no secret yet: how to give it one."""
        own = [path for path in self.secrets if path[:-1] == shown]
        if not own or any(str(path[-1]) in (_at(document, (*shown, "settings")) or {}) for path in own):
            return ""
        return "".join(f" ({path[-1]}: set {_variable(path)}, or {path[-1]}-file)" for path in own)

    def _keys_beside(self, place: Path, document: Mapping[str, Any]) -> Sequence[str]:
        """The keys that are allowed where an unknown one stands."""
        match place[:-1]:
            case ("trackers", _, "settings", *rest):
                kind = _at(document, (*place[:2], "kind"))
                return ("kind", *keys_at(kind.tracker_settings, tuple(rest)))
            case ("pairs", _, "left" | "right", "scope", *rest):
                kind = _at(document, (*place[:3], "kind"))
                return ("tracker", "audience", *keys_at(kind.scope_settings, tuple(rest)))
            case table:
                return keys_at(Settings, table)


class _Unusable:
    """Stands for a table whose mistake was already reported."""


_UNUSABLE = _Unusable()


def _variable(path: Path) -> str:
    """The environment variable that gives the value at `path`."""
    return sources.PREFIX + "__".join(sources.flat(str(part)) for part in path)


def _is_inserted(place: Path, position: int) -> bool:
    match place[: position + 1]:
        case ("trackers", _, "settings") | ("pairs", _, "left" | "right", "scope"):
            return True
        case _:
            return False


def _at(document: Any, path: Path) -> Any:
    for part in path:
        try:
            document = document[part]
        except (KeyError, IndexError, TypeError):
            return None
    return document


def _replace(document: Any, path: Path, value: object) -> None:
    _at(document, path[:-1])[path[-1]] = value


def _leaves(document: Any, path: Path = ()) -> Any:
    """Every value that is no table or list, with its path."""
    match document:
        case dict():
            for key, value in document.items():
                yield from _leaves(value, (*path, key))
        case list():
            for index, value in enumerate(document):
                yield from _leaves(value, (*path, index))
        case _:
            yield path, document


def _nested(values: Mapping[Path, str]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for path, value in values.items():
        table = document
        for part in path[:-1]:
            table = table.setdefault(str(part), {})
        table[str(path[-1])] = value
    return document


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """`below` with the values of `above`, tables merged key by key."""
    result = dict(below)
    for key, value in above.items():
        old = result.get(key)
        result[key] = _merged(old if isinstance(old, dict) else {}, value) if isinstance(value, dict) else value
    return result
