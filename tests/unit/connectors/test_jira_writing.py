"""Writing to a project over HTTP: workflows, screens, permissions, and what a change costs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from connectors.jira.answers import Invalid
from connectors.jira.connector import JiraConnector
from syncer.contract.checking import Severity
from syncer.contract.conformance.world import comment_draft, only, task_draft
from syncer.contract.connector import Intent
from syncer.contract.errors import Ambiguous, Denied, Rejected, Stale, TrackerError
from syncer.contract.model import Audience, Category, Draft, Field, Kind, Marker, Observed, Ref, Status, Value
from syncer.richtext import Document, Paragraph, Run
from syncer.sandbox.faults import Fault
from syncer.sandbox.jira.workflow import Transition, Workflow
from tests.unit.connectors.jira_world import Office

TO_DO = Status("To Do", Category.TODO)
DONE = Status("Done", Category.DONE, "Done")
REVIEW = Status("In Review", Category.DOING)


def created(connector: JiraConnector, **fields: Value) -> Observed:
    return only(connector.create([task_draft(connector, "Task", "syncer-1", "A body", **fields)]))


def status_of(place: Office, item: Observed) -> str:
    name: str = place.jira.issues[item.ref.id].content["status"].name
    return name


def now(connector: JiraConnector, item: Observed) -> Observed:
    return only(connector.read([item]))


# ---------------------------------------------------------------------------------------------------------- creating


def test_a_batch_is_one_request_and_refused_elements_are_named(place: Office) -> None:
    connector = place.open()
    drafts = [task_draft(connector, title, f"m-{n}") for n, title in enumerate(["One", "x" * 256, "Two"])]
    place.box.log.reset()
    first, second, third = connector.create(drafts)
    assert place.paths()[0] == "POST /issue/bulk"
    assert [only([first]).showing[Field.TITLE], only([third]).showing[Field.TITLE]] == ["One", "Two"]
    assert isinstance(second, Rejected)
    assert "summary" in str(second)


def test_a_body_over_the_limit_is_refused_by_name(place: Office) -> None:
    connector = place.open()
    long = connector.markup.write(Document((Paragraph((Run("x" * 20_000),)), Paragraph((Run("y" * 20_000),))))).source
    (outcome,) = connector.create([Draft(Kind.TASK, {Field.TITLE: "Long", Field.BODY: long * 3}, Marker("m"))])
    assert isinstance(outcome, Rejected)
    assert "description" in str(outcome)


def test_a_batch_of_which_nothing_is_accepted_is_refused_one_by_one(place: Office) -> None:
    connector = place.open()
    outcomes = connector.create([task_draft(connector, "x" * 256, f"m-{n}") for n in range(3)])
    assert all(isinstance(outcome, Rejected) for outcome in outcomes)


def test_a_new_issue_shows_the_status_it_was_born_with(place: Office) -> None:
    connector = place.open()
    drafts = [task_draft(connector, f"Task {n}", f"m-{n}", status=DONE) for n in range(3)]
    for item in connector.create(drafts):
        assert only([item]).showing[Field.STATUS] == TO_DO


def test_a_create_whose_second_look_fails_is_still_a_create(place: Office) -> None:
    connector = place.open()
    place.box.faults.add(Fault("404", index=1))
    place.box.log.reset()
    item = created(connector)
    assert (item.key, item.version, item.marker) == ("PAY-1", "", "syncer-1")
    assert Field.STATUS not in item.showing


def test_what_was_completed_from_the_draft_can_be_closed(place: Office) -> None:
    connector = place.open()
    place.box.faults.add(Fault("404", index=1))
    place.box.log.reset()
    item = created(connector)
    assert connector.update(item, {Field.STATUS: DONE}).showing[Field.STATUS] == DONE


def closed_drafts(connector: JiraConnector, *names: str) -> list[Draft]:
    return [task_draft(connector, name, name, status=Status("Done", Category.DONE)) for name in names]


def test_an_issue_that_is_closed_already_is_moved_by_its_create(place: Office) -> None:
    connector = place.open()
    connector.create(closed_drafts(connector, "first"))
    place.box.log.reset()
    made = [only([one]) for one in connector.create(closed_drafts(connector, "second", "third"))]
    assert [status_of(place, item) for item in made] == ["Done", "Done"]
    assert [item.showing[Field.STATUS] for item in made] == [DONE, DONE]
    assert place.paths() == ["POST /issue/bulk", f"GET /issue/{made[0].ref.id}"]


def test_a_create_takes_no_transition_whose_screen_asks_for_something(place: Office) -> None:
    statuses = place.jira.statuses
    step = Transition("91", "Close", statuses["Done"], ("To Do",), {"resolution": True})
    place.jira.project("PAY").workflows["*"] = Workflow("Strict", statuses["To Do"], (step,))
    connector = place.open()
    made = [only(connector.create(closed_drafts(connector, name))) for name in ("first", "second")]
    assert [status_of(place, item) for item in made] == ["To Do", "To Do"]


def test_a_refused_transition_is_left_out_and_not_tried_again(place: Office) -> None:
    connector = place.open()
    connector.create(closed_drafts(connector, "first"))
    to_do = place.jira.statuses["To Do"]
    place.jira.project("PAY").workflows["*"] = Workflow("Changed", to_do, ())
    made = [only([one]) for one in connector.create(closed_drafts(connector, "second", "third"))]
    assert [status_of(place, item) for item in made] == ["To Do", "To Do"]
    assert [item.showing[Field.STATUS] for item in made] == [TO_DO, TO_DO]
    place.box.log.reset()
    connector.create(closed_drafts(connector, "fourth"))
    assert place.paths() == ["POST /issue"]


def test_a_transition_that_a_create_ignores_is_not_believed(place: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    connector = place.open()
    connector.create(closed_drafts(connector, "first"))
    write = connector._client.write
    sent: list[object] = []

    def deaf(verb: str, path: str, body: dict[str, object], query: object = None) -> object:
        sent.append(body.get("transition"))
        return write(verb, path, {key: value for key, value in body.items() if key != "transition"})

    monkeypatch.setattr(connector._client, "write", deaf)
    made = [only(connector.create(closed_drafts(connector, name))) for name in ("second", "third")]
    assert [item.showing[Field.STATUS] for item in made] == [TO_DO, TO_DO]
    assert [step is not None for step in sent] == [True, False]


def test_a_create_that_is_refused_after_it_was_made_is_not_sent_again(
    place: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    connector = place.open()
    connector.create(closed_drafts(connector, "first"))
    write = connector._client.write

    def two_steps(verb: str, path: str, body: dict[str, object], query: object = None) -> object:
        write(verb, path, {key: value for key, value in body.items() if key != "transition"})
        raise Invalid("the transition is not valid", {})

    monkeypatch.setattr(connector._client, "write", two_steps)
    second = only(connector.create(closed_drafts(connector, "second")))
    assert second.marker == Marker("second")
    assert len(place.jira.issues) == 2


def test_a_field_that_the_screen_lacks_is_left_out_and_reported(place: Office) -> None:
    place.jira.project("PAY").hidden_on_create.add("duedate")
    connector = place.open()
    place.box.log.reset()
    item = created(connector, due=date(2026, 5, 31))
    assert now(connector, item).showing[Field.DUE] is None
    assert item.showing[Field.DUE] is None
    found = [finding for finding in connector.check() if finding.about == "field duedate"]
    assert [finding.severity for finding in found] == [Severity.WARNING]


def test_a_lost_answer_of_the_second_attempt_leaves_the_whole_batch_to_be_settled(place: Office) -> None:
    place.jira.project("PAY").hidden_on_create.add("duedate")
    connector = place.open()
    drafts = [
        task_draft(connector, "Plain", "m-1"),
        task_draft(connector, "Due", "m-2", due=date(2026, 4, 1)),
    ]
    place.box.faults.add(Fault("commit-then-502", verb="POST", path="/issue$"))
    with pytest.raises(Ambiguous):
        connector.create(drafts)
    found = connector.find([Intent(draft, place.box.clock.now()) for draft in drafts])
    assert set(found) == {Marker("m-1"), Marker("m-2")}
    assert len(place.jira.issues) == 2


def test_the_screen_is_asked_once_for_a_batch(place: Office) -> None:
    place.jira.project("PAY").hidden_on_create.add("duedate")
    connector = place.open()
    drafts = [task_draft(connector, f"Task {n}", f"m-{n}", due=date(2026, 5, 31)) for n in range(3)]
    place.box.log.reset()
    assert all(isinstance(outcome, Observed) for outcome in connector.create(drafts))
    assert place.paths().count("POST /issue/bulk") == 2
    assert sum("createmeta" in path for path in place.paths()) == 2


def test_a_missing_component_is_refused_by_name(place: Office) -> None:
    connector = place.open()
    (outcome,) = connector.create([task_draft(connector, "Task", components=("new part",))])
    assert isinstance(outcome, Rejected)
    assert "components" in str(outcome)


def test_a_missing_component_is_created_when_that_is_wanted(place: Office) -> None:
    connector = place.open(scope={"create_components": True})
    item = created(connector, components=("checkout", "new part"))
    assert now(connector, item).showing[Field.COMPONENTS] == ("checkout", "new part")


def test_without_the_permission_to_create_the_side_stops(place: Office) -> None:
    place.jira.revoke("bot", "CREATE_ISSUES", "PAY")
    connector = place.open()
    with pytest.raises((Denied, Rejected)):
        only(connector.create([task_draft(connector, "Task")]))


def test_a_version_of_the_same_name_is_adopted(place: Office) -> None:
    version = place.jira.add_version("PAY", "Spring")
    draft = Draft(Kind.MILESTONE, {Field.TITLE: "Spring", Field.DUE: date(2026, 5, 31)}, Marker("m"))
    assert only(place.open().create([draft])).ref == Ref(Kind.MILESTONE, version.id)


def test_without_the_permission_to_make_versions_only_the_version_is_refused(place: Office) -> None:
    place.jira.revoke("bot", "ADMINISTER_PROJECTS", "PAY")
    (outcome,) = place.open().create([Draft(Kind.MILESTONE, {Field.TITLE: "Spring"}, Marker("m"))])
    assert isinstance(outcome, Rejected)


def test_a_version_carries_dates_state_and_plain_text(place: Office) -> None:
    # The documents say how a date is set and not how it is taken away: as everywhere else in Jira, by null.
    place.tolerates = 'releaseDate: null is not of type "string"'
    connector = place.open()
    body = connector.markup.write(connector.markup.read(str(task_draft(connector, "x").fields[Field.BODY]))).source
    fields: dict[Field, Value] = {
        Field.TITLE: "Spring",
        Field.BODY: body,
        Field.STATUS: Status("released", Category.DONE),
        Field.START: date(2026, 3, 1),
        Field.DUE: date(2026, 5, 31),
    }
    item = only(connector.create([Draft(Kind.MILESTONE, fields, Marker("m"))]))
    assert item.showing == {**fields, Field.BODY: "A body"}
    changed = connector.update(item, {Field.DUE: None, Field.STATUS: Status("archived", Category.DONE)})
    assert changed.showing[Field.DUE] is None
    assert changed.showing[Field.STATUS] == Status("archived", Category.DONE)


# ---------------------------------------------------------------------------------------------------------- updating


def test_a_changed_field_costs_a_look_and_a_write(place: Office) -> None:
    item = created(place.open())
    connector = place.open()
    connector.audience()
    before = connector.requests
    connector.update(item, {Field.TITLE: "After", Field.LABELS: ("a", "b")})
    assert connector.requests - before == 2


def test_what_was_just_read_is_not_looked_at_again(place: Office) -> None:
    connector = place.open()
    item = now(connector, created(connector))
    before = connector.requests
    connector.update(item, {Field.TITLE: "After"})
    assert connector.requests - before == 1


def test_a_changed_status_costs_a_look_and_a_write(place: Office) -> None:
    item = created(place.open())
    connector = place.open()
    connector.audience()
    before = connector.requests
    assert connector.update(item, {Field.STATUS: REVIEW}).showing[Field.STATUS] == REVIEW
    assert connector.requests - before == 2


def test_watchers_are_not_told_when_that_is_permitted(place: Office) -> None:
    connector = place.open()
    connector.update(created(connector), {Field.TITLE: "After"})
    (put,) = [entry for entry in place.box.log.entries if entry.verb == "PUT"]
    assert "notifyUsers=false" in put.query


def test_without_the_permission_to_silence_it_is_asked_for_once(place: Office) -> None:
    place.jira.revoke("bot", "ADMINISTER_PROJECTS", "PAY")
    connector = place.open()
    item = connector.update(created(connector), {Field.TITLE: "After"})
    connector.update(item, {Field.TITLE: "Finally"})
    queries = ["notifyUsers=false" in entry.query for entry in place.box.log.entries if entry.verb == "PUT"]
    assert queries == [True, False, False]


def test_without_the_permission_to_edit_only_the_item_is_refused(place: Office) -> None:
    connector = place.open()
    item = created(connector)
    place.jira.revoke("bot", "EDIT_ISSUES", "PAY")
    with pytest.raises(Rejected):
        connector.update(item, {Field.TITLE: "After"})


def test_a_refused_label_is_named(place: Office) -> None:
    connector = place.open()
    with pytest.raises(Rejected, match="labels"):
        connector.update(created(connector), {Field.LABELS: ("with space",)})


def test_a_limited_comment_stays_limited(place: Office) -> None:
    place.jira.project("PAY").roles["Developers"] |= {"bot", "mia"}
    connector = place.open()
    task = created(connector)
    comment = only(connector.create([comment_draft(connector, task, "Ours")]))
    stored = place.jira.issues[task.ref.id].content["comment"][0]
    visibility = {"visibility": {"type": "role", "value": "Developers"}, "body": place.body("Ours")}
    place.acts("bot", "PUT", f"/issue/{task.ref.id}/comment/{comment.ref.id}", visibility)
    limited = now(connector, comment)
    changed = connector.update(limited, {Field.BODY: "Ours, corrected"})
    stored = place.jira.issues[task.ref.id].content["comment"][0]
    assert stored.visibility is not None
    assert "syncer" in stored.properties
    assert (changed.audience, changed.parent) == (Audience.RESTRICTED, task.ref)


def test_a_lost_answer_of_an_update_is_settled_by_reading(place: Office) -> None:
    connector = place.open()
    item = created(connector)
    place.box.faults.add(Fault("commit-then-502", verb="PUT"))
    shown = connector.update(item, {Field.TITLE: "After", Field.LABELS: ("new",)})
    assert (shown.showing[Field.TITLE], shown.showing[Field.LABELS]) == ("After", ("new",))


def test_an_update_that_was_not_seen_to_happen_stays_open(place: Office) -> None:
    connector = place.open()
    item = created(connector)
    place.box.faults.add(Fault("close-before-commit", verb="PUT"))
    with pytest.raises(Ambiguous):
        connector.update(item, {Field.TITLE: "After"})


# ---------------------------------------------------------------------------------------------------------- statuses


def bug(place: Office, connector: JiraConnector) -> Observed:
    """A new issue of type Bug, whose workflow does not lead from To Do to Done at once."""
    return created(connector, type="Bug")


def test_a_status_two_hops_away_is_reached(place: Office) -> None:
    connector = place.open()
    item = bug(place, connector)
    shown = connector.update(item, {Field.STATUS: DONE})
    assert shown.showing[Field.STATUS] == DONE
    assert now(connector, item).showing[Field.STATUS] == DONE


def test_a_known_workflow_is_walked_without_asking(place: Office) -> None:
    connector = place.open()
    connector.update(bug(place, connector), {Field.STATUS: DONE})
    second = created(connector, type="Bug")
    place.box.log.reset()
    connector.update(second, {Field.STATUS: DONE})
    assert place.paths() == [f"POST /issue/{second.ref.id}/transitions"] * 2


def test_the_way_is_learned_from_other_issues(place: Office) -> None:
    guide = place.issue("Guide", issuetype={"name": "Bug"})
    place.move(guide, "In Progress")
    connector = place.open()
    item = bug(place, connector)
    connector.update(item, {Field.STATUS: DONE})
    moved = [
        change.new_text
        for history in place.jira.issues[item.ref.id].histories
        for change in history.items
        if change.name == "status"
    ]
    assert moved == ["In Progress", "Done"]


def test_the_resolution_is_the_one_that_is_wanted(place: Office) -> None:
    connector = place.open()
    goal = Status("Done", Category.DONE, "Duplicate")
    assert connector.update(bug(place, connector), {Field.STATUS: goal}).showing[Field.STATUS] == goal


def test_a_resolution_that_cannot_be_entered_is_what_jira_sets(place: Office) -> None:
    connector = place.open()
    item = created(connector)
    shown = connector.update(item, {Field.STATUS: Status("Done", Category.DONE, "Duplicate")})
    assert shown.showing[Field.STATUS] == now(connector, item).showing[Field.STATUS]


def test_a_required_field_comes_from_the_configuration(place: Office) -> None:
    connector = place.open(scope={"transition_fields": {"Done": {"resolution": "Cannot Reproduce"}}})
    item = bug(place, connector)
    shown = connector.update(item, {Field.STATUS: Status("Done", Category.DONE)})
    assert shown.showing[Field.STATUS] == Status("Done", Category.DONE, "Cannot Reproduce")
    assert shown.showing == now(connector, item).showing


@pytest.mark.parametrize(("target", "resolution"), [("Done", "Done"), ("Duplicate", "Duplicate"), ("Archived", "Done")])
def test_a_required_resolution_that_nobody_chose_is_found(place: Office, target: str, resolution: str) -> None:
    goal = place.jira.add_status(target, "done")
    start = place.jira.statuses["To Do"]
    step = Transition("91", "Close", goal, (start.name,), {"resolution": True})
    place.jira.project("PAY").workflows["*"] = Workflow("Strict", start, (step,))
    connector = place.open()
    item = created(connector)
    connector.update(item, {Field.STATUS: Status(target, Category.DONE)})
    assert now(connector, item).showing[Field.STATUS] == Status(target, Category.DONE, resolution)


def test_a_required_field_without_a_value_is_named_and_nothing_stays_moved(place: Office) -> None:
    statuses = place.jira.statuses
    to_do, doing, done = statuses["To Do"], statuses["In Progress"], statuses["Done"]
    steps = (
        Transition("91", "Start", doing, (to_do.name,)),
        Transition("92", "Close", done, (doing.name,), {"duedate": True}),
        Transition("93", "Stop", to_do, (doing.name,)),
    )
    place.jira.project("PAY").workflows["*"] = Workflow("Strict", to_do, steps)
    connector = place.open()
    item = created(connector)
    with pytest.raises(Rejected, match=r"duedate.*transition-fields"):
        connector.update(item, {Field.STATUS: Status("Done", Category.DONE)})
    assert status_of(place, item) == "To Do"


def test_a_status_out_of_reach_is_refused_with_both_names(place: Office) -> None:
    place.jira.add_status("Archived", "done")
    connector = place.open()
    item = bug(place, connector)
    with pytest.raises(Rejected, match=r"'To Do'.*'Archived'"):
        connector.update(item, {Field.STATUS: Status("Archived", Category.DONE)})
    assert status_of(place, item) == "To Do"
    assert not place.jira.issues[item.ref.id].content["comment"]


def test_only_the_statuses_that_were_permitted_are_passed(place: Office) -> None:
    connector = place.open(scope={"through": ["In Review"]})
    item = bug(place, connector)
    with pytest.raises(Rejected):
        connector.update(item, {Field.STATUS: DONE})
    assert place.jira.issues[item.ref.id].histories == []


def test_a_remembered_way_that_is_closed_is_looked_up_again(place: Office) -> None:
    connector = place.open()
    connector.update(created(connector), {Field.STATUS: REVIEW})
    project, statuses = place.jira.project("PAY"), place.jira.statuses
    to_do, doing, review = statuses["To Do"], statuses["In Progress"], statuses["In Review"]
    steps = (Transition("91", "Start", doing, (to_do.name,)), Transition("92", "Ask", review, (doing.name,)))
    project.workflows["*"] = Workflow("Changed", to_do, steps)
    second = created(connector)
    assert connector.update(second, {Field.STATUS: REVIEW}).showing[Field.STATUS] == REVIEW


def test_somebody_elses_move_is_not_written_over(place: Office) -> None:
    connector = place.open(reread_after=0)
    item = created(connector)
    place.move(item.ref.id, "Won't Do")
    with pytest.raises(Stale):
        connector.update(item, {Field.STATUS: REVIEW})


def test_somebody_elses_move_is_noticed_by_the_refusal(place: Office) -> None:
    connector = place.open()
    connector.update(bug(place, connector), {Field.STATUS: DONE})
    item = created(connector, type="Bug")
    place.move(item.ref.id, "Won't Do")
    with pytest.raises(Stale):
        connector.update(item, {Field.STATUS: DONE})


@pytest.mark.parametrize(("kind", "error"), [("commit-then-502", None), ("close-before-commit", Ambiguous)])
def test_a_lost_answer_of_a_move_is_settled_by_reading(
    place: Office, kind: str, error: type[TrackerError] | None
) -> None:
    connector = place.open()
    item = created(connector)
    place.box.faults.add(Fault(kind, verb="POST", path="/transitions"))  # type: ignore[arg-type]
    if error is None:
        assert connector.update(item, {Field.STATUS: REVIEW}).showing[Field.STATUS] == REVIEW
    else:
        with pytest.raises(error):
            connector.update(item, {Field.STATUS: REVIEW})


def test_a_screen_without_resolution_is_remembered(place: Office) -> None:
    connector = place.open()
    connector.update(created(connector), {Field.STATUS: DONE})
    second = created(connector)
    place.box.log.reset()
    connector.update(second, {Field.STATUS: DONE})
    assert [path for path in place.paths() if path.startswith("POST")].count(
        f"POST /issue/{second.ref.id}/transitions"
    ) == 1


def test_a_reopened_issue_loses_its_resolution(place: Office) -> None:
    connector = place.open()
    closed = connector.update(created(connector), {Field.STATUS: DONE})
    assert connector.update(closed, {Field.STATUS: TO_DO}).showing[Field.STATUS] == TO_DO


# ------------------------------------------------------------------------------------------------------------- check


def test_a_wrong_token_is_found_first(place: Office) -> None:
    findings = place.open(token="wrong").check()
    assert [(finding.severity, finding.about) for finding in findings] == [(Severity.ERROR, "credentials")]


def test_missing_and_excessive_permissions_are_found(place: Office) -> None:
    place.jira.revoke("bot", "ADD_COMMENTS", "PAY")
    place.jira.grant("bot", "DELETE_ISSUES", "PAY")
    found = {finding.about: finding.severity for finding in place.open().check()}
    assert found["permission ADD_COMMENTS"] is Severity.ERROR
    assert found["permission DELETE_ISSUES"] is Severity.WARNING


def test_a_site_without_a_link_type_is_told_which_edges_it_lacks(place: Office) -> None:
    place.jira.link_types = [kind for kind in place.jira.link_types if kind.name != "Blocks"]
    (finding,) = [finding for finding in place.open().check() if finding.about.startswith("link type")]
    assert "blocked-by" in finding.message


def test_an_unknown_project_is_found(place: Office) -> None:
    findings = place.open("NOPE").check()
    assert findings[-1].severity is Severity.ERROR
    assert "NOPE" in findings[-1].message


def test_an_unknown_type_is_found(place: Office) -> None:
    findings = place.open(scope={"type": "Wish"}).check()
    assert any(finding.about == "type Wish" for finding in findings)


def test_a_public_project_is_pointed_out(place: Office) -> None:
    place.jira.add_project("OPEN", public=True, lead="bot")
    assert any(finding.about == "audience" and "anybody" in finding.message for finding in place.open("OPEN").check())


def test_issues_that_go_the_same_way_at_the_same_time_ask_for_it_once(place: Office) -> None:
    connector = place.open()
    items = [
        only([item]) for item in connector.create([task_draft(connector, f"Task {n}", f"m-{n}") for n in range(4)])
    ]
    items = [only([item]) for item in connector.read(items)]
    place.box.log.reset()
    with ThreadPoolExecutor(len(items)) as threads:
        moved = list(threads.map(lambda item: connector.update(item, {Field.STATUS: REVIEW}), items))
    assert [status_of(place, item) for item in moved] == ["In Review"] * 4
    assert sum(path.startswith("GET") and path.endswith("/transitions") for path in place.paths()) <= 2, place.paths()


def test_issues_that_need_the_same_new_component_at_the_same_time_all_get_it(place: Office) -> None:
    connector = place.open(scope={"create_components": True})
    items = [
        only([item]) for item in connector.create([task_draft(connector, f"Task {n}", f"m-{n}") for n in range(4)])
    ]
    items = [only([item]) for item in connector.read(items)]
    with ThreadPoolExecutor(len(items)) as threads:
        list(threads.map(lambda item: connector.update(item, {Field.COMPONENTS: ("new part",)}), items))
    assert [now(connector, item).showing[Field.COMPONENTS] for item in items] == [("new part",)] * 4
