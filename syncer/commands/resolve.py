"""`syncer resolve`: a person's decision about a conflict, or about many of them at once."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncer.commands.conflicts import as_json, called, of_key, shown
from syncer.commands.failures import CommandFailed
from syncer.commands.naming_fields import field_named
from syncer.commands.opening import now, open_contexts, open_settings, open_store
from syncer.commands.options import ConfigOption, JsonOption, PairOption, StateOption, VerboseOption, add
from syncer.commands.output import console, emit, printable, say
from syncer.commands.steering import person
from syncer.core.amounts import plural
from syncer.core.conflict_text import VALUE, Edited, has_markers, said, stored_edit, with_markers

if TYPE_CHECKING:
    from syncer.contract.model import Field
    from syncer.core.records import Conflict
    from syncer.settings import Settings
    from syncer.store import Store
    from syncer.sync.resolving import EditableText

_AGE = re.compile(r"([1-9]\d{0,4})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(
        app,
        "resolve",
        resolve,
        "syncer resolve 12 left",
        "syncer resolve 12 edit",
        "syncer resolve PAY-7 title 'value:Pay by invoice, from 1 May'",
        "syncer resolve --all newest --field status --older 7d",
    )


def resolve(
    what: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID|KEY FIELD] [left|right|edit|value:TEXT]", help="Which conflict, and what stands."),
    ] = None,
    every: Annotated[
        str | None, typer.Option("--all", metavar="left|right|newest", help="Decide all that are listed and not texts.")
    ] = None,
    field: Annotated[str | None, typer.Option("--field", help="With --all: only this field.")] = None,
    older: Annotated[
        str | None, typer.Option("--older", metavar="AGE", help="With --all: open so long (30m, 12h, 7d, 2w).")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="With --all: decide without asking.")] = False,
    pair: PairOption = None,
    json: JsonOption = False,
    verbose: VerboseOption = 0,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Decide a conflict: the left or the right value stands, a text of yours, or what you make of both in your editor.

    The next sync writes the decision. --all shows its list and asks; titles, texts and comments are never decided so.
    """
    settings = open_settings(config, state, verbose, only=pair)
    if every is not None:
        if what:
            raise typer.BadParameter("with --all no conflict is named", param_hint="--all")
        _decide_all(settings, every, pair, _Narrowed.of(settings, field, older), yes=yes, json=json)
        return
    if field is not None or older is not None or yes:
        raise typer.BadParameter("--field, --older and --yes belong to --all", param_hint="resolve")
    *which, decision = what if what and len(what) in {2, 3} else _unclear()
    if decision not in {"left", "right", "edit"} and not decision.startswith(VALUE):
        raise typer.BadParameter('write left, right, edit, or "value:" followed by the text', param_hint="decision")
    with open_store(settings) as store:
        conflict = _one(store, settings, which, pair)
        final = _edited(settings, store, conflict) if decision == "edit" else _checked(conflict, decision)
        store.conflicts.decide(conflict.id, final, now(), person())
        entry = as_json(store, store.conflicts.get(conflict.id) or conflict)
    if json:
        emit({"conflict": entry})
        return
    console().print(f"Decided: {printable(said(final))}. The next sync writes it: syncer sync --pair {entry['pair']}")


def _unclear() -> list[str]:
    raise typer.BadParameter("name a conflict and what stands: 12 left, or PAY-7 title left", param_hint="resolve")


def _one(store: Store, settings: Settings, which: Sequence[str], pair: str | None) -> Conflict:
    """The open conflict of a number, or of a key and a field. Raises CommandFailed."""
    if len(which) == 1:
        if not which[0].isdigit():
            raise CommandFailed(
                "unknown",
                f"{which[0]} is not a number. With a key, name the field as well: syncer resolve {which[0]} FIELD left",
            )
        number = int(which[0])
        conflict = store.conflicts.get(number)
        if conflict is None or pair not in {None, conflict.pair}:
            raise CommandFailed("unknown", f"There is no conflict {number}; `syncer conflicts` lists them.")
        if conflict.settled_at is not None:
            raise CommandFailed("unknown", f"Conflict {number} is settled: both sides agree again.")
        return conflict
    key, field = which
    of_item = of_key(store, settings, key, pair)
    found = [one for one in of_item if str(one.field) == field]
    if len(found) > 1:
        numbers = ", ".join(str(one.id) for one in found)
        raise CommandFailed("unknown", f"{key} has several conflicts in {field}: name one by its number ({numbers}).")
    if not found:
        others = ", ".join(dict.fromkeys(str(one.field) for one in of_item))
        there = f"its conflicts are in: {others}" if others else "`syncer conflicts` lists those there are"
        raise CommandFailed("unknown", f"{key} has no conflict in {field}; {there}.")
    return found[0]


def _checked(conflict: Conflict, decision: str) -> str:
    """A decision that the field can take. Raises CommandFailed for a typed value where only the two will do."""
    from syncer.sync.resolving import can_be_typed

    if decision.startswith(VALUE) and not can_be_typed(conflict):
        raise CommandFailed("usage", f"{conflict.field} cannot be typed: decide for left or right.")
    return decision


# --- in an editor


