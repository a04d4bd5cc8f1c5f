"""SEC-1: sensitive information is encrypted, in transit and stored.

Telephone numbers and addresses here; cards in tests/vault/test_nowhere_in_clear.py.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import asdict, replace

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.urls import reverse
from pytest_django import Settings

from accounts.models import Address, Customer
from accounts.services.personal import personal_details
from bizsecure.core.sealing import reseal
from bizsecure.environment import Environment
from tests.environment import PRODUCTION
from tests.pages.browsing import signed_in, text
from tests.pages.conftest import DETAILS, Belongings, belongings
from tests.services import manage

__all__ = ["belongings"]

# A postal code of mere digits could stand in a digest by chance.
SENSITIVE = replace(DETAILS, country="GB", postcode="PL9 7ZW", region="")
CLEAR = [
    SENSITIVE.street,
    SENSITIVE.extra,
    SENSITIVE.city,
    SENSITIVE.postcode,
    SENSITIVE.telephone,
    "555-0142",
    "12015550142",
]
VISIT = """
from django.test import Client
answer = Client(headers={"host": "www.bizsecure.com"}).get("/account/personal/")
print(answer.status_code, answer.headers["Location"])
"""


@pytest.fixture
def dora(belongings: Belongings) -> Customer:
    """Give a customer who typed her telephone number and address into the page."""
    customer = belongings.customer
    typed = {**asdict(SENSITIVE), "revision": customer.revision}
    assert signed_in(customer).post(reverse("personal"), typed).status_code == 302
    customer.refresh_from_db()
    return customer


def everything_stored() -> Iterator[str]:
    """Yield each value of each table as the database holds it, past Django's fields."""
    for model in apps.get_models(include_auto_created=True):
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            for row in cursor.fetchall():
                for value in row:
                    is_bytes = isinstance(value, (bytes, memoryview))
                    yield bytes(value).decode("latin-1") if is_bytes else str(value)


def test_what_is_sensitive_is_nowhere_in_the_database(dora: Customer) -> None:
    held = "\n".join(everything_stored())
    assert dora.number in held
    assert [clear for clear in CLEAR if clear.casefold() in held.casefold()] == []


def test_what_is_sensitive_is_nowhere_in_the_log(
    belongings: Belongings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = signed_in(belongings.customer)
    typed = {**asdict(SENSITIVE), "revision": belongings.customer.revision}
    for telephone, status in (("555-0142", 422), (SENSITIVE.telephone, 302)):
        answer = client.post(reverse("personal"), {**typed, "telephone": telephone, "country": ""})
        assert answer.status_code == status
    client.get(reverse("overview"))
    assert [clear for clear in CLEAR if clear in caplog.text] == []


def test_whom_it_is_about_reads_it_in_the_clear(dora: Customer) -> None:
    page = text(signed_in(dora).get(reverse("personal")))
    shown = (SENSITIVE.street, SENSITIVE.city, SENSITIVE.postcode, SENSITIVE.telephone)
    assert [clear for clear in shown if f'value="{clear}"' not in page] == []


def test_the_keys_can_be_changed_and_the_old_one_thrown_away(
    dora: Customer, settings: Settings
) -> None:
    new = bytes(range(100, 132))
    settings.CRYPTOGRAPHY_KEYS = [new, *settings.CRYPTOGRAPHY_KEYS]
    assert reseal(Customer) == 1
    assert reseal(Address) == dora.addresses.count()
    settings.CRYPTOGRAPHY_KEYS = [new]
    assert personal_details(Customer.objects.get(pk=dora.pk)) == SENSITIVE


def test_a_page_asked_for_in_the_clear_is_sent_nowhere_but_to_https() -> None:
    production = {**PRODUCTION, "DATABASE_URL": "sqlite://:memory:"}
    printed = manage(production, "shell", "--no-imports", "--command", VISIT)
    assert printed.split() == ["301", "https://www.bizsecure.com/account/personal/"]


@pytest.mark.parametrize(
    ("name", "value", "mistake"),
    [
        ("SITE_URL", "http://www.bizsecure.com", "bizsecure.E004"),
        ("EMAIL_URL", "smtp://portal:secret@mail.internal:25", "bizsecure.E009"),
        ("CRYPTOGRAPHY_KEYS", "", "bizsecure.E002"),
    ],
)
def test_the_site_does_not_start_where_it_could_not_encrypt(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, mistake: str
) -> None:
    for each, given in {**PRODUCTION, name: value}.items():
        monkeypatch.setenv(each, given)
    environment = Environment()
    with pytest.raises(ImproperlyConfigured, match=mistake):
        (environment.site_url(), environment.email_url(), environment.cryptography_keys())
