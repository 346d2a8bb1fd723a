"""What syncer says in a tracker: the answer to a command, and the line that shows a conflict. Pure.

A line names no value and nothing of the other side: whoever reads the item may read it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from syncer.contract.model import Field, Side
from syncer.core.amounts import moment
from syncer.core.commands import CommandRecord, Outcome
from syncer.core.rules import Command
from syncer.richtext import Document, Paragraph, Run

_DONE: Mapping[Command, tuple[str, str]] = {
    Command.PAUSE: (
        "paused: nothing of this item is carried until /resume", "已暂停：在 /恢复 之前不再同步此事项",
    ),
    Command.RESUME: ("resumed: what changed meanwhile is carried now", "已恢复：暂停期间的变更现在同步"),
    Command.RETRY: ("what was refused is tried again now", "被拒绝的内容现在重试"),
    Command.RESYNC: ("read anew and compared", "已重新读取并比较"),
    Command.TAKE: ("decided: the other side gets the value now", "已选定：现在写入另一侧"),
}  # fmt: skip
_NOT_DONE: Mapping[Outcome, tuple[str, str]] = {
    Outcome.CUT_OFF: ("the run was cut off. Write it again in a new comment", "运行中断。请用新评论再写一次"),
    Outcome.NOT_ALLOWED: ("the configuration does not allow this command", "配置不允许此命令"),
    Outcome.NO_PERMISSION: ("it needs the permission to write here", "需要此处的写权限"),
    Outcome.PERMISSION_UNKNOWN: ("the tracker does not say who may write here", "无法得知谁有写权限"),
    Outcome.NOT_PAUSED: ("this item is not paused", "此事项没有暂停"),
    Outcome.STILL_PAUSED: ("a label pauses this item, or it was unlinked", "标签使此事项暂停，或它已解除关联"),
    Outcome.NOTHING_REFUSED: ("nothing of this item was refused", "此事项没有被拒绝的内容"),
    Outcome.REFUSED_AGAIN: ("it was refused again", "再次被拒绝"),
    Outcome.NOT_READ: (
        "the item could not be read. Write it again in a new comment", "无法读取此事项。请用新评论再写一次",
    ),
    Outcome.NO_CONFLICT: ("no conflict shown here waits for a decision", "此处没有待决的冲突"),
}  # fmt: skip
"""In English and in Chinese."""
_FIELDS: Mapping[Field, str] = {
    Field.TITLE: "标题", Field.BODY: "正文", Field.STATUS: "状态", Field.LABELS: "标签", Field.COMPONENTS: "模块",
    Field.ASSIGNEES: "经办人", Field.PRIORITY: "优先级", Field.TYPE: "类型", Field.MILESTONES: "里程碑",
    Field.START: "开始日期", Field.DUE: "截止日期", Field.PARENT: "上级", Field.BLOCKED_BY: "前置任务",
    Field.RELATES: "相关任务", Field.DUPLICATES: "重复任务", Field.CLONES: "复制来源",
}  # fmt: skip
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def answer_to(record: CommandRecord, by: str, fields: Iterable[Field] = ()) -> Document:
    """The line that answers a command: what became of it, of which fields, who said it (`by`), and when.

    `by` is what their tracker calls them: its readers need not know the names of the configuration.
    """
    chinese = record.spoken.chinese
    if record.outcome is not None and record.outcome in _NOT_DONE:
        said = f"{'未执行：' if chinese else 'not done: '}{_NOT_DONE[record.outcome][chinese]}"
        named = sorted(fields)
        if chinese and named:
            said += f"（{'、'.join(_called(field, chinese=True) for field in named)}）"
        elif named:
            said += f" ({', '.join(_called(field, chinese=False) for field in named)})"
    else:
        said = _DONE[record.spoken.command][chinese]
    if chinese:
        return _line(f"syncer：{said}（{by}，{moment(record.at)}）")
    return _line(f"syncer: {said} ({by}, {moment(record.at)})")


def conflict_line(title: str, shown: Side, fields: Iterable[Field]) -> Document:
    """The line that shows a conflict on the item of a side, in the language of its title; of no field: it is over."""
    named = sorted(fields)
    chinese = _CHINESE.search(title) is not None
    if not named:
        return _line("syncer：已选定，不再等待" if chinese else "syncer: decided, nothing waits any more")
    if chinese:
        fields_said = "、".join(_called(field, chinese=True) for field in named)
        here, there = ("左侧", "右侧") if shown is Side.LEFT else ("右侧", "左侧")
        return _line(
            f"syncer：{fields_said} 两侧不同，选定之前不写入。在评论首行写 /采用{here}：保留这里的内容；"
            f"/采用{there}：保留另一侧的内容。"
        )
    fields_said = ", ".join(_called(field, chinese=False) for field in named)
    return _line(
        f"syncer: {fields_said} {'differs' if len(named) == 1 else 'differ'} on the two sides, and nothing is written"
        f" until somebody chooses. In the first line of a comment, /take {shown} keeps what stands here, and"
        f" /take {shown.other} what stands on the other side."
    )


def _called(field: Field, *, chinese: bool) -> str:
    """What people call a field: a declared one as they called it themselves."""
    if field.custom:
        return str(field)
    return _FIELDS[field] if chinese else field.value.replace("-", " ")


def _line(text: str) -> Document:
    return Document((Paragraph((Run(text),)),))
