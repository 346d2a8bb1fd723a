"""What the connector takes for granted of fields of people's own making, and of sprints.

See `connectors.jira.assumptions`.
"""

from __future__ import annotations

from typing import Final

from syncer.contract.assumptions import Assumption, Evidence

FIELDS: Final = (
    Assumption(
        id="jira.field.typed-by-key",
        behaviour="What a custom field holds is told by `schema.custom`, and is entered as the page says for its type.",
        evidence=Evidence.DOCUMENTATION,
        source="Field input formats (Jira Service Management, Data Center); Get fields: JsonTypeBean",
        where=("connectors.jira.custom.KINDS", "connectors.jira.custom.kind_of"),
        safe="A type that is not in the table is read where its value has a known shape, and never written.",
    ),
    Assumption(
        id="jira.field.options-by-screen",
        behaviour="The options that may be chosen in an issue are the `allowedValues` of its create or edit screen.",
        evidence=Evidence.SPECIFICATION,
        source="Get edit issue metadata, Get create field metadata: allowedValues (Cloud and Data Center)",
        where=("connectors.jira.screens.ScreenField", "connectors.jira.field_bodies.FieldBodies"),
        safe="An option that no screen lists is not written: the field is refused by its name, and nothing else is.",
    ),
    Assumption(
        id="jira.field.removed-option-untold",
        behaviour="A removed option is gone from every issue, of which no changelog and no time of change tells.",
        evidence=Evidence.UNVERIFIED,
        source="no document says what becomes of an issue whose option is deleted",
        where=("connectors.jira.vanished.Vanished",),
        safe="What a field lost is shown as it was while the edit screen does not offer it; an edit is one at once.",
    ),
    Assumption(
        id="jira.field.absent-out-of-context",
        behaviour="An issue that is in none of a field's contexts does not have the field in its JSON.",
        evidence=Evidence.UNVERIFIED,
        source="constructorfabric/insight#2981: a field that stops being returned, with no item of the changelog",
        where=("connectors.jira.project_fields.ProjectFields", "connectors.jira.vanished.Vanished"),
        safe="Where it shows nothing instead and the field is on no edit screen, the value is shown as it was.",
    ),
    Assumption(
        id="jira.field.null-is-empty",
        behaviour="A custom field that an issue has and nobody filled is null, be it one of several options.",
        evidence=Evidence.RECORDING,
        source="33 recorded issues of a Cloud site: null, and an empty list in a field of an app",
        where=("connectors.jira.custom.shown_of",),
        safe="Where a filled one shows null, the edit screen says whether somebody could have emptied it.",
    ),
    Assumption(
        id="jira.field.past-options",
        behaviour="A changelog tells several options as `[10218, 10244]` and `Fulfilment,Supply`, one by id and name.",
        evidence=Evidence.REPORT,
        source="an app's handler of issue events that quotes such an item of a Cloud site",
        where=("connectors.jira.custom.KINDS", "connectors.jira.history.past_changes"),
        safe="Another form gives the names as they stand between commas: the past tells, and decides nothing.",
    ),
    Assumption(
        id="jira.sprint.moved-by-boards",
        behaviour="An issue is put into an open sprint, and out of all that are open, by two operations of boards.",
        evidence=Evidence.SPECIFICATION,
        source="Move issues to sprint and rank, Move issues to backlog (Jira Software Cloud and Data Center)",
        where=("connectors.jira.boards.SprintBoards",),
        safe="A refusal is told by the name of the field, and the fields of the issue are written all the same.",
    ),
    Assumption(
        id="jira.rank.sorts-as-text",
        behaviour="The field for ranks holds a text such as `0|i000db:`; texts of one site sort in the order of ranks.",
        evidence=Evidence.DOCUMENTATION,
        source="Managing LexoRank (Jira Data Center); recorded issues of a Cloud site",
        where=("connectors.jira.mapping.observed_issue",),
        safe="It orders what is planned in the report, and nothing is written by it. While Jira balances its ranks, or"
        " where ranking moves no time of change, the order is that of the last complete reading.",
    ),
    Assumption(
        id="jira.sprint.made-on-a-board",
        behaviour="A sprint is made on a board by its name alone, as a coming one.",
        evidence=Evidence.SPECIFICATION,
        source="Create sprint (Jira Software Cloud and Data Center)",
        where=("connectors.jira.boards.SprintBoards",),
        safe="Only where the place says `create`. A refusal is told by the name of the field; after a lost answer the"
        " sprints are listed anew, so that none is made twice.",
    ),
    Assumption(
        id="jira.sprint.number-in-a-create",
        behaviour="A create takes the number of a sprint in the field for sprints, where that is on its screen.",
        evidence=Evidence.REPORT,
        source="mattermost/mattermost-plugin-jira#1271; ljay79/jira-tools#172",
        where=("connectors.jira.field_bodies.FieldBodies",),
        safe="Refused, it is left out of creates, and the issue is put into the sprint by the operation of boards.",
    ),
    Assumption(
        id="jira.estimate.in-minutes",
        behaviour="An estimate is entered as `150m` in `timetracking`, and shown in seconds by a field of its own.",
        evidence=Evidence.DOCUMENTATION,
        source="Field input formats: timetracking; recorded issues of a Cloud site: timeoriginalestimate",
        where=("connectors.jira.custom.KINDS",),
        safe="A refusal is told by the name of the field. None is emptied: no document says how.",
    ),
)
