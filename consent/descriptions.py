"""What this room does on a customer's request, in sentences for the customer."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.done_on_request import describe
from accounts.models import Mandate
from consent.history import questions_seen
from consent.models import Choice


def _decision(mandate: Mandate) -> list[str]:
    rows = list(Choice.objects.filter(mandate=mandate).order_by("sequence"))
    questions = questions_seen(rows)
    return [
        (_("You said yes: %s") if row.answer == "yes" else _("You said no: %s"))
        % questions[row.version_id, row.use_id]
        for row in rows
    ]


describe(Mandate.Matter.DECISION, _decision)
