"""What the configuration says of commands in comments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator

from syncer.contract.naming import did_you_mean
from syncer.core.responsibility import Party
from syncer.core.rules import Command, Mode
from syncer.settings.problems import Mistakes
from syncer.settings.table import ConfigTable


def _some(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value:
        raise ValueError("names nobody and nothing: leave `commands` out instead")
    return value


class CommandSettings(ConfigTable):
    """`commands`: what people may say to syncer in a comment, alone in its first line (`/pause`, `/暂停`)."""

    allow: Annotated[tuple[Command, ...], AfterValidator(_some)]
    """Which commands: `pause`, `resume`, `retry`, `resync`, and `take`, which shows conflicts in a comment as well."""
    who: Annotated[tuple[str, ...], AfterValidator(_some)]
    """Whose: names of `[[people]]`, or a party of the responsibilities file (`delivery`, `client`, `supplier`)."""

    def check(
        self, place: tuple[str | int, ...], mode: Mode, people: Sequence[str], mistakes: Mistakes, *, parties: bool
    ) -> None:
        """Adds what is wrong with it in a pair; `parties` says whether there is a responsibilities file."""
        known = [party.value for party in Party]
        if mode is Mode.WATCH:
            mistakes.add(place, 'the pair only watches (mode = "watch"): it answers nobody')
        for number, name in enumerate(self.who):
            if name in people:
                continue
            if name not in known:
                near = did_you_mean(name, [*people, *known])
                mistakes.add((*place, "who", number), f'[[people]] names no "{name}"{near}')
            elif not parties:
                message = f'"{name}" is a party of the responsibilities file: name that file in [report]'
                mistakes.add((*place, "who", number), message)
