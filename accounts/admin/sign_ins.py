"""Staff pages about who may sign in, and with which rights."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts.models import User
from bizsecure.core.admin import ReadOnlyAdmin

# The pages of others are taken back as soon as they are there: a role is what our table says, and
# an address is proven by who reads its mail, never by a tick of ours, and second factors and
# sessions are their owner's (accounts/admin/factors.py takes a lost factor off, for a reason).
for theirs in ("django.contrib.auth", "allauth.account", "allauth.mfa", "allauth.usersessions"):
    import_module(f"{theirs}.admin")
admin.site.unregister([Group, EmailAddress, Authenticator, UserSession])


@admin.register(Group)
class GroupAdmin(ReadOnlyAdmin):
    """The roles. What each may do stands in accounts/roles.py and is changed nowhere else."""

    list_display = ("name",)
    search_fields = ("name",)
    fields = ("name", "rights")

    @display(description=_("may"))  # type: ignore[untyped-decorator]
    def rights(self, role: Group) -> str:
        rights = role.permissions.order_by("content_type__app_label", "codename")
        return format_html_join("", "{}<br>", ((right.name,) for right in rights))


class UserForm(forms.ModelForm):  # type: ignore[type-arg]
    """A sign-in. Its password is set by its owner, who asks for a new one."""

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        return email.lower()


@admin.register(User)
class UserAdmin(ModelAdmin):  # type: ignore[misc]
    """The sign-ins of staff. Rights are given through roles alone, and by nobody to themselves.

    The sign-in of a customer belongs to the customer's record and is not listed here.
    """

    form = UserForm
    list_display = ("email", "is_active", "is_superuser", "last_login")
    list_filter = ("groups", "is_active")
    search_fields = ("email",)
    ordering = ("email",)
    fields = ("email", "is_active", "is_superuser", "groups", "last_login", "date_joined")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        staff: QuerySet[User] = super().get_queryset(request).filter(is_staff=True)
        return staff

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        fixed = ["last_login", "date_joined"]
        if obj is not None:
            # Its owner changes the address, and proves the new one.
            fixed.append("email")
        if not request.user.is_superuser:
            fixed.append("is_superuser")
        if not request.user.has_perm("accounts.give_roles"):
            fixed.append("groups")
        return tuple(fixed)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Show all roles at once, for there are few."""
        options["widget"] = UnfoldAdminCheckboxSelectMultipleWidget
        field = super().formfield_for_manytomany(db_field, request, **options)
        if field is not None:
            field.help_text = _("Somebody may have several. What each may do: see Roles.")
        return field

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        beyond = obj is not None and obj.is_superuser and not request.user.is_superuser
        if beyond or obj == request.user:
            return False
        return bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, *args: Any) -> None:
        if obj.pk is None:
            obj.is_staff = True
            obj.set_unusable_password()
        super().save_model(request, obj, form, *args)
