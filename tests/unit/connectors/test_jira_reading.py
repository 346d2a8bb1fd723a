"""Reading a project over HTTP: what it costs, what it never misses, what it never shows too widely."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.jira.answers import Invalid
from connectors.jira.connector import JiraConnector
from syncer.contract.checking import Severity
from syncer.contract.conformance.world import Remembered, comment_draft, items_of, only, task_draft
from syncer.contract.connector import Intent
from syncer.contract.errors import Denied, Gone, Rejected, Retryable, Stale, TrackerError
from syncer.contract.model import Audience, Category, Field, Kind, Observed, Ref, Status
from syncer.sandbox.faults import Fault
from tests.unit.connectors.jira_world import START, Office

HOUR = timedelta(hours=1)


def listed(connector: JiraConnector) -> dict[Ref, Observed]:
    store = Remembered()
    store.follow(connector)
    return store.items


def readers(connector: JiraConnector) -> dict[str, Audience]:
    """Who can read each task and each comment that a complete listing shows, asked where that is not shown."""
    items = list(listed(connector).values())
    tasks = [item for item in items if item.kind is Kind.TASK and item.audience_untold]
    told = dict(zip((each.ref for each in tasks), connector.audiences(tasks), strict=True))
    return {str(item.ref): told_of(item, told.get(item.parent or item.ref)) for item in items}


def told_of(item: Observed, told: Audience | TrackerError | None) -> Audience:
    if not item.audience_untold:
        return item.audience
    assert isinstance(told, Audience), told
    return told


def task(native: str) -> Ref:
    return Ref(Kind.TASK, native)


# ---------------------------------------------------------------------------------------------------------- requests


def test_a_quiet_run_is_one_search(place: Office) -> None:
    issue = place.issue("One")
    place.comment(issue, "Hello")
    store, connector = Remembered(), place.open()
    store.follow(connector)
    before = store.cursor
    place.box.log.reset()
    store.follow(connector)
    assert place.paths() == ["POST /search/jql" if place.is_cloud else "POST /search"]
    assert store.cursor == before


def test_a_quiet_run_after_a_burst_is_one_search(place: Office) -> None:
    for number in range(150):
        place.later(0.1)
        place.issue(f"Task {number}")
    store, connector = Remembered(), place.open()
    store.follow(connector)
    before = connector.requests
    pages = store.follow(connector)
    assert connector.requests - before == 1
    assert len(items_of(pages)) == 80


def test_a_burst_is_read_once_more_when_the_index_has_settled(place: Office) -> None:
    for number in range(150):
        place.later(0.1)
        place.issue(f"Task {number}")
    store, connector = Remembered(), place.open()
    store.follow(connector)
    place.later(899)
    assert len(items_of(store.follow(connector))) == 80
    place.later(2)
    assert len(items_of(store.follow(connector))) == 150
    assert len(items_of(store.follow(connector))) < 80


def test_a_changed_title_costs_one_search_and_the_audience(place: Office) -> None:
    issue = place.issue("Before")
    place.comment(issue, "Hello")
    store = Remembered()
    store.follow(place.open())
    place.later(600)
    place.edit(issue, summary="After")
    connector = place.open()
    store.follow(connector)
    # Data Center shows no level: who reads the issue is asked once something of it is to be carried.
    assert connector.requests == (2 if place.is_cloud else 1)
    assert store.items[task(issue)].showing[Field.TITLE] == "After"


def test_comments_of_many_issues_come_with_the_search(cloud: Office) -> None:
    for number in range(30):
        cloud.comment(cloud.issue(f"Task {number}"), "Hello")
    connector = cloud.open()
    assert sum(1 for ref in listed(connector) if ref.kind is Kind.COMMENT) == 30
    assert connector.requests <= 6  # project, versions, audience, search, ourselves, markers


def test_more_comments_than_a_search_shows_are_paged(cloud: Office) -> None:
    issue = cloud.issue("Busy")
    for number in range(130):
        cloud.comment(issue, f"Comment {number}")
    pages = list(cloud.open().changes(None, Remembered()))
    assert sum(1 for item in items_of(pages) if item.kind is Kind.COMMENT) == 130
    assert task(issue) in pages[0].complete
    assert cloud.paths().count(f"GET /issue/{issue}/comment") == 2


def test_a_moment_that_very_many_share_is_read_to_its_end(server: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.jira.search.PAGE", 5)
    monkeypatch.setattr("connectors.jira.search.FARTHEST", 12)
    server.jira.result_window = 12 + 5  # past which Data Center 11 refuses: 10,000 there
    early = server.issue("Early")
    server.later(60)
    together = [server.issue(f"Together {number}") for number in range(40)]
    server.later(60)
    late = [server.issue(f"Late {number}") for number in range(7)]
    tasks = {ref for ref in listed(server.open()) if ref.kind is Kind.TASK}
    assert tasks == {task(native) for native in (early, *together, *late)}


def test_a_repeated_page_token_is_an_error(cloud: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud.issue("One")
    connector = cloud.open()
    ask = connector._client.ask

    def looping(path: str, body: object, query: object = None) -> object:
        answer = ask(path, {k: v for k, v in body.items() if k != "nextPageToken"})  # type: ignore[attr-defined]
        return {**answer, "nextPageToken": "again", "isLast": False}

    monkeypatch.setattr(connector._client, "ask", looping)
    with pytest.raises(Retryable, match="page token"):
        list(connector.changes(None, Remembered()))


def test_the_run_after_our_own_change_is_one_search(place: Office) -> None:
    issue = place.issue("Before")
    store, connector = Remembered(), place.open()
    store.follow(connector)
    place.later(60)
    item = connector.update(store.items[task(issue)], {Field.TITLE: "After"})
    item = connector.update(item, {Field.STATUS: Status("In Review", Category.DOING)})
    store.items[item.ref] = item
    place.later(60)
    again = place.open()
    store.follow(again)
    assert again.requests == 1
    assert (store.items[item.ref].showing, bool(store.items[item.ref].version)) == (item.showing, True)


# ---------------------------------------------------------------------------------------------------- what is missed


def test_an_issue_that_the_index_shows_late_is_not_lost(place: Office) -> None:
    late = place.issue("Late")
    store, connector = Remembered(), place.open()
    store.follow(connector)
    place.later(3600)
    place.jira.index.lag_by_issue[late] = timedelta(minutes=5)
    place.edit(late, summary="Edited, shown late")
    place.later(1)
    place.issue("Shown at once")
    store.follow(connector)
    place.later(600)
    store.follow(connector)
    assert store.items[task(late)].showing[Field.TITLE] == "Edited, shown late"


@pytest.mark.parametrize("field", [Field.TITLE, Field.STATUS])
def test_an_index_that_lags_does_not_take_back_what_we_wrote(place: Office, field: Field) -> None:
    issue = place.issue("Before")
    store, connector = Remembered(), place.open()
    store.follow(connector)
    place.later(3600)
    place.jira.index_lag = timedelta(minutes=5)
    value = "After" if field is Field.TITLE else Status("In Review", Category.DOING)
    written = connector.update(store.items[task(issue)], {field: value})
    store.items[written.ref] = written
    place.later(1)
    store.follow(place.open())
    assert store.items[task(issue)].showing[field] == value
    place.later(600)
    store.follow(place.open())
    assert store.items[task(issue)].showing[field] == value
    assert store.items[task(issue)].version


def test_an_index_that_lags_does_not_delete_our_comment(place: Office) -> None:
    connector = place.open()
    created = only(connector.create([task_draft(connector, "Talk")]))
    store = Remembered()
    store.follow(connector)
    place.later(3600)
    place.jira.index_lag = timedelta(minutes=5)
    comment = only(connector.create([comment_draft(connector, created, "Ours")]))
    store.items[comment.ref] = comment
    place.jira.index_lag = timedelta(0)
    place.jira.index.lag_by_issue.clear()
    store.follow(place.open())
    assert comment.ref in store.items


def test_a_moved_issue_is_gone_and_keeps_its_id(place: Office) -> None:
    issue = place.issue("Wanderer")
    connector = place.open()
    item = listed(connector)[task(issue)]
    place.add_project("OTHER")
    place.jira.move_issue("PAY-1", "OTHER")
    (answer,) = connector.read([item])
    assert isinstance(answer, Gone)
    assert (answer.deleted, answer.moved_to) == (False, "OTHER-1")


def test_an_issue_moved_in_is_read(place: Office) -> None:
    place.add_project("OTHER")
    issue = place.issue("Newcomer", project="OTHER")
    place.later(60)
    place.jira.move_issue("OTHER-1", "PAY")
    assert listed(place.open())[task(issue)].key == "PAY-1"


def test_a_renamed_project_is_followed(place: Office) -> None:
    issue = place.issue("Stays")
    store = Remembered()
    store.follow(place.open())
    place.later(60)
    place.jira.rename_project("PAY", "CASH")
    place.edit(issue, summary="Still here")
    connector = place.open()
    store.follow(connector)
    item = store.items[task(issue)]
    assert (item.key, item.showing[Field.TITLE]) == ("CASH-1", "Still here")
    assert isinstance(connector.read([item])[0], Observed)
    assert any("CASH" in finding.message for finding in connector.check())


def test_a_deleted_issue_is_gone_uncertainly(place: Office) -> None:
    issue = place.issue("Short-lived")
    connector = place.open()
    item = listed(connector)[task(issue)]
    place.jira.delete_issue("PAY-1")
    (answer,) = connector.read([item])
    assert isinstance(answer, Gone)
    assert answer.uncertain


def test_a_project_that_cannot_be_seen_is_denied(place: Office) -> None:
    place.issue("Hidden soon")
    store = Remembered()
    store.follow(place.open())
    place.jira.revoke("bot", "BROWSE_PROJECTS", "PAY")
    for cursor in (None, store.cursor):
        with pytest.raises(Denied):
            list(place.open().changes(cursor, store))


def test_the_filter_narrows_the_project(place: Office) -> None:
    shown = place.issue("Shown", labels=["public"])
    place.issue("Hidden", labels=["internal"])
    connector = place.open(scope={"filter": "labels = public OR labels = shared"})
    assert {ref for ref in listed(connector) if ref.kind is Kind.TASK} == {task(shown)}


def test_a_cursor_of_another_scope_is_read_as_none(place: Office) -> None:
    quiet = place.issue("Quiet", labels=["public"])
    store = Remembered()
    store.follow(place.open())
    place.later(3600)
    place.issue("Busy")
    store.follow(place.open())
    wider = place.open(scope={"filter": "labels = public"})
    pages = list(wider.changes(store.cursor, store))
    assert {item.ref for item in items_of(pages)} == {task(quiet)}


def test_a_filter_that_jira_refuses_is_a_configuration_error(place: Office) -> None:
    with pytest.raises(Denied, match="nosuchfield"):
        list(place.open(scope={"filter": "nosuchfield = 1"}).changes(None, Remembered()))


def test_milestones_are_read_when_a_task_shows_a_new_one(place: Office) -> None:
    issue = place.issue("Planned")
    store = Remembered()
    store.follow(place.open())
    place.later(600)
    version = place.jira.add_version("PAY", "Spring")
    place.edit(issue, fixVersions=[{"id": version.id}])
    store.follow(place.open())
    assert store.items[Ref(Kind.MILESTONE, version.id)].showing[Field.TITLE] == "Spring"
    assert store.items[task(issue)].showing[Field.MILESTONES] == (version.id,)


# ----------------------------------------------------------------------------------------------------- who may see it


def test_a_project_that_anybody_can_browse_is_public(place: Office) -> None:
    place.jira.add_project("OPEN", public=True)
    assert place.open("OPEN").audience() is Audience.PUBLIC
    assert place.open("PAY").audience() is Audience.MEMBERS


def test_an_audience_that_cannot_be_told_is_restricted(place: Office) -> None:
    place.box.faults.add(Fault("500"))
    assert place.open().audience() is Audience.RESTRICTED


def test_a_security_level_restricts_an_issue_and_its_comments(place: Office) -> None:
    level = place.jira.add_security_level("PAY", "Team", ["bot", "mia"])
    secret, plain = place.issue("Secret", security={"id": level.id}), place.issue("Plain")
    hush, hello = place.comment(secret, "Hush"), place.comment(plain, "Hello")
    assert readers(place.open()) == {
        f"task:{secret}": Audience.RESTRICTED,
        f"comment:{hush}": Audience.RESTRICTED,
        f"task:{plain}": Audience.MEMBERS,
        f"comment:{hello}": Audience.MEMBERS,
    }


def test_a_hundred_issues_that_show_no_level_are_one_question(server: Office) -> None:
    level = server.jira.add_security_level("PAY", "Team", ["bot", "mia"])
    secret = server.issue("Secret", security={"id": level.id})
    plain = [server.issue(f"Plain {n}") for n in range(101)]
    connector = server.open()
    # As if the account might not see the field: then an issue with a level does not show it either.
    tasks = [replace(item, audience_untold=True) for item in listed(connector).values()]
    server.box.log.reset()
    told = dict(zip((each.ref.id for each in tasks), connector.audiences(tasks), strict=True))
    assert server.paths().count("POST /search") == 2
    assert told == {secret: Audience.RESTRICTED, **dict.fromkeys(plain, Audience.MEMBERS)}


def test_an_issue_that_a_refusal_names_is_left_out_of_the_next_question(server: Office) -> None:
    kept, gone = server.issue("Kept"), server.issue("Gone")
    connector = server.open()
    tasks = [listed(connector)[task(native)] for native in (kept, gone)]
    server.acts("mia", "DELETE", f"/issue/{gone}")
    told = connector.audiences(tasks)
    assert told[0] is Audience.MEMBERS
    assert isinstance(told[1], Retryable)
    assert "PAY-2" in str(told[1])


def test_without_the_field_only_who_administers_the_project_knows_that_it_has_no_levels(server: Office) -> None:
    server.issue("Plain")
    del server.jira.fields["security"]
    connector = server.open()
    tasks = list(listed(connector).values())
    assert connector.audiences(tasks) == [Audience.MEMBERS]
    assert not [found for found in connector.check() if found.about == "security level"]
    server.jira.revoke("bot", "ADMINISTER_PROJECTS", "PAY")
    (untold,) = connector.audiences(tasks)
    assert isinstance(untold, Rejected)
    assert "Field 'level' does not exist" in str(untold)
    (finding,) = [found for found in connector.check() if found.about == "security level"]
    assert finding.severity is Severity.ERROR
    assert "administer PAY" in finding.fix


def test_a_404_without_the_right_to_see_the_scheme_says_nothing(
    server: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A site may answer 404 to who may not see the scheme."""
    server.issue("Plain")
    del server.jira.fields["security"]
    connector = server.open()
    tasks = list(listed(connector).values())
    for may, expected in ((True, Audience.MEMBERS), (False, None)):
        monkeypatch.setattr(connector._project, "granted", lambda names, may=may: dict.fromkeys(names, may))
        (told,) = connector.audiences(tasks)
        assert told is expected or (expected is None and isinstance(told, Rejected))


