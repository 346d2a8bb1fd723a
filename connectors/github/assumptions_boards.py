"""What this connector takes for granted about boards (Projects v2), pull requests and releases, with the evidence."""

from __future__ import annotations

from typing import Final

from syncer.contract.assumptions import Assumption, Evidence

ABOUT_BOARDS: Final = (
    Assumption(
        id="github.boards.absent-on-server",
        behaviour="Enterprise Server to 3.19 has no boards in its REST interface: the operations answer 404.",
        evidence=Evidence.SPECIFICATION,
        source="github/rest-api-description, the documents of Enterprise Server 3.17, 3.18 and 3.19",
        where=("connectors.github.boards_reading.Board",),
        safe="A field of a board is not held there; the product and its version are named.",
    ),
    Assumption(
        id="github.boards.written-by-id",
        behaviour="One request changes values of an item: text, number and day as they are, an option or iteration by"
        " its id, null to empty a field.",
        evidence=Evidence.DOCUMENTATION,
        source="GitHub Docs: REST API endpoints for Project items, Update project item for organization",
        where=("connectors.github.boards_fields.sent",),
        safe="What the answer shows is what is taken for written.",
    ),
    Assumption(
        id="github.boards.values-move-no-time",
        behaviour="A value that changes on a board does not move the time of change of its issue.",
        evidence=Evidence.UNVERIFIED,
        source="no document tells",
        where=("connectors.github.boards.Boards",),
        safe="All items of a board are read in turns, and an issue that is listed between two keeps what is known.",
    ),
    Assumption(
        id="github.boards.text-shape",
        behaviour="An item shows a text as it is; the documents show titles and names with their Markdown and HTML.",
        evidence=Evidence.UNVERIFIED,
        source="GitHub Docs: REST API endpoints for Project items, whose examples hold no text field",
        where=("connectors.github.boards_fields.text",),
        safe="Both forms are read; in any other the field is not shown.",
    ),
    Assumption(
        id="github.boards.removed-option-empties",
        behaviour="An option or iteration that is removed is taken from the items that have it.",
        evidence=Evidence.UNVERIFIED,
        source="github/github-mcp-server#2953 for iterations; no document tells",
        where=("connectors.github.boards.Boards",),
        safe="A field that lost a value which is no option any more keeps what is known of it.",
    ),
    Assumption(
        id="github.boards.closed-moves-status",
        behaviour="A new board has a workflow on that moves an item to Done in Status when its issue is closed. Others"
        " that move it when it is added or reopened, or close an issue whose Status is changed, may be switched on.",
        evidence=Evidence.DOCUMENTATION,
        source="GitHub Docs: Using the built-in automations",
        where=("connectors.github.boards.Boards",),
        safe="Whether an issue is closed it says itself; a column that contradicts that is no part of its status.",
    ),
    Assumption(
        id="github.boards.listed-by-position",
        behaviour="The items of a board are listed in the order in which they stand there.",
        evidence=Evidence.UNVERIFIED,
        source="GitHub Docs on ProjectV2.items of GraphQL, whose order is POSITION; the REST document does not tell",
        where=("connectors.github.ranks.ranks",),
        safe="Only where the settings say `rank`: it orders what is planned in the report, and nothing is written.",
    ),
    Assumption(
        id="github.boards.added-twice",
        behaviour="An issue that is put on a board where it is already stays the item that it is.",
        evidence=Evidence.UNVERIFIED,
        source="GitHub Docs on addProjectV2ItemById of GraphQL; the REST document does not tell",
        where=("connectors.github.boards_reading.Board.add",),
        safe="A refusal is held by name, until a turn shows that the issue is there.",
    ),
    Assumption(
        id="github.pulls.closing-keywords",
        behaviour="A pull request closes the issues that its text names after close, fix or resolve in any form; the"
        " branch that GitHub makes for an issue begins with its number.",
        evidence=Evidence.DOCUMENTATION,
        source="GitHub Docs: Linking a pull request to an issue; Creating a branch to work on an issue",
        where=("connectors.github.pulls.named",),
        safe="It only says which tasks stand beside a figure: nothing is written by it.",
    ),
    Assumption(
        id="github.pulls.review-moves-its-time",
        behaviour="A review moves the time of change of its pull request.",
        evidence=Evidence.UNVERIFIED,
        source="no document tells",
        where=("connectors.github.pulls.changed_pulls",),
        safe="A review without a trace is found when the pull request changes next, at the latest when it is closed.",
    ),
)
