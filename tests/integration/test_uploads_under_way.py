"""On a state that machines share, an upload of a killed or frozen run may arrive after another run looked for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from connectors.jira.files import IssueFiles
from syncer.contract.errors import Unreadable
from syncer.core.records import OperationState
from syncer.sandbox.datasets import BOT_EMAIL, JIRA_TOKEN
from syncer.sandbox.faults import Fault
from syncer.sandbox.github.pages import upload
from syncer.sync.write.writer import MAY_ARRIVE
from tests.integration.test_attachments import PICTURE, UPLOADS, asked, attachments, described, open_issue, rig_with
from tests.rig import Rig
from tests.servers import fresh_postgresql


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
def address() -> Iterator[str]:
    with fresh_postgresql() as found:
        yield found


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with rig_with(tmp_path) as made:
        yield made


def shown(rig: Rig, body: str = "![x]({})") -> str:
    """The address of a picture that the text of an issue shows."""
    picture = upload(rig.box.github, rig.repository, "receipt.png", PICTURE, "image/png")
    open_issue(rig, body.format(picture))
    return picture


def killed_in_an_upload(rig: Rig, monkeypatch: pytest.MonkeyPatch, **where: Any) -> None:
    """A run whose process ends with the upload on its way: the tracker has not acted yet."""

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(IssueFiles, "attach", die)
        with pytest.raises(Killed):
            rig.sync(**where)
    rig.states.close()


def arrives(rig: Rig) -> None:
    """What was on its way takes effect."""
    (issue,) = rig.box.jira.issues.values()
    answer = requests.post(
        f"{rig.box.jira_url}/rest/api/3/issue/{issue.id}/attachments", auth=(BOT_EMAIL, JIRA_TOKEN), timeout=10,
        files={"file": ("picture.png", PICTURE, "image/png")}, headers={"X-Atlassian-Token": "no-check"},
    )  # fmt: skip
    assert answer.ok, answer.text


def settled(rig: Rig, **where: Any) -> None:
    """The picture is there once and shown, and nothing is left to do."""
    assert rig.sync(**where).outcome == "clean"
    assert len(attachments(rig)) == 1
    with rig.context(**where) as context:
        assert not context.store.journal.open(context.name)


def test_an_upload_that_may_still_be_under_way_is_not_sent_again(
    rig: Rig, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown(rig)
    killed_in_an_upload(rig, monkeypatch, location=address)
    tally = rig.sync(location=address)
    assert (tally.outcome, asked(rig, "POST", UPLOADS)) == ("partial", 0)
    with rig.context(location=address) as context:
        (waiting,) = context.store.journal.open(context.name)
        assert (waiting.state, "may still arrive" in waiting.outcome) == (OperationState.AMBIGUOUS, True)
    arrives(rig)
    settled(rig, location=address)


def test_an_upload_that_never_arrived_is_sent_again_once_it_cannot_any_more(
    rig: Rig, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = shown(rig)
    killed_in_an_upload(rig, monkeypatch, location=address)
    rig.sync(location=address)
    rig.tick(MAY_ARRIVE.total_seconds())
    rig.sync(location=address)
    settled(rig, location=address)
    assert asked(rig, "POST", UPLOADS) == 1
    assert picture not in described(rig)


def test_the_same_content_at_another_address_does_not_overtake_an_upload_under_way(
    rig: Rig, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = upload(rig.box.github, rig.repository, "receipt.png", PICTURE, "image/png")
    picture = shown(rig, f"![one]({{}})\n\n![two]({again})")
    killed_in_an_upload(rig, monkeypatch, location=address)
    assert rig.sync(location=address).outcome == "partial"
    assert asked(rig, "POST", UPLOADS) == 0
    arrives(rig)
    rig.sync(location=address)
    settled(rig, location=address)
    assert not {picture, again} & {each for each in (picture, again) if each in described(rig)}


def hide_files(patched: pytest.MonkeyPatch) -> None:
    """Jira shows nobody which files an issue has."""

    def hidden(*_: object) -> None:
        raise Unreadable("Jira does not show the files")

    patched.setattr(IssueFiles, "attached", hidden)


def test_the_same_content_waits_for_an_upload_of_which_nobody_can_tell_what_it_did(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = upload(rig.box.github, rig.repository, "receipt.png", PICTURE, "image/png")
    shown(rig, f"![one]({{}})\n\n![two]({again})")
    rig.box.faults.add(Fault("commit-then-close", verb="POST", path=UPLOADS))
    with monkeypatch.context() as patched:
        hide_files(patched)
        assert rig.sync().outcome == "partial"
        assert asked(rig, "POST", UPLOADS) == 1
    for _ in range(2):
        rig.sync()
    settled(rig)
    assert asked(rig, "POST", UPLOADS) == 1


def test_files_that_cannot_be_looked_for_keep_nothing_else_from_being_carried(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown(rig)
    killed_in_an_upload(rig, monkeypatch)
    rig.github("POST", "/issues", {"title": "Another", "body": "Text."})
    with monkeypatch.context() as patched:
        hide_files(patched)
        assert rig.sync().outcome == "partial"
    assert "Another" in {issue.content["summary"] for issue in rig.box.jira.issues.values()}
    rig.sync()
    settled(rig)


def test_what_no_other_machine_can_have_sent_is_sent_again_at_once(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    shown(rig)
    killed_in_an_upload(rig, monkeypatch)
    rig.sync()
    settled(rig)
    assert asked(rig, "POST", UPLOADS) == 1
