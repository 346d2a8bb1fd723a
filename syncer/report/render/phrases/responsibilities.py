"""Who is responsible for what in words: rows with the ground of each value, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never

from syncer.core.responsibility import CLIENT, MANAGER, MEMBER, Scope, ScopeKind
from syncer.report.model.claims import ClaimSource, Ground, Source, Unknown
from syncer.report.model.collaboration import Place
from syncer.report.model.message import marked
from syncer.report.model.responsibilities import Gap, GapKind, Responsibility, ResponsibilityTable
from syncer.report.render.language import Language

MOST_NAMED = 3
"""Scopes of one kind of gap that a decision names."""

DECISIONS = (GapKind.NO_ACCOUNTABLE, GapKind.TWO_ACCOUNTABLE, GapKind.PERMISSION_AGAINST_ROLE)
"""Gaps that somebody has to decide, not only to write down."""


@dataclass(frozen=True, slots=True)
class ResponsibilityRow:
    """One person in one scope."""

    scope: str
    person: str
    letters: str
    """`A, R`."""
    role: str
    may: str
    """What they may decide."""
    grounds: str
    """`A: written down (responsibilities.toml:14); R: inferred (owns open tasks)`."""
    part: str
    """Role, duties and authority as far as they are written down or a tracker names a role; empty without."""


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """What one person is in one scope."""

    person: str
    letters: tuple[tuple[str, bool], ...]
    """Each letter, and whether it is inferred."""
    grounds: str
    part: bool
    """Whether there is a role, a duty or an authority to read below."""


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One scope, with a cell for each person of the matrix; None where they are nothing in it."""

    scope: str
    cells: tuple[MatrixCell | None, ...]


@dataclass(frozen=True, slots=True)
class GapRow:
    """What is missing in one scope."""

    gap: Gap
    text: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Responsibilities:
    """The section."""

    rows: tuple[ResponsibilityRow, ...]
    people: tuple[str, ...]
    """The columns of the matrix."""
    matrix: tuple[MatrixRow, ...]
    legend: str
    more: str
    """What is said of the rows that are not shown; empty when there are none."""
    gaps: tuple[GapRow, ...]
    unread: tuple[str, ...]
    how: str
    """Where the lines are that would settle the gaps; empty when there are none."""

    def __bool__(self) -> bool:
        return bool(self.rows or self.gaps)


def responsibilities(table: ResponsibilityTable, most: int, language: Language) -> Responsibilities:
    """The table in words, at most so many rows of it."""
    return Responsibilities(
        rows=tuple(row_of(row, language) for row in table.rows[:most]),
        people=_people(table.rows[:most]),
        matrix=_matrix(table.rows[:most], language),
        legend=legend(language),
        more=language.plural("and %(n)s more", "and %(n)s more", len(table.rows) - most) if table.rows[most:] else "",
        gaps=tuple(GapRow(gap, gap_sentence(gap, language), gap.places) for gap in table.gaps),
        unread=tuple(dict.fromkeys(unread_sentence(part, language) for part in table.unread)),
        how=language.text("To close them, run: syncer responsibilities") if table.gaps else "",
    )


def legend(language: Language) -> str:
    """What the letters of the matrix mean."""
    return language.text(
        "R does the work, A is accountable, C is consulted, I is informed. Grey: inferred from tasks or from the scope"
        " above. •: a role, duty or authority, told below."
    )


def _people(rows: Sequence[Responsibility]) -> tuple[str, ...]:
    return tuple(sorted({row.person for row in rows}))


def _matrix(rows: Sequence[Responsibility], language: Language) -> tuple[MatrixRow, ...]:
    """Scopes by people, the scopes in the order of the table."""
    people = _people(rows)
    found: dict[tuple[str, str], dict[str, MatrixCell]] = {}
    pairs = {row.pair for row in rows}
    for row in rows:
        name = scope_name(row.scope, language)
        scope = (row.pair, language.aside(name, row.pair) if len(pairs) > 1 else name)
        said = row_of(row, language)
        letters = tuple((known.value, known.ground.origin is ClaimSource.INFERRED) for known in row.letters)
        found.setdefault(scope, {})[row.person] = MatrixCell(row.person, letters, said.grounds, bool(said.part))
    return tuple(MatrixRow(scope, tuple(cells.get(person) for person in people)) for (_, scope), cells in found.items())


