"""Messages to many for staff: writing, looking, agreeing, sending, and how far it has come."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts.actors import Actor
from accounts.admin.record import StaffRequest
from bizsecure.core.errors import Refused
from consent.calendar import in_policy_zone
from notifications.admin.forms import AnnouncementForm, PlanForm
from notifications.admin.letters import LetterPages
from notifications.letter_list import letters_due
from notifications.models import Announcement
from notifications.preview import preview
from notifications.progress import progress_of
from notifications.services.releasing import (
    agree,
    cancel,
    pause,
    plan,
    recipients,
    resume,
    send_test,
    write_announcement,
)
from notifications.services.writing_letters import RIGHT as LETTERS

State = Announcement.State
SEND, AGREE, WRITE = (
    "notifications.send_announcement",
    "notifications.agree_announcement",
    "notifications.change_announcement",
)


@admin.register(Announcement)
class AnnouncementAdmin(LetterPages):
    """What staff wrote to many. A page here is a view: what may be done the services decide."""

    list_display = ("subject", "kind_label", "standing", "written_at", "release_at")
    list_select_related = ("campaign",)
    search_fields = ("subject",)
    change_list_template = "admin/notifications/announcement_list.html"

    @display(description=gettext_lazy("kind"))  # type: ignore[untyped-decorator]
    def kind_label(self, announcement: Announcement) -> str:
        return announcement.kind_label

    @display(  # type: ignore[untyped-decorator]
        description=gettext_lazy("state"),
        label={
            State.SENDING: "success",
            State.PLANNED: "info",
            State.PAUSED: "warning",
            State.CANCELLED: "danger",
        },
    )
    def standing(self, announcement: Announcement) -> tuple[str, str]:
        return announcement.state, str(announcement.state.label)

    def get_urls(self) -> list[Any]:
        """Put our own pages before those of the rows."""
        pages = (
            ("write/", self.write, "notifications_announcement_write"),
            ("<int:number>/write/", self.rewrite, "notifications_announcement_rewrite"),
            (
                "<int:number>/preview/<str:form>/",
                self.preview,
                "notifications_announcement_preview",
            ),
            ("<int:number>/letters/", self.letters, "notifications_announcement_letters"),
        )
        ours = [
            path(route, self.admin_site.admin_view(view), name=name) for route, view, name in pages
        ]
        return [*ours, *super().get_urls()]

    def write(self, request: StaffRequest) -> HttpResponse:
        """Write a new message."""
        return self._write(request, None)

    def rewrite(self, request: StaffRequest, number: int) -> HttpResponse:
        """Change a message that is not on its way."""
        return self._write(request, get_object_or_404(Announcement, pk=number))

    def preview(self, request: StaffRequest, number: int, form: str) -> HttpResponse:
        """The mail as its readers get it: as text, in HTML, on a phone, in the dark."""
        self._check(request, "notifications.view_announcement")
        announcement = get_object_or_404(Announcement, pk=number)
        language = request.GET.get("language", settings.LANGUAGE_CODE)
        shown = preview(announcement, form, language)
        kind = "text/plain" if form == "text" else "text/html"
        return HttpResponse(shown, content_type=f"{kind}; charset=utf-8")

    def letters(self, request: StaffRequest, number: int) -> HttpResponse:
        """Addressees whom no mail has reached, and the letters to them (THIRD-5)."""
        self._check(request, LETTERS)
        announcement = get_object_or_404(Announcement.objects.told_of_each(), pk=number)
        back = reverse("admin:notifications_announcement_change", args=[number])
        return self.letters_about(request, announcement, request.path, back)

    @in_policy_zone
    def change_view(
        self, request: Any, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A message: its audience counted now, its words, how far it has come, and its buttons."""
        self._check(request, "notifications.view_announcement")
        announcement: Announcement | None = self.get_object(request, object_id)
        if announcement is None:
            raise Http404
        planned = PlanForm(request.POST if "plan" in request.POST else None)
        done = request.method == "POST" and self._press(request, announcement, planned)
        context = {
            "announcement": announcement,
            "count": recipients(announcement).count(),
            "progress": progress_of(announcement),
            "letters": letters_due(announcement).count() if announcement.needs_agreement else 0,
            "planned": planned,
            "previews": _previews(announcement),
            "may": {name: request.user.has_perm(right) for name, right in RIGHTS.items()},
            "is_own": announcement.written_by_id == request.user.pk,
            "title": announcement.subject,
        }
        return done or self._page(request, "announcement.html", context)

    def _press(
        self, request: StaffRequest, announcement: Announcement, planned: Any
    ) -> HttpResponse | None:
        """Do what a button says, if its form is right."""
        button = next((name for name in BUTTONS if name in request.POST), None)
        if button is None:
            return None
        right, said = BUTTONS[button]
        self._check(request, right)
        form = planned if button == "plan" else forms.Form({})
        if not form.is_valid():
            return None
        seen = request.POST.get("fingerprint", "")
        services: dict[str, Callable[..., Any]] = {
            "agree": partial(agree, fingerprint=seen),
            "plan": partial(plan, at=form.cleaned_data.get("at") or timezone.now()),
            "test": send_test,
            "pause": pause,
            "resume": resume,
            "cancel": cancel,
        }
        service = partial(services[button], announcement=announcement)
        return self._do(request, announcement, service, str(said))

    def _write(self, request: StaffRequest, announcement: Announcement | None) -> HttpResponse:
        self._check(request, WRITE)
        form = AnnouncementForm(announcement, request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                saved = write_announcement(
                    draft=form.draft, actor=Actor.staff(request.user), announcement=announcement
                )
            except Refused as refused:
                form.add_error(None, refused.sentence)
            else:
                messages.success(request, _("Saved. Nothing is sent so far."))
                return redirect("admin:notifications_announcement_change", saved.pk)
        context = {"form": form, "announcement": announcement, "title": _("A message to many")}
        return self._page(request, "write.html", context)

    def _do(
        self,
        request: StaffRequest,
        announcement: Announcement,
        service: Callable[..., Any],
        said: str,
    ) -> HttpResponse:
        try:
            with transaction.atomic():
                service(actor=Actor.staff(request.user))
                self.log_change(request, announcement, said)
        except Refused as refused:
            messages.error(request, refused.sentence)
        else:
            messages.success(request, said)
        return redirect("admin:notifications_announcement_change", announcement.pk)

    def _check(self, request: HttpRequest, right: str) -> None:
        if not request.user.has_perm(right):
            raise PermissionDenied

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        everywhere = {**self.admin_site.each_context(request), "opts": self.opts}
        status = 422 if "form" in context and context["form"].errors else 200
        template = f"admin/notifications/{name}"
        return TemplateResponse(request, template, {**everywhere, **context}, status=status)


def _previews(announcement: Announcement) -> list[tuple[str, list[tuple[Any, str]]]]:
    """Return where it can be looked at, in each of its languages."""
    names = dict(settings.LANGUAGES)
    page = "admin:notifications_announcement_preview"
    return [
        (
            names.get(language, language),
            [
                (label, f"{reverse(page, args=[announcement.pk, form])}?language={language}")
                for form, label in LOOKS.items()
            ],
        )
        for language in announcement.languages
    ]


LOOKS = {
    "text": gettext_lazy("Text"),
    "html": gettext_lazy("HTML"),
    "phone": gettext_lazy("On a phone"),
    "dark": gettext_lazy("In the dark"),
}
RIGHTS = {"write": WRITE, "agree": AGREE, "send": SEND, "letters": LETTERS}
BUTTONS = {
    "agree": (AGREE, gettext_lazy("Agreed. Now it can be sent.")),
    "plan": (SEND, gettext_lazy("Planned. It goes out at its time.")),
    "test": (WRITE, gettext_lazy("A mail to look at is on its way to you.")),
    "pause": (SEND, gettext_lazy("Paused. What is not out yet waits.")),
    "resume": (SEND, gettext_lazy("It goes on.")),
    "cancel": (SEND, gettext_lazy("Cancelled. What is not out yet stays here.")),
}
