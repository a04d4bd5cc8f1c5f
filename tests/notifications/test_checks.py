"""A real site says in its mails where the company is."""

from __future__ import annotations

import pytest
from django.conf import settings as django_settings
from pytest_django import Settings

from notifications.checks import mail_has_a_way_out, mails_say_where_we_are

EXAMPLE: str = django_settings.EXAMPLE_ADDRESS


@pytest.mark.parametrize(
    ("debug", "address", "found"),
    [
        (False, EXAMPLE, ["notifications.E001"]),
        (False, "BizSecure, 12 Harbor Road", []),
        (True, EXAMPLE, []),
    ],
)
def test_the_example_is_no_address_of_a_real_site(
    settings: Settings, debug: bool, address: str, found: list[str]
) -> None:
    settings.DEBUG, settings.POSTAL_ADDRESS = debug, address
    assert [message.id for message in mails_say_where_we_are()] == found


def test_an_address_that_no_mail_can_be_handed_to_is_refused(settings: Settings) -> None:
    settings.EMAIL_URL = "pigeon://loft"
    [problem] = mail_has_a_way_out()
    assert problem.id == "notifications.E004"
    assert "docs/checks.md#notificationse004" in str(problem.hint)
