"""What the demonstration says on the terminal: a numbered story with tables of what changed where."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from syncer.contract.model import Field
from syncer.core.amounts import plural
from syncer.core.change import Tally
from syncer.core.records import Conflict
from syncer.demo.directory import refusal
from syncer.demo.edits import CONFLICT, GITHUB, JIRA, RESTRICTED_TO, SECRET_ON, Act, StoryWorld
from syncer.demo.people import MEMBERS, DemoFailed
from syncer.demo.story import (
    CAST,
    EPICS,
    FIRST_SYNC,
    GITHUB_MILESTONES,
    GITHUB_WORK,
    JIRA_VERSIONS,
    JIRA_WORK,
    PROJECT,
    REPOSITORY,
)
from syncer.report.gather.values import readable
from syncer.report.render.columns import cut
from syncer.sync.twins import TwinPair

if TYPE_CHECKING:
    from syncer.demo.routing import Moved
    from syncer.demo.stage import Stage
    from syncer.report import Report

WIDEST = 100
NOTICES = 2
"""How much of the report is told here; the rest is read there."""
TITLE = 38
"""Columns a title may take."""

EXAMPLES = ("3ds", "receipts", "nan")
"""Tasks whose two keys are shown after the first sync."""


class Narrator:
    """The narrator. `command` is what calls this program from the demonstration's directory."""

    def __init__(self, console: Console, command: str) -> None:
        self._command = command
        if isinstance(console.file, TextIOWrapper):
            console.file.reconfigure(errors="replace")  # a terminal without Chinese letters shows question marks
        self._console = Console(
            file=console.file,
            width=min(console.width, WIDEST),
            force_terminal=console.is_terminal,
            no_color=console.no_color,
            highlight=False,
            markup=False,
            emoji=False,
        )
        self._chapter = 0

    # --- chapters

    def stage(self, stage: Stage, file: Path) -> None:
        """Who and what there is before the first sync."""
        kind = "Jira Cloud" if stage.box.jira.is_cloud else "Jira Data Center"
        self._heading(f"A {kind} and a GitHub, on this machine only")
        epics, tasks, versions = len(EPICS), len(JIRA_WORK), len(JIRA_VERSIONS)
        rows = (
            (JIRA, stage.box.jira_url, f"{PROJECT}: {epics} epics, {tasks} tasks, {versions} versions"),
            (GITHUB, stage.box.url, f"{REPOSITORY}: {len(GITHUB_WORK)} issues, {len(GITHUB_MILESTONES)} milestones"),
        )  # fmt: skip
        self._table(rows)
        names = [member.name for member in CAST]
        self._say(f"{names[0]} leads; {', '.join(names[1:4])} work in Jira;")
        self._say(f"{', '.join(names[4:7])} on GitHub; {names[7]} is the client.")
        self._say(f"All that a sync needs to know: {file}", "dim")

    def adoption(self, refusal: str, twins: Sequence[TwinPair], copied: tuple[str, int]) -> None:
        """That what somebody mirrored by hand is linked and not doubled."""
        key, number = copied
        if [(twin.left.key, twin.right.key) for twin in twins] != [(key, f"{REPOSITORY}#{number}")]:
            raise DemoFailed(f"{key} was copied by hand, and `syncer adopt` linked {len(twins)} pairs")
        self._heading("Hannah once copied a task to GitHub by hand: it is linked, not doubled")
        self._say(f"`syncer sync`: {refusal.partition('.')[0]}.")
        self._say(f"`syncer adopt --accept 0.95`: {key} = {REPOSITORY}#{number}, which {_why(twins[0])}.", "bold green")

    def first_sync(self, tally: Tally, world: StoryWorld) -> None:
        """What the first sync made on each side."""
        self._heading(f"First sync, on {FIRST_SYNC:%A %d %B %Y}: each side gets what the other has")
        self._tally(tally)
        self._say("For example:")
        rows = []
        for on in EXAMPLES:
            twin, born = world.twins[on], on in world.stage.jira_keys
            here, there = f"{PROJECT}-{twin.key.partition('-')[2]}", f"{REPOSITORY}#{twin.number}"
            title = next(work.title for work in (*JIRA_WORK, *GITHUB_WORK) if work.id == on)
            rows.append((here if born else there, "→", there if born else here, title))
        self._table(rows)

    def acts(self, acts: Sequence[Act], world: StoryWorld) -> None:
        """What people did, each in their own tracker."""
        self._heading("People go on working, each in their own tracker")
        self._table([(act.at, MEMBERS[act.by].name, _key(act, world), act.what) for act in acts])

    def second_sync(self, tally: Tally, acts: Sequence[Act], world: StoryWorld) -> None:
        """What the other side shows of it now."""
        self._heading("Second sync: what the other tracker shows now")
        self._tally(tally)
        rows = []
        for act in acts:
            seen = act.seen(world)
            if act.on in {CONFLICT, SECRET_ON}:
                continue
            if not seen:
                raise DemoFailed(f"{MEMBERS[act.by].name} {act.what} at {act.at}, and the other side does not show it")
            rows.append((_other_key(act, world), cut(_title(act, world), TITLE), seen))
        self._table(rows)

    def conflict(self, conflict: Conflict, world: StoryWorld) -> None:
        """The field both sides changed."""
        self._heading(f"One {conflict.field} was changed on both sides: nothing is overwritten, nothing is lost")
        twin = world.twins[CONFLICT]
        values = [readable(Field(conflict.field), value, str) for value in (conflict.left, conflict.right)]
        self._table([(f"{JIRA} {twin.key}", values[0]), (f"{GITHUB} {REPOSITORY}#{twin.number}", values[1])])
        self._say(f"Both values wait as conflict {conflict.id} until somebody chooses; the report shows it.")

    def secret(self, safe: bool) -> None:
        """What became of the restricted comment."""
        if not safe:
            raise DemoFailed("the restricted comment left Jira")
        self._say(f"And the comment for {RESTRICTED_TO} only: it stayed in Jira.")

    def third_sync(self, tally: Tally) -> None:
        """That there was nothing to do."""
        self._heading("Third sync: both sides are in step")
        requests = sum(tally.requests.values())
        self._say(
            f"{tally.writes} writes; {requests} requests were enough to see that there is nothing to do.", "bold green"
        )

    def report(self, report: Report) -> None:
        """The week, and where to read about it."""
        self._heading("The report of the week")
        content = report.content
        goals, *others = content.answers
        self._say(f"{goals.question} {goals.word}. {goals.sentence}", "bold")
        self._say("  ".join(f"{row.question} {row.word}." for row in others))
        for notice in content.notices[:NOTICES]:
            keys = ", ".join(place.key for place in notice.places)
            self._say(f"• {notice.text}" + (f" [{keys}]" if keys else ""))
        self._table(
            (
                ("sides.html", "four tasks as both trackers show them, side by side"),
                ("report.html", "the page; report.zh.html is the same in Chinese 中文"),
                ("report.eml", "the mail; the report is there as .txt, .md, .json and .csv too"),
            )
        )

    def decision(self, conflict: Conflict, world: StoryWorld) -> None:
        """That somebody chose, and that both sides show it."""
        self._heading(f"Grace chooses: `syncer resolve {conflict.id} left`, and the next sync carries it")
        twin = world.twins[CONFLICT]
        titles = (str(world.jira(CONFLICT)["summary"]), str(world.github(CONFLICT)["title"]))
        if set(titles) != {conflict.left}:
            raise DemoFailed(f"Jira's title was chosen, and the sides show {titles[0]!r} and {titles[1]!r}")
        self._say(f"{JIRA} {twin.key} and {GITHUB} {REPOSITORY}#{twin.number}: {titles[0]}")

    def route(self, moved: Moved) -> None:
        """That an issue which changes its route moves, and takes nothing of the former client along."""
        self._heading(f"One project, two clients: {moved.key} moves")
        self._say(f"Component Amber: {moved.before}. Component Birch: that is closed, and it is {moved.after}.")
        self._say("Of what Amber's people wrote about it, Birch sees nothing.", "bold green")

    def next_steps(self, directory: Path, world: StoryWorld) -> None:
        """What to try next; none of it needs the two trackers, which have stopped."""
        self._heading("Now you")
        self._say("Both trackers have stopped, so links to them lead nowhere; what was read is still there:")
        key = world.twins[CONFLICT].key
        steps = (
            (f"cd {shlex.quote(str(directory))}", ""),
            (f"{self._command} conflicts --all", "what was edited on both sides, and what was chosen"),
            (f"{self._command} explain {key} title", "who changed it, and when"),
            (
                f"{self._command} sandbox --data demo",
                "both trackers again, to sync and resolve yourself; Ctrl-C ends it",
            ),
            (f"{self._command} init --file mine.toml", "the same for your own trackers"),
        )
        for command, purpose in steps:  # never folded: a command that was begun on one line cannot be copied
            note = f"   # {purpose}" if purpose else ""
            self._console.print(Text(f"   {command}{note}"), soft_wrap=True)

    # --- trouble

    def refuse(self, directory: Path) -> None:
        """That a directory is not ours."""
        self._console.print(Text(refusal(directory)))

    def fail(self, failed: DemoFailed) -> None:
        """That the demonstration went wrong."""
        self._console.print(Text(f"The demo stopped: {failed}", style="bold red"))

    # --- means

    def _heading(self, text: str) -> None:
        self._chapter += 1
        self._console.print()
        self._console.print(Text(f"{self._chapter}  {text}", style="bold"))

    def _print(self, what: RenderableType) -> None:
        """Prints indented, so that chapters stand out."""
        self._console.print(Padding(what, (0, 0, 0, 3), expand=False))

    def _say(self, text: str, style: str = "") -> None:
        self._print(Text(text, style=style))

    def _table(self, rows: Sequence[Sequence[str]]) -> None:
        grid = Table.grid(padding=(0, 0, 0, 2))
        for position, _ in enumerate(rows[0]):
            grid.add_column(no_wrap=position < len(rows[0]) - 1, overflow="fold")
        for row in rows:
            grid.add_row(*(Text(cell) for cell in row))
        self._print(grid)

    def _tally(self, tally: Tally) -> None:
        """What one sync wrote, by side, and what it cost."""
        rows = [("", JIRA, GITHUB)]
        for word, counts in (("created", tally.created), ("updated", tally.updated), ("closed", tally.closed)):
            if any(counts.values()):
                rows.append((word, str(counts["left"]), str(counts["right"])))
        rows.append(("requests", str(tally.requests["left"]), str(tally.requests["right"])))
        grid = Table.grid(padding=(0, 0, 0, 2))
        for position in range(3):
            grid.add_column(justify="left" if position == 0 else "right", min_width=8)
        for row in rows:
            grid.add_row(*(Text(cell, style="dim" if row is rows[0] or row is rows[-1] else "") for cell in row))
        self._print(grid)
        extra = [
            f"{amount} {what} {word}"
            for what, counts in (("comments", tally.comments), ("milestones", tally.milestones))
            for word, amount in counts.items()
            if amount
        ]
        extra += [f"{plural(tally.pulls, 'link')} to pull requests"] if tally.pulls else []
        extra += [f"{tally.conflicts} conflict"] if tally.conflicts else []
        if extra:
            self._say(f"and {', '.join(extra)}.")


def _why(twin: TwinPair) -> str:
    """The strongest reason for a link, without the key of whose text it is."""
    return twin.reasons[0].partition(" ")[2]


def _title(act: Act, world: StoryWorld) -> str:
    return str(world.jira(act.on)["summary"] if act.where == GITHUB else world.github(act.on)["title"])


def _key(act: Act, world: StoryWorld) -> str:
    twin = world.twins[act.on]
    return twin.key if act.where == JIRA else f"{REPOSITORY}#{twin.number}"


def _other_key(act: Act, world: StoryWorld) -> str:
    twin = world.twins[act.on]
    return f"{REPOSITORY}#{twin.number}" if act.where == JIRA else twin.key
