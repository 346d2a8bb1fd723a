"""Runs the demonstration from the empty directory to the report: read it top to bottom."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from syncer.app.wiring import open_pairs
from syncer.contract.model import Kind, Side
from syncer.core.change import Tally
from syncer.demo.configuration import RESPONSIBILITIES, write_configuration
from syncer.demo.directory import CHINESE, MAIL, SIDES, is_ours, start_afresh
from syncer.demo.edits import ACTS, NEW_TASK, SECRET_ON, StoryWorld, Twin
from syncer.demo.narrator import Narrator
from syncer.demo.people import DemoFailed
from syncer.demo.routing import change_route
from syncer.demo.seed import Deployment, new_sandbox, set_stage
from syncer.demo.sides import page
from syncer.demo.stage import Stage
from syncer.demo.story import FIRST_SYNC, JIRA_WORK, PAIR, SECRET, TIME_ZONE
from syncer.publish.files import write_file, write_files, write_mail
from syncer.report import Report, report_of_week
from syncer.sandbox.profiles import Profile
from syncer.settings import declarations, load
from syncer.store import Store
from syncer.sync.adopt import adopt, read_both
from syncer.sync.context import PairContext
from syncer.sync.preview import leased
from syncer.sync.run import run_pair
from syncer.sync.twins import TwinPair, find_twins

if TYPE_CHECKING:
    from rich.console import Console

SEED = 7
RECIPIENT = "Grace Turner <grace.turner@acme.example>"
SENDER = "syncer <syncer@acme.example>"

COPIED, COPIED_BY = "release", "hannah"
"""A task of Jira, and who wrote it down on GitHub as well before there was a sync."""

DONE, FAILED, NOT_OURS = 0, 70, 2


def run_demo(
    directory: Path, jira: str, console: Console, *, command: str = "syncer", profiles: Iterable[Profile] = ()
) -> int:
    """Runs the demonstration into `directory` and returns the exit code; `jira` is `cloud` or `dc`.

    `command` is what calls this program from that directory, `profiles` are as in `Sandbox`.
    """
    telling = Narrator(console, command)
    if not is_ours(directory):
        telling.refuse(directory)
        return NOT_OURS
    start_afresh(directory)
    deployment: Deployment = "cloud" if jira == "cloud" else "datacenter"
    try:
        with (
            _past_any_proxy(),
            new_sandbox(deployment, SEED, profiles=profiles) as box,
            closing(set_stage(box)) as stage,
        ):
            _play(stage, directory, telling)
    except DemoFailed as failed:
        telling.fail(failed)
        return FAILED
    return DONE


def _play(stage: Stage, directory: Path, telling: Narrator) -> None:
    file = write_configuration(stage.box, directory)
    telling.stage(stage, file)
    with _open_pair(stage, file) as pair:
        copied = copy_by_hand(stage)
        telling.adoption(pair.refused(), pair.adopt(), copied)
        first = pair.sync()
        world = StoryWorld(stage, pair.twins(stage))
        telling.first_sync(first, world)

        for act in ACTS:
            stage.advance_to(act.moment)
            act.do(world)
            world.twins.setdefault(act.on, Twin("", stage.github_numbers.get(act.on, 0)))
        telling.acts(ACTS, world)

        stage.advance_to(FIRST_SYNC + timedelta(hours=6, minutes=30))
        second = pair.sync()
        world.twins[NEW_TASK] = pair.twins(stage)[NEW_TASK]
        telling.second_sync(second, ACTS, world)
        conflict = next(iter(pair.context.store.conflicts.of_pair(pair.context.name)), None)
        if conflict is None:
            raise DemoFailed("two people changed one title apart, and no conflict was recorded")
        telling.conflict(conflict, world)
        telling.secret(stays_in_jira(world))

        stage.advance_to(stage.box.clock.now() + timedelta(minutes=5))
        third = pair.sync()
        telling.third_sync(third)
        if third.writes:
            raise DemoFailed(f"the third sync had nothing to do and wrote {third.writes} times")

        write_file(directory / SIDES, page(world))
        stage.advance_to(FIRST_SYNC + timedelta(hours=7))
        report = _write_reports(pair, stage, directory)
        telling.report(report)
        pair.context.store.conflicts.decide(conflict.id, "left", stage.box.clock.now())
        pair.sync()
        telling.decision(conflict, world)
    telling.route(change_route(stage, file))
    telling.next_steps(directory, world)


def copy_by_hand(stage: Stage) -> tuple[str, int]:
    """A task of Jira that somebody wrote again on GitHub before there was a sync: its key, and the copy's number."""
    work, key = next(work for work in JIRA_WORK if work.id == COPIED), stage.jira_keys[COPIED]
    return key, stage.at_github(COPIED_BY).create(title=f"[{key}] {work.title}")