def _part(row: Responsibility, language: Language) -> str:
    """`project manager; duties: plan releases; may decide dates`: permissions of a tracker are no authority here."""
    may = tuple(
        authority_name(known.value, language) for known in row.authority if known.ground.origin is ClaimSource.DECLARED
    )
    return language.points(
        "" if row.role is None else role_name(row.role.value, language),
        language.labelled(language.text("duties"), language.listing(row.duties)) if row.duties else "",
        language.labelled(language.text("may"), language.listing(may)) if may else "",
    )


def row_of(row: Responsibility, language: Language) -> ResponsibilityRow:
    """A row in words."""
    values = [(known.value, known.ground) for known in row.letters]
    role = "" if row.role is None else role_name(row.role.value, language)
    values += [] if row.role is None else [(role, row.role.ground)]
    values += [(authority_name(known.value, language), known.ground) for known in row.authority]
    by_ground: dict[Ground, list[str]] = {}
    for value, ground in values if any(ground != UNTOLD for _, ground in values) else ():
        by_ground.setdefault(ground, []).append(value)
    return ResponsibilityRow(
        scope=scope_name(row.scope, language),
        person=row.person,
        letters=language.listing(tuple(known.value for known in row.letters)),
        role=role,
        may=language.listing(tuple(authority_name(known.value, language) for known in row.authority)),
        grounds=language.options(
            *(
                language.labelled(language.listing(tuple(words)), ground_words(ground, language))
                for ground, words in by_ground.items()
            )
        ),
        part=_part(row, language),
    )


UNTOLD = Ground(ClaimSource.DECLARED, Source.FILE)
"""What is written down, for a reader who is not told in which line: nothing is said of it."""


def decisions(table: ResponsibilityTable, language: Language) -> Iterator[str]:
    """A sentence for each kind of gap that somebody has to decide, its first scopes named."""
    for kind in DECISIONS:
        found = [gap for gap in table.gaps if gap.kind is kind]
        sentences = [gap_sentence(gap, language) for gap in found[:MOST_NAMED]]
        if kind is GapKind.NO_ACCOUNTABLE and found:
            sentences = [_nobody_answers([gap.scope for gap in found[:MOST_NAMED]], language)]
        if len(found) > MOST_NAMED:
            sentences.append(language.plural("%(n)s more like this.", "%(n)s more like this.", len(found) - MOST_NAMED))
        if sentences:
            yield language.sentences(*sentences)


def gap_sentence(gap: Gap, language: Language) -> str:
    """What is missing, in one sentence."""
    words = {
        "scope": scope_name(gap.scope, language),
        "people": language.listing(gap.people),
        "detail": gap.detail,
    }
    if gap.kind is GapKind.NO_ACCOUNTABLE:
        return _nobody_answers([gap.scope], language)
    if gap.kind is GapKind.NOBODY_RESPONSIBLE and gap.scope == Scope(ScopeKind.TASK):
        return language.plural(
            "%(n)s task that is under way or has a date is unassigned.",
            "%(n)s tasks that are under way or have a date are unassigned.",
            gap.count,
        )
    return language.text(_SENTENCES[gap.kind], **words)


