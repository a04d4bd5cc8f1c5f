"""Messages to us, as the tests write them."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.actors import Actor
from notifications.models import Case, CaseEvent, OutgoingMail
from notifications.services.casework import open_case

VISITOR = Actor.customer()


def written(**changed: Any) -> Case:
    """Return the case of a message from somebody whom we do not know, or with these changes."""
    facts: dict[str, Any] = {
        "topic": "question",
        "sender_address": "nora@example.com",
        "sender_name": "Nora Nolan",
        "subject": "My site is slow",
        "text": "Since Monday it takes\nten seconds.",
        "actor": VISITOR,
        "message_id": "<1@nora.example>",
        "references": ("<0@nora.example>",),
    }
    return open_case(**{**facts, **changed})


def steps(case: Case) -> list[str]:
    """Return what was done with a case, step by step."""
    return list(CaseEvent.objects.filter(case=case).order_by("pk").values_list("kind", flat=True))


def form_id(client: Client, address: str, number: int = 0) -> str:
    """Return the id of a form as the page shows it."""
    shown: str = client.get(address).text
    return str(re.findall(r'name="form_id" value="([^"]+)"', shown)[number])


def link_in(mail: OutgoingMail) -> str:
    """Return the path of the private link that the mail leads to."""
    found = re.search(r"/case/[\w-]+/", mail.content.secrets or "")
    assert found
    return found.group()


def staff_page(case: Case) -> str:
    """Return the address of a case among the staff pages."""
    return reverse("admin:notifications_case_change", args=[case.pk])
