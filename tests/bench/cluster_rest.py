"""Pairs that have long been in step: one is synced, and its sides and its rows are copied for all others.

The mirrors of the copies carry markers that name their own originals, as a sync writes them. What is in the state of
the first pair a command found by reading; in the rows of the others stand the refs, keys and addresses of their own
issues. The benchmark proves that a pass takes them for what is there: it lists next to nothing and writes nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, Table, insert, select

from syncer.commands.opening import now
from syncer.contract.model import Kind, Side
from syncer.sandbox.github.model import Issue, Repository
from syncer.sandbox.jira.records import Content, Project
from syncer.store import Store
from syncer.store.schema import metadata
from syncer.store.schema.pairs import pairs
from tests.bench.pass_rig import PassRig

AT_REST: Final = timedelta(hours=2)
"""How long nobody touched anything: longer than the past that a run reads again in case a search was behind."""
BETWEEN: Final = timedelta(hours=1)
"""From one issue's last touch to the next one's: a run reads the newest again, and what was touched just before it."""
IDS: Final = 7_000_000_000
"""Where the ids of GitHub's issues begin, so that nothing else in a row looks like one."""
EACH: Final = 1_000
"""So many ids for each pair."""
NOT_COPIED: Final = frozenset({"runs", "journal", "backfills"})
"""What tells of runs, of which the others had none."""
ASKING: Final = ("/search/jql", "/bulkfetch", "/graphql")
"""What is asked by POST."""
Row = dict[str, Any]
_TIMES: Final = ("created", "updated", "statuscategorychangedate")


def put_at_rest(rig: PassRig, links: int, state: str) -> None:
    """Fills both sides of all pairs, and the state at an address, with links that nobody touched lately.

    An issue has a kilobyte. The first pair is synced twice: on a state that is thrown away, which creates its mirrors,
    and once they are old on the given one, which recognises them.
    """
    github, jira = rig.box.github, rig.box.jira
    github.sequences.issue.avoid([IDS - 1])
    github.seed_issues("acme/r0", links)
    for issue in github.repository("acme/r0").issues.values():  # closed ones are not carried by a first sync
        issue.state, issue.state_reason, issue.closed_at, issue.closed_by = "open", None, None, None
    _synced(rig)
    if len(jira.issues) != links:
        raise SystemExit(f"{len(jira.issues)} of {links} issues were mirrored")
    _age(rig)
    for _ in range(2):
        _synced(rig, "--state", state)
    mirrors = list(jira.issues.values())
    with Store.open(state, clock=now) as store, github.lock, jira.lock:
        made: dict[str, Content] = {}
        with store._database.reading() as connection:
            pair, rows = _rows_of(connection, "p0")
        for number in range(1, rig.pairs):
            repository, project = github.repository(f"acme/r{number}"), jira.project(f"P{number}")
            for original in github.repository("acme/r0").issues.values():
                _place_copy(rig, original, repository, number)
            renamed = _renaming(number)
            refs = dict[str, str]()
            for mirror in mirrors:
                copy = jira.insert(_mirror(mirror.content, project, renamed))
                made[copy.id] = copy.content
                refs[f"task:{mirror.id}"] = f"task:{copy.id}"
            scopes: dict[str, Any] = {Side.LEFT: project.id, Side.RIGHT: repository.id}
            with store._database.engine.begin() as connection:
                connection.execute(insert(pairs).values({**pair, "name": f"p{number}", "id": pair["id"] + number}))
                for table, given in rows.items():
                    copies = [_row(one, renamed, refs) for one in given]
                    _copy_rows(connection, pair, number, table, copies, scopes)
        jira.index.fill(made)


def _synced(rig: PassRig, *options: str) -> None:
    ended = rig.sync("--pair", "p0", *options)
    if ended.exit:
        raise SystemExit(f"the first pair was not synced: {ended.stderr}")