@pytest.mark.parametrize(("scheme", "known"), [({}, True), (None, True), ({"id": 1, "levels": []}, False), ([], False)])
def test_only_an_answer_without_a_scheme_says_that_there_are_no_levels(
    server: Office, monkeypatch: pytest.MonkeyPatch, scheme: object, known: bool
) -> None:
    server.issue("Plain")
    del server.jira.fields["security"]
    connector = server.open()
    tasks = list(listed(connector).values())
    get = connector._client.get
    monkeypatch.setattr(
        connector._client, "get", lambda path, query=None: scheme if "securitylevel" in path else get(path, query)
    )
    (told,) = connector.audiences(tasks)
    assert isinstance(told, Audience) is known


def test_a_refusal_that_names_neither_leaves_the_issues_restricted(
    server: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.issue("Plain")
    connector = server.open()
    tasks = list(listed(connector).values())

    def refuse(path: str, body: object, query: object = None) -> object:
        raise Invalid("POST /search: refused (400): Something else", {}, ("Something else",))

    monkeypatch.setattr(connector._client, "ask", refuse)
    (told,) = connector.audiences(tasks)
    assert isinstance(told, Rejected)
    assert "Something else" in str(told)


def test_nothing_is_asked_where_nobody_knows_who_reads_the_project(server: Office) -> None:
    server.issue("Plain")
    connector = server.open()
    tasks = list(listed(connector).values())
    server.box.faults.add(Fault("500"))
    assert [type(told) for told in server.open().audiences(tasks)] == [Rejected]


def test_a_level_set_later_restricts_the_comments_that_were_known(place: Office) -> None:
    issue = place.issue("Open at first")
    comment = place.comment(issue, "Hello")
    store = Remembered()
    store.follow(place.open())
    level = place.jira.add_security_level("PAY", "Team", ["bot", "mia"])
    place.later(60)
    place.edit(issue, security={"id": level.id})
    store.follow(place.open())
    comment_item = store.items[Ref(Kind.COMMENT, comment)]
    assert comment_item.audience is Audience.RESTRICTED
    (again,) = place.open().read([replace(comment_item, audience=Audience.MEMBERS)])
    assert isinstance(again, Observed)
    assert again.audience is Audience.RESTRICTED


def test_a_comment_limited_to_a_role_is_restricted(place: Office) -> None:
    place.jira.project("PAY").roles["Developers"] |= {"bot", "mia"}
    issue = place.issue("Talk")
    comment = place.comment(issue, "Among us", visibility={"type": "role", "value": "Developers"})
    item = listed(place.open())[Ref(Kind.COMMENT, comment)]
    assert item.audience is Audience.RESTRICTED
    (again,) = place.open().read([item])
    assert isinstance(again, Observed)
    assert again.audience is Audience.RESTRICTED


def test_an_internal_comment_is_told_by_its_property(server: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.jira.comments.TOLD_WITHOUT", frozenset())
    issue = server.issue("Talk")
    note = server.comment(issue, "Internal", properties=[{"key": "sd.public.comment", "value": {"internal": True}}])
    reply = server.comment(issue, "To the customer")
    told = readers(server.open())
    assert told[f"comment:{note}"] is Audience.RESTRICTED
    assert told[f"comment:{reply}"] is Audience.MEMBERS


# ------------------------------------------------------------------------------------------------------ lost creates


def test_an_unanswered_create_is_found_before_the_index_shows_it(place: Office) -> None:
    for number in range(3):
        place.issue(f"Old {number}")
    place.later(7200)
    place.jira.index_lag = timedelta(minutes=10)
    connector = place.open()
    draft = task_draft(connector, "Ours")
    created = only(connector.create([draft]))
    place.issue("Somebody else's")
    found = place.open().find([Intent(draft, place.box.clock.now())])
    assert {item.ref for item in found.values()} == {created.ref}


def test_a_create_behind_a_gap_of_deleted_issues_is_found(place: Office) -> None:
    connector = place.open()
    at = place.box.clock.now()
    for _ in range(3):
        connector.create([task_draft(connector, f"Filler {n}", f"f-{n}") for n in range(25)])
    draft = task_draft(connector, "Ours")
    created = only(connector.create([draft]))
    for number in range(1, 76):
        place.jira.delete_issue(f"PAY-{number}")
    found = place.open().find([Intent(draft, at)])
    assert {item.ref for item in found.values()} == {created.ref}


def test_issues_moved_in_do_not_hide_a_create(place: Office) -> None:
    place.add_project("OTHER")
    old = [place.issue(f"Old {n}", project="OTHER") for n in range(3)]
    place.issue("Native and old")
    place.later(7200)
    connector = place.open()
    draft = task_draft(connector, "Ours")
    created = only(connector.create([draft]))
    for native in old:
        place.jira.move_issue(place.jira.issues[native].key, "PAY")
    found = place.open().find([Intent(draft, place.box.clock.now())])
    assert {item.ref for item in found.values()} == {created.ref}


def test_who_may_not_see_the_project_proves_nothing(place: Office) -> None:
    connector = place.open()
    draft = task_draft(connector, "Ours")
    connector.create([draft])
    place.jira.revoke("bot", "BROWSE_PROJECTS", "PAY")
    with pytest.raises(Denied):
        place.open().find([Intent(draft, START)])


def test_an_issue_that_is_listed_and_hidden_proves_nothing(server: Office) -> None:
    connector = server.open()
    draft = task_draft(connector, "Ours")
    created = only(connector.create([draft]))
    server.box.faults.add(Fault("404", path=rf"/issue/{created.key}$"))
    with pytest.raises(Retryable):
        server.open().find([Intent(draft, server.box.clock.now())])


def test_find_walks_in_few_requests(cloud: Office) -> None:
    for _ in range(4):
        connector = cloud.open()
        connector.create([task_draft(connector, f"Filler {n}", f"f-{n}") for n in range(50)])
    cloud.later(7200)
    fresh = cloud.open()
    assert fresh.find([Intent(task_draft(fresh, "Never"), cloud.box.clock.now())]) == {}
    assert fresh.requests <= 6


def test_markers_on_data_center_are_asked_of_our_own_issues_only(server: Office) -> None:
    server.issue("Somebody's")
    connector = server.open()
    ours = only(connector.create([task_draft(connector, "Ours")]))
    server.box.log.reset()
    assert listed(server.open())[ours.ref].marker == "syncer-1"
    assert [path for path in server.paths() if path.startswith("GET /issue/")] == [f"GET /issue/{ours.ref.id}"]


# ------------------------------------------------------------------------------------- what is about to be written


def about_to_write(place: Office, store: Remembered, *natives: str, **open_with: object) -> JiraConnector:
    """A new connector that followed the changes, told that these tasks are about to be written."""
    connector = place.open(**open_with)  # type: ignore[arg-type]  # as Office.open
    connector.audience()
    for page in connector.changes(store.cursor, store, [task(native) for native in natives]):
        store.store(page)
    place.box.log.reset()
    return connector


def test_what_a_search_showed_surely_is_not_read_again(cloud: Office) -> None:
    issue = cloud.issue("Before")
    store = Remembered()
    store.follow(cloud.open())
    cloud.later(7200)
    connector = about_to_write(cloud, store, issue)
    connector.update(store.items[task(issue)], {Field.TITLE: "After"})
    assert cloud.paths() == [f"PUT /issue/{issue}"]


def test_the_search_shows_the_transitions_of_what_is_about_to_be_written(cloud: Office) -> None:
    issue = cloud.issue("Before")
    store = Remembered()
    store.follow(cloud.open())
    connector = about_to_write(cloud, store, issue)
    connector.update(store.items[task(issue)], {Field.STATUS: Status("In Review", Category.DOING)})
    assert cloud.paths() == [f"POST /issue/{issue}/transitions"]


def test_data_center_reads_again(server: Office) -> None:
    issue = server.issue("Before")
    store = Remembered()
    store.follow(server.open())
    connector = about_to_write(server, store, issue)
    connector.update(store.items[task(issue)], {Field.TITLE: "After"})
    assert server.paths() == [f"GET /issue/{issue}", f"PUT /issue/{issue}"]


def test_more_than_one_search_can_be_sure_of_are_read_again(cloud: Office) -> None:
    issues = [cloud.issue(f"Task {number}") for number in range(52)]
    store = Remembered()
    store.follow(cloud.open())
    connector = about_to_write(cloud, store, *issues)
    for native in issues:
        connector.update(store.items[task(native)], {Field.TITLE: "After"})
    assert sum(path.startswith("GET") for path in cloud.paths()) == 2


def test_what_left_the_filter_is_read_again(cloud: Office) -> None:
    scope = {"filter": "summary ~ open"}
    issue = cloud.issue("open")
    store = Remembered()
    store.follow(cloud.open(scope=scope))
    cloud.later(60)
    cloud.edit(issue, summary="hidden")
    connector = about_to_write(cloud, store, issue, scope=scope)
    with pytest.raises(Stale):
        connector.update(store.items[task(issue)], {Field.TITLE: "After"})


def test_what_was_moved_away_is_read_again(cloud: Office) -> None:
    cloud.add_project("OPS")
    issue = cloud.issue("One")
    store = Remembered()
    store.follow(cloud.open())
    cloud.jira.move_issue("PAY-1", "OPS")
    connector = about_to_write(cloud, store, issue)
    with pytest.raises(Gone):
        connector.update(store.items[task(issue)], {Field.TITLE: "After"})


def test_a_deleted_issue_among_those_about_to_be_written_stops_nothing(cloud: Office) -> None:
    gone, kept = cloud.issue("Gone"), cloud.issue("Kept")
    store = Remembered()
    store.follow(cloud.open())
    cloud.later(60)
    cloud.edit(kept, summary="Changed")
    cloud.jira.delete_issue(gone)
    about_to_write(cloud, store, gone, kept)
    assert store.items[task(kept)].showing[Field.TITLE] == "Changed"
