"""For what is unverified: the tests that show what a connector does where it is not so."""

from __future__ import annotations

from collections.abc import Mapping

_HERE = "tests/vendor/test_unverified.py::test_"
_CHECK = "tests/vendor/test_check.py::test_"
_JIRA_READING = "tests/unit/connectors/test_jira_reading.py::test_"
_JIRA_WRITING = "tests/unit/connectors/test_jira_writing.py::test_"
_JIRA_FIELDS = "tests/unit/connectors/test_jira_declared_faults.py::test_"
_GITHUB = "tests/unit/connectors/test_github_repository.py::test_"
_FIELDS = "tests/unit/connectors/test_github_issue_fields.py::test_"
_BOARDS = "tests/unit/connectors/test_github_boards.py::test_"
_CLOSED = "tests/integration/test_closed_jira.py::test_"

SHOWN: Mapping[str, tuple[str, ...]] = {
    "github.boards.added-twice": (f"{_BOARDS}an_issue_that_is_there_already_and_cannot_be_added_is_held_until_a_turn",),
    "github.boards.listed-by-position": (f"{_BOARDS}the_order_of_a_board_is_read_where_it_is_the_order_of_the_plan",),
    "github.boards.removed-option-empties": (
        f"{_BOARDS}an_option_and_an_iteration_that_are_removed_while_in_use_are_shown_no_more_and_are_no_options",
    ),
    "github.boards.text-shape": (f"{_BOARDS}a_text_is_understood_in_both_forms",),
    "github.boards.values-move-no-time": (
        f"{_BOARDS}a_run_that_does_not_ask_costs_what_it_did_and_one_that_asks_one_request_more",
    ),
    "github.pulls.review-moves-its-time": (
        "tests/unit/connectors/test_github_code.py::test_a_review_without_a_trace_is_found_when_the_request_is_closed",
    ),
    "github.comment.edit-moves-its-issue": (
        f"{_GITHUB}comment_edited_without_a_trace_on_its_issue_is_found_by_a_full_listing",
        f"{_GITHUB}comment_deleted_beside_a_new_one_is_noticed_among_many_changes",
    ),
    "github.comment.minimizing-moves-its-time": (
        "tests/integration/test_hidden_comments.py::"
        "test_the_mirror_of_a_comment_that_is_hidden_later_is_emptied_and_comes_back_with_it",
    ),
    "github.dependency.change-moves-its-issue": (
        f"{_GITHUB}blockers_are_asked_for_only_where_their_number_is_not_as_it_was",
    ),
    "github.issue-fields.change-moves-its-issue": (
        f"{_FIELDS}a_change_that_does_not_move_the_time_of_its_issue_is_found_by_a_complete_reading",
    ),
    "github.issue-fields.option-removed": (
        f"{_FIELDS}an_option_that_is_removed_while_in_use_is_shown_as_github_shows_it_and_is_no_option_any_more",
    ),
    "github.list.shows-what-was-created": (f"{_HERE}a_create_that_a_list_shows_late_is_found_by_a_second_look",),
    "jira.attachment.names-its-media": (f"{_HERE}a_file_without_a_media_id_is_shown_by_the_address_of_its_page",),
    "jira.comment.edit-moves-its-issue": (
        f"{_HERE}a_comment_edited_without_a_trace_on_its_issue_is_found_by_a_complete_reading",
    ),
    "jira.comment.put-replaces-all": (f"{_JIRA_WRITING}a_limited_comment_stays_limited",),
    "jira.comment.several-in-one-edit": (f"{_HERE}each_comment_is_a_request_of_its_own",),
    "jira.comment.total-where-capped": (
        f"{_HERE}comments_are_complete_where_the_total_counts_only_those_that_are_shown",
        f"{_HERE}check_tells_whether_the_total_counts_all_comments",
    ),
    "jira.create.may-move-the-issue": (
        f"{_JIRA_WRITING}a_transition_that_a_create_ignores_is_not_believed",
        f"{_JIRA_WRITING}a_refused_transition_is_left_out_and_not_tried_again",
    ),
    "jira.edit.silence-needs-administrators": (
        f"{_HERE}an_edit_is_sent_again_aloud_where_silence_is_refused_as_invalid",
        f"{_JIRA_WRITING}without_the_permission_to_silence_it_is_asked_for_once",
    ),
    "jira.field.absent-out-of-context": (
        f"{_JIRA_FIELDS}a_field_of_another_context_is_told_and_empties_nothing",
        f"{_JIRA_FIELDS}a_field_that_shows_nothing_for_want_of_a_screen_is_shown_as_it_was",
    ),
    "jira.field.removed-option-untold": (
        f"{_JIRA_FIELDS}a_removed_option_empties_nothing_until_somebody_chooses_another",
    ),
    "jira.issue.archived-readable": (
        f"{_CLOSED}an_archived_issue_is_held_by_name_and_goes_on_when_it_is_restored",
        "tests/unit/sync/test_run.py::test_a_task_that_three_complete_listings_miss_was_deleted",
    ),
    "jira.permissions.system-admin-on-cloud": (
        f"{_HERE}permissions_are_told_where_the_site_does_not_know_one_of_them",
    ),
    "jira.project.insight-counts-all-issues": (f"{_CHECK}a_project_that_hides_all_of_its_issues_is_said_so",),
    "jira.project.search-when-archived": (f"{_CLOSED}an_archived_project_stops_the_pair_by_name_until_it_is_restored",),
    "jira.project.type-told-by-issues": (
        f"{_HERE}internal_comments_stay_restricted_where_issues_do_not_tell_the_type_of_their_project",
    ),
    "jira.security.no-scheme-is-404": (f"{_JIRA_READING}a_404_without_the_right_to_see_the_scheme_says_nothing",),
    "jira.security.search-names-the-hidden-field": (
        f"{_JIRA_READING}a_refusal_that_names_neither_leaves_the_issues_restricted",
    ),
    "jira.site.read-only-cloud": (
        "tests/unit/connectors/test_jira_answers.py::test_a_server_in_maintenance_is_an_outage_and_no_used_up_budget",
        f"{_CLOSED}an_account_that_may_only_read_stops_the_pair_instead_of_holding_every_item",
    ),
    "jira.text.limit-counted": (
        f"{_HERE}no_text_is_longer_than_the_limit_in_characters_or_in_utf_16",
        f"{_HERE}a_text_that_is_counted_longer_than_we_count_is_refused_by_name_with_the_setting_that_helps",
    ),
}
