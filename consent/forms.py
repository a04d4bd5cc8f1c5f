"""What people type and tick about policies and uses."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import SignupForm
from django import forms
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import transaction
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.passwords import refuse_names
from accounts.validators import no_card_number, plain_line
from consent.models import PRIVACY, DeclaredUse, PolicyVersion
from consent.querysets import PolicyVersionQuerySet
from consent.services.joining import join

LONGEST_ADDRESS = 254


class SignUpForm(SignupForm):  # type: ignore[misc]
    """Name, e-mail and password, under the policy that the page shows (CHANGE-4)."""

    data: QueryDict
    name = forms.CharField(
        label=_("Your name"),
        max_length=200,
        validators=[plain_line, no_card_number],
        help_text=_("So that we know how to address you."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    seen = forms.CharField(widget=forms.HiddenInput)
    field_order = ("name", "email", "password1")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        now = timezone.now()
        versions = PolicyVersion.objects.of(PRIVACY)
        self.policy = versions.in_force(now)
        self.coming_changes = list(versions.coming(now))
        self.fields["seen"].initial = self._shown()
        self.fields["email"].label = _("E-mail address")
        # The address would be cut to what the column holds, and lead nowhere.
        self.fields["email"].validators.append(MaxLengthValidator(LONGEST_ADDRESS))
        self.fields["email"].help_text = _("You sign in with it, and we write to you there.")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        self._keep_names_out_of_passwords(cleaned)
        if cleaned.get("seen") != self._shown():
            # A bound form shows what was sent; the next press is about what is shown now.
            shown_anew = self.data.copy()
            shown_anew["seen"] = self._shown()
            self.data = shown_anew
            self.add_error(
                None,
                _("Our policy changed while you were here. Please look at it again, then join."),
            )
        return cleaned

    def _keep_names_out_of_passwords(self, cleaned: dict[str, Any]) -> None:
        if not cleaned.get("password1"):
            return
        try:
            refuse_names(
                cleaned["password1"], f"{cleaned.get('name', '')} {cleaned.get('email', '')}"
            )
        except ValidationError as problem:
            self.add_error("password1", problem)

    def try_save(self, request: HttpRequest) -> Any:
        if self.account_already_exists:
            # As much work as for a new account, so that the time tells nothing.
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)

    @transaction.atomic
    def save(self, request: HttpRequest) -> User:
        user: User = super().save(request)
        self.become_customer(user)
        return user

    def become_customer(self, user: User) -> None:
        """Open the account of whoever signed up."""
        join(user=user, name=self.cleaned_data["name"], seen=self.coming_changes)

    def _shown(self) -> str:
        shown = [self.policy, *self.coming_changes]
        return ",".join(f"{version.pk}.{version.round}" for version in shown if version)


class ClaimSignUpForm(SignUpForm):
    """E-mail and password for somebody who is a customer already, and has a code to show it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["name"]

    def become_customer(self, user: User) -> None:
        """Wait: the account is theirs once they have proven the address and show the code again."""


class AnswersForm(forms.Form):
    """A yes or no to each new use of a change. Nothing is ticked beforehand."""

    def __init__(self, uses: list[DeclaredUse], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for declared in uses:
            self.fields[declared.use.key] = forms.ChoiceField(
                label=declared.words.question,
                choices=[("yes", _("Yes, you may")), ("no", _("No, keep to what I agreed to"))],
                widget=forms.RadioSelect,
                error_messages={
                    "required": _("Choose whether we may use your information this way.")
                },
            )

    @property
    def answers(self) -> dict[str, bool]:
        """The answers, by the key of the use."""
        return {key: value == "yes" for key, value in self.cleaned_data.items()}


class TwoVersionsForm(forms.Form):
    """Two different versions of a policy, by their numbers."""

    def __init__(self, versions: PolicyVersionQuerySet, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("a", "b"):
            self.fields[name] = forms.ModelChoiceField(versions, to_field_name="number")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("a") == cleaned.get("b"):
            raise forms.ValidationError(_("Choose two different versions."))
        return cleaned

    @property
    def numbers(self) -> list[int]:
        """The two numbers, the older version first."""
        return sorted(self.cleaned_data[name].number for name in ("a", "b"))
