"""The command `syncer`: its commands in the order a new user meets them, and what every failure becomes."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from syncer.commands.exits import Exit
from syncer.commands.failures import CommandFailed, describe_failure
from syncer.commands.interruption import CommandInterrupted, end_at_once
from syncer.commands.output import bear_any_terminal, drop_stdout, emit

COMMANDS: Final = {
    name: module
    for module, names in {
        "demo": ("demo",),
        "init": ("init",),
        "check": ("check",),
        "adopt": ("adopt",),
        "preview": ("preview",),
        "sync": ("sync",),
        "status": ("status",),
        "conflicts": ("conflicts",),
        "resolve": ("resolve",),
        "retry": ("retry",),
        "steering": ("pause", "resume", "unlink", "link", "resync"),
        "explain": ("explain",),
        "verify": ("verify",),
        "pair": ("pair",),
        "backup": ("backup",),
        "restore": ("restore",),
        "state": ("state",),
        "prune": ("prune",),
        "responsibilities": ("responsibilities",),
        "goals": ("goals",),
        "advice": ("advice",),
        "report": ("report",),
        "daemon": ("daemon",),
        "worker": ("worker",),
        "hooks": ("hooks",),
        "sandbox": ("sandbox",),
        "plan": ("plan",),
    }.items()
    for name in names
}
"""The commands in the order of the help, each with its module in `syncer.commands`."""


class _Loaded(MutableMapping[str, Any]):
    """The commands by name; the module of one is imported when it is looked up.

    Cron starts a process every few minutes, and most of what a run takes was once the imports of other commands.
    """

    def __init__(self) -> None:
        self._found: dict[str, Any] = dict.fromkeys(COMMANDS)

    def __getitem__(self, name: str) -> Any:
        if self._found[name] is None:
            alone = typer.Typer()
            import_module(f"syncer.commands.{COMMANDS[name]}").register(alone)
            self._found |= typer.main.get_group(alone).commands
        return self._found[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._found[name] = command

    def __delitem__(self, name: str) -> None:
        del self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


class _Group(TyperGroup):
    """All commands, of which only the one that is called is loaded."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands = _Loaded()


app = typer.Typer(
    name="syncer",
    cls=_Group,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 1 some items are retried next run, 2 usage or configuration, 3 another run is at work, "
    "4 credentials or permissions, 5 rate budget used up (resumes by itself), "
    "6 done, and something new waits for a person (told once), 7 refused by a guard (needs a person), "
    "70 unexpected error, 130 and 143 ended by Ctrl-C and SIGTERM.",
)


@app.callback(invoke_without_command=True)
def syncer(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    """Keeps a Jira project and a GitHub repository in step, both ways, and reports each week how the work went."""
    if version:
        from syncer import __version__

        typer.echo(f"syncer {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


COLLECTED_AFTER = (10_000, 10, 10)
"""When the collector of cycles looks. Long texts and pages are many small objects and few cycles: at Python's 700 the
collector takes up to half of the time in which a text is read."""


def main() -> None:
    """Runs the command line and ends the process with an exit code that says what the operator must do."""
    bear_any_terminal()
    end_at_once()
    gc.set_threshold(*COLLECTED_AFTER)
    json = "--json" in sys.argv
    try:
        if "--dry-run" in sys.argv and "prune" not in sys.argv:
            raise CommandFailed("usage", "There is no --dry-run: `syncer preview` shows what a sync would write.")
        app()
    except CommandInterrupted as interrupted:
        if json:
            emit({"error": "interrupted", "code": int(interrupted.code), "messages": []})
        sys.exit(interrupted.code)
    except SystemExit as ended:
        if isinstance(ended.__context__, BrokenPipeError):
            drop_stdout()  # the reader of a pipe has seen enough (`syncer status | head`); Typer would end with 1
            sys.exit(Exit.DONE)
        # A mistake of the command line, which Typer has said on stderr; whose class it is depends on Typer's version.
        complaint = getattr(ended.__context__, "format_message", None)
        if json and complaint is not None:
            emit({"error": "usage", "code": int(Exit.USAGE), "messages": [complaint()]})
        raise
    except Exception as error:  # noqa: BLE001  # the last resort: every failure becomes a sentence and an exit code
        failure = describe_failure(error)
        failure.tell(json=json)
        sys.exit(failure.code)


if __name__ == "__main__":
    main()
