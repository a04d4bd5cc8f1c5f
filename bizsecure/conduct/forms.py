"""What a customer writes against a decision."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from notifications.forms import NOT_ENTIRELY_SECURE, words
from notifications.once import OnceForm


class ObjectionForm(OnceForm):
    """Why a decision is wrong, in the customer's own words."""

    message = words(_("Why is it wrong?"), help_text=NOT_ENTIRELY_SECURE)
