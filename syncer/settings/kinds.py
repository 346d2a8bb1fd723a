"""The kinds of tracker that are installed, found by entry point: the built-in ones and a third party's alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.metadata import EntryPoints, entry_points
from typing import Any

from pydantic import BaseModel, SecretStr, ValidationError

from syncer.contract.connector import ConnectorKind

GROUP = "syncer.connectors"


class Kinds(Mapping[str, ConnectorKind]):
    """Connector kinds by name; one is imported when it is first asked for."""

    def __init__(self, loaders: Mapping[str, Callable[[], ConnectorKind]]) -> None:
        self._loaders = dict(loaders)
        self._loaded: dict[str, ConnectorKind] = {}

    @classmethod
    def installed(cls) -> Kinds:
        """Those of the entry-point group `syncer.connectors`."""
        return cls({point.name: point.load for point in _points()})

    def __getitem__(self, name: str) -> ConnectorKind:
        if name not in self._loaded:
            self._loaded[name] = self._loaders[name]()
        return self._loaded[name]

    def __contains__(self, name: object) -> bool:
        return name in self._loaders

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._loaders))

    def __len__(self) -> int:
        return len(self._loaders)


@cache
def _points() -> EntryPoints:
    """The entry points of connectors; finding them opens a file of every package that is installed."""
    return entry_points(group=GROUP)


def valid_or_none(model: type[Any], table: Mapping[str, Any]) -> Any:
    """What a model of a kind makes of a table, secrets included; None where the table is not valid."""
    try:
        return model.model_validate(dict(table))
    except ValidationError:
        return None


def key_of(model: type[BaseModel], name: str) -> str:
    """How a field of a model is written in the configuration."""
    return model.model_fields[name].alias or name


def secret_keys(model: type[Any]) -> tuple[str, ...]:
    """The keys of a model whose values are secrets."""
    return tuple(
        key_of(model, name) for name, field in model.model_fields.items() if "SecretStr" in _names_in(field.annotation)
    )


def _names_in(annotation: Any) -> str:
    return SecretStr.__name__ if annotation is SecretStr else str(annotation)
