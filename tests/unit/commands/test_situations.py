"""The rows of the table in `docs/guarantees.md`, one by one: what is printed, and the code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from syncer.demo.rehearsal import REPOSITORY
from syncer.sandbox import Fault
from syncer.store import Store
from tests.docs.situations import Situation, situations
from tests.unit.commands.conftest import Ended, Run, Site, edit_both
from tests.unit.publish.test_mail import Box, free_port, serving

HERE = "tests/unit/commands/test_situations.py"
ROWS = [row for row in situations() if HERE in row.tests]
FOREVER = 1_000_000


@dataclass
class Scene:
    """A pair that was synced once without a terminal, and a clock of the telling that can be moved."""

    syncer: Run
    site: Site
    patch: pytest.MonkeyPatch
    ends: ExitStack
    passed: timedelta = field(default_factory=timedelta)

    def __post_init__(self) -> None:
        assert self.syncer("sync").code == 0
        self.patch.setattr("syncer.commands.sync.now", lambda: datetime.now(UTC) + self.passed)

    @property
    def folder(self) -> Path:
        return self.site.file.parent

    def sync(self, *, after: int = 0) -> Ended:
        """A run so many minutes later."""
        self.passed += timedelta(minutes=after)
        return self.syncer("sync")

    def change(self, old: str, new: str) -> None:
        """Edits the configuration."""
        text = self.site.file.read_text("utf-8")
        assert old in text
        self.site.file.write_text(text.replace(old, new, 1), "utf-8")

    def lose_jira(self, retry_after: str | None = "600") -> None:
        """Jira answers nothing but 503."""
        self.site.box.faults.add(Fault("503", path="/jira/.*", times=FOREVER, retry_after=retry_after))

    def refuse_the_token(self) -> None:
        self.patch.setenv("SYNCER_TRACKERS__JIRA__TOKEN", "revoked")

    def occupy(self) -> None:
        """Puts a file where a folder is wanted."""
        (self.folder / "occupied").write_text("a file, no folder")

    def held_by_another(self, minutes: int) -> None:
        """Another run holds the pair for so long and has stored nothing since."""
        begun = datetime.now(UTC) + self.passed
        store = self.ends.enter_context(Store.open(self.folder / "state-home" / "syncer", clock=lambda: begun))
        self.ends.enter_context(store.lease("payments", "another"))
        self.passed += timedelta(minutes=minutes)

    def mail(self, port: int) -> None:
        """One recipient, and a mail server."""
        text = self.site.file.read_text("utf-8")
        report = '[report]\nrecipients = ["mia@acme.example"]\n'
        mail = f'[mail]\nhost = "127.0.0.1"\nport = {port}\ntls = "none"\nfrom = "syncer@acme.example"\n'
        self.site.file.write_text(f"{text}\n{report}{mail}", "utf-8")


@pytest.fixture
def scene(syncer: Run, site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    with ExitStack() as ends:
        yield Scene(syncer, site, monkeypatch, ends)


Play = Callable[[Scene], Ended]
PLAYS: dict[str, Play] = {}


def deciding(name: str) -> Callable[[Play], Play]:
    """Plays a row of the table."""

    def add(play: Play) -> Play:
        PLAYS[name] = play
        return play

    return add


@deciding("`sync`: nothing to do")
def _(scene: Scene) -> Ended:
    return scene.sync()


@deciding("`sync`: everything was carried")
def _(scene: Scene) -> Ended:
    scene.site.box.github.edit_issue(REPOSITORY, 1, "mia-berg", title="Paid twice")
    return scene.sync()


@deciding("`sync`: both sides edited a title")
def _(scene: Scene) -> Ended:
    edit_both(scene.site, "Paid twice", "Paid two times")
    return scene.sync()


@deciding("`sync`: a conflict that was told waits")
def _(scene: Scene) -> Ended:
    edit_both(scene.site, "Paid twice", "Paid two times")
    scene.sync()
    return scene.sync(after=5)


def _narrow(scene: Scene) -> None:
    """The filter of Jira passes one of the three tasks."""
    scene.change('project = "PAY"', 'project = "PAY", filter = "summary ~ refunds"')


@deciding("`sync`: more than ten new items wait")
def _(scene: Scene) -> Ended:
    for number in range(5):
        scene.site.box.github.add_issue(REPOSITORY, f"Receipt {number}", "mia-berg")
    for number in range(5):
        scene.site.box.github.add_comment(REPOSITORY, number + 4, "mia-berg", "It is lost.")
    assert scene.sync().code == 0
    _narrow(scene)
    return scene.sync()


@deciding("`sync`: linked items left the filter")
def _(scene: Scene) -> Ended:
    _narrow(scene)
    return scene.sync()


@deciding("`sync`: single items failed")
def _(scene: Scene) -> Ended:
    scene.site.box.github.edit_issue(REPOSITORY, 1, "mia-berg", title="Paid twice")
    scene.site.box.faults.add(Fault("500", verb="PUT", path="/jira/.*", times=FOREVER))
    return scene.sync()


@deciding("`sync`: a tracker does not answer")
def _(scene: Scene) -> Ended:
    scene.lose_jira(None)
    return scene.sync()


@deciding("`sync`: Jira is in maintenance (503 with Retry-After)")
def _(scene: Scene) -> Ended:
    scene.lose_jira()
    return scene.sync()


def _long_outage(scene: Scene) -> Ended:
    scene.lose_jira()
    scene.sync()
    assert scene.sync(after=29).err == ""
    return scene.sync(after=2)


@deciding("`sync`: it has not answered for 30 minutes and two runs")
def _(scene: Scene) -> Ended:
    return _long_outage(scene)


@deciding("`sync`: the outage goes on")
def _(scene: Scene) -> Ended:
    _long_outage(scene)
    return scene.sync(after=5000)


@deciding("`sync`: an outage that was told is over")
def _(scene: Scene) -> Ended:
    _long_outage(scene)
    scene.site.box.faults.clear()
    return scene.sync(after=60)


@deciding("`sync`: a rate budget is used up")
def _(scene: Scene) -> Ended:
    scene.site.box.faults.add(Fault("429", path="/jira/.*", times=FOREVER, retry_after="600"))
    return scene.sync()


@deciding("`sync`: a token is refused")
def _(scene: Scene) -> Ended:
    scene.refuse_the_token()
    return scene.sync()


@deciding("`sync`: it is refused within a day again")
def _(scene: Scene) -> Ended:
    scene.refuse_the_token()
    scene.sync()
    return scene.sync(after=1430)


@deciding("`sync`: it is still refused after a day")
def _(scene: Scene) -> Ended:
    scene.refuse_the_token()
    scene.sync()
    return scene.sync(after=1440)


@deciding("`sync`: a guard refuses")
def _(scene: Scene) -> Ended:
    scene.change(
        "[pairs.fields.status]", "[pairs.guard]\ncloses-at-least = 0\ncloses-share = 0.0\n\n[pairs.fields.status]"
    )
    for number in (1, 2):
        scene.site.box.github.edit_issue(REPOSITORY, number, "mia-berg", state="closed")
    return scene.sync()


@deciding("`sync`: another run is at work")
def _(scene: Scene) -> Ended:
    scene.held_by_another(minutes=5)
    return scene.sync()


@deciding("`sync`: another run hangs")
def _(scene: Scene) -> Ended:
    scene.held_by_another(minutes=50)
    return scene.sync()


@deciding("`sync`: the metrics file cannot be written")
def _(scene: Scene) -> Ended:
    scene.occupy()
    scene.change("[trackers.jira]", 'metrics-file = "occupied/syncer.prom"\n[trackers.jira]')
    return scene.sync()


@deciding("`sync`: an error nobody foresaw")
def _(scene: Scene) -> Ended:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("unforeseen")

    scene.patch.setattr("syncer.app.wiring.open_pairs", broken)
    return scene.sync()


@deciding("any command: no configuration")
def _(scene: Scene) -> Ended:
    scene.site.file.unlink()
    return scene.syncer("goals")


@deciding("any command: a mistake in the configuration")
def _(scene: Scene) -> Ended:
    scene.site.file.write_text("pairs = 3\n", "utf-8")
    return scene.syncer("status")


@deciding("any command: a word or option there is none of")
def _(scene: Scene) -> Ended:
    return scene.syncer("status", "--nonsense")


@deciding("any command: a state address of another kind")
def _(scene: Scene) -> Ended:
    scene.patch.setenv("SYNCER_STATE", "mysql://nobody@db/x")
    return scene.syncer("status")


@deciding("any command: the state is damaged")
def _(scene: Scene) -> Ended:
    database = scene.folder / "state-home" / "syncer" / "state.db"
    for rest in database.parent.glob("state.db-*"):
        rest.unlink()
    database.write_bytes(b"this is not a database" * 100)
    return scene.syncer("conflicts")


@deciding("any command with `--json` that fails")
def _(scene: Scene) -> Ended:
    return scene.syncer("explain", "NOPE-1", "--json")


@deciding("`status --fail-on`: a condition holds")
def _(scene: Scene) -> Ended:
    edit_both(scene.site, "Paid twice", "Paid two times")
    scene.sync()
    return scene.syncer("status", "--fail-on", "held,conflicts,lag=1d")


@deciding("`status --fail-on`: none holds")
def _(scene: Scene) -> Ended:
    return scene.syncer("status", "--fail-on", "conflicts,held,lag=30m")


@deciding("`status --fail-on`: a pair was never brought up to date")
def _(scene: Scene) -> Ended:
    return scene.syncer("status", "--fail-on", "lag=30m", "--state", "another-state")


@deciding("`explain`: an item that is not known")
def _(scene: Scene) -> Ended:
    return scene.syncer("explain", "NOPE-1")


@deciding("`check`: a token is refused")
def _(scene: Scene) -> Ended:
    scene.refuse_the_token()
    return scene.syncer("check")


@deciding("`report --send`: everything was sent")
def _(scene: Scene) -> Ended:
    scene.mail(scene.ends.enter_context(serving(Box())))
    return scene.syncer("report", "--send")


@deciding("`report --send`: the mail server does not answer")
def _(scene: Scene) -> Ended:
    scene.patch.setattr("time.sleep", lambda _seconds: None)
    scene.mail(free_port())
    return scene.syncer("report", "--send")


@deciding("`report`: a folder that cannot be written")
def _(scene: Scene) -> Ended:
    scene.occupy()
    return scene.syncer("report", "--dir", "occupied")


def test_every_row_that_is_played_is_in_the_table_and_every_row_of_it_is_played() -> None:
    assert {row.deciding for row in ROWS} == set(PLAYS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.deciding.replace("`", ""))
def test_a_situation_of_the_table(scene: Scene, row: Situation) -> None:
    ended = PLAYS[row.deciding](scene)
    assert (ended.code,) == row.codes, ended
    if row.printed == "nothing":
        assert (ended.out, ended.err) == ("", "")
        return
    assert row.fragments
    said = " ".join((ended.out + ended.err).replace("│", " ").split())
    place = 0
    for fragment in row.fragments:
        found = said.find(" ".join(fragment.split()), place)
        assert found >= 0, (fragment, said)
        place = found + len(fragment.strip())
