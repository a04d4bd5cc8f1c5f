"""The forms of allauth, in our words.

A label stands beside its field and again in the list of what is wrong, so it belongs to the form.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any, ClassVar

from allauth.account import forms
from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import transaction
from django.forms import Field
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from accounts.models import User
from accounts.services.changing_address import request_address_change
from accounts.validators import plain_line

CODE_HELP = _("Six digits from your app, or one of your recovery codes.")
LONGEST_CODE, LONGEST_NAME = 40, 60
WEBAUTHN = Authenticator.Type.WEBAUTHN


class InOurWords:
    """A form of allauth whose fields are called as everywhere else, in its errors, too."""

    labels: ClassVar[dict[str, Any]]
    fields: dict[str, Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in self.labels.items():
            self.fields[name].label = label


class SignInForm(InOurWords, forms.LoginForm):  # type: ignore[misc]
    labels: ClassVar = {"login": _("E-mail address")}


class ForgottenPasswordForm(InOurWords, forms.ResetPasswordForm):  # type: ignore[misc]
    labels: ClassVar = {"email": _("E-mail address")}


class NewPasswordForm(InOurWords, forms.ResetPasswordKeyForm):  # type: ignore[misc]
    labels: ClassVar = {"password1": _("New password"), "password2": _("New password, once more")}


class ChangePasswordForm(InOurWords, forms.ChangePasswordForm):  # type: ignore[misc]
    labels: ClassVar = {"oldpassword": _("Password now"), **NewPasswordForm.labels}


class SetPasswordForm(InOurWords, forms.SetPasswordForm):  # type: ignore[misc]
    labels: ClassVar = NewPasswordForm.labels


class NewAddressForm(InOurWords, forms.AddEmailForm):  # type: ignore[misc]
    labels: ClassVar = {"email": _("New e-mail address")}

    def clean_email(self) -> str:
        """Take the address that is on its way already: a form sent twice is no mistake."""
        typed: str = self.cleaned_data["email"].lower()
        pending = EmailAddress.objects.get_new(self.user)
        if pending and pending.email == typed:
            return typed
        return str(super().clean_email())

    def save(self, request: HttpRequest) -> EmailAddress:
        """Send a link to the new address, and tell the old one in the same transaction."""
        email, actor = self.cleaned_data["email"], Actor.customer(self.user)
        with transaction.atomic():
            change = request_address_change(user=self.user, email=email, actor=actor)
            get_account_adapter(request).tell_of_address_change(change)
            return super().save(request)


class CodeForm(InOurWords, AuthenticateForm):  # type: ignore[misc]
    labels: ClassVar = {"code": _("Code")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = CODE_HELP
        self.fields["code"].validators.append(MaxLengthValidator(LONGEST_CODE))


class CodeAgainForm(InOurWords, ReauthenticateForm):  # type: ignore[misc]
    labels: ClassVar = {"code": _("Code")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = CODE_HELP
        self.fields["code"].validators.append(MaxLengthValidator(LONGEST_CODE))


class NewAppForm(InOurWords, ActivateTOTPForm):  # type: ignore[misc]
    labels: ClassVar = {"code": _("Code from the app")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = _("Six digits. They change every 30 seconds.")
        self.fields["code"].validators.append(MaxLengthValidator(LONGEST_CODE))


class OnlyCredentials:
    """Takes what is no credential at all for a wrong one.

    allauth and fido2 read what a stranger's script sends as if a browser had written it.
    """

    cleaned_data: dict[str, Any]

    def clean_credential(self) -> Any:
        inherited = getattr(super(), "clean_credential", None)
        return self._read(inherited) if inherited else self.cleaned_data["credential"]

    def clean(self) -> Any:
        return self._read(super().clean)  # type: ignore[misc]

    def _read(self, read: Callable[[], Any]) -> Any:
        try:
            return read()
        except (AttributeError, LookupError, TypeError, ValueError, struct.error):
            raise get_adapter().validation_error("no_passkey") from None


class PasskeySignInForm(OnlyCredentials, LoginWebAuthnForm):  # type: ignore[misc]
    pass


class KnownOwner(OnlyCredentials):
    """Tells, as allauth does of codes alone, that the passkey of a known user did not open."""

    user: User
    reauthenticated: bool

    def _read(self, read: Callable[[], Any]) -> Any:
        try:
            return super()._read(read)
        except ValidationError:
            passkeys = Authenticator.objects.filter(user=self.user, type=WEBAUTHN)
            authentication_failed.send(
                sender=Authenticator,
                request=context.request,
                user=self.user,
                authenticator=passkeys.first() or Authenticator(type=WEBAUTHN),
                reauthentication=self.reauthenticated,
            )
            raise


class PasskeySecondForm(KnownOwner, AuthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class PasskeyAgainForm(KnownOwner, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class NewPasskeyForm(OnlyCredentials, InOurWords, AddWebAuthnForm):  # type: ignore[misc]
    labels: ClassVar = {
        "name": _("Name"),
        "passwordless": _("Sign in with it alone"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name, alone = self.fields["name"], self.fields["passwordless"]
        name.help_text = _("So that you know later which one it is.")
        name.validators += [plain_line, MaxLengthValidator(LONGEST_NAME)]
        alone.initial = True
        alone.help_text = _(
            "Without your password. Leave it out for a key that cannot ask for a PIN or a finger: "
            "it then comes second, after the password."
        )


class PasskeyNameForm(InOurWords, EditWebAuthnForm):  # type: ignore[misc]
    labels: ClassVar = {"name": _("Name")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].validators += [plain_line, MaxLengthValidator(LONGEST_NAME)]
