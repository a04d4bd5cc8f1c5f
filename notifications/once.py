"""Forms that count once, know when they were shown, and need no cookie.

Each carries an id that we signed when we showed it, to one reader. Sent twice, it is known by
its id; sent by a page of somebody else, it has none that was made for its reader; sent faster
than anybody types, it was no person.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

SALT = "form"
ID_BYTES = 18
LASTS = timedelta(hours=24)
VISITOR = "visitor"


def reader_of(request: HttpRequest) -> str:
    """Return what stands for whoever looks at a form."""
    return str(request.user.pk) if request.user.is_authenticated else VISITOR


class OnceForm(forms.Form):
    """A form whose id says that we showed it to this reader, and when.

    `shortest` is how long a person needs at least.
    """

    shortest = timedelta(0)

    form_id = forms.CharField(required=False, max_length=120, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, reader: str, **options: Any) -> None:
        super().__init__(data, **options)
        self._signer = signing.TimestampSigner(salt=f"{SALT}:{type(self).__name__}:{reader}")
        self.fields["form_id"].initial = self._new_id

    @property
    def status(self) -> int:
        """What a page answers with that shows this form."""
        if not self.errors:
            return 200
        return 429 if self.has_error(NON_FIELD_ERRORS, "budget") else 422

    def clean_form_id(self) -> str:
        """Return the id without its signature; a form that is no longer good gets a new one."""
        signed = self.cleaned_data["form_id"]
        try:
            form_id = self._signer.unsign(signed, max_age=LASTS)
        except signing.BadSignature:
            self._renew()
            problem = _("This page was open for long, or somewhere else. Please send it once more.")
            raise ValidationError(problem, code="stale") from None
        return form_id

    def clean(self) -> dict[str, Any]:
        """Ask again where everything is right and came faster than anybody types."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.shortest and not self.errors and self._is_younger(self["form_id"].value()):
            problem = _("That was faster than people type. Please press the button once more.")
            self.add_error(None, ValidationError(problem, code="fast"))
        return cleaned

    def _new_id(self) -> str:
        return self._signer.sign(secrets.token_urlsafe(ID_BYTES))

    def _renew(self) -> None:
        typed: Any = self.data.copy()  # type: ignore[attr-defined]
        typed[self.add_prefix("form_id")] = self._new_id()
        self.data = typed

    def _is_younger(self, signed: str) -> bool:
        try:
            self._signer.unsign(signed, max_age=self.shortest)
        except signing.SignatureExpired:
            return False
        return True
