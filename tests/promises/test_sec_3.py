"""SEC-3: questions about security have an address, for people and for programs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import time_machine
from django.test import Client

from bizsecure.core.security_contact import expires_at, the_contact_is_good
from consent.models import PolicyVersion

ADDRESS = "security@bizsecure.com"


def test_the_page_about_security_names_the_address(policy: PolicyVersion) -> None:
    assert f"mailto:{ADDRESS}" in Client().get("/security/").content.decode()


def test_programs_find_it_where_the_standard_says() -> None:
    response = Client().get("/.well-known/security.txt")
    fields = dict(line.split(": ", 1) for line in response.content.decode().splitlines())
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert fields["Contact"] == f"mailto:{ADDRESS}"
    assert fields["Canonical"].endswith("/.well-known/security.txt")
    expires = datetime.strptime(fields["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert expires == expires_at()


def test_it_does_not_expire_unseen() -> None:
    last_quiet_day = expires_at() - timedelta(days=46)
    with time_machine.travel(last_quiet_day, tick=False):
        assert the_contact_is_good() == []
    for day in (expires_at() - timedelta(days=45), expires_at() + timedelta(days=1)):
        with time_machine.travel(day, tick=False):
            [warning] = the_contact_is_good()
        assert warning.id == "bizsecure.W002"


def test_every_page_leads_there(policy: PolicyVersion) -> None:
    assert 'href="/security/"' in Client().get("/").content.decode()