def _edited(settings: Settings, store: Store, conflict: Conflict) -> str:
    """What a person makes of both texts in their editor, as a decision. Raises CommandFailed."""
    from syncer.sync.resolving import editable

    if not sys.stdin.isatty():
        raise CommandFailed("usage", "Editing needs a terminal; without one: left, right or value:TEXT.")
    with open_contexts(settings, store, only=conflict.pair) as contexts:
        texts = editable(contexts[0], conflict)
    if texts is None:
        raise CommandFailed("usage", f"{conflict.field} of conflict {conflict.id} cannot be edited: left or right.")
    items = as_json(store, conflict)["items"]
    left, right = (f"{side}: {printable(items[side]['key'])}" for side in ("left", "right"))
    return _decision(texts, _in_editor(with_markers(texts.base, texts.left, texts.right, (left, right))))


def _decision(texts: EditableText, saved: str | None) -> str:
    """The decision that a saved text means. Raises CommandFailed where it is none."""
    if saved is None:
        raise CommandFailed("undecided", "The text was not saved: nothing is decided.")
    if has_markers(saved, f"{texts.left}\n{texts.right}"):
        raise CommandFailed("undecided", "There are still markers (<<<<<<<) in the text: nothing is decided.")
    text = saved.strip()
    if not text:
        raise CommandFailed("undecided", "The text is empty: nothing is decided.")
    return f"{VALUE}{text}" if texts.markup is None else stored_edit(Edited(texts.markup, text))


def _in_editor(text: str) -> str | None:
    """What a person saved of a text; None where they left the editor without saving. Only they can read the file."""
    editor = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    handle, name = tempfile.mkstemp(prefix="syncer-", suffix=".md")
    file = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            opened.write(text)
        before = file.stat().st_mtime_ns
        ended = subprocess.run([*editor, name], check=False)  # noqa: S603 - their own editor
        if ended.returncode != 0:
            raise CommandFailed("undecided", f"{editor[0]} ended with {ended.returncode}: nothing is decided.")
        saved = file.read_text("utf-8", errors="replace")
        return None if saved == text and file.stat().st_mtime_ns == before else saved
    except OSError as error:
        raise CommandFailed("usage", f"{editor[0]} cannot be started ({error.strerror}): set EDITOR.") from error
    finally:
        with suppress(OSError):
            file.unlink()


# --- many at once


class _Narrowed:
    """Which conflicts --all means."""

    def __init__(self, field: Field | None, age: timedelta) -> None:
        self.field, self.age = field, age

    @classmethod
    def of(cls, settings: Settings, field: str | None, older: str | None) -> _Narrowed:
        """As the options say. Raises BadParameter."""
        from syncer.sync.resolving import TEXTS

        if field in {text.value for text in TEXTS}:
            raise typer.BadParameter(f"{field} is a text: decide each by itself", param_hint="--field")
        named = None if field is None else field_named(settings, field, "--field", but=TEXTS)
        found = _AGE.fullmatch(older or "")
        if older is not None and found is None:
            raise typer.BadParameter("write an age like 30m, 12h, 7d or 2w", param_hint="--older")
        return cls(named, timedelta() if found is None else timedelta(**{_UNITS[found[2]]: int(found[1])}))

    def takes(self, conflict: Conflict) -> bool:
        """Whether a conflict is one of them."""
        fits = self.field in {None, conflict.field}
        return fits and conflict.decision is None and now() - conflict.opened_at >= self.age


def _decide_all(settings: Settings, how: str, pair: str | None, narrowed: _Narrowed, *, yes: bool, json: bool) -> None:
    if how not in {"left", "right", "newest"}:
        raise typer.BadParameter("choose left, right or newest", param_hint="--all")
    with open_store(settings) as store:
        planned, texts = _planned(store, how, pair, narrowed)
        if texts:
            say(f"{plural(texts, 'text is', 'texts are')} left to decide one by one: syncer conflicts")
        if not planned:
            say("No conflict to decide.")
        elif not json:
            _show_plan(store, planned)
        if planned and not yes:
            _ask(len(planned))
        for conflict, decision in planned:
            store.conflicts.decide(conflict.id, decision, now(), person())
        decided = [as_json(store, store.conflicts.get(conflict.id) or conflict) for conflict, _ in planned]
    if json:
        emit({"conflicts": decided, "texts": texts})
    elif decided:
        say(f"{plural(len(decided), 'conflict is', 'conflicts are')} decided. The next sync writes them: syncer sync")


def _planned(store: Store, how: str, pair: str | None, narrowed: _Narrowed) -> tuple[list[tuple[Conflict, str]], int]:
    """What would be decided, and how many texts are left out."""
    from syncer.sync.resolving import is_text, last_edited

    chosen = [one for one in store.conflicts.of_pair(pair) if narrowed.takes(one)]
    planned = []
    for conflict in chosen:
        side = last_edited(store, conflict)
        if not is_text(conflict) and side is not None:
            planned.append((conflict, side.value if how == "newest" else how))
    return planned, sum(map(is_text, chosen))


def _show_plan(store: Store, planned: Sequence[tuple[Conflict, str]]) -> None:
    for conflict, decision in planned:
        entry: dict[str, Any] = as_json(store, conflict)
        left, right = (printable(shown(entry["field"], entry[side], 40)) for side in ("left", "right"))
        line = f"{conflict.id}  {entry['pair']}  {called(entry)}  {entry['field']}: {left} | {right} → {decision}"
        console().print(line)


def _ask(number: int) -> None:
    if not sys.stdin.isatty():
        raise CommandFailed("usage", "Nothing was decided. Without a terminal, say that you mean it: add --yes")
    typer.confirm(f"Decide {'this one' if number == 1 else f'these {number}'} so?", abort=True)