def stays_in_jira(world: StoryWorld) -> bool:
    """Whether the restricted comment is in Jira and nowhere on GitHub."""
    return SECRET in world.jira_comments(SECRET_ON) and SECRET not in world.github_comments(SECRET_ON)


@contextmanager
def _past_any_proxy() -> Iterator[None]:
    """Sees to it that nobody's proxy is asked for what runs on this machine."""
    before = {name: os.environ.get(name) for name in ("NO_PROXY", "no_proxy")}
    os.environ.update(dict.fromkeys(before, "127.0.0.1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


# --- the pair


@dataclass(frozen=True, slots=True)
class _Pair:
    context: PairContext

    def sync(self) -> Tally:
        """One run, as `syncer sync` does it. Raises DemoFailed when it did not end well."""
        tally = run_pair(self.context)
        if tally.outcome not in {"clean", "held"}:
            raise DemoFailed(f"a sync ended as {tally.outcome}: {tally.message}")
        return tally

    def refused(self) -> str:
        """Why a first sync does not begin. Raises DemoFailed when it does."""
        tally = run_pair(self.context)
        if tally.outcome != "refused" or tally.writes:
            raise DemoFailed(f"a first sync that would double a task ended as {tally.outcome}")
        return tally.message

    def adopt(self) -> Sequence[TwinPair]:
        """Links what surely is one, as `syncer adopt --accept 0.95` does it."""
        with leased(self.context) as lease:
            read_both(self.context, lease)
            found = find_twins(self.context, ask_links=True)
            sure = [twin for twin in found.twins if twin.sure]
            adopt(self.context, lease, sure, {})
        return sure

    def twins(self, stage: Stage) -> dict[str, Twin]:
        """Where each task of the story is on both sides."""
        by_key, by_number = {}, {}
        for linked in self.context.store.links.of_pair(self.context.name, kind=Kind.TASK):
            if linked.left is not None and linked.right is not None:
                twin = Twin(linked.left.key, int(linked.right.key.rpartition("#")[2]))
                by_key[twin.key], by_number[twin.number] = twin, twin
        found = {story: by_key[key] for story, key in stage.jira_keys.items() if key in by_key}
        return found | {
            story: by_number[number] for story, number in stage.github_numbers.items() if number in by_number
        }


@contextmanager
def _open_pair(stage: Stage, file: Path) -> Iterator[_Pair]:
    """The pair of the configuration, in the sandbox's time, with the same identities in every demonstration."""
    clock = stage.box.clock
    settings = load(file, environment={})
    numbers = count(1)
    with Store.open(settings.state, clock=clock.now) as store:
        (context,) = open_pairs(
            settings, store, clock=clock.now, sleep=lambda seconds: clock.advance(timedelta(seconds=seconds))
        )
        try:
            yield _Pair(replace(context, identity=lambda: f"demo-{next(numbers):08d}"))
        finally:
            for side in Side:
                context.connectors[side].close()


# --- the report


def _write_reports(pair: _Pair, stage: Stage, directory: Path) -> Report:
    """Writes the report of the week in all formats, and the page in Chinese."""
    in_language = {
        language: report_of_week(
            pair.context.store,
            [pair.context.rules],
            week=None,
            now=stage.box.clock.now(),
            language=language,
            zone=ZoneInfo(TIME_ZONE),
            name="Payments",
            declared=declarations(directory / RESPONSIBILITIES, [PAIR]),
            markups={PAIR: {side: one.markup for side, one in pair.context.connectors.items()}},
        )
        for language in ("en", "zh")
    }
    write_files(in_language["en"], directory)
    write_mail(in_language["en"].message(RECIPIENT, SENDER), directory / MAIL)
    write_file(directory / CHINESE, in_language["zh"].html)
    return in_language["en"]
