"""Whatever is kept about a person is declared: how it is handed out and what becomes of it."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db.models import EmailField, ForeignKey, Model
from django.utils import timezone

from accounts.holdings import DeclaredTwice, Holding, declare, holdings, left_out
from accounts.models import Customer, User
from accounts.services.erasing import keep
from bizsecure.core.sealing import SealedCharField

# Tables of others that lead to a user and hold nothing about a customer.
OF_OTHERS: dict[str, str] = {}
# What a field with personal information is called, whatever its table leads to.
PERSONAL_NAMES = {
    *("email", "email_address", "address", "sender", "recipient_address"),
    *("telephone", "phone", "phone_number", "street", "city", "postcode", "postal_code"),
    *("first_name", "last_name", "full_name", "holder", "cardholder", "ip", "ip_address"),
}
HOW = (
    "Declare it: Holding(...) in the room's held.py, with rows, erase and keeps, as in "
    "accounts/held.py; or leave_out(...) if it names nobody but staff."
)


def leads_to(model: type[Model], ends: set[type[Model]]) -> bool:
    """Whether foreign keys of this model, or of those it points to, reach one of `ends`."""
    reached, waiting = {model}, [model]
    while waiting:
        for field in waiting.pop()._meta.concrete_fields:
            target = field.related_model if isinstance(field, ForeignKey) else None
            if isinstance(target, type) and target not in reached:
                reached.add(target)
                waiting.append(target)
    return bool(reached & ends)


# A key of our own, which is sealed and says nothing of anybody.
ABOUT_NOBODY = {"traffic.DayKey"}


def is_personal(model: type[Model]) -> bool:
    """Whether the model has a field that says who somebody is."""
    if model._meta.label in ABOUT_NOBODY:
        return False
    return any(
        isinstance(field, (EmailField, SealedCharField)) or field.name in PERSONAL_NAMES
        for field in model._meta.concrete_fields
    )


def declared() -> set[str]:
    return {label for holding in holdings() for label in holding.models}


def test_every_model_that_leads_to_a_person_is_declared() -> None:
    known = declared() | set(left_out()) | set(OF_OTHERS)
    forgotten = [
        model._meta.label
        for model in apps.get_models()
        if leads_to(model, {Customer, User}) or is_personal(model)
        if model._meta.label not in known
    ]
    assert forgotten == [], HOW


def test_what_is_left_out_leads_to_no_customer() -> None:
    models = {model._meta.label: model for model in apps.get_models()}
    wrong = [
        label
        for label in {*left_out(), *OF_OTHERS}
        if label not in models or leads_to(models[label], {Customer}) or is_personal(models[label])
    ]
    assert wrong == []


def test_every_declared_model_exists() -> None:
    assert declared() - {model._meta.label for model in apps.get_models()} == set()


def test_every_holding_has_a_key_that_can_be_the_name_of_a_file() -> None:
    assert [each.key for each in holdings() if not each.key.replace("-", "").isalnum()] == []
    assert all(str(each.title) for each in holdings())


@pytest.mark.parametrize(
    ("key", "model"), [("personal", "auth.Group"), ("a-new-one", "accounts.Customer")]
)
def test_nothing_is_declared_twice(key: str, model: str) -> None:
    twice = Holding(key=key, title="", models=(model,), rows=lambda _c: iter(()), erase=keep)
    with pytest.raises(DeclaredTwice):
        declare(twice)


@pytest.mark.django_db
@pytest.mark.parametrize("key", [holding.key for holding in holdings()])
def test_a_holding_can_be_read_and_erased_where_there_is_nothing(key: str) -> None:
    holding = next(each for each in holdings() if each.key == key)
    customer = Customer.objects.create(name="Nobody", joined_at=timezone.now())
    assert all(isinstance(row, dict) for row in holding.rows(customer))
    assert list(holding.blocks(customer)) == []
    holding.erase(customer=customer, now=timezone.now())
    holding.erase(customer=customer, now=timezone.now())
