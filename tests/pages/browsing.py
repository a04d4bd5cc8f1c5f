"""What the tests of pages have in common: browsers, what they show, and what is stored."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any

from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Customer, User

PASSWORD = "a lantern over the harbor"
SPACES = re.compile(r"\s+")


def signed_in(customer: Customer) -> Client:
    """Return a browser in which this customer is signed in."""
    assert customer.user is not None
    return signed_in_as(customer.user)


def signed_in_as(user: User) -> Client:
    """Return a browser in which this user is signed in."""
    client = Client()
    client.force_login(user)
    # Staff come in with a second factor alone.
    return just_proven(client, "mfa") if user.is_staff else client


def just_proven(client: Client, method: str = "password") -> Client:
    """Let whoever is signed in have answered "is it still you?" right now.

    With "mfa" they answered with a passkey or a code.
    """
    session = client.session
    session.update(proof_by(method, session["_auth_user_id"]))
    session.save()
    return client


def proof_by(method: str, user: str) -> dict[str, Any]:
    """Return what the session of this user holds after an answer by this method."""
    record = {"method": method, "at": timezone.now().timestamp(), "reauthenticated": True}
    return {
        "account_authentication_methods": [record],
        "account_authentication_methods_user": user,
    }


def give_password(customer: Customer) -> None:
    """Let the customer sign in with PASSWORD."""
    assert customer.user is not None
    customer.user.set_password(PASSWORD)
    customer.user.save(update_fields=["password"])


def sign_in(client: Client, customer: Customer, **more: str) -> Any:
    """Send the form of the sign-in page and return the answer to it."""
    data = {"login": customer.email, "password": PASSWORD, **more}
    return client.post(reverse("account_login"), data)


def text(response: Any) -> str:
    """Return a page as a reader gets it: entities resolved, white space as single spaces."""
    return SPACES.sub(" ", unescape(response.getvalue().decode(errors="replace")))


@contextmanager
def writing() -> Iterator[list[str]]:
    """Collect the statements inside the block that write anywhere but where they may.

    A session, and the counts of tries in the cache, may change while somebody merely looks.
    """
    written: list[str] = []

    def watch(execute: Any, sql: str, *arguments: Any) -> Any:
        verb = sql.lstrip().partition(" ")[0].upper()
        elsewhere = all(table not in sql for table in ('"django_session"', '"cache"'))
        if verb in {"INSERT", "UPDATE", "DELETE"} and elsewhere:
            written.append(sql)
        return execute(sql, *arguments)

    with connection.execute_wrapper(watch):
        yield written


def stored(*, without: str = "") -> dict[str, str]:
    """Return a digest of every table, to see whether anything was written in between."""
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    return {table: _digest(table) for table in sorted(tables - {without})}


def _digest(table: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} ORDER BY 1")
        rows = [[bytes(v) if isinstance(v, memoryview) else v for v in row] for row in cursor]
    return hashlib.sha256(repr(rows).encode()).hexdigest()
