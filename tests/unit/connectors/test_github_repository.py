"""A repository that changes under the connector, and what a run costs, against the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from connectors.github.connector import GitHubConnector
from connectors.github.listing import ListingPosition
from syncer.contract.checking import Severity
from syncer.contract.conformance import Remembered
from syncer.contract.connector import Intent
from syncer.contract.errors import Denied, Gone, Rejected, Retryable
from syncer.contract.model import (
    MISPLACED,
    Audience,
    Category,
    Cursor,
    Draft,
    Field,
    Kind,
    Marker,
    Observed,
    Ref,
    Status,
)
from syncer.sandbox.faults import Fault
from syncer.sandbox.github.model import Role
from tests.conformance.github_world import BOT_TOKEN, REPOSITORY, GitHubWorld


@pytest.fixture
def world() -> Iterator[GitHubWorld]:
    github = GitHubWorld().start()
    yield github
    github.stop()


def create(world: GitHubWorld, title: str = "Refund", **fields: object) -> int:
    return int(world.act("POST", "/issues", {"title": title, **fields})["number"])


def listed(connector: GitHubConnector, store: Remembered | None = None) -> list[Observed]:
    store = store or Remembered()
    return [item for page in store.follow(connector) for item in page.observed]


def one_task(connector: GitHubConnector) -> Observed:
    (item,) = (each for each in listed(connector) if each.kind is Kind.TASK)
    return item


def draft(title: str = "New") -> Draft:
    return Draft(Kind.TASK, {Field.TITLE: title}, Marker("m-1"))


# Renamed, transferred, deleted, locked, archived


@pytest.mark.parametrize("action", ["list", "read", "update", "create", "comment", "audience"])
def test_renamed_repository_is_denied_with_its_new_name(world: GitHubWorld, action: str) -> None:
    create(world)
    connector = world.connector()
    item = one_task(connector)
    world.github.rename_repository(REPOSITORY, "payments")
    comment = Draft(Kind.COMMENT, {Field.BODY: "Hello"}, Marker("m-2"), item)
    actions = {
        "list": lambda: listed(connector),
        "read": lambda: connector.read([item]),
        "update": lambda: connector.update(item, {Field.TITLE: "Other"}),
        "create": lambda: connector.create([draft()]),
        "comment": lambda: connector.create([comment]),
        "audience": connector.audience,
    }
    with pytest.raises(Denied, match="renamed to acme/payments") as caught:
        actions[action]()
    assert 'repository = "acme/payments"' in caught.value.remedy


def test_create_in_a_renamed_repository_creates_nothing(world: GitHubWorld) -> None:
    connector = world.connector()
    connector.audience()
    world.github.rename_repository(REPOSITORY, "payments")
    with pytest.raises(Denied):
        connector.create([draft()])
    assert world.github.repository("acme/payments").issues == {}


def test_transferred_issue_is_gone(world: GitHubWorld) -> None:
    number = create(world)
    connector = world.connector()
    item = one_task(connector)
    world.github.add_repository("acme/shop")
    world.github.transfer_issue(REPOSITORY, number, "acme/shop")
    (answer,) = connector.read([item])
    assert isinstance(answer, Gone)
    assert not answer.uncertain
    with pytest.raises(Gone):
        connector.update(item, {Field.TITLE: "Other"})


def test_deleted_issue_is_certainly_gone(world: GitHubWorld) -> None:
    number = create(world)
    connector = world.connector()
    item = one_task(connector)
    world.github.delete_issue(REPOSITORY, number)
    (answer,) = connector.read([item])
    assert isinstance(answer, Gone)
    assert not answer.uncertain


def test_issue_that_cannot_be_seen_is_uncertainly_gone(world: GitHubWorld) -> None:
    create(world)
    connector = world.connector()
    item = one_task(connector)
    world.github.remove_collaborator(REPOSITORY, "sync-bot")
    (answer,) = connector.read([item])
    assert isinstance(answer, Gone)
    assert answer.uncertain
    with pytest.raises(Denied):
        listed(connector)


def test_comment_on_a_locked_issue_is_rejected(world: GitHubWorld) -> None:
    number = create(world)
    world.github.add_collaborator(REPOSITORY, "mia", "admin")
    world.github.add_collaborator(REPOSITORY, "sync-bot", "read")
    world.github.set_visibility(REPOSITORY, "public")
    world.act("PUT", f"/issues/{number}/lock", {"lock_reason": "resolved"})
    connector = world.connector()
    item = one_task(connector)
    (answer,) = connector.create([Draft(Kind.COMMENT, {Field.BODY: "Hello"}, Marker("m-2"), item)])
    assert isinstance(answer, Rejected)
    assert "locked" in str(answer)


def test_archived_repository_can_be_read_and_not_written(world: GitHubWorld) -> None:
    create(world)
    connector = world.connector()
    item = one_task(connector)
    world.github.archive(REPOSITORY)
    assert one_task(connector).ref == item.ref
    with pytest.raises(Denied, match="archived"):
        connector.update(item, {Field.TITLE: "Other"})
    with pytest.raises(Denied, match="archived"):
        connector.create([draft()])
    assert connector.audience() is Audience.MEMBERS


def test_repository_made_anew_under_the_old_name_is_denied(world: GitHubWorld) -> None:
    create(world)
    store = Remembered()
    listed(world.connector(), store)
    world.github.delete_repository(REPOSITORY)
    world.github.add_repository(REPOSITORY)
    connector = world.connector()
    listed(connector, store)
    with pytest.raises(Denied, match="another repository"):
        connector.audience()


def test_revoked_token_is_denied_and_not_tried_again(world: GitHubWorld) -> None:
    world.github.revoke_token(BOT_TOKEN)
    connector = world.connector()
    with pytest.raises(Denied, match="Bad credentials") as caught:
        listed(connector)
    assert (connector.requests, "token" in caught.value.remedy) == (1, True)


# Who may see it


@pytest.mark.parametrize(
    ("visibility", "audience"),
    [("public", Audience.PUBLIC), ("internal", Audience.ORGANIZATION), ("private", Audience.MEMBERS)],
)
def test_audience_is_that_of_the_visibility(world: GitHubWorld, visibility: str, audience: Audience) -> None:
    world.github.set_visibility(REPOSITORY, visibility)  # type: ignore[arg-type]
    assert world.connector().audience() is audience


# What belongs to the scope


def test_pull_requests_and_their_comments_are_no_tasks(world: GitHubWorld) -> None:
    number = create(world)
    pull = world.github.add_pull_request(REPOSITORY, "A pull request", "mia")
    for each in (number, pull.number):
        world.act("POST", f"/issues/{each}/comments", {"body": "Hello"})
    items = listed(world.connector())
    assert [item.kind for item in items] == [Kind.TASK, Kind.COMMENT]


def test_filter_keeps_issues_and_their_comments_out(world: GitHubWorld) -> None:
    create(world, "In", labels=["Sync"])
    create(world, "Out")
    create(world, "Secret", labels=["sync", "internal"])
    for number in (1, 2, 3):
        world.act("POST", f"/issues/{number}/comments", {"body": "Hello"})
    connector = world.connector(scope={"filter": "label:sync -label:Internal"})
    items = listed(connector)
    assert [(item.kind, item.showing.get(Field.TITLE)) for item in items] == [(Kind.TASK, "In"), (Kind.COMMENT, None)]


def test_issue_that_comes_into_the_filter_brings_its_comments(world: GitHubWorld) -> None:
    number = create(world)
    world.act("POST", f"/issues/{number}/comments", {"body": "Said before"})
    connector, store = world.connector(scope={"filter": "label:sync"}), Remembered()
    assert listed(connector, store) == []
    world.advance(3600)
    world.act("PATCH", f"/issues/{number}", {"labels": ["sync"]})
    assert [item.kind for item in listed(connector, store)] == [Kind.TASK, Kind.COMMENT]


def test_parent_is_known_by_its_native_id_whatever_the_order(world: GitHubWorld) -> None:
    child, parent = create(world, "Child"), create(world, "Parent")
    world.advance(60)
    native = world.github.repository(REPOSITORY).issues[child].id
    world.act("POST", f"/issues/{parent}/sub_issues", {"sub_issue_id": native})
    store, connector = Remembered(), world.connector()
    listed(connector, store)
    by_title = {str(item.showing[Field.TITLE]): item for item in store.items.values()}
    assert by_title["Child"].showing[Field.PARENT] == by_title["Parent"].ref.id
    world.advance(600)
    world.act("PATCH", f"/issues/{child}", {"title": "Changed child"})
    before = connector.requests
    listed(connector, store)
    assert store.items[by_title["Child"].ref].showing[Field.PARENT] == by_title["Parent"].ref.id
    assert connector.requests - before == 1


def test_blockers_are_asked_for_only_where_their_number_is_not_as_it_was(world: GitHubWorld) -> None:
    waiting, blocker = create(world, "Waiting"), create(world, "Blocker")
    native = world.github.repository(REPOSITORY).issues[blocker].id
    world.act("POST", f"/issues/{waiting}/dependencies/blocked_by", {"issue_id": native})
    store, connector = Remembered(), world.connector()
    listed(connector, store)
    (item,) = [each for each in store.items.values() if each.showing[Field.TITLE] == "Waiting"]
    assert item.showing[Field.BLOCKED_BY] == (str(native),)
    for change, requests, blockers in (
        ("title", 1, (str(native),)),
        ("blocker", 2, (str(native), str(world.github.repository(REPOSITORY).issues[create(world, "Other")].id))),
    ):
        world.advance(600)
        if change == "blocker":
            world.act("POST", f"/issues/{waiting}/dependencies/blocked_by", {"issue_id": int(blockers[1])})
        world.act("PATCH", f"/issues/{waiting}", {"title": f"Changed {change}"})
        before = connector.requests
        listed(connector, store)
        assert store.items[item.ref].showing[Field.BLOCKED_BY] == tuple(sorted(blockers))
        assert connector.requests - before == requests


def test_blockers_that_are_hidden_from_us_cost_a_quiet_run_nothing(world: GitHubWorld) -> None:
    world.github.add_repository("acme/secret", visibility="private")
    world.github.add_collaborator("acme/secret", "mia", "write")
    hidden = world.github.add_issue("acme/secret", "Hidden", "mia")
    waiting = create(world, "Waiting")
    world.act("POST", f"/issues/{waiting}/dependencies/blocked_by", {"issue_id": hidden.id})
    store, connector = Remembered(), world.connector()
    listed(connector, store)
    (item,) = store.items.values()
    assert item.showing[Field.BLOCKED_BY] == ()
    before = connector.requests
    listed(connector, store)
    assert connector.requests - before == 1


def test_a_parent_in_another_repository_is_told_by_its_key(world: GitHubWorld) -> None:
    world.github.add_repository("acme/plans", visibility="private")
    for login in ("mia", "sync-bot"):
        world.github.add_collaborator("acme/plans", login, "write")
    above = world.github.add_issue("acme/plans", "Above", "mia")
    child = world.github.repository(REPOSITORY).issues[create(world, "Child")]
    world.act("POST", f"/issues/{above.number}/sub_issues", {"sub_issue_id": child.id}, repository="acme/plans")
    store = Remembered()
    listed(world.connector(), store)
    (item,) = store.items.values()
    assert item.showing[Field.PARENT] == f"acme/plans#{above.number}"


def test_new_milestone_comes_with_the_task_that_shows_it(world: GitHubWorld) -> None:
    number = create(world)
    store, connector = Remembered(), world.connector()
    listed(connector, store)
    world.advance(600)
    milestone = world.act("POST", "/milestones", {"title": "Spring", "due_on": "2026-05-31T00:00:00Z"})
    world.act("PATCH", f"/issues/{number}", {"milestone": milestone["number"]})
    before = connector.requests
    shown, task = listed(connector, store)
    assert (shown.kind, shown.ref.id) == (Kind.MILESTONE, str(milestone["id"]))
    assert task.showing[Field.MILESTONES] == (shown.ref.id,)
    assert connector.requests - before == 1


def test_milestone_keeps_its_day(world: GitHubWorld) -> None:
    connector = world.connector()
    fields = {Field.TITLE: "Spring", Field.DUE: date(2026, 5, 31), Field.BODY: "All of it"}
    (created,) = connector.create([Draft(Kind.MILESTONE, fields, Marker("m-1"))])
    assert isinstance(created, Observed)
    assert (created.showing[Field.DUE], created.showing[Field.BODY]) == (date(2026, 5, 31), "All of it")
    closed = connector.update(created, {Field.STATUS: Status("closed", Category.DONE), Field.DUE: None})
    assert (closed.showing[Field.STATUS], closed.showing[Field.DUE]) == (Status("closed", Category.DONE), None)


def test_milestone_of_an_unknown_id_is_rejected(world: GitHubWorld) -> None:
    fields = {Field.TITLE: "Planned", Field.MILESTONES: ("999",)}
    (answer,) = world.connector().create([Draft(Kind.TASK, fields, Marker("m-1"))])
    assert isinstance(answer, Rejected)
    assert "milestones" in str(answer)


# Text


def test_marker_of_a_linked_issue_is_kept_when_a_person_writes_below_it(world: GitHubWorld) -> None:
    connector, store = world.connector(), Remembered()
    (created,) = connector.create([Draft(Kind.TASK, {Field.TITLE: "A", Field.BODY: "Ours"}, Marker("m-1"))])
    source = world.act("GET", "/issues/1")["body"]
    world.act("PATCH", "/issues/1", {"body": f"{source}\r\n\r\nTheirs"})
    assert isinstance(created, Observed)
    assert one_task(connector).marker == f"{MISPLACED}m-1"
    store.linked[created.ref] = Marker("m-1")
    store.follow(connector)
    now = store.items[created.ref]
    assert (now.marker, now.showing[Field.BODY]) == ("m-1", "Ours\r\n\r\nTheirs")


def test_marker_copied_to_another_issue_does_not_make_it_ours(world: GitHubWorld) -> None:
    connector = world.connector()
    (created,) = connector.create([Draft(Kind.TASK, {Field.TITLE: "A", Field.BODY: "Ours"}, Marker("m-1"))])
    create(world, "Copy", body=world.act("GET", "/issues/1")["body"])
    found = connector.find([Intent(draft(), world.clock.now())])
    assert isinstance(created, Observed)
    assert found[Marker("m-1")].ref == created.ref


def test_longest_body_with_the_longest_marker_is_accepted(world: GitHubWorld) -> None:
    connector = world.connector()
    body = "你" * connector.capabilities.body_limit
    marker = Marker("m" * 200)
    (created,) = connector.create([Draft(Kind.TASK, {Field.TITLE: "A", Field.BODY: body}, marker)])
    assert isinstance(created, Observed)
    assert (created.showing[Field.BODY], created.marker) == (body, marker)


def test_body_with_carriage_returns_is_shown_as_it_is_and_is_no_news(world: GitHubWorld) -> None:
    create(world, body="One\r\nTwo")
    connector = world.connector()
    item = one_task(connector)
    assert item.showing[Field.BODY] == "One\r\nTwo"
    world.box.log.reset()
    connector.update(item, {Field.BODY: "One\nTwo"})
    assert world.box.log.count("github", "PATCH") == 0


def test_label_in_another_case_is_the_same_label(world: GitHubWorld) -> None:
    create(world, labels=["Bug", "keep"])
    connector = world.connector()
    item = one_task(connector)
    updated = connector.update(item, {Field.LABELS: ("bug", "new")})
    assert {str(label).casefold() for label in updated.showing[Field.LABELS]} == {"bug", "new"}  # type: ignore[union-attr]


def test_update_sends_only_what_differs(world: GitHubWorld) -> None:
    create(world, "Same", labels=["one"])
    connector = world.connector()
    item = one_task(connector)
    world.box.log.reset()
    connector.update(item, {Field.TITLE: "Same", Field.LABELS: ("one", "two")})
    (write,) = world.box.log.writes("github")
    assert write.request_json == {"labels": ["one", "two"]}


# What it costs


def test_run_without_changes_is_one_request_at_any_size(world: GitHubWorld) -> None:
    world.github.seed_issues(REPOSITORY, 300, 2)
    store = Remembered()
    listed(world.connector(), store)
    world.advance(86_400)
    connector = world.connector()
    listed(connector, store)
    assert connector.requests == 1


@pytest.mark.slow
def test_full_listing_of_a_thousand_issues_is_bounded(world: GitHubWorld) -> None:
    world.github.seed_issues(REPOSITORY, 1_000, 3)
    connector = world.connector()
    items = listed(connector)
    assert sum(item.kind is Kind.TASK for item in items) == 1_000
    assert len(items) == 4_000
    assert connector.requests <= 46


def test_issues_of_one_second_are_all_listed(world: GitHubWorld) -> None:
    for number in range(230):
        world.github.add_issue(REPOSITORY, f"Task {number}", "mia")
    connector = world.connector()
    assert len(listed(connector)) == 230
    assert connector.requests <= 6


def test_update_of_a_fresh_item_is_one_request(world: GitHubWorld) -> None:
    create(world)
    connector = world.connector(reread_after=30)
    item = one_task(connector)
    before = connector.requests
    connector.update(item, {Field.TITLE: "After"})
    assert connector.requests - before == 1


def test_item_read_long_ago_is_read_again_before_it_is_changed(world: GitHubWorld) -> None:
    create(world)
    connector = world.connector(reread_after=30)
    item = replace(one_task(connector), version=one_task(world.connector()).version)
    connector._repository._read_at[item.ref] = (float("-inf"), item.version)
    before = connector.requests
    connector.update(item, {Field.TITLE: "After"})
    assert connector.requests - before == 2


def test_comments_of_many_changed_issues_are_one_list(world: GitHubWorld) -> None:
    for number in range(5):
        create(world, f"Task {number}")
        world.act("POST", f"/issues/{number + 1}/comments", {"body": "Hello"})
    store, connector = Remembered(), world.connector()
    listed(connector, store)
    world.advance(600)
    for number in range(5):
        world.act("POST", f"/issues/{number + 1}/comments", {"body": "Again"})
    before = connector.requests
    items = listed(connector, store)
    assert [item.showing[Field.BODY] for item in items if item.kind is Kind.COMMENT].count("Again") == 5
    assert connector.requests - before == 2


def test_comment_deleted_beside_a_new_one_is_noticed_among_many_changes(world: GitHubWorld) -> None:
    for number in (1, 2):
        create(world, f"Task {number}")
    old = world.act("POST", "/issues/1/comments", {"body": "Old"})
    store, connector = Remembered(), world.connector()
    listed(connector, store)
    world.advance(600)
    world.act("DELETE", f"/issues/comments/{old['id']}")
    for number in (1, 2):
        world.act("POST", f"/issues/{number}/comments", {"body": f"New {number}"})
    listed(connector, store)
    bodies = {item.showing[Field.BODY] for item in store.items.values() if item.kind is Kind.COMMENT}
    assert bodies == {"New 1", "New 2"}


def test_comments_edited_without_a_trace_cost_one_list_and_not_one_each(world: GitHubWorld) -> None:
    world.github.behaviour.comment_changes_that_bump = frozenset()
    for number in range(1, 7):
        create(world, f"Task {number}")
        world.advance(10)
        world.act("POST", f"/issues/{number}/comments", {"body": "Hello"})
    connector = world.connector()
    assert sum(item.kind is Kind.COMMENT for item in listed(connector)) == 6
    assert connector.requests == 4


def test_cursor_reaches_back_behind_the_last_change_seen(world: GitHubWorld) -> None:
    create(world)
    (page,) = world.connector(overlap_seconds=90).changes(None, Remembered())
    assert ListingPosition.parse(page.cursor).since == world.clock.now() - timedelta(seconds=90)


def test_comment_edited_without_a_trace_on_its_issue_is_found_by_a_full_listing(world: GitHubWorld) -> None:
    world.github.behaviour.comment_changes_that_bump = frozenset({"created"})
    create(world)
    create(world, "Later")
    comment = world.act("POST", "/issues/1/comments", {"body": "Helo"})
    gone = world.act("POST", "/issues/2/comments", {"body": "Oops"})
    store, connector = Remembered(), world.connector()
    listed(connector, store)
    world.advance(600)
    world.act("PATCH", f"/issues/comments/{comment['id']}", {"body": "Hello"})
    world.act("DELETE", f"/issues/comments/{gone['id']}")
    store.cursor = None
    listed(connector, store)
    bodies = {item.showing[Field.BODY] for item in store.items.values() if item.kind is Kind.COMMENT}
    assert bodies == {"Hello"}


@pytest.mark.parametrize(("deleted", "kinds"), [(True, [Kind.TASK]), (False, None)])
def test_issue_that_vanishes_before_its_comments_are_listed(
    world: GitHubWorld, deleted: bool, kinds: list[Kind] | None
) -> None:
    number = create(world)
    store, connector = Remembered(), world.connector()
    listed(connector, store)
    world.advance(600)
    world.act("POST", f"/issues/{number}/comments", {"body": "Hello"})

    class DeletedBetween(Remembered):
        def comments(self, task: Ref) -> int:
            if deleted:
                world.github.delete_issue(REPOSITORY, number)
            return 0

    between = DeletedBetween()
    between.cursor = store.cursor
    if kinds is None:
        world.faults.add(Fault("404", path=f"/issues/{number}/comments"))
        with pytest.raises(Retryable):
            between.follow(connector)
    else:
        (page,) = between.follow(connector)
        assert [item.kind for item in page.observed] == kinds
        assert page.complete == frozenset()


def test_unreadable_cursor_reads_everything(world: GitHubWorld) -> None:
    create(world)
    store = Remembered()
    store.cursor = Cursor("of another version")
    assert [item.kind for item in listed(world.connector(), store)] == [Kind.TASK]


# Limits


def test_used_up_limit_stops_before_the_next_request(world: GitHubWorld) -> None:
    world.github.behaviour.primary_limit = 3
    connector = world.connector()
    for _ in range(3):
        connector.audience()
    with pytest.raises(Retryable) as caught:
        connector.audience()
    assert (caught.value.budget, connector.requests) == (True, 3)
    assert caught.value.after is not None


def test_reserve_of_the_limit_is_left_to_others(world: GitHubWorld) -> None:
    world.github.behaviour.primary_limit = 100
    connector = world.connector(rate_reserve=90)
    for _ in range(90):
        connector.audience()
    with pytest.raises(Retryable, match="limit"):
        connector.audience()
    assert connector.requests == 90


def test_retry_after_is_waited_for(world: GitHubWorld) -> None:
    world.faults.add(Fault("503", retry_after="7"))
    world.connector().audience()
    assert world.naps == [7.0]


def test_wish_to_wait_longer_than_allowed_ends_the_read(world: GitHubWorld) -> None:
    world.faults.add(Fault("503", retry_after="700"))
    with pytest.raises(Retryable) as caught:
        world.connector().audience()
    assert caught.value.after is not None
    assert (caught.value.after.total_seconds(), world.naps) == (700, [])


# What `check` finds


def test_check_names_what_is_missing_and_what_is_too_much(world: GitHubWorld) -> None:
    world.github.add_token("sync-bot", "ghp_wide", scopes=("repo", "delete_repo", "admin:org"))
    world.github.add_collaborator(REPOSITORY, "sync-bot", "read")
    findings = world.connector(token="ghp_wide").check()
    said = {(finding.severity, finding.about): finding.message for finding in findings}
    assert "admin:org, delete_repo" in said[(Severity.WARNING, "credentials")]
    assert "labels" in said[(Severity.ERROR, f"repository {REPOSITORY}")]


def test_check_of_a_wrong_token_is_one_error(world: GitHubWorld) -> None:
    (finding,) = world.connector(token="ghp_wrong").check()
    assert (finding.severity, finding.about) == (Severity.ERROR, "credentials")
    assert finding.fix


def test_check_says_that_an_archived_repository_cannot_be_written(world: GitHubWorld) -> None:
    world.github.archive(REPOSITORY)
    assert any("archived" in finding.message for finding in world.connector().check())


def test_check_says_that_the_name_is_another(world: GitHubWorld) -> None:
    world.github.rename_repository(REPOSITORY, "payments")
    (finding,) = world.connector().check()
    assert "acme/payments" in finding.fix


def test_issue_types_of_the_organisation_are_words_of_the_scope(world: GitHubWorld) -> None:
    world.github.add_token("sync-bot", "ghp_org", scopes=("repo", "read:org"))
    world.github.account("acme").members["sync-bot"] = Role.READ
    words = world.connector(scope={"issue_types": True}, token="ghp_org").vocabulary()
    assert "Bug" in words.types


def test_account_of_a_bot_is_a_bot(world: GitHubWorld) -> None:
    world.github.add_app("dependencies", "acme")
    account = world.connector().account("dependencies[bot]")
    assert account is not None
    assert account.bot


def test_ref_of_a_task_is_its_native_id(world: GitHubWorld) -> None:
    number = create(world)
    native = world.github.repository(REPOSITORY).issues[number].id
    item = one_task(world.connector())
    assert (item.ref, item.key) == (Ref(Kind.TASK, str(native)), f"{REPOSITORY}#{number}")
