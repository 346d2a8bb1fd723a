"""What became of issues that Jira was asked to create, by its answers."""

from __future__ import annotations

import json

from connectors.jira.answers import Invalid, complaints, described
from connectors.jira.json_fields import Json, Malformed, as_objects, need, need_id
from connectors.transport import beginning
from syncer.contract.errors import Retryable, TrackerError
from syncer.contract.model import Draft, Observed

Outcome = Observed | TrackerError


def id_and_key(answer: Json) -> tuple[str, str]:
    """Id and key of a new issue. Raises Malformed."""
    return need_id(answer, "created issue"), need(answer, "key", str, "created issue")


def bulk_outcomes(answer: Json, amount: int) -> list[tuple[str, str] | TrackerError]:
    """What became of each element of a bulk create: Jira lists the made ones in order and the others by number."""
    refused: dict[int, TrackerError] = {}
    for entry in as_objects(answer.get("errors") or [], "errors"):
        fields, messages = complaints(entry.get("elementErrors"))
        number = need(entry, "failedElementNumber", int, "errors")
        said = described(fields, messages)
        why = f": {said}" if said else beginning(json.dumps(dict(entry), ensure_ascii=False))
        refused[number] = Invalid(f"not created{why}", fields, messages)
    issues = [id_and_key(issue) for issue in as_objects(answer.get("issues") or [], "issues")]
    if len(issues) + len(refused) != amount or not all(0 <= number < amount for number in refused):
        raise Malformed(f"{amount} issues were sent, {len(issues)} created and {len(refused)} refused")
    rest = iter(issues)
    return [refused[index] if index in refused else next(rest) for index in range(amount)]


def in_time(draft: Draft, outcome: Outcome) -> Outcome:
    """An outcome; of a sub-task whose parent is not there yet, that it may be sent again."""
    if isinstance(outcome, Invalid) and draft.parent is None and "parent" in outcome.fields:
        return Retryable(f"{outcome}: what it is a part of is to be in step first")
    return outcome
