"""The issue fields that a pair declares for one repository: resolved, shown and written.

The organisation is asked once in a complete reading, and what it said is kept in the cursor. It is asked again, once in
a pass, where an issue or a refusal makes doubtful that this still holds: a field may have been deleted, renamed, hidden
from us or lost an option meanwhile, and what is not shown for such a reason is not taken for empty.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final
from urllib.parse import quote

from connectors.github.client import GitHubClient
from connectors.github.field_values import misfit
from connectors.github.issue_values import EMPTY, TYPES, IssueField, held, sent, unnamed, values_in
from connectors.github.locators import IssueFieldLocator
from connectors.github.mapping import Json, MalformedError, part
from connectors.github.paging import rows
from syncer.contract.custom import CustomType, DeclaredField, Resolved
from syncer.contract.errors import Denied, Gone, Rejected, Retryable
from syncer.contract.model import Field, Kind, Observed, Patch, Showing, Value
from syncer.contract.naming import did_you_mean

_LAST_WITHOUT: Final = (3, 19)
"""The last version of Enterprise Server of which is known that it has no issue fields."""

_Known = Mapping[Field, IssueField | str]
"""By declared field what it is, or why it cannot be held."""


class IssueFields:
    """See the module. `of_a_person` tells whether the owner of the repository is a person."""

    def __init__(self, client: GitHubClient, owner: str, of_a_person: Callable[[], bool]) -> None:
        self._client = client
        self._owner = owner
        self._of_a_person = of_a_person
        self._locators: dict[Field, IssueFieldLocator] = {}
        self._known: _Known | None = None
        self._certain = False
        """The organisation was asked in this pass."""

    def declare(self, fields: Sequence[DeclaredField]) -> None:
        """Takes the fields whose locator names an issue field."""
        self._locators = {one.field: one.locator for one in fields if isinstance(one.locator, IssueFieldLocator)}
        self._known = None

    def apart(self, kind: Kind, fields: Showing) -> tuple[dict[Field, Value], dict[Field, Value]]:
        """The declared fields among those that are to be written to an item of a kind, and the others."""
        ours = {name: value for name, value in fields.items() if name in self._locators and kind is Kind.TASK}
        return ours, {name: value for name, value in fields.items() if name not in ours}

    def begin(self, stored: object) -> None:
        """Begins a pass with what the cursor knew; asks where that is not all, as in a complete reading."""
        self._certain = False
        known = _restored(stored)
        fits = known.keys() == self._locators.keys() and all(
            _fits(known[name], at) for name, at in self._locators.items()
        )
        self._known = known if fits else None
        self._all()

    def stored(self) -> dict[str, Any] | None:
        """What is kept in the cursor; None where no field is declared."""
        if not self._locators or self._known is None:
            return None
        return {name.value: _kept(one) for name, one in self._known.items()}

    def resolved(self) -> Resolved:
        """What the declared fields are; asks the organisation where that is not known."""
        return {name: one if isinstance(one, str) else one.told for name, one in self._all().items()}

    def told(self) -> Resolved:
        """The same as far as it is known without asking."""
        return self.resolved() if self._known is not None else {}

    # Reading

    def shown(self, row: Json, before: Observed | None = None, written: Collection[Field] = ()) -> dict[Field, Value]:
        """What an issue holds in the declared fields. A field that it does not tell, or tells senselessly, is left out.

        `before` is the issue as it was seen last. What it shows no more may be doubtful, unless we have `written` it.
        """
        values = values_in(row) if self._locators else None
        if values is None:
            return {}
        shown = self._read(values)
        was = {name: value for name, value in before.showing.items() if name not in written} if before else {}
        if not self._certain and self._is_doubtful(shown, was):
            self._ask()
            shown = self._read(values)
        return {name: self._unless_doubtful(name, value, was.get(name)) for name, value in shown.items()}

    def _read(self, values: Sequence[Json]) -> dict[Field, Value]:
        found: dict[Field, Value] = {}
        for name, field in self._fields().items():
            with suppress(MalformedError):
                found[name] = held(field, values)
        return found

    def uncarried(self, row: Json) -> tuple[Field, ...]:
        """The declared fields in which an issue holds something that makes no sense."""
        values = (values_in(row) if self._locators else None) or ()
        shown, filled = self._read(values), {value.get("issue_field_id") for value in values}
        return tuple(name for name, field in self._fields().items() if name not in shown and field.id in filled)

    def _is_doubtful(self, shown: Showing, was: Showing) -> bool:
        """Whether a field lost something, or tells nothing that is understood: it may not be the field it was."""
        return any(
            name in was and (name not in shown or self._lost(name, field, shown[name], was[name]))
            for name, field in self._fields().items()
        )

    def _lost(self, name: Field, field: IssueField, value: Value, was: Value) -> bool:
        """Whether something is gone, be it with its option."""
        kept = self._unless_doubtful(name, value, was)
        if isinstance(kept, tuple) and isinstance(was, tuple):
            return not set(was) <= set(kept)
        return kept != was and kept == EMPTY.get(field.type)

    def _unless_doubtful(self, name: Field, value: Value, was: Value) -> Value:
        """A choice of which it is not told what may be chosen: whether somebody took it away nobody knows, so it stays.

        Where that is told, whoever compares both sides knows by it which options are no more.
        """
        field = self._fields()[name]
        if field.options:
            return value
        if field.type is CustomType.CHOICE and value is None and isinstance(was, str):
            return was
        if field.type is CustomType.CHOICES and isinstance(value, tuple) and isinstance(was, tuple):
            return tuple(sorted({*value, *was}))
        return value

    # Writing

    def new(self, fields: Showing) -> list[dict[str, Any]]:
        """What a create is sent with. Raises Rejected."""
        return [one for name, value in fields.items() if (one := sent(name, self._writable(name), value)) is not None]

    def unsendable(self, fields: Showing) -> dict[Field, str]:
        """The declared fields among these that cannot be given their values, each with the reason."""
        found: dict[Field, str] = {}
        for name in self._locators.keys() & fields.keys():
            try:
                self.new({name: fields[name]})
            except Rejected as error:
                found[name] = str(error)
        return found

    def whole(self, row: Json, patch: Patch) -> list[dict[str, Any]]:
        """What an update of an issue is sent with, which holds `row` now. Raises Rejected."""
        named = [self._writable(name) for name in patch]
        return [*unnamed(values_in(row) or (), named), *self.new(patch)]

    def emptied(self, row: Json, patch: Patch) -> list[int]:
        """The ids of the fields that a patch empties and in which an issue holds something. Raises Rejected."""
        there = {value.get("issue_field_id") for value in values_in(row) or ()}
        emptied = [
            field.id for name, value in patch.items() if value == EMPTY.get((field := self._writable(name)).type)
        ]
        return [number for number in emptied if number in there]

    def doubt(self) -> None:
        """Asks the organisation again, once in a pass: something was refused."""
        if not self._certain:
            self._ask()

    def _writable(self, name: Field) -> IssueField:
        field = self._all()[name]
        if isinstance(field, str):
            raise Rejected(f"{name}: {self._owner} {field}")
        return field

    # Asking

    def _all(self) -> _Known:
        if self._known is None:
            self._ask()
        return self._known or {}

    def _fields(self) -> dict[Field, IssueField]:
        return {name: field for name, field in self._all().items() if isinstance(field, IssueField)}

    def offered(self) -> tuple[str, ...]:
        """The fields of the organisation that the pair does not name, as it tells now; none where it does not."""
        defined = self._defined()
        self._take(defined)
        taken = {field.id for field in self._fields().values()}
        return () if isinstance(defined, str) else tuple(each.name for each in defined if each.id not in taken)

    def _ask(self) -> None:
        self._take(self._defined() if self._locators else ())

    def _take(self, defined: Sequence[IssueField] | str) -> None:
        former = {name: field for name, field in (self._known or {}).items() if isinstance(field, IssueField)}
        if isinstance(defined, str):
            self._known = dict.fromkeys(self._locators, defined)
        else:
            found = {name: _found(name, locator, defined, former.get(name)) for name, locator in self._locators.items()}
            self._known = _each_once(found)
        self._certain = True

    def _defined(self) -> tuple[IssueField, ...] | str:
        """The fields of the organisation, or why they are not told."""
        doing = f"list the issue fields of {self._owner}"
        try:
            body, _ = self._client.get(f"/orgs/{quote(self._owner)}/issue-fields", doing, item=True)
            return tuple(IssueField.of(row) for row in rows(body, doing) if part(row, "data_type", str) in TYPES)
        except (Denied, Gone):
            return self._untold()
        except MalformedError as error:
            raise Retryable(f"cannot {doing}: {error} in GitHub's answer") from error

    def _untold(self) -> str:
        product = self._client.product
        if self._of_a_person():
            return f"has no issue fields: {self._owner} is a person, and only organisations have them"
        if product is not None and _lacks_fields(product.version):
            return f"is on {product.name} {product.version}, which has no issue fields"
        return (
            f"does not tell this token the issue fields of {self._owner}: give it the organisation permission"
            " Issue Fields (read), or the scope read:org if it is a classic one"
        )


def _lacks_fields(version: str) -> bool:
    """Whether this version of Enterprise Server is known to have no issue fields; only these tell one."""
    numbers = re.match(r"(\d{1,4})\.(\d{1,4})", version)
    return numbers is not None and (int(numbers[1]), int(numbers[2])) <= _LAST_WITHOUT


def _found(
    name: Field, locator: IssueFieldLocator, defined: Sequence[IssueField], former: IssueField | None
) -> IssueField | str:
    """The field at a locator, or why there is none that fits."""
    wanted = str(locator.field)
    field = next((each for each in defined if each.id == locator.field), None) or next(
        (each for each in defined if each.name.casefold() == wanted.casefold()), None
    )
    if field is None:
        renamed = next((each for each in defined if former is not None and each.id == former.id), None)
        if renamed is not None:
            return f'calls the issue field "{wanted}" "{renamed.name}" now: write issue-field = "{renamed.name}"'
        return f'has no issue field "{wanted}"{did_you_mean(wanted, [each.name for each in defined])}'
    if instead := misfit(name, field.type):
        return f'has an issue field "{field.name}" of the type {field.data_type}, and {instead}'
    return field


def _each_once(found: Mapping[Field, IssueField | str]) -> dict[Field, IssueField | str]:
    """Of two declared fields at one locator the former has it: both would write it."""
    taken: dict[int, Field] = {}
    kept: dict[Field, IssueField | str] = {}
    for name, field in found.items():
        first = taken.setdefault(field.id, name) if isinstance(field, IssueField) else name
        kept[name] = field if first == name else f"has one such issue field, and {first} is kept there"
    return kept


def _kept(one: IssueField | str) -> object:
    return one if isinstance(one, str) else [one.id, one.name, one.data_type, list(one.options), one.public]


def _restored(stored: object) -> dict[Field, IssueField | str]:
    """What `stored` gave; nothing for anything else, such as what another version kept."""
    try:
        return {Field(name): _known_again(one) for name, one in dict(stored or {}).items()}  # type: ignore[call-overload]
    except (ValueError, TypeError):
        return {}


def _known_again(one: Any) -> IssueField | str:
    if isinstance(one, str):
        return one
    number, called, data_type, options, public = one
    if data_type not in TYPES:
        raise ValueError(f"{data_type} is no type of a field")
    return IssueField(int(number), str(called), data_type, tuple(map(str, options)), bool(public))


def _fits(known: IssueField | str, locator: IssueFieldLocator) -> bool:
    """Whether what was kept is of this locator; a reason may be of any."""
    if isinstance(known, str):
        return True
    return known.id == locator.field or known.name.casefold() == str(locator.field).casefold()
