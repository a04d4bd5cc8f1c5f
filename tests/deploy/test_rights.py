"""What the account of the site may do in the database, and what it may not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from accounts.models import Customer
from consent.models import PolicyVersion
from tests.pages.browsing import signed_in
from tests.services import ROOT

pytestmark = pytest.mark.skipif(
    connection.vendor != "postgresql",
    reason="SQLite knows no accounts: whoever has the file has it",
)
ACCOUNT = "portal_of_the_test"


@pytest.fixture
def as_the_site(change: PolicyVersion) -> Iterator[None]:
    """Be the account that the web processes use, with the rights that the file gives."""
    statements = (ROOT / "deploy" / "rights.sql").read_text(encoding="utf-8")
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE ROLE "{ACCOUNT}"')
        cursor.execute(statements.replace(':"account"', f'"{ACCOUNT}"'))
        cursor.execute(f'SET LOCAL ROLE "{ACCOUNT}"')
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


def test_the_account_of_the_site_may_change_rows_and_no_table(
    alice: Customer, as_the_site: None
) -> None:
    assert Client().get("/privacy/").status_code == 200
    client = signed_in(alice)
    assert client.get("/account/").status_code == 200
    assert client.post("/account/privacy/", {"shown": "product-news"}).status_code == 302
    for statement in (
        "CREATE TABLE another (number integer)",
        "ALTER TABLE consent_choice DISABLE TRIGGER ALL",
        "DROP TABLE consent_choice",
        "TRUNCATE consent_choice",
        "CREATE FUNCTION free() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
