"""`syncer init`: writes a first configuration. Asks on a terminal, takes options otherwise.

What has to be asked is known by each kind of tracker (`syncer.contract.beginning.Guide`). Where the secrets are set
already, the trackers are asked what there is: scopes to choose from, statuses, types, priorities, people.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncer.commands.exits import Exit
from syncer.commands.failures import CommandFailed
from syncer.commands.options import add
from syncer.commands.output import printable, say
from syncer.commands.starter import ChosenSide, Proposals, starter, variables

if TYPE_CHECKING:
    from syncer.contract.beginning import Discovery, Guide, InitQuestion, ScopeChoice
    from syncer.settings.kinds import Kinds

_SHOWN = 30
"""Scopes that are listed to choose from."""


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(
        app,
        "init",
        init,
        "syncer init",
        "syncer init --jira-url https://jira.acme.example --project PAY --github-repository acme/pay",
        "syncer init --left jira --right folder --answer right.path=/srv/tasks",
    )


def init(
    jira_url: Annotated[str | None, typer.Option(metavar="URL", help="Address of the Jira site.")] = None,
    jira_user: Annotated[str | None, typer.Option(metavar="EMAIL", help="Account of the token (Jira Cloud).")] = None,
    project: Annotated[str | None, typer.Option(metavar="KEY", help="Key of the Jira project.")] = None,
    github_repository: Annotated[str | None, typer.Option(metavar="OWNER/NAME", help="The repository.")] = None,
    github_url: Annotated[
        str, typer.Option(metavar="URL", help="REST address of an Enterprise Server: https://HOST/api/v3.")
    ] = "",
    left: Annotated[str, typer.Option(metavar="KIND", help="Kind of tracker on the left.")] = "jira",
    right: Annotated[str, typer.Option(metavar="KIND", help="Kind of tracker on the right.")] = "github",
    answer: Annotated[
        list[str] | None,
        typer.Option(metavar="SIDE.KEY=VALUE", help="The answer to any question: right.repository=acme/pay."),
    ] = None,
    name: Annotated[str, typer.Option(metavar="NAME", help="Name of the pair (default: the left scope's).")] = "",
    file: Annotated[Path, typer.Option("--file", metavar="FILE", help="Where to write.")] = Path("syncer.toml"),
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
) -> None:
    """Write an annotated syncer.toml for one pair of scopes.

    Asks for what the options do not tell when it runs on a terminal. Where the variables with the tokens are set, it
    asks the trackers: it lists projects and repositories to choose from, and proposes the maps of statuses, types and
    priorities, and who is who. Never asks for, and never writes, a secret; writes to no tracker.
    """
    if file.exists() and not force:
        say(f"{file} exists already; --force replaces it.")
        raise typer.Exit(Exit.USAGE)
    given = {
        "jira": {"url": jira_url, "user": jira_user, "project": project},
        "github": {"repository": github_repository, "url": github_url or None},
    }
    told = _told(answer or [])
    sides = {side: _Side.of(side, kind, left == right, {**given.get(kind, {}), **told.get(side, {})})
             for side, kind in (("left", left), ("right", right))}  # fmt: skip
    if not sys.stdin.isatty() and (missing := [option for side in sides.values() for option in side.missing()]):
        say(f"Without a terminal these options are needed: {' '.join(missing)}")
        raise typer.Exit(Exit.USAGE)
    for side in sides.values():
        side.ask()
    chosen = {side: one.chosen() for side, one in sides.items()}
    proposals = _proposals(sides)
    pair = name or chosen["left"].start.called
    _write(file, starter(chosen["left"], chosen["right"], pair, proposals), force)
    _tell_next(file, tuple(chosen.values()), asked=all(one.settings() is not None for one in sides.values()))


def _told(answers: Sequence[str]) -> dict[str, dict[str, str]]:
    """What `--answer` tells, by side. Raises BadParameter."""
    found: dict[str, dict[str, str]] = {}
    for one in answers:
        place, sign, value = one.partition("=")
        side, dot, key = place.partition(".")
        if not sign or not dot or side not in {"left", "right"} or not key:
            raise typer.BadParameter(f'"{one}" is not of the form left.KEY=VALUE', param_hint="--answer")
        found.setdefault(side, {})[key] = value
    return found


_OPTIONS: Mapping[tuple[str, str], str] = {
    ("jira", "url"): "--jira-url", ("jira", "user"): "--jira-user", ("jira", "project"): "--project",
    ("github", "repository"): "--github-repository",
}  # fmt: skip
"""Answers that have an option of their own."""


@dataclass(slots=True)
class _Side:
    """One side, while it is asked about."""

    side: str
    kind: str
    tracker: str
    known: Any
    """The `ConnectorKind`, which is a `Guide` too."""
    answers: dict[str, str] = field(default_factory=dict)
    _settings: Any = None

    @classmethod
    def of(cls, side: str, kind: str, both: bool, given: Mapping[str, str | None]) -> _Side:
        """A side with what options tell of it. Ends the command where the kind is none that can be asked."""
        from syncer.contract.beginning import Guide

        found = _kinds()
        if kind not in found:
            raise CommandFailed("unknown", f'"{kind}" is not installed; installed kinds: {", ".join(found)}')
        known: Any = found[kind]
        if not isinstance(known, Guide):
            raise CommandFailed("usage", f'A "{kind}" does not say what it has to be told: write its table by hand.')
        made = cls(side, kind, f"{kind}-{side}" if both else kind, known)
        for key, value in given.items():
            if value is not None:
                made.answers[key] = value.strip()
        for question in made.guide.questions(made.answers):
            if question.key in made.answers:
                made.answers[question.key] = made.normal(question)
        return made

    @property
    def guide(self) -> Guide:
        """What knows which questions there are."""
        found: Guide = self.known
        return found

    def normal(self, question: InitQuestion) -> str:
        """An answer that an option tells, in its normal form. Raises BadParameter."""
        given = self.answers[question.key]
        value = question.normal(given)
        if value is None:
            hint = self.option(question.key)
            raise typer.BadParameter(f'"{given}" does not look like {question.example}', param_hint=hint)
        return value

    def option(self, key: str) -> str:
        """The option that tells an answer."""
        return _OPTIONS.get((self.kind, key), f"--answer {self.side}.{key}=…")

    def missing(self) -> list[str]:
        """The options that would tell what is not known."""
        if "url" not in self.answers and (self.kind, "url") in _OPTIONS:
            known = [one.key for one in self.guide.questions({**self.answers, "url": ""})]
            return [self.option(key) for key in known if key not in self.answers]
        return [self.option(one.key) for one in self.guide.questions(self.answers) if one.key not in self.answers]

    def ask(self) -> None:
        """Asks a person for what is not known; what comes next may depend on what was said."""
        while (open_question := self._open()) is not None:
            choices = self._choices() if open_question.listed else []
            self.answers[open_question.key] = _answer(open_question, choices)

    def _open(self) -> InitQuestion | None:
        return next((one for one in self.guide.questions(self.answers) if one.key not in self.answers), None)

    def chosen(self) -> ChosenSide:
        """The side as it will be written."""
        return ChosenSide(self.kind, self.tracker, self.guide.start(self.answers))

    def settings(self) -> Any:
        """The settings of its tracker, where its secrets are set already; else None."""
        if self._settings is None:
            self._settings = self._read()
        return self._settings

    def _read(self) -> Any:
        from syncer.settings.kinds import valid_or_none

        probe = dict.fromkeys((one.key for one in self.guide.questions(self.answers)), "X") | self.answers
        start = self.guide.start(probe)
        named = variables([ChosenSide(self.kind, self.tracker, start)])
        secrets = {
            key: os.environ.get(variable, "") for (variable, _), (key, _) in zip(named, start.secrets, strict=True)
        }
        if not all(secrets.values()):
            return None
        return valid_or_none(self.known.tracker_settings, {**start.tracker, **secrets})

    def _choices(self) -> list[ScopeChoice]:
        """The scopes to choose from, where the tracker can be asked."""
        from syncer.contract.errors import TrackerError

        settings = self.settings()
        if settings is None:
            return []
        try:
            return list(self.guide.scopes(settings))
        except TrackerError as error:
            say(f"{self.tracker}: what there is to choose from cannot be listed: {error}")
            return []

    def discovered(self) -> Discovery | None:
        """What the scope has; None where it cannot be asked."""
        from syncer.contract.errors import TrackerError
        from syncer.settings.kinds import valid_or_none

        settings = self.settings()
        scope = valid_or_none(self.known.scope_settings, self.guide.start(self.answers).scope)
        if settings is None or scope is None:
            return None
        try:
            return self.guide.discover(settings, scope)
        except TrackerError as error:
            say(f"{self.tracker}: {error}. The file has the usual rows; look at them.")
            return None


def _kinds() -> Kinds:
    from syncer.settings.kinds import Kinds

    return Kinds.installed()


def _answer(question: InitQuestion, choices: Sequence[ScopeChoice]) -> str:
    """What a person types, or the number of a choice; asked again until it has the form."""
    from rich.console import Console
    from rich.prompt import Prompt

    screen = Console(stderr=True, highlight=False, markup=False)
    for number, choice in enumerate(choices[:_SHOWN], start=1):
        screen.print(f"  {number:>2}  {printable(choice.name)}  {printable(choice.title)}")
    if len(choices) > _SHOWN:
        screen.print(f"  … and {len(choices) - _SHOWN} more")
    words = f"{question.words} (number, or like {question.example})" if choices else None
    while True:
        typed = Prompt.ask(words or f"{question.words} (like {question.example})", console=screen).strip()
        if typed.isdecimal() and 1 <= int(typed) <= len(choices[:_SHOWN]):
            return choices[int(typed) - 1].name
        value = question.normal(typed)
        if value is not None:
            return value
        screen.print(f"That does not look like {question.example}.")


def _proposals(sides: Mapping[str, _Side]) -> Proposals:
    """Maps and people, where both trackers can be asked."""
    from syncer.core import beginning

    left, right = (one.discovered() for one in sides.values())
    if left is None or right is None:
        return Proposals()
    labels = (left.labels, right.labels)
    people = beginning.people(left, right)
    known = {person.left for person in people}
    found = Proposals(
        statuses=beginning.statuses(left.statuses, right.statuses),
        priorities=beginning.named_alike(left.priorities, right.priorities, *labels, "priority"),
        types=beginning.named_alike(left.types, right.types, *labels, "type"),
        people=people,
        nobody=[one.name or one.account for one in left.people if one.account not in known][:_SHOWN],
    )
    statuses, persons = len(found.statuses), len(found.people)
    say(f"Found {statuses} statuses, {len(found.types)} types, {len(found.priorities)} priorities and {persons} people"
        " that both sides have.")  # fmt: skip
    return found


def _tell_next(file: Path, sides: Sequence[ChosenSide], *, asked: bool) -> None:
    if asked:
        say(f"Wrote {file}. Look at the maps, then try it:")
    else:
        say(f"Wrote {file}. Set the secrets, then try it:")
        for variable, meaning in variables(sides):
            say(f"  export {variable}=...   # {meaning}")
    say("  syncer check" if file == Path("syncer.toml") else f"  syncer check --config {file}")


def _write(file: Path, text: str, force: bool) -> None:
    """Creates the file with mode 0644; never follows a link that somebody else put there."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | (os.O_TRUNC if force else os.O_EXCL)
    try:
        with os.fdopen(os.open(file, flags, 0o644), "w", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        say(f"{file} cannot be written: {error.strerror}")
        raise typer.Exit(Exit.USAGE) from None
