"""What tasks of the other tracker show of a pull request: decided from what is known of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from urllib.parse import urlsplit

from syncer.contract.code import PullLink, PullRequest
from syncer.core.codec import compact

LONGEST_TITLE = 255


@dataclass(frozen=True, slots=True)
class ShownPull:
    """A link that we made with a task, or are about to make."""

    task: str
    """The native id of the task."""
    name: str
    """`PullLink.id`: by it the link is replaced and taken away."""
    mark: str = ""
    """Of what it shows; empty where nobody knows whether the task shows anything."""
    why: str = ""
    """Why the tracker did not take it last; empty where it did."""


@dataclass(frozen=True, slots=True)
class PullChanges:
    """What is to be done that the right tasks show a pull request."""

    show: Sequence[str]
    """The native ids of the tasks that do not show it as it is."""
    hide: Sequence[ShownPull]


def link_to(pull: PullRequest) -> PullLink | None:
    """What a task shows of a pull request; None where its page is not known."""
    page = urlsplit(pull.url)
    if page.scheme not in {"http", "https"} or not page.hostname:
        return None
    title = f"{pull.key}: {' '.join(pull.title.split())}" if pull.title.strip() else pull.key
    short = title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1] + "…"
    return PullLink(f"syncer:pull:{page.hostname}:{pull.native}", pull.url, short, pull.state)


def mark_of(link: PullLink) -> str:
    """Another one where the link shows something else."""
    return blake2b(compact([link.id, link.url, link.title, link.state.value]).encode(), digest_size=8).hexdigest()


def changes(link: PullLink | None, tasks: Mapping[str, bool], shown: Sequence[ShownPull]) -> PullChanges:
    """What is to be done. `tasks` are those that are to show it, with whether anything may be written to them now."""
    wanted = {} if link is None else tasks
    marks = {(one.task, one.name): one.mark for one in shown}
    show = [
        task
        for task, free in wanted.items()
        if free and link is not None and marks.get((task, link.id)) != mark_of(link)
    ]
    hide = [one for one in shown if one.task not in wanted or (link is not None and one.name != link.id)]
    return PullChanges(show, [one for one in hide if tasks.get(one.task, True)])
