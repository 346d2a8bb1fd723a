"""The fields that an option may name: those that every pair has, and those that a pair of the file declares."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from syncer.contract.model import Field
    from syncer.settings import Settings


def field_named(settings: Settings, name: str, option: str, *, but: Collection[Field] = ()) -> Field:
    """The field that people call `name`. Raises BadParameter where there is none, or it is among `but`."""
    from syncer.contract.model import Field

    known: tuple[Field, ...] = (*Field, *(field for pair in settings.pairs for field in pair.declared_fields))
    found = next((one for one in known if str(one) == name and one not in but), None)
    if found is None:
        names = dict.fromkeys(str(one) for one in known if one not in but)
        raise typer.BadParameter(f"choose one of {', '.join(names)}", param_hint=option)
    return found
