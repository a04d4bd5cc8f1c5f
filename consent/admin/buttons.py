"""What staff do with a version of a policy: publish it, move its date, withdraw it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.enums import ActionVariant

from accounts.actors import Actor
from accounts.models import User
from bizsecure.core.errors import Refused
from consent.admin.forms import ConfirmForm, DateForm
from consent.calendar import in_policy_zone
from consent.drafts import earliest_after, rehearse
from consent.models import PolicyVersion
from consent.reasons import sentence
from consent.services.publishing import publish, reschedule, withdraw

State = PolicyVersion.State
MAY_PUBLISH = ["publish"]
# The buttons that make sense for a version; whether one may be pressed the services decide.
FITTING: dict[str, set[str]] = {
    State.DRAFT: {"publish"},
    State.COMING: {"move_date", "withdraw"},
}


class StaffRequest(HttpRequest):
    """A request that the admin has let in."""

    user: User


class PublishingButtons(ModelAdmin):  # type: ignore[misc]
    """The buttons of a version. Each opens a page that says what it does and asks again."""

    actions_detail = ("publish", "move_date", "withdraw")

    def has_publish_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("consent.publish_policyversion")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        fitting = FITTING.get(self._found(request, object_id).state, ())
        actions = super().get_actions_detail(request, object_id)
        return [action for action in actions if action.path in fitting]

    @action(  # type: ignore[untyped-decorator]
        description=gettext_lazy("Publish"),
        permissions=MAY_PUBLISH,
        icon="campaign",
        variant=ActionVariant.PRIMARY,
    )
    @in_policy_zone
    def publish(self, request: StaffRequest, object_id: str) -> HttpResponse:
        """What publishing would do; and, confirmed, publishing (CHANGE-1, CHANGE-2)."""
        version = self._found(request, object_id)
        form = ConfirmForm(version, _sent(request))
        actor = Actor.staff(request.user)
        change = partial(publish, version=version, actor=actor, seen=form.shown)
        said = _("Published. From now on customers are told.")
        done = self._done(request, version, form, change, said)
        context = {"rehearsal": rehearse(version, actor), "title": _("Publish")}
        return done or self._page(request, version, form, "publish.html", context)

    @action(  # type: ignore[untyped-decorator]
        description=gettext_lazy("Withdraw"),
        permissions=MAY_PUBLISH,
        icon="undo",
        variant=ActionVariant.DANGER,
    )
    @in_policy_zone
    def withdraw(self, request: StaffRequest, object_id: str) -> HttpResponse:
        """Taking back a change that is not in force."""
        version = self._found(request, object_id)
        form = forms.Form(_sent(request))
        change = partial(withdraw, version=version, actor=Actor.staff(request.user))
        done = self._done(request, version, form, change, _("Withdrawn."))
        context = {"title": _("Withdraw")}
        return done or self._page(request, version, form, "withdraw.html", context)

    @action(  # type: ignore[untyped-decorator]
        description=gettext_lazy("Move the date"), permissions=MAY_PUBLISH, icon="calendar_month"
    )
    @in_policy_zone
    def move_date(self, request: StaffRequest, object_id: str) -> HttpResponse:
        """Another date for a change that is not in force (CHANGE-2)."""
        version = self._found(request, object_id)
        now_set = {"effective_at": version.effective_at}
        form = DateForm(_sent(request), initial=now_set)

        def change() -> None:
            new = form.cleaned_data["effective_at"]
            reschedule(version=version, effective_at=new, actor=Actor.staff(request.user))

        done = self._done(request, version, form, change, _("The date was moved."))
        context = {"earliest": earliest_after(version.base), "title": _("Move the date")}
        return done or self._page(request, version, form, "move_date.html", context)

    def _found(self, request: HttpRequest, object_id: str) -> PolicyVersion:
        version: PolicyVersion | None = self.get_object(request, object_id)
        if version is None:
            raise Http404
        return version

    def _done(
        self,
        request: HttpRequest,
        version: PolicyVersion,
        form: forms.Form,
        change: Callable[[], object],
        said: str,
    ) -> HttpResponse | None:
        """Do what a valid form confirms, and log it; None where the page must be shown."""
        if not form.is_valid():
            return None
        try:
            with transaction.atomic():
                change()
                self.log_change(request, version, said)
        except Refused as refused:
            form.add_error(None, sentence(refused))
            return None
        self.message_user(request, said, messages.SUCCESS)
        return redirect("admin:consent_policyversion_change", version.pk)

    def _page(
        self,
        request: HttpRequest,
        version: PolicyVersion,
        form: forms.Form,
        name: str,
        context: dict[str, Any],
    ) -> HttpResponse:
        everywhere = self.admin_site.each_context(request)
        page = {"opts": self.opts, "original": version, "version": version, "form": form}
        template = f"admin/consent/{name}"
        return TemplateResponse(request, template, {**everywhere, **page, **context})


def _sent(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None