def _age(rig: PassRig) -> None:
    """Sets back when the issues were made and last touched, the last ones least."""
    repository = rig.box.github.repository("acme/r0")
    newest = rig.box.github.now().replace(microsecond=0) - AT_REST
    for behind, issue in enumerate(reversed(list(repository.issues.values()))):
        issue.created_at = newest - behind * BETWEEN
        repository.touch(issue, issue.created_at)
    for behind, mirror in enumerate(reversed(list(rig.box.jira.issues.values()))):
        moment = newest - behind * BETWEEN
        rig.box.jira.commit(mirror, None, dict.fromkeys(_TIMES, moment), at=moment)


def _renaming(number: int) -> Callable[[str], str]:
    """Puts the names of another pair, and the ids of its issues on GitHub, in the place of the first one's."""
    names = {"p0": f"p{number}", "P0": f"P{number}", "acme/r0": f"acme/r{number}"}
    known = re.compile(rf"\b(?:p0|P0|acme/r0|{IDS // EACH}[0-9]{{3}})\b")
    return lambda text: known.sub(lambda found: names.get(found[0]) or str(int(found[0]) + number * EACH), text)


def _place_copy(rig: PassRig, issue: Issue, repository: Repository, number: int) -> None:
    """The same issue in another repository, which has labels of the same names."""
    labels = [label for one in issue.labels if (label := repository.label(one.name)) is not None]
    copy = replace(issue, id=issue.id + number * EACH, repository=repository, labels=labels, rendered=None)
    repository.place(copy)
    rig.box.github.issues_by_id[copy.id] = copy


def _mirror(content: Content, project: Project, renamed: Callable[[str], str]) -> dict[str, Any]:
    """The same mirror in another project: its marker, and the line that tells where it came from, name the copy."""
    written = {name: json.loads(renamed(json.dumps(content[name]))) for name in ("description", "properties")}
    return {**content, **written, "project": project}


def _rows_of(connection: Connection, pair: str) -> tuple[Row, Mapping[Table, Sequence[Row]]]:
    """The row of a pair, and what the tables hold of it."""
    first = connection.execute(select(pairs).where(pairs.c.name == pair)).mappings().one()
    tables = [table for table in metadata.sorted_tables if "pair" in table.c and table.name not in NOT_COPIED]
    found = {one: connection.execute(select(one).where(one.c.pair == first["id"])).mappings().all() for one in tables}
    return dict(first), {table: [dict(row) for row in rows] for table, rows in found.items() if rows}


def _copy_rows(
    connection: Connection, first: Row, number: int, table: Table, copies: list[Row], scopes: Mapping[str, Any]
) -> None:
    """Puts rows of one table in, for the pair of this number."""
    for one in copies:
        one["pair"] = first["id"] + number
        if table.name == "links":
            one["id"] = f"{number:04x}{one['id'][4:]}"
        if table.name == "sides":
            name = "project" if one["side"] == Side.LEFT else "repository"
            cursor = json.loads(one["cursor"]) | {name: scopes[one["side"]]}
            one["cursor"] = json.dumps(cursor, sort_keys=True, separators=(",", ":"))
    connection.execute(insert(table), copies)


def _row(row: Row, renamed: Callable[[str], str], refs: Mapping[str, str]) -> Row:
    """A row with the names and refs of another pair; it gets a sequence of its own."""
    copy: Row = {}
    for name, value in row.items():
        if isinstance(value, str):
            copy[name] = refs.get(value) or renamed(value)
        elif isinstance(value, dict | list):
            copy[name] = json.loads(renamed(json.dumps(value)))
        elif name != "sequence":
            copy[name] = value
    return copy


def listed(rig: PassRig) -> tuple[int, int]:
    """How many issues the sandbox showed, and how many requests to change something it got, since its log began.

    Only where the log records bodies.
    """
    shown = writes = 0
    for exchange in rig.box.log.entries:
        if exchange.path.endswith(("/issues", "/search/jql")) and exchange.status == 200:
            answer = exchange.response_json
            shown += len(answer["issues"] if isinstance(answer, dict) else answer)
        writes += exchange.verb != "GET" and not exchange.path.endswith(ASKING)
    return shown, writes


def linked(store: Store, pairs: list[str]) -> int:
    """How many tasks stand in links."""
    return sum(store.links.count(pair)[Kind.TASK] for pair in pairs)
