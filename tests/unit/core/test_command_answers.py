"""What is said in comments of a conflict, by the names that people know the fields by."""

from __future__ import annotations

import pytest

from syncer.contract.model import Field, Side
from syncer.core.command_answers import conflict_line
from syncer.richtext import plain_text


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Refunds", "syncer: blocked by, story-points differ on the two sides"),
        ("退款", "syncer：前置任务、story-points 两侧不同"),
    ],
)
def test_a_declared_field_is_called_what_people_called_it(title: str, said: str) -> None:
    line = conflict_line(title, Side.LEFT, [Field.declared("story-points"), Field.BLOCKED_BY])
    assert plain_text(line).startswith(said)


@pytest.mark.parametrize("field", Field)
def test_every_field_has_a_name_in_chinese(field: Field) -> None:
    assert "syncer：" in plain_text(conflict_line("退款", Side.LEFT, [field]))
