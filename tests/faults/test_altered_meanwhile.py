"""A table is altered under a site that runs, as an upgrade without downtime does."""

from __future__ import annotations

import pytest
from django.db import connection
from psycopg import Cursor
from psycopg.errors import FeatureNotSupported
from pytest_django import DjangoDbBlocker

from bizsecure.core.prepared import A_KEY, Statement
from bizsecure.store.models import Product
from tests.faults.works import looking_into

# More often than PostgreSQL is asked before it keeps how it answers.
OFTEN = 8

pytestmark = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite plans a statement whenever it is asked."
)


def test_what_the_server_kept_is_asked_anew(
    database_url: str, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock(), looking_into(database_url):
        product = Statement(Product.objects.filter(pk=A_KEY), product=A_KEY)
        for _each in range(OFTEN):
            assert product.ask(product=0) == []
        other = connection.copy()
        with other.cursor() as cursor:
            cursor.execute("ALTER TABLE store_product ALTER COLUMN slug TYPE varchar(300)")
        other.close()
        # It would be refused, if nobody minded.
        with pytest.raises(FeatureNotSupported):
            Cursor(connection.connection).execute(product.sql, product.filled(product=0))
        assert product.ask(product=0) == []