_SENTENCES = {
    GapKind.TWO_ACCOUNTABLE: marked("More than one accountable person for %(scope)s: %(people)s."),
    GapKind.NOBODY_RESPONSIBLE: marked("Nobody is assigned to the open work of %(scope)s."),
    GapKind.ALL_IN_ONE_HAND: marked(
        "%(people)s does all the work and is accountable for all of it: nobody else checks."
    ),
    GapKind.AUTHORITY_WITHOUT_DUTY: marked("%(people)s may decide on %(scope)s (%(detail)s) without a duty there."),
    GapKind.PERMISSION_AGAINST_ROLE: marked(
        "%(people)s: the permission “%(detail)s” does not fit what is known of their part in %(scope)s."
    ),
    GapKind.CLIENT_MISSING: marked("%(people)s is a client without a role in any scope."),
    GapKind.NOT_AGREED: marked("%(people)s has not confirmed the responsibilities for %(scope)s (%(detail)s)."),
    GapKind.UNKNOWN_PERSON: marked("No tracker knows %(people)s (%(detail)s)."),
    GapKind.UNKNOWN_SCOPE: marked("No tracker has this: %(scope)s (%(detail)s)."),
}


def _nobody_answers(scopes: Sequence[Scope], language: Language) -> str:
    named = language.listing(tuple(scope_name(scope, language) for scope in scopes))
    return language.text("No accountable person: %(scope)s.", scope=named)


def unread_sentence(part: Unknown, language: Language) -> str:
    """What could not be read, and the tracker's reason."""
    return language.labelled(language.text("%(pair)s, not read: %(part)s", pair=part.pair, part=part.part), part.reason)


def scope_name(scope: Scope, language: Language) -> str:
    """A scope as people say it."""
    match scope.kind:
        case ScopeKind.PROJECT:
            return language.text("the project")
        case ScopeKind.COMPONENT:
            return language.text("component “%(name)s”", name=scope.name)
        case ScopeKind.PATH:
            return language.text("path %(name)s", name=scope.name)
        case ScopeKind.GOAL:
            return language.text("goal “%(name)s”", name=scope.name)
        case ScopeKind.PLAN:
            return language.text("plan “%(name)s”", name=scope.name)
        case ScopeKind.TASK:
            return language.text("task %(name)s", name=scope.name)
        case _:
            assert_never(scope.kind)


def role_name(role: str, language: Language) -> str:
    """A role; one of the team's own stays as it is."""
    known = {
        MANAGER: language.text("project manager"),
        MEMBER: language.text("member"),
        CLIENT: language.text("client"),
    }
    return known.get(role, role)


def authority_name(authority: str, language: Language) -> str:
    """What somebody may decide."""
    known = {
        "decide_scope": language.text("decide the scope"),
        "decide_date": language.text("decide dates"),
        "accept": language.text("accept"),
        "assign": language.text("assign"),
        "close": language.text("close"),
        "spend": language.text("spend"),
        "merge": language.text("merge"),
    }
    return known.get(authority, authority)


_ORIGINS = {
    ClaimSource.DECLARED: marked("declared"),
    ClaimSource.DERIVED: marked("derived"),
    ClaimSource.INFERRED: marked("inferred"),
}
_SOURCES = {
    Source.FILE: marked("written in"),
    Source.PROJECT_LEAD: marked("lead of the project"),
    Source.COMPONENT_LEAD: marked("lead of the component"),
    Source.GOAL_OWNER: marked("owner of the goal"),
    Source.ASSIGNEE: marked("owner of the task"),
    Source.CODE_OWNERS: marked("code owner by"),
    Source.PROJECT_ROLE: marked("project role"),
    Source.TEAM: marked("team"),
    Source.PERMISSION: marked("permission"),
    Source.REPOSITORY_OWNER: marked("owner of the repository"),
    Source.OPEN_TASKS: marked("owns open tasks there"),
}


def ground_words(ground: Ground, language: Language) -> str:
    """`derived, lead of the component`."""
    if ground.source is Source.SCOPE_ABOVE:
        source = language.text("accountable for %(scope)s", scope=scope_name(Scope.parse(ground.detail), language))
    else:
        source = f"{language.text(_SOURCES[ground.source])} {ground.detail}".rstrip()
    return language.clauses(language.text(_ORIGINS[ground.origin]), source)
