"""Customers as rows of a file: written so that no spreadsheet computes, read with care.

What a file may change is personal information. Choices, opt-outs, mail addresses, status and
sign-ins have no column, so no file turns a no into a yes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from types import SimpleNamespace
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from import_export.fields import Field
from import_export.instance_loaders import BaseInstanceLoader
from import_export.resources import Resource
from import_export.results import RowResult
from tablib import Dataset
from tablib.exceptions import TablibException

from accounts.actors import Actor
from accounts.fields import FIELD_LABELS
from accounts.forms import PersonalInformationForm
from accounts.models import Customer
from accounts.services.acting import Asked
from accounts.services.exchanging import MOST_AT_ONCE, import_details
from accounts.services.personal import PersonalDetails, personal_details
from bizsecure.core.errors import Refused
from bizsecure.core.spreadsheets import FORMULA_STARTS, lines_of_csv

NUMBER = "number"
DETAILS = tuple(field.name for field in fields(PersonalDetails))
# The address for mail is exported and never read back: its owner proves another one.
EXPORTED = (NUMBER, "email", *DETAILS)


class Unreadable(Exception):
    """A file that is not what we take, with the sentence that says why."""


@dataclass(frozen=True)
class Difference:
    """What a row of a file would change."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Compared:
    """A row of a file beside what is known: its differences, or what is wrong with it."""

    line: int
    number: str
    differences: list[Difference]
    mistakes: list[str]


def as_csv(customers: Iterable[Customer]) -> Iterator[str]:
    """Yield the file of these customers, line by line."""
    rows = (
        (customer.number, customer.email, *asdict(personal_details(customer)).values())
        for customer in customers
    )
    return lines_of_csv((EXPORTED, *rows))


def read(text: str) -> Dataset:
    """Return the rows of a file. Raises Unreadable."""
    try:
        rows = Dataset().load(text, format="csv")
    except (TablibException, ValueError) as problem:
        raise Unreadable(_("This is no CSV file whose rows are all of one length.")) from problem
    columns = list(rows.headers or [])
    unknown = [column for column in columns if column not in EXPORTED]
    if NUMBER not in columns or unknown or len(set(columns)) != len(columns):
        raise Unreadable(
            _("The first line names the columns: number, and any of these, each once: %s.")
            % ", ".join(DETAILS)
        )
    if not 0 < len(rows) <= MOST_AT_ONCE:
        raise Unreadable(_("A file holds at least one customer and at most %s.") % MOST_AT_ONCE)
    return rows


def numbers_in(rows: Dataset) -> list[str]:
    """Return the customer numbers that a file names."""
    return [str(number).strip().upper() for number in rows[NUMBER]]


class CustomerResource(Resource):  # type: ignore[misc]
    """Reads the rows of a file into personal information, through the service that changes it."""

    class Meta:
        import_id_fields = (NUMBER,)
        instance_loader_class = BaseInstanceLoader
        use_transactions = True
        store_instance = True
        skip_html_diff = True

    def __init__(self, *, asked: Asked, actor: Actor, revisions: Mapping[str, int]) -> None:
        super().__init__()
        self.asked, self.actor, self.revisions = asked, actor, revisions
        names = (NUMBER, *DETAILS)
        self.fields = {name: Field(attribute=name, column_name=name) for name in names}
        self._seen: set[str] = set()

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        for name, cell in row.items():
            row[name] = without_guard(str(cell or ""))
        row[NUMBER] = row[NUMBER].strip().upper()

    def get_or_init_instance(self, loader: Any, row: dict[str, Any]) -> tuple[Any, bool]:
        number = row[NUMBER]
        if number in self._seen:
            raise ValidationError(_("This customer stands in the file twice."))
        self._seen.add(number)
        customer = Customer.objects.served().filter(number=number).first()
        if customer is None:
            raise ValidationError(_("No customer has this number."))
        known = asdict(personal_details(customer))
        return SimpleNamespace(number=number, customer_key=customer.pk, **known), False

    def skip_row(self, instance: Any, original: Any, row: Any, mistakes: Any = None) -> bool:
        return details_of(instance) == details_of(original)

    def validate_instance(self, instance: Any, *args: Any, **kwargs: Any) -> None:
        """Hold what the file says to the rules of the form that customers fill in."""
        form = PersonalInformationForm({**asdict(details_of(instance)), "revision": 0})
        if not form.is_valid():
            raise ValidationError(
                [
                    f"{FIELD_LABELS.get(name, name)}: {complaint}"
                    for name, complaints in form.errors.items()
                    for complaint in complaints
                ]
            )
        for name, value in asdict(form.details).items():
            setattr(instance, name, value)

    def save_instance(self, instance: Any, is_create: bool, row: Any, **kwargs: Any) -> None:  # noqa: FBT001  as it is called
        customer = Customer.objects.get(pk=instance.customer_key)
        try:
            import_details(
                customer=customer,
                details=details_of(instance),
                revision=self.revisions.get(instance.number, customer.revision),
                asked=self.asked,
                actor=self.actor,
            )
        except Refused as refused:
            raise ValidationError(refused.sentence) from refused

    def save_m2m(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: a row is one customer."""


def bring_in(
    rows: Dataset, *, asked: Asked, actor: Actor, revisions: Mapping[str, int], dry_run: bool
) -> list[Compared]:
    """Change what the rows say differently, all or, if a row is wrong, nothing; or only try."""
    resource = CustomerResource(asked=asked, actor=actor, revisions=revisions)
    result = resource.import_data(rows, dry_run=dry_run, rollback_on_validation_errors=True)
    numbers = numbers_in(rows)
    return [
        _compared(line, number, row)
        for line, (number, row) in enumerate(zip(numbers, result.rows, strict=True), start=2)
    ]


def _compared(line: int, number: str, row: RowResult) -> Compared:
    mistakes = list(row.validation_error.messages) if row.validation_error else []
    if row.errors:
        mistakes.append(str(_("This row cannot be read.")))
    differences = []
    if not mistakes and row.original is not None:
        before, after = asdict(details_of(row.original)), asdict(details_of(row.instance))
        differences = [
            Difference(str(FIELD_LABELS.get(name, name)), before[name], after[name])
            for name in DETAILS
            if before[name] != after[name]
        ]
    return Compared(line, number, differences, mistakes)


def details_of(instance: Any) -> PersonalDetails:
    """Return what a row says of a person."""
    return PersonalDetails(**{name: str(getattr(instance, name) or "") for name in DETAILS})


def without_guard(cell: str) -> str:
    """Return a cell without the apostrophe that keeps spreadsheets from computing it."""
    rest = cell.removeprefix("'")
    return rest if cell != rest and rest.lstrip(" ").startswith(FORMULA_STARTS) else cell
