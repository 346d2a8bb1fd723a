"""The story holds together: whoever and whatever is named in it exists, and time runs forward."""

from syncer.demo.edits import ACTS, GITHUB, JIRA, NEW_TASK
from syncer.demo.people import MEMBERS
from syncer.demo.story import (
    CAST,
    EPICS,
    FIRST_SYNC,
    GITHUB_MILESTONES,
    GITHUB_WORK,
    JIRA_VERSIONS,
    JIRA_WORK,
    LABELS,
    REMARKS,
    day,
)

WORK = (*EPICS, *JIRA_WORK, *GITHUB_WORK)
IDS = [work.id for work in WORK]


def test_there_are_about_forty_tasks_half_on_each_side() -> None:
    assert len(JIRA_WORK) == len(GITHUB_WORK) == 20


def test_ids_are_told_apart() -> None:
    assert len(set(IDS)) == len(IDS)


def test_everybody_who_acts_is_in_the_cast_and_has_an_account_there() -> None:
    for work in (*EPICS, *JIRA_WORK):
        assert all(MEMBERS[key].jira for key in (work.by, *work.owners))
    for work in GITHUB_WORK:
        assert all(MEMBERS[key].github for key in (work.by, *work.owners))
    for act in ACTS:
        assert MEMBERS[act.by].jira if act.where == JIRA else MEMBERS[act.by].github


def test_goals_blockers_and_remarks_name_what_there_is() -> None:
    epics = {work.id for work in EPICS}
    assert {work.epic for work in JIRA_WORK if work.epic} <= epics
    assert {blocker for work in WORK for blocker in work.waits_for} <= set(IDS)
    assert {remark.on for remark in REMARKS} <= set(IDS)
    assert {act.on for act in ACTS} - {NEW_TASK} <= set(IDS)
    assert {work.version for work in JIRA_WORK if work.version} <= {version.title for version in JIRA_VERSIONS}
    assert {work.version for work in GITHUB_WORK if work.version} <= {version.title for version in GITHUB_MILESTONES}


def test_labels_on_github_are_labels_of_the_repository() -> None:
    used = {label for work in GITHUB_WORK for label in work.labels}
    used |= {work.type.lower() for work in GITHUB_WORK} | {f"priority: {work.priority.lower()}" for work in WORK}
    used |= {f"component: {work.component}" for work in WORK if work.component}
    assert used <= set(LABELS)


def test_nothing_happens_before_it_can() -> None:
    for work in WORK:
        ends = [day(moment) for moment in (work.doing, work.done, work.refused) if moment is not None]
        assert all(day(work.made) <= end < FIRST_SYNC.date() for end in ends), work.id
    moments = [act.moment for act in ACTS]
    assert moments == sorted(moments)
    assert moments[0] > FIRST_SYNC


def test_people_act_on_both_sides() -> None:
    assert {act.where for act in ACTS} == {JIRA, GITHUB}


def test_names_are_english_and_chinese() -> None:
    assert any(member.name.isascii() for member in CAST)
    assert any(not member.name.isascii() for member in CAST)
