"""What the staff pages of several rooms have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.options import InlineModelAdmin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from unfold.admin import ModelAdmin

from bizsecure.core.errors import Refused


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[misc]
    """Rows that services write and nobody edits, such as those of a ledger."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class FewRows(InlineModelAdmin):  # type: ignore[type-arg]
    """Rows within the form of another: no more than people write, whatever a form says it has."""

    max_num = 100

    def get_formset(self, request: HttpRequest, obj: Any = None, **options: Any) -> Any:
        return super().get_formset(request, obj, absolute_max=self.max_num, **options)


class AskingPages(ModelAdmin):  # type: ignore[misc]
    """Pages of one form, behind a button: what it holds is done by one service, or refused."""

    def ask(
        self,
        request: HttpRequest,
        template: str,
        form: forms.Form,
        *,
        change: Callable[[], object],
        then: str,
        said: str = "",
        context: dict[str, Any],
    ) -> HttpResponse:
        """Do what a valid form asks for, say so and go on; otherwise show the page.

        What a service refuses stands above the form, and nothing that was typed is lost.
        """
        if form.is_valid() and _done(form, change):
            if said:
                self.message_user(request, said, messages.SUCCESS)
            return redirect(then)
        return self.page(request, template, {"form": form, **context})

    def page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        """Show a page of ours within the frame of the admin."""
        everywhere = {**self.admin_site.each_context(request), "opts": self.opts}
        mistaken = bool(context.get("form") and context["form"].errors)
        shown = TemplateResponse(request, template, {**everywhere, **context})
        shown.status_code = 422 if mistaken else 200
        return shown


def _done(form: forms.Form, change: Callable[[], object]) -> bool:
    try:
        change()
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return False
    return True


def sent(request: HttpRequest) -> Any:
    """Return what a form was sent with: something even if it is empty, nothing on a GET."""
    return request.POST if request.method == "POST" else None
